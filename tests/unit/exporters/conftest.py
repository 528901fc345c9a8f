"""Measurements of every kind, with every value its kind measures."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from probes.kind import all_kinds
from thuocdo.model import (
    Block,
    Conditions,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
    Reason,
    Target,
    TargetRole,
)

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"

Make = Callable[..., Measurement]


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def golden() -> Callable[[str, str], None]:
    """Compare text with the file that pins the contract."""

    def compare(name: str, text: str) -> None:
        assert text == (GOLDEN / name).read_text(encoding="utf-8"), (
            f"{name}: a public contract changed (design section 11)"
        )

    return compare


ATTRIBUTES = {
    "http": {"tls_version": "TLSv1.3", "http_version": "1.1", "ip_version": "4"},
    "eform": {"step_seconds": '{"procedure": 0.4, "form": 1.2}', "met": "form"},
}


@pytest.fixture(scope="session")
def make() -> Make:
    """Return a maker of measurements; without a reason every value of the kind is there."""

    def measurement(
        kind: str = "http",
        reason: Reason | None = None,
        *,
        target: str = "da-nang-2025.home",
        age: timedelta = timedelta(),
        values: dict[str, float] | None = None,
        detail: str = "",
    ) -> Measurement:
        given = {value.name: float(number) for number, value in enumerate(all_kinds()[kind].values, start=1)}
        return Measurement(
            key=MeasurementKey(
                target_id=target, kind=kind, vantage_id="ha-noi", profile="desktop", scheduled_at=NOW - age
            ),
            agency_id="da-nang-2025",
            started_at=NOW - age,
            duration_seconds=1.5,
            observation=Observation(
                outcome=reason.outcome if reason else Outcome.OK,
                reason=reason,
                detail=detail,
                values=(given if reason is None else {}) if values is None else values,
                attributes=ATTRIBUTES.get(kind, {}) if reason is None else {},
            ),
            conditions=Conditions(in_flight=2),
        )

    return measurement


@pytest.fixture(scope="session")
def target() -> Target:
    return Target(
        id="da-nang-2025.home",
        role=TargetRole.HOMEPAGE,
        url="https://dichvucong.danang.example.vn/",
        agency_id="da-nang-2025",
        portal_id="da-nang-2025",
        block=Block.PROVINCE,
        region='Duyên hải "Nam Trung Bộ"',
        family="igate-new",
    )
