"""
A recorded visit as an HTTP Archive, version 1.2, which browsers' own tools and many others show.

Nothing leaves `build_har` but numbers, what Chromium itself says, and what probes.redaction keeps: no bodies at all, no values of
cookies and queries, known words of addresses and headers.

Source: w3c.github.io/web-performance/specs/HAR/Overview.html
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from probes.chromium.recorder import Exchange, Recorder, WireAnswer, WireHeads
from probes.redaction import HIDDEN, kept_name, kept_words, redact_header, redact_url
from probes.redaction.addresses import is_address, kept_parameters
from probes.redaction.headers import kept_method, kept_protocol, kept_status_text, redact_media_type

URL_CHARACTERS = 2_000
MOST_HEADERS = 100

_PAGE = "page_1"
_UNKNOWN = -1
_COMMENT = f"Made without bodies and values: {HIDDEN} stands for whatever is no word of machines in addresses, headers and names."
_STILL_OPEN = "still open when the visit ended"
_NO_WIRE = WireHeads()
_ERROR = re.compile(r"net::ERR_[A-Z0-9_]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clean:
    """Redactions that remember their answers while one archive is made: most headers of a page are the same each time."""

    url: Callable[[str], str]
    header: Callable[[str, str], str]
    name: Callable[[str], str]


def build_har(
    recorder: Recorder, *, title: str = "", versions: Mapping[str, str] | None = None, own: frozenset[str] = frozenset()
) -> bytes:
    """
    Return the archive of one visit as JSON.

    Args:
        recorder: that watched the visit.
        title: of the page; empty = its address.
        versions: of what shaped the visit; "thuocdo" and "browser" name creator and browser.
        own: hosts that are told as they are.

    """
    versions = versions or {}
    clean = _Clean(
        url=cache(lambda url: redact_url(url, own)[:URL_CHARACTERS]), header=cache(redact_header), name=cache(kept_name)
    )
    comment = _COMMENT
    if recorder.left_out_requests:
        comment += f" {recorder.left_out_requests} requests beyond the first {len(recorder.exchanges)} are left out."
    log: dict[str, Any] = {
        "version": "1.2",
        "creator": {"name": "Thước Đo", "version": versions.get("thuocdo", "")},
        "browser": {"name": "Chromium", "version": versions.get("browser", "")},
        "pages": _pages(recorder, title, clean),
        "entries": _entries(recorder, clean),
        "comment": comment,
    }
    # A server may send half a surrogate pair, which no encoding has.
    return json.dumps({"log": log}, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _pages(recorder: Recorder, title: str, clean: _Clean) -> list[dict[str, Any]]:
    if not recorder.exchanges:
        return []
    first = recorder.exchanges[0]
    return [
        {
            "startedDateTime": _instant(first.wall_time),
            "id": _PAGE,
            "title": kept_words(title) or clean.url(first.url),
            "pageTimings": {
                "onContentLoad": _since(first, recorder.content_loaded_at),
                "onLoad": _since(first, recorder.loaded_at),
            },
        }
    ]


def _entries(recorder: Recorder, clean: _Clean) -> list[dict[str, Any]]:
    taken: Counter[str] = Counter()
    entries: list[dict[str, Any]] = []
    for exchange in recorder.exchanges:
        # Chromium tells the heads on the line apart from the rest, one per redirect, in order.
        wire, number = recorder.wires.get(exchange.request_id, _NO_WIRE), taken[exchange.request_id]
        on_line = exchange.wired or exchange.response is None
        sent = wire.requests[number] if on_line and number < len(wire.requests) else None
        answer = wire.answers[number] if on_line and number < len(wire.answers) else None
        taken[exchange.request_id] += on_line
        entries.append(_entry(exchange, sent, answer, clean))
    return sorted(entries, key=lambda entry: str(entry["startedDateTime"]))


def _entry(
    exchange: Exchange, sent: Mapping[str, str] | None, answer: WireAnswer | None, clean: _Clean
) -> dict[str, Any]:
    timings = _timings(exchange)
    response = exchange.response or {}
    error = _error(exchange.error) or ("" if exchange.ended_at is not None else _STILL_OPEN)
    entry: dict[str, Any] = {
        "pageref": _PAGE,
        "startedDateTime": _instant(exchange.wall_time),
        "time": _total(timings),
        "request": _request(exchange, sent or exchange.headers, clean),
        "response": _response(exchange, answer, clean),
        "cache": {},
        "timings": timings,
        "_resourceType": exchange.type.lower(),
        "_priority": exchange.priority,
        "_initiator": {"type": exchange.initiator_type, "url": clean.url(exchange.initiator_url)},
        "_transferSize": exchange.transferred_bytes,
    }
    if is_address(response.get("remoteIPAddress", "")):
        entry["serverIPAddress"] = response["remoteIPAddress"].strip("[]")
    if response.get("connectionId"):
        entry["connection"] = str(response["connectionId"])
    if error:
        entry["_error"] = error
    if exchange.blocked_reason:
        entry["_blockedReason"] = exchange.blocked_reason
    if exchange.from_cache:
        entry["_fromCache"] = "disk" if response.get("fromDiskCache") else "memory"
    return entry


def _request(exchange: Exchange, headers: Mapping[str, str], clean: _Clean) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": kept_method(exchange.method),
        "url": clean.url(exchange.url),
        "httpVersion": _protocol(exchange),
        "cookies": _sent_cookies(headers, clean),
        "headers": _headers(headers, clean),
        "queryString": _query(exchange.url),
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN if exchange.has_body else 0,
    }
    if exchange.has_body:
        media_type = _value_of(headers, "content-type")
        request["postData"] = {
            "mimeType": redact_media_type(media_type),
            "params": [],
            "text": "",
            "comment": "left out",
        }
    return request


def _response(exchange: Exchange, answer: WireAnswer | None, clean: _Clean) -> dict[str, Any]:
    told = exchange.response or {}
    headers: Mapping[str, str] = answer.headers if answer else told.get("headers", {})
    # A refused answer (cross-origin rules) has a status on the line only.
    status = int(told.get("status", 0)) or (answer.status if answer else 0)
    head_bytes = answer.size_bytes if answer else _UNKNOWN
    body_bytes = _UNKNOWN
    if exchange.ended_at is not None and told and not exchange.from_cache:
        body_bytes = max(0, exchange.transferred_bytes - max(head_bytes, 0))
    content: dict[str, Any] = {
        "size": exchange.body_bytes,
        "mimeType": redact_media_type(told.get("mimeType", "")) or "x-unknown",
    }
    if body_bytes >= 0 and exchange.body_bytes > body_bytes:
        content["compression"] = exchange.body_bytes - body_bytes
    location = _value_of(headers, "location")
    return {
        "status": status,
        "statusText": kept_status_text(status),
        "httpVersion": _protocol(exchange),
        "cookies": _set_cookies(headers, clean),
        "headers": _headers(headers, clean),
        "content": content,
        "redirectURL": clean.url(location) if location else "",
        "headersSize": head_bytes,
        "bodySize": body_bytes,
    }


def _timings(exchange: Exchange) -> dict[str, float]:
    """
    Return an exchange's phases in milliseconds; -1 = did not happen, or is not known.

    What is neither name, connection nor the server's own goes to `blocked`: waiting for a connection, for a proxy, in queues.
    """
    marks = (exchange.response or {}).get("timing")
    total = max(0.0, (exchange.ended_at - exchange.sent_at) * 1000) if exchange.ended_at is not None else 0.0
    if not marks:
        nothing = {"blocked": total, "dns": -1.0, "connect": -1.0, "ssl": -1.0}
        return _rounded({**nothing, "send": 0.0, "wait": 0.0, "receive": 0.0})
    dns, connect, ssl = (_between(marks, phase) for phase in ("dns", "connect", "ssl"))
    asked = (marks["requestTime"] - exchange.sent_at) * 1000
    blocked = asked + marks["sendStart"] - max(dns, 0.0) - max(connect, 0.0)
    wait = marks["receiveHeadersEnd"] - marks["sendEnd"]
    return _rounded(
        {
            "blocked": max(0.0, blocked),
            "dns": dns,
            "connect": connect,
            "ssl": ssl,
            "send": max(0.0, marks["sendEnd"] - marks["sendStart"]),
            "wait": max(0.0, wait),
            "receive": max(0.0, total - asked - marks["receiveHeadersEnd"]),
        }
    )


def _between(marks: Mapping[str, float], phase: str) -> float:
    start, end = marks[f"{phase}Start"], marks[f"{phase}End"]
    return end - start if start >= 0 else -1.0


def _rounded(timings: Mapping[str, float]) -> dict[str, float]:
    return {phase: round(milliseconds, 3) for phase, milliseconds in timings.items()}


def _total(timings: Mapping[str, float]) -> float:
    # The handshake of TLS is part of the connection.
    return round(sum(taken for phase, taken in timings.items() if phase != "ssl" and taken > 0), 3)


def _headers(headers: Mapping[str, str], clean: _Clean) -> list[dict[str, str]]:
    # A header that came several times has a value a line.
    lines = [(name, value) for name, values in headers.items() for value in values.split("\n")]
    return [{"name": clean.name(name), "value": clean.header(name, value)} for name, value in lines[:MOST_HEADERS]]


def _query(url: str) -> list[dict[str, str]]:
    return [{"name": name, "value": HIDDEN} for name in kept_parameters(url)]


def _sent_cookies(headers: Mapping[str, str], clean: _Clean) -> list[dict[str, str]]:
    found = _value_of(headers, "cookie")
    names = (pair.strip().partition("=") for pair in found.split(";", MOST_HEADERS)[:MOST_HEADERS] if pair.strip())
    return [{"name": clean.name(name) if has_value else HIDDEN, "value": HIDDEN} for name, has_value, _ in names]


def _set_cookies(headers: Mapping[str, str], clean: _Clean) -> list[dict[str, Any]]:
    lines = [line for line in _value_of(headers, "set-cookie").split("\n") if line]
    return [_set_cookie(line.split(";"), clean) for line in lines[:MOST_HEADERS]]


def _set_cookie(parts: Sequence[str], clean: _Clean) -> dict[str, Any]:
    name, has_value, _ = parts[0].partition("=")
    flags = {part.strip().lower() for part in parts[1:]}
    return {
        "name": clean.name(name.strip()) if has_value else HIDDEN,
        "value": HIDDEN,
        "httpOnly": "httponly" in flags,
        "secure": "secure" in flags,
    }


def _value_of(headers: Mapping[str, str], wanted: str) -> str:
    return next((value for name, value in headers.items() if name.lower() == wanted), "")


def _error(told: str) -> str:
    """Return Chromium's name of an error; whatever else stands there is not kept."""
    return told if not told or _ERROR.fullmatch(told) else "net::ERR_FAILED"


def _protocol(exchange: Exchange) -> str:
    name = kept_protocol(str((exchange.response or {}).get("protocol", "")))
    return name.upper() if name.startswith("http/") else name


def _since(first: Exchange, at: float | None) -> float:
    return _UNKNOWN if at is None else round(max(0.0, at - first.sent_at) * 1000, 3)


def _instant(wall_time: float) -> str:
    return datetime.fromtimestamp(wall_time, UTC).isoformat(timespec="milliseconds")
