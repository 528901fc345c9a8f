"""What a journey meets, told from a page's address, text and signs."""

import unicodedata

import pytest

from probes.journeys.journey_end import REASONS, JourneyEnd, wall
from probes.journeys.journey_file import Journey
from thuocdo.core.model import Outcome, Reason

JOURNEY = Journey.model_validate(
    {
        "family": "x", "title_vi": "x", "title_en": "x", "entry": "a", "form": {"minimum_fields": 3},
        "steps": [{"name": "a", "open": "{url}"}],
        "login": {"path": ["/dang-nhap*"]}, "captcha": {"text": ["nhập mã kiểm tra"]},
        }
)  # fmt: skip


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
