import errno
import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from thuocdo.core.errors import StoreError, StoreUnavailableError
from thuocdo.store.evidence import EvidenceStore, Expired

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


NOW = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)
GIGABYTE = 1_000_000_000


def aged(store: EvidenceStore, content: bytes, days: float) -> str:
    """Save content as if so many days ago; returns its address."""
    sha256 = store.save("har", content, "application/json").sha256
    at = (NOW - timedelta(days=days)).timestamp()
    os.utime(store.path(sha256), (at, at))
    return sha256


def there(store: EvidenceStore, *addresses: str) -> list[bool]:
    return [store.path(sha256) is not None for sha256 in addresses]


def test_what_is_older_than_the_limit_goes_and_leaves_a_note(tmp_path):
    store = EvidenceStore(tmp_path)
    old, young = aged(store, b"old one", 91), aged(store, b"young", 89)
    assert store.expire(NOW, keep_days=90, keep_gigabytes=1) == Expired(
        files=1, size_bytes=7, left_bytes=5, kept_bytes=0
    )
    assert there(store, old, young) == [False, True]
    assert (store.farewell(old).at, store.farewell(old).size_bytes) == (NOW, 7)
    assert store.farewell(young) is None
    assert store.expire(NOW, keep_days=90, keep_gigabytes=1).files == 0


def test_where_all_is_too_much_the_oldest_goes_first(tmp_path):
    store = EvidenceStore(tmp_path)
    addresses = [aged(store, bytes([number]) * 1000, 9 - number) for number in range(5)]
    assert store.expire(NOW, keep_days=90, keep_gigabytes=2500 / GIGABYTE) == Expired(
        files=3, size_bytes=3000, left_bytes=2000, kept_bytes=0
    )
    assert there(store, *addresses) == [False, False, False, True, True]


def test_what_somebody_rests_on_never_goes_but_takes_its_room(tmp_path):
    store = EvidenceStore(tmp_path)
    kept, other = aged(store, b"k" * 1000, 400), aged(store, b"o" * 1000, 1)
    assert store.expire(NOW, keep_days=90, keep_gigabytes=900 / GIGABYTE, keep={kept}) == Expired(
        files=1, size_bytes=1000, left_bytes=1000, kept_bytes=1000
    )
    assert there(store, kept, other) == [True, False]


def test_nothing_of_the_last_hour_goes_however_little_room_there_is(tmp_path):
    store = EvidenceStore(tmp_path)
    new, older = aged(store, b"new", 0.03), aged(store, b"older", 0.05)
    store.expire(NOW, keep_days=0.001, keep_gigabytes=1e-9)
    assert there(store, new, older) == [True, False]


def test_content_that_is_saved_again_is_young_again(tmp_path):
    store = EvidenceStore(tmp_path)
    shared = aged(store, b"shared", 400)
    store.save("screenshot", b"shared", "image/png")
    assert store.expire(datetime.now(UTC), keep_days=90, keep_gigabytes=1).files == 0
    assert there(store, shared) == [True]


def test_content_that_came_back_is_there_whatever_the_ledger_says(tmp_path):
    store = EvidenceStore(tmp_path)
    sha256 = aged(store, b"again", 400)
    store.expire(NOW, keep_days=90, keep_gigabytes=1)
    aged(store, b"again", 300)
    assert there(store, sha256) == [True]
    store.expire(NOW + timedelta(days=1), keep_days=90, keep_gigabytes=1)
    assert store.farewell(sha256).at == NOW + timedelta(days=1)


def test_leftovers_of_writers_that_died_go_and_what_is_nobodys_stays(tmp_path):
    store = EvidenceStore(tmp_path)
    sha256 = aged(store, b"content", 1)
    folder = store.path(sha256).parent
    for name in (".tmp-abc", "notes.txt"):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (1e9, 1e9))
    (tmp_path / "readme").write_text("not ours")
    tomorrow = datetime.now(UTC) + timedelta(days=1)  # a leftover counts from its last renaming, which is now
    assert store.expire(tomorrow, keep_days=9000, keep_gigabytes=1).files == 1
    assert sorted(path.name for path in folder.iterdir()) == sorted(["expired", "notes.txt", sha256[2:]])
    assert (tmp_path / "readme").exists()


def test_a_file_that_is_saved_anew_while_it_leaves_stays(tmp_path, monkeypatch):
    store = EvidenceStore(tmp_path)
    sha256 = aged(store, b"wanted again", 400)
    real = Path.replace

    def saved_in_between(self, target):
        if "leaving" in str(target):
            store.save("har", b"wanted again", "application/json")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", saved_in_between)
    assert store.expire(NOW, keep_days=90, keep_gigabytes=1) == Expired(
        files=0, size_bytes=0, left_bytes=12, kept_bytes=0
    )
    assert store.path(sha256).read_bytes() == b"wanted again"


def test_a_file_that_another_process_removed_first_is_no_fault(tmp_path, monkeypatch):
    store = EvidenceStore(tmp_path)
    addresses = [aged(store, bytes([number]), 400) for number in range(2)]
    real = Path.replace

    def removed_in_between(self, target):
        self.unlink(missing_ok=True)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", removed_in_between)
    assert store.expire(NOW, keep_days=90, keep_gigabytes=1).files == 0
    assert there(store, *addresses) == [False, False]


def test_no_folder_and_a_strange_ledger_are_no_fault(tmp_path):
    store = EvidenceStore(tmp_path / "none")
    assert store.expire(NOW, keep_days=90, keep_gigabytes=1) == Expired(
        files=0, size_bytes=0, left_bytes=0, kept_bytes=0
    )
    assert store.farewell(SHA256) is None
    ledger = tmp_path / "none" / SHA256[:2] / "expired"
    ledger.parent.mkdir(parents=True)
    ledger.write_bytes(SHA256[2:].encode() + b" \xff\n")
    assert store.farewell(SHA256) is None
    assert store.farewell("../../etc/passwd") is None


def test_a_folder_that_cannot_be_read_is_a_store_error_with_the_place(tmp_path):
    (tmp_path / "evidence").write_text("a file stands here")
    with pytest.raises(StoreError, match=f"{tmp_path}/evidence: evidence cannot expire"):
        EvidenceStore(tmp_path / "evidence").expire(NOW, keep_days=90, keep_gigabytes=1)


SAVE_AND_LET_GO = """
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from thuocdo.store.evidence import EvidenceStore
store = EvidenceStore(Path(sys.argv[1]))
gone = 0
for number in range(150):
    for content in (b"shared", f"{sys.argv[2]} {number}".encode()):
        saved = store.save("har", content, "application/json")
        with suppress(FileNotFoundError):
            os.utime(Path(sys.argv[1], saved.sha256[:2], saved.sha256[2:]), (1e9, 1e9))
    if number % 4 == 0:
        gone += store.expire(datetime.now(UTC), keep_days=90, keep_gigabytes=1).files
print(gone)
"""


def test_processes_that_save_and_let_go_at_once_never_fail_and_leave_only_whole_files(tmp_path):
    """All that is saved is made to look old at once, so that each takes away what the others are saving anew."""
    command = [sys.executable, "-c", SAVE_AND_LET_GO, str(tmp_path)]
    workers = [
        subprocess.Popen([*command, str(number)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for number in range(3)
    ]
    told = [worker.communicate(timeout=300) for worker in workers]
    assert [error for _, error in told] == ["", "", ""]
    assert all(int(gone) > 0 for gone, _ in told)
    left = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "expired"]
    assert [
        path for path in left if hashlib.sha256(path.read_bytes()).hexdigest() != path.parent.name + path.name
    ] == []
