"""What the relay to Zalo says: as much as the first lines of a mail, in one text that is never too long."""

import importlib.util
import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def relay():
    spec = importlib.util.spec_from_file_location("relay", ROOT / "deploy/zalo/relay.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def alert(status="firing", **told):
    annotations = {
        "summary": "Tỉnh A (https://a.example/): cổng ngừng hoạt động",
        "cause": "Máy chủ báo lỗi HTTP 502",
        "reason": "http_error",
        "began": "07:01:30 01/01/2026",
        "step": "Xem nhật ký của máy chủ web và của ứng dụng phía sau.",
        "length": "8 phút 52 giây",
        "page_url": "http://site/incidents/1",
    }
    return {"status": status, "annotations": annotations | told}


def test_it_names_portal_address_cause_start_first_step_and_link(relay):
    assert relay.message({"alerts": [alert()]}).splitlines() == [
        "[CẢNH BÁO] Tỉnh A (https://a.example/): cổng ngừng hoạt động",
        "Nguyên nhân: Máy chủ báo lỗi HTTP 502",
        "Bắt đầu: 07:01:30 01/01/2026 (giờ Hà Nội)",
        "Việc cần làm trước: Xem nhật ký của máy chủ web và của ứng dụng phía sau.",
        "http://site/incidents/1",
    ]


@pytest.mark.parametrize(
    ("told", "head", "line"),
    [
        ({"ended": "07:10:22 01/01/2026"}, "[ĐÃ HẾT]", "Kết thúc: 07:10:22 01/01/2026, kéo dài 8 phút 52 giây"),
        ({"ending": "maintenance"}, "[TẠM NGƯNG BÁO]", None),
        ({"ending": "withdrawn"}, "[RÚT LẠI]", None),
        ({"ending": "removed"}, "[THÔI THEO DÕI]", None),
        ({"ending": "moved"}, "[CHUYỂN]", None),
    ],
)
def test_what_is_told_no_more_says_why(relay, told, head, line):
    lines = relay.message({"alerts": [alert("resolved", **told)]}).splitlines()
    assert lines[0].startswith(head)
    assert [one for one in lines if one.startswith("Kết thúc")] == ([line] if line else [])
    assert not any(one.startswith("Việc cần làm trước") for one in lines)


def test_an_alert_about_ourselves_has_no_empty_lines(relay):
    told = {
        "summary": "Không còn số liệu nào từ Thước Đo",
        "step": "Xem tiến trình có chạy không.",
        "page_url": "http://site/",
    }
    assert relay.message({"alerts": [{"status": "firing", "annotations": told}]}).splitlines() == [
        "[CẢNH BÁO] Không còn số liệu nào từ Thước Đo",
        "Việc cần làm trước: Xem tiến trình có chạy không.",
        "http://site/",
    ]


@pytest.mark.parametrize("number", [1, 2, 6, 7, 8, 9, 40])
def test_a_text_is_never_longer_than_zalo_takes_and_says_how_many_it_leaves_out(relay, number):
    text = relay.message({"alerts": [alert(page_url=f"http://site/{one}") for one in range(number)]})
    assert len(text) <= relay.LONGEST
    shown = text.count("[CẢNH BÁO]")
    assert text.endswith(f"… và {number - shown} cảnh báo khác") if shown < number else "cảnh báo khác" not in text
    assert shown == number or len(text) > relay.LONGEST / 2


def test_one_that_is_too_long_is_cut(relay):
    assert len(relay.message({"alerts": [alert(cause="x" * 3000)]})) == relay.LONGEST


@pytest.fixture
def zalo():
    """A server in the place of Zalo: zalo.came has what was posted; zalo.status is answered."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            server.came.append(
                (self.headers["access_token"], json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            )
            self.send_response(server.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.came, server.status = [], 200
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def address(relay, zalo, tmp_path):
    (tmp_path / "token").write_text("secret\n")
    server = relay.server(0, f"http://127.0.0.1:{zalo.server_port}/", "123", tmp_path / "token")
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def post(address):
    asked = urllib.request.Request(address, json.dumps({"alerts": [alert()]}).encode())
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return answer.status


def test_a_notice_is_posted_with_the_token_to_whom_it_is_for(relay, address, zalo):
    assert post(address) == 200
    [(token, told)] = zalo.came
    assert token == "secret"
    assert told == {"recipient": {"user_id": "123"}, "message": {"text": relay.message({"alerts": [alert()]})}}


def test_what_zalo_does_not_take_is_an_error_so_that_it_is_sent_again(address, zalo):
    zalo.status = 500
    with pytest.raises(urllib.error.HTTPError) as failed:
        post(address)
    assert failed.value.code == 502
