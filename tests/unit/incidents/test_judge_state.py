"""What judging remembers can be copied: the copy is equal, and no change of one is seen in the other."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.core.model import Evidence, IncidentScope, IncidentState, MeasurementKey, Reason
from thuocdo.incidents.case import Case, CaseStep, ConclusiveProbe, Part, case_key
from thuocdo.incidents.judge_state import Expiry, Memory, Pace, Sighting, Streak, View, Wobble

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def memory() -> Memory:
    """One with something in every place of every part."""
    evidence = Evidence(kind="screenshot", sha256="0" * 64, media_type="image/webp", size_bytes=1)
    mark = ConclusiveProbe(at=AT, reason=Reason.TIMEOUT, detail="15 s", evidence=(evidence,))
    streak = {"bad": 2, "bad_since": AT, "last_at": AT}
    view = View(line=Streak(**streak), own=Streak(**streak), recent=[mark], last_bad=mark, is_down=True, down_since=AT)
    key = MeasurementKey(target_id="da-nang.home", kind="http", vantage_id="hn", profile="desktop", scheduled_at=AT)
    case = Case(
        scope=IncidentScope.TARGET,
        subject_id="da-nang.home",
        agency_id="da-nang",
        state=IncidentState.DOWN,
        worst=IncidentState.DOWN,
        started_at=AT,
        confirmed_at=AT,
        target_ids=["da-nang.home"],
        measurements=[key],
        evidence=[evidence],
        reasons={Reason.TIMEOUT: 2},
        parts=[
            Part(
                target_id="da-nang.home",
                state=IncidentState.DOWN,
                worst=IncidentState.DOWN,
                started_at=AT,
                confirmed_at=AT,
                since=AT,
                reasons={Reason.TIMEOUT: 2},
            )
        ],
        steps=[CaseStep(at=AT, state=IncidentState.DOWN, reason=Reason.TIMEOUT)],
    )
    return Memory(
        at=AT + timedelta(minutes=1),
        views={"hn": {"da-nang.home": view}},
        paces={"homepage": {"hn": {"da-nang.home": Pace(times=[(AT, 2.5)], is_slow=True, since=AT)}}},
        told={"homepage": {"hn": {"da-nang.home": AT}}},
        strange={"homepage": {"hn": {"da-nang.home": Sighting(row=Streak(**streak), marks=[mark], since=AT)}}},
        tried={"eform": {"hn": {"da-nang.eform": AT}}},
        failing={"eform": {"hn": {"da-nang.eform": Sighting(row=Streak(**streak), marks=[mark], since=AT)}}},
        down={"da-nang.home"},
        broken={"da-nang.eform"},
        wobbles={"hn": {"lai-chau.home": Wobble(answers=[(AT, False)], marks=[mark], since=AT)}},
        flapping={"lai-chau.home"},
        expiring={"hn": {"hue.home": Expiry(row=Streak(**streak), ends_at=AT, is_certain=True, since=AT)}},
        slow={"hue.home"},
        replaced={"hue.home"},
        cases={case_key(case.scope, case.subject_id): case},
        ended={"target/hue.home": AT},
    )


def changeable(value: object) -> Iterator[object]:
    """Yield all that can be changed within a value."""
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, list | set | tuple):
        inner = list(value)
    elif is_dataclass(value):
        inner = [getattr(value, one.name) for one in fields(value)]
    else:
        return
    frozen = value.__dataclass_params__.frozen if is_dataclass(value) else isinstance(value, tuple)
    if not frozen:
        yield value
    for one in inner:
        yield from changeable(one)


def test_the_fixture_fills_every_place(memory: Memory) -> None:
    empty = [one for one in changeable(memory) if isinstance(one, dict | list | set) and not one]
    assert not empty


def test_a_copy_is_equal_and_shares_nothing_that_can_change(memory: Memory) -> None:
    copy = memory.copied()
    assert copy == memory
    shared = {id(one) for one in changeable(copy)} & {id(one) for one in changeable(memory)}
    assert not shared
