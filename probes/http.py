"""
Availability and phases of one plain GET: name, TCP, TLS, processing, transfer, certificate, status.

It sees what a server answers, never what a person sees: a single-page shell is `ok` here in milliseconds. The browser kinds tell
the rest.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from probes.charset import decoded
from probes.identity.features import Features, Glance, features_of, glance_at
from probes.identity.known_pages import KnownPages, Look
from probes.identity.verdict import judge_identity
from probes.markup import title_of
from probes.media import content_type, contradicts_itself, is_plain, is_saved
from probes.net import arrival
from probes.net.addresses import reach_of
from probes.net.certificates import Tls
from probes.net.client import LARGEST_BODY_BYTES, FetchOptions, HopResponse
from probes.net.coding import Unpacked, unpacked
from probes.net.fault import ExchangeError
from probes.net.stopwatch import ExchangeStep, Stopwatch
from probes.net.told import add_told, unpacked_bytes
from probes.page import Judgement, judge_home, read_html, source_lacks
from probes.redaction import kept_words, known_hosts, redact_host
from probes.redaction.headers import kept_retry_after
from probes.tools import Tools
from thuocdo.core import clock
from thuocdo.core.model import Job, Observation, PageKind, Reason, Target

_REFRESH = '<meta http-equiv="refresh">'
_JUDGED_HEADERS = frozenset(
    {"content-encoding", "content-type", "content-disposition", "refresh", "retry-after", "x-content-type-options"}
)  # all that anything here asks for
_SMALL_BYTES = 16 * 1024
_MOST_REMEMBERED = 10_000
JUDGED_BYTES = 256 * 1024  # the head of a document tells what it is; judging megabytes would block the stop-watches

_WISHES = {
    version: FetchOptions(ip_version=version, kept_bytes=JUDGED_BYTES, most_bytes=LARGEST_BODY_BYTES)
    for version in (4, 6)
}


CORRECTS_LAG = arrival.STAMPED
"""With 100 ms blocks of the loop once a second p95 of the error was 0.3-0.5 ms (2026-11-23, benchmarks.bench_http_exactness)."""


async def probe(job: Job, tools: Tools) -> Observation:
    """
    Fetch the target once, following redirects, within the job's deadline.

    Returns:
        The observation; phases are sums over all hops, as blackbox_exporter counts them. Where there was a redirect the attribute
        `hops` tells them apart: a JSON list with host, status and the phases in milliseconds of each hop.

    """
    hops: list[Stopwatch] = []
    start = time.monotonic()
    try:
        async with asyncio.timeout(job.deadline_seconds):
            wish, reach = _WISHES[job.target.ip_version], reach_of(job.target)
            until = start + job.deadline_seconds
            answer = await tools.http.follow(job.target.url, wish, hops, reach=reach, until=until)
    except ExchangeError as exc:
        return _fault(job, exc.reason, exc.detail, hops)
    except TimeoutError:
        return _fault(job, *_timeout_reason(hops, job.deadline_seconds), hops)
    elapsed = time.monotonic() - start
    values = _summed_phases(hops)
    values |= {
        "total_seconds": max(0.0, elapsed - values.get("queue_seconds", 0.0) - values["late_seconds"]),
        "status_code": float(answer.status),
        "body_bytes": float(answer.body_bytes),
        "redirects": float(len(hops) - 1),
    }
    attributes = _facts(job, hops) | {
        "final_host": redact_host(urlsplit(answer.url).netloc, known_hosts(job.target)),
        "http_version": answer.version,
    }
    _add_tls(job, hops[-1].tls, values, attributes)
    add_told(answer, values, attributes)
    return _judged(job, answer, values, attributes, tools.known_pages)


def _judged(
    job: Job, answer: HopResponse, values: dict[str, float], attributes: dict[str, str], known: KnownPages | None
) -> Observation:
    document = _document(job.target, answer)
    judgement = document.judgement
    if document.unpacked_bytes is not None:
        values["unpacked_bytes"] = float(document.unpacked_bytes)
    if judgement.reason is None and known is not None:
        look = Look(glance=document.glance, title=document.title, features=lambda: _features(answer, document.glance))
        judgement = judge_identity(judgement, job, look, known, clock.now())
    if judgement.reason is Reason.BLOCKED:
        attributes["retry_after"] = kept_retry_after(answer.headers.get("Retry-After", ""))
    return Observation.ended(
        judgement.reason,
        judgement.detail,
        page_kind=judgement.page_kind,
        values=values,
        attributes=attributes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """
    What was said of a target's document.

    digest: of all that it was said of. unpacked_bytes: size of the body without its content coding; None = not known.
    """

    target: Target
    digest: int
    judgement: Judgement
    title: str
    glance: Glance
    unpacked_bytes: int | None


_LAST: dict[str, _Document] = {}
"""By target: a shell is the same at each visit, and judging it costs a tenth of a probe."""


def _document(target: Target, answer: HopResponse) -> _Document:
    """Return what is said of a document, from memory where it is the very one that came before."""
    if len(answer.body_head) > _SMALL_BYTES:
        return _read(target, answer, 0)
    told = (one for one in answer.headers.items() if one[0].lower() in _JUDGED_HEADERS)
    digest = hash((answer.status, answer.url, answer.body_head, answer.body_bytes, *told))
    last = _LAST.get(target.id)
    if last is None or last.target is not target or last.digest != digest:
        if len(_LAST) >= _MOST_REMEMBERED:
            _LAST.clear()
        last = _LAST[target.id] = _read(target, answer, digest)
    return last


def _read(target: Target, answer: HopResponse, digest: int) -> _Document:
    body, media, text = _text_of(answer)
    judgement = judge_home(read_html(answer.status, answer.headers, answer.url, text), target)
    if judgement.reason in (None, Reason.CONTENT_MISMATCH):
        judgement = _unreadable(body, answer.url) or _without_page(answer, media) or judgement
    expected = target.expected_text
    is_whole = answer.body_bytes <= len(answer.body_head)
    if judgement.reason is None and expected and is_whole and source_lacks(expected, text):
        detail = f"the page lacks the text '{expected}'"
        judgement = Judgement(page_kind=PageKind.PORTAL, reason=Reason.CONTENT_MISMATCH, detail=detail)
    title = title_of(text)
    return _Document(
        target=target,
        digest=digest,
        judgement=judgement,
        title=title,
        glance=glance_at(title, len(text)),
        unpacked_bytes=unpacked_bytes(answer, body, JUDGED_BYTES),
    )


def _text_of(answer: HopResponse) -> tuple[Unpacked, str, str]:
    """Return the unpacked body, its content type, and what it says, as HTML."""
    body = unpacked(answer.body_head, ",".join(_said(answer, "content-encoding")), JUDGED_BYTES)
    media = content_type(_said(answer, "content-type"))
    text = decoded(body.content, media)
    if is_plain(media, answer.headers.get("X-Content-Type-Options", "")):
        text = escape(text, quote=False)
    return body, media, _sent_on(answer) + text


def _features(answer: HopResponse, glance: Glance) -> Features:
    return features_of(_text_of(answer)[2], answer.url, glance)


def _sent_on(answer: HopResponse) -> str:
    """Return what a header that sends visitors on to another address is in a document: browsers take the one for the other."""
    return _REFRESH if any(mark in answer.headers.get("Refresh", "") for mark in ";,") else ""


def _said(answer: HopResponse, header: str) -> list[str]:
    """Return every value of a header, in order."""
    return [value for name, value in answer.headers.items() if name.lower() == header]


def _without_page(answer: HopResponse, media: str) -> Judgement | None:
    """Return why browsers stay where they are instead of showing an answer, None = they show it."""
    detail = ""
    dispositions = _said(answer, "content-disposition")
    if dispositions and contradicts_itself(dispositions):
        detail = "no valid HTTP answer: more than one Content-Disposition, and they differ"
        return Judgement(page_kind=PageKind.PORTAL, reason=Reason.HTTP_ERROR, detail=detail)
    if answer.status == 205:
        detail = "the document is empty"  # whatever comes with it
    elif is_saved(media, answer.headers.get("Content-Disposition", "")):
        detail = "the address answers with a download, not with a page"
    return Judgement(page_kind=PageKind.PORTAL, reason=Reason.CONTENT_MISMATCH, detail=detail) if detail else None


def _unreadable(body: Unpacked, url: str) -> Judgement | None:
    """
    Return why what was unpacked is nothing to judge, None = it can be judged.

    A coding that was not offered is read by browsers over TLS, where they offer it; without TLS they show an error, too.

    (204, 205 and an empty 200 are answers without a page, which `judge_home` says; a 304 to a question that named no version
    leads nowhere and is http_error.)
    """
    if body.broken or (body.unknown and not url.startswith("https:")):
        return Judgement(
            page_kind=PageKind.PORTAL,
            reason=Reason.HTTP_ERROR,
            detail="the answer is not packed as its Content-Encoding says: no browser shows it",
        )
    if body.unknown:
        detail = f"the answer is packed as {body.unknown}, which was not offered; browsers read it, this probe does not"
        return Judgement(page_kind=PageKind.PORTAL, reason=Reason.PROTOCOL_UNSUPPORTED, detail=detail)
    return None


def _summed_phases(hops: list[Stopwatch]) -> dict[str, float]:
    total = hops[0].phases()
    for hop in hops[1:]:
        for name, seconds in hop.phases().items():
            total[name] = total.get(name, 0.0) + seconds
    return total


def _facts(job: Job, hops: list[Stopwatch]) -> dict[str, str]:
    """Return what is told of the way, whether it led to an answer or not."""
    last = hops[-1]
    facts = {"ip_version": str(job.target.ip_version)}
    if last.address:
        facts["address"] = last.address
    if last.name_server:
        facts["name_server"] = last.name_server
    questions = sum(hop.questions for hop in hops)
    if questions > sum(1 for hop in hops if hop.questions):
        facts["dns_questions"] = str(questions)  # some name server had no good answer and another one was asked
    if dead := sum(hop.dead_addresses for hop in hops):
        facts["dead_addresses"] = str(dead)  # of several, and the next one answered: browsers do not notice
    if len(hops) > 1:
        facts["hops"] = json.dumps([_told(hop, known_hosts(job.target)) for hop in hops], separators=(",", ":"))
    return facts


def _told(hop: Stopwatch, known: frozenset[str]) -> dict[str, str | int | float]:
    phases = {name.removesuffix("_seconds"): round(seconds * 1000, 3) for name, seconds in hop.phases().items()}
    return {"host": redact_host(hop.host, known), "status": hop.status, **phases}


def _add_tls(job: Job, tls: Tls | None, values: dict[str, float], attributes: dict[str, str]) -> None:
    if tls is None:
        return
    attributes["tls_version"] = tls.version
    attributes["tls_cipher"] = tls.cipher
    if tls.alpn:
        attributes["tls_alpn"] = tls.alpn
    if tls.chain:
        values["certificate_expiry_seconds"] = tls.chain.expires_at
        values["certificate_leaf_expiry_seconds"] = tls.chain.leaf_expires_at
        attributes["certificate_subject"] = _subject(tls.chain.subject, known_hosts(job.target))
        attributes["certificate_issuer"] = tls.chain.issuer
        attributes["certificate_fingerprint"] = tls.chain.fingerprint
        if tls.chain.names:
            names = (_subject(name, known_hosts(job.target)) for name in tls.chain.names)
            attributes["certificate_names"] = ",".join(names)


def _subject(name: str, known: frozenset[str]) -> str:
    """Return whom a certificate was made out to: a host as hosts are told, anybody else in known words only."""
    if "." not in name or " " in name:
        return kept_words(name)
    star = "*." if name.startswith("*.") else ""
    return star + redact_host(name.removeprefix(star), known)


def _fault(job: Job, reason: Reason, detail: str, hops: list[Stopwatch]) -> Observation:
    values = _summed_phases(hops)
    if len(hops) > 1:
        values["redirects"] = float(len(hops) - 1)
    attributes = _facts(job, hops)
    _add_tls(job, hops[-1].tls, values, attributes)
    page_kind = PageKind.REDIRECT if reason is Reason.REDIRECTED_ELSEWHERE else None
    return Observation.ended(reason, detail, page_kind=page_kind, values=values, attributes=attributes)


def _timeout_reason(hops: list[Stopwatch], deadline_seconds: float) -> tuple[Reason, str]:
    match hops[-1].step:
        case ExchangeStep.RESOLVE:
            return Reason.DNS_FAILURE, f"no answer from the name server within {deadline_seconds:g} s"
        case ExchangeStep.CONNECT:
            return Reason.CONNECT_TIMEOUT, f"no TCP connection within {deadline_seconds:g} s"
        case ExchangeStep.QUEUE:
            return Reason.PROBER_SATURATED, f"no place for a TLS handshake within {deadline_seconds:g} s"
    return Reason.TIMEOUT, f"no complete answer within {deadline_seconds:g} s"
