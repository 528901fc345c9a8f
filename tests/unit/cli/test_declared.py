"""`thuocdo declared` as people give it."""

import json

import pytest
import yaml
from openpyxl import load_workbook
from typer.testing import CliRunner

from tests.unit.declared.conftest import workbook
from thuocdo import cli
from thuocdo.core.config import load_settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.store import Store

AGENCY = "da-nang-2025"
GOALS = {
    "agency": AGENCY,
    "units": [
        {"id": "so-x", "kind": "Sở", "name_vi": "Sở X", "name_en": "X"},
        {"id": "xa-y", "kind": "Xã", "name_vi": "Xã Y", "name_en": "Y"},
    ],
    "goals": [
        {
            "kind": kind,
            "indicator": "online_share",
            "percent": 80,
            "first": "2026-01-01",
            "due": "2026-12-31",
            "decision": "1/QĐ",
            "decided_on": "2026-01-02",
        }
        for kind in ("Sở", "Xã")
    ],
}


@pytest.fixture
def given(folder):
    (folder / "goals").mkdir()
    text = (
        json.dumps(GOALS, ensure_ascii=False)
        .replace('"2026-01-01"', "2026-01-01")
        .replace('"2026-12-31"', "2026-12-31")
    )
    (folder / "goals" / f"{AGENCY}.yaml").write_text(text.replace('"2026-01-02"', "2026-01-02"), encoding="utf-8")
    settings = yaml.safe_load((folder / "thuocdo.yaml").read_text())
    (folder / "thuocdo.yaml").write_text(yaml.safe_dump(settings | {"goals_dir": "goals"}))
    (folder / "data").mkdir(exist_ok=True)

    def run(*arguments, code=0):
        result = CliRunner().invoke(cli.app, arguments)
        if isinstance(result.exception, ConfigurationError):
            raise result.exception
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    return run


def table(folder, *rows, name="a.xlsx"):
    (folder / name).write_bytes(workbook(["Đơn vị", "Kỳ", "Trực tuyến", "Trực tiếp", "Tiếp nhận"], *rows))
    return name


def taken(given, file, code=0):
    return given("declared", "take", file, "--agency", AGENCY, "--by", "Nguyễn An", code=code)


def test_taken_listed_and_shown_on_the_board(folder, given):
    file = table(folder, ["Sở X", "10/2026", 90, 10, 100], ["Xã Y", "10/2026", 10, 90, 100])
    assert "Đã nhận 2 dòng" in taken(given, file)
    assert "Đã nhận đúng tệp này từ trước" in taken(given, file)
    assert "Nguyễn An" in given("declared", "list")
    board = given("declared", "board", "2026-10")
    assert board.index("Xã Y") < board.index("Sở X")
    assert "Còn hạn" in board
    only = json.loads(given("declared", "board", "2026-10", "--kind", "Sở", "--json"))
    assert [one["unit_vi"] for one in only["declared"]["goals"]] == ["Sở X"]
    assert only["paragraphs"]["praise"].startswith("Đến hết tháng 10 năm 2026, có 1 chỉ tiêu đã đạt.")


def test_what_does_not_add_up_is_told_and_taken_all_the_same(folder, given):
    output = taken(given, table(folder, ["Sở X", "10/2026", 90, 10, 123]), code=1)
    assert (
        "Sở X, tháng 10 năm 2026: Tổng số hồ sơ tiếp nhận là 123, nhưng các hình thức tiếp nhận cộng lại là 100."
        in " ".join(output.split())
    )
    with Store.open(load_settings().store_url) as store:
        assert len(store.declared.files()) == 1


def test_only_looking_takes_nothing(folder, given):
    file = table(folder, ["Sở X", "10/2026", 90, 10, 100])
    assert "chưa nhận gì" in given("declared", "take", file, "--agency", AGENCY, "--by", "An", "--check")
    assert "Chưa nhận tệp nào" in given("declared", "list")


def test_mistakes_take_nothing(folder, given):
    with pytest.raises(ConfigurationError) as told:
        taken(given, table(folder, ["Sở Z", "10/2026", "x9", 10, 100]))
    assert len(told.value.problems) == 2
    assert "Chưa nhận tệp nào" in given("declared", "list")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("take", "none.xlsx", "--agency", AGENCY, "--by", "An"), "cannot be read"),
        (("take", "thuocdo.yaml", "--agency", "da-nan-2025", "--by", "An"), "did you mean 'da-nang-2025'?"),
        (("take", "thuocdo.yaml", "--agency", AGENCY, "--by", " "), "--by: is empty"),
        (("board", "2026"), "is no month"),
        (("board", "2999-01"), "lies ahead"),
        (("board", "2026-10", "--kind", "Xa"), "no unit is of kind 'Xa'"),
        (("withdraw", "abc"), "no single token begins with 'abc'"),
        (("template", "--agency", AGENCY, "--out", "thuocdo.yaml"), "is there already"),
    ],
)
def test_bad_input_is_told_with_the_mend(given, arguments, told):
    with pytest.raises(ConfigurationError, match=told.replace("?", r"\?")):
        given("declared", *arguments)


def test_a_template_that_is_filled_in_is_taken_as_it_stands(folder, given):
    given("declared", "template", "--agency", AGENCY, "--out", "bang.xlsx")
    book = load_workbook(folder / "bang.xlsx")
    sheet = book.worksheets[0]
    heads = {cell.value: cell.column for cell in sheet[1]}
    assert [sheet.cell(row, 1).value for row in (2, 3)] == ["Sở X", "Xã Y"]
    for row, online in ((2, 90), (3, 10)):
        for name, value in (
            ("Kỳ", "10/2026"),
            ("Hồ sơ tiếp nhận trực tuyến", online),
            ("Hồ sơ tiếp nhận trực tiếp", 100 - online),
        ):
            sheet.cell(row, heads[name], value)
    book.save(folder / "bang.xlsx")
    assert "Đã nhận 2 dòng" in taken(given, "bang.xlsx")


def test_files_of_a_board(folder, given):
    taken(given, table(folder, ["Sở X", "10/2026", 90, 10, 100]))
    assert "tệp trong" in given("declared", "board", "2026-10", "--out", "bang")
    book = load_workbook(folder / "bang" / "bang-theo-doi.xlsx")
    assert book.sheetnames[0] == "Bảng theo dõi"
    cells = [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
    assert "Sở X" in cells
    assert 90 in cells
    assert (folder / "bang" / "csv" / "theo-doi-chi-tieu.csv").read_bytes().startswith("\ufeff".encode())


def test_a_token_is_shown_once_listed_and_withdrawn(given):
    output = given("declared", "token", "--agency", AGENCY, "--name", "Một cửa", "--by", "An")
    token = next(word for word in output.split() if word.startswith("tdo_"))
    listed = given("declared", "tokens")
    assert token not in listed
    digest = output.split()[-1]
    assert digest in listed
    assert "Đã thu hồi" in given("declared", "withdraw", digest)
    assert "từ trước" in given("declared", "withdraw", digest)
