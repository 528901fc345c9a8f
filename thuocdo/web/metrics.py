"""
`/metrics` and its pieces: each is rendered once whenever something has changed, and everybody who asks until then shares it.

A piece tells first, at little cost, what it would be made of; only where that is not what it was made of the last time, or
where something in it has grown stale since, it is rendered anew.
"""

import asyncio
import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from exporters.prometheus import STALE_AFTER, TargetMetrics, alive, fresh, render_operations, render_ranking
from exporters.ranks import ShownRanking
from exporters.text import CONTENT_TYPE
from thuocdo.core.model import Target
from thuocdo.web.flights import Flights
from thuocdo.web.site import STEADY_SECONDS, Site
from thuocdo.web.watch import Watch

FASTEST = 1
"""Level of compression: names repeat so often that higher ones save little, and cost several times more."""


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
    render: Callable[[], bytes]


class Body:
    """What is sent, plain and compressed; compressed once, when somebody first takes it so."""

    def __init__(self, plain: bytes) -> None:
        self.plain = plain
        self._packed: bytes | None = None

    def packed(self) -> bytes:
        """Return it in gzip."""
        if self._packed is None:
            self._packed = gzip.compress(self.plain, FASTEST, mtime=0)
        return self._packed


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
    }
    flights: Flights[str, Body] = Flights()
    packing: Flights[Body, bytes] = Flights()
    whole: list[tuple[list[Body], Body]] = []

    async def piece(name: str) -> Body:
        return await flights.get(name, lambda: asyncio.to_thread(pieces[name].body))

    async def all_pieces() -> Body:
        parts = [await piece(name) for name in pieces]
        if not whole or any(old is not new for old, new in zip(whole[0][0], parts, strict=True)):
            whole[:] = [(parts, Body(b"".join(part.plain for part in parts)))]
        return whole[0][1]

    async def sent(request: Request, body: Body) -> Response:
        headers = {"Vary": "Accept-Encoding"}
        if not takes_gzip(request.headers.getlist("accept-encoding")):
            return Response(body.plain, media_type=CONTENT_TYPE, headers=headers)
        packed = await packing.get(body, lambda: asyncio.to_thread(body.packed))
        return Response(packed, media_type=CONTENT_TYPE, headers=headers | {"Content-Encoding": "gzip"})

    @router.get("/metrics")
    async def everything(request: Request) -> Response:
        """Tell the last results, the ranking, incidents and the agents in Prometheus' text format."""
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

    return router


def takes_gzip(accepted: Sequence[str]) -> bool:
    """Tell whether a client takes gzip, by its `Accept-Encoding`; a weight of 0 is a refusal (RFC 9110, 12.5.3)."""
    weights: dict[str, float] = {}
    for coding in ",".join(accepted).lower().split(","):
        name, _, weight = coding.partition(";")
        weights[name.strip()] = _weight(weight)
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _weight(text: str) -> float:
    name, _, value = text.partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


class _Targets:
    """The piece of targets."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._metrics = TargetMetrics(site.kinds)

    def draft(self) -> Draft:
        site = self._site
        latest, registry = site.latest(), site.registry
        told = fresh(latest, site.clock())
        return Draft(
            made_of=(Same(latest), Same(registry)),
            good_until=min(one.started_at for one in told) + STALE_AFTER if told else None,
            render=lambda: self._metrics.render(told, _probed(site)),
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

    def draft(self) -> Draft:
        site, now = self._site, self._site.clock()
        agents = alive(site.store.agents.all(), now)
        return Draft(
            made_of=(self._watch.moved(), agents, Same(site.registry)),
            # What is counted must be read before it is too old to be asked for, however little has moved.
            good_until=now + timedelta(seconds=STEADY_SECONDS),
            render=lambda: render_operations(self._watch.duty(), _probed(site), agents),
        )


def _probed(site: Site) -> dict[str, Target]:
    return {target.id: target for target in site.registry.probed_targets()}
