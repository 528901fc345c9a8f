"""Who is in the fleet and what is wrong with whom."""

import pytest

from testbed.faults import NOT_INJECTABLE, Fault, Wall, eform_expectations, home_expectations, page_kind
from testbed.plan import plan_fleet
from thuocdo.core.model import Block, PageKind, Reason

SEEDS = (1, 7, 42)


def timed(fleet, block):
    return [p for p in fleet if p.agency.block is block and p.fault in (Fault.NONE, Fault.BURSTS_OF_ERRORS)]


@pytest.mark.parametrize("seed", SEEDS)
def test_there_are_17_ministries_and_34_provinces_under_their_own_names_and_addresses(seed):
    fleet = plan_fleet(seed)
    blocks = [portal.agency.block for portal in fleet]
    assert (blocks.count(Block.MINISTRY), blocks.count(Block.PROVINCE)) == (17, 34)
    assert len({portal.host for portal in fleet}) == len({portal.address for portal in fleet}) == 51
    assert all(portal.address.startswith("127.") and portal.host.endswith(".thuocdo.test") for portal in fleet)


def test_the_same_seed_gives_the_same_fleet_and_another_seed_another():
    assert plan_fleet(3) == plan_fleet(3)
    assert plan_fleet(3) != plan_fleet(4)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_fault_and_every_wall_is_in_the_fleet_once(seed):
    fleet = plan_fleet(seed)
    faults = [portal.fault for portal in fleet if portal.fault is not Fault.NONE]
    walls = [portal.eform.wall for portal in fleet if portal.eform.wall is not Wall.NONE]
    assert sorted(faults) == sorted(set(Fault) - {Fault.NONE})
    assert sorted(walls) == sorted(set(Wall) - {Wall.NONE})
    assert all(portal.fault is Fault.NONE for portal in fleet if portal.eform.wall is not Wall.NONE)


@pytest.mark.parametrize("block", [Block.MINISTRY, Block.PROVINCE])
@pytest.mark.parametrize("seed", SEEDS)
def test_neighbours_in_the_true_order_differ_by_ten_percent_at_least(block, seed):
    fleet = plan_fleet(seed)
    homes = sorted(portal.home.seconds for portal in timed(fleet, block))
    assert (homes[0], homes[-1]) == (0.35, 3.2)
    assert min(slow / quick for quick, slow in zip(homes, homes[1:], strict=False)) >= 1.1
    assert len(homes) >= 10


def test_a_slower_home_page_is_never_lighter():
    homes = sorted((p.home for p in timed(plan_fleet(1), Block.PROVINCE)), key=lambda home: home.seconds)
    assert [home.body_bytes for home in homes] == sorted(home.body_bytes for home in homes)


def test_the_time_scale_multiplies_every_time():
    for slow, quick in zip(plan_fleet(1), plan_fleet(1, time_scale=0.1), strict=True):
        assert quick.home.seconds == pytest.approx(slow.home.seconds / 10, abs=1e-4)
        assert quick.eform.entry_seconds == pytest.approx(slow.eform.entry_seconds / 10, abs=1e-4)
        assert quick.eform.form_seconds == pytest.approx(slow.eform.form_seconds / 10, abs=1e-4)


def test_a_time_scale_of_zero_is_refused():
    with pytest.raises(ValueError, match="time scale 0"):
        plan_fleet(1, time_scale=0)


def test_the_redirect_leads_to_a_healthy_portal_of_the_fleet():
    fleet = plan_fleet(1)
    target = next(portal.redirect_to for portal in fleet if portal.fault is Fault.REDIRECT)
    assert next(portal for portal in fleet if portal.host == target).fault is Fault.NONE


def test_every_reason_is_injected_somewhere_or_said_not_to_be_injectable():
    reasons = set()
    for portal in plan_fleet(1):
        expected = {**home_expectations(portal.fault), **eform_expectations(portal.fault, portal.eform.wall)}
        reasons |= {expectation.reason for expectation in expected.values()}
        reasons |= {e.reason for e in home_expectations(portal.fault).values()}
    assert reasons - {None} == set(Reason) - set(NOT_INJECTABLE)


def test_every_kind_of_page_is_in_the_fleet():
    assert {page_kind(portal.fault) for portal in plan_fleet(1)} - {None} == set(PageKind)


def test_some_pages_have_barriers_and_some_are_clean():
    fleet = plan_fleet(1)
    for plans in ([p.home for p in fleet], [p.eform for p in fleet]):
        clean = sum(not plan.barriers for plan in plans)
        assert 10 <= clean <= 35


def test_an_expectation_names_ok_among_what_is_right_as_well():
    burst = home_expectations(Fault.BURSTS_OF_ERRORS)["homepage"]
    assert burst.to_json() == {"outcome": "ok", "reason": None, "also": ["http_error"]}
    assert home_expectations(Fault.HANG)["http"].to_json() == {"outcome": "failed", "reason": "timeout", "also": []}
