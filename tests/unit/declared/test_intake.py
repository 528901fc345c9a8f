"""What was accepted lies on the disk until it is taken up, and is the same however often it is brought."""

import errno
from datetime import timedelta

import pytest

from tests.unit.declared.conftest import NOW
from thuocdo.declared import intake as room
from thuocdo.declared.intake import Intake, ReceiptState
from thuocdo.declared.taking import Brought


def brought(content=b"a;b", **more):
    return Brought(name="a.csv", content=content, entered_by="may", received_at=NOW, **more)


def test_what_was_accepted_waits_and_comes_back_as_it_was(tmp_path):
    receipt, is_new = Intake(tmp_path).accept(brought(b"\x00\xff", period="2026-10", sheet="x"), "tinh-a", 7)
    assert (is_new, receipt.state, receipt.rows) == (True, ReceiptState.WAITING, 7)
    ((found, again),) = Intake(tmp_path).waiting()  # another process, after a crash
    assert (found, again) == (receipt, brought(b"\x00\xff", period="2026-10", sheet="x"))


def test_bringing_twice_is_bringing_once(tmp_path):
    intake = Intake(tmp_path)
    first, _ = intake.accept(brought(), "tinh-a", 1)
    assert intake.accept(brought(), "tinh-a", 1) == (first, False)
    intake.close(first, ReceiptState.TAKEN, rows=1)
    again, is_new = intake.accept(brought(), "tinh-a", 1)
    assert (again.state, is_new, intake.waiting()) == (ReceiptState.TAKEN, False, [])


@pytest.mark.parametrize("other", [{"agency": "tinh-b"}, {"period": "2026-09"}, {"sheet": "x"}, {"content": b"c"}])
def test_another_agency_month_sheet_or_content_is_something_else(tmp_path, other):
    intake = Intake(tmp_path)
    intake.accept(brought(), "tinh-a", 1)
    agency = other.pop("agency", "tinh-a")
    assert intake.accept(brought(**other), agency, 1)[1]


def test_what_became_of_it_can_be_asked_for_later(tmp_path):
    intake = Intake(tmp_path)
    receipt, _ = intake.accept(brought(), "tinh-a", 1)
    intake.close(receipt, ReceiptState.REFUSED, problems=["a.csv: a unit has gone"])
    found = Intake(tmp_path).receipt(receipt.id)
    assert (found.state, found.problems, found.rows) == (ReceiptState.REFUSED, ("a.csv: a unit has gone",), 0)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 40 + "/", "A" * 40, "0" * 40])
def test_what_is_no_receipt_is_none(tmp_path, name):
    assert Intake(tmp_path).receipt(name) is None


def test_a_full_disk_keeps_nothing_half(tmp_path, monkeypatch):
    def full(_path, _content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(room, "write_whole", full)
    with pytest.raises(OSError, match="No space"):
        Intake(tmp_path).accept(brought(), "tinh-a", 1)
    assert Intake(tmp_path).waiting() == []


def test_too_many_that_wait_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "MOST_WAITING", 2)
    intake = Intake(tmp_path)
    for number in range(2):
        intake.accept(brought(bytes([number])), "tinh-a", 1)
    with pytest.raises(BlockingIOError):
        intake.accept(brought(b"more"), "tinh-a", 1)


def test_old_receipts_go_and_what_waits_stays(tmp_path):
    intake = Intake(tmp_path)
    done, _ = intake.accept(brought(), "tinh-a", 1)
    intake.close(done, ReceiptState.TAKEN, rows=1)
    waiting, _ = intake.accept(brought(b"more"), "tinh-a", 1)
    assert intake.forget(NOW + timedelta(days=40_000)) == 1
    assert (intake.receipt(done.id), intake.receipt(waiting.id)) == (None, waiting)


def test_a_file_that_a_disk_spoilt_keeps_nobody_waiting(tmp_path):
    intake = Intake(tmp_path)
    spoilt, _ = intake.accept(brought(b"one"), "tinh-a", 1)
    intake.accept(brought(b"two"), "tinh-a", 1)
    (tmp_path / "waiting" / f"{spoilt.id}.json").write_bytes(b"{")
    assert [one.content for _, one in intake.waiting()] == [b"two"]
