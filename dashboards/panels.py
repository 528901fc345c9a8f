"""
Four kinds of panel that boards are made of; the fifth, tables, has a module of its own. Title, description and unit must be
given: a number without them is no finding.

A panel's queries go to the data source that the variable `datasource` names. Widths are of 24, heights in Grafana's grid rows.
empty: what stands there when there is nothing to show; where it is left out the board says that nothing was measured yet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from grafana_foundation_sdk.builders import bargauge, common, stat, statetimeline, timeseries
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import prometheus as prometheus_build
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import prometheus

from dashboards.limits import NEUTRAL, Steps
from dashboards.variables import DATA_SOURCE

Panel = Builder[model.Panel]
Named = TypeVar("Named", timeseries.Panel, bargauge.Panel, stat.Panel)

Texts = Mapping[str, tuple[str, str]]
"""Value -> (what stands in its place, colour)."""

_ROOM = 1.05
"""An axis reaches so many times the furthest limit at least: a limit that nobody sees warns of nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """PromQL and how its series are called, such as "{{target}}"."""

    expr: str
    legend: str = ""


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
    texts: Texts | None = None,
    legend: str = "",
    names: Mapping[str, str] | None = None,
    link: str = "",
    empty: str = "",
) -> Panel:
    """
    Return one number of now.

    legend: shown in the number's place; beside it where there are texts for it. names: legend -> what it is called.
    """
    beside = common_model.BigValueTextMode.VALUE_AND_NAME if texts else common_model.BigValueTextMode.NAME
    made = (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .with_target(query_of(Query(expr=expr, legend=legend), "A", instant=True))
        .unit(unit)
        .thresholds(thresholds(steps))
        .mappings(mappings(texts))
        .color_mode(common_model.BigValueColorMode.VALUE)
        .graph_mode(common_model.BigValueGraphMode.NONE)
        .text_mode(beside if legend else common_model.BigValueTextMode.AUTO)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(values=False).fields(""))
        .span(width)
        .height(height)
    )
    if link:
        made = made.links([build.DashboardLink(title).type(model.DashboardLinkType.LINK).url(link)])
    if empty:
        made = made.no_value(empty)
    return _named(made if decimals is None else made.decimals(decimals), names)


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
    renames: Mapping[str, str] | None = None,
    colours: Mapping[str, str] | None = None,
    link: tuple[str, str] | None = None,
    empty: str = "",
) -> Panel:
    """
    Return values over time.

    stacked: as areas on top of each other. steps: drawn as dashed lines at their values, and always within the picture.
    names: series -> what it is called. renames: pattern in a series' name -> what stands in its place. colours: series -> its
    colour. link: title and address that a click on a point offers.
    """
    mode = common_model.StackingMode.NORMAL if stacked else common_model.StackingMode.NONE
    made = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .unit(unit)
        .thresholds(thresholds(steps or NEUTRAL))
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
    if link:
        title, url = link
        links = [{"title": title, "url": url, "targetBlank": True}]
        made = made.override_by_field_type("number", [model.DynamicConfigValue(id_val="links", value=links)])
    if renames:
        made = made.transformations(_renaming(renames))
    if steps:
        dashed = common.GraphThresholdsStyleConfig().mode(common_model.GraphThresholdsStyleMode.DASHED)
        limits = [value for value, _ in steps if value is not None]
        made = made.thresholds_style(dashed).axis_soft_max(_ROOM * max(limits))
        if min(limits) < 0:
            made = made.axis_soft_min(_ROOM * min(limits))
    if empty:
        made = made.no_value(empty)
    if low is not None:
        made = made.min(low)
    if high is not None:
        made = made.max(high)
    for ref, query in zip(refs(), queries, strict=False):
        made = made.with_target(query_of(query, ref))
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
    empty: str = "",
) -> Panel:
    """Return one bar per series of now, in the order in which the query gives them. names: series -> what it is called."""
    made = (
        bargauge.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .with_target(query_of(query, "A", instant=True))
        .unit(unit)
        .min(0)
        .thresholds(thresholds(steps))
        .display_mode(common_model.BarGaugeDisplayMode.BASIC)
        .value_mode(common_model.BarGaugeValueMode.TEXT)
        .orientation(common_model.VizOrientation.HORIZONTAL)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(values=False).fields(""))
        .legend(common.VizLegendOptions().show_legend(show_legend=False))
        .show_unfilled(show_unfilled=True)
        .span(width)
        .height(height)
    )
    if empty:
        made = made.no_value(empty)
    return _named(made if high is None else made.max(high), names)


def states(
    title: str,
    description: str,
    query: Query,
    *,
    texts: Texts,
    renames: Mapping[str, str] | None = None,
    unit: str = "short",
    width: int = 24,
    height: int = 6,
) -> Panel:
    """Return which state held when, one row per series. renames: pattern in a series' name -> what stands in its place."""
    return (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .datasource(DATA_SOURCE)
        .with_target(query_of(query, "A"))
        .unit(unit)
        .mappings(mappings(texts))
        .color_scheme(build.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .thresholds(thresholds(NEUTRAL))
        .merge_values(merge_values=True)
        .show_value(common_model.VisibilityMode.NEVER)
        .row_height(0.8)
        .transformations(_renaming(renames or {}))
        .fill_opacity(80)
        .legend(_legend())
        .tooltip(_tooltip())
        .span(width)
        .height(height)
    )


def _renaming(renames: Mapping[str, str]) -> list[model.DataTransformerConfig]:
    return [
        model.DataTransformerConfig(id_val="renameByRegex", options={"regex": pattern, "renamePattern": text})
        for pattern, text in renames.items()
    ]


def _named(made: Named, names: Mapping[str, str] | None) -> Named:
    for series, text in (names or {}).items():
        made = made.override_by_name(series, [model.DynamicConfigValue(id_val="displayName", value=text)])
    return made


def query_of(query: Query, ref: str, *, instant: bool = False, as_table: bool = False) -> prometheus_build.Dataquery:
    """Return the query as a panel's target. ref: its letter. as_table: one row per series of now."""
    form = prometheus.PromQueryFormat.TABLE if as_table else prometheus.PromQueryFormat.TIME_SERIES
    made = prometheus_build.Dataquery().expr(query.expr).ref_id(ref).datasource(DATA_SOURCE).format(form)
    if query.legend:
        made = made.legend_format(query.legend)
    return made.instant() if instant or as_table else made.range()


def refs() -> Iterable[str]:
    """Return the letters that a panel's queries are called by."""
    return "ABCDEFGHIJKLMNOP"


def thresholds(steps: Steps) -> build.ThresholdsConfig:
    """Return colours by value as Grafana takes them."""
    made = [model.Threshold(value=value, color=colour) for value, colour in steps]
    return build.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(made)


def mappings(texts: Texts | None) -> list[model.ValueMapping]:
    """Return texts in the place of values as Grafana takes them."""
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
