"""Every query of every board has an answer from a real Prometheus."""

import re
from datetime import timedelta

import pytest

from dashboards.board import board_json
from dashboards.boards import BOARDS
from dashboards.edition import editions
from docs.drawing.asking import filled

HOMEPAGE, EFORM = "hue-2025.home", "hue-2025.eform"
VIETNAMESE, ENGLISH = editions()


def boards(edition=VIETNAMESE):
    return [board_json(board(edition), edition) for board in BOARDS]


def queries(board):
    return [(panel["title"], target) for panel in board["panels"] for target in panel.get("targets", ())]


@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_every_query_of_a_board_returns_data(prometheus, board, chosen, end):
    unanswered = []
    for title, target in queries(board):
        # Half of the panels about a target are of home pages, the others of eForms.
        one, other = (filled(target["expr"], chosen(board) | {"target": name}) for name in (HOMEPAGE, EFORM))
        if not any(series.points for expr in (one, other) for series in asked(prometheus, expr, target, end)):
            unanswered.append(f"{title}: {one}")
    assert unanswered == []


def asked(prometheus, expr, target, end):
    if target.get("instant"):
        return prometheus.instant(expr, end)
    return prometheus.stretch(expr, end - timedelta(hours=6), end, 180)


@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_every_variable_has_something_to_choose(prometheus, board, chosen, end):
    for variable in board["templating"]["list"]:
        if variable["type"] != "query":
            continue
        [(metric, label)] = re.findall(r"label_values\((.+), (\w+)\)", variable["query"]["query"])
        found = prometheus.instant(f"count by ({label}) ({filled(metric, chosen(board))})", end)
        assert [series.labels[label] for series in found if series.labels.get(label)], variable["name"]


@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_every_annotation_finds_something(prometheus, board, chosen, end):
    for annotation in board["annotations"]["list"]:
        everything = chosen(board) | dict.fromkeys(("agency", "target"), ".*")
        expr = filled(annotation["expr"], everything).replace('target=".*"', 'target=~".*"')
        assert prometheus.instant(expr, end), annotation["name"]


def test_both_editions_ask_the_same():
    for vietnamese, english in zip(boards(), boards(ENGLISH), strict=True):
        ours, theirs = ([target["expr"] for _, target in queries(board)] for board in (vietnamese, english))
        assert ours == theirs
