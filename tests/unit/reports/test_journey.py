"""What a rehearsal shows at the screen, and as JSON."""

import io
import json

from rich.console import Console

from probes.journeys.journey_file import Journey
from probes.journeys.journey_result import JourneyResult
from probes.journeys.rehearsal import Rehearsal
from thuocdo.core.model import Reason
from thuocdo.reports.journey import journey_result, print_journey

STOPPED = ("POST /ho-so/nguyen-van-an/079203001234", "submit event", "Nguyễn Văn An", "NGUYEN /api")
TOLD = ["POST /ho-so/…/…", "submit event", "…", "… /api"]


JOURNEY = Journey.model_validate(
    {"family": "x", "title_vi": "x", "title_en": "x", "steps": [{"name": "a", "open": "{url}"}], "entry": "a",
     "form": {"minimum_fields": 1}}
)  # fmt: skip


def seen(detail: str = "x") -> Rehearsal:
    return Rehearsal(result=JourneyResult(reason=Reason.FORM_NOT_READY, detail=detail, stopped=STOPPED))


def printed(rehearsal: Rehearsal, lang: str) -> str:
    said = io.StringIO()
    print_journey(Console(file=said, width=200), "x", JOURNEY, rehearsal, lang)
    return said.getvalue()


def test_what_was_stopped_is_told_without_what_it_names() -> None:
    assert journey_result("own", "https://h.vn/", seen())["stopped"] == TOLD
    said = printed(seen(), "en")
    assert ", ".join(TOLD) in said
    assert "nguyen" not in (said + json.dumps(journey_result("own", "u", seen()))).lower()


def test_a_vietnamese_reader_is_told_in_words_and_json_has_the_line_as_it_was_written() -> None:
    detail = "step 'a': not done within 40 s (1 usable fields)"
    said = printed(seen(detail), "vi")
    assert "Biểu mẫu điện tử chưa sẵn sàng: bước “a”: chưa xong trong 40 giây (1 ô điền được)" in said
    assert ", ".join(["POST /ho-so/…/…", "lệnh nộp biểu mẫu"]) in said
    assert journey_result("own", "https://h.vn/", seen(detail))["detail"] == detail
