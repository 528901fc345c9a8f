"""Two days of a replay: every notice to an owner is due, and no outage goes untold; sixty are a benchmark."""

from dataclasses import replace

import pytest

from benchmarks.bench_notices import replayed
from benchmarks.notice_days import DAY, PLAIN, Certificate, Episode, Spans
from benchmarks.notice_replay import Replay
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


HOUR = 3600.0


@pytest.fixture
def calm_world():
    """A few hours of four portals, in which nothing happens; p00 has ten forms."""
    world = World(1, 0.5, 4)
    form = world.targets["p00.eform-1"]
    world.targets |= {name: replace(form, id=name) for name in (f"p00.eform-{number}" for number in range(2, 11))}
    series = [(name, kind) for name, kind in world.episodes if kind != "eform"]
    world.episodes = {one: [] for one in [*series, *((name, "eform") for name in world.targets if "eform" in name)]}
    world.maintenance = {name: Spans() for name in world.targets}
    world.certificates = {
        name: [Certificate(start=0, end=9 * DAY, ends_at=90 * DAY)] for name, kind in series if kind == PLAIN
    }
    world.line_lost = world.unscraped = world.unjudged = world.unprobed = world.late = Spans()
    world.restarts = []
    return world


def told(world, hours):
    notices = Replay(world, 60).run(hours * HOUR)
    return [(one.alert, one.labels.get("target"), one.ended_at is not None) for one in notices]


def test_a_host_that_dies_with_ten_forms_is_told_once_and_an_outage_beside_it_as_one(calm_world):
    forms = [name for name in calm_world.targets if name.startswith("p00.eform")]
    assert len(forms) == 10
    for name in forms:
        calm_world.episodes[name, "eform"].append(
            Episode(what="outage", target_id=name, kind="eform", parts=((0.5 * HOUR, 3.2 * HOUR),))
        )
    home = Episode(what="outage", target_id="p00.home", kind=PLAIN, parts=((2.2 * HOUR, 2.5 * HOUR),))
    calm_world.episodes["p00.home", PLAIN].append(home)
    (broken, first, is_over), *others = told(calm_world, 6)
    assert (broken, first in forms, is_over) == ("PortalBroken", True, True)
    assert others == [("PortalDown", "p00.home", True)]


def test_a_certificate_is_told_within_fifteen_minutes_and_ends_with_the_new_one(calm_world):
    calm_world.certificates["p01.home"] = [
        Certificate(start=0, end=2 * HOUR, ends_at=7 * DAY + HOUR),
        Certificate(start=2 * HOUR, end=9 * DAY, ends_at=90 * DAY),
    ]
    notices = Replay(calm_world, 60).run(4 * HOUR)
    assert [(one.alert, one.labels["target"]) for one in notices] == [
        ("CertificateExpiresSoon", "p01.home"),
        ("CertificateExpiresVerySoon", "p01.home"),
    ]
    soon, very_soon = notices
    assert soon.at < 0.25 * HOUR
    assert HOUR <= very_soon.at < 1.25 * HOUR
    assert 2 * HOUR < very_soon.ended_at < 2.25 * HOUR
