"""Whatever a setting names is looked at before anything starts, not by the agents that would end with it."""

import errno
import os
import socket

import pytest
import structlog
from typer.testing import CliRunner

from thuocdo.cli import app
from thuocdo.cli.run import begin_files, check_everything, reload_files
from thuocdo.core import in_force
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.in_force import settings_left_in_force
from thuocdo.core.reloading import ReloadWatch


@pytest.mark.parametrize("text", ["", "x", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n", "\0"])
def test_a_file_without_an_authority_is_named(tmp_path, text):
    (tmp_path / "ca.pem").write_text(text)
    with pytest.raises(ConfigurationError, match=r"ca\.pem: holds no certificate that can be read"):
        check_everything(Settings(data_dir=tmp_path / "data", ca_file=tmp_path / "ca.pem"))


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "[]", "1", "null", "[" * 50_000, '{"a.test": 1}', '{"a.test": ["127.0.0.1"]}'),
        *('{"a.test": "localhost"}', '{"a.test": "127.0.0.1:80"}', '{"a.test": ""}', '{"a.test": "127.1"}', "\ufeff{}"),
    ],
)
def test_a_map_of_hosts_that_is_none_is_named(tmp_path, text):
    (tmp_path / "hosts.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"hosts\.json: no"):
        check_everything(Settings(data_dir=tmp_path / "data", hosts_file=tmp_path / "hosts.json"))


def test_all_of_it_comes_together(tmp_path):
    for name in ("hosts.json", "ca.pem"):
        (tmp_path / name).write_text("x")
    sessions = tmp_path / "data" / "sessions"
    sessions.mkdir(parents=True)
    (sessions / "da-nang.json").write_text("x")
    settings = Settings(data_dir=tmp_path / "data", hosts_file=tmp_path / "hosts.json", ca_file=tmp_path / "ca.pem")
    with pytest.raises(ConfigurationError) as found:
        check_everything(settings)
    assert len(found.value.problems) == 3


def test_files_are_read_again_for_all_or_for_nobody(tmp_path):
    (tmp_path / "maintenance.yaml").write_text("windows: []\n")
    settings = Settings(data_dir=tmp_path / "data", maintenance=tmp_path / "maintenance.yaml")
    watch = ReloadWatch(settings.data_dir)
    assert reload_files(settings).targets
    assert watch.news().problems == ()
    settings.maintenance.write_text("windows:\n  - {agency: khong-co, from: 2026-11-22 10:00, to: 2026-11-22 10:05}\n")
    with pytest.raises(ConfigurationError) as found:
        reload_files(settings)
    assert watch.news().problems == found.value.problems
    assert any("maintenance.yaml:2" in one for one in found.value.problems)


HALF_WRITTEN = "windows:\n  - {agency: []"


@pytest.fixture
def own(tmp_path):
    """Settings whose maintenance a test may spoil."""
    (tmp_path / "maintenance.yaml").write_text("windows: []\n")
    return Settings(data_dir=tmp_path / "data", maintenance=tmp_path / "maintenance.yaml")


def told(settings):
    return ReloadWatch(settings.data_dir).last().problems


def test_a_service_that_begins_over_broken_files_goes_on_by_what_was_in_force_and_tells_the_mistakes(own):
    begin_files(own)
    assert told(own) == ()
    before = settings_left_in_force(own)
    own.maintenance.write_text(HALF_WRITTEN)
    with structlog.testing.capture_logs() as logs:
        begin_files(own)
    assert settings_left_in_force(own) == before
    assert told(own)[0].startswith(f"{own.maintenance}:3")
    assert [(one["log_level"], one["problems"]) for one in logs] == [("error", list(told(own)))]
    own.maintenance.write_text("windows: []\n# mended\n")
    begin_files(own)
    assert told(own) == ()
    assert "mended" in settings_left_in_force(own).maintenance.read_text()


def test_the_first_start_over_broken_files_ends_and_leaves_nothing(own):
    own.maintenance.write_text(HALF_WRITTEN)
    with pytest.raises(ConfigurationError, match=r"maintenance\.yaml:3"):
        begin_files(own)
    assert settings_left_in_force(own) is None
    assert [*(own.data_dir / "in-force").iterdir()] == []


def test_a_copy_that_is_no_good_itself_is_nothing_to_go_on_by(own):
    begin_files(own)
    settings_left_in_force(own).maintenance.write_text(HALF_WRITTEN)
    own.maintenance.write_text(HALF_WRITTEN)
    with pytest.raises(ConfigurationError) as found:
        begin_files(own)
    assert {one.partition(":")[0] for one in found.value.problems} == {str(own.maintenance)}


def test_what_is_in_no_copy_is_no_reason_to_go_on(own, tmp_path):
    begin_files(own)
    (tmp_path / "hosts.json").write_text("x")
    with pytest.raises(ConfigurationError, match=r"hosts\.json"):
        begin_files(own.model_copy(update={"hosts_file": tmp_path / "hosts.json"}))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_where_nothing_can_be_written_a_service_goes_on_by_the_copy_that_is_there(own, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    def cannot_tell(*_):
        raise StoreUnavailableError("reload.json: cannot be written")

    begin_files(own)
    before = settings_left_in_force(own)
    monkeypatch.setattr(in_force, "_copy", refuse)
    monkeypatch.setattr("thuocdo.cli.run.tell_reload", cannot_tell)
    with structlog.testing.capture_logs() as logs:
        begin_files(own)
    assert settings_left_in_force(own) == before
    assert [one["log_level"] for one in logs] == ["error", "error"]
    assert "in-force: cannot be written" in logs[0]["problems"][0]


def test_a_start_that_fails_for_its_port_copies_nothing(own, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "thuocdo.yaml").write_text(f"data_dir: {own.data_dir}\nweb: {{port: {port}}}\n")
        done = CliRunner().invoke(app, ["--config", str(tmp_path / "thuocdo.yaml"), "run"])
    assert "cannot listen" in str(done.exception)
    assert not (own.data_dir / "in-force").exists()
