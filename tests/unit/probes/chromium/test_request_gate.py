"""Which held requests are let go: by method, by what announced them, and by whether the page has been tried."""

import asyncio
from base64 import b64encode
from types import SimpleNamespace
from typing import Any

import pytest

from probes.chromium import page_gate, request_gate
from probes.chromium.page_gate import PageGate
from probes.chromium.request_gate import RequestGate

MAIN, FRAME = "main", "frame"
HOST = "https://a.test"


class Browser:
    """A session that notes what it is told, and lets a test hold requests."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.handlers: dict[str, Any] = {}

    async def send(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        self.sent.append((method, params or {}))
        return {}

    def on(self, event: str, f: Any) -> None:
        self.handlers[event] = f

    async def verdict(self, event: dict[str, Any]) -> str:
        """Hold a request and return what becomes of it."""
        before = len(self.sent)
        self.handlers["Fetch.requestPaused"](event)
        while len(self.sent) == before:
            await asyncio.sleep(0)
        return {"Fetch.continueRequest": "goes", "Fetch.failRequest": "stays", "Fetch.fulfillRequest": "answered"}[
            self.sent[-1][0]
        ]


class Line:
    def __init__(self) -> None:
        self.is_shut = False
        self.expected: list[str] = []

    def expect(self, url: str) -> None:
        self.expected.append(url)

    def shut(self) -> None:
        self.is_shut = True


def held(method: str = "GET", path: str = "/tep", kind: str = "XHR", frame: str = MAIN, **more: Any) -> dict[str, Any]:
    headers = more.pop("headers", {})
    host = more.pop("host", HOST)
    request = {"method": method, "url": f"{host}{path}", "headers": headers}
    return {"requestId": "1", "request": request, "resourceType": kind, "frameId": frame, **more}


def announced(path: str, reason: str, frame: str = MAIN, disposition: str = "currentTab") -> dict[str, Any]:
    return {"frameId": frame, "url": f"{HOST}{path}", "reason": reason, "disposition": disposition}


def wait_for_announcements(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    for module in (page_gate, request_gate):
        monkeypatch.setattr(module, "ANNOUNCED_SECONDS", seconds)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_announcements(monkeypatch, 0.02)


@pytest.fixture
async def scene() -> SimpleNamespace:
    browser = Browser()
    gates = RequestGate(browser)
    await gates.arm()
    line: Any = Line()
    page = PageGate(main_frame=MAIN, line=line, post_hosts={"a.test"})
    gates.admit(page)
    return SimpleNamespace(browser=browser, gates=gates, page=page, line=line, verdict=browser.verdict)


async def test_every_request_of_the_browser_is_held(scene: SimpleNamespace) -> None:
    assert scene.browser.sent[0] == ("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "NOP", "post"])
async def test_a_request_that_could_change_something_stays_and_is_counted(scene: SimpleNamespace, method: str) -> None:
    assert await scene.verdict(held(method)) == "stays"
    assert scene.page.stopped == [f"{method.upper()} /tep"]
    assert [url for _, url in scene.page.held_back] == [f"{HOST}/tep"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_request_that_only_reads_goes(scene: SimpleNamespace, method: str) -> None:
    assert await scene.verdict(held(method)) == "goes"
    assert scene.page.stopped == []
    assert scene.line.expected == [f"{HOST}/tep"], "the line lets it be connected to"


async def test_only_the_browser_itself_asks_what_may_be_asked(scene: SimpleNamespace) -> None:
    assert await scene.verdict(held("OPTIONS")) == "stays"
    assert scene.line.expected == []
    assert await scene.verdict(held("OPTIONS", headers={"Access-Control-Request-Method": "GET"})) == "goes"


@pytest.mark.parametrize("kind", ["Ping", "CSPViolationReport"])
async def test_what_only_tells_somebody_something_stays_even_where_it_reads(scene: SimpleNamespace, kind: str) -> None:
    assert await scene.verdict(held("GET", kind=kind)) == "stays"


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "x-http-method", "X-METHOD-OVERRIDE", "X-Http-Verb"])
async def test_a_reading_request_that_asks_for_another_method_stays(scene: SimpleNamespace, name: str) -> None:
    assert await scene.verdict(held(headers={name: "DELETE"})) == "stays"


@pytest.mark.parametrize("header", [{"SOAPAction": "nopHoSo"}, {"X-Action": "xoa-ho-so"}, {"x-command": "delete"}])
async def test_a_reading_request_that_says_in_a_header_what_shall_be_done_stays(
    scene: SimpleNamespace, header: dict[str, str]
) -> None:
    assert await scene.verdict(held(headers=header)) == "stays"


@pytest.mark.parametrize(
    "query",
    ["_method=PUT", "id=1&_METHOD=post", "X-HTTP-Method-Override=PATCH", "_method=%44ELETE", "query=mutation%7Bnop%7D"],
)
async def test_a_reading_request_whose_query_says_that_it_is_none_stays(scene: SimpleNamespace, query: str) -> None:
    assert await scene.verdict(held(path=f"/tep?{query}")) == "stays"


@pytest.mark.parametrize("path", ["/api/luu-nhap", "/luu", "/ho-so?action=save"])
async def test_what_saves_is_not_read(scene: SimpleNamespace, path: str) -> None:
    assert await scene.verdict(held(path=path)) == "stays"


def posted(body: str | None, path: str = "/nhap", **more: Any) -> dict[str, Any]:
    event = held("POST", path, **more)
    entry = {} if body is None else {"bytes": b64encode(body.encode()).decode()}
    event["request"] |= {"hasPostData": True, "postDataEntries": [entry]}
    return event


@pytest.mark.parametrize(
    "body",
    [
        "",
        "maThuTuc=1.004222&buoc=1",
        '{"procedure":"1.004222","action":"saveDraft"}',
        "action=luu-nhap",
        "_csrf=aRmQz1Huy8mXoa2QpDel9Ab7kLmNoPqRsTuVwX",
    ],
)
async def test_a_draft_may_be_made_where_the_journey_names_its_path(scene: SimpleNamespace, body: str) -> None:
    scene.page.allowed_posts = ["/nhap", "/api/*/luu-nhap"]
    assert await scene.verdict(posted(body)) == "goes"
    assert await scene.verdict(posted(body, "/api/ho-so/luu-nhap")) == "goes"


@pytest.mark.parametrize(
    "body",
    [
        "_method=DELETE",
        "a=1&_method=put",
        "action=delete&id=1",
        "thaotac=n%E1%BB%99p+h%E1%BB%93+s%C6%A1",
        "a=1;submit=G%E1%BB%ADi",
        "xoa=1",
        '{"action":"submit"}',
        '{"a":[{"method":"hoSo.xoa"}]}',
        '{"submit":true}',
        '{"trangThai":"DA_GUI"}',
        '{"query":"mutation{nopHoSo(id:1){id}}"}',
        '--x\r\nContent-Disposition: form-data; name="action"\r\n\r\nhuy\r\n--x--',
        '--x\r\nContent-Disposition: form-data; name="tep"; filename="a.pdf"\r\n\r\nx\r\n--x--',
        "<soap:Envelope><soap:Body><n:xoaHoSo/></soap:Body></soap:Envelope>",
        "xoaHoSo",
        '{"a":',
        "[" * 5000,
        "a=1&" * 20_000,
        "&".join(f"a{number}=1" for number in range(1000)),
        '{"action":"saveDraft","action":"submit"}',
        '\ufeff{"action":"submit"}',
        "--x\r\nContent-Disposition: form-data; name=action\r\n\r\nhuy\r\n--x--",
        "<op><action>delete</action></op>",
        '<op do="nop-ho-so"/>',
        "<!DOCTYPE a SYSTEM 'x'><a/>",
        "_\x00m\x00e\x00t\x00h\x00o\x00d\x00=DELETE",
        "mutation{nop}",
        "a=1&action=%2564elete",
        None,
    ],
)
async def test_a_draft_is_not_made_where_the_body_says_or_hides_more(scene: SimpleNamespace, body: str | None) -> None:
    scene.page.allowed_posts = ["/nhap"]
    assert await scene.verdict(posted(body)) == "stays"
    assert scene.page.let_through == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": 'application/x-www-form-urlencoded; charset="utf-7"'},
        {"content-type": "text/plain;charset=utf-16"},
        {"Content-Encoding": "gzip"},
    ],
)
async def test_a_draft_is_not_made_by_a_body_that_is_not_what_it_says_or_reads_otherwise_elsewhere(
    scene: SimpleNamespace, headers: dict[str, str]
) -> None:
    scene.page.allowed_posts = ["/nhap"]
    multipart = 'x\r\n--x\r\nContent-Disposition: form-data; name="action"\r\n\r\nhuy\r\n--x--'
    body = multipart if "multipart" in str(headers) else "a=1"
    assert await scene.verdict(posted(body, headers=headers)) == "stays"


@pytest.mark.parametrize("entries", [[{"bytes": "//5BAA=="}], [{"bytes": "YQ=="}, {}], [], [{"bytes": "?"}]])
async def test_a_draft_is_not_made_by_a_body_that_nobody_can_read(scene: SimpleNamespace, entries: list[Any]) -> None:
    scene.page.allowed_posts = ["/nhap"]
    event = posted("a=1")
    event["request"] |= {"postDataEntries": entries, "postData": "a=1"}
    assert await scene.verdict(event) == "stays"


@pytest.mark.parametrize("query", ["action=submit", "thaotac=nop", "xoa=1", "_method=PUT"])
async def test_a_draft_is_not_made_where_the_query_says_more(scene: SimpleNamespace, query: str) -> None:
    scene.page.allowed_posts = ["/nhap"]
    assert await scene.verdict(posted("", f"/nhap?{query}")) == "stays"
    assert await scene.verdict(posted("", "/nhap?action=saveDraft&v=2")) == "goes"


async def test_no_form_makes_drafts_without_end(scene: SimpleNamespace) -> None:
    scene.page.allowed_posts = ["/nhap"]
    verdicts = [await scene.verdict(posted("a=1")) for _ in range(page_gate.MOST_POSTS + 2)]
    assert verdicts == ["goes"] * page_gate.MOST_POSTS + ["stays"] * 2


@pytest.mark.parametrize(
    "path",
    ["/api/%2e%2e%2fxoa-1/nhap", "/api/x%5Cy/nhap", "/api/a;b=..%2f/nhap", "/api/x%2Fnop/nhap", "/api/%252e/nhap"],
)
async def test_a_star_stands_for_nothing_that_a_server_may_read_as_another_path(
    scene: SimpleNamespace, path: str
) -> None:
    scene.page.allowed_posts = ["/api/*/nhap"]
    assert await scene.verdict(posted("", "/api/x/nhap")) == "goes"
    assert await scene.verdict(posted("", path)) == "stays"


async def test_another_port_of_the_portal_is_another_service(scene: SimpleNamespace) -> None:
    scene.page.allowed_posts = ["/nhap"]
    assert await scene.verdict(posted("", host=f"{HOST}:8443")) == "stays"
    scene.page.post_port = 8443
    assert await scene.verdict(posted("", host=f"{HOST}:8443")) == "goes"


async def test_only_the_paths_that_opening_needs_may_be_posted_to_and_only_at_the_portal(
    scene: SimpleNamespace,
) -> None:
    scene.page.allowed_posts = ["/api/session/*"]
    assert await scene.verdict(held("POST", "/api/session/begin?x=1")) == "goes"
    assert await scene.verdict(held("POST", "/api/luu")) == "stays"
    assert await scene.verdict(held("POST", "/api/session/begin", host="https://other.test")) == "stays"
    assert await scene.verdict(held("DELETE", "/api/session/begin")) == "stays"
    assert await scene.verdict(held("POST", "/api/session/begin/xoa")) == "stays"
    assert scene.page.let_through == ["POST /api/session/begin"]


@pytest.mark.parametrize(
    "path", ["/huy-ho-so/1", "/ho-so/xoa?id=1", "/x?action=delete", "/dang-xuat", "/api/deleteHoSo"]
)
@pytest.mark.parametrize("kind", ["Document", "XHR", "Image"])
async def test_an_address_that_would_change_something_is_not_even_read(
    scene: SimpleNamespace, path: str, kind: str
) -> None:
    scene.page.take("Page.frameRequestedNavigation", announced(path, "anchorClick"))
    assert await scene.verdict(held(path=path, kind=kind)) == "stays"


async def test_an_address_that_people_registered_is_gone_to_whatever_it_is_called(scene: SimpleNamespace) -> None:
    scene.page.expect(f"{HOST}/tai-ve")
    assert await scene.verdict(held(path="/tai-ve", kind="Document")) == "goes"


async def test_what_is_called_a_download_may_be_a_part_of_a_page_but_no_page(scene: SimpleNamespace) -> None:
    assert await scene.verdict(held(path="/download?id=7", kind="Image")) == "goes"
    scene.page.take("Page.frameRequestedNavigation", announced("/download?id=7", "anchorClick"))
    assert await scene.verdict(held(path="/download?id=7", kind="Document")) == "stays"


@pytest.mark.parametrize("path", ["/nop-ho-so/12", "/dang-ky", "/js/xoa-dau.js", "/thu-tuc/dang-ky-khai-sinh-1.001193"])
async def test_an_address_under_which_a_form_opens_is_read(scene: SimpleNamespace, path: str) -> None:
    assert await scene.verdict(held(path=path)) == "goes"


async def test_a_request_of_a_frame_that_no_page_knows_stays(scene: SimpleNamespace) -> None:
    assert await scene.verdict(held(frame="a shared worker")) == "stays"
    assert scene.gates.unknown_total == 1


async def test_a_frame_may_become_known_while_its_request_waits(
    scene: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for_announcements(monkeypatch, 60.0)
    asyncio.get_running_loop().call_later(0.01, scene.page.take, "Page.frameAttached", {"frameId": FRAME})
    assert await scene.verdict(held(frame=FRAME)) == "goes"


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        ("anchorClick", "goes"),
        ("scriptInitiated", "goes"),
        ("metaTagRefresh", "goes"),
        ("httpHeaderRefresh", "goes"),
        ("initialFrameNavigation", "goes"),
        ("formSubmissionGet", "stays"),
        ("formSubmissionPost", "stays"),
        ("something new", "stays"),
    ],
)
async def test_a_document_goes_only_where_what_leads_on_announced_it(
    scene: SimpleNamespace, reason: str, verdict: str
) -> None:
    scene.page.take("Page.frameRequestedNavigation", announced("/tiep?a=1#x", reason))
    assert await scene.verdict(held(path="/tiep?a=1", kind="Document")) == verdict


async def test_a_frame_that_is_loaded_once_somebody_looks_goes_once_and_never_with_a_form(
    scene: SimpleNamespace,
) -> None:
    scene.page.take("Page.frameRequestedNavigation", announced("/khung", "other"))
    assert await scene.verdict(held(path="/khung", kind="Document")) == "stays"  # the page itself is no frame
    scene.page.take("Page.frameAttached", {"frameId": FRAME})
    for reasons in (("other", "formSubmissionGet"), ("formSubmissionGet", "other"), ("formSubmissionGet",)):
        for reason in reasons:
            scene.page.take("Page.frameRequestedNavigation", announced("/luu", reason, frame=FRAME))
        assert await scene.verdict(held(path="/luu", kind="Document", frame=FRAME)) == "stays"
    for verdict in ("goes", "stays"):
        scene.page.take("Page.frameRequestedNavigation", announced("/khung", "other", frame=FRAME))
        assert await scene.verdict(held(path="/khung", kind="Document", frame=FRAME)) == verdict


async def test_a_link_to_where_a_form_is_sent_at_the_same_time_makes_the_form_no_link(scene: SimpleNamespace) -> None:
    scene.page.take("Page.frameRequestedNavigation", announced("/luu", "formSubmissionGet"))
    scene.page.take("Page.frameRequestedNavigation", announced("/luu", "scriptInitiated"))
    assert await scene.verdict(held(path="/luu", kind="Document")) == "stays"


async def test_a_document_that_nothing_announced_stays(scene: SimpleNamespace) -> None:
    assert await scene.verdict(held(path="/tai-ve", kind="Document")) == "stays"
    scene.page.take("Page.frameRequestedNavigation", announced("/la", "anchorClick", disposition="download"))
    assert await scene.verdict(held(path="/la", kind="Document")) == "stays"
    scene.page.take("Page.frameRequestedNavigation", announced("/khung", "anchorClick", frame=FRAME))
    assert await scene.verdict(held(path="/khung", kind="Document")) == "stays"


async def test_an_announcement_serves_once(scene: SimpleNamespace) -> None:
    scene.page.take("Page.frameRequestedNavigation", announced("/tiep", "anchorClick"))
    assert await scene.verdict(held(path="/tiep", kind="Document")) == "goes"
    assert await scene.verdict(held(path="/tiep", kind="Document")) == "stays"


async def test_where_we_go_ourselves_is_expected_however_it_is_written(scene: SimpleNamespace) -> None:
    scene.page.expect(f"{HOST}/thủ tục?mã=1#đầu")
    assert await scene.verdict(held(path="/th%E1%BB%A7%20t%E1%BB%A5c?m%C3%A3=1", kind="Document")) == "goes"
    scene.page.expect("no address")
    assert await scene.verdict(held(path="/no%20address", kind="Document")) == "stays"


async def test_a_link_that_the_browser_makes_secure_is_the_same_link(scene: SimpleNamespace) -> None:
    scene.page.expect("http://a.test/tiep")
    assert await scene.verdict(held(path="/tiep", kind="Document")) == "goes"


async def test_a_redirect_goes_on_but_not_to_another_method(scene: SimpleNamespace) -> None:
    again = {"redirectedRequestId": "0"}
    assert await scene.verdict(held(path="/b", kind="Document", **again)) == "goes"
    assert await scene.verdict(held("POST", "/b", kind="Document", **again)) == "stays"


async def test_an_address_that_must_not_be_visited_stays_and_is_no_submission(scene: SimpleNamespace) -> None:
    async def may_visit(url: str) -> bool:
        return "sso" not in url

    scene.page.may_visit = may_visit
    for path in ("/sso/x", "/form"):
        scene.page.expect(f"{HOST}{path}")
    assert await scene.verdict(held(path="/sso/x", kind="Document")) == "stays"
    assert await scene.verdict(held(path="/form", kind="Document")) == "goes"
    assert scene.page.stopped == []


async def test_nothing_at_all_goes_once_the_gate_is_shut(scene: SimpleNamespace) -> None:
    scene.page.allowed_posts = ["*"]
    scene.page.expect(f"{HOST}/tep")
    scene.page.shut()
    assert scene.line.is_shut
    for event in (held(), held("POST"), held(kind="Document"), held(kind="Image"), held(redirectedRequestId="0")):
        assert await scene.verdict(event) == "stays"


async def test_what_waits_for_its_announcement_stays_when_the_gate_is_shut_meanwhile(
    scene: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for_announcements(monkeypatch, 60.0)
    verdict = asyncio.ensure_future(scene.verdict(held(path="/tiep", kind="Document")))
    await asyncio.sleep(0)
    scene.page.shut()
    scene.page.expect(f"{HOST}/tiep")
    assert await verdict == "stays"


async def test_a_stalled_page_gets_no_verdict_until_it_is_shut(scene: SimpleNamespace) -> None:
    scene.page.stall()
    verdict = asyncio.ensure_future(scene.verdict(held()))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not verdict.done()
    scene.page.shut()
    assert await verdict == "stays"


async def test_only_what_asks_for_no_body_is_answered_in_the_place_of_the_portal(scene: SimpleNamespace) -> None:
    scene.page.stand_in()
    scene.page.shut()
    assert await scene.verdict(held("HEAD")) == "answered"
    assert await scene.verdict(held("GET")) == "stays"


async def test_a_page_that_is_gone_asks_for_nothing_more(scene: SimpleNamespace) -> None:
    scene.gates.dismiss(scene.page)
    assert await scene.verdict(held()) == "stays"


async def test_a_page_that_announces_without_end_is_not_remembered_without_end(
    scene: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_gate, "MOST_ANNOUNCED", 3)
    monkeypatch.setattr(page_gate, "MOST_FRAMES", 5)
    for number in range(10):
        scene.page.take("Page.frameRequestedNavigation", announced(f"/{number}", "anchorClick"))
        scene.page.take("Page.frameAttached", {"frameId": str(number)})
    assert await scene.verdict(held(path="/2", kind="Document")) == "goes"
    assert await scene.verdict(held(path="/9", kind="Document")) == "stays"
    assert await scene.verdict(held(frame="9")) == "stays"
