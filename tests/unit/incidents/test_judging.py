"""
Judging by arrival against the way it was before: the last minutes read and judged anew at every look, on copies.

The old way is kept here as the oracle. It is plain and slow; whatever arrives in whatever order, both must store the same.
"""

import copy
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.model import Block, IncidentState, Reason
from thuocdo.incidents import judge as judge_module
from thuocdo.incidents import judging
from thuocdo.incidents.case import ConclusiveProbe
from thuocdo.incidents.docket import AHEAD, in_order
from thuocdo.incidents.falls import _is_seen_elsewhere, fallen_from, is_one_family
from thuocdo.incidents.judge import judge
from thuocdo.incidents.judge_state import Memory, Streak, View
from thuocdo.incidents.judging import AGAIN, FIRST_LOOK, LATE, LONGEST_LEAP, Judging
from thuocdo.incidents.ledger import bring_in_line
from thuocdo.incidents.remembering import memory_of
from thuocdo.incidents.rules import JudgingContext, Rules, SlowRule

MINUTE = timedelta(minutes=1)
END = 60.0
LETTER = st.sampled_from("....sssxxhh?n hrr")
LETTERS = (
    st.lists(st.tuples(LETTER, st.integers(1, 9)).map(lambda run: run[0] * run[1]), min_size=1, max_size=8)
    .map("".join)
    .map(lambda text: text[:45])
)
SLOW = {
    "rules": Rules(slow={"http": SlowRule(value="total_seconds", last=4)}),
    "usual_seconds": lambda _key: 0.3,
}
FLEETS = {"few": (2, 0), "family": (4, 4), "many": (7, 3)}
DELAYS = {"prompt": (0.9, 0.2, 1), "late": (0.5, 1, 14), "much too late": (0.5, 5, 40)}
"""Share that comes at once; the others' least and most minutes."""


PACES = {
    "one pace": {},
    "communes": {Block.COMMUNE: timedelta(minutes=15)},
    "communes and ministries": {Block.COMMUNE: timedelta(minutes=15), Block.MINISTRY: timedelta(minutes=3)},
    "communes are faster": {Block.COMMUNE: timedelta(minutes=3)},
}


def old_fallen_from(memory, scene, vantage_id, at, *, failing, least_bad):
    """What `falls.fallen_from` was: all targets are looked at, however few fail."""
    rules, views = scene.rules, memory.views.get(vantage_id, {})
    fastest = scene.fastest(name for name, view in views.items() if view.line.is_fresh(at, scene.gap_of(name)))
    seen = {name: view for name, view in views.items() if name in fastest}
    fallen = {name: view for name, view in seen.items() if view.line.fell_within(at, scene.gap_of(name), least_bad)}
    if not fallen or len(fallen) < rules.fallen_share * len(seen):
        return {}
    without_line = sum(
        view.last_bad is not None and view.last_bad.reason is Reason.NO_CONNECTIVITY for view in fallen.values()
    )
    if 2 * without_line >= len(fallen):
        return fallen
    if (
        len(fallen) < rules.least_fallen
        or is_one_family(fallen, seen, scene)
        or _is_seen_elsewhere(memory, scene, vantage_id, at)
    ):
        return {}
    return fallen


def old_judge(memory, readings, until, scene):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge_module, "fallen_from", old_fallen_from)
        return judge(memory, readings, until, scene)


@dataclass(slots=True, kw_only=True)
class OldJudging:
    """What `judging.Judging` was."""

    incidents: object
    post: object
    memory: Memory
    seen_until: datetime
    is_sound: bool = field(default=True)

    @classmethod
    def resume(cls, incidents, post, until):
        kept, judged_at = incidents.judge_memory(), incidents.judged_at()
        memory = Memory.from_json(kept[1]) if kept else None
        if memory is None:
            at = min(judged_at, until) - LATE if judged_at else until - FIRST_LOOK
            memory = memory_of(incidents.lasting(), at, until)
        return cls(incidents=incidents, post=post, memory=memory, seen_until=judged_at or memory.at)

    def readings(self, since, until):
        return in_order(self.post.between(since, until))

    def look(self, scene, until, now):
        if self.seen_until - until > LATE:
            self.memory, self.seen_until = memory_of(self.incidents.lasting(), until - LATE, until), until
        if until < self.seen_until:
            return 0
        changes = 0
        while self.memory.at + LONGEST_LEAP < until - LATE:
            changes += self._step(scene, self.memory.at + LONGEST_LEAP, until, now)
        return changes + self._step(scene, until - LATE, until, now)

    def _step(self, scene, certain_until, until, now):
        since = self.memory.at
        certain = self.memory.copied()
        cases = []
        if certain_until > since:
            cases += old_judge(certain, self.readings(since, certain_until), certain_until, scene)
        draft = certain.copied()
        seen_until = max(certain.at, min(until, certain_until + LATE))
        if seen_until > certain.at:
            cases += old_judge(draft, self.readings(certain.at, seen_until), seen_until, scene)
        cases += draft.cases.values()
        changes = bring_in_line(self.incidents, cases, since=since, until=seen_until, now=now, registered=scene.targets)
        self.memory, self.seen_until = certain, max(self.seen_until, seen_until)
        return changes


@st.composite
def arrivals(draw, build):
    """What a court is made of, and (minute of arrival, reading) of one to three vantage points in the order of arrival."""
    alone, in_family = FLEETS[draw(st.sampled_from(sorted(FLEETS)))]
    targets = build.fleet(alone) | build.fleet(in_family, "igate-new", "f")
    paces = PACES[draw(st.sampled_from(sorted(PACES)))]
    of_block = draw(st.lists(st.sampled_from([Block.PROVINCE, *paces]), min_size=len(targets), max_size=len(targets)))
    targets = {name: replace(one, block=block) for (name, one), block in zip(targets.items(), of_block, strict=True)}
    common = draw(LETTERS)
    readings = []
    for vantage in draw(st.sampled_from([("ha-noi",), ("ha-noi", "can-tho"), ("ha-noi", "can-tho", "an-giang")])):
        phases = draw(st.sampled_from([13, 10**9]))  # the second: all at one instant
        for index, name in enumerate(targets):
            letters = common if draw(st.booleans()) else draw(LETTERS)
            every = paces.get(targets[name].block, Rules().gap) / (5 * MINUTE)
            readings += build.series(
                name, letters[: int(45 / every)], every=every, first=index / phases, vantage=vantage
            )
    at_once, least, most = DELAYS[draw(st.sampled_from(sorted(DELAYS)))]
    rng = build.rng(draw(st.integers(0, 2**32)))

    def delay():
        return 0.01 if rng.random() < at_once else rng.uniform(least, most)

    made = [((one.key.scheduled_at - build.start) / MINUTE + delay(), one) for one in readings]
    held = SLOW | {"targets": targets, "rules": replace(SLOW["rules"], gaps=paces)}
    return held, sorted(made, key=lambda pair: pair[0])


def failing_shelf(court, failures):
    """A store of incidents whose n-th writings fail."""
    shelf, calls, real = court.shelf, iter(range(10**9)), court.shelf.save

    def save(incident, change):
        if next(calls) in failures:
            raise StoreUnavailableError("the disk is full")
        real(incident, change)

    shelf.save = save
    return court


LOOKS = st.lists(
    st.tuples(st.floats(0.1, END), st.sampled_from([*["look"] * 8, "restart", "files", "ahead"])), max_size=30
)


def looked(held, minutes, what, jump):
    """Look at a minute; the store may fail."""
    if what == "files":  # read again: the same, but another object
        held._scene = replace(held.scene)
    with suppress(StoreUnavailableError):
        held.look(minutes + (jump if what == "ahead" else 0), restart=what == "restart")


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_whatever_arrives_in_whatever_order_is_stored_as_if_the_last_minutes_were_read_anew(court, build, data):
    scene, waiting = data.draw(arrivals(build))
    looks = sorted([*data.draw(LOOKS), (END + 30, "look"), (END + 31, "look"), (END + 32, "look")])
    failures, jump = data.draw(st.sets(st.integers(0, 12), max_size=3)), data.draw(st.floats(1, 300))
    new, old = (failing_shelf(court(judge=way, **scene), failures) for way in (judging.Judging, OldJudging))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "AGAIN", timedelta(0))
        for minutes, what in looks:
            come = [one for at, one in waiting if at < minutes]
            for held in (new, old):
                held.arrived = come
                looked(held, minutes, what, jump)
            assert new.shelf.rows == old.shelf.rows
            assert new.shelf.changes == old.shelf.changes


def judged_by_both(court, build, data):
    """The new way and the old one, after all looks over the same arrivals."""
    scene, waiting = data.draw(arrivals(build))
    looks = [0.45 * index for index in range(1, int((END + 45) / 0.45))]
    new, old = (court(judge=way, **scene) for way in (judging.Judging, OldJudging))
    for minutes in looks:
        come = [one for at, one in waiting if at < minutes]
        for held in (new, old):
            held.arrived = come
            held.look(minutes)
    return new.shelf, old.shelf


@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_late_results_that_wait_their_turn_come_to_the_same(court, build, data):
    """What comes late is judged once a minute; starts, ends and states are the same once its turn has come."""
    new, old = judged_by_both(court, build, data)
    assert build.facts(new.standing) == build.facts(old.standing)


@settings(max_examples=3, deadline=None, derandomize=True)
@given(data=st.data())
def test_incidents_keep_their_names_although_late_results_wait(court, build, data):
    """
    Held for these arrivals, not for all: an incident is named by the start that is known when it is first stored.

    Where a late result tells of an earlier start, the old way, which judged it at the next look, may have had it sooner.
    """
    new, old = judged_by_both(court, build, data)
    assert [one.id for one in new.lasting()] == [one.id for one in old.lasting()]


SEEN = st.tuples(
    st.sampled_from([*Block]),
    st.sampled_from(["unknown", "igate-new"]),
    st.sampled_from([0.5, 0.5, 2, 4, 9, 20]),  # minutes since the last probe
    st.sampled_from([0, 2, 2, 1, 5]),  # so many of the last failed
    st.sampled_from([Reason.NO_CONNECTIVITY, Reason.TIMEOUT]),
)


@settings(max_examples=50, deadline=None)
@given(
    seen=st.lists(SEEN, min_size=3, max_size=14),
    paces=st.sampled_from([*PACES.values()]),
    elsewhere=st.lists(st.booleans(), max_size=14),
    least_bad=st.sampled_from([1, 2]),
    unregistered=st.sets(st.integers(0, 13), max_size=2),
    few=st.booleans(),
)
def test_a_common_fall_is_the_same_when_only_failing_targets_are_looked_at(
    build, seen, paces, elsewhere, least_bad, unregistered, few
):
    at, targets, memory = build.start, build.fleet(len(seen)), Memory(at=build.start)
    for index, ((name, target), (block, family, ago, bad, reason)) in enumerate(
        zip(list(targets.items()), seen, strict=True)
    ):
        targets[name] = replace(target, block=block, family=family)
        last_at = at - ago * MINUTE
        line = Streak(bad=bad, bad_since=last_at - max(0, bad - 1) * MINUTE if bad else None, last_at=last_at)
        probe = ConclusiveProbe(at=last_at, reason=reason) if bad else None
        memory.views.setdefault("ha-noi", {})[name] = View(line=line, last_bad=probe)
        if index < len(elsewhere):
            own = Streak(bad=int(elsewhere[index]), last_at=last_at)
            memory.views.setdefault("can-tho", {})[name] = View(own=own)
    registered = {name: one for index, (name, one) in enumerate(targets.items()) if index not in unregistered}
    scene = JudgingContext(targets=registered, rules=Rules(gaps=paces, least_fallen=2 if few else 5))
    failing = {name for name, view in memory.views["ha-noi"].items() if view.line.bad}
    found, expected = (
        way(memory, scene, "ha-noi", at, failing=failing, least_bad=least_bad) for way in (fallen_from, old_fallen_from)
    )
    assert found == expected


@pytest.mark.parametrize("paces", PACES.values(), ids=PACES)
def test_one_failure_among_many_targets_is_not_held_against_all_of_them(build, paces, monkeypatch):
    """Nine communes in ten: of a failure at a province or a commune no more is looked at than tells that it is alone."""
    targets = build.fleet(300)
    targets = {
        name: replace(one, block=Block.PROVINCE if index % 10 == 0 else Block.COMMUNE)
        for index, (name, one) in enumerate(targets.items())
    }
    views = {name: View(line=Streak(ok=1, last_at=build.start)) for name in targets}
    scene = JudgingContext(targets=targets, rules=Rules(gaps=paces))
    asked = []
    real = Streak.is_fresh
    monkeypatch.setattr(Streak, "is_fresh", lambda streak, *rest: asked.append(streak) or real(streak, *rest))
    for name in ("t00", "t101", "t299"):
        views[name].line = Streak(bad=2, bad_since=build.start, last_at=build.start)
        memory = Memory(at=build.start, views={"ha-noi": views})
        assert fallen_from(memory, scene, "ha-noi", build.start, failing={name}, least_bad=1) == {}
        views[name].line = Streak(ok=1, last_at=build.start)
    assert len(asked) < 3 * 40


@pytest.fixture
def no_copies(monkeypatch):
    """Count copies of a memory, and forbid the other way to make one."""
    copies = []
    real = Memory.copied
    monkeypatch.setattr(Memory, "copied", lambda memory: copies.append(memory.at) or real(memory))
    monkeypatch.setattr(copy, "deepcopy", lambda *_: pytest.fail("something was copied whole"))
    return copies


def fleet_of_failures(build, targets, minutes):
    """Every target each minute; every twentieth fails."""
    return [
        one
        for index, name in enumerate(targets)
        for one in build.series(name, ("x" if index % 20 == 0 else ".") * minutes, first=index / len(targets))
    ]


@pytest.mark.parametrize("history", [10, 300])
def test_a_look_reads_what_arrived_and_copies_nothing_however_long_the_history(court, build, no_copies, history):
    targets = build.fleet(40)
    readings = fleet_of_failures(build, targets, history + 20)
    held = court(targets=targets)
    held.arrived = [one for one in readings if one.key.scheduled_at < build.start + history * MINUTE]
    held.look(history)
    for minute in range(1, 20):
        arrived, heard = len(held.arrived), held.post.heard
        no_copies.clear()
        held.arrived = [one for one in readings if one.key.scheduled_at < build.start + (history + minute) * MINUTE]
        held.look(history + minute)
        assert held.post.heard - heard == len(held.arrived) - arrived == len(targets)
        assert no_copies == []
    assert len(held.shelf.lasting()) == 2


def test_each_reading_is_judged_twice_provisionally_and_for_certain(court, build, monkeypatch):
    judged = []
    real = judging.judge

    def counting(memory, readings, until, scene):
        readings = [*readings]
        judged.extend(one.key for one in readings)
        return real(memory, readings, until, scene)

    held = court(targets=build.fleet(5))
    held.look(0)
    monkeypatch.setattr(judging, "judge", counting)
    readings = [one for name in held.targets for one in build.series(name, "." * 30)]
    held.hear(readings, build.every(0.5, 60))
    assert len(judged) == 2 * len(readings)
    assert len(set(judged)) == len(readings)


def test_an_agent_that_is_always_late_has_the_last_minutes_judged_again_once_a_minute(court, build, no_copies):
    targets = build.fleet(3)
    readings = [one for name in targets for one in build.series(name, "." * 40)]
    held = court(targets=targets)
    held.look(0)
    no_copies.clear()
    for tick in range(1, 6 * 40):
        minutes = tick / 6
        held.arrived = [one for one in readings if one.key.scheduled_at < build.start + (minutes - 2) * MINUTE]
        held.look(minutes)
    assert 30 <= len(no_copies) <= 40
    assert held.post.heard == len(held.arrived)
    assert held.session.memory.at >= build.start + 40 * MINUTE - LATE - 2 * AGAIN


def test_what_came_late_waits_no_longer_than_its_turn(court, build):
    held = court(targets=build.fleet(2))
    held.hear(build.series("t00", "....") + build.series("t01", "...."), [10.0])
    for minutes, expected in ((10.1, 1), (10.5, 1), (11.0, 1), (11.2, 2)):
        late = build.series("t01", "xxxx", first=4) if minutes == 10.1 else []
        late += build.series("t00", "xxxx", first=4.5) if minutes == 10.5 else []
        held.arrived = [*held.arrived, *late]
        held.look(minutes)
        assert len(held.shelf.rows) == expected


def test_a_store_that_fails_while_the_usual_is_asked_for_loses_nothing(court, build):
    """The median of the week before is read while judging: half a reading may have been taken when that fails."""
    answers = iter([StoreUnavailableError("away"), StoreUnavailableError("away")])

    def usual(_key):
        for error in answers:
            raise error
        return 0.3

    rules = Rules(slow={"http": SlowRule(value="total_seconds", last=4)})
    readings = build.series("t00", "....ssssssssss")
    held = court(targets=build.fleet(1), rules=rules, usual_seconds=usual)
    for minutes in build.every(1, 14):
        held.arrived = [one for one in readings if one.key.scheduled_at < build.start + minutes * MINUTE]
        looked(held, minutes, "look", 0)
    plain = court(targets=build.fleet(1), **SLOW).hear(readings, [15.0])
    assert build.facts(held.shelf.standing) == build.facts(plain.shelf.standing)
    assert held.shelf.standing[0].state is IncidentState.DEGRADED


def test_a_failure_while_the_certain_memory_moves_on_is_met_by_another_judge(court, build, monkeypatch):
    readings = build.series("t00", "..xxxx" + "." * 40)
    held = court(targets=build.fleet(1)).hear(readings, [5.0])
    real = judging.judge

    def failing(memory, readings, until, scene):
        if memory is held.session.memory:
            real(memory, [*readings][:1], until, scene)
            raise StoreUnavailableError("away")
        return real(memory, readings, until, scene)

    monkeypatch.setattr(judging, "judge", failing)
    held.arrived = readings
    looked(held, 20.0, "look", 0)
    assert not held.session.is_sound
    monkeypatch.setattr(judging, "judge", real)
    held.session = None
    held.look(21.0)
    [incident] = held.shelf.standing
    assert (incident.started_at, incident.ended_at) == (build.start + 2 * MINUTE, build.start + 6 * MINUTE)


def test_a_store_put_back_from_a_copy_is_read_anew(court, build):
    held = court(targets=build.fleet(1)).hear(build.series("t00", "." * 20), build.every(1, 20))
    del held.post.order[5:]
    held.arrived = [*held.arrived, *build.series("t00", "xxxx", first=16)]
    held.look(21)
    [incident] = held.shelf.lasting()
    assert incident.started_at == build.start + 16 * MINUTE


def test_an_agent_whose_clock_is_years_ahead_fills_no_memory_and_is_judged_when_its_time_comes(court, build):
    targets = build.fleet(2)
    held = court(targets=targets)
    held.look(0)
    ahead = build.series("t01", "..xxxx..", first=AHEAD / MINUTE + 20)
    held.arrived = ahead + build.series("t01", "." * 200, first=10**6)
    for minutes in build.every(1, AHEAD / MINUTE + 40):
        held.look(minutes)
        docket = held.session._docket
        assert len(docket._waiting) + len(docket._taken) <= len(ahead)
    [incident] = held.shelf.standing
    assert incident.reason is Reason.TIMEOUT


@pytest.mark.parametrize("away", [0, 50, 180])
@pytest.mark.parametrize("is_known", [True, False], ids=["judged before", "first judge"])
def test_an_incident_outlives_the_memory_of_the_judge_that_opened_it(court, build, is_known, away):
    """Killed between the incident and its memory: what was ok before it ends nothing, and nobody is told twice."""
    held = court(targets=build.fleet(1)).hear(build.series("t00", "......xxxx"), [10])
    [begun] = held.shelf.lasting()
    held.arrived = [*held.arrived, *build.series("t00", "xx....", first=10)]
    held.shelf.judged = build.start + 10 * MINUTE if is_known else None
    now = build.start + (10 + (away if is_known else away / 5)) * MINUTE
    again = court(targets=build.fleet(1), shelf=held.shelf, post=held.post)
    again.session = Judging.resume(held.shelf, held.post, now)
    again.look((now - build.start) / MINUTE + 10)
    [incident] = held.shelf.all()
    assert (incident.id, incident.started_at) == (begun.id, begun.started_at)
    assert incident.ended_at == build.start + 12 * MINUTE
    assert [change.state for change in held.shelf.changes] == [IncidentState.DOWN, IncidentState.ENDED]


def test_a_target_of_which_only_a_lost_memory_says_that_it_is_slow_opens_nothing(court, build):
    """Its times are forgotten, the vantage point that saw it fast loses its line, and another one asks."""
    readings = [build.series("t00", "s" * 8, vantage=vantage) for vantage in ("ha-noi", "can-tho")]
    held = court(targets=build.fleet(1), **SLOW).hear([*readings[0], *readings[1]], [9.0])
    memory = memory_of(held.shelf.lasting(), build.start + 9 * MINUTE, build.start + 9 * MINUTE)
    later = [
        *build.series("t00", "......nnn", first=9, vantage="can-tho"),
        replace(build.reading("t00", 20, vantage="hue"), seconds=None),  # it answered, to a busy prober
    ]
    [ended] = judge(memory, later, build.start + 30 * MINUTE, held.scene)
    assert ended.worst is IncidentState.DEGRADED
    assert [case.scope for case in memory.cases.values()] == ["vantage"]
