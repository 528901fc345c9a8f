import errno
import hashlib
from pathlib import Path

import pytest

from thuocdo.errors import StoreError, StoreUnavailableError
from thuocdo.store.evidence import EvidenceStore

CONTENT = b"\x89PNG picture"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def test_content_is_kept_under_its_hash(tmp_path):
    store = EvidenceStore(tmp_path / "evidence")
    evidence = store.save("screenshot", CONTENT, "image/png")
    assert (evidence.kind, evidence.sha256, evidence.media_type, evidence.size_bytes) == (
        "screenshot",
        SHA256,
        "image/png",
        12,
    )
    path = store.path(SHA256)
    assert path == tmp_path / "evidence" / SHA256[:2] / SHA256[2:]
    assert path.read_bytes() == CONTENT


def test_the_same_content_is_kept_once(tmp_path):
    store = EvidenceStore(tmp_path)
    store.save("screenshot", CONTENT, "image/png")
    first = store.path(SHA256).stat()
    store.save("other", CONTENT, "image/png")
    assert store.path(SHA256).stat().st_ino == first.st_ino
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [SHA256[2:]]


def test_a_file_that_lost_power_emptied_is_written_again(tmp_path):
    store = EvidenceStore(tmp_path)
    store.save("screenshot", CONTENT, "image/png")
    store.path(SHA256).write_bytes(b"")
    store.save("screenshot", CONTENT, "image/png")
    assert store.path(SHA256).read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, f"{SHA256}/..", f"{SHA256}\n", "0" * 64])
def test_a_name_that_is_no_stored_hash_has_no_path(tmp_path, name):
    store = EvidenceStore(tmp_path)
    store.save("screenshot", CONTENT, "image/png")
    assert store.path(name) is None


def test_a_folder_that_cannot_be_made_is_a_store_error_with_the_place(tmp_path):
    (tmp_path / "evidence").write_text("a file stands here")
    with pytest.raises(StoreError, match=f"{tmp_path}/evidence: evidence cannot be written"):
        EvidenceStore(tmp_path / "evidence").save("screenshot", CONTENT, "image/png")


def test_a_full_disk_is_unavailable_and_leaves_no_half_file(tmp_path, monkeypatch):
    def full(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreUnavailableError, match="No space left"):
        EvidenceStore(tmp_path).save("screenshot", CONTENT, "image/png")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
