"""
The way of a round with a plan from its measuring to the public, and what stands in the way of each step.

    measuring -> sealed -> draft -> reply -> approved -> published -> corrected

Pure: what is known of a round comes in as `RoundFacts`, and reasons go out. The state is read off the log, so that it is never
told in two places; a new version of the ranking takes an approval back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schedules.round_people import PersonRole
from thuocdo.core.clock import HANOI
from thuocdo.core.model import Round, RoundLogEntry, RoundState, RoundStep, same_person
from thuocdo.rounds.people import Person

_LEADS_TO = {
    RoundStep.SEAL: {RoundState.MEASURING: RoundState.SEALED},
    RoundStep.DRAFT: {RoundState.SEALED: RoundState.DRAFT},
    RoundStep.REPLY: {RoundState.DRAFT: RoundState.REPLY},
    RoundStep.VERSION: {RoundState.APPROVED: RoundState.REPLY},
    RoundStep.APPROVE: {RoundState.REPLY: RoundState.APPROVED},
    RoundStep.PUBLISH: {RoundState.APPROVED: RoundState.PUBLISHED},
    RoundStep.CORRECT: {RoundState.PUBLISHED: RoundState.CORRECTED},
}

_AFTER_DRAFT = (RoundState.REPLY, RoundState.APPROVED, RoundState.PUBLISHED, RoundState.CORRECTED)
_PUBLIC = (RoundState.PUBLISHED, RoundState.CORRECTED)

_MAY_BE_IN = {
    RoundStep.SEAL: (RoundState.MEASURING, *_AFTER_DRAFT),
    RoundStep.SIGN_POINTS: tuple(one for one in RoundState if one not in (RoundState.ENDED, *_PUBLIC)),
    RoundStep.DRAFT: (RoundState.SEALED,),
    RoundStep.REPLY: (RoundState.DRAFT,),
    RoundStep.REMIND: (RoundState.REPLY,),
    RoundStep.OBJECT: _AFTER_DRAFT,
    RoundStep.DECIDE: _AFTER_DRAFT,
    RoundStep.RETEST: _AFTER_DRAFT,
    RoundStep.VERSION: _AFTER_DRAFT,
    RoundStep.OVERRULE: (RoundState.REPLY, RoundState.APPROVED),
    RoundStep.SILENCE: (RoundState.REPLY,),
    RoundStep.APPROVE: (RoundState.REPLY,),
    RoundStep.PUBLISH: (RoundState.APPROVED,),
    RoundStep.CORRECT: _PUBLIC,
}

_NEEDS_ROLE = {
    RoundStep.SEAL: PersonRole.SEALS,
    RoundStep.SIGN_POINTS: PersonRole.ASSESSES,
    RoundStep.DECIDE: PersonRole.DECIDES,
    RoundStep.OVERRULE: PersonRole.APPROVES,
    RoundStep.APPROVE: PersonRole.APPROVES,
    RoundStep.CORRECT: PersonRole.APPROVES,
}

SIGNED = frozenset(_NEEDS_ROLE)
"""Steps that are signed, each by somebody who has a role for it."""

_NEEDS_REASON = frozenset({RoundStep.DECIDE, RoundStep.VERSION, RoundStep.OVERRULE, RoundStep.CORRECT})


class ObstacleKind(StrEnum):
    """What keeps a round from being published unless the approver overrules it with a reason."""

    OPEN_OBJECTION = "open_objection"
    UNSIGNED_POINTS = "unsigned_points"
    LOW_COVERAGE = "low_coverage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """
    One of them. subject: of which, so that no overruling counts for what comes later: the number of the objection, the digest of
    the points, the share that was reached. told: what it is, in English, with what to do.
    """

    kind: ObstacleKind
    subject: str
    told: str

    @property
    def name(self) -> str:
        """How an overruling names it in the log."""
        return f"{self.kind.value} {self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFacts:
    """
    What the steps of a round depend on.

    log: its entries, in order. obstacles: all there are, overruled ones too. stale: points were entered since the newest version
    of its ranking was computed. actor: who wants to do something, None = nobody in particular. digest: of what the actor seals.
    """

    round: Round
    log: Sequence[RoundLogEntry]
    now: datetime
    obstacles: tuple[Obstacle, ...] = ()
    stale: bool = False
    actor: Person | None = None
    reason: str = ""
    digest: str = ""

    @property
    def seen(self) -> int:
        """The number of the round's last entry, 0 where it has none."""
        return self.log[-1].number if self.log else 0

    @property
    def state(self) -> RoundState:
        """Where the round is."""
        return state_of(self.log)

    @property
    def deadline(self) -> datetime | None:
        """Until when agencies may reply; None = they cannot yet."""
        return deadline_of(self.log)

    @property
    def is_window_open(self) -> bool:
        """Whether agencies may reply now."""
        deadline = self.deadline
        return deadline is not None and self.now <= deadline

    @property
    def sealed(self) -> RoundLogEntry | None:
        """The entry of the newest seal."""
        return last_of(self.log, RoundStep.SEAL)

    @property
    def lacks_seal(self) -> bool:
        """Whether there is a version of the ranking that nobody has sealed."""
        version = last_of(self.log, RoundStep.VERSION)
        sealed = self.sealed
        return version is not None and (sealed is None or sealed.number < version.number)

    @property
    def standing(self) -> tuple[Obstacle, ...]:
        """The obstacles that nobody has overruled."""
        overruled = {one.note.subject for one in self.log if one.note.step is RoundStep.OVERRULE}
        return tuple(one for one in self.obstacles if one.name not in overruled)


def state_of(log: Iterable[RoundLogEntry]) -> RoundState:
    """Return the state that the entries of a round have led to."""
    state = RoundState.MEASURING
    for entry in log:
        state = _LEADS_TO.get(entry.note.step, {}).get(state, state)
    return state


def shown_state(round_: Round, log: Iterable[RoundLogEntry], *, is_planned: bool) -> RoundState:
    """Return the state that is shown of a round; is_planned: it has a plan with people."""
    if is_planned:
        return state_of(log)
    if round_.published_at is not None:
        return RoundState.PUBLISHED
    return RoundState.MEASURING if round_.ended_at is None else RoundState.ENDED


def last_of(log: Iterable[RoundLogEntry], *steps: RoundStep) -> RoundLogEntry | None:
    """Return the last entry of one of some steps, None where there is none."""
    return next((one for one in reversed([*log]) if one.note.step in steps), None)


def deadline_of(log: Iterable[RoundLogEntry]) -> datetime | None:
    """Return until when agencies may reply, None where nobody has opened the window."""
    opened = last_of(log, RoundStep.REPLY)
    return datetime.fromisoformat(opened.note.subject) if opened else None


def allowed(state: RoundState, step: RoundStep, facts: RoundFacts) -> list[str]:
    """
    Return why a step may not be done; empty = it may.

    Args:
        state: where the round is.
        step: what is to be done.
        facts: what is known of it.
    """
    problems = _of_state(state, step, facts)
    if problems:
        return problems
    problems += _of_person(step, facts)
    if step in _NEEDS_REASON and not facts.reason.strip():
        problems.append("--reason is empty; say why, it is kept and printed")
    match step:
        case RoundStep.SEAL:
            problems += _of_seal(state, facts)
        case RoundStep.APPROVE:
            problems += _of_window(facts) + _of_result(facts) + _of_two_people(facts)
        case RoundStep.PUBLISH:
            problems += _of_result(facts)
        case RoundStep.CORRECT:
            problems += _of_version(facts) + _of_two_people(facts) + _of_correction(facts)
        case RoundStep.RETEST if not facts.is_window_open:
            problems.append(
                "the window for replies has closed, and re-tests with it; decide the objection by what there is"
            )
    return problems


def _of_state(state: RoundState, step: RoundStep, facts: RoundFacts) -> list[str]:
    if state not in _MAY_BE_IN[step]:
        return [_WRONG_STATE[step]]
    if state is RoundState.MEASURING and facts.round.ended_at is None:
        return ["it has not ended; measure it to its end first"]
    return []


_WRONG_STATE = {
    RoundStep.SEAL: "it is sealed already; a second seal comes with a new version of its ranking alone",
    RoundStep.SIGN_POINTS: "it is published, and its points stay as they are",
    RoundStep.DRAFT: "a draft is made once, after the seal; `thuocdo round log` shows where it is",
    RoundStep.REPLY: "the window for replies is opened once, when there is a draft; `thuocdo round log` shows where it is",
    RoundStep.REMIND: "no window for replies is open, so nobody is reminded",
    RoundStep.OBJECT: "agencies cannot reply yet; open the window first (`thuocdo round reply`)",
    RoundStep.DECIDE: "there is nothing to be decided before agencies could reply (`thuocdo round reply`)",
    RoundStep.RETEST: "there is nothing to be tested again before agencies could reply (`thuocdo round reply`)",
    RoundStep.VERSION: "a new version comes after the draft was sent to agencies; `thuocdo round log` shows where it is",
    RoundStep.OVERRULE: "something is overruled between the replies and the publication alone",
    RoundStep.SILENCE: "no window for replies is open",
    RoundStep.APPROVE: "a round is approved once, after agencies could reply; `thuocdo round log` shows where it is",
    RoundStep.PUBLISH: "it is not approved; `thuocdo round approve` comes first",
    RoundStep.CORRECT: "only what was published can be corrected",
}


def _of_person(step: RoundStep, facts: RoundFacts) -> list[str]:
    role = _NEEDS_ROLE.get(step)
    if role is None:
        return []
    if facts.actor is None or role not in facts.actor.roles:
        name = facts.actor.name if facts.actor else ""
        return [f"--by: the plan does not list '{name}' as somebody who {_DOES[role]}; ask somebody whom it does"]
    return []


_DOES = {
    PersonRole.SEALS: "seals the round",
    PersonRole.APPROVES: "approves the round",
    PersonRole.ASSESSES: "assesses by hand",
    PersonRole.DECIDES: "decides objections",
}


def _of_seal(state: RoundState, facts: RoundFacts) -> list[str]:
    if state is not RoundState.MEASURING and not facts.lacks_seal:
        return [_WRONG_STATE[RoundStep.SEAL]]
    if facts.sealed is not None and facts.sealed.note.digest == facts.digest:
        return ["this manifest is sealed already; seal that of the new version"]
    return []


def _of_window(facts: RoundFacts) -> list[str]:
    if facts.deadline is None or not facts.is_window_open:
        return []
    return [f"agencies may reply until {facts.deadline.astimezone(HANOI):%Y-%m-%d %H:%M}; approve it afterwards"]


def _of_result(facts: RoundFacts) -> list[str]:
    return [one.told for one in facts.standing] + _of_version(facts)


def _of_version(facts: RoundFacts) -> list[str]:
    problems = []
    if facts.stale:
        problems.append(
            "points were entered since its ranking was computed; make a new version (`thuocdo round renew`)"
        )
    if facts.lacks_seal:
        problems.append("the newest version of its ranking is not sealed; seal it first (`thuocdo round seal`)")
    return problems


def _of_two_people(facts: RoundFacts) -> list[str]:
    sealed = facts.sealed
    if sealed is None or facts.actor is None or not same_person(sealed.note.by, facts.actor.name):
        return []
    return [f"--by: '{facts.actor.name}' sealed it, and two different people seal and approve; ask somebody else"]


def _of_correction(facts: RoundFacts) -> list[str]:
    shown = last_of(facts.log, RoundStep.PUBLISH, RoundStep.CORRECT)
    version = last_of(facts.log, RoundStep.VERSION)
    if shown is None or version is None or version.number < shown.number:
        return ["its ranking has no newer version than the published one; make one first (`thuocdo round renew`)"]
    return []
