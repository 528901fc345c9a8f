"""For machines that watch, besides metrics: probes in blackbox_exporter's manner, discovery, health, readiness, reload."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response

from exporters.blackbox import render_probe
from exporters.discovery import discovery_json
from exporters.modules import ALIASES, kind_of, misfit
from thuocdo.core.errors import (
    AgentAwayError,
    AgentBrokeError,
    ConfigurationError,
    StoreUnavailableError,
    UnknownTargetError,
)
from thuocdo.core.kinds.kind import Kind, answering_kind
from thuocdo.core.model import Conditions, Measurement, MeasurementKey, Observation, Reason, Target
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.core.yamlfile import nearest
from thuocdo.web.asked import Name
from thuocdo.web.exposition import Body, forms_of, response_of
from thuocdo.web.flights import HostBusyError, LiveProbes
from thuocdo.web.mistakes import without_folders
from thuocdo.web.site import Site

ProbeNow = Callable[[Target], Awaitable[Measurement]]

ANSWERS = answering_kind().name
"""The kind of probe that blackbox_exporter measures, too: the only one that `/probe` probes at once."""

log = structlog.get_logger()

SCRAPE_TIMEOUT_HEADER = "X-Prometheus-Scrape-Timeout-Seconds"
SCRAPE_RESERVE_SECONDS = 0.5
"""So much of a scrape's time is left for the way. Source: blackbox_exporter, --timeout-offset."""

_SOME = 5


def operations(site: Site, probe_now: ProbeNow | None) -> APIRouter:
    """
    Return the routes.

    Args:
        site: what is shown.
        probe_now: probes one target over HTTP at once; None = `/probe` tells the last stored result for every module.

    """
    router = APIRouter(default_response_class=PlainTextResponse)
    live = LiveProbes(probe_now) if probe_now else None
    reloading = asyncio.Lock()

    @router.get("/probe")
    async def probe(request: Request, target: Name = "", module: Name = "") -> Response:
        """
        Tell one result as blackbox_exporter would: module http is probed now, the slow ones come from the store.

        A scrape that gives less time than the probe needs is answered in its time, with probe_success 0 for a timeout. The probe
        itself goes on to its own deadline and is stored as it ended: how long a Prometheus waits says nothing of a portal.
        """
        asked, kind = await asyncio.to_thread(_asked, site, target, module)  # names near to an unknown one take a while
        if kind.name == ANSWERS and live is not None:
            measurement = await _live(live, asked, _scrape_seconds(request), site)
        else:
            measurement = await asyncio.to_thread(_last, site, asked, kind.name)
        openmetrics, packs = forms_of(request)
        body = Body(render_probe(measurement, kind))
        return response_of(body.made(openmetrics=openmetrics, packs=packs), openmetrics=openmetrics, packs=packs)

    @router.get("/sd/targets")
    def discovery(module: Name = ANSWERS) -> Response:
        """Tell Prometheus' http_sd which targets `/probe` can be asked for."""
        kind = kind_of(module, site.kinds)
        if kind is None:
            raise HTTPException(400, _module_problem(module, site))
        body = discovery_json(site.registry.probed_targets(), kind, module)
        return Response(body, media_type="application/json")

    @router.get("/-/healthy")
    async def healthy() -> str:
        """Tell that this process answers."""
        return "ok\n"

    @router.get("/-/ready")
    def ready() -> str:
        """Tell whether the store answers."""
        site.store.measurements.newest_at()
        return "ready\n"

    @router.post("/-/reload")
    async def reload(request: Request) -> str:
        """Let all processes read registry, schedule, criteria and maintenance again; with mistakes the old ones stay in force."""
        if _is_from_elsewhere(request):
            raise HTTPException(403, "another site's page cannot make this one reload; call it directly")
        try:
            async with reloading:  # one after the other: sharing a result would miss what was written meanwhile
                await asyncio.to_thread(site.reload)
        except ConfigurationError as exc:
            log.warning("registry or criteria have mistakes; the old ones stay in force", problems=list(exc.problems))
            raise HTTPException(
                400, "\n".join([*without_folders(exc.problems, site.settings), "nothing was changed"])
            ) from exc
        except StoreUnavailableError as exc:
            log.warning("the other processes cannot be told; nothing was changed", cause=str(exc))
            raise HTTPException(
                503, "the other processes cannot be told (the log says why); nothing was changed"
            ) from exc
        log.info("registry and criteria were read again", targets=len(site.registry.targets))
        return f"{len(site.registry.targets)} targets, {len(site.criteria)} criteria sets\n"

    return router


def _is_from_elsewhere(request: Request) -> bool:
    """
    Tell whether another site's page makes a browser ask.

    Over plain HTTP, and from older browsers, `Origin` is all there is; programs send neither. A proxy may change the scheme.
    """
    if any(site not in ("none", "same-origin") for site in request.headers.getlist("sec-fetch-site")):
        return True
    host = request.headers.get("host", "").lower()
    return any(_host_of(origin) != host for origin in request.headers.getlist("origin"))


def _host_of(origin: str) -> str | None:
    """Return host and port of an origin; None for one that has none, such as `null`."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _scrape_seconds(request: Request) -> float | None:
    """Return how long an answer to this scrape may take, None = it does not say."""
    try:
        seconds = float(request.headers.get(SCRAPE_TIMEOUT_HEADER, ""))
    except ValueError:
        return None
    return max(seconds / 2, seconds - SCRAPE_RESERVE_SECONDS) if math.isfinite(seconds) and seconds > 0 else None


def _too_late(target: Target, seconds: float, site: Site) -> Measurement:
    """Return what a scrape is told that cannot wait for the probe; it is stored nowhere."""
    detail = f"no answer within {seconds:g} s, which is all that the scrape leaves; the probe goes on and is stored"
    now = site.clock()
    return Measurement(
        key=MeasurementKey(
            target_id=target.id,
            kind=ANSWERS,
            vantage_id=site.settings.vantage.id,
            profile=PLAIN_PROFILE,
            scheduled_at=now,
        ),
        agency_id=target.agency_id,
        started_at=now - timedelta(seconds=seconds),
        duration_seconds=seconds,
        observation=Observation.ended(Reason.TIMEOUT, detail),
        conditions=Conditions(),
    )


async def _live(live: LiveProbes, target: Target, seconds: float | None, site: Site) -> Measurement:
    """Return a probe of just now; 429 where the host has enough of them, 502 and 503 where the fault is our agent's."""
    try:
        return await live.get(target, seconds)
    except TimeoutError:
        if seconds is None:
            raise
        return _too_late(target, seconds, site)
    except HostBusyError as exc:
        wait = str(exc.retry_after_seconds)
        raise HTTPException(
            429, f"'{target.host}' is being probed on request already; ask again in {wait} s", {"Retry-After": wait}
        ) from exc
    except AgentBrokeError as exc:
        raise HTTPException(502, str(exc)) from exc
    except AgentAwayError as exc:
        raise HTTPException(503, str(exc)) from exc
    except UnknownTargetError as exc:
        raise HTTPException(
            503,
            f"the HTTP agent does not know '{target.id}' yet; it reads the registry every midnight and when it starts",
        ) from exc


def _asked(site: Site, given: str, module: str) -> tuple[Target, Kind]:
    """Return the registered target and the kind that are meant; a target by id or by its address, never any other address."""
    kind, target = kind_of(module, site.kinds), _named(given, site.registry.targets.values())
    if kind is None or target is None:
        problems = [_module_problem(module, site) if kind is None else "", _target_problem(given, site)]
        raise HTTPException(400, "\n".join(problem for problem in problems if problem))
    if target.role not in kind.roles:
        roles = ", ".join(sorted(kind.roles))
        raise HTTPException(
            400, f"module: '{module}' measures targets of role {roles}; '{target.id}' is of role {target.role}"
        )
    if not target.probed:
        raise HTTPException(
            400,
            f"target: '{target.id}' is not probed: its address has not been confirmed (`confirmed: true` in the registry)",
        )
    problem = misfit(module, target)
    if problem:
        raise HTTPException(400, problem)
    return target, kind


def _named(given: str, targets: Iterable[Target]) -> Target | None:
    """Return the target of an id or an address, which may lack its final slash; None = there is none."""
    found = None
    for target in targets:
        if given in (target.id, target.url):
            return target
        if found is None and given and target.url == f"{given}/":
            found = target
    return found


def _module_problem(module: str, site: Site) -> str:
    modules = f"{', '.join(site.kinds)}; for {ANSWERS} also {', '.join(ALIASES)}"
    if not module:
        return f"module: missing; add &module= with one of: {modules}"
    return f"module: no module '{module}'{nearest(module, [*site.kinds, *ALIASES])} (there are: {modules})"


def _target_problem(given: str, site: Site) -> str:
    targets = site.registry.targets
    example = (
        f"there are {len(targets)} registered targets, such as {', '.join(list(targets)[:_SOME])}; /agencies lists all"
    )
    if not given:
        return f"target: missing; add ?target= with the id or the exact address of a registered target ({example})"
    if _named(given, targets.values()) is None:
        known = [name for target in targets.values() for name in (target.id, target.url)]
        return f"target: '{given}' is not registered{nearest(given, known)} (only registered targets are probed; {example})"
    return ""


def _last(site: Site, target: Target, kind: str) -> Measurement:
    """Return the newest stored result of a target and kind, whatever its vantage point and profile."""
    found = [m for m in site.latest() if m.key.target_id == target.id and m.key.kind == kind]
    if not found:
        raise HTTPException(
            503,
            f"no result of module '{kind}' is stored for '{target.id}' yet; it comes with the schedule or the next round",
        )
    return max(found, key=lambda measurement: measurement.started_at)
