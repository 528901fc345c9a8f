"""A round is sealed, corrected and verified on the command line, by keys that it made."""

import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thuocdo import cli
from thuocdo.agent.rounds import begin_round, given_up, plan_of
from thuocdo.cli import seal as seal_command
from thuocdo.core.config import load_settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.frozen import frozen_files
from thuocdo.core.model import Round
from thuocdo.sealing import keys
from thuocdo.sealing.frozen import read_frozen
from thuocdo.store import Store

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch):
    """Half a second for each passphrase is for those who guess it."""
    monkeypatch.setattr(keys, "_KDF_BYTES", 1 << 20)
    monkeypatch.setattr(keys, "_KDF_OPERATIONS", 1 << 15)


@pytest.fixture
def key(tmp_path, call):
    (tmp_path / "words").write_text("mật khẩu\n")
    assert call("key", "new", str(tmp_path / "lan"), "--passphrase-file", str(tmp_path / "words")).exit_code == 0
    return ("--key", str(tmp_path / "lan.key"), "--passphrase-file", str(tmp_path / "words"))


@pytest.fixture
def ended(config, tmp_path):
    """The round of the store, with the files that it froze."""
    files = frozen_files(tmp_path / "portals", ROOT / "criteria", ROOT / "schedules" / "default.yaml")
    for name, content in ((one.path, one.body) for one in files):
        (tmp_path / "frozen" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "frozen" / name).write_bytes(content)
    with Store.open(f"sqlite:///{tmp_path}/data/thuocdo.sqlite") as store:
        [old] = store.rounds.all()
        measured = [replace(one, round_id="r2") for one in store.measurements.arrived_of_round("r1")]
        moved = [
            replace(one, key=replace(one.key, vantage_id="ha-noi"))  # a key of its own
            for one in measured
        ]
        round_ = replace(old, id="r2", label="Đợt 2", settings={"criteria_set": "website-2025"})
        frozen = read_frozen(tmp_path / "frozen", round_)
        store.rounds.begin(replace(round_, settings={**round_.settings, **frozen.digests}))
        store.measurements.write(moved)
    return tmp_path / "data" / "sealed" / "r2"


def words(result):
    return " ".join(result.output.split())


def test_a_round_is_sealed_and_anybody_verifies_it(ended, key, call, tmp_path):
    result = call("--lang", "vi", "round", "seal", "Đợt 2", *key)
    assert result.exit_code == 0, result.output
    assert f"Đã niêm phong đợt đo “Đợt 2”: 24 kết quả đo, trong {ended}" in words(result)
    assert "Dấu thời gian: còn chờ; chưa cấu hình máy chủ" in words(result)
    checked = call("--lang", "vi", "round", "verify", str(ended), "--key", str(tmp_path / "lan.pub"))
    assert checked.exit_code == 0, checked.output
    assert "✓ Đã xem qua 24 kết quả đo" in checked.output
    assert "✓ Đã tính lại từ các bản ghi: ket-qua.json khớp từng byte" in checked.output
    assert "Chưa so khóa" not in checked.output


def test_verifying_needs_neither_settings_nor_store(ended, key, call, tmp_path, monkeypatch):
    call("round", "seal", "Đợt 2", *key)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    result = CliRunner().invoke(cli.app, ["--lang", "vi", "round", "verify", str(ended)])
    assert result.exit_code == 0, result.output
    assert "Chưa so khóa với khóa nào lấy từ nguồn khác" in result.output
    assert list(elsewhere.iterdir()) == []


def test_a_finding_is_exit_code_1_and_told_in_red_words(ended, key, call):
    call("round", "seal", "Đợt 2", *key)
    (ended / "README.txt").write_bytes(b"x")
    result = call("--lang", "vi", "round", "verify", str(ended))
    assert result.exit_code == 1
    assert "✗ README.txt: đã bị sửa sau khi niêm phong: trước có" in result.output
    assert "Gói không khớp: có 1 chỗ sai." in result.output


def test_json_tells_the_same(ended, key, call):
    call("round", "seal", "Đợt 2", *key)
    told = json.loads(call("round", "verify", str(ended), "--json").stdout)
    assert (told["holds"], told["recomputed"], told["key_is_compared"], told["findings"]) == (True, True, False, [])
    (ended / "README.txt").unlink()
    told = json.loads(call("round", "verify", str(ended), "--json").stdout)
    assert [(one["tampering"], one["where"]) for one in told["findings"]] == [("missing_file", "README.txt")]
    told = json.loads(call("round", "verify", str(ended.parent), "--json").stdout)
    assert (told["holds"], told["round_id"]) == (False, None)


def test_the_package_as_a_zip(ended, key, call):
    assert call("round", "seal", "Đợt 2", *key).exit_code == 0
    result = call("round", "seal", "Đợt 2", *key, "--zip")
    assert result.exit_code == 0, result.output
    assert call("round", "verify", str(ended.with_name("r2.zip"))).exit_code == 0
    assert isinstance(call("round", "seal", "Đợt 2", *key, "--zip").exception, ConfigurationError)


def test_a_second_sealing_is_refused_and_a_correction_is_not(ended, key, call):
    call("round", "seal", "Đợt 2", *key)
    again = call("round", "seal", "Đợt 2", *key)
    assert isinstance(again.exception, ConfigurationError)
    assert "is sealed already" in str(again.exception)
    corrected = call("round", "seal", "Đợt 2", *key, "--correct", "Sai tên cơ quan")
    assert corrected.exit_code == 0, corrected.output
    place = str(ended.with_name("r2.dinh-chinh-1"))
    told = call("--lang", "vi", "round", "verify", place, "--previous", str(ended))
    assert "Đính chính lần 1: Sai tên cơ quan" in told.output
    assert told.exit_code == 0, told.output


def test_a_stamp_that_is_pending_is_got_by_the_same_command(ended, key, call, config, monkeypatch):
    config.write_text(config.read_text() + "timestamp_url: http://127.0.0.1:9/\n", encoding="utf-8")
    first = call("--lang", "vi", "round", "seal", "Đợt 2", *key, "--zip")
    assert first.exit_code == 0, first.output
    assert "Dấu thời gian: còn chờ; chạy lại đúng lệnh này để thử lại." in first.output
    assert "http://127.0.0.1:9/: không có dấu thời gian" in words(first)
    before = (ended / "manifest.json").read_bytes()
    token = "manifest.json.tsr"
    monkeypatch.setattr(seal_command, "stamp", lambda sealed, _: (sealed.folder / token).write_bytes(b"x"))
    second = call("--lang", "vi", "round", "seal", "Đợt 2", *key, "--zip")
    assert "r2/manifest.json.tsr" in zipfile.ZipFile(ended.with_name("r2.zip")).namelist()
    assert "Dấu thời gian: đã đặt cạnh bản kê." in second.output
    assert (ended / "manifest.json").read_bytes() == before
    assert isinstance(call("round", "seal", "Đợt 2", *key).exception, ConfigurationError)


def test_files_that_changed_since_the_round_began_are_refused(ended, key, call, tmp_path):
    portals = tmp_path / "portals" / "all.yaml"
    portals.write_text(portals.read_text().replace("name_vi: nhanh", "name_vi: khac"))
    result = call("round", "seal", "Đợt 2", *key)
    assert "registry_digest changed since it began" in str(result.exception)
    assert not ended.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--correct", "a\nb"), "--correct: the text holds a line break"),
        (("--correct", "x"), "is not sealed in"),
    ],
)
def test_mistakes_are_told(ended, key, call, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    result = call("round", "seal", "Đợt 2", *key, *arguments)
    assert isinstance(result.exception, ConfigurationError)
    assert said in str(result.exception)


def test_a_round_that_runs_is_not_sealed(ended, key, call, tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/data/thuocdo.sqlite") as store:
        found = store.rounds.get("r2")
        store.rounds.begin(Round(id="r3", label="Đợt 3", started_at=found.started_at, settings=found.settings))
    assert "has not ended" in str(call("round", "seal", "Đợt 3", *key).exception)


def test_a_wrong_passphrase_is_told(ended, key, call, tmp_path):
    (tmp_path / "words").write_text("khác")
    assert "the passphrase is another" in str(call("round", "seal", "Đợt 2", *key).exception)
    assert not ended.exists()


def test_a_key_is_made_with_a_passphrase_from_the_terminal(call, config, tmp_path):
    name = str(tmp_path / "minh")
    made = CliRunner().invoke(cli.app, ["--config", str(config), "key", "new", name], input="x y\nx y\n")
    assert made.exit_code == 0, made.output
    assert "x y" not in made.output
    shown = CliRunner().invoke(cli.app, ["--config", str(config), "key", "show", f"{name}.key"], input="x y\n")
    public = call("key", "show", f"{name}.pub")
    assert shown.output.splitlines()[-1] == public.output.splitlines()[-1]
    line = (tmp_path / "minh.pub").read_text().splitlines()[1]
    assert line in public.output


def test_two_passphrases_that_differ_make_no_key(config, tmp_path):
    made = CliRunner().invoke(cli.app, ["--config", str(config), "key", "new", str(tmp_path / "a")], input="x\ny\n")
    assert "the two passphrases differ" in str(made.exception)
    made = CliRunner().invoke(cli.app, ["--config", str(config), "key", "new", str(tmp_path / "a")], input="")
    assert "no passphrase was given" in str(made.exception)
    assert not (tmp_path / "a.key").exists()


def test_settings_name_the_time_stamp_server(call, config):
    config.write_text(config.read_text() + "timestamp_url: tsa\n", encoding="utf-8")
    result = call("round", "seal", "Đợt 1", "--key", "x")
    assert isinstance(result.exception, ConfigurationError)
    assert "timestamp_url" in str(result.exception)


def test_a_round_as_the_product_begins_it_is_sealed(key, call, config, tmp_path, monkeypatch):
    settings = load_settings(config)
    with Store.open(settings.store_url) as store:
        begun = begin_round(settings, store, label="Đợt 7", runs={"http": 2})
        store.measurements.write([given_up(job, "máy đo đã tắt") for job in plan_of(settings, begun)])
        store.rounds.end(begun.id, begun.started_at + timedelta(hours=1))
    result = call("--lang", "vi", "round", "seal", "Đợt 7", *key)
    assert result.exit_code == 0, result.output
    told = json.loads(call("round", "verify", str(settings.sealed_dir / begun.id), "--json").stdout)
    assert (told["holds"], told["recomputed"], told["records"]) == (True, True, begun.planned)
    (settings.sealed_dir / begun.id / "plan" / "round.json").unlink()
    told = json.loads(call("round", "verify", str(settings.sealed_dir / begun.id), "--json").stdout)
    assert [one["tampering"] for one in told["findings"]] == ["missing_file"]
    assert not told["recomputed"]
