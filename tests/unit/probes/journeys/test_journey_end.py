"""What a journey meets, told from a page's address and text."""

import unicodedata

import pytest

from probes.journeys.journey_end import REASONS, JourneyEnd, refusal, wall
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
        "Thẻ căn cước đã hết hạn",
        "",
    ],
)
def test_other_words_are_not_taken_for_it(text: str) -> None:
    assert refusal(JOURNEY, text) is None


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
