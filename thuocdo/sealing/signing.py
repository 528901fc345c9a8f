"""Signatures as minisign makes and checks them, over the bytes of a file or a text."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import minisign

from thuocdo.sealing.keys import PublicKey, key_id, read_secret_key

SIGNATURE = ".minisig"
"""How the name of a signature's file ends."""

MOST_BYTES = 16_384
"""Of a signature."""


class Signer:
    """
    Signs with an unlocked key; a context manager that forgets it.

    Args:
        key: unlocked.
    """

    def __init__(self, key: minisign.SecretKey) -> None:
        self._key = key
        self.public_key = PublicKey(key.get_public_key().to_base64().decode())

    @classmethod
    def unlocked(cls, file: Path, passphrase: str) -> Self:
        """Return the signer of a secret key's file; raises ConfigurationError as `read_secret_key`."""
        return cls(read_secret_key(file, passphrase))

    def sign(self, content: bytes, at: datetime, name: str) -> str:
        """
        Return the signature as the text of a file.

        Args:
            content: what is signed.
            at: the present instant; minisign shows it, and so it is signed, too.
            name: what is signed, as minisign shows it; ASCII.
        """
        comment = f"timestamp:{int(at.timestamp())}\tfile:{name}\thashed"
        made = self._key.sign(content, trusted_comment=comment, untrusted_comment=f"signature of {name}")
        return bytes(made).decode() + "\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._key.wipe()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature as it stands in a file. key_id: of the key that made it, as minisign shows it."""

    text: str
    key_id: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the signature of a text; raises ValueError where it is none."""
        _parsed(text)
        return cls(text=text, key_id=key_id(text.splitlines()[1]))

    def signer(self, content: bytes, keys: Iterable[PublicKey]) -> PublicKey | None:
        """Return which of the keys made it over a content; None = none of them did."""
        parsed = _parsed(self.text)
        for key in keys:
            try:
                key.parsed().verify(content, parsed)
            except minisign.VerifyError:
                continue
            return key
        return None


def _parsed(text: str) -> minisign.Signature:
    if len(text) > MOST_BYTES:
        raise ValueError(f"a signature has at most {MOST_BYTES} letters")
    try:
        return minisign.Signature.from_bytes(text.encode())
    except minisign.Error as exc:
        raise ValueError(f"no signature of minisign ({exc})") from exc
