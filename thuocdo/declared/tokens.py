"""Tokens by which an agency's program proves whose figures it brings: shown once, kept as a digest."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

from thuocdo.core.model import IntakeToken

PREFIX = "tdo_"
"""So that programs that look for secrets in code know one when they see it."""

LONGEST = 200


def new_token(agency_id: str, name: str, made_by: str, now: datetime) -> tuple[str, IntakeToken]:
    """Return a token, to be shown once, and what is kept of it."""
    token = PREFIX + secrets.token_urlsafe(32)
    return token, IntakeToken(digest=digest_of(token), agency_id=agency_id, name=name, made_by=made_by, made_at=now)


def digest_of(token: str) -> str:
    """Return the SHA-256 of a token, hexadecimal; 256 random bits need no slower hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def holder(token: str, tokens: Iterable[IntakeToken]) -> IntakeToken | None:
    """Return what is kept of a token that is valid; None for any other text."""
    if not token.startswith(PREFIX) or len(token) > LONGEST or not token.isascii():
        return None
    digest = digest_of(token)
    found = None
    for one in tokens:  # all of them, so that nobody can time how far it came
        if hmac.compare_digest(one.digest, digest) and one.withdrawn_at is None:
            found = one
    return found
