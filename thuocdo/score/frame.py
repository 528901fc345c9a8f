"""Groups of runs as one frame with their values beside it, and what each may be used for."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from thuocdo.core.kinds.kind import TLS_VALID, all_kinds, is_ratio
from thuocdo.core.model import (
    KEPT_OUT_REASONS,
    MOST_TIMES,
    OWN_REASONS,
    PASSING_REASONS,
    Block,
    Outcome,
    PageKind,
    Reason,
    Target,
    TargetRole,
)
from thuocdo.store import RunGroup

Floats = npt.NDArray[np.float64]

UNIT = ["agency_id", "target_id", "profile"]
"""What has a statistic of its own: one target under one device profile."""

_COLUMNS = [
    *("target_id", "kind", "vantage_id", "profile"),
    *("agency_id", "outcome", "reason", "page_kind", "saturated", "time_block"),
    *("runs", "first_at", "last_at"),
]
TLS_SECONDS = "http.tls_seconds"
_TLS_FAULTS = [Reason.TLS_ERROR.value, Reason.CERTIFICATE_INVALID.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFrame:
    """
    Runs, put together by who was measured how and how it ended.

    groups: one row each; target_id, kind, vantage_id, profile, agency_id, outcome, reason and page_kind (missing where there is
    none), saturated, time_block (number of the block of time, -1 = of any), runs (how many), first_at, last_at (microseconds
    since 1970 in UTC), and `judged` adds more. In the order of the names, so that the order of the input changes nothing. values:
    by metric, `<kind>.<value>`, then by the row's number: the values of those of its runs that have one, in pieces and in no
    order; of ok runs that were not saturated. present: the same, of how many of its runs there is a value, whatever became of
    them.
    """

    groups: pd.DataFrame
    values: Mapping[str, Mapping[int, Sequence[Floats]]]
    present: Mapping[str, Mapping[int, int]]


_Row = tuple[str | bool | int | None, ...]

_ANY_BLOCK = -1


@dataclass(slots=True)
class _Sum:
    """What is known of a row so far."""

    first_at: int
    last_at: int
    runs: int = 0
    present: dict[str, int] = field(default_factory=dict)
    values: dict[str, list[Floats]] = field(default_factory=dict)


def home_kinds() -> tuple[str, ...]:
    """Return the kinds of probe that see what kind of page a home page is, the one that tells whether it answers first."""
    kinds = [kind for kind in all_kinds().values() if kind.tells_page_kind]
    return tuple(kind.name for kind in sorted(kinds, key=lambda kind: not kind.answers))


def run_frame(
    groups: Iterable[RunGroup], *, targets: Collection[str] | None = None, apart: Collection[str] = ()
) -> RunFrame:
    """
    Return runs as a frame.

    Args:
        groups: in any order, as often as there are pieces of a row.
        targets: ids of those that take part; None = all.
        apart: ids of those whose runs of different blocks of time are rows of their own.
    """
    sums: dict[_Row, _Sum] = {}
    for group in groups:
        if targets is not None and group.key[0] not in targets:
            continue
        row: _Row = (*group.key, *group.ended, group.block if group.key[0] in apart else _ANY_BLOCK)
        total = sums.get(row)
        if total is None:
            total = sums[row] = _Sum(first_at=group.first_at, last_at=group.last_at)
        total.runs += group.runs
        total.first_at, total.last_at = min(total.first_at, group.first_at), max(total.last_at, group.last_at)
        for name, number in group.present.items():
            total.present[name] = total.present.get(name, 0) + number
        for name, some in group.values.items():
            total.values.setdefault(name, []).append(some)
    ordered = sorted(sums, key=lambda row: [str(part) for part in row])
    rows = [(*row, sums[row].runs, sums[row].first_at, sums[row].last_at) for row in ordered]
    frame = pd.DataFrame(rows, columns=_COLUMNS).astype({"runs": "int64", "first_at": "int64", "last_at": "int64"})
    values: dict[str, dict[int, Sequence[Floats]]] = {}
    present: dict[str, dict[int, int]] = {}
    for number, row in enumerate(ordered):
        total = sums[row]
        for name, pieces in total.values.items():
            values.setdefault(f"{row[1]}.{name}", {})[number] = pieces
        for name, count in total.present.items():
            present.setdefault(f"{row[1]}.{name}", {})[number] = count
    return RunFrame(groups=frame, values=values, present=present)


def judged(frame: RunFrame, page_kinds_ranked: Iterable[PageKind]) -> RunFrame:
    """
    Add what each row may be used for.

    Returns:
        The frame whose groups have: unit (its number, in the order of the names: numbers are put together much faster), counted
        (conclusive), ok and failed (of those), shown_kind (the page is of a kind that is shown but not ranked), notice (the
        agency's home page mostly is: at least half of the ok runs of one kind of probe), timed (the runs' times count: they
        failed, or their page is of the kind this agency is measured by and the prober was not saturated; a saturated prober
        spoils times, not the fact that the portal answered), hidden (came to no conclusion, and not for something at us),
        kept_out (of those: the portal let the probe no further), lost (a round takes it again), passing (ok, of another kind of
        page than the agency's).
    """
    groups = frame.groups
    ranked_kinds = [kind.value for kind in page_kinds_ranked]
    counted = groups["outcome"].isin([Outcome.OK.value, Outcome.FAILED.value])
    ok = counted & (groups["outcome"] == Outcome.OK.value)
    shown_kind = ok & groups["page_kind"].notna() & ~groups["page_kind"].isin(ranked_kinds)
    with_kind = groups[ok & groups["page_kind"].notna() & groups["kind"].isin(home_kinds())]
    shown = with_kind["runs"].where(shown_kind[with_kind.index], 0)
    sums = with_kind.assign(shown=shown).groupby(["agency_id", "kind"])[["shown", "runs"]].sum()
    notices = sums[sums["shown"] >= 0.5 * sums["runs"]].index.get_level_values("agency_id")
    notice = groups["agency_id"].isin(notices)
    failed = counted & ~ok
    clean = ~groups["saturated"].astype(bool)
    hidden = ~counted & ~groups["reason"].isin([reason.value for reason in OWN_REASONS])
    more = groups.assign(
        unit=groups.groupby(UNIT).ngroup(),
        counted=counted,
        ok=ok,
        failed=failed,
        shown_kind=shown_kind,
        notice=notice,
        timed=failed | (ok & clean & (~shown_kind | notice)),
        hidden=hidden,
        kept_out=hidden & groups["reason"].isin([reason.value for reason in KEPT_OUT_REASONS]),
        lost=groups["reason"].isin([reason.value for reason in PASSING_REASONS]) | (ok & ~clean),
        passing=ok & clean & shown_kind & ~notice,
    )
    return replace(frame, groups=more)


def values_of_units(frame: RunFrame, metric: str) -> dict[int, list[Floats]]:
    """
    Return what the counted runs of each unit gave of one measured value, in pieces and in no order.

    A run that should have the value and lacks it is left out: not measured. A failed run has none either, see `failed_runs`.
    """
    groups = frame.groups
    mine = groups.loc[(groups["kind"] == metric.partition(".")[0]) & groups["timed"] & groups["ok"], "unit"]
    found = frame.values.get(metric, {})
    of_units: dict[int, list[Floats]] = {}
    for number, unit in zip(mine.index, mine, strict=True):
        if number in found:
            of_units.setdefault(int(unit), []).extend(found[number])
    return of_units


def failed_runs(frame: RunFrame, metric: str) -> dict[int, int]:
    """
    Return how many runs of each unit failed, of those of which any did.

    In a time such a run is slower than every other, so that a portal cannot gain by failing now and then.
    """
    groups = frame.groups
    return _runs_of_units(groups[(groups["kind"] == metric.partition(".")[0]) & groups["failed"]])


def hidden_runs(frame: RunFrame, metric: str, planned: Mapping[str, int]) -> dict[int, int]:
    """
    Return how many runs of each unit were due and did not show what they were taken for, of those of which any did not.

    In a time, or any other measured value, these are also ok runs without it, or on another kind of page than the agency's; of
    whether a certificate is valid also runs that failed before there was one. What failed for something at us does not count: no
    portal may lose by it.

    Args:
        frame: judged.
        metric: what is looked for.
        planned: how many runs of each unit a round has, by kind; a kind that is not there: as many as were taken.
    """
    kind, _, name = metric.partition(".")
    mine = frame.groups[frame.groups["kind"] == kind]
    hidden = Counter(_runs_of_units(mine[mine["hidden"]]))
    if name == TLS_VALID:
        hidden.update(_runs_of_units(_before_tls(frame, mine[mine["failed"]])))
    elif not is_ratio(metric):
        hidden.update(_runs_of_units(mine[mine["passing"]]))
        seen = mine[mine["ok"] & mine["timed"]]
        there = frame.values.get(metric, {})
        without = seen["runs"] - [sum(map(len, there.get(number, ()))) for number in seen.index]
        hidden.update(_runs_of_units(seen.assign(runs=without)))
    if kind in planned:
        kept = mine[~mine["lost"]].groupby("unit")["runs"].sum()
        for unit, taken in _runs_of_units(mine).items():
            # A round takes again what was lost by us, until it has enough or was taken twice as often as planned.
            if taken < MOST_TIMES * planned[kind]:
                hidden[unit] += max(0, planned[kind] - int(kept.get(unit, 0)))
    return {unit: count for unit, count in hidden.items() if count > 0}


def absent_units(frame: RunFrame, kind: str, targets: Iterable[Target]) -> list[str]:
    """
    Return the agency of each target and profile of which a round has no run, though it has of others that are planned alike.

    Args:
        frame: of a round that has ended: every probe that it planned has a measurement.
        kind: of probe, which the round has.
        targets: that may be probed.
    """
    rows = frame.groups[frame.groups["kind"] == kind]
    profiles: dict[str, set[str]] = {}
    for target_id, profile in zip(rows["target_id"], rows["profile"], strict=True):
        profiles.setdefault(target_id, set()).add(profile)
    alike: dict[tuple[Block, TargetRole, bool], list[Target]] = {}
    for target in targets:
        alike.setdefault((target.block, target.role, target.mandate is not None), []).append(target)
    absent = []
    for group in alike.values():
        planned = sorted(set().union(*(profiles.get(one.id, ()) for one in group)))
        absent += [one.agency_id for one in group for name in planned if name not in profiles.get(one.id, ())]
    return absent


def _runs_of_units(rows: pd.DataFrame) -> dict[int, int]:
    sums = rows.groupby("unit")["runs"].sum()
    return dict(zip(sums.index.tolist(), sums.tolist(), strict=True))


def ratio_rows(frame: RunFrame, metric: str) -> pd.DataFrame:
    """Return the counted runs of a derived ratio: `unit`, `runs`, and `success`, how many of them."""
    groups = frame.groups
    mine = groups[(groups["kind"] == metric.partition(".")[0]) & groups["counted"]]
    if metric.partition(".")[2] != TLS_VALID:
        return mine[["unit"]].assign(runs=mine["runs"], success=mine["runs"].where(mine["ok"], 0))
    faulty = mine["reason"].isin(_TLS_FAULTS)
    with_tls = _with_tls(frame, mine)
    # A page that came without TLS has no valid certificate; of a run that failed before the handshake nobody knows.
    runs = mine["runs"].where(faulty | mine["ok"], with_tls)
    return mine[["unit"]].assign(runs=runs, success=with_tls.where(~faulty, 0))[runs > 0]


def _with_tls(frame: RunFrame, rows: pd.DataFrame) -> pd.Series:
    """Return how many runs of each row came to a handshake."""
    there = frame.present.get(TLS_SECONDS, {})
    return pd.Series([there.get(number, 0) for number in rows.index], index=rows.index, dtype="int64")


def _before_tls(frame: RunFrame, failed: pd.DataFrame) -> pd.DataFrame:
    """Return the runs that failed before there was a certificate to be seen."""
    known = failed["reason"].isin(_TLS_FAULTS)
    return failed[~known].assign(runs=(failed["runs"] - _with_tls(frame, failed))[~known])
