"""Login sessions that people supplied: where they come from, and that nothing of them is said."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from probes.journeys.session import load_sessions, read_session
from thuocdo.core.errors import ConfigurationError

COOKIE = {
    "name": "JSESSIONID",
    "value": "bi-mat-0123456789",
    "domain": "a.test",
    "path": "/",
    "expires": 1_900_000_000.5,
}
STATE = {
    "cookies": [COOKIE, {**COOKIE, "name": "lang", "value": "vi", "expires": -1}],
    "origins": [{"origin": "https://a.test", "localStorage": [{"name": "token", "value": "eyJ-bi-mat"}]}],
}


def test_a_session_stands_in_a_file_named_as_its_portal(tmp_path: Path) -> None:
    (tmp_path / "da-nang.json").write_text(json.dumps(STATE), encoding="utf-8")
    session = load_sessions(tmp_path, {})["da-nang"]
    assert session.state["cookies"] == STATE["cookies"]
    assert session.expires_at == datetime.fromtimestamp(1_900_000_000.5, UTC)
    assert session.secrets == {"bi-mat-0123456789", "eyJ-bi-mat"}


def test_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / "da-nang.json").write_text(json.dumps(STATE), encoding="utf-8")
    (tmp_path / "other").write_text(json.dumps({"cookies": [], "origins": []}), encoding="utf-8")
    environment = {
        "THUOCDO_SESSION__DA_NANG": json.dumps({"cookies": []}),
        "THUOCDO_SESSION__HA_NOI_FILE": str(tmp_path / "other"),
        "OTHER": "x",
    }
    sessions = load_sessions(tmp_path, environment)
    assert sessions["da-nang"].state["cookies"] == []
    assert sessions.keys() == {"da-nang", "ha-noi"}


def test_a_session_without_lasting_cookies_tells_no_end(tmp_path: Path) -> None:
    sessions = load_sessions(
        tmp_path / "nothing", {"THUOCDO_SESSION__A": json.dumps({"cookies": [{**COOKIE, "expires": -1}]})}
    )
    assert sessions["a"].expires_at is None
    assert not sessions["a"].is_over(datetime(2100, 1, 1, tzinfo=UTC))


def test_a_session_runs_out(tmp_path: Path) -> None:
    session = load_sessions(tmp_path, {"THUOCDO_SESSION__A": json.dumps(STATE)})["a"]
    assert session.is_over(datetime(2040, 1, 1, tzinfo=UTC))
    assert not session.is_over(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("text", ["no json bi-mat", "[]", '{"cookies": 1}', '{"cookies": ["bi-mat"]}', "{}"])
def test_what_is_no_storage_state_is_refused_without_being_shown(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"a\.json: no storage state") as caught:
        load_sessions(tmp_path, {})
    assert "bi-mat" not in str(caught.value.problems)
    with pytest.raises(ConfigurationError, match="no storage state"):
        read_session("a", tmp_path / "a.json")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"THUOCDO_SESSION__A_FILE: .* cannot be read"):
        load_sessions(tmp_path, {"THUOCDO_SESSION__A_FILE": str(tmp_path / "nothing")})


def test_what_it_holds_is_never_printed(tmp_path: Path) -> None:
    session = load_sessions(tmp_path, {"THUOCDO_SESSION__A": json.dumps(STATE)})["a"]
    assert "bi-mat" not in repr(session)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"cookies": ' + "[" * 100_000,
        '{"cookies": [{"value": "x", "expires": 1e400}]}',
        '{"cookies": [{"value": "x", "expires": 1e300}]}',
        '{"cookies": [{"value": "x", "expires": 1e15}]}',
        '{"cookies": 5}',
        '{"cookies": [5]}',
        '{"cookies": [{"value": "\\ud800"}]}',
        '{"cookies": [{"value": "x", "name": 5}]}',
        '{"cookies": [{"value": "x", "expires": NaN}]}',
        '{"cookies": [{"value": "x", "expires": -Infinity}]}',
        '{"cookies": [], "origins": [{"localStorage": [{"value": "\\udfff"}]}]}',
        "null",
    ],
)
def test_what_is_no_storage_state_is_named_whatever_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"a\.json: no storage state of Playwright"):
        load_sessions(tmp_path, {})
