"""The workbook, opened as another program opens it: values, types, formulas, filters, print set-up."""

import io
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook

from benchmarks.made_up_round import HOSTILE_NAME
from thuocdo.publication.dictionary import all_tables
from thuocdo.publication.sheet_writing import LONGEST_CELL
from thuocdo.publication.tables import filled_tables
from thuocdo.publication.workbook import workbook_bytes

SHEETS = [
    *("1 Xếp hạng", "2 Điểm theo tiêu chí", "3 Chức năng", "6 Giải trình"),
    *("7 Dữ liệu", "8 Từ điển dữ liệu", "9 Phương pháp"),
]
HEAD = 5


@pytest.fixture(scope="module")
def written(whole, tables):
    return workbook_bytes(whole, tables)


@pytest.fixture(scope="module")
def values(written):
    return load_workbook(io.BytesIO(written), data_only=True)


@pytest.fixture(scope="module")
def formulas(written):
    return load_workbook(io.BytesIO(written))


def rows_of(sheet, head=HEAD):
    names = [cell.value for cell in sheet[head]]
    return [dict(zip(names, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=head + 1)]


def test_sheets_are_those_of_the_outline_without_what_is_not_there(values, content):
    assert values.sheetnames == SHEETS
    bare = load_workbook(io.BytesIO(workbook_bytes(content, filled_tables(content))))
    assert bare.sheetnames == [name for name in SHEETS if name[0] not in "36"]


def test_the_ranking_has_each_agency_with_its_places(values, whole):
    rows = rows_of(values["1 Xếp hạng"])[: len(whole.members)]
    assert [row["Mã cơ quan"] for row in rows] == list(whole.members)
    for row, one in zip(rows, whole.members.values(), strict=True):
        if one.rank is None:
            assert (row["Hạng"], bool(row["Ghi chú"])) == ("–", True)
        else:
            assert row["Hạng"] == (str(one.rank) if one.rank == one.rank_to else f"{one.rank}–{one.rank_to}")


def test_each_sum_is_a_formula_over_the_data_with_its_value(values, formulas, whole):
    shown, meant = rows_of(values["1 Xếp hạng"]), rows_of(formulas["1 Xếp hạng"])
    for row, formula in list(zip(shown, meant, strict=True))[: len(whole.members)]:
        covered = whole.covered[row["Mã cơ quan"]]
        assert (row["Lần đo thực hiện"], row["Lần kết luận được"]) == (covered.taken, covered.conclusive)
        assert formula["Lần đo thực hiện"].startswith("=SUMIFS('7 Dữ liệu'!")
        assert formula["Lần kết luận được"].startswith("=SUMIFS('7 Dữ liệu'!")


def test_scores_follow_from_points_on_the_next_sheet(values, formulas, whole):
    shown, meant = rows_of(values["1 Xếp hạng"]), rows_of(formulas["1 Xếp hạng"])
    scored = 0
    for row, formula, one in zip(shown, meant, whole.members.values(), strict=False):
        if one.scorecard.total_ratio is not None:
            assert formula["Điểm"].startswith("=100*'2 Điểm theo tiêu chí'!")
            assert row["Điểm"] == pytest.approx(100 * one.scorecard.total_ratio, abs=0.001)
            scored += 1
    assert scored > 10


def test_points_add_up_over_the_criteria_that_count(values, formulas, whole):
    sheet = values["2 Điểm theo tiêu chí"]
    places = {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row}
    summed = 0
    for row in formulas["2 Điểm theo tiêu chí"].iter_rows(min_row=HEAD + 1, max_row=HEAD + len(whole.members)):
        card = whole.members[row[-1].value].scorecard
        for formula, expected in ((row[-3].value, card.points_obtained), (row[-2].value, card.counted_points)):
            if isinstance(formula, str):
                named = formula.removeprefix("=SUM(").removesuffix(")").replace("$", "").split(",")
                found = sum(value for value in map(places.get, named) if isinstance(value, int | float))
                assert found == pytest.approx(expected, abs=0.001)
                summed += 1
            else:
                assert formula == expected == 0
    assert summed > 20


def test_sums_of_blocks_cover_their_rows(values, whole):
    rows = [row for row in rows_of(values["1 Xếp hạng"]) if str(row["Cơ quan"]).startswith("Tổng ")]
    assert [row["Cơ quan"] for row in rows] == ["Tổng khối bộ, cơ quan ngang bộ", "Tổng khối tỉnh, thành phố"]
    assert sum(row["Lần đo thực hiện"] for row in rows) == whole.ranking.measurements


def test_no_formula_is_anything_but_ours(formulas):
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert str(cell.value).startswith(("=SUM", "=100*'2 Điểm")), (sheet.title, cell.coordinate)


def test_text_that_looks_like_a_formula_is_text_and_unchanged(formulas):
    cells = [cell for sheet in formulas for row in sheet.iter_rows() for cell in row]
    hostile = [
        cell
        for cell in cells
        if isinstance(cell.value, str) and cell.value in (HOSTILE_NAME, "=Cổng bảo trì đêm 06/10")
    ]
    assert len(hostile) > 5
    assert {cell.data_type for cell in hostile} == {"s"} or {cell.data_type for cell in hostile} <= {"s", "inlineStr"}


def test_data_is_flat_typed_and_without_merged_cells(values, tables):
    sheet, table = values["7 Dữ liệu"], tables["so-lieu"]
    assert sheet.merged_cells.ranges == set()
    assert [cell.value for cell in sheet[1]] == [column.title_vi for column in table.meaning.columns]
    for row, expected in zip(sheet.iter_rows(min_row=2, values_only=True), table.rows, strict=True):
        assert row == expected


def test_nothing_is_merged_anywhere(values):
    assert [sheet.title for sheet in values if sheet.merged_cells.ranges] == []


def test_tables_can_be_filtered_and_their_heads_stay_in_sight(values, whole):
    for name, head, columns in (("1 Xếp hạng", HEAD, 3), ("2 Điểm theo tiêu chí", HEAD, 3), ("7 Dữ liệu", 1, 3)):
        sheet = values[name]
        assert sheet.auto_filter.ref.startswith(f"A{head}:")
        assert sheet.freeze_panes == f"{'ABCD'[columns]}{head + 1}"
    assert values["1 Xếp hạng"].auto_filter.ref.endswith(str(HEAD + len(whole.members)))


def test_pages_are_a4_landscape_as_wide_as_the_table_with_its_head_on_each(values):
    for sheet in values:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0)
        assert sheet.print_title_rows
    assert values["1 Xếp hạng"].print_title_rows == "$5:$5"
    assert [one.id for one in values["1 Xếp hạng"].row_breaks.brk] == [13]


def test_each_page_says_what_the_figures_are_not(values, content, whole):
    assert all("DỰ THẢO – SỐ LIỆU GIẢ LẬP" in sheet.oddHeader.center.text for sheet in values)
    final = replace(whole, approved=True, synthetic=False)
    told = load_workbook(io.BytesIO(workbook_bytes(final, filled_tables(final))))
    assert all(not sheet.oddHeader.center.text for sheet in told)
    assert all("DỰ THẢO" not in str(cell.value) for cell in told["1 Xếp hạng"]["A"])


def test_points_by_hand_stand_with_their_evidence_and_nobodys_name(values):
    [row] = rows_of(values["3 Chức năng"])
    assert (row["Tối đa"], row["Ngày chấm"].date()) == (100, date(2026, 10, 9))
    assert row["Mã băm bằng chứng (SHA-256)"] == "ab" * 32
    assert not any("Trần Thị Lan" in str(cell.value) for sheet in values for line in sheet.iter_rows() for cell in line)


def test_a_kept_figure_that_is_no_sum_of_its_cells_stays_as_it_was(whole):
    name, one = next(iter(whole.members.items()))
    older = replace(one, scorecard=replace(one.scorecard, points_obtained=1.5, counted_points=40.0))
    block = one.scorecard.block
    changed = tuple(older if member is one else member for member in whole.ranking.blocks[block])
    told = replace(whole, ranking=replace(whole.ranking, blocks={**whole.ranking.blocks, block: changed}))
    sheet = load_workbook(io.BytesIO(workbook_bytes(told, filled_tables(told))))["2 Điểm theo tiêu chí"]
    assert [cell.value for cell in sheet[HEAD + 1]][-3:] == [1.5, 40, name]


def test_objections_and_what_was_overruled_stand_together(values):
    cells = [cell.value for row in values["6 Giải trình"].iter_rows() for cell in row]
    assert {"01/YK", "Chấp nhận một phần", "Độ phủ dưới kế hoạch", "Hai trạm đo mất điện."} <= set(cells)


def test_the_dictionary_has_each_column_in_both_languages(values):
    rows = rows_of(values["8 Từ điển dữ liệu"], head=1)
    assert len(rows) == sum(len(table.columns) for table in all_tables())
    assert all(row["Ý nghĩa"] and row["Ý nghĩa bằng tiếng Anh"] for row in rows)


def test_the_method_has_versions_and_digests_and_how_to_open_csv(values, whole):
    text = " ".join(str(cell) for row in values["9 Phương pháp"].iter_rows(values_only=True) for cell in row)
    assert whole.ranking.criteria_digest in text
    assert whole.ranking.registry_digest in text
    assert "65001" in text


def test_the_same_results_give_the_same_bytes(whole, tables, written):
    assert workbook_bytes(whole, tables) == written


def test_what_is_longer_than_a_cell_is_cut_and_not_left_out(whole):
    long = replace(whole.objections[0], claim="x" * (LONGEST_CELL + 5))
    told = replace(whole, objections=[long])
    sheet = load_workbook(io.BytesIO(workbook_bytes(told, filled_tables(told))))["6 Giải trình"]
    [cell] = [cell.value for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("xxx")]
    assert len(cell) == LONGEST_CELL
    assert cell.endswith("x…")
