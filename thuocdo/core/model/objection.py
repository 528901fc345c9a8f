"""What an agency holds against the figures of a round, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from thuocdo.core.model.measurement import Evidence
from thuocdo.core.model.round_log import digest_of

MOST_RETESTS = 2
"""Of one target in one round."""


class ObjectionKind(StrEnum):
    """What is held against a figure; a closed list, each with its way of being looked into."""

    WRONG_TARGET = "wrong_target"
    NOT_OURS = "not_ours"
    MAINTENANCE = "maintenance"
    BLOCKED = "blocked"
    ELSEWHERE = "elsewhere"
    VALUE = "value"
    METHOD = "method"


class Ruling(StrEnum):
    """How an objection was decided."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retest:
    """
    A target was measured again because of an objection: beside the round, whose figure it never replaces.

    measured_as: id of the round that holds its measurements. by: who asked for it.
    """

    target_id: str
    measured_as: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """
    One objection.

    number: within its round, from 1. target_id: None = it is about the agency as a whole. evidence: files of the agency's in the
    evidence store. taken_by: who entered it. late: it came after the window had closed. ruling: None = it is open. leaves_out: by
    the decision the agency has no rank in this round.
    """

    round_id: str
    number: int
    kind: ObjectionKind
    agency_id: str
    target_id: str | None = None
    claim: str
    evidence: tuple[Evidence, ...] = ()
    received_at: datetime
    taken_by: str
    late: bool = False
    ruling: Ruling | None = None
    ruling_reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    leaves_out: bool = False
    retests: tuple[Retest, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided it yet."""
        return self.ruling is None

    @property
    def changes_ranking(self) -> bool:
        """Whether it was decided so that the ranking is computed anew; what is held against the method changes no ranking."""
        return self.ruling in (Ruling.ACCEPTED, Ruling.PARTLY) and self.kind is not ObjectionKind.METHOD

    def decided(self, ruling: Ruling, reason: str, by: str, at: datetime, *, leaves_out: bool) -> Self:
        """Return it as it was decided."""
        return replace(self, ruling=ruling, ruling_reason=reason, decided_by=by, decided_at=at, leaves_out=leaves_out)

    def values(self) -> Mapping[str, Any]:
        """Return all of it as JSON values by name; instants as ISO 8601 in UTC."""
        return {
            "round_id": self.round_id,
            "number": self.number,
            "kind": self.kind.value,
            "agency_id": self.agency_id,
            "target_id": self.target_id,
            "claim": self.claim,
            "evidence": [
                {"kind": one.kind, "sha256": one.sha256, "media_type": one.media_type, "size_bytes": one.size_bytes}
                for one in self.evidence
            ],
            "received_at": _iso(self.received_at),
            "taken_by": self.taken_by,
            "late": self.late,
            "ruling": self.ruling.value if self.ruling else None,
            "ruling_reason": self.ruling_reason,
            "decided_by": self.decided_by,
            "decided_at": _iso(self.decided_at) if self.decided_at else None,
            "leaves_out": self.leaves_out,
            "retests": [
                {"target_id": one.target_id, "measured_as": one.measured_as, "at": _iso(one.at), "by": one.by}
                for one in self.retests
            ],
        }

    @property
    def digest(self) -> str:
        """
        The SHA-256 (hex) of all of it but when it was decided: stands in the log beside each step that changed it.

        That instant is the log's own: whoever signs a decision does so before it is written.
        """
        return digest_of({name: value for name, value in self.values().items() if name != "decided_at"})


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
