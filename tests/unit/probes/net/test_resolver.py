"""The stub resolver against local name servers: who is asked for what, and the exact cause where there is no address."""

import socket

import dns.rcode
import pytest

from probes.net import resolver as resolver_module
from probes.net.addresses import Reach
from probes.net.fault import ExchangeError, ForbiddenHopError
from probes.net.name_servers import WatchedFile, read_hosts
from probes.net.resolver import Resolver
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Reason

ZONE = {
    ("a.test", "A"): [("a.test", "A", "192.0.2.1"), ("a.test", "A", "192.0.2.2")],
    ("six.test", "AAAA"): [("six.test", "AAAA", "2001:db8::6")],
    ("six.test", "A"): [],
    ("www.test", "A"): [("www.test", "CNAME", "edge.test."), ("edge.test", "A", "192.0.2.3")],
}


def anywhere(address):
    return True


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(resolver_module, "SERVER_SECONDS", 0.2)


async def failure(resolver, host, ip_version=4):
    with pytest.raises(ExchangeError) as caught:
        await resolver.resolve(host, ip_version, anywhere)
    assert caught.value.reason is Reason.DNS_FAILURE
    return caught.value.detail


@pytest.mark.parametrize(
    ("host", "ip_version", "address", "kind"),
    [("a.test", 4, "192.0.2.1", "A"), ("six.test", 6, "2001:db8::6", "AAAA"), ("www.test", 4, "192.0.2.3", "A")],
)
async def test_one_question_for_one_family_gives_the_first_address(name_server, host, ip_version, address, kind):
    async with name_server(ZONE) as server:
        found = await Resolver(None, [server.address]).resolve(host, ip_version, anywhere)
    assert (found.address, found.server, found.asked) == (address, server.address, 1)
    assert found.seconds is not None
    assert found.seconds > 0
    assert server.asked == [(host, kind, "udp")]


async def test_nothing_is_remembered(name_server):
    async with name_server(ZONE) as server:
        resolver = Resolver(None, [server.address])
        for _ in range(3):
            await resolver.resolve("a.test", 4, anywhere)
        resolver.close()
    assert len(server.asked) == 3


async def test_a_name_server_may_have_an_ipv6_address(name_server):
    async with name_server(ZONE, host="::1") as server:
        assert (await Resolver(None, [server.address]).resolve("a.test", 4, anywhere)).address == "192.0.2.1"


async def test_a_truncated_answer_is_asked_for_again_over_tcp(name_server):
    async with name_server(ZONE) as server:
        server.truncated = True
        found = await Resolver(None, [server.address]).resolve("a.test", 4, anywhere)
    assert found.address == "192.0.2.1"
    assert server.asked == [("a.test", "A", "udp"), ("a.test", "A", "tcp")]


async def test_a_missing_name_is_told_from_a_missing_address(name_server):
    async with name_server(ZONE) as server:
        resolver = Resolver(None, [server.address])
        assert "NXDOMAIN" in await failure(resolver, "gone.test")
        assert await failure(resolver, "six.test") == "the host name has no IPv4 address"
    assert len(server.asked) == 2, "a definite answer is not asked for again"


@pytest.mark.parametrize("name", ["SERVFAIL", "REFUSED"])
async def test_a_failing_name_server_is_named_with_its_code(name_server, name):
    async with name_server(ZONE) as server:
        server.rcode = dns.rcode.from_text(name)
        detail = await failure(Resolver(None, [server.address]), "a.test")
    assert name in detail
    assert server.address in detail


async def test_a_silent_name_server_is_a_timeout(name_server, impatient):
    async with name_server(ZONE) as server:
        server.silent = True
        detail = await failure(Resolver(None, [server.address]), "a.test")
    assert "no answer from name server" in detail
    assert len(server.asked) == resolver_module.ROUNDS


async def test_the_next_name_server_is_asked_and_that_is_told(name_server, impatient):
    async with name_server(ZONE) as silent, name_server(ZONE) as broken, name_server(ZONE) as good:
        silent.silent = True
        broken.rcode = dns.rcode.SERVFAIL
        found = await Resolver(None, [silent.address, broken.address, good.address]).resolve("a.test", 4, anywhere)
    assert (found.address, found.server, found.asked) == ("192.0.2.1", good.address, 3)
    assert found.seconds >= 0.2


async def test_a_closed_port_is_passed_over_at_once(name_server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        closed = f"127.0.0.1:{free.getsockname()[1]}"
    async with name_server(ZONE) as good:
        found = await Resolver(None, [closed, good.address]).resolve("a.test", 4, anywhere)
    assert (found.server, found.asked) == (good.address, 2)
    assert "cannot be reached" in await failure(Resolver(None, [closed]), "a.test")


async def test_forged_and_late_answers_are_passed_over(name_server):
    async with name_server(ZONE) as server:
        server.before = [
            lambda query: b"",
            lambda query: b"garbage",
            lambda query: query,
            lambda query: bytes([query[0] ^ 1]) + server.answer(query)[1:],
        ]
        assert (await Resolver(None, [server.address]).resolve("a.test", 4, anywhere)).address == "192.0.2.1"


async def test_with_a_map_of_hosts_no_question_leaves_this_machine(name_server):
    async with name_server(ZONE) as server:
        resolver = Resolver({"known.test": "127.0.0.1", "six.test": "::1", "gone.test": None}, [server.address])
        assert (await resolver.resolve("known.test", 4, anywhere)).address == "127.0.0.1"
        assert (await resolver.resolve("six.test", 6, anywhere)).address == "::1"
        for host in ("gone.test", "a.test", "six.test"):
            await failure(resolver, host, 4)
    assert server.asked == []


@pytest.mark.parametrize(("host", "ip_version"), [("127.0.0.1", 4), ("::1", 6)])
async def test_an_address_needs_no_resolving(host, ip_version):
    found = await Resolver({}).resolve(host, ip_version, anywhere)
    assert (found.address, found.seconds) == (host, None)


@pytest.mark.parametrize(("host", "ip_version"), [("127.0.0.1", 6), ("::1", 4)])
async def test_an_address_of_the_other_version_is_no_silent_fallback(host, ip_version):
    assert "IPv" in await failure(Resolver({}), host, ip_version)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "a.localhost"])
async def test_localhost_is_never_asked_for(name_server, host):
    async with name_server(ZONE) as server:
        resolver = Resolver(None, [server.address])
        assert (await resolver.resolve(host, 4, anywhere)).address.startswith("127.")
        assert (await resolver.resolve(host, 6, anywhere)).address == "::1"
    assert server.asked == []


async def test_the_hosts_file_comes_before_the_name_server(name_server, tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.77 a.test\n")
    async with name_server({("a.test", "AAAA"): [("a.test", "AAAA", "2001:db8::a")]}) as server:
        resolver = Resolver(None, [server.address])
        resolver._hosts = WatchedFile(hosts, read_hosts)
        assert (await resolver.resolve("a.test", 4, anywhere)).address == "192.0.2.77"
        assert server.asked == []
        assert (await resolver.resolve("a.test", 6, anywhere)).address == "2001:db8::a"


async def test_a_host_that_is_no_name_is_not_asked_for(name_server):
    async with name_server(ZONE) as server:
        assert "no valid host name" in await failure(Resolver(None, [server.address]), "a..test")
    assert server.asked == []


def test_a_name_server_that_is_no_address_is_a_mistake_of_the_settings():
    with pytest.raises(ConfigurationError):
        Resolver(None, ["dns.example"])


@pytest.fixture
def outside():
    return Reach(host="portal.test").admits


@pytest.mark.parametrize(
    ("addresses", "gone_to"),
    [
        (["10.0.0.1", "8.8.8.8", "8.8.4.4"], "8.8.8.8"),
        (["127.0.0.1", "169.254.169.254", "8.8.4.4"], "8.8.4.4"),
        (["8.8.8.8", "10.0.0.1"], "8.8.8.8"),
    ],
)
async def test_of_a_mixed_answer_what_lies_inside_is_passed_over(name_server, outside, addresses, gone_to):
    zone = {("a.test", "A"): [("a.test", "A", address) for address in addresses]}
    async with name_server(zone) as server:
        assert (await Resolver(None, [server.address]).resolve("a.test", 4, outside)).address == gone_to


@pytest.mark.parametrize(
    ("ip_version", "record", "address"),
    [(4, "A", "127.0.0.1"), (4, "A", "100.64.0.1"), (6, "AAAA", "::ffff:127.0.0.1"), (6, "AAAA", "64:ff9b::a00:1")],
)
async def test_a_name_that_leads_only_inside_does_not_resolve(name_server, outside, ip_version, record, address):
    async with name_server({("a.test", record): [("a.test", record, address)]}) as server:
        with pytest.raises(ForbiddenHopError) as caught:
            await Resolver(None, [server.address]).resolve("a.test", ip_version, outside)
    assert caught.value.reason is Reason.DNS_FAILURE
    assert address not in caught.value.detail
    assert len(server.asked) == 1


async def test_a_name_is_looked_at_anew_each_time_so_that_it_cannot_change_sides(name_server, outside):
    zone = {("a.test", "A"): [("a.test", "A", "8.8.8.8")]}
    async with name_server(zone) as server:
        resolver = Resolver(None, [server.address])
        assert (await resolver.resolve("a.test", 4, outside)).address == "8.8.8.8"
        zone["a.test", "A"] = [("a.test", "A", "127.0.0.1")]
        with pytest.raises(ForbiddenHopError):
            await resolver.resolve("a.test", 4, outside)


async def test_the_hosts_file_of_the_machine_leads_nobody_inside(tmp_path, outside):
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.1.1 machine\n10.0.0.1 intranet.test\n")
    resolver = Resolver(None, [])
    resolver._hosts = WatchedFile(hosts, read_hosts)
    for host in ("machine", "intranet.test", "localhost"):
        with pytest.raises(ForbiddenHopError):
            await resolver.resolve(host, 4, outside)


async def test_the_map_of_hosts_is_the_operators_word(outside):
    assert (await Resolver({"a.test": "127.0.0.1"}).resolve("a.test", 4, outside)).address == "127.0.0.1"
