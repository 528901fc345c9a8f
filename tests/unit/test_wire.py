import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thuocdo.core.model import MissedStarts
from thuocdo.core.wire import (
    measurement_from_json,
    measurement_to_dict,
    measurement_to_json,
    record_from_json,
    record_to_json,
    storable,
    storable_json,
)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_measurement_comes_back_from_the_wire_as_it_was(any_measurement, data):
    measurement = data.draw(any_measurement)
    line = measurement_to_json(measurement)
    assert "\n" not in line
    assert measurement_from_json(line) == measurement
    assert json.loads(line) == measurement_to_dict(measurement)


@given(
    name=st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    number=st.integers(1, 10**6),
)
def test_a_count_of_missed_starts_comes_back_from_the_wire_as_it_was(name, number):
    missed = MissedStarts(
        target_id=name,
        kind="http",
        vantage_id="v",
        profile="desktop",
        hour=datetime(2026, 3, 1, 10, tzinfo=UTC),
        agency_id=name,
        missed=number,
        counted_by="p",
    )
    line = record_to_json(missed)
    assert "\n" not in line
    assert record_from_json(f"{line}\n".encode()) == missed
    with pytest.raises(ValueError, match=r"validation error|Invalid JSON"):
        record_from_json(line[:-2].encode())


def test_a_measurement_is_told_from_a_count(make_measurement):
    assert record_from_json(record_to_json(make_measurement()).encode()) == make_measurement()


def test_the_shape_on_the_wire_is_pinned(make_measurement):
    assert measurement_to_dict(make_measurement(detail="được")) == {
        "key": {
            "target_id": "da-nang-2025.home",
            "kind": "http",
            "vantage_id": "local",
            "profile": "desktop",
            "scheduled_at": "2026-11-22T01:02:03.456789Z",
        },
        "agency_id": "da-nang-2025",
        "started_at": "2026-11-22T01:02:03.456789Z",
        "duration_seconds": 0.5,
        "observation": {
            "outcome": "ok",
            "reason": None,
            "detail": "được",
            "page_kind": None,
            "values": {"total_seconds": 0.25},
            "attributes": {},
            "findings": [],
            "tested": [],
            "not_testable": [],
            "evidence": [],
        },
        "conditions": {
            "loop_lag_seconds": 0.0,
            "cpu_pressure_ratio": 0.0,
            "in_flight": 1,
            "lateness_seconds": 0.0,
            "saturated": False,
            "versions": {},
        },
        "round_id": None,
    }


@pytest.mark.parametrize("bad", ["\0", "\ud800"])
def test_text_that_no_database_keeps_becomes_replacement_characters(make_measurement, bad):
    measurement = make_measurement(detail=f"a{bad}b", attributes={"title": bad})
    back = measurement_from_json(measurement_to_json(measurement).encode())
    assert back.observation.detail == "a\ufffdb"
    assert back.observation.attributes == {"title": "\ufffd"}


def test_text_that_is_no_measurement_is_refused_by_place(make_measurement):
    values = measurement_to_dict(make_measurement())
    values["observation"]["outcome"] = "perhaps"
    with pytest.raises(ValueError, match=r"observation\.outcome"):
        measurement_from_json(json.dumps(values))
    with pytest.raises(ValueError, match="Invalid JSON"):
        measurement_from_json("{")


@pytest.mark.parametrize(
    "text", ["", "Hà Nội", "a\x00b", "\ud800", "x\udfffy", "\\u0000", "\\\x00", "\U0001f600", "\x01"]
)
def test_json_is_that_of_what_can_be_stored(text):
    def encode(value):
        return json.dumps(value, ensure_ascii=False)

    value = {text: [text, {"a": text}], "n": 1.5, "none": None}
    assert storable_json(value, encode) == encode(storable(value))
    assert json.loads(storable_json(value, encode).encode()) == storable(value)
