"""Lists in the shapes in which they really come."""

from datetime import UTC, date, datetime

import pytest

from tests.unit.declared.conftest import workbook
from thuocdo.catalogue.reading import ListBrought, read_list
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import LevelScheme, ListKind, OnlineLevel, ProcedureStatus

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def brought(content, name="a.xlsx", **more):
    data = content.encode() if isinstance(content, str) else content
    values = {"owner": "national", "kind": ListKind.NATIONAL_LIST, "taken_on": date(2026, 6, 10), "entered_by": "An"}
    return read_list(ListBrought(name=name, content=data, received_at=NOW, **values | more))


def problems(*arguments, **more):
    with pytest.raises(ConfigurationError) as told:
        brought(*arguments, **more)
    return told.value.problems


def test_the_national_list_of_2026():
    content = workbook(
        ["DANH SÁCH THỦ TỤC HÀNH CHÍNH"],
        ["Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực"],
        ["1.001193", "Thủ tục đăng ký khai sinh ", "Bộ Tư pháp", "UBND cấp xã\nSở Tư pháp", "Hộ tịch"],
        ["2.000635", "Cấp bản sao trích lục hộ tịch", "Bộ Tư pháp", "UBND cấp xã", "Hộ tịch"],
        merged=["A1:E1"],
    )
    found = brought(content)
    first, second = found.snapshot.rows
    assert (first.code, first.name, first.executing) == (
        "1.001193",
        "Thủ tục đăng ký khai sinh",
        ("UBND cấp xã", "Sở Tư pháp"),
    )
    assert (second.level, second.level_scheme, second.status) == (
        OnlineLevel.UNKNOWN,
        LevelScheme.NONE,
        ProcedureStatus.UNKNOWN,
    )
    assert found.snapshot.is_complete


def test_the_list_of_the_old_database():
    text = (
        "Mã TTHC,Tên TTHC,Lĩnh vực,Đối tượng,Cơ quan công khai,Cấp thực hiện,Tình trạng,QĐ Công bố\n"
        "1.001193.000.00.00.H01,Khai sinh,Hộ tịch,Công dân,Bộ Tư pháp,Cấp xã,Còn hiệu lực,885/QĐ-BTP\n"
        "1.001194,Khai tử,Hộ tịch,Công dân,Bộ Tư pháp,Cấp xã,Hết hiệu lực,SỐ 64/QĐ-BTP\n"
    )
    found = brought(text, "a.csv")
    assert [(row.code, row.status) for row in found.snapshot.rows] == [
        ("1.001193", ProcedureStatus.IN_FORCE),
        ("1.001194", ProcedureStatus.EXPIRED),
    ]
    assert found.snapshot.rows[0].code_raw == "1.001193.000.00.00.H01"
    assert found.passed_over == ("Đối tượng",)


@pytest.mark.parametrize(
    ("cells", "level"),
    [
        (("x", "", ""), OnlineLevel.FULL),
        (("", "1", ""), OnlineLevel.PARTIAL),
        (("", "", "Có"), OnlineLevel.INFORMATION),
        (("x", "x", ""), OnlineLevel.UNKNOWN),
    ],
)
def test_an_export_of_a_local_system(cells, level):
    text = "Mã TTHC;Tên;dvc_toan_trinh;dvc_mot_phan;dvc_cung_cap_tt\n1.001193;Khai sinh;{};{};{}\n".format(*cells)
    assert brought(text, "a.csv").snapshot.rows[0].level is level


@pytest.mark.parametrize(
    ("text", "level", "scheme"),
    [
        ("Toàn trình", OnlineLevel.FULL, LevelScheme.NEW),
        ("MỘT PHẦN", OnlineLevel.PARTIAL, LevelScheme.NEW),
        ("Còn lại", OnlineLevel.INFORMATION, LevelScheme.NEW),
        ("Mức độ 4", OnlineLevel.FULL, LevelScheme.OLD),
        ("Mức độ 3", OnlineLevel.PARTIAL, LevelScheme.OLD),
        ("Mức độ 2", OnlineLevel.INFORMATION, LevelScheme.OLD),
        ("gì đó", OnlineLevel.UNKNOWN, LevelScheme.NONE),
    ],
)
def test_old_and_new_levels_are_kept_apart(text, level, scheme):
    row = brought(f"Mã số;Tên;Mức độ\n1.001193;Khai sinh;{text}\n", "a.csv").snapshot.rows[0]
    assert (row.level, row.level_scheme, row.level_raw) == (level, scheme, text)


def test_codes_of_other_forms_are_kept_as_local_ones():
    text = "Mã số;Tên\nC08_XPHCDB;A\n1.001193A;B\n１．００１１９４;C\n"
    assert [row.code for row in brought(text, "a.csv").snapshot.rows] == ["C08_XPHCDB", "1.001193A", "1.001194"]


def test_a_code_that_became_a_number_is_refused_with_its_cell():
    (told,) = problems(workbook(["Mã số", "Tên"], [1.0015, "Khai sinh"]))
    assert "a.xlsx, Số liệu!A2: '1.0015' is a number" in told


def test_columns_that_shifted_are_told():
    (told,) = problems(workbook(["Mã số", "Tên"], ["Khai sinh", "1.001193"]))
    assert "Số liệu!A2: 'Khai sinh' is no code" in told


def test_a_row_that_lacks_one_of_both_is_told():
    told = problems(workbook(["Mã số", "Tên"], ["1.001193", None], [None, "Khai tử"]))
    assert ["Số liệu!B2" in told[0], "Số liệu!A3" in told[1]] == [True, True]


@pytest.mark.parametrize("total", ["Tổng số: 2", "TỔNG SỐ THỦ TỤC: 2", "Tổng số 2 thủ tục"])
@pytest.mark.parametrize("above", [True, False])
def test_a_file_says_how_many_it_has(total, above):
    rows = [["1.001193", "Khai sinh"], ["1.001194", "Khai tử"]]
    content = workbook(*([[total]] if above else []), ["Mã số", "Tên"], *rows, *([] if above else [[total]]))
    found = brought(content).snapshot
    assert (found.declared_total, found.is_complete) == (2, True)


def test_a_file_with_fewer_rows_than_it_says_is_a_part():
    found = brought(workbook(["Tổng số: 2.149"], ["Mã số", "Tên"], ["1.001193", "Khai sinh"])).snapshot
    assert (found.declared_total, found.is_complete) == (2149, False)
    assert not brought(workbook(["Mã số", "Tên"], ["1.001193", "Khai sinh"]), is_truncated=True).snapshot.is_complete


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a;b\n1;2\n", "no row is a heading with the columns Mã số and Tên"),
        ("Mã số;Tên\n", "there is no procedure below the heading"),
        ("Mã số;Tên;Mã TTHC\n1.001193;A;1.001193\n", "this column says the same as line 1, column 1"),
    ],
)
def test_what_is_no_list_is_told(content, told):
    assert told in problems(content, "a.csv")[0]


def test_of_very_many_mistakes_the_first_are_told():
    rows = "".join(f"sai {number};Tên\n" for number in range(300))
    found = problems(f"Mã số;Tên\n{rows}", "a.csv")
    assert (len(found), found[-1]) == (201, "a.csv: and 100 more mistakes; mend these first")
