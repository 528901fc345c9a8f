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


def seen() -> Rehearsal:
    return Rehearsal(result=JourneyResult(reason=Reason.FORM_NOT_READY, detail="x", stopped=STOPPED))


def test_what_was_stopped_is_told_without_what_it_names() -> None:
    assert journey_result("own", "https://h.vn/", seen())["stopped"] == TOLD
    said = io.StringIO()
    journey = Journey.model_validate(
        {"family": "x", "title_vi": "x", "title_en": "x", "steps": [{"name": "a", "open": "{url}"}], "entry": "a",
         "form": {"minimum_fields": 1}}
    )  # fmt: skip
    print_journey(Console(file=said, width=200), "x", journey, seen(), "en")
    assert ", ".join(TOLD) in said.getvalue()
    assert "nguyen" not in (said.getvalue() + json.dumps(journey_result("own", "u", seen()))).lower()
