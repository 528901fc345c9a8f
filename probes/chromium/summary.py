"""
What a recorded visit weighs: bytes and requests by type, third parties, what failed, what scripts complained about.

Pure functions of a recording; nothing here asks the browser.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from probes.chromium.recorder import Exchange, Recorder
from probes.chromium.traffic import FIRST_ERROR_STATUS
from probes.redaction import redact_url
from probes.redaction.addresses import site

MOST_FAILURES = 20

_TYPES: Mapping[str, str] = {
    "Document": "document",
    "Stylesheet": "stylesheet",
    "Script": "script",
    "Image": "image",
    "Font": "font",
    "XHR": "fetch",
    "Fetch": "fetch",
    "Media": "media",
    "TextTrack": "media",
}
"""Chromium's resource types in the words of our values, in their order; all others are `other`."""

"""What `summarise` gives, for a kind's specification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRequest:
    """A request that broke or was answered with 4xx or 5xx. url: redacted. status: 0 = no answer. error: Chromium's, or empty."""

    url: str
    type: str
    status: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitSummary:
    """
    A visit in numbers.

    values: as the kind `homepage` declares them; where requests had to be left out of the recording there are none of them (a
    part would look like the whole), only the errors. third_parties: hosts, by name. failures: the first MOST_FAILURES, in order.
    """

    values: Mapping[str, float]
    third_parties: tuple[str, ...]
    failures: tuple[FailedRequest, ...]


def summarise(recorder: Recorder, *, own_hosts: Iterable[str]) -> VisitSummary:
    """
    Return what a visit weighs.

    Args:
        recorder: that watched the visit.
        own_hosts: the target's host and those that count as the agency's; all hosts of the same sites are its own too.

    """
    own_sites = {site(host) for host in own_hosts}
    hosts = {exchange: urlsplit(exchange.url).hostname or "" for exchange in recorder.exchanges}
    others = [exchange for exchange, host in hosts.items() if site(host) not in own_sites]
    third_parties = sorted({hosts[exchange] for exchange in others})
    console = recorder.console
    values: dict[str, float] = {
        "javascript_errors": float(console.javascript_errors),
        "console_errors": float(console.console_errors),
    }
    if not recorder.left_out_requests:
        values = {
            **_by_type(recorder.exchanges),
            "third_party_bytes": float(sum(exchange.transferred_bytes for exchange in others)),
            "third_party_requests": float(len(others)),
            "third_party_hosts": float(len(third_parties)),
            **values,
        }
    return VisitSummary(values=values, third_parties=tuple(third_parties), failures=failures(recorder.exchanges))


def failures(exchanges: Iterable[Exchange]) -> tuple[FailedRequest, ...]:
    """Return the first requests that broke or were answered with 4xx or 5xx; those that the page itself gave up are none."""
    found = (
        exchange
        for exchange in exchanges
        if exchange.status >= FIRST_ERROR_STATUS or (exchange.error and not exchange.given_up)
    )
    return tuple(
        FailedRequest(
            url=redact_url(exchange.url),
            type=exchange.type,
            status=exchange.status,
            error="" if exchange.given_up else exchange.error,
        )
        for exchange, _ in zip(found, range(MOST_FAILURES), strict=False)
    )


def _by_type(exchanges: Iterable[Exchange]) -> dict[str, float]:
    values = {
        f"{name}_{unit}": 0.0 for name in (*dict.fromkeys(_TYPES.values()), "other") for unit in ("bytes", "requests")
    }
    for exchange in exchanges:
        name = _TYPES.get(exchange.type, "other")
        values[f"{name}_bytes"] += exchange.transferred_bytes
        values[f"{name}_requests"] += 1
    return values
