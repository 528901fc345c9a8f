"""Serves the portals of the drill, each at an address of its own at port 443, with the name server that knows them."""

import asyncio
import ssl
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from testbed.drill.places import (
    BEHIND_NGINX,
    DOMAIN,
    ELSEWHERE_HOST,
    NAME_SERVER,
    REFERENCES,
    SSO_ADDRESS,
    SSO_HOST,
    Place,
)
from testbed.drill.troubles import Answering, Trouble, login_page
from testbed.name_server import serve_names
from testbed.server import BACKLOG, Authority
from testbed.site import respond

TLS_PORT = 443
READY = "ready"


class DrillFleet:
    """
    All portals; an async context manager. It needs every address of NETWORK to be its machine's own.

    Args:
        places: the portals.
        folder: where the authority's certificate goes, and what nginx needs.
    """

    def __init__(self, places: Sequence[Place], folder: Path) -> None:
        self._places = {place.id: place for place in places}
        self._answering = {place.id: Answering(place) for place in places}
        self._troubles = dict.fromkeys(self._places, Trouble.NONE)
        self._listening: dict[str, asyncio.Server] = {}
        self._others: list[asyncio.Server] = []
        self._folder = folder
        hosts = [place.host for place in places]
        self.authority = Authority(hosts=[*hosts, SSO_HOST], expired=[ELSEWHERE_HOST])
        self._wrong = self.authority.for_days(ELSEWHERE_HOST, days=90)
        self._contexts = {place.id: self._context(place) for place in places}

    async def __aenter__(self) -> Self:
        self.authority.write(self._folder / "ca.pem")
        (self._folder / "trusted_key").write_text(self.authority.trusted_key, encoding="ascii")
        self._names = await serve_names(NAME_SERVER, self._address_of)
        for place in self._places.values():
            if place.is_behind_nginx:
                self.authority.write_files(
                    place.host, self._folder / f"{place.id}.pem", self._folder / f"{place.id}.key"
                )
            await self._listen(place)
        for address in REFERENCES:
            self._others.append(await self._serve(address, 80, web.Server(_nothing, access_log=None)))
        sso = web.Server(_sso, access_log=None)
        self._others.append(await self._serve(SSO_ADDRESS, TLS_PORT, sso, self.authority.good))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._names.close()
        for server in (*self._listening.values(), *self._others):
            server.close()

    async def befall(self, place_id: str, trouble: Trouble) -> None:
        """Let something be wrong with a portal from now on; Trouble.NONE mends it."""
        before, self._troubles[place_id] = self._troubles[place_id], trouble
        self._answering[place_id].befall(trouble)
        deaf = (Trouble.REFUSED, Trouble.NO_UPSTREAM)
        if trouble in deaf and before not in deaf:
            self._listening.pop(place_id).close()
        elif before in deaf and trouble not in deaf:
            await self._listen(self._places[place_id])

    def requests(self, place_id: str) -> int:
        """Return how often a portal's pages were asked for."""
        return self._answering[place_id].requests

    def _context(self, place: Place) -> ssl.SSLContext:
        """Return a server's side that presents what the portal's trouble wants at the moment of a handshake."""
        own = self.authority.for_days(place.host, days=place.certificate_days) if place.certificate_days < 90 else None
        good = own or self.authority.good
        front = self.authority.another_good()

        def choose(connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext) -> None:
            is_wrong = self._troubles[place.id] is Trouble.WRONG_CERTIFICATE
            connection.context = self._wrong if is_wrong else good

        front.sni_callback = choose
        return front

    async def _listen(self, place: Place) -> None:
        pages = web.Server(self._answering[place.id].answer, handler_cancellation=True, access_log=None)
        if place.is_behind_nginx:
            server = await self._serve("127.0.0.1", BEHIND_NGINX, pages)
        else:
            server = await self._serve(place.address, TLS_PORT, pages, self._contexts[place.id])
        self._listening[place.id] = server

    async def _serve(
        self, address: str, port: int, pages: web.Server, tls: ssl.SSLContext | None = None
    ) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(pages, address, port, ssl=tls, backlog=BACKLOG, reuse_address=True)

    def _address_of(self, host: str) -> str | None:
        if host == SSO_HOST:
            return SSO_ADDRESS
        name, _, domain = host.partition(".")
        place = self._places.get(name)
        if domain != DOMAIN or place is None or self._troubles[name] is Trouble.NO_NAME:
            return None
        return place.address


async def _nothing(_request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=204)


async def _sso(_request: web.BaseRequest) -> web.StreamResponse:
    return respond(login_page())
