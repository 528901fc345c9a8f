"""How a DOCX looks: paper, margins and letters by NĐ 30/2020, as styles, so that an office changes a look in one place."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Length, Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

FONT = "Times New Roman"
BODY_POINTS = 13.0
CELL_POINTS = 10.5


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLook:
    """Of a paragraph style: sizes in points, first_line in centimetres."""

    base: str = "Normal"
    points: float = BODY_POINTS
    bold: bool = False
    italic: bool = False
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT
    before: float = 0.0
    after: float = 0.0
    first_line: float = 0.0
    keeps_next: bool = False


_CENTRE, _JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY

LOOKS: Mapping[str, TextLook] = {
    "Title": TextLook(points=14, bold=True, align=_CENTRE, before=12, keeps_next=True),
    "Subtitle": TextLook(points=14, bold=True, align=_CENTRE, after=6, keeps_next=True),
    "Heading 1": TextLook(bold=True, before=12, after=6, keeps_next=True),
    "Heading 2": TextLook(bold=True, italic=True, before=8, after=4, keeps_next=True),
    "Body Text": TextLook(align=_JUSTIFY, after=6, first_line=1.0),
    "List": TextLook(align=_JUSTIFY, after=3),
    "Caption": TextLook(points=12, bold=True, before=8, after=4, keeps_next=True),
    "Thuoc Do Ghi chu": TextLook(points=12, italic=True, align=_JUSTIFY, before=3, after=6),
    "Thuoc Do Canh bao": TextLook(bold=True, align=_CENTRE, before=6, after=6),
    "Thuoc Do Kem theo": TextLook(italic=True, align=_CENTRE, after=8),
    "Thuoc Do O bang": TextLook(points=CELL_POINTS, before=1, after=1),
    "Thuoc Do Dau bang": TextLook(points=CELL_POINTS, bold=True, align=_CENTRE, before=1, after=1),
    "Thuoc Do Hinh": TextLook(align=_CENTRE, after=2, keeps_next=True),
    "Thuoc Do Ten hinh": TextLook(points=12, italic=True, align=_CENTRE, after=8),
    "Thuoc Do Co quan chu quan": TextLook(points=12, align=_CENTRE),
    "Thuoc Do Co quan": TextLook(points=12, bold=True, align=_CENTRE),
    "Thuoc Do Tieu ngu": TextLook(bold=True, align=_CENTRE),
    "Thuoc Do So": TextLook(align=_CENTRE, before=6),
    "Thuoc Do Ngay": TextLook(italic=True, align=_CENTRE, before=6),
    "Thuoc Do Noi nhan": TextLook(points=12, bold=True, italic=True),
    "Thuoc Do Danh sach nhan": TextLook(points=11),
    "Thuoc Do Nguoi ky": TextLook(points=14, bold=True, align=_CENTRE),
    "Thuoc Do Cho ky": TextLook(points=12, italic=True, align=_CENTRE, after=90),
    "Header": TextLook(align=_CENTRE),
}
"""By the name of the style."""


def new_document() -> Document:
    """Return an empty document with our paper, margins, language and styles."""
    return docx.Document(io.BytesIO(_template()))


@cache
def _template() -> bytes:
    """Return that document as bytes, made once: python-docx goes through all styles for each that is looked up."""
    document = docx.Document()
    _lay_out(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _lay_out(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(20), Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(18)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True
    _speak_vietnamese(document)
    known = {style.name for style in document.styles}
    for name, look in LOOKS.items():
        _apply(_style(document, name, is_known=name in known), look)
    _frame(document.styles["Thuoc Do Canh bao"])
    normal = document.styles["Normal"]
    assert isinstance(normal, ParagraphStyle), "a style of paragraphs in every template"
    _letters(normal, BODY_POINTS)
    normal.paragraph_format.space_after = Pt(0)


def text_width(document: Document) -> Length:
    """Return how wide the text may be."""
    section = document.sections[0]
    width, left, right = section.page_width, section.left_margin, section.right_margin
    assert width is not None, "laid out"
    assert left is not None, "laid out"
    assert right is not None, "laid out"
    return Length(width - left - right)


def _style(document: Document, name: str, *, is_known: bool) -> ParagraphStyle:
    styles = document.styles
    found = styles[name] if is_known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    assert isinstance(found, ParagraphStyle), "a style of paragraphs"
    return found


def _apply(style: ParagraphStyle, look: TextLook) -> None:
    _letters(style, look.points)
    style.font.bold, style.font.italic = look.bold, look.italic
    spacing = style.paragraph_format
    spacing.alignment = look.align
    spacing.space_before, spacing.space_after = Pt(look.before), Pt(look.after)
    spacing.first_line_indent = Cm(look.first_line)
    spacing.keep_with_next = look.keeps_next
    spacing.line_spacing = 1.0 if look.points < BODY_POINTS else 1.1
    # The template draws a rule below titles, and draws their letters apart.
    for properties, tag in ((style.element.get_or_add_pPr(), "w:pBdr"), (style.element.get_or_add_rPr(), "w:spacing")):
        for own in properties.findall(qn(tag)):
            properties.remove(own)


def _letters(style: ParagraphStyle, points: float) -> None:
    """Set the font under all four names that Word has for it: else Vietnamese letters come from another one."""
    style.font.name, style.font.size = FONT, Pt(points)
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)


def _frame(style: object) -> None:
    """Put a line around the paragraphs of a style."""
    assert isinstance(style, ParagraphStyle), "a style of paragraphs"
    borders = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "8"), ("space", "4"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    properties = style.element.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")


def _speak_vietnamese(document: Document) -> None:
    """Say which language the text is in: screen readers and spelling go by it."""
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "vi-VN")
