"""Two days of a replay: every notice to an owner is due, and no outage goes untold; sixty are a benchmark."""

import pytest

from benchmarks.bench_notices import replayed
from benchmarks.notice_days import DAY, PLAIN
from benchmarks.notice_world import World


@pytest.fixture(scope="module")
def two_days():
    return replayed(7, 2, 60, portals=8)


def test_every_notice_to_an_owner_is_due_and_every_outage_is_told(two_days):
    verdicts, _, _ = two_days
    assert len(verdicts.notices) > 10
    assert verdicts.wrong == []
    plain = [one for one in verdicts.outages if one.kind == PLAIN]
    assert len(plain) >= 5
    assert [one for one in verdicts.missed if one.kind == PLAIN] == []


def test_the_days_have_of_everything_some(two_days):
    _, world, _ = two_days
    assert {one.what for life in world.episodes.values() for one in life} == {"outage", "flap", "brownout", "slow"}
    assert world.restarts
    assert any(one.spans for one in world.maintenance.values())
    ours = (world.line_lost, world.unscraped, world.unjudged, world.unprobed, world.late)
    assert any(one.spans for one in ours)


def test_the_same_seed_gives_the_same_days():
    first, second = ([*World(3, 1).probes(0, DAY / 8)] for _ in range(2))
    assert first == second
    assert first != [*World(4, 1).probes(0, DAY / 8)]
