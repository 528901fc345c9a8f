"""A store with one measured round whose plan lists five people, and what is needed to take it through its steps."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schedules.round_people import PersonRole, PlannedPerson
from tests.minisign_keys import Holder
from thuocdo.core.config import bundled
from thuocdo.core.model import (
    Assessment,
    Conditions,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
    PageKind,
    Round,
    RoundStep,
)
from thuocdo.core.portals import Registry
from thuocdo.rounds.people import frozen_rules
from thuocdo.rounds.steps import PreparedStep, Proceedings
from thuocdo.rounds.working_days import WorkingCalendar, load_calendar
from thuocdo.score.basis import Basis, read_basis
from thuocdo.store import Store

SEALER, APPROVER, ASSESSOR, DECIDER, BOTH = (
    "Trần Thị Lan",
    "Nguyễn Văn Minh",
    "Lê Thu Hà",
    "Phạm Quốc Anh",
    "Vũ Đức Long",
)
ROLES = {
    SEALER: (PersonRole.SEALS,),
    APPROVER: (PersonRole.APPROVES,),
    ASSESSOR: (PersonRole.ASSESSES, PersonRole.DECIDES),
    DECIDER: (PersonRole.DECIDES,),
    BOTH: (PersonRole.SEALS, PersonRole.APPROVES),
}
SET, BY_HAND = "website-2025", "qd473-2024"
BEGAN = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
ENDED = BEGAN + timedelta(days=7)
AGENCY = """
  - id: {id}
    block: province
    name_vi: Tỉnh {id}
    name_en: Province {id}
    source: test
    portals:
      - {{id: {id}, homepage_url: "https://{id}.example/", family: unknown, confidence: high, source: test}}
"""
SECONDS = {"an": 1.0, "binh": 3.0, "chi": 9.0}


def measurement(agency: str, index: int, seconds: float, round_id: str = "r1") -> Measurement:
    at = BEGAN + timedelta(hours=index)
    times = dict.fromkeys(("fcp_seconds", "lcp_seconds", "load_seconds", "longest_task_seconds"), seconds)
    return Measurement(
        key=MeasurementKey(
            target_id=f"{agency}.home", kind="homepage", vantage_id="local", profile="desktop", scheduled_at=at
        ),
        agency_id=agency,
        started_at=at,
        duration_seconds=1.0,
        observation=Observation(outcome=Outcome.OK, page_kind=PageKind.PORTAL, values=times),
        conditions=Conditions(),
        round_id=round_id,
    )


def planned_round(minimum_coverage_ratio: float = 0.9) -> Round:
    people = [PlannedPerson(name=name, roles=roles, key=Holder(name).public_key) for name, roles in ROLES.items()]
    settings = {"criteria_set": SET, **frozen_rules(people, minimum_coverage_ratio)}
    return Round(id="r1", label="2026-Q4", started_at=BEGAN, planned=18, settings=settings)


@dataclass(kw_only=True)
class World:
    """One round and its surroundings; `now` is moved by tests."""

    store: Store
    basis: Basis
    calendar: WorkingCalendar
    registry: Registry
    now: datetime

    def __post_init__(self) -> None:
        self.proceedings = Proceedings(self.store, self.store.rounds.get("r1"))

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def sign(self, prepared: PreparedStep, holder: str = "") -> str:
        return Holder(holder or prepared.note.by).sign(prepared.statement.text())

    def do(self, step: RoundStep, by: str, **about: str) -> None:
        prepared = self.proceedings.prepare(step, by, self.now, **about)
        self.proceedings.do(prepared, self.sign(prepared))
        self.later(seconds=1)

    def seal(self, by: str = SEALER, digest: str = "a" * 64) -> None:
        self.do(RoundStep.SEAL, by, digest=digest)

    def draft(self) -> None:
        self.proceedings.draft(SEALER, self.basis, self.now)
        self.later(seconds=1)

    def open_window(self, days: int = 10) -> datetime:
        until = self.proceedings.reply(SEALER, days, self.calendar, self.now)
        self.later(seconds=1)
        return until

    def close_window(self) -> None:
        self.now = self.proceedings.facts(self.now).deadline + timedelta(seconds=1)

    def approve(self, by: str = APPROVER) -> None:
        prepared = self.proceedings.prepare_approval(by, self.now)
        self.proceedings.approve(prepared, self.sign(prepared))
        self.later(seconds=1)

    def assess(self, agency: str = "an", points: float = 2.0, by: str = ASSESSOR) -> None:
        self.store.assessments.save(
            Assessment(
                agency_id=agency,
                criteria_set_id=BY_HAND,
                criterion_id="structure-by-hand",
                points=points,
                entered_by=by,
                entered_at=self.now,
                evidence_sha256="e" * 64,
                round_id="r1",
            )
        )
        self.later(seconds=1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    portals = tmp_path / "portals"
    portals.mkdir()
    text = "agencies:\n" + "".join(AGENCY.format(id=name) for name in SECONDS)
    (portals / "all.yaml").write_text(text, encoding="utf-8")
    criteria = tmp_path / "criteria"
    criteria.mkdir()
    for name in (SET, BY_HAND):
        shutil.copyfile(bundled("criteria") / f"{name}.yaml", criteria / f"{name}.yaml")
    basis = read_basis(portals, criteria, SET, ENDED)
    with Store.open(f"sqlite:///{tmp_path}/thuocdo.sqlite") as store:
        store.rounds.begin(planned_round())
        store.measurements.write(
            [measurement(name, index, seconds) for name, seconds in SECONDS.items() for index in range(6)]
        )
        store.rounds.end("r1", ENDED)
        yield World(
            store=store,
            basis=basis,
            calendar=load_calendar(bundled("calendars") / "vn.yaml"),
            registry=basis.registry_at(BEGAN.date()),
            now=ENDED + timedelta(hours=1),
        )


@pytest.fixture
def in_reply(world: World) -> World:
    """The same, after its draft was sent to agencies."""
    world.seal()
    world.draft()
    world.open_window()
    return world
