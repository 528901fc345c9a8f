"""Checkpoints as they lie in a package: one line each, what was signed as a text, and the machine's signature of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import TypeAdapter, ValidationError

from thuocdo.sealing.canonical import canonical
from thuocdo.sealing.chain import Checkpoint, checkpoint_of
from thuocdo.sealing.signing import Signer

CHECKPOINTS = "checkpoints.jsonl"
_NAME = "checkpoint.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """checkpoint: canonical JSON, as it was signed. signature: text of a file of minisign."""

    checkpoint: str
    signature: str

    @classmethod
    def made(cls, checkpoint: Checkpoint, signer: Signer) -> Self:
        """Return a checkpoint with a signature of its own instant."""
        text = checkpoint.text()
        return cls(checkpoint=text, signature=signer.sign(text.encode(), checkpoint.at, _NAME))

    def told(self) -> Checkpoint:
        """Return what was signed; raises ValueError where it is no checkpoint."""
        return checkpoint_of(self.checkpoint)


_SIGNED = TypeAdapter(SignedCheckpoint)


def checkpoints_to_lines(signed: Iterable[SignedCheckpoint]) -> bytes:
    """Return the file, ordered by agent, length of the chain and instant."""

    def order(one: SignedCheckpoint) -> tuple[str, int, datetime]:
        told = one.told()
        return told.agent, told.count, told.at

    return b"".join(canonical(_SIGNED.dump_python(one)) + b"\n" for one in sorted(signed, key=order))


def checkpoints_in(content: bytes) -> Iterator[SignedCheckpoint]:
    """Yield what the lines of a file hold; raises ValueError at one that holds no checkpoint."""
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            yield _SIGNED.validate_json(line)
        except ValidationError as exc:
            raise ValueError(f"line {number} is no signed checkpoint ({exc.error_count()} mistakes)") from exc
