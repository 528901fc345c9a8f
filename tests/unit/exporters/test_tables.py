import csv
import io
import json

import pytest

from exporters.tables import columns, csv_lines, json_array, json_lines
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Reason
from thuocdo.core.wire import measurement_from_json


@pytest.fixture
def parsed(as_record):
    def read(measurements):
        return list(csv.DictReader(io.StringIO("".join(csv_lines(map(as_record, measurements), all_kinds())))))

    return read


def test_columns_are_pinned(golden):
    golden("tests/unit/exporters/golden/measurement-columns.txt", "".join(name + "\n" for name in columns(all_kinds())))


def test_an_empty_table_still_has_its_header():
    assert "".join(csv_lines([], all_kinds())).splitlines() == [",".join(columns(all_kinds()))]


def test_what_was_not_measured_is_an_empty_cell(make, parsed):
    [row] = parsed([make(values={"total_seconds": 0.5})])
    assert (row["http.total_seconds"], row["http.connect_seconds"], row["homepage.load_seconds"]) == ("0.5", "", "")
    assert (row["reason"], row["round_id"], row["saturated"]) == ("", "", "false")
    assert row["scheduled_at"] == "2026-11-22T07:05:00Z"


def test_lines_stream_one_measurement_at_a_time(make, as_record):
    def endless():
        while True:
            yield as_record(make())

    lines = csv_lines(endless(), all_kinds())
    assert next(lines).startswith("target_id,")
    assert next(lines).startswith("da-nang-2025.home,")


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_is_defused(make, text, parsed):
    [row] = parsed([make(reason=Reason.HTTP_ERROR, detail=text)])
    assert row["detail"].startswith("'")
    assert row["detail"].replace("'", "") == text


def test_a_negative_number_stays_a_number(make, parsed):
    [row] = parsed([make(values={"total_seconds": -0.5})])
    assert row["http.total_seconds"] == "-0.5"


def test_json_comes_back_as_the_same_measurement(make):
    given = [make(), make("eform", Reason.FORM_NOT_READY, detail="=1")]
    assert [measurement_from_json(line) for line in json_lines(given)] == given


@pytest.mark.parametrize("number", [0, 1, 3])
def test_the_array_is_valid_json(make, number):
    assert len(json.loads("".join(json_array([make()] * number)))) == number
