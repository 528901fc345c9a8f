"""Columns say the same as whole measurements, on both engines."""

from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.core.model import Conditions, Outcome, PageKind, Reason
from thuocdo.store import MeasurementQuery

VALUES = ("total_seconds", "tls_seconds", "never_measured")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def told(pieces):
    """One tuple per measurement, in the order of their keys."""
    return sorted(
        (
            *(piece.target_id, piece.kind, piece.vantage_id, piece.profile),
            EPOCH + timedelta(microseconds=piece.scheduled_at[row]),
            *(piece.agency_id[row], piece.outcome[row], piece.reason[row] or "", piece.page_kind[row] or ""),
            bool(piece.saturated[row]),
            *(str(piece.values[name][row]) for name in VALUES),
        )
        for piece in pieces
        for row in range(len(piece.scheduled_at))
    )


def expected(measurements):
    return sorted(
        (
            *(one.key.target_id, one.key.kind, one.key.vantage_id, one.key.profile, one.key.scheduled_at),
            *(one.agency_id, one.observation.outcome.value),
            one.observation.reason.value if one.observation.reason else "",
            one.observation.page_kind.value if one.observation.page_kind else "",
            one.conditions.saturated,
            *(str(one.observation.values.get(name)) for name in VALUES),
        )
        for one in measurements
    )


@pytest.fixture
def stored(store, make_measurement):
    """Several series of two kinds, with and without a round, with every column filled and empty."""
    made = []
    for number in range(40):
        fraction = (0, 999_499, 999_500, 999_999)[number % 4]
        changes = {
            "scheduled_at": datetime(2026, 11, 22, 1, 2, 59, fraction, tzinfo=UTC) + timedelta(seconds=number),
            "target_id": f"t{number % 3}.home",
            "kind": "homepage" if number % 4 == 3 else "http",
            "profile": "mobile" if number % 8 == 7 else "desktop",
            "agency_id": f"a{number % 3}",
        }
        if number % 5 == 0:
            changes |= {"outcome": Outcome.FAILED, "reason": Reason.TIMEOUT, "values": {}}
        else:
            changes |= {
                "page_kind": PageKind.PORTAL if number % 2 else None,
                "values": {"total_seconds": number / 7, **({"tls_seconds": 1e-7} if number % 3 else {})},
                "conditions": Conditions(saturated=number % 6 == 1),
            }
        made.append(make_measurement(number, **changes, round_id="r" if number % 3 == 1 else None))
    store.measurements.write(made)
    return made


@pytest.mark.parametrize("rows_per_piece", [2, 10_000])
def test_columns_are_those_of_the_measurements(store, stored, monkeypatch, rows_per_piece):
    monkeypatch.setattr("thuocdo.store.measurements.ROWS_PER_PIECE", rows_per_piece)
    start, end = stored[5].key.scheduled_at, stored[30].key.scheduled_at
    queries = [
        MeasurementQuery(),
        MeasurementQuery(kind="http"),
        MeasurementQuery(round_id="r"),
        MeasurementQuery(round_id="r", kind="homepage"),
        MeasurementQuery(since=start, until=end),
        MeasurementQuery(kind="http", since=start, until=end, agency_id="a1"),
        MeasurementQuery(target_id="t2.home"),
        MeasurementQuery(round_id="no such round"),
    ]
    for query in queries:
        pieces = list(store.measurements.columns(query, VALUES))
        assert told(pieces) == expected(store.measurements.find(query)), query
        assert all(0 < len(piece.scheduled_at) <= rows_per_piece for piece in pieces)


def test_no_values_are_needed(store, stored):
    assert sum(len(piece.scheduled_at) for piece in store.measurements.columns(MeasurementQuery(), ())) == len(stored)
