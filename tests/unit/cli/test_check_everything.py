"""Whatever a setting names is looked at before anything starts, not by the agents that would end with it."""

import pytest

from thuocdo.cli.run import check_everything, reload_files
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
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
