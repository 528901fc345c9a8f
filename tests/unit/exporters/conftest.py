"""Measurements of every kind, with every value its kind measures."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporters.incidents import EndedPart
from exporters.operations import OperationsSnapshot, WindowAvailability
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import (
    Block,
    Conditions,
    Incident,
    IncidentAspect,
    IncidentPart,
    IncidentScope,
    IncidentState,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
    Reason,
    Target,
    TargetRole,
)
from thuocdo.core.model.figures import ending_detail
from thuocdo.core.reloading import mistake_of

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)

Make = Callable[..., Measurement]


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


ATTRIBUTES = {
    "http": {
        "tls_version": "TLSv1.3",
        "http_version": "1.1",
        "ip_version": "4",
        "address": "127.0.0.1",
        "certificate_fingerprint": "ab" * 32,
        "certificate_issuer": "Root",
        "certificate_subject": "dichvucong.danang.example.vn",
        "certificate_names": "dichvucong.danang.example.vn,*.danang.example.vn",
    },
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
        vantage: str = "ha-noi",
        age: timedelta = timedelta(),
        values: dict[str, float] | None = None,
        detail: str = "",
    ) -> Measurement:
        given = {value.name: float(number) for number, value in enumerate(all_kinds()[kind].values, start=1)}
        return Measurement(
            key=MeasurementKey(
                target_id=target, kind=kind, vantage_id=vantage, profile="desktop", scheduled_at=NOW - age
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
        owner="da-nang-2025",
    )


@pytest.fixture(scope="session")
def samples() -> Callable[[str, str], list[tuple[dict[str, str], float]]]:
    """Return the samples of one name in a text of metrics."""

    def found(text: str, name: str) -> list[tuple[dict[str, str], float]]:
        return [
            (sample.labels, sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name
        ]

    return found


@pytest.fixture(scope="session")
def make_duty() -> Callable[..., OperationsSnapshot]:
    """Return a maker of what is known for those on duty; nothing is wrong unless it is given."""
    return lambda **changes: OperationsSnapshot(**{"objective_ratio": 0.995, "reloaded_at": NOW, **changes})


@pytest.fixture(scope="session")
def make_incident() -> Callable[..., Incident]:
    def incident(
        scope: IncidentScope = IncidentScope.TARGET, subject: str = "da-nang-2025.home", **changes: object
    ) -> Incident:
        values = {
            "id": f"{scope}-{subject}",
            "state": IncidentState.DOWN,
            "worst": IncidentState.DOWN,
            "started_at": NOW - timedelta(minutes=3),
            "confirmed_at": NOW,
            "agency_id": "da-nang-2025" if scope is IncidentScope.TARGET else "",
            "reason": Reason.CONNECT_TIMEOUT,
            "detail": "secret detail",
        }
        return Incident(scope=scope, subject_id=subject, **(values | changes))

    return incident


@pytest.fixture(scope="session")
def make_part() -> Callable[..., IncidentPart]:
    def part(target: str = "da-nang-2025.home", **changes: object) -> IncidentPart:
        values = {
            "state": IncidentState.DOWN,
            "worst": IncidentState.DOWN,
            "started_at": NOW - timedelta(minutes=3),
            "confirmed_at": NOW,
            "since": NOW - timedelta(minutes=3),
            "reason": Reason.CONNECT_TIMEOUT,
        }
        return IncidentPart(target_id=target, **(values | changes))

    return part


@pytest.fixture(scope="session")
def whole_duty(make_duty, make_incident, make_part) -> OperationsSnapshot:
    """Everything that can be told of one target at once."""
    target, soon = "da-nang-2025.home", IncidentState.EXPIRING
    ending = {"aspect": IncidentAspect.CERTIFICATE, "state": soon, "worst": soon, "reason": None}
    ending["detail"] = ending_detail(NOW + timedelta(days=5))
    return make_duty(
        incidents=[
            make_incident(parts=(make_part(), make_part(**ending))),
            make_incident(IncidentScope.FAMILY, "igate-new"),
            make_incident(IncidentScope.VANTAGE, "ha-noi"),
        ],
        ended=[make_incident(IncidentScope.FAMILY, "igate-legacy", state=IncidentState.ENDED, ended_at=NOW)],
        ended_parts=[EndedPart(incident=make_incident(), part=make_part(ended_at=NOW))],
        confirmed={IncidentScope.TARGET: 7},
        judged_at=NOW,
        in_maintenance={target},
        judged={target: (90, 5, 3, 2)},
        responses={(target, "http"): ((1, 2, 0, 3, 0, 0, 4), 12.5), (target, "eform"): ((1, 0, 0, 0, 2), 30.0)},
        availability=[
            WindowAvailability(
                target_id=target, window=window, availability_ratio=0.9, coverage_ratio=0.8, missed_ratio=0.1
            )
            for window in ("1d", "30d", "month")
        ],
        budgets={target: -0.5},
        reload_succeeded=False,
        mistakes=[mistake_of("portals/fleet.yaml:3: portal 'hue': unknown key 'ur1'; did you mean 'url'?")],
        unexplained={target: 2},
    )
