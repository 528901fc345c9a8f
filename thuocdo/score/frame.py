"""Stored measurements as one pandas frame, and what each row may be used for."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pandas as pd

from thuocdo.core.kinds.kind import TLS_VALID, all_kinds
from thuocdo.core.model import Measurement, Outcome, PageKind, Reason

KEY = ["target_id", "kind", "vantage_id", "profile", "scheduled_at"]
_COLUMNS = [*KEY, "agency_id", "outcome", "reason", "page_kind", "saturated"]

_TLS_SECONDS = "http.tls_seconds"
_TLS_FAULTS = [Reason.TLS_ERROR.value, Reason.CERTIFICATE_INVALID.value]


def home_kinds() -> tuple[str, ...]:
    """Return the kinds of probe that see what kind of page a home page is, the one that tells whether it answers first."""
    kinds = [kind for kind in all_kinds().values() if kind.tells_page_kind]
    return tuple(kind.name for kind in sorted(kinds, key=lambda kind: not kind.answers))


def measurement_frame(measurements: Iterable[Measurement], metrics: Iterable[str]) -> pd.DataFrame:
    """
    Return one row per measurement.

    Args:
        measurements: in any order, doubles allowed.
        metrics: measured values to take along, `<kind>.<value>`.

    Returns:
        The natural key, agency_id, outcome, reason, page_kind (None where there is none), saturated, and one float column per
        metric, NaN where the row does not have it. Sorted by key, so that the order of the input changes nothing.
    """
    wanted = {*metrics, _TLS_SECONDS}
    by_kind: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for metric in sorted(wanted):
        kind, _, value = metric.partition(".")
        by_kind[kind].append((metric, value))
    records: list[dict[str, object]] = []
    for one in measurements:
        key, seen = one.key, one.observation
        record: dict[str, object] = {
            "target_id": key.target_id,
            "kind": key.kind,
            "vantage_id": key.vantage_id,
            "profile": key.profile,
            "scheduled_at": key.scheduled_at,
            "agency_id": one.agency_id,
            "outcome": seen.outcome.value,
            "reason": seen.reason.value if seen.reason else None,
            "page_kind": seen.page_kind.value if seen.page_kind else None,
            "saturated": one.conditions.saturated,
        }
        for metric, value in by_kind.get(key.kind, ()):
            if value in seen.values:
                record[metric] = seen.values[value]
        records.append(record)
    frame = pd.DataFrame.from_records(records, columns=[*_COLUMNS, *sorted(wanted)])
    frame = frame.astype(dict.fromkeys(sorted(wanted), "float64") | {"saturated": "bool"})
    return frame.sort_values(KEY).drop_duplicates(KEY).reset_index(drop=True)


def judged(frame: pd.DataFrame, page_kinds_ranked: Iterable[PageKind]) -> pd.DataFrame:
    """
    Add what each row may be used for.

    Returns:
        The frame with: counted (conclusive), ok and failed (of those), shown_kind (the page is of a kind that is shown but not
        ranked), notice (the agency's home page mostly is: at least half of the ok rows of one kind of probe), timed (the
        run's times count: it failed, or its page is of the kind this agency is measured by and the prober was not saturated;
        a saturated prober spoils times, not the fact that the portal answered).
    """
    ranked_kinds = [kind.value for kind in page_kinds_ranked]
    counted = frame["outcome"].isin([Outcome.OK.value, Outcome.FAILED.value])
    ok = counted & (frame["outcome"] == Outcome.OK.value)
    shown_kind = ok & frame["page_kind"].notna() & ~frame["page_kind"].isin(ranked_kinds)
    with_kind = frame[ok & frame["page_kind"].notna() & frame["kind"].isin(home_kinds())].assign(shown_kind=shown_kind)
    share = with_kind.groupby(["agency_id", "kind"])["shown_kind"].mean()
    notices = share[share >= 0.5].index.get_level_values("agency_id")
    notice = frame["agency_id"].isin(notices)
    failed = counted & ~ok
    return frame.assign(
        counted=counted,
        ok=ok,
        failed=failed,
        shown_kind=shown_kind,
        notice=notice,
        timed=failed | (ok & ~frame["saturated"] & (~shown_kind | notice)),
    )


def value_rows(rows: pd.DataFrame, metric: str, *, failed_is_endless: bool) -> pd.DataFrame:
    """
    Return the counted runs of one measured value, in the column `value`.

    A run that should have the value and lacks it is left out: not measured. failed_is_endless: a failed run is slower than every
    other (inf), so that a portal cannot gain by failing now and then; else it is left out.
    """
    mine = rows[(rows["kind"] == metric.partition(".")[0]) & rows["timed"]]
    value = mine[metric].mask(mine["failed"], np.inf if failed_is_endless else np.nan)
    return mine.assign(value=value)[value.notna()]


def ratio_rows(rows: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the counted runs of a derived ratio, with the column `success`."""
    mine = rows[(rows["kind"] == metric.partition(".")[0]) & rows["counted"]]
    if metric.partition(".")[2] != TLS_VALID:
        return mine.assign(success=mine["ok"])
    faulty = mine["reason"].isin(_TLS_FAULTS)
    return mine.assign(success=~faulty)[faulty | mine[_TLS_SECONDS].notna()]
