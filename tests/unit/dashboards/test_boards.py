"""What must hold for every board in every language, whatever it shows."""

import json
import re
from pathlib import Path

import pytest

from dashboards import limits
from dashboards.alerts import ALERTS
from dashboards.board import board_json
from dashboards.boards import BOARDS
from dashboards.edition import editions
from dashboards.words import kinds, steps
from probes.journeys.journey_file import load_journeys
from thuocdo.core.config import bundled
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.incidents.rules import POOR_SECONDS
from thuocdo.score.criteria import load_criteria_set

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
INFO = {"thuocdo_target_info"}
METRIC = re.compile(r"\b(?:thuocdo|probe)_[a-z0-9_]+\b")
NAMED_VARIABLE = re.compile(r"(?<!\w)\$\{?([A-Za-z_]\w*)")

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


ENGLISH_UNITS = re.compile(r"dateTime.*|[smhd]|ms|dtduration.*|ops|currency.*")
"""Grafana writes these with English words, whatever the language of a board: "2 hours ago", "742.79 ms", "1.83 hours"."""


@EVERY
def test_units_hold_no_words_of_grafanas_own(board):
    for panel in panels(board):
        fields = [panel["fieldConfig"]["defaults"], *map(properties, panel["fieldConfig"]["overrides"])]
        for unit in (field["unit"] for field in fields if "unit" in field):
            assert not ENGLISH_UNITS.fullmatch(unit), panel["title"]


@EVERY
def test_no_length_of_time_is_below_none_or_grafana_would_write_ago(board):
    for panel in panels(board):
        fields = [panel["fieldConfig"]["defaults"], *map(properties, panel["fieldConfig"]["overrides"])]
        if any(field.get("unit") == "dthms" for field in fields):
            assert any("clamp_min(time() - " in target["expr"] for target in panel["targets"]), panel["title"]


def properties(override):
    return {entry["id"]: entry["value"] for entry in override["properties"]}


def test_what_stands_where_there_is_nothing_is_said_in_the_language_of_the_board():
    for vietnamese, english in zip(VIETNAMESE, ENGLISH, strict=True):
        for ours, theirs in zip(panels(vietnamese), panels(english), strict=True):
            said = [panel["fieldConfig"]["defaults"]["noValue"] for panel in (ours, theirs)]
            assert all(said), ours["title"]
            assert said[0] != said[1], ours["title"]


@EVERY
def test_nothing_is_counted_as_none_before_it_can_be_known(board):
    for expr in expressions(board):
        assert "or vector(0)" not in expr


@EVERY
def test_cells_without_a_value_are_a_dash(board):
    for panel in panels(board):
        if panel["type"] == "table":
            shown = [p for p in map(properties, panel["fieldConfig"]["overrides"]) if "custom.hidden" not in p]
            assert {p["noValue"] for p in shown} == {"–"}, panel["title"]


@EVERY
def test_a_timeline_knows_three_states_and_that_nothing_was_measured(board):
    for panel in panels(board):
        if panel["type"] == "state-timeline":
            [mapping] = panel["fieldConfig"]["defaults"]["mappings"]
            assert set(mapping["options"]) == {"0", "1", "2", "3"}
            colours = [result["color"] for result in mapping["options"].values()]
            assert len(set(colours)) == 4


@EVERY
def test_limits_that_are_drawn_lie_within_the_picture(board):
    for panel in panels(board):
        custom = panel["fieldConfig"]["defaults"].get("custom", {})
        if "thresholdsStyle" in custom:
            limits = [
                s["value"] for s in panel["fieldConfig"]["defaults"]["thresholds"]["steps"] if s["value"] is not None
            ]
            assert custom["axisSoftMax"] > max(limits)
            assert min(limits) > 0 or custom["axisSoftMin"] < min(limits)


def test_the_limits_of_home_pages_are_those_of_the_criteria():
    criteria = load_criteria_set(ROOT / "criteria", "website-2025")
    below = {one.metric: one.curve.below for group in criteria.groups for one in group.criteria}
    named = [below[f"homepage.{name}_seconds"] for name in ("fcp", "lcp", "load")]
    assert [value for value, _ in limits.HOME_PAGE[1:]] == named
    assert [limits.FIRST_CONTENT[-1][0], limits.LARGEST_CONTENT[-1][0]] == named[:2]


def test_from_where_on_an_answer_is_slow_is_what_incidents_go_by():
    assert limits.SLOW_RESPONSE[-1][0] == limits.RESPONSE[-1][0] == POOR_SECONDS


@pytest.mark.parametrize("overview", [VIETNAMESE[0], ENGLISH[0]], ids=["vi", "en"])
def test_who_has_an_incident_stands_on_the_first_screen(overview):
    table = next(panel for panel in panels(overview) if panel["type"] == "table")
    shown = [properties(o) for o in table["fieldConfig"]["overrides"]]
    assert table["gridPos"] == {"x": 0, "y": 5, "w": 24, "h": 9}, (
        "below the headline and the numbers: 14 rows are 530 pixels"
    )
    assert any(p.get("links", [{}])[0].get("url", "").startswith("${web}/incidents/") for p in shown)


def test_a_point_of_a_target_leads_to_what_was_measured_until_then():
    target = VIETNAMESE[2]
    kinds_of = {}
    for panel in panels(target):
        if panel["type"] == "timeseries":
            [link] = [p["links"][0] for p in map(properties, panel["fieldConfig"]["overrides"]) if "links" in p]
            kind = re.fullmatch(r"\$\{web\}/targets/\$\{target\}\?kind=(\w+)&until=\$\{__value\.time\}", link["url"])[1]
            kinds_of.setdefault(kind, []).append(panel["title"])
    assert set(kinds_of) == {"http", "homepage", "eform"} <= set(all_kinds())


def test_one_title_means_one_thing():
    meant = {}
    for board in VIETNAMESE:
        for panel in panels(board):
            if panel["type"] == "stat":
                unit = panel["fieldConfig"]["defaults"]["unit"]
                metrics = {name for target in panel["targets"] for name in METRIC.findall(target["expr"])}
                other = meant.setdefault(panel["title"], (unit, metrics))
                assert (unit, metrics - INFO) == (other[0], other[1] - INFO), panel["title"]


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


def test_steps_that_have_words_are_steps_of_journeys():
    journeys = load_journeys(bundled("scenarios") / "journeys")
    assert set(steps(str)) <= {step.name for journey in journeys.values() for step in journey.steps}


def test_the_kinds_that_have_words_are_those_that_there_are():
    assert set(kinds(str)) == set(all_kinds())
