"""
Runs one job with everything that surrounds a probe: manners, deadline, our own line, our own state.

The probe itself only looks at the portal; here its observation becomes a measurement.
"""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import structlog

from probes.certificate_cause import told_by_openssl
from probes.kind import Probe
from probes.manners.politeness import Politeness, is_loopback
from probes.manners.refusals import HostRefusal
from probes.manners.retry_after import retry_after_seconds
from probes.monitor import LAG_LIMIT_RATIO, LAG_LIMIT_SECONDS, LOST_LIMIT_RATIO, PRESSURE_LIMIT_RATIO, Monitor
from probes.net.connectivity import Connectivity
from probes.tools import Tools
from thuocdo.core import clock
from thuocdo.core.errors import ThuocdoError
from thuocdo.core.kinds.kind import Engine, Kind
from thuocdo.core.model import LATE_REASONS, LINE_REASONS, Conditions, Job, Measurement, Observation, Outcome, Reason

DECIMALS = 6
"""Of every number that is kept: no clock here is truer than a microsecond, and in whole ones a time takes three bytes."""

OVERRUN_SECONDS = 5.0
"""How long a probe may go over its own deadline (closing pages) before that is our fault."""

_ORDINARY_RATIO = 0.5
"""Of its deadline: a probe that takes longer has met something, and our line is looked at while it goes on."""

_SPOILT_BY_A_LOSS = LINE_REASONS | {
    Reason.HTTP_ERROR,
    Reason.TLS_ERROR,
    Reason.CONTENT_MISMATCH,
    Reason.FORM_NOT_READY,
}
"""What a line that goes in the middle of a probe makes of a good page: connections break, parts of it are missing."""

Result = TypeVar("Result", bound=Measurement | None)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """What is needed to run any job of this process."""

    kinds: Mapping[str, Kind]
    probes: Mapping[str, Probe]
    tools: Tools
    connectivity: Connectivity
    politeness: Politeness
    monitor: Monitor

    async def run(self, job: Job, *, in_flight: int = 1) -> Measurement:
        """
        Run one job and return its measurement; never raises, whatever a portal, a probe, a file or a clock does.

        Manners are kept here whoever calls: a refusal is asked for once more, and the host's turn is taken last of all, so that
        no waiting comes between it and the probe.

        Args:
            job: what is due.
            in_flight: probes of this process running now, this one included.

        """
        return await self._caught(job, in_flight, self._run(job, in_flight))

    async def refusal(self, job: Job, *, in_flight: int = 1) -> Measurement | None:
        """
        Return the measurement of a job that must not be run at all, None = it may; robots.txt may have to be fetched for it.

        An agent asks before it gives the job a place, which a refused one does not need. Never raises.
        """
        return await self._caught(job, in_flight, self._refused(job, in_flight))

    async def _run(self, job: Job, in_flight: int) -> Measurement:
        refused = await self._refused(job, in_flight)
        if refused is not None:
            return refused
        await self.politeness.wait_turn(job.target.host)
        started_at, start = clock.now(), time.monotonic()
        observation = self._remembered(job, await self._observe(job))
        return self._measurement(job, observation, started_at, start, in_flight)

    async def _refused(self, job: Job, in_flight: int) -> Measurement | None:
        observation = await self._refusal(job)
        if observation is None:
            return None
        refused = self._measurement(job, observation, clock.now(), time.monotonic(), in_flight)
        return replace(
            refused, duration_seconds=0.0
        )  # nobody was asked: the time between two lines of ours is no duration

    async def _caught(self, job: Job, in_flight: int, work: Awaitable[Result]) -> Result | Measurement:
        """
        Await work that gives a measurement; whatever goes wrong in it gives one as well, about us.

        A measurement that is lost leaves a hole that nobody sees, and a round that never ends.
        """
        started_at, start = clock.now(), time.monotonic()
        try:
            return await work
        except ThuocdoError as exc:  # names a file and its remedy: that is for the log, not for pages
            log.error("a measurement could not be taken", target=job.target.id, kind=job.kind, cause=str(exc))  # noqa: TRY400
            broke = type(exc).__name__
        except asyncio.CancelledError as exc:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise  # it is we who are asked to end
            broke = type(exc).__name__
        except Exception as exc:
            log.exception("a measurement could not be taken; this is a fault of the prober", target=job.target.id)
            broke = type(exc).__name__
        return Measurement(
            key=job.key,
            agency_id=job.target.agency_id,
            started_at=started_at,
            duration_seconds=max(0.0, time.monotonic() - start),
            observation=Observation.ended(Reason.INTERNAL_ERROR, f"{broke} around the probe"),
            conditions=Conditions(in_flight=in_flight, versions=self.tools.versions),
            round_id=job.round_id,
        )

    def _remembered(self, job: Job, observation: Observation) -> Observation:
        """Remember whether the host let us in, and tell with a refusal what follows from it."""
        if observation.reason is Reason.BLOCKED:
            asked_seconds = retry_after_seconds(observation.attributes.get("retry_after"), clock.now())
            return _told(observation, self.politeness.back_off(job.target.host, asked_seconds))
        if observation.outcome is Outcome.OK:
            self.politeness.welcome(job.target.host)
        return observation

    def _measurement(
        self, job: Job, observation: Observation, started_at: datetime, start: float, in_flight: int
    ) -> Measurement:
        duration = round(time.monotonic() - start, DECIMALS)
        conditions = self._conditions(job, observation.reason, (started_at, start, duration), in_flight)
        observation = replace(
            observation, values={name: round(value, DECIMALS) for name, value in observation.values.items()}
        )
        return Measurement(
            key=job.key,
            agency_id=job.target.agency_id,
            started_at=started_at,
            duration_seconds=duration,
            observation=_trusted(_excused(observation, conditions), self.kinds[job.kind], conditions),
            conditions=conditions,
            round_id=job.round_id,
        )

    async def _refusal(self, job: Job) -> Observation | None:
        """Return why this job must not be run at all, as an observation; None = go."""
        if self.kinds[job.kind].needs_mandate and job.target.mandate is None and not is_loopback(job.target.host):
            return Observation.ended(
                Reason.MANDATE_MISSING, f"probes of kind {job.kind} need a mandate of the portal's owner"
            )
        refusal = self.politeness.refusal(job.target.host)
        if refusal is not None:
            detail = f"the host refused us; not asked again for {refusal.left_seconds:.0f} s"
            return _told(Observation.ended(Reason.BLOCKED, detail), refusal)
        if not await self.tools.robots.allows(job.target):
            return Observation.ended(
                Reason.ROBOTS_DISALLOWED, "robots.txt forbids this address and no mandate exempts it"
            )
        return None

    async def _observe(self, job: Job) -> Observation:
        began = self.connectivity.begin()
        try:
            probe = asyncio.ensure_future(self.probes[job.kind].run(job, self.tools))
            if not await self._has_ended(probe, job):
                return Observation.ended(Reason.INTERNAL_ERROR, "the probe overran its deadline")
            if probe.cancelled():
                return Observation.ended(Reason.INTERNAL_ERROR, "something within the probe was cancelled")
            observation = _readable(probe.result())
        except Exception as exc:
            log.exception("a probe broke; this is a fault of the prober", target=job.target.id, kind=job.kind)
            return Observation.ended(Reason.INTERNAL_ERROR, f"{type(exc).__name__} in the probe")
        if observation.reason in LINE_REASONS and not await self.connectivity.is_up():
            return _ours(observation, Reason.NO_CONNECTIVITY, "our reference pages do not answer either")
        if observation.reason is Reason.DNS_FAILURE and not await self.connectivity.is_served():
            return _ours(observation, Reason.NO_CONNECTIVITY, "our own name servers do not work")
        if observation.reason is Reason.CERTIFICATE_INVALID and not await self.connectivity.is_trusting():
            why = "certificates are judged wrongly here: look at this machine's clock and its authorities"
            return _ours(observation, Reason.INTERNAL_ERROR, why)
        if observation.reason is Reason.CERTIFICATE_INVALID and self.kinds[job.kind].engine is Engine.BROWSER:
            await self.politeness.wait_turn(job.target.host)
            return await told_by_openssl(job, observation, self.tools)
        if observation.reason in _SPOILT_BY_A_LOSS and self.connectivity.was_away(began):
            return _ours(observation, Reason.NO_CONNECTIVITY, "our own line was away meanwhile")
        return observation

    async def _has_ended(self, probe: asyncio.Future[Observation], job: Job) -> bool:
        """Wait until a probe has ended; where it takes long, our line, which may be why, is looked at besides."""
        looking: asyncio.Task[None] | None = None

        def look() -> None:
            nonlocal looking
            looking = asyncio.create_task(self.connectivity.keep_looking())

        timer = asyncio.get_running_loop().call_later(_ORDINARY_RATIO * job.deadline_seconds, look)
        try:
            return await _has_ended(probe, job)
        finally:
            timer.cancel()
            if looking:
                looking.cancel()

    def _conditions(
        self, job: Job, reason: Reason | None, span: tuple[datetime, float, float], in_flight: int
    ) -> Conditions:
        """Return the conditions of a probe; span: when it started by the wall clock and the monotonic one, how long it took."""
        started_at, start, duration = span
        lag = self.monitor.worst_lag_seconds(start)
        pressure = self.monitor.pressure_ratio(start)
        kind = self.kinds[job.kind]
        # A start that came late is no sign of it: it moves the instant, not what is measured from then on.
        if self.probes[job.kind].corrects_lag:
            late = reason in LATE_REASONS and lag > LOST_LIMIT_RATIO * duration
        else:
            late = lag > max(LAG_LIMIT_SECONDS, LAG_LIMIT_RATIO * duration)
        pressed = kind.engine is Engine.BROWSER and pressure > PRESSURE_LIMIT_RATIO
        return Conditions(
            loop_lag_seconds=round(lag, DECIMALS),
            cpu_pressure_ratio=round(pressure, DECIMALS),
            in_flight=in_flight,
            lateness_seconds=max(0.0, (started_at - job.scheduled_at).total_seconds()),
            saturated=kind.timed and (late or pressed),
            versions=self.tools.versions,
        )


def _readable(observation: Observation) -> Observation:
    """
    Return the observation if it can be read again once it is stored: one row that cannot would spoil every report.

    Raises:
        TypeError: it cannot.
    """
    texts = (observation.detail, *observation.attributes, *observation.attributes.values(), *observation.values)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("observation: detail, attributes and names of values must be text")
    return observation


def _ours(observation: Observation, reason: Reason, why: str) -> Observation:
    """Take what a probe saw as our own fault; what it saw is told with it."""
    return replace(observation, outcome=reason.outcome, reason=reason, detail=f"{why} ({observation.detail})")


async def _has_ended(probe: asyncio.Future[Observation], job: Job) -> bool:
    """Wait until a probe has ended; one that takes longer, or that we give up, is told to end, and waited for briefly."""
    try:
        ended, _ = await asyncio.wait([probe], timeout=job.deadline_seconds + OVERRUN_SECONDS)
    finally:
        if not probe.done():
            probe.cancel()
            await asyncio.wait([probe], timeout=OVERRUN_SECONDS)
            probe.add_done_callback(lambda late: late.cancelled() or late.exception())
    if not probe.done():
        log.error(
            "a probe does not end although it was told to; it is left behind", target=job.target.id, kind=job.kind
        )
    return bool(ended)


def _excused(observation: Observation, conditions: Conditions) -> Observation:
    """Take a failure to be in time as our own fault where we were too busy to see the portal's speed."""
    if not (conditions.saturated and observation.reason in LATE_REASONS):
        return observation
    return _ours(observation, Reason.PROBER_SATURATED, f"{observation.reason} while the prober was saturated")


def _trusted(observation: Observation, kind: Kind, conditions: Conditions) -> Observation:
    """Leave out what a busy machine spoils; that the portal answered, and its network phases, stand."""
    spoilt = {value.name for value in kind.values if value.paint} if conditions.saturated else frozenset()
    if spoilt.isdisjoint(observation.values):
        return observation
    return replace(observation, values={name: v for name, v in observation.values.items() if name not in spoilt})


def _told(observation: Observation, refusal: HostRefusal) -> Observation:
    """Return the observation with how often the host refused us, who decided how long it is left alone, and how long that is."""
    facts = {
        "refusals": str(refusal.refusals),
        "left_alone": refusal.wait.value,
        "left_alone_seconds": f"{refusal.left_seconds:.0f}",
    }
    return replace(observation, attributes={**observation.attributes, **facts})
