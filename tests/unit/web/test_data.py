import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.store.evidence import EvidenceStore
from thuocdo.web.data import media_type

RAW = "/measurements/da-nang-2025.home/homepage/ha-noi/desktop/2026-11-22T06:55:00Z"


def test_a_raw_measurement_is_found_by_its_natural_key(served):
    answer = served.client.get(RAW)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    found = json.loads(answer.text)
    assert found["key"]["scheduled_at"] == "2026-11-22T06:55:00Z"
    assert found["observation"]["values"]["load_seconds"] == pytest.approx(0.954)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (RAW.replace("06:55:00", "06:55:01"), 404),
        (RAW.replace("ha-noi", "hue"), 404),
        (RAW.replace("Z", ""), 400),
        (RAW.replace("2026-11-22T06:55:00Z", "soon"), 400),
    ],
)
def test_another_key_is_not_found(served, address, status):
    assert served.client.get(address).status == status


def test_evidence_is_shown_but_can_do_nothing(served, screenshot_sha256):
    answer = served.client.get(f"/evidence/{screenshot_sha256}")
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("address", ["0" * 64, "..%2f..%2fetc%2fpasswd", "ZZ"])
def test_there_is_no_evidence_but_what_was_stored(served, address):
    assert served.client.get(f"/evidence/{address}").status == 404


def test_evidence_that_expired_is_gone_and_says_what_it_was(tmp_path, make_site):
    made = make_site(tmp_path)
    evidence = EvidenceStore(made.settings.evidence_dir)
    saved = evidence.save("har", b'{"log": {}}', "application/json")
    evidence.expire(datetime.now(UTC) + timedelta(days=91), keep_days=90, keep_gigabytes=10)
    answer = made.client.get(f"/evidence/{saved.sha256}")
    assert answer.status == 410
    for words in (saved.sha256, "11 bytes", "expired at 20", "kept for 90 days", "10 GB"):
        assert words in answer.text
    assert made.client.get(f"/evidence/{'0' * 64}").status == 404


def test_a_page_kept_as_evidence_is_never_html(tmp_path):
    file = tmp_path / "evidence"
    file.write_bytes(b"<html><script>alert(1)</script>")
    assert media_type(file) == "text/plain; charset=utf-8"


def test_measurements_come_as_json_and_csv_newest_first(served):
    address = "?kind=http&agency=can-tho-2025"
    rows = json.loads(served.client.get(f"/api/measurements.json{address}").text)
    assert len(rows) == 9
    assert rows[0]["observation"]["reason"] == "http_error"
    table = list(csv.DictReader(io.StringIO(served.client.get(f"/api/measurements.csv{address}").text)))
    assert [row["scheduled_at"] for row in table] == [row["key"]["scheduled_at"] for row in rows]


def test_a_page_of_measurements_never_cuts_an_instant_in_two(served):
    rows = json.loads(served.client.get("/api/measurements.json?limit=2").text)
    instants = [row["key"]["scheduled_at"] for row in rows]
    rest = json.loads(served.client.get(f"/api/measurements.json?until={instants[-1]}").text)
    assert len(rows) + len(rest) == 121
    assert max(row["key"]["scheduled_at"] for row in rest) < instants[-1]


@pytest.mark.parametrize("query", ["limit=0", "limit=100000", "limt=5", "since=yesterday", "since=2026-11-22T00:00:00"])
def test_a_query_that_is_not_understood_is_a_400_that_names_the_parameter(served, query):
    answer = served.client.get(f"/api/measurements.json?{query}")
    assert answer.status == 400
    assert query.partition("=")[0] in answer.text


def test_rankings_come_as_json_and_csv(served):
    ranking = json.loads(served.client.get("/api/rankings.json").text)
    assert [row["agency_id"] for row in ranking["blocks"]["province"]] == ["da-nang-2025", "can-tho-2025", "hue-2025"]
    table = list(csv.DictReader(io.StringIO(served.client.get("/api/rankings.csv?criteria=website-2025").text)))
    assert {row["agency_id"] for row in table} >= {"bo-tu-phap", "hue-2025"}


def test_the_description_of_the_api_has_no_pages(served):
    paths = json.loads(served.client.get("/api/openapi.json").text)["paths"]
    assert "/api/measurements.{form}" in paths
    assert "/agencies" not in paths
