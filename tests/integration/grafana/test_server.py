"""push, diff and pull against a server that answers as Grafana 11.6 does: the same addresses, shapes and refusals."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from rich.console import Console
from typer.testing import CliRunner

from thuocdo.cli.context import CliContext, Language
from thuocdo.cli.grafana import app
from thuocdo.core.errors import ThuocdoError

TOKEN = "glsa_not-a-secret"
UIDS = ("overview", "agency", "target", "ranking", "incidents", "accessibility", "vantages", "prober")
DASHBOARDS = 2 * len(UIDS)


class Grafana:
    """What a Grafana keeps, and the few of its answers that we rely on."""

    def __init__(self, prefix=""):
        self.prefix = prefix
        self.folders, self.dashboards, self.history, self.posts = {}, {}, {}, []
        self.meta = {}
        self.before_save = lambda: None
        grafana = self

        class Handler(BaseHTTPRequestHandler):
            wbufsize = -1  # one packet per answer: two of them wait for each other

            def do_GET(self):
                self.answer(grafana.get)

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                grafana.posts.append(self.path)
                self.answer(lambda path: grafana.post(path, body))

            def answer(self, ask):
                if not self.path.startswith(f"{grafana.prefix}/api/"):
                    status, value = 404, "<html>nothing here</html>"
                elif self.path.endswith("/api/health"):
                    status, value = 200, {"commit": "6bf9e", "database": "ok", "version": "11.6.4"}
                elif self.headers["Authorization"] != f"Bearer {TOKEN}":
                    status, value = (
                        401,
                        {"message": "Invalid API key", "messageId": "api-key.invalid", "statusCode": 401},
                    )
                else:
                    status, value = ask(self.path.removeprefix(f"{grafana.prefix}/api"))
                body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html" if isinstance(value, str) else "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}{prefix}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def get(self, path):
        kind, _, uid = path.strip("/").partition("/")
        if kind == "folders":
            return (200, self.folders[uid]) if uid in self.folders else (404, {"message": "folder not found"})
        uid = uid.removeprefix("uid/")
        if uid.endswith("/versions"):
            return 200, {"continueToken": "", "versions": self.history[uid.removesuffix("/versions")]}
        if uid not in self.dashboards:
            return 404, {"message": "Dashboard not found", "messageId": "dashboards.not-found", "statusCode": 404}
        meta = {"provisioned": False, "updatedBy": "sa-thuocdo", "canSave": True} | self.meta.get(uid, {})
        return 200, {"meta": meta, "dashboard": self.dashboards[uid]}

    def post(self, path, body):
        if path == "/folders":
            self.folders[body["uid"]] = body | {"id": len(self.folders) + 1}
            return 200, self.folders[body["uid"]]
        assert path == "/dashboards/db"
        self.before_save()
        uid = body["dashboard"]["uid"]
        if body["folderUid"] not in self.folders:
            return 400, {"message": "folder not found"}
        there = self.dashboards.get(uid)
        if there and not body["overwrite"] and body["dashboard"].get("version") != there["version"]:
            return 412, {"message": "The dashboard has been changed by someone else", "status": "version-mismatch"}
        version = self.save(body["dashboard"], message=body["message"], by="sa-thuocdo")
        return 200, {"id": 7, "uid": uid, "status": "success", "version": version, "folderUid": body["folderUid"]}

    def save(self, board, *, message="", by="chi.lan"):
        uid = board["uid"]
        entries = self.history.setdefault(uid, [])
        version = len(entries) + 1
        entries.insert(0, {"id": version, "uid": uid, "version": version, "message": message, "createdBy": by})
        self.dashboards[uid] = board | {"id": 7, "version": version}
        return version

    def edit_by_hand(self, uid, title):
        board = {name: value for name, value in self.dashboards[uid].items() if name not in ("id", "version")}
        self.save(board | {"title": title})


@pytest.fixture
def grafana():
    server = Grafana()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def run(grafana, monkeypatch):
    """Run `thuocdo grafana …` in this process: (exit code, output)."""
    monkeypatch.setenv("THUOCDO_GRAFANA__URL", grafana.url)
    monkeypatch.setenv("THUOCDO_GRAFANA__TOKEN", TOKEN)

    def invoke(*arguments):
        context = CliContext(config_file=None, lang=Language.EN, log_level="info")
        context.console = Console(file=StringIO(), width=200)
        try:
            done = CliRunner().invoke(app, list(map(str, arguments)), obj=context, catch_exceptions=False)
        except ThuocdoError as exc:
            return 2, str(exc)
        return done.exit_code, context.console.file.getvalue()

    return invoke


def test_a_first_push_sends_everything_into_a_folder_per_language(run, grafana):
    code, output = run("push")
    assert code == 0
    assert f"{DASHBOARDS} dashboards saved" in output
    assert set(grafana.dashboards) == {f"thuocdo-{name}{language}" for name in UIDS for language in ("", "-en")}
    assert {uid: folder["title"] for uid, folder in grafana.folders.items()} == {
        "thuocdo-vi": "Thước Đo",
        "thuocdo-en": "Thước Đo (English)",
    }


def test_a_second_push_saves_nothing_and_diff_is_silent(run, grafana):
    run("push")
    grafana.posts.clear()
    assert run("push") == (0, "0 dashboards saved\n")
    assert run("diff") == (0, "The server's dashboards are as they should be.\n")
    assert grafana.posts == []


def test_diff_shows_what_push_would_change_and_saves_nothing(run, grafana):
    run("push")
    grafana.posts.clear()
    code, output = run("diff", "--site-url", "https://do.example.vn")
    assert code == 1
    assert "thuocdo-overview: the server has an older one of ours" in output
    assert '+     "value": "https://do.example.vn"' in output
    assert grafana.posts == []
    code, _ = run("push", "--site-url", "https://do.example.vn")
    assert code == 0
    assert run("diff", "--site-url", "https://do.example.vn")[0] == 0


def test_what_was_edited_by_hand_is_not_overwritten_unless_somebody_insists(run, grafana):
    run("push")
    grafana.edit_by_hand("thuocdo-overview", "Bảng của chị Lan")
    code, output = run("push")
    assert code == 1
    assert "thuocdo-overview: edited by hand on the server (chi.lan)" in output
    assert grafana.dashboards["thuocdo-overview"]["title"] == "Bảng của chị Lan"
    code, output = run("diff")
    assert code == 1
    assert '- "title": "Bảng của chị Lan"' in output
    assert run("push", "--force")[0] == 0
    assert run("diff")[0] == 0


def test_a_dashboard_of_our_uid_that_we_never_sent_counts_as_edited_by_hand(run, grafana):
    grafana.save({"uid": "thuocdo-prober", "title": "imported"})
    code, output = run("push")
    assert code == 1
    assert "thuocdo-prober: edited by hand" in output
    assert len(grafana.dashboards) == DASHBOARDS


def test_a_server_that_keeps_dashboards_in_another_form_is_not_taken_for_a_person(run, grafana):
    run("push")
    for board in grafana.dashboards.values():
        board["schemaVersion"] = 99
    assert run("push") == (0, "0 dashboards saved\n")


def test_a_save_between_look_and_push_is_not_lost(run, grafana):
    run("push")
    grafana.before_save = lambda: grafana.edit_by_hand("thuocdo-overview", "meanwhile")
    code, output = run("push", "--site-url", "https://do.example.vn")
    assert code == 2
    assert "somebody saved this dashboard just now" in output
    assert grafana.dashboards["thuocdo-overview"]["title"] == "meanwhile"


def test_dashboards_from_files_of_the_server_are_left_to_the_files(run, grafana):
    run("push")
    grafana.meta["thuocdo-overview"] = {"provisioned": True}
    code, output = run("push", "--force", "--site-url", "https://do.example.vn")
    assert code == 1
    assert "thuocdo-overview: the server has it from a file" in output


def test_pull_keeps_what_people_made_of_it(run, grafana, tmp_path):
    run("push")
    grafana.edit_by_hand("thuocdo-overview", "Bảng của chị Lan")
    code, _ = run("pull", tmp_path / "kept")
    assert code == 0
    board = json.loads((tmp_path / "kept" / "vi" / "thuocdo-overview.json").read_text())
    assert board["title"] == "Bảng của chị Lan"
    assert "id" not in board
    assert len(list((tmp_path / "kept").glob("*/*.json"))) == DASHBOARDS


def test_pull_names_what_the_server_does_not_have(run, tmp_path):
    code, output = run("pull", tmp_path / "kept")
    assert code == 0
    assert "thuocdo-overview: not on the server" in output


def test_a_wrong_token_is_said_with_what_to_do_and_never_shown(run, monkeypatch):
    monkeypatch.setenv("THUOCDO_GRAFANA__TOKEN", "glsa_wrong")
    code, output = run("push")
    assert code == 2
    assert "(401)" in output
    assert "service account" in output
    assert "glsa_wrong" not in output


def test_the_token_may_come_from_a_file(run, monkeypatch, tmp_path):
    monkeypatch.delenv("THUOCDO_GRAFANA__TOKEN")
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("THUOCDO_GRAFANA__TOKEN_FILE", str(tmp_path / "token"))
    assert run("push")[0] == 0


@pytest.mark.parametrize("unset", ["THUOCDO_GRAFANA__TOKEN", "THUOCDO_GRAFANA__URL"])
def test_without_address_or_token_it_says_which_variable_to_set(run, monkeypatch, unset):
    monkeypatch.delenv(unset)
    code, output = run("diff")
    assert code == 2
    assert unset in output


def test_a_server_that_does_not_answer_is_said_with_its_address(run, grafana, product, monkeypatch):
    address = f"http://127.0.0.1:{product.free_port()}"
    monkeypatch.setenv("THUOCDO_GRAFANA__URL", address)
    code, output = run("diff")
    assert code == 2
    assert f"Grafana at {address}" in output
    assert "check the address" in output


def test_something_else_at_the_address_is_told_from_a_missing_dashboard(run, grafana, monkeypatch):
    monkeypatch.setenv("THUOCDO_GRAFANA__URL", f"{grafana.url}/elsewhere")
    code, output = run("diff")
    assert code == 2
    assert "there is no Grafana at this address" in output


def test_a_grafana_below_a_path_is_reached(run, monkeypatch):
    below = Grafana(prefix="/do/grafana")
    monkeypatch.setenv("THUOCDO_GRAFANA__URL", f"{below.url}/")
    assert run("push")[0] == 0
    assert len(below.dashboards) == DASHBOARDS
    below.http.shutdown()
    below.http.server_close()


def test_older_servers_that_list_versions_bare_are_understood(run, grafana, monkeypatch):
    run("push")
    real = grafana.get

    def bare(path):
        status, value = real(path)
        return status, value["versions"] if path.endswith("/versions") else value

    monkeypatch.setattr(grafana, "get", bare)
    assert run("push") == (0, "0 dashboards saved\n")
