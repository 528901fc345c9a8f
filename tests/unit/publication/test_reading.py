"""All results of a round, read from a store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from benchmarks.made_up_round import MadeUpRound, made_up_content
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Assessment
from thuocdo.publication.reading import read_content
from thuocdo.store import Store


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('round')}/store.sqlite") as store:
        yield store, made_up_content(store, MadeUpRound(agencies=7, days=1))


def test_each_block_and_profile_is_compared(stored):
    _, content = stored
    assert [(one.asked.block, one.asked.profile) for one in content.comparisons] == [
        ("ministry", "desktop"),
        ("ministry", "mobile"),
        ("province", "desktop"),
        ("province", "mobile"),
    ]


def test_what_was_planned_is_what_was_taken_or_missed_where_nobody_says_more(stored):
    _, content = stored
    assert all(one.planned == one.taken >= one.conclusive for one in content.coverage)
    assert sum(one.taken for one in content.coverage) == 14 * 36 - 2 * 18 + 14 * 9 - 2 * 9


def test_a_plan_that_is_given_stands(stored):
    store, content = stored
    told = read_content(store, content.round, content.ranking, content.registry, planned={"hue-2025": 99})
    assert {one.planned for one in told.coverage} <= {0, 99}


def test_points_by_hand_are_those_that_the_ranking_knew(stored):
    store, content = stored
    agency = next(iter(content.members))
    computed = content.ranking.computed_at

    def entered(at, points, round_id=content.round.id):
        return Assessment(
            agency_id=agency, criteria_set_id="survey-2023", criterion_id="functions-by-hand", points=points,
            entered_by="x", entered_at=at, evidence_sha256="0" * 64, round_id=round_id,
        )  # fmt: skip

    for one in (
        entered(computed - timedelta(hours=2), 50.0),
        entered(computed - timedelta(hours=1), 60.0),
        entered(computed + timedelta(hours=1), 70.0),
        entered(computed - timedelta(minutes=1), 80.0, "another"),
    ):
        store.assessments.save(one)
    told = read_content(store, content.round, content.ranking, content.registry)
    assert [one.points for one in told.assessments] == [60.0]


def test_a_published_round_is_approved_and_no_other(stored):
    store, content = stored
    published = replace(content.round, published_at=content.ranking.computed_at)
    assert not read_content(store, content.round, content.ranking, content.registry).approved
    assert read_content(store, published, content.ranking, content.registry).approved


def test_a_round_that_runs_has_no_package(stored):
    store, content = stored
    with pytest.raises(ConfigurationError, match="has not ended"):
        read_content(store, replace(content.round, ended_at=None), content.ranking, content.registry)
