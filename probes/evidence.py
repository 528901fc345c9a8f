"""
When evidence is taken, and what is made of a recorded visit.

A failure always has its evidence, made afterwards of what was recorded anyway. All of it, filmstrip included, is taken when a
person asks for it, and now and then to show what an ordinary visit looks like.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

import structlog

from probes.chromium.console import build_console
from probes.chromium.har import build_har
from probes.chromium.recorder import Recorder
from probes.redaction import hide_secrets
from thuocdo.core.errors import StoreError
from thuocdo.core.model import Evidence, EvidenceSink, Job, Outcome

MOST_SERIES = 20_000
FULL: Mapping[str, str] = {"evidence": "full"}
"""
Attributes of a measurement that took all evidence: the filmstrip costs CPU while the page loads, so whoever compares times to
the millisecond can tell these runs from the others.
"""

log = structlog.get_logger(__name__)


class EvidencePolicy:
    """
    Decides how much evidence a probe takes.

    It counts the probes of each series (target, kind, profile) of this process; a series that was not probed for long gives way
    to others and begins anew.

    Args:
        every: each so many probes of a series take all evidence, the first included; 0 = only where a person asks.
    """

    def __init__(self, every: int) -> None:
        self._every = every
        self._counts: OrderedDict[tuple[str, str, str], int] = OrderedDict()

    def takes_all(self, job: Job) -> bool:
        """Count one more probe of the job's series and tell whether it takes all evidence, filmstrip included."""
        if self._every == 0:
            return job.full_evidence
        series = (job.target.id, job.kind, job.profile)
        count = self._counts.pop(series, 0)
        self._counts[series] = (count + 1) % self._every
        if len(self._counts) > MOST_SERIES:
            self._counts.popitem(last=False)
        return job.full_evidence or count == 0


def shows_fault(outcome: Outcome) -> bool:
    """Tell whether what was seen needs evidence: every failure, and every wall or other reason why nothing could be concluded."""
    return outcome is not Outcome.OK


async def save_recording(
    recorder: Recorder,
    sink: EvidenceSink,
    *,
    versions: Mapping[str, str],
    title: str = "",
    secrets: Collection[str] = (),
    own: frozenset[str] = frozenset(),
) -> tuple[Evidence, ...]:
    """
    Save network log and console of a visit; what is empty is left out, and a full disk costs the evidence, never the probe.

    Args:
        recorder: that watched the visit.
        sink: where evidence goes.
        versions: of what shaped the visit, for the network log.
        title: of the page; empty = its address.
        secrets: texts that are taken out besides what redaction knows by itself.
        own: hosts that are told as they are, because the registry names them.

    """
    return await asyncio.to_thread(_save, recorder, sink, versions, title, secrets, own)


async def save_evidence(sink: EvidenceSink, kind: str, content: bytes, media_type: str) -> tuple[Evidence, ...]:
    """Save one file, already redacted; nothing where it is empty or cannot be kept, which costs the evidence, never the probe."""
    if not content:
        return ()
    try:
        return (await asyncio.to_thread(sink.save, kind, content, media_type),)
    except StoreError as exc:
        log.warning("evidence was not kept; the measurement goes without", cause=str(exc))
        return ()


def _save(
    recorder: Recorder,
    sink: EvidenceSink,
    versions: Mapping[str, str],
    title: str,
    secrets: Collection[str],
    own: frozenset[str],
) -> tuple[Evidence, ...]:
    saved: list[Evidence] = []
    if recorder.exchanges:
        own |= {urlsplit(recorder.exchanges[0].url).hostname or ""}  # what was asked for is the target's own address
    try:
        if recorder.exchanges:
            har = build_har(recorder, title=title, versions=versions, own=own)
            saved.append(sink.save("har", hide_secrets(har, secrets), "application/json"))
        if recorder.console.messages:
            console = build_console(recorder.console, own=own)
            saved.append(sink.save("console", hide_secrets(console, secrets), "application/json"))
    except StoreError as exc:
        log.warning("evidence was not kept; the measurement goes without", cause=str(exc))
    return tuple(saved)
