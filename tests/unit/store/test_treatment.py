"""Findings in the store, on both engines; and a control's measurements, which never lie beside others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.core.errors import StoreError
from thuocdo.core.model import TreatmentCause, TreatmentFinding, TreatmentNote, TreatmentState
from thuocdo.store.treatment import state_of

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def finding(**more):
    values = {
        "target_id": "a.home",
        "agency_id": "a",
        "cause": TreatmentCause.LIGHTER_IN_ROUND,
        "occasion": "r1",
        "first_at": NOW - timedelta(days=9),
        "last_at": NOW - timedelta(days=2),
        "numbers": {"ratio": 0.5},
        "found_at": NOW,
        "evidence": ("a" * 64,),
    }
    return TreatmentFinding(**values | more)


def test_a_finding_is_kept_once_as_it_was_found(store):
    assert store.treatment.add(finding())
    assert not store.treatment.add(finding(numbers={"ratio": 0.1}))
    assert store.treatment.add(finding(occasion="r2"))
    assert store.treatment.all() == {1: finding(), 2: finding(occasion="r2")}


def test_notes_are_added_and_the_last_decision_counts(store):
    store.treatment.add(finding())
    said = [
        TreatmentNote(at=NOW, by="Sở", reason="Trang có banner"),
        TreatmentNote(at=NOW + timedelta(hours=1), by="An", reason="đúng", state=TreatmentState.EXPLAINED),
        TreatmentNote(at=NOW + timedelta(hours=2), by="Sở", reason="Cảm ơn"),
    ]
    for one in said:
        store.treatment.note(1, one)
    assert store.treatment.notes() == {1: said}
    assert state_of(said) is TreatmentState.EXPLAINED
    assert state_of(said[:1]) is TreatmentState.NEW


def of(measurement, vantage_id):
    return replace(measurement, key=replace(measurement.key, vantage_id=vantage_id))


@pytest.mark.parametrize(("first", "second"), [("hn", "control-x"), ("control-x", "hn")])
def test_a_control_and_others_never_share_a_store(store, make_measurement, first, second):
    store.measurements.write([of(make_measurement(0), first)])
    with pytest.raises(StoreError, match=r"control-x.*never lie in one store"):
        store.measurements.write([of(make_measurement(1), second)])
    assert store.measurements.count() == 1
    store.measurements.write([of(make_measurement(2), first)])
    assert store.measurements.count() == 2


def test_a_batch_of_both_is_refused_whole(store, make_measurement):
    with pytest.raises(StoreError, match="never lie in one store"):
        store.measurements.write([of(make_measurement(0), "hn"), of(make_measurement(1), "control-x")])
    assert store.measurements.count() == 0
