"""What may be wrong with the package of a sealed round, and what a verification found."""

from dataclasses import dataclass
from enum import StrEnum

from thuocdo.sealing.manifest import RoundManifest
from thuocdo.sealing.timestamping import Stamp


class Tampering(StrEnum):
    """Kinds of findings; each is told in words of its own."""

    NO_PACKAGE = "no_package"
    CHANGED_FILE = "changed_file"
    MISSING_FILE = "missing_file"
    ADDED_FILE = "added_file"
    SWAPPED_EVIDENCE = "swapped_evidence"
    NO_SIGNATURE = "no_signature"
    BROKEN_SIGNATURE = "broken_signature"
    FOREIGN_SIGNATURE = "foreign_signature"
    WRONG_STAMP = "wrong_stamp"
    CHANGED_PLAN = "changed_plan"
    OTHER_SEED = "other_seed"
    OTHER_INSTANT = "other_instant"
    CHANGED_RECORD = "changed_record"
    REMOVED_RECORD = "removed_record"
    ADDED_RECORD = "added_record"
    BROKEN_CHECKPOINT = "broken_checkpoint"
    WRONG_COUNTS = "wrong_counts"
    OTHER_RESULTS = "other_results"
    NOT_RECOMPUTED = "not_recomputed"
    BROKEN_CHAIN_OF_ROUNDS = "broken_chain_of_rounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFinding:
    """
    One thing that is wrong.

    where: file of the package, and line; empty = the whole. text: what it is and what it means, in English, to be retold.
    """

    tampering: Tampering
    where: str
    text: str

    @property
    def line(self) -> str:
        """Where and what, as one line."""
        return f"{self.where}: {self.text}" if self.where else self.text


class Findings:
    """Collects what is wrong, in the order in which it is found; the same is told once."""

    def __init__(self) -> None:
        self._found: list[SealFinding] = []

    def report(self, tampering: Tampering, where: str, text: str) -> None:
        """Note a finding; see SealFinding."""
        finding = SealFinding(tampering=tampering, where=where, text=text)
        if finding not in self._found:
            self._found.append(finding)

    def all(self) -> tuple[SealFinding, ...]:
        """Return what was found."""
        return tuple(self._found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """
    Whose signature a manifest bears.

    key_id: as minisign shows it. name: as the plan lists it, empty = it lists no keys. is_compared: it is a key that was given.
    """

    key_id: str
    name: str = ""
    is_compared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnAgain:
    """
    What drawing the instants of a planned round again came to.

    drawn: instants, at all vantage points. met: of them at which there is a measurement. made_up: measurements at others, which
    make up for what came to nothing. more: at others, although nothing was lacking.
    """

    drawn: int
    met: int
    made_up: int
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """
    What a verification came to.

    manifest: None = there is none that can be read. manifest_sha256: names the sealed round. signed: None = by nobody that
    counts. stamp: None = there is no token, or it is wrong. records: that were gone through. checkpoints: whose signatures hold.
    is_recomputed: the results were computed again, to the byte. is_previous_compared: so was the round before. instants: None =
    they were not drawn.
    """

    findings: tuple[SealFinding, ...]
    manifest: RoundManifest | None = None
    manifest_sha256: str = ""
    signed: Signed | None = None
    stamp: Stamp | None = None
    records: int = 0
    checkpoints: int = 0
    is_recomputed: bool = False
    is_previous_compared: bool = False
    instants: DrawnAgain | None = None
