from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from schedules.cadence import load_schedule
from schedules.drawing import Draw, commitment
from schedules.plan import Planner
from schedules.round_plan import RoundPlan, RoundType
from thuocdo.core.clock import HANOI
from thuocdo.core.config import bundled
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, Target, TargetRole
from thuocdo.core.profiles import PLAIN_PROFILE

DEFAULT = load_schedule(bundled("schedules") / "default.yaml", all_kinds())
DAY_ONE = date(2026, 12, 7)
SEED = "5e" * 32
MIDNIGHT = datetime(2026, 12, 6, 17, tzinfo=UTC)  # in Hanoi


def targets(number):
    """A home page and a form of each of some portals."""
    return [
        Target(
            id=f"{name}{n}",
            role=role,
            url=f"https://dvc{n}.example/{name}",
            agency_id=f"a{n}",
            portal_id=f"p{n}",
            block=Block.PROVINCE,
            probed=True,
        )
        for n in range(number)
        for name, role in (("home", TargetRole.HOMEPAGE), ("form", TargetRole.EFORM))
    ]


def plan(**changes):
    return RoundPlan(
        **{
            "id": "2026-q4",
            "label": "Quý IV",
            "type": RoundType.OFFICIAL,
            "first_day": DAY_ONE,
            "days": 2,
            "starts": (120, 360, 480, 600, 1200),
            "loads": {"http": 1, "homepage": 1, "eform": 1},
            "profiles": (PLAIN_PROFILE,),
            "vantage_ids": ("ha-noi",),
            "criteria_set_id": "qd473-2024",
            "ranked": frozenset({Block.MINISTRY, Block.PROVINCE}),
        }
        | changes
    )


def draw(found, *, seed=SEED, when=DEFAULT, **changes):
    frozen = {one.id: one for one in found}
    return Draw(round_id="2026-q4", seed=seed, plan=plan(**changes), frozen=frozen, schedule=when)


def planned(found, *draws, day=DAY_ONE, when=DEFAULT, kinds=None):
    """All jobs of a day in Hanoi."""
    planner = Planner(found, when, kinds or all_kinds(), "ha-noi", draws=draws, all_kinds=all_kinds(), day=day)
    start = MIDNIGHT + (day - DAY_ONE)
    return planner.due(start, start + timedelta(days=1))


def of_round(jobs):
    return [job for job in jobs if job.round_id]


def by_series(jobs):
    found = defaultdict(list)
    for job in jobs:
        found[(job.target.id, job.kind, job.profile)].append(job.scheduled_at)
    return found


@pytest.fixture(scope="module")
def some():
    return targets(12)


def test_each_series_has_one_run_in_each_block_of_the_day(some):
    jobs = of_round(planned(some, draw(some)))
    blocks = [block for block in plan().blocks if block.day == 0]
    seen = Counter(
        (job.target.id, job.kind, next(n for n, b in enumerate(blocks) if b.start <= job.scheduled_at < b.end))
        for job in jobs
    )
    wanted = {(job.target.id, job.kind) for job in planned(some) if job.kind in ("http", "homepage", "eform")}
    assert seen == Counter({(target, kind, n): 1 for target, kind in wanted for n in range(len(blocks))})
    assert {job.round_id for job in jobs} == {"2026-q4"}


def test_a_run_of_a_round_takes_the_place_of_the_nearest_everyday_one(some):
    """By day nobody is visited more often than without a round; at night, when no page is loaded, once more."""
    everyday, with_round = by_series(planned(some)), by_series(planned(some, draw(some)))
    for series, instants in everyday.items():
        nightly = 1 if series[1] in ("homepage", "eform") else 0
        assert len(with_round[series]) == len(instants) + nightly
    moved = by_series(of_round(planned(some, draw(some))))
    for series, instants in moved.items():
        for at in instants:
            gone = [one for one in everyday[series] if one not in with_round[series]]
            if at.astimezone(HANOI).hour >= 6:
                period = {"http": 60, "homepage": 900, "eform": 1800}[series[1]]
                assert min(abs(one - at) for one in gone) <= timedelta(seconds=period)


@pytest.mark.parametrize("profiles", [(PLAIN_PROFILE,), (PLAIN_PROFILE, "mobile")])
def test_distances_are_those_of_everyday_plans(profiles):
    """Of several portals on one host, through the edges of blocks and days."""
    some = [replace(one, url=f"https://one.example/{n}") for n, one in enumerate(targets(6))]
    drawn = draw(some, profiles=profiles, starts=tuple(range(0, 1440, 120)))
    jobs = planned(some, drawn) + planned(some, drawn, day=DAY_ONE + timedelta(days=1))
    starts = sorted(job.scheduled_at for job in jobs)
    assert min(later - earlier for earlier, later in pairwise(starts)) >= timedelta(seconds=0.5)
    visits = defaultdict(list)
    for job in jobs:
        if job.kind != "http":
            visits[job.target.id].append(job.scheduled_at)
    for instants in visits.values():
        assert min(b - a for a, b in pairwise(sorted(instants))) >= timedelta(seconds=300)
    assert len(of_round(jobs)) == 2 * 12 * sum(
        1 if kind == "http" else len(profiles)
        for target in some
        for kind in {job.kind for job in jobs if job.target is target} & set(plan().loads)
    )


def test_who_does_not_know_the_seed_does_not_know_the_instant(some):
    mine, others = (by_series(of_round(planned(some, draw(some, seed=seed)))) for seed in (SEED, "00" * 32))
    same = sum(at in others[series] for series, instants in mine.items() for at in instants)
    assert same == 0
    assert mine == by_series(of_round(planned(list(reversed(some)), draw(some))))


def test_instants_lie_anywhere_in_their_block():
    """Of 40 portals with 12 blocks each ten minutes have its share, but for the last part, in which a run is made up for."""
    some = targets(40)
    jobs = of_round(planned(some, draw(some, loads={"homepage": 1}, starts=tuple(range(0, 1440, 120)))))
    minutes = Counter((job.scheduled_at - MIDNIGHT) % timedelta(hours=2) // timedelta(minutes=10) for job in jobs)
    assert set(minutes) == set(range(10))
    assert min(minutes[n] for n in range(1, 9)) > len(jobs) / 10 / 3


def drawn(found, frozen, when=DEFAULT, **changes):
    """Instants of the round by series, and all jobs, where some targets are in force and others were when it was opened."""
    jobs = planned(found, draw(frozen, **changes), when=when)
    return by_series(of_round(jobs)), jobs


def less_often(name):
    """The everyday schedule with one kind half as often."""
    cadences = (
        replace(one, every_seconds=one.every_seconds * (2 if one.kind == name else 1)) for one in DEFAULT.cadences
    )
    return replace(DEFAULT, cadences=tuple(cadences))


@pytest.mark.parametrize(
    ("found", "when"),
    [
        ([*targets(12), replace(targets(1)[0], id="a-new", portal_id="new", agency_id="new")], DEFAULT),  # on p0's host
        (targets(12), less_often("homepage")),
        (targets(12), less_often("http")),
        ([replace(one, url=f"https://one.example/{one.id}") for one in targets(12)], DEFAULT),  # all have moved
        (targets(9), DEFAULT),
    ],
)
def test_what_is_changed_while_it_is_measured_moves_no_instant(some, found, when):
    """Neither another schedule nor portals that come or go: whoever runs us cannot choose when a portal is met."""
    before, _ = drawn(some, some)
    after, jobs = drawn(found, some, when)
    stayed = {one.id for one in found if one in some}
    assert after == {series: at for series, at in before.items() if series[0] in stayed}
    assert_polite(jobs)


def test_of_everyday_runs_those_give_way_that_come_too_near(some):
    """No more visits than the schedule in force has, but for what the night has on top."""
    when = less_often("homepage")
    everyday = by_series(planned(some, when=when))
    _, jobs = drawn(some, some, when)
    found = by_series(jobs)
    for series, instants in everyday.items():
        nightly = 1 if series[1] in ("homepage", "eform") else 0
        assert len(instants) - 5 <= len(found[series]) <= len(instants) + nightly


def assert_polite(jobs):
    by_host, visits = defaultdict(list), defaultdict(list)
    for job in jobs:
        by_host[job.target.host].append(job.scheduled_at)
        if job.kind != "http":
            visits[job.target.id].append(job.scheduled_at)
    for instants, seconds in [*((one, 0.5) for one in by_host.values()), *((one, 300) for one in visits.values())]:
        assert min(b - a for a, b in pairwise(sorted(instants))) >= timedelta(seconds=seconds)


def test_what_no_everyday_run_can_make_up_for_has_a_spare_one_in_the_same_block(some):
    """At night, and for another device: after the drawn one has settled, at distances that all others keep."""
    two = draw(some, profiles=(PLAIN_PROFILE, "mobile"))
    planner = Planner(
        some, DEFAULT, all_kinds(), "ha-noi", draws=[two], all_kinds=all_kinds(), day=DAY_ONE, with_spares=True
    )
    jobs = planner.due(MIDNIGHT, MIDNIGHT + timedelta(days=1))
    assert_polite(jobs)
    start = MIDNIGHT.timestamp() * 1000
    first = {(run.series, (run.at_ms - start) // 7_200_000): run.at_ms for run in planner.drawn}
    spare = {(run.series, (run.at_ms - start) // 7_200_000): run.at_ms for run in planner.spares}
    assert len(spare) == len(planner.spares)
    assert all(at >= first[key] + 180_000 for key, at in spare.items())
    by_device = Counter((series[2], series[1]) for series, _ in spare)
    assert by_device["mobile", "homepage"] == 12 * 5  # no everyday page is loaded as on a telephone
    assert by_device[PLAIN_PROFILE, "homepage"] == 12  # at night alone
    assert ("mobile", "http") not in by_device
    assert by_device[PLAIN_PROFILE, "http"] == 0  # each minute, day and night


def test_what_moved_since_the_round_was_opened_is_not_mixed_into_it(some):
    moved = [replace(some[0], url="https://another.example/"), *some[1:]]
    assert some[0].id not in {job.target.id for job in of_round(planned(moved, draw(some)))}
    assert some[1].id in {job.target.id for job in of_round(planned(moved, draw(some)))}


def test_another_day_has_no_run_of_the_round(some):
    assert not of_round(planned(some, draw(some), day=DAY_ONE + timedelta(days=2)))
    assert of_round(planned(some, draw(some), day=DAY_ONE + timedelta(days=1)))


def test_an_agent_keeps_the_kinds_it_runs_where_all_would_be(some):
    """Two agents on one machine plan the same instants."""
    whole = of_round(planned(some, draw(some)))
    http = of_round(planned(some, draw(some), kinds={"http"}))
    assert [job for job in whole if job.kind == "http"] == http


def test_without_an_instant_that_is_polite_there_is_no_run():
    """A browser visit each five minutes leaves no room for another device."""
    some = targets(1)
    (home,) = [one for one in DEFAULT.cadences if one.kind == "homepage" and Block.PROVINCE in one.blocks]
    dense = replace(DEFAULT, cadences=(replace(home, every_seconds=300, windows=()),))
    assert not of_round(planned(some, draw(some, profiles=("mobile",), when=dense), when=dense))


def test_a_commitment_is_the_hash_of_seed_and_round():
    assert commitment("00" * 32, "2026-q4") == "7585880601ff4248c88862875ae4e9a2007f781a2878dbdd0f53f8440bd54b02"
    assert commitment("00" * 32, "2026-q3") != commitment("00" * 32, "2026-q4")
