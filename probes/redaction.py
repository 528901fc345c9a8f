"""
Takes values out of what is stored or shown: sessions in addresses, what was typed into forms, personal data.

It errs on the side of taking too much: evidence must show where a fault is, not what somebody wrote there. What no pattern can
know (a name in a sentence, a password of plain letters) is kept out by not keeping the text at all: bodies, form values, cookies
and unknown headers are hidden whole, whatever they hold.
"""

import json
import re
from collections.abc import Collection
from urllib.parse import quote, unquote, unquote_plus, urlsplit, urlunsplit

HIDDEN = "…"

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
# Telephone 10, identity card 9 or 12, bank accounts; hotlines (8) stay.
_DIGITS = re.compile(r"\+?\d(?:[ .\-\u00a0]?\d){8,}")
_TOKEN = re.compile(
    r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"  # JSON web tokens
    r"|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    r"|\b[0-9a-fA-F]{24,}\b"
)
_RUN = re.compile(r"[A-Za-z0-9_-]{16,}")
_CHANGE = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[a-z])(?=[A-Z])")
_SEVERAL_HIDDEN = re.compile(rf"{HIDDEN}(?:[_-]*{HIDDEN})+")
_FEWEST_CHANGES = 4
_RANDOM_RATIO = 0.3
"""
Changes between letters and digits, or from small to capital, per character: random base 62 has 0.44, a name in CamelCase 0.2,
words with hyphens none.
"""

_VALUE = re.compile(r"""(\b(?:value|content)\s*=\s*)("[^"]*"?|'[^']*'?|[^\s"'>]+)""", re.IGNORECASE)
_TEXTAREA = re.compile(r"(<textarea\b[^>]*>)(.*?)(</textarea|$)", re.IGNORECASE | re.DOTALL)
_QUERY = re.compile(
    r"(https?://[^\s\"'<>?#]*|\b(?:href|src|action)\s*=\s*[\"']?[^\s\"'<>?#]*)[?#][^\s\"'<>]*", re.IGNORECASE
)

_ORDINARY_NAME = re.compile(r"[\w.\-\[\]$:]{1,64}")
_TELLS_OF_SESSION = frozenset({"token", "session", "sessionid", "sid", "otp", "jwt", "ticket"})
_SCHEMES_OF_PLACES = frozenset({"", "http", "https", "ws", "wss", "ftp", "about", "chrome-error"})

# An address in a text, up to the line and column that a stack writes behind it.
_ADDRESS = re.compile(
    r"\b(?:https?|wss?|ftp|blob|data):[^\s\"'<>()]+?(?=(?::\d+){1,2}(?:[\s)]|$)|[\s\"'<>()]|$)", re.IGNORECASE
)
_UNLESS_HIDDEN = rf"(?!{HIDDEN}(?::\d+){{0,2}}(?:[\s)&]|$))"  # line and column behind an address stay
# Of a query, and of cookies one after another.
_PARAMETER = re.compile(
    rf"([?&;#]\s?[\w.\-\[\]%]{{1,64}}=){_UNLESS_HIDDEN}[^\s&;\"'<>)]*|(\b[\w.\-]{{1,64}}=)[^\s&;\"'<>)]*(?=;)"
)
_CREDENTIALS = re.compile(r"\b(Bearer|Basic|Digest|Negotiate)\s+[\w.~+/=-]+", re.IGNORECASE)
_TELLING_NAMES = "|".join(
    (
        r"token|secret|passw|pwd|session|(?:\b|_)sid|auth(?!ors?\b)|cookie|api_?key|(?:\b|_)otp|csrf|xsrf|jwt|credential|signature",
        r"identity|e-?mail|phone|full_?name|address|birth|cccd|cmnd|sdt|m[aậ]t_?\s?kh[aẩ]u|[dđ]i[eệ]n_?\s?tho[aạ]i",
        r"h[oọ]_?\s?(?:v[aà]_?\s?)?t[eê]n|[dđ][iị]a_?\s?ch[iỉ]|ng[aà]y_?\s?sinh",
    )
)
_NAMED = re.compile(
    rf"(?<![\w.-])([\w.-]{{0,40}}?(?:{_TELLING_NAMES})[\w.-]{{0,40}}[\"']?\s*[:=]\s*)"
    rf"{_UNLESS_HIDDEN}"
    r"(\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[^\s,;&\"'}]+)",
    re.IGNORECASE,
)
_NONCE = re.compile(r"'nonce-[^']*'?", re.IGNORECASE)

_HEADERS_AS_THEY_ARE = frozenset(
    """
    accept accept-charset accept-encoding accept-language accept-ranges access-control-allow-credentials
    access-control-allow-headers access-control-allow-methods access-control-allow-private-network access-control-max-age age
    cache-control connection content-encoding content-language content-length content-range content-type
    cross-origin-embedder-policy cross-origin-opener-policy cross-origin-resource-policy date dnt downlink ect expires host
    keep-alive last-modified pragma
    priority range retry-after rtt save-data sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode
    sec-fetch-site sec-fetch-user strict-transport-security te trailer transfer-encoding upgrade upgrade-insecure-requests
    user-agent vary x-content-type-options x-frame-options x-xss-protection
    """.split()  # noqa: SIM905 - fifty lines say no more
)
"""Headers whose values come from a small vocabulary, or from us."""

_HEADERS_OF_TEXT = frozenset(
    """
    access-control-allow-origin access-control-expose-headers alt-svc cf-cache-status content-disposition
    content-security-policy content-security-policy-report-only feature-policy link permissions-policy
    referrer-policy server server-timing timing-allow-origin via warning x-aspnet-version x-aspnetmvc-version x-cache x-generator
    x-powered-by x-robots-tag x-ua-compatible
    """.split()  # noqa: SIM905
)
_HEADERS_OF_ADDRESSES = frozenset({"content-location", "location", "origin", "referer", "refresh", "sourcemap"})
_FILE_NAME = re.compile(r"(\b(?:filename|boundary)\*?\s*=).*", re.IGNORECASE | re.DOTALL)


def redact_url(url: str) -> str:
    """
    Return an address without user, path parameters, values of the query and fragment; names of parameters stay.

    What holds its content in itself (`data:`, `blob:`) loses all of it, and so does what is no address.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    if parts.scheme not in _SCHEMES_OF_PLACES:
        return f"{parts.scheme}:{HIDDEN}"
    host = parts.netloc.rpartition("@")[2]
    query = "&".join(_parameter(item) for item in parts.query.split("&") if item)
    return urlunsplit((parts.scheme, host, _path(parts.path), query, ""))


def redact_text(text: str) -> str:
    """Return a text without e-mail addresses, telephone and identity numbers, session tokens and what looks random."""
    return _without_tokens(_DIGITS.sub(HIDDEN, _TOKEN.sub(HIDDEN, text)))


def redact_log(text: str) -> str:
    """Return what a script wrote without what `redact_text` takes, values in addresses, credentials, and named secrets."""
    text = _ADDRESS.sub(lambda found: redact_url(found.group()), text)
    text = redact_text(_CREDENTIALS.sub(rf"\1 {HIDDEN}", text))
    return _PARAMETER.sub(rf"\1\2{HIDDEN}", _NAMED.sub(rf"\1{HIDDEN}", text))


def redact_markup(snippet: str) -> str:
    """Return a piece of HTML without form values, query strings and what `redact_text` takes."""
    snippet = _TEXTAREA.sub(rf"\1{HIDDEN}\3", snippet)
    snippet = _VALUE.sub(rf'\1"{HIDDEN}"', snippet)
    snippet = _QUERY.sub(rf"\1?{HIDDEN}", snippet)
    return redact_text(snippet)


def redact_header(name: str, value: str) -> str:
    """Return what may be kept of a header's value: of those nobody has looked at, nothing."""
    name = name.lower()
    if name in _HEADERS_AS_THEY_ARE:
        return _without_tokens(
            _FILE_NAME.sub(rf"\1{HIDDEN}", value)
        )  # long numbers are theirs: max-age, versions of browsers
    if name in _HEADERS_OF_ADDRESSES:
        return redact_url(value)
    if name in _HEADERS_OF_TEXT:
        return redact_log(_FILE_NAME.sub(rf"\1{HIDDEN}", _NONCE.sub(f"'nonce-{HIDDEN}'", value)))
    return HIDDEN


def hide_secrets(document: bytes, secrets: Collection[str]) -> bytes:
    """Return a JSON document without known secrets, as they are and as JSON, addresses and forms write them."""
    text = document.decode()
    spellings = {spelt for secret in secrets for spelt in _spellings(secret)}
    for spelt in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelt, HIDDEN)
    return text.encode()


def _spellings(secret: str) -> set[str]:
    written = {secret, quote(secret, safe=""), quote(secret), unquote(secret)}
    return {
        form for text in written for form in (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    }


def redact_name(name: str) -> str:
    """Return the name of a parameter, cookie or header; a value that stands in a name's place is hidden."""
    return redact_text(name) if _ORDINARY_NAME.fullmatch(name) else HIDDEN


def _without_tokens(text: str) -> str:
    for pattern in (_TOKEN, _EMAIL):
        text = pattern.sub(HIDDEN, text)
    return _RUN.sub(_without_randomness, text)


def _parameter(item: str) -> str:
    name, has_value, _ = item.partition("=")
    # Without a value the name may be one: /?eyJhbGci…
    return f"{_quoted(redact_name(unquote_plus(name)))}={HIDDEN}" if has_value else HIDDEN


def _path(path: str) -> str:
    segments: list[str] = []
    for raw in path.split("/"):
        segment = unquote(raw.partition(";")[0])
        if segments and segments[-1].lower() in _TELLS_OF_SESSION and segment:
            segments.append(HIDDEN)
            continue
        clean = redact_text(segment)
        segments.append(raw.partition(";")[0] if clean == segment else _quoted(clean))
    return "/".join(segments)


def _quoted(text: str) -> str:
    """Return a text as part of an address in which the mark of what is hidden stays readable."""
    return HIDDEN.join(quote(part, errors="replace") for part in text.split(HIDDEN))


def _without_randomness(found: re.Match[str]) -> str:
    run = found.group()
    if len(_CHANGE.findall(run)) < max(_FEWEST_CHANGES, _RANDOM_RATIO * len(run)):
        return run
    # What is written in small letters before or after it is a word: main-3f2a1b4c5d6e7f80 -> main-…
    parts = re.split(r"([_-])", run)
    clean = "".join(part if part in "_-" or re.fullmatch(r"[a-z]{1,12}", part) else HIDDEN for part in parts)
    return _SEVERAL_HIDDEN.sub(HIDDEN, clean)
