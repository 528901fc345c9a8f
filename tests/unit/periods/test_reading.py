"""What a month comes to: every probe is counted once, and nothing that is not known is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thuocdo.core.model import Block, HourTally, Reason
from thuocdo.incidents.availability import AvailabilityReport
from thuocdo.periods.content import added
from thuocdo.periods.period import period_named
from thuocdo.periods.reading import read_period
from thuocdo.store import Store

NUMBERS = ("ok", "failed", "inconclusive", "excluded", "missed")
HOURS = 30 * 24


def counted(report):
    return tuple(getattr(report, name) for name in NUMBERS)


def test_agencies_stand_by_block_in_the_order_of_the_alphabet(november):
    assert [one.agency.id for one in november.agencies] == [
        *("bo-cu", "bo-mau"),
        *("an-giang", "ca-mau", "da-nang", "dak-lak"),
    ]
    assert [*november.blocks] == [Block.MINISTRY, Block.PROVINCE]


def test_a_month_has_its_own_hours_and_no_others(november):
    assert counted(november.agency("an-giang").report) == (60 * HOURS, 0, 0, 0, 30)
    assert counted(november.agency("dak-lak").report) == (60 * (HOURS - 6), 360, 0, 0, 30)
    assert counted(november.agency("da-nang").report) == (60 * (HOURS - 1), 0, 0, 60, 30)
    assert november.agency("dak-lak").budget_left(0.99) == pytest.approx(1 - 360 / (0.01 * 60 * HOURS))


def test_what_was_measured_in_a_part_of_it_is_told_so(read):
    october = read("2026-10")
    assert october.measured_from == datetime(2026, 10, 17, 3, tzinfo=UTC)
    assert october.before == AvailabilityReport()
    september = read("2026-09")
    assert september.measured_from is None
    assert september.report.availability_ratio is None
    assert not any(one.is_measured for one in september.agencies)


def test_a_period_that_is_not_over_says_so_and_ends_now(read):
    now = datetime(2026, 11, 10, 5, tzinfo=UTC)
    content = read("2026-11", now)
    assert (content.is_over, content.made_at) == (False, now)
    assert counted(content.agency("an-giang").report)[0] == 60 * (9 * 24 + 12)
    assert content.agency("dak-lak").incidents == ()


def test_a_quarter_is_the_sum_of_its_months(read):
    quarter = read("2026-Q4")
    months = [read(name) for name in ("2026-10", "2026-11", "2026-12")]
    assert counted(quarter.report) == tuple(map(sum, zip(*(counted(one.report) for one in months), strict=True)))


def test_an_agency_that_ended_in_it_is_told_with_who_took_over(november, read):
    assert november.agency("bo-cu").taken_over_by == "Bộ Mẫu"
    assert counted(november.agency("bo-cu").report)[0] == 60 * 14 * 24
    assert "bo-cu" not in {one.agency.id for one in read("2026-12").agencies}


def test_who_could_hardly_be_measured_is_told_apart(november):
    assert [one.agency.id for one in november.agencies if not one.is_measured] == ["ca-mau"]


def test_incidents_count_for_their_part_within_and_overlapping_ones_once(november):
    dak_lak, da_nang = november.agency("dak-lak"), november.agency("da-nang")
    assert [(one.incident_id, one.length) for one in dak_lak.incidents] == [
        ("i1", timedelta(hours=6)),
        ("i2", timedelta(hours=2)),
    ]
    assert dak_lak.down == timedelta(hours=7)
    (one,) = da_nang.incidents
    assert (one.length, one.is_longer) == (timedelta(hours=2), True)
    (lasting,) = november.agency("an-giang").incidents
    assert (lasting.ended_at, lasting.length, lasting.is_longer) == (None, timedelta(minutes=30), True)
    assert [incident.incident_id for incident in november.incidents] == ["i1", "i3", "i2", "i4"]


def test_times_are_medians_with_those_of_the_month_before(november):
    (time,) = november.agency("bo-mau").targets[0].times
    assert (time.kind, time.profile, time.runs) == ("homepage", "desktop", 120)
    assert time.seconds == pytest.approx(5.7)
    assert time.before == pytest.approx(5.7)
    assert time.three_quarters == pytest.approx(5.8)


def test_causes_are_those_of_all_kinds_of_probe(november):
    ((reason, number),) = november.reasons
    assert reason is Reason.TIMEOUT
    assert number == november.agency("dak-lak").reasons[0][1] > 10


def test_maintenance_of_other_times_and_other_agencies_is_not_told(november):
    assert [one.asked_by for one in november.agency("da-nang").maintenance] == ["Sở Khoa học và Công nghệ"]
    (again,) = november.agency("an-giang").maintenance
    assert (again.times, again.minutes) == (5, 60)  # the Sundays of November
    assert again.since == datetime(2026, 10, 31, 19, tzinfo=UTC)
    assert again.until == datetime(2026, 11, 28, 20, tzinfo=UTC)
    assert november.agency("dak-lak").maintenance == ()


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["an-giang", "dak-lak", "bo-mau"]),
            st.integers(0, HOURS - 1),
            st.tuples(*(st.integers(0, 60) for _ in NUMBERS)),
        ),
        max_size=20,
        unique_by=lambda one: one[:2],
    )
)
def test_whatever_was_counted_adds_up(tmp_path_factory, store, sources, given_tallies):
    """All agencies are the sum of each, a period that of its hours; nothing is counted twice or left out."""
    period = period_named("2026-11")
    rows = [
        HourTally(
            target_id=f"{agency}.home",
            vantage_id=vantage,
            hour=period.start.astimezone(UTC) + timedelta(hours=hour),
            **dict(zip(NUMBERS, numbers, strict=True)),
        )
        for agency, hour, numbers in given_tallies
        for vantage in ("ha-noi", "da-nang")
    ]
    # Tallies are found by what was ever measured: a load each, of a month before.
    loads = {one.key.target_id: one for one in store.measurements.find()}.values()
    there = [
        replace(one, key=replace(one.key, vantage_id=vantage, scheduled_at=period.before.before.start))
        for one in loads
        for vantage in ("ha-noi", "da-nang")
    ]
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('sums')}/s.sqlite") as fresh:
        fresh.measurements.write(there)
        fresh.incidents.save_tallies(rows)
        content = read_period(fresh, period, sources, period.end)
    wanted = [sum(2 * one[2][place] for one in given_tallies) for place in range(len(NUMBERS))]
    assert list(counted(content.report)) == wanted
    assert counted(added(one.report for one in content.agencies)) == counted(content.report)
    for one in content.agencies:
        assert counted(added(target.report for target in one.targets)) == counted(one.report)
