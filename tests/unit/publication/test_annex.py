"""The annex of one agency."""

import pytest

from thuocdo.publication.annex import annex
from thuocdo.publication.document import ParagraphPart, TablePart


def texts(official):
    return " ".join(part.text for part in official.parts if isinstance(part, ParagraphPart))


def table(official, caption):
    return next(part for part in official.parts if isinstance(part, TablePart) and part.caption == caption)


def one_with(content, is_so):
    return next(name for name, one in content.members.items() if is_so(one))


def test_an_agency_reads_its_own_places_and_those_that_are_possible(content):
    name = one_with(content, lambda one: one.rank is not None and one.may_move)
    one = content.members[name]
    assert f"Hạng {one.rank}" in texts(annex(content, name))
    assert "cơ quan được xếp hạng ở khối" in texts(annex(content, name))
    assert f"hạng có thể là {one.best_rank}" in texts(annex(content, name))


def test_an_agency_without_a_rank_reads_why(content):
    name = one_with(content, lambda one: one.rank is None)
    assert "Cơ quan không được xếp hạng trong đợt này. Lý do: " in texts(annex(content, name))


def test_its_own_sheet_has_places_that_are_no_wider_than_those_of_all(content):
    compared = content.comparisons[0].times.agencies[0]
    rows = table(annex(content, compared.agency_id), "Thời gian tải trang chủ của cơ quan").rows
    assert [row[0] for row in rows] == ["Máy tính", "Điện thoại"]
    assert rows[0][4] in (f"{compared.own_first}", f"{compared.own_first}–{compared.own_last}")
    assert compared.first <= compared.own_first <= compared.own_last <= compared.last


def test_each_criterion_has_its_points_or_the_reason_why_there_are_none(content):
    for name in content.members:
        rows = table(annex(content, name), "Điểm theo tiêu chí").rows
        assert len(rows) == len(content.criteria.criteria)
        assert all(row[4] for row in rows if row[1] == "–")


def test_what_was_not_measured_is_told_with_what_to_do(content):
    name = one_with(content, lambda one: any(reason.reason == "blocked" for reason in one.scorecard.reasons))
    rows = table(annex(content, name), "Những lần đo không có số liệu, lý do và việc cần làm").rows
    assert any(row[1] == "Bị tường lửa chặn" and "hai bên cần thống nhất" in row[3] for row in rows)


def test_measurements_are_those_of_the_agency_alone(content):
    name = next(iter(content.members))
    rows = table(annex(content, name), "Các lần đo theo kết luận").rows
    assert len(rows) == sum(one.ok is not None for one in content.of_agency(name))


def test_objections_are_those_of_the_agency_with_what_was_decided(whole):
    first, second, third, *_ = whole.members
    assert "Ý kiến số 01/YK" in texts(annex(whole, first))
    assert "02/YK" not in texts(annex(whole, first))
    assert "Kết quả xử lý: Chưa xử lý." in texts(annex(whole, second))
    assert "Im lặng được ghi nhận" in texts(annex(whole, third))


@pytest.mark.parametrize(
    ("days", "told"), [(10, "trong 10 ngày làm việc"), (None, "có quyền nêu ý kiến về kết quả này trước khi")]
)
def test_how_to_object_is_told_with_the_days_there_are(whole, content, days, told):
    shown = whole if days else content
    text = texts(annex(shown, next(iter(shown.members))))
    assert told in text
    assert "Nơi nhận ý kiến: Phòng Đo lường" in text
