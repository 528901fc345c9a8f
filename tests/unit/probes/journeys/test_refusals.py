"""What a page says of its procedure, told from what it says of papers, cases and other procedures."""

import unicodedata

import pytest

from probes.journeys.journey_end import JourneyEnd
from probes.journeys.journey_file import Journey
from probes.journeys.refusals import is_of_a_procedure, is_of_trouble, refusal
from probes.page_signs import bare
from probes.spelling import folded
from thuocdo.core.model import Reason

JOURNEY = Journey.model_validate(
    {
        "family": "x", "title_vi": "x", "title_en": "x", "entry": "a", "form": {"minimum_fields": 3},
        "steps": [{"name": "a", "open": "{url}"}],
        "not_online": ["xin mời đến bộ phận một cửa"],
    }
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Thủ tục này đã hết hiệu lực từ ngày 01/7/2025",
        "Thủ tục hành chính đã bị bãi bỏ theo Quyết định số 1",
        "THỦ TỤC HÀNH CHÍNH NÀY ĐÃ ĐƯỢC THAY THẾ",
        "Dịch vụ công này không còn hiệu lực",
        unicodedata.normalize("NFD", "Thủ tục này đã hết hiệu lực"),
        "Thủ\u00a0tục này đã bị huỷ bỏ",
        "Thủ tục này đã bị HỦY\u00ad BỎ",
        "Tờ khai này đã được thu hồi từ ngày 01/7/2025.",
        "Biểu mẫu điện tử này không còn sử dụng, xin chọn biểu mẫu khác",
        "Thủ tục này nay không còn áp dụng",
        "Thủ tục hành chính này đã được thay bằng thủ tục 2.002516",
        "Thủ tục này được thay thế bởi thủ tục 1.013225",
        "Thủ tục này đã hợp nhất với thủ tục cấp đổi",
        "Mẫu đơn này đã ngừng áp dụng",
        "Quy trình này đã chuyển sang thủ tục liên thông",
        "THU TUC NAY DA BI BAI BO",
        "This form has been withdrawn.",
        "This procedure has been replaced by procedure 2.002516",
    ],
)
def test_a_procedure_out_of_force_is_told(text: str) -> None:
    found = refusal(JOURNEY, text)
    assert found is not None
    assert (found.reason, found.met) == (Reason.PROCEDURE_EXPIRED, JourneyEnd.EXPIRED)


@pytest.mark.parametrize(
    "text",
    [
        "Thủ tục này chưa hỗ trợ nộp hồ sơ trực tuyến.",
        "Dịch vụ công này không cung cấp trực tuyến",
        "Cơ quan chỉ tiếp nhận hồ sơ trực tiếp",
        "Xin mời đến bộ phận một cửa để nộp",
        unicodedata.normalize("NFD", "XIN MỜI ĐẾN BỘ PHẬN MỘT CỬA"),
        "Thủ tục này chỉ thực hiện trực tiếp",
        "Hồ sơ chỉ tiếp nhận tại Bộ phận Một cửa của xã",
        "Thủ tục chỉ áp dụng hình thức nộp hồ sơ trực tiếp",
        "Vui lòng nộp hồ sơ trực tiếp tại Bộ phận Một cửa cấp huyện",
        "Đề nghị công dân mang hồ sơ đến Trung tâm Phục vụ hành chính công tỉnh",
        "Chỉ nhận hồ sơ qua bưu chính",
        "Thủ tục này không thuộc danh mục dịch vụ công trực tuyến",
        "Thủ tục này hiện tạm dừng tiếp nhận hồ sơ trực tuyến",
        "Không áp dụng hình thức nộp hồ sơ qua mạng",
        "Applications are only accepted in person",
        "This application cannot be submitted online",
    ],
)
def test_a_procedure_that_is_not_offered_online_is_told(text: str) -> None:
    found = refusal(JOURNEY, text)
    assert found is not None
    assert (found.reason, found.met) == (Reason.NOT_ONLINE, JourneyEnd.NOT_ONLINE)


@pytest.mark.parametrize(
    "text",
    [
        "Căn cứ pháp lý: Thông tư 01/2020 (hết hiệu lực), Nghị định 02",
        "Nộp hồ sơ trực tuyến tại cổng, không phải nộp trực tiếp",
        "Hỗ trợ nộp hồ sơ trực tuyến 24/7",
        "Hình thức nộp: trực tuyến, trực tiếp tại Bộ phận Một cửa hoặc qua bưu chính",
        "Nhận kết quả trực tiếp tại Bộ phận Một cửa",
        "Nghị định 61 được thay thế bởi Nghị định 118",
        "Tờ khai gồm hai bản, thay thế tờ khai cũ",
        "Tờ khai đã nộp sẽ được tiếp nhận trong ngày",
        "Vui lòng nộp lệ phí tại ngân hàng",
        "Thủ tục này không yêu cầu nộp bản giấy",
        "Liên hệ Bộ phận Một cửa để được hướng dẫn",
        "Please submit this form online or at the one-stop shop",
        "Thẻ căn cước đã hết hạn",
        "",
    ],
)
def test_other_words_are_not_taken_for_it(text: str) -> None:
    assert refusal(JOURNEY, text) is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Thủ tục này đã bị bãi bỏ", True),
        ("THU TUC NAY DA BI BAI BO", True),
        ("Tờ khai này không còn sử dụng", True),
        ("This procedure was repealed", True),
        ("Dịch vụ hosting đã hết hạn", False),
        ("Tên miền này đã hết hạn, xin liên hệ nhà cung cấp", False),
        ("Website information expired", False),
    ],
)
def test_a_text_speaks_of_a_procedure_whatever_accent_ends_its_words(text: str, is_one: bool) -> None:
    assert is_of_a_procedure(text) is is_one


ADDRESSES = (
    "Địa chỉ tiếp nhận hồ sơ trực tiếp: 12 Lê Lợi",
    "Địa chỉ nộp hồ sơ tại Trung tâm Phục vụ hành chính công",
    "Địa chỉ tiếp nhận tại bộ phận một cửa: tầng 1",
    "Địa chỉ nhận qua bưu điện: hộp thư 15",
    "Lệ phí chỉ nộp trực tiếp tại quầy",
    "Phí chỉ nộp tại cơ quan thuế",
    "Lệ phí của thủ tục này chỉ nộp trực tiếp tại quầy",
    "Phí, lệ phí: chỉ nộp trực tiếp",
    "Chứng chỉ nộp trực tiếp tại quầy",
    "Không chỉ tiếp nhận trực tiếp, cổng còn nhận qua mạng",
    "Kính mời anh chị nộp hồ sơ trực tiếp hoặc qua mạng",
)


@pytest.mark.parametrize("text", [*ADDRESSES, *(bare(folded(one)) for one in ADDRESSES)])
def test_only_is_another_word_than_the_end_of_an_address(text: str) -> None:
    assert refusal(JOURNEY, text) is None


OF_SOMETHING_ELSE = (
    "Sau khi nộp trực tuyến, đề nghị công dân mang hồ sơ giấy đến bộ phận một cửa để nhận kết quả",
    "Khi đến nhận kết quả, đề nghị ông bà mang hồ sơ giấy đến Trung tâm Phục vụ hành chính công",
    "Đề nghị công dân mang hồ sơ đến bộ phận một cửa khi nhận kết quả",
    "Vui lòng nộp hồ sơ trực tiếp tại bộ phận một cửa nếu chưa có tài khoản",
    "Tờ khai hết hiệu lực sau 30 ngày",
    "Tờ khai này hết hiệu lực sau 30 ngày kể từ ngày lập",
    "Tờ khai đã được thay thế theo Thông tư 04/2020/TT-BTP",
    "Giấy xác nhận được thay thế bằng biểu mẫu điện tử",
    "Biểu mẫu này đã được thay thế bằng tờ khai điện tử dưới đây",
    "Trường hợp không có chữ ký số chỉ nộp trực tiếp",
    "Nếu thủ tục này chưa hỗ trợ nộp trực tuyến, hệ thống sẽ báo",
    "Người dân không có tài khoản vui lòng nộp hồ sơ trực tiếp tại Bộ phận Một cửa",
    "Bản gốc chỉ nhận trực tiếp tại quầy",
    "Giấy tờ gốc chỉ tiếp nhận trực tiếp tại bộ phận một cửa",
    "Kết quả giải quyết thủ tục này chỉ nhận trực tiếp tại quầy",
    "Dịch vụ công chưa cung cấp trực tuyến (12)",
    "Thủ tục đã hết hiệu lực (5)",
    "Danh mục thủ tục hành chính đã bị bãi bỏ",
    "Quyết định công bố thủ tục hành chính đã bị bãi bỏ trong lĩnh vực hộ tịch",
    "Tờ khai giấy không nhận trực tuyến",
    "Đối với trường hợp ủy quyền, chỉ nhận hồ sơ trực tiếp",
    "Thành phần hồ sơ: bản sao giấy khai sinh không nhận qua mạng",
    "Lọc theo mức độ: Toàn trình | Một phần | Dịch vụ công chưa cung cấp trực tuyến",
)


@pytest.mark.parametrize("text", [*OF_SOMETHING_ELSE, *(bare(folded(one)) for one in OF_SOMETHING_ELSE)])
def test_what_is_said_of_papers_cases_and_lists_refuses_nothing(text: str) -> None:
    assert refusal(JOURNEY, text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Cấp lại trong trường hợp bị mất Thủ tục này đã hết hiệu lực", Reason.PROCEDURE_EXPIRED),
        ("Cấp bản chính giấy khai sinh Thủ tục này chỉ thực hiện trực tiếp", Reason.NOT_ONLINE),
        ("Cấp giấy phép lái xe Chỉ tiếp nhận hồ sơ trực tiếp tại Trung tâm", Reason.NOT_ONLINE),
        ("Thủ tục cấp giấy chứng nhận này chỉ thực hiện trực tiếp", Reason.NOT_ONLINE),
        ("Thủ tục này chỉ thực hiện trực tiếp Khi cần hỗ trợ, gọi 1900 1000", Reason.NOT_ONLINE),
        ("Cấp bản sao trích lục Biểu mẫu điện tử này đã được thu hồi", Reason.PROCEDURE_EXPIRED),
        ("Cấp giấy phép xây dựng E-form này không còn sử dụng", Reason.PROCEDURE_EXPIRED),
        ("Lệ phí cấp giấy phép This application cannot be submitted online", Reason.NOT_ONLINE),
        ("Cấp bản sao trích lục This form has been withdrawn", Reason.PROCEDURE_EXPIRED),
        ("Quy trình này đã được thay thế bằng quy trình mới sau đây", Reason.PROCEDURE_EXPIRED),
        ("Thủ tục này hết hiệu lực kể từ ngày ký Quyết định 12/QĐ-UBND", Reason.PROCEDURE_EXPIRED),
        ("Lệ phí chỉ nộp trực tiếp. Thủ tục này chỉ thực hiện trực tiếp.", Reason.NOT_ONLINE),
        ("Thủ tục cấp bản sao trích lục được thay thế bởi thủ tục 1.013225", Reason.PROCEDURE_EXPIRED),
        ("Thủ tục 1.001193 đã bị bãi bỏ", Reason.PROCEDURE_EXPIRED),
        ("Thủ tục 2.000635 đã bị bãi bỏ", None),
        ("Thủ tục mã 1.001193 chưa hỗ trợ nộp trực tuyến", Reason.NOT_ONLINE),
        ("Thủ tục mã 2.000635 chưa hỗ trợ nộp trực tuyến", None),
    ],
)
def test_a_refusal_is_said_of_the_procedure_itself(text: str, reason: Reason | None) -> None:
    found = refusal(JOURNEY, text, code="1.001193")
    assert (found and found.reason) is reason


LONG = "Trình tự, cách thức, thành phần hồ sơ của thủ tục. " * 100


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Thủ tục này chưa hỗ trợ nộp trực tuyến", Reason.NOT_ONLINE),
        ("Thủ tục nêu trên chỉ thực hiện trực tiếp", Reason.NOT_ONLINE),
        ("Thủ tục 1.001193 đã bị bãi bỏ", Reason.PROCEDURE_EXPIRED),
        ("Thủ tục đã bị bãi bỏ", None),
        ("Chỉ nhận hồ sơ trực tiếp", None),
        ("Không hỗ trợ nộp trực tuyến", None),
    ],
)
def test_far_down_a_page_the_procedure_has_to_be_named(text: str, reason: Reason | None) -> None:
    found = refusal(JOURNEY, f"{LONG}{text}.", code="1.001193")
    assert (found and found.reason) is reason


def test_a_page_that_lists_procedures_refuses_none_of_them() -> None:
    listed = " ".join(f"{n}.00{n}193 Cấp bản sao {n} Thủ tục này chưa hỗ trợ nộp trực tuyến." for n in range(1, 6))
    assert refusal(JOURNEY, f"Danh sách thủ tục {listed}", code="9.009193") is None
    assert refusal(JOURNEY, f"Danh sách thủ tục {listed}") is None
    own = f"9.009193 Cấp đổi. Thủ tục này đã bị bãi bỏ. Thủ tục liên quan: {listed}"
    for code in ("9.009193", ""):
        found = refusal(JOURNEY, own, code=code)
        assert found is not None
        assert found.reason is Reason.PROCEDURE_EXPIRED


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Dịch vụ công tạm ngừng tiếp nhận hồ sơ trực tuyến do sự cố kỹ thuật. Hệ thống đang được khắc phục.", True),
        ("Hệ thống đang gặp sự cố. Dịch vụ công này tạm ngừng cung cấp trực tuyến, vui lòng quay lại sau.", True),
        ("Thủ tục này tạm dừng tiếp nhận hồ sơ trực tuyến, mong quý khách thông cảm.", True),
        ("THU TUC NAY TAM DUNG TIEP NHAN HO SO TRUC TUYEN DO LOI DUONG TRUYEN", True),
        ("Thủ tục này hiện tạm dừng tiếp nhận hồ sơ trực tuyến.", False),
        ("Rất tiếc, xin lỗi quý khách: thủ tục này tạm dừng tiếp nhận hồ sơ trực tuyến từ 01/7/2025.", False),
        ("Thủ tục này chưa hỗ trợ nộp trực tuyến, mong quý khách thông cảm.", False),
        (f"Thủ tục này tạm dừng tiếp nhận hồ sơ trực tuyến. {LONG} Tin tức: khắc phục sự cố tràn dầu.", False),
    ],
)
def test_what_pauses_for_trouble_is_out_of_order(text: str, reason: bool) -> None:
    found = refusal(JOURNEY, text)
    assert found is not None
    assert found.reason is (Reason.MAINTENANCE_PAGE if reason else Reason.NOT_ONLINE)


def test_what_is_refused_for_trouble_is_told_apart() -> None:
    assert is_of_trouble("Hệ thống đang bảo trì, thủ tục này tạm dừng tiếp nhận hồ sơ trực tuyến")
    assert is_of_trouble("Hệ thống gặp sự cố, thủ tục này chưa hỗ trợ nộp trực tuyến")
    assert is_of_trouble("Thủ tục này tạm ngưng tiếp nhận hồ sơ trực tuyến, vui lòng quay lại sau")
    assert not is_of_trouble("Thủ tục này tạm dừng tiếp nhận hồ sơ trực tuyến")
    assert not is_of_trouble("Xin lỗi, thủ tục này đã bị bãi bỏ, mong quý khách thông cảm")
