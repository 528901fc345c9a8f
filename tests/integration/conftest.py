"""The whole product as processes: a simulated fleet, the command line, free ports."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import pytest_asyncio
import yaml
from playwright.async_api import async_playwright

from probes.chromium.executable import find_browser
from thuocdo.core.config import bundled
from thuocdo.core.setting_groups import BrowserSettings

ROOT = Path(__file__).resolve().parents[2]

LONG = (
    "test_crash_safety.py",
    "test_real_input.py",
    "test_private_pictures.py",
    "test_machine.py",
    "test_browser_environment.py",
    "test_alerts.py",
    "test_families.py",
    "test_growth.py",
    "test_store_away.py",
    "test_backup.py",
    "test_real_journeys.py",
    "test_browser_probes.py",
    "test_container.py",
    "test_bad_situations.py",
    "test_eform_probe.py",
    "test_rollups.py",
    "test_real_wordpress.py",
    "test_verdicts.py",
    "test_endurance.py",
    "test_ranker_process.py",
    "test_barriers.py",
    "test_bad_pages.py",
    "test_blackbox_parity.py",
    "test_web_accessibility.py",
    "test_no_network.py",
    "test_check.py",
    "test_edited_at_start.py",
    "test_alert_rules.py",
    "test_notices.py",
    "test_replay.py",
    "test_archive.py",
    "test_request_gate.py",
)
"""Files that take a minute or more each on a busy machine, the longest first."""

SITE_NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  include /etc/nginx/mime.types;
  types {{ text/javascript mjs; }}
  access_log {folder}/access.log;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location /node_modules/ {{ alias {modules}/; }}
    location /formio/ {{ alias {pages}/formio/; }}
    location /uswds/ {{ alias {pages}/uswds/; ssi on; }}
    location /govuk/ {{ alias {folder}/govuk/; }}
    location /python/ {{ alias /usr/share/doc/python3-doc/html/; }}
  }}
}}
"""


def pytest_collection_modifyitems(items):
    """Long files go first: a file is given out whole, and the last one would keep everybody waiting."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def unguarded():
    """
    A Chromium that nothing of ours guards, to show that what a guarded one holds back does happen otherwise.

    It finds *.test on this machine, and no other host.
    """
    names = "--host-resolver-rules=MAP *.test 127.0.0.1,EXCLUDE localhost,EXCLUDE 127.0.0.1,MAP * ~NOTFOUND"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_browser(BrowserSettings()),
            args=["--disable-background-networking", "--block-new-web-contents", names],
            chromium_sandbox=os.geteuid() != 0,
        )
        yield browser
        await browser.close()


@pytest.fixture
def tiny_disk(tmp_path, require):
    """Mount a file system of its own, so that full and read-only are real even for root; it goes when the test ends."""
    folder = tmp_path / "disk"

    def make(size, *options):
        folder.mkdir()
        done = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", ",".join([f"size={size}", *options]), "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        )
        require(
            done and done.returncode == 0, "a small disk (tmpfs)", "run the tests as root on a machine that may mount"
        )
        return folder

    yield make
    if folder.is_mount():
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def wait_until(condition, what="the condition", seconds=300.0):
    """Poll a condition; fail with its name when it hangs: how long it takes says nothing on a machine that others use, too."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    pytest.fail(f"{what} did not come true within {seconds:g} s")
    return None


def free_port():
    """A TCP port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


ALONE = {"THUOCDO_VANTAGE__REFERENCE_URLS": "[]"}
"""The pages by which the product tells whether its line is up are on the Internet, where no test asks for anything."""


def command(*arguments):
    """The command line of `thuocdo` in this very environment."""
    return [sys.executable, "-m", "thuocdo", *map(str, arguments)]


def run_thuocdo(*arguments, timeout=300, env=None, cwd=None):
    """Run a command to its end; its output is captured as text. Without a file of settings it asks nobody for its line."""
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=cwd or ROOT,
        env=os.environ | ({} if "--config" in arguments else ALONE) | (env or {}),
        check=False,
    )


class Process:
    """A process of ours that is stopped at the end of the test, whatever happens."""

    def __init__(self, arguments, log, *, sweeps=False, **options):
        self.sweeps = sweeps  # end what it leaves behind, too; the product must leave nothing behind by itself
        self.log = Path(log)
        self._file = self.log.open("ab")
        self.popen = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=self._file, stderr=self._file, cwd=ROOT, **options
        )

    def stop(self, number=signal.SIGTERM, seconds=300):
        if self.popen.poll() is None:
            workers = process_tree(self.popen.pid)[1:]
            self.popen.send_signal(number)
            try:
                self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
                pytest.fail(f"process {self.popen.args} did not stop within {seconds} s; see {self.log}")
            if self.sweeps:
                for worker in workers:
                    with suppress(psutil.NoSuchProcess):
                        worker.kill()
        self._file.close()
        return self.popen.returncode

    def text(self):
        return self.log.read_text(errors="replace")


class Fleet:
    """A running simulated fleet and the files it wrote."""

    def __init__(self, folder, seed=7, time_scale=1.0):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = Process(
            [
                sys.executable,
                "-m",
                "testbed",
                "--dir",
                str(folder),
                "--seed",
                str(seed),
                "--time-scale",
                str(time_scale),
            ],
            self.folder / "testbed.log",
        )
        wait_until((self.folder / "ready.json").exists, "the fleet's ready.json")

    @property
    def truth(self):
        return json.loads((self.folder / "truth.json").read_text(encoding="utf-8"))

    def settings(self, folder, **changes):
        """Write a settings file for this fleet into a folder, where it also keeps its data; returns its path."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        values = yaml.safe_load((self.folder / "thuocdo.yaml").read_text(encoding="utf-8"))
        for name in ("registry_dir", "hosts_file", "ca_file"):
            values[name] = str(self.folder / values[name])
        values |= {
            "data_dir": str(folder / "data"),
            "schedule": str(bundled("schedules") / "demo.yaml"),
            "web": {"port": free_port()},
        }
        values["browser"] = values["browser"] | {"max_pages": 6, "cpu_share": 1.0}
        values |= changes
        path = folder / "thuocdo.yaml"
        path.write_text(yaml.safe_dump(values, allow_unicode=True), encoding="utf-8")
        return path


@pytest.fixture(scope="session")
def fleet(tmp_path_factory):
    """One simulated fleet for all tests that only read from it."""
    running = Fleet(tmp_path_factory.mktemp("fleet"))
    yield running
    running.process.stop()


@pytest.fixture
def background():
    """Start processes that are stopped after the test: background(arguments, log)."""
    started = []

    def start(arguments, log, **options):
        process = Process(arguments, log, **options)
        started.append(process)
        return process

    yield start
    for process in reversed(started):
        process.stop()


@pytest.fixture
def debian(require):
    """The path of a program from a Debian package; skips loudly (fails in CI) where it is missing."""

    def find(program, package):
        path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        require(path, f"Debian's {package}", f"apt-get install {package}")
        return path

    return find


def process_tree(pid):
    """Pids of a process and all its descendants."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


@pytest.fixture(scope="session")
def product():
    """The helpers of this file, for tests that need several (test modules cannot import a conftest)."""
    return SimpleNamespace(
        root=ROOT,
        run=run_thuocdo,
        command=command,
        wait_until=wait_until,
        free_port=free_port,
        process_tree=process_tree,
        Fleet=Fleet,
        Process=Process,
    )


@pytest.fixture(scope="session")
def site(require, tmp_path_factory):
    """Pages of npm packages behind a real nginx: its address and its access log."""
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    require(nginx, "Debian's nginx", "apt-get install nginx-light")
    modules = ROOT / ".cache" / "real_input" / "node_modules"
    require((modules / "nunjucks").is_dir(), "npm packages of tests/real_input", "scripts/setup_tests.sh")
    here = ROOT / "tests" / "real_input"
    (folder / "govuk").mkdir()
    subprocess.run(
        ["node", here / "render_govuk.js", modules, folder / "govuk" / "index.html"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    port = free_port()
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        user + SITE_NGINX.format(folder=folder, port=port, modules=modules, pages=here / "pages")
    )
    process = subprocess.Popen(
        [nginx, "-c", folder / "nginx.conf", "-p", folder], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_until((folder / "nginx.pid").exists, "nginx")
    yield f"http://127.0.0.1:{port}", folder / "access.log"
    process.terminate()
    process.wait(20)
