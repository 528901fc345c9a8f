"""
All pages of the gallery, and the server that shows them.

`python -m testbed.verdicts.gallery` prints the list for people.
"""

import asyncio
import json
import ssl
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from testbed.sampling import of_every_kind
from testbed.server import Authority
from testbed.verdicts import (
    bare,
    becoming,
    beside,
    charsets,
    drawn,
    engine,
    forms,
    hands,
    identity,
    instead,
    lessons,
    refusals,
    strangers,
    texts,
    ways,
)
from testbed.verdicts.page import Asked, VerdictPage, answer

ROOMS = (
    *(texts, charsets, beside, instead, strangers, bare, lessons, identity, drawn, becoming, engine),
    *(forms, ways, hands, refusals),
)
PAGES: tuple[VerdictPage, ...] = tuple(page for room in ROOMS for page in room.PAGES)
DOMAIN = "cong.test"
ELSEWHERE = "noi-khac.test"
"""A host that is nobody's."""
JOURNEYS = Path(__file__).parent / "journeys"
_LONGEST_HEAD = 1024 * 1024


def sample(seed: str, share: float) -> list[VerdictPage]:
    """Return a share of the pages of each room; the same seed gives the same ones."""
    rooms = {page.name: room.__name__ for room in ROOMS for page in room.PAGES}
    return of_every_kind(
        PAGES, kind=lambda page: rooms[page.name], number=lambda _, there: max(1, round(there * share)), seed=seed
    )


def host_of(page: VerdictPage, kind: str) -> str:
    """Return the host of a page for one kind of probe: one each, since no host is asked twice within moments."""
    return f"{kind}.{page.name}.{DOMAIN}"


class Gallery:
    """
    Shows pages on loopback; an async context manager.

    Args:
        pages: to show.
        kinds: of probe that will come.

    ca: certificate of the authority, for clients to trust. trusted_keys: for browsers. hosts: the map of all hosts. asked: how
    often each host was asked for a page. good_days: hosts that show now what they showed before.
    """

    def __init__(self, pages: Sequence[VerdictPage], kinds: Sequence[str] = ("http", "homepage", "eform")) -> None:
        self._at = {host_of(page, kind): page for page in pages for kind in kinds}
        self.authority = Authority(hosts=[*self._at, ELSEWHERE], expired=[ELSEWHERE])
        self.trusted_keys = (self.authority.trusted_key,)
        self.hosts = dict.fromkeys([*self._at, *(f"www.{host}" for host in self._at), ELSEWHERE], "127.0.0.1")
        self.asked: Counter[str] = Counter()
        self.good_days: set[str] = set()
        self._servers: list[asyncio.Server] = []
        self._ports: dict[str, int] = {}
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        plain = await self._serve(None, None)
        for host, page in self._at.items():
            self._ports[host] = plain
            if page.tls or page.talk:
                self._ports[host] = await self._serve(page, page.tls(self.authority, host) if page.tls else None)
        self._ports[ELSEWHERE] = plain
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write the map of hosts and the authority's certificate for a product's settings; return their files."""
        hosts, authority = folder / "hosts.json", folder / "ca.pem"
        hosts.write_text(json.dumps(self.hosts), encoding="utf-8")
        self.authority.write(authority)
        return hosts, authority

    def url(self, page: VerdictPage, kind: str) -> str:
        """Return the address of a page for one kind of probe."""
        return f"{self._base(host_of(page, kind))}/"

    @property
    def reference_url(self) -> str:
        """Return an address that always answers, so that a fault is the page's and not the line's."""
        return f"http://127.0.0.1:{self._ports[ELSEWHERE]}/robots.txt"

    def _base(self, host: str) -> str:
        page = self._at.get(host)
        return f"http{'s' if page and page.tls else ''}://{host}:{self._ports[host]}"

    async def _serve(self, page: VerdictPage | None, tls: ssl.SSLContext | None) -> int:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task
            self._open.add(task)
            try:
                with suppress(ConnectionError, TimeoutError, ssl.SSLError, asyncio.IncompleteReadError):
                    await (page.talk(reader, writer) if page and page.talk else self._answer(reader, writer))
            except asyncio.CancelledError:
                pass
            finally:
                self._open.discard(task)
                writer.transport.abort() if task.cancelled() else writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls, limit=_LONGEST_HEAD)
        self._servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        path, _, query = first.split(" ")[1].partition("?")
        host = headers.get("host", "").partition(":")[0].rstrip(".").removeprefix("www.")
        page = self._at.get(host)

        async def send(data: bytes) -> None:
            writer.write(data)
            await writer.drain()

        if page is None or path in ("/robots.txt", "/favicon.ico"):
            await send(answer("404", "404 Not Found") if page else answer("<h1>Nơi khác</h1>"))
            return
        self.asked[host] += 1
        before = host in self.good_days
        asked = Asked(
            path=path, query=query, headers=headers, head=head, base=self._base(host), other=self._base(ELSEWHERE), before=before
        )  # fmt: skip
        await (page.before if before and page.before else page.respond)(asked, send)


def table() -> str:
    """Return the list of pages as Markdown."""
    lines = ["| page | it … | asked by | a probe says |", "|---|---|---|---|"]
    for page in PAGES:
        for kind, expected in page.expected.items():
            says = ", ".join(sorted(f"`{reason or 'ok'}`" for reason in expected))
            lines.append(f"| `{page.name}` | {page.does.replace('|', '/')} | {kind} ({page.truth[kind]}) | {says} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
