"""
What somebody's own browser met, from a HAR file: sizes, counts, host, status, times; nothing else of it is kept or shown.

Bodies, cookies, headers and addresses with their queries may tell of a person, and are not even looked at.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from thuocdo.core.bounded import content_of
from thuocdo.core.errors import ConfigurationError

MOST_BYTES = 64 * 1024 * 1024


def read_har(path: Path) -> Mapping[str, str | float]:
    """
    Return host, status, transferred_bytes, requests, ttfb_seconds and load_seconds of the first page of a HAR; what is not there
    is left out.

    Source: HTTP Archive 1.2.

    Raises:
        ConfigurationError: the file cannot be read, or is no HAR.
    """
    content = content_of(path, MOST_BYTES)
    if len(content) > MOST_BYTES:
        raise ConfigurationError(f"{path}: has more than {MOST_BYTES // 1024**2} MB; save the HAR without contents")
    try:
        log = json.loads(content)["log"]
        pages, entries = list(log.get("pages") or []), list(log["entries"])
        return _told(pages, entries)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise ConfigurationError(
            f"{path}: is no HAR; save it from the network panel of the browser's developer tools as .har"
        ) from exc


def _told(pages: list[Any], entries: list[Any]) -> Mapping[str, str | float]:
    mine = [one for one in entries if not pages or one.get("pageref") in (None, pages[0].get("id"))]
    documents = [one for one in mine if _number(one["response"].get("status")) not in (None, 0.0)]
    if not documents:
        raise ValueError
    first = next((one for one in documents if not 300 <= int(one["response"]["status"]) < 400), documents[-1])
    found: dict[str, str | float] = {
        "host": urlsplit(str(first["request"]["url"])).hostname or "",
        "status": float(first["response"]["status"]),
        "requests": float(len(mine)),
        "transferred_bytes": sum(_size(one["response"]) for one in mine),
    }
    before = documents[: documents.index(first)]
    wait = _number(first.get("timings", {}).get("wait"))
    if wait is not None:
        parts = ("blocked", "dns", "connect", "send")
        spent = sum(max(_number(first["timings"].get(name)) or 0.0, 0.0) for name in parts)
        found["ttfb_seconds"] = (sum(_number(one.get("time")) or 0.0 for one in before) + spent + wait) / 1000
    load = _number((pages[0].get("pageTimings") or {}).get("onLoad")) if pages else None
    if load is not None and load > 0:
        found["load_seconds"] = load / 1000
    return found


def _size(response: Mapping[str, Any]) -> float:
    """Return the bytes of an answer: what Chromium counted, else headers and body where they are known."""
    counted = _number(response.get("_transferSize"))
    if counted is not None and counted >= 0:
        return counted
    return sum(max(_number(response.get(name)) or 0.0, 0.0) for name in ("headersSize", "bodySize"))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
