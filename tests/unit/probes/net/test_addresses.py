"""Where a probe may go: nothing that a portal says leads to the inside, in whatever spelling."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.net.addresses import AddressRefusal, Reach, canonical_host, is_public, reach_of, reach_of_url
from thuocdo.core.model import Block, Target, TargetRole

NAMED = Reach(host="portal.gov.vn")
INSIDE = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254"),
    *("169.254.169.254",),
    *("172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1"),
    *("198.18.0.1",),
    *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1"),
    *("64:ff9b:1::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::"),
    *("2002:808:808::1", "3fff::1", "4000::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0"),
    *("fec0::1",),
    *("ff02::1", "ff0e::1"),
]
OUTSIDE = ["8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "203.162.0.1", "2400:cb00::1", "64:ff9b::8.8.8.8"]
SPELLINGS_OF_LOOPBACK = [
    *("127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0x7F.0.0.1", "0177.0.0.1"),
    *("017700000001", "127.0.0.0x1", "[::1]", "::1", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("１２７.0.0.1", "127。0。0。1", "127．0．0．1", "①②⑦.0.0.1", "%31%32%37.0.0.1", "0", "0x0", "0.0.0.0"),
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "ｌocalhost", "a.b.LocalHost."),
]


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_may_not_lead_to_an_address_inside(address):
    assert not NAMED.admits(address)
    assert NAMED.refusal(f"[{address}]" if ":" in address else address) is AddressRefusal.INSIDE


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_name_may_lead_outside_and_a_redirect_to_the_bare_address_may_not(address):
    assert NAMED.admits(address)
    assert NAMED.refusal(f"[{address}]" if ":" in address else address) is AddressRefusal.LITERAL


@pytest.mark.parametrize("host", SPELLINGS_OF_LOOPBACK)
def test_no_spelling_of_this_machine_is_a_way_for_a_redirect(host):
    assert NAMED.refusal(host) is AddressRefusal.INSIDE


@pytest.mark.parametrize(
    "host", ["1.2.3.4.5", "256.1.1.1", "1.2.3.256", "0x1ffffffff", "4294967296", "a.1", "09.1.1.1", ":x"]
)
def test_what_looks_like_an_address_and_is_none_leads_nowhere(host):
    assert NAMED.refusal(host) is AddressRefusal.NOWHERE


@pytest.mark.parametrize(
    "host", ["portal.gov.vn", "www.gov.vn", "1.vn", "127.0.0.1.nip.io", "localhost.vn", "0x7f.vn", "dịch.vn"]
)
def test_a_name_may_be_looked_up(host):
    assert NAMED.refusal(host) is None


@pytest.mark.parametrize(
    "host",
    ["8.8.8.8%.evil.vn", "127.0.0.1%x", "127.0.0.1%25x", "a%.vn", "a b.vn", "a<b.vn", "a@b.vn", "a%2fb.vn", "\x7f.vn"],
)
def test_what_holds_a_sign_that_no_name_has_leads_nowhere(host):
    assert NAMED.refusal(host) is AddressRefusal.NOWHERE


@pytest.mark.parametrize("host", ["a_b.vn", "-a.vn", "xn--dch-hpa.vn", "8_0.vn", "portal%2egov%2evn"])
def test_what_browsers_look_up_is_looked_up(host):
    assert NAMED.refusal(host) is None


def test_a_number_of_many_digits_is_read_at_once():
    assert NAMED.refusal("1" * 100_000) is AddressRefusal.NOWHERE


@pytest.mark.parametrize("own", ["127.0.0.1", "10.1.2.3", "8.8.8.8"])
def test_a_target_that_is_registered_by_an_address_may_go_to_that_one_alone(own):
    reach = reach_of_url(f"http://{own}:8080/")
    assert reach.refusal(own) is None
    assert reach.refusal(str(int(ipaddress.IPv4Address(own)))) is None
    assert reach.admits(own)
    for other in {"127.0.0.2", "10.1.2.4", "localhost", "[::1]"}:
        assert reach.refusal(other) is AddressRefusal.INSIDE
    assert reach.refusal("8.8.4.4") is AddressRefusal.LITERAL
    assert not reach.admits("127.0.0.2")


def test_a_target_of_ipv6_is_known_by_any_spelling_of_it():
    reach = reach_of_url("http://[0:0::1]:8080/")
    assert reach.refusal("::1") is None
    assert reach.refusal("127.0.0.1") is AddressRefusal.INSIDE


def test_a_target_on_this_machine_by_name_may_go_to_this_machine():
    reach = reach_of_url("http://localhost:8080/")
    assert reach.refusal("localhost") is None
    assert reach.admits("127.0.0.1")
    assert reach.admits("::1")
    assert not reach.admits("10.0.0.1")
    assert reach.refusal("127.0.0.1") is AddressRefusal.INSIDE


@pytest.mark.parametrize(
    ("url", "refusal"), [("http://127.0.0.1:8080/", None), ("http://portal.gov.vn/", AddressRefusal.INSIDE)]
)
def test_a_name_of_this_machine_is_a_portals_own_only_on_this_machine(url, refusal):
    own = frozenset({"portal.gov.vn", "localhost"})
    target = Target(
        id="p.home", role=TargetRole.HOMEPAGE, url=url, agency_id="p", portal_id="p", block=Block.PROVINCE, own_hosts=own
    )  # fmt: skip
    reach = reach_of(target)
    assert reach.refusal("localhost") is refusal
    assert reach.admits("127.0.0.1") is (refusal is None)
    assert not reach.admits("::1")


def test_networks_of_the_registry_entry_are_as_good_as_outside():
    target = Target(
        id="p.home",
        role=TargetRole.HOMEPAGE,
        url="http://portal.lab/",
        agency_id="a",
        portal_id="p",
        block=Block.PROVINCE,
        networks=("10.1.0.0/16", "fd00:1::/32"),
    )
    reach = reach_of(target)
    assert reach.admits("10.1.2.3")
    assert reach.admits("fd00:1::5")
    assert reach.refusal("10.1.2.3") is None
    assert not reach.admits("10.2.0.1")
    assert reach.refusal("10.2.0.1") is AddressRefusal.INSIDE


def test_what_is_no_address_is_not_gone_to():
    assert not NAMED.admits("portal.gov.vn")


@given(st.integers(min_value=0, max_value=2**32 - 1).map(ipaddress.IPv4Address))
def test_all_that_python_knows_to_be_special_is_refused_and_all_spellings_are_one(address):
    special = address.is_private or address.is_multicast or address.is_reserved or address.is_unspecified
    assert not (special and is_public(address))
    number = int(address)
    for spelling in (str(number), hex(number), f"0{number:o}", f"{number >> 24}.{number & 0xFFFFFF}"):
        assert canonical_host(spelling) == str(address)


@given(st.integers(min_value=0, max_value=2**128 - 1).map(ipaddress.IPv6Address))
def test_all_of_ipv6_that_python_knows_to_be_special_is_refused(address):
    if address.is_private or address.is_multicast or address.is_reserved or address.sixtofour or address.teredo:
        assert not is_public(address) or address in ipaddress.IPv6Network("64:ff9b::/96")


@given(st.text(max_size=60))
def test_any_host_gets_an_answer(host):
    NAMED.refusal(host)
