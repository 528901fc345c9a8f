"""Figures that agencies brought are taken up once, whatever happens between."""

import os
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from thuocdo.core.config import Settings
from thuocdo.core.errors import StoreUnavailableError
from thuocdo.declared.intake import KEPT_DAYS, Intake, ReceiptState
from thuocdo.declared.taking import Brought
from thuocdo.processes.taking_in import TakingIn
from thuocdo.store import Store

NOW = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)
CSV = "Đơn vị;Kỳ;Quá hạn\nSở X;10/2026;3\n"


@pytest.fixture
def settings(tmp_path):
    goals = tmp_path / "goals"
    goals.mkdir()
    units = [{"id": "so-x", "kind": "Sở", "name_vi": "Sở X", "name_en": "X"}]
    (goals / "da-nang-2025.yaml").write_text(
        yaml.safe_dump({"agency": "da-nang-2025", "units": units}), encoding="utf-8"
    )
    return Settings(data_dir=tmp_path / "data", goals_dir=goals)


@pytest.fixture
def store(settings):
    settings.data_dir.mkdir()
    with Store.open(settings.store_url) as opened:
        yield opened


@pytest.fixture
def accepted(settings):
    def accept(content=CSV, **more):
        brought = Brought(name="a.csv", content=content.encode(), entered_by="may", received_at=NOW, **more)
        return Intake(settings.intake_dir).accept(brought, "da-nang-2025", 1)[0]

    return accept


@pytest.fixture
def dropped(settings):
    def drop(content=CSV, name="a.csv", agency="da-nang-2025", seconds=60):
        path = settings.intake_dir / "drop" / agency / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        at = (NOW - timedelta(seconds=seconds)).timestamp()
        os.utime(path, (at, at))
        return path

    return drop


def state(settings, receipt):
    return Intake(settings.intake_dir).receipt(receipt.id).state


def test_nothing_that_waits_is_nothing_done(settings, store):
    assert TakingIn(settings, store).once(NOW) == 0


def test_what_was_accepted_is_taken_up_once(settings, store, accepted):
    receipt = accepted()
    taking = TakingIn(settings, store)
    assert (taking.once(NOW), taking.once(NOW)) == (1, 0)
    assert state(settings, receipt) is ReceiptState.TAKEN
    ((file),) = store.declared.files()
    assert (file.entered_by, file.received_at, file.rows[0].counts) == ("may", NOW, {"late": 3})


def test_receipts_that_are_too_old_go_when_something_comes_in(settings, store, accepted):
    taking = TakingIn(settings, store)
    old = accepted()
    taking.once(NOW)
    file = settings.intake_dir / "done" / f"{old.id}.json"
    at = (NOW - timedelta(days=KEPT_DAYS + 1)).timestamp()
    os.utime(file, (at, at))
    assert taking.once(NOW) == 0
    assert file.exists()
    new = accepted(content=CSV.replace("3", "4"))
    assert taking.once(NOW) == 1
    assert not file.exists()
    assert state(settings, new) is ReceiptState.TAKEN


def test_killed_between_store_and_receipt_it_is_taken_once(settings, store, accepted, monkeypatch):
    receipt = accepted()
    with monkeypatch.context() as patched:
        patched.setattr(Intake, "close", lambda *_, **__: (_ for _ in ()).throw(OSError("killed here")))
        with pytest.raises(OSError, match="killed here"):
            TakingIn(settings, store).once(NOW)
    assert TakingIn(settings, store).once(NOW) == 0
    assert state(settings, receipt) is ReceiptState.KNOWN
    assert len(store.declared.files()) == 1


def test_a_store_that_is_away_lets_everything_wait(settings, store, accepted, monkeypatch):
    receipt = accepted()
    with monkeypatch.context() as patched:
        patched.setattr(store.declared, "add", lambda _: (_ for _ in ()).throw(StoreUnavailableError("away")))
        with pytest.raises(StoreUnavailableError):
            TakingIn(settings, store).once(NOW)
    assert state(settings, receipt) is ReceiptState.WAITING
    assert TakingIn(settings, store).once(NOW) == 1


def test_what_no_longer_fits_is_refused_with_its_reason_and_the_next_is_taken(settings, store, accepted):
    refused = accepted(CSV.replace("Sở X", "Sở Y"))
    taken = accepted()
    assert TakingIn(settings, store).once(NOW) == 1
    found = Intake(settings.intake_dir).receipt(refused.id)
    assert found.state is ReceiptState.REFUSED
    assert "nobody knows a unit 'Sở Y'" in found.problems[0]
    assert state(settings, taken) is ReceiptState.TAKEN


def test_a_file_in_the_folder_is_taken_and_laid_aside(settings, store, dropped):
    path = dropped()
    assert TakingIn(settings, store).once(NOW) == 1
    assert not path.exists()
    assert (path.parent / "taken" / "a.csv").read_text(encoding="utf-8") == CSV
    dropped()
    assert TakingIn(settings, store).once(NOW) == 0
    assert (path.parent / "taken" / "a-2.csv").exists()


def test_a_file_with_mistakes_is_laid_aside_with_all_of_them_beside(settings, store, dropped):
    path = dropped("Đơn vị;Kỳ;Quá hạn\nSở X;10/2026;ba\nSở X;9/2026;hai\n")
    assert TakingIn(settings, store).once(NOW) == 0
    told = (path.parent / "refused" / "a.csv.txt").read_text(encoding="utf-8").splitlines()
    assert [one.partition(";")[0] for one in told] == [
        "a.csv, line 2, column 3: 'ba' không phải số nguyên",
        "a.csv, line 3, column 3: 'hai' không phải số nguyên",
    ]
    assert TakingIn(settings, store).once(NOW) == 0
    assert store.declared.files() == []


def test_a_file_that_is_still_written_is_left_alone(settings, store, dropped):
    path = dropped(seconds=3)
    assert TakingIn(settings, store).once(NOW) == 0
    assert path.exists()


@pytest.mark.parametrize("name", [".a.csv", "~$a.xlsx"])
def test_what_programs_leave_while_somebody_writes_is_no_file(settings, store, dropped, name):
    path = dropped(name=name)
    assert TakingIn(settings, store).once(NOW) == 0
    assert path.exists()


def test_a_folder_of_nobody_is_refused(settings, store, dropped):
    path = dropped(agency="ai-do")
    assert TakingIn(settings, store).once(NOW) == 0
    assert "ai-do" in (path.parent / "refused" / "a.csv.txt").read_text(encoding="utf-8")


def test_a_link_is_not_followed(settings, store, dropped, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(CSV, encoding="utf-8")
    path = dropped()
    path.unlink()
    path.symlink_to(secret)
    assert TakingIn(settings, store).once(NOW) == 0
    assert path.is_symlink()
