import zlib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thuocdo.core.config import bundled
from thuocdo.core.model import Block, Round
from thuocdo.score.basis import day_digest
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.kept import (
    LONGEST_PAUSE,
    SHORTEST_PAUSE,
    News,
    Wanted,
    due_since,
    first_readable,
    keep,
    kept,
    packed,
    unpacked,
)
from thuocdo.score.ranking import build_ranking
from thuocdo.score.scorecard import METHOD_VERSION, RankedAgency, Scorecard
from thuocdo.store.rankings import RankingHead

MINUTE = timedelta(minutes=1)


class Shelf:
    """Where rankings are kept, in memory."""

    def __init__(self):
        self.bodies = {}

    def save(self, head, body):
        self.bodies[head] = body

    def body(self, head):
        return self.bodies.get(head)


@pytest.fixture
def ranking(stored, registry, runs, now):
    """By a shipped set, with medians, ratios, reasons and agencies without a rank."""
    from thuocdo.core.model import Reason

    shipped = load_criteria_set(bundled("criteria"), "survey-2023")
    rows = [*runs("a", [1.0, 2.5, 9.0]), *runs("b", [Reason.TIMEOUT, Reason.BLOCKED, 3.0]), *runs("m", [0.1] * 7)]
    return build_ranking(stored(rows), registry, shipped, now=now)


@pytest.fixture
def head(now):
    """Of the last days, after ten hours of measuring."""
    return RankingHead(
        round_id=None,
        criteria_set_id="small",
        criteria_digest="c",
        registry_digest="r",
        method_version=METHOD_VERSION,
        computed_at=now,
        first_at=now - timedelta(hours=10),
        last_at=now - MINUTE,
    )


@pytest.fixture
def asked(criteria, now):
    return Wanted(
        round=None, criteria=criteria, criteria_digest="c", registry_digest="r", read_at=now - timedelta(days=1)
    )


@pytest.fixture
def ended(now):
    return Round(id="r1", label="r1", started_at=now - timedelta(hours=3), ended_at=now - timedelta(hours=1))


def test_a_ranking_comes_back_whole(ranking):
    again = unpacked(packed(ranking))
    assert again == ranking
    assert again.criteria.digest == ranking.criteria_digest
    assert again.blocks[Block.PROVINCE][0].scorecard.summary("homepage.load_seconds").value is not None


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.floats(0, 1) | st.none(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5), st.integers(0)
)
def test_any_figure_comes_back_to_the_last_digit(ranking, ratio, points, level, runs):
    [first, *others] = ranking.blocks[Block.PROVINCE]
    level = level.encode(errors="replace").decode().replace("\0", "")
    card = replace(first.scorecard, total_ratio=ratio, points_obtained=points, level=level, runs=runs)
    changed = replace(ranking, blocks={**ranking.blocks, Block.PROVINCE: (replace(first, scorecard=card), *others)})
    assert unpacked(packed(changed)) == changed


def test_thousands_of_agencies_stay_small(ranking):
    cards = [replace(ranking.blocks[Block.PROVINCE][0].scorecard, agency_id=f"commune-{n:04d}") for n in range(3_400)]
    many = replace(
        ranking, blocks={Block.PROVINCE: tuple(RankedAgency(scorecard=card, rank=1, rank_to=2) for card in cards)}
    )
    assert len(packed(many)) < 1_000_000
    assert unpacked(packed(many)) == many


@pytest.mark.parametrize(
    "body",
    [
        *(
            b"",
            b"no zlib",
            zlib.compress(b"no json"),
            zlib.compress(b"[]"),
            zlib.compress(b"null"),
            zlib.compress(b'"x"'),
        ),
        *(zlib.compress(b'{"blocks": {}}'), zlib.compress(b'{"blocks": {"province": [{"scorecard": {}}]}}')),
        *(zlib.compress(b'{"blocks": [1]}'), zlib.compress(b"\xff"), zlib.compress(b"[" * 100_000)),
    ],
)
def test_what_this_version_cannot_read_is_as_if_it_were_not_there(body, head):
    shelf = Shelf()
    shelf.save(head, body)
    assert kept(shelf, head) is None


def test_a_ranking_that_was_cut_short_is_not_read(ranking, head):
    whole = packed(ranking)
    for length in range(0, len(whole), max(1, len(whole) // 50)):
        assert unpacked(whole[:length]) is None


def test_what_is_kept_says_what_it_is_of(ranking, registry):
    shelf = Shelf()
    keep(shelf, ranking, registry)
    [(head, _)] = shelf.bodies.items()
    assert kept(shelf, head) == ranking
    assert head == RankingHead(
        round_id=None,
        criteria_set_id="survey-2023",
        criteria_digest=ranking.criteria_digest,
        registry_digest=day_digest(registry),
        method_version=METHOD_VERSION,
        computed_at=ranking.computed_at,
        first_at=ranking.first_at,
        last_at=ranking.last_at,
    )


def test_what_is_in_force_is_shown_before_what_is_newer(head, asked):
    older = replace(head, computed_at=head.computed_at - MINUTE)
    other = replace(head, registry_digest="x", computed_at=head.computed_at + MINUTE)
    assert first_readable([other, older, head], asked, lambda one: "it") == (head, "it")
    assert first_readable([other, replace(other, computed_at=head.computed_at)], asked, lambda one: "it") == (
        other,
        "it",
    )
    assert first_readable([], asked, lambda one: "it") == (None, None)


def test_the_next_one_is_shown_where_the_first_cannot_be_read(head, asked):
    other = replace(head, registry_digest="x")
    assert first_readable([head, other], asked, lambda one: None if one is head else "it") == (other, "it")


def test_what_is_not_there_is_due_since_the_files_were_read(asked, now):
    assert due_since(None, asked, News(), now) == asked.read_at


def test_a_round_is_due_since_it_ended_and_not_before(asked, ended, now):
    assert due_since(None, replace(asked, round=ended), News(newest_at=now), now) == ended.ended_at
    assert due_since(None, replace(asked, round=replace(ended, ended_at=None)), News(newest_at=now), now) is None


def test_a_round_is_computed_once_whatever_is_measured_since(asked, ended, head, now):
    of_round = replace(head, round_id="r1")
    later = now + timedelta(days=400)
    assert due_since(of_round, replace(asked, round=ended), News(newest_at=later), later) is None


@pytest.mark.parametrize("change", [{"criteria_digest": "x"}, {"registry_digest": "x"}, {"method_version": "0"}])
def test_what_is_not_by_what_is_in_force_is_due_since_that_was_read(asked, head, now, change):
    later = replace(asked, read_at=now + MINUTE)
    assert due_since(replace(head, **change), later, News(), now + 2 * MINUTE) == now + MINUTE


@pytest.mark.parametrize("change", [{"criteria_digest": "x"}, {"registry_digest": "x"}, {"method_version": "0"}])
def test_nothing_that_changes_moves_a_round_that_has_ended(asked, ended, head, now, change):
    of_round = replace(head, round_id="r1", **change)
    later = replace(asked, round=ended, read_at=now + MINUTE)
    assert due_since(of_round, later, News(), now + 2 * MINUTE) is None
    newer = replace(of_round, computed_at=of_round.computed_at + MINUTE)
    assert first_readable([replace(head, round_id="r1"), newer], later, lambda one: "it") == (newer, "it")


def test_what_others_computed_by_newer_files_than_ours_is_not_due(asked, head, now):
    assert due_since(replace(head, registry_digest="newer"), asked, News(), now) is None


def test_what_a_clock_that_was_ahead_computed_does_not_hold_until_then(asked, ended, head, now):
    ahead = replace(head, computed_at=now + timedelta(days=365))
    for of in (asked, replace(asked, round=ended)):
        assert due_since(ahead, of, News(), now) == asked.read_at
        assert due_since(replace(head, computed_at=now + MINUTE), of, News(), now) is None


def test_what_a_person_entered_since_is_due_in_its_criteria_set_alone(asked, ended, head, now):
    entered = now + MINUTE
    of_round = replace(asked, round=ended)
    for one, name, other in ((of_round, "r1", None), (asked, None, "r1")):
        assert due_since(head, one, News(assessed_at={("small", name): entered}), entered) == entered
        assert due_since(head, one, News(assessed_at={("other", name): entered}), entered) is None
        assert due_since(head, one, News(assessed_at={("small", other): entered}), entered) is None
        assert due_since(head, one, News(assessed_at={("small", name): now - MINUTE}), entered) is None


def test_nothing_moves_a_published_round(asked, ended, head, now):
    published = replace(asked, round=replace(ended, published_at=now, published_by="Lan"), read_at=now + MINUTE)
    entered = News(newest_at=now + MINUTE, assessed_at={("small", "r1"): now + MINUTE})
    for one in (head, replace(head, criteria_digest="x"), replace(head, computed_at=now + timedelta(days=365))):
        assert due_since(one, published, entered, now + 2 * MINUTE) is None
    assert due_since(None, published, entered, now + 2 * MINUTE) is not None


def test_the_last_days_are_due_after_an_hour_in_which_something_new_came(asked, head, now):
    new, later = News(newest_at=now), now + LONGEST_PAUSE
    assert due_since(head, asked, new, later - timedelta(seconds=1)) is None
    assert due_since(head, asked, new, later + 5 * MINUTE) == later
    assert due_since(head, asked, News(newest_at=head.last_at), later + 5 * MINUTE) is None


def test_a_young_ranking_is_due_when_what_it_looked_back_on_has_doubled(asked, head, now):
    young = replace(head, first_at=now - 8 * MINUTE)
    new = News(newest_at=now)
    assert due_since(young, asked, new, now + 7 * MINUTE) is None
    assert due_since(young, asked, new, now + 9 * MINUTE) == now + 8 * MINUTE


def test_a_ranking_of_nothing_is_due_a_minute_later_once_something_was_measured(asked, head, now):
    empty = replace(head, first_at=None, last_at=None)
    assert due_since(empty, asked, News(), now + timedelta(days=1)) is None
    assert due_since(empty, asked, News(newest_at=now), now + SHORTEST_PAUSE) == now + SHORTEST_PAUSE


def test_a_scorecard_without_summaries_is_kept_too(ranking):
    bare = Scorecard(
        agency_id="x",
        block=Block.NATIONAL,
        points={},
        not_measured={},
        points_obtained=0.0,
        measured_points=0.0,
        machine_points=0.0,
        total_ratio=None,
        ci_low=None,
        ci_high=None,
        level=None,
        summaries={},
        runs=0,
        measurements=0,
        coverage_ratio=None,
        availability_ratio=None,
        reasons=(),
    )
    changed = replace(ranking, blocks={Block.NATIONAL: (RankedAgency(scorecard=bare),)})
    assert unpacked(packed(changed)) == changed
