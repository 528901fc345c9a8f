"""An official document as DOCX."""

import io
import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from thuocdo.publication.document import (
    CellAlign,
    DocumentPart,
    DrawingPart,
    HeadingPart,
    LetterEnd,
    LetterHead,
    OfficialDocument,
    PageEnd,
    ParagraphKind,
    ParagraphPart,
    TablePart,
)
from thuocdo.publication.docx_styles import FONT, new_document, text_width
from thuocdo.publication.drawing import picture_of
from thuocdo.publication.texts import fixed_text
from thuocdo.publication.zipped import with_fixed_times

_ALIGNED = {
    CellAlign.LEFT: WD_ALIGN_PARAGRAPH.LEFT,
    CellAlign.CENTRE: WD_ALIGN_PARAGRAPH.CENTER,
    CellAlign.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT,
}
_STYLES = {
    ParagraphKind.BODY: "Body Text",
    ParagraphKind.ITEM: "List",
    ParagraphKind.NOTE: "Thuoc Do Ghi chu",
    ParagraphKind.WARNING: "Thuoc Do Canh bao",
}
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)


def docx_bytes(official: OfficialDocument) -> bytes:
    """Return a document as DOCX; the same document gives the same bytes."""
    document = new_document()
    _Writer(document).write(official)
    made_at = official.made_at.replace(tzinfo=None)
    properties = document.core_properties
    properties.title, properties.author, properties.language = official.title, "Thước Đo", "vi-VN"
    properties.created = properties.modified = made_at
    properties.comments = ". ".join(official.marks)
    out = io.BytesIO()
    document.save(out)
    return with_fixed_times(out.getvalue())


class _Writer:
    """Writes one document; tables and drawings are numbered as they come."""

    def __init__(self, document: Document) -> None:
        self._document = document
        # Looked up once: python-docx goes through all styles for every paragraph, which takes seconds in long tables.
        self._styles = {style.name or "": style.style_id for style in document.styles}
        self._width = text_width(document)
        self._tables = self._drawings = 0
        self._begins_page = False

    def write(self, official: OfficialDocument) -> None:
        self._headers(official.marks)
        if official.head:
            self._head(official.head)
        self._add(official.kind, "Title")
        self._add(official.title if official.head else official.title.upper(), "Subtitle")
        if official.attached_to:
            self._add(official.attached_to, "Thuoc Do Kem theo")
        for part in official.parts:
            self._part(part)
        if official.end:
            self._end(official.end)

    def _add(self, text: str, style: str) -> Paragraph:
        added = self._filled(self._document.add_paragraph(), text, style)
        if self._begins_page:
            added.paragraph_format.page_break_before, self._begins_page = True, False
        return added

    def _filled(self, paragraph: Paragraph, text: str, style: str) -> Paragraph:
        paragraph._p.style = self._styles[style]  # noqa: SLF001 - see above
        paragraph.add_run(_plain(text))
        return paragraph

    def _part(self, part: DocumentPart) -> None:
        match part:
            case HeadingPart():
                self._add(part.text, f"Heading {part.level}")
            case ParagraphPart():
                self._add(part.text, _STYLES[part.kind])
            case TablePart():
                self._table(part)
            case DrawingPart():
                self._drawing(part)
            case PageEnd():
                # A break of its own would be a line of its own, and after a full page an empty one.
                self._begins_page = True

    def _table(self, part: TablePart) -> None:
        self._tables += 1
        self._add(fixed_text("package.table.number", number=self._tables, caption=part.caption), "Caption")
        table = self._document.add_table(rows=1, cols=len(part.columns), style="Table Grid")
        _name(table, part.caption)
        whole = sum(column.share for column in part.columns)
        widths = [Emu(int(self._width * column.share / whole)) for column in part.columns]
        _set_widths(table, widths)
        for cell, column in zip(table.rows[0].cells, part.columns, strict=True):
            self._filled(cell.paragraphs[0], column.title, "Thuoc Do Dau bang")
        _mark_row(table.rows[0], "w:tblHeader")
        # Cells by way of `table.cell` are looked up anew each time, which takes minutes in long tables.
        for row in part.rows:
            added = table.add_row()
            for cell, text, column in zip(added.cells, row, part.columns, strict=True):
                written = self._filled(cell.paragraphs[0], text, "Thuoc Do O bang")
                if column.align is not CellAlign.LEFT:
                    written.alignment = _ALIGNED[column.align]
        for added in table.rows:
            _mark_row(added, "w:cantSplit")
        self._add("", "Thuoc Do O bang")

    def _drawing(self, part: DrawingPart) -> None:
        self._drawings += 1
        run = self._document.add_paragraph(style="Thuoc Do Hinh").add_run()
        shape = run.add_picture(io.BytesIO(picture_of(part.svg)), width=self._width)
        highest = Cm(22.5)
        if shape.height > highest:
            shape.width, shape.height = Emu(int(shape.width * highest / shape.height)), highest
        properties = shape._inline.docPr  # noqa: SLF001 - python-docx has no other way to it
        properties.set("descr", _plain(part.alternative))
        properties.set("name", _plain(part.caption))
        self._add(fixed_text("package.chart.number", number=self._drawings, caption=part.caption), "Thuoc Do Ten hinh")

    def _head(self, head: LetterHead) -> None:
        left, right = self._two_columns(0.42)
        if head.parent:
            self._filled(left.paragraphs[0], head.parent, "Thuoc Do Co quan chu quan")
            self._filled(left.add_paragraph(), head.body, "Thuoc Do Co quan")
        else:
            self._filled(left.paragraphs[0], head.body, "Thuoc Do Co quan")
        _rule(left, 0.38)
        self._filled(left.add_paragraph(), head.number, "Thuoc Do So")
        self._filled(right.paragraphs[0], fixed_text("package.letter.nation"), "Thuoc Do Co quan")
        self._filled(right.add_paragraph(), fixed_text("package.letter.motto"), "Thuoc Do Tieu ngu")
        _rule(right, 0.62)
        self._filled(right.add_paragraph(), head.place_and_day, "Thuoc Do Ngay")

    def _end(self, end: LetterEnd) -> None:
        self._add("", "Body Text")
        left, right = self._two_columns(0.5)
        self._filled(left.paragraphs[0], fixed_text("package.letter.recipients"), "Thuoc Do Noi nhan")
        for line in end.recipients:
            self._filled(left.add_paragraph(), line, "Thuoc Do Danh sach nhan")
        self._filled(right.paragraphs[0], end.signer_title, "Thuoc Do Nguoi ky")
        self._filled(right.add_paragraph(), fixed_text("package.letter.signature"), "Thuoc Do Cho ky")

    def _two_columns(self, share: float) -> tuple[_Cell, _Cell]:
        table = self._document.add_table(rows=1, cols=2)
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        _set_widths(table, [Emu(int(self._width * share)), Emu(int(self._width * (1 - share)))])
        _mark_row(table.rows[0], "w:cantSplit")
        left, right = table.rows[0].cells
        return left, right

    def _headers(self, marks: Sequence[str]) -> None:
        """Number all pages but the first, in the middle of the top; marks stand behind the text of every page."""
        section = self._document.sections[0]
        number = section.header.paragraphs[0]
        for kind, text in (("begin", None), (None, "PAGE"), ("separate", None), (None, "2"), ("end", None)):
            number.add_run()._r.append(_field(kind, text))  # noqa: SLF001 - python-docx writes no fields
        first = section.first_page_header.paragraphs[0]
        for place, paragraph in enumerate((number, first)):
            for line, mark in enumerate(marks):
                paragraph.add_run()._r.append(_watermark(mark, line, f"{place}-{line}"))  # noqa: SLF001


def _plain(text: str) -> str:
    """Return text as XML can hold it: a portal's words are among it."""
    return _NO_XML.sub("\ufffd", text)


def _set_widths(table: Table, widths: Sequence[Emu]) -> None:
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width


def _name(table: Table, caption: str) -> None:
    """Give a table the name that a screen reader tells."""
    named = OxmlElement("w:tblCaption")
    named.set(qn("w:val"), _plain(caption))
    table._tbl.tblPr.append(named)  # noqa: SLF001 - python-docx has no other way to it


def _mark_row(row: Any, tag: str) -> None:
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx knows neither mark
    properties.append(OxmlElement(tag))


def _rule(cell: _Cell, share: float) -> None:
    """Draw a short line in the middle of a cell."""
    paragraph = cell.add_paragraph(style="Thuoc Do O bang")
    width = cell.width or Cm(7)
    spacing = paragraph.paragraph_format
    spacing.space_before = Pt(3)
    spacing.left_indent = spacing.right_indent = Emu(int(width * (1 - share) / 2))
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().insert_element_before(borders, "w:spacing", "w:ind", "w:jc")  # noqa: SLF001


def _field(kind: str | None, text: str | None) -> Any:
    """Return a part of a field: where it begins or ends, its instruction, or what it showed last."""
    if kind:
        part = OxmlElement("w:fldChar")
        part.set(qn("w:fldCharType"), kind)
        return part
    part = OxmlElement("w:instrText" if text == "PAGE" else "w:t")
    part.text = text
    return part


def _watermark(mark: str, line: int, number: str) -> Any:
    """Return grey letters across the page; line: how many stand above."""
    points = 72 if len(mark) < 12 else 40
    width = min(int(len(mark) * points * 0.62), 560)
    style = (
        f"position:absolute;margin-left:0;margin-top:{line * 110}pt;width:{width}pt;height:{points}pt;rotation:325;"
        "z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        "mso-position-vertical:center;mso-position-vertical-relative:margin"
    )
    if line:
        style = style.replace("mso-position-vertical:center;", "")
    return parse_xml(
        f'<w:pict {_NAMESPACES}><v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
        'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>'
        '<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
        '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/></v:formulas>'
        '<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>'
        f'<v:shape id="thuocdo-{number}" o:spid="_x0000_s{2049 + line}" type="#_x0000_t136" alt={quoteattr(mark)} '
        f'style="{style}" fillcolor="#dcdcdc" stroked="f"><v:fill opacity=".5"/>'
        f'<v:textpath style="font-family:&quot;{FONT}&quot;;font-size:1pt" string={quoteattr(mark)}/></v:shape></w:pict>'
    )
