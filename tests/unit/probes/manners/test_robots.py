"""robots.txt is asked once and respected."""

import asyncio
import codecs
import gzip
from contextlib import asynccontextmanager
from datetime import date

import pytest
from aiohttp import web
from protego import Protego

from probes.manners import robots as robots_module
from probes.manners.robots import Robots
from probes.net.client import HttpClient
from thuocdo.core.model import Block, Mandate, Target, TargetRole

MANDATE = Mandate(
    id="m",
    portal_id="p",
    granted_by="x",
    document="y",
    valid_from=date(2026, 1, 1),
    valid_to=date(2026, 12, 31),
    robots_exempt=True,
)


@asynccontextmanager
async def asking(text, status=200, *, moved=None, headers=None):
    asked = []

    async def handler(request):
        asked.append(request.path)
        if moved and request.path == "/robots.txt":
            raise web.HTTPMovedPermanently(moved.format(port=request.url.port))
        body = text if isinstance(text, bytes) else text.encode()
        return web.Response(body=body, status=status, headers=headers)

    app = web.Application()
    app.router.add_get("/{tail:.*}", handler)
    server = web.AppRunner(app)
    await server.setup()
    site = web.TCPSite(server, "127.0.0.1", 0)
    await site.start()
    client = HttpClient(hosts={"p.test": "127.0.0.1"}, ca_file=None, user_agent="ThuocDo/test")
    try:
        yield Robots(client), f"http://p.test:{site._server.sockets[0].getsockname()[1]}", asked
    finally:
        await client.close()
        await server.cleanup()


def target(url, mandate=None):
    return Target(
        id="t", role=TargetRole.EFORM, url=url, agency_id="a", portal_id="p", block=Block.PROVINCE, mandate=mandate
    )


@pytest.mark.parametrize(
    ("text", "status", "allowed"),
    [
        ("User-agent: *\nDisallow: /nop-ho-so", 200, False),
        ("User-agent: ThuocDo\nDisallow: /\n\nUser-agent: *\nAllow: /", 200, False),
        ("User-agent: *\nDisallow: /admin", 200, True),
        ("Not found", 404, True),
        ("Forbidden", 403, True),
        ("Broken", 500, True),
    ],
)
async def test_rules_decide(text, status, allowed):
    async with asking(text, status) as (robots, origin, _):
        assert await robots.allows(target(f"{origin}/nop-ho-so/1")) is allowed


RULES = "User-agent: *\nDisallow: /x"


@pytest.mark.parametrize(
    "body", [codecs.BOM_UTF8 + RULES.encode(), RULES.encode("utf-16"), RULES.replace("\n", "\r").encode()]
)
async def test_rules_are_heard_however_they_are_written(body):
    async with asking(body) as (robots, origin, _):
        assert not await robots.allows(target(f"{origin}/x"))


async def test_rules_that_come_packed_though_nobody_asked_for_it_are_heard():
    async with asking(gzip.compress(RULES.encode()), headers={"Content-Encoding": "gzip"}) as (robots, origin, _):
        assert not await robots.allows(target(f"{origin}/x"))


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("User-agent: a\nUser-agent: ThuocDo\nUser-agent: b\nDisallow: /x", False),
        ("User-agent: ThuocDo*\nDisallow: /x", False),
        ("user agent thuocdo\nDisallow: /x", False),
        ("User-agent: a\nDisallow: /x\n\nUser-agent: ThuocDo\nDisallow: /y", True),
        ("User-agent: *\nDisallow: /y\nUser-agent: a\nDisallow: /x", True),
        ("User-agent: *\nUser-agent-x: a\nDisallow: /x", False),
        ("User-agent:\nDisallow: /x", True),
        ("User-agent: *\nDisallow: /x\n\nUser-agent: ThuocDo # us\nDisallow: /y", True),
    ],
)
async def test_groups_of_others_are_told_from_ours(text, allowed):
    async with asking(text) as (robots, origin, _):
        assert await robots.allows(target(f"{origin}/x")) is allowed


@pytest.mark.parametrize("name", ["a{}", "thuocdo{stars}", "{stars}", "t{stars}"])
def test_no_more_rules_are_kept_than_a_file_has(name):
    """Protego keeps each rule once for each robot of its group: thousands of both would be millions."""
    agents = "".join(f"User-agent: {name.format(n, stars='*' * n)}\n" for n in range(1, 300))
    text = robots_module._for_us(agents + "".join(f"Disallow: /{n}\n" for n in range(300)))
    assert sum(len(group._rules) for group in Protego.parse(text)._user_agents.values()) <= 2 * 300


async def test_a_robots_txt_that_cannot_be_read_hides_no_portal(monkeypatch):
    def breaks(_text):
        raise RecursionError

    monkeypatch.setattr(robots_module.Protego, "parse", breaks)
    async with asking(RULES) as (robots, origin, asked):
        for _ in range(2):
            assert await robots.allows(target(f"{origin}/x"))
    assert asked == ["/robots.txt"]


async def test_it_is_asked_once_per_origin():
    async with asking("User-agent: *\nDisallow: /x") as (robots, origin, asked):
        for path in ("/a", "/b", "/x"):
            await robots.allows(target(f"{origin}{path}"))
    assert asked == ["/robots.txt"]


async def test_many_at_once_ask_once():
    async with asking("User-agent: *\nDisallow: /x") as (robots, origin, asked):
        verdicts = await asyncio.gather(*(robots.allows(target(f"{origin}/{path}")) for path in "axaxax"))
    assert verdicts == [True, False] * 3
    assert asked == ["/robots.txt"]


async def test_it_is_asked_again_after_a_day(monkeypatch):
    async with asking("User-agent: *\nDisallow: /x") as (robots, origin, asked):
        monkeypatch.setattr(robots_module, "KEEP_SECONDS", 0.0)
        for _ in range(2):
            assert not await robots.allows(target(f"{origin}/x"))
    assert len(asked) == 2


async def test_a_robots_txt_that_has_moved_is_followed():
    async with asking("User-agent: *\nDisallow: /x", moved="/moved.txt") as (robots, origin, asked):
        assert not await robots.allows(target(f"{origin}/x"))
    assert asked == ["/robots.txt", "/moved.txt"]


async def test_a_mandate_exempts_without_asking():
    async with asking("User-agent: *\nDisallow: /") as (robots, origin, asked):
        assert await robots.allows(target(f"{origin}/", MANDATE))
    assert asked == []


async def test_a_portal_that_is_down_is_still_probed():
    client = HttpClient(hosts={}, ca_file=None, user_agent="x")
    try:
        assert await Robots(client).allows(target("http://gone.test/"))
    finally:
        await client.close()


async def test_a_robots_txt_that_has_moved_inside_is_not_asked_for():
    async with asking("User-agent: *\nDisallow: /", moved="http://127.0.0.1:{port}/inside.txt") as (
        robots,
        origin,
        asked,
    ):
        assert await robots.allows(target(f"{origin}/"))
    assert asked == ["/robots.txt"]


async def test_rules_are_read_and_asked_beside_the_loop(monkeypatch):
    threads = []

    async def to_thread(function, *arguments):
        threads.append(function)
        return function(*arguments)

    monkeypatch.setattr(robots_module.asyncio, "to_thread", to_thread)
    async with asking("User-agent: *\nDisallow: /x") as (robots, origin, _):
        assert not await robots.allows(target(f"{origin}/x"))
    assert len(threads) == 2
