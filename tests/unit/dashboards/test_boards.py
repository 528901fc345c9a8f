"""What must hold for every board in every language, whatever it shows."""

import json
import re
from pathlib import Path

import pytest

from dashboards.alerts import ALERTS
from dashboards.board import board_json
from dashboards.boards import BOARDS
from dashboards.edition import editions
from dashboards.words import kinds
from thuocdo.core.kinds.kind import all_kinds

ROOT = Path(__file__).resolve().parents[3]
UIDS = [
    "thuocdo-overview",
    "thuocdo-agency",
    "thuocdo-target",
    "thuocdo-ranking",
    "thuocdo-incidents",
    "thuocdo-accessibility",
    "thuocdo-vantages",
    "thuocdo-prober",
]
METRIC = re.compile(r"\b(?:thuocdo|probe)_[a-z0-9_]+\b")
NAMED_VARIABLE = re.compile(r"(?<!\w)\$\{?(\w+)")

VIETNAMESE, ENGLISH = ([board_json(make(edition), edition) for make in BOARDS] for edition in editions())
EVERY = pytest.mark.parametrize("board", [*VIETNAMESE, *ENGLISH], ids=lambda board: board["uid"])


def panels(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def expressions(board):
    return [
        *(target["expr"] for panel in panels(board) for target in panel["targets"]),
        *(variable["query"]["query"] for variable in board["templating"]["list"] if variable["type"] == "query"),
        *(annotation["expr"] for annotation in board["annotations"]["list"]),
    ]


def test_uids_are_those_that_people_keep_links_to():
    assert [board["uid"] for board in VIETNAMESE] == UIDS
    assert [board["uid"] for board in ENGLISH] == [f"{uid}-en" for uid in UIDS]


@EVERY
def test_panels_fill_their_lines_and_do_not_overlap(board):
    taken = {}
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, f"{panel['title']} lies over {taken.get((x, y))}"
                taken[x, y] = panel["title"]
    height = max(y for _, y in taken) + 1
    assert len(taken) == 24 * height, "there are holes between panels"


@EVERY
def test_every_panel_says_what_it_shows_and_in_which_unit(board):
    for panel in panels(board):
        assert panel["title"]
        assert len(panel["description"]) > 10, panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}"


@EVERY
def test_ids_of_panels_are_unique(board):
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))


@EVERY
def test_only_variables_that_the_board_has_are_used(board):
    own = {variable["name"] for variable in board["templating"]["list"]}
    built_in = {"__rate_interval"}
    for expr in expressions(board):
        assert set(NAMED_VARIABLE.findall(expr)) <= own | built_in, expr


@EVERY
def test_only_metrics_of_the_contract_are_asked_for(board):
    golden = (ROOT / "tests/unit/exporters/golden/metrics.txt").read_text(encoding="utf-8")
    known = set(re.findall(r"^# TYPE (\S+)", golden, re.MULTILINE))
    for expr in expressions(board):
        asked = {
            re.sub(r"_(bucket|count|sum)$", "", name) if name not in known else name for name in METRIC.findall(expr)
        }
        assert asked <= known, expr


@EVERY
def test_links_lead_to_boards_of_the_same_language_and_set_variables_that_they_have(board):
    siblings = {other["uid"]: other for other in (ENGLISH if board["uid"].endswith("-en") else VIETNAMESE)}
    links = re.findall(r'"url": "(/d/[^"]+)"', json.dumps(board))
    for link in links:
        uid = re.match(r"/d/([\w-]+)", link)[1]
        assert uid in siblings, link
        has = {variable["name"] for variable in siblings[uid]["templating"]["list"]}
        assert set(re.findall(r"var-(\w+)=", link)) <= has, link


def test_both_languages_are_one_board_but_for_their_texts():
    for vietnamese, english in zip(VIETNAMESE, ENGLISH, strict=True):
        assert expressions(vietnamese) == expressions(english)
        assert [p["gridPos"] for p in vietnamese["panels"]] == [p["gridPos"] for p in english["panels"]]
        assert vietnamese["title"] != english["title"]


def test_every_alert_leads_to_a_board_that_has_its_variables():
    boards = {board["uid"]: board for board in VIETNAMESE}
    for alert in ALERTS:
        has = {variable["name"] for variable in boards[alert.dashboard]["templating"]["list"]}
        assert set(alert.variables) <= has, alert.name


def test_the_kinds_that_have_words_are_those_that_there_are():
    assert set(kinds(str)) == set(all_kinds())
