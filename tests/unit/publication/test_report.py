"""What the report says, and in which order."""

from dataclasses import replace

from thuocdo.core.model import Block
from thuocdo.publication.document import DrawingPart, HeadingPart, PageEnd, ParagraphKind, ParagraphPart, TablePart
from thuocdo.publication.report import MOST_DRAWN, report


def headings(official):
    return [part.text for part in official.parts if isinstance(part, HeadingPart) and part.level == 1]


def test_a_summary_comes_first_and_sections_are_numbered(whole):
    assert headings(report(whole)) == [
        "Tóm tắt",
        "I. Phạm vi và cách đo",
        "II. Kết quả xếp hạng",
        "III. Thời gian tải trang chủ",
        "IV. Những gì chưa đo được và lý do",
        "V. Độ phủ: kế hoạch và thực hiện",
        "VI. Ý kiến của cơ quan và kết quả xử lý",
        "VII. Phương pháp và phiên bản",
    ]


def test_the_summary_is_short_enough_for_one_page(whole):
    parts = list(report(whole).parts)
    summary = parts[: parts.index(PageEnd())]
    assert sum(len(part.text) for part in summary) < 2_600


def test_warnings_come_before_any_figure(whole, content):
    first, second = report(content).parts[:2]
    assert first.kind is second.kind is ParagraphKind.WARNING
    assert "GIẢ LẬP" in first.text
    assert "DỰ THẢO" in second.text
    final = report(replace(whole, approved=True, synthetic=False))
    assert not [part for part in final.parts if isinstance(part, ParagraphPart) and part.kind is ParagraphKind.WARNING]
    assert final.marks == ()


def test_each_block_has_a_table_of_all_its_agencies_and_a_drawing_of_those_with_a_rank(content):
    tables = [part for part in report(content).parts if isinstance(part, TablePart)]
    ranked = [table for table in tables if table.caption.startswith("Xếp hạng")]
    assert [len(table.rows) for table in ranked] == [8, 8]
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)
    drawings = [part for part in report(content).parts if isinstance(part, DrawingPart)]
    for one in content.ranking.blocks[Block.MINISTRY]:
        name = content.agency_name(one.scorecard.agency_id)
        assert (f"{name}: {one.rank}" in drawings[0].alternative) == (one.rank is not None)


def test_without_order_no_drawing_of_times_suggests_one(a_burst):
    captions = [part.caption for part in report(a_burst).parts if isinstance(part, DrawingPart)]
    assert len(captions) == 2
    assert all(caption.startswith("Khoảng hạng theo điểm") for caption in captions)


def test_nobody_without_a_rank_has_a_place_in_the_table(content):
    rows = [row for part in report(content).parts if isinstance(part, TablePart) for row in part.rows]
    without = [row for row in rows if "không xếp hạng" in row[min(1, len(row) - 1)]]
    assert without
    assert {row[0] for row in without} == {"–"}


def test_of_very_many_agencies_none_are_drawn(content):
    member = next(one for one in content.ranking.blocks[Block.MINISTRY] if one.rank)
    many = (member,) * (MOST_DRAWN + 1)
    told = replace(content, ranking=replace(content.ranking, blocks={Block.MINISTRY: many}), comparisons=())
    assert not [part for part in report(told).parts if isinstance(part, DrawingPart)]
