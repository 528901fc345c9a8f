"""Old evidence goes by itself, with what the settings and the store say must stay."""

import asyncio
import os
from pathlib import Path

import pytest
import structlog

from thuocdo.core.clock import now
from thuocdo.core.config import Settings
from thuocdo.core.model import Assessment
from thuocdo.core.setting_groups import EvidenceSettings
from thuocdo.processes import expiry
from thuocdo.processes.expiry import expire_evidence, expiring_evidence
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore

DAY_SECONDS = 86_400


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", evidence=EvidenceSettings(keep_days=30))


def aged(settings: Settings, content: bytes, days: float) -> str:
    kept = EvidenceStore(settings.evidence_dir)
    sha256 = kept.save("har", content, "application/json").sha256
    at = now().timestamp() - days * DAY_SECONDS
    path = kept.path(sha256)
    assert path is not None
    os.utime(path, (at, at))
    return sha256


def is_there(settings: Settings, sha256: str) -> bool:
    return EvidenceStore(settings.evidence_dir).path(sha256) is not None


def test_evidence_that_a_person_entered_stays_however_old(settings: Settings) -> None:
    entered, other = aged(settings, b"document", 999), aged(settings, b"{}", 31)
    store = Store.open(settings.store_url)
    store.assessments.save(
        Assessment(
            agency_id="a",
            criteria_set_id="c",
            criterion_id="d",
            points=1.0,
            entered_by="somebody",
            entered_at=now(),
            evidence_sha256=entered,
        )
    )
    store.close()
    assert expire_evidence(settings).files == 1
    assert (is_there(settings, entered), is_there(settings, other)) == (True, False)


def test_that_what_must_stay_takes_too_much_is_told(settings: Settings) -> None:
    small = settings.model_copy(update={"evidence": EvidenceSettings(keep_gigabytes=1e-9)})
    store = Store.open(small.store_url)
    assessment = Assessment(
        agency_id="a",
        criteria_set_id="c",
        criterion_id="d",
        points=1.0,
        entered_by="somebody",
        entered_at=now(),
        evidence_sha256=aged(small, b"document", 1),
    )
    store.assessments.save(assessment)
    store.close()
    with structlog.testing.capture_logs() as logs:
        expire_evidence(small)
    assert [entry["log_level"] for entry in logs] == ["warning"]
    assert "evidence.keep_gigabytes" in logs[0]["event"]


async def test_old_evidence_goes_while_the_block_runs(settings: Settings) -> None:
    old = aged(settings, b"old", 31)
    async with expiring_evidence(settings), asyncio.timeout(60):
        while is_there(settings, old):
            await asyncio.sleep(0.01)


async def test_a_store_that_does_not_open_costs_nothing_but_a_line_in_the_log(settings: Settings) -> None:
    old = aged(settings, b"old", 31)
    (settings.data_dir / "thuocdo.sqlite").write_bytes(b"this is no database" * 100)
    with structlog.testing.capture_logs() as logs:
        async with expiring_evidence(settings), asyncio.timeout(60):
            while not logs:
                await asyncio.sleep(0.01)
    assert "could not be let go" in logs[0]["event"]
    assert is_there(settings, old)  # what must be kept is not known: nothing goes


async def looked(settings, looks, number):
    """Let it look so often."""
    async with expiring_evidence(settings), asyncio.timeout(60):
        while len(looks) < number:
            await asyncio.sleep(0.001)


async def test_a_clock_that_jumped_ahead_takes_no_evidence_with_it_at_once(settings, monkeypatch):
    """A year ahead everything is old; an hour later somebody may have put it right."""
    looks, clocks = [], []

    class Steps:
        def look(self):
            return clocks.pop(0) if clocks else 2

    def look(_):
        looks.append(len(clocks))

    clocks[:] = [0, 0, 1, 1, 2, 2]
    monkeypatch.setattr(expiry, "ClockSteps", Steps)
    monkeypatch.setattr(expiry, "expire_evidence", look)
    monkeypatch.setattr(expiry, "EVERY_SECONDS", 0.001)
    await looked(settings, looks, 5)
    assert looks[:5] == [5, 4, 2, 0, 0]


async def test_no_fault_whatsoever_keeps_it_from_looking_again(settings, monkeypatch):
    looks = []

    def broken(_):
        looks.append(1)
        raise KeyError("sha256")

    monkeypatch.setattr(expiry, "expire_evidence", broken)
    monkeypatch.setattr(expiry, "EVERY_SECONDS", 0.001)
    await looked(settings, looks, 3)
