"""`thuocdo archive`: what it says, in both languages."""

import json
from datetime import date, timedelta

import pytest
import yaml
from typer.testing import CliRunner

from thuocdo.cli import archive
from thuocdo.cli.context import CliContext, Language
from thuocdo.core.clock import HANOI, now
from thuocdo.core.errors import ConfigurationError
from thuocdo.store import Store

AT = now().astimezone(HANOI).replace(hour=9) - timedelta(days=40)
DAY = AT.date().isoformat()


@pytest.fixture
def product(tmp_path, make_measurement):
    """Return a function that runs a command over a store with five measurements of a closed day."""
    file = tmp_path / "thuocdo.yaml"
    file.write_text(yaml.safe_dump({"data_dir": "data", "archive_dir": "kept"}))
    (tmp_path / "data").mkdir()
    context = CliContext(config_file=file, lang=Language.EN, log_level="info")
    with Store.open(context.settings.store_url) as store:
        made = [make_measurement(n, scheduled_at=AT + timedelta(minutes=n), started_at=AT) for n in range(5)]
        store.measurements.write(made)

    def run(*arguments, lang=Language.EN):
        asked = CliContext(config_file=file, lang=lang, log_level="info")
        asked.console.width = 200
        result = CliRunner().invoke(archive.app, list(arguments), obj=asked, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    run.store_url = context.settings.store_url
    return run


def test_closed_days_are_written_into_the_folder_of_the_settings(product, tmp_path):
    assert f"1 files with 5 measurements written into {tmp_path}/kept." in product("write")
    assert "0 files with 0 measurements" in product("write")
    assert (tmp_path / "kept" / f"{DAY}.http.parquet").is_file()
    assert "Đã ghi 0 tệp" in product("write", lang=Language.VI)


def test_what_is_there_is_listed(product, tmp_path):
    assert "Nothing is archived in" in product("list")
    product("write")
    told = product("list", lang=Language.VI)
    assert DAY in told
    assert " 5 " in told
    [line] = product("list", "--json").splitlines()
    told = json.loads(line)
    assert {name: told[name] for name in ("day", "kind", "part", "measurements")} == {
        "day": DAY, "kind": "http", "part": 1, "measurements": 5
    }  # fmt: skip


def test_a_day_is_put_back_and_it_is_said_what_was_done(product):
    product("write")
    assert f"{DAY}: 0 measurements put back, 5 were there already." in product("restore", DAY)
    with Store.open(product.store_url) as store:
        while store.rollups.roll({}, now()):
            pass
        # The first time marked the day: as if that had been long ago.
        list(store.retention.let_go_measurements(store.retention.cut(now(), 35), now() + timedelta(days=8)))
        assert store.measurements.count() == 0
    told = product("restore", DAY)
    assert f"{DAY}: 5 measurements put back, 0 were there already." in told
    assert "They stay until" in told
    assert "in no roll-up" not in told
    assert f"{DAY}: đã khôi phục 0 kết quả đo" in product("restore", DAY, lang=Language.VI)


def test_an_unknown_day_is_named(product):
    with pytest.raises(ConfigurationError, match="'yesterday' is no day"):
        product("restore", "yesterday")
    missing = (date.fromisoformat(DAY) - timedelta(days=1)).isoformat()
    product("write")
    with pytest.raises(ConfigurationError, match=f"nothing is archived of {missing}"):
        product("restore", DAY, missing)
