"""SQLite and evidence on disks that are full or cannot be written: real file systems, real limits."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from thuocdo.core.errors import StoreError, StoreUnavailableError
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore

NOBODY = 65534


@pytest.fixture
def small_disk(tiny_disk):
    """A file system of 1 MB."""
    return tiny_disk("1m")


def mount(*arguments):
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False).returncode == 0


def fill(store, make_measurement):
    """Write until nothing fits any more; return how many rows went in."""
    for number in range(1000):
        try:
            store.measurements.write([make_measurement(number, detail="x" * 10_000)])
        except StoreError as exc:
            return number, exc
    raise AssertionError("the disk never became full")


def test_a_full_disk_is_unavailable_and_earlier_rows_are_intact(small_disk, make_measurement):
    store = Store.open(f"sqlite:///{small_disk}/thuocdo.sqlite")
    # Something else fills the disk; room for a few rows is left.
    (small_disk / "other").write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 200_000))
    written, error = fill(store, make_measurement)
    assert isinstance(error, StoreUnavailableError)
    assert "free space on that disk, what is stored is intact" in str(error)
    assert written > 0
    assert [row.observation.detail for row in store.measurements.find()] == ["x" * 10_000] * written
    (small_disk / "other").unlink()
    assert store.measurements.write([make_measurement(2000)]) == 1
    store.close()


def test_evidence_on_a_full_disk_is_unavailable_and_leaves_no_half_file(small_disk):
    store = EvidenceStore(small_disk / "evidence")
    kept = store.save("screenshot", b"small", "image/png")
    with pytest.raises(StoreUnavailableError, match="No space left on device"):
        store.save("screenshot", b"x" * 2_000_000, "image/png")
    assert [path for path in small_disk.rglob("*") if path.is_file()] == [store.path(kept.sha256)]


def test_a_new_store_on_a_full_disk_is_unavailable(small_disk):
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "other").write_bytes(b"x" * 2_000_000)
    with pytest.raises(StoreUnavailableError, match="free space"):
        Store.open(f"sqlite:///{small_disk}/thuocdo.sqlite")


def test_a_file_size_limit_is_unavailable_and_earlier_rows_are_intact(tmp_path, make_measurement):
    store = Store.open(f"sqlite:///{tmp_path}/thuocdo.sqlite")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
    try:
        written, error = fill(store, make_measurement)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(error, StoreUnavailableError)
    assert written > 0
    assert store.measurements.count() == written
    assert store.measurements.write([make_measurement(2000)]) == 1
    store.close()


@contextmanager
def as_nobody():
    """Root may write everywhere, so its tests take another user's rights for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def guarded():
    """A folder that nobody but its owner may write."""
    with tempfile.TemporaryDirectory(prefix="td-") as name:
        folder = Path(name)
        yield folder
        folder.chmod(0o755)


def test_a_folder_without_rights_is_a_store_error(guarded):
    guarded.chmod(0o555)
    with as_nobody(), pytest.raises(StoreError, match="unable to open database file; make folder and file writable"):
        Store.open(f"sqlite:///{guarded}/thuocdo.sqlite")
    with as_nobody(), pytest.raises(StoreError, match="Permission denied; make folder and file writable"):
        Store.open(f"sqlite:///{guarded}/data/thuocdo.sqlite")
    with as_nobody(), pytest.raises(StoreError, match="Permission denied"):
        EvidenceStore(guarded).save("screenshot", b"x", "image/png")


def test_a_file_without_rights_is_a_store_error_and_stays_as_it_is(guarded, make_measurement):
    path = guarded / "thuocdo.sqlite"
    store = Store.open(f"sqlite:///{path}")
    store.measurements.write([make_measurement()])
    store.close()
    before = path.read_bytes()
    guarded.chmod(0o777)
    path.chmod(0o444)
    with as_nobody(), pytest.raises(StoreError, match="readonly database; make folder and file writable") as caught:
        Store.open(f"sqlite:///{path}").measurements.write([make_measurement(1)])
    assert not isinstance(caught.value, StoreUnavailableError)
    assert path.read_bytes() == before


def test_a_read_only_file_system_is_a_store_error(small_disk, make_measurement):
    store = Store.open(f"sqlite:///{small_disk}/thuocdo.sqlite")
    store.measurements.write([make_measurement()])
    store.close()
    assert mount("-o", "remount,ro", small_disk)
    with pytest.raises(StoreError, match=f"{small_disk}/thuocdo.sqlite: .*make folder and file writable"):
        Store.open(f"sqlite:///{small_disk}/thuocdo.sqlite").measurements.write([make_measurement(1)])
    with pytest.raises(StoreError, match="Read-only file system; make folder and file writable"):
        EvidenceStore(small_disk).save("screenshot", b"x", "image/png")


HOLD = """
import sys
from thuocdo.store import Store
store = Store.open(sys.argv[1])
store.measurements.count()
print("open", flush=True)
sys.stdin.read()
"""


def test_a_disk_that_can_be_written_again_is_written_again(small_disk, make_measurement):
    """Whatever a process opened meanwhile stays read-only, and what it opens beside that, too."""
    url = f"sqlite:///{small_disk}/thuocdo.sqlite"
    # Another process has it open since before, as each of a run has: else nothing could be opened at all.
    command = [sys.executable, "-c", HOLD, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "open\n"
        assert mount("--bind", small_disk, small_disk)
        try:
            assert mount("-o", "remount,bind,ro", small_disk)
            store = Store.open(url)
            with (
                store._database.reading() as one,
                store._database.reading() as another,
            ):  # several lie idle, as everywhere
                assert one.exec_driver_sql("SELECT 1").scalar() == another.exec_driver_sql("SELECT 1").scalar()
            for _ in range(3):
                with pytest.raises(StoreUnavailableError):
                    store.measurements.write([make_measurement()])
        finally:
            subprocess.run(["umount", "--lazy", str(small_disk)], check=True)
        assert store.measurements.write([make_measurement()]) == 1
        store.close()
        other.communicate()
