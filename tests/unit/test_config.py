"""Settings: environment over file over defaults, every mistake reported with its place."""

import re

import pytest

from thuocdo.core import config
from thuocdo.core.config import Settings, load_settings
from thuocdo.core.errors import ConfigurationError


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


def test_a_file_may_give_every_setting_and_no_other():
    assert set(config._File.model_fields) == set(Settings.model_fields)


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


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("vantage: {id: ../../x/y}", "an id is made of lowercase letters"),
        ("vantage: {id: %s}" % ("a" * 65), "an id has at most 64 characters"),
        ("vantage: {id: %s}" % ("a" * 1_000_000), "a text of more than 65536 characters"),
        ('vantage: {id: "a\\nb"}', "an id is made of lowercase letters"),
        ('vantage: {id: ""}', "an id is made of lowercase letters"),
        ("vantage: {id: .}", "an id is made of lowercase letters"),
        ("vantage: {id: Hà-Nội}", "an id is made of lowercase letters"),
        ('vantage: {id: "a "}', "an id is made of lowercase letters"),
        ("criteria_set: ../x", "an id is made of lowercase letters"),
        ('vantage: {region: "a\\nb"}', "the text holds a line break"),
        ('vantage: {carrier: "a\\u202eb"}', "the text holds a line break or a character that cannot be seen"),
        ("vantage: {reference_urls: ['file:///etc/passwd']}", "an address begins with http:// or https://"),
        ("vantage: {reference_urls: ['https://u:p@x.vn/']}", "an address holds no user name or password"),
        ('contact: "a\\r\\nX-Evil: 1"', "the text holds a line break"),
        ("contact: liên hệ", "it is sent in a header"),
        ("web: {port: yes}", "true and false are no number"),
        ("web: {port: .inf}", "finite"),
        ("web: {port: 65536}", "less than or equal to 65535"),
        ("web: {port: -1}", "greater than or equal to 0"),
        ("web: {host: ''}", "no host; give a name or an IP address"),
        ("web: {host: 'http://x/'}", "no host; give a name or an IP address"),
        ("web: {host: '127.0.0.1:80'}", "no host; give a name or an IP address"),
        ("web: {allowed_hosts: ['*']}", "no host; give a name or an IP address"),
        ("web: {header_seconds: .nan}", "finite"),
        ("web: {header_seconds: 0}", "greater than 0"),
        ("web: {idle_seconds: yes}", "true and false are no number"),
        ("web: {most_connections: 0}", "greater than or equal to 8"),
        ("browser: {start_gap_seconds: .inf}", "finite"),
        ("browser: {cpu_share: yes}", "true and false are no number"),
        ("browser: {cpu_share: .nan}", "finite"),
        ("browser: {max_pages: on}", "true and false are no number"),
        ("browser: {memory_megabytes: 10000000}", "less than or equal to"),
        ("browser: {trusted_keys: ['x --no-sandbox']}", "should match pattern"),
        ('browser: {path: "a\\0b"}', "the path holds a line break or a character that cannot be seen"),
        ("evidence: {keep_days: .inf}", "finite"),
        ("evidence: {keep_days: -.inf}", "finite"),
        ("evidence: {keep_days: 1.0e+300}", "less than or equal to 36500"),
        ("evidence: {keep_days: 0}", "greater than 0"),
        ("evidence: {keep_gigabytes: .nan}", "finite"),
        ("evidence: {every: true}", "true and false are no number"),
        ("incidents: {objective: yes}", "true and false are no number"),
        ("incidents: {objective: .nan}", "finite"),
        ("incidents: {every_seconds: .inf}", "finite"),
        ("grafana: {url: 'https://u:p@x/'}", "an address holds no user name or password"),
        ('data_dir: "a\\0b"', "the path holds a line break or a character that cannot be seen"),
        ('registry_dir: "a\\nb"', "the path holds a line break"),
        ("registry_dir: %s" % ("x" * 300), "the path is too long"),
        ("schedule: %s" % ("x/" * 600), "the path is too long"),
        ('store_url: "sqlite:///a\\nb"', "the text holds a line break"),
    ],
)
def test_a_setting_that_nobody_can_mean_is_refused_with_its_line(tmp_path, line, words):
    path = write(tmp_path, f"lang: vi\n{line}\n")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(path)
    assert any(problem.startswith(f"{path}:2: ") and words in problem for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("VANTAGE__ID", "../x", "vantage.id: an id is made of lowercase letters"),
        ("VANTAGE__ID", "a\nb", "vantage.id: an id is made of lowercase letters"),
        ("WEB", '{"port": true}', "true and false are no number"),
        ("WEB__PORT", "nan", "web.port: "),
        ("EVIDENCE__KEEP_DAYS", "inf", "evidence.keep_days: "),
        ("EVIDENCE__KEEP_DAYS", "1e300", "evidence.keep_days: "),
        ("EVIDENCE", "[" * 50_000, "environment: "),
        ("CONTACT", "a\nb", "contact: the text holds a line break"),
        ("DATA_DIR", "x" * 300, "data_dir: the path is too long"),
    ],
)
def test_the_environment_is_held_to_the_same(monkeypatch, name, value, words):
    monkeypatch.setenv(f"THUOCDO_{name}", value)
    with pytest.raises(ConfigurationError, match=re.escape(words)):
        load_settings()


def test_a_secret_that_is_no_text_is_named(tmp_path, monkeypatch):
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    monkeypatch.setenv("THUOCDO_STORE_URL_FILE", str(tmp_path / "secret"))
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load_settings()


def test_a_data_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(ConfigurationError, match="is a file; give a folder"):
        load_settings(write(tmp_path, "data_dir: data\n"))


@pytest.mark.parametrize(
    "line",
    [
        'store_url: "postgresql+psycopg://u:geheim@db/x\\n"',
        'store_url: "postgresql+psycopg://u:ge/h@eim\\n@db/x"',
        "grafana: {url: 'https://u:geheim@x.vn/'}",
        "vantage: {reference_urls: ['https://u:geheim@x.vn/']}",
    ],
)
def test_a_message_holds_no_password(tmp_path, line):
    with pytest.raises(ConfigurationError) as caught:
        load_settings(write(tmp_path, line + "\n"))
    assert "eim" not in str(caught.value)


def test_limits_of_what_is_kept_are_held_against_each_other(tmp_path):
    path = tmp_path / "thuocdo.yaml"
    path.write_text("keep: {raw_days: 60, rollup_days: 59}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"rollup_days \(59\) is less than raw_days \(60\).*raise rollup_days"):
        load_settings(path)
    path.write_text("keep: {raw_days: 2}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"keep\.raw_days.*greater than or equal to 3"):
        load_settings(path)
    path.write_text("keep: {raw_days: 3, rollup_days: 3}\narchive_dir: kept\n", encoding="utf-8")
    settings = load_settings(path)
    assert (settings.keep.raw_days, settings.archive_dir) == (3, tmp_path / "kept")
    assert settings.archive_folder == tmp_path / "kept"


def test_what_is_kept_without_a_word_outlives_what_is_late(monkeypatch):
    settings = Settings()
    assert (settings.keep.raw_days, settings.keep.rollup_days, settings.archive_dir) == (35, 1100, None)
    assert settings.archive_folder == settings.data_dir / "archive"
    monkeypatch.setenv("THUOCDO_KEEP__RAW_DAYS", "90")
    assert Settings().keep.raw_days == 90


def test_an_archive_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "kept").write_text("x")
    (tmp_path / "thuocdo.yaml").write_text("archive_dir: kept\n")
    with pytest.raises(ConfigurationError, match=r"archive_dir: .*kept is a file; give a folder"):
        load_settings(tmp_path / "thuocdo.yaml")
