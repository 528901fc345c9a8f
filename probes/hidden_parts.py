"""Parts of raw HTML that their own tags hide, which a script may show later: nothing that a person reads as the page comes."""

import re

_WITHIN_TAG = r"[^<>]{0,600}?"
_CLASSES = r"(?:d-none|hide|hidden|modal|sr-only|visually-hidden)"
_HIDES = re.compile(
    rf"<(?:(!--)|(script|style|template|noscript|textarea)(?=[\s>])|([a-z][a-z0-9]*+)(?=\s){_WITHIN_TAG}"
    r"(?:\bdisplay\s{0,9}:\s{0,9}none|\shidden(?=[\s/=>])"
    rf"|\sclass\s{{0,9}}=\s{{0,9}}[\"']?(?:[^\"'<>]{{0,200}}\s)?{_CLASSES}(?=[\s\"'/>]))([^<>]{{0,600}})>)",
    re.IGNORECASE,
)
_SHOWN_AGAIN = re.compile(r"\bdisplay\s{0,9}:\s{0,9}block|[\s\"'](?:show|in|[a-z]{2}:[a-z]+)[\s\"']", re.IGNORECASE)
_STAYS = frozenset(
    ("html", "head", "body", "input", "img", "meta", "link", "br", "hr", "source", "area", "iframe", "option")
)
"""What has no text; and the page itself, which many hide until their styles are there."""
_MOST = 1_000
"""Parts that are looked at; behind them nothing is taken out."""


def without_hidden(html: str) -> str:
    """Return HTML without the elements that are hidden by their own tags; what is not closed stays."""
    kept: list[str] = []
    unclosed = set(_STAYS)
    at = searched = 0
    for _ in range(_MOST):
        found = _HIDES.search(html, searched)
        if found is None:
            break
        searched = found.end()
        if found[1] or found[2]:  # what stands in a comment or a script is no tag
            searched = html.find("-->" if found[1] else f"</{found[2]}", searched) + 1 or len(html)
            continue
        name = found[3].lower()
        if name in unclosed or _SHOWN_AGAIN.search(found[0]):
            continue
        end = _end_of(name, html, searched)
        if end < 0:
            unclosed.add(name)
            continue
        kept.append(html[at : found.start()])
        at = searched = end
    return " ".join([*kept, html[at:]]) if kept else html


def _end_of(name: str, html: str, begin: int) -> int:
    """Return where the end tag of an element begins, -1 where it has none."""
    depth = 1
    for tag in re.compile(rf"<(/?){name}(?=[\s>])", re.IGNORECASE).finditer(html, begin):
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.start()
    return -1
