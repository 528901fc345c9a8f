"""
What a criterion gives an agency: for certain, and at best.

A portal that does not let a probe in has hidden that run. Were it left out, a portal could gain by hiding while it is slow. So
a run that was due and was hidden is reckoned twice: for certain it was the worst there is, at best the best there is. The
number of runs stays the same whatever is hidden, and so do the places among them between which the interval lies; so all that
is certain can only fall when more is hidden. A unit of which too few runs are seen, though enough were due, has nothing for
certain and all at best. Runs that came to no conclusion for something at us are not due: nobody gains or loses by them.
"""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from thuocdo.core.kinds.kind import is_duration
from thuocdo.score.criteria import Criterion, Statistic
from thuocdo.score.frame import RunFrame, failed_runs, hidden_runs, ratio_rows, values_of_units
from thuocdo.score.medians import quantiles, ratios
from thuocdo.score.points import Floats, earned_ratios
from thuocdo.score.totals import DECIMALS, Earned

QUANTILES = {Statistic.MEDIAN: 0.5, Statistic.P75: 0.75}

_PARTS = ("value", "ci_low", "ci_high")


def statistics_of_units(frame: RunFrame, metric: str, statistic: Statistic) -> pd.DataFrame:
    """Return value, ci_low, ci_high and runs of every unit that has any, by its number: of what was seen, as it is shown."""
    if statistic is Statistic.RATIO:
        return ratios(ratio_rows(frame, metric), ["unit"])
    above = failed_runs(frame, metric) if is_duration(metric) else None
    return quantiles(values_of_units(frame, metric), QUANTILES[statistic], above=above)


def earned_by_agency(
    criterion: Criterion,
    frame: RunFrame,
    agencies: pd.CategoricalIndex,
    seen: pd.DataFrame,
    *,
    minimum_runs: int,
    planned: Mapping[str, int],
    absent: Iterable[str] = (),
) -> dict[str, Earned]:
    """
    Return the points of one criterion by agency: the mean over its units; no entry = nothing was seen or hidden.

    Args:
        criterion: one that is read from measurements.
        frame: judged.
        agencies: of each unit, by its number.
        seen: from `statistics_of_units` for the criterion's metric.
        minimum_runs: fewest runs of a unit, where the criterion says nothing else.
        planned: see `frame.hidden_runs`.
        absent: agencies of units that were planned and of which there is no run at all, one for each.
    """
    metric, statistic, curve = criterion.metric, criterion.statistic, criterion.curve
    assert metric is not None
    assert statistic is not None
    assert curve is not None
    fewest = criterion.minimum_runs or minimum_runs
    hidden = hidden_runs(frame, metric, planned)
    if statistic is Statistic.RATIO:
        counted = ratio_rows(frame, metric)
        changed = [_ratios(counted, hidden, best=best) for best in (False, True)]
    else:
        failed = failed_runs(frame, metric)
        # Of a time the failed ones are among what was seen already.
        touched = {*hidden} if is_duration(metric) else {*hidden, *failed}
        values = values_of_units(frame, metric) if touched else {}
        mine = {unit: values.get(unit, []) for unit in touched}
        changed = [
            _quantiles(mine, QUANTILES[statistic], failed, hidden, falls=curve.falls, best=best)
            for best in (False, True)
        ]
    certain, possible = (
        pd.concat([seen.drop(index=one.index, errors="ignore"), one]).sort_index() if len(one) else seen
        for one in changed
    )
    due = certain["runs"]
    runs = due.sub(pd.Series(hidden, dtype="int64"), fill_value=0)[due.index]
    there, lost = due.index[runs >= fewest], due.index[(runs < fewest) & (due >= fewest)]
    told = [
        pd.DataFrame({f"{name}_{at}": earned_ratios(curve, values[name].to_numpy()) for name in _PARTS})
        for at, values in (("certain", certain.loc[there]), ("possible", possible.loc[there]))
    ]
    shares = pd.concat(told, axis=1).assign(seen=1.0)
    nothing = pd.DataFrame([[0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0]], columns=shares.columns)
    gone = [*absent]
    shares = pd.concat([shares, *([nothing] * (1 if len(lost) or gone else 0))], ignore_index=True)
    rows = [*range(len(there)), *([len(there)] * (len(lost) + len(gone)))]
    owners = [*agencies.take(there.to_numpy(dtype="int64")), *agencies.take(lost.to_numpy(dtype="int64")), *gone]
    means = shares.take(rows).groupby(pd.Index(owners, name="agency_id")).mean()
    worth = (means * criterion.points).round(DECIMALS)
    return {
        str(agency_id): Earned(
            points=at,
            low=min(one, other),
            high=max(one, other),
            possible=best,
            possible_high=max(best_one, best_other),
            kind=metric.partition(".")[0],
            is_measured=measured > 0,
        )
        for agency_id, at, one, other, best, best_one, best_other, measured in worth.itertuples(name=None)
    }


def _ratios(rows: pd.DataFrame, hidden: Mapping[int, int], *, best: bool) -> pd.DataFrame:
    """Return the ratio of each unit of which runs were hidden, as if these had all succeeded, or all failed."""
    more = pd.DataFrame({"unit": [*hidden], "runs": [*hidden.values()]}, dtype="int64")
    more["success"] = more["runs"] if best else 0
    return ratios(pd.concat([rows[rows["unit"].isin([*hidden])], more]), ["unit"])


def _quantiles(
    values: Mapping[int, Sequence[Floats]],
    quantile: float,
    failed: Mapping[int, int],
    hidden: Mapping[int, int],
    *,
    falls: bool,
    best: bool,
) -> pd.DataFrame:
    """Return the quantile of each unit as if every hidden run had been the best, or the worst; a failed one is the worst."""
    worst = {unit: failed.get(unit, 0) + (0 if best else hidden.get(unit, 0)) for unit in values}
    good = {unit: hidden.get(unit, 0) if best else 0 for unit in values}
    above, below = (worst, good) if falls else (good, worst)
    return quantiles(values, quantile, above=above, below=below)
