"""What is wrong with command lines, variables and this machine, as a person reads it who ran the real command."""

import errno
import fcntl
import io
import json
import os
import socket
import sqlite3
import sys

import pytest

from probes.chromium import executable
from thuocdo.store import Store, database

COMMANDS = [
    (("chek",), "Không có lệnh “chek”; có phải 'check' không?"),
    (("config", "chek"), "Không có lệnh “chek”; có phải 'check' không?"),
    (("check",), "Thiếu URL"),
    (("check", "http://a.vn", "--profil", "x"), "Không có tùy chọn --profil; có phải --profile không?"),
    (("check", "http://a.vn", "--runs", "many"), "Giá trị của --runs không đúng: phải là số nguyên"),
    (("round", "x", "--runs"), "Tùy chọn --runs cần một giá trị"),
    (("--lang", "fr", "rank"), "Giá trị của --lang không đúng: “fr” không nằm trong 'vi', 'en'"),
    (("--log-level", "loud", "rank"), "--log-level: “loud” không phải debug, info, warning hay error"),
    (
        ("assess", "a", "b", "5", "--by", "A", "--evidence", "/no"),
        "Giá trị của --evidence không đúng: không có tệp “/no”",
    ),
    (("check", "ftp://a/"), "ftp://a/: không phải địa chỉ trang web; hãy ghi như https://example.gov.vn/"),
    (
        ("check", "http://a/", "--only", "htpp"),
        "--only: không có loại phép đo nào tên “htpp”; có phải là “http” không? Các loại phép "
        "đo: accessibility, eform, homepage, http, resilience",
    ),
    (
        ("check", "http://a/", "--runs", "0"),
        "--runs: 0 không nằm trong khoảng 1 đến 100; muốn đo nhiều hơn, hãy dùng `thuocdo round` hoặc `thuocdo run`",
    ),
    (("round", "x", "--runs", "http=many"), "--runs http=many: “many” không phải số nguyên đến 1000; hãy ghi http=3"),
    (
        ("portals", "show", "nghe-ann"),
        "không có cơ quan, cổng hay đối tượng đo nào có mã “nghe-ann”; có phải là “nghe-an” không?",
    ),
    (
        ("rank", "--criteria", "survey-2032"),
        "criteria: không có bộ tiêu chí nào tên “survey-2032”; có phải là “survey-2023” không? "
        "(hiện có: qd473-2024, survey-2023, website-2025, website-2025-communes)",
    ),
    (
        ("rank", "--round", "2026-11"),
        "--round: không có đợt đo nào tên “2026-11” (hiện có: chưa có đợt nào; chạy `thuocdo round TÊN` để đo một đợt)",
    ),
    (
        ("rank", "--province", "ha-noj"),
        "--province: không có tỉnh, thành phố nào có mã “ha-noj”; có phải là “ha-noi” không?",
    ),
    (("incidents", "show", "abc"), "không có sự cố nào có mã “abc”; chạy `thuocdo incidents` để xem tất cả"),
    (("restore", "x.tar.gz"), "x.tar.gz: không có bản sao lưu này"),
    (("backup", "no/x.tar.gz"), "no: không có thư mục này; hãy tạo trước"),
    (
        ("--config", "no.yaml", "rank"),
        "no.yaml: không đọc được (không có tệp hoặc thư mục này); hãy kiểm tra đường dẫn, quyền đọc và "
        "xem tệp có phải UTF-8 không",
    ),
    (("grafana", "push"), "cài đặt: grafana.url còn trống; hãy đặt THUOCDO_GRAFANA__URL=https://grafana.example.vn"),
    (("archive", "restore", "2026-1"), "NGÀY: “2026-1” không phải là ngày; hãy ghi như 2026-10-01"),
    (
        ("availability", "--target", "hue.hom"),
        "--target: không có đối tượng đo nào có mã “hue.hom”; có phải là “hue.home” không?",
    ),
]


@pytest.mark.parametrize(
    ("arguments", "told"), COMMANDS, ids=lambda one: " ".join(one) if isinstance(one, tuple) else ""
)
def test_a_wrong_command_is_told_in_vietnamese(said, arguments, told):
    found = said(*arguments)
    assert told in found


def test_how_a_command_is_used_is_told_with_it(said):
    assert said("portals", "show") == [
        "Cách dùng: thuocdo portals show [TÙY CHỌN] {MÃ}",
        "Thiếu MÃ",
        "Gõ `thuocdo portals show --help` để xem cách dùng.",
    ]


ENVIRONMENT = [
    (
        {"THUOCDO_DATADIR": "x"},
        "biến môi trường: không có cài đặt nào tên “THUOCDO_DATADIR”; có phải là “THUOCDO_DATA_DIR” không?",
    ),
    ({"THUOCDO_WEB__PORT": "abc"}, "thuocdo.yaml hoặc biến môi trường: web.port: phải là số nguyên"),
    (
        {"THUOCDO_WEB": "abc"},
        "biến môi trường: không đọc được giá trị của “web”; hãy đặt từng giá trị, như THUOCDO_WEB__PORT=8321, "
        "hoặc ghi bằng JSON",
    ),
    (
        {"THUOCDO_STORE_URL_FILE": "/no"},
        "THUOCDO_STORE_URL_FILE: /no không đọc được (không có tệp hoặc thư mục này); hãy kiểm tra "
        "đường dẫn, quyền đọc và xem tệp có phải UTF-8 không",
    ),
    (
        {"THUOCDO_STORE_URL": "mysql://a"},
        "store_url: không dùng được cơ sở dữ liệu “mysql”; hãy ghi sqlite:////thư-mục/thuocdo.sqlite "
        "hoặc postgresql://user@host/database",
    ),
    ({"THUOCDO_LANG": "fr"}, "thuocdo.yaml hoặc biến môi trường: lang: phải là 'vi' hoặc 'en'"),
]


@pytest.mark.parametrize(
    ("variables", "told"), ENVIRONMENT, ids=lambda one: next(iter(one)) if isinstance(one, dict) else ""
)
def test_a_wrong_variable_is_told_in_vietnamese(said, monkeypatch, variables, told):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert told in said("config", "check")


def test_a_port_in_use_is_told(said, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("THUOCDO_WEB__PORT", str(port))
        assert said("run")[-1] == (
            f"web: không mở được 127.0.0.1:{port} (đã có chương trình khác dùng); hãy dừng chương trình đang dùng cổng đó, "
            "hoặc đặt THUOCDO_WEB__PORT hay web.port thành số khác"
        )


def test_a_second_run_on_one_folder_is_told(folder, said):
    (folder / "data").mkdir()
    lock = folder / "data" / "run.lock"
    with lock.open("w") as held:
        held.write(f"4711\n{socket.gethostname()}\n")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        assert said("run")[-1] == (
            "data/run.lock: `thuocdo run` (pid 4711) đang đo vào thư mục này; hãy dừng nó (kill 4711), hoặc chọn data_dir khác"
        )


def test_a_store_that_is_locked_is_told(folder, said, monkeypatch):
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 0)
    (folder / "data").mkdir()
    with sqlite3.connect(folder / "data" / "thuocdo.sqlite") as other:
        other.execute("CREATE TABLE t (x)")
        other.commit()
        other.execute("BEGIN EXCLUSIVE")
        assert said("config", "check", code=3) == [
            "data/thuocdo.sqlite: không mở được: cơ sở dữ liệu đang bị khóa; chương trình khác đang giữ tệp; hãy dừng chương "
            "trình đó hoặc thử lại"
        ]


def test_a_file_that_is_no_database_is_told(folder, said):
    (folder / "data").mkdir()
    (folder / "data" / "thuocdo.sqlite").write_bytes(b"this is no database" * 1000)
    assert said("config", "check") == [
        "data/thuocdo.sqlite: không mở được: tệp không phải là cơ sở dữ liệu; không có gì bị ghi đè: hãy khôi phục tệp từ bản "
        "sao, hoặc chuyển tệp đi chỗ khác để tạo tệp mới"
    ]


def test_a_database_that_is_away_is_told(said, monkeypatch):
    monkeypatch.setenv("THUOCDO_STORE_URL", "postgresql://u:secret99@127.0.0.1:1/x")
    (told,) = said("config", "check", code=3)
    assert told.startswith("postgresql+psycopg://u:***@127.0.0.1:1/x: không mở được: ")
    assert told.endswith("bị từ chối kết nối; hãy kiểm tra máy chủ có chạy và kết nối được không, rồi thử lại")


def test_a_full_disk_is_told(said, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data/x")

    monkeypatch.setattr(Store, "open", full)
    assert said("config", "check", code=3) == [
        "/data/x: đĩa đã đầy: hãy giải phóng chỗ trống; những gì đã lưu vẫn nguyên vẹn"
    ]


def test_no_browser_is_told(folder, said, monkeypatch):
    monkeypatch.setenv(executable.BROWSER_VARIABLE, "/no/chromium")
    told = said("scenarios", "run", "journeys/generic.yaml", "--target", "http://127.0.0.1:9/")
    assert told == ["THUOCDO_BROWSER: /no/chromium không phải tệp chạy được; hãy sửa đường dẫn hoặc bỏ biến này"]


@pytest.mark.parametrize(
    ("arguments", "variables", "file"),
    [
        (("--lang", "en"), {"THUOCDO_LANG": "vi"}, "lang: vi\n"),
        ((), {"THUOCDO_LANG": "en"}, "lang: vi\n"),
        ((), {}, "lang: en\n"),
    ],
)
def test_the_language_is_the_one_that_was_asked_for_even_where_the_settings_are_wrong(
    folder, said, monkeypatch, arguments, variables, file
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (folder / "thuocdo.yaml").write_text(file + "data_dirr: x\n")
    assert said(*arguments, "rank") == ["thuocdo.yaml:2: data_dirr: unknown key 'data_dirr'; did you mean 'data_dir'?"]


def test_english_usage_is_left_to_typer(said):
    told = "\n".join(said("--lang", "en", "chek"))
    assert "No such command 'chek'." in told
    assert "Usage: thuocdo [OPTIONS] COMMAND [ARGS]..." in told


def test_a_log_of_json_stays_english(said):
    (line,) = said("--log-format", "json", "portals", "show", "nghe-ann")
    assert json.loads(line)["event"] == "no agency, portal or target has the id 'nghe-ann'; did you mean 'nghe-an'?"


def test_where_there_are_no_letters_for_it_english_is_told(said, monkeypatch):
    plain = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    monkeypatch.setattr(sys, "stderr", plain)
    said("portals", "show", "nghe-ann")
    plain.flush()
    assert plain.buffer.getvalue() == b"no agency, portal or target has the id 'nghe-ann'; did you mean 'nghe-an'?\n"


def test_a_help_that_was_asked_for_by_giving_nothing_is_no_mistake(said, capsys):
    assert said("config") == []
