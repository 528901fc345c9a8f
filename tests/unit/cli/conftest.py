"""A folder with all that ships, and the real command run in it."""

import shutil
import sys
from pathlib import Path

import pytest
import yaml

from thuocdo import cli

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
