"""
Availability and phases of one plain GET: name, TCP, TLS, processing, transfer, certificate, status.

It sees what a server answers, never what a person sees: a single-page shell is `ok` here in milliseconds. The browser kinds tell
the rest.
"""

import asyncio
import errno
import ssl
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from probes.kind import Engine, Kind, Value
from probes.net.stopwatch import Stopwatch
from probes.page import Judgement, judge, read_html
from probes.tools import Tools
from thuocdo.model import Job, Observation, Outcome, PageKind, Reason, TargetRole

LARGEST_BODY_BYTES = 10 * 1024 * 1024
JUDGED_BYTES = 256 * 1024  # the head of a document tells what it is; judging megabytes would block the stop-watches
MOST_REDIRECTS = 10
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """The last hop: status, headers, address and the first bytes of the body."""

    status: int
    headers: Mapping[str, str]
    url: str
    body_head: bytes
    body_bytes: int
    version: str


class _TooLargeError(Exception):
    """The body went over the limit."""


async def probe(job: Job, tools: Tools) -> Observation:
    """
    Fetch the target once, following redirects, within the job's deadline.

    Returns:
        The observation; phases are sums over all hops, as blackbox_exporter counts them.

    """
    hops: list[Stopwatch] = []
    start = time.monotonic()
    try:
        async with asyncio.timeout(job.deadline_seconds):
            answer = await _follow(job.target.url, tools, hops)
    except _TooLargeError:
        return _fault(Reason.TOO_LARGE, f"body over {LARGEST_BODY_BYTES} bytes", hops)
    except TimeoutError:
        return _fault(*_timeout_reason(hops, job.deadline_seconds), hops)
    except (aiohttp.ClientError, OSError, ssl.SSLError, ValueError) as exc:
        return _fault(*_error_reason(exc, hops), hops)
    total = time.monotonic() - start
    values = {
        **_summed_phases(hops),
        "total_seconds": total,
        "status_code": float(answer.status),
        "body_bytes": float(answer.body_bytes),
        "redirects": float(len(hops) - 1),
    }
    attributes = {"final_host": urlsplit(answer.url).netloc, "http_version": answer.version, "ip_version": "4"}
    _add_tls(hops[-1], values, attributes)
    return _judged(job, answer, values, attributes)


async def _follow(url: str, tools: Tools, hops: list[Stopwatch]) -> _Answer:
    for _ in range(MOST_REDIRECTS + 1):
        watch = Stopwatch()
        hops.append(watch)
        with watch:
            answer = await _get(url, tools, watch)
        location = answer.headers.get("Location")
        if answer.status not in REDIRECT_STATUSES or not location:
            return answer
        url = urljoin(url, location)
    raise aiohttp.ClientError(f"more than {MOST_REDIRECTS} redirects")


async def _get(url: str, tools: Tools, watch: Stopwatch) -> _Answer:
    async with tools.http.session.get(URL(url, encoded=False), allow_redirects=False) as answer:
        if watch.first_byte is None:  # plain HTTP has no SSLObject: the header's arrival is the first byte we can see
            watch.first_byte = time.monotonic()
        head = bytearray()
        size = 0
        async for chunk in answer.content.iter_any():
            size += len(chunk)
            if len(head) < JUDGED_BYTES:
                head += chunk
            if size > LARGEST_BODY_BYTES:
                raise _TooLargeError
        if watch.secured is None:
            watch.last_byte = time.monotonic()
        version = f"{answer.version.major}.{answer.version.minor}" if answer.version else ""
        body = _decompressed(bytes(head[:JUDGED_BYTES]), answer.headers.get("Content-Encoding", ""))
        return _Answer(
            status=answer.status, headers=answer.headers, url=url, body_head=body, body_bytes=size, version=version
        )


def _decompressed(head: bytes, encoding: str) -> bytes:
    if encoding.strip().lower() != "gzip":
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, JUDGED_BYTES)
    except zlib.error:
        return b""


def _judged(job: Job, answer: _Answer, values: dict[str, float], attributes: dict[str, str]) -> Observation:
    text = answer.body_head.decode(_charset(answer.headers.get("Content-Type", "")), errors="replace")
    judgement = judge(read_html(answer.status, answer.headers, answer.url, text), job.target)
    expected = job.target.expected_text
    if judgement.reason is None and expected and expected not in text:
        judgement = Judgement(
            page_kind=PageKind.PORTAL, reason=Reason.CONTENT_MISMATCH, detail=f"the page lacks the text '{expected}'"
        )
    if judgement.reason is Reason.BLOCKED:
        attributes["retry_after"] = answer.headers.get("Retry-After", "")
    return Observation(
        outcome=judgement.reason.outcome if judgement.reason else Outcome.OK,
        reason=judgement.reason,
        detail=judgement.detail,
        page_kind=judgement.page_kind,
        values=values,
        attributes=attributes,
    )


def _charset(content_type: str) -> str:
    name = content_type.lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
    try:
        "".encode(name or "utf-8")
    except LookupError:
        return "utf-8"
    return name or "utf-8"


def _summed_phases(hops: list[Stopwatch]) -> dict[str, float]:
    total: dict[str, float] = {}
    for hop in hops:
        for name, seconds in hop.phases().items():
            total[name] = total.get(name, 0.0) + seconds
    return total


def _add_tls(watch: Stopwatch, values: dict[str, float], attributes: dict[str, str]) -> None:
    if watch.certificate:
        values["certificate_expiry_seconds"] = float(ssl.cert_time_to_seconds(str(watch.certificate["notAfter"])))
    if watch.tls_version:
        attributes["tls_version"] = watch.tls_version
        attributes["tls_cipher"] = watch.cipher


def _fault(reason: Reason, detail: str, hops: list[Stopwatch]) -> Observation:
    values = _summed_phases(hops)
    attributes: dict[str, str] = {}
    if hops:
        _add_tls(hops[-1], values, attributes)
    return Observation(outcome=reason.outcome, reason=reason, detail=detail, values=values, attributes=attributes)


def _timeout_reason(hops: list[Stopwatch], deadline_seconds: float) -> tuple[Reason, str]:
    watch = hops[-1]
    if watch.resolve_start is not None and watch.resolve_end is None:
        return Reason.DNS_FAILURE, f"no answer from the name server within {deadline_seconds:g} s"
    if watch.connected is None and watch.first_byte is None:
        return Reason.CONNECT_TIMEOUT, f"no TCP connection within {deadline_seconds:g} s"
    return Reason.TIMEOUT, f"no complete answer within {deadline_seconds:g} s"


_UNREACHABLE = frozenset({errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH})


def _error_reason(exc: Exception, hops: list[Stopwatch]) -> tuple[Reason, str]:
    """Return reason and detail of an error of aiohttp or the system; the order goes from the special to the general."""
    watch = hops[-1]
    match exc:
        case aiohttp.ClientConnectorDNSError():
            return Reason.DNS_FAILURE, "the host name does not resolve"
        case aiohttp.ClientConnectorCertificateError():
            verification = exc.certificate_error
            message = getattr(verification, "verify_message", "") or str(verification)
            return Reason.CERTIFICATE_INVALID, f"certificate refused: {message}"
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return Reason.TLS_ERROR, f"TLS handshake failed: {getattr(exc, 'os_error', exc)}"
        case aiohttp.ClientConnectorError() if exc.os_error.errno in _UNREACHABLE:
            return Reason.CONNECT_TIMEOUT, f"host not reachable: {exc.os_error.strerror}"
        case aiohttp.ClientConnectorError() if watch.connected is not None:
            return Reason.TLS_ERROR, f"connection broken in the TLS handshake: {exc.os_error.strerror}"
        case aiohttp.ClientConnectorError():
            return Reason.CONNECTION_REFUSED, f"connection refused: {exc.os_error.strerror}"
        case aiohttp.InvalidURL():
            return Reason.HTTP_ERROR, "a redirect leads to an address that is none"
        case aiohttp.ServerDisconnectedError() | ConnectionResetError() | aiohttp.ClientOSError():
            return Reason.HTTP_ERROR, "the server closed the connection without a complete answer"
    return Reason.HTTP_ERROR, f"no valid HTTP answer: {type(exc).__name__}: {exc}"[:300]


KIND = Kind(
    name="http",
    help="One plain GET with its phases, status and certificate",
    engine=Engine.HTTP,
    roles=frozenset({TargetRole.HOMEPAGE}),
    deadline_seconds=10.0,
    values=(
        Value(name="resolve_seconds", help="Time to resolve the host name, all hops"),
        Value(name="connect_seconds", help="Time to open the TCP connection, all hops"),
        Value(name="tls_seconds", help="Time of the TLS handshake, all hops"),
        Value(name="processing_seconds", help="Time from the request sent to the first byte of the answer, all hops"),
        Value(name="transfer_seconds", help="Time from the first to the last byte of the answer, all hops"),
        Value(name="total_seconds", help="Time of the whole exchange, redirects included"),
        Value(name="status_code", help="HTTP status of the last answer"),
        Value(name="body_bytes", help="Size of the last answer's body as transferred"),
        Value(name="redirects", help="Number of redirects followed"),
        Value(name="certificate_expiry_seconds", help="Unix time at which the server's certificate expires"),
    ),
    probe=probe,
)
