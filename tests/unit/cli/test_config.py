"""`thuocdo config check` says what the settings come to."""

import re
from dataclasses import replace

import pytest
import yaml
from typer.testing import CliRunner

from thuocdo.cli import config
from thuocdo.cli.context import CliContext, Language
from thuocdo.reports.storage_seen import limits_of
from thuocdo.store import Store


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Return a function that runs the command with some settings over what ships."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(lang=Language.EN, **settings):
        file = tmp_path / "thuocdo.yaml"
        file.write_text(yaml.safe_dump({"data_dir": "data", **settings}))
        context = CliContext(config_file=file, lang=lang, log_level="info")
        result = CliRunner().invoke(config.app, ["check"], obj=context, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def test_measurements_a_day_and_the_disk_they_take_are_told_by_name(check):
    told = check(keep={"raw_days": 70, "rollup_days": 700}, evidence={"keep_gigabytes": 12})
    assert "Measurements a day by the schedule, from one vantage point:\n  HTTP: " in told
    assert "  Accessibility: " in told
    assert re.search(r"^Disk, at about 15\d bytes a measurement:$", told, re.MULTILINE)
    assert "which do not grow after 70 days (keep.raw_days)" in told
    assert "which do not grow after 700 days (keep.rollup_days)" in told
    assert "  evidence: at most 12 GB" in told
    assert "archive" not in told
    assert "in all after a year: at most 1" in told


def test_on_postgresql_a_month_more_takes_room(check, monkeypatch):
    monkeypatch.setattr(config, "limits_of", lambda settings: replace(limits_of(settings), room_days=31))
    told = check(keep={"raw_days": 70})
    assert "which do not grow after 101 days (keep.raw_days, and a month more: PostgreSQL" in told


def test_the_archive_is_reckoned_where_there_is_one_and_figures_are_in_the_users_language(check):
    told = check(lang=Language.VI, archive_dir="kept")
    assert "kho lưu trữ: " in told
    assert " GB mỗi năm" in told
    assert "Kết nối HTTP: " in told
    assert "0,4 GB" in told


def test_the_size_of_a_measurement_is_the_stores_own_where_it_has_many(check, tmp_path, make_measurement):
    with Store.open(f"sqlite:///{tmp_path}/data/thuocdo.sqlite") as store:
        store.measurements.write([make_measurement(number) for number in range(10_000)])
    assert "bytes a measurement, as the store shows:" in check()
