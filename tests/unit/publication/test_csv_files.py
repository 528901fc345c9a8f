"""Tables for machines, read back by machines: Python's csv, and the library of the standard itself."""

import csv
import hashlib
import io
import json
from dataclasses import replace

import pytest

from benchmarks.made_up_round import HOSTILE_NAME
from thuocdo.publication.csv_files import csv_files, data_package
from thuocdo.publication.tables import filled_tables


@pytest.fixture
def report_on():
    """Return what the library of the standard says of a package; it lets fields of CSV be larger in all of this process."""
    before = csv.field_size_limit()
    from frictionless import Package

    yield lambda folder: Package(str(folder / "datapackage.json")).validate()
    csv.field_size_limit(before)


@pytest.fixture(scope="module")
def files(tables):
    return dict(csv_files(tables))


@pytest.fixture(scope="module")
def described(whole, tables, files):
    return json.loads(data_package(whole, tables, files))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, files, described):
    folder = tmp_path_factory.mktemp("package")
    for path, content in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    return folder


def read(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_files_begin_with_a_byte_order_mark_and_lines_end_as_the_standard_says(files):
    for content in files.values():
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.count(b"\xef\xbb\xbf") == 1
        assert content.endswith(b"\r\n")


def test_the_first_line_is_the_head_and_no_order_to_a_spreadsheet(tables, files):
    for name, table in tables.items():
        assert read(files[f"csv/{name}.csv"])[0] == list(table.meaning.names)


def test_each_line_has_a_cell_for_each_column(tables, files):
    for name, table in tables.items():
        rows = read(files[f"csv/{name}.csv"])
        assert len(rows) == len(table.rows) + 1
        assert {len(row) for row in rows} == {len(table.meaning.names)}


def test_no_text_begins_a_formula_but_numbers_stay_numbers(files):
    cells = [cell for content in files.values() for row in read(content)[1:] for cell in row]
    assert f"'{HOSTILE_NAME}" in cells
    assert "'=Cổng bảo trì đêm 06/10" in cells
    assert not [cell for cell in cells if cell[:1] in "=+-@\t" and cell]


def test_decimals_have_a_point_and_days_are_iso(tables, files):
    rows = read(files["csv/diem.csv"])
    head = rows[0]
    assert {row[head.index("entered_on")] for row in rows[1:]} == {"", "2026-10-09"}
    assert any("." in row[head.index("points")] for row in rows[1:])


def test_the_standards_own_library_finds_nothing_wrong(folder, report_on):
    report = report_on(folder)
    assert report.valid, report.flatten(["name", "rowNumber", "fieldNumber", "type", "note"])[:5]
    assert len(report.tasks) == 6


def test_a_flipped_byte_is_found_by_size_and_digest(folder, files, report_on):
    path = folder / "csv" / "ly-do.csv"
    path.write_bytes(files["csv/ly-do.csv"][:-3] + b"9\r\n")
    try:
        assert not report_on(folder).valid
    finally:
        path.write_bytes(files["csv/ly-do.csv"])


def test_each_file_is_described_with_its_size_and_digest(files, described):
    for resource in described["resources"]:
        content = files[resource["path"]]
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_each_field_has_its_type_and_both_titles(described):
    for resource in described["resources"]:
        for field in resource["schema"]["fields"]:
            assert {"name", "type", "title", "title_en", "description", "description_en"} <= set(field)


def test_the_package_says_what_it_is_not(described, content):
    assert described["draft"] is True
    assert described["simulated"] is True
    assert described["description"].startswith("DỰ THẢO. SỐ LIỆU GIẢ LẬP. ")
    approved = replace(content, approved=True, synthetic=False)
    tables = filled_tables(approved)
    told = json.loads(data_package(approved, tables, dict(csv_files(tables))))
    assert (told["draft"], told["simulated"]) == (False, False)
    assert told["description"].startswith("Mỗi bảng")


def test_a_licence_is_named_only_where_somebody_chose_one(described, whole, tables, files):
    assert "licenses" not in described
    chosen = replace(whole, issuer=whole.issuer.model_copy(update={"licence": "CC-BY-4.0"}))
    assert json.loads(data_package(chosen, tables, files))["licenses"] == [{"name": "CC-BY-4.0"}]


def test_tables_without_rows_have_no_file(content):
    assert "csv/giai-trinh.csv" not in dict(csv_files(filled_tables(content)))
