"""Headers of requests and answers: of those whose values are words of machines these words, of all others the name."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus

from probes.redaction.addresses import redact_url
from probes.redaction.words import HIDDEN, is_word

MOST_CHARACTERS = 1_000

_METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS CONNECT TRACE PROPFIND REPORT".split())  # noqa: SIM905
_SIGNS = " ,;=/*+()\"'?!:&.-"
_PIECE = re.compile(r"[^\W\d_][^\W_]*|[0-9]+(?:\.[0-9]+)*|[ ,;=/*+()\"'?!:&.-]|[^ ,;=/*+()\"'?!:&.-]")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,4})(?:\.[0-9]{1,3})?|[1-9][0-9]{5,7}|0\.[0-9]{1,6}")
_RANGE = re.compile(r"\s*bytes[ =](?:[0-9]{1,8}-[0-9]{0,8}|\*)(?:/(?:[0-9]{1,8}|\*))?\s*")
_SMALL_NUMBER = re.compile(r"(?:0|[1-9][0-9]?)(?:\.[0-9])?")
_LEADING_ZERO = re.compile(r"0[0-9]")
_TYPE = re.compile(r"\s*([A-Za-z]{1,20})/([A-Za-z0-9.+-]{1,100})\s*(?:;|$)")
_CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9_-]{1,20})", re.IGNORECASE)
_TYPES = frozenset("application audio font image message model multipart text video".split())  # noqa: SIM905
_CHARSETS = frozenset(
    "utf-8 utf8 utf-16 us-ascii ascii iso-8859-1 latin1 windows-1252 windows-1258 gbk gb2312 euc-kr shift_jis big5".split()  # noqa: SIM905
)
_PROTOCOL = re.compile(r"http/[0-9]\.[0-9]|h2|h2c|h3|h3-[0-9]{2}|quic|spdy|data|blob|file", re.IGNORECASE)
_SECONDS = re.compile(r"[0-9]+")
_MOST_SECONDS = "100000000"
"""Of a Retry-After: what has more digits may be anybody's number, and nobody waits so long."""

_OF_WORDS = frozenset(
    """
    accept accept-charset accept-encoding accept-ranges access-control-allow-credentials access-control-allow-headers
    access-control-allow-methods access-control-allow-private-network access-control-expose-headers cf-cache-status
    connection content-disposition content-encoding content-language cross-origin-embedder-policy
    cross-origin-opener-policy cross-origin-resource-policy dnt ect feature-policy origin-agent-cluster permissions-policy
    pragma referrer-policy save-data sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site
    sec-fetch-storage-access sec-fetch-user sec-gpc te trailer transfer-encoding upgrade upgrade-insecure-requests vary
    x-cache x-content-type-options x-dns-prefetch-control x-frame-options x-robots-tag x-ua-compatible x-xss-protection
    """.split()  # noqa: SIM905 - fifty lines say no more
)
_OF_NUMBERS = frozenset(
    """
    accept-language access-control-max-age age alt-svc cache-control content-length device-memory downlink dpr keep-alive
    priority rtt server-timing strict-transport-security viewport-width
    """.split()  # noqa: SIM905
)
_OF_PRODUCTS = frozenset(
    "sec-ch-ua server user-agent via x-aspnet-version x-aspnetmvc-version x-generator x-powered-by".split()  # noqa: SIM905
)
_OF_ADDRESSES = frozenset("content-location location origin referer sourcemap".split())  # noqa: SIM905
_OF_INSTANTS = frozenset("date expires last-modified".split())  # noqa: SIM905
_POLICIES = frozenset("content-security-policy content-security-policy-report-only".split())  # noqa: SIM905
_KEYWORDS = frozenset(
    """
    'self' 'none' 'unsafe-inline' 'unsafe-eval' 'strict-dynamic' 'wasm-unsafe-eval' 'report-sample' 'unsafe-hashes' * http:
    https: data: blob: ws: wss: mediastream: filesystem: allow-forms allow-same-origin allow-scripts allow-popups
    """.split()  # noqa: SIM905
)


def redact_header(name: str, value: str) -> str:
    """Return what may be kept of a header's value: of those nobody has looked at, nothing."""
    redact = _RULES.get(name.lower())
    return redact(value[:MOST_CHARACTERS]) if redact else HIDDEN


def redact_media_type(text: str) -> str:
    """Return a media type and its charset, in small letters; of another one only its kind, of what is none nothing."""
    found = _TYPE.match(text[:MOST_CHARACTERS])
    if not found or found[1].lower() not in _TYPES:
        return HIDDEN if text.strip() else ""
    subtype = found[2].lower()
    known = all(is_word(part) for part in re.split(r"[.+-]", subtype))
    charset = _CHARSET.search(text, found.end(2), MOST_CHARACTERS)
    told = f"; charset={charset[1].lower()}" if charset and charset[1].lower() in _CHARSETS else ""
    return f"{found[1].lower()}/{subtype if known else HIDDEN}{told}"


def kept_status_text(status: int) -> str:
    """Return what a status is called; what the server called it is not kept."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def kept_protocol(name: str) -> str:
    """Return the name of a protocol as Chromium gives it ("h2", "http/1.1"), HIDDEN where it is none that is known."""
    return name if not name or _PROTOCOL.fullmatch(name) else HIDDEN


def kept_method(method: str) -> str:
    """Return a request's method, HIDDEN where it is one that a page made up."""
    return method if method in _METHODS else HIDDEN


def kept_retry_after(value: str) -> str:
    """Return a Retry-After: seconds or a date; empty where it is neither. More than three years are told as so many."""
    value = value.strip()
    if not _SECONDS.fullmatch(value):
        return _instant(value).replace(HIDDEN, "")
    digits = value.lstrip("0") or "0"
    return digits if len(digits) < len(_MOST_SECONDS) else _MOST_SECONDS


@lru_cache(maxsize=4096)
def _words(value: str) -> str:
    return _of_pieces(value, _SMALL_NUMBER)


@lru_cache(maxsize=4096)
def _numbers(value: str) -> str:
    return _of_pieces(value, _NUMBER)


def _of_pieces(value: str, number: re.Pattern[str]) -> str:
    """Return a value of which known words, signs and numbers of a shape stay; of several in a row the first says enough."""
    kept: list[str] = []
    after_number = False
    for piece in _PIECE.findall(value):
        if piece[0] in _SIGNS:
            kept.append(piece)
            continue
        is_number = piece[0].isdigit()
        stays = number.fullmatch(piece) and not after_number if is_number else piece[0].isalpha() and is_word(piece)
        kept.append(piece if stays else HIDDEN)
        after_number = is_number
    return _joined(kept)


@lru_cache(maxsize=4096)
def _products(value: str) -> str:
    """Return names of products with their versions: one number after a name that is known, or at the beginning, of few digits."""
    kept: list[str] = []
    digits = 0
    after: str | None = ""  # the known name that a number may follow; None = none
    for piece in _PIECE.findall(value):
        if piece[0].isdigit() and piece.isascii():
            own = sum(map(str.isdigit, piece))
            digits += own
            stays = after is not None and own <= _most_digits(after) and digits <= _MOST_DIGITS_IN_ALL
            kept.append(piece if stays and not _LEADING_ZERO.match(piece) else HIDDEN)
            after = None
        elif piece[0].isalpha() and piece.isascii():
            after = piece.lower() if is_word(piece) else None
            kept.append(piece if after is not None else HIDDEN)
        else:
            kept.append(piece if piece[0] in _SIGNS else HIDDEN)
    return _joined(kept)


def _most_digits(product: str) -> int:
    return _MOST_DIGITS if "chrom" in product or "safari" in product or "webkit" in product else _MOST_DIGITS_OF_VERSION


_MOST_DIGITS_OF_VERSION = 7
"""4.0.30319 of ASP.NET; an identity card's old number has nine."""
_MOST_DIGITS = 10  # 156.0.8078.79, of our own browser
_MOST_DIGITS_IN_ALL = 40


def _instant(value: str) -> str:
    if value.strip() in ("0", "-1"):
        return value.strip()
    try:
        instant = parsedate_to_datetime(value[:64])
        if instant.tzinfo is None:  # asctime, and "-0000": HTTP knows no time but UTC
            instant = instant.replace(tzinfo=UTC)
        return format_datetime(instant.astimezone(UTC), usegmt=True)
    except (ValueError, TypeError, OverflowError, IndexError):
        return HIDDEN


def _policy(value: str) -> str:
    """Return a content-security policy: its directives and keywords; hosts, nonces and hashes are hidden."""
    directives = (part.split() for part in value.split(";"))
    return "; ".join(
        _joined(
            f" {word}" if (place == 0 and _is_directive(word)) or word in _KEYWORDS else f" {HIDDEN}"
            for place, word in enumerate(words)
        ).strip()
        for words in directives
        if words
    )


def _is_directive(word: str) -> bool:
    return all(is_word(part) for part in word.split("-"))


def _joined(pieces: Iterable[str]) -> str:
    """Return pieces as one text in which what is hidden several times in a row is hidden once."""
    kept: list[str] = []
    for piece in pieces:
        if piece.strip() == HIDDEN and kept and kept[-1].strip() == HIDDEN:
            continue
        kept.append(piece)
    return "".join(kept)


_RULES: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(_OF_WORDS, _words),
    **dict.fromkeys(_OF_NUMBERS, _numbers),
    **dict.fromkeys(_OF_PRODUCTS, _products),
    **dict.fromkeys(_OF_ADDRESSES, redact_url),
    **dict.fromkeys(_OF_INSTANTS, _instant),
    **dict.fromkeys(_POLICIES, _policy),
    "access-control-allow-origin": lambda value: value if value in ("*", "null") else redact_url(value),
    **dict.fromkeys(("content-range", "range"), lambda value: value if _RANGE.fullmatch(value) else HIDDEN),
    "content-type": redact_media_type,
    "host": lambda value: redact_url(f"//{value}").removeprefix("//"),
    "retry-after": lambda value: kept_retry_after(value) or HIDDEN,
}
