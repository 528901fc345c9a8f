from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedules.cadence import Cadence, Schedule, Window
from schedules.plan import Planner, plan_round
from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Block, Job, Mandate, Target, TargetRole

HOME, EFORM = frozenset({TargetRole.HOMEPAGE}), frozenset({TargetRole.EFORM})
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # 10:00 in Hanoi, a Sunday
DAY = Window(days=frozenset(range(7)), from_minute=6 * 60, to_minute=23 * 60)


@dataclass(frozen=True)
class Kind:
    roles: frozenset[TargetRole]
    engine: str
    deadline_seconds: float = 10.0
    needs_mandate: bool = False


KINDS = {
    "http": Kind(HOME, "http"),
    "homepage": Kind(HOME, "browser"),
    "eform": Kind(EFORM, "browser"),
    "accessibility": Kind(HOME | EFORM, "browser"),
    "resilience": Kind(EFORM, "browser", needs_mandate=True),
}


def cadence(kind: str, every_seconds: int, *profiles: str, windows: tuple[Window, ...] = ()) -> Cadence:
    return Cadence(
        kind=kind,
        every_seconds=every_seconds,
        deadline_seconds=10.0,
        profiles=profiles or ("desktop",),
        windows=windows,
        roles=KINDS[kind].roles,
        engine=KINDS[kind].engine,
        needs_mandate=KINDS[kind].needs_mandate,
    )


def schedule(*cadences: Cadence, runs: dict[str, int] | None = None) -> Schedule:
    return Schedule(id="s", cadences=cadences, runs=runs or {})


DEFAULT = schedule(
    cadence("http", 60),
    cadence("homepage", 900, windows=(DAY,)),
    cadence("eform", 1800, windows=(DAY,)),
    cadence("accessibility", 86400, windows=(DAY,)),
    runs={"http": 3, "homepage": 5, "eform": 3, "accessibility": 1},
)


def target(
    name: str, host: str, role: TargetRole = TargetRole.HOMEPAGE, *, interval: float | None = None, probed: bool = True
) -> Target:
    mandate = Mandate(
        id="m", portal_id="p", granted_by="g", document="d", valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31),
        browser_interval_seconds=interval,
    )  # fmt: skip
    return Target(
        id=name,
        role=role,
        url=f"https://{host}/{name}",
        agency_id="a",
        portal_id="p",
        block=Block.PROVINCE,
        probed=probed,
        mandate=mandate if interval is not None else None,
    )


def fleet(count: int) -> list[Target]:
    return [target(f"t{n}", f"dvc{n}.example") for n in range(count)]


def closest_on_a_host(jobs: list[Job]) -> float:
    starts: dict[str, list[datetime]] = defaultdict(list)
    for job in jobs:
        starts[job.target.host].append(job.scheduled_at)
    gaps = [(b - a).total_seconds() for of_host in starts.values() for a, b in pairwise(sorted(of_host))]
    return min(gaps, default=float("inf"))


def closest_visits_of_a_target(jobs: list[Job]) -> float:
    visits = [job for job in jobs if KINDS[job.kind].engine == "browser"]
    by_target: dict[str, list[datetime]] = defaultdict(list)
    for job in visits:
        by_target[job.target.id].append(job.scheduled_at)
    gaps = [(b - a).total_seconds() for of_target in by_target.values() for a, b in pairwise(sorted(of_target))]
    return min(gaps, default=float("inf"))


# The endless plan.


def test_every_target_is_due_once_a_period() -> None:
    planner = Planner(fleet(50), schedule(cadence("http", 60)), KINDS, vantage_id="v")
    jobs = planner.due(NOW, NOW + timedelta(seconds=60))
    assert sorted(job.target.id for job in jobs) == sorted(f"t{n}" for n in range(50))
    again = planner.due(NOW + timedelta(seconds=60), NOW + timedelta(seconds=120))
    assert [job.scheduled_at + timedelta(seconds=60) for job in jobs] == [job.scheduled_at for job in again]


def test_the_plan_is_the_same_after_a_restart_and_however_it_is_cut() -> None:
    targets = fleet(30)
    whole = Planner(targets, DEFAULT, KINDS, vantage_id="v").due(NOW, NOW + timedelta(hours=1))
    other = Planner(reversed(targets), DEFAULT, KINDS, vantage_id="v")
    cuts = [NOW + timedelta(seconds=17.0005 * n) for n in range(212)]
    pieces = [job for a, b in pairwise(cuts) for job in other.due(a, b)]
    assert pieces == [job for job in whole if job.scheduled_at < cuts[-1]]
    assert whole == sorted(whole, key=lambda job: job.scheduled_at)
    assert len({job.key for job in whole}) == len(whole)


def test_start_is_in_and_end_is_out() -> None:
    planner = Planner(fleet(1), schedule(cadence("http", 60)), KINDS, vantage_id="v")
    (job,) = planner.due(NOW, NOW + timedelta(seconds=60))
    at = job.scheduled_at
    assert planner.due(at, at + timedelta(microseconds=1)) == [job]
    assert planner.due(at - timedelta(microseconds=1), at) == []
    assert planner.due(at + timedelta(microseconds=1), at + timedelta(seconds=60)) == []


def test_another_target_elsewhere_moves_nothing() -> None:
    few = Planner(fleet(10), DEFAULT, KINDS, vantage_id="v").due(NOW, NOW + timedelta(hours=1))
    more = Planner(fleet(11), DEFAULT, KINDS, vantage_id="v").due(NOW, NOW + timedelta(hours=1))
    assert few == [job for job in more if job.target.id != "t10"]


def test_an_agent_gets_its_own_kinds_at_the_instants_of_the_common_plan() -> None:
    span = (NOW, NOW + timedelta(hours=1))
    together = Planner(fleet(10), DEFAULT, KINDS, vantage_id="v").due(*span)
    alone = Planner(fleet(10), DEFAULT, {"http": KINDS["http"]}, vantage_id="v").due(*span)
    assert alone == [job for job in together if job.kind == "http"]
    assert len(alone) == 600


def test_what_may_not_be_probed_is_not_planned() -> None:
    targets = [target("a", "a.example"), target("b", "b.example", probed=False)]
    jobs = Planner(targets, DEFAULT, KINDS, vantage_id="v").due(NOW, NOW + timedelta(days=1))
    assert {job.target.id for job in jobs} == {"a"}
    planned = plan_round(targets, DEFAULT, KINDS, vantage_id="v", round_id="r", starts_at=NOW)
    assert {job.target.id for job in planned} == {"a"}


def test_kinds_meet_only_targets_of_their_roles() -> None:
    targets = [target("home", "a.example"), target("form", "a.example", TargetRole.EFORM)]
    jobs = Planner(targets, DEFAULT, KINDS, vantage_id="v").due(NOW - timedelta(hours=10), NOW + timedelta(hours=14))
    assert {(job.target.id, job.kind) for job in jobs} == {
        ("home", "http"),
        ("home", "homepage"),
        ("home", "accessibility"),
        ("form", "eform"),
        ("form", "accessibility"),
    }


def test_a_start_expires_after_30_s_or_half_its_period() -> None:
    plan = schedule(cadence("http", 10), cadence("homepage", 900))
    jobs = Planner(fleet(1), plan, KINDS, vantage_id="v").due(NOW, NOW + timedelta(minutes=15))
    slack = {job.kind: (job.expires_at - job.scheduled_at).total_seconds() for job in jobs if job.expires_at}
    assert slack == {"http": 5.0, "homepage": 30.0}


def test_browser_kinds_rest_outside_their_windows_and_still_run_daily() -> None:
    midnight = datetime(2026, 11, 22, tzinfo=HANOI)
    jobs = Planner(fleet(30), DEFAULT, KINDS, vantage_id="v").due(midnight, midnight + timedelta(days=1))
    hours = {kind: {job.scheduled_at.astimezone(HANOI).hour for job in jobs if job.kind == kind} for kind in KINDS}
    assert hours["http"] == set(range(24))
    assert hours["homepage"] == set(range(6, 23))
    assert hours["accessibility"] <= set(range(6, 23))
    daily = Counter(job.target.id for job in jobs if job.kind == "accessibility")
    assert set(daily.values()) == {1}
    assert len(daily) == 30


def test_the_daily_kind_is_spread_over_its_window_without_a_crowd() -> None:
    midnight = datetime(2026, 11, 22, tzinfo=HANOI)
    plan = schedule(*(cadence for cadence in DEFAULT.cadences if cadence.kind in ("homepage", "accessibility")))
    planner = Planner(fleet(1000), plan, {"accessibility": KINDS["accessibility"]}, vantage_id="v")
    jobs = planner.due(midnight, midnight + timedelta(days=1))
    daily = [job.scheduled_at.astimezone(HANOI) for job in jobs if job.kind == "accessibility"]
    per_hour = Counter(at.hour for at in daily)
    assert max(per_hour.values()) < 1.6 * 1000 / 17
    within_a_quarter = Counter(int(at.timestamp()) % 900 // 90 for at in daily)
    assert max(within_a_quarter.values()) < 1.6 * 1000 / 10


def test_the_peak_of_1000_targets_over_60_s_stays_near_the_mean() -> None:
    jobs = Planner(fleet(1000), schedule(cadence("http", 60)), KINDS, vantage_id="v").due(
        NOW, NOW + timedelta(seconds=60)
    )
    per_100_ms = Counter(int((job.scheduled_at - NOW) / timedelta(milliseconds=100)) for job in jobs)
    per_second = Counter(int((job.scheduled_at - NOW) / timedelta(seconds=1)) for job in jobs)
    mean = 1000 / 600
    assert max(per_100_ms.values()) <= 5 * mean
    assert max(per_second.values()) <= 1.8 * 10 * mean
    assert min(per_second.values()) >= 0.3 * 10 * mean


# Never two probes of a host within 0.5 s.

PERIODS = [1, 2, 5, 7, 10, 15, 30, 45, 60, 90, 300, 600, 900, 1800]


@st.composite
def crowded_hosts(draw: st.DrawFn) -> tuple[list[Target], Schedule]:
    hosts = draw(st.lists(st.sampled_from(["a.example", "b.example", "c.example"]), min_size=1, max_size=8))
    roles = draw(st.lists(st.sampled_from(list(TargetRole)), min_size=len(hosts), max_size=len(hosts)))
    interval = draw(st.sampled_from([0.5, 1.0, 5.0]))
    targets = [
        target(f"t{n}", host, role, interval=interval) for n, (host, role) in enumerate(zip(hosts, roles, strict=True))
    ]
    kinds = draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=4, unique=True))
    profiles = draw(st.sampled_from([("desktop",), ("desktop", "mobile")]))
    return targets, schedule(*(cadence(kind, draw(st.sampled_from(PERIODS)), *profiles) for kind in kinds))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(crowded_hosts(), st.integers(0, 10**6))
def test_no_two_jobs_of_a_host_come_within_half_a_second(case: tuple[list[Target], Schedule], offset: int) -> None:
    targets, plan = case
    try:
        planner = Planner(targets, plan, KINDS, vantage_id="v")
    except ConfigurationError:
        return  # a crowd that does not fit is refused, never squeezed in
    start = NOW + timedelta(seconds=offset)
    jobs = planner.due(start, start + timedelta(seconds=120))
    assert closest_on_a_host(jobs) >= 0.5
    assert closest_visits_of_a_target(jobs) >= (
        targets[0].mandate.browser_interval_seconds if targets[0].mandate else 300
    )


def test_a_host_can_be_filled_to_the_brim() -> None:
    targets = [target(f"t{n}", "a.example") for n in range(120)]
    jobs = Planner(targets, schedule(cadence("http", 60)), KINDS, vantage_id="v").due(NOW, NOW + timedelta(seconds=120))
    assert len(jobs) == 240
    assert closest_on_a_host(jobs) == 0.5


def test_more_probes_than_a_host_can_take_are_refused_with_a_way_out() -> None:
    targets = [target(f"t{n}", "a.example") for n in range(121)]
    with pytest.raises(
        ConfigurationError, match=r"schedule 's': host 'a.example'.*no start is left.*raise every_seconds"
    ):
        Planner(targets, schedule(cadence("http", 60)), KINDS, vantage_id="v")


def test_a_real_host_with_many_forms_fits_the_default_schedule() -> None:
    forms = [target(f"form{n}", "a.example", TargetRole.EFORM) for n in range(40)]
    jobs = Planner([target("home", "a.example"), *forms], DEFAULT, KINDS, vantage_id="v").due(
        NOW, NOW + timedelta(hours=12)
    )
    assert closest_on_a_host(jobs) >= 0.5
    assert closest_visits_of_a_target(jobs) >= 300


def test_a_start_that_never_meets_its_window_is_refused() -> None:
    one_minute = Window(days=frozenset({0}), from_minute=0, to_minute=1)
    crowd = [target(f"t{n}", "a.example") for n in range(10)]
    with pytest.raises(ConfigurationError, match="lies in its windows"):
        Planner(crowd, schedule(cadence("http", 604800, windows=(one_minute,))), KINDS, vantage_id="v")


# At most one browser visit of a target per 5 minutes.


def test_all_browser_kinds_of_a_target_together_keep_five_minutes() -> None:
    plan = schedule(cadence("homepage", 900, "desktop", "mobile"), cadence("accessibility", 86400))
    jobs = Planner(fleet(20), plan, KINDS, vantage_id="v").due(NOW, NOW + timedelta(days=2))
    assert closest_visits_of_a_target(jobs) >= 300


def test_a_schedule_that_visits_too_often_is_refused_and_told_how_to_mend_it() -> None:
    plan = schedule(cadence("homepage", 300), cadence("accessibility", 86400))
    with pytest.raises(ConfigurationError) as caught:
        Planner(fleet(20), plan, KINDS, vantage_id="v")
    (problem,) = caught.value.problems
    assert problem.startswith(
        "schedule 's': target 't0' (20 such target(s)): homepage desktop every 300 s, accessibility"
    )
    assert "every 150 s, but one visit per 300 s is allowed" in problem
    assert "multiple of 600" in problem


def test_a_mandate_allows_more_visits_and_no_more_than_it_says() -> None:
    plan = schedule(cadence("homepage", 20), cadence("accessibility", 60))
    jobs = Planner([target("a", "a.example", interval=5)], plan, KINDS, vantage_id="v").due(
        NOW, NOW + timedelta(minutes=5)
    )
    assert len(jobs) == 20
    assert closest_visits_of_a_target(jobs) >= 5
    with pytest.raises(ConfigurationError, match="one visit per 15 s"):
        Planner([target("a", "a.example", interval=15)], plan, KINDS, vantage_id="v")


# A round.


def a_round(targets: list[Target], runs: dict[str, int] | None = None, kinds: dict[str, Kind] = KINDS) -> list[Job]:
    return plan_round(targets, DEFAULT, kinds, vantage_id="v", round_id="r1", starts_at=NOW, runs=runs)


def test_a_round_holds_every_target_kind_and_run_once() -> None:
    targets = [*fleet(10), target("form", "dvc3.example", TargetRole.EFORM)]
    jobs = a_round(targets)
    counts = Counter((job.target.id, job.kind) for job in jobs)
    assert counts["t0", "http"] == 3
    assert counts["t0", "homepage"] == 5
    assert counts["t0", "accessibility"] == counts["form", "accessibility"] == 1
    assert counts["form", "eform"] == 3
    assert len(jobs) == 10 * 9 + 4
    assert len({job.key for job in jobs}) == len(jobs)
    assert {job.round_id for job in jobs} == {"r1"}
    assert {job.expires_at for job in jobs} == {None}
    assert jobs == sorted(jobs, key=lambda job: job.scheduled_at)
    assert jobs[0].scheduled_at >= NOW


def test_runs_of_a_round_come_in_waves() -> None:
    jobs = a_round(fleet(30), {"http": 3, "homepage": 2})
    for kind, runs in (("http", 3), ("homepage", 2)):
        of_kind = [job.target.id for job in jobs if job.kind == kind]
        waves = [of_kind[run * 30 : (run + 1) * 30] for run in range(runs)]
        assert all(len(set(wave)) == 30 for wave in waves)


def test_a_kind_with_fewer_runs_comes_last() -> None:
    jobs = [
        job.kind for job in a_round(fleet(10), {"http": 1, "homepage": 3, "accessibility": 1}) if job.kind != "http"
    ]
    assert jobs[:20] == ["homepage"] * 20
    assert jobs[-10:] == ["accessibility"] * 10


@pytest.mark.parametrize("interval", [None, 5.0])
def test_a_round_is_polite_to_hosts_and_targets(interval: float | None) -> None:
    hosts = ["a.example", "a.example", "b.example", "c.example"] * 4
    roles = [TargetRole.HOMEPAGE, TargetRole.EFORM] * 8
    targets = [
        target(f"t{n}", host, role, interval=interval) for n, (host, role) in enumerate(zip(hosts, roles, strict=True))
    ]
    jobs = a_round(targets)
    assert closest_on_a_host(jobs) >= 0.5
    assert closest_visits_of_a_target(jobs) >= (interval or 300)


def test_a_round_is_the_same_when_taken_up_again_and_for_each_agent() -> None:
    jobs = a_round(fleet(20))
    assert a_round(list(reversed(fleet(20)))) == jobs
    assert a_round(fleet(20), kinds={"http": KINDS["http"]}) == [job for job in jobs if job.kind == "http"]


def test_a_round_with_mandates_is_as_dense_as_the_prober_can_bear() -> None:
    targets = [target(f"t{n}", f"dvc{n}.example", interval=1) for n in range(51)]
    jobs = a_round(targets, {"http": 3, "homepage": 3})
    assert jobs[-1].scheduled_at - NOW < timedelta(seconds=3 * 51 * 0.4 + 5)


def test_zero_runs_leave_a_kind_out() -> None:
    assert {job.kind for job in a_round(fleet(2), {"http": 1, "homepage": 0})} == {"http"}


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ({"htpp": 1}, "no cadence for kind 'htpp'; did you mean 'http'?"),
        ({"http": -1}, "-1 runs of 'http'; give 0 or more"),
        ({"http": 0}, "no kind has a run"),
        ({}, "no kind has a run"),
    ],
)
def test_runs_that_make_no_round_are_refused(runs: dict[str, int], expected: str) -> None:
    with pytest.raises(ConfigurationError, match=expected.replace("?", r"\?")):
        a_round(fleet(2), runs)


def test_a_round_of_nothing_is_empty() -> None:
    assert a_round([]) == []


def test_a_kind_that_needs_a_mandate_is_planned_only_where_there_is_one() -> None:
    plain = target("plain", "a.example", TargetRole.EFORM)
    permitted = target("permitted", "b.example", TargetRole.EFORM, interval=60.0)
    cautious = schedule(cadence("resilience", 3600), runs={"resilience": 1})
    planned = Planner([plain, permitted], cautious, {"resilience"}, "v").due(NOW, NOW + timedelta(hours=3))
    jobs = plan_round([plain, permitted], cautious, KINDS, vantage_id="v", round_id="r", starts_at=NOW)
    assert {job.target.id for job in planned} == {job.target.id for job in jobs} == {"permitted"}


def test_communes_have_a_pace_of_their_own_and_others_keep_their_instants() -> None:
    def at(block: Block, name: str) -> Target:
        return Target(
            id=f"{name}.home",
            role=TargetRole.HOMEPAGE,
            url=f"https://{name}.example/",
            agency_id=name,
            portal_id=name,
            block=block,
        )

    rest = frozenset(Block) - {Block.COMMUNE}
    fast, slow = (
        replace(cadence("http", 60), blocks=rest),
        replace(cadence("http", 300), blocks=frozenset({Block.COMMUNE})),
    )
    targets = [at(Block.PROVINCE, "p"), at(Block.COMMUNE, "c")]
    jobs = Planner(targets, schedule(fast, slow), {"http"}, "v").due(NOW, NOW + timedelta(minutes=10))
    assert Counter(job.target.id for job in jobs) == {"p.home": 10, "c.home": 2}
    alone = Planner(targets[:1], schedule(cadence("http", 60)), {"http"}, "v").due(NOW, NOW + timedelta(minutes=10))
    assert [job.scheduled_at for job in jobs if job.target.id == "p.home"] == [job.scheduled_at for job in alone]
    assert schedule(fast, slow).profiles_of(targets[1]) == {"http": 1}
