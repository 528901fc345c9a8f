"""What the ranker computes, in which order, and what it does not let keep it from it."""

import asyncio
import os
import threading
from datetime import UTC, datetime, timedelta
from shutil import copyfile

import pytest
import structlog

from schedules.round_plan import load_round_plan
from thuocdo.agent.folder_lock import try_lock
from thuocdo.agent.planned_rounds import SURE_SECONDS, open_round
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.frozen import files_digest, frozen_files
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Round, RoundFile
from thuocdo.core.stopping import Stop
from thuocdo.processes import ranker as ranker_module
from thuocdo.processes.ranker import Ranker, keep_rankings
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.kept import LONGEST_PAUSE, LONGEST_ROUND, kept
from thuocdo.store import Store

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
SETS = ["survey-2023", "qd473-2024"]
"""Of those that are shipped: the default comes first, whatever the alphabet says."""

SHIPPED = ["survey-2023", "qd473-2024", "website-2025", "website-2025-communes"]

REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
"""


PLAN = f"""
{{id: q4, label: Quý IV, type: quick, from: {NOW.date() + timedelta(days=2)}, days: 1, hours: ["08:00"], vantages: [local],
 criteria: {SETS[0]}, loads: {{http: 1}}}}
"""


class Clock:
    def __init__(self):
        self.at = NOW

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def settings(tmp_path):
    folder = tmp_path / "registry"
    folder.mkdir()
    (folder / "a.yaml").write_text(REGISTRY, encoding="utf-8")
    criteria = tmp_path / "criteria"
    criteria.mkdir()
    for name in SETS:
        copyfile(Settings().criteria_dir / f"{name}.yaml", criteria / f"{name}.yaml")
    return Settings(data_dir=tmp_path / "data", registry_dir=folder, criteria_dir=criteria)


@pytest.fixture
def store(settings):
    opened = Store.open(settings.store_url)
    yield opened
    opened.close()


@pytest.fixture
def ranker(settings, store, clock):
    return Ranker(settings, store, clock, lambda: clock.at.timestamp())


@pytest.fixture
def computed(monkeypatch):
    """(round, criteria set) of each ranking that is computed, in order."""
    done = []
    real = ranker_module.published_ranking

    def counted(store, registry_at, criteria, **named):
        done.append((named["round_id"], criteria.id))
        return real(store, registry_at, criteria, **named)

    monkeypatch.setattr(ranker_module, "published_ranking", counted)
    return done


@pytest.fixture
def measure(store, clock, make_measurement):
    def write(**changes):
        at = clock.at
        store.measurements.write([make_measurement(scheduled_at=at, started_at=at, target_id="hue.home", **changes)])

    return write


def end(store, name, at):
    store.rounds.begin(Round(id=name, label=name, started_at=at - timedelta(hours=1), planned=0))
    store.rounds.end(name, at)


def test_without_a_round_the_last_days_are_ranked_by_every_criteria_set(settings, store, clock, computed):
    ranker = Ranker(settings.model_copy(update={"criteria_dir": Settings().criteria_dir}), store, clock)
    assert ranker.once() == len(SHIPPED)
    assert computed == [(None, name) for name in SHIPPED]
    assert {head.round_id for head in store.rankings.all()} == {None}
    assert ranker.once() == 0


def test_every_ended_round_is_ranked_once_the_published_one_first(ranker, store, computed, clock, measure):
    for days, name in enumerate(("old", "published", "older")):
        end(store, name, NOW - timedelta(days=(2, 1, 3)[days]))
    store.rounds.publish("published", NOW, "Lan")
    store.rounds.begin(Round(id="runs", label="runs", started_at=NOW, planned=1))
    assert ranker.once() == 3 * len(SETS)
    assert computed == [(name, of) for name in ("published", "old", "older") for of in SETS]
    clock.at += 3 * LONGEST_PAUSE
    measure()
    assert ranker.once() == 0


def test_a_round_is_ranked_when_it_ends(ranker, store, computed, clock):
    store.rounds.begin(Round(id="r", label="r", started_at=NOW, planned=1))
    ranker.once()
    computed.clear()
    clock.at += timedelta(minutes=5)
    store.rounds.end("r", clock.at)
    assert ranker.once() == len(SETS)  # that of the last days stays as it was: nothing was measured
    assert computed == [("r", name) for name in SETS]


def freeze(settings, store, name="r"):
    """Begin and end a round that froze the files as they are."""
    files = frozen_files(settings.registry_dir, settings.criteria_dir, settings.schedule)
    begun = Round(
        id=name, label=name, started_at=NOW - timedelta(hours=1), settings={"files_digest": files_digest(files)}
    )
    store.rounds.begin(begun, files)
    store.rounds.end(name, NOW)


def test_a_round_is_ranked_by_the_files_that_it_froze(ranker, settings, store, clock):
    """A renamed agency, another agency, other criteria: whatever is written after it began moves nothing of it."""
    freeze(settings, store)
    (settings.registry_dir / "a.yaml").write_text(REGISTRY.replace("Huế", "Huế Mới").replace("id: hue", "id: other"))
    file = settings.criteria_dir / f"{SETS[0]}.yaml"
    before = load_criteria_set(settings.criteria_dir, SETS[0])
    file.write_text(file.read_text(encoding="utf-8") + "# another byte\n", encoding="utf-8")
    clock.at += timedelta(minutes=5)
    ranker.once()
    (head,) = store.rankings.of(SETS[0], "r")
    found = kept(store.rankings, head)
    assert [(name, one.name_vi) for name, one in found.agencies.items()] == [("hue", "Huế")]
    assert found.criteria_digest == before.digest
    assert ranker.once() == 0


def test_a_round_of_files_that_cannot_be_read_holds_nobody_up(ranker, settings, store):
    files = [RoundFile(path="registry/a.yaml", body=b"agencies: [")]
    store.rounds.begin(Round(id="odd", label="odd", started_at=NOW, settings={"files_digest": "0"}), files)
    store.rounds.end("odd", NOW)
    freeze(settings, store)
    assert ranker.once() == len(SETS) * 2  # of the other round, and of the last days
    assert store.rankings.of(SETS[0], "odd") == []
    assert ranker.once() == 0


def test_a_planned_round_ends_when_its_time_is_over(ranker, settings, store, clock, tmp_path):
    plan = tmp_path / "q4.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    files = frozen_files(settings.registry_dir, settings.criteria_dir, settings.schedule, plan)
    opened = open_round(settings, store, load_round_plan(plan, all_kinds()), files, NOW)
    assert ranker.once() == len(SETS)
    assert store.rankings.of(SETS[0], "q4") == []
    clock.at = opened.started_at + timedelta(days=1)
    ranker.once()
    clock.at += timedelta(seconds=SURE_SECONDS)
    ranker.once()
    assert store.rounds.get("q4").ended_at == opened.started_at + timedelta(hours=2)
    assert len(store.rankings.of(SETS[0], "q4")) == 1


def test_the_last_days_are_ranked_anew_after_an_hour_in_which_something_came(ranker, store, computed, clock, measure):
    clock.at -= timedelta(days=2)
    measure()
    clock.at += timedelta(days=2)
    ranker.once()
    computed.clear()
    clock.at += LONGEST_PAUSE
    assert ranker.once() == 0
    measure()
    assert ranker.once() == len(SETS)
    clock.at += LONGEST_PAUSE - timedelta(seconds=1)
    measure()
    assert ranker.once() == 0


def test_what_a_clock_that_was_ahead_left_behind_does_not_stop_the_last_days(ranker, clock, measure):
    ranker.once()
    clock.at += timedelta(days=365)
    measure()
    clock.at -= timedelta(days=364)
    assert ranker.once() == len(SETS)
    clock.at += LONGEST_PAUSE
    assert ranker.once() == len(SETS)


def test_a_changed_registry_is_taken_up_without_being_asked(ranker, settings, computed, clock):
    ranker.once()
    computed.clear()
    clock.at += timedelta(minutes=1)
    (settings.registry_dir / "a.yaml").write_text(REGISTRY.replace("Huế", "Thành phố Huế"), encoding="utf-8")
    assert ranker.once() == len(SETS)
    assert ranker.once() == 0


def test_files_that_were_touched_and_say_the_same_have_nothing_computed(ranker, settings, clock):
    ranker.once()
    clock.at += timedelta(minutes=1)
    (settings.registry_dir / "a.yaml").write_text(REGISTRY + "# a remark\n", encoding="utf-8")
    assert ranker.once() == 0


def test_with_mistakes_the_old_files_stay_in_force_and_it_is_told_once(ranker, settings, store, clock):
    ranker.once()
    file = settings.registry_dir / "a.yaml"
    file.write_text("agencies: [{id: x}]\n")
    end(store, "r", NOW)
    with structlog.testing.capture_logs() as told:
        assert ranker.once() == len(SETS)
        ranker.once()
    assert [one["log_level"] for one in told if "mistakes" in one["event"]] == ["warning"]
    clock.at += timedelta(minutes=1)
    file.write_text(REGISTRY.replace("Huế", "Thành phố Huế"), encoding="utf-8")
    assert ranker.once() == len(SETS)


def test_mistakes_at_the_start_are_told_to_whoever_started_it(settings, store):
    (settings.registry_dir / "a.yaml").write_text("agencies: [{id: x}]\n")
    with pytest.raises(ConfigurationError):
        Ranker(settings, store)


def test_a_store_that_goes_away_is_tried_again(ranker, store, monkeypatch, computed):
    real = store.rankings.save
    fails = [True, False]

    def save(*given):
        if fails.pop(0) if fails else False:
            raise StoreUnavailableError("the disk is full")
        real(*given)

    monkeypatch.setattr(store.rankings, "save", save)
    with structlog.testing.capture_logs() as told:
        assert ranker.once() == 0
        assert ranker.once() == len(SETS)
    assert [one["cause"] for one in told if one["log_level"] == "warning"] == ["the disk is full"]


def test_a_stop_comes_between_two_rankings(ranker, monkeypatch):
    stop = Stop()
    real = ranker_module.keep

    def last(*given):
        stop.set()
        real(*given)

    monkeypatch.setattr(ranker_module, "keep", last)
    assert ranker.once(stop) == 1
    assert ranker.once(stop) == 0


async def test_who_stops_it_waits_for_no_ranking(settings, monkeypatch):
    stop, computing, go_on = Stop(), threading.Event(), threading.Event()

    def endless(*_, **__):
        computing.set()
        go_on.wait(60)
        raise StoreUnavailableError("too late")

    monkeypatch.setattr(ranker_module, "published_ranking", endless)
    keeping = asyncio.create_task(keep_rankings(settings, stop))
    assert await asyncio.to_thread(computing.wait, 60)
    stop.set()
    await keeping  # although the ranking is still under way
    assert not go_on.is_set()
    go_on.set()


async def test_of_two_rankers_over_one_folder_the_second_waits_for_the_first(settings, store, monkeypatch):
    monkeypatch.setattr(ranker_module, "LOOK_SECONDS", 0.01)
    lock = try_lock(settings.data_dir / "ranker.lock")
    stop, waited = Stop(), asyncio.Event()
    sleep = stop.sleep

    async def counted(seconds):
        waited.set()
        await sleep(seconds)

    stop.sleep = counted
    keeping = asyncio.create_task(keep_rankings(settings, stop))
    await waited.wait()
    assert store.rankings.all() == []
    os.close(lock)
    while len(store.rankings.all()) < len(SETS):
        await asyncio.sleep(0.01)
    stop.set()
    await keeping


async def test_one_that_waits_for_another_stops_when_it_is_asked_to(settings, store):
    lock = try_lock(settings.data_dir / "ranker.lock")
    stop = Stop()
    keeping = asyncio.create_task(keep_rankings(settings, stop))
    await asyncio.sleep(0)
    stop.set()
    await keeping
    assert lock is not None


def test_what_was_measured_is_rolled_up_before_it_is_ranked(ranker, store, clock, measure):
    clock.at -= timedelta(minutes=5)
    measure()
    clock.at = NOW
    ranker.once()
    assert store.rollups.waiting() == 0
    [head] = store.rankings.of("survey-2023", None)
    found = kept(store.rankings, head)
    assert (found.from_rollups, found.from_measurements) == (1, 0)


def test_while_a_round_runs_the_last_days_are_ranked_once(ranker, store, computed, clock, measure):
    store.rounds.begin(Round(id="runs", label="runs", started_at=NOW, planned=1))
    assert ranker.once() == len(SETS)
    for _ in range(3):
        clock.at += LONGEST_PAUSE
        measure()
        assert ranker.once() == 0
    clock.at = NOW + LONGEST_ROUND
    measure()
    assert ranker.once() == len(SETS)  # it was given up
