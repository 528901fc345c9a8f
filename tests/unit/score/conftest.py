"""A small criteria set, three agencies, and measurements made to order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import pytest

from thuocdo.core.model import (
    Agency,
    Assessment,
    Block,
    Conditions,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
    PageKind,
    Reason,
    Target,
    TargetRole,
)
from thuocdo.core.portals import Registry
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.frame import measurement_frame
from thuocdo.score.scorecard import Scorecard
from thuocdo.score.scoring import score_agencies, value_metrics
from thuocdo.store import MeasurementColumns, MeasurementQuery

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


def _criterion(name: str, points: float, **rest: Any) -> dict[str, Any]:
    return {
        "id": name,
        "title_vi": name,
        "title_en": name,
        "points": points,
        "source": "test",
        "confirmed": False,
    } | rest


def _curve(**rest: Any) -> dict[str, Any]:
    return {"source": "test", "confirmed": False} | rest


@pytest.fixture(scope="session")
def plain() -> Callable[..., dict[str, Any]]:
    """A criteria set as it stands in YAML, 60 points for load time, 20 for availability, 20 by hand."""

    def make(**changes: Any) -> dict[str, Any]:
        bands = [{"at": 1.0, "ratio": 1.0}, {"at": 11.0, "ratio": 0.0}]
        up = [{"at": 0.0, "ratio": 0.0}, {"at": 1.0, "ratio": 1.0}]
        lines = [
            _criterion("load", 60, metric="homepage.load_seconds", statistic="median", curve=_curve(bands=bands)),
            _criterion("up", 20, metric="homepage.availability_ratio", statistic="ratio", curve=_curve(bands=up)),
            _criterion("people", 20, by_hand=True),
        ]
        group = {"id": "all", "title_vi": "a", "title_en": "a", "points": 100, "source": "test", "confirmed": True}
        levels = {
            "source": "test",
            "confirmed": True,
            "bounds": [{"id": "A", "at_least": 80}, {"id": "B", "at_least": 0}],
        }
        return {
            "id": "small",
            "version": "1",
            "title_vi": "nhỏ",
            "title_en": "small",
            "source": "test",
            "confirmed": False,
            "note_vi": "",
            "note_en": "",
            "blocks": ["ministry", "province"],
            "page_kinds_ranked": ["portal"],
            "minimum_runs": 3,
            "minimum_coverage_ratio": 0.5,
            "minimum_measured_ratio": 0.5,
            "levels": levels,
            "groups": [group | {"criteria": lines}],
        } | changes

    return make


@pytest.fixture(scope="session")
def criteria(plain: Callable[..., dict[str, Any]]) -> CriteriaSet:
    return CriteriaSet.model_validate(plain())


@pytest.fixture(scope="session")
def registry() -> Registry:
    """Two provinces and a ministry with one home page each; province c has two home pages."""
    blocks = {"a": Block.PROVINCE, "b": Block.PROVINCE, "c": Block.PROVINCE, "m": Block.MINISTRY, "n": Block.NATIONAL}
    agencies = {
        name: Agency(id=name, block=block, name_vi=f"Tỉnh {name}", name_en=f"Province {name}")
        for name, block in blocks.items()
    }
    targets = {
        f"{portal}.home": Target(
            id=f"{portal}.home",
            role=TargetRole.HOMEPAGE,
            url=f"https://{portal}.example/",
            agency_id=portal[0],
            portal_id=portal,
            block=blocks[portal[0]],
        )
        for portal in ("a", "b", "c", "c2", "m", "n")
    }
    return Registry(agencies=agencies, portals={}, procedures={}, targets=targets, digest="0" * 64)


@pytest.fixture(scope="session")
def run() -> Callable[..., Measurement]:
    """Make one measurement: run("a", 0, 2.5) is ok with a load time of 2.5 s, run("a", 1, Reason.CAPTCHA) is not."""

    def make(portal: str, index: int, result: float | Reason, **rest: Any) -> Measurement:
        reason = result if isinstance(result, Reason) else None
        at = NOW - timedelta(hours=5) + timedelta(seconds=index)
        values = {} if reason else {"load_seconds": float(result)}
        return Measurement(
            key=MeasurementKey(
                target_id=f"{portal}.home",
                kind=rest.get("kind", "homepage"),
                vantage_id="local",
                profile=rest.get("profile", "desktop"),
                scheduled_at=at,
            ),
            agency_id=portal[0],
            started_at=at,
            duration_seconds=1.0,
            observation=Observation(
                outcome=reason.outcome if reason else Outcome.OK,
                reason=reason,
                page_kind=rest.get("page_kind", None if reason else PageKind.PORTAL),
                values=rest.get("values", values),
            ),
            conditions=Conditions(saturated=rest.get("saturated", False)),
            round_id=rest.get("round_id"),
        )

    return make


@pytest.fixture(scope="session")
def runs(run: Callable[..., Measurement]) -> Callable[..., list[Measurement]]:
    """Make a row of measurements of one portal."""

    def make(portal: str, results: Iterable[float | Reason], **rest: Any) -> list[Measurement]:
        return [run(portal, index, result, **rest) for index, result in enumerate(results)]

    return make


def columns_of(measurements: Iterable[Measurement]) -> Iterator[MeasurementColumns]:
    """Turn measurements into the columns that a store gives, one piece per series."""
    by_series: dict[tuple[str, ...], list[Measurement]] = {}
    for one in measurements:
        key = (one.key.target_id, one.key.kind, one.key.vantage_id, one.key.profile)
        by_series.setdefault(key, []).append(one)
    for (target_id, kind, vantage_id, profile), members in by_series.items():
        names = sorted({name for one in members for name in one.observation.values})
        yield MeasurementColumns(
            target_id=target_id,
            kind=kind,
            vantage_id=vantage_id,
            profile=profile,
            agency_id=[one.agency_id for one in members],
            outcome=[one.observation.outcome.value for one in members],
            reason=[one.observation.reason and one.observation.reason.value for one in members],
            page_kind=[one.observation.page_kind and one.observation.page_kind.value for one in members],
            scheduled_at=[(one.key.scheduled_at - EPOCH) // timedelta(microseconds=1) for one in members],
            saturated=[one.conditions.saturated for one in members],
            values={name: [one.observation.values.get(name) for one in members] for name in names},
        )


class MemoryStore:
    """The read side of a store, in memory."""

    def __init__(self, measurements: Iterable[Measurement], assessments: Iterable[Assessment] = ()) -> None:
        self.taken = list(measurements)
        self.entered = list(assessments)

    def columns(self, query: MeasurementQuery, values: Sequence[str]) -> Iterator[MeasurementColumns]:
        for piece in columns_of(one for one in self.taken if self._is_asked_for(one, query)):
            missing = [None] * len(piece.scheduled_at)
            yield replace(piece, values={name: piece.values.get(name, missing) for name in values})

    @property
    def measurements(self) -> Self:
        return self

    @property
    def assessments(self) -> Self:
        return self

    def all(self) -> list[Assessment]:
        return self.entered

    @staticmethod
    def _is_asked_for(one: Measurement, query: MeasurementQuery) -> bool:
        at = one.key.scheduled_at
        return (
            (query.kind is None or one.key.kind == query.kind)
            and (query.round_id is None or one.round_id == query.round_id)
            and (query.since is None or at >= query.since)
            and (query.until is None or at < query.until)
        )


@pytest.fixture(scope="session")
def stored() -> type[MemoryStore]:
    return MemoryStore


@pytest.fixture(scope="session")
def score(criteria: CriteriaSet, registry: Registry) -> Callable[..., dict[str, Scorecard]]:
    """Score measurements by the small set."""

    def make(measurements: Iterable[Measurement], **rest: Any) -> dict[str, Scorecard]:
        by = rest.pop("criteria", criteria)
        return score_agencies(
            measurement_frame(columns_of(measurements), value_metrics(by)), by, registry.agencies, **rest
        )

    return make
