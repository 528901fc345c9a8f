"""
The manifest of a sealed round: what belongs to the package, to the byte, and what it rests on. Its signature is the seal.

manifest.json is canonical JSON; its SHA-256 names the sealed round wherever it is named: in the manifest of the next round, and
in that of its correction.
"""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from thuocdo.core.model import OWN_REASONS, Measurement, Outcome
from thuocdo.core.version import __version__
from thuocdo.reports.times import TIMES_METHOD_VERSION
from thuocdo.score.scorecard import METHOD_VERSION
from thuocdo.sealing.canonical import canonical
from thuocdo.sealing.keys import PublicKey

FORMAT = 1
"""Of a package; a program refuses one that it does not know."""

NAME = "manifest.json"
SIGNATURE_NAME = f"{NAME}.minisig"
TOKEN_NAME = f"{NAME}.tsr"
BESIDE = frozenset({NAME, SIGNATURE_NAME, TOKEN_NAME})
"""What stands in a package and not in its manifest."""

SATURATED = "saturated"
"""Beside the reasons: why a run's times take no part."""

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """One file of a package. path: within it."""

    path: Annotated[str, Field(min_length=1, max_length=1000)]
    size_bytes: _Count
    sha256: _Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedChain:
    """
    The chain of one agent.

    path: of its records. count: of them. head: value after the last one. late: how many are marked so. evidence: how many pieces
    the records name, evidence_root: root of the Merkle tree over their digests, in the order of the records.
    """

    agent: str
    path: str
    count: _Count
    head: _Digest
    late: _Count
    evidence: _Count
    evidence_root: _Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """
    What was planned and what came of it.

    planned: probes of the plan. done: measurements, retakes included. ended: by how they ended. excluded: by reason, those that
    take no part in a rank for something at us; a run on a busy prober is `saturated`.
    """

    planned: _Count
    done: _Count = 0
    ended: Mapping[str, _Count] = field(default_factory=dict)
    excluded: Mapping[str, _Count] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBefore:
    """A sealed round that this one follows: its id, and the SHA-256 of its manifest."""

    round_id: str
    manifest_sha256: _Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCorrection:
    """That a package corrects another of its round. number: from 1. cause: for people. manifest_sha256: of the corrected."""

    number: Annotated[int, Field(ge=1)]
    cause: Annotated[str, Field(min_length=1)]
    manifest_sha256: _Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundManifest:
    """
    What a package says of itself.

    versions: of program, methods, Python and the libraries that reckon. chains: by agent. evidence_root: root of the Merkle tree
    over the chains' own roots and those of the assessments' evidence. previous: the round that was sealed before, None = this is
    the first here. seed: that instants and draws came from, hex, revealed; None = the round committed to none. profiles: of which
    times are compared. key: that signs.
    """

    format: int
    round_id: str
    label: str
    sealed_at: AwareDatetime
    simulated: bool
    versions: Mapping[str, str]
    counts: Counts
    chains: tuple[SealedChain, ...]
    evidence_root: _Digest
    profiles: tuple[str, ...]
    seed: _Digest | None
    previous: SealedBefore | None
    correction: SealedCorrection | None
    key: str
    files: tuple[SealedFile, ...]

    def to_json(self) -> bytes:
        """Return it as the file."""
        return canonical(_MANIFEST.dump_python(self, mode="json"))


_MANIFEST = TypeAdapter(RoundManifest)


def read_round_manifest(content: bytes) -> RoundManifest:
    """
    Return what a file says.

    Raises:
        ValueError: it is no manifest of a sealed round, or of a format that this program does not know.
    """
    try:
        document: Any = _JSON.validate_json(content)
    except ValidationError as exc:
        raise ValueError("it is no JSON, and so no manifest of a sealed round") from exc
    if isinstance(document, dict) and document.get("format") not in (FORMAT, None):
        raise ValueError(f"its format is {document['format']!r}, this program knows {FORMAT}; update thuocdo")
    try:
        found = _MANIFEST.validate_python(document)
        PublicKey(found.key)
    except ValidationError as exc:
        raise ValueError(f"it is no manifest of a sealed round ({exc.error_count()} mistakes)") from exc
    return found


_JSON: TypeAdapter[Any] = TypeAdapter(Any)


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes as hex."""
    return sha256(content).hexdigest()


def versions() -> dict[str, str]:
    """Return what a result may depend on besides data."""
    return {
        "thuocdo": __version__,
        "method": METHOD_VERSION,
        "times_method": str(TIMES_METHOD_VERSION),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "pandas")},
    }


class RoundCounting:
    """Counts measurements as they are gone through; planned: probes of the plan."""

    def __init__(self, planned: int) -> None:
        self._planned = planned
        self._ended = dict.fromkeys(Outcome, 0)
        self._excluded: dict[str, int] = {}

    def add(self, measurement: Measurement) -> None:
        """Count one."""
        seen = measurement.observation
        self._ended[seen.outcome] += 1
        reason = seen.reason.value if seen.reason in OWN_REASONS else SATURATED if measurement.is_spoilt else ""
        if reason:
            self._excluded[reason] = self._excluded.get(reason, 0) + 1

    def counts(self) -> Counts:
        """Return what was counted."""
        return Counts(
            planned=self._planned,
            done=sum(self._ended.values()),
            ended={outcome.value: number for outcome, number in self._ended.items()},
            excluded=dict(sorted(self._excluded.items())),
        )
