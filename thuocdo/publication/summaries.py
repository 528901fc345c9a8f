"""What the runs of each target amount to: how they ended, and the middle and spread of what was measured."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from thuocdo.core.kinds.kind import AVAILABILITY, Kind, Nature
from thuocdo.core.model import OWN_REASONS, Outcome
from thuocdo.publication.content import TargetSummary
from thuocdo.store import RunGroup

SIGNIFICANT_DIGITS = 6

_OWN = frozenset(reason.value for reason in OWN_REASONS)
_SeriesKey = tuple[str, str, str, str]
_Pieces = list[npt.NDArray[np.float64]]


def summarised(groups: Iterable[RunGroup], owners: Mapping[str, str], kinds: Mapping[str, Kind]) -> list[TargetSummary]:
    """
    Summarise runs by series and metric, in the order of their names.

    Args:
        groups: of runs, each of one ending, in any order.
        owners: agency by target; runs of other targets take no part.
        kinds: every kind of probe by name.
    """
    ended: dict[_SeriesKey, Counter[str]] = defaultdict(Counter)
    pieces: dict[_SeriesKey, dict[str, _Pieces]] = defaultdict(lambda: defaultdict(list))
    for group in groups:
        if group.key[0] in owners and group.key[1] in kinds:
            ended[group.key][_ending(group)] += group.runs
            for name, values in group.values.items():
                pieces[group.key][name].append(values)
    found: list[TargetSummary] = []
    for key in sorted(ended):
        found.append(_ending_summary(key, owners[key[0]], ended[key]))
        found += _value_summaries(key, owners[key[0]], pieces[key], kinds[key[1]])
    return found


def _ending(group: RunGroup) -> str:
    outcome, reason = group.ended.outcome, group.ended.reason
    if outcome == Outcome.OK or outcome == Outcome.FAILED:
        return outcome
    return "spoilt" if reason in _OWN else "hidden"


def _ending_summary(key: _SeriesKey, agency_id: str, ended: Counter[str]) -> TargetSummary:
    target_id, kind, vantage_id, profile = key
    ok, failed = ended[Outcome.OK], ended[Outcome.FAILED]
    return TargetSummary(
        target_id=target_id,
        agency_id=agency_id,
        kind=kind,
        profile=profile,
        vantage_id=vantage_id,
        metric=f"{kind}.{AVAILABILITY}",
        runs=ended.total(),
        ok=ok,
        failed=failed,
        hidden=ended["hidden"],
        spoilt=ended["spoilt"],
        value=_rounded(ok / (ok + failed)) if ok + failed else None,
    )


def _value_summaries(
    key: _SeriesKey, agency_id: str, pieces: Mapping[str, Sequence[npt.NDArray[np.float64]]], kind: Kind
) -> Iterator[TargetSummary]:
    target_id, _, vantage_id, profile = key
    for value in kind.values:
        # Of what names something, or is a day, there is no middle.
        if value.name not in pieces or value.nature in (Nature.CODE, Nature.INSTANT):
            continue
        numbers = np.concatenate(pieces[value.name])
        if not len(numbers):
            continue
        smallest, quarter, middle, three_quarters, largest = np.quantile(numbers, (0, 0.25, 0.5, 0.75, 1)).tolist()
        yield TargetSummary(
            target_id=target_id,
            agency_id=agency_id,
            kind=kind.name,
            profile=profile,
            vantage_id=vantage_id,
            metric=f"{kind.name}.{value.name}",
            runs=len(numbers),
            value=_rounded(middle),
            quarter=_rounded(quarter),
            three_quarters=_rounded(three_quarters),
            smallest=_rounded(smallest),
            largest=_rounded(largest),
        )


def _rounded(value: float) -> float:
    """Return a number to as many digits as mean anything: the last ones of a double differ between machines."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
