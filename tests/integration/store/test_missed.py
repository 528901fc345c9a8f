"""One suite, both engines: what the store keeps of missed starts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thuocdo.core.model import HourTally, MissedStarts

HOUR = datetime(2026, 3, 1, 10, tzinfo=UTC)
LATER = HOUR + timedelta(hours=1)
ONE = MissedStarts(
    target_id="hue.home",
    kind="http",
    vantage_id="local",
    profile="desktop",
    hour=HOUR,
    agency_id="hue",
    missed=3,
    counted_by="first",
)


def sums(store, **wanted):
    return {(one.target_id, one.kind): one.missed for one in store.missed.totals(HOUR, LATER + timedelta(1), **wanted)}


def test_delivering_twice_or_in_the_wrong_order_changes_nothing(store):
    store.missed.write([])
    for batch in ([ONE], [ONE], [replace(ONE, missed=5), ONE, replace(ONE, missed=4)], [replace(ONE, missed=2)]):
        store.missed.write(batch)
    assert store.missed.totals(HOUR, LATER) == [replace(ONE, missed=5, counted_by="")]


def test_processes_that_count_the_same_series_are_added_up(store):
    store.missed.write([ONE, replace(ONE, counted_by="second", missed=4)])
    store.missed.write([replace(ONE, counted_by="third", missed=1, hour=LATER)])
    assert sums(store) == {("hue.home", "http"): 8}
    by_hour = store.missed.by_hour(HOUR, LATER + timedelta(hours=1), kind="http", profile="desktop")
    assert [(one.hour, one.missed, one.counted_by) for one in by_hour] == [(HOUR, 7, ""), (LATER, 1, "")]


def test_what_is_asked_for_comes_back_and_nothing_else(store):
    other = replace(ONE, target_id="da-nang.home", agency_id="da-nang", vantage_id="can-tho")
    store.missed.write([ONE, other, replace(ONE, kind="homepage", missed=1), replace(ONE, profile="mobile", missed=9)])
    assert sums(store, target_id="da-nang.home") == {("da-nang.home", "http"): 3}
    assert sums(store, agency_id="hue") == {("hue.home", "http"): 9, ("hue.home", "homepage"): 1}
    assert store.missed.totals(LATER, LATER + timedelta(hours=1)) == []
    by_hour = store.missed.by_hour(HOUR, LATER, kind="http", profile="desktop")
    assert [(one.target_id, one.vantage_id) for one in by_hour] == [("da-nang.home", "can-tho"), ("hue.home", "local")]


def test_the_sums_of_hours_are_those_of_one_kind_and_profile(store):
    later, others = replace(ONE, hour=LATER), [replace(ONE, kind="homepage"), replace(ONE, profile="mobile")]
    store.missed.write([ONE, replace(ONE, counted_by="second"), replace(later, target_id="a"), *others])
    asked = {"kind": "http", "profile": "desktop"}
    assert store.missed.sums(HOUR, LATER + timedelta(hours=1), **asked) == {HOUR: 6, LATER: 3}
    assert store.missed.sums(HOUR, LATER, **asked) == {HOUR: 6}
    assert store.missed.sums(LATER + timedelta(hours=1), LATER + timedelta(1), **asked) == {}


def test_what_was_missed_stands_in_tallies_beside_the_answers_and_neither_touches_the_other(store):
    counting = store.incidents.counting
    mark = counting.begin("http", HOUR, HOUR)
    answered = HourTally(target_id="b", vantage_id="local", hour=HOUR, ok=4, failed=1, missed=99)
    alone = HourTally(target_id="a", vantage_id="local", hour=HOUR, missed=2)

    def there():
        return [(one.target_id, one.ok, one.failed, one.missed) for one in store.incidents.tallies(HOUR, LATER)]

    assert counting.add([replace(answered, missed=0)], mark, mark, HOUR)
    for missed in (3, 7, 5):
        counting.save_missed(HOUR, [alone, replace(answered, missed=missed)], from_zero=False)
    assert there() == [("a", 0, 0, 2), ("b", 4, 1, 7)]
    assert counting.add([replace(answered, missed=0)], mark, mark, HOUR)
    assert counting.replace([replace(answered, ok=9, failed=9, missed=0)], mark)
    assert there() == [("a", 0, 0, 2), ("b", 9, 9, 7)]
    counting.save_missed(HOUR, [replace(answered, missed=5)], from_zero=True)
    assert there() == [("a", 0, 0, 0), ("b", 9, 9, 5)]
    counting.save_missed(HOUR, [], from_zero=False)
    assert there() == [("a", 0, 0, 0), ("b", 9, 9, 5)]


@pytest.mark.parametrize("name", ["target_id", "counted_by"])
def test_characters_that_no_database_keeps_block_nothing(store, name):
    store.missed.write([replace(ONE, **{name: "a\x00b\ud800"})])
    assert len(store.missed.totals(HOUR, LATER)) == 1


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 9)), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_repetition_of_deliveries_ends_the_same(store, counts, random):
    fresh = uuid4().hex  # the store is one for all examples
    records = [replace(ONE, target_id=fresh, counted_by=name, missed=missed) for name, missed in counts]
    deliveries = records * 2
    random.shuffle(deliveries)
    while deliveries:
        number = random.randint(1, len(deliveries))
        store.missed.write(deliveries[:number])
        del deliveries[:number]
    largest = {name: max(missed for other, missed in counts if other == name) for name, _ in counts}
    assert sums(store, target_id=fresh) == {(fresh, "http"): sum(largest.values())}
