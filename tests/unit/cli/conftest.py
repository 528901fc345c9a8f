"""A folder with all that ships, or with one round of four agencies, and the real command run in it."""

import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
import yaml
from typer.testing import CliRunner

from thuocdo import cli
from thuocdo.core.model import Conditions, Measurement, MeasurementKey, Observation, Outcome, PageKind, Reason, Round
from thuocdo.store import Store

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of one's own with all that ships, and settings that lead there; the command runs in it."""
    for name in ("portals", "schedules", "criteria", "scenarios/journeys"):
        shutil.copytree(ROOT / name, tmp_path / Path(name).name, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copyfile(ROOT / "dashboards" / "owners.yaml", tmp_path / "owners.yaml")
    settings = {
        "data_dir": "data",
        "registry_dir": "portals",
        "criteria_dir": "criteria",
        "journeys_dir": "journeys",
        "schedule": "schedules/default.yaml",
        "maintenance": "schedules/maintenance.yaml",
        "owners": "owners.yaml",
    }
    (tmp_path / "thuocdo.yaml").write_text(yaml.safe_dump(settings))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def said(folder, monkeypatch, capsys):
    """Return a function that runs a command to its end, and gives the lines it told on standard error."""
    monkeypatch.setattr(cli, "lose_no_interrupt", lambda: None)

    def run_(*arguments, code=2):
        monkeypatch.setattr(sys, "argv", ["thuocdo", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr().err.replace(f"{folder}/", "").splitlines()
        assert ended.value.code == code, told
        return told

    return run_


REGISTRY = """
agencies:
{agencies}
"""
AGENCY = """
  - id: {id}
    block: {block}
    name_vi: {name}
    name_en: {name}
    source: test
    portals:
      - {{id: {id}, homepage_url: "https://{id}.example/", family: unknown, confidence: high, source: test}}
"""
AGENCIES = {
    "nhanh": ("province", 1.0),
    "cham": ("province", 9.0),
    "hong": ("province", None),
    "bo-mau": ("ministry", 2.0),
}
NOW = datetime.now(UTC)


def measurement(agency: str, index: int, seconds: float | None) -> Measurement:
    at = NOW - timedelta(hours=1) + timedelta(seconds=index)
    key = MeasurementKey(
        target_id=f"{agency}.home", kind="homepage", vantage_id="local", profile="desktop", scheduled_at=at
    )
    reason = None if seconds else Reason.CAPTCHA
    times = dict.fromkeys(("fcp_seconds", "lcp_seconds", "load_seconds", "longest_task_seconds"), seconds or 0.0)
    return Measurement(
        key=key,
        agency_id=agency,
        started_at=at,
        duration_seconds=1.0,
        observation=Observation(
            outcome=reason.outcome if reason else Outcome.OK,
            reason=reason,
            page_kind=None if reason else PageKind.PORTAL,
            values={} if reason else times,
        ),
        conditions=Conditions(),
        round_id="r1",
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A settings file with a registry of four agencies and a store that holds one round."""
    portals = tmp_path / "portals"
    portals.mkdir()
    text = "".join(AGENCY.format(id=name, block=block, name=name) for name, (block, _) in AGENCIES.items())
    (portals / "all.yaml").write_text(REGISTRY.format(agencies=text), encoding="utf-8")
    file = tmp_path / "thuocdo.yaml"
    file.write_text("data_dir: data\nregistry_dir: portals\ncriteria_set: website-2025\nlang: en\n", encoding="utf-8")
    (tmp_path / "data").mkdir()
    store = Store.open(f"sqlite:///{tmp_path}/data/thuocdo.sqlite")
    store.rounds.begin(Round(id="r1", label="Đợt 1", started_at=NOW - timedelta(hours=1), planned=24))
    store.measurements.write(
        [measurement(name, index, seconds) for name, (_, seconds) in AGENCIES.items() for index in range(6)]
    )
    store.rounds.end("r1", NOW)
    store.close()
    return file


@pytest.fixture
def call(config: Path):
    def run(*arguments: str):
        return CliRunner().invoke(cli.app, ["--config", str(config), *arguments])

    yield run
    structlog.reset_defaults()  # the command line set logging up for the runner's own standard error, which is closed now
