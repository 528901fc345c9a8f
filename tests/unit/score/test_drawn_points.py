"""Places by points that are drawn again: each draw is what the whole scoring would say of a round of these days."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thuocdo.core.model import Assessment, Block, PageKind, Reason
from thuocdo.score import drawn_points
from thuocdo.score.drawn_points import PointDraws, _Drawing, _weighted_quantile, drawn_apart, points_seed
from thuocdo.score.frame import run_frame
from thuocdo.score.medians import quantiles
from thuocdo.score.ranking import build_ranking, names_counted, names_read

MONDAY = datetime(2026, 11, 1, 17, tzinfo=UTC)  # midnight in Hanoi
DAYS, BLOCKS = 7, 3
CELLS = [(day, block) for day in range(DAYS) for block in range(BLOCKS)]
PORTALS = ("a", "b", "c", "c2")
LATER = MONDAY + timedelta(days=30)
RESULT = (
    st.floats(0.2, 20.0)
    | st.sampled_from([Reason.TIMEOUT, Reason.HTTP_ERROR, Reason.CAPTCHA, Reason.PROBER_SATURATED, PageKind.NOTICE])
    | st.none()
)


@pytest.fixture(scope="module")
def in_blocks(run):
    """Make the runs of a portal, one for each block of time; None = it is missing, a page kind = another page came."""

    def make(portal, results, profile="desktop"):
        made = []
        for (day, block), result in zip(CELLS, results, strict=True):
            if result is None:
                continue
            kind = {"page_kind": result} if isinstance(result, PageKind) else {}
            one = run(portal, 0, 0.1 if kind else result, profile=profile, round_id="r", **kind)
            at = MONDAY + timedelta(days=day, hours=2 * block + 8, minutes=ord(portal[-1]))
            made.append(replace(one, key=replace(one.key, scheduled_at=at), started_at=at))
        return made

    return make


def ranked(stored, registry, criteria, some, seed=5, planned=DAYS * BLOCKS, assessed=()):
    return build_ranking(
        stored(some, assessed),
        registry,
        criteria,
        now=LATER,
        round_id="r",
        planned={"homepage": planned},
        draws_seed=seed,
    )


def drawn_again(stored, registry, criteria, some, cards, seed=5, draws=50):
    """The points of each draw, and how often each block of time is in it."""
    found = stored(some).rollups.of_round("r", names_read(criteria), names_counted())
    frame = run_frame(found, targets=registry.targets, apart=registry.targets)
    asked = PointDraws(seed=seed, criteria=criteria, planned={"homepage": len(CELLS)}, targets=(), draws=draws)
    drawing = _Drawing(frame, asked)
    return drawing.totals(cards), drawing._times, drawing._blocks


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(RESULT, min_size=len(CELLS), max_size=len(CELLS)), min_size=4, max_size=4), st.floats(0, 20))
def test_what_is_drawn_around_is_what_the_ranking_says(stored, registry, criteria, in_blocks, results, by_hand):
    some = [one for portal, each in zip(PORTALS, results, strict=True) for one in in_blocks(portal, each)]
    assessed = [
        Assessment(
            agency_id=name, criteria_set_id=criteria.id, criterion_id="people", points=by_hand, evidence_sha256="0" * 64,
            entered_by="x", entered_at=MONDAY, round_id="r",
        )
        for name in "abc"
    ]  # fmt: skip
    ranking = ranked(stored, registry, criteria, some, assessed=assessed)
    cards = [one.scorecard for one in ranking.blocks[Block.PROVINCE] if one.rank is not None]
    totals, _, _ = drawn_again(stored, registry, criteria, some, cards)
    assert totals.points == pytest.approx([card.points_obtained for card in cards], abs=1e-6)


def test_a_draw_is_a_round_of_its_days(stored, registry, criteria, in_blocks):
    """What scoring says of measurements that are there as often as their days were drawn."""
    chance = np.random.default_rng(3)
    results = {
        portal: [
            Reason.TIMEOUT if chance.random() < 0.1 else Reason.CAPTCHA if chance.random() < 0.1 else float(one)
            for one in chance.lognormal(1, 0.5, len(CELLS))
        ]
        for portal in PORTALS
    }
    some = [one for portal, each in results.items() for one in in_blocks(portal, each)]
    ranking = ranked(stored, registry, criteria, some)
    cards = [one.scorecard for one in ranking.blocks[Block.PROVINCE]]
    totals, times, blocks = drawn_again(stored, registry, criteria, some, cards)
    for draw in range(5):
        often = dict(zip((blocks - blocks[0]).tolist(), times[draw].tolist(), strict=True))
        copies = []
        for one in some:
            block = (one.key.scheduled_at - MONDAY - timedelta(hours=8)) // timedelta(hours=2)
            copies += [
                replace(one, key=replace(one.key, scheduled_at=one.key.scheduled_at + timedelta(seconds=copy + 1)))
                for copy in range(often[block])
            ]
        again = ranked(stored, registry, criteria, copies)
        points = {one.scorecard.agency_id: one.scorecard.points_obtained for one in again.blocks[Block.PROVINCE]}
        assert totals.drawn[draw] == pytest.approx([points[card.agency_id] for card in cards], abs=1e-6)


def test_places_are_told_of_those_that_are_far_apart_and_not_of_those_that_are_alike(
    stored, registry, criteria, in_blocks
):
    chance = np.random.default_rng(1)
    levels = {"a": 2.0, "b": 2.0, "c": 7.0, "c2": 7.0}
    some = [
        one
        for portal, level in levels.items()
        for one in in_blocks(portal, (level * chance.lognormal(0, 0.1, len(CELLS))).tolist())
    ]
    found = {
        one.scorecard.agency_id: one.drawn for one in ranked(stored, registry, criteria, some).blocks[Block.PROVINCE]
    }
    assert [(found[name].first, found[name].last) for name in "abc"] == [(1, 2), (1, 2), (3, 3)]
    assert found["c"].own_first == found["c"].own_last == 3
    assert found["a"].among_first == 1.0  # of three all are among the five first


def test_the_same_seed_gives_the_same_places_and_the_order_of_the_input_changes_nothing(
    stored, registry, criteria, in_blocks
):
    chance = np.random.default_rng(2)
    some = [one for p in PORTALS for one in in_blocks(p, chance.lognormal(1, 0.3, len(CELLS)).tolist())]
    first, second = (ranked(stored, registry, criteria, each).blocks for each in (some, some[::-1]))
    assert first == second


def test_drawing_changes_nothing_else(stored, registry, criteria, in_blocks):
    chance = np.random.default_rng(4)
    some = [one for p in PORTALS for one in in_blocks(p, chance.lognormal(1, 0.3, len(CELLS)).tolist())]
    drawn, plain = ranked(stored, registry, criteria, some), ranked(stored, registry, criteria, some, seed=None)
    without = {block: tuple(replace(one, drawn=None) for one in members) for block, members in drawn.blocks.items()}
    assert replace(drawn, blocks=without) == plain


def test_a_round_of_few_days_tells_none(stored, registry, criteria, in_blocks):
    four = [2.0 if day < 4 else None for day, _ in CELLS]
    some = [one for portal in PORTALS for one in in_blocks(portal, four)]
    ranking = ranked(stored, registry, criteria, some, planned=4 * BLOCKS)
    assert {one.drawn for one in ranking.blocks[Block.PROVINCE]} == {None}


def test_of_thousands_none_are_told():
    assert drawn_apart(Counter({Block.PROVINCE: 34, Block.COMMUNE: 3321})) == {Block.PROVINCE}


def test_its_seed_is_not_that_of_times():
    assert points_seed("00" * 32) != points_seed("01" * 32)
    assert points_seed("00" * 32) < 2**48


@given(
    st.lists(st.tuples(st.floats(0, 100), st.integers(0, 4)), min_size=1, max_size=12),
    st.sampled_from([0.5, 0.75]),
)
def test_a_weighted_quantile_is_that_of_values_taken_so_often(values, quantile):
    weights = np.array([[weight for _, weight in values]])
    told = _weighted_quantile(np.array([value for value, _ in values]), weights, quantile)
    repeated = np.array([value for value, weight in values for _ in range(weight)])
    if len(repeated):
        assert told[0] == quantiles({0: [repeated]}, quantile)["value"].iloc[0]
    else:
        assert np.isnan(told[0])


def test_of_every_draw_without_a_block_of_a_unit_the_round_is_told():
    assert drawn_points._or_first(np.array([1.0, np.nan, 2.0])).tolist() == [1.0, 1.0, 2.0]
