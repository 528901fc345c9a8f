"""A round always comes to an end, and its exit code tells which."""

from contextlib import asynccontextmanager

import pytest

from thuocdo.agent.rounds import given_up, remaining_jobs
from thuocdo.cli import round as round_module
from thuocdo.cli.context import CliContext, Language
from thuocdo.cli.round import MOST_DEATHS, MOST_RUNS, _parse_runs, _Patience, _refuse_odd_label, _round
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.model import Outcome, Reason
from thuocdo.core.stopping import Stop
from thuocdo.processes.ranker import Ranker
from thuocdo.processes.supervisor import UNAVAILABLE_EXIT, Child
from thuocdo.score.kept import kept
from thuocdo.store import Store, patience
from thuocdo.store.rankings import Rankings
from thuocdo.store.rounds import Rounds

REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
"""
RUNS = {"http": 2, "homepage": 0, "eform": 0, "accessibility": 0}


@pytest.fixture
def context(tmp_path, monkeypatch):
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.yaml").write_text(REGISTRY, encoding="utf-8")
    made = CliContext(config_file=None, lang=Language.EN, log_level="error")
    made.settings = Settings(data_dir=tmp_path / "data", registry_dir=tmp_path / "portals")
    monkeypatch.setattr(round_module, "stop_on_signals", Stop)
    monkeypatch.setattr(round_module, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(patience, "FIRST_PAUSE_SECONDS", 0.01)

    @asynccontextmanager
    async def nothing_expires(settings):
        yield

    monkeypatch.setattr(round_module, "expiring_evidence", nothing_expires)
    return made


@pytest.fixture
def agents(context, monkeypatch):
    """Let a function of (store, remaining jobs) stand for the agents; it returns their exit code."""

    def stand_for(work):
        async def supervise(children, ending, *, is_hopeless):
            store = Store.open(context.settings.store_url)
            try:
                (begun,) = store.rounds.all()
                return await work(store, remaining_jobs(context.settings, store, begun.id, {"http"}), is_hopeless)
            finally:
                store.close()

        monkeypatch.setattr(round_module, "supervise", supervise)

    return stand_for


def stored(context):
    store = Store.open(context.settings.store_url)
    try:
        return store.rounds.all()[0], list(store.measurements.find())
    finally:
        store.close()


async def test_a_round_that_is_measured_ends_and_is_ranked(context, agents):
    async def measure(store, jobs, is_hopeless):
        store.measurements.write([given_up(job, "") for job in jobs])
        return 0

    agents(measure)
    assert await _round(context, "r", RUNS) == 0
    assert stored(context)[0].ended_at is not None
    with Store.open(context.settings.store_url) as store:
        [head] = store.rankings.of("survey-2023", stored(context)[0].id)  # the pages have it at once
        assert kept(store.rankings, head).measurements == len(stored(context)[1])
        assert (
            Ranker(context.settings, store).once() == 3 + 4
        )  # of the other criteria sets, and of the last days: nothing is published


async def test_a_ranking_that_cannot_be_stored_is_printed_all_the_same(context, agents, monkeypatch, capsys):
    async def measure(store, jobs, is_hopeless):
        store.measurements.write([given_up(job, "") for job in jobs])
        return 0

    def full(*_):
        raise StoreUnavailableError("the disk is full")

    agents(measure)
    monkeypatch.setattr(Rankings, "save", full)
    assert await _round(context, "r", RUNS) == 0
    assert "Hue" in capsys.readouterr().out


async def test_what_no_agent_could_take_is_stored_as_inconclusive_and_the_round_ends(context, agents):
    async def lose_one(store, jobs, is_hopeless):
        store.measurements.write([given_up(jobs[0], "")])
        return 0

    agents(lose_one)
    assert await _round(context, "r", RUNS) == 0
    begun, measurements = stored(context)
    assert begun.ended_at is not None
    assert len(measurements) == begun.planned == 2
    assert measurements[1].observation.outcome is Outcome.INCONCLUSIVE
    assert measurements[1].observation.reason is Reason.INTERNAL_ERROR
    assert "again and again" in measurements[1].observation.detail


async def test_a_stopped_round_is_not_fine_and_the_same_command_goes_on(context, agents, monkeypatch):
    stop = Stop()
    monkeypatch.setattr(round_module, "stop_on_signals", lambda: stop)

    async def be_stopped(store, jobs, is_hopeless):
        store.measurements.write([given_up(jobs[0], "")])
        stop.set()
        return 0

    agents(be_stopped)
    assert await _round(context, "r", RUNS) == UNAVAILABLE_EXIT
    assert stored(context)[0].ended_at is None

    async def measure(store, jobs, is_hopeless):
        assert len(jobs) == 1
        store.measurements.write([given_up(job, "") for job in jobs])
        return 0

    stop = Stop()
    agents(measure)
    assert await _round(context, "r", RUNS) == 0


async def test_a_configuration_fault_of_an_agent_is_the_rounds(context, agents):
    async def refuse(store, jobs, is_hopeless):
        return 2

    agents(refuse)
    assert await _round(context, "r", RUNS) == 2


async def test_a_store_that_is_away_at_the_end_is_waited_for(context, agents, monkeypatch):
    async def measure(store, jobs, is_hopeless):
        store.measurements.write([given_up(job, "") for job in jobs])
        return 0

    agents(measure)
    away, real = iter(range(3)), Rounds.end

    def end_round(self, *arguments):
        if next(away, None) is not None:
            raise StoreUnavailableError("away")
        real(self, *arguments)

    monkeypatch.setattr(Rounds, "end", end_round)
    assert await _round(context, "r", RUNS) == 0
    assert stored(context)[0].ended_at <= clock.now()


def test_an_agent_that_dies_without_progress_is_given_up():
    patient, child = _Patience(), Child(name="agent-http", arguments=())
    assert [patient.is_at_its_end(child, -9) for _ in range(MOST_DEATHS)] == [*[False] * (MOST_DEATHS - 1), True]


def test_progress_and_a_store_that_is_away_are_no_reasons_to_give_up():
    patient, child = _Patience(), Child(name="agent-http", arguments=())
    for stored_by_now in range(1, 4 * MOST_DEATHS):
        patient.see(stored_by_now)
        assert not patient.is_at_its_end(child, -9)
    assert not any(patient.is_at_its_end(child, UNAVAILABLE_EXIT) for _ in range(3 * MOST_DEATHS))


@pytest.mark.parametrize(
    "number", ["", "many", "-1", "+1", "1.0", "1e3", "²", "٣", "1001", "9" * 20, "9" * 5_000, "1_0", " 1", "0x1", "inf"]
)
def test_how_often_is_a_number_in_bounds(number):
    with pytest.raises(ConfigurationError, match="is no whole number up to 1000"):
        _parse_runs([f"http={number}"])


def test_never_and_very_often_are_in_bounds():
    assert _parse_runs(["http=0", f"homepage={MOST_RUNS}"]) == {"http": 0, "homepage": MOST_RUNS}


@pytest.mark.parametrize("label", ["", "  ", "a\nb", "\udcff", "x" * 501, "a\u202eb"])
def test_a_round_has_a_name_that_can_be_read(label):
    with pytest.raises(ConfigurationError, match="LABEL"):
        _refuse_odd_label(label)
