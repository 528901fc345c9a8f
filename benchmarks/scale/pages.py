"""Every address that the web application answers, walked from its routes, with somebody to ask each about."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice
from typing import Any
from urllib.parse import quote, unquote

from fastapi import FastAPI

from thuocdo.core.clock import iso
from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import MeasurementKey
from thuocdo.store import Store

SHOWN_ROWS = 50
"""As many measurements as a page of them shows."""

ASKED: Mapping[str, Sequence[str]] = {
    "/agencies/{agency_id}/measurements": ("", "kind=http", "kind=homepage", "kind=accessibility", "until={middle}"),
    "/targets/{target_id}": ("", "kind=http", "kind=homepage", "kind=accessibility", "until={middle}"),
    "/incidents": ("", "agency={agency_id}"),
    "/api/incidents.json": ("", "open=1", "agency={agency_id}"),
    "/api/availability.json": ("", "agency={agency_id}"),
    "/api/measurements.{form}": (
        f"limit={SHOWN_ROWS}",
        f"limit={SHOWN_ROWS}&kind=homepage",
        f"limit={SHOWN_ROWS}&kind=accessibility",
        f"limit={SHOWN_ROWS}&target={{target_id}}",
        f"limit={SHOWN_ROWS}&agency={{agency_id}}&kind=homepage",
        "limit=500",
    ),
    "/probe": ("target={target_id}&module=http", "target={target_id}&module=homepage"),
    "/sd/targets": ("module=http",),
}
"""What a route is asked, where that is more than nothing; every other route is asked once, without parameters."""

FORMS = ("json", "csv")
"""In which tables are given. They ask the store the same: in the second form each route is asked but once."""

_NAMES = re.compile(r"{(\w+)}")
_APART = ("/static", "/evidence/{sha256}", "/api/openapi.json", "/intake/figures/{receipt}")
"""Files and what is as good as one, and what a token is needed for: no history of measuring has a part in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """
    What stands for the names in routes and queries.

    keys, agencies: of home pages that were measured lately, side by side. incidents: ids, newest first; one that is not
    there, where nothing ever happened. middle: an instant between the first and the last measurement.
    """

    keys: Sequence[MeasurementKey]
    agencies: Sequence[str]
    incidents: Sequence[str]
    middle: datetime

    @classmethod
    def of(cls, store: Store, middle: datetime) -> "Examples":
        """Choose them from a store."""
        lately = [one for one in store.measurements.latest() if one.key.kind == answering_kind().name]
        return cls(
            keys=[one.key for one in lately],
            agencies=[one.agency_id for one in lately],
            incidents=[one.id for one in islice(store.incidents.all(), 100)] or ["none"],
            middle=middle,
        )

    def at(self, index: int) -> Mapping[str, str]:
        """Return what stands for each name, another one each time, round and round where there are few."""
        key = self.keys[index % len(self.keys)]
        return {
            "agency_id": self.agencies[index % len(self.agencies)],
            "target_id": key.target_id,
            "kind": key.kind,
            "vantage_id": key.vantage_id,
            "profile": key.profile,
            "scheduled_at": iso(key.scheduled_at),
            "incident_id": self.incidents[index % len(self.incidents)],
            "middle": iso(self.middle),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One thing that may be asked for: a route and a query, with the names of what stands in them."""

    route: str
    query: str = ""

    @property
    def name(self) -> str:
        """What a table calls it."""
        return f"{self.route}?{self.query}" if self.query else self.route

    def address(self, examples: Examples, index: int) -> str:
        """Return an address of it, about somebody else each time."""
        values = {name: quote(value, safe="") for name, value in examples.at(index).items()}
        unknown = set(_NAMES.findall(self.name)) - set(values)
        if unknown:
            raise LookupError(f"{self.name}: say in benchmarks/scale/pages.py what stands for {', '.join(unknown)}")
        return _NAMES.sub(lambda name: values[name[1]], self.name)


def every_page(routes: Iterable[Any]) -> list[Page]:
    """Return all that an application with these routes answers when it is asked by GET."""
    paths = [path for path in _paths(routes) if not path.startswith(_APART)]
    unknown = set(ASKED) - set(paths)
    if unknown:
        raise LookupError(f"benchmarks/scale/pages.py asks routes that are not there any more: {', '.join(unknown)}")
    named = [f"{route}?{query}".rstrip("?") for route in paths for query in ASKED.get(route, ("",))]
    return [
        Page(route=name.partition("?")[0], query=name.partition("?")[2]) for one in named for name in _in_forms(one)
    ]


def ask(app: FastAPI, address: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    """
    Ask as a server would, without one.

    Args:
        app: who is asked.
        address: path and query.
        headers: of the request besides the host; a name's underscores are hyphens.

    Returns:
        The status, the headers with their names in small letters, and the body.
    """
    asked = {"host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return asyncio.run(_asked(app, address, asked))


async def _asked(app: FastAPI, address: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }
    begun: MutableMapping[str, Any] = {}
    body = bytearray()
    ended = asyncio.Event()
    asked = count()

    async def receive() -> MutableMapping[str, Any]:
        if next(asked) == 0:
            return {"type": "http.request", "body": b"", "more_body": False}
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            begun.update(message)
            return
        body.extend(message.get("body", b""))
        if not message.get("more_body"):
            ended.set()

    await app(scope, receive, send)
    told = {name.decode().lower(): value.decode() for name, value in begun["headers"]}
    return begun["status"], told, bytes(body)


def _in_forms(name: str) -> list[str]:
    first, *others = FORMS
    is_first_query = name.partition("?")[2] == ASKED.get(name.partition("?")[0], ("",))[0]
    return list(
        dict.fromkeys(name.replace("{form}", form) for form in ((first, *others) if is_first_query else (first,)))
    )


def _paths(routes: Iterable[Any]) -> list[str]:
    """Return every path that is asked by GET, also of routers that FastAPI keeps whole."""
    return sorted({route.path for route in _walked(routes) if "GET" in (getattr(route, "methods", None) or ())})


def _walked(routes: Iterable[Any]) -> Iterator[Any]:
    for route in routes:
        if hasattr(route, "path"):
            yield route
        inner = getattr(route, "original_router", None) or getattr(route, "router", None)
        yield from getattr(inner, "routes", ())
