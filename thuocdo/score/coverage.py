"""Coverage: how much of what was due was measured, and told something of the portal."""

from collections import Counter
from collections.abc import Collection, Iterable

import pandas as pd

from thuocdo.core.model import MissedStarts
from thuocdo.score.totals import DECIMALS

SERIES = ["agency_id", "target_id", "profile", "kind"]


def coverage(rows: pd.DataFrame, missed: Iterable[MissedStarts]) -> dict[str, float]:
    """
    Return the share of counted rows among all that were due, by agency: the mean over its targets, profiles and kinds.

    So it does not matter how often each was probed; vantage points are taken together.

    Args:
        rows: groups as of `frame.judged`.
        missed: what was due and never started, of the same targets, kinds and time; of each it counts like a run that tells
            nothing.
    """
    found = rows.assign(counted=rows["runs"].where(rows["counted"], 0)).groupby(SERIES)[["counted", "runs"]].sum()
    lost: Counter[tuple[str, ...]] = Counter()
    for one in missed:
        lost[one.agency_id, one.target_id, one.profile, one.kind] += one.missed
    counted, due = found["counted"].astype("float64"), found["runs"].astype("float64")
    if lost:
        more = pd.Series(lost.values(), index=pd.MultiIndex.from_tuples(lost, names=SERIES), dtype="float64")
        due = due.add(more, fill_value=0.0)
        counted = counted.reindex(due.index, fill_value=0.0)
    shares = (counted / due).groupby("agency_id").mean()
    return {str(agency_id): round(float(share), DECIMALS) for agency_id, share in shares.items()}


def taking_part(missed: Iterable[MissedStarts], targets: Collection[str], kinds: Collection[str]) -> list[MissedStarts]:
    """Return what was missed of targets and kinds that a ranking reads."""
    return [one for one in missed if one.target_id in targets and one.kind in kinds]


def missed_by_agency(missed: Iterable[MissedStarts]) -> dict[str, int]:
    """Return how many starts were missed of each agency."""
    counted: Counter[str] = Counter()
    for one in missed:
        counted[one.agency_id] += one.missed
    return dict(counted)
