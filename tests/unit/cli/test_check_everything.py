"""Whatever a setting names is looked at before anything starts, not by the agents that would end with it."""

import pytest

from thuocdo.cli.run import check_everything
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError


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
