"""
What people sign, and whether they did: a statement of a few lines, signed with minisign.

The statement is a text file that anybody can read and sign with the plain program on a machine of their own
(`minisign -Sm FILE`); a secret key never comes near ours.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from thuocdo.core.model import RoundStep

FORMAT = "thuocdo round statement 1"

_PLAIN, _HASHED = b"Ed", b"ED"
_HEAD_BYTES, _KEY_NUMBER_BYTES = 2, 8
_SIGNATURE_BYTES = 64
_COMMENT, _TRUSTED = "untrusted comment: ", "trusted comment: "
_LINES = 4


class Verifies(Protocol):
    """Tells whether a signature is somebody's; see `verify_minisign`."""

    def __call__(self, public_key: str, signed: bytes, signature: str) -> None:
        """Raise ValueError where the signature of these bytes was not made with the key."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStatement:
    """
    What somebody signs about a round.

    by: as the plan writes the name. subject, reason: as the log keeps them. digest: SHA-256 of what it is about.
    """

    round_id: str
    label: str
    step: RoundStep
    by: str
    digest: str
    subject: str = ""
    reason: str = ""

    def text(self) -> bytes:
        """Return the lines that are signed, each ended; no part holds a line break."""
        parts = {
            "round": f"{self.round_id} ({self.label})",
            "step": self.step.value,
            "by": self.by,
            "sha256": self.digest,
            "subject": self.subject,
            "reason": self.reason,
        }
        lines = [FORMAT, *(f"{name}: {value}" for name, value in parts.items() if value)]
        return "".join(f"{line}\n" for line in lines).encode()


def verify_minisign(public_key: str, signed: bytes, signature: str) -> None:
    """
    Look whether a signature file of minisign, of either kind, is by a key and of these bytes.

    Args:
        public_key: the second line of the public key's file.
        signed: what was signed.
        signature: text of the signature's file.

    Raises:
        ValueError: it is no such file, by another key, or of something else.
    """
    key = base64.b64decode(public_key)
    number = key[_HEAD_BYTES : _HEAD_BYTES + _KEY_NUMBER_BYTES]
    kind, by, made, comment, of_both = _parts(signature)
    if by != number:
        raise ValueError(
            f"it was made with key {_named(by)}, and the plan lists key {_named(number)}; sign with that one. A round's keys do "
            "not change: where one was lost, somebody else whom the plan lists for this signs"
        )
    holder = Ed25519PublicKey.from_public_bytes(key[_HEAD_BYTES + _KEY_NUMBER_BYTES :])
    try:
        holder.verify(made, hashlib.blake2b(signed).digest() if kind == _HASHED else signed)
        holder.verify(of_both, made + comment.encode())
    except InvalidSignature:
        raise ValueError(
            "it is of another text, or was changed; write the statement anew (--to-sign) and sign that"
        ) from None


def _parts(signature: str) -> tuple[bytes, bytes, bytes, str, bytes]:
    """Return kind, key number, signature, trusted comment, and the signature over both."""
    lines = signature.splitlines()
    try:
        if len(lines) != _LINES or not lines[0].startswith(_COMMENT) or not lines[2].startswith(_TRUSTED):
            raise ValueError("lines")
        head, of_both = (base64.b64decode(line, validate=True) for line in lines[1::2])
        kind, rest = head[:_HEAD_BYTES], head[_HEAD_BYTES:]
        if kind not in (_PLAIN, _HASHED) or len(rest) != _KEY_NUMBER_BYTES + _SIGNATURE_BYTES:
            raise ValueError("kind")
    except (binascii.Error, ValueError) as exc:
        raise ValueError("it is no signature of minisign; give the file that `minisign -Sm` wrote") from exc
    return kind, rest[:_KEY_NUMBER_BYTES], rest[_KEY_NUMBER_BYTES:], lines[2].removeprefix(_TRUSTED), of_both


def _named(number: bytes) -> str:
    """Return a key's number as minisign writes it."""
    return number[::-1].hex().upper()
