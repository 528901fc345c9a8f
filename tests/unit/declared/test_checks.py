"""What does not add up, with both numbers."""

import pytest

from thuocdo.declared.checks import Doubt, findings

HEAD = "Đơn vị;Kỳ;{}\n"


@pytest.fixture
def doubts(rows):
    def found(columns, *lines):
        table = HEAD.format(columns) + "".join(f"{line}\n" for line in lines)
        return [(one.doubt, one.key.unit_id, one.told, one.counted) for one in findings(rows(table))]

    return found


TU, XD = "Sở Tư pháp", "Sở Xây dựng"


def test_a_total_is_its_parts_or_its_parts_with_what_was_carried_over(doubts):
    columns = "Tiếp nhận;Trực tuyến;Trực tiếp;Kỳ trước"
    assert doubts(columns, f"{TU};10/2026;15;10;5;2", f"{XD};10/2026;17;10;5;2") == []
    assert doubts(columns, f"{TU};10/2026;16;10;5;2") == [(Doubt.TOTAL_DIFFERS, "so-tu-phap", 16, 15)]


def test_solved_is_before_on_time_and_late(doubts):
    columns = "Đã giải quyết;Trước hạn;Đúng hạn;Quá hạn"
    assert doubts(columns, f"{TU};10/2026;15;10;4;1") == []
    assert doubts(columns, f"{TU};10/2026;15;10;4;2") == [(Doubt.SOLVED_DIFFERS, "so-tu-phap", 15, 16)]


def test_no_more_online_than_at_all(doubts):
    assert doubts("Tiếp nhận;Trực tuyến", f"{TU};10/2026;15;16") == [(Doubt.MORE_ONLINE, "so-tu-phap", 16, 15)]


def test_no_more_content_people_than_people(doubts):
    assert doubts("Số lượt đánh giá;Hài lòng", f"{TU};10/2026;15;16") == [(Doubt.MORE_SATISFIED, "so-tu-phap", 16, 15)]


@pytest.mark.parametrize(
    ("told", "fits"), [("95,65", True), ("95,7", True), ("95,61", True), ("95,60", False), ("99,5", False)]
)
def test_a_published_share_is_reckoned_anew(doubts, told, fits):
    found = doubts("Trước hạn;Đúng hạn;Quá hạn;Tỷ lệ đúng hạn", f"{TU};10/2026;1000;100;50;{told}")
    assert [one[0] for one in found] == ([] if fits else [Doubt.RATE_DIFFERS])


def test_a_share_of_all_that_was_due_fits_where_that_is_how_it_is_counted(doubts):
    columns = "Trước hạn;Đúng hạn;Quá hạn;Đang giải quyết quá hạn;Tỷ lệ đúng hạn;Cách tính tỷ lệ"
    line = f"{TU};10/2026;80;0;10;10;80;"
    assert doubts(columns, line) == []  # one of both definitions fits, and nobody said which
    assert doubts(columns, f"{line}trên số đến hạn") == []
    assert [one[0] for one in doubts(columns, f"{line}trên số đã giải quyết")] == [Doubt.RATE_DIFFERS]


def test_a_smooth_share_that_stays_while_counts_change_is_suspicious(doubts):
    lines = [f"{TU};{month}/2026;{1000 + month};99,5" for month in (7, 8, 9)]
    assert doubts("Tiếp nhận;Tỷ lệ đúng hạn", *lines) == [(Doubt.RATE_CONSTANT, "so-tu-phap", 99.5, 3)]
    assert doubts("Tiếp nhận;Tỷ lệ đúng hạn", *lines[:2]) == []
    assert doubts("Tiếp nhận;Tỷ lệ đúng hạn", lines[0], lines[1].replace("99,5", "99,4"), lines[2]) == []


def test_a_hundred_percent_that_its_counts_bear_out_is_no_wonder(doubts):
    lines = [f"{TU};{month}/2026;{100 + month};0;0;100" for month in (7, 8, 9)]
    assert doubts("Trước hạn;Đúng hạn;Quá hạn;Tỷ lệ đúng hạn", *lines) == []


def test_what_is_summed_up_since_new_year_never_falls(doubts):
    columns = "Loại kỳ;Tiếp nhận;Đang giải quyết quá hạn"
    lines = [f"{TU};9/2026;luỹ kế;100;9", f"{TU};10/2026;luỹ kế;90;3"]
    assert doubts(columns, *lines) == [(Doubt.FALLS, "so-tu-phap", 90, 100)]
    assert doubts(columns, lines[0].replace("9/2026", "12/2025"), lines[1]) == []


def test_units_make_up_the_agency(doubts):
    lines = [f"{TU};10/2026;10", f"{XD};10/2026;20", "Tổng cộng;10/2026;30"]
    assert doubts("Tiếp nhận", *lines) == []
    assert doubts("Tiếp nhận", *lines[:2], "Tổng cộng;10/2026;31") == [(Doubt.UNITS_DIFFER, "", 31, 30)]
    assert doubts("Tiếp nhận", lines[0], "Tổng cộng;10/2026;31") == []  # one unit alone need not be all of it


def test_a_table_that_comes_again_is_noticed_where_it_cannot_be_chance(doubts):
    columns = "Tiếp nhận;Trực tuyến;Trước hạn"
    assert doubts(columns, f"{TU};9/2026;100;50;40", f"{TU};10/2026;100;50;40") == [
        (Doubt.REPEATED, "so-tu-phap", 190, 190)
    ]
    assert doubts(columns, f"{TU};9/2026;3;2;1", f"{TU};10/2026;3;2;1") == []
