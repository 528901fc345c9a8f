"""
Pages of private_pages/ that draw what is private in every way a browser has: each [[…]] in them is a secret of its own.

[[number]], [[number SIGNS]]: a telephone number, with signs between its three parts. [[whole number]]: one that a counter takes.
[[digits TAG]]: one digit an element. [[words A B]]: a name, as it stands there. [[drawing]], [[coded drawing]]: a drawing that
says a number, as an address of data holds it.
"""

import re
from base64 import b64encode
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import quote

FOLDER = Path(__file__).parent / "private_pages"
INNER = frozenset({"inner.html", "inner2.html"})
CHANGING = "changing.html"
NAMES = sorted(file.name for file in FOLDER.iterdir() if file.name not in INNER | {CHANGING})
_SECRET = re.compile(r"\[\[(.+?)\]\]")
_DRAWING = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='260' height='34'>"
    "<text x='2' y='26' font-size='24' font-family='sans-serif'>{}</text></svg>"
)


@cache
def page(name: str) -> tuple[str, dict[str, str]]:
    """Return a page and the secrets that stand in it, by what plants them and their number."""
    secrets: dict[str, str] = {}

    def planted(found: re.Match[str]) -> str:
        kind, _, rest = found[1].partition(" ")
        number = _number(name, len(secrets))
        secrets[f"{len(secrets)} {found[1]}"] = rest if kind == "words" else number
        return _spelt(found[1], number)

    return _SECRET.sub(planted, (FOLDER / name).read_text(encoding="utf-8")), secrets


def secrets_of(name: str) -> dict[str, str]:
    """Return the secrets of a page and of those it holds."""
    inner = INNER if name == "objects.html" else ()
    return {f"{one}: {key}": secret for one in (name, *inner) for key, secret in page(one)[1].items()}


def _number(name: str, index: int) -> str:
    own = sum(map(ord, name))
    return f"9{own % 90 + 10}{(own * 7919 + (index + 1) * 31337 * 7) % 10_000_000:07d}"


def _spelt(what: str, number: str) -> str:
    kind, _, rest = what.partition(" ")
    if kind == "words":
        return rest
    if what == "drawing":
        return quote(_DRAWING.format(number), safe="")
    if what == "coded drawing":
        return b64encode(_DRAWING.format(number).encode()).decode()
    if kind == "digits":
        return "".join(f"{rest}{digit}" for digit in number)
    return unescape(rest).join((number[:4], number[4:7], number[7:])) if kind == "number" else number
