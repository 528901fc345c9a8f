"""What a round goes through after it was measured, and the log of who did what, a chain of hashes."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

NOTHING_BEFORE = "0" * 64
"""What the first entry of a log holds in place of the hash of the one before."""


class RoundState(StrEnum):
    """
    Where a round is on its way to the public, in this order; PUBLISHED and CORRECTED alone are public.

    ENDED: of rounds without a plan, which know no seal, draft or reply: measured, and not published.
    """

    MEASURING = "measuring"
    ENDED = "ended"
    SEALED = "sealed"
    DRAFT = "draft"
    REPLY = "reply"
    APPROVED = "approved"
    PUBLISHED = "published"
    CORRECTED = "corrected"


class RoundStep(StrEnum):
    """What people do with a round that was measured; some of it moves the round on, all of it is logged."""

    SEAL = "seal"
    SIGN_POINTS = "sign_points"
    DRAFT = "draft"
    REPLY = "reply"
    REMIND = "remind"
    OBJECT = "object"
    DECIDE = "decide"
    RETEST = "retest"
    VERSION = "version"
    OVERRULE = "overrule"
    SILENCE = "silence"
    APPROVE = "approve"
    PUBLISH = "publish"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundNote:
    """
    What is to be written into the log of a round.

    by: who did it. subject: what of the round it is about: number of an objection, what was overruled, until when agencies may
    reply. digest: SHA-256 (hex) of what it was about; empty = nothing but what the note itself says. signature: by the key of
    `by`, empty where the step takes none.
    """

    at: datetime
    round_id: str
    step: RoundStep
    by: str
    subject: str = ""
    reason: str = ""
    digest: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLogEntry:
    """
    A note in the log.

    number: from 1, over all rounds, without a gap. previous: hash of the entry before. hash: SHA-256 (hex) of all the rest.
    """

    number: int
    note: RoundNote
    previous: str
    hash: str


def entered(note: RoundNote, number: int, previous: str) -> RoundLogEntry:
    """Return a note as the entry of a number, after the entry whose hash is `previous`."""
    return RoundLogEntry(number=number, note=note, previous=previous, hash=hash_of(note, number, previous))


def hash_of(note: RoundNote, number: int, previous: str) -> str:
    """Return the hash of an entry: the SHA-256 of the JSON array of its parts, in hex."""
    at = note.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = (note.round_id, note.step.value, note.by, note.subject, note.reason, note.digest, note.signature)
    return digest_of([number, at, *parts, previous])


def digest_of(value: object) -> str:
    """Return the SHA-256 (hex) of JSON values in one form: keys in order, no spaces, letters as they are."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def same_person(one: str, other: str) -> bool:
    """Tell whether two names are those of one person, however they are spaced, capitalised or composed."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()
