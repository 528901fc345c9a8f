"""The board of a month, and whom it names."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.declared.conftest import NOW, goal, unit
from thuocdo.core.model import Agency, Block, DeclaredRow, RowKey, Span
from thuocdo.declared.board import Measured, make_board
from thuocdo.declared.progress import GoalState
from thuocdo.declared.units import DeclaringAgency
from thuocdo.declared.wording import left_out, praise, remind, silence
from thuocdo.periods.period import period_named

OCTOBER = period_named("2026-10")
TU, XD, PH = "so-tu-phap", "so-xay-dung", "phuong-hoa-binh"


def row(unit_id, month, online, direct, **counts):
    key = RowKey(unit_id=unit_id, span=Span.MONTH, first=date(2026, month, 1))
    return DeclaredRow(key=key, counts={"received_online": online, "received_direct": direct} | counts)


def board(whose, rows, month=OCTOBER, measured=None):
    return make_board(month, [whose], {whose.agency.id: rows}, measured or {}, NOW)


def test_the_furthest_below_its_goal_stands_first_and_who_says_nothing_last(whose):
    asked = replace(whose, goals=(goal(TU), goal(XD), goal(PH)))
    made = board(asked, [row(TU, 10, 90, 10), row(XD, 10, 20, 80)])
    assert [(one.unit_vi, one.progress.state) for one in made.lines] == [
        ("Sở Xây dựng", GoalState.IN_TIME),
        ("Sở Tư pháp", GoalState.MET),
        ("Phường Hoà Bình", GoalState.NO_FIGURES),
    ]


def test_paragraphs_name_with_the_tables_own_numbers(whose):
    asked = replace(whose, goals=(goal(TU), goal(XD), goal(PH)))
    made = board(asked, [row(TU, 10, 90, 10), row(XD, 10, 20, 80)])
    assert praise(made) == (
        "Đến hết tháng 10 năm 2026, có 1 chỉ tiêu đã đạt. Biểu dương: Sở Tư pháp (tỷ lệ hồ sơ tiếp nhận trực tuyến đạt "
        "90,00%, chỉ tiêu từ 80,00% trở lên)."
    )
    assert "Sở Xây dựng (tỷ lệ hồ sơ tiếp nhận trực tuyến mới đạt 20,00%" in remind(made)
    assert silence(made) == "Có 1 đơn vị chưa gửi số liệu của tháng 10 năm 2026: Phường Hoà Bình."


def test_nobody_is_named_for_few_files_or_for_figures_in_doubt(whose):
    asked = replace(whose, goals=(goal(TU), goal(XD)))
    made = board(asked, [row(TU, 10, 20, 9), row(XD, 10, 90, 10, received_total=500)])
    assert praise(made) == "Đến hết tháng 10 năm 2026, chưa có đơn vị nào đủ điều kiện để biểu dương."
    assert remind(made) == "Đến hết tháng 10 năm 2026, không có đơn vị nào phải nhắc nhở."
    assert "số lượng quá ít (mẫu số dưới 30): Sở Tư pháp" in left_out(made)
    assert "số liệu còn điểm cần làm rõ: Sở Xây dựng" in left_out(made)


def test_a_doubt_about_other_figures_is_no_doubt_about_these(whose):
    made = board(whose, [row(TU, 10, 90, 10, solved_total=5, before_due=1, on_time=1, late=1)])
    assert made.lines[0].findings == ()
    assert len(made.findings["tinh-mau"]) == 1


def test_a_goal_that_changed_keeps_both_rows(whose):
    old = goal(TU, percent=70.0, valid_to=date(2026, 6, 30))
    new = goal(TU, percent=85.0, first=date(2026, 7, 1), decision="900/QĐ-UBND")
    made = board(replace(whose, goals=(old, new)), [row(TU, month, 80, 20) for month in range(1, 11)])
    assert {(one.progress.goal.decision, len(one.progress.months)) for one in made.lines} == {
        ("766/QĐ-UBND", 6),
        ("900/QĐ-UBND", 4),
    }
    later = board(replace(whose, goals=(old, new)), [], period_named("2027-01"))
    assert [one.progress.goal.decision for one in later.lines] == ["900/QĐ-UBND"]


def test_a_unit_that_ended_goes_on_in_the_one_that_took_it_over(whose):
    ended = unit(XD, "Sở Xây dựng", valid_to=date(2026, 6, 30), carried_to=TU)
    asked = replace(whose, units=dict(whose.units) | {XD: ended}, goals=(goal(TU), goal(XD)))
    made = board(asked, [row(XD, 5, 0, 100), row(TU, 5, 100, 0), row(TU, 10, 100, 0)])
    (line,) = made.lines
    assert (line.progress.total.numerator, line.progress.total.denominator) == (200, 300)


def test_a_whole_agency_is_its_own_row_and_without_one_the_sum_of_its_units(whose):
    asked = replace(whose, goals=(goal(""),))
    made = board(asked, [row(TU, 9, 10, 0), row(XD, 9, 0, 10), row("", 10, 60, 40), row(TU, 10, 1, 1)])
    assert {month.month: (one.numerator, one.denominator) for month, one in made.lines[0].progress.months.items()} == {
        9: (10, 20),
        10: (60, 100),
    }


def test_what_was_measured_stands_beside_and_changes_nothing(whose):
    rows = [row(TU, 10, 90, 10)]
    without = board(whose, rows)
    beside = board(whose, rows, measured={"tinh-mau": Measured(availability_ratio=0.5, seconds=9.0)})
    assert without.lines == beside.lines
    assert beside.measured["tinh-mau"].seconds == 9.0


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=8))
def test_lines_are_in_one_order_whatever_the_order_of_the_files(pairs):
    names = [f"don-vi-{number}" for number in range(len(pairs))]
    agency = Agency(id="tinh-mau", block=Block.PROVINCE, name_vi="Tỉnh Mẫu", name_en="Sample")
    whose = DeclaringAgency(
        agency=agency,
        units={name: unit(name, f"Đơn vị {name}") for name in names},
        goals=tuple(goal(name) for name in names),
    )
    rows = [row(name, 10, *pair) for name, pair in zip(names, pairs, strict=True)]
    made, turned = board(whose, rows), board(replace(whose, goals=whose.goals[::-1]), rows[::-1])
    assert made.lines == turned.lines
    gaps = [one.progress.gap for one in made.lines]
    assert all(after is None or (before is not None and before <= after) for before, after in pairwise(gaps))


@pytest.mark.parametrize("month", ["2025-12", "2026-01"])
def test_a_goal_begins_with_its_first_month(whose, month):
    assert len(board(whose, [], period_named(month)).lines) == (month == "2026-01")
