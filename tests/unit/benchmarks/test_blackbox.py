"""What the benchmarks read out of blackbox_exporter's metrics."""

import pytest

from benchmarks.blackbox import required_program, seen_in

METRICS = """\
# TYPE probe_http_duration_seconds gauge
probe_http_duration_seconds{phase="connect"} 7.7315e-05
probe_http_duration_seconds{phase="processing"} 0.100990969
probe_http_status_code 200
probe_success 1
"""


def test_phases_and_success_are_read():
    seen = seen_in(METRICS)
    assert seen.succeeded
    assert seen.phases == {"connect": 7.7315e-05, "processing": 0.100990969}


def test_a_failed_probe_is_no_success():
    assert not seen_in(METRICS.replace("probe_success 1", "probe_success 0")).succeeded


def test_a_missing_peer_is_named_with_its_package():
    with pytest.raises(SystemExit, match="apt-get install such-a-package"):
        required_program("no-such-program", "such-a-package")
