"""A package of a made-up round, printed by the real browser and opened by LibreOffice, poppler and qpdf: as others see it."""

import csv
import io
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from openpyxl import load_workbook

from benchmarks.made_up_round import HOSTILE_NAME, MadeUpRound, made_up_content
from probes.chromium.executable import find_browser
from probes.chromium.printing import PagePrinter
from thuocdo.core.setting_groups import BrowserSettings
from thuocdo.publication.annex import annex
from thuocdo.publication.html_page import html_page
from thuocdo.publication.packing import package_files, write_package
from thuocdo.publication.report import report
from thuocdo.store import Store

pytestmark = pytest.mark.turns(share=0.5)

AGENCY = "quang-ninh"


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('round')}/store.sqlite") as store:
        return made_up_content(store, MadeUpRound(agencies=12, days=3))


@pytest.fixture(scope="module")
def printer(require):
    require(find_browser(BrowserSettings()), "a Chromium", "run `make browser`")
    with PagePrinter.open(BrowserSettings()) as opened:
        yield opened


@pytest.fixture(scope="module")
def package(tmp_path_factory, content, printer):
    """The folder of the package: the whole report, and the annex of one agency."""
    files = (
        (path, made)
        for path, made in package_files(content, printer)
        if not path.startswith("phu-luc/") or AGENCY in path
    )
    return write_package(files, tmp_path_factory.mktemp("package") / "goi").folder


@pytest.fixture(scope="module")
def converted(tmp_path_factory, require, package):
    """What LibreOffice makes of all office files, in one start: PDF of each, and the workbook reckoned anew, sheet by sheet."""
    program = shutil.which("soffice")
    require(program, "LibreOffice", "apt-get install libreoffice-calc-nogui libreoffice-writer-nogui")
    folder = tmp_path_factory.mktemp("converted")
    profile = f"-env:UserInstallation=file://{folder}/profile"
    _reckon_always(folder / "profile")
    office = [str(package / name) for name in ("bao-cao.docx", "phu-luc.xlsx", f"phu-luc/{AGENCY}.docx")]
    command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *office]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    again = [
        program,
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(folder / "reckoned"),
    ]
    subprocess.run([*again, office[1]], check=True, capture_output=True, timeout=300)
    return folder


def _reckon_always(profile: Path) -> None:
    """Have LibreOffice reckon formulas anew when it opens a workbook, whatever values are stored."""
    settings = profile / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        '<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">'
        "<value>0</value></prop></item></oor:items>",
        encoding="utf-8",
    )


def text_of(file, *options):
    done = subprocess.run(["pdftotext", *options, str(file), "-"], check=True, capture_output=True, timeout=60)
    return " ".join(done.stdout.decode().split())


def pages_of(file):
    with pikepdf.open(file) as opened:
        return len(opened.pages)


def test_formulas_reckoned_anew_are_the_stored_values(package, converted):
    stored = load_workbook(package / "phu-luc.xlsx", data_only=True)
    formulas = load_workbook(package / "phu-luc.xlsx")
    reckoned = load_workbook(converted / "reckoned" / "phu-luc.xlsx", data_only=True)
    assert reckoned.sheetnames == stored.sheetnames
    number = 0
    for sheet in formulas:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    place = cell.coordinate
                    value = reckoned[sheet.title][place].value
                    assert value == pytest.approx(stored[sheet.title][place].value, abs=0.001), (sheet.title, place)
                    number += 1
    assert number > 100


def test_libreoffice_reckons_when_it_is_told_to(package, converted, tmp_path):
    """Else the test above would compare stored values with themselves."""
    workbook = load_workbook(package / "phu-luc.xlsx")
    data = workbook["7 Dữ liệu"]
    ok = next(cell.column for cell in data[1] if cell.value == "Đo được")
    row = next(row for row in range(2, data.max_row) if data.cell(row, ok).value)
    agency, before = data.cell(row, 2).value, data.cell(row, ok).value
    data.cell(row, ok).value = before + 1_000
    workbook.save(tmp_path / "changed.xlsx")
    command = ["soffice", f"-env:UserInstallation=file://{converted}/profile", "--headless", "--convert-to"]
    command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(tmp_path / "changed.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    sheets = [
        load_workbook(file, data_only=True)["1 Xếp hạng"]
        for file in (package / "phu-luc.xlsx", tmp_path / "out" / "changed.xlsx")
    ]
    taken = next(cell.column for cell in sheets[0][5] if cell.value == "Lần đo thực hiện")
    line = next(row[0].row for row in sheets[0].iter_rows() if row[-1].value == agency)
    assert sheets[1].cell(line, taken).value == sheets[0].cell(line, taken).value + 1_000


def test_values_and_hostile_text_survive_the_way_through_another_program(package, converted):
    files = (package / "phu-luc.xlsx", converted / "reckoned" / "phu-luc.xlsx")
    before, after = (list(load_workbook(file, data_only=True)["7 Dữ liệu"].values) for file in files)
    assert after == before
    # LibreOffice writes truth values as =TRUE().
    formulas = {
        str(cell.value)
        for row in load_workbook(files[1])["7 Dữ liệu"].iter_rows()
        for cell in row
        if cell.data_type == "f"
    }
    assert formulas <= {"=TRUE()", "=FALSE()"}
    assert HOSTILE_NAME in {value for row in after for value in row}


def test_sheet_and_csv_say_the_same(package):
    sheet = load_workbook(package / "phu-luc.xlsx", data_only=True)["7 Dữ liệu"]
    lines = list(csv.reader(io.StringIO((package / "csv" / "so-lieu.csv").read_text(encoding="utf-8-sig"))))
    assert len(lines) == sheet.max_row
    for line, row in zip(lines[1:], sheet.iter_rows(min_row=2, values_only=True), strict=True):
        for text, value in zip(line, row, strict=True):
            if isinstance(value, int | float) and not isinstance(value, bool):
                assert float(text) == value
            elif value is None:
                assert text == ""


@pytest.mark.parametrize("name", ["bao-cao", AGENCY])
def test_word_files_open_with_their_text_head_and_marks(converted, package, name):
    file = converted / f"{name}.pdf"
    text = text_of(file)
    assert "SỐ LIỆU GIẢ LẬP: mọi con số" in text
    assert ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text) == (name == "bao-cao")
    fonts = subprocess.run(["pdffonts", str(file)], check=True, capture_output=True, timeout=60).stdout.decode()
    assert "TimesNewRoman" in fonts.replace(" ", "") or "LiberationSerif" in fonts


@pytest.mark.parametrize("kind", ["word", "pdf"])
def test_the_summary_has_one_page_and_what_follows_begins_the_next(converted, package, kind):
    file = converted / "bao-cao.pdf" if kind == "word" else package / "bao-cao.pdf"
    assert "Tóm tắt" in text_of(file, "-f", "1", "-l", "1")
    assert "I. Phạm vi và cách đo" in text_of(file, "-f", "2", "-l", "2")
    assert "I. Phạm vi" not in text_of(file, "-f", "1", "-l", "1")


def test_the_ranking_prints_on_as_few_pages_as_there_are_blocks(converted):
    pages = [text_of(converted / "phu-luc.pdf", "-f", str(n), "-l", str(n)) for n in (1, 2, 3)]
    assert ["1 Xếp hạng" in page for page in pages] == [True, True, False]
    assert all("Hạng có thể" in page and "DỰ THẢO – SỐ LIỆU GIẢ LẬP" in page for page in pages[:2])


@pytest.mark.parametrize("name", ["bao-cao", f"phu-luc/{AGENCY}"])
def test_pdf_files_are_tagged_in_vietnamese_with_heads_of_tables(package, name):
    with pikepdf.open(package / f"{name}.pdf") as opened:
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang) == "vi"
        tags = _tags(opened.Root.StructTreeRoot)
        assert str(opened.docinfo["/Title"])
        assert {"/H1", "/H2", "/P", "/Table", "/TR", "/TH", "/TD", "/Caption"} <= {tag for tag, _ in tags}
        figures = [str(node.get("/Alt", "")) for tag, node in tags if tag == "/Figure"]
        assert all(figures)
        assert bool(figures) == (name == "bao-cao")
        scopes = {str(_scope(node)) for tag, node in tags if tag == "/TH"}
        assert scopes == {"/Column", "/Row"}


def _tags(node):
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Array):
            waiting.extend(one)
        elif isinstance(one, pikepdf.Dictionary):
            if "/S" in one:
                found.append((str(one.S), one))
            if "/K" in one:
                waiting.append(one.K)
    return found


def _scope(node):
    given = node.get("/A", pikepdf.Array())
    parts = given if isinstance(given, pikepdf.Array) else [given]
    return next((part.Scope for part in parts if isinstance(part, pikepdf.Dictionary) and "/Scope" in part), "")


def test_pdf_pages_are_numbered_but_for_the_first_and_fonts_are_embedded(package):
    file = package / "bao-cao.pdf"
    assert text_of(file, "-f", "2", "-l", "2", "-y", "0", "-H", "60", "-x", "0", "-W", "600") == "2"
    assert text_of(file, "-f", "1", "-l", "1", "-y", "0", "-H", "50", "-x", "0", "-W", "600") == ""
    fonts = subprocess.run(["pdffonts", str(file)], check=True, capture_output=True, timeout=60).stdout.decode()
    embedded = [line.split()[-5] for line in fonts.splitlines()[2:]]
    assert set(embedded) == {"yes"}


def test_word_and_pdf_say_the_same(package, converted):
    """Line breaks and hyphens are each program's own; words are not."""
    word, pdf = (text_of(file).split() for file in (converted / f"{AGENCY}.pdf", package / "phu-luc" / f"{AGENCY}.pdf"))
    missing = set(pdf) - set(word)
    assert len(missing) <= 0.03 * len(set(pdf)), sorted(missing)[:20]


def test_the_same_page_is_printed_to_the_same_bytes(content, printer, package):
    official = report(content)
    assert printer.pdf(html_page(official), official.made_at) == (package / "bao-cao.pdf").read_bytes()
    own = annex(content, AGENCY)
    with ThreadPoolExecutor(1) as other:  # Playwright leads one browser a thread
        again = other.submit(_printed_by_another, html_page(own), own.made_at).result()
    assert again == (package / "phu-luc" / f"{AGENCY}.pdf").read_bytes()


def _printed_by_another(page, made_at):
    with PagePrinter.open(BrowserSettings()) as another:
        return another.pdf(page, made_at)


def test_a_page_that_is_printed_reaches_nobody(printer):
    """A browser without a network and without scripts prints what there is."""
    hostile = (
        '<html lang="vi"><head><title>x</title></head><body><p>đây</p><img src="http://127.0.0.1:1/x" alt="">'
        "<script>document.body.textContent = 'chạy'</script></body></html>"
    )
    printed = printer.pdf(hostile, datetime(2026, 1, 1, tzinfo=UTC))
    with pikepdf.open(io.BytesIO(printed)) as opened:
        assert len(opened.pages) == 1
        assert str(opened.docinfo["/CreationDate"]) == "D:20260101000000+00'00'"
