"""The report as DOCX, read back: layout by NĐ 30/2020, styles, tables, pictures."""

import io
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm

from thuocdo.publication.annex import annex
from thuocdo.publication.document import ParagraphPart
from thuocdo.publication.docx_file import docx_bytes
from thuocdo.publication.docx_styles import LOOKS
from thuocdo.publication.report import report


@pytest.fixture(scope="module")
def written(whole):
    return docx_bytes(report(whole))


@pytest.fixture(scope="module")
def document(written):
    return docx.Document(io.BytesIO(written))


def all_text(document):
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def test_paper_and_margins_are_those_of_the_decree(document):
    section = document.sections[0]
    assert section.page_width == pytest.approx(Mm(210), abs=Mm(0.1))
    assert section.page_height == pytest.approx(Mm(297), abs=Mm(0.1))
    assert Mm(20) <= section.top_margin <= Mm(25)
    assert Mm(30) <= section.left_margin <= Mm(35)
    assert Mm(15) <= section.right_margin <= Mm(20)


def test_the_head_has_the_nation_the_body_and_blanks(document):
    left, right = document.tables[0].rows[0].cells
    assert left.text.splitlines()[:2] == ["BỘ THỬ NGHIỆM (GIẢ ĐỊNH)", "TRUNG TÂM ĐO LƯỜNG MẪU"]
    assert right.text.splitlines()[:2] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    assert "Số:         /BC-TTĐLM" in left.text
    assert "Hà Nội, ngày      tháng      năm 20…" in right.text


def test_without_an_issuing_body_its_places_are_blank(whole):
    told = docx.Document(io.BytesIO(docx_bytes(report(replace(whole, issuer=None)))))
    left, right = told.tables[0].rows[0].cells
    assert left.text.splitlines()[:2] == ["…………", "…………"]
    assert right.text.splitlines()[-1].startswith("………, ngày")
    assert told.tables[-1].rows[0].cells[1].text.startswith("…………")


def test_the_end_has_recipients_and_an_empty_place_to_sign(document):
    left, right = document.tables[-1].rows[0].cells
    assert left.text.splitlines() == [
        "Nơi nhận:",
        "- Các cơ quan có tên trong Phụ lục;",
        "- Lãnh đạo Trung tâm (để báo cáo);",
        "- Lưu: VT, ĐL.",
    ]
    assert right.text.splitlines() == ["GIÁM ĐỐC", "(Ký, ghi rõ họ tên, đóng dấu)"]


def test_the_summary_comes_first_and_what_follows_begins_a_page(document):
    headings = [one for one in document.paragraphs if one.style.name == "Heading 1"]
    assert headings[0].text == "Tóm tắt"
    assert headings[1].text == "I. Phạm vi và cách đo"
    assert [one.text for one in document.paragraphs if one.paragraph_format.page_break_before] == [headings[1].text]


def test_looks_come_from_styles_and_the_font_is_times_new_roman(document):
    for paragraph in document.paragraphs:
        assert paragraph.style.name in LOOKS, paragraph.style.name
        assert all(run.font.size is None and run.font.name is None and run.bold is None for run in paragraph.runs)
    for name in LOOKS:
        fonts = document.styles[name].element.rPr.rFonts
        assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia", "cs")} == {"Times New Roman"}


def test_heads_of_tables_are_repeated_and_no_row_is_split(document):
    for table in document.tables[1:-1]:
        rows = table._tbl.tr_lst
        assert rows[0].trPr.find(qn("w:tblHeader")) is not None
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
        assert all(row.trPr.find(qn("w:tblHeader")) is None for row in rows[1:])
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))


def test_drawings_have_an_alternative_that_tells_their_places(document, whole):
    described = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert len(described) == 6
    first = next(iter(whole.members.values()))
    assert f"{whole.agency_name(first.scorecard.agency_id)}: 1" in described[0]


def test_pages_are_numbered_at_the_top_but_for_the_first(document):
    section = document.sections[0]
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    assert "PAGE" not in section.first_page_header._element.xml


def test_a_draft_of_simulated_figures_has_both_marks_on_each_page(document, whole):
    section = document.sections[0]
    for header in (section.header, section.first_page_header):
        marks = [
            one.get("string")
            for one in header._element.iter("{urn:schemas-microsoft-com:vml}textpath")
            if one.get("string")
        ]
        assert marks == ["DỰ THẢO", "SỐ LIỆU GIẢ LẬP"]
    final = docx.Document(io.BytesIO(docx_bytes(report(replace(whole, approved=True, synthetic=False)))))
    assert "textpath" not in final.sections[0].header._element.xml
    assert "DỰ THẢO" not in all_text(final)
    assert "GIẢ LẬP:" not in all_text(final)


def test_the_language_is_vietnamese(document):
    languages = {one.get(qn("w:val")) for one in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"vi-VN"}
    assert document.core_properties.language == "vi-VN"


def test_what_was_overruled_is_printed_with_its_reason(document):
    assert (
        "Độ phủ dưới kế hoạch. Người quyết định: Lê Văn Bình, ngày 20/10/2026. Lý do: Hai trạm đo mất điện."
        in all_text(document)
    )


def test_the_same_document_gives_the_same_bytes_and_no_file_has_a_time(whole, written):
    assert docx_bytes(report(whole)) == written
    with zipfile.ZipFile(io.BytesIO(written)) as opened:
        assert {one.date_time for one in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_annex_names_its_report_with_blanks(whole):
    name = next(iter(whole.members))
    told = docx.Document(io.BytesIO(docx_bytes(annex(whole, name))))
    texts = [one.text for one in told.paragraphs]
    assert texts[0] == "Phụ lục riêng"
    assert texts[1].startswith("KẾT QUẢ ĐO CỦA ")
    assert (
        texts[2] == "(Kèm theo Báo cáo số:         /BC-TTĐLM ngày      tháng      năm 20… của Trung tâm Đo lường mẫu)"
    )


def test_letters_that_no_xml_holds_are_shown_as_such(whole):
    official = report(whole)
    odd = replace(official, parts=[ParagraphPart(text="a\x00b\x0bc\ud800d")])
    told = docx.Document(io.BytesIO(docx_bytes(odd)))
    assert "a\ufffdb\ufffdc\ufffdd" in all_text(told)
