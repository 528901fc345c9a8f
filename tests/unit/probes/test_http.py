"""The HTTP probe against real local servers."""

import asyncio
import gzip
import json
import socket
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trustme
from aiohttp import web

from probes import http
from probes.evidence import EvidencePolicy
from probes.net.client import HopResponse, HttpClient
from probes.net.handshake_limiter import HandshakeLimiter
from probes.tools import Tools
from thuocdo.core import clock
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, Job, Outcome, PageKind, Reason, Target, TargetRole
from thuocdo.core.profiles import PROFILES

HOST = "portal.thuocdo.test"
PAGE = (
    "<html><title>Cổng dịch vụ công</title><body>"
    + "<p>Thủ tục hành chính <a href='/x'>xem</a></p>" * 60
    + "</body></html>"
)


@asynccontextmanager
async def serving(handler, tls=None, host="127.0.0.1"):
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, host, 0, ssl_context=tls)
    await site.start()
    try:
        yield site._server.sockets[0].getsockname()[1]
    finally:
        await runner.cleanup()


def tls_for(authority, *names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


async def observe(url, *, ca_file=None, deadline_seconds=3.0, hosts=None, **target):
    fields = {"own_hosts": frozenset({HOST}), "elsewhere_hosts": frozenset({"other.thuocdo.test"})} | target
    job = Job(
        target=Target(
            id="p.home", role=TargetRole.HOMEPAGE, url=url, agency_id="a", portal_id="p", block=Block.PROVINCE, **fields
        ),
        kind="http",
        vantage_id="test",
        profile="desktop",
        scheduled_at=clock.now(),
        deadline_seconds=deadline_seconds,
    )
    known = {HOST: "127.0.0.1", "other.thuocdo.test": "127.0.0.1"} if hosts is None else hosts
    client = HttpClient(hosts=known, ca_file=ca_file, user_agent="ThuocDo/test")
    tools = Tools(
        http=client,
        robots=None,
        browser=None,
        evidence=None,
        evidence_policy=EvidencePolicy(0),
        journeys={},
        profiles=PROFILES,
        user_agent="",
        versions={},
    )
    try:
        return await http.probe(job, tools)
    finally:
        await client.close()


def page(text=PAGE, status=200, headers=None):
    async def handler(request):
        return web.Response(text=text, status=status, content_type="text/html", headers=headers)

    return handler


async def test_a_good_page_over_tls_gives_every_phase_and_the_certificate(authority, ca_file):
    async def slow(request):
        await asyncio.sleep(0.05)
        return web.Response(text=PAGE, content_type="text/html")

    async with serving(slow, tls_for(authority, HOST)) as port:
        seen = await observe(f"https://{HOST}:{port}/", ca_file=ca_file)
    assert (seen.outcome, seen.reason, seen.page_kind) == (Outcome.OK, None, PageKind.PORTAL)
    phases = {"resolve_seconds", "connect_seconds", "tls_seconds", "processing_seconds", "transfer_seconds"}
    assert phases <= set(seen.values)
    assert seen.values["processing_seconds"] >= 0.05
    assert sum(seen.values[name] for name in phases) <= seen.values["total_seconds"]
    assert seen.values["body_bytes"] == len(PAGE.encode())
    assert seen.values["certificate_expiry_seconds"] > clock.now().timestamp()
    assert seen.values["certificate_leaf_expiry_seconds"] >= seen.values["certificate_expiry_seconds"]
    assert seen.attributes["tls_version"].startswith("TLSv1")
    assert (seen.attributes["ip_version"], seen.attributes["address"]) == ("4", "127.0.0.1")
    assert "hops" not in seen.attributes
    assert "dns_questions" not in seen.attributes
    assert set(seen.values) <= {value.name for value in all_kinds()["http"].values}


async def test_phases_of_all_hops_are_summed_and_redirects_counted():
    async def handler(request):
        await asyncio.sleep(0.03)
        if request.path == "/":
            raise web.HTTPFound("/home")
        return web.Response(text=PAGE, content_type="text/html")

    async with serving(handler) as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert seen.outcome is Outcome.OK
    assert seen.values["redirects"] == 1
    assert seen.values["processing_seconds"] >= 0.06
    hops = json.loads(seen.attributes["hops"])
    assert [(hop["host"], hop["status"]) for hop in hops] == [(HOST, 302), (HOST, 200)]
    assert sum(hop["processing"] for hop in hops) == pytest.approx(seen.values["processing_seconds"] * 1000, abs=0.01)


@pytest.mark.parametrize(
    ("status", "reason", "kind"),
    [
        (500, Reason.HTTP_ERROR, PageKind.PORTAL),
        (404, Reason.HTTP_ERROR, PageKind.PORTAL),
        (403, Reason.BLOCKED, PageKind.BLOCKED),
        (429, Reason.BLOCKED, PageKind.BLOCKED),
    ],
)
async def test_status_decides_the_reason(status, reason, kind):
    async with serving(page(status=status, headers={"Retry-After": "7"})) as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert (seen.reason, seen.page_kind) == (reason, kind)
    assert seen.values["status_code"] == status
    assert (seen.attributes.get("retry_after") == "7") is (reason is Reason.BLOCKED)


async def test_a_missing_expected_text_is_a_content_mismatch():
    async with serving(page()) as port:
        seen = await observe(f"http://{HOST}:{port}/", expected_text="Tra cứu hồ sơ")
    assert seen.reason is Reason.CONTENT_MISMATCH


async def test_a_redirect_to_another_portal_is_inconclusive():
    async def handler(request):
        if request.host.startswith(HOST):
            raise web.HTTPFound(f"http://other.thuocdo.test:{request.url.port}/")
        return web.Response(text=PAGE, content_type="text/html")

    async with serving(handler) as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.REDIRECTED_ELSEWHERE)
    assert seen.page_kind is PageKind.REDIRECT


async def test_a_maintenance_page_is_told_from_an_error():
    text = "<title>Thông báo</title><p>Hệ thống đang bảo trì, vui lòng quay lại sau.</p>"
    async with serving(page(text, status=503)) as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert (seen.reason, seen.page_kind) == (Reason.MAINTENANCE_PAGE, PageKind.MAINTENANCE)


async def test_a_gzip_body_is_judged_by_its_text():
    async def handler(request):
        answer = web.Response(text=PAGE, content_type="text/html")
        answer.enable_compression(web.ContentCoding.gzip)
        return answer

    async with serving(handler) as port:
        seen = await observe(f"http://{HOST}:{port}/", expected_text="Thủ tục hành chính")
    assert seen.outcome is Outcome.OK
    assert seen.values["body_bytes"] < len(PAGE)


async def test_an_endless_body_is_too_large():
    async def handler(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * 262144)

    async with serving(handler) as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert (seen.outcome, seen.reason) == (Outcome.FAILED, Reason.TOO_LARGE)


async def test_endless_redirects_are_an_http_error():
    async def handler(request):
        raise web.HTTPFound("/again")

    async with serving(handler) as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert seen.reason is Reason.HTTP_ERROR
    assert "redirects" in seen.detail


async def test_an_unknown_host_is_a_dns_failure():
    seen = await observe("http://nowhere.thuocdo.test/")
    assert seen.reason is Reason.DNS_FAILURE


async def test_ipv6_is_measured_where_the_target_says_so_and_never_instead_of_ipv4():
    async with serving(page(), host="::1") as port:
        hosts = {HOST: "::1"}
        six = await observe(f"http://{HOST}:{port}/", hosts=hosts, ip_version=6)
        four = await observe(f"http://{HOST}:{port}/", hosts=hosts)
    assert six.outcome is Outcome.OK
    assert (six.attributes["ip_version"], six.attributes["address"]) == ("6", "::1")
    assert four.reason is Reason.DNS_FAILURE
    assert "IPv4" in four.detail


async def test_our_own_waiting_until_the_deadline_is_no_fault_of_the_portal(authority, ca_file, monkeypatch):
    async def wait_for_ever(gate):
        await asyncio.Event().wait()

    monkeypatch.setattr(HandshakeLimiter, "enter", wait_for_ever)
    async with serving(page(), tls_for(authority, HOST)) as port:
        seen = await observe(f"https://{HOST}:{port}/", ca_file=ca_file, deadline_seconds=0.2)
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.PROBER_SATURATED)


async def test_a_fault_after_a_redirect_tells_both_hops():
    async def handler(request):
        raise web.HTTPFound("http://gone.thuocdo.test/")

    async with serving(handler) as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert seen.reason is Reason.DNS_FAILURE
    assert [hop["host"] for hop in json.loads(seen.attributes["hops"])] == [HOST, "gone.thuocdo.test"]


async def test_a_refused_connection_is_failed():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        seen = await observe(f"http://{HOST}:{free.getsockname()[1]}/")
    assert (seen.outcome, seen.reason) == (Outcome.FAILED, Reason.CONNECTION_REFUSED)


async def test_a_listener_that_never_accepts_is_a_connect_timeout():
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        seen = await observe(f"http://{HOST}:{deaf.getsockname()[1]}/", deadline_seconds=0.5)
    assert seen.reason is Reason.CONNECT_TIMEOUT


async def test_silence_after_the_connection_is_a_timeout(authority, ca_file):
    async def never(request):
        await asyncio.sleep(1)

    async with serving(never, tls_for(authority, HOST)) as port:
        seen = await observe(f"https://{HOST}:{port}/", ca_file=ca_file, deadline_seconds=0.3)
    assert (seen.outcome, seen.reason) == (Outcome.FAILED, Reason.TIMEOUT)
    assert "tls_seconds" in seen.values


async def test_a_certificate_for_another_name_is_invalid(authority, ca_file):
    async with serving(page(), tls_for(authority, "wrong.thuocdo.test")) as port:
        seen = await observe(f"https://{HOST}:{port}/", ca_file=ca_file)
    assert seen.reason is Reason.CERTIFICATE_INVALID


async def test_a_certificates_fault_does_not_tell_which_host_a_redirect_named(authority, ca_file):
    name = "nguyen-van-an.thuocdo.test"
    async with serving(page(), tls_for(authority, "wrong.thuocdo.test")) as port:
        seen = await observe(f"https://{name}:{port}/", ca_file=ca_file, hosts={name: "127.0.0.1"})
    assert seen.reason is Reason.CERTIFICATE_INVALID
    assert "mismatch" in seen.detail
    assert "nguyen" not in repr(seen)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (f"*.{HOST}", f"*.{HOST}"),
        (HOST, HOST),
        ("nguyen-van-an.thuocdo.test", "….thuocdo.test"),
        ("Nguyễn Văn An", "…"),
        ("an.nguyen@thuocdo.test", "thuocdo.test"),
    ],
)
async def test_a_certificate_tells_the_host_it_was_made_out_to_and_no_person(authority, ca_file, name, told):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, common_name=name).configure_cert(context)
    async with serving(page(), context) as port:
        seen = await observe(f"https://{HOST}:{port}/", ca_file=ca_file)
    assert seen.attributes["certificate_subject"] == told


async def test_a_certificate_of_an_unknown_authority_is_invalid(authority):
    async with serving(page(), tls_for(authority, HOST)) as port:
        seen = await observe(f"https://{HOST}:{port}/")
    assert seen.reason is Reason.CERTIFICATE_INVALID


async def test_plain_text_on_a_tls_port_is_a_tls_error():
    async with serving(page()) as port:
        seen = await observe(f"https://{HOST}:{port}/")
    assert seen.reason is Reason.TLS_ERROR


async def test_a_connection_closed_without_an_answer_is_an_http_error():
    async def close(reader, writer):
        await reader.read(100)
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0)
    async with server:
        seen = await observe(f"http://{HOST}:{server.sockets[0].getsockname()[1]}/")
    assert seen.reason is Reason.HTTP_ERROR


@asynccontextmanager
async def answering(wire):
    """Serve these bytes to everybody; `{port}` in them is the server's own."""

    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        port = writer.get_extra_info("sockname")[1]
        writer.write(wire.replace(b"{port}", str(port).encode()))
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("charset", [b"idna", b"punycode", b"undefined", b"\xff\xfe", b"hex", b"x" * 60_000, b"utf-16"])
async def test_whatever_charset_is_named_the_verdict_is_on_what_the_server_answered(charset):
    body = PAGE.encode()
    head = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nContent-Type: text/html; charset=%b\r\n\r\n"
    for status, reason in ((200, None), (500, Reason.HTTP_ERROR)):
        async with answering(head % (status, len(body), charset) + body) as port:
            seen = await observe(f"http://{HOST}:{port}/")
        assert seen.reason is reason
        assert seen.values["status_code"] == status


@pytest.mark.parametrize(
    "wire",
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHuế, and more".encode(),
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHuếHTTP/1.1 403 No\r\n\r\n".encode(),
    ],
)
async def test_what_a_browser_shows_is_ok(wire):
    async with answering(wire) as port:
        assert (await observe(f"http://{HOST}:{port}/")).outcome is Outcome.OK


@pytest.mark.parametrize(
    "wire", [b"HTTP/1.1 204 No Content\r\n\r\nhello", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]
)
async def test_an_answer_that_shows_a_citizen_nothing_is_no_portal(wire):
    async with answering(wire) as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert seen.reason is Reason.CONTENT_MISMATCH


@pytest.mark.parametrize(
    "inside", [b"http://127.0.0.1:{port}/in", b"//127.0.0.1:{port}/in", b"http://localhost:{port}/in"]
)
async def test_a_redirect_to_the_inside_is_the_portals_failure_and_nothing_of_it_is_stored(inside):
    async with answering(b"HTTP/1.1 302 F\r\nLocation: " + inside + b"\r\nContent-Length: 0\r\n\r\n") as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert (seen.outcome, seen.reason) == (Outcome.FAILED, Reason.HTTP_ERROR)
    told = json.dumps([seen.detail, *seen.attributes.values()])
    assert "localhost" not in told
    assert "127.0.0.1" not in told.replace(seen.attributes["address"], "", 1)
    assert "hops" not in seen.attributes
    assert "status_code" not in seen.values
    assert "retry_after" not in seen.attributes


async def test_a_redirect_to_a_public_address_without_a_name_is_elsewhere():
    async with answering(b"HTTP/1.1 302 F\r\nLocation: http://8.8.8.8/\r\nContent-Length: 0\r\n\r\n") as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert (seen.reason, seen.page_kind) == (Reason.REDIRECTED_ELSEWHERE, PageKind.REDIRECT)
    assert "8.8.8.8" not in json.dumps([seen.detail, *seen.attributes.values()])


@pytest.mark.parametrize("wall", [b"403 No\r\nRetry-After: 99", b"429 No\r\nRetry-After: 99", b"200 OK"])
async def test_a_wall_at_another_host_says_nothing_of_the_registered_one(wall):
    body = b"<title>Just a moment...</title>"
    answer = b"HTTP/1.1 " + wall + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    async with answering(answer) as there:
        location = f"http://other.thuocdo.test:{there}/".encode()
        async with answering(b"HTTP/1.1 302 F\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n") as port:
            seen = await observe(f"http://{HOST}:{port}/")
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.REDIRECTED_ELSEWHERE)
    assert "retry_after" not in seen.attributes


async def test_a_password_in_a_redirect_is_stored_nowhere():
    async def handler(request):
        if request.path == "/":
            raise web.HTTPFound(f"http://u:secret@{request.host}/home#secret")
        return web.Response(text=PAGE, content_type="text/html")

    async with serving(handler) as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert seen.outcome is Outcome.OK
    assert seen.attributes["final_host"] == f"{HOST}:{port}"
    assert "secret" not in repr(seen)


async def test_headers_that_are_no_text_can_be_stored():
    async with answering(b"HTTP/1.1 403 No\r\nRetry-After: \xff\xfe\r\nContent-Length: 0\r\n\r\n") as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert seen.reason is Reason.BLOCKED
    repr(seen).encode()
    seen.detail.encode()
    seen.attributes["retry_after"].encode()


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (b"204 No Content\r\n\r\nhello", 204),
        (b"205 Reset\r\nContent-Length: 0\r\n\r\n", 205),
        (b"200 OK\r\nContent-Length: 0\r\n\r\n", 200),
        (b"200 OK\r\nContent-Length: 4\r\n\r\n \r\n\t", 200),
        (b"200 OK\r\nContent-Length: 0\r\nContent-Encoding: gzip\r\n\r\n", 200),
        (b"200 OK\r\n\r\n", 200),
    ],
)
async def test_an_answer_without_a_page_is_said_to_be_one(wire, status):
    async with answering(b"HTTP/1.1 " + wire) as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert (seen.outcome, seen.reason) == (Outcome.FAILED, Reason.CONTENT_MISMATCH)
    assert seen.detail == "the document is empty"
    assert seen.values["status_code"] == status


async def test_a_version_that_nobody_has_is_no_page():
    async with answering(b"HTTP/1.1 304 Not Modified\r\n\r\n") as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert seen.reason is Reason.HTTP_ERROR
    assert "304" in seen.detail


@pytest.mark.parametrize("refresh", ["0; url=/dich", "2;/dich", "1, url=/dich"])
async def test_who_is_sent_on_by_a_header_is_not_judged_by_what_he_leaves(refresh):
    async with serving(page("<p>Đang chuyển</p>", headers={"Refresh": refresh})) as port:
        seen = await observe(f"http://{HOST}:{port}/", expected_text="Thủ tục hành chính")
    assert seen.outcome is Outcome.OK
    async with serving(page("<p>Đang chuyển</p>", headers={"Refresh": "300"})) as port:
        seen = await observe(f"http://{HOST}:{port}/", expected_text="Thủ tục hành chính")
    assert seen.reason is Reason.CONTENT_MISMATCH


@pytest.mark.parametrize(
    ("name", "value", "saved"),
    [
        ("Content-Disposition", "attachment; filename=a.html", True),
        ("Content-Disposition", "ATTACHMENT", True),
        ("Content-Disposition", "foo", True),
        ("Content-Disposition", "inline; filename=a.html", False),
        ("Content-Disposition", "filename=a.html", False),
        ("Content-Disposition", "", False),
        ("Content-Type", "application/octet-stream", True),
        ("Content-Type", "application/zip", True),
        ("Content-Type", "*/*", False),
        ("Content-Type", "", False),
    ],
)
async def test_what_browsers_save_is_no_page(name, value, saved):
    body = PAGE.encode()
    async with answering(
        f"HTTP/1.1 200 OK\r\n{name}: {value}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    ) as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert (seen.reason is Reason.CONTENT_MISMATCH) is saved
    assert ("download" in seen.detail) is saved


@pytest.mark.parametrize("media", ["text/plain", "text/plain; charset=utf-8"])
async def test_a_page_that_is_sent_as_plain_text_shows_its_source(media):
    for body, reason in ((PAGE, Reason.CONTENT_MISMATCH), ("Cổng dịch vụ công: a < b", None)):

        async def handler(_, body=body):
            return web.Response(body=body.encode(), headers={"Content-Type": media})

        async with serving(handler) as port:
            seen = await observe(f"http://{HOST}:{port}/", expected_text="" if reason else "a < b")
        assert seen.reason is reason


async def test_a_coding_that_only_browsers_know_is_theirs_over_tls(authority, ca_file):
    async def handler(request):
        return web.Response(body=PAGE.encode(), content_type="text/html", headers={"Content-Encoding": "zstd"})

    async with serving(handler, tls_for(authority, HOST)) as port:
        seen = await observe(f"https://{HOST}:{port}/", ca_file=ca_file)
    assert seen.reason is Reason.PROTOCOL_UNSUPPORTED
    assert "zstd" in seen.detail


@pytest.mark.parametrize(
    ("body", "coding", "reason"),
    [
        (PAGE.encode(), b"gzip", Reason.HTTP_ERROR),
        (PAGE.encode(), b"deflate", Reason.HTTP_ERROR),
        (gzip.compress(PAGE.encode()), b"gzip, gzip", Reason.HTTP_ERROR),
        (PAGE.encode(), b"br", Reason.HTTP_ERROR),
        (PAGE.encode(), b"utf-8", None),
        (gzip.compress(PAGE.encode())[:-9], b"gzip", None),
        (gzip.compress(PAGE[:50].encode()) + gzip.compress(PAGE[50:].encode()), b"x-gzip", None),
    ],
)
async def test_a_page_that_is_not_packed_as_it_says_is_told(body, coding, reason):
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (coding, len(body))
    async with answering(head + body) as port:
        seen = await observe(f"http://{HOST}:{port}/", expected_text="Thủ tục hành chính")
    assert seen.reason is reason
    assert ("packed as" in seen.detail) is (reason is not None)


@pytest.mark.parametrize(
    ("registered", "reached", "own"),
    [
        (HOST, f"{HOST}.", True),
        (HOST, f"www.{HOST}", True),
        (f"www.{HOST}", HOST, True),
        (f"www.{HOST}", f"{HOST}.", True),
        (HOST, f"www.www.{HOST}", False),
        (HOST, f"www1.{HOST}", False),
        (HOST, f"cong.{HOST}", False),
        (HOST, "thuocdo.test", False),
        (HOST, "www.other.thuocdo.test", False),
    ],
)
async def test_a_host_with_and_without_www_and_final_dot_is_the_portals_own(registered, reached, own):
    async def handler(request):
        if request.path == "/":
            raise web.HTTPFound(f"http://{reached}:{request.url.port}/home")
        return web.Response(text=PAGE, content_type="text/html")

    hosts = {name.rstrip("."): "127.0.0.1" for name in (registered, reached)}
    async with serving(handler) as port:
        seen = await observe(f"http://{registered}:{port}/", hosts=hosts, own_hosts=frozenset({registered}))
    assert seen.outcome is (Outcome.OK if own else Outcome.INCONCLUSIVE)
    assert seen.reason is (None if own else Reason.REDIRECTED_ELSEWHERE)


async def test_a_host_with_www_that_is_another_agencys_is_elsewhere():
    async def handler(request):
        if request.path == "/":
            raise web.HTTPFound(f"http://www.{HOST}:{request.url.port}/home")
        return web.Response(text=PAGE, content_type="text/html")

    hosts = {HOST: "127.0.0.1", f"www.{HOST}": "127.0.0.1"}
    async with serving(handler) as port:
        seen = await observe(f"http://{HOST}:{port}/", hosts=hosts, elsewhere_hosts=frozenset({f"www.{HOST}"}))
    assert seen.reason is Reason.REDIRECTED_ELSEWHERE


async def test_a_cookie_wall_is_passed_as_browsers_pass_it():
    async def handler(request):
        if "seen" in request.cookies:
            return web.Response(text=PAGE, content_type="text/html")
        answer = web.HTTPFound(request.path)
        answer.set_cookie("seen", "secret-of-one")
        raise answer

    async with serving(handler) as port:
        seen = await observe(f"http://{HOST}:{port}/")
    assert (seen.outcome, seen.values["redirects"]) == (Outcome.OK, 1)
    assert "secret-of-one" not in repr(seen)


def test_what_was_said_of_a_document_is_said_of_the_very_same_one_alone():
    target = Target(
        id="p.home", role=TargetRole.HOMEPAGE, url=f"http://{HOST}/", agency_id="a", portal_id="p", block=Block.PROVINCE
    )

    def answer(**changes):
        given = {
            "url": target.url,
            "status": 200,
            "version": "1.1",
            "headers": {},
            "body_head": b"<h1>a</h1>",
        } | changes
        return HopResponse(**given, body_bytes=len(given["body_head"]))

    first = http._document(target, answer())
    assert http._document(target, answer()) is first
    assert first.judgement.reason is None
    others = [
        answer(status=503),
        answer(body_head=b""),
        answer(headers={"Content-Type": "application/json"}),
        answer(headers={"CONTENT-ENCODING": "gzip"}),
        answer(headers={"Content-Disposition": "attachment"}),
        answer(url="http://other.test/"),
    ]
    assert None not in {http._document(target, other).judgement.reason for other in others}
    assert http._document(replace(target, expected_text="b"), answer()).judgement.reason is Reason.CONTENT_MISMATCH
    large = answer(body_head=b"<h1>a</h1>" + b" " * 20_000)
    assert http._document(target, large) is not http._document(target, large)


async def test_what_an_answer_tells_of_its_body_and_its_certificate(tmp_path):
    authority = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))

    async def page(_):
        headers = {"Content-Encoding": "gzip", "Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"}
        return web.Response(body=gzip.compress(PAGE.encode()), content_type="text/html", headers=headers)

    async with serving(page, tls_for(authority, HOST, "nguyen-van-an.name.vn", f"*.{HOST}")) as port:
        seen = await observe(f"https://{HOST}:{port}/", ca_file=ca_file)
    assert seen.values["unpacked_bytes"] == len(PAGE.encode()) > seen.values["body_bytes"]
    assert seen.values["last_modified_timestamp_seconds"] == 1445412480.0
    assert "body_framing" not in seen.attributes
    assert len(seen.attributes["certificate_fingerprint"]) == 64
    assert HOST in seen.attributes["certificate_names"].split(",")
    assert "nguyen" not in seen.attributes["certificate_names"]


async def test_redirects_count_though_the_last_address_refuses():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, and nobody listens

        async def away(_):
            raise web.HTTPFound(f"http://{HOST}:{closed.getsockname()[1]}/")

        async with serving(away) as port:
            seen = await observe(f"http://{HOST}:{port}/")
    assert (seen.reason, seen.values["redirects"]) == (Reason.CONNECTION_REFUSED, 1.0)
