"""Checks of what was measured: records in their chains, checkpoints, counts; and the way of the records into a store."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from thuocdo.core.errors import StoreError, StoreUnavailableError
from thuocdo.core.model import Measurement
from thuocdo.sealing.chain import ChainedAgent, Checkpoint, measurement_of_record
from thuocdo.sealing.checkpoints import CHECKPOINTS, checkpoints_in
from thuocdo.sealing.findings import Findings, Tampering
from thuocdo.sealing.frozen import KeyRole, ListedKey
from thuocdo.sealing.keys import PublicKey
from thuocdo.sealing.manifest import NAME, RoundCounting, RoundManifest, SealedChain
from thuocdo.sealing.records import FollowedChain, evidence_root
from thuocdo.sealing.seal_checks import small_file
from thuocdo.sealing.signing import Signature
from thuocdo.store import Store

MOST_LINE_BYTES = 64 << 20
"""Of one record; the largest is some 100 kB."""

ROWS_PER_WRITE = 1000


def read_checkpoints(
    folder: Path, manifest: RoundManifest, listed: Sequence[ListedKey], given: Sequence[PublicKey], findings: Findings
) -> list[Checkpoint]:
    """
    Return the checkpoints whose signatures hold.

    Args:
        folder: of the package.
        manifest: of the package.
        listed: keys that the plan lists; where none of a machine is among them, the key of the seal counts.
        given: keys that whoever verifies got elsewhere.
        findings: take what is wrong.
    """
    machines = [PublicKey(one.key) for one in listed if one.role is KeyRole.MEASURES]
    keys = machines or [PublicKey(manifest.key), *given]
    found: list[Checkpoint] = []
    content = small_file(folder, CHECKPOINTS, findings)
    try:
        for number, signed in enumerate(checkpoints_in(content or b""), start=1):
            told = signed.told()
            where = f"{CHECKPOINTS}:{number}"
            signature = Signature.read(signed.signature)
            if signature.signer(signed.checkpoint.encode(), keys) is not None and told.round_id == manifest.round_id:
                found.append(told)
            elif signature.key_id in {key.id for key in keys} or told.round_id != manifest.round_id:
                findings.report(
                    Tampering.BROKEN_CHECKPOINT,
                    where,
                    f"the checkpoint of {told.day} was changed since the machine signed it",
                )
            else:
                findings.report(
                    Tampering.FOREIGN_SIGNATURE,
                    where,
                    f"the checkpoint of {told.day} is signed by key {signature.key_id}, which is no machine's of the plan",
                )
    except ValueError as exc:
        findings.report(Tampering.BROKEN_CHECKPOINT, CHECKPOINTS, f"cannot be read: {exc}")
    return found


class RecordChecks:
    """
    Goes through the records of a package once, and puts their measurements into a store on the way.

    Args:
        folder: of the package.
        manifest: of the package.
        checkpoints: whose signatures hold.
        findings: take what is wrong.
        seen: is told of each measurement.
    """

    def __init__(
        self,
        folder: Path,
        manifest: RoundManifest,
        checkpoints: Sequence[Checkpoint],
        findings: Findings,
        seen: Callable[[Measurement], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._manifest = manifest
        self._checkpoints = checkpoints
        self._findings = findings
        self._seen = seen
        self._counting = RoundCounting(manifest.counts.planned)
        self.number = 0

    def run(self, store: Store, assessed: Sequence[str]) -> None:
        """
        Check all records.

        Args:
            store: takes their measurements.
            assessed: digests of the evidence of what people assessed.
        """
        followed = []
        for sealed in self._manifest.chains:
            try:
                chain = FollowedChain(
                    self._manifest.round_id,
                    ChainedAgent.named(sealed.agent),
                    [one for one in self._checkpoints if one.agent == sealed.agent],
                )
            except ValueError:
                self._findings.report(
                    Tampering.CHANGED_RECORD, NAME, f"'{sealed.agent}' is no vantage point with an engine"
                )
                continue
            self._follow(chain, store)
            self._compare(chain, sealed)
            followed.append(chain.sealed())
        if self._counting.counts() != self._manifest.counts:
            self._findings.report(
                Tampering.WRONG_COUNTS,
                NAME,
                "its counts are not those of the records: it tells of other measurements than these",
            )
        if evidence_root(followed, assessed) != self._manifest.evidence_root:
            self._findings.report(
                Tampering.SWAPPED_EVIDENCE,
                NAME,
                "the root of the evidence is another: records or assessments name other evidence than was sealed",
            )

    def _follow(self, chain: FollowedChain, store: Store) -> None:
        """Go through one file, and store what it holds."""
        waiting: list[Measurement] = []
        for number, line in self._lines(chain.path):
            where = f"{chain.path}:{number}"
            try:
                measurement, late = measurement_of_record(line)
            except ValueError as exc:
                self._findings.report(Tampering.CHANGED_RECORD, where, f"this is no record of a measurement: {exc}")
                continue
            if measurement.round_id != self._manifest.round_id or ChainedAgent.of(measurement) != chain.agent:
                self._findings.report(
                    Tampering.ADDED_RECORD, where, "this measurement belongs to another round, vantage point or engine"
                )
            if late != chain.is_late(measurement):
                self._findings.report(
                    Tampering.CHANGED_RECORD,
                    where,
                    "whether it is late does not go with the checkpoint before it: it was moved, or its mark was changed",
                )
            chain.add(line, measurement)
            self._counting.add(measurement)
            self._seen(measurement)
            self.number += 1
            waiting.append(measurement)
            if len(waiting) >= ROWS_PER_WRITE:
                self._store(store, chain, waiting)
                waiting = []
        self._store(store, chain, waiting)

    def _store(self, store: Store, chain: FollowedChain, measurements: Sequence[Measurement]) -> None:
        try:
            twice = len(measurements) - store.measurements.write(measurements)
        except StoreUnavailableError:
            raise
        except StoreError as exc:
            self._findings.report(
                Tampering.CHANGED_RECORD, chain.path, f"no store takes what it holds: {exc.__cause__}"
            )
            return
        if twice:
            self._findings.report(
                Tampering.ADDED_RECORD,
                chain.path,
                f"of its measurements {twice} stand in it twice: one of each was put in",
            )

    def _compare(self, chain: FollowedChain, sealed: SealedChain) -> None:
        """Compare a chain with what was sealed of it, and with its checkpoints."""
        count, path = chain.chain.count, chain.path
        if count < sealed.count:
            self._findings.report(
                Tampering.REMOVED_RECORD,
                path,
                f"it had {sealed.count} measurements when it was sealed, and has {count}: {sealed.count - count} were removed",
            )
        elif count > sealed.count:
            self._findings.report(
                Tampering.ADDED_RECORD,
                path,
                f"it had {sealed.count} measurements when it was sealed, and has {count}: {count - sealed.count} were put in",
            )
        elif chain.sealed() != sealed:
            self._findings.report(
                Tampering.CHANGED_RECORD,
                path,
                "the chain ends in another value than the sealed one: a measurement was changed, or their order was",
            )
        for before, reached in chain.broken_at[:1]:
            self._findings.report(
                Tampering.BROKEN_CHECKPOINT,
                path,
                f"records {before.count + 1 if before else 1} to {reached.count} are not those that the machine signed on "
                f"{reached.day}: something among them was changed afterwards",
            )
        for missed in chain.missed[:1]:
            self._findings.report(
                Tampering.REMOVED_RECORD,
                path,
                f"the machine signed {missed.count} records on {missed.day}, these are {count}: some were removed afterwards",
            )

    def _lines(self, path: str) -> Iterator[tuple[int, bytes]]:
        file = self._folder / path
        if not file.is_file():
            return
        with file.open("rb") as content:
            number = 0
            while line := content.readline(MOST_LINE_BYTES + 1):
                number += 1
                if len(line) > MOST_LINE_BYTES:
                    self._findings.report(
                        Tampering.CHANGED_RECORD,
                        f"{path}:{number}",
                        f"a line of more than {MOST_LINE_BYTES} bytes is no record",
                    )
                    return
                yield number, line.removesuffix(b"\n")
