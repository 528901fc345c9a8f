"""What the kernel tells of this machine's ways out."""

import pytest

from probes.net import own_line
from probes.net.own_line import was_cut, ways_out

HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
DEFAULT = "{}\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
INSIDE = "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
NO_ADDRESS = "0" * 32
DEFAULT_6 = (
    f"{NO_ADDRESS} 00 {NO_ADDRESS} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003 {{:>8}}\n"
)


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A function that sets what the kernel tells: its routes, and how often each interface has lost its carrier."""
    monkeypatch.setattr(own_line, "PROC", tmp_path)
    monkeypatch.setattr(own_line, "SYS", tmp_path)

    def tell(routes="", routes_6="", **losses):
        (tmp_path / "route").write_text(HEAD + routes)
        (tmp_path / "ipv6_route").write_text(routes_6)
        for name, count in losses.items():
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "carrier_down_count").write_text(f"{count}\n")

    return tell


def test_only_what_a_default_route_leads_through_counts(system):
    system(INSIDE + DEFAULT.format("eth0"), eth0=2, docker0=9)
    assert ways_out() == {("eth0", 2)}


def test_a_machine_with_the_new_protocol_alone_has_its_ways_too(system):
    system(routes_6=DEFAULT_6.format("lo") + DEFAULT_6.format("eth1"), eth1=1)
    assert ways_out() == {("eth1", 1)}


def test_a_lost_carrier_and_a_lost_route_are_cuts(system):
    system(DEFAULT.format("eth0"), eth0=2)
    before = ways_out()
    assert not was_cut(before, ways_out())
    system(DEFAULT.format("eth0"), eth0=3)
    assert was_cut(before, ways_out())
    system(INSIDE, eth0=2)
    assert was_cut(before, ways_out())


def test_a_system_that_tells_nothing_has_no_cuts(tmp_path, monkeypatch):
    monkeypatch.setattr(own_line, "PROC", tmp_path / "none")
    monkeypatch.setattr(own_line, "SYS", tmp_path / "none")
    assert ways_out() == frozenset()
    assert not was_cut(ways_out(), ways_out())
