"""Communes come from a table that a person has."""

import random
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console
from typer.testing import CliRunner

from testbed.communes import simulated_communes
from thuocdo.cli.portals import app
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.i18n import translator
from thuocdo.core.model import Confidence
from thuocdo.core.portals import load_registry, read_registry
from thuocdo.core.portals.commune_import import plan_import, write_import
from thuocdo.core.portals.commune_table import ascii_folded, read_commune_table

TODAY = date(2026, 11, 22)
FIRST = date(2025, 7, 1)
PROVINCES = """\
agencies:
  - {id: mot, block: province, name_vi: Một, name_en: One, valid_to: 2025-06-30}
  - id: mot-2025
    block: province
    name_vi: Một
    name_en: One
    valid_from: 2025-07-01
    portals: [{id: mot-2025, homepage_url: "https://dvc.mot.example/", confidence: high}]
  - {id: hai, block: province, name_vi: Thành phố Hai, name_en: Two City, city: true}
"""
TABLE = """\
Mã,Tên đơn vị hành chính,Tỉnh,Trang chủ
00001,Xã Tân Mẫu,Tỉnh Một,https://tanmau.mot.example/
00002,Phường Đặng Mẫu,Một,
00003,Xã Tân Mẫu,TP. Hai,
00004,Đặc khu Mẫu,hai,https://mau.hai.example/
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    registry = tmp_path / "registry"
    registry.mkdir()
    (registry / "provinces.yaml").write_text(PROVINCES, encoding="utf-8")
    return registry


def bring_in(folder: Path, text: str | bytes, **options):
    file = folder.parent / "communes.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    table = read_commune_table(file, options.pop("columns", {}), valid_from=FIRST)
    imports = plan_import(table, folder, source="bảng thử", province_codes=options.pop("codes", {}))
    write_import(imports)
    return imports


def problems_of(folder: Path, text: str | bytes, **options) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        bring_in(folder, text, **options)
    assert not (folder / "communes").exists()
    return [problem.replace(f"{folder.parent}/", "") for problem in caught.value.problems]


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in sorted((folder / "communes").glob("*.yaml"))}


def test_each_province_gets_a_file_of_its_communes(folder):
    bring_in(folder, TABLE)
    assert set(contents(folder)) == {"mot-2025.yaml", "hai.yaml"}
    registry = load_registry(folder, at=TODAY)
    communes = {agency.id: agency for agency in registry.agencies.values() if agency.parent_id}
    assert {one.id: (one.full_name("vi"), one.name_en, one.code) for one in communes.values()} == {
        "mot-2025-xa-tan-mau": ("Xã Tân Mẫu, tỉnh Một", "Tan Mau Commune", "00001"),
        "mot-2025-phuong-dang-mau": ("Phường Đặng Mẫu, tỉnh Một", "Dang Mau Ward", "00002"),
        "hai-xa-tan-mau": ("Xã Tân Mẫu, thành phố Hai", "Tan Mau Commune", "00003"),
        "hai-dac-khu-mau": ("Đặc khu Mẫu, thành phố Hai", "Mau Special Zone", "00004"),
    }
    assert {one.source for one in communes.values()} == {"bảng thử"}
    assert {one.valid_from for one in communes.values()} == {FIRST}


def test_an_address_from_a_table_is_of_low_confidence_and_not_probed(folder):
    bring_in(folder, TABLE)
    registry = load_registry(folder, at=TODAY)
    assert registry.portals["mot-2025-xa-tan-mau"].confidence is Confidence.LOW
    assert [target.id for target in registry.probed_targets()] == ["mot-2025.home"]
    assert "mot-2025-phuong-dang-mau" not in registry.portals


def test_a_second_run_changes_nothing_and_keeps_what_people_wrote(folder):
    bring_in(folder, TABLE)
    file = folder / "communes" / "mot-2025.yaml"
    mended = file.read_text(encoding="utf-8").replace("confidence: low", "confidence: low\n        confirmed: true")
    file.write_text(mended, encoding="utf-8")
    before = contents(folder)
    imports = bring_in(folder, TABLE)
    assert contents(folder) == before
    assert [(one.province.id, len(one.added), one.known, one.differing) for one in imports] == [
        ("mot-2025", 0, 2, ()),
        ("hai", 0, 2, ()),
    ]
    assert "mot-2025-xa-tan-mau.home" in {one.id for one in load_registry(folder, at=TODAY).probed_targets()}


def test_new_rows_are_added_at_the_end_of_what_is_there(folder):
    bring_in(folder, TABLE)
    before = contents(folder)
    bring_in(folder, TABLE + "00009,Xã Mới Mẫu,Một,\n")
    after = contents(folder)
    assert after["hai.yaml"] == before["hai.yaml"]
    assert after["mot-2025.yaml"].startswith(before["mot-2025.yaml"])
    assert "mot-2025-xa-moi-mau" in load_registry(folder, at=TODAY).agencies


def test_what_the_table_says_otherwise_is_told_and_not_changed(folder):
    bring_in(folder, TABLE)
    before = contents(folder)
    changed = TABLE.replace("Phường Đặng Mẫu", "Phường Khác Mẫu").replace("https://mau.hai", "https://moi.hai")
    imports = bring_in(folder, changed)
    differing = [line.replace(f"{folder.parent}/", "") for one in imports for line in one.differing]
    assert differing == [
        "communes.csv:3: mot-2025-phuong-dang-mau: the table says name 'Phường Khác Mẫu', not 'Phường Đặng Mẫu'",
        "communes.csv:5: hai-dac-khu-mau: the table says address https://moi.hai.example/, not https://mau.hai.example/",
    ]
    assert contents(folder) == before


def test_ids_do_not_depend_on_the_order_of_the_rows(folder, tmp_path):
    heading, *rows = TABLE.splitlines(keepends=True)
    rows += ["00011,Xã Tấn Mẫu,Một,\n", "00012,Xã Tan Mau,Một,\n"]  # three that fold to one id
    random.Random(1).shuffle(rows)
    bring_in(folder, heading + "".join(rows))
    ids = {agency.code: agency.id for agency in read_registry(folder).agencies if agency.code}
    assert ids == {
        "00001": "mot-2025-xa-tan-mau-00001",
        "00011": "mot-2025-xa-tan-mau-00011",
        "00012": "mot-2025-xa-tan-mau-00012",
        "00002": "mot-2025-phuong-dang-mau",
        "00003": "hai-xa-tan-mau",
        "00004": "hai-dac-khu-mau",
    }


def test_an_id_never_outgrows_its_bound_nor_takes_that_of_another(folder):
    long = "Xã " + "Dài " * 30
    bring_in(folder, TABLE)
    bring_in(folder, TABLE + f"00021,{long},Một,\n00022,Xã Tần Mẫu,Một,\n")
    ids = {agency.code: agency.id for agency in read_registry(folder).agencies if agency.code}
    assert ids["00022"] == "mot-2025-xa-tan-mau-00022"
    assert len(ids["00021"]) <= 64
    assert ids["00021"].endswith("-00021")


@pytest.mark.parametrize(
    ("mangled", "codes"),
    [
        (lambda text: "\ufeff" + text, {}),
        (lambda text: text.replace(",", ";"), {}),
        (lambda text: text.replace(",", "\t"), {}),
        (lambda text: text.replace("\n", "\r\n"), {}),
        (lambda text: text.replace("0000", ""), {}),
        (lambda text: text.replace("Tỉnh Một", "01").replace(",Một,", ",01,"), {"01": "mot-2025"}),
        (lambda text: text.replace("Xã Tân Mẫu", "  xã   Tân  Mẫu "), {}),
        (lambda text: text.replace("ẫ", "ẫ"), {}),
        (lambda text: text.replace("\n0", "\n,,,\n0"), {}),
    ],
    ids=[
        "mark",
        "semicolons",
        "tabs",
        "windows",
        "zeros lost",
        "numbers of provinces",
        "spaces",
        "accents apart",
        "empty rows",
    ],
)
def test_what_spreadsheets_make_of_a_table_is_read(folder, mangled, codes):
    bring_in(folder, mangled(TABLE), codes=codes)
    names = {agency.code: agency.full_name("vi") for agency in read_registry(folder).agencies if agency.code}
    assert names["00001"] == "Xã Tân Mẫu, tỉnh Một"
    assert len(names) == 4


def test_days_are_read_as_people_write_them(folder):
    text = "code,name,province,valid_from\n1,Xã A,hai,01/03/2026\n2,Xã B,hai,2026-03-02\n3,Xã C,hai,\n"
    bring_in(folder, text)
    assert [agency.valid_from for agency in read_registry(folder).agencies if agency.code] == [
        date(2026, 3, 1),
        date(2026, 3, 2),
        FIRST,
    ]


def test_columns_may_be_called_anything_that_is_said(folder):
    text = "Số,Đơn vị,Trực thuộc\n1,Xã A,Hai\n"
    bring_in(folder, text, columns={"code": "Số", "name": "đơn vị", "province": "Trực thuộc"})
    assert "hai-xa-a" in load_registry(folder, at=TODAY).agencies


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (",Xã X,Hai,", "the code is missing; fill it in"),
        ("00007,,Hai,", "the name is missing; fill it in"),
        ("00007,Xã X,,", "the province is missing; fill it in"),
        ("00007", "the name is missing; fill it in"),
        ("000007,Xã X,Hai,", "'000007' is no code of a commune, which has 5 digits"),
        ("A7,Xã X,Hai,", "'A7' is no code of a commune, which has 5 digits"),
        ("00007,Tân X,Hai,", "'Tân X' does not say what it is; write Xã …, Phường … or Đặc khu …"),
        ("00007,Thị trấn X,Hai,", "'Thị trấn X' does not say what it is"),
        ("00007,Xã X,Mộtt,", "no province 'Mộtt'; did you mean 'Một'?"),
        ("00007,Xã X,79,", "'79' is a number of a province; say whose it is: --province 79=<id>"),
        ("00007,Xã X,mot,", "province 'mot' is none on 2025-07-01; correct the day, or the province"),
        ("00007,Xã X,Hai,ftp://x.example/", "an address begins with http:// or https:// (given: 'ftp://x.example/')"),
        (
            "00007,Xã X,Hai,https://dvc.mot.example/xa-x",
            "dvc.mot.example is the host of portal 'mot-2025' already, and a portal has one of its own; leave the address out",
        ),
        ("00007,Xã X,Hai,https://tanmau.mot.example/", "tanmau.mot.example is the host of line 2 already"),
        ("00001,Xã X,Hai,", "this code stands in line 2 too; remove one"),
        ("00007,xã tân mẫu,Một,", "the name 'Xã tân mẫu' stands in line 2 too, in the same province"),
    ],
)
def test_a_row_that_does_not_say_what_it_must_is_refused_with_its_line(folder, row, problem):
    problems = problems_of(folder, f"{TABLE}{row}\n")
    assert problems[0].startswith("communes.csv:6: ")
    assert problem in problems[0]


def test_all_mistakes_come_at_once_in_the_order_of_lines_and_nothing_is_written(folder):
    text = "code,name,province,url\n1,A,Hai,\n2,Xã B,Hia,\n3,Xã C,Hai,x\n"
    assert [problem.partition(": ")[0] for problem in problems_of(folder, text)] == [
        "communes.csv:2",
        "communes.csv:3",
        "communes.csv:4",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no column for the code (there are: nothing); say which it is by --code-column"),
        ("code,name\n", "no column for the province (there are: code, name); say which it is by --province-column"),
        ("code,mã,name,province\n", "several columns could be the code; say which by --code-column"),
        ("Mã,Tên,Tỉnh\n1,Xã A,Hai\n".encode("utf-16"), "is no text in UTF-8; save it from the spreadsheet as"),
        ('code,name,province\n1,"Xã A,Hai\n', "no valid CSV"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(folder, text, problem):
    assert any(problem in told for told in problems_of(folder, text))


def test_a_column_that_is_not_there_names_the_nearest(folder):
    (told,) = problems_of(folder, TABLE, columns={"name": "Ten don vi hanh chinh"})
    assert "no column 'Ten don vi hanh chinh'; did you mean 'Tên đơn vị hành chính'?" in told


def test_a_registry_that_would_have_mistakes_stays_as_it_is(folder):
    """A file that a person wrote in another form cannot be added to."""
    (folder / "communes").mkdir()
    file = folder / "communes" / "hai.yaml"
    file.write_text("agencies: []\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        bring_in(folder, TABLE)
    assert caught.value.problems[-1].startswith("nothing was written")
    assert f"{file}:" in caught.value.problems[0]
    assert file.read_text(encoding="utf-8") == "agencies: []\n"
    assert contents(folder) == {"hai.yaml": "agencies: []\n"}


def test_a_folder_that_cannot_be_written_is_named(folder):
    (folder / "communes").write_text("in the way", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        bring_in(folder, TABLE)


def test_the_whole_country_comes_in_and_loads(folder):
    communes = list(simulated_communes(340, provinces=2))
    ids = {"tinh-1": "mot-2025", "tinh-2": "hai"}
    rows = "".join(f"{one.code},{one.name_vi},{one.province_id},https://{one.host}/\n" for one in communes)
    bring_in(folder, "code,name,province,url\n" + rows, codes=ids)
    registry = load_registry(folder, at=TODAY)
    assert len(registry.communes_of("hai")) == 170
    assert len({agency.full_name("vi") for agency in registry.agencies.values()}) == 342


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Đặc khu Lý Sơn", "Dac khu Ly Son"), ("Ea H’Leo", "Ea HLeo"), ("Xã Ơ Ư ă â ê", "Xa O U a a e")],
)
def test_folding_leaves_plain_letters(text, folded):
    assert ascii_folded(text) == folded


# On the command line.


@pytest.fixture
def call(folder):
    (folder.parent / "table.csv").write_text(TABLE, encoding="utf-8")

    def run(*arguments: str, lang: str = "vi"):
        console = Console(width=120, record=True)
        context = SimpleNamespace(
            settings=SimpleNamespace(registry_dir=folder), console=console, translate=translator(lang), lang=lang
        )
        result = CliRunner().invoke(app, list(arguments), obj=context)
        return result, console.export_text()

    return run


def test_a_dry_run_tells_and_writes_nothing(call, folder):
    table = str(folder.parent / "table.csv")
    result, text = call("import-communes", table, "--source", "bảng thử", "--dry-run")
    assert result.exit_code == 0, result.exception
    assert "Chưa ghi gì; bỏ --dry-run thì sẽ thêm 4 xã, phường, đặc khu." in text
    assert not (folder / "communes").exists()


def test_the_command_tells_what_it_did(call, folder):
    table = str(folder.parent / "table.csv")
    _, text = call("import-communes", table, "--source", "a list", lang="en")
    assert "4 communes added" in text
    rows = [line.split() for line in text.splitlines() if "One" in line]
    assert [cell for cell in rows[0] if cell.isdigit()] == ["2", "1", "0", "0"]
    _, again = call("import-communes", table, "--source", "a list", lang="en")
    assert "No new communes; nothing was written." in again


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--source", " "), "--source: say in one line"),
        (("--source", "x", "--province", "01"), "'01' is no CODE=ID, such as 01=ha-noi"),
        (("--source", "x", "--province", "01=haii"), "no province 'haii'; did you mean 'hai'?"),
    ],
)
def test_what_is_asked_wrongly_is_refused(call, folder, arguments, said):
    result, _ = call("import-communes", str(folder.parent / "table.csv"), *arguments)
    assert said in str(result.exception)


def test_communes_are_listed_with_their_province(call, folder):
    call("import-communes", str(folder.parent / "table.csv"), "--source", "x")
    _, text = call("list", "--province", "hai")
    assert "thành phố Hai" in " ".join(text.replace("│", " ").split())
    assert "Một" not in text
    result, _ = call("list", "--province", "ha")
    assert "no province 'ha'; did you mean 'hai'?" in str(result.exception)
