"""Looks whether the log of rounds, and what it speaks of, is as it was written: the chain, signatures, objections, versions."""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from thuocdo.core.model import NOTHING_BEFORE, Objection, Round, RoundLogEntry, RoundStep, hash_of
from thuocdo.rounds.facts import called
from thuocdo.rounds.people import RoundRules, rules_of
from thuocdo.rounds.signatures import SignedStatement, Verifies, verify_minisign
from thuocdo.rounds.states import SIGNED
from thuocdo.rounds.versions import digest_of_versions
from thuocdo.store import Store

_OF_OBJECTIONS = (RoundStep.OBJECT, RoundStep.RETEST, RoundStep.DECIDE)
_OF_VERSIONS = (RoundStep.DRAFT, RoundStep.VERSION)


def broken_links(log: Sequence[RoundLogEntry], head: str = "") -> list[str]:
    """
    Return what is wrong with the chain of a whole log; empty = no entry was changed, removed or put in.

    Args:
        log: all entries, in order.
        head: hash of an entry that somebody noted elsewhere; without one, entries taken away at the end leave no trace.
    """
    problems, previous = [], NOTHING_BEFORE
    for number, entry in enumerate(log, start=1):
        if entry.number != number:
            problems.append(f"entry {number} of the log is missing; somebody took it out, put a backup beside it")
            return problems
        if entry.previous != previous:
            problems.append(f"entry {number} of the log does not follow the one before; one of both was replaced")
        if hash_of(entry.note, entry.number, entry.previous) != entry.hash:
            problems.append(f"entry {number} of the log was changed after it was written; put a backup beside it")
        previous = entry.hash
    if head and head not in {entry.hash for entry in log}:
        problems.append(
            f"no entry of the log has the hash {head}; entries at its end were taken away, or it is of another log"
        )
    return problems


def broken_record(store: Store, round_: Round, verify: Verifies = verify_minisign) -> list[str]:
    """Return what is wrong with a round's signatures, objections and versions by what its log says of them."""
    log = store.round_log.of(round_.id)
    rules = rules_of(round_)
    problems = [*_signatures(round_, log, rules, verify)] if rules else []
    problems += _objections(round_, log, store.objections.of(round_.id))
    return [*problems, *_versions(store, round_, log)]


def _signatures(round_: Round, log: Sequence[RoundLogEntry], rules: RoundRules, verify: Verifies) -> Iterator[str]:
    keys = {one.name: one.key for one in rules.people}
    for entry in log:
        note = entry.note
        if note.step not in SIGNED:
            continue
        statement = SignedStatement(
            round_id=round_.id,
            label=round_.label,
            step=note.step,
            by=note.by,
            digest=note.digest,
            subject=note.subject,
            reason=note.reason,
        )
        try:
            verify(keys[note.by], statement.text(), note.signature)
        except (KeyError, ValueError):
            yield _forged_problem(entry.number, note.by)


def _forged_problem(number: int, by: str) -> str:
    return f"entry {number} of the log is not signed by the key of '{by}' that the plan lists"


def _objections(round_: Round, log: Sequence[RoundLogEntry], objections: Sequence[Objection]) -> Iterator[str]:
    logged = {entry.note.subject: entry.note for entry in log if entry.note.step in _OF_OBJECTIONS}
    there = {called(round_, one.number): one for one in objections}
    for name in sorted(logged.keys() | there.keys()):
        note, objection = logged.get(name), there.get(name)
        if note is None or objection is None:
            yield _lost_problem(name, is_logged=note is not None)
        elif note.digest != objection.digest or objection.decided_at not in (None, note.at):
            yield _changed_problem(name)


def _lost_problem(name: str, *, is_logged: bool) -> str:
    if is_logged:
        return f"objection {name} is in the log and not in the store; it was taken out"
    return f"objection {name} is in the store and not in the log; it was put in"


def _changed_problem(name: str) -> str:
    return f"objection {name} is not as the log has it; it was changed past the log"


def _versions(store: Store, round_: Round, log: Sequence[RoundLogEntry]) -> Iterator[str]:
    versions = store.ranking_versions.of(round_.id)
    logged = [entry.note.digest for entry in log if entry.note.step in _OF_VERSIONS]
    for number in range(1, max(len(logged), max((one.version for one in versions), default=0)) + 1):
        mine = [one for one in versions if one.version == number]
        bodies = [sha256(store.ranking_versions.body(one) or b"").hexdigest() for one in mine]
        is_whole = bodies == [one.digest for one in mine] and number <= len(logged)
        if not is_whole or digest_of_versions(mine) != logged[number - 1]:
            yield _version_problem(number)


def _version_problem(number: int) -> str:
    return f"version {number} of the ranking is not as the log has it; it was changed past the log"
