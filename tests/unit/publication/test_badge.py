"""A badge that an agency may show."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from benchmarks.made_up_round import HOSTILE_NAME
from thuocdo.publication.badge import badge_svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def ranked(content):
    return next(name for name, one in content.members.items() if one.rank is not None)


def told(content, name):
    svg = ET.fromstring(badge_svg(content, name))
    return svg.find(f"{SVG}title").text, svg.find(f"{SVG}desc").text


def test_it_tells_places_period_day_and_the_day_it_expires(content, ranked):
    title, text = told(content, ranked)
    assert title.endswith(content.agency_name(ranked))
    assert text.startswith("Hạng 1")
    assert "Đợt giả lập tháng 10/2026. Số liệu đến ngày 08/10/2026. Hết giá trị từ ngày 06/04/2027" in text


def test_a_draft_and_simulated_figures_say_so(content, ranked):
    assert told(content, ranked)[1].endswith("DỰ THẢO. SỐ LIỆU GIẢ LẬP.")
    assert told(replace(content, approved=True, synthetic=False), ranked)[1].endswith("06/04/2027.")


def test_a_screen_reader_is_told_by_title_and_text_and_nothing_twice(content, ranked):
    svg = ET.fromstring(badge_svg(content, ranked))
    ids = {one.get("id") for one in svg if one.get("id")}
    assert set(svg.get("aria-labelledby").split()) == ids
    assert svg.find(f"{SVG}g").get("aria-hidden") == "true"
    assert svg.get("lang") == "vi"


def test_names_are_text_whatever_they_hold(content):
    hostile = next(name for name in content.members if content.agency_name(name) == HOSTILE_NAME)
    assert told(content, hostile)[0].endswith(HOSTILE_NAME)


def test_without_a_rank_there_is_no_badge(content):
    without = next(name for name, one in content.members.items() if one.rank is None)
    assert badge_svg(content, without) is None
