"""What an agent plans: everyday probes whatever else there is, and the runs of planned rounds among them."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import structlog

from schedules.round_plan import load_round_plan
from thuocdo.agent.planned_rounds import open_round
from thuocdo.core.clock import HANOI
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.frozen import frozen_files
from thuocdo.core.kinds.kind import Engine, all_kinds
from thuocdo.processes import agent as agent_module
from thuocdo.processes.agent import _Plan
from thuocdo.store import Store
from thuocdo.store.rounds import Rounds

DAY = datetime(2026, 12, 7, tzinfo=HANOI)
REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
"""
PLAN = """\
{id: q, label: Đợt, type: quick, from: 2026-12-07, days: 1, hours: ["08:00"], vantages: [local], criteria: survey-2023,
 loads: {http: 1}}
"""


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.yaml").write_text(REGISTRY, encoding="utf-8")
    return Settings(data_dir=tmp_path / "data", registry_dir=tmp_path / "portals")


@pytest.fixture
def store(settings):
    with Store.open(settings.store_url) as opened:
        yield opened


def opened(settings, store):
    file = settings.data_dir / "q.yaml"
    file.write_text(PLAN, encoding="utf-8")
    files = frozen_files(settings.registry_dir, settings.criteria_dir, settings.schedule, file)
    return open_round(settings, store, load_round_plan(file, all_kinds()), files, DAY - timedelta(days=2))


def due(plan):
    return plan._planner_for(DAY.date()).due(DAY, DAY + timedelta(days=1))


def test_a_round_that_is_opened_is_found_and_planned(settings, store):
    plan = _Plan(settings, Engine.HTTP, store)
    everyday = due(plan)
    assert not any(job.round_id for job in everyday)
    opened(settings, store)
    plan.look_for_rounds()
    assert plan._is_told() is True
    assert plan._is_told() is False
    (job,) = (job for job in due(plan) if job.round_id)
    assert (job.kind, job.scheduled_at.astimezone(HANOI).hour // 2) == ("http", 4)
    assert len(due(plan)) == len(everyday)


@pytest.mark.parametrize(
    "fault", [RuntimeError("a fault in drawing"), ConfigurationError("what it froze is refused now")]
)
def test_whatever_a_round_holds_everyday_probes_go_on(settings, store, monkeypatch, fault):
    opened(settings, store)
    real = agent_module.Planner

    def broken(*given, draws, **named):
        if draws:
            raise fault
        return real(*given, draws=draws, **named)

    monkeypatch.setattr(agent_module, "Planner", broken)
    with structlog.testing.capture_logs() as logs:
        jobs = due(_Plan(settings, Engine.HTTP, store))
    assert len(jobs) == 1440
    assert [one["log_level"] for one in logs] == ["error"]


def test_a_store_that_is_away_costs_no_everyday_probe(settings, store, monkeypatch):
    plan = _Plan(settings, Engine.HTTP, store)

    def away(_):
        raise StoreUnavailableError("the store is away")

    monkeypatch.setattr(Rounds, "all", away)
    with structlog.testing.capture_logs() as logs:
        assert len(due(plan)) == 1440
    assert "it is looked for again" in logs[0]["event"]


def test_a_plan_made_anew_sends_the_browser_nowhere_too_early(settings, store):
    """What it does not know is whom the plan before has just visited."""
    plan = _Plan(settings, Engine.BROWSER, store)
    first, second, third = due(plan)[:3]
    early = replace(second, scheduled_at=first.scheduled_at + timedelta(seconds=200))

    async def stream():
        for job in (first, early, third):
            yield job

    async def given():
        return [job async for job in plan._with_rounds(stream())]

    assert asyncio.run(given()) == [first, third]


def test_a_mistake_at_midnight_costs_no_runs_of_a_round(settings, store):
    opened(settings, store)
    plan = _Plan(settings, Engine.HTTP, store)
    plan._planner_for((DAY - timedelta(days=1)).date())
    (settings.registry_dir / "a.yaml").write_text("agencies: [", encoding="utf-8")
    assert sum(job.round_id is not None for job in due(plan)) == 1
