from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.maintenance import MaintenanceWindow, load_maintenance, windows_of
from thuocdo.core.clock import HANOI
from thuocdo.core.config import bundled
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Block, Target, TargetRole
from thuocdo.core.portals import Registry

REGISTRY = Registry(
    agencies={"hue": None}, portals={"hue-dvc": None}, procedures={}, targets={"hue.home": None}, digest=""
)  # type: ignore[dict-item]
SATURDAYS = MaintenanceWindow(agency_id="hue", cron="0 22 * * SAT", minutes=180, asked_by="Sở")


def load(tmp_path: Path, text: str, registry: Registry | None = None):
    file = tmp_path / "m.yaml"
    file.write_text(text, encoding="utf-8")
    return load_maintenance(file, registry)


def problems_of(tmp_path: Path, text: str, registry: Registry | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text, registry)
    return "\n".join(caught.value.problems).replace(f"{tmp_path}/", "")


def hanoi(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


def target(**changes) -> Target:
    values = {"id": "hue.home", "agency_id": "hue", "portal_id": "hue-dvc"} | changes
    return Target(role=TargetRole.HOMEPAGE, url="https://hue.example/", block=Block.PROVINCE, **values)


def test_nothing_is_planned_in_the_file_that_ships():
    assert load_maintenance(bundled("schedules") / "maintenance.yaml") == ()


def test_a_window_comes_again_at_its_hour_in_hanoi_and_runs_across_midnight():
    assert not SATURDAYS.holds(hanoi("2026-11-28 21:59:59.999999"))
    assert SATURDAYS.holds(hanoi("2026-11-28 22:00"))
    assert SATURDAYS.holds(hanoi("2026-11-29 00:59:59.999999"))
    assert SATURDAYS.holds(datetime(2026, 11, 28, 15, 0, tzinfo=UTC))
    assert not SATURDAYS.holds(hanoi("2026-11-29 01:00"))
    assert not SATURDAYS.holds(hanoi("2026-11-29 22:30"))


def test_a_window_that_begins_again_before_it_ends_holds_throughout():
    window = MaintenanceWindow(agency_id="hue", cron="0 * * * *", minutes=90, asked_by="Sở")
    assert all(window.holds(hanoi("2026-11-28 00:00") + timedelta(minutes=7 * n)) for n in range(200))


@given(st.integers(0, 7 * 24 * 60), st.integers(1, 600))
def test_a_recurring_window_holds_as_long_as_it_says(minute, minutes):
    window = MaintenanceWindow(agency_id="hue", cron="0 22 * * SAT", minutes=minutes, asked_by="Sở")
    start = hanoi("2026-11-28 22:00")
    instant = start + timedelta(minutes=minute)
    assert window.holds(instant) == (minute < minutes or minute == 7 * 24 * 60)


def test_a_single_window_is_half_open_and_in_hanoi_unless_an_offset_is_given(tmp_path):
    [local, offset] = load(
        tmp_path,
        "windows:\n"
        '  - {portal: hue-dvc, from: "2026-12-01 22:00", to: "2026-12-02 02:00", asked_by: Sở}\n'
        "  - {portal: hue-dvc, from: 2026-12-01T15:00:00Z, to: 2026-12-01 19:00:00+00:00, asked_by: Sở, document: 12/CV}\n",
    )
    for window in (local, offset):
        assert not window.holds(hanoi("2026-12-01 21:59:59"))
        assert window.holds(hanoi("2026-12-01 22:00"))
        assert not window.holds(hanoi("2026-12-02 02:00"))
    assert (offset.asked_by, offset.document) == ("Sở", "12/CV")


def test_a_window_concerns_its_agency_portal_or_targets_and_nothing_else():
    by_agency = SATURDAYS
    by_portal = MaintenanceWindow(portal_id="hue-dvc", cron="0 1 * * *", minutes=5, asked_by="Sở")
    by_target = MaintenanceWindow(target_ids=("hue.home",), cron="0 1 * * *", minutes=5, asked_by="Sở")
    every = (by_agency, by_portal, by_target)
    assert windows_of(target(), every) == every
    assert windows_of(target(id="hue.form"), every) == (by_agency, by_portal)
    assert windows_of(target(id="hue.form", portal_id="other"), every) == (by_agency,)
    assert windows_of(target(id="x", agency_id="x", portal_id="x"), every) == ()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('{cron: "0 1 * * *", minutes: 5, asked_by: x}', "give exactly one of agency, portal and targets"),
        ('{agency: hue, portal: hue-dvc, cron: "0 1 * * *", minutes: 5, asked_by: x}', "exactly one of"),
        ('{agency: hue, cron: "0 1 * * *", asked_by: x}', "give either cron and minutes, or from and to"),
        ('{agency: hue, cron: "0 25 * * *", minutes: 5, asked_by: x}', "no cron line (Bad hour); give minute hour"),
        ('{agency: hue, cron: "0 0 1 * * *", minutes: 5, asked_by: x}', "no cron line; give minute hour"),
        ('{agency: hue, cron: "0 1 30 2 *", minutes: 5, asked_by: x}', "no cron line (Bad day-of-month)"),
        ('{agency: hue, from: "2026-12-02 02:00", to: "2026-12-01 02:00", asked_by: x}', "it ends before it begins"),
        ('{agency: hue, cron: "0 1 * * *", minutes: 5}', "key 'asked_by' is missing; add it"),
        ('{agenci: hue, cron: "0 1 * * *", minutes: 5, asked_by: x}', "unknown key 'agenci'; did you mean 'agency'?"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, entry, message):
    found = problems_of(tmp_path, f"windows:\n  - {entry}\n")
    assert found.startswith("m.yaml:2: ")
    assert message in found


def test_names_that_nobody_registered_are_found(tmp_path):
    text = """windows:
  - {agency: huế, cron: "0 1 * * *", minutes: 5, asked_by: x}
  - {portal: hue-dvcc, cron: "0 1 * * *", minutes: 5, asked_by: x}
  - {targets: [hue.home, hue.hom], cron: "0 1 * * *", minutes: 5, asked_by: x}
"""
    assert len(load(tmp_path, text)) == 3
    found = problems_of(tmp_path, text, REGISTRY)
    assert "m.yaml:2: unknown agency 'huế'; did you mean 'hue'?" in found
    assert "m.yaml:3: unknown portal 'hue-dvcc'; did you mean 'hue-dvc'?" in found
    assert "m.yaml:4: unknown target 'hue.hom'; did you mean 'hue.home'?" in found


def test_times_within_a_span_are_those_that_reach_into_it():
    once = MaintenanceWindow(agency_id="a", from_at=at(1), to_at=at(3), asked_by="x")
    assert once.times(at(2), at(9)) == [(at(1), at(3))]
    assert once.times(at(3), at(9)) == once.times(at(-9), at(1)) == []
    again = MaintenanceWindow(agency_id="a", cron="0 * * * *", minutes=90, asked_by="x")
    found = again.times(at(2), at(4))
    assert [begun.astimezone(UTC) for begun, _ in found] == [at(1), at(2), at(3)]
    assert all(ended - begun == timedelta(minutes=90) for begun, ended in found)


def at(hour):
    return datetime(2026, 11, 22, tzinfo=UTC) + timedelta(hours=hour)
