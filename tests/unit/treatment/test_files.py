"""What travels between centre and control."""

import json
from datetime import UTC, datetime

import pytest

from schedules.controls import ControlVisit
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Outcome, PageKind, Reason
from thuocdo.treatment.files import plan_text, read_plan, read_visits, visits_text
from thuocdo.treatment.visits import PageVisit

AT = datetime(2026, 11, 30, 17, tzinfo=UTC)
VISITS = [
    PageVisit(
        target_id="a.home", at=AT, outcome=Outcome.OK, page_kind=PageKind.PORTAL, values={"load_seconds": 2.5},
        host="a.example", sketch="0" * 32, picture="a" * 64,
    ),
    PageVisit(target_id="b.home", at=AT, outcome=Outcome.FAILED, reason=Reason.TIMEOUT),
]  # fmt: skip


def written(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    return path


def test_visits_come_back_as_they_were(tmp_path):
    assert read_visits(written(tmp_path, visits_text(VISITS, "control-x"))) == VISITS


def test_what_is_not_compared_does_not_travel(tmp_path):
    document = json.loads(visits_text(VISITS, "control-x"))
    document["visits"][0]["values"]["secret"] = 1.0
    assert "secret" not in read_visits(written(tmp_path, json.dumps(document)))[0].values


def test_visits_of_no_control_are_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="'hn' is no control"):
        read_visits(written(tmp_path, visits_text(VISITS, "hn")))


def test_a_plan_comes_back_and_tells_no_more_than_whom_and_when(tmp_path):
    text = plan_text([ControlVisit(target_id="a.home", at=AT, beside=AT)], "d" * 64)
    plan = read_plan(written(tmp_path, text))
    assert [(one.target, one.at) for one in plan.visits] == [("a.home", AT)]
    assert set(json.loads(text)["visits"][0]) == {"target", "at"}


@pytest.mark.parametrize("read", [read_plan, read_visits])
@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "other"}', "\x00", '{"visits": 1}'])
def test_other_files_are_told_with_the_mend(tmp_path, read, text):
    with pytest.raises(ConfigurationError, match="give its file unchanged"):
        read(written(tmp_path, text))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_plan(tmp_path / "none.json")
