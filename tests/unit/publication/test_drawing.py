"""Places drawn as bars."""

import xml.etree.ElementTree as ET
from io import BytesIO

from PIL import Image

from thuocdo.publication.drawing import DrawnPlaces, picture_of, places_svg

SVG = "{http://www.w3.org/2000/svg}"
LINES = [
    DrawnPlaces(name="Bộ <Mẫu> & 1", first=1, last=2, best=1, worst=4),
    DrawnPlaces(name="Bộ có tên dài đến mức không còn chỗ nào để viết hết", first=2, last=4, best=2, worst=4),
    DrawnPlaces(name="C", first=3, last=3),
]


def drawn():
    return ET.fromstring(places_svg(LINES, 'Hạng của "ba" cơ quan'))


def test_a_drawing_is_a_picture_with_a_name():
    assert drawn().get("role") == "img"
    assert drawn().get("aria-label") == 'Hạng của "ba" cơ quan'


def test_bars_are_as_wide_as_there_are_places():
    widths = [float(bar.get("width")) for bar in drawn().iter(f"{SVG}rect")][1:]
    assert [round(width / widths[2]) for width in widths] == [2, 3, 1]


def test_places_are_told_in_figures_and_possible_ones_where_they_differ():
    texts = [text.text for text in drawn().iter(f"{SVG}text")]
    assert texts[-5:] == ["1–2 (1–4)", texts[-4], "2–4", "C", "3"]
    assert texts[-4].endswith("…")


def test_the_axis_has_its_first_and_last_place_and_none_twice():
    many = places_svg([DrawnPlaces(name=str(n), first=n, last=n) for n in range(1, 35)], "x")
    marks = [text.text for text in ET.fromstring(many).iter(f"{SVG}text") if text.get("text-anchor") == "middle"]
    assert (marks[0], marks[-1]) == ("1", "34")
    assert len(marks) == len(set(marks)) < 20


def test_the_picture_is_sharp_and_the_same_each_time():
    svg = places_svg(LINES, "x")
    image = Image.open(BytesIO(picture_of(svg)))
    assert image.width > 1200
    assert picture_of(svg) == picture_of(svg)
    assert len(image.getcolors(maxcolors=1_000_000)) > 10
