"""The choices at the top of a board."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as model

from dashboards.edition import Edition
from thuocdo.core.model import Block
from thuocdo.core.profiles import PROFILES

DATA_SOURCE_UID = "thuocdo-prometheus"
DATA_SOURCE_NAME = "Thước Đo Prometheus"
DATA_SOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")

ALL = "$__all"

Variable = Builder[model.VariableModel]


def variables(edition: Edition, *names: str, single: tuple[str, ...] = ()) -> tuple[Variable, ...]:
    """
    Return the data source and the named variables, in that order.

    Args:
        edition: gives the labels' language.
        names: of VARIABLES.
        single: those of them of which exactly one value is chosen; of the others any number, at first all.

    """
    return (_data_source(edition), *(VARIABLES[name](edition, single=name in single) for name in names))


def _data_source(edition: Edition) -> Variable:
    current = model.VariableOption(selected=True, text=DATA_SOURCE_NAME, value=DATA_SOURCE_UID)
    return build.DatasourceVariable("datasource").label(edition.t("Data source")).type("prometheus").current(current)


def _labels(edition: Edition, *, single: bool, name: str, text: str, of: str) -> Variable:
    """Return a choice among the values of a label."""
    return _asked(edition, name, text, f"label_values({of}, {name})", single=single)


def _called(edition: Edition, *, single: bool, name: str, text: str, by: tuple[str, str], of: str) -> Variable:
    """Return a choice among ids that are shown by what people know them by: these two labels, which make them one of a kind."""
    said = f'label_join({of}, "said", " · ", "{by[0]}", "{by[1]}")'
    # Prometheus tells labels in the order of their names.
    order = sorted({"said": "text", name: "value"}.items())
    regex = "/" + ".*".join(f'{label}="(?<{part}>[^"]+)"' for label, part in order) + "/"
    return _asked(edition, name, text, f"query_result(max by (said, {name}) ({said}))", single=single, regex=regex)


def _asked(edition: Edition, name: str, text: str, query: str, *, single: bool, regex: str = "") -> Variable:
    variable = (
        build.QueryVariable(name)
        .label(edition.t(text))
        .datasource(DATA_SOURCE)
        .query({"query": query, "refId": f"variable-{name}"})
        .regex(regex)
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.NATURAL_ASC)
    )
    if single:
        return variable
    return variable.multi(multi=True).include_all(include_all=True).all_value(".*").current(_everything(edition))


def _listed(edition: Edition, *, single: bool, name: str, text: str, ids: Iterable[str]) -> Variable:  # noqa: ARG001
    """Return a choice among a closed set, by what its members are called."""
    called = ((edition.t(f"{name}.{one}").replace(",", "\\,"), one) for one in ids)
    return (
        build.CustomVariable(name)
        .label(edition.t(text))
        .values(", ".join(f"{said} : {one}" for said, one in called))
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".*")
        .current(_everything(edition))
    )


def _everything(edition: Edition) -> model.VariableOption:
    return model.VariableOption(selected=True, text=[edition.t("All")], value=[ALL])


def _web(edition: Edition, *, single: bool) -> Variable:  # noqa: ARG001 - a text is one by nature
    current = model.VariableOption(selected=True, text=edition.web_url, value=edition.web_url)
    label = edition.t("Address of Thước Đo")
    return build.TextBoxVariable("web").label(label).default_value(edition.web_url).current(current)


def t(text: str) -> str:
    """Mark a text for translation where no edition is known yet."""
    return text


_INFO = "thuocdo_target_info"
_HOME_PAGES = f'topk by (agency) (1, max by (agency, name) ({_INFO}{{role="homepage"}}))'
_LAST = "thuocdo_measurement_timestamp_seconds"
VARIABLES: Mapping[str, Callable[..., Variable]] = {
    "block": partial(_listed, name="block", text=t("Block"), ids=tuple(Block)),
    "region": partial(_labels, name="region", text=t("Region"), of=f'{_INFO}{{block=~"$block"}}'),
    "family": partial(_labels, name="family", text=t("Platform family"), of=_INFO),
    "agency": partial(_called, name="agency", text=t("Agency"), by=("name", "agency"), of=_HOME_PAGES),
    "target": partial(_called, name="target", text=t("Target"), by=("name", "url"), of=_INFO),
    "vantage": partial(_labels, name="vantage", text=t("Vantage point"), of=_LAST),
    "profile": partial(_listed, name="profile", text=t("Profile"), ids=tuple(PROFILES)),
    "agent": partial(_labels, name="agent", text=t("Agent"), of="thuocdo_agent_start_time_seconds"),
    "criteria_set": partial(_labels, name="criteria_set", text=t("Criteria set"), of="thuocdo_agency_score_ratio"),
    "web": _web,
}
