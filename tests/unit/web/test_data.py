import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.store import MeasurementQuery
from thuocdo.store.evidence import EvidenceStore
from thuocdo.web import data as data_module
from thuocdo.web.data import KEPT_SINCE, in_pieces, media_type, whole_instants

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
    assert len(rows) + len(rest) == 169
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


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7, 1_000])
@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_a_table_that_is_read_in_pieces_is_the_same_table(served, monkeypatch, limit, at_once):
    monkeypatch.setattr(data_module, "ROWS_AT_ONCE", at_once)
    query = MeasurementQuery(newest_first=True)
    for find in (served.store.measurements.find, served.store.measurements.records):
        everything = list(find(query))
        at = [data_module._scheduled_at(row) for row in everything]
        last = at[min(limit, len(at)) - 1]
        expected = [row for number, row in enumerate(everything) if number < limit or at[number] == last]
        assert whole_instants(find, query, limit) == expected
        assert list(in_pieces(find, query, limit)) == expected


def test_whoever_reads_slowly_holds_up_no_connection_of_the_store(served, monkeypatch):
    monkeypatch.setattr(data_module, "ROWS_AT_ONCE", 1)
    readers = [in_pieces(served.store.measurements.find, MeasurementQuery(newest_first=True), 1_000) for _ in range(30)]
    assert all(next(reader) for reader in readers)
    assert served.store._database._engine.pool.checkedout() == 0
    assert served.client.get("/-/ready").status == 200


def test_evidence_that_expires_between_two_looks_is_not_there(tmp_path, make_site, monkeypatch, screenshot_sha256):
    own = make_site(tmp_path)
    gone = tmp_path / "gone"
    monkeypatch.setattr(EvidenceStore, "path", lambda *_: gone)
    assert own.client.get(f"/evidence/{screenshot_sha256}").status == 404
    gone.mkdir()  # what cannot be read
    answer = own.client.get(f"/evidence/{screenshot_sha256}")
    assert answer.status == 503
    assert str(tmp_path) not in answer.text
    own.store.close()


@pytest.mark.parametrize("rest", ["", " x y", " 1", " 99999999999999999999 1", " 1 2 3", " -1e3 1", " \u00b2 1"])
def test_a_spoilt_ledger_of_expired_evidence_is_no_fault(tmp_path, make_site, rest):
    own = make_site(tmp_path)
    folder = own.settings.evidence_dir / "ab"
    folder.mkdir(exist_ok=True)
    (folder / "expired").write_text("c" * 62 + rest + "\n")
    assert own.client.get("/evidence/ab" + "c" * 62).status == 404
    own.store.close()


def test_what_went_is_said_to_have_gone(tmp_path, make_site, make_measurement):
    made = make_site(tmp_path, filled=False)
    one = make_measurement(0)
    address = "/measurements/da-nang-2025.home/http/local/desktop/2026-11-22T01:02:03.456789Z"
    made.store.measurements.write([one])
    assert made.client.get(address).status == 200
    assert KEPT_SINCE.lower() not in made.client.get("/api/measurements.json").headers
    later = one.key.scheduled_at + timedelta(days=60)
    made.store.rollups.roll({}, later)
    list(made.store.retention.let_go_measurements(made.store.retention.cut(later, 35), later))
    answer = made.client.get(address)
    assert answer.status == 404
    assert "single measurements are kept for 35 days, older ones are only in daily roll-ups" in answer.text
    assert "any more" not in made.client.get(address.replace("2026-11-22", "2027-01-22")).text
    for form in ("json", "csv"):
        told = made.client.get(f"/api/measurements.{form}").headers
        assert told[KEPT_SINCE.lower()] == "2026-12-16T17:00:00Z"
        young = made.client.get(f"/api/measurements.{form}?since=2026-12-17T00:00:00Z").headers
        assert KEPT_SINCE.lower() not in young
    made.store.close()
