"""Files as offices send them: taken whole, or every mistake told with its cell."""

import contextlib
import io
import zipfile
from datetime import date

import pytest

from tests.unit.declared.conftest import workbook
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import RateDefinition, Span
from thuocdo.declared.grid import MOST_UNPACKED_BYTES
from thuocdo.declared.taking import changes

HEAD = "Đơn vị;Kỳ;Tiếp nhận;Trực tuyến;Trực tiếp;Trước hạn;Đúng hạn;Quá hạn;Tỷ lệ đúng hạn"
TU_PHAP = "Sở Tư pháp;10/2026;1.200;1000;200;900;200;10;99,1 %"


def problems(taken, *arguments, **more):
    with pytest.raises(ConfigurationError) as told:
        taken(*arguments, **more)
    return told.value.problems


def test_a_table_of_an_office_is_read_as_it_stands(rows):
    one, *others = rows(f"{HEAD}\n{TU_PHAP}\n")
    assert others == []
    assert (one.key.unit_id, one.key.span, one.key.first) == ("so-tu-phap", Span.MONTH, date(2026, 10, 1))
    assert one.counts == {
        "received_total": 1200,
        "received_online": 1000,
        "received_direct": 200,
        "before_due": 900,
        "on_time": 200,
        "late": 10,
    }
    assert one.published_percent == 99.1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_whatever_parts_the_cells(rows, delimiter, mark):
    text = f"{mark}{HEAD}\nSở Tư pháp;10/2026;1200;1000;200;900;200;10;99.1\n".replace(";", delimiter)
    assert rows(text)[0].counts["received_total"] == 1200


def test_a_heading_of_two_rows_below_a_title_with_a_total_and_notes(taken):
    content = workbook(
        ["UBND TỈNH MẪU"],
        ["BẢNG TÌNH HÌNH TIẾP NHẬN VÀ GIẢI QUYẾT TTHC THÁNG 10/2026"],
        [],
        ["STT", "Đơn vị", "Kỳ", "Tiếp nhận", None, None, "Đã giải quyết", None, None, None, "Ghi chú"],
        [None, None, None, "Tổng", "Trực tuyến", "Trực tiếp", "Trước hạn", "Đúng hạn", "Quá hạn", "Tỷ lệ (%)"],
        [1, "Sở Tư pháp", "10/2026", 1200, 1000, 200, 900, 200, 10, 0.991],
        [2, "SỞ XÂY DỰNG", "Tháng 10/2026", "1.234", 400, 834, 1000, 100, 50, 95.65],
        [None, "Tổng cộng", "10/2026", 2434, 1400, 1034, 1900, 300, 60, "97,35%"],
        [],
        ["Ghi chú: số liệu đến 31/10/2026"],
        merged=["A2:K2", "D4:F4", "G4:J4", "A4:A5", "B4:B5", "C4:C5", "K4:K5"],
    )
    found = taken(content, "bang.xlsx")
    assert [(row.key.unit_id, row.counts["received_total"], row.counts["late"]) for row in found.file.rows] == [
        ("so-tu-phap", 1200, 10),
        ("so-xay-dung", 1234, 50),
        ("", 2434, 60),
    ]
    assert [row.published_percent for row in found.file.rows] == [99.1, 95.65, 97.35]
    assert found.file.rows[0].where == "Số liệu!6"
    assert found.passed_over == 0  # a note in a column that is passed over says nothing


def test_columns_go_by_their_words_not_by_their_place(rows):
    shuffled = "Quá hạn;Kỳ;Đơn vị;Tiếp nhận trực tuyến\n3;10/2026;Sở Tư pháp;7\n"
    assert rows(shuffled)[0].counts == {"late": 3, "received_online": 7}


def test_names_are_compared_as_people_compare_them(rows):
    text = f"{HEAD}\nPHƯỜNG HÒA BÌNH;10/2026;1;1;0;1;0;0;100\nso-xay-dung;10/2026;1;1;0;1;0;0;100\n"
    assert [row.key.unit_id for row in rows(text)] == ["phuong-hoa-binh", "so-xay-dung"]


def test_columns_that_shifted_are_told_cell_by_cell(taken):
    found = problems(taken, f"{HEAD}\n10/2026;Sở Tư pháp;một nghìn;-5;200;900;2,5;10;nhiều\n")
    assert [one.split(": ")[0] for one in found] == [
        "bang.csv, line 2, column 1",
        "bang.csv, line 2, column 2",
        "bang.csv, line 2, column 3",
        "bang.csv, line 2, column 4",
        "bang.csv, line 2, column 7",
        "bang.csv, line 2, column 9",
    ]
    assert "nobody knows a unit '10/2026'" in found[0]
    assert "is no period" in found[1]
    assert "'một nghìn' is no whole number" in found[2]
    assert "'2,5' is no whole number" in found[4]


def test_a_column_that_nobody_knows_is_a_mistake_with_the_nearest(taken):
    (found,) = problems(taken, "Đơn vị;Kỳ;Quá hạn;Tiếp nhậm\nSở Tư pháp;10/2026;1;3\n")
    assert "line 1, column 4" in found
    assert "'Tiếp nhậm'" in found
    assert "did you mean" in found


def test_a_unit_that_nobody_knows_is_a_mistake_with_the_nearest(taken):
    (found,) = problems(taken, "Đơn vị;Kỳ;Quá hạn\nSở Tư phap;10/2026;3\n")
    assert "line 2, column 1: nobody knows a unit 'Sở Tư phap'; did you mean 'Sở Tư pháp'?" in found


def test_two_headings_are_refused_with_both_rows(taken):
    (found,) = problems(taken, f"{HEAD}\n{TU_PHAP}\n\n{HEAD}\n{TU_PHAP}\n")
    assert "rows 1 and 4 both look like a heading" in found


def test_a_column_twice_is_refused(taken):
    (found,) = problems(taken, "Đơn vị;Kỳ;Quá hạn;Trễ hạn\nSở Tư pháp;10/2026;3;3\n")
    assert "column 4: this column says the same as line 1, column 3" in found


def test_a_row_twice_is_refused(taken):
    (found,) = problems(taken, f"{HEAD}\n{TU_PHAP}\n{TU_PHAP}\n")
    assert "bang.csv, 3: says the same as row 2" in found


def test_nothing_like_a_table_is_told_with_the_way_to_one(taken):
    (found,) = problems(taken, "Xin chào\n1;2;3\n")
    assert "no row looks like a heading" in found
    assert "thuocdo declared template" in found


def test_a_heading_without_rows_is_told(taken):
    (found,) = problems(taken, f"{HEAD}\nSở Tư pháp;10/2026;-;-;;;;;\nGhi chú: chưa có\n")
    assert "no row with figures" in found


def test_a_zero_is_a_value_and_a_dash_is_none_and_what_is_not_published_says_so(rows):
    (one,) = rows("Đơn vị;Kỳ;Trước hạn;Đúng hạn;Quá hạn\nSở Tư pháp;10/2026;0;-;không công bố\n")
    assert one.counts == {"before_due": 0, "late": None}


@pytest.mark.parametrize(
    ("value", "shown", "percent"),
    [
        (0.985, "0.0%", 98.5),
        (0.985, "General", 98.5),
        (98.5, "General", 98.5),
        ("98,5 %", "General", 98.5),
        ("98.5%", "0%", 98.5),
        (1, "0%", 100.0),
        (100, "General", 100.0),
        ("0,4 %", "General", 0.4),
    ],
)
def test_percentages_in_every_form(rows, value, shown, percent):
    content = workbook(["Đơn vị", "Kỳ", "Tỷ lệ đúng hạn"], ["Sở Tư pháp", "10/2026", value], formats={"C2": shown})
    assert rows(content, "bang.xlsx")[0].published_percent == percent


@pytest.mark.parametrize("value", [1.001193, 1001193, "1.001193", "1.001193.000.00.00.H01"])
def test_codes_that_became_numbers_have_their_form_again(taken, value):
    content = workbook(["Mã TTHC", "Kỳ", "Quá hạn"], [value, "10/2026", 1])
    found = taken(content, "bang.xlsx")
    assert found.file.rows[0].key.procedure_code == "1.001193"
    assert found.undone == (not isinstance(value, str))


def test_a_code_that_lost_its_zeros_gets_them_back(rows):
    assert (
        rows(workbook(["Mã TTHC", "Kỳ", "Quá hạn"], [1.0015, "10/2026", 1]), "a.xlsx")[0].key.procedure_code
        == "1.001500"
    )


@pytest.mark.parametrize("value", [1.00119345, 12.5, 0.001193, 10011930, -1.001193, "1001193", True])
def test_numbers_that_can_be_no_code_are_refused(taken, value):
    (found,) = problems(taken, workbook(["Mã TTHC", "Kỳ", "Quá hạn"], [value, "10/2026", 1]), "a.xlsx")
    assert "Số liệu!A2" in found
    assert "is no code of a procedure" in found


@pytest.mark.parametrize("value", [date(2026, 10, 31), "31/10/2026", "2026-10-31", 46326])
def test_days_in_every_form(rows, value):
    content = workbook(["Kỳ", "Quá hạn", "Số liệu đến ngày"], ["10/2026", 1, value])
    assert rows(content, "a.xlsx")[0].as_of == date(2026, 10, 31)


@pytest.mark.parametrize(
    ("value", "span", "first"),
    [
        ("10/2026", Span.MONTH, date(2026, 10, 1)),
        ("Tháng 10/2026", Span.MONTH, date(2026, 10, 1)),
        ("Tháng 10 năm 2026", Span.MONTH, date(2026, 10, 1)),
        ("T10/2026", Span.MONTH, date(2026, 10, 1)),
        ("2026-10", Span.MONTH, date(2026, 10, 1)),
        (date(2026, 10, 1), Span.MONTH, date(2026, 10, 1)),
        ("Quý IV/2026", Span.QUARTER, date(2026, 10, 1)),
        ("quý 4 năm 2026", Span.QUARTER, date(2026, 10, 1)),
        ("2026-Q4", Span.QUARTER, date(2026, 10, 1)),
        ("Năm 2026", Span.YEAR, date(2026, 1, 1)),
        (2026, Span.YEAR, date(2026, 1, 1)),
    ],
)
def test_periods_in_every_form(rows, value, span, first):
    (one,) = rows(workbook(["Kỳ", "Quá hạn"], [value, 1]), "a.xlsx")
    assert (one.key.span, one.key.first) == (span, first)


@pytest.mark.parametrize("value", ["13/2026", "Quý V/2026", "10", "Tháng 10", date(2026, 10, 5), "10/1999"])
def test_what_is_no_period_is_refused(taken, value):
    assert "is no period" in problems(taken, workbook(["Kỳ", "Quá hạn"], [value, 1]), "a.xlsx")[0]


def test_a_period_may_be_said_beside_the_file(rows, taken):
    assert rows("Đơn vị;Quá hạn\nSở Tư pháp;3\n", period="2026-10")[0].key.first == date(2026, 10, 1)
    assert "no period is named" in problems(taken, "Đơn vị;Quá hạn\nSở Tư pháp;3\n")[0]


def test_a_sum_since_the_years_beginning_is_of_its_own_kind(rows):
    text = "Đơn vị;Kỳ;Loại kỳ;Quá hạn;Cách tính tỷ lệ\nSở Tư pháp;10/2026;Lũy kế;3;trên số đến hạn\nSở Tư pháp;10/2026;tháng;1;\n"
    first, second = rows(text)
    assert (first.key.span, second.key.span) == (Span.YEAR_TO_DATE, Span.MONTH)
    assert (first.rate_definition, second.rate_definition) == (RateDefinition.ALL_DUE, RateDefinition.UNKNOWN)


def test_a_formula_without_its_result_is_told_with_its_cell(taken):
    (found,) = problems(taken, workbook(["Kỳ", "Quá hạn"], ["10/2026", "=1+2"]), "a.xlsx")
    assert "a.xlsx, Số liệu!B2: the formula has no stored result" in found


def test_hidden_rows_are_read_and_told(taken):
    content = workbook(
        ["Đơn vị", "Kỳ", "Quá hạn"], ["Sở Tư pháp", "10/2026", 1], ["Sở Xây dựng", "10/2026", 2], hidden=[3]
    )
    found = taken(content, "a.xlsx")
    assert (len(found.file.rows), found.hidden) == (2, 1)


def test_of_several_sheets_one_must_be_named(taken, rows):
    content = workbook(["Kỳ", "Quá hạn"], ["10/2026", 1], sheets=("Tháng 9", "Tháng 10"))
    assert "several sheets hold a table (Tháng 9, Tháng 10)" in problems(taken, content, "a.xlsx")[0]
    assert len(rows(content, "a.xlsx", sheet="Tháng 10")) == 1
    assert "no sheet 'Tháng10'; did you mean 'Tháng 10'?" in problems(taken, content, "a.xlsx", sheet="Tháng10")[0]


def test_another_agencys_rows_are_refused(taken):
    (found,) = problems(taken, "Cơ quan;Kỳ;Quá hạn\nTỉnh Khác;10/2026;1\n")
    assert "'Tỉnh Khác' is another agency than Tỉnh Mẫu" in found


def test_nothing_is_taken_of_a_file_with_one_mistake_and_of_many_the_first_are_told(taken):
    lines = "\n".join(f"Sở Tư pháp;{month}/2026;x{month}" for month in range(1, 13))
    assert len(problems(taken, f"Đơn vị;Kỳ;Quá hạn\n{lines}\n")) == 12
    many = "\n".join(f"Đơn vị {number};10/2026;1" for number in range(500))
    found = problems(taken, f"Đơn vị;Kỳ;Quá hạn\n{many}\n")
    assert len(found) == 201
    assert found[-1] == "bang.csv: and 300 more mistakes; mend these first"


def test_json_has_the_same_headings_and_the_same_mistakes(rows, taken):
    text = '{"rows": [{"unit": "so-tu-phap", "period": "2026-10", "late": 3, "received_online": null}]}'
    assert rows(text, "a.json")[0].counts == {"late": 3}
    (found,) = problems(taken, text.replace("3", '"ba"'), "a.json")
    assert "a.json, rows[0].late: 'ba' is no whole number" in found
    assert "holds a list called rows" in problems(taken, "[]", "a.json")[0]
    assert "is no JSON" in problems(taken, "{", "a.json")[0]
    unknown = text.replace('"late"', '"lates"').replace('"received_online": null', '"on_time": 1')
    assert "nobody knows a column 'lates'" in problems(taken, unknown, "a.json")[0]
    assert "is no whole number" in problems(taken, text.replace("3", "[3]"), "a.json")[0]
    assert "is no whole number" in problems(taken, text.replace("3", "true"), "a.json")[0]


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"\xff\xfeK\x00", "a.csv", "is no text in UTF-8"),
        (b"Kh\xf4ng", "a.csv", "is no text in UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.xls", "old kind or has a password"),
        (b"hello", "a.xlsx", "is no workbook"),
        (b"PK\x03\x04 broken", "a.xlsx", "cannot be read as a workbook"),
        (b"x" * (5 * 1024 * 1024 + 1), "a.csv", "has more than 5 MB"),
        (b'a;"b\n', "a.csv", "no valid CSV"),
        (b";" * 300, "a.csv", "rows or 200 columns"),
        (b"1;2\n" * 20_001, "a.csv", "has more than 20000 rows"),
    ],
)
def test_files_that_are_no_table_are_told_with_the_mend(taken, content, name, told):
    assert told in problems(taken, content, name)[0]


def packed(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread(taken):
    content = packed(**{"xl/worksheets/sheet1.xml": b" " * (MOST_UNPACKED_BYTES + 1)})
    assert len(content) < 100_000
    assert "unpacks to more than 40 MB" in problems(taken, content, "a.xlsx")[0]


def test_entities_that_grow_are_refused(taken):
    whole = workbook(["Kỳ", "Quá hạn"], ["10/2026", 1])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "xl/worksheets/sheet1.xml":
                bomb = b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
                content = content.replace(b"<worksheet", bomb + b"<worksheet", 1)
            after.writestr(name, content)
    assert "cannot be read as a workbook" in problems(taken, out.getvalue(), "a.xlsx")[0]


def changed_sheet(content, *changes):
    """A workbook whose first sheet holds something else in the places of some bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name)
            if name == "xl/worksheets/sheet1.xml":
                for old, new in changes:
                    assert old in part
                    part = part.replace(old, new, 1)
            after.writestr(name, part)
    return out.getvalue()


SHEET = workbook(["Kỳ", "Quá hạn"], ["10/2026", 1])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        (b"</sheetData>", b'<row r="9"/>' * 300_000 + b"</sheetData>"),
        (b"</sheetData>", b'<row r="9">' + b'<c r="A9"/>' * 300_000 + b"</row></sheetData>"),
    ],
)
def test_a_small_file_that_would_fill_the_memory_is_refused_unread(taken, old, new):
    content = changed_sheet(SHEET, (old, new))
    assert len(content) < 100_000
    assert "has more than 20000 rows" in problems(taken, content, "a.xlsx")[0]


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"nan"])
def test_a_number_without_end_is_no_count(taken, number):
    content = changed_sheet(SHEET, (b"<v>1</v>", b"<v>" + number + b"</v>"))
    assert problems(taken, content, "a.xlsx")
    assert "is no whole number" in problems(taken, '{"rows": [{"period": "2026-10", "late": 1e999}]}', "a.json")[0]
    assert "is no whole number" in problems(taken, '{"rows": [{"period": "2026-10", "late": NaN}]}', "a.json")[0]


@pytest.mark.parametrize("place", range(0, 4000, 97))
def test_a_workbook_that_a_disk_spoilt_is_told_or_read(taken, place):
    content = bytearray(SHEET)
    content[place % len(content)] ^= 0x55
    with contextlib.suppress(ConfigurationError):
        taken(bytes(content), "a.xlsx")


def test_a_workbook_with_columns_far_out_is_refused(taken):
    book = workbook(["Kỳ", "Quá hạn"], ["10/2026", 1, *[None] * 5000, 7])
    assert "200 columns" in problems(taken, book, "a.xlsx")[0]


def test_the_same_bytes_have_the_same_digest_and_another_month_another(taken):
    text = "Đơn vị;Quá hạn\nSở Tư pháp;3\n"
    one, same, other = (taken(text, period=period).file.digest for period in ("2026-10", "2026-10", "2026-09"))
    assert one == same != other


def test_what_a_newer_file_says_otherwise_is_told(rows):
    before = rows("Đơn vị;Kỳ;Quá hạn;Đúng hạn\nSở Tư pháp;10/2026;3;5\n")
    after = rows("Đơn vị;Kỳ;Quá hạn;Đúng hạn\nSở Tư pháp;10/2026;4;5\nSở Xây dựng;10/2026;1;1\n")
    assert changes(before, after) == [(before[0].key, "late", 3, 4)]
