"""What was found about how a portal treats our visits, and what people said to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TreatmentCause(StrEnum):
    """What was noticed."""

    FASTER_FOR_US = "faster_for_us"
    LIGHTER_FOR_US = "lighter_for_us"
    OTHER_TEXT = "other_text"
    OTHER_ANSWER = "other_answer"
    LIGHTER_IN_ROUND = "lighter_in_round"
    EMPTIED_IN_ROUND = "emptied_in_round"
    NOTICE_IN_ROUND = "notice_in_round"


class TreatmentState(StrEnum):
    """What people think of a finding: nobody has said, it has a good reason, it is so, it is nothing."""

    NEW = "new"
    EXPLAINED = "explained"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentFinding:
    """
    Something a person should look at; it never changes a score.

    occasion: the round, or the control's visits, that it is about: of a target, a cause and an occasion there is one.
    numbers: what it rests on, by name. first_at, last_at: of the visits that it rests on. evidence: SHA-256 of pictures.
    """

    target_id: str
    agency_id: str
    cause: TreatmentCause
    occasion: str
    first_at: datetime
    last_at: datetime
    numbers: Mapping[str, float]
    found_at: datetime
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentNote:
    """What somebody said to a finding: a decision with its reason, or (state None) what an agency answered, or a comparison."""

    at: datetime
    by: str
    reason: str
    state: TreatmentState | None = None
