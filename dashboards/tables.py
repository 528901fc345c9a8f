"""Tables: a row per set of labels that the columns' series share, of now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import common, table
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model

from dashboards.edition import Edition
from dashboards.limits import NEUTRAL, Steps
from dashboards.panels import Panel, Query, mappings, query_of, refs, thresholds
from dashboards.variables import DATA_SOURCE

NOTHING = "–"
"""What stands in a cell that has no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    A column of a table: a value of PromQL per row, or a label.

    expr: its series bear the labels that make the rows; empty = the column shows the label `name` of the others.
    link: address that a click on a cell opens, with ${__data.fields["…"]} for other cells.
    steps: colours of the cell. hidden: it is there for links only.
    """

    title: str
    expr: str = ""
    label: str = ""
    unit: str = "short"
    decimals: int | None = None
    steps: Steps | None = None
    link: str = ""
    texts: Mapping[str, str] | None = None
    width: int | None = None
    hidden: bool = False


def target_columns(edition: Edition, *, width: int | None = None) -> tuple[Column, ...]:
    """Return what a target is called, which leads to its board; series bear the labels name and target."""
    link = edition.link("target", target="${__data.fields.target}")
    return (
        Column(title=edition.t("Target"), label="name", link=link, width=width),
        Column(title="target", label="target", hidden=True),
    )


def agency_columns(edition: Edition) -> tuple[Column, ...]:
    """Return what an agency is called, which leads to its board; series bear the labels name and agency."""
    link = edition.link("agency", agency="${__data.fields.agency}")
    return (
        Column(title=edition.t("Agency"), label="name", link=link),
        Column(title="agency", label="agency", hidden=True),
    )


def rows(
    title: str,
    description: str,
    columns: Sequence[Column],
    *,
    width: int = 12,
    height: int = 8,
    sort: str = "",
    descending: bool = True,
    empty: str = "",
) -> Panel:
    """
    Return a table of now, a row per set of labels that the columns' series share.

    Args:
        title: of the panel.
        description: of the panel.
        columns: as they stand from left to right.
        width: of 24.
        height: in grid rows.
        sort: title of the column it is sorted by.
        descending: the greatest first.
        empty: what stands there when there is no row.

    """
    asked = dict(zip(refs(), (column for column in columns if column.expr), strict=False))
    made = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .unit("short")
        .thresholds(thresholds(NEUTRAL))
        .show_header(show_header=True)
        .cell_height(common_model.TableCellHeight.SM)
        .transformations(_table_of(columns, asked))
        .span(width)
        .height(height)
    )
    if empty:
        made = made.no_value(empty)
    if sort:
        made = made.sort_by([common.TableSortByFieldState().display_name(sort).desc(desc=descending)])
    for ref, column in asked.items():
        made = made.with_target(query_of(Query(expr=column.expr), ref, as_table=True))
    for column in columns:
        made = made.override_by_name(column.title, _properties(column))
    return made


def _table_of(columns: Sequence[Column], asked: Mapping[str, Column]) -> list[model.DataTransformerConfig]:
    """Join the queries' tables by their labels; name and order the columns; leave out what no column shows."""
    fields = {column.title: ref for ref, column in asked.items()}
    # With one query Grafana calls the value "Value", with more of them "Value #A", ….
    sources = [column.label or (f"Value #{fields[column.title]}" if len(asked) > 1 else "Value") for column in columns]
    names = dict(zip(sources, (column.title for column in columns), strict=True))
    chosen = {
        "include": {"names": sources},
    }
    order: dict[str, Any] = {
        "indexByName": {source: position for position, source in enumerate(sources)},
        "renameByName": names,
        "excludeByName": {},
    }
    return [
        model.DataTransformerConfig(id_val="merge", options={}),
        model.DataTransformerConfig(id_val="filterFieldsByName", options=chosen),
        model.DataTransformerConfig(id_val="organize", options=order),
    ]


def _properties(column: Column) -> list[model.DynamicConfigValue]:
    if column.hidden:
        # The first until Grafana 12.1, the second since; what a version does not know it leaves unread.
        return [model.DynamicConfigValue(id_val=name, value=True) for name in ("custom.hidden", "custom.hideFrom.viz")]
    given: dict[str, Any] = {"noValue": NOTHING} | ({"unit": column.unit} if column.expr else {})
    if column.decimals is not None:
        given["decimals"] = column.decimals
    if column.steps:
        given["thresholds"] = thresholds(column.steps).build()
        given["custom.cellOptions"] = {"type": common_model.TableCellDisplayMode.COLOR_TEXT}
    if column.texts:
        given["mappings"] = mappings({value: (text, "") for value, text in column.texts.items()})
    if column.link:
        given["links"] = [{"title": column.title, "url": column.link, "targetBlank": not column.link.startswith("/d/")}]
    if column.width:
        given["custom.width"] = column.width
    return [model.DynamicConfigValue(id_val=name, value=value) for name, value in given.items()]
