"""What measurements will take: reckoned from the schedule, or from what the store shows."""

from datetime import UTC, datetime, timedelta

import pytest

from schedules.cadence import load_schedule
from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block
from thuocdo.core.portals import load_registry
from thuocdo.reports.storage import (
    LEAST_ROWS,
    Growth,
    Inflow,
    Limits,
    Present,
    days_until_full,
    growth_of,
    planned_inflow,
    row_bytes,
    runs_a_day,
)
from thuocdo.reports.storage_seen import limits_of, look
from thuocdo.store import Store
from thuocdo.store.room import Room

NOW = datetime(2026, 11, 29, 5, tzinfo=UTC)
GROWTH = Growth(raw=10.0, rollups=1.0, archive=2.0, evidence=5.0, row_bytes=150)
LIMITS = Limits(raw_days=35, rollup_days=100, evidence_bytes=40, is_archived=False)
NOTHING = Present(raw_days=0, rollup_days=0)


@pytest.fixture(scope="module")
def settings():
    return Settings()


@pytest.fixture(scope="module")
def schedule(settings):
    return load_schedule(settings.schedule, all_kinds())


def test_runs_of_a_day_follow_period_and_opening_hours(schedule):
    runs = {one.kind: runs_a_day(one) for one in schedule.cadences if Block.PROVINCE in one.blocks}
    assert runs == pytest.approx({"http": 1440, "homepage": 68, "eform": 34, "accessibility": 1, "resilience": 1})


def test_the_plan_of_a_registry_is_counted_by_kind(settings, schedule):
    targets = list(load_registry(settings.registry_dir, at=NOW.date()).probed_targets())
    flow = planned_inflow(targets, schedule)
    http = next(cadence for cadence in schedule.cadences if cadence.kind == "http")
    taken = sum(1 for target in targets if http.takes(target))
    assert taken > 10
    assert (flow.rows["http"], flow.series["http"]) == (1440 * taken, taken)
    assert "resilience" not in flow.rows  # nobody gave a mandate
    assert flow.rows_a_day == sum(flow.rows.values())


def test_what_is_kept_stops_growing_and_the_archive_does_not():
    assert GROWTH.after(10, LIMITS) == 110
    assert GROWTH.after(365, LIMITS) == 350 + 100
    archived = Limits(raw_days=35, rollup_days=100, evidence_bytes=40, is_archived=True)
    assert GROWTH.after(365, archived) == 450 + 730
    whole_months = Limits(raw_days=35, rollup_days=100, evidence_bytes=40, is_archived=False, room_days=31)
    assert GROWTH.after(40, whole_months) == 440
    assert GROWTH.after(365, whole_months) == 660 + 100


def test_a_server_keeps_the_room_of_what_went_until_its_month_is_over():
    assert limits_of(Settings(store_url="postgresql://thuocdo@127.0.0.1/thuocdo")).room_days == 31
    assert limits_of(Settings(store_url="sqlite:////data/thuocdo.sqlite")).room_days == 0


@pytest.mark.parametrize(
    ("free", "present", "days"),
    [
        (0.0, NOTHING, 1),
        (16.0, NOTHING, 2),
        (160.0, NOTHING, 11),  # 8 days of 16, of which evidence is full, then 11 a day
        (489.0, NOTHING, 100),
        (490.0, NOTHING, None),
        (99.0, Present(raw_days=35, rollup_days=0, evidence_bytes=40), 100),
        (1.0, Present(raw_days=90, rollup_days=100, evidence_bytes=90), None),
    ],
)
def test_the_day_of_the_full_disk(free, present, days):
    assert days_until_full(free, GROWTH, LIMITS, present) == days


def test_an_archive_fills_every_disk():
    archived = Limits(raw_days=1, rollup_days=1, evidence_bytes=0, is_archived=True)
    assert days_until_full(1000.0, GROWTH, archived, NOTHING) == 495


def test_the_size_of_a_measurement_is_measured_where_there_are_enough():
    room = Room(bytes=3_000_000, rollup_bytes=1_000_000, free_bytes=9, gives_back=True, file=None)
    flow = Inflow(rows={"http": 900.0, "homepage": 60.0, "eform": 40.0}, series={})
    assert row_bytes(room, LEAST_ROWS, "sqlite", flow) == (200.0, True)
    assert row_bytes(room, LEAST_ROWS - 1, "sqlite", flow) == (pytest.approx(0.9 * 150 + 0.1 * 235), False)
    assert row_bytes(None, 0, "postgresql", flow) == (pytest.approx(0.9 * 260 + 0.1 * 395), False)
    assert row_bytes(None, 0, "postgresql", Inflow(rows={}, series={})) == (260.0, False)


def test_roll_ups_grow_with_measurements_and_with_series():
    growth = growth_of(Inflow(rows={"http": 1000.0}, series={"http": 2}), 150.0)
    assert (growth.raw, growth.rollups) == (150_000.0, 9_000.0 + 1_800.0)
    assert growth.tallies == 2 * 24 * 170.0


def test_growth_is_seen_in_the_last_days_of_the_store(tmp_path, make_measurement):
    settings = Settings(data_dir=tmp_path / "data")
    planned = look(settings, None, NOW)
    assert (planned.days, planned.is_measured, planned.present.raw_days) == (0.0, False, 0.0)
    assert planned.growth.evidence == pytest.approx(10e9 / 90)
    with Store.open(settings.store_url) as store:
        for hours in range(240):
            at = NOW - timedelta(hours=hours)
            store.measurements.write([make_measurement(hours, scheduled_at=at, started_at=at)])
        seen = look(settings, store, NOW)
    assert seen.days == pytest.approx(7.0)
    assert seen.growth.raw == pytest.approx(24 * 150.0, rel=0.02)
    assert seen.present.raw_days == pytest.approx(239 / 24)
