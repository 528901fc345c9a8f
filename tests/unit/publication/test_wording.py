"""Sentences made of results never claim more than these hold."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thuocdo.core.model import Block
from thuocdo.publication.annex import annex
from thuocdo.publication.document import ParagraphPart
from thuocdo.publication.report import report
from thuocdo.publication.wording import (
    MOST_NAMED,
    coverage_sentence,
    listed,
    not_counted_sentences,
    objection_sentences,
    ranking_sentences,
    separable,
    times_in_short,
    times_sentences,
)

CLAIM = "tải nhanh hơn"


def texts(official):
    return [part.text for part in official.parts if isinstance(part, ParagraphPart)]


def test_all_pairs_that_can_be_told_apart_are_known_and_no_others(content):
    for one in content.comparisons:
        names = [agency.agency_id for agency in one.times.agencies]
        pairs = {(name, other) for name, behind in separable(one.times) for other in behind}
        expected = {
            (names[i], names[j]) for i in range(len(names)) for j in range(len(names)) if one.times.is_before[i, j]
        }
        assert pairs == expected != set()


def test_where_no_order_is_told_nobody_is_called_faster_in_any_file(a_burst):
    assert not any(one.times.tells_order for one in a_burst.comparisons)
    documents = [report(a_burst), *(annex(a_burst, name) for name in a_burst.members)]
    claims = [text for one in documents for text in texts(one) if CLAIM in text and "cơ quan" in text]
    assert [text for text in claims if not re.search("chưa|không|Chỉ khi", text)] == []
    assert any("chưa thể nói" in text for text in texts(documents[0]))


def test_pairs_of_a_comparison_that_tells_no_order_are_told_to_nobody(content):
    times = content.comparisons[0].times
    assert separable(times)
    assert separable(replace(times, tells_order=False)) == []


SIDES = {"tải nhanh hơn {} cơ quan": 0, "có {} cơ quan tải nhanh hơn cơ quan này": 1}


@pytest.mark.parametrize("claim", SIDES)
def test_an_annex_names_as_slower_or_faster_only_whom_the_agency_can_be_told_from(content, claim):
    by_name = {content.agency_name(name): name for name in content.members}
    found = 0
    for agency_id, one in content.members.items():
        for text in texts(annex(content, agency_id)):
            told = re.match(rf"(Máy tính|Điện thoại): {claim.format('([0-9]+)')}: (.*)\.$", text)
            if not told:
                continue
            profile = {"Máy tính": "desktop", "Điện thoại": "mobile"}[told[1]]
            [compared] = [
                other.times for other in content.compared_times(one.scorecard.block) if other.asked.profile == profile
            ]
            names = [agency.agency_id for agency in compared.agencies]
            flags = compared.is_before if SIDES[claim] == 0 else compared.is_before.T
            others = {name for name, is_told in zip(names, flags[names.index(agency_id)], strict=True) if is_told}
            assert int(told[2]) == len(others)
            named = re.sub(r" và \d+ cơ quan khác$", "", told[3]).split(", ")
            known = {by_name[name] for name in named if name in by_name}
            assert known
            assert known <= others
            found += 1
    assert found > 5


@given(flags=st.lists(st.booleans(), min_size=36, max_size=36), tells=st.booleans())
def test_who_is_called_fastest_is_so_for_every_other(content, flags, tells):
    first = content.comparisons[0]
    number = len(first.times.agencies)
    before = np.triu(
        np.array(flags[: number * number] + [False] * max(0, number * number - 36)).reshape(number, number), k=1
    )
    behind = before.sum(axis=0)
    agencies = tuple(
        replace(agency, first=1 + int(behind[n]), last=number - int(before[n].sum()))
        for n, agency in enumerate(first.times.agencies)
    )
    one = replace(first, times=replace(first.times, agencies=agencies, is_before=before, tells_order=tells))
    told = " ".join(times_sentences(content, one))
    fastest = content.agency_name(agencies[0].agency_id)
    assert (f"{fastest} tải nhanh hơn mọi cơ quan còn lại" in told) == bool(tells and before[0].sum() == number - 1)
    if not tells:
        assert CLAIM not in told.replace("chưa thể nói trang chủ của cơ quan nào tải nhanh hơn", "")


def test_a_summary_says_the_same_in_short(content):
    told = times_in_short(content, Block.PROVINCE)
    assert told.startswith("Thời gian tải trang chủ, khối tỉnh, thành phố. Máy tính: phân biệt được ")
    assert "Điện thoại: " in told


def test_those_that_share_the_first_place_are_named_together(content):
    members = content.ranking.blocks[Block.MINISTRY]
    shared = tuple(replace(one, rank=1, rank_to=3) if one.rank and one.rank <= 3 else one for one in members)
    told = replace(content, ranking=replace(content.ranking, blocks={Block.MINISTRY: shared}))
    sentences = " ".join(ranking_sentences(told, Block.MINISTRY))
    assert "Có thể đứng đầu: " in sentences
    assert "Đứng đầu là" not in sentences


def test_one_that_alone_has_the_first_place_is_first(content):
    members = content.ranking.blocks[Block.MINISTRY]
    alone = (
        replace(members[0], rank=1, rank_to=1),
        *(replace(one, rank=one.rank and 2, rank_to=one.rank and 8) for one in members[1:]),
    )
    told = replace(content, ranking=replace(content.ranking, blocks={Block.MINISTRY: alone}))
    assert f"Đứng đầu là {content.agency_name(members[0].scorecard.agency_id)}." in ranking_sentences(
        told, Block.MINISTRY
    )


def test_where_everybody_may_have_any_place_nobody_is_named(content):
    members = content.ranking.blocks[Block.MINISTRY]
    alike = tuple(replace(one, rank=1, rank_to=8, unranked_reason=None) for one in members)
    told = replace(content, ranking=replace(content.ranking, blocks={Block.MINISTRY: alike}))
    assert "cơ quan nào cũng có thể đứng ở bất kỳ hạng nào" in ranking_sentences(told, Block.MINISTRY)[1]


def test_a_block_without_ranks_says_so(content):
    members = tuple(replace(one, rank=None, rank_to=None) for one in content.ranking.blocks[Block.MINISTRY])
    told = replace(content, ranking=replace(content.ranking, blocks={Block.MINISTRY: members}))
    assert ranking_sentences(told, Block.MINISTRY) == [
        "Ở khối bộ, cơ quan ngang bộ, chưa cơ quan nào đủ số liệu để xếp hạng."
    ]


def test_coverage_is_told_with_its_sum(content):
    planned = sum(one.planned for one in content.coverage)
    assert f"Kế hoạch có {planned:,}".replace(",", ".") in coverage_sentence(content)
    assert coverage_sentence(replace(content, coverage=())) == "Đợt đo chưa có lần đo nào."


def test_objections_are_counted_with_median_and_share(whole, content):
    assert objection_sentences(whole) == [
        "Nhận được 3 ý kiến của các cơ quan, đã xử lý 2 ý kiến.",
        "Thời gian xử lý trung vị là 5,5 ngày làm việc; chấp nhận toàn bộ hoặc một phần 1 ý kiến (50%).",
    ]
    assert objection_sentences(content) == ["Chưa có cơ quan nào gửi ý kiến về kết quả đo."]


def test_what_does_not_count_is_named_with_those_because_of_whom(content):
    ranking = replace(content.ranking, not_counted={Block.MINISTRY: {"homepage-load": ("bo-y-te",)}})
    told = replace(content, ranking=ranking)
    [sentence] = not_counted_sentences(told, Block.MINISTRY)
    assert "Thời gian tải xong trang chủ, vì chưa có số liệu của Bộ Y tế" in sentence or "bo-y-te" in sentence


@pytest.mark.parametrize("number", [1, MOST_NAMED, MOST_NAMED + 3])
def test_of_many_names_the_rest_is_counted(number):
    told = listed([f"n{n}" for n in range(number)])
    assert told.count("n") >= min(number, MOST_NAMED)
    assert ("và 3 cơ quan khác" in told) == (number > MOST_NAMED)
