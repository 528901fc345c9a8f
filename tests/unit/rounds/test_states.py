"""What stands in the way of each step; pure, without a store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schedules.round_people import PersonRole
from tests.unit.rounds.conftest import APPROVER, ASSESSOR, BOTH, DECIDER, ENDED, SEALER, planned_round
from thuocdo.core.model import NOTHING_BEFORE, RoundNote, RoundState, RoundStep, entered
from thuocdo.rounds.people import rules_of
from thuocdo.rounds.states import (
    SIGNED,
    Obstacle,
    ObstacleKind,
    RoundFacts,
    allowed,
    shown_state,
    state_of,
)

ROUND = replace(planned_round(), ended_at=ENDED)
RULES = rules_of(ROUND)
UNTIL = ENDED + timedelta(days=10)
OPEN = Obstacle(kind=ObstacleKind.OPEN_OBJECTION, subject="2026-Q4/001", told="objection 2026-Q4/001 is open")
WAY = (RoundStep.SEAL, RoundStep.DRAFT, RoundStep.REPLY, RoundStep.APPROVE, RoundStep.PUBLISH)
BY = {RoundStep.SEAL: SEALER, RoundStep.APPROVE: APPROVER}


def log(*steps, **subjects):
    made, previous = [], NOTHING_BEFORE
    for number, step in enumerate(steps, start=1):
        subject = UNTIL.isoformat() if step is RoundStep.REPLY else subjects.get(step.value, "")
        digest = f"{number}" if step is RoundStep.SEAL else ""
        note = RoundNote(at=ENDED, round_id="r1", step=step, by=BY.get(step, SEALER), subject=subject, digest=digest)
        made.append(entered(note, number, previous))
        previous = made[-1].hash
    return made


def facts(*steps, by=APPROVER, reason="vì thế", now=UNTIL + timedelta(seconds=1), digest="x", obstacles=(), **more):
    actor = RULES.person(by)
    return RoundFacts(
        round=ROUND, log=log(*steps), now=now, actor=actor, reason=reason, digest=digest, obstacles=obstacles, **more
    )


def why_not(step, known):
    return allowed(known.state, step, known)


def test_the_way_leads_through_every_state_and_nowhere_else():
    seen = [state_of(log(*WAY[:count])) for count in range(len(WAY) + 1)]
    assert seen == [
        RoundState.MEASURING,
        RoundState.SEALED,
        RoundState.DRAFT,
        RoundState.REPLY,
        RoundState.APPROVED,
        RoundState.PUBLISHED,
    ]
    assert state_of(log(*WAY, RoundStep.VERSION, RoundStep.SEAL, RoundStep.CORRECT)) is RoundState.CORRECTED
    for count in range(len(WAY) + 1):
        for step in RoundStep:
            if count < len(WAY) and step is WAY[count]:
                continue
            known = facts(*WAY[:count])
            moved = state_of(log(*WAY[:count], step))
            assert moved is known.state or why_not(step, known) or step in (RoundStep.VERSION, RoundStep.CORRECT), step


@pytest.mark.parametrize("count", range(len(WAY)))
def test_each_next_step_is_allowed_and_the_one_after_it_is_not(count):
    by = BOTH if WAY[count] is not RoundStep.SEAL else SEALER
    assert why_not(WAY[count], facts(*WAY[:count], by=by)) == []
    if count + 1 < len(WAY):
        assert why_not(WAY[count + 1], facts(*WAY[:count], by=by)) != []


def test_a_new_version_takes_the_approval_back():
    assert state_of(log(*WAY[:4], RoundStep.VERSION)) is RoundState.REPLY
    assert state_of(log(*WAY, RoundStep.VERSION)) is RoundState.PUBLISHED


def test_what_has_not_ended_is_not_sealed():
    known = replace(facts(by=SEALER), round=replace(ROUND, ended_at=None))
    assert why_not(RoundStep.SEAL, known) == ["it has not ended; measure it to its end first"]


def test_a_second_seal_is_refused_but_for_a_new_version():
    for count in range(1, len(WAY) + 1):
        assert "sealed already" in why_not(RoundStep.SEAL, facts(*WAY[:count], by=SEALER))[0]
    new = (*WAY[:3], RoundStep.VERSION)
    assert why_not(RoundStep.SEAL, facts(*new, by=SEALER)) == []
    assert "this manifest is sealed already" in why_not(RoundStep.SEAL, facts(*new, by=SEALER, digest="1"))[0]
    assert "sealed already" in why_not(RoundStep.SEAL, facts(*new, RoundStep.SEAL, by=SEALER))[0]


def test_one_person_does_not_seal_and_approve():
    known = facts(*WAY[:3], by=BOTH)
    assert why_not(RoundStep.APPROVE, known) == []
    by_both = [replace(one, note=replace(one.note, by=f" {BOTH.upper()} ")) for one in known.log]
    assert "two different people seal and approve" in why_not(RoundStep.APPROVE, replace(known, log=by_both))[0]


@pytest.mark.parametrize("step", sorted(SIGNED))
def test_who_has_no_role_for_it_is_refused(step):
    role = {
        RoundStep.SEAL: PersonRole.SEALS,
        RoundStep.SIGN_POINTS: PersonRole.ASSESSES,
        RoundStep.DECIDE: PersonRole.DECIDES,
    }.get(step, PersonRole.APPROVES)
    before = () if step is RoundStep.SEAL else WAY if step is RoundStep.CORRECT else WAY[:3]
    for name in (SEALER, APPROVER, ASSESSOR, DECIDER, BOTH):
        has_it = role in RULES.person(name).roles
        refused = any("does not list" in one for one in why_not(step, facts(*before, by=name)))
        assert refused is not has_it, name


def test_nothing_is_approved_before_the_window_has_closed():
    assert "agencies may reply until 2026-11-19 08:00" in why_not(RoundStep.APPROVE, facts(*WAY[:3], now=UNTIL))[0]
    assert why_not(RoundStep.APPROVE, facts(*WAY[:3], now=UNTIL + timedelta(microseconds=1))) == []


def test_nothing_is_tested_again_after_the_window_has_closed():
    assert why_not(RoundStep.RETEST, facts(*WAY[:3], now=UNTIL)) == []
    assert "the window for replies has closed" in why_not(RoundStep.RETEST, facts(*WAY[:3]))[0]


@pytest.mark.parametrize("step", [RoundStep.APPROVE, RoundStep.PUBLISH])
def test_an_obstacle_stands_until_it_is_overruled_itself(step):
    before = WAY[: WAY.index(step)]
    assert why_not(step, facts(*before, obstacles=(OPEN,))) == [OPEN.told]
    other = log(*before, RoundStep.OVERRULE, overrule="open_objection 2026-Q4/002")
    assert why_not(step, replace(facts(*before, obstacles=(OPEN,)), log=other)) == [OPEN.told]
    mine = log(*before, RoundStep.OVERRULE, overrule=OPEN.name)
    assert why_not(step, replace(facts(*before, obstacles=(OPEN,)), log=mine)) == []


@pytest.mark.parametrize("step", [RoundStep.APPROVE, RoundStep.PUBLISH, RoundStep.CORRECT])
def test_only_a_sealed_ranking_of_all_points_goes_on(step):
    before = {RoundStep.APPROVE: WAY[:3], RoundStep.PUBLISH: WAY[:4], RoundStep.CORRECT: WAY}[step]
    assert "points were entered since" in why_not(step, facts(*before, stale=True))[0]
    if step is not RoundStep.PUBLISH:  # a version takes the approval back
        assert "is not sealed" in why_not(step, facts(*before, RoundStep.VERSION))[0]


def test_a_correction_needs_a_newer_version():
    assert "no newer version" in why_not(RoundStep.CORRECT, facts(*WAY))[0]
    sealed = (*WAY, RoundStep.VERSION, RoundStep.SEAL)
    assert why_not(RoundStep.CORRECT, facts(*sealed)) == []
    assert "no newer version" in why_not(RoundStep.CORRECT, facts(*sealed, RoundStep.CORRECT))[0]
    assert (
        "two different people"
        in why_not(
            RoundStep.CORRECT,
            facts(*sealed, by=BOTH).__class__(
                round=ROUND,
                log=[*log(*WAY, RoundStep.VERSION), *_sealed_by_both()],
                now=UNTIL,
                actor=RULES.person(BOTH),
                reason="x",
            ),
        )[0]
    )


def _sealed_by_both():
    last = log(*WAY, RoundStep.VERSION, RoundStep.SEAL)[-1]
    return [replace(last, note=replace(last.note, by=BOTH))]


@pytest.mark.parametrize("step", [RoundStep.DECIDE, RoundStep.OVERRULE, RoundStep.VERSION, RoundStep.CORRECT])
def test_a_reason_is_asked_for(step):
    before = WAY if step is RoundStep.CORRECT else WAY[:3]
    assert any("--reason is empty" in one for one in why_not(step, facts(*before, reason="  ")))


def test_a_round_without_a_plan_is_measuring_ended_or_published():
    states = [
        shown_state(one, (), is_planned=False)
        for one in (replace(ROUND, ended_at=None), ROUND, replace(ROUND, published_at=UNTIL))
    ]
    assert states == [RoundState.MEASURING, RoundState.ENDED, RoundState.PUBLISHED]
    assert shown_state(ROUND, log(*WAY[:2]), is_planned=True) is RoundState.DRAFT
