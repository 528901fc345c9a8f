"""
The cookies of one chain of redirects: whoever sets one and sends on expects it back, as from every browser.

They live as long as one probe and are stored nowhere. Servers write what they like into the header, and browsers read it: cookies
without a name, with blanks, in any alphabet, with dates in any order. So they are read here, and sent back in the same order.
Each form was tried on Chromium 156 (the table is tests/unit/probes/net/test_cookies.py).

Source: RFC 6265bis, 5 (6265, 5.1.1 for dates). There is no list of the world's registries here: a domain under which strangers
register is told by `probes.redaction.addresses.site`.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

from probes.net.destination import HttpDestination
from probes.redaction.addresses import is_address, site
from thuocdo.core import clock

_LONGEST_LINE = 16 * 1024
_LONGEST_PAIR_BYTES = 4096
_LONGEST_ATTRIBUTE = 1024
_MOST_COOKIES = 180
"""Of one chain; so many Chromium keeps of one domain."""
_LONGEST_HEADER_BYTES = 64 * 1024
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_MAX_AGE = re.compile(r"[+-]?[0-9]{1,18}")
_PROMISES = ("__secure-", "__host-", "__http-")
_DELIMITERS = re.compile(r"[\t -/;-@\[-`{-~]+")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
_DAY = re.compile(r"([0-9]{1,2})(?![0-9])")
_YEAR = re.compile(r"([0-9]{2,4})(?![0-9])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cookie:
    """name: perhaps empty. domain: whose it is; alone: not of all names below it. until: monotonic instant, None = none."""

    name: str
    value: str
    domain: str
    alone: bool
    path: str
    secure: bool
    until: float | None

    @property
    def key(self) -> tuple[str, str, bool, str]:
        """What it shares with the one whose place it takes."""
        return self.name, self.domain, self.alone, self.path

    @property
    def told(self) -> str:
        """As a request says it."""
        return f"{self.name}={self.value}" if self.name else self.value

    def belongs_to(self, place: HttpDestination, now: float) -> bool:
        """Whether a request to a place carries it."""
        return (
            (_is_trusted(place) or not self.secure)
            and (self.until is None or now < self.until)
            and (self.domain == place.host or (not self.alone and place.host.endswith(f".{self.domain}")))
            and _is_within(place.path, self.path)
        )


class ChainCookies:
    """What was set along the chain so far."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, bool, str], _Cookie] = {}

    def take(self, place: HttpDestination, lines: Sequence[str]) -> None:
        """
        Keep what an answer sets.

        Args:
            place: that answered.
            lines: the values of its Set-Cookie headers.
        """
        for line in lines[:_MOST_COOKIES]:
            cookie = _read(line, place) if len(line) <= _LONGEST_LINE else None
            if cookie is None or (not cookie.secure and not _is_trusted(place) and self._is_guarded(cookie)):
                continue
            before = self._kept.get(cookie.key)
            if before is None or before.value != cookie.value:  # with another value it is a new one, which is told last
                self._kept.pop(cookie.key, None)
            if before is not None or len(self._kept) < _MOST_COOKIES:
                self._kept[cookie.key] = cookie

    def header(self, place: HttpDestination) -> bytes:
        """Return the request's Cookie line for a place, empty where it has none."""
        if not self._kept:
            return b""
        now = time.monotonic()
        found = [cookie for cookie in self._kept.values() if cookie.belongs_to(place, now)]
        told, size = [], 0
        for cookie in sorted(found, key=lambda one: -len(one.path)):
            part = cookie.told.encode("utf-8", "surrogateescape")
            size += len(part) + 2
            if size > _LONGEST_HEADER_BYTES:
                break
            told.append(part)
        return b"Cookie: " + b"; ".join(told) + b"\r\n" if told else b""

    def _is_guarded(self, cookie: _Cookie) -> bool:
        """Whether there is one of TLS alone, which nobody without TLS may replace."""
        return any(
            one.secure and one.name == cookie.name and one.domain == cookie.domain and _is_within(cookie.path, one.path)
            for one in self._kept.values()
        )


def _read(line: str, place: HttpDestination) -> _Cookie | None:
    """Return the cookie that a Set-Cookie makes, None = none."""
    if _CONTROL.search(line):
        return None
    pair, *parts = line.split(";")
    name, equals, value = (part.strip(" \t") for part in pair.partition("="))
    if not equals:
        name, value = "", name
    if not (name or value) or "\t" in name + value:
        return None
    if not name and (
        "=" in value or value.lower().startswith(_PROMISES)
    ):  # sent back, it would be another one with a name
        return None
    said = _attributes(parts)
    secure = "secure" in said
    if len((name + value).encode("utf-8", "surrogateescape")) > _LONGEST_PAIR_BYTES or not _may_be_set(
        name, said, secure=secure and _is_trusted(place)
    ):
        return None
    if (secure and not _is_trusted(place)) or (
        not secure and (said.get("samesite") == "none" or "partitioned" in said)
    ):
        return None
    domain = said.get("domain", "").removeprefix(".")
    if domain and domain != place.host and not _may_speak_for(place.host, domain):
        return None
    path = said.get("path", "")
    return _Cookie(
        name=name,
        value=value,
        domain=domain or place.host,
        alone=not domain or is_address(place.host) or _is_everybodys(domain),
        path=path if path.startswith("/") else place.path[: place.path.rfind("/")] or "/",
        secure=secure,
        until=_until(said),
    )


def _is_trusted(place: HttpDestination) -> bool:
    """Tell whether a place may have cookies of TLS: over TLS, or on this very machine, as for browsers."""
    if place.secure or place.host == "localhost" or place.host.endswith(".localhost"):
        return True
    return is_address(place.host) and ip_address(place.host).is_loopback


def _attributes(parts: Sequence[str]) -> Mapping[str, str]:
    """Return what is said of a cookie, by name in small letters; what is said twice counts as it is said last."""
    said = {}
    for part in parts:
        name, _, value = (one.strip(" \t") for one in part.partition("="))
        if len(value) <= _LONGEST_ATTRIBUTE:
            said[name.lower()] = value if name.lower() == "path" else value.lower()
    return said


def _may_be_set(name: str, said: Mapping[str, str], *, secure: bool) -> bool:
    """Tell whether a cookie keeps what its name promises. Source: RFC 6265bis, 4.1.3; Chromium 156 (`__Http-`)."""
    name = name.lower()
    if name.startswith(("__http-", "__host-http-")) and "httponly" not in said:
        return False
    if name.startswith("__host-"):
        return secure and not said.get("domain") and said.get("path") == "/"
    return secure or not name.startswith(_PROMISES)


def _may_speak_for(host: str, domain: str) -> bool:
    return host.endswith(f".{domain}") and not is_address(host) and not _is_everybodys(domain)


def _is_everybodys(domain: str) -> bool:
    """Tell whether strangers share a domain, so that nobody may set a cookie for all of it: `vn`, `gov.vn`."""
    return site(f"x.{domain}") == f"x.{domain}"


def _is_within(path: str, folder: str) -> bool:
    return path.startswith(folder) and (path == folder or folder.endswith("/") or path[len(folder)] == "/")


def _until(said: Mapping[str, str]) -> float | None:
    """Return the monotonic instant at which a cookie ends, None = with the chain."""
    if _MAX_AGE.fullmatch(said.get("max-age", "")):
        return time.monotonic() + int(said["max-age"])
    end = _date(said.get("expires", ""))
    return time.monotonic() + (end - clock.now()).total_seconds() if end else None


def _date(text: str) -> datetime | None:
    """Read a date as browsers do: the first part that can be a time of day, a day, a month, a year. Source: RFC 6265, 5.1.1."""
    found: dict[str, tuple[int, ...]] = {}
    for part in _DELIMITERS.split(text):
        if "clock" not in found and (match := _CLOCK.match(part)):
            found["clock"] = tuple(map(int, match.groups()))
        elif "day" not in found and (match := _DAY.match(part)):
            found["day"] = (int(match[1]),)
        elif "month" not in found and part[:3] in _MONTHS:
            found["month"] = (_MONTHS.index(part[:3]) + 1,)
        elif "year" not in found and (match := _YEAR.match(part)):
            year = int(match[1])
            found["year"] = (year + (1900 if 70 <= year <= 99 else 2000 if year < 70 else 0),)
    if len(found) < 4:
        return None
    (year,), (month,), (day,), (hour, minute, second) = (found[name] for name in ("year", "month", "day", "clock"))
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
