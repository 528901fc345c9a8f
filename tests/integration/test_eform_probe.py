"""The eForm probe in a real browser: forms whose times are known, and pages that try everything to get something submitted."""

import asyncio
import hashlib
import json
import socket
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
import yaml
from aiohttp import web
from cryptography import x509
from playwright.async_api import Browser as Chromium
from playwright.async_api import Error, Page

from probes import eform
from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from probes.chromium.life import arguments
from probes.evidence import EvidencePolicy
from probes.journeys.journey import open_form
from probes.journeys.journey_file import Journey, load_journeys
from probes.journeys.journey_result import JourneyResult
from probes.tools import Tools
from testbed.faults import Fault, Wall
from testbed.fleet import Fleet
from testbed.portal import BuiltPortal
from thuocdo.core.config import bundled
from thuocdo.core.model import Block, Evidence, Job, Mandate, Outcome, Reason, Target, TargetRole
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: the eForm probe is NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.turns(share=0.5)]

AGENT = "ThuocDo/0.1 (+https://contact.test)"
OWN, OTHER = "portal.test", "other.test"
DELAY_SECONDS = 0.4
FIELDS = "".join(
    f"<p><label>Ô {n} <input id=o{n} name=o{n} {'required' if n < 3 else ''}></label></p>" for n in range(5)
)
MANDATE = Mandate(
    id="m", portal_id="p", granted_by="g", document="d", valid_from=date(2020, 1, 1), valid_to=date(2100, 1, 1)
)
TEXT = "Kê khai thông tin theo mẫu. " * 80


def form(inside: str = "", after: str = "", attributes: str = "method=post action=/luu") -> str:
    body = f"<p>{TEXT}</p><form id=f {attributes}>{FIELDS}{inside}</form>{after}"
    return f"<!doctype html><html lang=vi><title>Tờ khai</title><body>{body}"


# Every page sends something to /luu in its own way. The test proves that it does when nobody guards it, except where the
# browser itself refuses already ("*": popups) or a person's own act is needed ("!": the control run provokes it as well).
HOSTILE: Mapping[str, str] = {
    "form submitted on load": form(after="<script>f.submit()</script>"),
    "get form submitted on load": form(attributes="action=/luu", after="<script>f.submit()</script>"),
    "requestSubmit on load": form(
        "<button>Gửi</button>", "<script>o0.required=o1.required=o2.required=false;f.requestSubmit()</script>"
    ),
    "click on a submit button by script": form("<button formnovalidate id=b>x</button>", "<script>b.click()</script>"),
    "click on an image input by script": form(
        "<input type=image formnovalidate id=b alt=x>", "<script>b.click()</script>"
    ),
    "dispatched click on a submit input": form(
        "<input type=submit formnovalidate id=b>",
        "<script>b.dispatchEvent(new MouseEvent('click',{bubbles:true}))</script>",
    ),
    "click on the label of a submit button": form(
        "<label id=l for=b>x</label><input type=submit formnovalidate id=b>", "<script>l.click()</script>"
    ),
    "button elsewhere with form=": form(
        after="<button form=f formnovalidate id=b>x</button><script>b.click()</script>"
    ),
    "submit native method from another realm": form(
        after="<iframe id=i></iframe><script>i.contentWindow.HTMLFormElement.prototype.submit.call(f)</script>"
    ),
    "form in a new frame": form(
        after="""<script>const i=document.createElement('iframe');document.body.append(i);
        i.contentDocument.body.innerHTML='<form method=post action=/luu></form>';i.contentDocument.forms[0].submit()</script>"""
    ),
    "form in a srcdoc frame": form(
        after="<iframe srcdoc='<form action=/luu></form><script>document.forms[0].submit()</script>'></iframe>"
    ),
    "form in a frame of another site": form(after="<iframe src=http://{other}/inner></iframe>"),
    "form in a frame that was touched before it came": form(
        after="<iframe id=i src=/slow-inner></iframe><script>i.contentWindow.x=1</script>"
    ),
    "form in a closed shadow root": form(
        after="""<div id=h></div><script>const r=h.attachShadow({mode:'closed'});
        r.innerHTML='<form action=/luu><button>x</button></form>';r.querySelector('button').click()</script>"""
    ),
    "post by XMLHttpRequest": form(
        after="<script>const x=new XMLHttpRequest();x.open('POST','/luu');x.send('a=1')</script>"
    ),
    "put by fetch": form(after="<script>fetch('/luu',{method:'PUT',body:'a'})</script>"),
    "post without cors to another site": form(
        after="<script>fetch('http://{other}/luu',{method:'POST',mode:'no-cors',body:'a'})</script>"
    ),
    "beacon": form(after="<script>navigator.sendBeacon('/luu','a')</script>"),
    "post from a worker": form(
        after="<script>new Worker(URL.createObjectURL(new Blob([`fetch('http://{own}/luu',{method:'POST',mode:'no-cors'})`])))</script>"
    ),
    "post from a shared worker": form(after="<script>new SharedWorker('/shared.js')</script>"),
    "message over a socket": form(
        after="<script>const s=new WebSocket('ws://{own}/socket');s.onopen=()=>s.send('a=1')</script>"
    ),
    "violation report": form(after="<img src=http://{other}/report-me>"),
    "navigation by javascript address": form(
        after="<a id=b href='javascript:f.submit()'>x</a><script>b.click()</script>"
    ),
    "submit again and again": form(after="<script>setInterval(()=>f.submit(),50)</script>"),
    "! on focus": form(after="<script>f.addEventListener('focusin',()=>f.submit())</script>"),
    "! on change": form(after="<script>f.addEventListener('change',()=>fetch('/luu',{method:'POST'}))</script>"),
    "! enter in a field": form("<input type=submit hidden>", attributes="method=post action=/luu novalidate"),
    "! keepalive post when leaving": form(
        after="<script>addEventListener('pagehide',()=>fetch('/luu',{method:'POST',keepalive:true}))</script>"
    ),
    "! form submitted when leaving": form(
        after="<script>addEventListener('beforeunload',()=>navigator.sendBeacon('/luu','a'))</script>"
    ),
    "* form in a popup": form(attributes="method=post action=/luu target=_blank", after="<script>f.submit()</script>"),
    "* popup that posts": form(after="<script>window.open('/poster')</script>"),
    "* detached link to a popup that posts": form(
        after="<script>const a=document.createElement('a');a.href='/poster';a.target='_blank';a.click()</script>"
    ),
}


@dataclass
class Server:
    """Pages on loopback, and a count of everything that would have been a submission."""

    pages: dict[str, str] = field(default_factory=dict)
    submitted: Counter[str] = field(default_factory=Counter)
    port: int = 0

    def url(self, path: str, host: str = OWN) -> str:
        return f"http://{host}:{self.port}{path}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.method not in {"GET", "HEAD", "OPTIONS"} or request.path == "/luu":
            self.submitted[f"{request.method} {request.path}"] += 1
        if request.path.startswith("/slow"):
            await asyncio.sleep(DELAY_SECONDS)
        if request.path.startswith("/never"):
            await asyncio.sleep(60)
        if request.path.endswith(".js"):
            return web.Response(text="fetch('/luu',{method:'POST'})", content_type="text/javascript")
        if request.path == "/login-first":
            raise web.HTTPFound("/dang-nhap")
        text = self.pages.get(request.path, "ok")
        text = text.replace("{other}", f"{OTHER}:{self.port}").replace("{own}", f"{OWN}:{self.port}")
        policy = "img-src 'none'; report-uri /luu" if "report-me" in text else "frame-ancestors *"
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        with_end = time.monotonic() + 20
        while time.monotonic() < with_end:
            await answer.write(b"data: x\n\n")
            await asyncio.sleep(0.1)
        return answer

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for _ in socket:
            self.submitted["WebSocket message"] += 1
        return socket


class MemorySink:
    """Keeps evidence for the test to look at."""

    def __init__(self) -> None:
        self.saved: list[bytes] = []

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        self.saved.append(content)
        digest = hashlib.sha256(content).hexdigest()
        return Evidence(kind=kind, sha256=digest, media_type=media_type, size_bytes=len(content))


class Rules:
    """robots.txt as the test wants it."""

    def __init__(self) -> None:
        self.forbidden = "nothing"

    async def allows(self, target: Target) -> bool:
        return self.forbidden not in target.url


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server() -> AsyncIterator[Server]:
    made = Server()
    application = web.Application()
    application.router.add_get("/stream", made.stream)
    application.router.add_get("/socket", made.socket)
    application.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.port = runner.addresses[0][1]
    yield made
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    hosts = {OWN: "127.0.0.1", OTHER: "127.0.0.1"}
    launched = await Browser.launch(BrowserSettings(), hosts=hosts, user_agent=AGENT)
    yield launched
    await launched.close()


def journey(*steps: Mapping[str, Any], **changes: Any) -> Journey:
    named = [{"name": "start", "open": "{url}"}, *({"name": f"step {n}", **step} for n, step in enumerate(steps, 1))]
    given = {
        "family": "own",
        "title_vi": "x",
        "title_en": "x",
        "steps": named,
        "entry": "start",
        "form": {"minimum_fields": 5, "quiet_seconds": 0.5},
    }
    return Journey.model_validate(given | changes)


def tools_of(browser: Browser, journeys: Mapping[str, Journey], robots: Any = None) -> Tools:
    return Tools(
        http=cast("Any", None),
        robots=robots or cast("Any", Rules()),
        browser=browser,
        evidence=MemorySink(),
        evidence_policy=EvidencePolicy(0),
        journeys=journeys,
        profiles=PROFILES,
        user_agent=AGENT,
        versions={},
    )


def job_for(url: str, name: str = "own", *, deadline_seconds: float = 12.0, **target: Any) -> Job:
    made = Target(
        id="p.eform-1",
        role=TargetRole.EFORM,
        url=url,
        agency_id="p",
        portal_id="p",
        block=Block.PROVINCE,
        journey=name,
        **target,
    )
    return Job(
        target=made,
        kind="eform",
        vantage_id="v",
        profile="desktop",
        scheduled_at=datetime(2026, 1, 1, tzinfo=UTC),
        deadline_seconds=deadline_seconds,
    )


async def provoke(page: Page, server: Server) -> None:
    """Do what a person in the form might do, press Enter included, then leave; returns when the page is another one."""
    for act in (page.focus("#o0"), page.fill("#o3", "a"), page.press("#o3", "Tab"), page.press("#o4", "Enter")):
        try:
            await asyncio.wait_for(act, 1.5)
        except (Error, TimeoutError):
            continue  # the page went away by itself
    await page.goto(server.url("/end"))


@pytest.mark.sampled(share=0.25)
@pytest.mark.parametrize("name", HOSTILE)
async def test_nothing_is_submitted_whatever_the_page_tries(
    name: str, server: Server, browser: Browser, unguarded: Chromium
) -> None:
    server.pages |= {
        "/hostile": HOSTILE[name],
        "/inner": "<form action=/luu></form><script>document.forms[0].submit()</script>",
        "/slow-inner": "<form action=/luu><button id=b>x</button></form><script>b.click()</script>",
        "/poster": "<script>fetch('/luu',{method:'POST'})</script>",
    }
    tools = tools_of(browser, {"own": journey(form={"minimum_fields": 5, "quiet_seconds": 0.2})})
    server.submitted.clear()
    async with browser.driven_page(PROFILES["desktop"], deadline_seconds=20) as opened:
        result = await open_form(opened, job_for(server.url("/hostile")), tools)
        opened.gate.expect(server.url("/end"))
        await provoke(opened.page, server)
        assert server.submitted == Counter()
        assert result.reason is None, result.detail
        assert result.form is not None
        assert result.form.fields == 5
    assert server.submitted == Counter()
    if name.startswith("*"):
        return
    context = await unguarded.new_context()
    try:
        page = await context.new_page()
        await page.goto(server.url("/hostile"), wait_until="commit")
        if name.startswith("!"):
            await provoke(page, server)
        for _ in range(40):
            if server.submitted:
                break
            await asyncio.sleep(0.05)
    finally:
        await context.close()
    assert server.submitted, "this page is harmless; the test proves nothing"


async def test_frames_in_processes_of_their_own_submit_nothing_either(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = "--disable-site-isolation-trials"
    isolating = tuple("--site-per-process" if part == together else part for part in arguments(BrowserSettings()))
    monkeypatch.setattr("probes.chromium.browser.arguments", lambda *_: isolating)
    browser = await Browser.launch(BrowserSettings(), hosts={OWN: "127.0.0.1", OTHER: "127.0.0.1"}, user_agent=AGENT)
    server.submitted.clear()
    server.pages |= {
        "/outer": form(after="<iframe src=http://{other}/inner></iframe><iframe src=http://{other}/poster></iframe>"),
        "/inner": "<form action=/luu><button id=b>x</button></form><script>b.click()</script>",
        "/poster": "<script>fetch('/luu',{method:'POST'})</script>",
    }
    try:
        result = await walk(server, browser, "/outer", journey())
    finally:
        await browser.close()
    assert result.reason is None, result.detail
    assert "POST /luu" in result.stopped
    assert server.submitted == Counter()


async def walk(server: Server, browser: Browser, path: str, made: Journey, **options: Any) -> JourneyResult:
    robots = options.pop("robots", None)
    job = job_for(server.url(path), **options)
    async with browser.driven_page(PROFILES["desktop"], deadline_seconds=job.deadline_seconds) as opened:
        return await open_form(opened, job, tools_of(browser, {"own": made}, robots))


async def test_what_was_stopped_is_counted(server: Server, browser: Browser) -> None:
    server.pages["/two"] = form(after="<script>f.submit();fetch('/luu',{method:'POST'})</script>")
    observation = await eform.probe(job_for(server.url("/two")), tools_of(browser, {"own": journey()}))
    assert observation.outcome is Outcome.OK
    assert observation.attributes["blocked_submits"] == "2"


@pytest.mark.parametrize(
    "control",
    [
        "<button form=f>Tiếp theo</button>",
        "<form><button>Tiếp theo</button></form>",
        "<form><input type=submit value='Tiếp theo'></form>",
        "<form><input type=image alt='Tiếp theo'></form>",
        "<button type=submit>Tiếp theo</button>",
        "<button type=button>Tiếp theo và gửi hồ sơ</button>",
        "<div role=button tabindex=0>Tiếp theo: hoàn tất</div>",
        "<button type=button><span>Tiếp theo</span> <b>Xác nhận</b></button>",
    ],
)
async def test_a_journey_that_names_a_submit_control_presses_nothing_and_is_our_fault(
    control: str, server: Server, browser: Browser
) -> None:
    server.pages["/named"] = form(after=control)
    server.submitted.clear()
    made = journey({"follow": {"role": "button", "name": ["Tiếp theo"]}})
    result = await walk(server, browser, "/named", made)
    assert result.reason is Reason.INTERNAL_ERROR
    assert "submits" in result.detail
    assert server.submitted == Counter()


async def test_a_path_that_opening_needs_may_be_posted_to(server: Server, browser: Browser) -> None:
    server.pages["/session"] = form(
        after="<script>fetch('/api/open',{method:'POST'});fetch('/luu',{method:'POST'})</script>"
    )
    server.submitted.clear()
    made = journey(allowed_posts=["/api/*"])
    refused = await walk(server, browser, "/session", made)
    assert refused.reason is Reason.MANDATE_MISSING
    assert server.submitted == Counter()
    result = await walk(server, browser, "/session", made, mandate=MANDATE)
    assert result.reason is None
    assert result.draft_created
    assert server.submitted == Counter({"POST /api/open": 1})
    assert result.stopped == ("POST /luu",)


async def test_where_a_journey_may_post_no_field_is_entered_and_that_is_ours(server: Server, browser: Browser) -> None:
    opens = "(e) => { fetch('/api/luu-nhap', {method: 'POST'}); e.target.readOnly = false }"
    script = f"<script>f.addEventListener('focusin', {opens})</script>"
    shut = f"<form id=f>{FIELDS.replace('<input', '<input readonly')}</form>{script}"
    server.pages["/shut"] = f"<!doctype html><title>x</title><p>{TEXT}</p>{shut}"
    server.submitted.clear()
    made = journey(allowed_posts=["/api/*"])
    result = await walk(server, browser, "/shut", made, mandate=MANDATE, deadline_seconds=4)
    assert result.reason is Reason.INTERNAL_ERROR
    assert "this journey may post" in result.detail
    assert server.submitted == Counter()
    opened = await walk(server, browser, "/shut", journey())
    assert opened.form is not None, opened.detail
    assert server.submitted == Counter()


async def test_two_windows_over_a_form_are_closed_one_after_the_other(server: Server, browser: Browser) -> None:
    button = "<button type=button onclick='this.parentNode.hidden=true'>Đóng</button>"
    window = f"<div style='position:fixed;inset:0;background:#fff'>{{}} {button}</div>"
    server.pages["/two"] = form(after=window.format("Nghỉ lễ") + window.format("Bảo trì ngày 30/4"))
    made = journey()
    result = await walk(server, browser, "/two", made)
    assert result.form is not None, result.detail
    # What we took for both is not the portal's: the form had rested before, and so it has until it was believed.
    since_act = time.monotonic() - result.form.acted_at
    assert since_act - result.form.ready_seconds >= 2 * made.form.quiet_seconds


async def test_ready_is_when_the_last_option_list_has_come(server: Server, browser: Browser) -> None:
    server.pages["/lists"] = form(
        "<select id=s><option>x</select>",
        "<script>fetch('/slow').then(r=>r.text()).then(()=>s.add(new Option('y')))</script>",
    )
    result = await walk(server, browser, "/lists", journey())
    assert result.form is not None
    assert result.form.ready_seconds >= DELAY_SECONDS  # how exactly: benchmarks/bench_form_ready.py
    assert (result.form.fields, result.form.required_fields) == (6, 3)
    assert result.form.load_seconds is not None
    assert result.form.load_seconds < result.form.ready_seconds


async def test_ready_counts_from_the_click_and_a_form_without_a_new_document_has_no_load_time(
    server: Server, browser: Browser
) -> None:
    server.pages[
        "/spa"
    ] = f"""<title>x</title><p>{TEXT}</p><button type=button id=b>Mở</button><script>b.onclick = async () => {{
      await fetch('/slow'); document.body.insertAdjacentHTML('beforeend', `{FIELDS}`); }}</script>"""
    result = await walk(server, browser, "/spa", journey({"follow": {"role": "button", "name": ["Mở"]}}))
    assert result.form is not None
    assert result.form.ready_seconds >= DELAY_SECONDS
    assert result.form.load_seconds is None


async def test_a_long_task_after_the_last_field_counts(server: Server, browser: Browser) -> None:
    server.pages["/busy"] = form(
        after="<script>setTimeout(()=>{const e=performance.now()+300;while(performance.now()<e);},200)</script>"
    )
    result = await walk(server, browser, "/busy", journey())
    assert result.form is not None
    assert result.form.ready_seconds >= 0.5


@pytest.mark.parametrize(
    "restless",
    [
        "setInterval(()=>fetch('/slow?_='+Date.now()*10),300)",
        "new EventSource('/stream')",
        "setInterval(()=>new Image().src='/p',200)",
    ],
)
async def test_a_page_that_never_rests_is_ready_all_the_same(restless: str, server: Server, browser: Browser) -> None:
    server.pages["/restless"] = form(after=f"<script>{restless}</script>")
    result = await walk(server, browser, "/restless", journey())
    assert result.reason is None, result.detail
    assert result.form is not None


async def test_a_form_in_a_frame_is_found(server: Server, browser: Browser) -> None:
    server.pages["/framed"] = f"<title>x</title><p>{TEXT}</p><input><iframe id=i src=/slow-form></iframe>"
    server.pages["/slow-form"] = form()
    result = await walk(server, browser, "/framed", journey(form={"minimum_fields": 5, "frame": "#i"}))
    assert result.form is not None
    assert result.form.fields == 5
    assert result.form.ready_seconds >= DELAY_SECONDS


@pytest.mark.parametrize(
    ("page", "detail"),
    [
        (form(after="<script>for (const e of f.elements) e.disabled = true</script>"), "0 usable fields"),
        (form(after="<script>fetch('/never')</script>"), "still waiting for /never"),
    ],
)
async def test_a_form_that_does_not_get_ready_is_told_with_what_was_missing(
    page: str, detail: str, server: Server, browser: Browser
) -> None:
    server.pages["/stuck"] = page
    result = await walk(server, browser, "/stuck", journey(), deadline_seconds=3)
    assert result.reason is Reason.FORM_NOT_READY
    assert detail in result.detail


async def test_a_document_that_never_comes_is_a_timeout(server: Server, browser: Browser) -> None:
    server.pages["/away"] = f"<title>x</title><p>{TEXT}</p><a href=/never-comes>Mở</a>"
    made = journey({"follow": {"role": "link", "name": ["Mở"]}})
    # Twice the time that it takes: a machine that halts for 2 s shall not decide.
    result = await walk(server, browser, "/away", made, deadline_seconds=6)
    assert result.reason is Reason.TIMEOUT
    assert "/never-comes" in result.detail


async def test_a_link_that_wants_a_window_of_its_own_is_followed_in_the_page(server: Server, browser: Browser) -> None:
    server.pages["/blank"] = f"<title>x</title><p>{TEXT}</p><a href=/target target=_blank>Nộp hồ sơ</a>"
    server.pages["/target"] = form()
    result = await walk(server, browser, "/blank", journey({"follow": {"role": "link", "name": ["Nộp hồ sơ"]}}))
    assert result.reason is None, result.detail


async def test_a_login_is_recognised_and_the_entry_time_kept(server: Server, browser: Browser) -> None:
    server.pages["/dang-nhap"] = "<title>Đăng nhập</title><form method=post><input><input type=password></form>"
    result = await walk(server, browser, "/login-first", journey(login={"path": ["/dang-nhap*"]}))
    assert result.reason is Reason.LOGIN_REQUIRED
    assert result.entry_seconds is not None


@pytest.fixture
def navigation_is_told_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands on a page is seen before Playwright tells that it is there, as happens on a busy machine."""
    goto = Page.goto

    async def told_late(page: Page, *args: Any, **options: Any) -> object:
        answer = await goto(page, *args, **options)
        await asyncio.sleep(5)
        return answer

    monkeypatch.setattr(Page, "goto", told_late)


@pytest.mark.usefixtures("navigation_is_told_late")
@pytest.mark.parametrize("held_up", ["", "<script defer src=/never-comes></script>"])
async def test_the_entry_time_is_kept_where_the_login_is_seen_before_the_navigation_is_told(
    held_up: str, server: Server, browser: Browser
) -> None:
    server.pages["/slow-login"] = (
        f"<title>Đăng nhập</title>{held_up}<form method=post><input><input type=password></form>"
    )
    result = await walk(server, browser, "/slow-login", journey(login={"path": ["/slow-login"]}))
    assert result.reason is Reason.LOGIN_REQUIRED
    assert result.entry_seconds is not None
    assert result.entry_seconds >= DELAY_SECONDS  # the server does not send it earlier


async def test_a_captcha_the_journey_knows_is_recognised(server: Server, browser: Browser) -> None:
    server.pages["/wall"] = f"<title>x</title><p>{TEXT}</p><img class=ma-anh><input>"
    result = await walk(server, browser, "/wall", journey(captcha={"selector": ["img.ma-anh"]}))
    assert result.reason is Reason.CAPTCHA


async def test_an_address_on_the_way_that_robots_txt_forbids_is_not_asked_for(server: Server, browser: Browser) -> None:
    server.pages["/way"] = f"<title>x</title><p>{TEXT}</p><a href=/cam>Mở</a>"
    rules = Rules()
    rules.forbidden = "/cam"
    made = journey({"follow": {"role": "link", "name": ["Mở"]}})
    result = await walk(server, browser, "/way", made, robots=rules)
    assert result.reason is Reason.ROBOTS_DISALLOWED
    assert "/cam" in result.detail


async def test_what_a_portal_filled_in_is_not_to_be_read_in_the_picture(server: Server, browser: Browser) -> None:
    # Two pages that differ only in a prefilled name of the same length give the very same picture.
    pictures = []
    for name in ("Nguyễn Văn An", "Trần Thị Bình"):
        server.pages["/known"] = form(f"<input style='font-family:monospace' value='{name}'>")
        tools = tools_of(browser, {"own": journey()})
        observation = await eform.probe(replace(job_for(server.url("/known")), full_evidence=True), tools)
        assert observation.evidence[0].kind == "screenshot"
        pictures.append(cast("MemorySink", tools.evidence).saved[0])
    assert pictures[0] == pictures[1]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Fleet]:
    async with Fleet(tmp_path_factory.mktemp("eforms"), seed=7) as running:
        yield running


def fleet_job(fleet: Fleet, portal: BuiltPortal) -> Job:
    plan = portal.plan
    return job_for(
        f"https://{plan.host}:{fleet.port}{portal.eform.entry_path}",
        plan.eform.family,
        deadline_seconds=25,
        procedure_code=plan.eform.procedure.code,
        variables={"agency_code": plan.units[0].code, "agency_name": plan.units[0].name},
    )


async def fleet_browser(directory: Path) -> Browser:
    settings = yaml.safe_load((directory / "thuocdo.yaml").read_text(encoding="utf-8"))
    hosts = json.loads((directory / "hosts.json").read_text(encoding="utf-8"))
    keys = tuple(settings["browser"]["trusted_keys"])
    return await Browser.launch(BrowserSettings(trusted_keys=keys), hosts=hosts, user_agent=AGENT)


async def test_the_forms_of_all_families_of_the_testbed_are_opened_and_timed(fleet: Fleet) -> None:
    browser = await fleet_browser(fleet.directory)
    try:
        tools = tools_of(browser, load_journeys(bundled("scenarios") / "journeys"))
        for family in ("testbed-wizard", "testbed-spa", "testbed-legacy"):
            portal = next(
                p
                for p in fleet.portals
                if p.plan.eform.family == family and p.plan.fault is Fault.NONE and p.plan.eform.wall is Wall.NONE
            )
            observation = await eform.probe(fleet_job(fleet, portal), tools)
            truth, values = portal.eform, observation.values
            assert observation.outcome is Outcome.OK, (family, observation.detail)
            # How much longer: benchmarks/bench_form_ready.py.
            assert values["ready_seconds"] >= truth.ready_seconds - 0.05, family
            assert values["entry_seconds"] >= truth.entry_seconds - 0.05, family
            assert (values["fields"], values["required_fields"]) == (truth.fields, truth.required_fields), family
            assert observation.attributes["blocked_submits"] == "0"
            # No home page stands on the form's host here: its certificate is this probe's to see.
            shown = await asyncio.to_thread(ends_at, fleet, portal.plan.host)
            assert values["certificate_expiry_timestamp_seconds"] == shown
    finally:
        await browser.close()
    assert fleet.submitted == 0


def ends_at(fleet: Fleet, host: str) -> float:
    """Return the Unix time at which the certificate runs out that a portal of the fleet shows."""
    address = json.loads((fleet.directory / "hosts.json").read_text(encoding="utf-8"))[host]
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((address, fleet.port), 10) as plain,
        trusting.wrap_socket(plain, server_hostname=host) as tls,
    ):
        shown = tls.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown).not_valid_after_utc.timestamp()


async def test_the_certificate_of_a_home_pages_host_is_not_told_by_its_forms(fleet: Fleet) -> None:
    portal = next(p for p in fleet.portals if p.plan.fault is Fault.NONE and p.plan.eform.wall is Wall.NONE)
    job = fleet_job(fleet, portal)
    browser = await fleet_browser(fleet.directory)
    try:
        tools = tools_of(browser, load_journeys(bundled("scenarios") / "journeys"))
        own = replace(job, target=replace(job.target, own_hosts=frozenset({portal.plan.host})))
        observation = await eform.probe(own, tools)
    finally:
        await browser.close()
    assert observation.outcome is Outcome.OK
    assert "certificate_expiry_timestamp_seconds" not in observation.values


@pytest.mark.sampled(share=1 / 3)
@pytest.mark.parametrize("wall", [Wall.VNEID, Wall.LOGIN, Wall.CAPTCHA])
async def test_what_stands_before_a_form_of_the_testbed_is_told(wall: Wall, fleet: Fleet) -> None:
    portal = next(p for p in fleet.portals if p.plan.eform.wall is wall)
    browser = await fleet_browser(fleet.directory)
    try:
        tools = tools_of(browser, load_journeys(bundled("scenarios") / "journeys"))
        observation = await eform.probe(fleet_job(fleet, portal), tools)
    finally:
        await browser.close()
    assert observation.reason is (Reason.CAPTCHA if wall is Wall.CAPTCHA else Reason.LOGIN_REQUIRED)


MASK = "<div id=m style='position:fixed;inset:0;z-index:9'>Đang tải…</div>"
LIFTED = f"{MASK}<script>setTimeout(() => m.remove(), 900)</script>"
DOWN = "<div style=height:3000px></div>"
BOX = "<div style='position:relative;width:200px'><input style=width:100%><span style='position:absolute;inset:0'>x</span></div>"
SMALL = "style='position:absolute;width:1px;height:1px;clip-path:inset(50%)'"
# What a page holds, and how many of its fields a person could fill in; what is ready and what is not: testbed/verdicts/forms.py.
REACHED: Mapping[str, tuple[str, int]] = {
    "as they are": (FIELDS, 5),
    "far below": (f"{DOWN}{FIELDS}", 5),
    "some read-only": (FIELDS + "<input readonly value=x><textarea readonly></textarea>", 5),
    "some read-only that choose": (FIELDS + "<input readonly class=flatpickr-input><input readonly role=combobox>", 7),
    "some in a part that is folded": (f"{FIELDS}<div style='height:0;overflow:hidden'>{FIELDS}</div>", 5),
    "some in a folded part far below": (f"{FIELDS}{DOWN}<div style='height:0;overflow:hidden'>{FIELDS}</div>", 5),
    "some under a layer of theirs": (
        f"{FIELDS}<div style=position:relative><p><input><input></p><b style='position:absolute;inset:0'></b></div>",
        5,
    ),
    "some in a part that rolls": (f"<div style='height:60px;overflow:auto'>{FIELDS}</div>", 5),
    "some aside, for robots": (f"{FIELDS}<div style='position:absolute;left:-9999px'><input><input></div>", 5),
    "under what is drawn over each": (BOX * 6, 6),
    "by their labels": (
        "".join(f"<p><input type=radio name=n{n} id=r{n} {SMALL}><label for=r{n}>Mục</label></p>" for n in range(5)),
        5,
    ),
    "in a frame that rolls": ("<iframe src=/five style='width:300px;height:60px'></iframe>", 5),
    "in a frame of another origin that rolls": (
        "<iframe src=http://{other}/five style='width:300px;height:60px'></iframe>",
        5,
    ),
    "in a closed root that is declared": (
        f"<x-a><template shadowrootmode=closed>{FIELDS}</template></x-a>",
        5,
    ),
}


@pytest.mark.parametrize("name", REACHED)
async def test_fields_count_where_a_person_could_get_at_them(name: str, server: Server, browser: Browser) -> None:
    body, fields = REACHED[name]
    server.pages |= {"/reached": f"<!doctype html><title>x</title><p>{TEXT}</p>{body}", "/five": FIELDS}
    result = await walk(server, browser, "/reached", journey())
    assert result.form is not None, result.detail
    assert result.form.fields == fields


@pytest.mark.parametrize(
    "page",
    [
        form(after=LIFTED),
        f"<p>{TEXT}</p><iframe src=/five style=width:100%;height:400px></iframe>{LIFTED}",
        f"<p>{TEXT}</p><iframe src=http://{{other}}/five style=width:100%;height:400px></iframe>{LIFTED}",
        f"<p>{TEXT}</p>{DOWN}{FIELDS}{LIFTED}",
    ],
)
async def test_a_form_under_a_mask_is_ready_when_the_mask_is_gone(page: str, server: Server, browser: Browser) -> None:
    server.pages |= {"/lifted": page, "/five": FIELDS}
    result = await walk(server, browser, "/lifted", journey())
    assert result.form is not None, result.detail
    assert result.form.ready_seconds >= 0.9  # how exactly: benchmarks/bench_form_ready.py


async def test_a_form_that_stays_barred_is_told_with_how_many_fields(server: Server, browser: Browser) -> None:
    server.pages["/barred"] = form(after=MASK)
    result = await walk(server, browser, "/barred", journey(), deadline_seconds=3)
    assert result.reason is Reason.FORM_NOT_READY
    assert "0 usable fields, 5 that cannot be got at" in result.detail


async def test_looking_far_below_leaves_the_page_where_it_was(server: Server, browser: Browser) -> None:
    server.pages["/below"] = form(attributes="style=margin-top:3000px")
    job = job_for(server.url("/below"))
    async with browser.driven_page(PROFILES["desktop"], deadline_seconds=job.deadline_seconds) as opened:
        result = await open_form(opened, job, tools_of(browser, {"own": journey()}))
        assert result.form is not None
        assert await opened.page.evaluate("scrollY") == 0


async def test_a_form_that_is_drawn_where_somebody_looks_is_ready_without_our_own_pause(
    server: Server, browser: Browser
) -> None:
    server.pages["/lazy"] = f"""<title>x</title><p>{TEXT}</p>{DOWN}<div id=d style=height:50px></div><script>
      new IntersectionObserver(([one]) => {{ if (one.isIntersecting) d.innerHTML = `{FIELDS}` }}).observe(d)</script>"""
    job = job_for(server.url("/lazy"))
    observation = await eform.probe(job, tools_of(browser, {"own": journey()}))
    assert observation.outcome is Outcome.OK, observation.detail
    idle = float(observation.attributes["scrolled_after_seconds"])
    assert idle >= 2
    assert observation.values["ready_seconds"] < idle


async def test_a_question_on_the_way_is_answered_no_and_told(server: Server, browser: Browser) -> None:
    server.pages |= {
        "/asks": f"<title>x</title><p>{TEXT}</p><button type=button id=b>Mở</button>"
        "<script>b.onclick = () => { if (confirm('Mở?')) location.href = '/target' }</script>",
        "/target": form(),
    }
    made = journey({"follow": {"role": "button", "name": ["Mở"]}})
    result = await walk(server, browser, "/asks", made, deadline_seconds=4)
    assert (result.reason, result.questions) == (Reason.INTERNAL_ERROR, 1)
    assert "asked by confirm() and was answered no" in result.detail


async def test_a_link_in_a_frame_is_not_followed_where_robots_txt_forbids_it(server: Server, browser: Browser) -> None:
    server.pages |= {
        "/outer": f"<title>x</title><p>{TEXT}</p><iframe src=/menu></iframe>",
        "/menu": "<a href=/cam>Mở</a>",
        "/cam": form(),
    }
    rules = Rules()
    rules.forbidden = "/cam"
    result = await walk(server, browser, "/outer", journey({"follow": {"role": "link", "name": ["Mở"]}}), robots=rules)
    assert result.reason is Reason.ROBOTS_DISALLOWED


async def test_a_submit_control_on_an_image_map_or_in_a_frame_is_not_pressed(server: Server, browser: Browser) -> None:
    server.submitted.clear()
    server.pages |= {
        "/tricky": f"""<title>x</title><p>{TEXT}</p><img usemap=#n width=90 height=40><map name=n><area coords=0,0,90,40
          href=/luu?act=delete alt='Nộp trực tuyến'></map><iframe src=/inner-submit></iframe>""",
        "/inner-submit": "<form action=/luu><button>Nộp trực tuyến</button></form>",
    }
    result = await walk(server, browser, "/tricky", journey({"seek": {"names": ["Nộp trực tuyến"]}}))
    assert result.reason is Reason.FORM_NOT_READY
    assert server.submitted == Counter()
