"""Verdicts that contradict each other: which do, how they are counted, and how they are found in a store."""

from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.core.model import (
    Conditions,
    HourTally,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
    Reading,
    Reason,
)
from thuocdo.incidents.conflicts import (
    MOST_CHECKS,
    SAME_MINUTES,
    ConflictCounter,
    conflict,
    conflict_checks,
    conflicts_between,
)
from thuocdo.store import Store

NOW = datetime(2026, 11, 30, 7, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def reading(kind, minutes, reason=None, *, target="a.home", vantage="ha-noi", profile="desktop"):
    key = MeasurementKey(
        target_id=target, kind=kind, vantage_id=vantage, profile=profile, scheduled_at=NOW + minutes * MINUTE
    )
    return Reading(key=key, agency_id="a", outcome=reason.outcome if reason else Outcome.OK, reason=reason)


def http(minutes, reason=Reason.HTTP_ERROR, **others):
    return reading("http", minutes, reason, **others)


OPENED = reading("homepage", 0)


@pytest.mark.parametrize(
    "answers",
    [
        [http(-1)],
        [http(1)],
        [http(-5), http(5)],
        [http(-2, Reason.TLS_ERROR), http(-1, Reason.BLOCKED), http(1, Reason.CONTENT_MISMATCH)],
        [http(0, Reason.TIMEOUT), http(6, None)],
    ],
)
def test_a_page_that_opened_while_every_answer_failed_is_a_conflict(answers):
    assert conflict(OPENED, answers) is not None


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [http(-1, None)],
        [http(-1), http(1, None)],  # it came back meanwhile
        [http(-4, None), http(-1)],
        [http(-6), http(6)],
        [http(-1, Reason.BLOCKED), http(1, Reason.PROTOCOL_UNSUPPORTED)],
    ],
)
def test_a_portal_that_came_back_or_that_nobody_called_failed_is_none(answers):
    assert conflict(OPENED, answers) is None


def test_a_visit_that_was_not_ok_contradicts_nothing():
    assert conflict(reading("homepage", 0, Reason.TIMEOUT), [http(-1)]) is None


def test_a_conflict_names_the_failure_nearest_to_the_visit():
    told = conflict(OPENED, [http(-3, Reason.TIMEOUT), http(1, Reason.TLS_ERROR), http(4)])
    assert (told.target_id, told.vantage_id, told.reason) == ("a.home", "ha-noi", Reason.TLS_ERROR)
    assert (told.opened, told.failed) == (OPENED.key, http(1).key)


def test_a_visit_is_counted_once_its_minutes_are_over_and_only_once():
    counter = ConflictCounter()
    counter.take([http(-1), OPENED], NOW + MINUTE)
    assert counter.by_target() == {}
    counter.take([http(1)], NOW + 8 * MINUTE)
    assert counter.by_target() == {"a.home": 1}
    for minutes in (9, 10, 60):
        counter.take([], NOW + minutes * MINUTE)
    assert counter.by_target() == {"a.home": 1}
    assert not counter._answers
    assert not counter._opened


def test_an_answer_that_comes_after_the_visit_takes_the_conflict_away():
    counter = ConflictCounter()
    counter.take([http(-1), OPENED], NOW + MINUTE)
    counter.take([http(2, None)], NOW + 8 * MINUTE)
    assert counter.by_target() == {}


def test_other_targets_and_other_places_have_nothing_to_do_with_it():
    counter = ConflictCounter()
    counter.take([OPENED, http(-1, target="b.home"), http(1, vantage="da-nang")], NOW + 8 * MINUTE)
    assert counter.by_target() == {}


def test_what_is_held_in_hand_is_of_the_last_minutes_however_long_it_counts():
    counter = ConflictCounter()
    for minute in range(600):
        counter.take([http(minute), reading("homepage", minute)], NOW + minute * MINUTE)
    assert counter.by_target() == {"a.home": 593}
    assert len(counter._opened) < 20
    assert sum(map(len, counter._answers.values())) < 20


def measured(one):
    return Measurement(
        key=one.key,
        agency_id=one.agency_id,
        started_at=one.key.scheduled_at,
        duration_seconds=1.0,
        observation=Observation(outcome=one.outcome, reason=one.reason),
        conditions=Conditions(),
    )


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/store.db") as opened:
        yield opened


def keep(store, *readings):
    store.measurements.write([measured(one) for one in readings])
    hours = {(one.key.target_id, one.key.vantage_id, one.key.scheduled_at.replace(minute=0)) for one in readings}
    store.incidents.save_tallies(
        [HourTally(target_id=target, vantage_id=vantage, hour=hour, failed=1) for target, vantage, hour in hours]
    )


def test_conflicts_of_a_period_are_found_the_newest_first(store):
    early = [reading("homepage", -300), http(-299, Reason.TLS_ERROR)]
    turn = [reading("homepage", 30), http(29), http(31)]  # at the turn of an hour
    came_back = [reading("homepage", -100), http(-101), http(-99, None)]
    mobile = [reading("homepage", -200, profile="mobile-4g"), http(-200)]
    other = [reading("homepage", -50, vantage="da-nang"), http(-50)]
    keep(store, *early, *turn, *came_back, *mobile, *other, *[http(minute, target="b.home") for minute in range(-9, 9)])
    found = conflicts_between(store, NOW - timedelta(hours=6), NOW + timedelta(hours=1))
    assert [(one.opened, one.reason) for one in found] == [
        (turn[0].key, Reason.HTTP_ERROR),
        (early[0].key, Reason.TLS_ERROR),
    ]
    assert conflicts_between(store, NOW - timedelta(hours=1), NOW) == []


def test_nothing_is_read_where_nothing_failed(store, monkeypatch):
    store.measurements.write([measured(one) for one in (OPENED, http(1, None))])
    monkeypatch.setattr(type(store.measurements), "find", None)
    assert conflicts_between(store, NOW - timedelta(hours=6), NOW + timedelta(hours=1)) == []


def test_the_doctor_tells_the_targets_with_most_of_them(store):
    for number in range(MOST_CHECKS + 2):
        for visit in range(number + 1):
            at = -20 * visit
            keep(store, reading("homepage", at, target=f"t{number}.home"), http(at + 1, target=f"t{number}.home"))
    checks = list(conflict_checks(store, NOW + SAME_MINUTES))
    assert [check.facts["target"] for check in checks] == [f"t{number}.home" for number in (6, 5, 4, 3, 2)]
    assert checks[0].say(checks[0].value, str) == (
        "contradict each other 7 times in 24 h, last at 2026-11-30 14:30: http said http_error"
    )
