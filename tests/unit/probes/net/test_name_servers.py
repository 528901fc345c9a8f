"""Addresses of name servers, and the files of the system that hold them."""

import socket

import pytest

from probes.net.name_servers import WatchedFile, name_server, read_hosts, read_resolv_conf
from thuocdo.core.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "family", "address"),
    [
        ("192.0.2.1", socket.AF_INET, ("192.0.2.1", 53)),
        ("192.0.2.1:5353", socket.AF_INET, ("192.0.2.1", 5353)),
        ("2001:db8::1", socket.AF_INET6, ("2001:db8::1", 53, 0, 0)),
        ("[2001:db8::1]", socket.AF_INET6, ("2001:db8::1", 53, 0, 0)),
        ("[2001:db8::1]:5353", socket.AF_INET6, ("2001:db8::1", 5353, 0, 0)),
    ],
)
def test_an_address_with_or_without_port_is_read(text, family, address):
    server = name_server(text)
    assert (server.family, server.address) == (family, address)


@pytest.mark.parametrize("text", ["", "dns.example", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:99999", "192.0.2.1:x"])
def test_anything_else_is_a_mistake_of_the_settings(text):
    with pytest.raises(ConfigurationError, match="name_servers"):
        name_server(text)


def test_resolv_conf_is_read_as_the_system_reads_it():
    text = "# made by hand\nsearch test\nnameserver 192.0.2.1\nnameserver nonsense\n nameserver 2001:db8::1 # b\noptions rotate\n"
    assert [server.address[0] for server in read_resolv_conf(text)] == ["192.0.2.1", "2001:db8::1"]


def test_without_any_this_machine_is_asked():
    assert [server.address for server in read_resolv_conf("")] == [("127.0.0.1", 53)]


def test_lines_of_a_hosts_file_that_hold_no_address_are_passed_over():
    text = "portal 10.0.0.1\nfoo portal\n127.1 portal\n[::1] portal\n0x7f.1 portal\n\0 portal\n10.0.0.2 portal\n"
    assert read_hosts(text) == {("portal", 4): "10.0.0.2"}


def test_the_first_address_of_each_version_in_a_hosts_file_counts():
    found = read_hosts("127.0.0.1 localhost A.test # b.test\n::1 localhost\n\n192.0.2.9 a.test c.test\n")
    assert found == {
        ("localhost", 4): "127.0.0.1",
        ("localhost", 6): "::1",
        ("a.test", 4): "127.0.0.1",
        ("c.test", 4): "192.0.2.9",
    }


def test_a_file_is_read_again_only_when_it_has_changed(tmp_path):
    reads = []

    def read(text):
        reads.append(text)
        return text

    path = tmp_path / "hosts"
    watched = WatchedFile(path, read)
    assert watched.content() == ""
    path.write_text("one")
    assert [watched.content() for _ in range(3)] == ["one"] * 3
    path.write_text("second")
    assert watched.content() == "second"
    path.unlink()
    assert watched.content() == ""
    assert reads == ["", "one", "second", ""]
