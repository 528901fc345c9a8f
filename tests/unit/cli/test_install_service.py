"""The files of the service: whole, in their places, and never over what a person wrote."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from schedules.maintenance import load_maintenance
from thuocdo.cli import app, service_files
from thuocdo.cli.service_files import A_PERSONS, COMMAND, OWNERS, PLACES, PORTALS, SETTINGS
from thuocdo.core.config import load_settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.portals import read_registry

PROGRAM = "/opt/elsewhere/bin/thuocdo"


@pytest.fixture
def install(tmp_path):
    root = tmp_path / "root"
    root.mkdir()

    def call(*arguments, lang="en", root=root):
        given = ["--lang", lang, "install-service", "--root", str(root), "--program", PROGRAM, *arguments]
        return CliRunner(env={"COLUMNS": "200"}).invoke(app, given)

    call.root = root
    yield call
    structlog.reset_defaults()


def test_every_file_is_in_its_place_and_names_the_program(install):
    done = install()
    assert done.exit_code == 0, done.exception
    places = {*PLACES.values(), *A_PERSONS.values()}
    assert {path.relative_to(install.root).as_posix() for path in install.root.rglob("*") if path.is_file()} == places
    for place in places:
        path = install.root / place
        assert stat.S_IMODE(path.stat().st_mode) == (0o755 if place == COMMAND else 0o644)
        assert f"written    {path}" in done.stdout
        assert service_files.SHIPPED_PROGRAM not in path.read_text()
    unit = (install.root / PLACES["deploy/systemd/thuocdo.service"]).read_text()
    assert f"\nExecStart={PROGRAM} --config /{SETTINGS} --log-format json run\n" in unit


def test_what_to_do_next_is_said(install):
    said = install(lang="vi").stdout
    assert "Các bước tiếp theo, với quyền root:" in said
    for command in (
        "systemd-sysusers",
        "systemd-tmpfiles --create",
        "config check",
        "enable --now thuocdo",
        "journalctl",
    ):
        assert command in said


def test_the_settings_are_good_ones(install, tmp_path):
    install()
    file = install.root / SETTINGS
    settings = load_settings(file)
    assert (settings.data_dir, settings.log_format) == (Path("/var/lib/thuocdo"), "console"), "the units ask for JSON"
    assert read_registry(settings.registry_dir).at(None).targets == {}, "nobody is measured before a person says whom"
    assert load_maintenance(settings.maintenance) == ()
    # What stands there as an example is good, too.
    lines = [line.removeprefix("# ") for line in file.read_text().splitlines()]
    keys = ("contact:", "vantage:", "  id:", "  region:", "  carrier:", "web:", "  allowed_hosts:")
    example = tmp_path / "example.yaml"
    example.write_text("\n".join(line for line in lines if line.startswith(keys)))
    assert load_settings(example).web.allowed_hosts == ("thuocdo.example.vn",)


def test_the_example_of_a_portal_of_ones_own_is_a_good_one(install, tmp_path):
    install()
    lines = (install.root / PORTALS).read_text().splitlines()
    example = lines[lines.index("# agencies:") :]
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "own.yaml").write_text("\n".join(line.removeprefix("# ") for line in example))
    registry = read_registry(tmp_path / "registry").at(None)
    assert [target.url for target in registry.probed_targets()] == ["https://dichvucong.example.vn/"]


def test_by_hand_it_is_the_service_s_user_but_for_what_only_root_may_write(install, tmp_path):
    install()
    command = (install.root / COMMAND).read_text()
    assert command.startswith("#!/bin/sh\n# thuocdo install-service sha256:")
    for name in ("id", "runuser"):  # a stand-in says what it was asked
        said = "echo 0" if name == "id" else f'test "$4" = test || echo "{name} $* $THUOCDO_CONFIG"'
        (tmp_path / name).write_text(f"#!/bin/sh\n{said}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "thuocdo").write_text('#!/bin/sh\necho "root $* $THUOCDO_CONFIG"\n')
    (tmp_path / "thuocdo").chmod(0o755)
    script = tmp_path / "script"
    script.write_text(command.replace(PROGRAM, str(tmp_path / "thuocdo")))

    def told(*arguments):
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        return subprocess.run(
            ["/bin/sh", script, *arguments], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    config = f"/{SETTINGS}"
    assert told("alerts", "write") == f"root alerts write {config}\n"
    assert told("incidents", "ack") == f"runuser -u thuocdo -- {tmp_path}/thuocdo incidents ack {config}\n"


@pytest.mark.parametrize("place", [PORTALS, OWNERS])
def test_what_a_person_wrote_stays_even_as_a_link(install, place):
    install()
    file, elsewhere = install.root / place, install.root / "elsewhere.yaml"
    file.unlink()
    elsewhere.write_text("mine\n")
    file.symlink_to(elsewhere)
    assert f"left       {file}" in install("--force").stdout
    assert file.readlink() == elsewhere


def test_a_second_time_changes_nothing(install):
    install()
    before = {path: path.stat().st_mtime_ns for path in install.root.rglob("*")}
    said = install().stdout
    assert said.count("unchanged  ") == len(PLACES) + len(A_PERSONS)
    assert {path: path.stat().st_mtime_ns for path in install.root.rglob("*")} == before


def test_an_older_file_of_ours_makes_room_for_a_newer_one(install, monkeypatch):
    install()
    monkeypatch.setattr(sys.modules[__name__], "PROGRAM", "/opt/newer/bin/thuocdo")
    said = install()
    assert said.exit_code == 0
    assert "/opt/newer" in (install.root / PLACES["deploy/systemd/thuocdo.service"]).read_text()
    assert said.stdout.count("written    ") == 3, "of all files three name the program"


@pytest.mark.parametrize("how", ["changed", "own", "masked"])
def test_what_a_person_did_is_replaced_by_force_alone_and_nothing_is_half_done(install, how):
    unit, timer = (
        install.root / PLACES[f"deploy/systemd/{name}"] for name in ("thuocdo.service", "thuocdo-backup.timer")
    )
    install()
    timer.unlink()
    if how == "changed":
        unit.write_text(unit.read_text() + "\n[Service]\nNice=5\n")
    else:
        unit.unlink()
        unit.symlink_to("/dev/null") if how == "masked" else unit.write_text("[Service]\n")
    before = unit.readlink() if how == "masked" else unit.read_bytes()
    refused = install()
    assert isinstance(refused.exception, ConfigurationError)
    assert f"{unit}: a person changed or made it" in str(refused.exception)
    assert "--force" in str(refused.exception)
    assert (unit.readlink() if how == "masked" else unit.read_bytes()) == before
    assert not timer.exists(), "all or none"
    assert install("--force").exit_code == 0
    assert unit.is_file()
    assert not unit.is_symlink()
    assert timer.exists()


def test_settings_that_are_there_stay_whatever_is_forced(install):
    file = install.root / SETTINGS
    file.parent.mkdir(parents=True)
    file.write_text("data_dir: /srv/thuocdo\n")
    for arguments in ((), ("--force",)):
        assert f"left       {file}" in install(*arguments).stdout
        assert file.read_text() == "data_dir: /srv/thuocdo\n"


def test_where_it_may_not_write_it_says_so(install, monkeypatch):
    real = os.access
    systemd = install.root / "etc" / "systemd"
    systemd.mkdir(parents=True)
    monkeypatch.setattr(service_files.os, "access", lambda path, mode: path != systemd and real(path, mode))
    refused = install()
    assert isinstance(refused.exception, ConfigurationError)
    assert f"{systemd}: cannot be written; run this as root, or give --root DIR" in str(refused.exception)
    assert [path for path in install.root.rglob("*") if path.is_file()] == []


def test_a_read_only_disk_is_told(install, monkeypatch):
    def read_only(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(service_files, "NamedTemporaryFile", read_only)
    assert "cannot be written (Read-only file system)" in str(install().exception)


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("/home/lan/thuocdo/.venv/bin/thuocdo", "the service sees nothing below /home"),
        ("/root/thuocdo", "the service sees nothing below /root"),
        ("bin/thuocdo", "is no absolute path"),
        ("/opt/thước đo/bin/thuocdo", "means something to systemd"),
        ("/opt/100%/thuocdo", "means something to systemd"),
    ],
)
def test_a_program_that_a_service_could_not_start_is_refused(install, monkeypatch, program, message):
    monkeypatch.setattr(sys.modules[__name__], "PROGRAM", program)
    assert message in str(install().exception)


def test_a_root_that_is_none_is_refused(install, tmp_path):
    assert "there is no folder" in str(install(root=tmp_path / "none").exception)
