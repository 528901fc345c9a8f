"""What surrounds a probe: manners, deadline, our own line, our own state."""

import asyncio
import runpy
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog

from probes import runner as runner_module
from probes.evidence import EvidencePolicy
from probes.kind import Probe
from probes.manners import turns as turns_module
from probes.manners.politeness import Politeness, _digest
from probes.monitor import Monitor
from probes.runner import Runner
from probes.tools import Tools
from thuocdo.core import clock
from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.kinds.kind import DefaultCadence, Engine, Kind, Nature, Value
from thuocdo.core.model import Block, Job, Mandate, Observation, Outcome, Reason, Target, TargetRole
from thuocdo.core.profiles import PROFILES

TARGET = Target(
    id="p.home", role=TargetRole.HOMEPAGE, url="https://a.test/", agency_id="a", portal_id="p", block=Block.PROVINCE
)

MANDATE = Mandate(
    id="m", portal_id="p", granted_by="g", document="d", valid_from=date(2020, 1, 1), valid_to=date(2100, 1, 1)
)


class Line:
    def __init__(self, up=True, away=False, served=True, trusting=True):
        self.up = up
        self.served = served
        self.trusting = trusting
        self.away = away
        self.looks = 0

    async def is_up(self):
        return self.up

    async def is_served(self):
        return self.served

    async def is_trusting(self):
        return self.trusting

    def begin(self):
        return 0.0

    async def keep_looking(self):
        self.looks += 1

    def was_away(self, since):
        return self.away


class Rules:
    def __init__(self, allowed=True):
        self.allowed = allowed

    async def allows(self, target):
        return self.allowed


CALM = SimpleNamespace(worst_lag_seconds=lambda _: 0.0, pressure_ratio=lambda _: 0.0)
"""A monitor on a machine with nothing else to do."""


@pytest.fixture
async def monitor():
    async with Monitor() as watching:
        yield watching


def runner_with(probe, monitor, tmp_path, *, line=None, robots=None, engine=Engine.HTTP):
    kind = Kind(
        name="http", vi="", en="", help="", engine=engine, roles=frozenset(), values=(), ratios=(), deadline_seconds=1.0,
        cadence=DefaultCadence(every_seconds=60),
    )  # fmt: skip
    tools = Tools(
        http=None,
        robots=robots or Rules(),
        browser=None,
        evidence=None,
        evidence_policy=EvidencePolicy(0),
        journeys={},
        profiles=PROFILES,
        user_agent="",
        versions={"thuocdo": "test"},
    )
    return Runner(
        kinds={"http": kind},
        probes={"http": Probe(run=probe)},
        tools=tools,
        connectivity=line or Line(),
        politeness=Politeness(tmp_path),
        monitor=monitor,
    )


def job(deadline_seconds=1.0):
    return Job(
        target=TARGET,
        kind="http",
        vantage_id="v",
        profile="desktop",
        scheduled_at=clock.now(),
        deadline_seconds=deadline_seconds,
        round_id="r",
    )


def answering(reason=None, **more):
    async def probe(job, tools):
        return Observation(outcome=reason.outcome if reason else Outcome.OK, reason=reason, **more)

    return probe


async def test_a_measurement_carries_key_conditions_and_round(monitor, tmp_path):
    due = job()
    measurement = await runner_with(answering(), monitor, tmp_path).run(due, in_flight=3)
    assert measurement.key == due.key
    assert (measurement.round_id, measurement.agency_id) == ("r", "a")
    assert measurement.conditions.in_flight == 3
    assert measurement.conditions.versions == {"thuocdo": "test"}
    assert measurement.conditions.lateness_seconds >= 0


@pytest.mark.parametrize(
    "reason", [Reason.DNS_FAILURE, Reason.TIMEOUT, Reason.CONNECT_TIMEOUT, Reason.CONNECTION_REFUSED]
)
async def test_a_failure_on_a_broken_line_is_ours(reason, monitor, tmp_path):
    seen = (await runner_with(answering(reason), monitor, tmp_path, line=Line(up=False)).run(job())).observation
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.NO_CONNECTIVITY)


async def test_a_failure_on_a_good_line_is_the_portals(tmp_path):
    seen = (await runner_with(answering(Reason.TIMEOUT), CALM, tmp_path).run(job())).observation
    assert (seen.outcome, seen.reason) == (Outcome.FAILED, Reason.TIMEOUT)


@pytest.mark.parametrize(
    "reason",
    [
        Reason.TIMEOUT,
        Reason.DNS_FAILURE,
        Reason.HTTP_ERROR,
        Reason.TLS_ERROR,
        Reason.CONTENT_MISMATCH,
        Reason.FORM_NOT_READY,
    ],
)
async def test_a_line_that_was_away_meanwhile_is_ours_although_it_is_back(reason, monitor, tmp_path):
    line = Line(up=True, away=True)
    seen = (await runner_with(answering(reason, detail="x"), monitor, tmp_path, line=line).run(job())).observation
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.NO_CONNECTIVITY)
    assert seen.detail == "our own line was away meanwhile (x)"


@pytest.mark.parametrize("reason", [None, Reason.MAINTENANCE_PAGE, Reason.CERTIFICATE_INVALID, Reason.BLOCKED])
async def test_what_a_lost_line_cannot_make_stands(reason, monitor, tmp_path):
    seen = (await runner_with(answering(reason), monitor, tmp_path, line=Line(away=True)).run(job())).observation
    assert seen.reason is reason


async def test_the_line_is_looked_at_while_a_probe_takes_long(monitor, tmp_path):
    line = Line()
    looked = asyncio.Event()

    async def keep_looking():
        looked.set()
        await asyncio.Event().wait()

    line.keep_looking = keep_looking

    async def long(job, tools):
        await looked.wait()
        return Observation(outcome=Outcome.OK)

    before = asyncio.all_tasks()
    assert (await runner_with(long, monitor, tmp_path, line=line).run(job(0.02))).observation.outcome is Outcome.OK
    await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before
    quick = Line()
    await runner_with(answering(), monitor, tmp_path, line=quick).run(job())
    assert quick.looks == 0


async def test_a_name_that_does_not_resolve_is_ours_where_our_name_servers_do_not_work(monitor, tmp_path):
    line = Line(served=False)
    seen = (await runner_with(answering(Reason.DNS_FAILURE), monitor, tmp_path, line=line).run(job())).observation
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.NO_CONNECTIVITY)
    seen = (await runner_with(answering(Reason.DNS_FAILURE), monitor, tmp_path).run(job())).observation
    assert seen.outcome is Outcome.FAILED


async def test_a_certificate_is_not_blamed_where_those_of_all_others_are_refused_as_well(monitor, tmp_path):
    line = Line(trusting=False)
    probe = answering(Reason.CERTIFICATE_INVALID, detail="certificate refused: certificate has expired")
    seen = (await runner_with(probe, monitor, tmp_path, line=line).run(job())).observation
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.INTERNAL_ERROR)
    assert "clock" in seen.detail
    assert "certificate has expired" in seen.detail
    assert (await runner_with(probe, monitor, tmp_path).run(job())).observation.outcome is Outcome.FAILED


async def test_an_answer_is_never_blamed_on_the_line(monitor, tmp_path):
    seen = (
        await runner_with(answering(Reason.HTTP_ERROR), monitor, tmp_path, line=Line(up=False)).run(job())
    ).observation
    assert seen.reason is Reason.HTTP_ERROR


async def test_a_broken_probe_is_our_fault(monitor, tmp_path):
    async def broken(job, tools):
        raise ZeroDivisionError

    seen = (await runner_with(broken, monitor, tmp_path).run(job())).observation
    assert (seen.outcome, seen.reason) == (Outcome.INCONCLUSIVE, Reason.INTERNAL_ERROR)


async def test_a_probe_that_overruns_is_ended(monitor, tmp_path, monkeypatch):
    monkeypatch.setattr(runner_module, "OVERRUN_SECONDS", 0.05)

    async def endless(job, tools):
        await asyncio.Event().wait()

    seen = (await runner_with(endless, monitor, tmp_path).run(job(deadline_seconds=0.05))).observation
    assert seen.reason is Reason.INTERNAL_ERROR


async def test_what_robots_forbid_is_not_probed(monitor, tmp_path):
    async def must_not_run(job, tools):
        raise AssertionError

    seen = (await runner_with(must_not_run, monitor, tmp_path, robots=Rules(allowed=False)).run(job())).observation
    assert seen.reason is Reason.ROBOTS_DISALLOWED


async def test_a_host_that_refused_us_is_not_asked_again(monitor, tmp_path):
    asked = []

    async def refuse(job, tools):
        asked.append(job)
        return Observation(outcome=Outcome.INCONCLUSIVE, reason=Reason.BLOCKED, attributes={"retry_after": "60"})

    runner = runner_with(refuse, monitor, tmp_path)
    first, second = await runner.run(job()), await runner.run(job())
    assert len(asked) == 1
    assert first.observation.reason is second.observation.reason is Reason.BLOCKED
    assert "not asked again" in second.observation.detail
    assert first.duration_seconds > 0
    assert second.duration_seconds == 0


async def test_a_refusal_can_be_asked_for_without_a_run(monitor, tmp_path):
    async def must_not_run(job, tools):
        raise AssertionError

    due = job()
    refused = await runner_with(must_not_run, monitor, tmp_path, robots=Rules(allowed=False)).refusal(due)
    assert (refused.key, refused.round_id, refused.agency_id) == (due.key, "r", "a")
    assert refused.observation.reason is Reason.ROBOTS_DISALLOWED
    assert refused.duration_seconds == 0
    assert await runner_with(must_not_run, monitor, tmp_path).refusal(due) is None


async def test_asking_for_a_refusal_takes_no_turn_of_the_host(monitor, tmp_path, monkeypatch):
    monkeypatch.setattr(turns_module, "HOST_GAP_SECONDS", 60.0)
    runner = runner_with(answering(), monitor, tmp_path)
    for _ in range(3):
        await runner.refusal(job())
    async with asyncio.timeout(60):
        assert (await runner.run(job())).observation.outcome is Outcome.OK


async def test_what_was_allowed_when_asked_is_asked_again_at_the_start(monitor, tmp_path):
    runner = runner_with(answering(), monitor, tmp_path)
    assert await runner.refusal(job()) is None
    runner.politeness.back_off(TARGET.host, 60.0)
    assert (await runner.run(job())).observation.reason is Reason.BLOCKED


async def test_a_blocked_loop_makes_a_measurement_saturated(monitor, tmp_path):
    async def blocking(job, tools):
        import time

        time.sleep(0.1)
        await asyncio.sleep(0.05)
        return Observation(outcome=Outcome.OK)

    await asyncio.sleep(0.05)
    measurement = await runner_with(blocking, monitor, tmp_path).run(job())
    assert measurement.conditions.loop_lag_seconds > 0.05
    assert measurement.conditions.saturated


@pytest.mark.parametrize(
    ("url", "mandate", "reason"),
    [
        ("https://a.test/", None, Reason.MANDATE_MISSING),
        ("https://a.test/", MANDATE, None),
        ("http://127.0.0.1:8080/", None, None),
    ],
)
async def test_a_kind_that_goes_further_needs_a_mandate_but_on_this_machine(monitor, tmp_path, url, mandate, reason):
    runner = runner_with(answering(), monitor, tmp_path)
    kinds = {"http": replace(runner.kinds["http"], needs_mandate=True)}
    asked = replace(job(), target=replace(TARGET, url=url, mandate=mandate))
    refused = await replace(runner, kinds=kinds).refusal(asked)
    assert (refused.observation.reason if refused else None) is reason


async def test_pressure_on_the_cpu_spoils_browser_times_only(monitor, tmp_path, monkeypatch):
    monkeypatch.setattr(Monitor, "pressure_ratio", lambda self, since: 0.9)
    monkeypatch.setattr(Monitor, "worst_lag_seconds", lambda self, since: 0.0)
    runner = runner_with(answering(), monitor, tmp_path)
    assert not (await runner.run(job())).conditions.saturated
    pressed = replace(runner, kinds={"http": replace(runner.kinds["http"], engine=Engine.BROWSER)})
    assert (await pressed.run(job())).conditions.saturated


async def test_a_kind_that_corrects_a_late_loop_is_not_spoilt_by_it(monitor, tmp_path):
    async def blocking(job, tools):
        time.sleep(0.1)  # the blocked loop is the point
        await asyncio.sleep(0.05)
        return Observation(outcome=Outcome.OK)

    runner = runner_with(blocking, monitor, tmp_path)
    probes = {"http": Probe(run=blocking, corrects_lag=True)}
    measurement = await replace(runner, probes=probes).run(job())
    assert measurement.conditions.loop_lag_seconds > 0.05
    assert not measurement.conditions.saturated


@pytest.mark.parametrize(("stood_still_ratio", "seen"), [(0.1, Reason.TIMEOUT), (0.3, Reason.PROBER_SATURATED)])
async def test_a_portal_is_not_blamed_for_time_in_which_our_loop_stood_still(
    stood_still_ratio, seen, monitor, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        Monitor, "worst_lag_seconds", lambda self, since: stood_still_ratio * (time.monotonic() - since)
    )

    async def slow(job, tools):
        await asyncio.sleep(0.1)
        return Observation.ended(Reason.TIMEOUT)

    runner = replace(runner_with(slow, monitor, tmp_path), probes={"http": Probe(run=slow, corrects_lag=True)})
    measurement = await runner.run(job())
    assert measurement.observation.reason is seen
    assert measurement.observation.outcome is seen.outcome
    assert measurement.is_spoilt == (seen is Reason.PROBER_SATURATED)


@pytest.mark.parametrize("reason", [None, Reason.TIMEOUT, Reason.HTTP_ERROR])
async def test_a_start_that_came_late_is_told_and_changes_neither_outcome_nor_times(reason, tmp_path):
    late = replace(job(), scheduled_at=clock.now() - timedelta(seconds=29))
    runner = runner_with(answering(reason, values={"total_seconds": 0.1}), CALM, tmp_path)
    corrected = replace(runner, probes={"http": replace(runner.probes["http"], corrects_lag=True)})
    measurement = await corrected.run(late)
    assert measurement.conditions.lateness_seconds >= 29
    assert not measurement.conditions.saturated
    assert measurement.observation.reason is reason
    assert dict(measurement.observation.values) == {"total_seconds": 0.1}


async def test_paint_times_of_a_saturated_run_are_left_out_and_network_phases_stay(monitor, tmp_path, monkeypatch):
    monkeypatch.setattr(Monitor, "pressure_ratio", lambda self, since: 0.9)
    seen = answering(values={"ttfb_seconds": 0.1, "lcp_seconds": 0.5})
    runner = runner_with(seen, monitor, tmp_path, engine=Engine.BROWSER)
    values = tuple(
        Value(name=name, vi="", en="", help="", nature=Nature.DURATION, paint=paint)
        for name, paint in (("ttfb_seconds", False), ("lcp_seconds", True))
    )
    pressed = replace(runner, kinds={"http": replace(runner.kinds["http"], values=values)})
    assert dict((await pressed.run(job())).observation.values) == {"ttfb_seconds": 0.1}


@pytest.mark.parametrize(
    ("reason", "seen"),
    [(Reason.TIMEOUT, Reason.PROBER_SATURATED), (Reason.CERTIFICATE_INVALID, Reason.CERTIFICATE_INVALID)],
)
async def test_lateness_of_a_saturated_prober_blames_nobody_but_a_definite_fault_stands(
    reason, seen, monitor, tmp_path, monkeypatch
):
    monkeypatch.setattr(Monitor, "worst_lag_seconds", lambda self, since: 1.0)
    assert (await runner_with(answering(reason), monitor, tmp_path).run(job())).observation.reason is seen


BREAKS = [ValueError, OSError, TimeoutError, RecursionError, MemoryError, asyncio.CancelledError, StoreUnavailableError]


@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.parametrize("where", ["probe", "robots", "line", "turn", "lag"])
async def test_whatever_breaks_leaves_a_measurement_about_us(monitor, tmp_path, monkeypatch, where, broken):
    def breaks(*args):
        raise broken("here")

    async def breaks_later(*args):
        raise broken("here")

    probe = breaks_later if where == "probe" else answering(Reason.TIMEOUT)
    runner = runner_with(probe, monitor, tmp_path)
    if where == "robots":
        monkeypatch.setattr(Rules, "allows", breaks_later)
    elif where == "line":
        monkeypatch.setattr(Line, "is_up", breaks_later)
    elif where == "turn":
        monkeypatch.setattr(Politeness, "wait_turn", breaks_later)
    elif where == "lag":
        monkeypatch.setattr(Monitor, "worst_lag_seconds", breaks)
    due = job()
    measurement = await runner.run(due)
    assert (measurement.key, measurement.round_id, measurement.agency_id) == (due.key, "r", "a")
    assert measurement.observation.reason is Reason.INTERNAL_ERROR
    assert "here" not in measurement.observation.detail  # may name a file of this machine


@pytest.mark.parametrize("seen", [None, 5, "ok", {}])
async def test_a_probe_that_returns_nonsense_is_our_fault(monitor, tmp_path, seen):
    async def probe(job, tools):
        return seen

    assert (await runner_with(probe, monitor, tmp_path).run(job())).observation.reason is Reason.INTERNAL_ERROR


@pytest.mark.parametrize("attributes", [{"a": 5}, {5: "a"}, {"a": None}])
async def test_what_could_not_be_read_again_is_not_handed_on(monitor, tmp_path, attributes):
    seen = (await runner_with(answering(attributes=attributes), monitor, tmp_path).run(job())).observation
    assert seen.reason is Reason.INTERNAL_ERROR


async def test_who_asks_us_to_end_is_heard(monitor, tmp_path):
    begun = asyncio.Event()

    async def endless(job, tools):
        begun.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(runner_with(endless, monitor, tmp_path).run(job()))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_probe_that_does_not_end_when_it_is_told_to_is_left_behind(monitor, tmp_path, monkeypatch):
    monkeypatch.setattr(runner_module, "OVERRUN_SECONDS", 0.02)
    release = asyncio.Event()

    async def stubborn(job, tools):
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    seen = (await runner_with(stubborn, monitor, tmp_path).run(job(deadline_seconds=0.01))).observation
    assert seen.reason is Reason.INTERNAL_ERROR
    release.set()


@pytest.mark.parametrize(
    ("retry_after", "told"),
    [
        ("²", ("1", "own", "300")),
        ("120", ("1", "asked", "120")),
        ("31536000", ("1", "capped", "86400")),
        ("9" * 400, ("1", "capped", "86400")),
        ("", ("1", "own", "300")),
    ],
)
async def test_a_refusal_tells_who_decided_how_long_the_host_is_left_alone(monitor, tmp_path, retry_after, told):
    runner = runner_with(answering(Reason.BLOCKED, attributes={"retry_after": retry_after}), monitor, tmp_path)
    for measurement in (await runner.run(job()), await runner.run(job())):
        facts = measurement.observation.attributes
        assert (facts["refusals"], facts["left_alone"], facts["left_alone_seconds"]) == told


async def test_a_folder_that_takes_no_files_costs_a_refusal_nothing(monitor, tmp_path):
    runner = runner_with(answering(Reason.BLOCKED), monitor, tmp_path)
    (tmp_path / _digest(TARGET.host)).mkdir()
    assert (await runner.run(job())).observation.reason is Reason.BLOCKED
    assert "not asked again" in (await runner.run(job())).observation.detail


async def test_a_table_of_turns_that_cannot_be_used_keeps_us_from_asking(monitor, tmp_path):
    async def must_not_run(job, tools):
        raise AssertionError

    (tmp_path / "turns").mkdir()
    seen = (await runner_with(must_not_run, monitor, tmp_path).run(job())).observation
    assert (seen.reason, seen.detail) == (Reason.INTERNAL_ERROR, "StoreUnavailableError around the probe")


def test_a_short_run_of_the_fuzzer_finds_nothing(tmp_path):
    fuzzer = runpy.run_path(str(Path(__file__).parents[2] / "fuzz" / "fuzz_runner.py"))
    bench = fuzzer["Bench"](tmp_path)
    try:
        with structlog.testing.capture_logs():
            fuzzer["fuzz"](bench, 13, 30)
    finally:
        bench.close()
    assert bench.examples > 30
