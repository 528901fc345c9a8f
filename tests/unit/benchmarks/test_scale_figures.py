"""What benchmarks.scale tells: medians and ranges, and what cannot be told."""

from types import SimpleNamespace

import pytest

from benchmarks.scale import stores
from benchmarks.scale.__main__ import _p95, _ratio, _size
from benchmarks.scale.figures import FOLLOWING, ONLY, PROMISES, Told, figures_of, shown
from benchmarks.scale.fill import Filled
from benchmarks.scale.rows import Thinning
from benchmarks.scale.stores import stated, thinning_for

MEASURED = Told(name="write", engine="SQLite", runs=(90.0, 250.0, 110.5), note="quick")
MISSING = Told(name="disk", engine="SQLite", note="nothing is ever deleted")
FAILED = Told(name="judge", engine="PostgreSQL", failed=True)


def test_the_median_counts_and_the_range_is_shown():
    assert MEASURED.value == 110.5
    assert "| write in batches of 100, µs a measurement | 240 | 110 | 90–250 | 100" in shown([MEASURED])


def test_what_is_not_built_and_what_failed_is_said_and_not_published():
    table = shown([MISSING, FAILED])
    assert "| 87 | not built | – |" in table
    assert "| 1.4 | failed | – |" in table
    (figure,) = figures_of([MEASURED, MISSING, FAILED])
    assert (figure.value, figure.must, figure.aim, figure.holds) == (110.5, 100.0, 60.0, False)


def test_every_promise_can_be_asked_for_or_follows_one():
    assert set(PROMISES) - set(ONLY) == set(FOLLOWING)
    assert all(name.startswith(tuple(one.partition("-")[0] for one in ONLY)) for name in FOLLOWING)


@pytest.mark.parametrize(("rows", "one_in"), [(10_000, 1), (1_100_000, 1), (1_500_000, 2), (9_000_000, 8)])
def test_what_does_not_fit_the_disk_is_thinned(monkeypatch, tmp_path, rows, one_in):
    monkeypatch.setattr(stores.shutil, "disk_usage", lambda _: SimpleNamespace(free=1e9))
    assert thinning_for(rows, tmp_path).one_in == one_in


def test_thinning_is_stated():
    told = Filled(rows=1_000, stands_for=50_000)
    assert stated(told, Thinning()) == ""
    assert stated(told, Thinning(one_in=60)) == "1,000 rows stand for 50,000: http 1 in 60, the rest whole"


def test_days_cut_the_history():
    assert _size(quick=False, days=None)[0].days == (1, 10, 30, 90)
    assert _size(quick=False, days=30)[0].days == (1, 10, 30)
    assert _size(quick=False, days=3)[0].days == (1, 3)
    assert _size(quick=True, days=None)[1].startswith("quick: ")


def test_p95_is_the_nineteenth_of_twenty():
    assert _p95(list(range(20, 0, -1))) == 19
    assert _p95([3.0]) == 3.0


def test_what_costs_next_to_nothing_does_not_grow():
    assert _ratio(0.004, 0.0001) == 1.0
    assert _ratio(0.1, 0.05) == 2.0
