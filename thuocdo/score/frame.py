"""Stored measurements as one pandas frame, and what each row may be used for."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pandas as pd

from thuocdo.core.kinds.kind import TLS_VALID, all_kinds
from thuocdo.core.model import Outcome, PageKind, Reason
from thuocdo.store import MeasurementColumns

KEY = ["target_id", "kind", "vantage_id", "profile", "scheduled_at"]
_TEXTS = ("target_id", "kind", "vantage_id", "profile", "agency_id", "outcome", "reason", "page_kind")
_COLUMNS = [*KEY, "agency_id", "outcome", "reason", "page_kind", "saturated"]

_TLS_SECONDS = "http.tls_seconds"
_TLS_FAULTS = [Reason.TLS_ERROR.value, Reason.CERTIFICATE_INVALID.value]


def home_kinds() -> tuple[str, ...]:
    """Return the kinds of probe that see what kind of page a home page is, the one that tells whether it answers first."""
    kinds = [kind for kind in all_kinds().values() if kind.tells_page_kind]
    return tuple(kind.name for kind in sorted(kinds, key=lambda kind: not kind.answers))


def frame_metrics(metrics: Iterable[str]) -> tuple[str, ...]:
    """Return the measured values that a frame with these metrics needs, `<kind>.<value>`, in alphabetical order."""
    return tuple(sorted({*metrics, _TLS_SECONDS}))


def measurement_frame(
    pieces: Iterable[MeasurementColumns], metrics: Iterable[str], *, targets: Collection[str] | None = None
) -> pd.DataFrame:
    """
    Return one row per measurement.

    Args:
        pieces: in any order, doubles allowed.
        metrics: measured values to take along, `<kind>.<value>`.
        targets: ids of those that take part; None = all.

    Returns:
        The natural key, agency_id, outcome, reason, page_kind (missing where there is none), all as categories in alphabetical
        order; scheduled_at in UTC; saturated; and one float column per metric, NaN where the row does not have it. Sorted by
        key, so that the order of the input changes nothing.
    """
    texts = {name: _Coded() for name in _TEXTS}
    at: list[np.ndarray] = []
    saturated: list[np.ndarray] = []
    wanted = frame_metrics(metrics)
    numbers: dict[str, list[np.ndarray]] = {metric: [] for metric in wanted}
    for piece in pieces:
        if targets is not None and piece.target_id not in targets:
            continue
        length = len(piece.scheduled_at)
        for name, coded in texts.items():
            told = getattr(piece, name)
            if isinstance(told, str):
                coded.add_same(told, length)
            else:
                coded.add(told)
        at.append(np.array(piece.scheduled_at, dtype="int64"))
        saturated.append(np.array(piece.saturated, dtype="bool"))
        for metric in wanted:
            of_kind, _, value = metric.partition(".")
            found = piece.values.get(value) if of_kind == piece.kind else None
            nothing = np.full(length, np.nan)
            numbers[metric].append(nothing if found is None else np.array(found, dtype="float64"))
    columns: dict[str, object] = {name: coded.categories() for name, coded in texts.items()}
    columns["scheduled_at"] = pd.DatetimeIndex(_joined(at, "int64").view("datetime64[us]")).tz_localize("UTC")
    columns["saturated"] = _joined(saturated, "bool")
    columns |= {metric: _joined(numbers.pop(metric), "float64") for metric in wanted}
    frame = pd.DataFrame(columns, columns=[*_COLUMNS, *wanted])
    frame = frame.sort_values(KEY, ignore_index=True)
    doubles = frame.duplicated(KEY)
    return frame[~doubles].reset_index(drop=True) if doubles.any() else frame


class _Coded:
    """A column of few different texts: a small number for each, as they come."""

    def __init__(self) -> None:
        self._codes: dict[str | None, int] = {}
        self._parts: list[np.ndarray] = []

    def add(self, texts: Sequence[str | None]) -> None:
        """Add the texts of a piece."""
        codes = self._codes
        for text in texts:
            if text not in codes:
                codes[text] = len(codes)
        self._parts.append(np.fromiter(map(codes.__getitem__, texts), dtype="int32", count=len(texts)))

    def add_same(self, text: str, number: int) -> None:
        """Add the same text so many times."""
        code = self._codes.setdefault(text, len(self._codes))
        self._parts.append(np.full(number, code, dtype="int32"))

    def categories(self) -> pd.Categorical:
        """Return the whole column, its categories in alphabetical order."""
        names = sorted(text for text in self._codes if text is not None)
        place = {text: number for number, text in enumerate(names)}
        places = np.array([-1 if text is None else place[text] for text in self._codes], dtype="int32")
        codes = _joined(self._parts, "int32")
        return pd.Categorical.from_codes(
            places[codes] if len(codes) else codes, categories=pd.Index(names, dtype="str")
        )


def _joined(parts: list[np.ndarray], dtype: str) -> np.ndarray:
    return np.concatenate(parts) if parts else np.array([], dtype=dtype)


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
