import csv
import errno
import io
import json
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from thuocdo.cli import export
from thuocdo.cli.context import CliContext, Language
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.wire import measurement_from_json
from thuocdo.store import Store

AGENCY = """
agencies:
  - {id: da-nang-2025, block: province, name_vi: Đà Nẵng, name_en: Da Nang, source: test, portals: [
      {id: da-nang-2025, homepage_url: "https://dichvucong.danang.example.vn/", confidence: high, source: test}]}
"""


@pytest.fixture
def run(tmp_path, make_measurement):
    """Return a function that runs the command over a store of four measurements."""
    registry = tmp_path / "registry"
    registry.mkdir()
    (registry / "fleet.yaml").write_text(AGENCY, encoding="utf-8")
    file = tmp_path / "thuocdo.yaml"
    file.write_text(yaml.safe_dump({"data_dir": str(tmp_path / "data"), "registry_dir": str(registry)}))
    (tmp_path / "data").mkdir()
    context = CliContext(config_file=file, lang=Language.VI, log_level="info")
    store = Store.open(context.settings.store_url)
    store.measurements.write([make_measurement(number) for number in range(3)] + [make_measurement(9, kind="homepage")])
    store.close()

    def command(*arguments: str) -> str:
        result = CliRunner().invoke(export.app, list(arguments), obj=context, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout

    return command


def test_measurements_go_to_standard_output_as_csv(run):
    rows = list(csv.DictReader(io.StringIO(run("measurements"))))
    assert [row["kind"] for row in rows] == ["http", "http", "http", "homepage"]


def test_a_kind_and_a_window_narrow_what_is_written(run):
    assert len(run("measurements", "--format", "jsonl", "--kind", "http").splitlines()) == 3
    in_hanoi = ("--since", "2026-11-22T08:02:04", "--until", "2026-11-22T08:02:06")
    lines = run("measurements", "--format", "jsonl", *in_hanoi).splitlines()
    assert [measurement_from_json(line).key.scheduled_at.second for line in lines] == [4, 5]


def test_a_file_appears_whole_and_nothing_is_left_beside_it(run, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    out = folder / "measurements.json"
    assert run("measurements", "--format", "json", "--out", str(out)) == ""
    assert len(json.loads(out.read_text())) == 4
    assert list(folder.iterdir()) == [out]


def test_a_write_that_breaks_keeps_the_old_file_and_leaves_nothing_beside_it(tmp_path):
    out = tmp_path / "measurements.csv"
    out.write_text("old")

    def pieces():
        yield "new"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ConfigurationError, match="No space left"):
        export.write(str(out), pieces())
    assert [file.name for file in tmp_path.iterdir()] == ["measurements.csv"]
    assert out.read_text() == "old"


def test_a_folder_that_does_not_exist_is_a_clear_mistake(tmp_path):
    with pytest.raises(ConfigurationError, match="choose another place"):
        export.write(str(Path(tmp_path / "missing" / "out.csv")), ["text"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--kind", "htp"), "did you mean 'http'"),
        (("--agency", "da-nag-2025"), "did you mean 'da-nang-2025'"),
        (("--round", "2026-11"), "no round '2026-11'"),
    ],
)
def test_an_unknown_name_names_the_nearest(run, arguments, words):
    with pytest.raises(ConfigurationError, match=words):
        run("measurements", *arguments)


def test_a_ranking_is_written_as_csv_and_json(run):
    [row] = csv.DictReader(io.StringIO(run("ranking", "--since", "2026-11-01")))
    assert row["agency_id"] == "da-nang-2025"
    assert json.loads(run("ranking", "--format", "json"))["criteria"]["id"] == "survey-2023"


def test_targets_are_written_as_prometheus_discovers_them(run, tmp_path):
    out = tmp_path / "targets.json"
    assert run("targets", "--format", "file_sd", "--out", str(out)) == ""
    [entry] = json.loads(out.read_text())
    assert entry["targets"] == ["da-nang-2025.home"]
    assert entry["labels"]["__param_module"] == "http"
    assert json.loads(run("targets", "--module", "eform")) == []
    with pytest.raises(ConfigurationError, match="did you mean 'http'"):
        run("targets", "--module", "htp")


@pytest.mark.parametrize("out", ["", ".", "..", "/", "/nonexistent/a", "a/b/c", "/proc/self/x", "x" * 300])
def test_what_is_no_place_for_a_file_is_a_clear_mistake(tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=f"--out {out[:20]}"):
        export.write(out, ["text"])
    assert list(tmp_path.iterdir()) == []


def test_a_device_stays_one():
    """As root a file could take its place: then nothing on this machine could throw anything away."""
    export.write("/dev/null", ["text"])
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    with pytest.raises(ConfigurationError, match="No space left"):
        export.write("/dev/full", ["text"])
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_a_pipe_is_written_to(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    export.write(str(tmp_path / "pipe"), ["text"])
    assert os.read(reader, 100) == b"text"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    os.close(reader)


def test_a_link_stays_one(tmp_path):
    (tmp_path / "elsewhere").write_text("old")
    (tmp_path / "link").symlink_to("elsewhere")
    export.write(str(tmp_path / "link"), ["new"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "elsewhere").read_text() == "new"


def test_a_name_as_long_as_names_may_be_is_one(tmp_path):
    export.write(str(tmp_path / ("x" * 255)), ["text"])
    assert [file.name for file in tmp_path.iterdir()] == ["x" * 255]


def test_what_went_is_told_beside_what_is_written(tmp_path, make_measurement):
    file = tmp_path / "thuocdo.yaml"
    file.write_text(yaml.safe_dump({"data_dir": "data", "archive_dir": "kept"}))
    (tmp_path / "data").mkdir()
    context = CliContext(config_file=file, lang=Language.VI, log_level="info")
    with Store.open(context.settings.store_url) as store:
        store.measurements.write([make_measurement(number) for number in range(3)])
        later = make_measurement().key.scheduled_at + timedelta(days=60)
        store.rollups.roll({}, later)
        list(store.retention.let_go_measurements(store.retention.cut(later, 35), later))

    def asked(*arguments):
        result = CliRunner().invoke(export.app, ["measurements", *arguments], obj=context, catch_exceptions=False)
        assert result.exit_code == 0
        return result

    told = asked()
    assert "Từng kết quả đo được giữ 35 ngày. Các kết quả trước 2026-12-17 00:00 đã được xóa" in told.stderr
    assert "thuocdo archive restore" in told.stderr
    assert "35 ngày" not in told.stdout
    assert asked("--since", "2026-12-18").stderr == ""
