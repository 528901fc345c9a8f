"""Evidence of a real visit: nothing of what was planted in page and answers is in it, and what is in it is right."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
import pytest_asyncio
from aiohttp import web

from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from probes.chromium.har import build_har
from probes.chromium.recorder import Recorder
from probes.chromium.summary import VisitSummary, summarise
from probes.chromium.visit import VisitResult, visit
from probes.evidence import save_recording
from thuocdo.core.model import Block, Evidence, Job, Target, TargetRole
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: evidence of visits is NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

HOST = "dichvucong.tinh.gov.test"

SECRETS = {
    "cookie": "hush-cookie-of-the-server",
    "cookie the page cannot read": "hush-cookie-http-only",
    "cookie of a script": "hush-cookie-of-a-script",
    "session in the first address": "hush-first-session",
    "session in a redirect": "hush-redirect-session",
    "session as a path parameter": "HUSHJSESSION",
    "session after its name in a path": "hush-path-session",
    "token in a path": "tQ7xPz2LmK9vRb4WsY1nHc8d",
    "hexadecimal token in a path": "5f4dcc3b5aa765d61d8327deb882cf99",
    "unique id in a path": "550e8400-e29b-41d4-a716-446655440000",
    "session without base of letters": "lit3py55t21z5v55vlm25s55",
    "query of a picture": "hush-picture-query",
    "value without a name": "hush7nameless1query9value3k",
    "fragment": "hush-fragment",
    "query of a script": "hush-script-query",
    "request header": "hush-bearer",
    "own request header": "hush-own-header",
    "answer header": "hush-answer-header",
    "nonce": "hushNonce",
    "form field": "hush-form-field",
    "file name": "hush-file-name",
    "third party's query": "hush-third-party",
    "identity card": "001099012345",
    "telephone": "0912345678",
    "telephone with gaps": "+84 912 345 679",
    "e-mail": "nguyen.van.hush@example.vn",
    "e-mail in a path": "hush.path@example.vn",
    "web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodXNoIn0.aHVzaA",
    "password in the console": "hush-console-password",
    "name in the console": "Hush Thị Bí Mật",
    "object in the console": "hush-console-object",
    "line of the console": "hush-console-line",
    "address in the console": "hush-console-address",
    "exception": "hush-exception-token",
    "rejection": "hush-rejection-token",
    "data address": "hush-data-address",
    "prefilled field": "hush-prefilled",
    "name in a path": "Nguyen-Van-Phuc",
    "small name in a path": "nguyenvanan",
    "name in a subdomain": "tranvanmien",
    "name in a policy": "lethichinh",
    "name as a status text": "Pham Van Trang Thai",
    "name as a server": "Hoang Thi May Chu",
    "name as a media type": "vu-thi-loai",
    "warning of a name": "Người nộp Phạm Văn Đức",
    "name of an error": "Bạch Văn Lỗi",
    "name of a function": "goiBaTaThiHam",
    "name of a class": "ChuVanLop",
    "name of a header": "Dao-Van-Dau",
    "name of a parameter": "luongthithamso",
    "name of a cookie": "ngovanbanh",
    "own scheme": "kieuvanso",
}
NEVER_RECORDED = {
    "form field",
    "file name",
    "object in the console",
    "line of the console",
    "data address",
    "prefilled field",
    "own scheme",
    "name of a class",
}

S = SECRETS
PAGE = f"""<!doctype html><html lang=vi><title>Cổng {S["e-mail"]}</title><body><h1>Dịch vụ công</h1>
<form action=/nop><input name=ten value="{S["prefilled field"]}"></form>
<img src="/pic.png?sid={S["query of a picture"]}"><img src="/pic.png?{S["value without a name"]}">
<img src="/pic.png;jsessionid={S["session as a path parameter"]}">
<img src="/session/{S["session after its name in a path"]}/pic.png">
<img src="/{S["token in a path"]}/pic.png"><img src="/{S["hexadecimal token in a path"]}/pic.png">
<img src="/{S["unique id in a path"]}/pic.png"><img src="/(S({S["session without base of letters"]}))/pic.png">
<img src="/cd/{S["identity card"]}.png"><img src="/phone/{S["telephone"]}"><img src="/u/{S["e-mail in a path"]}/pic.png">
<img src="http://cdn.other.test:PORT/gone.png?uid={S["third party's query"]}">
<iframe src="data:text/html,<p>{S["data address"]}"></iframe>
<img src="/ho-so/{S["small name in a path"]}/{S["name in a path"]}.png?{S["name of a parameter"]}=1">
<img src="http://{S["name in a subdomain"]}.other.test:PORT/x.png"><a href="{S["own scheme"]}:x">x</a>
<script src="/app.js?token={S["query of a script"]}"></script>"""
SCRIPT = f"""
class {S["name of a class"]} {{}}
const {S["name of a function"]} = () => console.error(new {S["name of a class"]}());
{S["name of a function"]}();
console.warn("{S["warning of a name"]}");
document.cookie = "script={S["cookie of a script"]}";
location.hash = "access_token={S["fragment"]}";
console.log("{S["line of the console"]}");
console.error("sign-in failed", {{password: "{S["object in the console"]}"}});
console.error("password={S["password in the console"]}");
console.error('{{"ho_ten": "{S["name in the console"]}", "cccd": "{S["identity card"]}"}}');
console.warn("at " + location.href);
console.warn("call {S["telephone with gaps"]} or write {S["e-mail"]}");
console.error("cookies: " + document.cookie);
console.error("GET " + location.origin + "/api?key={S["address in the console"]} failed for {S["web token"]}");
const own = {{"Authorization": "Bearer {S["request header"]}", "X-Own": "{S["own request header"]}"}};
fetch("/api", {{method: "POST", headers: own,
  body: new URLSearchParams({{ten: "{S["form field"]}", cccd: "{S["identity card"]}"}})}});
const files = new FormData(); files.append("tep", new Blob(["x"]), "{S["file name"]}.pdf");
fetch("/api", {{method: "POST", body: files}});
fetch("/api", {{headers: {{"X-{S["name of a header"]}": "1"}}}});
Promise.reject(new Error("{S["name of an error"]}"));
Promise.reject(new TypeError("no access_token={S["rejection"]}"));
const late = Promise.reject(new Error("handled after all")); setTimeout(() => late.catch(() => 0), 20);
throw new RangeError("bad token: {S["exception"]}");
"""


@dataclass(slots=True)
class MemorySink:
    saved: dict[str, bytes] = field(default_factory=dict)

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        self.saved[kind] = content
        return Evidence(kind=kind, sha256="0" * 64, media_type=media_type, size_bytes=len(content))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One visit of the page full of secrets."""

    recorder: Recorder
    sight: VisitResult
    summary: VisitSummary
    har: bytes
    console: bytes

    @property
    def entries(self) -> list[dict[str, Any]]:
        return list(json.loads(self.har)["log"]["entries"])

    def entry(self, part: str) -> dict[str, Any]:
        return next(entry for entry in self.entries if part in entry["request"]["url"])


async def first(_: web.Request) -> web.Response:
    answer = web.Response(status=302, headers={"Location": f"/home?sid={S['session in a redirect']}"})
    answer.set_cookie("S", S["cookie"], max_age=60)
    return answer


async def home(request: web.Request) -> web.Response:
    text = PAGE.replace("PORT", str(request.url.port))
    answer = web.Response(text=text, content_type="text/html", headers={"X-Secret": S["answer header"]})
    answer.headers["Content-Security-Policy"] = f"object-src 'none'; img-src * 'nonce-{S['nonce']}'"
    answer.headers["Content-Security-Policy-Report-Only"] = f"font-src https://{S['name in a policy']}.vn"
    answer.set_cookie(S["name of a cookie"], "1")
    answer.set_cookie("H", S["cookie the page cannot read"], httponly=True)
    return answer


async def script(_: web.Request) -> web.Response:
    return web.Response(
        text=SCRIPT,
        content_type="text/javascript",
        headers={"Server": S["name as a server"]},
        reason=S["name as a status text"],
    )


async def picture(_: web.Request) -> web.Response:
    svg = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>" + "<!-- -->" * 500
    answer = web.Response(text=svg, content_type="image/svg+xml")
    answer.enable_compression()
    return answer


async def missing(_: web.Request) -> web.Response:
    return web.Response(status=404)


async def api(request: web.Request) -> web.Response:
    answer = web.json_response({"token": S["answer header"]})
    if request.method != "POST":
        answer.headers["Content-Type"] = f"text/{S['name as a media type']}"
    return answer


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def port() -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_get("/", first)
    app.router.add_get("/home", home)
    app.router.add_get("/app.js", script)
    app.router.add_route("*", "/api", api)
    app.router.add_get("/phone/{number}", missing)
    app.router.add_get("/{rest:.*png.*}", picture)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    hosts = {HOST: "127.0.0.1", "cdn.other.test": None}
    opened = await Browser.launch(BrowserSettings(), hosts=hosts, user_agent="ThuocDo/0.1 (+https://contact.test)")
    yield opened
    await opened.close()


def job(url: str) -> Job:
    target = Target(id="t.home", role=TargetRole.HOMEPAGE, url=url, agency_id="a", portal_id="p", block=Block.PROVINCE)
    return Job(
        target=target,
        kind="homepage",
        vantage_id="local",
        profile="desktop",
        scheduled_at=datetime(2026, 1, 1, tzinfo=UTC),
        deadline_seconds=15.0,
    )


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def seen(browser: Browser, port: int) -> Seen:
    recorder = Recorder()
    async with browser.tab(PROFILES["desktop"], deadline_seconds=15.0) as tab:
        await recorder.watch(tab.session, tab.set_up.line)
        url = f"http://{HOST}:{port}/?sid={S['session in the first address']}"
        sight = await visit(tab.session, job(url), seconds=12.0)
    sink = MemorySink()
    await save_recording(recorder, sink, versions={"thuocdo": "9", "browser": "156"}, title=f"Cổng {S['e-mail']}")
    return Seen(
        recorder=recorder,
        sight=sight,
        summary=summarise(recorder, own_hosts=[HOST]),
        har=sink.saved["har"],
        console=sink.saved["console"],
    )


def everything(seen: Seen) -> str:
    """All that was recorded, before anything was taken out."""
    exchanges = [(one.url, one.headers, one.response, one.initiator_url) for one in seen.recorder.exchanges]
    wires = [(wire.requests, wire.answers) for wire in seen.recorder.wires.values()]
    return unquote(repr((exchanges, wires, seen.recorder.console.messages)))


@pytest.mark.parametrize("where", SECRETS)
async def test_what_was_planted_is_in_no_stored_byte(seen: Seen, where: str) -> None:
    secret = SECRETS[where]
    assert (secret in everything(seen)) is (where not in NEVER_RECORDED), "the test itself planted nothing"
    stored = (seen.har + seen.console).decode()
    for text in (stored, unquote(stored), stored.replace("\\", "")):
        assert secret not in text
        assert secret.replace(" ", "") not in text


async def test_what_is_no_secret_is_still_there(seen: Seen) -> None:
    har, console = seen.har.decode(), seen.console.decode()
    for words in (
        "/app.js?token=…",
        f"http://{HOST}:",
        "….other.test",
        "/ho-so/…/….png?…=…",
        "net::ERR_NAME_NOT_RESOLVED",
        '"name":"S","value":"…"',
        "X-Secret",
    ):
        assert words in har
    for words in ("… Object", "Uncaught RangeError …", "Uncaught (in promise) TypeError …", "/app.js?token=…:"):
        assert words in console


async def test_every_request_is_an_entry_and_a_redirect_is_one_of_its_own(seen: Seen) -> None:
    entries = seen.entries
    assert len(entries) == seen.sight.values["requests"]
    redirect, document = entries[0], entries[1]
    assert (redirect["response"]["status"], document["response"]["status"]) == (302, 200)
    assert redirect["response"]["redirectURL"] == "/home?sid=…"
    assert document["request"]["cookies"] == [{"name": "S", "value": "…"}]
    unknown, known = document["response"]["cookies"]
    assert (unknown["name"], known) == ("…", {"name": "H", "value": "…", "httpOnly": True, "secure": False})
    assert document["serverIPAddress"] == "127.0.0.1"
    assert document["_resourceType"] == "document"


async def test_a_compressed_body_has_both_sizes(seen: Seen) -> None:
    content = seen.entry("/session/")["response"]["content"]
    assert content["size"] > 4000
    assert seen.entry("/session/")["response"]["bodySize"] == content["size"] - content["compression"] < 400


async def test_a_failed_request_is_an_entry_with_its_error_and_a_refused_one_with_its_status(seen: Seen) -> None:
    lost = seen.entry("cdn.other.test")
    assert (lost["response"]["status"], lost["_error"]) == (0, "net::ERR_NAME_NOT_RESOLVED")
    assert seen.entry("/phone/")["response"]["status"] == 404
    failures = sorted((one.status, one.error) for one in seen.summary.failures)
    assert failures == [(0, "net::ERR_NAME_NOT_RESOLVED")] * 2 + [(404, "")]


async def test_times_of_an_entry_add_up_and_the_page_has_its_own(seen: Seen) -> None:
    for entry in seen.entries:
        phases = {name: taken for name, taken in entry["timings"].items() if name != "ssl" and taken > 0}
        assert entry["time"] == pytest.approx(sum(phases.values()), abs=0.01)
        assert min(entry["timings"][name] for name in ("send", "wait", "receive")) >= 0
    page = json.loads(seen.har)["log"]["pages"][0]["pageTimings"]
    assert 0 < page["onContentLoad"] <= page["onLoad"]
    assert page["onLoad"] == pytest.approx(seen.sight.values["load_seconds"] * 1000, abs=100)
    assert seen.entries[0]["timings"]["connect"] > 0
    assert seen.entries[1]["timings"]["connect"] == -1


async def test_the_summary_counts_what_the_traffic_counts(seen: Seen) -> None:
    values = seen.summary.values
    sums = {
        unit: sum(number for name, number in values.items() if name.endswith(unit) and "third" not in name)
        for unit in ("_bytes", "_requests")
    }
    assert sums == {
        "_bytes": seen.sight.values["transferred_bytes"],
        "_requests": seen.sight.values["requests"],
    }
    assert (values["document_requests"], values["script_requests"], values["fetch_requests"]) == (2, 1, 3)
    assert (values["third_party_requests"], values["third_party_hosts"]) == (2, 2)
    assert "cdn.other.test" in seen.summary.third_parties


async def test_errors_of_scripts_are_counted_and_a_rejection_that_was_handled_is_none(seen: Seen) -> None:
    assert (seen.summary.values["javascript_errors"], seen.summary.values["console_errors"]) == (3, 6)
    assert "handled after all" not in seen.console.decode()


async def test_a_page_that_floods_the_console_is_soon_not_listened_to(browser: Browser, port: int) -> None:
    recorder = Recorder()
    async with browser.tab(PROFILES["desktop"], deadline_seconds=100.0) as tab:  # however little of the machine it gets
        await recorder.watch(tab.session, tab.set_up.line)
        heard = 0

        def hear(_: object) -> None:
            nonlocal heard
            heard += 1

        tab.session.on("Runtime.consoleAPICalled", hear)
        flood = "let n = 0; const flood = setInterval(() => { for (let i = 0; i < 200; i++) console.error(n++); }, 5)"
        await tab.session.send("Runtime.evaluate", {"expression": flood})
        while not recorder.console.is_full:
            await tab.session.send("Runtime.evaluate", {"expression": "1"})
        answer = await tab.session.send(
            "Runtime.evaluate",
            {
                "expression": "new Promise((done) => setTimeout(() => { clearInterval(flood); done(n); }, 300))",
                "awaitPromise": True,
            },
        )
    assert recorder.console.is_full
    assert len(recorder.console.messages) == 200
    assert heard < answer["result"]["value"]  # the page went on, nobody listened


async def test_a_visit_that_never_ended_is_an_archive_all_the_same(browser: Browser, port: int) -> None:
    recorder = Recorder()
    async with browser.tab(PROFILES["desktop"], deadline_seconds=15.0) as tab:
        await recorder.watch(tab.session, tab.set_up.line)
        await visit(tab.session, job(f"http://{HOST}:1/"), seconds=5.0)
    log = json.loads(build_har(recorder))["log"]
    assert log["entries"][0]["response"]["status"] == 0
    assert log["entries"][0]["_error"].startswith("net::ERR_")
