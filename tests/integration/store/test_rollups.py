"""Roll-ups tell the same as the measurements that they are made of, on both engines, whatever comes when."""

import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from thuocdo.core.config import Settings
from thuocdo.core.model import Conditions, Outcome, PageKind, Reason
from thuocdo.core.portals import load_registry
from thuocdo.score.criteria import criteria_set_ids, load_criteria_set
from thuocdo.score.kept_values import kept_values
from thuocdo.score.ranking import build_ranking
from thuocdo.store.runs import block_floor, block_of
from thuocdo.store.schema import measurements as table

NAMES = {"http": ("total_seconds", "tls_seconds"), "homepage": ("load_seconds",)}
START = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
NOW = START + timedelta(days=4)


def make_some(make_measurement, number, seed):
    """Measurements of two kinds over three days, of every ending, in no order."""
    chance = random.Random(seed)
    made = []
    for index in range(number):
        kind = chance.choice(["http", "http", "homepage"])
        reason = chance.choice([None, None, None, Reason.TIMEOUT, Reason.BLOCKED])
        values = {name: round(chance.lognormvariate(-1, 1), 6) for name in NAMES[kind] if chance.random() < 0.8}
        at = START + timedelta(microseconds=chance.randrange(3 * 86_400_000_000))
        made.append(
            make_measurement(
                index,
                kind=kind,
                target_id=f"t{chance.randrange(3)}.home",
                agency_id=f"a{chance.randrange(2)}",
                outcome=reason.outcome if reason else Outcome.OK,
                reason=reason,
                page_kind=chance.choice([None, PageKind.PORTAL, PageKind.NOTICE]),
                values=values | {"never_asked_for": 1.0},
                conditions=Conditions(saturated=chance.random() < 0.2),
                scheduled_at=at,
                started_at=at,
                round_id=chance.choice([None, "r"]),
            )
        )
    return made


def summed_up(groups):
    """What groups say, however they are cut."""
    runs, present, values, ends = Counter(), Counter(), defaultdict(list), {}
    for group in groups:
        place = (group.key, tuple(group.ended))
        runs[place] += group.runs
        for name, number in group.present.items():
            present[place, name] += number
        for name, some in group.values.items():
            values[place, name] += some.tolist()
        first, last = ends.get(place, (group.first_at, group.last_at))
        ends[place] = min(first, group.first_at), max(last, group.last_at)
    return runs, +present, {place: sorted(some) for place, some in values.items() if some}, ends


def expected(measurements, names=NAMES):
    """What measurements say, counted one by one."""
    runs, present, values, ends = Counter(), Counter(), defaultdict(list), {}
    for one in measurements:
        key, seen = one.key, one.observation
        if key.kind not in names:
            continue
        ended = (
            one.agency_id,
            seen.outcome.value,
            seen.reason.value if seen.reason else None,
            seen.page_kind.value if seen.page_kind else None,
            one.conditions.saturated,
        )
        place = ((key.target_id, key.kind, key.vantage_id, key.profile), ended)
        at = (key.scheduled_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        runs[place] += 1
        first, last = ends.get(place, (at, at))
        ends[place] = min(first, at), max(last, at)
        for name in names[key.kind]:
            if name in seen.values:
                present[place, name] += 1
                if seen.outcome is Outcome.OK and not one.conditions.saturated:
                    values[place, name].append(seen.values[name])
    return runs, +present, {place: sorted(some) for place, some in values.items()}, ends


def within(measurements, since, until):
    return [one for one in measurements if since <= one.key.scheduled_at < until]


WINDOWS = [
    (START - timedelta(days=1), START + timedelta(days=5)),
    (block_floor(START + timedelta(hours=9)), block_floor(START + timedelta(hours=40))),
    (START + timedelta(hours=9, minutes=7), START + timedelta(hours=41, minutes=59)),
    (START + timedelta(hours=30), START + timedelta(hours=30, minutes=20)),
    (START + timedelta(hours=30), START + timedelta(hours=30)),
]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_when_a_window_tells_what_its_measurements_tell(store, make_measurement, seed):
    made = make_some(make_measurement, 400, seed)
    for start, most in ((0, 7), (130, 1_000), (310, 33)):
        batch = made[start : start + 180]  # some of them for the second time
        store.measurements.write(batch)
        so_far = made[: start + 180]
        for _ in range(3):
            for since, until in WINDOWS:
                runs = store.rollups.between(since, until, NAMES)
                assert summed_up(runs) == expected(within(so_far, since, until)), (since, until)
                told = runs.sources
                assert told.rolled_up + told.raw == len(within(so_far, since, until))
            store.rollups.roll(NAMES, NOW, most=most)
    while store.rollups.roll(NAMES, NOW, most=100):
        pass
    assert store.rollups.waiting() == 0
    assert store.rollups.rolled_at() == NOW
    everything = store.rollups.between(*WINDOWS[0], NAMES)
    assert summed_up(everything) == expected(made)
    assert (everything.sources.rolled_up, everything.sources.raw) == (len(made), 0)


@pytest.mark.parametrize("rolled", [0, 150, 400])
def test_block_by_block_the_same_is_told_and_no_group_is_of_two(store, make_measurement, rolled):
    made = make_some(make_measurement, 400, 4)
    store.measurements.write(made[:rolled])
    roll_all(store)
    store.measurements.write(made[rolled:])
    for since, until in WINDOWS:
        assert summed_up(store.rollups.by_block(since, until, NAMES)) == expected(within(made, since, until))
        groups = [*store.rollups.by_block(since, until, NAMES)]
        assert all(block_of(group.first_at) == block_of(group.last_at) for group in groups)
        assert all(set(group.present) <= set(NAMES[group.key[1]]) for group in groups)


def roll_all(store, names=NAMES):
    while store.rollups.roll(names, NOW):
        pass


def test_roll_ups_outlive_their_measurements_and_what_comes_late_is_added(store, make_measurement):
    made = make_some(make_measurement, 200, 5)
    store.measurements.write(made[:150])
    roll_all(store)
    with store._database.transaction("test") as connection:
        connection.execute(delete(table))
    store.measurements.write(made[150:])
    whole = WINDOWS[0]
    assert summed_up(store.rollups.between(*whole, NAMES)) == expected(made)
    roll_all(store)
    assert summed_up(store.rollups.between(*whole, NAMES)) == expected(made)


def test_where_a_cut_block_is_not_kept_the_whole_block_is_taken(store, make_measurement):
    made = make_some(make_measurement, 200, 6)
    store.measurements.write(made)
    roll_all(store)
    with store._database.transaction("test") as connection:
        connection.execute(delete(table))
    since, until = WINDOWS[2]
    whole = (block_floor(since), block_floor(until) + timedelta(hours=2))
    runs = store.rollups.between(since, until, NAMES)
    # Of a block that began within the window nothing says that it was cut: it is taken whole as well.
    assert summed_up(runs) == expected(within(made, *whole))
    assert runs.sources.raw == 0


def test_a_value_that_was_not_kept_is_read_from_the_measurements_while_they_are_there(store, make_measurement):
    made = make_some(make_measurement, 200, 7)
    store.measurements.write(made)
    roll_all(store, {"http": ("total_seconds",)})
    runs = store.rollups.between(*WINDOWS[0], NAMES)
    assert summed_up(runs) == expected(made)
    assert runs.sources.raw == len(made)
    with store._database.transaction("test") as connection:
        connection.execute(delete(table))
    runs, present, values, _ = summed_up(store.rollups.between(*WINDOWS[0], NAMES))
    expected_runs, expected_present, expected_values, _ = expected(made)
    assert runs == expected_runs
    assert present == {place: n for place, n in expected_present.items() if place[1] == "total_seconds"}
    assert values == {place: some for place, some in expected_values.items() if place[1] == "total_seconds"}


def test_a_round_is_told_from_its_measurements(store, make_measurement):
    made = make_some(make_measurement, 200, 8)
    store.measurements.write(made)
    roll_all(store)
    of_round = [one for one in made if one.round_id == "r"]
    runs = store.rollups.of_round("r", NAMES)
    assert summed_up(runs) == expected(of_round)
    assert (runs.sources.rolled_up, runs.sources.raw) == (0, len(of_round))
    since, until = WINDOWS[2]
    assert summed_up(store.rollups.of_round("r", NAMES, since=since, until=until)) == expected(
        within(of_round, since, until)
    )
    only = {"homepage": NAMES["homepage"]}
    assert summed_up(store.rollups.of_round("r", only)) == expected(of_round, only)


def test_odd_values_come_back_to_the_last_bit(store, make_measurement):
    odd = [1 / 3, -0.0, 5e-324, 1e300, 2**31 / 1e6, -1.5]
    store.measurements.write(
        [make_measurement(number, values={"total_seconds": value}) for number, value in enumerate(odd)]
    )
    roll_all(store)
    [group] = list(store.rollups.between(*(NOW + timedelta(days=n) for n in (-90, 90)), NAMES))
    assert sorted(map(str, group.values["total_seconds"].tolist())) == sorted(map(str, odd))


@pytest.fixture(scope="module")
def settings():
    return Settings()


@pytest.fixture(scope="module")
def registry(settings):
    return load_registry(settings.registry_dir, at=NOW.date())


def visits(make_measurement, registry, per_target):
    """Measurements of all home pages and forms of the registry, some of every ending, some with times that differ by little."""
    chance = random.Random(15)
    for target in list(registry.ranked_targets().values())[:60]:
        kinds = ["eform"] if target.role.value.startswith("eform") else ["http", "homepage", "accessibility"]
        usual = chance.lognormvariate(0, 0.3)
        for number in range(per_target):
            at = START + timedelta(seconds=chance.randrange(3 * 86_400))
            kind = chance.choice(kinds)
            reason = chance.choice([None] * 8 + [Reason.TIMEOUT, Reason.CERTIFICATE_INVALID, Reason.CAPTCHA])
            names = {
                "http": ("tls_seconds", "total_seconds"),
                "homepage": ("load_seconds", "fcp_seconds", "lcp_seconds", "longest_task_seconds"),
                "eform": ("ready_seconds",),
                "accessibility": ("score",),
            }[kind]
            values = {name: round(usual * chance.lognormvariate(0, 0.2), 6) for name in names if chance.random() < 0.9}
            yield make_measurement(
                number,
                target_id=target.id,
                agency_id=target.agency_id,
                kind=kind,
                profile=chance.choice(["desktop", "mobile"]),
                outcome=reason.outcome if reason else Outcome.OK,
                reason=reason,
                page_kind=None
                if reason or kind == "accessibility"
                else chance.choice([PageKind.PORTAL] * 9 + [PageKind.NOTICE]),
                values=values,
                conditions=Conditions(saturated=chance.random() < 0.1),
                scheduled_at=at,
                started_at=at,
            )


def test_a_ranking_is_the_same_from_measurements_and_from_roll_ups(store, make_measurement, settings, registry):
    """Every published figure, of every criteria set, to the last digit: before, while and after they are rolled up."""
    made = list(visits(make_measurement, registry, 25))
    store.measurements.write(made)
    sets = [load_criteria_set(settings.criteria_dir, name) for name in criteria_set_ids(settings.criteria_dir)]
    kept = kept_values(sets)

    def ranked():
        found = [build_ranking(store, registry, criteria, now=NOW) for criteria in sets]
        sources = {(one.from_rollups > 0, one.from_measurements > 0) for one in found}
        return [replace(one, from_rollups=0, from_measurements=0) for one in found], sources

    raw, sources = ranked()
    assert sources == {(False, True)}
    assert any(one.rank for ranking in raw for block in ranking.blocks.values() for one in block)
    store.rollups.roll(kept, NOW, most=700)
    assert ranked() == (raw, {(True, True)})
    roll_all(store, kept)
    assert ranked() == (raw, {(True, False)})
    with store._database.transaction("test") as connection:
        connection.execute(delete(table))
    assert ranked() == (raw, {(True, False)})


def test_of_some_values_only_is_counted_how_many_runs_have_one(store, make_measurement):
    made = make_some(make_measurement, 200, 9)
    store.measurements.write(made)
    names, counted = {"http": ("total_seconds",)}, {"http": ("tls_seconds",)}
    runs, present, values, ends = expected(made, {"http": NAMES["http"]})
    values = {place: some for place, some in values.items() if place[1] == "total_seconds"}
    for most in (0, 70, 1_000):
        if most:
            store.rollups.roll(NAMES, NOW, most=most)
        found = summed_up(store.rollups.between(*WINDOWS[0], names, counted))
        assert found == (runs, present, values, ends)


def test_a_ranking_is_the_same_before_and_after_retention(store, make_measurement, settings, registry):
    """Half of the days are let go of by the product's own hand, the other half is not rolled up yet."""
    made = sorted(visits(make_measurement, registry, 15), key=lambda one: one.key.scheduled_at)
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    half = len(made) // 2
    store.measurements.write(made[:half])
    roll_all(store, kept_values([criteria]))
    store.measurements.write(made[half:])
    before = build_ranking(store, registry, criteria, now=NOW)
    later = NOW + timedelta(days=5)
    gone = sum(one.rows for one in store.retention.let_go_measurements(store.retention.cut(later, 3), later, most=100))
    assert gone == half
    assert store.retention.is_held_back(store.retention.cut(later, 3))
    after = build_ranking(store, registry, criteria, now=NOW)
    assert replace(after, from_rollups=0, from_measurements=0) == replace(before, from_rollups=0, from_measurements=0)
    assert any(one.rank for block in after.blocks.values() for one in block)
    assert (after.from_rollups, after.from_measurements) == (before.from_rollups, before.from_measurements)
