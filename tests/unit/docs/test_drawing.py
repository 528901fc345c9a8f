"""Drawings from given answers: what is not there is not drawn, and nothing breaks out of its place."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest

from dashboards.board import Board, Row, board_json
from dashboards.edition import Edition
from dashboards.panels import Query, bars, lines, number, states
from dashboards.tables import Column, rows
from dashboards.variables import variables
from docs.drawing.asking import Series
from docs.drawing.boards import draw

END = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
SPAN = timedelta(hours=6)
SVG = "{http://www.w3.org/2000/svg}"


def drawn(panel, answers):
    """The elements of a drawing of one panel; answers: series per query."""
    edition = Edition(language="en")
    board = Board(
        name="one",
        title="One <board>",
        description="of a test",
        variables=variables(edition, "agency"),
        annotations=(),
        rows=(Row(title="Row", panels=(panel,)),),
    )
    waiting = iter(answers)
    text = draw(board_json(board, edition), lambda _: next(waiting), variables={"agency": ".*"}, end=END, span=SPAN)
    return ET.fromstring(text)


def texts(root):
    return [element.text for element in root.iter(f"{SVG}text")]


def series(*values, step=60, **labels):
    """Values a minute apart that end at END; None = nothing was measured."""
    points = ((END.timestamp() - step * (len(values) - 1 - n), value) for n, value in enumerate(values))
    return Series(labels=labels, points=tuple((at, float(value)) for at, value in points if value is not None))


PANELS = [
    number("Now", "how many there are", "x", unit="short"),
    lines("Times", "over the last hours", [Query(expr="x")], unit="s"),
    bars("Bars", "one per series of now", Query(expr="x"), unit="short"),
    states("States", "one row per series", Query(expr="x"), texts={"1": ("up", "green")}),
    rows("Rows", "one per set of labels", [Column(title="Value", expr="x")]),
]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.build().type_val)
def test_without_an_answer_there_are_words_and_never_a_zero(panel):
    said = texts(drawn(panel, [[]]))
    assert "Nothing measured yet" in said
    assert "0" not in said


def test_a_limit_is_drawn_even_where_all_values_lie_far_below():
    panel = lines(
        "Times", "over the last hours", [Query(expr="x")], unit="short", steps=((None, "green"), (14.4, "red"))
    )
    root = drawn(panel, [[series(0.1, 0.2, 0.1)]])
    [limit] = [line for line in root.iter(f"{SVG}polyline") if line.get("stroke-dasharray")]
    assert limit.get("stroke") == "#c4162a"


def test_a_series_is_called_as_the_panel_renames_it():
    panel = states("States", "a row each", Query(expr="x", legend="{{kind}} {{vantage}}"), texts={"1": ("up", "green")},
                   renames={"homepage (.*)": "Home page · $1", " ?none": "Nothing"})  # fmt: skip
    said = texts(drawn(panel, [[series(1, 1, kind="homepage", vantage="hue"), series(1, 1, vantage="none")]]))
    assert {"Home page · hue", "Nothing"} <= set(said)


def test_legends_take_as_many_lines_as_they_need():
    panel = lines("Times", "over the last hours", [Query(expr="x", legend="{{agent}}")], unit="short", width=6)
    names = [f"agent-browser of the vantage point number {number}" for number in range(4)]
    root = drawn(panel, [[series(1, 2, agent=name) for name in names]])
    places = {element.text: float(element.get("y")) for element in root.iter(f"{SVG}text") if element.text in names}
    assert len(set(places.values())) == 4


def test_what_is_there_for_links_only_is_no_column():
    columns = [
        Column(title="Name", label="name"),
        Column(title="id", label="id", hidden=True),
        Column(title="Value", expr="x"),
    ]
    said = texts(drawn(rows("Rows", "one each", columns), [[series(3, name="Huế", id="hue-2025")]]))
    assert {"Name", "Huế"} <= set(said)
    assert not {"id", "hue-2025"} & set(said)


def test_titles_are_escaped_and_shown_whole():
    assert "One <board>" in texts(drawn(PANELS[0], [[series(3)]]))


def test_a_number_has_the_colour_of_the_step_it_reached():
    panel = number("Now", "how many there are", "x", unit="short", steps=((None, "green"), (1.0, "red")))
    root = drawn(panel, [[series(2)]])
    [found] = [element for element in root.iter(f"{SVG}text") if element.text == "2"]
    assert found.get("fill") == "#c4162a"


def test_a_line_is_broken_where_nothing_was_measured():
    root = drawn(PANELS[1], [[series(1, 2, None, None, 3, 4, target="a")]])
    curves = [line for line in root.iter(f"{SVG}polyline") if line.get("stroke") == "#3871dc"]
    assert len(curves) == 2


def test_rows_of_two_queries_are_joined_by_their_labels_and_sorted():
    panel = rows(
        "Rows",
        "one per agency",
        [
            Column(title="Agency", label="agency"),
            Column(title="Score", expr="a", unit="percentunit", decimals=0),
            Column(title="Rank", expr="b", unit="none"),
        ],
        sort="Rank",
        descending=False,
    )
    scores = [series(0.5, agency="hue"), series(0.9, agency="da-nang"), series(0.7, agency="can-tho")]
    ranks = [series(2, agency="hue"), series(1, agency="da-nang")]
    said = texts(drawn(panel, [scores, ranks]))
    assert [text for text in said if text in ("hue", "da-nang", "can-tho")] == [
        "da-nang",
        "hue",
        "can-tho",
    ]
    assert said[-9:].count("–") == 1


def test_stacked_values_lie_on_top_of_each_other():
    panel = lines("Times", "over the last hours", [Query(expr="a"), Query(expr="b")], unit="s", stacked=True)
    root = drawn(panel, [[series(1, 1)], [series(3, 3)]])
    lower, upper = root.iter(f"{SVG}polygon")

    def top(polygon):
        return min(float(pair.split(",")[1]) for pair in polygon.get("points").split())

    assert top(upper) < top(lower)
