from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporters.blackbox import render_probe
from exporters.text import text_of
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Reason


def values(measurement):
    text = text_of(render_probe(measurement, all_kinds()[measurement.key.kind])).decode()
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_an_http_probe_reads_as_blackbox_exporter_would_write_it(make):
    seen = {
        "resolve_seconds": 0.01,
        "connect_seconds": 0.02,
        "tls_seconds": 0.03,
        "processing_seconds": 0.04,
        "transfer_seconds": 0.05,
        "total_seconds": 0.16,
        "status_code": 200.0,
        "redirects": 1.0,
        "body_bytes": 512.0,
        "unpacked_bytes": 2048.0,
        "certificate_expiry_seconds": 1.79e9,
        "last_modified_timestamp_seconds": 1.44541248e9,
    }
    found = values(make(values=seen))
    expected = {
        ("probe_success",): 1.0,
        ("probe_duration_seconds",): 0.16,
        ("probe_dns_lookup_time_seconds",): 0.01,
        ("probe_http_duration_seconds", "resolve"): 0.01,
        ("probe_http_duration_seconds", "connect"): 0.02,
        ("probe_http_duration_seconds", "tls"): 0.03,
        ("probe_http_duration_seconds", "processing"): 0.04,
        ("probe_http_duration_seconds", "transfer"): 0.05,
        ("probe_http_status_code",): 200.0,
        ("probe_http_redirects",): 1.0,
        ("probe_http_ssl",): 1.0,
        ("probe_http_version",): 1.1,
        ("probe_http_content_length",): 512.0,
        ("probe_failed_due_to_regex",): 0.0,
        ("probe_http_uncompressed_body_length",): 2048.0,
        ("probe_http_last_modified_timestamp_seconds",): 1.44541248e9,
        ("probe_ssl_earliest_cert_expiry",): 1.79e9,
        ("probe_ssl_last_chain_expiry_timestamp_seconds",): 1.79e9,
        (
            "probe_ssl_last_chain_info",
            "ab" * 32,
            "CN=Root",
            "CN=dichvucong.danang.example.vn",
            "dichvucong.danang.example.vn,*.danang.example.vn",
        ): 1.0,
        ("probe_ip_addr_hash",): 3668918509.0,  # as blackbox_exporter 0.23 tells it of 127.0.0.1
        ("probe_tls_version_info", "TLS 1.3"): 1.0,
        ("probe_ip_protocol",): 4.0,
    }
    assert {name: value for name, value in found.items() if name[0].startswith("probe_")} == expected


ZEROS = {
    ("probe_success",): 0.0,
    ("probe_duration_seconds",): 1.5,
    ("probe_dns_lookup_time_seconds",): 0.0,
    **{
        ("probe_http_duration_seconds", phase): 0.0 for phase in ("resolve", "connect", "tls", "processing", "transfer")
    },
    ("probe_http_status_code",): 0.0,
    ("probe_http_redirects",): 0.0,
    ("probe_http_ssl",): 0.0,
    ("probe_http_version",): 0.0,
    ("probe_http_content_length",): 0.0,
    ("probe_http_uncompressed_body_length",): 0.0,
    ("probe_failed_due_to_regex",): 0.0,
    ("probe_ip_protocol",): 0.0,
    ("probe_ip_addr_hash",): 0.0,
}
"""What blackbox_exporter tells of a target from which nothing came."""


@pytest.mark.parametrize(
    "reason", [Reason.CONNECTION_REFUSED, Reason.TIMEOUT, Reason.TLS_ERROR, Reason.NO_CONNECTIVITY]
)
def test_of_a_probe_that_came_to_nothing_the_rows_are_there_with_zeros(make, reason):
    found = values(make(reason=reason))
    assert {name: value for name, value in found.items() if name[0].startswith("probe_")} == ZEROS
    assert not [name for name in found if name[0].startswith("thuocdo_http_")]


def test_a_name_that_is_not_found_took_as_long_as_the_probe(make):
    found = values(make(reason=Reason.DNS_FAILURE))
    assert {name: value for name, value in found.items() if name[0].startswith("probe_")} == ZEROS | {
        ("probe_dns_lookup_time_seconds",): 1.5
    }


def test_a_length_that_was_not_told_before_the_body_is_minus_one(make):
    taken = make(values={"status_code": 200.0, "body_bytes": 512.0, "unpacked_bytes": 512.0})
    seen = replace(taken.observation, attributes={"body_framing": "chunked"})
    found = values(replace(taken, observation=seen))
    assert found[("probe_http_content_length",)] == -1.0
    assert found[("probe_http_uncompressed_body_length",)] == 512.0


def test_a_body_that_was_not_unpacked_has_an_unknown_length(make):
    found = values(make(values={"status_code": 200.0, "body_bytes": 512.0}))
    assert found[("probe_http_uncompressed_body_length",)] == -1.0


def test_a_scrape_of_an_inconclusive_probe_is_answered_with_0_and_says_whose_fault_it_was(make):
    found = values(make(reason=Reason.BLOCKED))
    assert found[("probe_success",)] == 0.0
    assert found[("thuocdo_measurement_outcome", "inconclusive", "blocked")] == 1.0


@pytest.mark.parametrize("reason", [Reason.BLOCKED, Reason.ROBOTS_DISALLOWED, Reason.MANDATE_MISSING])
def test_a_probe_that_was_not_made_has_no_duration(make, reason):
    found = values(replace(make(reason=reason, values={}), duration_seconds=0.0))
    assert [name for name in found if name[0].startswith("probe_")] == [("probe_success",)]
    assert found[("probe_success",)] == 0.0
    assert ("probe_duration_seconds",) in values(make(reason=reason))


def test_missing_text_counts_as_failed_by_regex(make):
    assert values(make(reason=Reason.CONTENT_MISMATCH))[("probe_failed_due_to_regex",)] == 1.0


def test_a_stored_result_tells_when_it_was_taken_and_no_http_phases(make, now):
    found = values(make("homepage"))
    assert found[("thuocdo_measurement_timestamp_seconds",)] == now.timestamp()
    assert ("thuocdo_homepage_load_seconds",) in found
    assert not any(name[0].startswith("probe_http") for name in found)


def test_each_step_of_a_journey_has_a_series(make):
    text = text_of(render_probe(make("eform"), all_kinds()["eform"])).decode()
    assert 'thuocdo_step_duration_seconds{step="procedure"} 0.4' in text
    assert 'thuocdo_step_duration_seconds{step="form"} 1.2' in text
    assert "thuocdo_step_duration_seconds" not in text_of(render_probe(make(), all_kinds()["http"])).decode()
