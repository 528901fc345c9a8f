"""
What an alert is and what a recorded query is: plain values, from which rule files of Prometheus and Grafana are generated.

Texts are Go templates as both programs fill them: `{{ $labels.target }}` is a label of the query's result. Whatever may change
while an alert stands (a reason, a number, a name) belongs into texts, never into labels: another label is another alert, and
wakes people again. <portal>, <length>, <share>, <count> stand in them for what each language writes its own way: `filling.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """Who has to move: critical wakes somebody, warning waits for the morning, none is a sign of life."""

    CRITICAL = "critical"
    WARNING = "warning"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What one reader sees, in one language; what to do stands in dashboards/runbooks."""

    summary: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """
    One alert.

    name: CamelCase, also the anchor on the page of runbooks. group: rule group it is evaluated with.
    expr: PromQL; the alert stands for every series that it returns, whatever the value, and the value is above 0.
    labels: labels of these series. Those with `owner` go to the agency's own team, all others to the central team.
    hold: how long it must hold before anybody is told ("0s" = at once). keep: how long it stays after it holds no more, so
        that a scrape that is missed resolves nothing.
    about: matchers of the incident that it is about, with {{ $labels.… }}: reason, figures, start, end and page come of it;
        empty = it is about none. state: of a portal's incident; then `about` chooses parts of it, and these in this state.
    cause: of an alert that is about no incident, a query whose label `reason` says why; empty = there is none.
    dashboard: uid of the dashboard to look at. variables: its variables that are set from labels of the same name.
    page: path on our own pages, with {{ $labels.… }}.
    """

    name: str
    group: str
    severity: Severity
    expr: str
    labels: tuple[str, ...] = ()
    hold: str = "0s"
    keep: str = ""
    vi: Texts
    en: Texts
    about: str = ""
    state: str = ""
    cause: str = ""
    dashboard: str = "thuocdo-prober"
    variables: tuple[str, ...] = ()
    page: str = "/"

    @property
    def anchor(self) -> str:
        """Anchor of its section on the page of runbooks."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """
    One recorded query, named level:metric:operation.

    group: rule group it is evaluated with.
    """

    name: str
    group: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)
