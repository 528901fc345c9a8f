"""
Generated histories.

What holds for every history: (1) how often and when it was judged, and how often the judge was started anew, changes nothing but
`changed_at`; (2) results that come up to LATE after their instant, in any order, end in the same incidents as if each had come
at once, but for their ids (the start as it was first known) and for incidents that were withdrawn meanwhile; (3) judging the
same again writes nothing. What does not: results later than LATE take no part in incidents.
"""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thuocdo.core.model import IncidentScope, IncidentState, Outcome, Reason, TargetRole
from thuocdo.incidents import flapping
from thuocdo.incidents.judging import LATE
from thuocdo.incidents.rules import Rules, SlowRule

MINUTE = timedelta(minutes=1)
LATE_MINUTES = LATE / MINUTE
END = 50.0
SLOW_ROW = Rules().slow["http"].last

LETTER = st.sampled_from("....sssxxhh?n hrrccC")
RUN = st.tuples(LETTER, st.integers(1, 9)).map(lambda run: run[0] * run[1])
LETTERS = st.lists(RUN, min_size=1, max_size=8).map("".join).map(lambda text: text[:45])
FLEETS = {"few": (2, 0), "family": (4, 4), "many": (7, 3)}
FORMS = 2
"""Of the first portal, which has a second page, too."""


@st.composite
def histories(draw, build):
    """Targets and readings of one or two vantage points; half the targets do as the first one does."""
    alone, in_family = FLEETS[draw(st.sampled_from(sorted(FLEETS)))]
    targets = build.fleet(alone) | build.fleet(in_family, "igate-new", "f")
    targets["t01"] = replace(targets["t01"], portal_id="t00")
    forms = {f"g{n:02}": replace(targets["t00"], id=f"g{n:02}", role=TargetRole.EFORM) for n in range(FORMS)}
    common = draw(LETTERS)
    readings = []
    for vantage in draw(st.sampled_from([("ha-noi",), ("ha-noi", "can-tho"), ("ha-noi", "can-tho", "an-giang")])):
        for index, name in enumerate(targets):
            letters = common if draw(st.booleans()) else draw(LETTERS)
            readings += build.series(name, letters, first=index / 13, vantage=vantage)
        for index, name in enumerate(forms):
            readings += build.series(name, draw(LETTERS), first=index / 17, vantage=vantage, kind="eform")
    return targets | forms, readings


SLOW = {
    "rules": Rules(slow={"http": SlowRule(value="total_seconds", last=4)}),
    "usual_seconds": lambda _key: 0.3,
}


def planned(build, windows):
    """Maintenance of t00 and f00 that overlaps itself."""
    spans = [(build.start + start * MINUTE, build.start + (start + length) * MINUTE) for start, length in windows]
    return lambda target, at: target.id in ("t00", "f00") and any(start <= at < end for start, end in spans)


WINDOWS = st.lists(st.tuples(st.integers(0, 45), st.integers(1, 20)), max_size=3)
LOOKS = st.lists(st.floats(0.1, END), max_size=25)


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_looks_and_restarts_change_nothing(court, build, data):
    targets, readings = data.draw(histories(build))
    is_excluded = planned(build, data.draw(WINDOWS))
    looks = [*data.draw(LOOKS), END]
    restarts = frozenset(data.draw(st.lists(st.integers(0, len(looks)), max_size=4)))
    once = court(targets=targets, is_excluded=is_excluded, **SLOW).hear(readings, [END])
    often = court(targets=targets, is_excluded=is_excluded, **SLOW).hear(readings, looks, restarts=restarts)
    assert often.shelf.standing == once.shelf.standing
    assert len(often.shelf.rows) == len(often.shelf.standing)
    writes = often.shelf.writes
    often.look(END)
    often.look(END, restart=True)
    assert often.shelf.writes == writes


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_late_results_end_in_the_same_incidents(court, build, data):
    targets, readings = data.draw(histories(build))
    seed = data.draw(st.integers(0, 2**32))
    looks = sorted([*data.draw(LOOKS), END + LATE_MINUTES])
    at_once = court(targets=targets, **SLOW).hear(readings, [END + LATE_MINUTES])
    late = court(targets=targets, **SLOW)
    delays = build.rng(seed)
    arrivals = [(one.key.scheduled_at + delays.random() * (LATE - MINUTE), one) for one in readings]
    for minutes in looks:
        late.arrived = [one for arrives, one in arrivals if arrives < build.start + minutes * MINUTE]
        late.look(minutes)
    assert build.facts(late.shelf.standing) == build.facts(at_once.shelf.standing)
    assert not [one for one in late.shelf.rows.values() if one not in late.shelf.standing and one.ended_at is None]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_outages_of_known_start_and_end_are_found_whatever_the_cadence(court, build, data):
    """One target: calm and outage by turns, the cadence changes, inconclusive probes anywhere, a silence within each calm."""
    minutes, readings, expected = 0.0, [], []

    def probe(reason):
        nonlocal minutes
        if data.draw(st.integers(0, 9)) == 0:
            readings.append(build.reading("t00", minutes, Reason.CAPTCHA))
            minutes += cadence / 2
        readings.append(build.reading("t00", minutes, reason))
        minutes += cadence

    for _ in range(data.draw(st.integers(1, 4))):
        cadence = data.draw(st.sampled_from([0.25, 1.0, 2.0]))
        for _ in range(data.draw(st.integers(2, 6))):
            probe(None)
        if data.draw(st.booleans()):
            minutes += data.draw(st.floats(1, 200))
            for _ in range(2):
                probe(None)
        first = len(readings)
        for _ in range(data.draw(st.integers(3, 8))):
            probe(Reason.HTTP_ERROR)
        expected.append([next(one for one in readings[first:] if one.reason is Reason.HTTP_ERROR), None])
        cadence = data.draw(st.sampled_from([0.25, 1.0, 2.0]))
        first = len(readings)
        for _ in range(5):
            probe(None)
        expected[-1][1] = next(one for one in readings[first:] if one.reason is None)
    looks = build.every(7, minutes)
    held = court(targets=build.fleet(1)).hear(readings, looks)
    found = [(one.started_at, one.ended_at) for one in held.shelf.standing]
    assert found == [(start.key.scheduled_at, end.key.scheduled_at) for start, end in expected]


def by_the_rule(readings, is_excluded, gap):
    """The rule for one target and one vantage point, written down a second time and as plainly as can be."""
    found, since_then, start = [], [], None
    for one in readings:
        at, is_bad = one.key.scheduled_at, one.outcome is Outcome.FAILED
        if one.outcome is Outcome.INCONCLUSIVE or is_excluded(at):
            continue
        if since_then and at - since_then[-1][0] > gap:
            since_then = []
        since_then.append((at, is_bad))
        newest = [bad for _, bad in since_then[-2:]]
        if start is None and newest == [True, True] and sum(bad for _, bad in since_then[-5:]) >= 3:
            row = list(takewhile(lambda item: item[1], reversed(since_then)))
            start = min(next(at for at, bad in since_then[-5:] if bad), row[-1][0])
        elif start is not None and newest == [False, False]:
            found.append((start, since_then[-2][0]))
            start, since_then = None, []
    return found if start is None else [*found, (start, None)]


@settings(max_examples=30, deadline=None)
@given(
    letters=st.lists(RUN, min_size=1, max_size=12)
    .map("".join)
    .map(lambda text: re.sub("[cC]", ".", re.sub("[nr]", "?", text))[:90]),
    every=st.sampled_from([0.25, 1.0, 2.0, 4.9]),
    windows=WINDOWS,
    looks=LOOKS,
)
def test_any_history_of_one_target_under_maintenance_is_judged_by_the_rule(
    court, build, letters, every, windows, looks
):
    readings, is_excluded = build.series("t00", letters, every=every), planned(build, windows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flapping, "WORST", 99)  # outages alone: what flaps is told as that
        held = court(targets=build.fleet(1), is_excluded=is_excluded, rules=Rules(slow={}))
        held.hear(readings, [*looks, every * 90 + 1])
    found = [(one.started_at, one.ended_at) for one in held.shelf.standing]
    assert found == by_the_rule(readings, lambda at: is_excluded(build.target("t00"), at), held.rules.gap)


class PlainRule:
    """
    Down and replaced, for one target and one vantage point, written down a second time and as plainly as can be.

    last: (instant, letter) of the readings since the last gap, by what they take part in; "r" is another page, "x" a failure.
    """

    def __init__(self, gap):
        self.gap, self.last = gap, {"down": [], "replaced": []}
        self.since, self.found, self.state = {}, [], None

    def take(self, at, letter):
        ends = []
        for name, counted in (("down", ".x"), ("replaced", ".xr")):
            if letter not in counted:
                continue
            row = self.last[name]
            if row and at - row[-1][0] > self.gap:
                row.clear()
            row.append((at, letter))
            newest = "".join(letter for _, letter in row)[-2:]
            if name == "down":
                self.judge_down(row, newest, ends)
            else:
                self.judge_replaced(row, newest, ends)
        state = next((name for name in ("down", "replaced") if name in self.since), None)
        if state and not self.state:
            start = max(self.since[state], self.found[-1][1] if self.found else self.since[state])
            self.found.append([start, None, state])
        elif state == "down":
            self.found[-1][2] = "down"
        elif self.state and not state:
            self.found[-1][1] = ends[0]
        self.state = state

    def judge_down(self, row, newest, ends):
        if "down" in self.since and newest == "..":
            del self.since["down"]
            ends.append(row[-2][0])
            row.clear()
        elif "down" not in self.since and newest == "xx" and [letter for _, letter in row[-5:]].count("x") >= 3:
            unbroken = list(takewhile(lambda item: item[1] == "x", reversed(row)))
            self.since["down"] = min(next(at for at, letter in row[-5:] if letter == "x"), unbroken[-1][0])

    def judge_replaced(self, row, newest, ends):
        unbroken = list(takewhile(lambda item: (item[1] == "r") is (newest[-1] == "r"), reversed(row)))
        if "replaced" in self.since and newest in ("..", "x."):
            del self.since["replaced"]
            ends.append(unbroken[-1][0])
        elif "replaced" not in self.since and newest == "rr":
            self.since["replaced"] = unbroken[-1][0]


@settings(max_examples=60, deadline=None)
@given(
    letters=st.lists(st.tuples(st.sampled_from("..xx?br r"), st.integers(1, 4)), min_size=1, max_size=20),
    every=st.sampled_from([0.25, 1.0, 2.0, 4.9]),
    windows=WINDOWS,
    looks=LOOKS,
)
def test_any_history_of_pages_and_outages_is_judged_by_the_rule(court, build, letters, every, windows, looks):
    text = "".join(letter * number for letter, number in letters)[:60]
    readings, is_excluded = build.series("t00", text, every=every), planned(build, windows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flapping, "WORST", 99)
        held = court(targets=build.fleet(1), is_excluded=is_excluded).hear(readings, [*looks, every * 60 + 1])
    rule = PlainRule(held.rules.gap)
    for at, letter in zip((one.key.scheduled_at for one in readings), text.replace(" ", ""), strict=True):
        if not is_excluded(build.target("t00"), at):
            rule.take(at, letter)
    found = [[one.started_at, one.ended_at, one.worst.value] for one in held.shelf.standing]
    assert found == rule.found


@settings(max_examples=8, deadline=None)
@given(first=st.floats(0, 20), lost=st.integers(4, 15), number=st.integers(5, 14), seed=st.integers(0, 2**32))
def test_a_broken_line_is_one_incident_whatever_the_phases(court, build, first, lost, number, seed):
    """Every target of the only vantage point fails from one instant to another, each probed at a phase of its own."""
    targets = build.fleet(number)
    phases = build.rng(seed)
    start, end = build.start + first * MINUTE, build.start + (first + lost) * MINUTE
    readings = []
    for name in targets:
        for one in build.series(name, "." * 45, first=phases.random()):
            bad = start <= one.key.scheduled_at < end
            readings.append(
                build.reading(name, (one.key.scheduled_at - build.start) / MINUTE, Reason.TIMEOUT if bad else None)
            )
    held = court(targets=targets).hear(readings, build.every(0.9, 46))
    assert [one.scope for one in held.shelf.rows.values()] == [IncidentScope.VANTAGE]
    [incident] = held.shelf.standing
    assert incident.state is IncidentState.ENDED
    assert start <= incident.started_at < start + MINUTE
    assert end <= incident.ended_at < end + MINUTE


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_clock_that_jumps_ahead_and_is_put_right_leaves_nothing_open_that_is_over(court, build, data):
    letters = data.draw(LETTERS)
    # Who was slow before an outage is slow until a whole row of times is fine; a certificate was renewed.
    calm = "C" * (2 * SLOW_ROW)
    readings = build.series("t00", letters + calm)
    end = len(letters + calm)
    jump, at = data.draw(st.floats(1, 3000)), data.draw(st.floats(1, 40))
    held = court(targets=build.fleet(1))
    for minutes in sorted([at, *build.every(1, end)]):
        held.arrived = [one for one in readings if one.key.scheduled_at < build.start + minutes * MINUTE]
        held.look(minutes + jump if minutes == at else minutes)
    for minutes in build.every(1, LATE_MINUTES + 5):
        held.look(end + minutes)
    assert held.shelf.lasting() == []
    assert all(replace(one, id="").ended_at > one.started_at for one in held.shelf.rows.values())
