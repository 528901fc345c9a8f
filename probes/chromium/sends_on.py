"""
Until when a page is waited for that is about to send its visitor on: a splash page, a page of "you are being taken to …".

What a document announces (`<meta>` refresh, a `Refresh` header, also one that a script brings in) Chromium tells with its delay.
What a script's timer will do nobody can know, so a page that says little gets the time in which such pages do it, and one that
says much only where its own text shows such a timer. A page that loads itself anew every half minute is not waited for.
"""

import re
from urllib.parse import urldefrag

from probes.chromium.navigation import SendOn
from probes.page_parts import NOTICE_LINKS, NOTICE_TEXT_CHARACTERS, PageParts

LIGHT_SECONDS = 10.0
"""For what a page with little text announces: such pages count down from 5 or 10."""

SECONDS = 5.0
"""For what any other page announces, or a page announces that it will do with itself."""

TIMER_SECONDS = 5.0
SCRIPT_SECONDS = 3.0
"""For a page with little text whose own script has a timer and goes somewhere; for one whose scripts may."""

SLACK_SECONDS = 0.5

_SCRIPT = "<script"
_FROM_ELSEWHERE = re.compile(r"<script\b[^>]{0,300}?\ssrc\s*=", re.IGNORECASE)
_TIMER = re.compile(r"\bset(?:Timeout|Interval)\b")
_GOES = re.compile(r"\blocation\b|submit|\bnavigat|\.click\s*\(|\bopen\s*\(|http-equiv", re.IGNORECASE)
_DELAY = re.compile(r",\s*([0-9]{3,5})\s*\)")
_COUNT = re.compile(r"\b([0-9]{1,2})\s*(?:giây|s\b|second)", re.IGNORECASE)
_TIMED_MOVE = re.compile(
    r"\bsetTimeout\s*\((?:(?!setTimeout)[^<]){0,300}?\blocation(?:\.href)?\s*(?:=(?!=)|\.(?:replace|assign)\s*\()"
    r"(?:(?!setTimeout)[^<]){0,300}?,\s*([0-9]{1,6})\s*\)"
)


def is_light(parts: PageParts) -> bool:
    """Tell whether a page says as little as one that only sends on."""
    return len(parts.text) < NOTICE_TEXT_CHARACTERS and parts.links <= NOTICE_LINKS


def is_same(url: str, other: str) -> bool:
    """Tell whether two addresses are of one document."""
    return urldefrag(url).url == urldefrag(other).url


def announced_until(announced: SendOn | None, parts: PageParts, *, reloaded: bool) -> float | None:
    """
    Return the loop's time until which a page is waited for that announced to go on; None = it is not.

    Args:
        announced: by the document.
        parts: of the document.
        reloaded: it was waited for once that went on to its own address.

    """
    if announced is None:
        return None
    light = is_light(parts)
    to_itself = is_same(announced.url, parts.final_url)
    if to_itself and (reloaded or not light):
        return None
    longest = LIGHT_SECONDS if light and not to_itself else SECONDS
    return announced.due + SLACK_SECONDS if announced.delay_seconds <= longest else None


def scripted_until(parts: PageParts, loaded_at: float) -> float | None:
    """Return the loop's time until which a page that loaded at another is waited for as its scripts may go on; None = never."""
    source = parts.source
    if is_light(parts):
        goes = _GOES.search(source)
        if goes and _TIMER.search(source):
            told = [int(one) / 1000 for one in _DELAY.findall(source)] + [
                float(one) for one in _COUNT.findall(parts.text)
            ]
            longest = max((one for one in told if one <= LIGHT_SECONDS), default=0.0)
            return loaded_at + max(TIMER_SECONDS, longest) + SLACK_SECONDS
        if (goes and _SCRIPT in source.lower()) or _FROM_ELSEWHERE.search(source):
            return loaded_at + SCRIPT_SECONDS
        return None
    if "setTimeout" not in source:
        return None
    delays = [int(found) / 1000 for found in _TIMED_MOVE.findall(source)]
    soon = [delay for delay in delays if delay <= SECONDS]
    return loaded_at + max(soon) + SLACK_SECONDS if soon else None
