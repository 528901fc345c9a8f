"""`thuocdo catalogue` as people give it: a list out, explanations in."""

import json

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from tests.unit.declared.conftest import workbook
from thuocdo import cli
from thuocdo.core.errors import ConfigurationError

AGENCY = "bo-tu-phap"
HEAD = ["Mã số", "Tên", "Mức độ", "Cơ quan ban hành"]


@pytest.fixture
def given(folder):
    (folder / "data").mkdir(exist_ok=True)

    def run(*arguments, code=0):
        result = CliRunner().invoke(cli.app, ("catalogue", *arguments))
        if isinstance(result.exception, ConfigurationError):
            raise result.exception
        assert result.exit_code == code, (result.output, result.exception)
        return " ".join(result.output.split())

    return run


@pytest.fixture
def taken(folder, given):
    (folder / "quoc-gia.xlsx").write_bytes(
        workbook(
            HEAD,
            ["1.000001", "Cấp phiếu lý lịch tư pháp", "Toàn trình", "Bộ Tư pháp"],
            ["1.000002", "Công chứng hợp đồng", "Một phần", "Bộ Tư pháp"],
        )
    )
    (folder / "cong.xlsx").write_bytes(
        workbook(
            [*HEAD, "Ghi chú"],
            ["1.000001", "Cấp phiếu lý lịch tư pháp", "Một phần", "Bộ Tư pháp"],
            ["1.000009", "Thủ tục lạ", "Toàn trình", "Bộ Tư pháp"],
        )
    )
    given("take", "quoc-gia.xlsx", "--owner", "national", "--taken-on", "2026-01-05", "--by", "An")
    return given("take", "cong.xlsx", "--owner", AGENCY, "--taken-on", "2026-03-05", "--by", "An")


def test_what_was_passed_over_is_told_and_taking_twice_is_once(given, taken):
    assert "Đã nhận 2 thủ tục" in taken
    assert "Các cột không dùng đến, đã bỏ qua: Ghi chú" in taken
    again = given("take", "cong.xlsx", "--owner", AGENCY, "--taken-on", "2026-03-05", "--by", "An")
    assert "từ trước" in again
    listed = given("list")
    assert "Quốc gia" in listed
    assert AGENCY in listed


def test_differences_go_out_and_explanations_come_back(folder, given, taken):
    told = given("compare", "--agency", AGENCY, "--out", "khac.xlsx")
    assert "Khác mức độ cung cấp" in told
    assert "Mã không có trong danh mục quốc gia" in told
    book = load_workbook(folder / "khac.xlsx")
    sheet = book["Khác biệt"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    rows = {sheet.cell(row, heads["Mã loại"]).value: row for row in range(2, sheet.max_row + 1)}
    sheet.cell(rows["level_differs"], heads["Giải trình"], "Đã nâng lên toàn trình từ tháng 4")
    assert sheet.cell(rows["level_differs"], heads["Trên cổng"]).value == "một phần"
    book.save(folder / "khac.xlsx")
    assert "Đã nhận 1 giải trình" in given("explain", "khac.xlsx", "--agency", AGENCY, "--by", "Bình")
    document = json.loads(CliRunner().invoke(cli.app, ("catalogue", "compare", "--agency", AGENCY, "--json")).output)
    explained = {one["difference"]: one["explanation"] for one in document["differences"]}
    assert explained["level_differs"] == "Đã nâng lên toàn trình từ tháng 4"
    assert explained["unknown_code"] is None
    assert document["counts"] == {"level_differs": 1, "missing_unverified": 1, "unknown_code": 1}


def test_a_file_that_was_changed_otherwise_is_refused_whole(folder, given, taken):
    given("compare", "--agency", AGENCY, "--out", "khac.xlsx")
    book = load_workbook(folder / "khac.xlsx")
    sheet = book["Khác biệt"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    for row in (2, 3):
        sheet.cell(row, heads["Giải trình"], "Đúng")
    sheet.cell(3, heads["Mã thủ tục"], "9.999999")
    book.save(folder / "khac.xlsx")
    with pytest.raises(ConfigurationError, match="there is no such difference of '9"):
        given("explain", "khac.xlsx", "--agency", AGENCY, "--by", "Bình")
    document = json.loads(CliRunner().invoke(cli.app, ("catalogue", "compare", "--agency", AGENCY, "--json")).output)
    assert {one["explanation"] for one in document["differences"]} == {None}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("take", "none.xlsx", "--owner", "national", "--taken-on", "2026-01-05", "--by", "An"), "cannot be read"),
        (("take", "cong.xlsx", "--owner", "bo-tu-phat", "--taken-on", "2026-01-05", "--by", "An"), "did you mean"),
        (("take", "cong.xlsx", "--owner", "national", "--taken-on", "2199-01-05", "--by", "An"), "lies ahead"),
        (
            ("take", "cong.xlsx", "--owner", "national", "--approved", "--taken-on", "2026-01-05", "--by", "An"),
            "leave it out",
        ),
        (("compare", "--agency", "bo-cong-an"), "no list of the portal of 'bo-cong-an' was taken"),
        (("compare", "--agency", AGENCY, "--out", "cong.xlsx"), "is there already"),
        (("explain", "cong.xlsx", "--agency", AGENCY, "--by", "An"), "send back the file that was sent"),
    ],
)
def test_bad_input_is_told_with_the_mend(given, taken, arguments, told):
    with pytest.raises(ConfigurationError, match=told):
        given(*arguments)
