"""Standard input, output and error that are closed, full, or that nobody reads: the exit code still tells, and nothing ends."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from thuocdo.store import Store

pytestmark = pytest.mark.turns(share=0.5)

NO_BROWSER = {"THUOCDO_BROWSER": "/nonexistent/chromium"}


@pytest.fixture
def settings(fleet, tmp_path):
    return fleet.settings(tmp_path, browser={"path": "/nonexistent/chromium"})


def ended(product, settings, *command, closed=(), **files):
    """Run a command with some of its standard files closed, and others given."""

    def close():
        for number in closed:
            os.close(number)

    files = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | files
    return subprocess.run(
        product.command("--config", settings, *command),
        cwd=product.root,
        preexec_fn=close,
        check=False,
        timeout=300,
        env=os.environ | NO_BROWSER,
        **files,
    )


@pytest.mark.sampled(share=0.25, each="command")
@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
@pytest.mark.parametrize("command", [("rank",), ("config", "check")])
def test_closed_files_lead_nowhere(product, settings, closed, command):
    files = {name: subprocess.DEVNULL for number, name in ((1, "stdout"), (2, "stderr")) if number in closed}
    done = ended(product, settings, *command, closed=closed, **files)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in (done.stderr or b"")


def test_an_output_without_room_is_unavailability_in_one_line(product, settings, monkeypatch):
    monkeypatch.setenv("THUOCDO_LANG", "en")
    with Path("/dev/full").open("w") as full:
        done = ended(product, settings, "rank", "--format", "json", stdout=full)
    assert done.returncode == 3
    assert done.stderr.decode().splitlines()[-1].startswith("no space is left on the disk")
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.sampled(share=1 / 3)
@pytest.mark.parametrize("command", [("rank", "--format", "json"), ("rank",), ("export", "measurements")])
def test_a_reader_that_went_away_is_no_finding(product, settings, command):
    reader, writer = os.pipe()
    os.close(reader)
    done = ended(product, settings, *command, stdout=writer)
    os.close(writer)
    assert done.returncode == 0
    assert done.stderr.decode().strip() == ""


def _full():
    return os.open("/dev/full", os.O_WRONLY)


def _unread():
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("open_log", [_full, _unread])
def test_a_log_without_room_or_reader_ends_no_run_and_loses_no_measurement(product, settings, tmp_path, open_log):
    """The disk of the log is often that of the data: what says so must not be what ends the program."""
    log = open_log()
    with Store.open(f"sqlite:///{tmp_path}/data/thuocdo.sqlite") as store:
        running = subprocess.Popen(
            product.command("--config", settings, "--log-level", "debug", "run"),
            cwd=product.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env=os.environ | NO_BROWSER,
        )
        os.close(log)
        try:
            product.wait_until(lambda: store.measurements.count() > 5, "measurements")
            assert running.poll() is None
        finally:
            running.terminate()
            assert running.wait(300) == 0


def test_whoever_stops_it_while_it_is_being_loaded_sees_no_traceback(product, settings):
    """At each of some modules that are loaded on the way."""
    for module in ("structlog", "typer", "pydantic", "rich", "pandas", "sqlalchemy"):
        command = [product.command()[0], "-X", "importtime", *product.command("--config", settings, "rank")[1:]]
        with subprocess.Popen(
            command,
            cwd=product.root,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # whoever runs the tests may ignore it
        ) as running:
            said, is_stopped = [], False
            for line in running.stderr:
                said.append(line)
                if module.encode() in line and not is_stopped:
                    is_stopped = True  # asked again, it may be asked while it ends, where nobody can catch it
                    running.send_signal(signal.SIGINT)
            assert running.wait(300) in (-signal.SIGINT, 130), module
        assert b"Traceback" not in b"".join(said)
