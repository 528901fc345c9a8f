"""
The five kinds of panel that boards are made of. Title, description and unit must be given: a number without them is no finding.

A panel's queries go to the data source that the variable `datasource` names. Widths are of 24, heights in Grafana's grid rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from grafana_foundation_sdk.builders import bargauge, common, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import prometheus as prometheus_build
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import prometheus

from dashboards.variables import DATA_SOURCE

Panel = Builder[model.Panel]
Named = TypeVar("Named", timeseries.Panel, bargauge.Panel)
Steps = Sequence[tuple[float | None, str]]
"""Colours by value: (from which value, colour); the first one has None, which is "from the bottom"."""

GOOD, WARN, BAD, PLAIN = "green", "orange", "red", "blue"

RESPONSE: Steps = ((None, GOOD), (2.0, WARN), (4.0, BAD))
"""Seconds until an answer; our own."""
FIRST_CONTENT: Steps = ((None, GOOD), (3.0, BAD))  # criteria for state websites, May 2025: below 3 s
LARGEST_CONTENT: Steps = ((None, GOOD), (4.0, BAD))  # the same: below 4 s
AVAILABILITY: Steps = ((None, BAD), (0.95, WARN), (0.995, GOOD))
"""Against the objective of 99.5 % a month, which is our own."""
COVERAGE: Steps = ((None, BAD), (0.8, WARN), (0.95, GOOD))
BUDGET: Steps = ((None, BAD), (0.0, WARN), (0.25, GOOD))
SCORE: Steps = ((None, BAD), (0.5, WARN), (0.8, GOOD))
NONE_IS_GOOD: Steps = ((None, GOOD), (1.0, BAD))
NEUTRAL: Steps = ((None, PLAIN),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """PromQL and how its series are called, such as "{{target}}"."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    A column of a table: a value of PromQL per row, or a label.

    expr: its series bear the labels that make the rows; empty = the column shows the label `name` of the others.
    link: address that a click on a cell opens, with ${__data.fields["…"]} for other cells.
    steps: colours of the cell.
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


def number(
    title: str,
    description: str,
    expr: str,
    *,
    unit: str,
    steps: Steps = NEUTRAL,
    width: int = 4,
    height: int = 4,
    decimals: int | None = None,
    texts: Mapping[str, tuple[str, str]] | None = None,
    legend: str = "",
    link: str = "",
) -> Panel:
    """Return one number of now. texts: value -> (what stands in its place, colour). legend: shown in the number's place."""
    made = (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .with_target(_query(Query(expr=expr, legend=legend), "A", instant=True))
        .unit(unit)
        .thresholds(_thresholds(steps))
        .mappings(_mappings(texts))
        .color_mode(common_model.BigValueColorMode.VALUE)
        .graph_mode(common_model.BigValueGraphMode.NONE)
        .text_mode(common_model.BigValueTextMode.NAME if legend else common_model.BigValueTextMode.AUTO)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(values=False).fields(""))
        .span(width)
        .height(height)
    )
    if link:
        made = made.links([build.DashboardLink(title).type(model.DashboardLinkType.LINK).url(link)])
    return made if decimals is None else made.decimals(decimals)


def lines(
    title: str,
    description: str,
    queries: Sequence[Query],
    *,
    unit: str,
    width: int = 12,
    height: int = 8,
    stacked: bool = False,
    steps: Steps | None = None,
    low: float | None = 0.0,
    high: float | None = None,
    names: Mapping[str, str] | None = None,
    colours: Mapping[str, str] | None = None,
) -> Panel:
    """
    Return values over time.

    stacked: as areas on top of each other. steps: drawn as dashed lines at their values. names: series -> what it is called.
    colours: series -> its colour.
    """
    mode = common_model.StackingMode.NORMAL if stacked else common_model.StackingMode.NONE
    made = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .unit(unit)
        .thresholds(_thresholds(steps or NEUTRAL))
        .fill_opacity(30 if stacked else 5)
        .line_width(1.5)
        .show_points(common_model.VisibilityMode.AUTO)
        .span_nulls(span_nulls=False)
        .stacking(common.StackingConfig().mode(mode).group("A"))
        .legend(_legend())
        .tooltip(_tooltip())
        .span(width)
        .height(height)
    )
    if steps:
        dashed = common.GraphThresholdsStyleConfig().mode(common_model.GraphThresholdsStyleMode.DASHED)
        made = made.thresholds_style(dashed)
    if low is not None:
        made = made.min(low)
    if high is not None:
        made = made.max(high)
    for ref, query in zip(_refs(), queries, strict=False):
        made = made.with_target(_query(query, ref))
    for series, colour in (colours or {}).items():
        fixed = build.FieldColor().mode(model.FieldColorModeId.FIXED).fixed_color(colour).build()
        made = made.override_by_name(series, [model.DynamicConfigValue(id_val="color", value=fixed)])
    return _named(made, names)


def bars(
    title: str,
    description: str,
    query: Query,
    *,
    unit: str,
    steps: Steps = NEUTRAL,
    width: int = 8,
    height: int = 8,
    high: float | None = None,
    names: Mapping[str, str] | None = None,
) -> Panel:
    """Return one bar per series of now, in the order in which the query gives them. names: series -> what it is called."""
    made = (
        bargauge.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .with_target(_query(query, "A", instant=True))
        .unit(unit)
        .min(0)
        .thresholds(_thresholds(steps))
        .display_mode(common_model.BarGaugeDisplayMode.BASIC)
        .value_mode(common_model.BarGaugeValueMode.TEXT)
        .orientation(common_model.VizOrientation.HORIZONTAL)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(values=False).fields(""))
        .legend(common.VizLegendOptions().show_legend(show_legend=False))
        .show_unfilled(show_unfilled=True)
        .span(width)
        .height(height)
    )
    return _named(made if high is None else made.max(high), names)


def states(
    title: str,
    description: str,
    query: Query,
    *,
    texts: Mapping[str, tuple[str, str]],
    unit: str = "short",
    width: int = 24,
    height: int = 6,
) -> Panel:
    """Return which state held when, one row per series. texts: value -> (name of the state, colour)."""
    return (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .with_target(_query(query, "A"))
        .unit(unit)
        .mappings(_mappings(texts))
        .color_scheme(build.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .thresholds(_thresholds(NEUTRAL))
        .merge_values(merge_values=True)
        .show_value(common_model.VisibilityMode.NEVER)
        .row_height(0.8)
        .fill_opacity(80)
        .legend(_legend())
        .tooltip(_tooltip())
        .span(width)
        .height(height)
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

    """
    asked = dict(zip(_refs(), (column for column in columns if column.expr), strict=False))
    made = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .unit("short")
        .thresholds(_thresholds(NEUTRAL))
        .show_header(show_header=True)
        .cell_height(common_model.TableCellHeight.SM)
        .transformations(_table_of(columns, asked))
        .span(width)
        .height(height)
    )
    if sort:
        made = made.sort_by([common.TableSortByFieldState().display_name(sort).desc(desc=descending)])
    for ref, column in asked.items():
        made = made.with_target(_query(Query(expr=column.expr), ref, as_table=True))
    for column in columns:
        made = made.override_by_name(column.title, _properties(column))
    return made


def _named(made: Named, names: Mapping[str, str] | None) -> Named:
    for series, text in (names or {}).items():
        made = made.override_by_name(series, [model.DynamicConfigValue(id_val="displayName", value=text)])
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
    given: dict[str, Any] = {"unit": column.unit} if column.expr else {}
    if column.decimals is not None:
        given["decimals"] = column.decimals
    if column.steps:
        given["thresholds"] = _thresholds(column.steps).build()
        given["custom.cellOptions"] = {"type": common_model.TableCellDisplayMode.COLOR_TEXT}
    if column.texts:
        given["mappings"] = _mappings({value: (text, "") for value, text in column.texts.items()})
    if column.link:
        given["links"] = [{"title": column.title, "url": column.link, "targetBlank": not column.link.startswith("/d/")}]
    if column.width:
        given["custom.width"] = column.width
    return [model.DynamicConfigValue(id_val=name, value=value) for name, value in given.items()]


def _query(query: Query, ref: str, *, instant: bool = False, as_table: bool = False) -> prometheus_build.Dataquery:
    form = prometheus.PromQueryFormat.TABLE if as_table else prometheus.PromQueryFormat.TIME_SERIES
    made = prometheus_build.Dataquery().expr(query.expr).ref_id(ref).datasource(DATA_SOURCE).format(form)
    if query.legend:
        made = made.legend_format(query.legend)
    return made.instant() if instant or as_table else made.range()


def _refs() -> Iterable[str]:
    return "ABCDEFGHIJKLMNOP"


def _thresholds(steps: Steps) -> build.ThresholdsConfig:
    made = [model.Threshold(value=value, color=colour) for value, colour in steps]
    return build.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(made)


def _mappings(texts: Mapping[str, tuple[str, str]] | None) -> list[model.ValueMapping]:
    if not texts:
        return []
    results = {
        value: model.ValueMappingResult(text=text, color=colour or None, index=index)
        for index, (value, (text, colour)) in enumerate(texts.items())
    }
    return [model.ValueMap(options=results)]


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .display_mode(common_model.LegendDisplayMode.LIST)
        .placement(common_model.LegendPlacement.BOTTOM)
        .show_legend(show_legend=True)
        .calcs([])
    )


def _tooltip() -> common.VizTooltipOptions:
    return (
        common.VizTooltipOptions().mode(common_model.TooltipDisplayMode.MULTI).sort(common_model.SortOrder.DESCENDING)
    )
