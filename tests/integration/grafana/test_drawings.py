"""Each board is drawn as SVG from what a real Prometheus answers; DRAW=docs/dashboards writes the committed drawings."""

import os
import xml.etree.ElementTree as ET
from datetime import timedelta
from pathlib import Path

import pytest

from dashboards.board import board_json
from dashboards.boards import BOARDS
from dashboards.edition import editions
from docs.drawing.asking import filled
from docs.drawing.boards import draw

SPAN = timedelta(hours=6)
CHOSEN = {"agency": "hue-2025", "target": "bo-noi-vu.home"}
NAMES = {"agency": "Thành phố Huế · hue-2025", "target": "Bộ Nội vụ · https://bo-noi-vu.example.vn/"}
EDITIONS = {edition.language: edition for edition in editions()}
EVERY = pytest.mark.parametrize(
    "board", [board_json(make(e), e) for e in editions() for make in BOARDS], ids=lambda b: b["uid"]
)


@EVERY
def test_a_drawing_shows_every_panel(board, prometheus, chosen, end, product):
    variables = chosen(board)

    def ask(target):
        # Half of the panels about a target are of home pages, the others of eForms.
        for name in (variables.get("target", ""), "bo-noi-vu.eform"):
            expr = filled(target["expr"], variables | {"target": name if name != ".*" else ".*"})
            found = (
                prometheus.instant(expr, end)
                if target.get("instant")
                else prometheus.stretch(expr, end - SPAN, end, 180)
            )
            if found:
                break
        return found

    # People see what is chosen by its name.
    drawing = draw(board, ask, variables=variables | {name: NAMES[name] for name in NAMES if variables.get(name) == CHOSEN[name]},
                   end=end, span=SPAN)  # fmt: skip
    titles = [title.text for title in ET.fromstring(drawing).iter("{http://www.w3.org/2000/svg}title")]
    shown = [panel for panel in board["panels"] if panel["type"] != "row"]
    assert titles == [f"{panel['title']}: {panel['description']}" for panel in shown]
    if folder := os.environ.get("DRAW"):
        (Path(folder) / f"{board['uid']}.svg").write_text(drawing, encoding="utf-8")


@EVERY
def test_the_committed_drawing_is_of_the_board_as_it_is(board, product):
    path = product.root / "docs" / "dashboards" / f"{board['uid']}.svg"
    found = [title.text for title in ET.parse(path).iter("{http://www.w3.org/2000/svg}title")]
    shown = [f"{panel['title']}: {panel['description']}" for panel in board["panels"] if panel["type"] != "row"]
    assert found == shown, f"draw again: DRAW=docs/dashboards pytest {Path(__file__).relative_to(product.root)}"
