from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thuocdo.core.config import bundled
from thuocdo.core.model import Block, PageKind, Reason
from thuocdo.score.criteria import CriteriaSet, load_criteria_set
from thuocdo.score.ranking import DEFAULT_WINDOW, build_ranking, rank
from thuocdo.score.scorecard import METHOD_VERSION, Scorecard, Unranked
from thuocdo.store import block_floor

QUICK = settings(max_examples=8, deadline=None)


def card(name, ratio, low=None, high=None, **rest):
    values = {
        "agency_id": name,
        "block": Block.PROVINCE,
        "points": {},
        "not_measured": {},
        "points_obtained": ratio * 80,
        "measured_points": 80.0,
        "machine_points": 80.0,
        "counted_points": 80.0,
        "total_ratio": ratio,
        "ci_low": ratio if low is None else low,
        "ci_high": ratio if high is None else high,
        "level": None,
        "summaries": {},
        "runs": 9,
        "measurements": 9,
        "coverage_ratio": 1.0,
        "reached_ratio": rest.get("coverage_ratio", 1.0),
        "possible_ratio": ratio,
        "possible_high": ratio if high is None else high,
        "availability_ratio": 1.0,
        "reasons": (),
    }
    return Scorecard(**(values | rest))


def places(cards, criteria: CriteriaSet):
    ranked = rank(cards, criteria, probed=[one.agency_id for one in cards])
    return [(one.scorecard.agency_id, one.rank, one.rank_to) for one in ranked]


def test_apart_intervals_have_places_of_their_own(criteria):
    assert places([card("x", 0.5), card("y", 0.9), card("z", 0.7)], criteria) == [("y", 1, 1), ("z", 2, 2), ("x", 3, 3)]


def test_overlapping_intervals_share_their_places_and_the_next_is_not_inflated(criteria):
    cards = [card("x", 0.9, 0.8, 0.95), card("y", 0.85, 0.75, 0.9), card("z", 0.5, 0.4, 0.6)]
    assert places(cards, criteria) == [("x", 1, 2), ("y", 1, 2), ("z", 3, 3)]


def test_one_wide_interval_has_many_places_and_takes_none_of_the_others_order(criteria):
    cards = [card("wide", 0.9, 0.1, 1.0), card("x", 0.8), card("y", 0.7), card("z", 0.6)]
    assert places(cards, criteria) == [("wide", 1, 4), ("x", 1, 2), ("y", 2, 3), ("z", 3, 4)]


def test_places_are_told_of_pairs_and_a_chain_of_overlaps_is_none(criteria):
    cards = [card("x", 0.9, 0.85, 0.95), card("y", 0.82, 0.75, 0.87), card("z", 0.72, 0.65, 0.78)]
    assert places(cards, criteria) == [("x", 1, 2), ("y", 1, 3), ("z", 2, 3)]


def test_who_may_have_hidden_something_better_has_a_best_and_a_worst_place_beside(criteria):
    cards = [card("x", 0.9), card("y", 0.5, possible_ratio=0.95, possible_high=0.95), card("z", 0.4)]
    ranked = rank(cards, criteria, probed="xyz")
    assert [(one.rank, one.rank_to, one.best_rank, one.worst_rank) for one in ranked] == [
        (1, 1, 1, 2),
        (2, 2, 1, 2),
        (3, 3, 3, 3),
    ]
    assert [one.may_move for one in ranked] == [True, True, False]


def test_unranked_come_last_with_their_reason(criteria):
    cards = [
        card("ok", 0.1),
        card("none", 0, measurements=0, runs=0),
        card("hidden", 0, measurements=0, runs=0),
        card("notice", 0, notice=True),
        card("walled", 0, runs=0, coverage_ratio=0.0),
        card("thin", 0.9, coverage_ratio=0.4),
        card("part", 0.9, machine_points=20.0),
    ]
    ranked = rank(cards, criteria, probed={"none"})
    assert [one.scorecard.agency_id for one in ranked] == ["ok", "hidden", "none", "notice", "part", "thin", "walled"]
    assert [one.unranked_reason for one in ranked] == [
        None,
        Unranked.NOT_PROBED,
        Unranked.NO_MEASUREMENTS,
        Unranked.NOTICE_PAGE,
        Unranked.TOO_LITTLE_MEASURED,
        Unranked.LOW_COVERAGE,
        Unranked.NOTHING_MEASURED,
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.3), st.floats(0, 0.3)), max_size=12),
    st.randoms(use_true_random=False),
)
def test_places_are_those_of_every_pair_and_depend_on_no_order(criteria, drawn, random):
    cards = [card(f"p{i:02}", t, max(t - down, 0), min(t + up, 1)) for i, (t, down, up) in enumerate(drawn)]
    found = places(cards, criteria)
    by_id = {one.agency_id: one for one in cards}
    for position, (name, first, last) in enumerate(found, 1):
        mine, others = by_id[name], [one for one in cards if one.agency_id != name]
        assert first == 1 + sum(one.ci_low > mine.ci_high for one in others)
        assert last == len(cards) - sum(one.ci_high < mine.ci_low for one in others)
        assert first <= position <= last
    random.shuffle(cards)
    assert places(cards, criteria) == found


def blocks(ranking):
    return {
        block.value: [(one.scorecard.agency_id, one.rank, one.unranked_reason) for one in ranked]
        for block, ranked in ranking.blocks.items()
    }


def test_blocks_are_ranked_apart_and_national_is_only_shown(stored, registry, criteria, runs, now):
    store = stored([*runs("a", [9.0] * 6), *runs("b", [2.0] * 6), *runs("m", [5.0] * 6), *runs("n", [1.0] * 6)])
    ranking = build_ranking(store, registry, criteria, now=now)
    assert blocks(ranking) == {
        "ministry": [("m", 1, None)],
        "province": [("b", 1, None), ("a", 2, None), ("c", None, Unranked.NO_MEASUREMENTS)],
        "national": [("n", None, Unranked.OTHER_BLOCK)],
    }
    assert ranking.blocks[Block.NATIONAL][0].scorecard.total_ratio == 1.0


def test_missed_starts_of_the_window_and_of_what_is_ranked_lower_the_coverage(
    stored, registry, criteria, runs, missed, now
):
    lost = [
        missed("a", 12),
        missed("b", 2),
        missed("b", 50, hour=now - DEFAULT_WINDOW - timedelta(hours=2)),
        missed("b", 50, kind="resilience"),
        missed("gone", 50),
    ]
    store = stored([*runs("a", [9.0] * 6), *runs("b", [2.0] * 6)], lost=lost)
    ranking = build_ranking(store, registry, criteria, now=now)
    cards = {one.scorecard.agency_id: one.scorecard for one in ranking.blocks[Block.PROVINCE]}
    assert (cards["a"].coverage_ratio, cards["b"].coverage_ratio) == (round(6 / 18, 9), 0.75)
    assert blocks(ranking)["province"][:2] == [("b", 1, None), ("a", None, Unranked.LOW_COVERAGE)]


def test_a_round_misses_nothing(stored, registry, criteria, runs, missed, now):
    store = stored(runs("a", [1.0] * 3, round_id="r1"), lost=[missed("a", 100)])
    ranking = build_ranking(store, registry, criteria, now=now, round_id="r1")
    assert ranking.blocks[Block.PROVINCE][0].scorecard.coverage_ratio == 1.0


def test_ranking_names_what_it_was_computed_from(stored, registry, criteria, runs, now):
    ranking = build_ranking(stored(runs("a", [1.0] * 4)), registry, criteria, now=now)
    assert (ranking.method_version, ranking.criteria_digest, ranking.registry_digest) == (
        METHOD_VERSION,
        criteria.digest,
        "0" * 64,
    )
    since = block_floor(now - DEFAULT_WINDOW)  # from the beginning of two hours that Hanoi counts
    assert (ranking.since, ranking.until, ranking.computed_at) == (since, now, now)
    assert ranking.last_at - ranking.first_at == timedelta(seconds=3)
    assert (ranking.measurements, ranking.runs, ranking.profiles) == (4, 4, ("desktop",))


def test_round_takes_its_own_measurements_only(stored, registry, criteria, runs, now):
    store = stored([*runs("a", [1.0] * 3, round_id="r1"), *runs("b", [2.0] * 3, round_id="r2")])
    ranking = build_ranking(store, registry, criteria, now=now, round_id="r1")
    assert blocks(ranking)["province"][0] == ("a", 1, None)
    assert (ranking.measurements, ranking.since, ranking.until) == (3, None, None)


def test_measurements_outside_the_window_or_of_unknown_targets_take_no_part(stored, registry, criteria, runs, now):
    old = runs("a", [1.0] * 3)
    ranking = build_ranking(stored([*old, *runs("gone", [1.0] * 3)]), registry, criteria, now=now, since=now)
    assert ranking.measurements == 0
    assert {reason for _, _, reason in blocks(ranking)["province"]} == {Unranked.NO_MEASUREMENTS}


def test_fleet_that_could_not_be_reached_ranks_nobody_and_blames_nobody(stored, registry, criteria, runs, now):
    rows = [one for name in "abm" for one in runs(name, [Reason.NO_CONNECTIVITY] * 5)]
    ranking = build_ranking(stored(rows), registry, criteria, now=now)
    for ranked in ranking.blocks.values():
        assert all(one.rank is None and one.scorecard.total_ratio is None for one in ranked)
    assert ("a", None, Unranked.NOTHING_MEASURED) in blocks(ranking)["province"]


def test_empty_store_ranks_nobody(stored, registry, criteria, now):
    ranking = build_ranking(stored([]), registry, criteria, now=now)
    assert (ranking.measurements, ranking.first_at, ranking.profiles) == (0, None, ())


@pytest.mark.parametrize(
    ("results", "rest", "reason"),
    [
        ([1.0, 1.0], {}, Unranked.TOO_FEW_RUNS),
        ([1.0, 1.0, 1.0] + [Reason.BLOCKED] * 4, {}, None),
        ([1.0, 1.0, 1.0] + [Reason.NO_CONNECTIVITY] * 4, {}, Unranked.LOW_COVERAGE),
        ([1.0, 1.0, 1.0] + [Reason.NOT_THE_PORTAL] * 4, {}, Unranked.LOW_COVERAGE),
        ([0.1] * 5, {"page_kind": PageKind.NOTICE}, Unranked.NOTICE_PAGE),
        ([Reason.CAPTCHA] * 5, {}, None),
        ([Reason.NO_CONNECTIVITY] * 5, {}, Unranked.NOTHING_MEASURED),
        ([Reason.NOT_THE_PORTAL] * 5, {}, Unranked.NOTHING_MEASURED),
        ([Reason.TIMEOUT] * 5, {}, None),
    ],
)
def test_agency_is_ranked_only_on_enough_of_its_own_measurements(
    stored, registry, criteria, runs, now, results, rest, reason
):
    ranking = build_ranking(stored(runs("m", results, **rest)), registry, criteria, now=now)
    assert [one.unranked_reason for one in ranking.blocks[Block.MINISTRY]] == [reason]


@QUICK
@given(
    st.lists(st.floats(0.2, 20.0), min_size=3, max_size=9),
    st.lists(st.floats(0.2, 20.0), min_size=3, max_size=9),
    st.floats(0.1, 0.99),
)
def test_faster_portal_never_ranks_below(stored, registry, criteria, runs, now, times, others, factor):
    rows = [*runs("a", times), *runs("b", [time * factor for time in times]), *runs("c", others), *runs("c2", others)]
    found = {
        one.scorecard.agency_id: one.rank
        for one in build_ranking(stored(rows), registry, criteria, now=now).blocks[Block.PROVINCE]
    }
    assert found["b"] <= found["a"]


@QUICK
@given(st.lists(st.floats(0.2, 20.0), min_size=3, max_size=6), st.integers(1, 3))
def test_a_run_that_failed_for_something_at_us_never_lowers_a_rank(
    stored, registry, criteria, runs, run, now, times, more
):
    rows = [*runs("a", times), *runs("b", [6.0] * 6)]
    added = [run("a", 100 + i, Reason.BROWSER_UNAVAILABLE) for i in range(more)]

    def rank_of_a(measurements):
        ranking = build_ranking(stored(measurements), registry, criteria, now=now)
        return next(one.rank for one in ranking.blocks[Block.PROVINCE] if one.scorecard.agency_id == "a")

    assert rank_of_a([*rows, *added]) == rank_of_a(rows)


@pytest.mark.parametrize("name", ["survey-2023", "qd473-2024", "website-2025"])
def test_dead_portal_does_not_escape_its_rank(stored, registry, runs, now, name):
    shipped = load_criteria_set(bundled("criteria"), name)
    dead = [*runs("a", [Reason.TIMEOUT] * 3), *runs("a", [Reason.TIMEOUT] * 3, kind="http")]
    times = ("fcp_seconds", "lcp_seconds", "load_seconds", "longest_task_seconds")
    alive = runs("b", [1.0] * 3, values=dict.fromkeys(times, 0.5))
    ranking = build_ranking(stored([*dead, *alive]), registry, shipped, now=now)
    assert blocks(ranking)["province"][:2] == [("b", 1, None), ("a", 2, None)]
    assert ranking.blocks[Block.PROVINCE][1].scorecard.total_ratio == 0.0
