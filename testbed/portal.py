"""Puts one portal together: its pages, its fault, and the truth about both."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

from aiohttp import web

from testbed import walls
from testbed.eforms import EForm, build_eform
from testbed.faults import Fault, Wall
from testbed.homepage import Homepage, build_homepage
from testbed.pages import asset
from testbed.plan import PortalPlan
from testbed.site import HTML, TEXT, Handler, Resource, Site, respond

ROBOTS = "/robots.txt"
BURST_PERIOD, BURST_REQUESTS = 8, frozenset({2, 3})
ENDLESS_CHUNK_BYTES = 256 * 1024
ENDLESS_PAUSE_SECONDS = 0.02  # about 12 MB/s: enough to reach any limit within a deadline, without heating the machine
NOTICE_SECONDS_RATIO = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltPortal:
    """One portal, ready to be served."""

    plan: PortalPlan
    site: Site
    home: Homepage
    eform: EForm
    home_delays_seconds: Mapping[str, float]


def build_portal(plan: PortalPlan, *, port: int) -> BuiltPortal:
    """Render all pages of a portal; port: where the other hosts of the fleet are."""
    vneid = f"https://vneid.thuocdo.test:{port}/dang-nhap?redirect_uri=https%3A%2F%2F{plan.host}%3A{port}%2F"
    home = build_homepage(plan, extra_script=asset("crash.js").decode() if plan.fault is Fault.CRASH else "")
    eform = build_eform(plan, vneid_url=vneid)
    resources = {**home.resources, **eform.resources, **_wall(plan, eform), **_robots(plan, eform)}
    delays = home.delays_seconds
    if plan.fault is Fault.NOTICE:
        resources["/"] = walls.notice(plan, plan.home.seconds * NOTICE_SECONDS_RATIO)
        delays = {"/": resources["/"].delay_seconds}
    elif plan.fault is Fault.OTHER_CONTENT:
        resources = {"/": walls.other_content(), ROBOTS: resources[ROBOTS]}
        delays = {}
    site = Site(host=plan.host, resources=resources, fault=_handler(plan, port))
    return BuiltPortal(plan=plan, site=site, home=home, eform=eform, home_delays_seconds=delays)


def _robots(plan: PortalPlan, eform: EForm) -> dict[str, Resource]:
    """Most portals allow everything or have no robots.txt at all."""
    rules = "User-agent: *\nDisallow: /quan-tri/\n"
    if plan.fault is Fault.ROBOTS_ALL:
        rules = "User-agent: *\nDisallow: /\n"
    elif plan.eform.wall is Wall.ROBOTS:
        rules = f"User-agent: *\nDisallow: {eform.entry_path.split('?')[0]}\n"
    elif plan.number % 3 == 0:
        return {ROBOTS: Resource(body=b"404 Not Found\n", media_type=TEXT, status=404)}
    return {ROBOTS: Resource(body=rules.encode(), media_type=TEXT)}


def _wall(plan: PortalPlan, eform: EForm) -> dict[str, Resource]:
    """Pages that take the place of the eForm's own."""
    entry = eform.entry_path.split("?")[0]
    if plan.eform.wall is Wall.CAPTCHA:
        pages = walls.captcha(plan)
        return {entry: pages.pop("page"), **pages}
    if plan.eform.wall is Wall.LOGIN:
        return {
            entry: walls.redirect("/dang-nhap?returnUrl=" + entry),
            "/dang-nhap": walls.login(f"Đăng nhập - {plan.name}"),
        }
    return {}


def _handler(plan: PortalPlan, port: int) -> Handler | None:
    fixed: dict[Fault, Callable[[], Resource]] = {
        Fault.MAINTENANCE_503: lambda: walls.maintenance(plan, 503),
        Fault.MAINTENANCE_200: lambda: walls.maintenance(plan, 200),
        Fault.FORBIDDEN: walls.forbidden,
        Fault.TOO_MANY_REQUESTS: walls.too_many_requests,
        Fault.SERVER_ERROR: walls.server_error,
        Fault.REDIRECT: lambda: walls.redirect(f"https://{plan.redirect_to}:{port}/"),
    }
    if plan.fault in fixed:
        return _always(fixed[plan.fault]())
    own: dict[Fault, Handler] = {Fault.HANG: _hang, Fault.ENDLESS: _endless, Fault.BURSTS_OF_ERRORS: _bursts()}
    return own.get(plan.fault)


def _always(resource: Resource) -> Handler:
    """Answer everything alike, robots.txt apart where the host as such is well."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse | None:
        if request.path == ROBOTS and resource.status < 400:
            return None
        return respond(resource)

    return answer


async def _hang(request: web.BaseRequest) -> web.StreamResponse | None:  # noqa: ARG001 - whatever is asked
    await asyncio.Event().wait()
    return None


async def _endless(request: web.BaseRequest) -> web.StreamResponse | None:
    """A home page into which the server writes its debugging output without end."""
    if request.path != "/":
        return None
    response = web.StreamResponse(headers={"Content-Type": HTML})
    await response.prepare(request)
    await response.write(
        "<!doctype html><html lang=vi><title>Cổng Dịch vụ công</title><h1>Dịch vụ công trực tuyến</h1><!--".encode()
    )
    chunk = b"DEBUG render: template trang-chu, cache miss, retry\n" * (ENDLESS_CHUNK_BYTES // 52)
    with contextlib.suppress(ConnectionResetError):  # the client has had enough
        while True:
            await response.write(chunk)
            await asyncio.sleep(ENDLESS_PAUSE_SECONDS)
    return response


def _bursts() -> Handler:
    """Two home pages in eight fail, one after the other; the other paths are well."""
    requests = count()

    async def answer(request: web.BaseRequest) -> web.StreamResponse | None:
        if request.path != "/" or next(requests) % BURST_PERIOD not in BURST_REQUESTS:
            return None
        return respond(walls.server_error())

    return answer
