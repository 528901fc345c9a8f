"""Looking through what was really stored: each trick is kept as a finding, once; and no figure changes by it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from benchmarks.treated_portals import CAUSES, ROUND_DAYS, ROUND_FROM, START, Trick, honest, together, with_trick
from thuocdo.core.clock import hanoi_day
from thuocdo.core.model import (
    Agency,
    Block,
    Conditions,
    Measurement,
    MeasurementKey,
    Observation,
    Portal,
    Round,
    Target,
    TargetRole,
    TreatmentCause,
)
from thuocdo.core.portals import Registry
from thuocdo.treatment.in_round import AFTER
from thuocdo.treatment.looking import due_rounds, look_at_controls, look_at_rounds
from thuocdo.treatment.wording import finding_document, finding_sentence

NOW = START + timedelta(days=ROUND_FROM + ROUND_DAYS) + AFTER
ROUND = Round(
    id="2026-t11",
    label="Tháng 11",
    started_at=START + timedelta(days=ROUND_FROM),
    ended_at=START + timedelta(days=ROUND_FROM + ROUND_DAYS),
    settings={"type": "official"},
)
TRICKY = [with_trick(trick, 5) for trick in Trick]
PORTALS = [*honest(6, 5), *TRICKY]


def measured(visit, vantage_id="hn"):
    """Return a visit as the measurement that is stored of it."""
    seen = Observation(
        outcome=visit.outcome,
        reason=visit.reason,
        page_kind=visit.page_kind,
        values=visit.values,
        attributes={"text_sketch": visit.sketch, "final_url": f"https://{visit.host}/"} if visit.host else {},
    )
    key = MeasurementKey(
        target_id=visit.target_id, kind="homepage", vantage_id=vantage_id, profile="desktop", scheduled_at=visit.at
    )
    return Measurement(
        key=key, agency_id=visit.target_id.partition(".")[0], started_at=visit.at, duration_seconds=1.0, observation=seen,
        conditions=Conditions(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def visits():
    return together(PORTALS)


@pytest.fixture
def registry():
    names = [one.id.partition(".")[0] for one in PORTALS]
    return Registry(
        agencies={name: Agency(id=name, block=Block.PROVINCE, name_vi=f"Tỉnh {name}", name_en=name) for name in names},
        portals={name: Portal(id=name, agency_id=name, homepage_url="https://portal.example/") for name in names},
        procedures={},
        targets={
            f"{name}.home": Target(
                id=f"{name}.home", role=TargetRole.HOMEPAGE, url="https://portal.example/", agency_id=name, portal_id=name,
                block=Block.PROVINCE,
            )
            for name in names
        },
        digest="0" * 64,
    )  # fmt: skip


def test_each_trick_is_found_in_what_was_stored(store, registry, visits):
    ours, controls = visits
    store.measurements.write([measured(one) for one in ours])
    found = [*look_at_rounds(store, registry, [ROUND], NOW), *look_at_controls(store, registry, controls, NOW)]
    told = {(one.target_id, one.cause) for one in found}
    assert {(one.id, CAUSES[one.trick]) for one in TRICKY} <= told
    assert {name for name, _ in told} == {one.id for one in TRICKY}  # who is lighter for us is faster as well
    assert all(map(store.treatment.add, found))
    again = [*look_at_rounds(store, registry, [ROUND], NOW), *look_at_controls(store, registry, controls, NOW)]
    assert not any(map(store.treatment.add, again))
    for number, one in store.treatment.all().items():
        for lang in ("vi", "en"):
            text = finding_sentence(one, registry, lang)
            assert "{" not in text
            assert "treatment." not in text
        assert finding_document(number, one, [], registry, "vi")["state"] == "new"


def test_what_an_agency_declared_stands_beside(store, registry, visits):
    ours, _ = visits
    store.measurements.write([measured(one) for one in ours])
    (one,) = [
        found
        for found in look_at_rounds(store, registry, [ROUND], NOW)
        if found.cause is TreatmentCause.LIGHTER_IN_ROUND
    ]
    name = one.target_id.partition(".")[0]
    portals = dict(registry.portals) | {name: replace(registry.portals[name], allowlisted_since=START.date())}
    told = finding_sentence(one, replace(registry, portals=portals), "vi")
    assert "Cơ quan đã khai báo" in told
    assert "Cơ quan đã khai báo" not in finding_sentence(one, registry, "vi")


def test_a_round_is_looked_at_once_it_can_be():
    last = hanoi_day(ROUND.ended_at)
    assert [days for days in range(20) if due_rounds([ROUND], last + timedelta(days=days))] == [3, 4, 5, 6, 7, 8, 9]
    assert due_rounds([replace(ROUND, ended_at=None)], hanoi_day(NOW)) == []
    assert due_rounds([replace(ROUND, settings={})], last + timedelta(days=5)) == []


def test_controls_of_targets_that_nobody_knows_are_passed_over(store, registry, visits):
    _, controls = visits
    strangers = [replace(one, target_id="x.home") for one in controls]
    assert look_at_controls(store, registry, strangers, NOW) == []
