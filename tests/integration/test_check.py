"""`thuocdo check` as a person uses it: several runs in a real browser, and Ctrl-C in the middle."""

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.integration.conftest import ALONE

pytestmark = pytest.mark.turns(share=0.5)

PAGE = (
    "<!doctype html><html lang=vi><title>Cổng</title><h1>Cổng dịch vụ công</h1>"
    "<p>Nộp hồ sơ trực tuyến, tra cứu thủ tục hành chính.</p></html>"
).encode()


class Pages(BaseHTTPRequestHandler):
    """Every page is fine; /slow takes half a second."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/slow":
            time.sleep(0.5)
        self.send_response(404 if self.path == "/robots.txt" else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        with contextlib.suppress(BrokenPipeError):  # after Ctrl-C nobody reads the rest
            self.end_headers()
            self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        server.asked = []
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.browser
def test_repeated_runs_in_a_browser_say_which_run_the_evidence_is_of(site, product, tmp_path):
    env = {"THUOCDO_DATA_DIR": str(tmp_path / "data")}
    done = product.run("check", f"{site.url}/", "--only", "homepage", "--runs", "2", "--evidence", "--json", env=env)
    page = json.loads(done.stdout)
    assert (done.returncode, page["outcome"]) == (0, "ok"), done.stderr
    runs = {run["run"]: run for run in page["runs"]}
    shown = runs[page["measurements"][0]["run"]]
    assert shown["used"]
    assert len(runs) >= 2
    assert page["statistics"]["homepage.ttfb_seconds"]["n"] == sum(run["used"] for run in runs.values())
    assert page["measurements"][0]["evidence"] == shown["evidence"] != []


@pytest.mark.browser
def test_a_page_on_this_machine_is_visited_again_at_once(site, product, tmp_path):
    env = {"THUOCDO_DATA_DIR": str(tmp_path / "data")}
    done = product.run("--lang", "en", "check", f"{site.url}/", "--only", "homepage,http", "--runs", "2", env=env)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"\d min\b", done.stderr), done.stderr
    assert "Measured 2 of 2" in done.stdout
    assert site.asked.count("/") >= 4


def test_ctrl_c_ends_it_soon_and_leaves_what_was_measured(site, product, tmp_path):
    process = subprocess.Popen(
        product.command("check", f"{site.url}/slow", "--only", "http", "--runs", "100", "--json"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | ALONE | {"THUOCDO_DATA_DIR": str(tmp_path / "data"), "THUOCDO_LANG": "en"},
        cwd=product.root,
        text=True,
    )
    product.wait_until(lambda: site.asked.count("/slow") >= 3, what="the third run")
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=300)
    taken = len(json.loads(out)["runs"])
    assert process.returncode == 1
    assert 2 <= taken < 100
    assert f"Stopped: {taken} of 100 runs were taken." in errors
    assert "Traceback" not in errors
