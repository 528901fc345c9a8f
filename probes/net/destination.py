"""
Where an address leads, read as browsers read addresses: backslashes, tabs, escapes, missing slashes, names in any alphabet.

A name and a password in an address go no further: they are neither sent nor kept. The final dot of a host stands in the request,
as browsers send it, and nowhere else: with it or without it the name is the same.

Source: WHATWG URL, through ada (which Node.js uses); for bytes that are no ASCII in a Location, Chromium's
HttpResponseHeaders::IsRedirect, which escapes them before anybody reads the address.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from ada_url import URL

from probes.net.fault import ExchangeError
from thuocdo.core.model import Reason

LONGEST_URL = 256 * 1024
"""As long as a head may be; browsers take more, and servers hand whole sessions on in a Location."""
_LONGEST_REMEMBERED = 4096
_LONGEST_HOST = 255
_LONGEST_AUTHORITY = 1024
"""Of an address: user, password, host, port. Who reads what is longer only pays for it."""
_AUTHORITY = re.compile(r"[^/\\?#]*+[/\\]{2,}+([^/\\?#]*+)")
_PASSED_OVER = str.maketrans("", "", "\t\r\n")  # in an address, by all who read one
_PORTS = {"http:": 80, "https:": 443}
_OF_OTHERS = frozenset(
    (
        *(
            1,
            7,
            9,
            11,
            13,
            15,
            17,
            19,
            20,
            21,
            22,
            23,
            25,
            37,
            42,
            43,
            53,
            69,
            77,
            79,
            87,
            95,
            101,
            102,
            103,
            104,
            109,
            110,
        ),
        *(
            111,
            113,
            115,
            117,
            119,
            123,
            135,
            137,
            139,
            143,
            161,
            179,
            389,
            427,
            465,
            512,
            513,
            514,
            515,
            526,
            530,
            531,
            532,
        ),
        *(
            540,
            548,
            554,
            556,
            563,
            587,
            601,
            636,
            989,
            990,
            993,
            995,
            1719,
            1720,
            1723,
            2049,
            3659,
            4045,
            4190,
            5060,
            5061,
        ),
        *(6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
    )
)
"""Ports of other protocols, which no browser asks. Source: the Fetch standard, 2.9 (bad port)."""
_NO_ASCII = re.compile(rb"[\x80-\xff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpDestination:
    """
    Where an address leads.

    url: without user, password and fragment. host: as it is looked up, without brackets and final dot. is_usual: the port is the
    scheme's own. path: without the query.
    request: the request line and the Host header.
    """

    url: str
    secure: bool
    host: str
    port: int
    is_usual: bool
    path: str
    request: bytes


def host_of(url: str) -> str:
    """Return the host of an address as name servers know it; empty where the address is none."""
    try:
        return destination_of(url).host
    except ExchangeError:
        return ""


def destination_of(url: str) -> HttpDestination:
    """
    Return where an absolute address leads.

    Raises:
        ExchangeError: it is none, or none that HTTP leads to.
    """
    return _remembered(url) if len(url) <= _LONGEST_REMEMBERED else _destination(url)


def _destination(url: str) -> HttpDestination:
    parsed = _parsed(url, None)
    host = parsed.hostname.removeprefix("[").removesuffix("]").rstrip(".")
    port = int(parsed.port) if parsed.port else _PORTS[parsed.protocol]
    if not 0 < len(host) <= _LONGEST_HOST or not port:
        raise no_address()
    if port in _OF_OTHERS:
        raise ExchangeError(Reason.HTTP_ERROR, f"port {port} belongs to another protocol: no browser asks it")
    asked = parsed.href.removeprefix(parsed.origin)
    return HttpDestination(
        url=parsed.href,
        secure=parsed.protocol == "https:",
        host=host,
        port=port,
        is_usual=not parsed.port,
        path=parsed.pathname,
        request=f"GET {asked} HTTP/1.1\r\nHost: {parsed.host}\r\n".encode(),
    )


_remembered = lru_cache(maxsize=1024)(_destination)


def led_to(url: str, location: str) -> str:
    """
    Return the address that a redirect leads to, without user, password and fragment.

    Args:
        url: that was asked, absolute.
        location: as `location_text` gives it.

    Raises:
        ExchangeError: it is none, or none that HTTP leads to.
    """
    return _parsed(location, url).href


def location_text(location: bytes) -> str:
    """Return the value of a Location header with all that is no ASCII escaped byte by byte."""
    return _NO_ASCII.sub(lambda found: b"%%%02X" % found[0][0], location).decode("ascii")


def no_address() -> ExchangeError:
    """Return the fault of an address that is none."""
    return ExchangeError(Reason.HTTP_ERROR, "a redirect leads to an address that is none")


def _parsed(url: str, base: str | None) -> URL:
    if len(url) > LONGEST_URL:
        raise no_address()
    authority = _AUTHORITY.match(url.translate(_PASSED_OVER))
    if authority and len(authority[1]) > _LONGEST_AUTHORITY:
        raise no_address()
    try:
        parsed = URL(url, base=base)
        if parsed.protocol not in _PORTS:
            raise no_address()
        parsed.username = parsed.password = parsed.hash = ""
    except ValueError as exc:
        raise no_address() from exc
    if len(parsed.href) > LONGEST_URL:
        raise no_address()
    return parsed
