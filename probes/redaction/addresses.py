"""Addresses without what they carry: the host, the known words of the path, and the known names of parameters stay."""

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote, unquote, unquote_plus, urlsplit, urlunsplit

from probes.redaction.words import HIDDEN, is_word, kept_name, kept_words, vocabulary
from thuocdo.core.model import Target

MOST_CHARACTERS = 4_000
MOST_SEGMENTS = 2_000
MOST_PARAMETERS = 100

_OF_PLACES = frozenset({"", "http", "https", "ws", "wss", "ftp"})
_OF_CONTENT = frozenset(
    {"about", "blob", "chrome-error", "chrome-extension", "data", "file", "javascript", "mailto", "sms", "tel"}
)
_BLANK = frozenset({"about:blank", "about:srcdoc"})
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_MOST_DIGITS_OF_LABEL = 5
_PORT = re.compile(r"[0-9]{1,5}")

_SHARED_SECOND_LEVELS = frozenset(
    "ac biz co com edu gob gov gouv health id info int io name net org pro".split()  # noqa: SIM905
)
"""
Second levels under which strangers register: `danang.gov.vn` and `hue.gov.vn` are two, as are `a.com.vn` and `b.com.vn`.

Source: VNNIC's second-level domains, and those of other countries. Vietnam's geographic ones (`hanoi.vn`) are left out: who
serves a portal from one is its province.
"""


_OF_PERSONS = frozenset({"id.vn", "name.vn", "name"})
"""Under these people register their own names. Source: VNNIC, Circular 21/2021/TT-BTTTT; ICANN's agreement on .name."""


def site(host: str) -> str:
    """
    Return the part of a host that somebody registered: `cdn.danang.gov.vn` -> `danang.gov.vn`.

    Two labels, or three where strangers share the second; no list of the world's registries is asked, because the only
    question is whether a host belongs to the agency whose page asks for it. An address without a name is its own site.
    """
    if is_address(host):
        return host
    labels = host.rstrip(".").lower().split(".")
    shared = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED_SECOND_LEVELS
    return ".".join(labels[-3:] if shared else labels[-2:])


def is_address(host: str) -> bool:
    """Tell whether a host is an IP address; one with a zone is none, since a zone may be called anything."""
    if "%" in host:
        return False
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def redact_host(host: str, own: frozenset[str] = frozenset()) -> str:
    """
    Return a host without labels of unknown words; user and password are no part of it, a port stays.

    The registered name stays as it is: it is public, and says who serves; not so where people register their own names.

    Args:
        host: with or without what stands around it in an address.
        own: hosts that stay as they are, because the registry names them.

    """
    name, colon, port = host.rpartition("@")[2].rpartition(":")
    if colon and _PORT.fullmatch(port) and not is_address(host):
        return f"{redact_host(name, own)}:{port}"
    host = host.rpartition("@")[2].lower()
    if host in own or not host:
        return host
    if is_address(host):
        return host
    registered = site(host).split(".")
    labels = host.rstrip(".").split(".")
    before = [_label(label) for label in labels[: -len(registered)]]
    if ".".join(registered[1:]) in _OF_PERSONS:
        registered[0] = _label(registered[0])
    return ".".join([*before, *(label if _is_label(label) else HIDDEN for label in registered)])


def known_hosts(target: Target) -> frozenset[str]:
    """Return the hosts that the registry names, which are told as they are."""
    return target.own_hosts | target.elsewhere_hosts | {target.host}


def redact_path(path: str) -> str:
    """Return a path in which every segment is known words and a known ending of a file, or HIDDEN."""
    segments = path[:MOST_CHARACTERS].split("/")
    clean = [_segment(one) for one in segments[:MOST_SEGMENTS]]
    if len(segments) > MOST_SEGMENTS or len(path) > MOST_CHARACTERS:
        clean[-1] = HIDDEN
    return "/".join(clean)


@lru_cache(maxsize=8192)
def redact_url(url: str, own: frozenset[str] = frozenset()) -> str:
    """
    Return an address without user, password, path parameters, values of the query and fragment.

    Of path and names of parameters known words stay. What holds its content in itself (`data:`, `blob:`) loses all of it, and
    so does what is no address. own: hosts that stay as they are.
    """
    if url in _BLANK:
        return url
    try:
        parts = urlsplit(url[: 2 * MOST_CHARACTERS])
    except ValueError:
        return HIDDEN
    if parts.scheme in _OF_CONTENT:
        return f"{parts.scheme}:{HIDDEN}"
    if parts.scheme not in _OF_PLACES:
        return HIDDEN
    items = [item for item in parts.query.split("&", MOST_PARAMETERS)[:MOST_PARAMETERS] if item]
    query = "&".join(_parameter(item) for item in items)
    return urlunsplit((parts.scheme, redact_host(parts.netloc, own), redact_path(parts.path), query, ""))


def kept_parameters(url: str) -> list[str]:
    """Return the names of a query's parameters, HIDDEN for each that is unknown or stands without a value."""
    try:
        query = urlsplit(url[: 2 * MOST_CHARACTERS]).query
    except ValueError:
        return []
    items = (item.partition("=") for item in query.split("&", MOST_PARAMETERS)[:MOST_PARAMETERS] if item)
    # Without a value the name may be one: /?eyJhbGci…
    return [kept_name(unquote_plus(name)) if has_value else HIDDEN for name, has_value, _ in items]


def _parameter(item: str) -> str:
    name, has_value, _ = item.partition("=")
    return f"{_quoted(kept_name(unquote_plus(name)))}={HIDDEN}" if has_value else HIDDEN


@lru_cache(maxsize=8192)
def _segment(raw: str) -> str:
    text = unquote(raw.partition(";")[0])
    if text in ("", ".", ".."):
        return text
    stem, dot, ending = text.rpartition(".")
    if not (dot and stem and ending.lower() in vocabulary().files):
        return _quoted(kept_words(text, between="-_.~"))
    return f"{_quoted(kept_words(stem, between='-_.~'))}.{ending}"


def _label(label: str) -> str:
    return label if all(is_word(part) for part in label.split("-")) and _is_label(label) else HIDDEN


def _is_label(label: str) -> bool:
    return bool(_LABEL.fullmatch(label)) and sum(map(str.isdigit, label)) <= _MOST_DIGITS_OF_LABEL


def _quoted(text: str) -> str:
    """Return a text as part of an address in which the mark of what is hidden stays readable."""
    return HIDDEN.join(quote(part, safe="/$[]:", errors="replace") for part in text.split(HIDDEN))
