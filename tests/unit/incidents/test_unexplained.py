"""What of the failures of a portal no incident explains."""

from datetime import timedelta

import pytest

from thuocdo.core.model import Incident, IncidentScope, IncidentState, Reason
from thuocdo.core.model.incident import WITHDRAWN
from thuocdo.incidents.unexplained import AFTER, BEFORE, UnexplainedFailures, delay, explains

MINUTE = timedelta(minutes=1)


@pytest.fixture
def outage(build):
    def of(scope=IncidentScope.TARGET, subject="a", members=("a",), **changes):
        values = {
            "id": "x",
            "state": IncidentState.DOWN,
            "worst": IncidentState.DOWN,
            "started_at": build.start + 10 * MINUTE,
            "confirmed_at": build.start + 12 * MINUTE,
            "ended_at": build.start + 20 * MINUTE,
        }
        return Incident(scope=scope, subject_id=subject, target_ids=members, **(values | changes))

    return of


@pytest.mark.parametrize(
    ("minutes", "is_explained"), [(7.9, False), (8, True), (10, True), (19, True), (49.9, True), (50, False)]
)
def test_what_fails_in_an_outage_just_before_and_just_after_it_is_explained(build, outage, minutes, is_explained):
    assert (BEFORE, AFTER) == (2 * MINUTE, 30 * MINUTE)
    assert explains(outage(), build.reading("a", minutes, Reason.TIMEOUT)) is is_explained


def test_an_outage_that_lasts_explains_all_that_comes(build, outage):
    assert explains(outage(ended_at=None), build.reading("a", 9999, Reason.TIMEOUT))


def test_an_incident_explains_what_fails_of_its_own_members_or_at_its_vantage_point(build, outage):
    failure = build.reading("a", 12, Reason.TIMEOUT, vantage="hue")
    assert not explains(outage(subject="b", members=("b",)), failure)
    assert explains(outage(IncidentScope.FAMILY, "igate", ("a", "b")), failure)
    assert not explains(outage(IncidentScope.FAMILY, "igate", ("b",)), failure)
    assert explains(outage(IncidentScope.VANTAGE, "hue", ("b",)), failure)
    assert not explains(outage(IncidentScope.VANTAGE, "ha-noi", ("a",)), failure)


def test_an_incident_that_was_withdrawn_explains_nothing(build, outage):
    assert not explains(outage(detail=WITHDRAWN), build.reading("a", 12, Reason.TIMEOUT))


def test_each_failure_is_counted_once_and_ok_and_excluded_ones_never(build, outage):
    readings = build.series("a", "x.x?xxxxx.", first=0) + build.series("b", "x", first=3)
    counted = UnexplainedFailures(build.start)

    def look(minutes):
        until = build.start + minutes * MINUTE
        counted.take(
            lambda since, until: [one for one in readings if since <= one.key.scheduled_at < until],
            lambda since: [outage(started_at=build.start + 6 * MINUTE)],
            lambda reading: reading.key.target_id == "b",
            until,
        )
        return counted.by_target()

    assert look(3) == {"a": 2}
    assert look(2) == {"a": 2}
    assert look(30) == {"a": 2}


def test_it_is_waited_until_an_incident_that_begins_soon_is_confirmed():
    assert delay(5 * MINUTE) == 8 * MINUTE
