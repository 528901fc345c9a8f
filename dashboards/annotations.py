"""What happened, drawn over every panel: incidents, maintenance, rankings. All of it comes from metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.edition import Edition
from dashboards.queries import INFO
from dashboards.variables import DATA_SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """
    Marks drawn while a query's value is above zero.

    headline, text: what a mark says, with {{label}}. at_value: a mark stands at the time that the value tells, in milliseconds.
    """

    name: str
    expr: str
    colour: str
    headline: str
    text: str
    at_value: bool = False
    shown: bool = True


def annotations(edition: Edition, *, where: str = "", targets: str = "") -> tuple[Annotation, ...]:
    """
    Return the marks of a board.

    Args:
        edition: gives the language.
        where: label matchers that choose among thuocdo_incident_open; empty = all.
        targets: label matchers that choose targets in maintenance; empty = all.

    """
    t = edition.t
    return (
        Annotation(
            name=t("Incidents"),
            expr=_named(f"thuocdo_incident_open{{{where}}}"),
            colour="red",
            headline=t("Incident"),
            text="{{name}} {{family}} {{vantage}}",
        ),
        Annotation(
            name=t("Maintenance"),
            expr=_named(f"thuocdo_maintenance_active{{{targets}}}"),
            colour="blue",
            headline=t("Planned maintenance"),
            text="{{name}}",
        ),
        Annotation(
            name=t("Rounds"),
            expr="max by (criteria_set) (thuocdo_ranking_timestamp_seconds) * 1000",
            colour="purple",
            headline=t("Ranking computed"),
            text="{{criteria_set}}",
            at_value=True,
            shown=False,
        ),
    )


def _named(query: str) -> str:
    """Give what has a target the name of it."""
    return f"{query} * on (target) group_left (name) max by (target, name) ({INFO}) or on (target) {query}"


def annotation_json(annotation: Annotation) -> Mapping[str, Any]:
    """Return it as Grafana's Prometheus data source reads it; the builders know no annotation with a query of its own."""
    return {
        "name": annotation.name,
        "datasource": {"type": DATA_SOURCE.type_val, "uid": DATA_SOURCE.uid},
        "enable": annotation.shown,
        "hide": False,
        "iconColor": annotation.colour,
        # Newer servers move these two into `target` by themselves, older ones look for them here.
        "expr": annotation.expr,
        "step": "60s",
        "titleFormat": annotation.headline,
        "textFormat": annotation.text,
        "tagKeys": "",
        "useValueForTime": annotation.at_value,
    }
