"""Rankings as they were computed, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.store.rankings import RankingHead

AT = datetime(2026, 11, 22, 7, 5, 0, 123456, tzinfo=UTC)

OF_A_ROUND = RankingHead(
    round_id="r1",
    criteria_set_id="survey-2023",
    criteria_digest="c",
    registry_digest="r",
    method_version="1",
    computed_at=AT,
    first_at=AT - timedelta(hours=1),
    last_at=AT,
)
OF_THE_LAST_DAYS = replace(OF_A_ROUND, round_id=None, first_at=None, last_at=None)


@pytest.mark.parametrize("head", [OF_A_ROUND, OF_THE_LAST_DAYS])
def test_a_ranking_comes_back_as_it_was_stored(store, head):
    body = bytes(range(256)) * 40
    store.rankings.save(head, body)
    assert store.rankings.all() == [head]
    assert store.rankings.of("survey-2023", head.round_id) == [head]
    assert store.rankings.body(head) == body


def test_a_round_and_the_last_days_and_criteria_sets_are_apart(store):
    heads = [OF_A_ROUND, OF_THE_LAST_DAYS, replace(OF_A_ROUND, criteria_set_id="other")]
    for head in heads:
        store.rankings.save(head, repr(head).encode())
    assert [store.rankings.body(head) for head in heads] == [repr(head).encode() for head in heads]
    assert store.rankings.of("other", None) == []
    assert store.rankings.of("survey-2023", "r2") == []


def test_a_round_keeps_its_ranking_by_each_registry_and_the_newest_comes_first(store):
    later = replace(OF_A_ROUND, registry_digest="new", computed_at=AT + timedelta(days=1))
    for head in (OF_A_ROUND, later):
        store.rankings.save(head, b"x")
    assert store.rankings.of("survey-2023", "r1") == [later, OF_A_ROUND]


def test_the_same_round_by_the_same_files_is_stored_once(store):
    again = replace(OF_A_ROUND, computed_at=AT + timedelta(minutes=1))
    store.rankings.save(OF_A_ROUND, b"first")
    store.rankings.save(again, b"second")
    assert store.rankings.all() == [again]
    assert store.rankings.body(again) == b"second"
    assert store.rankings.body(OF_A_ROUND) is None


def test_of_the_last_days_there_is_one_ranking_for_each_criteria_set(store):
    other = replace(OF_THE_LAST_DAYS, criteria_set_id="other")
    later = replace(OF_THE_LAST_DAYS, registry_digest="new", computed_at=AT + timedelta(hours=1))
    for head in (OF_THE_LAST_DAYS, other, OF_A_ROUND, later):
        store.rankings.save(head, b"x")
    assert store.rankings.of("survey-2023", None) == [later]
    assert store.rankings.of("other", None) == [other]
    assert store.rankings.of("survey-2023", "r1") == [OF_A_ROUND]
