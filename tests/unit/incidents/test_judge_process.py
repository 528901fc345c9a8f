"""The judge's work over a real store, without its process (that is tests/integration/test_judge_process.py)."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import pytest
import structlog

from thuocdo.core import clock
from thuocdo.core.clock import iso
from thuocdo.core.config import Settings, bundled
from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.model import BEFORE_AND_NOW, Evidence, IncidentAspect, IncidentState, Reason, TargetRole
from thuocdo.core.model.figures import figures_of
from thuocdo.core.portals import load_registry
from thuocdo.core.reloading import tell_reload
from thuocdo.core.stopping import Stop
from thuocdo.incidents.availability import availability
from thuocdo.processes import judge as process
from thuocdo.processes.judge import Work
from thuocdo.store import Store, judging

REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
"""
EFORM = '{procedure: "1.001193", url: "https://hue.example/khai-sinh", journey: generic}'
PROCEDURES = """
procedures:
  - {code: "1.001193", name_vi: Khai sinh, name_en: Birth, source: test}
"""
MAINTENANCE = """
windows:
  - {agency: hue, from: "2026-11-22 10:00", to: "2026-11-22 10:05", asked_by: Sở}
"""


@pytest.fixture
def now(monkeypatch, build):
    """A clock that tests set."""
    holder = {"at": build.start}
    monkeypatch.setattr(clock, "now", lambda: holder["at"])
    return holder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.yaml").write_text(REGISTRY, encoding="utf-8")
    (tmp_path / "maintenance.yaml").write_text("windows: []\n")
    copyfile(bundled("schedules") / "default.yaml", tmp_path / "schedule.yaml")
    return Settings(
        data_dir=tmp_path / "data",
        registry_dir=tmp_path / "portals",
        maintenance=tmp_path / "maintenance.yaml",
        schedule=tmp_path / "schedule.yaml",
    )


@pytest.fixture
def kept(settings):
    store = Store.open(settings.store_url)
    yield store
    store.close()


@pytest.fixture
def probe(make_measurement, build):
    def probe(minute, reason=None, *, seconds=0.25, kind="http", value="total_seconds"):
        at = build.start + timedelta(minutes=minute)
        seen = {"outcome": reason.outcome, "reason": reason, "values": {}} if reason else {"values": {value: seconds}}
        return make_measurement(
            scheduled_at=at,
            started_at=at,
            target_id="hue.home",
            agency_id="hue",
            vantage_id="ha-noi",
            kind=kind,
            profile="desktop",
            **seen,
        )

    return probe


def test_an_outage_is_stored_once_it_is_certain_and_ended_by_the_next_process(settings, kept, now, build, probe):
    work = Work(settings, kept)
    for minute in range(12):
        kept.measurements.write([probe(minute, Reason.TIMEOUT if 3 <= minute < 9 else None)])
        now["at"] = build.start + timedelta(minutes=minute, seconds=30)
        work.once()
        if minute == 4:
            assert kept.incidents.all() == []
        if minute == 7:
            work.remember()
            work = Work(settings, kept)
    [incident] = kept.incidents.all()
    assert incident.started_at == build.start + timedelta(minutes=3)
    assert incident.ended_at == build.start + timedelta(minutes=9)
    assert [change.state for change in kept.incidents.changes(incident.id)] == [IncidentState.DOWN, IncidentState.ENDED]
    assert kept.incidents.changes(incident.id)[0].changed_at == build.start + timedelta(minutes=5, seconds=30)
    assert kept.incidents.judged_at() == now["at"]


def test_each_change_of_an_incident_is_told_with_incident_portal_and_cause(settings, kept, now, build, probe):
    with structlog.testing.capture_logs() as lines:
        work = Work(settings, kept)
        for minute in range(12):
            kept.measurements.write([probe(minute, Reason.TIMEOUT if 3 <= minute < 9 else None)])
            now["at"] = build.start + timedelta(minutes=minute, seconds=30)
            work.once()
    [incident] = kept.incidents.all()
    told = {"incident": incident.id, "target": "hue.home", "portals": ["hue"], "agency": "hue", "cause": "timeout"}
    began, over = lines
    assert began.items() >= (told | {"state": "down", "log_level": "info", "began": iso(incident.started_at)}).items()
    assert over.items() >= (told | {"state": "ended", "ended": iso(incident.ended_at)}).items()
    assert (began["event"], over["event"]) == ("an incident: does not answer", "an incident is over")


def test_another_page_is_stored_with_its_pictures_and_read_back_by_the_next_process(settings, kept, now, build, probe):
    before, now_there = (
        Evidence(kind=kind, sha256=kind[-1] * 64, media_type="image/jpeg", size_bytes=9) for kind in BEFORE_AND_NOW
    )
    other = Reason.NOT_THE_PORTAL
    work = Work(settings, kept)
    for minute in range(60):
        found = [probe(minute, other if minute >= 20 else None)]
        if minute % 15 == 0:
            page = probe(minute, other if minute >= 20 else None, kind="homepage", value="lcp_seconds")
            seen = replace(
                page.observation, evidence=(now_there, before) if minute >= 20 else (), detail="title 'nginx'"
            )
            found.append(replace(page, observation=seen))
        kept.measurements.write(found)
        now["at"] = build.start + timedelta(minutes=minute, seconds=30)
        work.once()
        if minute == 40:
            work.remember()
            work = Work(settings, kept)
    [incident] = kept.incidents.all()
    assert incident == kept.incidents.get(incident.id) == kept.incidents.lasting()[0]
    assert (incident.state, incident.worst, incident.reason) == (IncidentState.REPLACED, IncidentState.REPLACED, other)
    assert incident.started_at == build.start + timedelta(minutes=20)
    assert incident.evidence == (before, now_there)
    [change] = kept.incidents.changes(incident.id)
    assert (change.state, change.reason) == (IncidentState.REPLACED, other)
    assert change.changed_at - incident.started_at < timedelta(minutes=30)
    assert kept.incidents.count() == {"target": 1, "family": 0, "vantage": 0}
    kept.measurements.write([probe(minute) for minute in (60, 61)])
    kept.measurements.write([probe(minute, kind="homepage", value="lcp_seconds") for minute in (60, 75)])
    now["at"] = build.start + timedelta(minutes=76)
    work.once()
    assert kept.incidents.get(incident.id).state is IncidentState.ENDED
    assert kept.incidents.get(incident.id).ended_at == build.start + timedelta(minutes=60)


def test_another_page_lowers_coverage_and_no_availability(settings, kept, now, build, probe):
    kept.measurements.write([probe(minute, Reason.NOT_THE_PORTAL if minute >= 30 else None) for minute in range(40)])
    now["at"] = build.start + timedelta(minutes=41)
    work = Work(settings, kept)
    work.once()
    assert not work.count()
    assert [one.state for one in kept.incidents.lasting()] == [IncidentState.REPLACED]
    report = availability(kept.incidents.tallies(build.start, now["at"]))
    assert (report.ok, report.failed, report.inconclusive) == (30, 0, 10)
    assert (report.availability_ratio, report.coverage_ratio) == (1.0, 0.75)


def test_an_answer_that_may_still_come_is_waited_for(settings, kept, now, build, probe):
    kept.measurements.write([probe(minute, Reason.TIMEOUT) for minute in range(3)])
    now["at"] = build.start + timedelta(minutes=2, seconds=9)  # the deadline is 10 s
    Work(settings, kept).once()
    assert kept.incidents.all() == []


def test_planned_maintenance_wakes_nobody_and_is_counted_apart(settings, kept, now, build, probe):
    settings.maintenance.write_text(MAINTENANCE, encoding="utf-8")
    start = 60  # 10:00 in Hanoi is 03:00 UTC
    kept.measurements.write([probe(start + minute, Reason.TIMEOUT) for minute in range(5)])
    kept.measurements.write([probe(start + minute) for minute in range(5, 10)])
    now["at"] = build.start + timedelta(minutes=start + 11)
    work = Work(settings, kept)
    work.once()
    assert not work.count()
    assert kept.incidents.all() == []
    [tally] = kept.incidents.tallies(build.start, now["at"])
    assert (tally.ok, tally.failed, tally.excluded) == (5, 0, 5)


def test_slowness_is_held_against_the_week_before(settings, kept, now, build, probe):
    week = [probe(-60 * 24 - 15 * index, kind="homepage", value="lcp_seconds", seconds=1.0) for index in range(40)]
    kept.measurements.write(
        week + [probe(15 * index, kind="homepage", value="lcp_seconds", seconds=9.0) for index in range(7)]
    )
    work = Work(settings, kept)
    for hours in range(3):
        now["at"] = build.start + timedelta(hours=hours, minutes=5)
        work.once()
    [incident] = kept.incidents.all()
    assert (incident.state, incident.started_at) == (IncidentState.DEGRADED, build.start)
    assert incident.detail == "homepage from ha-noi: 9.0 s, usually 1.0 s"


def test_a_store_that_is_away_is_told_and_tried_again(settings, kept, now, build, probe, monkeypatch):
    work = Work(settings, kept)
    kept.measurements.write([probe(minute, Reason.TIMEOUT) for minute in range(4)])
    now["at"] = build.start + timedelta(minutes=5)
    real = kept.incidents.save
    answers = iter([StoreUnavailableError("the disk is full")])

    def failing(incident, change):
        for error in answers:
            raise error
        real(incident, change)

    monkeypatch.setattr(kept.incidents, "save", failing)
    with structlog.testing.capture_logs() as told:
        work.once()
    assert told[0]["log_level"] == "warning"
    assert told[0]["cause"] == "the disk is full"
    assert kept.incidents.all() == []
    work.once()
    assert len(kept.incidents.all()) == 1


def test_mistakes_in_files_leave_the_old_ones_in_force(settings, kept, now, build, probe, monkeypatch):
    monkeypatch.setattr(process, "SCENE_SECONDS", 0.0)
    work = Work(settings, kept)
    settings.maintenance.write_text("windows: nonsense\n")
    kept.measurements.write([probe(minute, Reason.TIMEOUT) for minute in range(4)])
    now["at"] = build.start + timedelta(minutes=5)
    with structlog.testing.capture_logs() as told:
        work.once()
    assert "the old ones stay in force" in told[0]["event"]
    assert len(kept.incidents.all()) == 1


async def test_counting_never_holds_up_judging(settings, kept, now, probe, monkeypatch):
    """As long as a store is counted for the first time, looks go on; both end when they are asked to."""
    kept.measurements.write([probe(minute, Reason.TIMEOUT) for minute in range(4)])
    now["at"] += timedelta(minutes=5)
    stop, looks, has_looked = Stop(), [], threading.Event()
    real = Work.once

    def once(work):
        real(work)
        looks.append(len(kept.incidents.lasting()))
        if len(looks) == 3:
            has_looked.set()

    def count(_work, _stop):
        assert has_looked.wait(30)
        stop.set()
        return True

    monkeypatch.setattr(Work, "once", once)
    monkeypatch.setattr(Work, "count", count)
    hasty = settings.model_copy(update={"incidents": settings.incidents.model_copy(update={"every_seconds": 0.01})})
    await process.keep_judging(hasty, stop)
    assert looks[:3] == [1, 1, 1]
    assert kept.incidents.judge_memory() is not None


def test_a_store_that_is_away_is_counted_the_next_time(settings, kept, now, probe, monkeypatch):
    work = Work(settings, kept)
    kept.measurements.write([probe(minute) for minute in range(4)])
    now["at"] += timedelta(minutes=5)
    real = kept.incidents.counting.mark
    answers = iter([StoreUnavailableError("the disk is full")])

    def failing():
        for error in answers:
            raise error
        return real()

    monkeypatch.setattr(kept.incidents.counting, "mark", failing)
    with structlog.testing.capture_logs() as told:
        assert not work.count()
    assert (told[0]["log_level"], told[0]["cause"]) == ("warning", "the disk is full")
    work.count()
    assert [one.ok for one in kept.incidents.tallies(now["at"] - timedelta(hours=1), now["at"])] == [4]


def test_a_look_and_a_count_cost_the_same_however_long_the_history(
    settings, kept, now, build, probe, monkeypatch, tmp_path
):
    """Counted: readings made of rows, and the steps of SQLite's machine."""
    made, steps = [], []
    real = judging.reading_of
    monkeypatch.setattr(judging, "reading_of", lambda *arguments: made.append(1) or real(*arguments))
    costs = []
    for history in (20, 3_000):
        url = f"sqlite:///{tmp_path}/{history}.sqlite"
        with Store.open(url) as store, store._database._engine.connect() as connection:
            line = connection.connection.driver_connection
            connection.close()  # back to the pool, from which every work takes it
            store.measurements.write(
                [probe(minute, Reason.TIMEOUT if minute % 50 < 5 else None) for minute in range(history)]
            )
            now["at"] = build.start + timedelta(minutes=history)
            work = Work(settings, store)
            work.once()
            while work.count():
                pass
            made.clear()
            steps.clear()
            line.set_progress_handler(lambda: steps.append(1) and None, 10)
            for minute in range(history, history + 20):
                store.measurements.write([probe(minute, Reason.TIMEOUT if minute % 50 < 5 else None)])
                now["at"] += timedelta(minutes=1)
                work.once()
                assert not work.count()
            line.set_progress_handler(None, 0)
            assert len(made) == 20
            assert len(steps) > 100
            costs.append(len(steps))
    assert costs[1] <= 1.1 * costs[0]


def test_what_people_wrote_is_taken_up_when_they_say_so(kept, settings, now):
    settings.schedule.write_text("id: s\ncadences: [{kind: http, every_seconds: 60}]\n")
    work = Work(settings, kept)
    work.once()
    rules, targets = work._rules, {*work._scene.targets}
    settings.schedule.write_text("id: s\ncadences: [{kind: http, every_seconds: 600}]\n")
    file = settings.registry_dir / "a.yaml"
    good = file.read_text()
    file.write_text(good.replace("id: hue", "id: hai-phong"))
    work.once()
    tell_reload(settings.data_dir, now["at"], ["a.yaml:3: broken"])
    work.once()
    assert (work._rules, {*work._scene.targets}) == (rules, targets)
    tell_reload(settings.data_dir, now["at"])
    work.once()
    assert work._rules.gap == 10 * rules.gap
    assert {*work._scene.targets} == {one.replace("hue", "hai-phong") for one in targets}
    file.write_text("agencies: [{id: x}]\n")
    tell_reload(settings.data_dir, now["at"])
    work.once()
    assert "hai-phong.home" in work._scene.targets


def test_a_form_that_fails_while_its_portal_answers_is_broken(settings, kept, now, build, probe):
    file = settings.registry_dir / "a.yaml"
    file.write_text(REGISTRY.replace("source: test}]}", f"source: test, eforms: [{EFORM}]}}]}}"))
    (settings.registry_dir / "procedures.yaml").write_text(PROCEDURES, encoding="utf-8")
    [form] = [
        name
        for name, one in load_registry(settings.registry_dir, at=clock.hanoi_day(build.start)).targets.items()
        if one.role is TargetRole.EFORM
    ]
    work = Work(settings, kept)
    for minute in range(0, 300, 5):
        found = [probe(minute)]
        if minute % 30 == 0:
            seen = probe(minute, Reason.HTTP_ERROR if 60 <= minute < 180 else None, kind="eform", value="ready_seconds")
            found.append(replace(seen, key=replace(seen.key, target_id=form)))
        kept.measurements.write(found)
        now["at"] = build.start + timedelta(minutes=minute + 2)
        work.once()
    [incident] = kept.incidents.all()
    assert (incident.subject_id, incident.worst, incident.reason) == (form, IncidentState.BROKEN, Reason.HTTP_ERROR)
    assert incident.started_at == build.start + timedelta(minutes=60)
    assert incident.ended_at == build.start + timedelta(minutes=180)


@pytest.mark.parametrize("is_saturated", [False, True])  # a busy machine spoils times, not certificates
def test_a_certificate_that_runs_out_soon_is_read_from_measurements(settings, kept, now, build, probe, is_saturated):
    ends_at = build.start + timedelta(days=5)
    work = Work(settings, kept)
    for minute in range(12):
        ends = ends_at if minute < 8 else ends_at + timedelta(days=90)
        seen = probe(minute)
        values = {"total_seconds": 0.25, "certificate_expiry_seconds": ends.timestamp()}
        kept.measurements.write(
            [
                replace(
                    seen,
                    observation=replace(seen.observation, values=values),
                    conditions=replace(seen.conditions, saturated=is_saturated),
                )
            ]
        )
        now["at"] = build.start + timedelta(minutes=minute, seconds=30)
        work.once()
        work = Work(settings, kept) if minute == 5 and work.remember() is None else work
    [incident] = kept.incidents.all()
    [part] = incident.parts
    assert (incident.worst, part.aspect) == (IncidentState.EXPIRING, IncidentAspect.CERTIFICATE)
    assert incident.confirmed_at == build.start + timedelta(minutes=1)
    assert incident.ended_at == build.start + timedelta(minutes=8)
    assert figures_of(part).certificate_ends_at == ends_at
