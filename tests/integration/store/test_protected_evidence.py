"""What the store says must not expire, on both databases."""

from thuocdo.core.model import Assessment, Evidence


def evidence(number):
    return Evidence(kind="har", sha256=f"{number:064x}", media_type="application/json", size_bytes=1)


def test_an_empty_store_protects_nothing(store):
    assert store.measurements.protected_evidence() == frozenset()


def test_evidence_of_rounds_and_assessments_is_protected_and_that_of_every_day_is_not(store, make_measurement):
    store.measurements.write(
        [
            make_measurement(0, evidence=(evidence(1), evidence(2)), round_id="2026-11"),
            make_measurement(1, evidence=(evidence(2), evidence(3)), round_id="2026-12"),
            make_measurement(2, evidence=(evidence(4),)),
            make_measurement(3, evidence=(evidence(1),)),
            make_measurement(4, round_id="2026-11"),
        ]
    )
    at = make_measurement(0).started_at
    for criterion in "ab":
        store.assessments.save(
            Assessment(
                agency_id="a",
                criteria_set_id="c",
                criterion_id=criterion,
                points=1.0,
                entered_by="somebody",
                entered_at=at,
                evidence_sha256=evidence(5).sha256,
            )
        )
    assert store.measurements.protected_evidence() == {evidence(number).sha256 for number in (1, 2, 3, 5)}


def test_more_evidence_than_one_fetch_brings_is_all_protected(store, make_measurement):
    store.measurements.write(
        [make_measurement(number, evidence=(evidence(number),), round_id="r") for number in range(1, 1300)]
    )
    assert len(store.measurements.protected_evidence()) == 1299
