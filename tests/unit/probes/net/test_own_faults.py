"""What goes wrong on this machine is never a portal's failure: want of files, no way out, name servers, clocks."""

import asyncio
import errno
import os
import resource
import socket
import time
from contextlib import contextmanager

import dns.rcode
import pytest

from probes.chromium.line import ConnectionFailure
from probes.chromium.line import _net_error as net_error_of
from probes.chromium.line_addresses import system_resolve
from probes.chromium.neterrors import reason_of
from probes.net import channel as channel_module
from probes.net import resolver as resolver_module
from probes.net.client import FetchOptions, HttpClient
from probes.net.connecting import connected
from probes.net.connectivity import Connectivity
from probes.net.destination import destination_of
from probes.net.fault import ExchangeError, NoRouteError
from probes.net.name_servers import WatchedFile
from probes.net.resolver import Resolver
from probes.net.stopwatch import Stopwatch
from thuocdo.core.model import Outcome, Reason

ZONE = {("a.test", "A"): [("a.test", "A", "127.0.0.1")], (".", "NS"): [("", "NS", "root.test.")]}


@contextmanager
def no_more_files():
    """Let this process open none; those that are open stay so."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def inconclusive_reason(client, url, **wish):
    with pytest.raises(ExchangeError) as caught:
        await client.get(url, FetchOptions(**wish), Stopwatch())
    assert caught.value.reason.outcome is Outcome.INCONCLUSIVE, caught.value.detail
    return caught.value.reason


@pytest.mark.parametrize("url", ["http://a.test/", "http://127.0.0.1:8009/"])
async def test_without_a_file_left_neither_name_nor_host_is_blamed(url, name_server):
    async with name_server(ZONE) as server:
        client = HttpClient(hosts=None, ca_file=None, user_agent="x", name_servers=[server.address])
        with no_more_files():
            assert await inconclusive_reason(client, url) is Reason.PROBER_SATURATED
        await client.close()


@pytest.mark.parametrize(
    ("error", "ip_version", "reason"),
    [
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"), 4, Reason.PROBER_SATURATED),
        (OSError(errno.ENOBUFS, "No buffer space available"), 4, Reason.PROBER_SATURATED),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"), 6, Reason.NO_CONNECTIVITY),
        (NoRouteError(errno.ENETUNREACH, "Network is unreachable"), 6, Reason.NO_CONNECTIVITY),
        (NoRouteError(errno.ENETUNREACH, "Network is unreachable"), 4, Reason.NO_CONNECTIVITY),
        (NoRouteError(errno.EACCES, "Permission denied"), 4, Reason.NO_CONNECTIVITY),
        (NoRouteError(errno.EINVAL, "Invalid argument"), 6, Reason.NO_CONNECTIVITY),
        (OSError(errno.EPERM, "Operation not permitted"), 4, Reason.NO_CONNECTIVITY),
        (OSError(errno.ENETDOWN, "Network is down"), 6, Reason.NO_CONNECTIVITY),
    ],
)
async def test_what_this_machine_cannot_connect_to_is_not_blamed(error, ip_version, reason, monkeypatch):
    async def refused(self, address):
        raise error

    monkeypatch.setattr(channel_module.Channel, "connect", refused)
    client = HttpClient(hosts=None, ca_file=None, user_agent="x")
    host = "127.0.0.1" if ip_version == 4 else "[::1]"
    assert await inconclusive_reason(client, f"http://{host}:8009/", ip_version=ip_version) is reason
    await client.close()


REFUSED_BY_US = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENETDOWN)


@pytest.mark.parametrize("code", [*REFUSED_BY_US, errno.ECONNREFUSED])
async def test_a_way_that_does_not_exist_is_known_before_anything_is_sent(code, monkeypatch):
    class Socket(socket.socket):
        def connect_ex(self, address):
            return code

    monkeypatch.setattr(channel_module.socket, "socket", Socket)
    channel = channel_module.Channel(socket.AF_INET, socket.SOCK_STREAM)
    with pytest.raises(OSError) as caught:
        await channel.connect(("127.0.0.1", 8009))
    assert isinstance(caught.value, NoRouteError) is (code in REFUSED_BY_US)
    assert caught.value.errno == code
    channel.close()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENETUNREACH, "this machine knows no way to IPv4 addresses"),
        (errno.EHOSTUNREACH, "this machine forbids the connection: No route to host"),
        (errno.EACCES, "this machine forbids the connection: Permission denied"),
        (errno.EPERM, "this machine forbids the connection: Operation not permitted"),
        (errno.ENETDOWN, "the network of this machine is down"),
    ],
)
async def test_what_this_machine_forbids_is_named(code, said, monkeypatch):
    async def refused(self, address):
        raise NoRouteError(code, os.strerror(code))

    monkeypatch.setattr(channel_module.Channel, "connect", refused)
    client = HttpClient(hosts=None, ca_file=None, user_agent="x")
    with pytest.raises(ExchangeError) as caught:
        await client.get("http://127.0.0.1:8009/", FetchOptions(), Stopwatch())
    assert (caught.value.reason, caught.value.detail) == (Reason.NO_CONNECTIVITY, said)
    await client.close()


@pytest.mark.parametrize("code", [errno.EACCES, errno.EHOSTUNREACH])
async def test_what_somebody_on_the_way_forbids_is_not_ours(code, monkeypatch):
    """A router of IPv6 that says "administratively prohibited" comes as EACCES, later."""

    async def refused(self, address):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(channel_module.Channel, "connect", refused)
    client = HttpClient(hosts=None, ca_file=None, user_agent="x")
    with pytest.raises(ExchangeError) as caught:
        await client.get("http://[::1]:8009/", FetchOptions(ip_version=6), Stopwatch())
    assert caught.value.reason is Reason.CONNECT_TIMEOUT
    await client.close()


@pytest.mark.parametrize("forbidden", ["127.0.0.2", "127.0.0.3"])
async def test_one_address_of_several_that_this_machine_forbids_may_be_the_one_that_citizens_reach(
    forbidden, monkeypatch
):
    async def refused(self, address):
        code = errno.EPERM if address[0] == forbidden else errno.ECONNREFUSED
        raise (NoRouteError if code == errno.EPERM else OSError)(code, os.strerror(code))

    monkeypatch.setattr(channel_module.Channel, "connect", refused)
    place = destination_of("http://a.test:8009/")
    with pytest.raises(ExchangeError) as caught:
        await connected(("127.0.0.2", "127.0.0.3"), place, 4, Stopwatch(), time.monotonic() + 5)
    assert caught.value.reason is Reason.NO_CONNECTIVITY


@pytest.mark.parametrize("code", [errno.EPERM, errno.EACCES, errno.ENETDOWN])
def test_a_browsers_host_is_not_blamed_for_what_this_machine_forbids(code):
    failure = ConnectionFailure(host="a.test", port=80, error=OSError(code, os.strerror(code)))
    assert failure.reason[0] is Reason.NO_CONNECTIVITY
    assert reason_of(net_error_of(failure.error).removeprefix("net::")) is Reason.NO_CONNECTIVITY


async def test_a_browsers_host_is_not_blamed_where_the_systems_resolver_can_open_nothing(monkeypatch):
    with no_more_files(), pytest.raises(OSError, match="Too many open files") as caught:
        await system_resolve("a.test")
    failure = ConnectionFailure(host="a.test", port=80, error=caught.value)
    assert failure.reason[0] is Reason.PROBER_SATURATED

    async def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    with pytest.raises(socket.gaierror):
        await system_resolve("a.test")


def test_a_file_that_could_not_be_opened_for_want_of_files_is_read_at_the_next_look(tmp_path):
    path = tmp_path / "resolv.conf"
    path.write_text("one")
    watched = WatchedFile(path, str)
    with no_more_files():
        assert watched.content() == ""
    assert watched.content() == "one"
    path.write_text("second")
    os.utime(path, (1, 1))
    with no_more_files():
        assert watched.content() == "one"
    assert watched.content() == "second"


async def test_name_servers_work_where_one_answers_for_the_root(name_server, monkeypatch):
    monkeypatch.setattr(resolver_module, "SERVER_SECONDS", 0.2)
    async with name_server(ZONE) as silent, name_server(ZONE) as good:
        silent.silent = True
        assert not await Resolver(None, [silent.address]).is_served()
        assert await Resolver(None, [silent.address, good.address]).is_served()
        good.rcode = dns.rcode.SERVFAIL
        assert not await Resolver(None, [silent.address, good.address]).is_served()
        good.rcode = dns.rcode.REFUSED
        assert await Resolver(None, [good.address]).is_served()
        assert (".", "NS", "udp") in good.asked
    assert not await Resolver(None, [good.address]).is_served()
    assert await Resolver({}).is_served()


@pytest.mark.parametrize("root", [dns.rcode.SERVFAIL, None])
async def test_name_servers_that_tell_nothing_of_the_root_work_where_they_answer_for_a_reference_page(
    root, name_server, monkeypatch
):
    monkeypatch.setattr(resolver_module, "SERVER_SECONDS", 0.2)
    async with name_server({**ZONE, ("ref.test", "A"): [("ref.test", "A", "127.0.0.1")]}) as server:
        server.rcodes = {".": root, "gone.test": dns.rcode.SERVFAIL}
        client = HttpClient(hosts=None, ca_file=None, user_agent="x", name_servers=[server.address])
        with pytest.raises(ExchangeError):
            await client.get("http://gone.test/", FetchOptions(), Stopwatch())
        assert not await Connectivity(client, ["http://gone.test/", "http://127.0.0.1/"]).is_served()
        assert await Connectivity(client, ["http://gone.test/", "http://ref.test:8009/"]).is_served()
        assert "127.0.0.1" not in {name for name, _, _ in server.asked}, "what is an address is asked nobody"
        await client.close()


async def test_names_that_were_answered_lately_are_asked_again_since_then_is_not_now(name_server, monkeypatch):
    monkeypatch.setattr(resolver_module, "SERVER_SECONDS", 0.2)
    hosts = [f"{letter}.test" for letter in "abcd"]
    async with name_server({(host, "A"): [(host, "A", "203.0.113.1")] for host in hosts}) as server:
        server.rcodes = {".": dns.rcode.SERVFAIL}
        resolver = Resolver(None, [server.address])
        assert not await resolver.is_served(), "nothing is known of it yet"
        for host in hosts:
            await resolver.resolve(host, 4, lambda _: True)
        assert await resolver.is_served()
        server.rcodes |= {"d.test": dns.rcode.SERVFAIL}  # the portal whose names fail
        assert await resolver.is_served()
        asked = len(server.asked)
        server.rcode = dns.rcode.SERVFAIL
        assert not await resolver.is_served()
        assert len(server.asked) - asked <= 1 + resolver_module.MOST_REMEMBERED
        resolver.close()
