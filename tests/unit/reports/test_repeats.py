"""Statistics of repeated runs: which runs count, what the figures are, which run stands for all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Conditions, Outcome, Reason
from thuocdo.reports.repeats import statistic, summarise

BUSY = Conditions(saturated=True)


@pytest.fixture
def runs(make_measurement):
    """runs(1.0, 2.0, Reason.TIMEOUT): ok runs of these load times, and one that ended so."""

    def make(*seen, **changes):
        return [
            make_measurement(number, kind="homepage", outcome=one.outcome, reason=one, values={}, **changes)
            if isinstance(one, Reason)
            else make_measurement(number, kind="homepage", values={"load_seconds": one}, **changes)
            for number, one in enumerate(seen)
        ]

    return make


@given(st.lists(st.floats(min_value=-1e9, max_value=1e9), min_size=1, max_size=30))
def test_the_figures_are_those_of_numpy(values):
    found = statistic(values)
    p25, p75 = np.quantile(values, [0.25, 0.75], method="inverted_cdf")
    assert found.median == pytest.approx(np.median(values))
    assert (found.p75, found.min, found.max, found.n) == (p75, min(values), max(values), len(values))
    assert found.iqr == p75 - p25


def test_p75_is_a_number_that_some_run_had():
    assert [statistic(range(1, n + 1)).p75 for n in (1, 2, 3, 4, 5)] == [1, 2, 3, 3, 4]


def test_the_run_nearest_to_the_median_stands_for_all(runs):
    one = summarise(runs(9.0, 1.0, 2.0, 8.0, 3.5), asked=5)
    assert one.statistics["load_seconds"].median == 3.5
    assert (one.typical, one.typical_by) == (5, "load_seconds")
    assert one.typical_run.observation.values == {"load_seconds": 3.5}


def test_of_two_runs_equally_near_the_earlier_is_typical(runs):
    assert summarise(runs(2.0, 4.0), asked=2).typical == 1


def test_without_a_main_value_the_time_of_the_probe_decides(make_measurement):
    seconds = (5.0, 1.0, 2.0)
    some = [make_measurement(n, values={"odd": 1.0}, duration_seconds=took) for n, took in enumerate(seconds)]
    one = summarise(some, asked=3)
    assert (one.typical, one.typical_by) == (3, "")


def test_a_run_that_lacks_a_value_is_not_counted_for_it(make_measurement):
    values = ({"load_seconds": 1.0, "lcp_seconds": 1.0}, {"load_seconds": 3.0})
    one = summarise([make_measurement(n, kind="homepage", values=v) for n, v in enumerate(values)], asked=2)
    assert {name: found.n for name, found in one.statistics.items()} == {"load_seconds": 2, "lcp_seconds": 1}


def test_an_error_page_never_mixes_with_the_portals_times(make_measurement, runs):
    fast_error = make_measurement(
        9, kind="homepage", outcome=Outcome.FAILED, reason=Reason.HTTP_ERROR, values={"load_seconds": 0.01}
    )
    one = summarise([*runs(1.0, 2.0), fast_error], asked=3)
    assert one.used == (1, 2)
    assert one.statistics["load_seconds"].min == 1.0
    assert one.outcomes == {Outcome.OK: 2, Outcome.FAILED: 1}


def test_where_no_run_was_ok_the_others_tell_what_they_can(runs):
    one = summarise(runs(Reason.TIMEOUT, Reason.TIMEOUT), asked=2)
    assert (one.used, one.statistics, one.outcomes) == ((1, 2), {}, {Outcome.FAILED: 2})


def test_times_of_a_busy_prober_are_left_out_but_that_the_portal_answered_stands(runs):
    one = summarise([*runs(1.0, 2.0), *runs(7.0, conditions=BUSY)], asked=2)
    assert one.used == (1, 2)
    assert one.statistics["load_seconds"].max == 2.0
    assert one.outcomes == {Outcome.OK: 3}
    assert (one.spoilt, one.suspect) == (1, False)


def test_runs_that_are_all_spoilt_are_shown_as_suspect(runs):
    one = summarise(runs(1.0, 2.0, conditions=BUSY), asked=1)
    assert (one.used, one.suspect) == ((1, 2), True)


def test_a_run_in_which_we_were_too_slow_counts_only_where_there_is_no_other(runs):
    late = runs(Reason.PROBER_SATURATED, conditions=BUSY)
    assert summarise([*late, *runs(1.0)], asked=1).outcomes == {Outcome.OK: 1}
    assert summarise(late, asked=1).outcomes == {Outcome.INCONCLUSIVE: 1}


def test_a_definite_fault_is_not_spoilt_by_a_busy_prober(runs):
    assert not runs(Reason.CERTIFICATE_INVALID, conditions=BUSY)[0].is_spoilt
    assert runs(1.0, conditions=BUSY)[0].is_spoilt


def test_every_kind_has_a_main_value():
    assert [kind.name for kind in all_kinds().values() if [value.main for value in kind.values].count(True) != 1] == []
