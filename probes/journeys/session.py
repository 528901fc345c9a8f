"""
Login sessions that a person supplied, so that forms behind a login can be opened: Playwright storage states, one per portal.

They are secrets: they come from files or the environment, never from YAML, are never logged, and what they hold is taken out
of every evidence. Nothing here logs in.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from thuocdo.core.errors import ConfigurationError

ENVIRONMENT = "THUOCDO_SESSION__"
"""THUOCDO_SESSION__DA_NANG holds the JSON for portal da-nang, THUOCDO_SESSION__DA_NANG_FILE the path of a file with it."""

SHORTEST_SECRET = 6
"""Shorter values, such as vi or 1, stand in any text and give nothing away."""

HOW_TO = "make one with `playwright codegen --save-storage=FILE ADDRESS`, after logging in by hand"

_NO_STATE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, OSError)
"""What a file raises that is no storage state: no JSON, too deep, other shapes, an end that no calendar holds."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSession:
    """
    One portal's session.

    state: as Playwright's storage_state. expires_at: when the first of its cookies runs out, None where all last as long as a
    browser does, which tells nothing about the portal. secrets: texts that must stand in no evidence.
    """

    portal_id: str
    state: Mapping[str, Any] = field(repr=False)
    expires_at: datetime | None
    secrets: frozenset[str] = field(repr=False)

    def is_over(self, now: datetime) -> bool:
        """Tell whether it has run out."""
        return self.expires_at is not None and self.expires_at <= now


def load_sessions(folder: Path, environment: Mapping[str, str]) -> Mapping[str, LoginSession]:
    """
    Read all sessions, by portal id.

    Args:
        folder: of <portal id>.json; need not exist.
        environment: wins over the files.

    Raises:
        ConfigurationError: every session that is no storage state, one line each; their content is not said.

    """
    sessions: dict[str, LoginSession] = {}
    problems: list[str] = []
    for portal_id, where, text in (*_from_files(folder, problems), *_from_environment(environment, problems)):
        try:
            sessions[portal_id] = _session(portal_id, text)
        except _NO_STATE:
            problems.append(_no_state(where))
    if problems:
        raise ConfigurationError(problems)
    return sessions


def read_session(portal_id: str, file: Path) -> LoginSession:
    """
    Read one session.

    Raises:
        ConfigurationError: the file cannot be read, or is no storage state.

    """
    problems: list[str] = []
    text = _read(file, str(file), problems)
    try:
        if text is not None:
            return _session(portal_id, text)
    except _NO_STATE:
        problems.append(_no_state(str(file)))
    raise ConfigurationError(problems)


def _no_state(where: str) -> str:
    return f"{where}: no storage state of Playwright (JSON with 'cookies' and 'origins'); {HOW_TO}"


def _from_files(folder: Path, problems: list[str]) -> Iterator[tuple[str, str, str]]:
    for file in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        text = _read(file, str(file), problems)
        if text is not None:
            if file.stat().st_mode & 0o077:
                log.warning("a login session can be read by other users; run chmod 600 on it", file=str(file))
            yield file.stem, str(file), text


def _from_environment(environment: Mapping[str, str], problems: list[str]) -> Iterator[tuple[str, str, str]]:
    for name, value in sorted(environment.items()):
        if not name.startswith(ENVIRONMENT):
            continue
        base = name.removeprefix(ENVIRONMENT)
        text = _read(Path(value), name, problems) if base.endswith("_FILE") else value
        if text is not None:
            yield base.removesuffix("_FILE").lower().replace("_", "-"), name, text


def _read(file: Path, where: str, problems: list[str]) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        problems.append(f"{where}: {file} cannot be read ({exc}); check the path and its rights")
        return None


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def _session(portal_id: str, text: str) -> LoginSession:
    state = json.loads(text, parse_constant=_no_number)
    cookies, origins = list(state["cookies"]), list(state.get("origins", []))
    json.dumps(
        [cookies, origins], ensure_ascii=False
    ).encode()  # half a sign would break each probe, not only this start
    for cookie in cookies:
        if not all(isinstance(cookie.get(name, ""), str) for name in ("name", "value", "domain", "path")):
            raise TypeError("a cookie's name, value, domain and path are text")
    stored = [item["value"] for origin in origins for item in origin.get("localStorage", [])]
    ends = [float(cookie["expires"]) for cookie in cookies if float(cookie.get("expires", -1)) > 0]
    values = {str(value) for value in (*(cookie["value"] for cookie in cookies), *stored)}
    return LoginSession(
        portal_id=portal_id,
        state={"cookies": cookies, "origins": origins},
        expires_at=datetime.fromtimestamp(min(ends), UTC) if ends else None,
        secrets=frozenset(value for value in values if len(value) >= SHORTEST_SECRET),
    )
