"""One exchange against servers that are slow, hostile or dead at every step: the phases, the causes, and nothing left behind."""

import asyncio
import errno
import ipaddress
import json
import socket
import ssl
import threading
import time
from contextlib import asynccontextmanager, suppress

import pytest
from ada_url import URL
from aiohttp import web

from probes.net import client as client_module
from probes.net import connecting, destination
from probes.net.addresses import Reach
from probes.net.arrival import Received
from probes.net.client import FetchOptions, HttpClient
from probes.net.fault import ExchangeError
from probes.net.handshake_limiter import HandshakeLimiter
from probes.net.stopwatch import ExchangeStep, Stopwatch
from probes.net.stream import MOST_SILENT_BYTES, TlsStream
from thuocdo.core.model import Reason

HOST = "portal.thuocdo.test"
WISH = FetchOptions(kept_bytes=1000)
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.fixture(scope="module")
def server_tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
async def client(ca_file):
    opened = HttpClient(
        hosts={HOST: "127.0.0.1", "other.test": "127.0.0.1", "six.test": "::1"},
        ca_file=ca_file,
        user_agent="ThuocDo/test",
    )
    yield opened
    await opened.close()


@asynccontextmanager
async def serving(handle, *, tls=None, host="127.0.0.1"):
    """Serve each connection with handle(reader, writer); yields the port."""

    async def kind(reader, writer):
        try:
            await handle(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(kind, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def saying(*pieces):
    """Answer a request with these bytes, one write each; a number is a pause in seconds."""

    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            if isinstance(piece, bytes):
                writer.write(piece)
                await writer.drain()
            else:
                await asyncio.sleep(piece)

    return handle


async def fault(client, url, wish=WISH):
    watch = Stopwatch()
    with pytest.raises(ExchangeError) as caught:
        async with asyncio.timeout(60):
            await client.get(url, wish, watch)
    return caught.value, watch


async def test_an_exchange_over_tls_tells_all_phases_and_what_was_agreed_on(client, server_tls):
    async with serving(saying(PLAIN), tls=server_tls) as port:
        watch = Stopwatch()
        answer = await client.get(f"https://{HOST}:{port}/", WISH, watch)
    assert (answer.status, answer.body_head, watch.status) == (200, b"hello", 200)
    assert set(watch.phases()) == {
        *("resolve_seconds", "queue_seconds", "connect_seconds", "tls_seconds"),
        *("processing_seconds", "processing_raw_seconds", "transfer_seconds", "late_seconds"),
    }
    assert all(seconds >= 0 for seconds in watch.phases().values())
    assert watch.tls.version == "TLSv1.3"
    assert watch.tls.chain.expires_at <= watch.tls.chain.leaf_expires_at


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_injected_delays_show_in_their_own_phases(client, authority, version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    authority.issue_cert(HOST).configure_cert(context)
    head, body = PLAIN[:-5], PLAIN[-5:]
    async with serving(saying(0.2, head, 0.1, body), tls=context) as port:
        watch = Stopwatch()
        await client.get(f"https://{HOST}:{port}/", WISH, watch)
    assert watch.processing_seconds > 0.19
    assert watch.transfer_seconds > 0.09


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="only Linux stamps packets")
async def test_a_late_loop_does_not_lengthen_a_phase(client, server_tls):
    loop, asked, blocked = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def serve(listener):
        """Answer from a thread, and only once the loop is blocked: the answer lies in the kernel until the loop goes on."""
        connection, _ = listener.accept()
        with server_tls.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)
            loop.call_soon_threadsafe(asked.set)
            blocked.wait(20)
            secured.sendall(PLAIN)
            with suppress(OSError):
                secured.recv(65536)  # until the client goes

    async def block():
        await asked.wait()
        blocked.set()
        time.sleep(0.3)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = asyncio.create_task(asyncio.to_thread(serve, listener))
        watch = Stopwatch()
        await asyncio.gather(client.get(f"https://{HOST}:{listener.getsockname()[1]}/", WISH, watch), block())
        await served
    assert watch.late_seconds > 0.1
    assert watch.processing_seconds <= watch.processing_raw_seconds - 0.1


async def test_plain_http_has_no_tls_phases(client):
    async with serving(saying(PLAIN)) as port:
        watch = Stopwatch()
        await client.get(f"http://{HOST}:{port}/", WISH, watch)
    assert watch.tls is None
    assert {"tls_seconds", "queue_seconds"}.isdisjoint(watch.phases())
    assert watch.processing_seconds <= watch.processing_raw_seconds


async def test_the_request_is_what_was_asked_for(client):
    requests = []

    async def handle(reader, writer):
        requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(PLAIN)

    async with serving(handle) as port:
        await client.get(f"http://{HOST}:{port}/tra cứu?q=hồ sơ#part", WISH, Stopwatch())
    first, *headers = requests[0].split("\r\n")
    assert first == "GET /tra%20c%E1%BB%A9u?q=h%E1%BB%93%20s%C6%A1 HTTP/1.1"
    assert f"Host: {HOST}:{port}" in headers
    assert "User-Agent: ThuocDo/test" in headers
    assert "Accept-Encoding: gzip" in headers
    assert "Connection: close" in headers


async def test_only_http_1_1_is_offered(client, authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"])
    authority.issue_cert(HOST).configure_cert(context)
    async with serving(saying(PLAIN), tls=context) as port:
        watch = Stopwatch()
        await client.get(f"https://{HOST}:{port}/", WISH, watch)
    assert watch.tls.alpn == "http/1.1"


async def test_ipv6_is_spoken_where_it_is_asked_for(client, authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("six.test", "::1").configure_cert(context)
    async with serving(saying(PLAIN), tls=context, host="::1") as port:
        for url in (f"https://six.test:{port}/", f"https://[::1]:{port}/"):
            watch = Stopwatch()
            await client.get(url, FetchOptions(ip_version=6, kept_bytes=10), watch)
            assert watch.address == "::1"
        error, _ = await fault(client, f"https://six.test:{port}/")
    assert error.reason is Reason.DNS_FAILURE


async def test_a_redirect_to_another_host_is_resolved_anew_and_each_hop_timed(client):
    async with serving(saying(PLAIN)) as second:
        location = f"HTTP/1.1 302 Found\r\nLocation: http://other.test:{second}/x\r\nContent-Length: 0\r\n\r\n".encode()
        async with serving(saying(location)) as first:
            hops = []
            answer = await client.follow(f"http://{HOST}:{first}/", WISH, hops)
    assert answer.url == f"http://other.test:{second}/x"
    assert [(hop.host, hop.status) for hop in hops] == [(HOST, 302), ("other.test", 200)]
    assert all(hop.resolve_seconds is not None and hop.processing_seconds is not None for hop in hops)


@pytest.mark.parametrize(
    "location", ["http://", "ftp://a.test/", "http://a.test:99999/", "//[::1/", "http://" + "a" * 20000, "javascript:x"]
)
async def test_a_redirect_to_nowhere_is_an_http_error(client, location):
    wire = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    async with serving(saying(wire)) as port:
        with pytest.raises(ExchangeError) as caught:
            await client.follow(f"http://{HOST}:{port}/", WISH, [])
    assert caught.value.reason is Reason.HTTP_ERROR


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize(
    ("pieces", "detail"),
    [
        ((), "without a complete answer"),
        ((PLAIN[:9],), "without a complete answer"),
        ((PLAIN[:-2],), "without a complete answer"),
        ((b"SSH-2.0-x\r\n",), "no valid HTTP answer"),
        ((b"\xff" * 100,), "no valid HTTP answer"),
        ((b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 300_000 + b"\r\n"), "no valid HTTP answer"),
        ((b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 60_000), "no valid HTTP answer"),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",), "no valid HTTP answer"),
    ],
)
async def test_a_server_that_breaks_off_or_talks_nonsense_is_an_http_error(client, server_tls, secure, pieces, detail):
    async with serving(saying(*pieces), tls=server_tls if secure else None) as port:
        error, watch = await fault(client, f"http{'s' * secure}://{HOST}:{port}/")
    assert error.reason is Reason.HTTP_ERROR
    assert detail in error.detail
    assert watch.step is ExchangeStep.ANSWER


async def test_a_reset_before_the_answer_is_an_http_error(client):
    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    async with serving(handle) as port:
        error, _ = await fault(client, f"http://{HOST}:{port}/")
    assert error.reason is Reason.HTTP_ERROR


@pytest.mark.parametrize(
    "greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x16\x03\x03\x00\x05hello", b"\x15\x03\x03\0\2\2\x28"]
)
async def test_a_server_that_breaks_off_the_handshake_is_a_tls_error(client, greeting):
    async def handle(reader, writer):
        await reader.read(100)
        writer.write(greeting)

    async with serving(handle) as port:
        error, watch = await fault(client, f"https://{HOST}:{port}/")
    assert error.reason is Reason.TLS_ERROR
    assert (watch.step, watch.connect_seconds is None, watch.tls_seconds) == (ExchangeStep.TLS, False, None)


async def test_a_certificate_that_is_refused_is_told_to_the_server(client, server_tls):
    async with serving(saying(PLAIN), tls=server_tls) as port:
        error, _ = await fault(client, f"https://other.test:{port}/")
    assert error.reason is Reason.CERTIFICATE_INVALID
    assert "other.test" in error.detail


async def test_session_tickets_are_no_part_of_the_answer(client, server_tls):
    server_tls.num_tickets = 5
    async with serving(saying(0.1, PLAIN), tls=server_tls) as port:
        watch = Stopwatch()
        answer = await client.get(f"https://{HOST}:{port}/", WISH, watch)
    assert answer.body_head == b"hello"
    assert watch.processing_seconds > 0.09


@pytest.mark.parametrize("secure", [False, True])
async def test_a_long_answer_in_many_packets_comes_out_whole(client, server_tls, secure):
    body = bytes(range(256)) * 8192
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    async with serving(saying(head, body), tls=server_tls if secure else None) as port:
        answer = await client.get(
            f"http{'s' * secure}://{HOST}:{port}/", FetchOptions(kept_bytes=len(body)), Stopwatch()
        )
    assert answer.body_head == body


@asynccontextmanager
async def deaf():
    """A TLS port that accepts and never says a word."""

    async def handle(reader, writer):
        await reader.read(1 << 20)
        await asyncio.sleep(30)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_peers_that_hang_in_the_handshake_do_not_hold_up_the_others(client, server_tls):
    async with deaf() as hanging, serving(saying(PLAIN), tls=server_tls) as port:
        stuck = [asyncio.create_task(client.get(f"https://{HOST}:{hanging}/", WISH, Stopwatch())) for _ in range(20)]
        async with asyncio.timeout(60):
            answers = await asyncio.gather(
                *(client.get(f"https://{HOST}:{port}/", WISH, Stopwatch()) for _ in range(20))
            )
        assert all(answer.status == 200 for answer in answers)
        assert not any(task.done() for task in stuck)
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)


async def test_waiting_at_the_gate_is_told_apart_and_counts_for_no_phase(client, server_tls):
    client._gate = HandshakeLimiter(most=1, lent_seconds=1.0)
    async with deaf() as hanging, serving(saying(PLAIN), tls=server_tls) as port:
        stuck = asyncio.create_task(client.get(f"https://{HOST}:{hanging}/", WISH, Stopwatch()))
        while not client._gate._lent:
            await asyncio.sleep(0.001)
        watch = Stopwatch()
        await client.get(f"https://{HOST}:{port}/", WISH, watch)
        stuck.cancel()
    assert watch.queue_seconds > 0.5
    assert watch.connect_seconds + watch.tls_seconds < watch.queue_seconds


@pytest.mark.parametrize("way", ["answer", "error", "timeout", "cancel"])
async def test_the_place_at_the_gate_is_given_back_whatever_happens(client, server_tls, way):
    async def refuse(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    client._gate = HandshakeLimiter(most=1, lent_seconds=3600)
    async with deaf() as hanging, serving(saying(PLAIN), tls=server_tls) as good, serving(refuse) as plain:
        if way == "answer":
            await client.get(f"https://{HOST}:{good}/", WISH, Stopwatch())
        elif way == "error":
            await fault(client, f"https://{HOST}:{plain}/")
        elif way == "timeout":
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await client.get(f"https://{HOST}:{hanging}/", WISH, Stopwatch())
        else:
            task = asyncio.create_task(client.get(f"https://{HOST}:{hanging}/", WISH, Stopwatch()))
            while not client._gate._lent:
                await asyncio.sleep(0.001)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        async with asyncio.timeout(60):
            await client.get(f"https://{HOST}:{good}/", WISH, Stopwatch())


async def test_what_is_not_measured_goes_past_the_gate(client, server_tls):
    client._gate = HandshakeLimiter(most=1, lent_seconds=3600)
    await client._gate.enter()
    async with serving(saying(PLAIN), tls=server_tls) as port, asyncio.timeout(60):
        answer = await client.get(f"https://{HOST}:{port}/", FetchOptions(kept_bytes=5, gated=False), Stopwatch())
    assert answer.status == 200


async def test_sockets_are_closed_on_every_path(client, server_tls, monkeypatch):
    opened = []

    class Counted(connecting.Channel):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            opened.append(self)

    monkeypatch.setattr(connecting, "Channel", Counted)
    async with deaf() as hanging, serving(saying(PLAIN), tls=server_tls) as port, serving(saying(b"x" * 9)) as bad:
        await client.get(f"https://{HOST}:{port}/", WISH, Stopwatch())
        await fault(client, f"http://{HOST}:{bad}/")
        await fault(client, f"https://other.test:{port}/")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.get(f"https://{HOST}:{hanging}/", WISH, Stopwatch())
    assert len(opened) == 4
    assert all(channel._sock.fileno() == -1 for channel in opened)


async def test_a_web_server_as_it_is_met_in_the_wild_is_understood(client):
    async def chunked(request):
        answer = web.StreamResponse(headers={"Content-Type": "text/html"})
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        for part in ("Cổng ", "dịch vụ ", "công"):
            await answer.write(part.encode())
        return answer

    async def told(request):
        return web.json_response({"host": request.host})

    app = web.Application()
    app.router.add_get("/chunked", chunked)
    app.router.add_get("/json", told)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        text = await client.get(f"http://{HOST}:{port}/chunked", WISH, Stopwatch())
        host = await client.get(f"http://{HOST}:{port}/json", WISH, Stopwatch())
    finally:
        await runner.cleanup()
    assert text.body_head.decode() == "Cổng dịch vụ công"
    assert json.loads(host.body_head) == {"host": f"{HOST}:{port}"}


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize(
    ("begin", "piece", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * 12000, Reason.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;", b"x" * 65536, Reason.HTTP_ERROR),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2000, Reason.HTTP_ERROR),
    ],
)
async def test_a_server_that_never_stops_sending_is_stopped_listening_to(
    client, server_tls, secure, begin, piece, reason
):
    async with serving(saying(begin, *[piece] * 100), tls=server_tls if secure else None) as port:
        error, _ = await fault(client, f"http{'s' * secure}://{HOST}:{port}/")
    assert error.reason is reason


async def test_headers_without_end_in_redirects_without_end_come_to_an_end(client):
    head = b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n"
    async with serving(saying(head, *[b"X: " + b"y" * 60_000 + b"\r\n"] * 30)) as port:
        with pytest.raises(ExchangeError) as caught:
            await client.follow(f"http://{HOST}:{port}/", WISH, [])
    assert caught.value.reason is Reason.HTTP_ERROR
    assert "headers over" in caught.value.detail


async def test_an_answer_that_is_always_ready_still_ends_at_the_deadline(client):
    async with serving(saying(PLAIN[:-5], *[b"x"] * 3)) as port:
        with pytest.raises(TimeoutError):
            await client.get(f"http://{HOST}:{port}/", WISH, Stopwatch(), until=0.0)


async def test_a_handshake_without_end_ends_at_a_limit(client):
    async def handle(reader, writer):
        await reader.read(100)
        while True:  # a certificate message that claims 16 MB, in whole records
            writer.write(b"\x16\x03\x03\x40\x00" + (b"\x02\xff\xff\xff" + b"\0" * 16380))
            await writer.drain()

    async with serving(handle) as port:
        error, watch = await fault(client, f"https://{HOST}:{port}/")
    assert (error.reason, watch.step) == (Reason.TLS_ERROR, ExchangeStep.TLS)


@pytest.mark.parametrize(
    "record",
    [
        b"\x15\x03\x03\x00\x02\x01\x5a",  # a warning, again and again
        b"\x14\x03\x03\x00\x01\x01",  # change of cipher
        b"\x16\x03\x03\x00\x04\x00\x00\x00\x00",  # asks for another handshake
        b"\x16\x03\x03\x00\x00",  # empty
        b"\x17\x03\x03\x00\x00",
        b"\x80\x2e\x01\x00\x02",  # SSL 2
        b"\x18\x03\x03\x00\x03\x01\xff\xff",  # heartbeat
        b"\xff" * 7,
    ],
)
async def test_a_flood_of_records_in_the_handshake_is_a_tls_error(client, record):
    async def handle(reader, writer):
        await reader.read(100)
        while True:
            writer.write(record * 1000)
            await writer.drain()

    async with serving(handle) as port:
        error, _ = await fault(client, f"https://{HOST}:{port}/")
    assert error.reason is Reason.TLS_ERROR


@pytest.mark.parametrize("when", ["before the answer", "in the answer"])
async def test_garbage_in_the_middle_of_tls_is_told_as_such(client, server_tls, when):
    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        if when == "in the answer":
            writer.write(PLAIN[:-5])
            await writer.drain()
        under = writer.transport._ssl_protocol._transport
        under.write(b"\x17\x03\x03\x00\x20" + b"\xff" * 32)

    async with serving(handle, tls=server_tls) as port:
        error, _ = await fault(client, f"https://{HOST}:{port}/")
    assert error.reason is Reason.TLS_ERROR


@pytest.mark.parametrize(
    "record", [b"\x17\x03\x03\x00\x20" + b"\xff" * 32, b"\x15\x03\x03\0\2\2\x28", b"HTTP/1.1 400 x\r\n\r\n"]
)
@pytest.mark.parametrize("missing", [0, 1])
async def test_garbage_behind_a_whole_answer_is_left_alone_over_tls_too(client, server_tls, record, missing):
    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        under = writer.transport._ssl_protocol._transport
        sent, under.write = [], lambda data: sent.append(bytes(data))
        writer.write(PLAIN[:-4])
        writer.write(PLAIN[-4 : len(PLAIN) - missing])
        first, *rest = sent
        del under.write
        under.write(first)
        await asyncio.sleep(0.05)  # the head comes first, then all the rest at once
        under.write(b"".join(rest) + record)

    async with serving(handle, tls=server_tls) as port:
        if missing:
            error, _ = await fault(client, f"https://{HOST}:{port}/")
            assert error.reason in (Reason.TLS_ERROR, Reason.HTTP_ERROR)
        else:
            assert (await client.get(f"https://{HOST}:{port}/", WISH, Stopwatch())).body_head == b"hello"


async def test_tls_that_carries_nothing_ends_at_a_limit():
    """Key updates or tickets without end: OpenSSL takes them, and nothing comes out."""

    class Endless:
        async def receive(self, _most_bytes, *, at_once):
            return Received(b"x" * 32768, 0.0, 0.0)

    class Silent:
        def read(self, _most_bytes):
            raise ssl.SSLWantReadError

    stream = TlsStream(Endless(), ssl.create_default_context(), HOST)
    stream.tls = Silent()
    with pytest.raises(ExchangeError) as caught:
        await stream.more()
    assert caught.value.reason is Reason.TLS_ERROR
    assert stream.overhead_bytes <= MOST_SILENT_BYTES + 32768


@pytest.mark.parametrize("location", ["http://u:secret@other.test:{port}/x", "//u:secret@other.test:{port}/x"])
async def test_a_password_in_a_redirect_is_kept_nowhere(client, location):
    asked = []

    async def handle(reader, writer):
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(PLAIN)

    async with serving(handle) as second:
        wire = f"HTTP/1.1 302 Found\r\nLocation: {location.format(port=second)}\r\nContent-Length: 0\r\n\r\n".encode()
        async with serving(saying(wire)) as first:
            hops = []
            answer = await client.follow(f"http://{HOST}:{first}/", WISH, hops)
    assert answer.url == f"http://other.test:{second}/x"
    assert b"secret" not in asked[0]
    assert [hop.host for hop in hops] == [HOST, "other.test"]


async def test_a_redirect_to_this_machine_is_not_asked_and_nothing_of_it_is_kept(client):
    asked = []

    async def handle(reader, writer):
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(PLAIN)

    hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "127.0.0.1.",
        "localhost",
    ]
    async with serving(handle) as inside:
        for host in [*hosts, "１２７.0.0.1", "127。0。0。1", "u:p@127.0.0.1"]:
            wire = f"HTTP/1.1 302 Found\r\nLocation: http://{host}:{inside}/in\r\nContent-Length: 0\r\n\r\n".encode()
            async with serving(saying(wire)) as first:
                hops = []
                with pytest.raises(ExchangeError) as caught:
                    await client.follow(f"http://{HOST}:{first}/", WISH, hops)
            assert asked == []
            assert (caught.value.reason, "inside" in caught.value.detail) == (Reason.HTTP_ERROR, True)
            assert host not in caught.value.detail
            assert [hop.host for hop in hops] == [HOST]


async def test_a_redirect_to_a_public_address_without_a_name_is_elsewhere_and_not_asked(client):
    wire = b"HTTP/1.1 302 Found\r\nLocation: http://8.8.8.8/\r\nContent-Length: 0\r\n\r\n"
    async with serving(saying(wire)) as first:
        with pytest.raises(ExchangeError) as caught:
            await client.follow(f"http://{HOST}:{first}/", WISH, [])
    assert caught.value.reason is Reason.REDIRECTED_ELSEWHERE


@pytest.mark.parametrize("host", ["8.8.8.8%.evil.test", "127.0.0.1%x", "127.0.0.1%25.evil.test", "a b.test"])
async def test_a_redirect_to_half_an_address_asks_neither_a_name_server_nor_anybody_else(client, host, monkeypatch):
    """The system's resolver would stop the loop, and may lead inside."""
    monkeypatch.setattr(client.resolver, "_map", None)
    wire = f"HTTP/1.1 302 Found\r\nLocation: http://{host}/\r\nContent-Length: 0\r\n\r\n".encode()
    async with serving(saying(wire)) as first:
        with pytest.raises(ExchangeError) as caught:
            await client.follow(f"http://127.0.0.1:{first}/", WISH, [])
    assert (caught.value.reason, "an address that is none" in caught.value.detail) == (Reason.HTTP_ERROR, True)


@pytest.mark.parametrize("before", ["//", "http://", "http://u:", "\t/\t/", "  //"])
async def test_what_takes_time_with_the_square_of_its_length_is_not_begun(client, before, monkeypatch):
    """Accents out of order are put in order one by one."""
    read = []
    monkeypatch.setattr(destination, "URL", lambda url, base: read.append(url) or URL(url, base=base))
    for marks in (500, 7000, 30_000):
        location = f"{before}a{chr(0x301) + chr(0x316)}" + "\u0301\u0316" * (marks // 2) + ".vn/"
        wire = b"HTTP/1.1 302 Found\r\nLocation: " + location.encode()[:60_000] + b"\r\nContent-Length: 0\r\n\r\n"
        async with serving(saying(wire)) as first:
            with pytest.raises(ExchangeError):
                await client.follow(f"http://{HOST}:{first}/", WISH, [])
    assert all(len(location) < 1100 for location in read)


async def test_a_target_by_address_may_be_redirected_to_itself(client):
    async with serving(saying(PLAIN)) as second:
        wire = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{second}/\r\nContent-Length: 0\r\n\r\n".encode()
        async with serving(saying(wire)) as first:
            answer = await client.follow(f"http://127.0.0.1:{first}/", WISH, [])
    assert answer.status == 200


def chained(ways):
    """Answer each path with what it says, or with a page; asked: the heads of the requests."""
    asked = []

    async def handle(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        asked.append(head)
        writer.write(ways.get(head.split()[1], PLAIN))
        await writer.drain()
        if "hang" in head.split()[1]:
            await asyncio.sleep(30)

    return handle, asked


def cookie_of(head):
    return next((line.removeprefix("Cookie: ") for line in head.split("\r\n") if line.startswith("Cookie: ")), "")


async def test_a_cookie_of_a_chain_goes_along_it_and_is_forgotten_with_it(client):
    handle, asked = chained(
        {"/": b"HTTP/1.1 302 F\r\nSet-Cookie: a=1; path=/\r\nSet-Cookie: b=2\r\nLocation: /x\r\n\r\n"}
    )
    async with serving(handle) as port:
        for _ in range(2):
            await client.follow(f"http://{HOST}:{port}/", WISH, [])
        await client.get(f"http://{HOST}:{port}/x", WISH, Stopwatch())
    assert [cookie_of(head) for head in asked] == ["", "a=1; b=2", "", "a=1; b=2", ""]


async def test_a_cookie_of_a_chain_goes_to_no_other_host_and_comes_back_to_its_own(client):
    ways = {}
    handle, asked = chained(ways)
    async with serving(handle) as port:
        ways["/"] = f"HTTP/1.1 302 F\r\nSet-Cookie: a=1\r\nLocation: http://other.test:{port}/there\r\n\r\n".encode()
        ways["/there"] = f"HTTP/1.1 302 F\r\nSet-Cookie: b=2\r\nLocation: http://{HOST}:{port}/back\r\n\r\n".encode()
        await client.follow(f"http://{HOST}:{port}/", WISH, [])
    assert [cookie_of(head) for head in asked] == ["", "", "a=1"]


@pytest.mark.parametrize("length", [b"", b"Content-Length: 5000\r\n", b"Transfer-Encoding: chunked\r\n"])
@pytest.mark.parametrize("body", [b"", b"moved"])
async def test_of_a_redirect_only_the_head_is_waited_for(client, length, body):
    handle, _ = chained({"/hang": b"HTTP/1.1 302 F\r\nLocation: /x\r\n" + length + b"\r\n" + body})
    hops = []
    async with serving(handle) as port, asyncio.timeout(60):
        answer = await client.follow(f"http://{HOST}:{port}/hang", WISH, hops)
    assert (answer.status, answer.body_bytes, len(hops)) == (200, 5, 2)
    assert hops[0].transfer_seconds is not None


async def test_a_redirect_that_leads_nowhere_is_read_to_its_end(client):
    async with serving(saying(b"HTTP/1.1 302 F\r\nContent-Length: 5\r\n\r\n", b"hello")) as port:
        answer = await client.follow(f"http://{HOST}:{port}/", WISH, [])
    assert (answer.status, answer.body_head) == (302, b"hello")


@pytest.mark.parametrize(("redirects", "followed"), [(12, True), (20, True), (21, False)])
async def test_as_many_redirects_are_followed_as_browsers_follow(client, redirects, followed):
    ways = {f"/{at}": f"HTTP/1.1 302 F\r\nLocation: /{at + 1}\r\n\r\n".encode() for at in range(redirects)}
    handle, asked = chained(ways)
    async with serving(handle) as port:
        if followed:
            assert (await client.follow(f"http://{HOST}:{port}/0", WISH, [])).status == 200
        else:
            with pytest.raises(ExchangeError, match="more than 20 redirects"):
                await client.follow(f"http://{HOST}:{port}/0", WISH, [])
    assert len(asked) == min(redirects, 20) + 1


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (b"/caf\xe9", "/caf%E9"),
        (b"\\x\\y", "/x/y"),
        (b"/a\tb", "/ab"),
        (b"/%41?q=%20+", "/%41?q=%20+"),
    ],
)
async def test_a_redirect_is_asked_for_as_browsers_ask(client, location, path):
    handle, asked = chained({"/": b"HTTP/1.1 302 F\r\nLocation: " + location + b"\r\n\r\n"})
    async with serving(handle) as port:
        await client.follow(f"http://{HOST}:{port}/", WISH, [])
    assert asked[1].split()[1] == path


async def test_where_one_address_refuses_the_next_one_is_asked_and_that_is_told(name_server, ca_file):
    zone = {("two.test", "A"): [("two.test", "A", "127.0.0.2"), ("two.test", "A", "127.0.0.1")]}
    zone["dead.test", "A"] = [("dead.test", "A", "127.0.0.2"), ("dead.test", "A", "127.0.0.3")]
    reach = Reach(host="", networks=(ipaddress.ip_network("127.0.0.0/8"),))
    async with name_server(zone) as names, serving(saying(PLAIN)) as port:
        asker = HttpClient(hosts=None, ca_file=ca_file, user_agent="x", name_servers=[names.address])
        watch, dead = Stopwatch(), Stopwatch()
        await asker.get(f"http://two.test:{port}/", WISH, watch, reach=reach)
        with pytest.raises(ExchangeError) as caught:
            await asker.get(f"http://dead.test:{port}/", WISH, dead, reach=reach)
        await asker.close()
    assert (watch.address, watch.dead_addresses) == ("127.0.0.1", 1)
    assert caught.value.reason is Reason.CONNECTION_REFUSED
    assert (dead.address, dead.connect_seconds) == ("127.0.0.3", None)


@pytest.mark.parametrize(("scheme", "reason"), [("http", Reason.HTTP_ERROR), ("https", Reason.TLS_ERROR)])
async def test_who_takes_a_connection_and_drops_it_at_once_has_refused_none(client, scheme, reason, monkeypatch):
    async def dropped(*_):
        raise ConnectionResetError(errno.ECONNRESET, "reset")

    monkeypatch.setattr(client_module.Channel, "connect", dropped)
    error, _ = await fault(client, f"{scheme}://{HOST}:1234/")
    assert error.reason is reason
