"""Six agencies and two months of made-up everyday measuring, through the store's own write path."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schedules.maintenance import MaintenanceWindow
from thuocdo.core.config import Settings
from thuocdo.core.model import (
    Conditions,
    HourTally,
    Incident,
    IncidentScope,
    IncidentState,
    Measurement,
    MeasurementKey,
    Observation,
    PageKind,
    Reason,
)
from thuocdo.core.portals import read_registry
from thuocdo.periods.period import period_named
from thuocdo.periods.reading import PeriodSources, read_period
from thuocdo.score.criteria import load_criteria_set
from thuocdo.store import Store

NOVEMBER = period_named("2026-11")
NOW = datetime(2026, 12, 1, 2, tzinfo=UTC)
BEGAN = datetime(2026, 10, 17, 3, tzinfo=UTC)
AGENCIES = {
    "da-nang": "Đà Nẵng",
    "ca-mau": "Cà Mau",
    "an-giang": "An Giang",
    "dak-lak": "Đắk Lắk",
    "bo-mau": "Bộ Mẫu",
    "bo-cu": "Bộ Cũ",
}
ENDED = """    valid_to: 2026-11-14
    successor: bo-mau
"""
REGISTRY = "agencies:\n" + "".join(
    f"""  - id: {name}
    block: {"ministry" if name.startswith("bo-") else "province"}
    name_vi: {called}
    name_en: {called}
    source: test
{
        '''    valid_to: 2026-11-14
    successor: bo-mau
'''
        if name == "bo-cu"
        else ""
    }    portals: [{{id: {name}, homepage_url: "https://{name}.example/", confidence: high, source: test}}]
"""
    for name, called in AGENCIES.items()
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("periods")
    (made / "portals").mkdir()
    (made / "portals" / "all.yaml").write_text(REGISTRY, encoding="utf-8")
    return made


@pytest.fixture(scope="session")
def store(folder):
    """November whole and October from the 17th on; Cà Mau could hardly be measured, the store of the first days is empty."""
    with Store.open(f"sqlite:///{folder}/store.sqlite") as opened:
        opened.incidents.save_tallies(tallies())
        opened.measurements.write([*loads()])
        for one in incidents():
            opened.incidents.save(one, None)
        yield opened


def tallies():
    """A probe a minute: what failed, and what was kept from being measured."""
    hour = BEGAN.replace(minute=0)
    while hour < NOW:
        for name in AGENCIES:
            if name == "bo-cu" and hour >= datetime(2026, 11, 14, 17, tzinfo=UTC):
                continue
            failed = 60 if name == "dak-lak" and hour.day == 20 and hour.month == 11 and 2 <= hour.hour < 8 else 0
            excluded = 60 if name == "da-nang" and hour.day == 7 and hour.hour == 16 else 0
            walled = 50 if name == "ca-mau" else 0
            yield HourTally(
                target_id=f"{name}.home",
                vantage_id="ha-noi",
                hour=hour,
                ok=60 - failed - excluded - walled,
                failed=failed,
                inconclusive=walled,
                excluded=excluded,
                missed=1 if hour.hour == 0 else 0,
            )
        hour += timedelta(hours=1)


def loads():
    """A page load each six hours."""
    at, number = BEGAN, 0
    while at < NOW:
        for place, name in enumerate(AGENCIES):
            number += 1
            reason = Reason.TIMEOUT if name == "dak-lak" and number % 7 == 0 else None
            key = MeasurementKey(
                target_id=f"{name}.home",
                kind="homepage",
                vantage_id="ha-noi",
                profile="desktop",
                scheduled_at=at + timedelta(minutes=place),
            )
            yield Measurement(
                key=key,
                agency_id=name,
                started_at=key.scheduled_at,
                duration_seconds=1.0,
                observation=Observation.ended(
                    reason,
                    "",
                    page_kind=None if reason else PageKind.PORTAL,
                    values={} if reason else {"load_seconds": 1.5 + place + number % 5 / 10},
                ),
                conditions=Conditions(),
            )
        at += timedelta(hours=6)


def incidents():
    start = datetime(2026, 11, 20, 2, tzinfo=UTC)
    down = Incident(
        id="i1",
        scope=IncidentScope.TARGET,
        subject_id="dak-lak.home",
        agency_id="dak-lak",
        state=IncidentState.ENDED,
        worst=IncidentState.DOWN,
        reason=Reason.CONNECTION_REFUSED,
        started_at=start,
        confirmed_at=start + timedelta(minutes=3),
        ended_at=start + timedelta(hours=6),
        target_ids=("dak-lak.home",),
    )
    within = replace(
        down, id="i2", worst=IncidentState.DEGRADED, reason=None, started_at=start + timedelta(hours=5),
        ended_at=start + timedelta(hours=7),
    )  # fmt: skip
    over_the_edge = replace(
        down, id="i3", agency_id="da-nang", subject_id="da-nang.home", target_ids=("da-nang.home",),
        reason=Reason.HTTP_ERROR, started_at=NOVEMBER.start - timedelta(hours=3), ended_at=NOVEMBER.start + timedelta(hours=2),
    )  # fmt: skip
    lasting = replace(
        down, id="i4", state=IncidentState.DOWN, agency_id="an-giang", subject_id="an-giang.home",
        target_ids=("an-giang.home",), reason=Reason.DNS_FAILURE, started_at=NOVEMBER.end - timedelta(minutes=30), ended_at=None,
    )  # fmt: skip
    elsewhere = replace(down, id="i5", started_at=start - timedelta(days=30), ended_at=start - timedelta(days=29))
    return [down, within, over_the_edge, lasting, elsewhere]


@pytest.fixture(scope="session")
def sources(folder):
    return PeriodSources(
        registry=read_registry(folder / "portals"),
        criteria=load_criteria_set(Settings().criteria_dir, "survey-2023"),
        maintenance=(
            MaintenanceWindow(
                agency_id="da-nang",
                from_at=datetime(2026, 11, 7, 16, tzinfo=UTC),
                to_at=datetime(2026, 11, 7, 17, tzinfo=UTC),
                asked_by="Sở Khoa học và Công nghệ",
                document="Công văn 12",
            ),
            MaintenanceWindow(portal_id="an-giang", cron="0 2 * * 0", minutes=60, asked_by="Trung tâm dữ liệu"),
            MaintenanceWindow(
                agency_id="da-nang",
                from_at=datetime(2026, 9, 7, 16, tzinfo=UTC),
                to_at=datetime(2026, 9, 7, 17, tzinfo=UTC),
                asked_by="Ngoài kỳ",
            ),
        ),
        objective=0.99,
        synthetic=True,
    )


@pytest.fixture(scope="session")
def read(store, sources):
    """Read a period: read("2026-11")."""

    def make(name, now=NOW):
        return read_period(store, period_named(name), sources, now)

    return make


@pytest.fixture(scope="session")
def november(read):
    return read("2026-11")
