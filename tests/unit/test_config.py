"""Settings: environment over file over defaults, every mistake reported with its place."""

import pytest

from thuocdo.config import load_settings
from thuocdo.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch, tmp_path):
    import os

    for name in os.environ:
        if name.startswith("THUOCDO_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write(tmp_path, text):
    path = tmp_path / "thuocdo.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_need_no_file():
    settings = load_settings()
    assert settings.criteria_set == "survey-2023"
    assert settings.registry_dir.is_dir()
    assert settings.store_url.startswith("sqlite:///")


def test_the_file_in_the_working_directory_is_read_without_being_named(tmp_path):
    write(tmp_path, "criteria_set: qd473-2024\n")
    assert load_settings().criteria_set == "qd473-2024"


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    path = write(tmp_path, "web: {port: 1000}\nlang: en\n")
    monkeypatch.setenv("THUOCDO_WEB__PORT", "2000")
    settings = load_settings(path)
    assert (settings.web.port, settings.lang) == (2000, "en")


def test_relative_paths_are_taken_from_the_files_folder(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "registry").mkdir()
    path = write(tmp_path / "conf", "registry_dir: registry\ndata_dir: data\n")
    settings = load_settings(path)
    assert settings.registry_dir == tmp_path / "conf" / "registry"
    assert settings.data_dir == tmp_path / "conf" / "data"


def test_a_secret_may_come_from_a_file(tmp_path, monkeypatch):
    secret = tmp_path / "secret"
    secret.write_text("postgresql+psycopg://u:p@127.0.0.1/db\n")
    monkeypatch.setenv("THUOCDO_STORE_URL_FILE", str(secret))
    assert load_settings().store_url == "postgresql+psycopg://u:p@127.0.0.1/db"


def test_a_secret_file_that_is_missing_is_named(monkeypatch):
    monkeypatch.setenv("THUOCDO_STORE_URL_FILE", "/nonexistent/secret")
    with pytest.raises(ConfigurationError, match="THUOCDO_STORE_URL_FILE: /nonexistent/secret cannot be read"):
        load_settings()


def test_the_browsers_path_is_not_taken_for_the_browser_settings(monkeypatch):
    monkeypatch.setenv("THUOCDO_BROWSER", "/opt/chromium")
    monkeypatch.setenv("THUOCDO_BROWSER__MAX_PAGES", "5")
    assert load_settings().browser.max_pages == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("data_dirr: x\n", "thuocdo.yaml:1: data_dirr: unknown key 'data_dirr'; did you mean 'data_dir'?"),
        ("web: {prot: 1}\n", "did you mean 'port'?"),
        ("lang: fr\n", "thuocdo.yaml:1: lang"),
        ("web: {port: 99999}\n", "web.port"),
        ("registry_dir: /nonexistent\n", "folder /nonexistent does not exist"),
        ("a: [\n", "no valid YAML"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(tmp_path, text, message):
    with pytest.raises(ConfigurationError) as caught:
        load_settings(write(tmp_path, text))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("THUOCDO_DATADIR", "x", "did you mean 'THUOCDO_DATA_DIR'?"),
        ("THUOCDO_WEB", "garbage", "THUOCDO_WEB__PORT"),
        ("THUOCDO_WEB__PORT", "many", "web.port"),
    ],
)
def test_a_mistake_in_the_environment_is_told(monkeypatch, name, value, message):
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert message in str(caught.value)
