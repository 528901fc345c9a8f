"""What was done otherwise in one round than in another."""

import json
from datetime import UTC, datetime

import pytest

from thuocdo.core.model import Round
from thuocdo.reports.method_changes import MethodPart, method_changes

SETTINGS = {
    "type": "official",
    "days": "7",
    "vantage": "hn",
    "runs": json.dumps({"homepage": 63, "eform": 21}),
    "schedule_digest": "a",
    "criteria_set": "website-2025",
    "criteria_digest": "b",
}


def round_(**settings):
    return Round(id="r", label="r", started_at=datetime(2026, 11, 1, tzinfo=UTC), settings=SETTINGS | settings)


def test_of_two_rounds_that_were_done_alike_nothing_is_told():
    assert method_changes(round_(), round_(), "3", "3") == ()


@pytest.mark.parametrize(
    ("settings", "part", "before", "now"),
    [
        ({"type": "quick"}, MethodPart.TYPE, "official", "quick"),
        ({"days": "3"}, MethodPart.DAYS, "7", "3"),
        ({"vantage": "hn,hcm"}, MethodPart.VANTAGE, "hn", "hn,hcm"),
        ({"runs": '{"homepage": 24}'}, MethodPart.RUNS, "eform 21, homepage 63", "homepage 24"),
        ({"schedule_digest": "x"}, MethodPart.SCHEDULE, "", ""),
        ({"criteria_set": "other"}, MethodPart.CRITERIA_SET, "website-2025", "other"),
        ({"criteria_digest": "x"}, MethodPart.CRITERIA, "", ""),
    ],
)
def test_each_part_is_told_with_what_it_was(settings, part, before, now):
    (found,) = method_changes(round_(), round_(**settings))
    assert (found.part, found.before, found.now) == (part, before, now)


def test_another_way_of_scoring_is_told_where_both_are_known():
    (found,) = method_changes(round_(), round_(), "2", "3")
    assert (found.part, found.before, found.now) == (MethodPart.METHOD, "2", "3")
    assert method_changes(round_(), round_(), "", "3") == ()
