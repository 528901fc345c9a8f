"""What a journey meets, told from a page's address and text."""

import unicodedata

import pytest

from probes.journeys.journey_end import REASONS, JourneyEnd, is_of_a_procedure, is_of_maintenance, refusal, wall
from probes.journeys.journey_file import Journey
from thuocdo.core.model import Outcome, Reason

JOURNEY = Journey.model_validate(
    {
        "family": "x", "title_vi": "x", "title_en": "x", "entry": "a", "form": {"minimum_fields": 3},
        "steps": [{"name": "a", "open": "{url}"}],
        "login": {"path": ["/dang-nhap*"]}, "captcha": {"text": ["nhập mã kiểm tra"]},
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


def test_what_is_refused_for_maintenance_is_told_apart() -> None:
    assert is_of_maintenance("Hệ thống đang bảo trì, thủ tục này tạm dừng tiếp nhận hồ sơ trực tuyến")
    assert not is_of_maintenance("Thủ tục này tạm dừng tiếp nhận hồ sơ trực tuyến")


@pytest.mark.parametrize(
    ("url", "text", "signs", "met"),
    [
        ("https://vneid.gov.vn/login", "", {}, JourneyEnd.LOGIN_VNEID),
        ("https://a.test/x", "", {"vneid": True}, JourneyEnd.LOGIN_VNEID),
        ("https://a.test/dang-nhap?x=1", "", {}, JourneyEnd.LOGIN_OWN),
        ("https://a.test/x", "", {"login": True}, JourneyEnd.LOGIN_OWN),
        ("https://a.test/x", "Vui lòng nhập mã kiểm tra", {}, JourneyEnd.CAPTCHA),
    ],
)
def test_a_wall_is_known_by_address_text_or_sign(url: str, text: str, signs: dict[str, bool], met: JourneyEnd) -> None:
    found = wall(JOURNEY, url, text, signs)
    assert found is not None
    assert found.met is met
    assert found.reason is REASONS[met]


def test_an_ordinary_page_is_no_wall() -> None:
    assert wall(JOURNEY, "https://a.test/thu-tuc", "Đăng nhập | Đăng ký", {"login": False}) is None


def test_meetings_that_are_nobodys_fault_are_inconclusive() -> None:
    assert {REASONS[m].outcome for m in (JourneyEnd.EXPIRED, JourneyEnd.NOT_ONLINE, JourneyEnd.LOGIN_VNEID)} == {
        Outcome.INCONCLUSIVE
    }


def test_signs_are_read_as_a_person_reads_them() -> None:
    for text in (unicodedata.normalize("NFD", "Nhập mã kiểm tra"), "NHẬP\u00a0MÃ KIỂM\u200b TRA"):
        found = wall(JOURNEY, "https://p.test/", text, {})
        assert found is not None
        assert found.reason is Reason.CAPTCHA
    assert wall(JOURNEY, "https://p.test/", "nhập mã kiểm trá", {}) is None
