"""The figures that are promised: what each must be and is aimed to be, and what was measured or reckoned of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.report import Figure
from benchmarks.tables import table


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promised figure. text: what it is, with its unit; before: as of 2026-11-28, before any of it was built."""

    text: str
    before: str
    must: float
    aim: float


PROMISES: Mapping[str, Promise] = {
    "rank-month": Promise(text="rank of 30 days, CPU s", before="≈ 600", must=2.0, aim=0.5),
    "rank-month-memory": Promise(text="rank of 30 days, peak MB", before="5,800", must=300.0, aim=300.0),
    "rank-year": Promise(text="rank of a year, ten million rows, CPU s", before="≈ 1,300", must=3.0, aim=1.0),
    "rank-year-memory": Promise(text="rank of a year, peak MB", before="12,000", must=400.0, aim=400.0),
    "metrics": Promise(text="/metrics of 100 portals, first scrape, CPU s", before="20–600", must=0.5, aim=0.2),
    "country-metrics": Promise(text="/metrics of 3,400 portals, CPU s", before="7.5", must=1.5, aim=0.5),
    "country-bytes": Promise(text="/metrics of 3,400 portals, MB", before="21", must=8.0, aim=8.0),
    "pages": Promise(text="any page over 90 days, p95 of the slowest, CPU s", before="≈ 1.2", must=0.2, aim=0.05),
    "judge": Promise(text="judge of 3,400 portals, share of a core", before="1.4", must=0.2, aim=0.08),
    "bytes": Promise(text="bytes a measurement", before="1,550", must=400.0, aim=200.0),
    "disk": Promise(text="disk of 100 portals in the long run, GB (reckoned)", before="87", must=8.0, aim=4.0),
    "write": Promise(text="write in batches of 100, µs a measurement", before="240", must=100.0, aim=60.0),
    "start": Promise(text="start to first probe, 3,400 portals, CPU s", before="≈ 35", must=10.0, aim=5.0),
    "growth": Promise(text="growth: slowest page or look, 90 days ÷ 1 day", before="linear", must=1.5, aim=1.2),
    "simulated": Promise(
        text="simulated year: monthly rankings that changed by its end", before="–", must=0.0, aim=0.0
    ),
    "simulated-disk": Promise(text="simulated year: disk ÷ forecast", before="–", must=1.0, aim=0.8),
    "simulated-pages": Promise(text="simulated year: slowest page, last day ÷ first", before="–", must=1.5, aim=1.2),
}
"""By the name that --only takes; those that come with another one (memory, bytes, disk, pages) follow it."""

FOLLOWING = ("rank-month-memory", "rank-year-memory", "country-bytes", "simulated-disk", "simulated-pages")
ONLY = tuple(name for name in PROMISES if name not in FOLLOWING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    What was found out about a promise.

    engine: of the database. runs: a value for each run; none = there is nothing to tell: the feature is not built yet, or the
    measuring has failed. note: over what, where not as promised; how it was reckoned where it was not measured; why there is
    nothing.
    """

    name: str
    engine: str
    runs: Sequence[float] = ()
    note: str = ""
    failed: bool = False

    @property
    def value(self) -> float | None:
        """The median of the runs."""
        return median(self.runs) if self.runs else None


def shown(told: Iterable[Told]) -> str:
    """Return the table for people."""
    columns = ("figure", "before", "now", "range of the runs", "must", "aim", "database", "note")
    return table(columns, [_row(one) for one in told])


def figures_of(told: Iterable[Told]) -> list[Figure]:
    """Return the figures for machines; what could not be measured is not among them."""
    return [
        Figure(
            figure=f"{one.engine}: {PROMISES[one.name].text}",
            value=one.value,
            must=PROMISES[one.name].must,
            aim=PROMISES[one.name].aim,
        )
        for one in told
        if one.value is not None
    ]


def _row(one: Told) -> list[object]:
    promise = PROMISES[one.name]
    spread = f"{_written(min(one.runs))}–{_written(max(one.runs))}" if len(one.runs) > 1 else "–"
    nothing = "failed" if one.failed else "not built"
    now = nothing if one.value is None else _written(one.value)
    return [promise.text, promise.before, now, spread, promise.must, promise.aim, one.engine, one.note]


def _written(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
