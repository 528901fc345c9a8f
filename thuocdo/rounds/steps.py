"""
Does the steps of a round that has a plan: looks whether one is allowed, has what is to be signed, and writes it into the log.

Each step is one transaction. What it leaves to be done besides (pages show another version) is done again by the next step, so
that a crash at any place leaves a state from which the same command goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Round, RoundLogEntry, RoundNote, RoundStep, digest_of
from thuocdo.rounds.facts import agencies_of, facts_of, ranking_of
from thuocdo.rounds.people import rules_of
from thuocdo.rounds.points import counting_points, digest_of_points, points_of
from thuocdo.rounds.signatures import SignedStatement, Verifies, verify_minisign
from thuocdo.rounds.states import SIGNED, Obstacle, RoundFacts, allowed, last_of
from thuocdo.rounds.versions import digest_of_versions, draft_versions, next_versions, show_newest
from thuocdo.rounds.working_days import MOST_WORKING_DAYS, WorkingCalendar
from thuocdo.score.basis import Basis
from thuocdo.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedStep:
    """
    A step that may be done, before it is signed.

    note: what is going to be logged, without a signature. seen: the round's last entry when it was allowed.
    """

    note: RoundNote
    statement: SignedStatement
    public_key: str
    seen: int


class Proceedings:
    """
    The steps of one round.

    Args:
        store: open.
        round_: a round whose plan lists people.
        verify: tells whether a signature is somebody's.

    Raises:
        ConfigurationError: the round has no such plan; every method: the step may not be done, and why not, all at once.
    """

    def __init__(self, store: Store, round_: Round, verify: Verifies = verify_minisign) -> None:
        rules = rules_of(round_)
        if rules is None:
            raise ConfigurationError(
                f"round '{round_.label}' has no plan that lists people; it is published as it is (`thuocdo round publish --by`)"
            )
        self.store, self.round, self.rules = store, round_, rules
        self._verify = verify

    def facts(self, now: datetime) -> RoundFacts:
        """Return what is known of the round."""
        return facts_of(self.store, self.round, self.rules, now)

    def prepare(
        self, step: RoundStep, by: str, now: datetime, *, digest: str = "", subject: str = "", reason: str = ""
    ) -> PreparedStep:
        """
        Look whether somebody may do a step.

        Args:
            step: which.
            by: name of the person, as the plan lists it.
            now: the present instant.
            digest: SHA-256 (hex) of what it is about.
            subject, reason: as of RoundNote.
        """
        person = self.rules.person(by)
        reason = " ".join(reason.split())
        facts = facts_of(self.store, self.round, self.rules, now, actor=person, reason=reason, digest=digest)
        self.refuse(allowed(facts.state, step, facts))
        statement = SignedStatement(
            round_id=self.round.id,
            label=self.round.label,
            step=step,
            by=person.name,
            digest=digest,
            subject=subject,
            reason=reason,
        )
        note = RoundNote(
            at=now,
            round_id=self.round.id,
            step=step,
            by=person.name,
            subject=subject,
            reason=reason,
            digest=digest,
        )
        return PreparedStep(note=note, statement=statement, public_key=person.key, seen=facts.seen)

    def signed(self, prepared: PreparedStep, signature: str) -> RoundNote:
        """Return the note of a step with its signature, which must be by the key of whoever does it, and of its statement."""
        if prepared.note.step not in SIGNED:
            return prepared.note
        try:
            self._verify(prepared.public_key, prepared.statement.text(), signature)
        except ValueError as exc:
            raise ConfigurationError(f"--signature: {exc}") from exc
        return replace(prepared.note, signature=signature)

    def do(self, prepared: PreparedStep, signature: str = "") -> RoundLogEntry:
        """Write a step that changes nothing but the log into it."""
        return self.store.round_log.append(self.signed(prepared, signature), seen=prepared.seen)[0]

    def prepare_points(self, by: str, now: datetime) -> PreparedStep:
        """Prepare that somebody signs for the points that they entered."""
        mine = points_of(counting_points(self.store.assessments.all(), self.round.id), by)
        if not mine:
            self.refuse([f"'{by}' entered no points for it that count; `thuocdo assess --round` enters some"])
        return self.prepare(RoundStep.SIGN_POINTS, by, now, digest=digest_of_points(mine), subject=f"{len(mine)}")

    def prepare_overruling(self, obstacle: Obstacle, by: str, reason: str, now: datetime) -> PreparedStep:
        """Prepare that the approver overrules what keeps the round from being published."""
        about = digest_of([self.round.id, obstacle.name])
        return self.prepare(RoundStep.OVERRULE, by, now, digest=about, subject=obstacle.name, reason=reason)

    def prepare_approval(self, by: str, now: datetime, reason: str = "") -> PreparedStep:
        """Prepare that somebody approves the newest manifest that was sealed."""
        return self.prepare(RoundStep.APPROVE, by, now, digest=self._sealed_digest(), reason=reason)

    def prepare_correction(self, by: str, reason: str, now: datetime) -> PreparedStep:
        """Prepare that somebody has the newest version shown in place of what was published."""
        return self.prepare(RoundStep.CORRECT, by, now, digest=self._sealed_digest(), reason=reason)

    def draft(self, by: str, basis: Basis, now: datetime) -> RoundLogEntry:
        """Compute and keep the round's rankings as its first version."""
        prepared = self.prepare(RoundStep.DRAFT, by, now)
        made = draft_versions(self.store, basis, self.round, now)
        note = replace(prepared.note, digest=digest_of_versions([version for version, _ in made]))
        return self.store.ranking_versions.save(made, note, seen=prepared.seen)[0]

    def renew(self, by: str, reason: str, basis: Basis, now: datetime) -> RoundLogEntry:
        """Make a new version of the rankings, of points that were entered since the last one."""
        prepared = self.prepare(RoundStep.VERSION, by, now, reason=reason)
        objections = self.store.objections.of(self.round.id)
        made = next_versions(self.store, basis, self.round, objections=objections, cause="", now=now)
        version = made[0][0].version
        digest = digest_of_versions([one for one, _ in made])
        note = replace(prepared.note, digest=digest, subject=f"{version}")
        entry = self.store.ranking_versions.save(made, note, seen=prepared.seen)[0]
        self.settle()
        return entry

    def reply(self, by: str, working_days: int, calendar: WorkingCalendar, now: datetime) -> datetime:
        """Open the window in which agencies may reply; returns its last instant."""
        if not 1 <= working_days <= MOST_WORKING_DAYS:
            raise ConfigurationError(
                f"--days: {working_days} is not between 1 and {MOST_WORKING_DAYS}; give working days"
            )
        until = calendar.deadline(now, working_days)
        self.do(self.prepare(RoundStep.REPLY, by, now, subject=until.isoformat()))
        return until

    def approve(self, prepared: PreparedStep, signature: str) -> RoundLogEntry:
        """Write down that the round is approved, and which agencies kept silent: that is recorded, not agreed."""
        note = self.signed(prepared, signature)
        self.settle()
        silent = self.silent_agencies()
        silence = replace(
            note, step=RoundStep.SILENCE, subject=f"{len(silent)}", reason=", ".join(silent), digest="", signature=""
        )
        return self.store.round_log.append(silence, note, seen=prepared.seen)[-1]

    def publish(self, by: str, now: datetime) -> RoundLogEntry:
        """Publish what was approved."""
        prepared = self.prepare(RoundStep.PUBLISH, by, now, digest=self._sealed_digest())
        self.settle()
        return self.do(prepared)

    def correct(self, prepared: PreparedStep, signature: str) -> RoundLogEntry:
        """Have the newest version shown in place of what was published."""
        entry = self.do(prepared, signature)
        self.settle()
        return entry

    def settle(self) -> None:
        """Let people see the version they are to see; of what was published only once a correction was signed."""
        log = self.store.round_log.of(self.round.id)
        shown, version = last_of(log, RoundStep.PUBLISH, RoundStep.CORRECT), last_of(log, RoundStep.VERSION)
        if shown is None or version is None or version.number < shown.number:
            show_newest(self.store, self.round)

    def silent_agencies(self) -> list[str]:
        """Return the ids of the agencies that were measured and objected to nothing, in order."""
        ranking = ranking_of(self.store, self.round)
        spoke = {one.agency_id for one in self.store.objections.of(self.round.id)}
        return [one for one in (agencies_of(ranking) if ranking else ()) if one not in spoke]

    def is_sealed_as(self, digest: str) -> bool:
        """Tell whether the log says that the newest seal is of this manifest."""
        return bool(digest) and self._sealed_digest() == digest

    def _sealed_digest(self) -> str:
        """Return the digest of the newest manifest that was sealed, empty where none was."""
        sealed = last_of(self.store.round_log.of(self.round.id), RoundStep.SEAL)
        return sealed.note.digest if sealed else ""

    def refuse(self, problems: Sequence[str]) -> None:
        """Raise ConfigurationError where there is something to be said against a step."""
        if problems:
            raise ConfigurationError([f"round '{self.round.label}': {one}" for one in problems])
