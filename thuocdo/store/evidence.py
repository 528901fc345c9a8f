"""Evidence: files in a folder, addressed by the SHA-256 of their content."""

import hashlib
import re
from pathlib import Path
from tempfile import NamedTemporaryFile

from thuocdo.model import Evidence
from thuocdo.store.failures import of_file

_SHA256 = re.compile(r"[0-9a-f]{64}")


class EvidenceStore:
    """
    Content-addressed files: <folder>/ab/cdef….

    A file appears whole or not at all; the same content is kept once, whoever saves it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        """
        Keep the content (already redacted) and return its address.

        Raises:
            StoreUnavailableError: the disk is full. StoreError: the folder cannot be written.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        try:
            # A loss of power may leave an empty file under the right name: its size tells, and it is written again.
            if not path.is_file() or path.stat().st_size != len(content):
                _write_whole(path, content)
        except OSError as exc:
            raise of_file(exc, self._folder, "evidence cannot be written") from exc
        return Evidence(kind=kind, sha256=sha256, media_type=media_type, size_bytes=len(content))

    def path(self, sha256: str) -> Path | None:
        """Return the file with this address; None where there is none, or where this is no address at all."""
        if not _SHA256.fullmatch(sha256):
            return None
        path = self._path(sha256)
        return path if path.is_file() else None

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256[2:]


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".tmp-", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.close()
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
