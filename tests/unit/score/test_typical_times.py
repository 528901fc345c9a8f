"""Typical times of agencies from what is stored, block by block."""

from dataclasses import replace

import numpy as np
import pytest

from thuocdo.core.model import Block, PageKind, Target, TargetRole
from thuocdo.score.noise import Noise, estimated, grid, simulated, smallest_ratio
from thuocdo.score.typical_times import NotCompared, typical_times
from thuocdo.store import Ending, RunGroup
from thuocdo.store.runs import BLOCK_MICROSECONDS, block_start

FIRST = 240_000  # the block that begins a day
WEEK = range(FIRST, FIRST + 84)
NAMES = ("hue", "dak-lak", "lao-cai", "tay-ninh")
SECONDS = dict(zip(NAMES, (1.0, 2.0, 4.0, 4.02), strict=True))


def target(agency):
    return Target(
        id=f"{agency}-home",
        role=TargetRole.HOMEPAGE,
        url=f"https://{agency}.test/",
        agency_id=agency,
        portal_id=agency,
        block=Block.PROVINCE,
    )


def group(
    agency,
    block,
    seconds=(),
    *,
    outcome="ok",
    reason=None,
    page_kind="portal",
    saturated=False,
    runs=None,
    profile="desktop",
):
    at = block_start(block) + 60_000_000
    number = len(seconds) if runs is None else runs
    return RunGroup(
        key=(f"{agency}-home", "homepage", "hanoi", profile),
        ended=Ending(agency, outcome, reason, page_kind, saturated),
        runs=number,
        first_at=at,
        last_at=at + BLOCK_MICROSECONDS // 2,
        present={"load_seconds": len(seconds)},
        values={"load_seconds": np.array(seconds)} if seconds else {},
    )


def a_week(noise=0.1, seed=1, names=NAMES, blocks=WEEK):
    generator = np.random.Generator(np.random.PCG64(seed))
    times = {name: SECONDS[name] * np.exp(noise * generator.standard_normal(len(blocks))) for name in names}
    return [group(name, block, [float(times[name][n])]) for name in names for n, block in enumerate(blocks)]


def compared(groups, names=NAMES):
    return typical_times(
        groups,
        [target(name) for name in names],
        value="load_seconds",
        profile="desktop",
        page_kinds=[PageKind.PORTAL],
        longest_seconds=20.0,
        seed=1,
        draws=300,
    )


def places(times):
    return {one.agency_id: (one.first, one.last) for one in times.agencies}


def test_who_is_far_apart_is_told_apart_and_who_is_alike_is_not():
    times = compared(a_week())
    assert places(times) == {"hue": (1, 1), "dak-lak": (2, 2), "lao-cai": (3, 4), "tay-ninh": (3, 4)}
    assert (times.blocks, times.days) == (84, 7)
    assert times.is_before[0].tolist() == [False, True, True, True]
    assert times.agencies[0].seconds == pytest.approx(1.0, rel=0.05)
    assert times.agencies[0].median_seconds == pytest.approx(1.0, rel=0.05)


def test_several_loads_of_a_block_are_one_cell():
    more = [group(NAMES[3], block, [4.02, 400.0, 4.02]) for block in WEEK]
    times = compared([*a_week(noise=0.02, names=NAMES[:3]), *more])
    assert next(one for one in times.agencies if one.agency_id == NAMES[3]).median_seconds == 4.02


@pytest.mark.parametrize(
    "ended",
    [
        {"outcome": "failed", "reason": "http_error", "page_kind": None},
        {"outcome": "inconclusive", "reason": "blocked", "page_kind": None},
        {"outcome": "inconclusive", "reason": "robots_disallowed", "page_kind": None},
        {"outcome": "inconclusive", "reason": "redirected_elsewhere", "page_kind": None},
    ],
)
@pytest.mark.parametrize("share", [2, 3])
def test_nobody_gains_by_failing_or_hiding_when_it_is_slow(ended, share):
    slow = [group("hue", block, [9.0]) if n % share else group("hue", block, [0.5]) for n, block in enumerate(WEEK)]
    hides = [
        group("hue", block, runs=1, **ended) if n % share else group("hue", block, [0.5])
        for n, block in enumerate(WEEK)
    ]
    rest = a_week(names=NAMES[1:])
    shown, hidden = places(compared([*slow, *rest])), places(compared([*hides, *rest]))
    assert hidden["hue"][0] >= shown["hue"][0]
    assert hidden["hue"][1] >= shown["hue"][1]
    assert all(hidden[name][0] <= shown[name][0] for name in NAMES[1:])


def test_another_kind_of_page_now_and_then_counts_as_hidden():
    now_and_then = [
        group("hue", block, [0.1], page_kind="notice") if n % 3 == 0 else group("hue", block, [1.0])
        for n, block in enumerate(WEEK)
    ]
    times = compared([*now_and_then, *a_week(names=NAMES[1:])])
    hue = next(one for one in times.agencies if one.agency_id == "hue")
    assert hue.failed_ratio == pytest.approx(1 / 3)
    assert hue.seconds > 0.5


def test_a_notice_is_not_compared_and_neither_is_who_is_hardly_known():
    notices = [group("hue", block, [0.1], page_kind="notice") for block in WEEK]
    few = [group("dak-lak", block, [2.0]) for block in list(WEEK)[:30]]
    times = compared([*notices, *few, *a_week(names=NAMES[2:])])
    assert times.not_compared == {"hue": NotCompared.NOTICE, "dak-lak": NotCompared.TOO_LITTLE}
    assert [one.agency_id for one in times.agencies] == ["lao-cai", "tay-ninh"]


def test_what_our_own_machine_or_line_spoilt_is_not_known():
    spoilt = [
        group("hue", block, [1.0])
        if n % 2
        else group("hue", block, [30.0], saturated=True)
        if n % 4
        else group("hue", block, runs=2, outcome="inconclusive", reason="no_connectivity", page_kind=None)
        for n, block in enumerate(WEEK)
    ]
    times = compared([*spoilt, *a_week(names=NAMES[1:])])
    hue = next(one for one in times.agencies if one.agency_id == "hue")
    assert (hue.cells, hue.failed_ratio, hue.median_seconds) == (42, 0.0, 1.0)


def test_a_block_that_only_few_saw_counts_for_nobody():
    ours_was_down = [one for one in a_week() if one.block % 12 or one.key[0] == "hue-home"]
    times = compared(ours_was_down)
    assert times.blocks == 77
    assert next(one for one in times.agencies if one.agency_id == "hue").cells == 77


def test_those_that_nobody_measures_are_in_nobodys_way():
    unmeasured = [f"x{number}" for number in range(20)]
    times = compared(a_week(), names=[*NAMES, *unmeasured])
    assert places(times) == places(compared(a_week()))
    assert set(times.not_compared) == set(unmeasured)


def test_an_agency_with_two_portals_is_as_slow_as_they_are_in_the_middle():
    second = Target(
        id="hue-second",
        role=TargetRole.HOMEPAGE,
        url="https://second.test/",
        agency_id="hue",
        portal_id="second",
        block=Block.PROVINCE,
    )
    rows = [*a_week(noise=0.0)]
    rows += [
        RunGroup(
            key=("hue-second", "homepage", "hanoi", "desktop"),
            ended=Ending("hue", "ok", None, "portal", False),
            runs=1,
            first_at=block_start(block),
            last_at=block_start(block),
            present={"load_seconds": 1},
            values={"load_seconds": np.array([16.0])},
        )
        for block in WEEK
    ]
    times = typical_times(
        rows,
        [*(target(name) for name in NAMES), second],
        value="load_seconds",
        profile="desktop",
        page_kinds=[PageKind.PORTAL],
        longest_seconds=20.0,
        seed=1,
        draws=300,
    )
    hue = next(one for one in times.agencies if one.agency_id == "hue")
    lao_cai = next(one for one in times.agencies if one.agency_id == "lao-cai")
    assert hue.seconds == pytest.approx(lao_cai.seconds, rel=0.01)  # √(1 × 16)


def test_other_profiles_and_targets_take_no_part():
    others = [group("hue", block, [50.0], profile="mobile") for block in WEEK]
    assert compared([*a_week(), *others]).agencies == compared(a_week()).agencies
    assert compared(a_week(), names=NAMES[:2]).agencies[1].last == 2


def test_a_burst_of_one_hour_tells_no_order():
    times = compared([group(name, FIRST, [SECONDS[name]] * 50) for name in NAMES])
    assert set(places(times).values()) == {(1, 4)}
    assert times.smallest_ratio is None


def test_nothing_stored_is_nothing_compared():
    times = compared([])
    assert (times.agencies, times.blocks) == ((), 0)
    assert set(times.not_compared.values()) <= {NotCompared.TOO_LITTLE}


def test_the_order_in_which_groups_come_changes_nothing():
    rows = a_week()
    assert compared(rows[::-1]).agencies == compared(rows).agencies


def test_noise_is_estimated_about_as_it_was_made():
    generator = np.random.Generator(np.random.PCG64(3))
    days = grid(14, 12)
    for noise in (Noise(run=0.05, hour=0.0, day=0.05), Noise(run=0.2, hour=0.0, day=0.1)):
        found = estimated(simulated(0.6 * generator.standard_normal(60), noise, days, generator), days)
        assert found.run == pytest.approx(noise.run, rel=0.15)
        assert found.day == pytest.approx(noise.day, rel=0.25)
        assert 0.01 < found.spikes < 0.05


@pytest.mark.parametrize("days", [grid(1, 12), grid(2, 2)])
def test_of_one_day_or_of_few_blocks_no_noise_is_estimated(days):
    generator = np.random.Generator(np.random.PCG64(3))
    assert (
        estimated(simulated(generator.standard_normal(9), Noise(run=0.1, hour=0.0, day=0.0), days, generator), days)
        is None
    )


def test_more_days_tell_smaller_ratios_apart():
    noise = Noise(run=0.1, hour=0.06, day=0.03)
    ratios = [smallest_ratio(noise, grid(days, 9)) for days in (3, 7, 14)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[1] == pytest.approx(1.11, abs=0.01)


MANY = tuple(f"p{number:02}" for number in range(12))


def of_many(seconds=lambda name, n: 0.0, ended=lambda name, n: None, blocks=WEEK, noise=0.03):
    """Twelve agencies, each a tenth slower than the one before; `ended` says how a load ended, where not well."""
    generator = np.random.Generator(np.random.PCG64(8))
    groups = []
    for number, name in enumerate(MANY):
        for n, block in enumerate(blocks):
            time = float(1.1**number * np.exp(noise * generator.standard_normal()))
            how = ended(name, n)
            groups.append(group(name, block, runs=1, **how) if how else group(name, block, [seconds(name, n) or time]))
    return groups


FAILED = {"outcome": "failed", "reason": "timeout", "page_kind": None}


@pytest.mark.parametrize("first", [0, 30, 60])
@pytest.mark.parametrize("many", [4, 12, 14])
def test_the_slowest_gains_no_place_by_failing_for_a_while(first, many):
    before = compared(of_many(), names=MANY)
    after = compared(
        of_many(ended=lambda name, n: FAILED if name == "p11" and first <= n < first + many else None), names=MANY
    )
    assert places(before)["p11"] == (12, 12)
    assert places(after)["p11"] == (12, 12)


def test_one_notice_page_takes_nobody_out_of_the_table():
    dead = compared(of_many(ended=lambda name, _: FAILED if name == "p03" else None), names=MANY)
    assert places(dead)["p03"] == (12, 12)
    rows = of_many(ended=lambda name, _: FAILED if name == "p03" else None)
    rows.append(group("p03", WEEK[5], [0.1], page_kind="notice"))
    assert places(compared(rows, names=MANY))["p03"] == (12, 12)


def test_who_never_answered_has_no_time():
    dead = compared(of_many(ended=lambda name, _: FAILED if name == "p03" else None), names=MANY)
    last = dead.agencies[-1]
    assert (last.agency_id, last.seconds, last.median_seconds, last.failed_ratio) == ("p03", np.inf, np.inf, 1.0)


def test_what_failed_is_told_of_what_is_known():
    rows = of_many(
        ended=lambda name, n: (
            None
            if name != "p03"
            else FAILED
            if n % 2
            else {"outcome": "inconclusive", "reason": "no_connectivity", "page_kind": None}
        )
    )
    assert next(one for one in compared(rows, names=MANY).agencies if one.agency_id == "p03").failed_ratio == 1.0


def test_what_fails_on_a_busy_machine_is_not_known():
    rows = of_many()
    rows += [group("p00", block, runs=3, saturated=True, **FAILED) for block in WEEK]
    assert compared(rows, names=MANY).agencies == compared(of_many(), names=MANY).agencies


def test_portals_that_are_measured_since_yesterday_cost_nobody_a_block():
    new = [f"x{number:02}" for number in range(20)]
    rows = [*of_many(), *(group(name, block, [1.0]) for name in new for block in list(WEEK)[-12:])]
    times = compared(rows, names=[*MANY, *new])
    assert (times.blocks, len(times.agencies)) == (84, 12)
    assert set(times.not_compared) == set(new)


def test_a_block_in_which_most_failed_is_ours():
    rows = of_many(ended=lambda _, n: FAILED if 24 <= n < 36 else None)
    times = compared(rows, names=MANY)
    assert (times.blocks, times.left_out) == (72, 12)
    assert {one.failed_ratio for one in times.agencies} == {0.0}


def test_one_vantage_point_is_compared_and_named():
    rows = of_many()
    slow_line = [
        replace(one, key=(*one.key[:2], "xa", one.key[3]), values={"load_seconds": one.values["load_seconds"] * 3})
        for one in rows
        if one.key[0] < "p06"
    ]
    times = compared([*slow_line, *rows], names=MANY)
    assert times.vantage_id == "hanoi"
    assert times.agencies == compared(rows, names=MANY).agencies


def test_a_time_that_no_load_can_take_is_none():
    rows = [*of_many(), *(group("p11", block, [0.0, -5.0]) for block in WEEK)]
    assert compared(rows, names=MANY).agencies == compared(of_many(), names=MANY).agencies


def test_how_often_among_the_first_is_told_only_of_enough_agencies_and_blocks():
    assert compared(of_many(), names=MANY).agencies[0].among_first == 1.0
    assert compared(a_week()).agencies[0].among_first is None
    assert compared(of_many(blocks=range(FIRST, FIRST + 5)), names=MANY).agencies[0].among_first is None


def test_nobody_is_told_apart_where_nothing_but_the_computer_does():
    rows = of_many(ended=lambda name, _: FAILED if name in {"p03", "p04", "p05"} else None)
    told = places(compared(rows, names=MANY))
    assert {told[name] for name in ("p03", "p04", "p05")} == {(10, 12)}
