"""A board as a value, and the JSON that Grafana makes a dashboard of."""

import json
from dataclasses import dataclass
from typing import Any, cast

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as model

from dashboards.annotations import Annotation, annotation_json
from dashboards.edition import Edition
from dashboards.panels import Panel
from dashboards.variables import Variable

Json = dict[str, Any]

_OF_INTERVALS = ("auto", "auto_min", "auto_count")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under one heading, from left to right; a line of them fills 24 columns."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """
    What is special about one dashboard.

    name: short; the edition makes the uid of it. since: what it shows at first, such as now-6h. pages: (title, address) of our
    own pages that belong to it.
    """

    name: str
    title: str
    description: str
    variables: tuple[Variable, ...]
    annotations: tuple[Annotation, ...]
    rows: tuple[Row, ...]
    since: str = "now-6h"
    pages: tuple[tuple[str, str], ...] = ()


def board_json(board: Board, edition: Edition) -> Json:
    """Return the dashboard's JSON; the same however often it is made."""
    made = (
        build.Dashboard(board.title)
        .uid(edition.uid(board.name))
        .description(board.description)
        .tags([edition.tag])
        .timezone("Asia/Ho_Chi_Minh")
        .week_start("monday")
        .editable()
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .time(board.since, "now")
        .refresh("1m")
        .variables(list(board.variables))
        .links(_links(board, edition))
    )
    for row in board.rows:
        made = made.with_row(build.Row(row.title))
        for panel in row.panels:
            made = made.with_panel(panel)
    whole = cast("Json", json.loads(json.dumps(made.build(), cls=JSONEncoder)))
    for number, panel in enumerate(whole["panels"], start=1):
        panel["id"] = number
        if panel["type"] != "row":  # in the board's language; Grafana's own words are English
            panel["fieldConfig"]["defaults"].setdefault("noValue", edition.t("Nothing measured yet"))
            panel["options"].pop("footer", None)  # the builder's default, which servers from 12.2 on do not know
    for variable in whole["templating"]["list"]:
        for name in _OF_INTERVALS:  # the builder writes them for every kind of variable
            variable.pop(name, None)
    whole["annotations"] = {"list": [annotation_json(annotation) for annotation in board.annotations]}
    return whole


def _links(board: Board, edition: Edition) -> list[Builder[model.DashboardLink]]:
    others = (
        build.DashboardLink(edition.t("Dashboards of Thước Đo"))
        .type(model.DashboardLinkType.DASHBOARDS)
        .tags([edition.tag])
        .as_dropdown(as_dropdown=True)
        .keep_time(keep_time=True)
    )
    return [others, *(_page(title, url) for title, url in board.pages)]


def _page(title: str, url: str) -> build.DashboardLink:
    made = build.DashboardLink(title).type(model.DashboardLinkType.LINK).url(url)
    return made.icon("external link").target_blank(target_blank=True)
