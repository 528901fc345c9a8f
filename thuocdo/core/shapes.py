"""
What an id, an address, a path, a line of text must look like wherever a person writes one: registry, settings, criteria.

Ids stand in addresses of pages, labels of metrics and names of files, and lines of text in headers and logs; so each has a
length, and none holds a line break, a control character or a part of a path.
"""

import re
from datetime import date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

LONGEST_ID = 64
LONGEST_LINE = 500
LONGEST_URL = 2_000
LONGEST_HOST = 253
LONGEST_PATH_BYTES = 1_024
LONGEST_NAME_BYTES = 255
FIRST_YEAR, LAST_YEAR = 1945, 2999
"""Beyond them an instant cannot be moved to another time zone, or to the next day, without falling off the calendar's end."""

PROCEDURE_CODE = re.compile(r"[1-9]\.\d{6}", re.ASCII)
"""A procedure's number in the national database, without the tail that names a receiving agency."""

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_LABEL = re.compile(_LABEL, re.IGNORECASE | re.ASCII)
_PLAIN_URL = re.compile(rf"https?://({_LABEL}(?:\.{_LABEL})*)(?::[0-9]{{1,4}})?(?:[/?#][!-~]*)?")
"""What nearly every address looks like; it needs no closer look, which takes ten times as long."""

Day = TypeVar("Day", bound=date)


def good_id(value: str) -> str:
    """Return an id; raises ValueError for what is none."""
    if len(value) > LONGEST_ID:
        raise ValueError(f"an id has at most {LONGEST_ID} characters")
    if not _ID.fullmatch(value):
        raise ValueError("an id is made of lowercase letters, digits and single hyphens between them")
    return value


def good_line(value: str) -> str:
    """Return a line of text; raises ValueError for one with line breaks or control characters."""
    if len(value) > LONGEST_LINE:
        raise ValueError(f"the text has more than {LONGEST_LINE} characters; shorten it")
    if not value.isprintable():
        raise ValueError("the text holds a line break or a character that cannot be seen; write one line of plain text")
    return value


def good_header_text(value: str) -> str:
    """Return a line that may stand in an HTTP header; raises ValueError for what may not."""
    if not good_line(value).isascii():
        raise ValueError("it is sent in a header, which holds letters without accents only; write it without them")
    return value


def is_host(host: str) -> bool:
    """Tell whether a text is an IP address, or a name that DNS could hold."""
    try:
        ip_address(host)
    except ValueError:
        return len(host) <= LONGEST_HOST and all(_HOST_LABEL.fullmatch(label) for label in host.split("."))
    return True


def good_host(value: str) -> str:
    """Return a host name or IP address; raises ValueError for anything more or less."""
    if not is_host(value):
        raise ValueError("no host; give a name or an IP address, without http://, port or path")
    return value


def good_url(value: str) -> str:
    """Accept http(s) addresses of a host; refuse what would send a probe elsewhere, or a secret into a log."""
    if len(value) > LONGEST_URL:
        raise ValueError(f"an address has at most {LONGEST_URL} characters")
    plain = _PLAIN_URL.fullmatch(value)
    if plain and len(plain[1]) <= LONGEST_HOST:
        return value
    if any(character.isspace() or not character.isprintable() for character in value):
        raise ValueError("an address holds no spaces; write them as %20")
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError as exc:
        raise ValueError(f"no valid address ({exc})") from exc
    if parts.scheme not in ("http", "https"):
        raise ValueError("an address begins with http:// or https://")
    if "@" in parts.netloc:
        raise ValueError("an address holds no user name or password; remove them (and change that password)")
    if not is_host(parts.hostname or ""):
        raise ValueError("the host name of the address is missing or no valid name")
    return value


def good_path(value: Path) -> Path:
    """Return a path that a file system can hold; raises ValueError for one with control characters, or too long."""
    text = str(value)
    if not text.isprintable():
        raise ValueError("the path holds a line break or a character that cannot be seen; correct it")
    names = [len(name.encode()) for name in value.parts]
    if len(text.encode()) > LONGEST_PATH_BYTES or max(names, default=0) > LONGEST_NAME_BYTES:
        raise ValueError(
            f"the path is too long (at most {LONGEST_PATH_BYTES} bytes, {LONGEST_NAME_BYTES} for each name); shorten it"
        )
    return value


def good_day(value: Day) -> Day:
    """Return a day or instant; raises ValueError for one so far away that nobody can reckon with it."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"the year is not between {FIRST_YEAR} and {LAST_YEAR}; correct it, or leave it out")
    return value


Id = Annotated[str, AfterValidator(good_id)]
Line = Annotated[str, AfterValidator(good_line)]
FilledLine = Annotated[str, Field(min_length=1), AfterValidator(good_line)]
HeaderText = Annotated[str, AfterValidator(good_header_text)]
Host = Annotated[str, AfterValidator(good_host)]
Url = Annotated[str, AfterValidator(good_url)]
FilePath = Annotated[Path, AfterValidator(good_path)]
CalendarDay = Annotated[date, AfterValidator(good_day)]
Instant = Annotated[datetime, AfterValidator(good_day)]
