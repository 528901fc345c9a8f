"""A planned round among the everyday probes of a real `thuocdo run`: what is due belongs to it, once, whoever is killed."""

import secrets
import signal
from collections import Counter
from datetime import timedelta

import pytest

from schedules.cadence import load_schedule
from schedules.opened import draw_of
from schedules.plan import Planner
from schedules.round_plan import load_round_plan
from thuocdo.agent.planned_rounds import SETTLED, open_round
from thuocdo.core import clock
from thuocdo.core.config import load_settings
from thuocdo.core.frozen import frozen_files
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Round
from thuocdo.core.portals import load_registry
from thuocdo.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

PLAN = """\
id: q
label: Đợt có kế hoạch
type: official
from: {day}
days: 2
hours: [{hours}]
vantages: [{vantage}]
criteria: survey-2023
loads: {{http: 1}}
"""
FEWEST = 3


def due_soon(settings, round_, files, now):
    """Series of the present block that are due by their instants, or will be within two minutes."""
    draw = draw_of(round_, files)
    day = clock.hanoi_day(now)
    planner = Planner(
        load_registry(settings.registry_dir, at=day).probed_targets(),
        load_schedule(settings.schedule, all_kinds()),
        all_kinds(),
        settings.vantage.id,
        draws=[draw],
        all_kinds=all_kinds(),
        day=day,
    )
    block = next(one for one in draw.plan.blocks if one.start <= now < one.end)
    jobs = [job for job in planner.due(block.start, block.end) if job.round_id]
    return {
        (job.target.id, job.kind)
        for job in jobs
        if job.scheduled_at < now - SETTLED or timedelta(seconds=40) < job.scheduled_at - now < timedelta(minutes=2)
    }


@pytest.fixture
def opened(fleet, tmp_path, monkeypatch):
    """The settings' file and store of a round whose present block has something due, by a seed that makes it so."""
    file = fleet.settings(tmp_path / "run")
    monkeypatch.chdir(fleet.folder)
    settings, now = load_settings(file), clock.now()
    plan = tmp_path / "q.yaml"
    hours = ", ".join(f'"{hour:02}:00"' for hour in range(0, 24, 2))
    plan.write_text(PLAN.format(day=clock.hanoi_day(now), hours=hours, vantage=settings.vantage.id), encoding="utf-8")
    files = frozen_files(settings.registry_dir, settings.criteria_dir, settings.schedule, plan)
    for number in range(5000):
        seed = f"{number:064x}"
        wanted = due_soon(settings, Round(id="q", label="q", started_at=now, seed=seed), files, now)
        if len(wanted) >= FEWEST:
            break
    monkeypatch.setattr(secrets, "token_hex", lambda _: seed)
    with Store.open(settings.store_url) as store:
        round_ = open_round(settings, store, load_round_plan(plan, all_kinds()), files, now - timedelta(days=2))
        yield file, store, round_, wanted


def test_what_is_due_is_measured_once_whoever_is_killed(opened, product, background, tmp_path):
    file, store, round_, wanted = opened

    def done():
        runs = Counter((key.target_id, key.kind) for key in store.measurements.keys(round_.id))
        return wanted <= set(runs) and runs

    first = background(product.command("--config", file, "run"), tmp_path / "first.log", sweeps=True)
    product.wait_until(lambda: store.measurements.keys(round_.id), "the first measurement of the round", 600)
    first.stop(signal.SIGKILL)
    background(product.command("--config", file, "run"), tmp_path / "second.log")
    runs = product.wait_until(done, "every series that is due", 600)
    lost = {one.key.target_id for one in store.measurements.find() if one.round_id and one.is_lost_by_us}
    assert {series for series, number in runs.items() if number > 1} <= {(name, "http") for name in lost}
    assert "Traceback" not in (tmp_path / "second.log").read_text()
