"""
Takes values out of what is stored or shown: sessions in addresses, what was typed into forms, personal data.

It errs on the side of taking too much: evidence must show where a fault is, not what somebody wrote there.
"""

import re
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

HIDDEN = "…"

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DIGITS = re.compile(r"\+?\d(?:[ .\-]?\d){8,}")  # telephone 10, identity card 9 or 12, bank accounts; hotlines (8) stay
_TOKEN = re.compile(
    r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|\b[0-9a-fA-F]{24,}\b"
)  # JSON web tokens, hexadecimal session ids
_VALUE = re.compile(r"""(\b(?:value|content)\s*=\s*)("[^"]*"?|'[^']*'?|[^\s"'>]+)""", re.IGNORECASE)
_TEXTAREA = re.compile(r"(<textarea\b[^>]*>)(.*?)(</textarea|$)", re.IGNORECASE | re.DOTALL)
_QUERY = re.compile(
    r"(https?://[^\s\"'<>?#]*|\b(?:href|src|action)\s*=\s*[\"']?[^\s\"'<>?#]*)[?#][^\s\"'<>]*", re.IGNORECASE
)


def redact_url(url: str) -> str:
    """Return an address without user, path parameters, values of the query and fragment; names of parameters stay."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    path = redact_text("/".join(segment.partition(";")[0] for segment in parts.path.split("/")))
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    query = "&".join(f"{quote(name)}={HIDDEN}" for name in names)
    return urlunsplit((parts.scheme, host, path, query, ""))


def redact_text(text: str) -> str:
    """Return a text without e-mail addresses, telephone and identity numbers, and session tokens."""
    for pattern in (_TOKEN, _EMAIL, _DIGITS):
        text = pattern.sub(HIDDEN, text)
    return text


def redact_markup(snippet: str) -> str:
    """Return a piece of HTML without form values, query strings and what `redact_text` takes."""
    snippet = _TEXTAREA.sub(rf"\1{HIDDEN}\3", snippet)
    snippet = _VALUE.sub(rf'\1"{HIDDEN}"', snippet)
    snippet = _QUERY.sub(rf"\1?{HIDDEN}", snippet)
    return redact_text(snippet)
