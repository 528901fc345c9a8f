"""
The cookies of one chain of redirects: whoever sets one and sends on expects it back, as from every browser.

They live as long as one probe and are stored nowhere. aiohttp's jar keeps them: which host, path and scheme a cookie belongs to,
when it ends, and how many and how long they may be (at most 50 of one answer and 8 KiB in one request).

Source: RFC 6265, 5. There is no list of the world's registries here: a domain under which strangers register is told by
`probes.redaction.addresses.site`.
"""

import re
from collections.abc import Sequence

from aiohttp import CookieJar
from yarl import URL

from probes.net.destination import HttpDestination
from probes.redaction.addresses import is_address, site

_LONGEST_LINE = 16 * 1024
_MOST_LINES = 50
_LONGEST_PATH = 512
"""Characters by which a cookie may be held to a path: the jar looks under each part of it."""
_DOMAIN = re.compile(r";[ \t]*domain[ \t]*=[^;]*", re.IGNORECASE)
_MAX_AGE = re.compile(r";[ \t]*max-age[ \t]*=", re.IGNORECASE)
_EPOCH = re.compile(r";[ \t]*expires[ \t]*=[^;]*\b0?1[ -]jan[ -](?:19)?70 00:00:00", re.IGNORECASE)
"""How most programs take a cookie away; the jar reads this one instant as no date at all."""


class ChainCookies:
    """What was set along the chain so far."""

    def __init__(self) -> None:
        self._jar: CookieJar | None = None

    def take(self, place: HttpDestination, lines: Sequence[str]) -> None:
        """
        Keep what an answer sets.

        Args:
            place: that answered.
            lines: the values of its Set-Cookie headers.
        """
        lines = [_as_the_jar_reads(line) for line in lines[:_MOST_LINES] if len(line) <= _LONGEST_LINE]
        if not lines:
            return
        if self._jar is None:
            self._jar = CookieJar(unsafe=True, quote_cookie=False)  # unsafe: of hosts without a name, too
        self._jar.update_cookies_from_headers(lines, _url(place))
        for cookie in self._jar:
            if cookie.value != cookie.coded_value:  # quotes are a part of it, which the jar would take off
                told = {"key": cookie.key, "value": cookie.coded_value, "coded_value": cookie.coded_value}
                cookie.__setstate__(told)  # type: ignore[attr-defined]  # as aiohttp does: set() takes tokens only
        self._jar.clear(lambda cookie: _is_everybodys(cookie["domain"], place.host))

    def header(self, place: HttpDestination) -> bytes:
        """Return the request's Cookie line for a place, empty where it has none."""
        if self._jar is None:
            return b""
        found = self._jar.filter_cookies(_url(place)).values()
        told = "; ".join(f"{cookie.key}={cookie.coded_value}" for cookie in found)
        return f"Cookie: {told}\r\n".encode("utf-8", "surrogateescape") if told else b""


def _url(place: HttpDestination) -> URL:
    scheme = "https" if place.secure else "http"
    host = f"[{place.host}]" if ":" in place.host else place.host
    return URL(f"{scheme}://{host}:{place.port}{place.path[:_LONGEST_PATH]}", encoded=True)


def _as_the_jar_reads(line: str) -> str:
    """Return a Set-Cookie with its domain in the one spelling that the jar compares, and an end that it understands."""
    line = _DOMAIN.sub(lambda found: found[0].lower(), line)
    return f"{line}; max-age=0" if _EPOCH.search(line) and not _MAX_AGE.search(line) else line


def _is_everybodys(domain: str, host: str) -> bool:
    """Tell whether strangers share a domain, so that nobody may set a cookie for all of it: `vn`, `gov.vn`."""
    return bool(domain) and domain != host and not is_address(domain) and site(f"x.{domain}") == f"x.{domain}".lower()
