"""Who became faster or slower: what chance explains is not told, what all share is nobody's."""

from types import MappingProxyType

import numpy as np
import pytest
from scipy.stats import t as student

from thuocdo.core.model import Agency, Block
from thuocdo.score.changes import LEAST_RATIO, Turn, _chance, carried_to, changes, discovered
from thuocdo.score.noise import Noise, grid, simulated
from thuocdo.score.rank_sets import drawn_blocks, drawn_units, levelled, own_spreads, tells_order, typical, widening
from thuocdo.score.typical_times import TypicalTime, TypicalTimes

NOISE = Noise(run=0.1, hour=0.06, day=0.03)
NAMES = [f"{number:02}" for number in range(20)]
WEEK = grid(7, 9)


def times(levels, seed, days=WEEK, names=NAMES, failed=MappingProxyType({})):
    generator = np.random.Generator(np.random.PCG64(seed))
    seconds = simulated(np.asarray(levels), NOISE, days, generator)
    values = levelled(seconds)
    estimates = typical(values, np.ones((1, len(days)), dtype=np.int64))[0]
    drawn = typical(values, drawn_blocks(days, seed, draws=300))
    return TypicalTimes(
        agencies=tuple(
            TypicalTime(
                agency_id=name,
                seconds=float(np.exp(estimate)),
                median_seconds=1.0,
                first=1,
                last=len(names),
                own_first=1,
                own_last=len(names),
                among_first=0.0,
                among_last=0.0,
                cells=len(days),
                failed_ratio=failed.get(name, 0.0),
            )
            for name, estimate in zip(names, estimates, strict=True)
        ),
        is_before=np.zeros((len(names), len(names)), dtype=bool),
        blocks=len(days),
        days=int(days.max()) + 1,
        not_compared={},
        noise=NOISE,
        smallest_ratio=1.05,
        shared=float(np.median(np.log(seconds) - values)),
        estimates=estimates,
        spreads=own_spreads(estimates, drawn, widened=widening(days)),
        freedom=drawn_units(days) - 1,
        left_out=0,
        vantage_id="hanoi",
        tells_order=tells_order(days),
    )


LEVELS = 0.6 * np.random.Generator(np.random.PCG64(77)).standard_normal(20)


def test_who_changed_much_is_told_and_who_did_not_is_not():
    later = LEVELS.copy()
    later[3] += np.log(1.5)
    later[7] -= np.log(1.5)
    found = changes(times(LEVELS, 1), times(later, 2))
    turns = {one.agency_id: one.turn for one in found.agencies}
    assert {name: turn for name, turn in turns.items() if turn is not Turn.UNTOLD} == {
        "03": Turn.SLOWER,
        "07": Turn.FASTER,
    }
    assert [found.agencies[0].agency_id, found.agencies[-1].agency_id] == ["03", "07"]
    assert found.agencies[0].low < found.agencies[0].ratio < found.agencies[0].high
    assert found.agencies[0].ratio == pytest.approx(1.5, rel=0.1)


def test_what_all_share_is_nobodys_change():
    found = changes(times(LEVELS, 1), times(LEVELS + np.log(2.0), 2))
    assert {one.turn for one in found.agencies} == {Turn.UNTOLD}
    assert found.common_ratio == pytest.approx(2.0, rel=0.1)


def test_a_change_that_nobody_would_notice_is_none():
    later = LEVELS.copy()
    later[3] += np.log(1.06)
    found = changes(times(LEVELS, 1), times(later, 2))
    assert {one.turn for one in found.agencies} == {Turn.UNTOLD}
    assert found.least_ratio == LEAST_RATIO


def test_who_is_there_only_once_is_not_compared():
    found = changes(times(LEVELS, 1), times(LEVELS[1:], 2, names=NAMES[1:]))
    assert sorted(one.agency_id for one in found.agencies) == NAMES[1:]
    assert found.once == (NAMES[0],)
    assert changes(times(LEVELS, 1), times(LEVELS[:1], 2, names=["x"])).agencies == ()


@pytest.mark.parametrize("days", [grid(5, 1), grid(2, 12)])
def test_few_blocks_or_days_tell_no_change(days):
    later = LEVELS + np.log(np.where(np.arange(20) % 2, 3.0, 1.0))
    found = changes(times(LEVELS, 1, days=days), times(later, 2, days=days))
    assert {one.turn for one in found.agencies} == {Turn.UNTOLD}
    assert not found.tells_any


def test_of_few_agencies_nobody_is_said_to_have_changed():
    found = changes(times([0.0, 1.0], 1, names=["a", "b"]), times([0.0, 2.0], 2, names=["a", "b"]))
    assert {one.turn for one in found.agencies} == {Turn.UNTOLD}
    assert not found.tells_any


def test_nobody_is_called_faster_whose_own_times_did_not_fall():
    """One supplier's portals, more than half of all, become slower: that is not the others' merit."""
    later = LEVELS + np.where(np.arange(20) < 12, np.log(2.0), 0.0)
    found = changes(times(LEVELS, 1), times(later, 2))
    assert Turn.FASTER not in {one.turn for one in found.agencies}


def test_who_mostly_failed_is_not_said_to_have_changed():
    later = LEVELS.copy()
    later[3] += np.log(2.0)
    found = changes(times(LEVELS, 1, failed={"03": 0.3}), times(later, 2))
    assert {one.turn for one in found.agencies} == {Turn.UNTOLD}


def test_what_is_told_is_surely_more_than_the_least():
    spread, many = np.full(10, 0.03), 1000
    moved = np.array([0.5, -0.5, 0.2, 0.12, 0.09, 0.0, 0.0, 0.0, 0.0, 0.0])
    assert discovered(moved, spread, many, 1.1).tolist() == [True, True, True, *[False] * 7]
    assert discovered(moved, spread, many, 1.0001).tolist() == [True, True, True, True, True, *[False] * 5]
    assert discovered(np.full(3, 0.2), np.full(3, 0.0), many, 1.1).all()
    assert discovered(np.zeros(0), np.zeros(0), many, 1.1).tolist() == []


def test_of_many_one_that_is_a_little_off_is_chance():
    """Alone it would be told: two spreads off and a bit. Of forty such as it some are, always."""
    moved, spread = np.zeros(40), np.full(40, 0.1)
    moved[0] = np.log(1.1) + 0.22
    assert discovered(moved[:1], spread[:1], 1000, 1.1).tolist() == [True]
    assert not discovered(moved, spread, 1000, 1.1).any()


@pytest.mark.parametrize("freedom", [4, 12, 40])
def test_chances_are_those_of_students_t(freedom):
    for far in (0.5, 1.0, 2.0, 3.0, 5.0):
        assert _chance(far, freedom) == pytest.approx(2 * student.sf(far, freedom), rel=0.12)


def agency(name, successor=None):
    return Agency(id=name, block=Block.PROVINCE, name_vi=name, name_en=name, successor_id=successor)


@pytest.mark.parametrize(
    ("agencies", "present", "carried"),
    [
        ({"a": "b", "b": None}, {"b"}, {"a": "b"}),
        ({"a": "b", "b": "c", "c": None}, {"c"}, {"a": "c", "b": "c"}),  # merged again
        ({"a": "c", "b": "c", "c": None}, {"c"}, {"a": "c", "b": "c"}),
        ({"a": None, "b": None}, {"b"}, {}),  # dissolved
        ({"a": "b", "b": None}, {"a", "b"}, {}),  # merges next month
        ({"a": "nobody", "b": None}, {"b"}, {}),
        ({"a": "b", "b": "a"}, set(), {}),  # in a circle
    ],
)
def test_what_an_agency_did_is_its_successors(agencies, present, carried):
    assert carried_to({name: agency(name, then) for name, then in agencies.items()}, present) == carried
