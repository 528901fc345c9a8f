"""Checkpoints of a planned round while it is measured: one a day of each agent, and what they find afterwards."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

import pytest

from schedules.round_plan import load_round_plan
from thuocdo.agent.made_up_round import fill
from thuocdo.agent.planned_rounds import end_round, open_round
from thuocdo.cli.seal import to_seal
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, ThuocdoError
from thuocdo.core.frozen import frozen_files
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Conditions, Measurement, MeasurementKey, Observation, Outcome, Reason
from thuocdo.score.expected import ASSUMED
from thuocdo.sealing import instants, keys
from thuocdo.sealing.daily import due_rounds, keys_folder, machine_key, machine_signer, make_checkpoints
from thuocdo.sealing.findings import DrawnAgain, Tampering
from thuocdo.sealing.sealing import seal_round
from thuocdo.sealing.verifying import Trusted, verify
from thuocdo.store import Store

REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
"""
PLAN = """\
{id: q, label: Đợt, type: quick, from: 2026-11-02, days: 3, hours: ["08:00"], vantages: [local], criteria: survey-2023,
 loads: {http: 1, homepage: 1}}
"""


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch):
    monkeypatch.setattr(keys, "_KDF_BYTES", 1 << 20)
    monkeypatch.setattr(keys, "_KDF_OPERATIONS", 1 << 15)


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.yaml").write_text(REGISTRY, encoding="utf-8")
    (tmp_path / "q.yaml").write_text(PLAN, encoding="utf-8")
    return Settings(data_dir=tmp_path / "data", registry_dir=tmp_path / "portals", simulated=True)


@pytest.fixture
def store(settings):
    with Store.open(settings.store_url) as opened:
        yield opened


@pytest.fixture
def opened(settings, store, tmp_path):
    plan = load_round_plan(tmp_path / "q.yaml", all_kinds())
    files = frozen_files(settings.registry_dir, settings.criteria_dir, settings.schedule, tmp_path / "q.yaml")
    key = machine_key(keys_folder(settings.data_dir))
    return open_round(settings, store, plan, files, plan.begins_at - timedelta(days=1), machine_key=key)


def measured(settings, store, round_, day):
    """Write what a day of the round measures, as agents do: each day when it is there."""
    seen = [
        Measurement(
            key=MeasurementKey(
                target_id="hue.home", kind=kind, vantage_id="x", profile="desktop", scheduled_at=round_.started_at
            ),
            agency_id="hue", started_at=round_.started_at, duration_seconds=1.0, conditions=Conditions(),
            observation=Observation(outcome=Outcome.OK, values={value: 1.0}),
        )
        for kind, value in (("http", "total_seconds"), ("homepage", "load_seconds"))
    ]  # fmt: skip
    with Store.open(f"sqlite:///{settings.data_dir}/{day}.sqlite") as apart:
        apart.rounds.begin(round_, store.rounds.files_of(round_.id))
        fill(settings, apart, round_, seen, ASSUMED)
        start = round_.started_at + timedelta(days=day)
        made = [one for one in apart.measurements.find() if start <= one.key.scheduled_at < start + timedelta(hours=2)]
    assert len(made) == 2
    store.measurements.write(made)
    return made


def closed(settings, store, now):
    return make_checkpoints(store, keys_folder(settings.data_dir), now, 0.001)


def a_round(settings, store, round_):
    """A round of three days, each closed after it."""
    for day in range(3):
        measured(settings, store, round_, day)
        midnight = round_.started_at + timedelta(days=day, hours=17)
        assert closed(settings, store, midnight) == 2
        assert closed(settings, store, midnight + timedelta(hours=1)) == 0


def sealed(settings, store, round_):
    end_round(store, round_)
    with machine_signer(keys_folder(settings.data_dir)) as signer:
        what = to_seal(settings, store, store.rounds.get(round_.id))
        return seal_round(store, what, settings.sealed_dir, signer, now=round_.started_at + timedelta(days=4))


def test_each_day_of_each_agent_is_closed_once_and_the_package_has_it(settings, store, opened):
    a_round(settings, store, opened)
    found = verify(sealed(settings, store, opened).folder, Trusted())
    assert (found.findings, found.checkpoints, found.is_recomputed) == ((), 6, True)


def test_what_is_taken_away_after_a_checkpoint_is_missed(settings, store, opened):
    """Not even by whoever holds the store."""
    a_round(settings, store, opened)
    with store._database._writing.begin() as connection:
        connection.exec_driver_sql("DELETE FROM measurements WHERE id = 1")
    with pytest.raises(ThuocdoError, match="checkpoint"):
        sealed(settings, store, opened)


def test_each_instant_is_drawn_again(settings, store, opened):
    a_round(settings, store, opened)
    assert verify(sealed(settings, store, opened).folder, Trusted()).instants == DrawnAgain(drawn=6, met=6, made_up=0)


def taken_away(store):
    """Return a measurement, which is then no longer there."""
    found = {one.key: one for one in store.measurements.find()}
    with store._database._writing.begin() as connection:
        connection.exec_driver_sql("DELETE FROM measurements WHERE id = 1")
    (gone,) = set(found) - {one.key for one in store.measurements.find()}
    return found[gone]


@pytest.mark.parametrize(
    ("by", "told"), [(timedelta(seconds=1), "somebody chose when to measure"), (timedelta(hours=5), "lie in no block")]
)
def test_who_chose_when_to_measure_is_found_out(settings, store, opened, by, told):
    """Before any checkpoint, with a seal that is right in all else."""
    for day in range(3):
        measured(settings, store, opened, day)
    old = taken_away(store)
    at = old.key.scheduled_at + by
    store.measurements.write([replace(old, key=replace(old.key, scheduled_at=at), started_at=at)])
    (finding,) = verify(sealed(settings, store, opened).folder, Trusted()).findings
    assert (finding.tampering, told in finding.text) == (Tampering.OTHER_INSTANT, True)


@pytest.mark.parametrize("fault", [ConfigurationError("schedule.yaml: no start is left"), ValueError("no hexadecimal")])
def test_what_cannot_be_drawn_again_is_a_finding_and_ends_nothing(settings, store, opened, monkeypatch, fault):
    a_round(settings, store, opened)
    package = sealed(settings, store, opened).folder
    monkeypatch.setattr(instants, "Drawing", Mock(side_effect=fault))
    found = verify(package, Trusted())
    (finding,) = found.findings
    assert (finding.tampering, found.instants, found.is_recomputed) == (Tampering.OTHER_INSTANT, None, True)
    assert "no instant can be drawn again by it: " in finding.text


def test_what_makes_up_for_a_lost_run_is_no_choice(settings, store, opened):
    for day in range(3):
        measured(settings, store, opened, day)
    lost = taken_away(store)
    made_up = replace(lost, key=replace(lost.key, scheduled_at=lost.key.scheduled_at + timedelta(minutes=4)))
    broken = replace(lost, observation=Observation.ended(Reason.PROBER_SATURATED, ""))
    store.measurements.write([broken, made_up])
    found = verify(sealed(settings, store, opened).folder, Trusted())
    assert (found.findings, found.instants) == ((), DrawnAgain(drawn=6, met=6, made_up=1))


def test_a_run_too_many_is_told_and_is_no_accusation(settings, store, opened):
    """An agent began anew while what it had measured waited for the store."""
    for day in range(3):
        measured(settings, store, opened, day)
    one = next(iter(store.measurements.find()))
    later = replace(one, key=replace(one.key, scheduled_at=one.key.scheduled_at + timedelta(minutes=4)))
    store.measurements.write([later])
    found = verify(sealed(settings, store, opened).folder, Trusted())
    assert (found.findings, found.instants) == ((), DrawnAgain(drawn=6, met=6, made_up=0, more=1))


def test_what_comes_late_is_kept_and_marked(settings, store, opened):
    first = measured(settings, store, opened, 0)
    closed(settings, store, opened.started_at + timedelta(hours=17))
    late = replace(first[0], key=replace(first[0].key, scheduled_at=first[0].key.scheduled_at + timedelta(seconds=1)))
    store.measurements.write([late])
    measured(settings, store, opened, 1)
    closed(settings, store, opened.started_at + timedelta(days=1, hours=17))
    manifest = sealed(settings, store, opened).manifest
    assert sorted(chain.late for chain in manifest.chains) == [0, 1]


def test_before_a_round_begins_and_after_it_ended_nothing_is_due(settings, store, opened):
    assert due_rounds(store, opened.started_at - timedelta(hours=9)) == []
    assert due_rounds(store, opened.started_at + timedelta(hours=3)) == []
    end_round(store, opened)
    assert due_rounds(store, opened.started_at + timedelta(days=5)) == []


def test_a_machine_has_one_key_that_only_its_owner_reads(settings):
    folder = keys_folder(settings.data_dir)
    assert machine_key(folder) == machine_key(folder)
    for name in ("machine.key", "machine.words"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
