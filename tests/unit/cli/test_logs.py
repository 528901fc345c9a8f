"""The log for machines: one line of JSON each, whoever writes it, with its gravity where systemd's journal reads it."""

import json
import logging
import os
import subprocess
import sys

import pytest
import structlog
from typer.testing import CliRunner

import thuocdo.cli
from thuocdo.cli import app, logs
from thuocdo.cli.context import CliContext
from thuocdo.cli.logs import LogFormat, set_up_logging
from thuocdo.core.errors import ConfigurationError


@pytest.fixture
def said(capsys):
    """Give what was written to standard error, line by line."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers = list(root.handlers)
    yield lambda: capsys.readouterr().err.splitlines()
    structlog.configure(**before)
    root.handlers[:] = handlers


def test_each_line_is_json_with_the_keys_of_its_event(said):
    set_up_logging("info", LogFormat.JSON, "judge")
    log = structlog.get_logger()
    log.debug("nobody asked for it")
    log.warning("một dòng\nhai dòng", target="hue.home", problems=["a", "b"], path=logs, odd="\ud800")
    try:
        raise ValueError("Nguyễn Văn An 079203001234")
    except ValueError:
        log.exception("a probe broke", target="hue.home")
    log.info("x" * 20_000)
    first, broke, long = map(json.loads, said())
    assert list(first)[:4] == ["timestamp", "level", "command", "event"]
    assert (first["level"], first["command"], first["event"]) == ("warning", "judge", "một dòng\nhai dòng")
    assert (first["target"], first["problems"]) == ("hue.home", ["a", "b"])
    assert "ValueError: …" in broke["exception"]
    assert len(long["event"]) == 16_001


def test_what_libraries_say_is_such_a_line_too_and_without_its_values(said):
    formatter = logs._LibraryJson(logs.JsonLines("web", in_journal=False))
    fault = ValueError("079203001234")
    record = logging.LogRecord("asyncio", logging.ERROR, "x", 1, f"a task broke\n{fault!r}", (), (None, fault, None))
    line = json.loads(formatter.format(record))
    assert (line["level"], line["library"], line["event"]) == ("error", "asyncio", "a task broke")
    assert "079203001234" not in str(line)
    assert line["exception"]


@pytest.mark.parametrize("form", LogFormat)
def test_the_journal_is_told_how_grave_a_line_is(said, monkeypatch, tmp_path, form):
    with (tmp_path / "journal").open("w") as file:
        found = os.fstat(file.fileno())
        monkeypatch.setattr(logs.os, "fstat", lambda number: found)
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        set_up_logging("info", form)
        structlog.get_logger().warning("w")
        structlog.get_logger().error("e")
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino + 1}")
        set_up_logging("info", form)
        structlog.get_logger().warning("redirected into a file")
    prefixes = [line[:3] for line in said()]
    assert prefixes[:2] == ["<4>", "<3>"]
    assert prefixes[2] != "<4>"


def test_settings_decide_where_nobody_asked(said, tmp_path):
    file = tmp_path / "thuocdo.yaml"
    file.write_text("log_format: json\n")
    for asked, is_json in ((None, True), (LogFormat.CONSOLE, False)):
        set_up_logging("info", asked or LogFormat.CONSOLE)
        context = CliContext(config_file=file, lang=None, log_level="info", log_format=asked)
        assert context.settings.log_format == "json"
        assert logs.is_json() is is_json
        passed = context.arguments("judge")
        assert ("--log-format" in passed) is (asked is not None)


def test_an_unknown_level_or_format_is_refused(said):
    with pytest.raises(ConfigurationError, match="'loud' is none of"):
        set_up_logging("loud")
    assert CliRunner().invoke(app, ["--log-format", "xml", "doctor"]).exit_code == 2


def test_a_program_that_gives_up_says_so_in_json():
    command = [sys.executable, "-m", "thuocdo", "--log-format", "json", "--config", "/nowhere.yaml", "doctor"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    [line] = [json.loads(line) for line in done.stderr.splitlines()]
    assert (done.returncode, line["exit_code"], line["level"], line["command"]) == (2, 2, "error", "doctor")
    assert "/nowhere.yaml" in line["event"]
    assert thuocdo.cli.set_up_logging is set_up_logging
