from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from exporters.blackbox import render_probe
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Reason


def values(measurement):
    text = render_probe(measurement, all_kinds()[measurement.key.kind]).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
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
        "certificate_expiry_seconds": 1.79e9,
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
        ("probe_ssl_earliest_cert_expiry",): 1.79e9,
        ("probe_tls_version_info", "TLS 1.3"): 1.0,
        ("probe_ip_protocol",): 4.0,
    }
    assert {name: value for name, value in found.items() if name[0].startswith("probe_")} == expected


def test_a_scrape_of_an_inconclusive_probe_is_answered_with_0_and_says_whose_fault_it_was(make):
    found = values(make(reason=Reason.BLOCKED))
    assert found[("probe_success",)] == 0.0
    assert found[("thuocdo_measurement_outcome", "inconclusive", "blocked")] == 1.0


@pytest.mark.parametrize("reason", [Reason.BLOCKED, Reason.ROBOTS_DISALLOWED, Reason.MANDATE_MISSING])
def test_a_probe_that_was_not_made_has_no_duration(make, reason):
    found = values(replace(make(reason=reason, values={}), duration_seconds=0.0))
    assert ("probe_duration_seconds",) not in found
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
    text = render_probe(make("eform"), all_kinds()["eform"]).decode()
    assert 'thuocdo_step_duration_seconds{step="procedure"} 0.4' in text
    assert 'thuocdo_step_duration_seconds{step="form"} 1.2' in text
    assert "thuocdo_step_duration_seconds" not in render_probe(make(), all_kinds()["http"]).decode()
