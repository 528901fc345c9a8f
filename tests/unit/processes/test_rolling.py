"""When measurements are rolled up; what comes of it is asked in tests/integration/store/test_rollups.py."""

from datetime import UTC, datetime

import pytest

from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.stopping import Stop
from thuocdo.processes.rolling import EVERY_SECONDS, Rolling
from thuocdo.score.criteria import criteria_set_ids, load_criteria_set
from thuocdo.score.kept_values import kept_values
from thuocdo.score.ranking import names_read
from thuocdo.store import Store, rollups

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/thuocdo.sqlite") as opened:
        yield opened


@pytest.fixture(scope="module")
def sets():
    folder = Settings().criteria_dir
    return [load_criteria_set(folder, name) for name in criteria_set_ids(folder)]


def test_it_is_done_at_once_and_then_when_its_time_has_come(store, sets, make_measurement):
    clock = [1000.0]
    work = Rolling(store, lambda: NOW, lambda: clock[0])
    store.measurements.write([make_measurement(number) for number in range(7)])
    assert work.once(sets) == 7
    store.measurements.write([make_measurement(8)])
    clock[0] += EVERY_SECONDS - 1
    assert work.once(sets) == 0
    clock[0] += 1
    assert work.once(sets) == 1
    assert store.rollups.rolled_at() == NOW


def test_a_long_backlog_is_taken_in_pieces_between_which_a_stop_is_heeded(store, sets, make_measurement, monkeypatch):
    monkeypatch.setattr(rollups, "ROWS_AT_ONCE", 3)
    monkeypatch.setattr(rollups, "ROWS_A_SERIES", 1)
    roll = store.rollups.roll
    stop, pieces = Stop(), []

    def piece(names, now, most):
        pieces.append(roll(names, now, most=most))
        if len(pieces) == 2:
            stop.set()
        return pieces[-1]

    monkeypatch.setattr(store.rollups, "roll", piece)
    store.measurements.write([make_measurement(number) for number in range(10)])
    work = Rolling(store, lambda: NOW)
    assert work.once(sets, stop) == 6
    assert work.once(sets) == 4  # it was not done, so it is time
    assert pieces == [3, 3, 3, 1]
    assert store.rollups.waiting() == 0


def test_of_many_series_more_is_taken_at_once_since_each_go_writes_all_of_them(store, make_measurement, monkeypatch):
    monkeypatch.setattr(rollups, "ROWS_AT_ONCE", 40)
    monkeypatch.setattr(rollups, "ROWS_A_SERIES", 15)
    store.measurements.write([make_measurement(0)])
    assert store.rollups.rows_at_once() == 40
    store.measurements.write([make_measurement(number, target_id=f"t{number}") for number in range(3)])
    assert store.rollups.rows_at_once() == 60


def test_what_is_kept_is_all_that_any_ranking_reads_and_what_people_compare_by(sets):
    kept = kept_values(sets)
    assert set(kept) == set(all_kinds())
    for criteria in sets:
        for kind, names in names_read(criteria).items():
            assert set(names) <= set(kept[kind])
    assert "total_seconds" in kept["http"]
    assert kept_values([])["homepage"] == ("load_seconds",)
