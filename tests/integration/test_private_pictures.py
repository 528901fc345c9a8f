"""
What pictures show of persons, read by OCR: screenshots of home pages and forms, filmstrips, pictures of barriers.

Each kind has a control that reads the same picture without anything painted over, so that a test that reads nothing fails.
"""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import unquote

import pytest
import pytest_asyncio
from aiohttp import web

from probes import eform, homepage, resilience
from probes.accessibility import probe as accessibility
from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from probes.chromium.filmstrip import Frame
from probes.chromium.filmstrip_image import filmstrip_image
from probes.chromium.picture import Picture, take_picture
from probes.evidence import EvidencePolicy
from probes.journeys.journey_file import Journey
from probes.tools import Tools
from tests.integration import planted, planted_pages, reading
from thuocdo.core.model import Block, Evidence, Job, Observation, Target, TargetRole
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: what pictures show is NOT TESTED", allow_module_level=True)
if reading.why_blind():
    pytest.skip(reading.why_blind(), allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.turns(share=0.5)]

HOST = "own.test"
BIG_NUMBER = "0912345678"
# A number so large that it is read even in the small pictures of a filmstrip; it is gone, or elsewhere, when the visit ends.
BIG = f"""{planted.HEAD}<body style="margin:0;font:150px sans-serif"><div id=number>{BIG_NUMBER}</div><script>
setTimeout(() => {{ document.getElementById("number").WHAT }}, 900); fetch("/slow");</script>"""
MARQUEE = f"""{planted.HEAD}{planted.STYLE}<h1>Cổng dịch vụ công</h1><p id=m style="position:absolute;left:0">Gọi {BIG_NUMBER}</p>
<script>let x = 0; const go = () => {{
document.getElementById("m").style.left = (x = (x + 3) % 600) + "px"; requestAnimationFrame(go); }};
go();
</script>"""
PAGES = {
    "/home": planted.HOME,
    "/form": planted.FORM,
    "/gone": BIG.replace("WHAT", "remove()"),
    "/moved": BIG.replace("WHAT", "style.paddingTop = '260px'"),
    "/stays": BIG.replace("WHAT", "title = 'x'"),
    "/marquee": MARQUEE,
}


@dataclass(slots=True)
class MemorySink:
    saved: list[tuple[str, bytes]] = field(default_factory=list)

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        self.saved.append((kind, content))
        return Evidence(kind=kind, sha256="0" * 64, media_type=media_type, size_bytes=len(content))

    def of(self, kind: str) -> list[bytes]:
        return [content for name, content in self.saved if name == kind]


class Rules:
    async def allows(self, target: Target) -> bool:
        return True


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def port() -> AsyncIterator[int]:
    async def page(request: web.Request) -> web.Response:
        if request.path == "/slow":
            await asyncio.sleep(1.5)
        if request.path.startswith("/private/"):
            name = request.path.rpartition("/")[2]
            kind = "application/xhtml+xml" if name.endswith(".xhtml") else "text/html"
            return web.Response(text=planted_pages.page(name)[0], content_type=kind)
        server = planted.WRITTEN["kept by the server"]
        answer = web.Response(
            text=PAGES.get(request.path, ""), content_type="text/html", reason=server, headers={"Server": server}
        )
        answer.headers["X-Officer"] = server
        answer.headers["Content-Security-Policy-Report-Only"] = f"img-src https://{planted.WRITTEN['subdomain']}.vn"
        answer.set_cookie("k", server.replace(" ", "-"))
        return answer

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", page)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    opened = await Browser.launch(
        BrowserSettings(), hosts={HOST: "127.0.0.1"}, user_agent="ThuocDo/0.1 (+https://contact.test)"
    )
    yield opened
    await opened.close()


def tools_of(browser: Browser, sink: MemorySink) -> Tools:
    journey = Journey.model_validate(
        {
            "family": "own",
            "title_vi": "x",
            "title_en": "x",
            "steps": [{"name": "start", "open": "{url}"}],
            "entry": "start",
            "form": {"minimum_fields": 5, "quiet_seconds": 0.3},
        }
    )
    return Tools(
        http=cast("Any", None), robots=cast("Any", Rules()), browser=browser, evidence=sink, evidence_policy=EvidencePolicy(1),
        journeys={"own": journey}, profiles=PROFILES, user_agent="x", versions={},
    )  # fmt: skip


def job_of(
    port: int, path: str, kind: str, *, profile: str = "desktop", form: bool = False, seconds: float = 15.0
) -> Job:
    target = Target(
        id="p.x", role=TargetRole.EFORM if form else TargetRole.HOMEPAGE, url=f"http://{HOST}:{port}{path}", agency_id="p",
        portal_id="p", block=Block.PROVINCE, journey="own" if form else None, procedure_code="1.004222" if form else None,
    )  # fmt: skip
    return Job(
        target=target, kind=kind, vantage_id="v", profile=profile, scheduled_at=datetime(2026, 1, 1, tzinfo=UTC),
        deadline_seconds=seconds, full_evidence=True,
    )  # fmt: skip


async def picture_of(browser: Browser, port: int, path: str, *, profile: str, form: bool) -> Picture:
    async with browser.tab(PROFILES[profile], deadline_seconds=15) as tab:
        await tab.session.send("Page.navigate", {"url": f"http://{HOST}:{port}{path}"})
        await asyncio.sleep(1.0)  # nothing is measured: the page must stand
        picture = await take_picture(tab.session, form=form)
    assert picture is not None
    assert picture.raw is not None
    return picture


def assert_no_text_holds(secrets: dict[str, str], seen: Observation, sink: MemorySink) -> None:
    secrets = {**secrets, **planted.WRITTEN}
    texts = [repr(seen), *(content.decode() for kind, content in sink.saved if kind in ("har", "console", "axe"))]
    for text in texts:
        for spelt in (text, unquote(text), json.dumps(text, ensure_ascii=False)):
            assert [name for name, secret in secrets.items() if secret in spelt] == []


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("profile", ["desktop", "mobile"])
async def test_nobody_is_found_in_the_picture_of_a_home_page(browser: Browser, port: int, profile: str) -> None:
    picture = await picture_of(browser, port, "/home", profile=profile, form=False)
    enough = len(planted.VISIBLE) - 4  # full-width digits need a font that this machine may not have
    control = await asyncio.to_thread(reading.control, picture.raw or b"", planted.VISIBLE, enough)
    assert len(control) >= enough, sorted(set(planted.VISIBLE) - control)
    shown = await asyncio.to_thread(reading.read, picture.jpeg)
    assert reading.leaked(planted.VISIBLE, shown) == {}
    assert set(reading.leaked(planted.PUBLISHED, shown)) == set(planted.PUBLISHED)


@pytest.mark.sampled(share=0.25)
@pytest.mark.parametrize("name", planted_pages.NAMES)
async def test_nobody_is_found_wherever_a_page_draws_and_whatever_it_lets_people_fill_in(
    browser: Browser, port: int, name: str
) -> None:
    secrets = planted_pages.secrets_of(name)
    picture = await picture_of(browser, port, f"/private/{name}", profile="desktop", form=False)
    enough = math.ceil(
        0.6 * len(secrets)
    )  # what is turned, spaced out or drawn along a line is hard to read for a machine
    control = await asyncio.to_thread(reading.control, picture.raw or b"", secrets, enough)
    assert len(control) >= enough, sorted(set(secrets) - control)
    assert reading.leaked(secrets, await asyncio.to_thread(reading.read, picture.jpeg)) == {}


async def test_a_page_that_shows_pictures_of_its_past_gives_none(browser: Browser, port: int) -> None:
    async with browser.tab(PROFILES["desktop"], deadline_seconds=15) as tab:
        await tab.session.send("Page.navigate", {"url": f"http://{HOST}:{port}/private/{planted_pages.CHANGING}"})
        await asyncio.sleep(1.0)  # nothing is measured: the transition must be under way
        assert await take_picture(tab.session, form=False) is None


async def test_what_is_looked_for_stands_in_the_pages() -> None:
    pages = planted.HOME + planted.FORM
    of_the_server = {"kept by the server"}
    assert {name for name, secret in planted.WRITTEN.items() if secret not in pages} <= of_the_server


async def test_nobody_is_found_in_the_picture_of_a_form(browser: Browser, port: int) -> None:
    secrets = {**planted.VISIBLE, **planted.RUNNING}
    picture = await picture_of(browser, port, "/form", profile="desktop", form=True)
    control = await asyncio.to_thread(reading.control, picture.raw or b"", planted.RUNNING, len(planted.RUNNING))
    assert control == set(planted.RUNNING)
    shown = await asyncio.to_thread(reading.read, picture.jpeg)
    assert reading.leaked(secrets, shown) == {}
    assert set(reading.leaked({"label": "Số điện thoại", "other": "Ngày sinh"}, shown)) == {"label", "other"}


async def test_home_page_probe_keeps_nobody(browser: Browser, port: int) -> None:
    sink = MemorySink()
    seen = await homepage.probe(job_of(port, "/home", "homepage"), tools_of(browser, sink))
    assert {kind for kind, _ in sink.saved} >= {"screenshot", "filmstrip", "har"}, seen.detail
    assert_no_text_holds(planted.VISIBLE, seen, sink)
    for kind in ("screenshot", "filmstrip"):
        assert reading.leaked(planted.VISIBLE, await asyncio.to_thread(reading.read, sink.of(kind)[0])) == {}


@pytest.mark.sampled(share=1 / 3)
@pytest.mark.parametrize("path", ["/gone", "/moved", "/stays"])
async def test_what_stood_there_on_the_way_is_not_to_be_read_in_the_filmstrip(
    browser: Browser, port: int, path: str
) -> None:
    sink = MemorySink()
    await homepage.probe(job_of(port, path, "homepage"), tools_of(browser, sink))
    assert reading.leaked({"number": BIG_NUMBER}, await asyncio.to_thread(reading.read, sink.of("filmstrip")[0])) == {}


async def test_a_number_so_large_would_be_read_in_a_filmstrip(browser: Browser, port: int) -> None:
    picture = await picture_of(browser, port, "/stays", profile="desktop", form=False)
    frame = Frame(at_seconds=1.0, jpeg=picture.raw or b"")
    bare = filmstrip_image([frame], 0.0, replace(picture, jpeg=picture.raw or b""))
    assert await asyncio.to_thread(reading.control, bare, {"number": BIG_NUMBER}, 1)
    for end in (picture, None):
        shown = filmstrip_image([frame], 0.0, end)
        assert not reading.leaked({"number": BIG_NUMBER}, await asyncio.to_thread(reading.read, shown))


async def test_what_never_rests_is_hidden_wherever_it_is(browser: Browser, port: int) -> None:
    async with browser.tab(PROFILES["desktop"], deadline_seconds=15) as tab:
        await tab.session.send("Page.navigate", {"url": f"http://{HOST}:{port}/marquee"})
        await asyncio.sleep(0.5)  # nothing is measured: it must move
        pictures = [await take_picture(tab.session, form=False) for _ in range(2)]
    assert any(pictures)
    for picture in filter(None, pictures):
        assert not reading.leaked({"number": BIG_NUMBER}, await asyncio.to_thread(reading.read, picture.jpeg))


async def test_form_probe_keeps_nobody(browser: Browser, port: int) -> None:
    sink, secrets = MemorySink(), {**planted.VISIBLE, **planted.RUNNING}
    seen = await eform.probe(job_of(port, "/form", "eform", form=True), tools_of(browser, sink))
    assert seen.reason is None, seen.detail
    assert_no_text_holds(secrets, seen, sink)
    assert reading.leaked(secrets, await asyncio.to_thread(reading.read, sink.of("screenshot")[0])) == {}


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize(("path", "form"), [("/home", False), ("/form", True)])
async def test_pictures_of_barriers_keep_nobody(browser: Browser, port: int, path: str, form: bool) -> None:
    sink = MemorySink()
    secrets = {**planted.VISIBLE, **(planted.RUNNING if form else {})}
    job = job_of(port, path, "accessibility", form=form, seconds=50.0)
    seen = await accessibility.probe(job, tools_of(browser, sink))
    assert seen.findings, seen.detail
    assert_no_text_holds(secrets, seen, sink)
    assert sink.of("barrier")
    for png in sink.of("barrier"):
        assert reading.leaked(secrets, await asyncio.to_thread(reading.read, png)) == {}


async def test_a_cut_line_keeps_nobody(browser: Browser, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resilience, "CUT_SECONDS", 1.0)
    sink, secrets = MemorySink(), {**planted.VISIBLE, **planted.RUNNING}
    seen = await resilience.probe(job_of(port, "/form", "resilience", form=True, seconds=40.0), tools_of(browser, sink))
    assert seen.reason is None, seen.detail
    assert_no_text_holds(secrets, seen, sink)
