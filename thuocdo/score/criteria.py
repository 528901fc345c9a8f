"""
Criteria sets: versioned data that turns measurements into points.

A set is one YAML file in the criteria folder, named by its id. Every figure says where it comes from and whether that is
confirmed, that is: read in the official text itself. A set that a round has used is never changed; it gets a new version.
"""

import hashlib
from collections import Counter
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import Nature, all_kinds, is_duration, is_ratio
from thuocdo.core.model import Block, PageKind
from thuocdo.core.shapes import FilledLine, Id
from thuocdo.core.yamlfile import Strict, load, nearest

MOST_RUNS = 1_000_000


class Statistic(StrEnum):
    """What is taken of many runs of one target."""

    MEDIAN = "median"
    P75 = "p75"
    RATIO = "ratio"


class Interpolation(StrEnum):
    """How points run between two anchors; `log` makes every doubling of the value cost the same."""

    LINEAR = "linear"
    LOG = "log"


def known_metrics() -> frozenset[str]:
    """Return every metric a criterion may read, `<kind>.<value>`; of an instant no median means anything."""
    return frozenset(
        f"{kind.name}.{number.name}"
        for kind in all_kinds().values()
        for number in kind.numbers
        if number.nature is not Nature.INSTANT
    )


def _known(metric: str) -> str:
    known = known_metrics()
    if metric not in known:
        raise ValueError(f"no probe gives this metric{nearest(metric, known)}")
    return metric


def _filled(items: tuple[Any, ...]) -> tuple[Any, ...]:
    if not items:
        raise ValueError("the list is empty; give at least one")
    return items


_FILLED = AfterValidator(_filled)  # pydantic's own min_length also complains wherever an item has a mistake
Metric = Annotated[str, AfterValidator(_known)]
Ratio = Annotated[float, Field(ge=0, le=1)]


class Band(Strict):
    """One anchor of a curve: at this value, this share of the points."""

    at: float = Field(ge=0)
    ratio: Ratio


class Curve(Strict):
    """
    How a value becomes a share of the criterion's points: either `below` (all or nothing) or `bands`.

    Bands are anchors of a curve that only falls or only rises, from all points to none; beyond the ends it is level.
    """

    below: float | None = Field(default=None, gt=0)
    bands: tuple[Band, ...] = ()
    interpolation: Interpolation = Interpolation.LINEAR
    source: str
    confirmed: bool

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.below is None) == (not self.bands):
            raise ValueError("give either 'below' or 'bands'")
        if self.bands:
            _check_bands([band.at for band in self.bands], [band.ratio for band in self.bands])
        if self.interpolation is Interpolation.LOG and (not self.bands or self.bands[0].at <= 0):
            raise ValueError("interpolation 'log' needs bands whose values are above 0")
        return self

    @property
    def falls(self) -> bool:
        """Whether smaller values earn more."""
        return self.below is not None or self.bands[0].ratio > self.bands[-1].ratio


def _check_bands(values: list[float], ratios: list[float]) -> None:
    if any(later <= earlier for earlier, later in pairwise(values)):
        raise ValueError("values of bands ('at') must rise from line to line")
    if ratios not in (sorted(ratios), sorted(ratios, reverse=True)):
        raise ValueError("ratios of bands must only fall or only rise")
    if {min(ratios), max(ratios)} != {0.0, 1.0}:
        raise ValueError("bands must run between ratio 1 and ratio 0; add the missing end")


class Criterion(Strict):
    """
    One line of a criteria set: read from measurements, or entered by a person.

    minimum_runs: fewest counted runs per target; None = the set's. source, confirmed: of the points and of the choice of metric
    (the curve has its own).
    """

    id: Id
    title_vi: FilledLine
    title_en: FilledLine
    points: float = Field(gt=0, le=1_000_000)
    source: str
    confirmed: bool
    note_vi: str = ""
    note_en: str = ""
    by_hand: bool = False
    metric: Metric | None = None
    statistic: Statistic | None = None
    curve: Curve | None = None
    minimum_runs: int | None = Field(default=None, ge=1, le=MOST_RUNS)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.by_hand and (self.metric or self.statistic or self.curve or self.minimum_runs):
            raise ValueError("'by_hand' goes with no metric, statistic, curve or minimum_runs; remove one side")
        if self.by_hand:
            return self
        if self.metric is None or self.statistic is None or self.curve is None:
            raise ValueError("give metric, statistic and curve, or 'by_hand: true'")
        if is_ratio(self.metric) != (self.statistic is Statistic.RATIO):
            raise ValueError(
                f"statistic 'ratio' goes with the derived ratios only, and they with nothing else ({self.metric})"
            )
        if is_duration(self.metric) and not self.curve.falls:
            raise ValueError(f"the curve of {self.metric} rises: slower would earn more; turn the ratios round")
        if is_ratio(self.metric) and self.curve.falls:
            raise ValueError(f"the curve of {self.metric} falls: worse would earn more; turn the ratios round")
        return self


class Group(Strict):
    """A group of criteria (a pillar); its criteria's points add up to its own."""

    id: Id
    title_vi: FilledLine
    title_en: FilledLine
    points: float = Field(gt=0, le=1_000_000)
    source: str
    confirmed: bool
    criteria: Annotated[tuple[Criterion, ...], _FILLED]

    @model_validator(mode="after")
    def _check(self) -> Self:
        total = sum(criterion.points for criterion in self.criteria)
        if abs(total - self.points) > 1e-9:  # decimal figures do not add up exactly
            raise ValueError(
                f"its criteria have {total:g} points together, the group has {self.points:g}; make them equal"
            )
        return self


class Level(Strict):
    """A grade: this many points or more. The lower bound is inclusive, so nothing falls between two levels."""

    id: FilledLine
    at_least: float = Field(ge=0)


class Levels(Strict):
    """The grades of a set, best first."""

    source: str
    confirmed: bool
    note_vi: str = ""
    note_en: str = ""
    bounds: Annotated[tuple[Level, ...], _FILLED]

    @model_validator(mode="after")
    def _check(self) -> Self:
        lower = [level.at_least for level in self.bounds]
        if lower != sorted(set(lower), reverse=True) or lower[-1] != 0:
            raise ValueError("levels must fall from line to line and end at 0")
        return self

    def of(self, points: float) -> str:
        """Return the level of a number of points, rounded to a millionth so that 80 is not missed by a rounding error."""
        return next(level.id for level in self.bounds if round(points, 6) >= level.at_least)


class CriteriaSet(Strict):
    """
    A whole criteria set.

    minimum_runs: fewest counted runs of a target for its median to count. minimum_coverage_ratio: least share of conclusive
    measurements for a rank. minimum_measured_ratio: least share of the points that probes can measure for a rank.
    page_kinds_ranked: home pages of other kinds are shown, not ranked.
    """

    id: Id
    version: FilledLine
    title_vi: FilledLine
    title_en: FilledLine
    source: str
    confirmed: bool
    note_vi: str
    note_en: str
    blocks: Annotated[tuple[Block, ...], _FILLED]
    page_kinds_ranked: Annotated[tuple[PageKind, ...], _FILLED]
    minimum_runs: int = Field(ge=1, le=MOST_RUNS)
    minimum_coverage_ratio: Ratio
    minimum_measured_ratio: Ratio
    levels: Levels | None = None
    groups: Annotated[tuple[Group, ...], _FILLED]

    @model_validator(mode="after")
    def _check(self) -> Self:
        ids = [group.id for group in self.groups] + [criterion.id for criterion in self.criteria]
        twice = sorted(name for name, count in Counter(ids).items() if count > 1)
        if twice:
            raise ValueError(f"ids must be unique in the set; used twice: {', '.join(twice)}")
        return self

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria, in the order of the file."""
        return tuple(criterion for group in self.groups for criterion in group.criteria)

    @property
    def points(self) -> float:
        """Points of the whole set."""
        return sum(group.points for group in self.groups)

    @property
    def measurable_points(self) -> float:
        """Points that probes can measure; the rest is entered by people."""
        return sum(criterion.points for criterion in self.criteria if not criterion.by_hand)

    @property
    def fully_confirmed(self) -> bool:
        """Whether every figure of the set was read in an official text."""
        parts = [self.confirmed, *(group.confirmed for group in self.groups), *(c.confirmed for c in self.criteria)]
        curves = [criterion.curve.confirmed for criterion in self.criteria if criterion.curve]
        return all(parts + curves + ([self.levels.confirmed] if self.levels else []))

    @property
    def digest(self) -> str:
        """SHA-256 of the content (comments and layout of the file do not matter)."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def criterion(self, criterion_id: str) -> Criterion:
        """
        Return one criterion.

        Raises:
            ConfigurationError: the set has no such criterion; the message names the nearest.
        """
        by_id = {criterion.id: criterion for criterion in self.criteria}
        if criterion_id not in by_id:
            raise ConfigurationError(
                f"criteria set '{self.id}' has no criterion '{criterion_id}'{nearest(criterion_id, by_id)}"
                f" (it has: {', '.join(by_id)})"
            )
        return by_id[criterion_id]


def criteria_set_ids(folder: Path) -> tuple[str, ...]:
    """Return the ids of all sets in the folder, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def load_criteria_set(folder: Path, set_id: str) -> CriteriaSet:
    """
    Read one criteria set.

    Raises:
        ConfigurationError: there is no such set (the message names the nearest and all there are), or it has mistakes.
    """
    ids = criteria_set_ids(folder)
    if set_id not in ids:
        raise ConfigurationError(
            f"{folder}: no criteria set '{set_id}'{nearest(set_id, ids)} (there are: {', '.join(ids) or 'none'})"
        )
    path = folder / f"{set_id}.yaml"
    loaded = load(path, CriteriaSet)
    if loaded.id != set_id:
        raise ConfigurationError(
            f"{path}: id '{loaded.id}' is not the file's name; call it '{set_id}' or rename the file"
        )
    return loaded
