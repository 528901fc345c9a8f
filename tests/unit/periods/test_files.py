"""The files of a report: what stands in them, and that office programs and people can read them."""

import io
import json
import re

import docx
import openpyxl
import pytest

from thuocdo.periods.files import period_files
from thuocdo.periods.report import agency_report, period_report
from thuocdo.periods.tables import period_json, period_tables
from thuocdo.publication.document import HeadingPart, ParagraphPart, TablePart


def text_of(document):
    found = [document.kind, document.title]
    for part in document.parts:
        match part:
            case HeadingPart() | ParagraphPart():
                found.append(part.text)
            case TablePart():
                found += [
                    part.caption,
                    *(column.title for column in part.columns),
                    *(cell for row in part.rows for cell in row),
                ]
    return "\n".join(found)


def rows(document, caption):
    return next(
        part.rows for part in document.parts if isinstance(part, TablePart) and part.caption.startswith(caption)
    )


def test_the_report_tells_what_the_month_came_to(november):
    document = period_report(november)
    told = text_of(document)
    assert "Tình hình hoạt động của các cổng dịch vụ công trực tuyến tháng 11 năm 2026" in told
    assert "trọn tháng 11 năm 2026" in told
    assert "Ghi nhận 4 sự cố ở 3 cơ quan; dài nhất là sự cố của Đắk Lắk: 6 giờ" in told
    assert "Báo cáo này không xếp hạng." in told
    provinces = {row[0]: row[1:] for row in rows(document, "Mức sẵn sàng – Tỉnh")}
    assert provinces["Đắk Lắk"] == ["99,17%", "100,00%", "99,93%", "360", "17%", "7 giờ"]
    assert provinces["Cà Mau"][0] == "–"  # too little is known: never 100 %
    ministries = rows(document, "Mức sẵn sàng – Bộ")
    assert ministries[0][0] == "Bộ Cũ (trong kỳ đã chuyển về Bộ Mẫu)"


def test_an_overspent_budget_is_told_in_words(read):
    told = text_of(agency_report(read("2026-11"), "dak-lak"))
    assert "phần còn được phép lỗi trong kỳ: 17%" in told
    assert "Sự cố kéo dài quá ranh giới" not in told


def test_a_period_of_which_nothing_was_measured_says_so(read):
    told = text_of(period_report(read("2026-09")))
    assert "Trong tháng 9 năm 2026 chưa có phép đo nào được đếm theo giờ" in told
    assert "100" not in re.sub(r"1 − .*", "", told)


def test_what_is_not_over_is_marked_on_every_page(read, november):
    from datetime import UTC, datetime

    unfinished = read("2026-11", datetime(2026, 11, 10, tzinfo=UTC))
    assert "CHƯA HẾT KỲ" in period_report(unfinished).marks
    assert "CHƯA HẾT KỲ" not in period_report(november).marks
    assert "SỐ LIỆU GIẢ LẬP" in period_report(november).marks


@pytest.mark.parametrize("name", ["2026-09", "2026-10", "2026-11", "2026-Q4"])
def test_no_english_and_no_id_stands_in_a_report(read, name):
    content = read(name)
    for document in (period_report(content), *(agency_report(content, one.agency.id) for one in content.agencies)):
        told = text_of(document)
        assert not re.search(r"\b(the|failed|missed|down|timeout|homepage|desktop|home|None)\b|dak-lak|_", told), told


def test_office_files_open_and_hold_the_same(november):
    files = dict(period_files(november, None))
    paths = {
        "bao-cao.docx",
        "so-lieu.xlsx",
        "so-lieu.json",
        "csv/co-quan.csv",
        "co-quan/dak-lak.docx",
        "co-quan/dak-lak.xlsx",
    }
    assert paths <= set(files)
    told = "\n".join(
        cell.text
        for table in docx.Document(io.BytesIO(files["bao-cao.docx"])).tables
        for row in table.rows
        for cell in row.cells
    )
    assert "99,17%" in told
    sheets = openpyxl.load_workbook(io.BytesIO(files["so-lieu.xlsx"]))
    assert sheets.sheetnames[:3] == ["Cơ quan", "Đối tượng đo", "Thời gian tải"]
    assert {row[1] for row in sheets["Cơ quan"].iter_rows(min_row=2, values_only=True)} == {
        one.agency.id for one in november.agencies
    }
    own = openpyxl.load_workbook(io.BytesIO(files["co-quan/dak-lak.xlsx"]))
    assert {row[1] for row in own["Cơ quan"].iter_rows(min_row=2, values_only=True)} == {"dak-lak"}


def test_the_same_period_gives_the_same_bytes(read):
    first, second = (dict(period_files(read("2026-11"), None)) for _ in range(2))
    assert first == second


def test_columns_are_a_public_contract(golden, november):
    tables = period_tables(november).values()
    golden(
        "tests/unit/periods/golden/columns.txt",
        "".join(f"{one.meaning.name}: {', '.join(one.meaning.names)}\n" for one in tables),
    )


def test_a_period_of_one_agency_is_told_to_the_last_figure(golden, november):
    golden("tests/unit/periods/golden/dak-lak.json", period_json(november, "dak-lak"))


def test_json_holds_the_tables_and_the_rules(november):
    document = json.loads(period_json(november))
    assert document["period"] == "2026-11"
    assert document["unfinished"] is False
    assert [one["agency_id"] for one in document["co-quan"]] == [one.agency.id for one in november.agencies]
    assert document["rules"]
    own = json.loads(period_json(november, "dak-lak"))
    assert {one["agency_id"] for one in own["su-co"]} == {"dak-lak"}
