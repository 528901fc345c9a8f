"""Deadlines in Viet Nam: weekends, the law's days, and what the Government decides."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thuocdo.core.clock import HANOI
from thuocdo.core.config import bundled
from thuocdo.core.errors import ConfigurationError
from thuocdo.rounds.working_days import end_of_day, load_calendar

SHIPPED = bundled("calendars") / "vn.yaml"
INSTANTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@pytest.fixture(scope="module")
def calendar():
    return load_calendar(SHIPPED)


@pytest.fixture
def written(tmp_path):
    def write(text):
        file = tmp_path / "vn.yaml"
        file.write_text(text, encoding="utf-8")
        return load_calendar(file)

    return write


def hanoi(*parts):
    return datetime(*parts, tzinfo=HANOI)


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        (hanoi(2026, 12, 1, 9), 1, date(2026, 12, 2)),
        (hanoi(2026, 12, 1, 23, 59), 1, date(2026, 12, 2)),
        (hanoi(2026, 12, 2, 0, 0), 1, date(2026, 12, 3)),
        (hanoi(2026, 12, 4, 9), 1, date(2026, 12, 7)),  # a Friday
        (hanoi(2026, 12, 5, 9), 1, date(2026, 12, 7)),  # a Saturday
        (hanoi(2026, 12, 1, 9), 10, date(2026, 12, 15)),
        (hanoi(2026, 11, 23, 9), 1, date(2026, 11, 25)),  # 24 November, of the law since 2026
        (hanoi(2026, 12, 31, 9), 1, date(2027, 1, 4)),  # New Year, a weekend
        (hanoi(2026, 2, 13, 9), 3, date(2026, 2, 25)),  # Tết 2026: 16 to 20 February
        (hanoi(2024, 5, 2, 9), 2, date(2024, 5, 4)),  # a Saturday worked for a Monday off
    ],
)
def test_a_deadline_is_the_end_of_the_last_working_day_in_hanoi(calendar, start, days, last):
    assert calendar.deadline(start, days) == end_of_day(last)
    assert calendar.deadline(start, days).astimezone(HANOI).date() == last


def test_what_comes_in_the_last_microsecond_of_the_day_is_in_time(calendar):
    end = calendar.deadline(hanoi(2026, 12, 1, 9), 1)
    assert end + timedelta(microseconds=1) == hanoi(2026, 12, 3)


@given(start=INSTANTS, days=st.integers(1, 40))
def test_so_many_working_days_lie_before_a_deadline(calendar, start, days):
    until = calendar.deadline(start, days)
    assert calendar.working_days_between(start, until) == days
    assert calendar.is_worked(until.astimezone(HANOI).date())


def test_what_the_government_decides_counts_before_the_law(written):
    mine = written(
        "announced_until: 2027-12-31\n"
        "days_off: [{day: 2027-12-30, document: 1/TB}]\n"
        "days_worked: [{day: 2027-12-25, document: 1/TB}]\n"
    )
    assert not mine.is_worked(date(2027, 12, 30))
    assert mine.is_worked(date(2027, 12, 25))
    assert mine.worked_before(date(2027, 12, 31)) == date(2027, 12, 29)
    assert mine.is_certain(hanoi(2027, 12, 31, 23))
    assert not mine.is_certain(hanoi(2028, 1, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("days_off: []", "key 'announced_until' is missing"),
        ("announced_until: 2027-12-31\nday_off: []", "unknown key 'day_off'; did you mean 'days_off'?"),
        (
            "announced_until: 2027-12-31\ndays_off: [{day: 2027-12-25, document: a}]",
            "nobody works on day 2027-12-25 anyway",
        ),
        (
            "announced_until: 2027-12-31\ndays_worked: [{day: 2027-12-24, document: a}]",
            "day 2027-12-24 is a working day anyway",
        ),
        ("announced_until: 2027-12-31\ndays_off: [{day: 2027-12-24}]", "'document' is missing"),
        (
            "announced_until: 2027-12-31\n"
            "days_off: [{day: 2027-12-24, document: a}]\n"
            "days_worked: [{day: 2027-12-24, document: a}]",
            "said twice: 2027-12-24",
        ),
    ],
)
def test_mistakes_are_told_by_file_and_line(written, text, said):
    with pytest.raises(ConfigurationError, match=r"vn\.yaml:\d+: ") as told:
        written(text)
    assert said in str(told.value)
