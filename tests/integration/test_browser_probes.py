"""The browser kinds against small real servers on loopback whose delays and faults are known."""

import asyncio
import base64
import hashlib
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
import pytest_asyncio
import trustme
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from probes import homepage
from probes.accessibility import probe as accessibility
from probes.accessibility.act import all_acts
from probes.accessibility.advice import all_advice
from probes.accessibility.world import MOST_FRAMES
from probes.chromium.browser import Browser
from probes.chromium.cdp import LightSession
from probes.chromium.executable import find_browser
from probes.chromium.visit import visit
from probes.evidence import EvidencePolicy
from probes.journeys.journey_file import Journey
from probes.tools import Tools
from testbed.bad_pages import hindering
from testbed.bad_pages.gallery import Gallery
from testbed.bad_pages.page import BadPage
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, Evidence, Job, Observation, Outcome, PageKind, Reason, Target, TargetRole
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: the browser probes are NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.turns(share=0.5)]

HOST = "portal.test"
AGENT = "ThuocDo/0.1 (+https://contact.test)"
TEXT = "Cổng dịch vụ công của tỉnh: nộp hồ sơ, tra cứu kết quả, đánh giá sự hài lòng. " * 30
PAGE = f"<!doctype html><html lang=vi><title>Cổng dịch vụ công</title><body><main><h1>Dịch vụ công</h1><p>{TEXT}</p>"

# The block (384 px high, all the width) and the picture under it (1200 px wide) move down by 192 px in a viewport of
# 1366 x 768: what they touch times how far they move, over the longer side. Source: web.dev/articles/cls
TRUE_SHIFT = (0.75 + 0.25 * 1200 / 1366) * 192 / 1366
TIMED = """<!doctype html><html lang=vi><title>Đo</title><style>body{margin:0}#a{height:384px;background:#ddd}</style>
<body><div id=a>Dịch vụ công</div><img src=/slow.svg width=1200 height=380 alt="">
<script>
setTimeout(() => { const gap = document.createElement("div"); gap.style.height = "192px"; document.body.prepend(gap); }, 300);
setTimeout(() => { const end = performance.now() + 300; while (performance.now() < end); }, 550);
</script>"""


class MemorySink:
    """Keeps evidence for the test to look at."""

    def __init__(self) -> None:
        self.saved: list[tuple[str, bytes, str]] = []

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        self.saved.append((kind, content, media_type))
        return Evidence(
            kind=kind, sha256=hashlib.sha256(content).hexdigest(), media_type=media_type, size_bytes=len(content)
        )


def html(text: str, status: int = 200, **headers: str) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def page(text: str, status: int = 200, **headers: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(_: web.Request) -> web.Response:
        return html(text, status, **headers)

    return handler


async def timed(_: web.Request) -> web.Response:
    await asyncio.sleep(0.2)
    return html(TIMED)


async def slow_svg(_: web.Request) -> web.Response:
    await asyncio.sleep(0.4)
    shapes = "<rect width='1200' height='380' fill='#357'/>" + "<!-- -->" * 5000
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='380'>{shapes}</svg>"
    return web.Response(text=svg, content_type="image/svg+xml")


POSTED: list[str] = []


async def posted(request: web.Request) -> web.Response:
    POSTED.append(request.match_info["by"])
    return web.Response()


async def never(_: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return html("late")


def _application() -> web.Application:
    app = web.Application()
    app.router.add_get("/timed", timed)
    app.router.add_get("/slow.svg", slow_svg)
    app.router.add_get("/never", never)
    pages = {
        "/good": PAGE,
        "/loop": PAGE + "<script>addEventListener('load', () => setTimeout(() => { while (1); }, 50))</script>",
        "/shell": "<!doctype html><html lang=vi><title>SPA</title><body><div id=r></div><script>fetch('/slow.svg')"
        f".then(() => document.getElementById('r').textContent = '{TEXT}')</script>",
        "/hop": "<!doctype html><html lang=vi><script>setTimeout(() => { location.href = '/good?sid=secret' }, 300)</script>",
        "/splash": "<!doctype html><html lang=vi><meta http-equiv=refresh content='1;url=/good'><p>Xin chờ",
        "/countdown": "<!doctype html><p>Xin chờ<script>onload = () => setTimeout(() => location = '/good', 1500)</script>",
        "/to-and-fro": "<!doctype html><meta http-equiv=refresh content='1;url=/fro-and-to'><p>Dịch vụ công",
        "/fro-and-to": "<!doctype html><meta http-equiv=refresh content='1;url=/to-and-fro'><p>Dịch vụ công",
        "/to-nowhere": "<!doctype html><meta http-equiv=refresh content='1;url=/never'><p>Dịch vụ công",
        "/fades": PAGE + "<style>body{opacity:0;animation:f .3s 1s forwards}@keyframes f{to{opacity:1}}</style>",
        "/framed": "<!doctype html><html lang=vi><iframe title=t src=/good style='position:fixed;width:100%;height:100%'>",
        "/away": "<!doctype html><script>location = location.href.replace('portal', 'other').replace('away', 'good')</script>",
        "/maintenance": "<!doctype html><title>Thông báo</title><p>Hệ thống đang được bảo trì.",
        "/notice": "<!doctype html><title>Thông báo</title><p>Vui lòng truy cập Cổng dịch vụ công quốc gia.",
        "/slow-key": PAGE
        + "<input><script>onkeydown = () => { const end = performance.now() + 200; while (performance.now() < end); }</script>",
        "/key-submits": PAGE
        + """<form id=f method=post action=/posted/form><input onfocus="f.submit()"></form><script>
            fetch('/posted/load', {method: 'POST'});
            onkeydown = onkeyup = () => {
              fetch('/posted/fetch', {method: 'POST', keepalive: true}); navigator.sendBeacon('/posted/beacon'); f.submit(); };
            onoffline = () => navigator.sendBeacon('/posted/offline');</script>""",
        "/missing-parts": PAGE + "<img src=/nowhere.png><img src=http://nowhere.test/x.png>",
    }
    for path, text in pages.items():
        app.router.add_get(path, page(text))
    app.router.add_get("/barriers", barriers)
    app.router.add_post("/posted/{by}", posted)
    app.router.add_get("/inner", page("<!doctype html><html lang=vi><title>i</title><body><img src=/c.png>"))
    app.router.add_get("/form", page(PAGE + "<form><input name=a><input name=b></form></main>"))
    app.router.add_get("/clean", page(PAGE + "<p><a href=/good>Trang chủ</a></p></main>"))
    app.router.add_get("/500", page("<p>broken", 500))
    app.router.add_get("/403", page("", 403))
    app.router.add_get("/429", page("<p>slow down", 429, **{"Retry-After": "120"}))
    return app


async def _start(app: web.Application, tls: ssl.SSLContext | None = None) -> tuple[web.AppRunner, int]:
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()
    return runner, port


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def port() -> AsyncIterator[int]:
    runner, number = await _start(_application())
    yield number
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    hosts = {HOST: "127.0.0.1", "other.test": "127.0.0.1", "gone.test": None}
    opened = await Browser.launch(BrowserSettings(), hosts=hosts, user_agent=AGENT)
    yield opened
    await opened.close()


class OpenRobots:
    async def allows(self, *_: Any) -> bool:
        return True


def make_tools(browser: Browser | None, *, journeys: Mapping[str, Journey] | None = None) -> tuple[Tools, MemorySink]:
    sink = MemorySink()
    unused = cast("Any", None)
    tools = Tools(
        http=unused,
        robots=cast("Any", OpenRobots()),
        browser=browser,
        evidence=sink,
        evidence_policy=EvidencePolicy(1),
        journeys=journeys or {},
        profiles=PROFILES,
        user_agent=AGENT,
        versions={},
    )
    return tools, sink


def make_job(url: str, *, deadline_seconds: float = 10.0, kind: str = "homepage", **target: Any) -> Job:
    return Job(
        target=Target(
            id="p.home", role=TargetRole.HOMEPAGE, url=url, agency_id="a", portal_id="p", block=Block.PROVINCE, **target
        ),
        kind=kind,
        vantage_id="local",
        profile="desktop",
        scheduled_at=datetime(2026, 1, 1, tzinfo=UTC),
        deadline_seconds=deadline_seconds,
    )


BARRIERS = (
    "<!doctype html><html><title>Nộp hồ sơ</title><body><main><h1>Nộp hồ sơ</h1>"
    "<img src=/a.png><img src=/b.png alt=''>"
    "<form><input name=phone value='0912 345 678'><button></button></form>"
    "<p style='color:#bbb;background:#fff'>Liên hệ nguyenvana@example.vn</p>"
    "<iframe title=in src=/inner></iframe><iframe title=ad src=http://other.test:{port}/inner></iframe></main>"
    "<script>Array.prototype.map = () => {{ throw 1 }}; window.define = {{ amd: 1 }}; JSON.stringify = () => 'no'</script>"
)


async def barriers(request: web.Request) -> web.Response:
    text = BARRIERS.format(port=request.url.port)
    return html(text, **{"Content-Security-Policy": "script-src 'unsafe-inline'"})


async def look(browser: Browser | None, url: str, **job: Any) -> Observation:
    return await homepage.probe(make_job(url, **job), make_tools(browser)[0])


async def test_no_time_is_shorter_than_the_servers_known_delays(browser: Browser, port: int) -> None:
    tools, sink = make_tools(browser)
    seen = await homepage.probe(make_job(f"http://{HOST}:{port}/timed"), tools)
    values = seen.values
    assert (seen.outcome, seen.page_kind) == (Outcome.OK, PageKind.PORTAL)
    assert values.keys() == {value.name for value in all_kinds()["homepage"].values}
    # How much longer: benchmarks/bench_browser_exactness.py.
    assert values["ttfb_seconds"] >= 0.2
    assert values["ttfb_seconds"] <= values["fcp_seconds"] <= values["lcp_seconds"]
    assert values["lcp_seconds"] >= 0.6  # the picture, 0.4 s after the document
    assert values["load_seconds"] >= 0.6
    assert values["cls_ratio"] == pytest.approx(TRUE_SHIFT, abs=0.002)
    assert values["tbt_seconds"] >= 0.25
    assert values["longest_task_seconds"] >= 0.3
    assert values["requests"] == 2
    assert values["failed_requests"] == 0
    assert 40_000 < values["transferred_bytes"] < 45_000
    assert {kind: media for kind, _, media in sink.saved} == {
        "screenshot": "image/jpeg",
        "har": "application/json",
        "filmstrip": "image/jpeg",
    }
    assert [one.size_bytes for one in seen.evidence] == [len(content) for _, content, _ in sink.saved]
    assert values["speed_index_seconds"] > 0


@pytest.mark.parametrize(
    ("path", "reason", "kind"),
    [
        ("/good", None, PageKind.PORTAL),
        ("/shell", None, PageKind.PORTAL),
        ("/notice", None, PageKind.NOTICE),
        ("/maintenance", Reason.MAINTENANCE_PAGE, PageKind.MAINTENANCE),
        ("/500", Reason.HTTP_ERROR, PageKind.PORTAL),
        ("/403", Reason.BLOCKED, PageKind.BLOCKED),
        ("/429", Reason.BLOCKED, PageKind.BLOCKED),
        ("/away", Reason.REDIRECTED_ELSEWHERE, PageKind.REDIRECT),
    ],
)
async def test_each_page_has_its_reason(
    browser: Browser, port: int, path: str, reason: Reason | None, kind: PageKind | None
) -> None:
    seen = await look(browser, f"http://{HOST}:{port}{path}")
    assert (seen.reason, seen.page_kind) == (reason, kind), seen.detail


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://gone.test/", Reason.DNS_FAILURE),
        ("http://unlisted.test/", Reason.DNS_FAILURE),
        (f"http://{HOST}:9/", Reason.HTTP_ERROR),  # another protocol's port: no browser opens a portal there
    ],
)
async def test_host_that_is_not_listed_does_not_exist(browser: Browser, url: str, reason: Reason) -> None:
    assert (await look(browser, url)).reason is reason


async def test_refused_connection_is_failed(browser: Browser) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        seen = await look(browser, f"http://{HOST}:{unused.getsockname()[1]}/")
    assert seen.reason is Reason.CONNECTION_REFUSED


async def test_it_is_told_at_once_that_a_targets_own_host_is_not_reached(
    browser: Browser, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(browser, "on_unreachable", lambda: told.append("now"))
    await look(browser, f"http://{HOST}:{port}/missing-parts")  # a part of it is of a host that does not exist
    assert told == []
    await look(browser, "http://gone.test/")
    assert told


async def test_times_count_from_the_first_of_several_documents(browser: Browser, port: int) -> None:
    seen = await look(browser, f"http://{HOST}:{port}/hop")
    assert seen.outcome is Outcome.OK
    assert seen.values["fcp_seconds"] > 0.3
    assert seen.attributes["final_url"] == f"http://{HOST}:{port}/good?sid=…"


@pytest.mark.parametrize(("path", "seconds"), [("/splash", 1.0), ("/countdown", 1.5)])
async def test_a_page_that_sends_on_later_is_waited_out(browser: Browser, port: int, path: str, seconds: float) -> None:
    seen = await look(browser, f"http://{HOST}:{port}{path}", expected_text="Dịch vụ công")
    assert seen.outcome is Outcome.OK, seen.detail
    assert seen.attributes["final_url"] == f"http://{HOST}:{port}/good"
    assert min(seen.values[name] for name in ("ttfb_seconds", "fcp_seconds", "load_seconds")) >= seconds


async def test_a_page_that_sends_to_and_fro_is_read_in_time(browser: Browser, port: int) -> None:
    seen = await look(browser, f"http://{HOST}:{port}/to-and-fro", deadline_seconds=20)
    assert seen.outcome is Outcome.OK, seen.detail


async def test_a_page_that_sends_on_to_what_never_answers_is_late(browser: Browser, port: int) -> None:
    seen = await look(browser, f"http://{HOST}:{port}/to-nowhere", deadline_seconds=8)
    assert seen.reason is Reason.TIMEOUT, seen.detail


@pytest.mark.parametrize("path", ["/fades", "/framed"])
async def test_a_page_without_first_paint_is_not_blank_and_has_no_paint_times(
    browser: Browser, port: int, path: str
) -> None:
    seen = await look(browser, f"http://{HOST}:{port}{path}", expected_text="Dịch vụ công")
    assert seen.outcome is Outcome.OK, seen.detail
    assert not {"fcp_seconds", "lcp_seconds", "tbt_seconds"} & seen.values.keys()
    assert {"ttfb_seconds", "load_seconds"} <= seen.values.keys()


async def test_a_page_that_is_fine_is_looked_at_once(
    browser: Browser, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    send = LightSession.send

    async def counted(self: LightSession, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        sent.append(method)
        return await send(self, method, params)

    monkeypatch.setattr(LightSession, "send", counted)
    async with browser.tab(PROFILES["desktop"], deadline_seconds=10) as tab:
        sent.clear()
        await visit(tab.session, make_job(f"http://{HOST}:{port}/good", expected_text="Dịch vụ công"), seconds=8)
    assert sorted(sent) == [
        "Network.enable",
        "Page.addScriptToEvaluateOnNewDocument",
        "Page.createIsolatedWorld",
        "Page.enable",
        "Page.getFrameTree",
        "Page.navigate",
        "Page.setLifecycleEventsEnabled",
        "Runtime.evaluate",
    ]  # a command is a way there and back, and what a visit costs is counted in them


async def test_a_page_that_is_slow_to_answer_a_key_is_seen_to_be(browser: Browser, port: int) -> None:
    quick = await look(browser, f"http://{HOST}:{port}/good")
    slow = await look(browser, f"http://{HOST}:{port}/slow-key")
    assert slow.values["interaction_seconds"] >= 0.2
    assert slow.values["interaction_seconds"] > quick.values["interaction_seconds"]


async def test_what_scripts_make_of_our_key_reaches_nobody(browser: Browser, port: int) -> None:
    POSTED.clear()
    assert (await look(browser, f"http://{HOST}:{port}/key-submits")).outcome is Outcome.OK
    assert POSTED == [
        "load"
    ]  # what a page posts while it loads is its own doing; it also shows that the server would count


async def test_broken_parts_are_counted(browser: Browser, port: int) -> None:
    seen = await look(browser, f"http://{HOST}:{port}/missing-parts")
    assert (seen.values["requests"], seen.values["failed_requests"]) == (3, 2)


async def test_refusal_carries_when_to_come_back(browser: Browser, port: int) -> None:
    assert (await look(browser, f"http://{HOST}:{port}/429")).attributes["retry_after"] == "120"


async def test_expected_text_is_looked_for_as_people_read_it(browser: Browser, port: int) -> None:
    there = await look(browser, f"http://{HOST}:{port}/good", expected_text="DỊCH VỤ\ncông")
    missing = await look(browser, f"http://{HOST}:{port}/good", expected_text="Hải Phòng")
    assert (there.reason, missing.reason) == (None, Reason.CONTENT_MISMATCH)


async def test_without_a_browser_the_probe_is_inconclusive() -> None:
    assert (await look(None, "http://portal.test/")).reason is Reason.BROWSER_UNAVAILABLE


WHO_WE_ARE = (
    "[navigator.userAgent, screen.width, devicePixelRatio, navigator.maxTouchPoints > 0, navigator.language,"
    " new Date(0).getTimezoneOffset()]"
)


async def told_to_a_page(browser: Browser) -> list[Any]:
    async with browser.driven_page(PROFILES["mobile"], deadline_seconds=5) as opened:
        told: list[Any] = await opened.page.evaluate(WHO_WE_ARE)
        return told


async def told_to_a_tab(browser: Browser) -> list[Any]:
    async with browser.tab(PROFILES["mobile"], deadline_seconds=5) as tab:
        answer = await tab.session.send("Runtime.evaluate", {"expression": WHO_WE_ARE, "returnByValue": True})
        told: list[Any] = answer["result"]["value"]
        return told


@pytest.mark.parametrize("told_to", [told_to_a_page, told_to_a_tab])
async def test_we_say_who_we_are_and_the_profile_is_applied(
    browser: Browser, told_to: Callable[[Browser], Awaitable[list[Any]]]
) -> None:
    told = await told_to(browser)
    assert told[0].endswith(f"Mobile {AGENT}")
    assert "Chrome/" in told[0]
    assert told[1:] == [390, 2, True, "vi-VN", -480]  # Hanoi was at UTC+8 in 1970


def _spki(certificate: x509.Certificate) -> str:
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


async def test_trusted_key_opens_its_server_and_no_other() -> None:
    authority = trustme.CA()
    ours, others = authority.issue_cert(HOST), authority.issue_cert(HOST)
    seen = []
    key = _spki(x509.load_pem_x509_certificate(ours.cert_chain_pems[0].bytes()))
    browser = await Browser.launch(BrowserSettings(trusted_keys=(key,)), hosts={HOST: "127.0.0.1"}, user_agent=AGENT)
    try:
        for certificate in (ours, others):
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            certificate.configure_cert(tls)
            runner, number = await _start(_application(), tls)
            seen.append(await look(browser, f"https://{HOST}:{number}/good"))
            await runner.cleanup()
        plain, number = await _start(_application())
        seen.append(await look(browser, f"https://{HOST}:{number}/good"))
        await plain.cleanup()
    finally:
        await browser.close()
    assert [one.reason for one in seen] == [None, Reason.CERTIFICATE_INVALID, Reason.TLS_ERROR]


async def test_lost_browser_is_inconclusive_for_all_and_relaunched(port: int) -> None:
    browser = await Browser.launch(BrowserSettings(), hosts={HOST: "127.0.0.1"}, user_agent=AGENT)
    try:
        for kill in (lambda: browser.pid, lambda: browser.driver_pid):
            pending = [asyncio.create_task(look(browser, f"http://{HOST}:{port}/never")) for _ in range(2)]
            await _until_pages_open(browser, 2)
            pid = kill()
            assert pid is not None
            os.kill(pid, 9)
            assert {one.reason for one in await asyncio.gather(*pending)} == {Reason.BROWSER_UNAVAILABLE}
            after = await asyncio.gather(*(look(browser, f"http://{HOST}:{port}/good") for _ in range(2)))
            assert {one.outcome for one in after} == {Outcome.OK}
        assert browser.restarts_total == 2
    finally:
        await browser.close()


async def _until_pages_open(browser: Browser, number: int) -> None:
    async with asyncio.timeout(10):
        while browser._timed.present is None or browser._timed.present.pages_open < number:
            await asyncio.sleep(0.02)


async def test_browser_that_does_not_start_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.delenv("THUOCDO_BROWSER", raising=False)
    with pytest.raises(BrowserUnavailableError, match="broken --version"):
        await Browser.launch(BrowserSettings(path=broken), hosts=None, user_agent=AGENT)


async def test_nothing_is_left_behind(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    browser = await Browser.launch(BrowserSettings(), hosts={HOST: "127.0.0.1"}, user_agent=AGENT)
    await look(browser, f"http://{HOST}:{port}/good")
    assert browser.driver_pid is not None
    os.kill(browser.driver_pid, 9)
    await look(browser, f"http://{HOST}:{port}/good")
    await browser.close()
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BrowserUnavailableError):
        async with browser.driven_page(PROFILES["desktop"], deadline_seconds=1):
            pass


async def test_browser_is_recycled_without_disturbing_its_pages(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.chromium.lives.PAGES_PER_LIFE", 2)
    browser = await Browser.launch(BrowserSettings(), hosts={HOST: "127.0.0.1"}, user_agent=AGENT)
    first = browser.pid
    seen = await asyncio.gather(*(look(browser, f"http://{HOST}:{port}/good") for _ in range(3)))
    second = browser.pid
    assert {one.outcome for one in seen} == {Outcome.OK}
    assert first != second
    assert not psutil.pid_exists(first or 0)
    assert browser.restarts_total == 0
    await browser.close()


async def examine(browser: Browser, url: str, *, deadline_seconds: float = 20.0) -> tuple[Observation, MemorySink]:
    tools, sink = make_tools(browser)
    job = make_job(url, deadline_seconds=deadline_seconds, kind="accessibility")
    return await accessibility.probe(job, tools), sink


async def test_barriers_are_found_on_a_page_that_breaks_its_own_javascript(browser: Browser, port: int) -> None:
    seen, sink = await examine(browser, f"http://{HOST}:{port}/barriers")
    found = {(one.rule, one.outcome.value): one for one in seen.findings}
    assert seen.outcome is Outcome.OK, seen.detail
    assert {"button-name", "color-contrast", "html-has-lang", "image-alt", "label"} <= {rule for rule, _ in found}
    image = found["image-alt", "failed"]
    assert (image.count, image.impact, image.wcag, image.layer) == (2, "critical", ("1.1.1",), "engine")
    assert image.act == ("23a2a8",)
    assert [node.selector for node in image.nodes] == [
        'img[src="/a.png"]',
        'iframe[title="in"] >> img',
    ]  # not the stranger's
    assert "image-alt" in seen.tested
    assert "video-caption" in seen.not_testable
    assert seen.values["violations"] == sum(one.outcome.value == "failed" for one in seen.findings)
    assert seen.attributes["axe_version"].startswith("4.")
    stored = sink.saved[0][1].decode()
    assert "image-alt" in stored
    assert "0912" not in stored + str(seen)
    assert "nguyenvana" not in stored + str(seen)


async def test_eform_is_examined_once_its_form_stands_there(browser: Browser, port: int) -> None:
    journey = Journey.model_validate(
        {
            "family": "test",
            "title_vi": "Thử",
            "title_en": "Test",
            "steps": [{"name": "form", "open": "{url}"}],
            "entry": "form",
            "form": {"minimum_fields": 1},
        }
    )
    tools, _ = make_tools(browser, journeys={"test": journey})
    job = make_job(f"http://{HOST}:{port}/form", deadline_seconds=20, kind="accessibility", journey="test")
    seen = await accessibility.probe(replace(job, target=replace(job.target, role=TargetRole.EFORM)), tools)
    assert seen.outcome is Outcome.OK, seen.detail
    assert [(one.rule, one.count) for one in seen.findings if one.outcome.value == "failed"] == [("label", 2)]


async def test_page_without_barriers_scores_full_and_one_with_them_less(browser: Browser, port: int) -> None:
    clean, _ = await examine(browser, f"http://{HOST}:{port}/clean")
    bad, _ = await examine(browser, f"http://{HOST}:{port}/barriers")
    assert clean.findings == ()
    assert clean.values["score"] == 100.0
    assert 0 < bad.values["score"] < 80


async def test_every_rule_of_the_engine_and_of_the_acts_has_its_texts(browser: Browser, port: int) -> None:
    seen, _ = await examine(browser, f"http://{HOST}:{port}/clean")
    rules = {*seen.tested, *seen.not_testable}
    assert len(rules) > 150
    assert rules - all_advice().keys() == set()


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/429", Reason.BLOCKED), ("/maintenance", Reason.MAINTENANCE_PAGE), ("/500", Reason.HTTP_ERROR)],
)
async def test_what_is_no_portal_page_is_not_examined(browser: Browser, port: int, path: str, reason: Reason) -> None:
    seen, sink = await examine(browser, f"http://{HOST}:{port}{path}")
    assert (seen.reason, seen.findings, dict(seen.values), sink.saved) == (reason, (), {}, [])


async def test_page_that_hangs_before_the_engine_is_its_own_fault(browser: Browser, port: int) -> None:
    seen, _ = await examine(browser, f"http://{HOST}:{port}/loop", deadline_seconds=8)
    assert seen.reason is Reason.TIMEOUT


@pytest.mark.sampled(share=0.25)
@pytest.mark.parametrize("page", hindering.PAGES[1:], ids=lambda page: page.name)  # the first is in the last, too
async def test_page_that_hinders_its_visitors_ends_in_time_and_says_what_was_not_tested(
    browser: Browser, page: BadPage
) -> None:
    async with Gallery(HOST) as gallery:
        seen, _ = await examine(
            browser, gallery.url(page), deadline_seconds=90
        )  # pytest's own limit would end what hangs
    assert seen.outcome is Outcome.OK, seen.detail
    assert len(seen.tested) > 10
    unfinished = {one.partition(":")[0] for one in seen.attributes.get("unfinished_acts", "").split("; ") if one}
    for act in unfinished - {"engine"}:
        assert {rule.id for rule in all_acts()[act].rules} & set(seen.not_testable)
    if page.name in {"frames-200", "barriers-all-at-once"}:
        assert int(seen.attributes["frames_left_out"]) == hindering.FRAMES + 1 - MOST_FRAMES


async def test_engine_that_does_not_finish_on_a_loaded_page_is_ours(
    browser: Browser, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probes.accessibility.world._axe_source", lambda: "while (1);")
    seen, _ = await examine(browser, f"http://{HOST}:{port}/good", deadline_seconds=6)
    after = await look(browser, f"http://{HOST}:{port}/good")
    assert (seen.reason, after.outcome) == (Reason.PROBER_SATURATED, Outcome.OK)
