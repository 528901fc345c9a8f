"""The file of a backup: what is in it, under which name it appears, and that a spoilt one changes nothing."""

import gzip
import io
import json
import os
import tarfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from typer.testing import CliRunner

from thuocdo.backup import making, package, putting_back
from thuocdo.backup.making import back_up
from thuocdo.backup.manifest import read_manifest
from thuocdo.backup.putting_back import finish, put_back
from thuocdo.cli import app
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreError, StoreUnavailableError
from thuocdo.core.in_force import renewed
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path, make_measurement):
    """An installation with a bit of everything."""
    made = Settings(data_dir=tmp_path / "data")
    with Store.open(made.store_url) as store:
        store.measurements.write([make_measurement(0)])
    EvidenceStore(made.evidence_dir).save("headers", b"HTTP/1.1 503", "text/plain")
    for name in ("identity", "sessions", "sealed", "keys"):
        (made.data_dir / name).mkdir()
        (made.data_dir / name / "hue.json").write_text("{}")
    (made.data_dir / "identity" / ".half").write_text("somebody is writing it")
    return made


@pytest.fixture
def elsewhere(tmp_path):
    return Settings(data_dir=tmp_path / "elsewhere")


def names_in(file):
    return [name for name, _ in package.members(file)]


def content_of(file):
    """Name -> content, and the manifest."""
    content = {name: stream.read() for name, stream in package.members(file)}
    return content, json.loads(content["manifest.json"])


def packed(file, content):
    """Write a backup of one's own making."""
    with package.writing(file, package.GZIP) as tar:
        for name, value in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(value)
            tar.addfile(info, io.BytesIO(value))
    return file


def test_what_cannot_be_measured_again_is_in_it_and_no_secret(settings, tmp_path):
    names = names_in(back_up(settings, tmp_path / "b.tar.gz", NOW).file)
    assert names[0] == "store/thuocdo.sqlite"
    assert names[-1] == "manifest.json"
    assert {name.partition("/")[0] for name in names} == {"store", "identity", "sealed", "files", "manifest.json"}
    assert {name for name in names if name.startswith("identity")} == {"identity/hue.json"}
    assert {"files/schedule/default.yaml", "files/maintenance/maintenance.yaml", "files/registry/ministries.yaml"} <= {
        *names
    }
    more = names_in(back_up(settings, tmp_path / "c.tar.zst", NOW, sessions=True, evidence=True, keys=True).file)
    assert {name.partition("/")[0] for name in more} - {name.partition("/")[0] for name in names} == {
        "sessions",
        "evidence",
        "keys",
    }


def test_sealed_rounds_come_back_and_a_package_that_is_there_stays(settings, elsewhere, tmp_path):
    """So do the machine's keys, where they are in it; where they are not, those that are here stay."""
    file = back_up(settings, tmp_path / "b.tar.gz", NOW).file
    for name in ("sealed", "keys"):
        (elsewhere.data_dir / name).mkdir(parents=True)
        (elsewhere.data_dir / name / "own.json").write_text("own")
    put_back(elsewhere, file, NOW, force=True)
    assert {path.name for path in elsewhere.sealed_dir.iterdir()} == {"hue.json", "own.json"}
    assert [path.name for path in (elsewhere.data_dir / "keys").iterdir()] == ["own.json"]
    put_back(elsewhere, back_up(settings, tmp_path / "c.tar.gz", NOW, keys=True).file, NOW, force=True)
    assert [path.name for path in (elsewhere.data_dir / "keys").iterdir()] == ["hue.json"]


def test_files_are_in_it_as_the_service_works_by_them_not_as_somebody_is_editing_them(settings, elsewhere, tmp_path):
    registry = tmp_path / "portals"
    registry.mkdir()
    (registry / "own.yaml").write_text("agencies: []\n")
    (tmp_path / "plan.yaml").write_text("windows: []\n")
    mine = {"registry_dir": registry, "maintenance": tmp_path / "plan.yaml"}
    installed = settings.model_copy(update=mine)
    renewed(installed, lambda _: None)
    (registry / "own.yaml").write_text("agencies: [\n")
    (tmp_path / "plan.yaml").write_text("windows: [\n")
    file = back_up(installed, tmp_path / "b.tar.gz", NOW).file
    content, _ = content_of(file)
    assert content["files/registry/own.yaml"] == b"agencies: []\n"
    assert content["files/maintenance/plan.yaml"] == b"windows: []\n"
    assert any(name.startswith("files/journeys/") for name in content)
    # So what is put back is held against what the service here works by.
    assert {"registry/own.yaml", "maintenance/plan.yaml"} <= {
        *put_back(elsewhere.model_copy(update=mine), file, NOW).differing
    }
    assert put_back(installed, file, NOW, force=True).differing == ()


def test_evidence_and_sessions_come_back_and_evidence_that_is_there_stays(settings, elsewhere, tmp_path):
    file = back_up(settings, tmp_path / "b.tar.gz", NOW, sessions=True, evidence=True).file
    other = EvidenceStore(elsewhere.evidence_dir).save("headers", b"own", "text/plain")
    put_back(elsewhere, file, NOW)
    assert len([path for path in elsewhere.evidence_dir.rglob("*") if path.is_file()]) == 2
    assert EvidenceStore(elsewhere.evidence_dir).path(other.sha256)
    assert (elsewhere.sessions_dir / "hue.json").read_text() == "{}"
    assert (elsewhere.sessions_dir / "hue.json").stat().st_mode & 0o077 == 0


def test_sessions_that_are_not_in_it_stay(settings, elsewhere, tmp_path):
    file = back_up(settings, tmp_path / "b.tar.gz", NOW).file
    elsewhere.sessions_dir.mkdir(parents=True)
    (elsewhere.sessions_dir / "own.json").write_text("{}")
    put_back(elsewhere, file, NOW, force=True)
    assert [path.name for path in elsewhere.sessions_dir.iterdir()] == ["own.json"]


def test_a_person_is_told_which_files_are_not_as_in_the_backup(settings, elsewhere, tmp_path):
    registry = tmp_path / "portals"
    registry.mkdir()
    (registry / "own.yaml").write_text("agencies: []\n")
    file = back_up(settings, tmp_path / "b.tar.gz", NOW).file
    done = put_back(elsewhere.model_copy(update={"registry_dir": registry}), file, NOW)
    assert "registry/own.yaml" in done.differing
    assert "registry/ministries.yaml" in done.differing
    assert not any(name.startswith("criteria") for name in done.differing)
    assert (done.files / "registry" / "ministries.yaml").is_file()
    assert [path.name for path in registry.iterdir()] == ["own.yaml"], "nothing in force is replaced"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda raw: raw[: len(raw) // 2], "was cut short"),
        (lambda raw: raw[:-6] + b"\0\0\0\0\0\0", "was cut short"),
        (lambda raw: raw[:5000] + bytes([raw[5000] ^ 255]) + raw[5001:], "b.tar.gz"),
        (lambda raw: b"no backup at all", "is no backup"),
        (lambda raw: b"", "is no backup"),
    ],
)
def test_a_spoilt_backup_changes_nothing(settings, elsewhere, tmp_path, spoil, message):
    file = back_up(settings, tmp_path / "b.tar.gz", NOW).file
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(StoreError, match=message):
        put_back(elsewhere, file, NOW)
    assert not (elsewhere.data_dir / "thuocdo.sqlite").exists()
    assert list(elsewhere.data_dir.glob(".restore-*")) == []


def test_what_zstd_packed_is_found_cut_short_too(settings, elsewhere, tmp_path):
    file = back_up(settings, tmp_path / "b.tar.zst", NOW).file
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(StoreError, match=r"b\.tar\.zst: is no backup, or was cut short|zstd says"):
        put_back(elsewhere, file, NOW)
    assert not (elsewhere.data_dir / "thuocdo.sqlite").exists()


def changed(**values):
    def change(content):
        content["manifest.json"] = json.dumps(json.loads(content["manifest.json"]) | values).encode()

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content.update({"identity/hue.json": b"{ }"}), "1 files are not what they were.*hue.json"),
        (lambda content: content.pop("identity/hue.json"), "1 files are not what they were"),
        (lambda content: content.pop("manifest.json"), "it was cut short"),
        (lambda content: content.update({"z": b""}), "something comes after its manifest"),
        (changed(format=2), "its format is 2, this program knows 1; update thuocdo"),
        (changed(schema_revision="9999"), "revision 9999, this program knows up to.*put it back with that one"),
        (changed(files=[{"path": "x", "size_bytes": -1, "sha256": "y"}]), "says nothing sensible"),
        (changed(engine="oracle"), "no database is in it"),
    ],
)
def test_a_backup_that_is_not_to_the_byte_what_its_manifest_says_is_refused(
    settings, elsewhere, tmp_path, change, message
):
    content, _ = content_of(back_up(settings, tmp_path / "b.tar.gz", NOW).file)
    change(content)
    with pytest.raises(StoreError, match=message):
        put_back(elsewhere, packed(tmp_path / "own.tar.gz", content), NOW)


@pytest.mark.parametrize("name", ["../out", "/etc/out", "identity/../../out", "identity//x", "other/x", "identity"])
def test_a_name_that_leads_elsewhere_is_refused(elsewhere, tmp_path, name):
    with pytest.raises(StoreError, match=r"which no backup holds|cut short|cannot be put back"):
        put_back(elsewhere, packed(tmp_path / "own.tar.gz", {name: b"x"}), NOW)
    assert not (tmp_path / "out").exists()


def test_a_link_is_no_file_of_a_backup(elsewhere, tmp_path):
    with tarfile.open(tmp_path / "own.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo("identity/x")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(StoreError, match="which no backup holds"):
        put_back(elsewhere, tmp_path / "own.tar.gz", NOW)


def test_a_spoilt_database_in_a_whole_backup_is_found(settings, elsewhere, tmp_path, make_measurement):
    with Store.open(settings.store_url) as store:
        store.measurements.write([make_measurement(n) for n in range(1, 3000)])
    content, manifest = content_of(back_up(settings, tmp_path / "b.tar.gz", NOW).file)
    database = content["store/thuocdo.sqlite"]
    broken = database[:8192] + b"\xff" * 4096 * 8 + database[8192 + 4096 * 8 :]
    entry = package.Hashing(io.BytesIO(broken))
    entry.read()
    files = [
        one if one["path"] != "store/thuocdo.sqlite" else one | {"sha256": entry.sha256} for one in manifest["files"]
    ]
    content["store/thuocdo.sqlite"] = broken
    content["manifest.json"] = json.dumps(manifest | {"files": files}).encode()
    with pytest.raises(StoreError, match=r"spoilt|malformed"):
        put_back(elsewhere, packed(tmp_path / "own.tar.gz", content), NOW)


def test_a_name_tells_how_it_is_packed(settings, tmp_path, monkeypatch):
    for name in ("backup.zip", "backup", ".tar.gz"):
        with pytest.raises(ConfigurationError, match=r"ends in \.tar\.zst or \.tar\.gz"):
            back_up(settings, tmp_path / name, NOW)
    monkeypatch.setattr(package.shutil, "which", lambda name: None)
    with pytest.raises(ConfigurationError, match="apt-get install zstd"):
        back_up(settings, tmp_path / "b.tar.zst", NOW)
    assert back_up(settings, tmp_path, NOW).file.name == "thuocdo-2026-11-22T080000Z.tar.gz"


def test_a_file_that_is_there_is_never_overwritten(settings, tmp_path):
    file = back_up(settings, tmp_path / "b.tar.gz", NOW).file
    before = file.read_bytes()
    with pytest.raises(ConfigurationError, match="is there already"):
        back_up(settings, file, NOW)
    assert file.read_bytes() == before
    with pytest.raises(ConfigurationError, match="there is no such folder"):
        back_up(settings, tmp_path / "none" / "b.tar.gz", NOW)


def test_in_a_folder_the_newest_stay_and_what_has_another_name(settings, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "thuocdo-of-mine.tar.gz").write_text("")
    made = [back_up(settings, folder, NOW + timedelta(days=day), keep=2) for day in range(4)]
    assert [one.gone for one in made] == [(), (), (made[0].file,), (made[1].file,)]
    assert {path.name for path in folder.iterdir()} == {"thuocdo-of-mine.tar.gz", made[2].file.name, made[3].file.name}
    with pytest.raises(ConfigurationError, match="is no folder"):
        back_up(settings, tmp_path / "b.tar.gz", NOW, keep=2)


def test_nothing_is_left_of_an_attempt_that_failed_or_was_killed(settings, tmp_path, monkeypatch):
    folder = tmp_path / "backups"
    folder.mkdir()
    dead = next(number for number in range(100_000, 4_000_000) if not os.path.exists(f"/proc/{number}"))
    (folder / f".b.tar.gz.unfinished-{dead}").mkdir()
    (folder / ".b.tar.gz.unfinished-1").mkdir()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "_add", full)
    with pytest.raises(StoreUnavailableError, match="free space"):
        back_up(settings, folder / "b.tar.gz", NOW)
    assert [path.name for path in folder.iterdir()] == [".b.tar.gz.unfinished-1"], "another one may still be at work"


def test_without_a_store_there_is_nothing_to_back_up(elsewhere, tmp_path):
    with pytest.raises(StoreError, match="there is no store to back up"):
        back_up(elsewhere, tmp_path / "b.tar.gz", NOW)
    assert not elsewhere.data_dir.exists()


def test_while_the_service_runs_nothing_is_put_back(settings, tmp_path):
    file = back_up(settings, tmp_path / "b.tar.gz", NOW).file
    with (
        putting_back.owned(settings.data_dir, "run"),
        pytest.raises(ConfigurationError, match="`thuocdo run` with pid"),
    ):
        put_back(settings, file, NOW, force=True)


def test_a_restore_that_a_store_cannot_tell_of_waits_for_it(settings, tmp_path, monkeypatch):
    (settings.data_dir / putting_back.NOTE).write_text(json.dumps({"restore": "x", "parts": ["identity"]}))

    def away(_copies, _name):
        raise StoreUnavailableError("the server is away")

    monkeypatch.setattr(putting_back.Copies, "is_put_back", away)
    with pytest.raises(StoreUnavailableError):
        finish(settings)
    assert (settings.data_dir / putting_back.NOTE).exists()
    monkeypatch.undo()
    finish(settings)
    assert not (settings.data_dir / putting_back.NOTE).exists()
    assert (settings.data_dir / "identity" / "hue.json").exists()


def test_a_folder_that_is_a_link_is_refused_before_anything_is_done(settings, elsewhere, tmp_path):
    file = back_up(settings, tmp_path / "b.tar.gz", NOW).file
    (tmp_path / "disk").mkdir()
    elsewhere.data_dir.mkdir()
    (elsewhere.data_dir / "identity").symlink_to(tmp_path / "disk")
    with pytest.raises(ConfigurationError, match="is a link or a disk of its own"):
        put_back(elsewhere, file, NOW, force=True)
    assert not (elsewhere.data_dir / "thuocdo.sqlite").exists()


def test_evidence_on_another_disk_gets_its_files_whole(settings, elsewhere, tmp_path, monkeypatch):
    file = back_up(settings, tmp_path / "b.tar.gz", NOW, evidence=True).file
    real = putting_back.Path.replace

    def replace_(path, target):
        if ".restore-" in str(path) and "/evidence/" in str(target) and path.parent != target.parent:
            raise OSError(18, "Invalid cross-device link")
        return real(path, target)

    monkeypatch.setattr(putting_back.Path, "replace", replace_)
    put_back(elsewhere, file, NOW)
    found = [path for path in elsewhere.evidence_dir.rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in found] == [b"HTTP/1.1 503"]
    assert not found[0].name.startswith(".")


def test_a_manifest_of_a_backup_reads_back(settings, tmp_path):
    made = back_up(settings, tmp_path / "b.tar.gz", NOW)
    assert read_manifest(made.manifest.to_json()) == made.manifest
    with pytest.raises(ValueError, match="no JSON"):
        read_manifest(gzip.compress(b"{}"))
    assert replace(made.manifest, files=()) != made.manifest


def test_the_commands_say_what_they_did_and_what_is_next(settings, tmp_path):
    file, config, other = tmp_path / "b.tar.gz", tmp_path / "a.yaml", tmp_path / "b.yaml"
    config.write_text(f"data_dir: {settings.data_dir}\n")
    other.write_text(f"data_dir: {tmp_path / 'elsewhere'}\n")

    def call(*arguments, config=config, lang="en"):
        result = CliRunner(env={"COLUMNS": "500"}).invoke(app, ["--config", str(config), "--lang", lang, *arguments])
        structlog.reset_defaults()
        return result

    said = call("backup", str(file))
    assert said.exit_code == 0, said.exception
    assert f"Backed up into {file}: 0." in said.stdout
    assert (
        "Not in it: settings and secrets, login sessions (--sessions), evidence (--evidence), the machine"
        in said.stdout
    )
    assert "is whole: made" in call("restore", str(file), "--check").stdout
    refused = call("restore", str(file))
    assert isinstance(refused.exception, ConfigurationError)
    assert "say --force" in str(refused.exception)
    assert "Bây giờ hãy khởi động lại dịch vụ." in call("restore", str(file), config=other, lang="vi").stdout
    missing = call("restore", str(tmp_path / "none.tar.gz"), "--check")
    assert isinstance(missing.exception, ConfigurationError)
