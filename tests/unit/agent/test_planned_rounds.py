"""Rounds among everyday probes, on a clock that the test holds: what each block has at its end, whatever happened to us."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from unittest.mock import Mock

import pytest
import structlog

from schedules.cadence import load_schedule
from schedules.opened import draw_of, plan_in
from schedules.plan import Planner
from schedules.round_plan import load_round_plan
from thuocdo.agent import planned_rounds as planned_module
from thuocdo.agent.planned_rounds import LATE, SURE_SECONDS, PlannedRounds, RoundEnds, open_round
from thuocdo.agent.rounds import begin_round
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreError
from thuocdo.core.frozen import files_digest, frozen_files
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Conditions, Measurement, Observation, Outcome, Reason, Round
from thuocdo.core.portals import load_registry
from thuocdo.store import Store
from thuocdo.store.measurements import Measurements

NOW = datetime(2026, 12, 1, tzinfo=UTC)
DAY = date(2026, 12, 7)
MIDNIGHT = datetime(2026, 12, 6, 17, tzinfo=UTC)  # of that day in Hanoi
REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
  - {id: bo, block: ministry, name_vi: Bộ Mẫu, name_en: Model, source: test, portals: [
      {id: bo, homepage_url: "https://bo.example/", confidence: high, source: test}]}
"""
PLAN = """\
id: q4
label: Quý IV
type: official
from: 2026-12-07
days: 2
hours: ["02:00", "08:00", "10:00"]
vantages: [local]
criteria: qd473-2024
loads: {http: 1, homepage: 1}
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


def opened(settings, store, text=PLAN, now=NOW, name="q4"):
    file = settings.data_dir / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    plan = load_round_plan(file, all_kinds())
    files = frozen_files(settings.registry_dir, settings.criteria_dir, settings.schedule, file)
    return open_round(settings, store, plan, files, now)


def measured(job, reason=None):
    return Measurement(
        key=job.key,
        agency_id=job.target.agency_id,
        started_at=job.scheduled_at,
        duration_seconds=1.0,
        observation=Observation.ended(reason, "") if reason else Observation(outcome=Outcome.OK),
        conditions=Conditions(),
        round_id=job.round_id,
    )


class Agent:
    """An agent for all kinds, from one instant to another; `fails` tells why a job comes to nothing, None = it does not."""

    def __init__(self, settings, store):
        self.settings, self.store = settings, store

    def work(self, start, end, fails=lambda _: None):
        rounds = PlannedRounds(self.store, set(all_kinds()), "local")
        rounds.read()
        registry = load_registry(self.settings.registry_dir, at=DAY)
        planner = Planner(
            registry.probed_targets(),
            load_schedule(self.settings.schedule, all_kinds()),
            all_kinds(),
            "local",
            draws=rounds.draws,
            all_kinds=all_kinds(),
            day=DAY,
            with_spares=True,
        )
        rounds.take_up(planner.drawn, planner.spares, start)
        made = []
        for job in planner.due(start, end):
            if not rounds.is_wanted(job):
                continue
            one = measured(rounds.claimed(job), fails(job))
            rounds.seen(one)
            made.append(one)
        self.store.measurements.write(made)
        return made


def good_by_block(store):
    found = Counter()
    for one in store.measurements.find():
        if one.round_id and not one.is_lost_by_us:
            block = (one.key.scheduled_at - MIDNIGHT) // timedelta(hours=2)
            found[one.key.target_id, one.key.kind, block] += 1
    return found


EVERY_CELL = {
    (target, kind, block): 1
    for target in ("bo.home", "hue.home")
    for kind in ("http", "homepage")
    for block in (1, 4, 5)
}


def test_a_day_gives_each_series_one_run_in_each_block(settings, store):
    opened(settings, store)
    Agent(settings, store).work(MIDNIGHT, MIDNIGHT + timedelta(days=1))
    assert good_by_block(store) == EVERY_CELL


@pytest.mark.parametrize("profiles", ["[desktop]", "[desktop, mobile]"])
def test_what_fails_at_us_is_made_up_for_in_the_same_block(settings, store, profiles):
    """At night, and for the telephone, by spare runs: no everyday page comes after."""
    opened(settings, store, f"{PLAN}profiles: {profiles}\n")
    devices = 2 if "mobile" in profiles else 1
    seen = set()

    def once(job):
        block = (job.target.id, job.kind, job.profile, (job.scheduled_at - MIDNIGHT) // timedelta(hours=2))
        if job.round_id and block not in seen:
            seen.add(block)
            return Reason.NO_CONNECTIVITY
        return None

    made = Agent(settings, store).work(MIDNIGHT, MIDNIGHT + timedelta(days=1), once)
    wanted = {cell: devices if cell[1] == "homepage" else 1 for cell in EVERY_CELL}
    assert good_by_block(store) == wanted
    assert sum(one.round_id is not None for one in made) == 2 * sum(wanted.values())


def test_a_spare_run_of_what_is_there_already_is_not_made(settings, store):
    opened(settings, store)
    made = Agent(settings, store).work(MIDNIGHT, MIDNIGHT + timedelta(days=1))
    assert sum(one.round_id is not None for one in made) == len(EVERY_CELL)


def test_it_is_not_tried_for_ever(settings, store):
    opened(settings, store)
    made = Agent(settings, store).work(MIDNIGHT, MIDNIGHT + timedelta(days=1), lambda _: Reason.PROBER_SATURATED)
    runs = Counter(
        (one.key.target_id, one.key.kind, (one.key.scheduled_at - MIDNIGHT) // timedelta(hours=2))
        for one in made
        if one.round_id
    )
    assert max(runs.values()) == 2


def test_a_portal_that_fails_is_measured(settings, store):
    """It is no fault of ours, and nothing is made up for."""
    opened(settings, store)
    made = Agent(settings, store).work(MIDNIGHT, MIDNIGHT + timedelta(days=1), lambda _: Reason.TIMEOUT)
    assert sum(one.round_id is not None for one in made) == len(EVERY_CELL)


@pytest.mark.parametrize("minutes", [3, 17, 55, 80, 119])
def test_an_agent_that_dies_and_comes_again_goes_on_without_measuring_twice(settings, store, minutes):
    """Killed in the block from 8 to 10, away for a quarter of an hour."""
    opened(settings, store)
    dies = MIDNIGHT + timedelta(hours=8, minutes=minutes)
    agent = Agent(settings, store)
    agent.work(MIDNIGHT, dies)
    agent.work(dies + timedelta(minutes=15), MIDNIGHT + timedelta(days=1))
    found = good_by_block(store)
    assert set(found.values()) == {1}
    lost = set(EVERY_CELL) - set(found)
    assert not lost or (minutes > 90 and {cell[2] for cell in lost} == {4})


def test_whole_days_of_absence_lose_their_blocks_alone(settings, store):
    opened(settings, store)
    Agent(settings, store).work(MIDNIGHT, MIDNIGHT + timedelta(hours=7))
    assert {cell[2] for cell in good_by_block(store)} == {1}


def test_another_machine_draws_the_same_instants(settings, store, tmp_path):
    begun = opened(settings, store)
    files = store.rounds.files_of(begun.id)
    with Store.open(f"sqlite:///{tmp_path}/copy.sqlite") as copy:
        copy.rounds.begin(begun, files)
        assert draw_of(copy.rounds.get("q4"), copy.rounds.files_of("q4")) == draw_of(begun, files)


def test_a_renamed_file_or_a_moved_portal_changes_nothing_of_what_was_frozen(settings, store):
    begun = opened(settings, store)
    (settings.registry_dir / "a.yaml").write_text(REGISTRY.replace("https://hue.example/", "https://new.example/"))
    made = Agent(settings, store).work(MIDNIGHT, MIDNIGHT + timedelta(days=1))
    assert {one.key.target_id for one in made if one.round_id} == {"bo.home"}
    assert draw_of(begun, store.rounds.files_of("q4")).frozen["hue.home"].url == "https://hue.example/"


def test_a_round_holds_what_was_frozen_and_hides_its_seed(settings, store):
    begun = opened(settings, store)
    files = store.rounds.files_of("q4")
    assert [one.path for one in files if one.path.startswith(("plan", "registry", "schedule"))] == [
        "plan.yaml", "registry/a.yaml", "schedule.yaml",
    ]  # fmt: skip
    assert begun.settings["files_digest"] == files_digest(files)
    assert len(begun.seed) == 64
    assert begun.seed not in f"{begun!r} {begun.settings}"
    assert begun.planned == 2 * 2 * 3 * 2
    assert (
        opened(settings, store, PLAN.replace("q4", "q5").replace("IV", "V").replace("[local]", "[x]"), name="q5").seed
        != begun.seed
    )


class Elapsed:
    """Seconds that nobody can move, but a test."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def test_it_ends_by_the_clock_and_is_then_measured_no_more(settings, store):
    begun = opened(settings, store)
    over, elapsed = plan_in(begun, store.rounds.files_of("q4")).ends_at, Elapsed()
    ends = RoundEnds(store, elapsed)
    for at in (over, over + LATE):
        assert ends.once(at) == []
    elapsed.seconds = SURE_SECONDS
    assert [one.id for one in ends.once(over + LATE)] == ["q4"]
    assert store.rounds.get("q4").ended_at == over
    rounds = PlannedRounds(store, set(all_kinds()), "local")
    assert rounds.read() is False
    assert rounds.draws == ()


def test_a_clock_that_is_far_ahead_for_a_moment_ends_no_round(settings, store):
    opened(settings, store)
    elapsed = Elapsed()
    ends = RoundEnds(store, elapsed)
    for at in (NOW + timedelta(days=900), NOW, NOW + timedelta(days=900)):
        assert ends.once(at) == []
        elapsed.seconds += SURE_SECONDS - 1
    assert store.rounds.get("q4").ended_at is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "is there already"),
        ({"id: q4": "id: q5"}, "is there already"),
        ({"id: q4": "id: q5", "Quý IV": "Quý V"}, "measures from the same vantage point"),
        ({"id: q4": "id: q5", "Quý IV": "Quý V", "[local]": "[x]", "2026-12-07": "2026-12-01"}, "would have begun on"),
        (
            {"id: q4": "id: q5", "Quý IV": "Quý V", "[local]": "[x]", "{http: 1, homepage: 1}": "{eform: 1}"},
            "no target is probed",
        ),
    ],
)
def test_what_cannot_be_held_is_refused(settings, store, change, told):
    opened(settings, store)
    text = PLAN
    for old, new in change.items():
        text = text.replace(old, new)
    with pytest.raises(ConfigurationError, match=told):
        opened(settings, store, text, name="q5" if "id: q5" in text else "q4")
    assert len(store.rounds.all()) == 1


def test_a_short_round_cannot_take_its_name_and_two_rounds_cannot_share_one(settings, store):
    begun = opened(settings, store)
    with pytest.raises(ConfigurationError, match="is a planned one"):
        begin_round(settings, store, label="Quý IV", runs={"http": 1})
    with pytest.raises(StoreError):
        store.rounds.begin(replace(begun, id="another"))


def test_a_round_that_cannot_be_read_ends_no_agent_and_is_tried_again(settings, store, monkeypatch):
    """Whatever is wrong: the disk is full for a moment, its files are harmed, another version began it."""
    begun = opened(settings, store)
    strange = Round(id="q9", label="q9", started_at=NOW, settings={**begun.settings, "vantage": "local"})
    store.rounds.begin(strange)
    rounds = PlannedRounds(store, set(all_kinds()), "local")
    real, broken = planned_module.draw_of, [OSError(28, "No space left on device")]

    def once(*given):
        if broken:
            raise broken.pop()
        return real(*given)

    monkeypatch.setattr(planned_module, "draw_of", once)
    with structlog.testing.capture_logs():
        rounds.read()
        rounds.read()
    assert [one.round_id for one in rounds.draws] == ["q4"]
    ends = RoundEnds(store, elapsed := Elapsed())
    ends.once(NOW + timedelta(days=60))
    elapsed.seconds = SURE_SECONDS
    assert [one.id for one in ends.once(NOW + timedelta(days=60))] == ["q9", "q4"]


def test_nothing_is_claimed_where_nothing_was_drawn(settings, store):
    """Everyday instants follow from files that others may have: they never stand for drawn ones."""
    opened(settings, store)
    rounds = PlannedRounds(store, set(all_kinds()), "local")
    rounds.read()
    targets = load_registry(settings.registry_dir, at=DAY).probed_targets()
    everyday = Planner(targets, load_schedule(settings.schedule, all_kinds()), all_kinds(), "local")
    jobs = everyday.due(MIDNIGHT, MIDNIGHT + timedelta(days=1))
    assert not any(rounds.claimed(job).round_id for job in jobs)


def test_what_cannot_be_looked_up_is_looked_up_again(settings, store, monkeypatch):
    opened(settings, store)
    Agent(settings, store).work(MIDNIGHT, MIDNIGHT + timedelta(hours=9))
    rounds = PlannedRounds(store, set(all_kinds()), "local")
    rounds.read()
    with monkeypatch.context() as patched:
        patched.setattr(Measurements, "find", Mock(side_effect=StoreError("away")))
        with pytest.raises(StoreError):
            rounds.take_up((), (), MIDNIGHT + timedelta(hours=9))
    rounds.take_up((), (), MIDNIGHT + timedelta(hours=9))
    assert rounds._loaded


def test_everyday_runs_without_a_round_stay_everyday_ones(settings, store):
    made = Agent(settings, store).work(MIDNIGHT, MIDNIGHT + timedelta(days=1))
    by_kind = defaultdict(int)
    for one in made:
        by_kind[one.key.kind] += 1
    assert not any(one.round_id for one in made)
    opened(settings, store)
    assert by_kind["http"] == 2 * 1440
