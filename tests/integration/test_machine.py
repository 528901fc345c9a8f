"""What a machine does to us: too few files, too little memory, no letters, a closed terminal, another one on the same folder."""

import asyncio
import fcntl
import os
import resource
import shutil
import signal
import subprocess
import sys
import termios
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from thuocdo.agent import ondemand
from thuocdo.core.config import load_settings
from thuocdo.core.errors import UnknownTargetError
from thuocdo.store import Store

pytestmark = pytest.mark.turns(share=0.5)

NO_BROWSER = {"THUOCDO_BROWSER": "/nonexistent/chromium"}
HTTP_ONLY = ("--runs", "http=1", "--runs", "homepage=0", "--runs", "eform=0", "--runs", "accessibility=0")


@pytest.fixture
def settings(fleet, tmp_path):
    return fleet.settings(tmp_path, browser={"path": "/nonexistent/chromium"})


def limited(command, number=None, size=None, **options):
    """Run a command under a limit of this kind."""

    def limit():
        if number is not None:
            resource.setrlimit(number, (size, size))

    return subprocess.run(
        command, preexec_fn=limit, capture_output=True, text=True, check=False, timeout=200, **options
    )


def test_few_open_files_mean_a_slower_round_and_a_word(product, settings):
    command = product.command("--config", settings, "round", "few", *HTTP_ONLY)
    done = limited(command, resource.RLIMIT_NOFILE, 64, env=os.environ | NO_BROWSER, cwd=product.root)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "few files may be open at once" in done.stderr
    store = Store.open(f"sqlite:///{settings.parent}/data/thuocdo.sqlite")
    taken = list(store.measurements.find())
    store.close()
    assert [m for m in taken if m.observation.reason == "internal_error"] == []
    assert sum(m.observation.outcome == "ok" for m in taken) > len(taken) / 2


@pytest.mark.parametrize(
    ("number", "size", "message", "command"),
    [
        (resource.RLIMIT_AS, 200 * 2**20, "ulimit -v", ("rank",)),
        (resource.RLIMIT_NOFILE, 12, "ulimit -n", ("round", "none", *HTTP_ONLY)),
    ],
)
def test_too_little_to_begin_with_is_one_line_with_its_remedy(product, settings, number, size, message, command):
    done = limited(product.command("--config", settings, *command), number, size, cwd=product.root)
    assert done.returncode == 3, (done.returncode, done.stderr)
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_without_letters_for_a_name_the_remedy_is_told(product, settings, tmp_path):
    values = yaml.safe_load(settings.read_text()) | {"data_dir": str(tmp_path / "Thừa Thiên Huế")}
    settings.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
    bare = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for command in (("rank",), ("run",), ("config", "check")):
        done = product.run("--config", settings, *command, env=bare)
        assert done.returncode == 2, (command, done.returncode, done.stderr)
        assert "PYTHONUTF8=1" in done.stderr
        assert "Traceback" not in done.stderr


def in_a_terminal(command, log):
    """Start a command in a terminal of its own; returns the process and the terminal, which closing it closes."""
    terminal, its_end = os.openpty()

    def take_it():
        os.setsid()
        fcntl.ioctl(its_end, termios.TIOCSCTTY, 0)

    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=its_end, stdout=out, stderr=out, env=os.environ | NO_BROWSER, preexec_fn=take_it
        )
    os.close(its_end)
    return process, terminal


def test_a_closed_terminal_ends_a_run_with_a_word_and_nohup_keeps_it(product, settings, background, tmp_path):
    log = tmp_path / "log"
    running, terminal = in_a_terminal(product.command("--config", settings, "run"), log)
    socket_path = ondemand.socket_path(load_settings(settings).data_dir)
    product.wait_until(socket_path.exists, "the agent's socket")
    os.close(terminal)
    assert running.wait(300) == 0
    assert "the terminal was closed" in log.read_text()
    nohup = [shutil.which("nohup"), *product.command("--config", settings, "run")]
    staying = background(nohup, tmp_path / "nohup.log", env=os.environ | NO_BROWSER)
    product.wait_until(lambda: "http://" in staying.text(), "the run under nohup")
    staying.popen.send_signal(signal.SIGHUP)
    product.wait_until(lambda: stored(settings), "measurements after the signal")
    assert staying.stop() == 0


def stored(settings):
    store = Store.open(f"sqlite:///{settings.parent}/data/thuocdo.sqlite")
    try:
        return store.measurements.count()
    finally:
        store.close()


def test_a_second_run_on_one_folder_is_refused_and_takes_nothing_away(product, settings, background, tmp_path):
    first = background(product.command("--config", settings, "run"), tmp_path / "log", env=os.environ | NO_BROWSER)
    socket_path = ondemand.socket_path(load_settings(settings).data_dir)
    product.wait_until(socket_path.exists, "the agent's socket")
    for command in (("run",), ("round", "beside", *HTTP_ONLY)):
        done = product.run(
            "--config", settings, *command, env=NO_BROWSER | {"THUOCDO_WEB__PORT": str(product.free_port())}
        )
        if command[0] == "run":
            assert done.returncode == 2, done.stderr
            assert f"pid {first.popen.pid}" in done.stderr
            assert "data_dir" in done.stderr
        else:  # a round beside it shares store and politeness
            assert done.returncode == 0, done.stderr[-3000:]
        with pytest.raises(UnknownTargetError, match="nobody"):  # it answers that it knows no such target
            asyncio.run(ondemand.probe_now(socket_path, "nobody"))
    first.popen.kill()
    first.popen.wait()
    again = background(
        product.command("--config", settings, "run"), tmp_path / "again.log", env=os.environ | NO_BROWSER
    )
    product.wait_until(lambda: "http://" in again.text(), "a run after kill -9 of the first")
    assert again.stop() == 0


HELD = """
import asyncio, ctypes, sys
from probes.monitor import Monitor
async def main():
    async with Monitor() as monitor:
        await asyncio.sleep(0)
        ctypes.PyDLL(None).sleep(4)
        while not monitor.stalls_total:
            await asyncio.sleep(0.1)
        print("stalls", monitor.stalls_total)
asyncio.run(main())
"""


def test_c_code_that_keeps_the_interpreter_to_itself_is_seen_with_its_stack(product):
    """As a regular expression that backtracks does: no thread of Python's can run meanwhile."""
    done = subprocess.run(
        [sys.executable, "-c", HELD], capture_output=True, text=True, check=True, timeout=300, cwd=product.root
    )
    assert "stalls 1" in done.stdout
    assert "in main" in done.stderr
    assert "the event loop stands still" in done.stdout + done.stderr


REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "http://own.test:%d/", confidence: high, source: test}]}
"""


@pytest.fixture
def refusing(tmp_path):
    """Settings of one portal that answers 403 with a Retry-After of the test's choice."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404 if self.path == "/robots.txt" else 403)
            self.send_header("Retry-After", Handler.retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.yaml").write_text(REGISTRY % server.server_port, encoding="utf-8")
    (tmp_path / "hosts.json").write_text('{"own.test": "127.0.0.1"}')
    values = {
        "data_dir": "data",
        "registry_dir": "portals",
        "hosts_file": "hosts.json",
        "vantage": {"reference_urls": []},
    }
    (tmp_path / "thuocdo.yaml").write_text(yaml.safe_dump(values))
    yield tmp_path / "thuocdo.yaml", Handler, asked
    server.shutdown()
    server.server_close()


@pytest.mark.sampled(share=1 / 3)
@pytest.mark.parametrize("retry_after", ["\xb2", "31536000", "9" * 400])
def test_a_round_with_a_hostile_retry_after_ends_and_is_ranked(product, refusing, retry_after):
    settings, handler, asked = refusing
    handler.retry_after = retry_after
    done = product.run("--config", settings, "round", "hostile", "--runs", "http=2", *HTTP_ONLY[2:], env=NO_BROWSER)
    assert done.returncode == 0, done.stderr[-3000:]
    store = Store.open(f"sqlite:///{settings.parent}/data/thuocdo.sqlite")
    (begun,), taken = store.rounds.all(), list(store.measurements.find())
    store.close()
    assert begun.ended_at is not None
    assert [m.observation.reason for m in taken] == ["blocked", "blocked"]
    assert asked.count("/") == 1
    told = product.run("--config", settings, "--lang", "en", "doctor", "--json", env=NO_BROWSER).stdout
    assert "own.test refuses us" in told
