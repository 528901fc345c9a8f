"""Every query of every board has an answer from a real Prometheus."""

import re
from datetime import timedelta

import pytest

from dashboards.board import board_json
from dashboards.boards import BOARDS
from dashboards.edition import editions
from docs.drawing.asking import filled
from docs.drawing.frame import named
from docs.drawing.tables import records

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
def test_before_anything_is_measured_nothing_is_an_error_and_timelines_say_so(prometheus, board, chosen, end):
    before = end - timedelta(days=100)
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            expr = filled(target["expr"], chosen(board))
            found = asked(prometheus, expr, target, before)
            if panel["type"] == "stat":  # not even "0 portals are down"
                assert found == [], panel["title"]
            if panel["type"] == "state-timeline":
                [series] = found
                assert {value for _, value in series.points} == {0.0}, panel["title"]
                assert named(panel, target, series) == "Chưa đo", panel["title"]


@pytest.mark.parametrize("board", boards(), ids=lambda board: board["uid"])
def test_every_variable_has_something_to_choose(prometheus, board, chosen, end, targets_of):
    for variable in board["templating"]["list"]:
        if variable["type"] != "query":
            continue
        query = filled(variable["query"]["query"], chosen(board))
        if called := re.fullmatch(r"query_result\((.+)\)", query):
            choices = {choice(series, variable["regex"]) for series in prometheus.instant(called[1], end)}
            assert choices, variable["name"]
            ids = targets_of if variable["name"] == "agency" else {one for many in targets_of.values() for one in many}
            assert all(" · " in text and value in ids for text, value in choices)
        else:
            [(metric, label)] = re.findall(r"label_values\((.+), (\w+)\)", query)
            found = prometheus.instant(f"count by ({label}) ({metric})", end)
            assert [series.labels[label] for series in found if series.labels.get(label)], variable["name"]


def choice(series, regex):
    """What Grafana makes of a series of a variable's query: (text, value)."""
    written = "{" + ",".join(f'{name}="{value}"' for name, value in series.labels.items()) + "} 1 1700000000000"
    # Named groups are written otherwise in JavaScript.
    found = re.search(regex.strip("/").replace("(?<", "(?P<"), written)
    return found["text"], found["value"]


def test_blocks_and_profiles_that_are_measured_can_be_chosen(prometheus, end):
    listed = {
        variable["name"]: re.findall(r" : ([\w-]+)", variable["query"])
        for board in boards()
        for variable in board["templating"]["list"]
        if variable["type"] == "custom"
    }
    for name, metric in (("block", "thuocdo_target_info"), ("profile", "thuocdo_measurement_timestamp_seconds")):
        measured = {series.labels[name] for series in prometheus.instant(f"count by ({name}) ({metric})", end)}
        assert measured <= set(listed[name])


def test_a_timeline_tells_ok_failed_and_inconclusive_apart_and_why(prometheus, chosen, end):
    target = boards()[2]
    [seen, why] = [panel for panel in target["panels"] if panel["type"] == "state-timeline"]

    def values(panel):
        [query] = panel["targets"]
        series = asked(prometheus, filled(query["expr"], chosen(target)), query, end)
        return {named(panel, query, one): {value for _, value in one.points} for one in series}

    states = values(seen)
    assert states["Kết nối HTTP · ha-noi-vnpt"] == {1.0, 3.0}
    assert states["Kết nối HTTP · tp-hcm-viettel"] == {2.0}
    assert values(why) == {"Không có lỗi": {1.0}, "Máy chủ báo lỗi HTTP": {3.0}, "Bị tường lửa chặn": {2.0}}


def test_the_first_screen_names_who_has_an_incident_where_since_when_and_why(prometheus, chosen, end):
    overview = boards()[0]
    [panel] = [panel for panel in overview["panels"] if panel["title"] == "Đang có sự cố"]
    answers = [
        (target, asked(prometheus, filled(target["expr"], chosen(overview)), target, end))
        for target in panel["targets"]
    ]
    found = {(record["name"], record["state"]): record for record in records(answers)}
    down = found["Lào Cai", "down"]
    assert down["url"] == "https://lao-cai-2025.example.vn/"
    assert down["reason"] == "connect_timeout"
    assert down["Value #A"] == (end - timedelta(minutes=110)).timestamp() * 1000
    assert down["Value #B"] == 110 * 60
    assert found["Thành phố Đà Nẵng", "broken"]["figure"] == "HTTP 502"
    assert found["Thành phố Huế", "degraded"]["figure"] == "4.6 s / 1.5 s"
    assert {record["scope"] for record in found.values()} == {"target", "family", "vantage"}


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
