"""
`/metrics` and its pieces: each is rendered once whenever something has changed, and everybody who asks until then shares it.

A piece tells first, at little cost, what it would be made of; only where that is not what it was made of the last time, or
where something in it has grown stale since, it is rendered anew.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from exporters.freshness import Freshness
from exporters.process import ProcessMetrics
from exporters.prometheus import TargetMetrics, alive, render_operations, render_ranking
from exporters.ranks import ShownRanking
from exporters.text import Exposition
from thuocdo.core.model import Measurement, Target
from thuocdo.core.portals import Registry
from thuocdo.core.restarts import restarts_in
from thuocdo.web.exposition import Body, forms_of, response_of
from thuocdo.web.flights import Flights
from thuocdo.web.site import STEADY_SECONDS, Site
from thuocdo.web.watch import Watch

NAMED_IN = "vi"
"""The language of the names on the series: what users read is Vietnamese first."""

PROCESS_SECONDS = 10.0
"""What is told of the process changes all the time; it is at most so old, and renders nothing else anew."""


class Same:
    """Equal only to another of the very same object: what is large is not compared, it is replaced when it changes."""

    __slots__ = ("_it",)

    def __init__(self, it: object) -> None:
        self._it = it  # held, so that no other object can have its place in memory

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other._it is self._it

    def __hash__(self) -> int:
        return id(self._it)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """
    What a piece would be made of now.

    made_of: equal as long as nothing has changed. good_until: at a later instant it is rendered anew all the same; None = never.
    """

    made_of: object
    good_until: datetime | None
    render: Callable[[], Exposition]


class Piece:
    """
    One part of `/metrics`, kept until it changes. One thread at a time uses it.

    Args:
        draft: tells what it would be made of now.
        clock: gives the present instant.
    """

    def __init__(self, draft: Callable[[], Draft], clock: Callable[[], datetime]) -> None:
        self._draft = draft
        self._clock = clock
        self._kept: tuple[Draft, Body] | None = None

    def body(self) -> Body:
        """Return the piece as it is to be sent now."""
        new = self._draft()
        if self._kept is not None:
            old, body = self._kept
            is_good = old.good_until is None or self._clock() <= old.good_until
            if is_good and old.made_of == new.made_of:
                return body
        body = Body(new.render())
        self._kept = (new, body)
        return body


def metrics(site: Site) -> APIRouter:
    """Return the routes: the whole, and each piece by itself, so that a large fleet can be scraped in several paces."""
    router = APIRouter(default_response_class=PlainTextResponse)
    pieces = {
        "targets": Piece(_Targets(site).draft, site.clock),
        "rankings": Piece(partial(_rankings, site), site.clock),
        "operations": Piece(_Operations(site).draft, site.clock),
        "process": Piece(_Process(site).draft, site.clock),
    }
    flights: Flights[str, Body] = Flights()
    making: Flights[tuple[Body, bool, bool], bytes] = Flights()
    whole: list[tuple[list[Body], Body]] = []

    async def piece(name: str) -> Body:
        return await flights.get(name, lambda: asyncio.to_thread(pieces[name].body))

    async def all_pieces() -> Body:
        parts = [await piece(name) for name in pieces]
        if not whole or any(old is not new for old, new in zip(whole[0][0], parts, strict=True)):
            whole[:] = [(parts, Body(tuple(section for part in parts for section in part.exposition)))]
        return whole[0][1]

    async def sent(request: Request, body: Body) -> Response:
        openmetrics, packs = forms_of(request)
        made = partial(body.made, openmetrics=openmetrics, packs=packs)
        content = await making.get((body, openmetrics, packs), lambda: asyncio.to_thread(made))
        return response_of(content, openmetrics=openmetrics, packs=packs)

    @router.get("/metrics")
    async def everything(request: Request) -> Response:
        """Tell the last results, the ranking, incidents, the agents and this process, for Prometheus."""
        return await sent(request, await all_pieces())

    @router.get("/metrics/targets")
    async def of_targets(request: Request) -> Response:
        """Tell the last result of every target, and what each of them is: the first piece of `/metrics`."""
        return await sent(request, await piece("targets"))

    @router.get("/metrics/rankings")
    async def of_rankings(request: Request) -> Response:
        """Tell the ranking that is shown: the second piece of `/metrics`."""
        return await sent(request, await piece("rankings"))

    @router.get("/metrics/operations")
    async def of_operations(request: Request) -> Response:
        """Tell incidents, availability, response times and the agents: the third piece of `/metrics`."""
        return await sent(request, await piece("operations"))

    @router.get("/metrics/process")
    async def of_process(request: Request) -> Response:
        """Tell what this process takes, and which ones were started again: the fourth piece of `/metrics`."""
        return await sent(request, await piece("process"))

    return router


class _Probed:
    """The targets that are probed and their names, the same objects as long as the registry is the same."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._of: Registry | None = None
        self.targets: Mapping[str, Target] = {}
        self.names: Mapping[str, str] = {}

    def now(self) -> Registry:
        """Bring them up to date; returns the registry in force."""
        registry = self._site.registry
        if registry is not self._of:
            targets = registry.probed_targets()
            self.targets = {target.id: target for target in targets}
            self.names = {target.id: registry.called(target, NAMED_IN) for target in targets}
            self._of = registry
        return registry


class _Targets:
    """The piece of targets."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._metrics = TargetMetrics(site.kinds)
        self._probed = _Probed(site)
        self._schedule = site.in_force.schedule
        self._freshness = Freshness(self._schedule)
        self._told: list[Measurement] = []
        self._silences: Mapping[str, tuple[datetime, timedelta]] = {}
        self._kept: tuple[object, datetime | None] | None = None

    def draft(self) -> Draft:
        site, probed, now = self._site, self._probed, self._site.clock()
        latest, schedule = site.latest(), site.in_force.schedule
        if schedule is not self._schedule:
            self._schedule, self._freshness = schedule, Freshness(schedule)
        made_of = (Same(latest), Same(probed.now()), Same(schedule))
        is_good = self._kept is not None and self._kept[0] == made_of
        until = self._kept[1] if self._kept is not None else None
        if not is_good or (until is not None and now > until):
            self._told, until = self._freshness.fresh(latest, probed.targets, now)
            self._silences = self._freshness.silences(latest, probed.targets)
            self._kept = (made_of, until)
        told, silences = self._told, self._silences
        return Draft(
            made_of=made_of,
            good_until=until,
            render=lambda: self._metrics.render(told, probed.targets, probed.names, silences),
        )


def _rankings(site: Site) -> Draft:
    criteria = site.criteria[site.settings.criteria_set]
    found = site.ranking(criteria, site.round(""))
    shown = ShownRanking(criteria_set_id=criteria.id, ranking=found.ranking, due_since=found.due_since)
    return Draft(
        made_of=(Same(found.ranking), found.due_since, criteria.id),
        good_until=None,
        render=lambda: render_ranking(shown),
    )


class _Operations:
    """The piece of those on duty."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._watch = Watch(site)
        self._probed = _Probed(site)

    def draft(self) -> Draft:
        site, now = self._site, self._site.clock()
        agents, registry = alive(site.store.agents.all(), now), self._probed.now()
        return Draft(
            made_of=(self._watch.moved(), agents, Same(registry)),
            # What is counted must be read before it is too old to be asked for, however little has moved.
            good_until=now + timedelta(seconds=STEADY_SECONDS),
            render=lambda: render_operations(self._watch.duty(), self._probed.targets, agents),
        )


class _Process:
    """The piece of the web process itself."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._metrics = ProcessMetrics()

    def draft(self) -> Draft:
        return Draft(
            made_of=(),
            good_until=self._site.clock() + timedelta(seconds=PROCESS_SECONDS),
            render=lambda: self._metrics.render(restarts_in(self._site.settings.data_dir)),
        )
