from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError
from thuocdo.periods.period import Period, PeriodKind, last_over, months_of, period_named

PERIODS = st.builds(
    lambda kind, year, month: Period(kind=kind, first=date(year, month - (month - 1) % kind.months, 1)),
    st.sampled_from(PeriodKind),
    st.integers(2000, 2998),
    st.integers(1, 12),
)


@pytest.mark.parametrize(
    ("name", "first", "after"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 12, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026-q1", date(2026, 1, 1), date(2026, 4, 1)),
        (" 2026 ", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_goes_by_the_name_that_people_type(name, first, after):
    period = period_named(name)
    assert (period.first, period.after) == (first, after)
    assert period.start == datetime(first.year, first.month, 1, tzinfo=HANOI)
    assert period.end == datetime(after.year, after.month, 1, tzinfo=HANOI)


@pytest.mark.parametrize(
    "name", ["", "2026-13", "2026-00", "2026-Q5", "11-2026", "2026-1", "1999", "3000", "2026-11-01", "nay"]
)
def test_what_names_none_is_refused_with_what_would(name):
    with pytest.raises(ConfigurationError, match="give a month such as 2026-11, a quarter such as 2026-Q4"):
        period_named(name)


@given(PERIODS)
def test_names_lead_back_and_periods_follow_each_other(period):
    assert period_named(period.name) == period
    assert period.before.after == period.first
    months = [*months_of(period)]
    assert (months[0].first, months[-1].after) == (period.first, period.after)
    assert not period.is_over(period.end - timedelta(microseconds=1))
    assert period.is_over(period.end)


@given(PERIODS)
def test_the_last_one_that_is_over_is_so_from_its_first_instant_on(period):
    assert last_over(period.kind, period.end) == period
    assert last_over(period.kind, period.end - timedelta(seconds=1)) == period.before


def test_midnight_is_that_of_hanoi():
    assert last_over(PeriodKind.MONTH, datetime(2026, 11, 30, 17, tzinfo=UTC)).name == "2026-11"
