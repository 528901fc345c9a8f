"""What a probe saw against what the server did."""

import pytest

from benchmarks.truth import (
    TTFB_PHASES,
    Seen,
    Truth,
    median_difference,
    median_ratio,
    p95_of_sizes,
    percentile,
    phase_errors,
)

TRUTH = Truth(resolve_seconds=0.02, tls_seconds=0.06, processing_seconds=0.1, transfer_seconds=0.04)


def _seen(**phases):
    return Seen(succeeded=True, phases=phases)


def test_error_of_a_phase_is_seen_minus_done():
    seen = {1: _seen(tls=0.0615)}
    assert phase_errors(seen, {1: TRUTH}, ["tls"]) == pytest.approx([0.0015])


def test_error_up_to_the_first_byte_leaves_the_transfer_out():
    seen = {1: _seen(resolve=0.02, connect=0.001, tls=0.06, processing=0.1, transfer=9.0)}
    assert phase_errors(seen, {1: TRUTH}, TTFB_PHASES) == pytest.approx([0.001])


def test_too_little_is_negative_and_counts_by_its_size():
    errors = phase_errors({1: _seen(processing=0.09)}, {1: TRUTH}, ["processing"])
    assert errors == pytest.approx([-0.01])
    assert p95_of_sizes(errors) == pytest.approx(0.01)


def test_failed_probes_and_such_that_never_reached_the_server_are_left_out():
    seen = {1: Seen(succeeded=False, phases={}), 2: _seen(tls=1.0), 3: _seen(tls=1.0)}
    assert phase_errors(seen, {1: TRUTH, 2: Truth(resolve_seconds=0.02)}, ["tls"]) == []


def test_a_name_that_was_not_asked_for_took_nothing():
    assert phase_errors({1: _seen(resolve=0.003)}, {1: Truth(processing_seconds=0.1)}, ["resolve"]) == [0.003]


@pytest.mark.parametrize(("share", "expected"), [(0.95, 95), (0.5, 50), (1.0, 100), (0.001, 1)])
def test_percentile_is_a_value_that_was_measured(share, expected):
    assert percentile(list(range(100, 0, -1)), share) == expected


def test_percentile_of_one_value_is_that_value():
    assert percentile([7.0], 0.95) == 7.0


def test_rounds_are_compared_pair_by_pair():
    assert median_ratio([1.0, 30.0, 2.0], [2.0, 40.0, 4.0]) == 0.5
    assert median_difference([1.0, 30.0, 2.0], [2.0, 40.0, 4.0]) == -2.0
