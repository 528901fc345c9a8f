"""What a backup says of itself: by which version it was made, of what, and the digest of every file in it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

FORMAT = 1
NAME = "manifest.json"
"""The last file of a backup: one that was cut short has none."""

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFile:
    """One file of a backup. path: within it."""

    path: Annotated[str, Field(min_length=1, max_length=1000)]
    size_bytes: Annotated[int, Field(ge=0)]
    sha256: _Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """
    What a backup says of itself.

    format: of the backup; a program refuses one it does not know. version: of the program. engine: sqlite or postgresql.
    schema_revision: of the tables. made_at: when the database was copied. sessions, evidence: whether these are in it.
    """

    format: int
    version: str
    engine: str
    schema_revision: str
    made_at: datetime
    sessions: bool
    evidence: bool
    files: tuple[PackedFile, ...]

    def to_json(self) -> bytes:
        """Return it as a file."""
        document = _MANIFEST.dump_python(self, mode="json")
        return json.dumps(document, ensure_ascii=False, indent=1).encode()


_MANIFEST = TypeAdapter(Manifest)


def read_manifest(content: bytes) -> Manifest:
    """
    Return what a file says.

    Raises:
        ValueError: it is no manifest, or of a format that this program does not know.
    """
    try:
        document: Any = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise ValueError("its manifest is no JSON") from exc
    if isinstance(document, dict) and document.get("format") != FORMAT:
        raise ValueError(f"its format is {document.get('format')!r}, this program knows {FORMAT}; update thuocdo")
    try:
        return _MANIFEST.validate_python(document)
    except ValidationError as exc:
        raise ValueError(f"its manifest says nothing sensible ({exc.error_count()} mistakes)") from exc
