"""Whether certificates are judged rightly here: what reference pages say of our clock and our authorities."""

import asyncio
import ssl
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import structlog
import trustme

from probes.net import connectivity as connectivity_module
from probes.net.certificates import Chain, Tls, refusal
from probes.net.client import FetchOptions, HttpClient
from probes.net.connectivity import Connectivity
from probes.net.fault import ExchangeError, FlawedCertificateError
from probes.net.stopwatch import Stopwatch
from probes.net.trust import Trust, refused_pages
from thuocdo.core import clock
from thuocdo.core.model import Reason

HOSTS = dict.fromkeys(("ref.test", "other.test"), "127.0.0.1")
EXPIRED = "certificate refused: certificate has expired"


@asynccontextmanager
async def reference(*, tls=None, host="ref.test", ahead=timedelta(), age=""):
    """Serve a reference page whose clock is ahead of this one; yields its address."""

    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        date = format_datetime(clock.now() + ahead, usegmt=True)
        aged = f"Age: {age}\r\n" if age else ""
        writer.write(f"HTTP/1.1 204 No Content\r\nDate: {date}\r\n{aged}Connection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield f"http{'s' if tls else ''}://{host}:{server.sockets[0].getsockname()[1]}/"


def tls_of(authority, *, days=90):
    """Return a server's context with a certificate that runs out in so many days."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS, not_after=datetime.now(UTC) + timedelta(days=days)).configure_cert(context)
    return context


@pytest.fixture
def server_tls(authority):
    return tls_of(authority)


@asynccontextmanager
async def line(ca_file, *urls, folder=None):
    client = HttpClient(hosts=HOSTS, ca_file=ca_file, user_agent="x")
    try:
        yield Connectivity(client, urls, trust=Trust(folder))
    finally:
        await client.close()


async def trusts(ca_file, *urls):
    async with line(ca_file, *urls) as connectivity:
        return await connectivity.is_trusting()


async def test_certificates_are_judged_wrongly_where_those_of_all_reference_pages_are_refused(server_tls, ca_file):
    async with reference(tls=server_tls) as secure, reference() as plain:
        assert await trusts(ca_file, secure)
        assert await trusts(ca_file, secure, plain)
        assert not await trusts(None, secure)
        assert not await trusts(None, secure, plain)
        assert await trusts(None, plain)
    assert await trusts(None)


async def test_one_reference_page_whose_certificate_ran_out_excuses_no_portal(authority, ca_file):
    expired = tls_of(authority, days=-1)
    async with AsyncExitStack() as stack:
        page, again, other = [
            await stack.enter_async_context(reference(tls=expired, host=host))
            for host in ("ref.test", "ref.test", "other.test")
        ]
        plain = await stack.enter_async_context(reference())
        good = await stack.enter_async_context(reference(tls=tls_of(authority)))
        assert await trusts(ca_file, page)
        assert await trusts(ca_file, page, plain)
        assert await trusts(ca_file, page, again), "two addresses of one host have one certificate"
        assert not await trusts(ca_file, page, other), "that two ran out at once is our clock's doing"
        assert await trusts(ca_file, page, other, good)
        unknown = await stack.enter_async_context(reference(tls=tls_of(trustme.CA())))
        assert not await trusts(ca_file, page, unknown)


async def test_a_certificate_that_ran_out_is_told_apart_from_one_that_nobody_known_issued(authority, ca_file):
    client = HttpClient(hosts=HOSTS, ca_file=ca_file, user_agent="x")
    for context, is_flawed in ((tls_of(authority, days=-1), True), (tls_of(trustme.CA()), False)):
        async with reference(tls=context) as page:
            with pytest.raises(ExchangeError) as caught:
                await client.get(page, FetchOptions(), Stopwatch())
        assert caught.value.reason is Reason.CERTIFICATE_INVALID
        assert isinstance(caught.value, FlawedCertificateError) is is_flawed
    await client.close()


@pytest.mark.parametrize(
    ("ahead", "is_right"),
    [(timedelta(), True), (timedelta(hours=3), True), (timedelta(days=400), False), (timedelta(days=-2), False)],
)
async def test_certificates_are_judged_wrongly_by_a_clock_of_another_day(ahead, is_right):
    async with reference(ahead=ahead) as plain, reference() as other:
        assert await trusts(None, plain) is is_right
        assert await trusts(None, plain, other)


@pytest.mark.parametrize(
    ("days", "age", "is_right"),
    [
        (-5, 5 * 86400, True),  # a cache that kept the Date of what it holds
        (0, 5 * 86400, True),  # one that gives its own
        (-5, 86400, False),
        (5, 86400, False),
        (-5, "4e5", False),
        (-5, "-432000", False),
        (-5, "9" * 5000, True),
        (-5, "432000, 432000", True),
    ],
)
async def test_what_a_cache_holds_is_older_than_now_by_its_age(days, age, is_right):
    async with reference(ahead=timedelta(days=days), age=str(age)) as cached:
        assert await trusts(None, cached) is is_right


async def test_a_refused_reference_page_is_told_once_and_stands_in_the_folder_until_it_is_trusted_again(
    authority, ca_file, tmp_path, monkeypatch
):
    monkeypatch.setattr(connectivity_module, "FRESH_SECONDS", 0.0)
    folder, context = tmp_path / "reference-pages", tls_of(authority, days=-1)
    async with reference(tls=context) as page, line(ca_file, page, folder=folder) as connectivity:
        with structlog.testing.capture_logs() as told:
            before = clock.now()
            assert await connectivity.is_up(), "the page itself answers, so the line is up"
            assert await connectivity.is_up()
            (found,) = refused_pages(folder)
            assert (found.url, found.detail) == (page, EXPIRED)
            assert before <= found.since <= clock.now()
        assert [(entry["log_level"], entry["reference_url"], entry["cause"]) for entry in told] == [
            ("warning", page, EXPIRED)
        ]
        authority.issue_cert(*HOSTS).configure_cert(context)
        assert await connectivity.is_up()
        assert refused_pages(folder) == ()


async def test_what_another_process_told_of_a_page_is_taken_back_by_who_trusts_it(server_tls, ca_file, tmp_path):
    async with reference(tls=server_tls) as page:
        async with line(None, page, folder=tmp_path) as connectivity:
            assert not await connectivity.is_up()
        assert len(refused_pages(tmp_path)) == 1
        async with line(ca_file, page, folder=tmp_path) as connectivity:
            assert await connectivity.is_up()
        assert refused_pages(tmp_path) == ()


async def test_a_folder_that_cannot_be_used_changes_no_verdict(server_tls, tmp_path):
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "below"
    async with reference(tls=server_tls) as page, line(None, page, folder=folder) as connectivity:
        assert not await connectivity.is_trusting()
    assert refused_pages(folder) == ()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"url": 5}', b"\xff" * 100_000])
def test_a_file_that_tells_nothing_is_passed_over(tmp_path, content):
    (tmp_path / "x.json").write_bytes(content)
    assert refused_pages(tmp_path) == ()


@pytest.mark.parametrize(("signs", "is_named"), [(False, True), (True, False)])
def test_what_only_browsers_refuse_in_a_certificate_is_its_own_flaw(signs, is_named):
    chain = Chain(expires_at=0, leaf_expires_at=0, subject="a", issuer="b", signs=signs, is_named=is_named)
    assert isinstance(refusal(Tls(version="TLSv1.3", cipher="TLS_X", alpn="", chain=chain)), FlawedCertificateError)
