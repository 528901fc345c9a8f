"""What the runs of each target amount to."""

import numpy as np
import pytest

from thuocdo.core.kinds.kind import all_kinds
from thuocdo.publication.summaries import summarised
from thuocdo.store import Ending, RunGroup

OWNERS = {"hue.home": "hue"}


def group(outcome, reason=None, seconds=(), target="hue.home", profile="desktop", runs=None):
    values = {"load_seconds": np.array(seconds), "http_status": np.full(len(seconds), 200.0)} if seconds else {}
    return RunGroup(
        key=(target, "homepage", "hanoi", profile),
        ended=Ending("hue", outcome, reason, None, False),
        runs=runs or len(seconds),
        first_at=0,
        last_at=0,
        present={name: len(some) for name, some in values.items()},
        values=values,
    )


def by_metric(groups):
    return {one.metric: one for one in summarised(groups, OWNERS, all_kinds())}


def test_runs_are_counted_by_how_they_ended_and_once():
    found = by_metric(
        [
            group("ok", seconds=(1.0, 2.0, 3.0)),
            group("failed", "timeout", runs=1),
            group("inconclusive", "blocked", runs=4),
            group("inconclusive", "redirected_elsewhere", runs=1),
            group("inconclusive", "no_connectivity", runs=2),
            group("ok", seconds=(9.0,), target="stranger.home"),
        ]
    )
    ended = found["homepage.availability_ratio"]
    assert (ended.runs, ended.ok, ended.failed, ended.hidden, ended.spoilt) == (11, 3, 1, 5, 2)
    assert ended.value == 0.75
    assert found["homepage.load_seconds"].ok is None


def test_the_middle_and_the_spread_are_of_all_pieces_together():
    found = by_metric([group("ok", seconds=(4.0, 1.0)), group("ok", seconds=(2.0, 3.0, 5.0))])["homepage.load_seconds"]
    assert (found.runs, found.value, found.quarter, found.three_quarters) == (5, 3.0, 2.0, 4.0)
    assert (found.smallest, found.largest) == (1.0, 5.0)


def test_of_nothing_conclusive_there_is_no_ratio():
    assert by_metric([group("inconclusive", "captcha", runs=2)])["homepage.availability_ratio"].value is None


def test_numbers_end_where_machines_would_differ():
    assert by_metric([group("ok", seconds=(1 / 3,))])["homepage.load_seconds"].value == 0.333333


def test_of_what_names_something_there_is_no_middle():
    codes = [
        f"{kind.name}.{value.name}" for kind in all_kinds().values() for value in kind.values if value.nature == "code"
    ]
    assert codes, "or this test says nothing"
    kind, _, name = codes[0].partition(".")
    one = RunGroup(
        key=("hue.home", kind, "hanoi", "desktop"),
        ended=Ending("hue", "ok", None, None, False),
        runs=1,
        first_at=0,
        last_at=0,
        present={name: 1},
        values={name: np.array([200.0])},
    )
    assert codes[0] not in by_metric([one])


@pytest.mark.parametrize("turn", [1, -1])
def test_the_order_of_the_input_changes_nothing(turn):
    groups = [
        group("ok", seconds=(1.0, 2.5)),
        group("ok", seconds=(7.0,), profile="mobile"),
        group("failed", "timeout", runs=2),
    ]
    found = summarised(groups[::turn], OWNERS, all_kinds())
    assert [(one.profile, one.metric) for one in found] == [
        ("desktop", "homepage.availability_ratio"),
        ("desktop", "homepage.load_seconds"),
        ("mobile", "homepage.availability_ratio"),
        ("mobile", "homepage.load_seconds"),
    ]
