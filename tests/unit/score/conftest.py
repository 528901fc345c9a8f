"""A small criteria set, three agencies, and measurements made to order."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import numpy as np
import pytest

from thuocdo.core.model import (
    Agency,
    Assessment,
    Block,
    Conditions,
    Measurement,
    MeasurementKey,
    MissedStarts,
    Observation,
    Outcome,
    PageKind,
    Reason,
    Target,
    TargetRole,
)
from thuocdo.core.portals import Registry
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.frame import run_frame
from thuocdo.score.ranking import Names
from thuocdo.score.scorecard import Scorecard
from thuocdo.score.scoring import score_agencies
from thuocdo.store import Ending, RunGroup, Sources

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


@pytest.fixture(scope="session")
def missed() -> Callable[..., MissedStarts]:
    """Make a count of missed starts: missed("a", 3) of its home page in a browser."""

    def make(portal: str, number: int, **rest: Any) -> MissedStarts:
        values = {"kind": "homepage", "profile": "desktop", "hour": NOW - timedelta(hours=5)} | rest
        return MissedStarts(
            target_id=f"{portal}.home", vantage_id="local", agency_id=portal[0], missed=number, counted_by="", **values
        )

    return make


def groups_of(
    measurements: Iterable[Measurement], names: Names | None = None, counted: Names | None = None
) -> Iterator[RunGroup]:
    """Turn measurements into the groups that a store gives, one of each; the same measurement twice counts once."""
    for one in {one.key: one for one in measurements}.values():
        key, seen = one.key, one.observation
        at = (key.scheduled_at - EPOCH) // timedelta(microseconds=1)
        ended = Ending(
            one.agency_id,
            seen.outcome.value,
            seen.reason.value if seen.reason else None,
            seen.page_kind.value if seen.page_kind else None,
            one.conditions.saturated,
        )
        wanted = seen.values if names is None else names[key.kind]
        values = {name: value for name, value in seen.values.items() if name in wanted}
        looked_for = {*wanted, *(counted or {}).get(key.kind, ())}
        yield RunGroup(
            key=(key.target_id, key.kind, key.vantage_id, key.profile),
            ended=ended,
            runs=1,
            first_at=at,
            last_at=at,
            present={name: 1 for name in seen.values if name in looked_for},
            values={name: np.array([value]) for name, value in values.items()} if ended.tells_times else {},
        )


class MemoryRuns(list[RunGroup]):
    """What a store gives of a window, none of it rolled up."""

    @property
    def sources(self) -> Sources:
        return Sources(raw=len(self))


class MemoryStore:
    """The read side of a store, in memory."""

    def __init__(
        self,
        measurements: Iterable[Measurement],
        assessments: Iterable[Assessment] = (),
        lost: Iterable[MissedStarts] = (),
    ) -> None:
        self.taken = list(measurements)
        self.entered = list(assessments)
        self.lost = list(lost)

    def between(self, since: datetime, until: datetime, names: Names, counted: Names) -> MemoryRuns:
        asked = (one for one in self.taken if since <= one.key.scheduled_at < until)
        return MemoryRuns(groups_of((one for one in asked if one.key.kind in names), names, counted))

    def of_round(
        self,
        round_id: str,
        names: Names,
        counted: Names,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> MemoryRuns:
        ends = since or datetime.min.replace(tzinfo=UTC), until or datetime.max.replace(tzinfo=UTC)
        mine = MemoryStore(one for one in self.taken if one.round_id == round_id)
        return mine.between(*ends, names, counted)

    @property
    def rollups(self) -> Self:
        return self

    @property
    def assessments(self) -> Self:
        return self

    @property
    def missed(self) -> Self:
        return self

    def all(self) -> list[Assessment]:
        return self.entered

    def totals(self, since: datetime, until: datetime) -> list[MissedStarts]:
        return [one for one in self.lost if since <= one.hour < until]


@pytest.fixture(scope="session")
def stored() -> type[MemoryStore]:
    return MemoryStore


@pytest.fixture(scope="session")
def score(criteria: CriteriaSet, registry: Registry) -> Callable[..., Mapping[str, Scorecard]]:
    """Score measurements by the small set."""

    def make(measurements: Iterable[Measurement], **rest: Any) -> Mapping[str, Scorecard]:
        by = rest.pop("criteria", criteria)
        scores = score_agencies(run_frame(groups_of(measurements)), by, registry.agencies, **rest)
        return scores.cards

    return make
