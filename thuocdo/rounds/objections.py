"""
Objections of agencies: received, tested again, decided.

Each step is in the log, and an accepted objection gives a new version of the ranking. What is decided is decided by somebody who
did not assess the agency. What comes after the window has closed is kept and marked.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import (
    MOST_RETESTS,
    Evidence,
    Objection,
    ObjectionKind,
    Retest,
    Round,
    RoundLogEntry,
    RoundNote,
    RoundStep,
    Ruling,
    same_person,
)
from thuocdo.core.portals import Registry
from thuocdo.core.shapes import good_line
from thuocdo.core.yamlfile import nearest
from thuocdo.rounds.facts import called
from thuocdo.rounds.steps import PreparedStep, Proceedings
from thuocdo.rounds.versions import Made, digest_of_versions, next_versions
from thuocdo.rounds.working_days import WorkingCalendar
from thuocdo.score.basis import Basis

NEVER_LEFT_OUT = (ObjectionKind.METHOD, ObjectionKind.VALUE)
"""Kinds for which an agency is not left out: its own targets were measured, and nothing kept us from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionTally:
    """
    What is published about the objections of a round.

    received: all, of which `late` came after the window. decided: of which `accepted` were, wholly or in part.
    median_working_days: from receipt to decision; accepted_ratio: 0..1 of the decided; None where none is decided.
    """

    received: int
    late: int
    decided: int
    accepted: int
    median_working_days: float | None
    accepted_ratio: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What an agency says. target_id: None = it is about the agency as a whole."""

    kind: ObjectionKind
    agency_id: str
    target_id: str | None
    claim: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDecision:
    """A decision that may be signed: the objection before it and after."""

    before: Objection
    after: Objection
    step: PreparedStep


def receive(
    proceedings: Proceedings, registry: Registry, complaint: Complaint, by: str, now: datetime
) -> tuple[Objection, RoundLogEntry]:
    """
    Store a new objection; the hash of its entry in the log is the receipt.

    Args:
        proceedings: of the round.
        registry: of the round's day.
        complaint: what the agency says; its files lie in the evidence store already.
        by: who enters it, of the people that the plan lists.
        now: when it was received.

    Raises:
        ConfigurationError: there is no such agency or target, it says nothing, or agencies cannot reply yet.
    """
    _check(complaint, registry)
    round_ = proceedings.round
    known = proceedings.store.objections.of(round_.id)
    number = known[-1].number + 1 if known else 1
    prepared = proceedings.prepare(RoundStep.OBJECT, by, now, subject=called(round_, number))
    deadline = proceedings.facts(now).deadline
    objection = Objection(
        round_id=round_.id,
        number=number,
        kind=complaint.kind,
        agency_id=complaint.agency_id,
        target_id=complaint.target_id,
        claim=complaint.claim,
        evidence=complaint.evidence,
        received_at=now,
        taken_by=prepared.note.by,
        late=deadline is not None and now > deadline,
    )
    note = replace(prepared.note, digest=objection.digest)
    return objection, proceedings.store.objections.add(objection, note, seen=prepared.seen)


def _check(complaint: Complaint, registry: Registry) -> None:
    problems: list[str] = []
    if complaint.agency_id not in registry.agencies:
        problems.append(
            f"agency '{complaint.agency_id}' is not in the registry{nearest(complaint.agency_id, registry.agencies)}"
        )
    target = registry.targets.get(complaint.target_id or "")
    own = [one.id for one in registry.targets.values() if one.agency_id == complaint.agency_id]
    if complaint.target_id is not None and (target is None or target.agency_id != complaint.agency_id):
        problems.append(
            f"--target: '{complaint.target_id}' is no target of '{complaint.agency_id}'{nearest(complaint.target_id, own)} "
            f"(there are: {', '.join(own) or 'none'})"
        )
    problems += _of_text("--claim", complaint.claim)
    if problems:
        raise ConfigurationError(problems)


def _of_text(name: str, text: str) -> list[str]:
    if not text.strip():
        return [f"{name} is empty; say it in one line"]
    try:
        good_line(text)
    except ValueError as exc:
        return [f"{name}: {exc}"]
    return []


def known_objection(proceedings: Proceedings, number: int) -> Objection:
    """
    Return an objection by its number within the round.

    Raises:
        ConfigurationError: there is none.
    """
    known = proceedings.store.objections.of(proceedings.round.id)
    found = next((one for one in known if one.number == number), None)
    if found is None:
        names = ", ".join(called(proceedings.round, one.number) for one in known) or "none"
        raise ConfigurationError(f"no objection '{called(proceedings.round, number)}' (there are: {names})")
    return found


def prepare_decision(
    proceedings: Proceedings,
    before: Objection,
    *,
    ruling: Ruling,
    reason: str,
    by: str,
    leaves_out: bool,
    now: datetime,
) -> PreparedDecision:
    """
    Look whether somebody may decide an objection so.

    Args:
        proceedings: of the round.
        before: the objection.
        ruling: how it is decided.
        reason: why.
        by: who decides.
        leaves_out: the agency has no rank in this round.
        now: the present instant.

    Raises:
        ConfigurationError: it is decided already, the person assessed the agency or may not decide, the reason is empty, or
            nobody is left out by such a decision.
    """
    number = called(proceedings.round, before.number)
    problems = []
    if before.ruling is not None:
        problems.append(f"objection {number} was decided by '{before.decided_by}'; it stays so")
    entered = (one for one in proceedings.store.assessments.all() if one.round_id == before.round_id)
    if any(one.agency_id == before.agency_id and same_person(one.entered_by, by) for one in entered):
        problems.append(
            f"--by: '{by}' entered points of this agency, and does not decide on it; ask somebody who did not"
        )
    if leaves_out and (ruling is Ruling.REJECTED or before.kind in NEVER_LEFT_OUT):
        problems.append("--leave-out: nobody is left out by such a decision; leave the option away")
    proceedings.refuse(problems)
    reason = " ".join(reason.split())
    person = proceedings.rules.person(by).name
    after = before.decided(ruling, reason, person, now, leaves_out=leaves_out)
    step = proceedings.prepare(RoundStep.DECIDE, by, now, digest=after.digest, subject=number, reason=reason)
    return PreparedDecision(before=before, after=after, step=step)


def decide(proceedings: Proceedings, prepared: PreparedDecision, signature: str, basis: Basis) -> Objection:
    """
    Write a decision; one that changes the ranking comes with its new version, in one transaction.

    Raises:
        ConfigurationError: the signature is not by the key of whoever decides; or the files are others than those of the draft.
    """
    note = proceedings.signed(prepared.step, signature)
    versions, notes = _follows(proceedings, prepared, note, basis)
    proceedings.store.objections.amend(
        prepared.before, prepared.after, note, *notes, versions=versions, seen=prepared.step.seen
    )
    proceedings.settle()
    return prepared.after


def _follows(
    proceedings: Proceedings, prepared: PreparedDecision, note: RoundNote, basis: Basis
) -> tuple[Made, Sequence[RoundNote]]:
    """Return the new versions that follow from a decision, and what the log says of them."""
    if not prepared.after.changes_ranking:
        return (), ()
    others = [
        one for one in proceedings.store.objections.of(proceedings.round.id) if one.number != prepared.after.number
    ]
    made = next_versions(
        proceedings.store,
        basis,
        proceedings.round,
        objections=[*others, prepared.after],
        cause=note.subject,
        now=note.at,
    )
    version = replace(
        note,
        step=RoundStep.VERSION,
        subject=f"{made[0][0].version}",
        reason=note.subject,
        digest=digest_of_versions([one for one, _ in made]),
        signature="",
    )
    return made, [version]


def retest(
    proceedings: Proceedings, before: Objection, target_id: str, measured: Round, by: str, now: datetime
) -> Objection:
    """
    Write down that a target was measured again, as a round of its own.

    Args:
        proceedings: of the round that was objected to.
        before: the objection.
        target_id: which target.
        measured: the round that holds the measurements; it has ended.
        by: who says so.
        now: the present instant.

    Raises:
        ConfigurationError: the window has closed, the objection is decided, or the target was tested again twice already.
    """
    number = called(proceedings.round, before.number)
    others = proceedings.store.objections.of(proceedings.round.id)
    problems = _against_retest(proceedings.round, others, target_id, measured)
    if before.target_id not in (None, target_id):
        problems.append(f"--target: objection {number} is about '{before.target_id}'; test that again")
    if not before.is_open:
        problems.append(f"objection {number} is decided; nothing is tested again for it")
    proceedings.refuse(problems)
    prepared = proceedings.prepare(RoundStep.RETEST, by, now, subject=number)
    made = Retest(target_id=target_id, measured_as=measured.id, at=now, by=prepared.note.by)
    after = replace(before, retests=(*before.retests, made))
    note = replace(prepared.note, digest=after.digest)
    proceedings.store.objections.amend(before, after, note, seen=prepared.seen)
    return after


def _against_retest(round_: Round, objections: Iterable[Objection], target_id: str, measured: Round) -> list[str]:
    made = [one for objection in objections for one in objection.retests]
    problems = []
    if sum(one.target_id == target_id for one in made) >= MOST_RETESTS:
        problems.append(
            f"--target: '{target_id}' was tested again {MOST_RETESTS} times in this round, which is the most; decide by "
            "what there is"
        )
    if measured.id == round_.id or any(one.measured_as == measured.id for one in made):
        problems.append(
            f"--measured-as: '{measured.label}' counts already; measure the target again as a round of its own"
        )
    if measured.ended_at is None:
        problems.append(f"--measured-as: '{measured.label}' has not ended; go on with it first")
    return problems


def tally(objections: Collection[Objection], calendar: WorkingCalendar) -> ObjectionTally:
    """Count the objections of a round."""
    days = [
        calendar.working_days_between(one.received_at, one.decided_at)
        for one in objections
        if one.decided_at is not None
    ]
    accepted = sum(one.ruling in (Ruling.ACCEPTED, Ruling.PARTLY) for one in objections)
    return ObjectionTally(
        received=len(objections),
        late=sum(one.late for one in objections),
        decided=len(days),
        accepted=accepted,
        median_working_days=float(median(days)) if days else None,
        accepted_ratio=accepted / len(days) if days else None,
    )
