"""Comparing measurements with the truth."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from testbed.compare import compare, kendall_tau
from thuocdo.core.model import Conditions, Measurement, MeasurementKey, Observation, Outcome, Reason

START = datetime(2026, 11, 22, tzinfo=UTC)


@given(st.lists(st.floats(0.1, 1000), min_size=2, max_size=12, unique=True))
def test_tau_agrees_with_scipy_where_every_pair_differs(seen):
    true = [2.0**n for n in range(len(seen))]
    assert math.isclose(kendall_tau(zip(true, seen, strict=True)), kendalltau(true, seen).statistic, abs_tol=1e-9)


def test_pairs_closer_than_ten_percent_do_not_count():
    assert kendall_tau([(1.0, 2.0), (1.05, 1.0)]) is None
    assert kendall_tau([(1.0, 2.0), (1.2, 1.0)]) == -1.0


def measurement(target, kind, reason=None, index=0, **values):
    return Measurement(
        key=MeasurementKey(
            target_id=target,
            kind=kind,
            vantage_id="v",
            profile="desktop",
            scheduled_at=START + timedelta(seconds=index),
        ),
        agency_id="a",
        started_at=START,
        duration_seconds=1.0,
        observation=Observation(outcome=reason.outcome if reason else Outcome.OK, reason=reason, values=values),
        conditions=Conditions(),
    )


TRUTH = {
    "targets": {
        "fast.home": {
            "block": "province",
            "page_kind": "portal",
            "homepage_seconds": 1.0,
            "expected": {"homepage": {"reason": None, "also": []}},
        },
        "slow.home": {
            "block": "province",
            "page_kind": "portal",
            "homepage_seconds": 2.0,
            "expected": {"homepage": {"reason": None, "also": []}},
        },
        "wall.home": {
            "block": "province",
            "page_kind": "blocked",
            "expected": {"homepage": {"reason": "blocked", "also": ["captcha"]}},
        },
    }
}


def test_order_and_reasons_that_agree_leave_nothing_wrong():
    comparison = compare(
        TRUTH,
        [
            measurement("fast.home", "homepage", load_seconds=1.2),
            measurement("slow.home", "homepage", load_seconds=2.1),
            measurement("wall.home", "homepage", Reason.CAPTCHA),
        ],
    )
    assert comparison.taus == {"province": 1.0}
    assert comparison.tau == 1.0
    assert comparison.wrong == {}
    assert comparison.blamed == ()


@pytest.mark.parametrize(("target", "reason"), [("wall.home", Reason.TIMEOUT), ("fast.home", Reason.HTTP_ERROR)])
def test_a_failure_that_the_truth_does_not_know_is_blame(target, reason):
    comparison = compare(TRUTH, [measurement(target, "homepage", reason)])
    assert len(comparison.blamed) == 1
    assert sum(comparison.wrong.values()) == 1


def test_a_saturated_prober_is_not_wrong_but_a_fault_that_no_run_recognised_is_missed():
    spoilt = measurement("wall.home", "homepage", Reason.PROBER_SATURATED)
    comparison = compare(TRUTH, [spoilt])
    assert comparison.wrong == {}
    assert comparison.missed == ("wall.home homepage: blocked",)
    assert compare(TRUTH, [spoilt, measurement("wall.home", "homepage", Reason.BLOCKED, index=1)]).missed == ()


def test_a_fault_to_be_in_time_that_a_busy_prober_never_could_tell_is_untold_not_missed():
    truth = {"targets": {"late.home": {**TRUTH["targets"]["wall.home"]}}}
    truth["targets"]["late.home"]["expected"] = {"homepage": {"reason": "timeout", "also": []}}
    busy = [measurement("late.home", "homepage", Reason.PROBER_SATURATED, index=index) for index in range(2)]
    comparison = compare(truth, busy)
    assert (comparison.missed, comparison.untold) == ((), ("late.home homepage: timeout",))
    told = compare(truth, [*busy, measurement("late.home", "homepage", Reason.TIMEOUT, index=2)])
    assert (told.missed, told.untold) == ((), ())
    wrong = compare(truth, [*busy, measurement("late.home", "homepage", index=2)])
    assert (wrong.missed, wrong.untold) == (("late.home homepage: timeout",), ())
