"""`thuocdo check` on pages of a local server, with the kind that needs no browser."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from thuocdo.cli import app
from thuocdo.cli.check import MOST_RUNS
from thuocdo.core.errors import ConfigurationError

PAGE = "<!doctype html><title>Cổng</title><p>Nộp hồ sơ trực tuyến, tra cứu thủ tục.</p>".encode()


class Pages(BaseHTTPRequestHandler):
    """/ is fine; /thirds fails every third time."""

    asked = 0

    def do_GET(self):
        bad = False
        if self.path == "/thirds":
            Pages.asked += 1
            bad = Pages.asked % 3 == 0
        self.send_response(404 if self.path == "/robots.txt" else 500 if bad else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    Pages.asked = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments, lang="en"):
        return CliRunner().invoke(
            app, ["--lang", lang, "check", *arguments], env={"THUOCDO_DATA_DIR": str(tmp_path / "data")}
        )

    return run


@pytest.mark.parametrize("runs", [0, -1, MOST_RUNS + 1, 1000])
def test_a_number_of_runs_out_of_range_is_told_with_the_other_mistakes(check, runs):
    done = check("http://127.0.0.1/", "--runs", str(runs), "--profile", "moblie")
    assert isinstance(done.exception, ConfigurationError)
    profile, number = done.exception.problems
    assert "did you mean 'mobile'" in profile
    assert f"--runs: {runs} is not between 1 and {MOST_RUNS}" in number


def test_a_number_of_runs_that_is_no_number_is_a_mistake_of_usage(check):
    assert check("http://127.0.0.1/", "--runs", "many").exit_code == 2


def test_one_look_gives_the_json_of_one_look(check, site):
    done = check(f"{site}/", "--only", "http", "--json")
    page = json.loads(done.stdout)
    assert (done.exit_code, page["outcome"], len(page["measurements"])) == (0, "ok", 1)
    assert "runs" not in page


def test_several_looks_give_every_run_and_the_medians(check, site):
    done = check(f"{site}/", "--only", "http", "--runs", "3", "--json")
    page = json.loads(done.stdout)
    assert done.exit_code == 0
    assert 3 <= len({run["started_at"] for run in page["runs"]}) <= 6  # on a busy machine some are taken again
    told = page["statistics"]["http.total_seconds"]
    assert 1 <= told["n"] <= 3
    assert page["values"]["http.total_seconds"] == told["median"]
    assert {told["min"], told["max"]} <= {run["values"]["total_seconds"] for run in page["runs"]}


def test_one_bad_run_of_three_is_a_finding_and_is_counted(check, site):
    done = check(f"{site}/thirds", "--only", "http", "--runs", "3", "--json")
    page = json.loads(done.stdout)
    assert (done.exit_code, page["outcome"], page["reason"]) == (1, "failed", "http_error")
    assert page["outcomes"] == {"http": {"ok": 2, "failed": 1}}
    assert page["values"]["http.status_code"] == 200
    Pages.asked = 0
    assert "Đo được 2/3 lần, Lỗi phía cổng 1/3 lần" in check(
        f"{site}/thirds", "--only", "http", "--runs", "3", lang="vi"
    ).stdout.replace("\n", " ")


def test_a_probe_without_a_browser_has_no_device_and_no_line(check, site):
    page = json.loads(check(f"{site}/", "--only", "http", "--profile", "mobile-4g", "--json").stdout)
    assert page["measurements"][0]["profile"] == "desktop"


def test_the_same_page_given_twice_is_checked_once(check, site):
    done = check(f"{site}/", f"{site}/", "--only", "http", "--json")
    assert len(done.stdout.splitlines()) == 1


def test_pages_come_in_the_order_given(check, site):
    urls = [f"{site}/{name}" for name in "cab"]
    done = check(*urls, "--only", "http", "--runs", "2", "--json")
    assert [json.loads(line)["url"] for line in done.stdout.splitlines()] == urls
