"""The comparison of times as JSON, whose keys others rely on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf

import numpy as np

from thuocdo.core.model import Block
from thuocdo.reports.times import TimesAsked, changes_document, times_document, times_to_json
from thuocdo.score.changes import Change, Changes, Turn
from thuocdo.score.noise import Noise
from thuocdo.score.typical_times import NotCompared, TypicalTime, TypicalTimes

ASKED = TimesAsked(
    block=Block.PROVINCE,
    kind="homepage",
    value="load_seconds",
    profile="desktop",
    since=datetime(2026, 11, 15, 17, tzinfo=UTC),
    until=datetime(2026, 11, 22, 17, tzinfo=UTC),
)
TIMES = TypicalTimes(
    agencies=tuple(
        TypicalTime(
            agency_id=name,
            seconds=seconds,
            median_seconds=median,
            first=first,
            last=last,
            own_first=first,
            own_last=last,
            among_first=None if seconds == inf else 1.0,
            among_last=0.0,
            cells=84,
            failed_ratio=failed,
        )
        for name, seconds, median, first, last, failed in (
            ("can-tho", 1.23456789, 1.25, 1, 1, 0.0),
            ("hue", 2.5, 2.5, 2, 3, 0.012),
            ("ha-noi", inf, inf, 2, 3, 0.9),
        )
    ),
    is_before=np.array([[False, True, True], [False, False, False], [False, False, False]]),
    blocks=84,
    days=7,
    left_out=2,
    vantage_id="hanoi",
    tells_order=True,
    not_compared={"ca-mau": NotCompared.NOTICE, "lai-chau": NotCompared.TOO_LITTLE},
    noise=Noise(run=0.1, hour=0.0, day=0.03),
    smallest_ratio=1.0712345,
    shared=0.9,
    estimates=np.array([-0.7, 0.0, 2.0]),
    spreads=np.array([0.02, 0.02, 0.1]),
    freedom=6,
)


def test_json_is_the_public_contract(registry, golden):
    golden(
        "tests/unit/reports/golden/times.json", times_to_json([times_document(ASKED, TIMES, registry)], simulated=True)
    )


def test_json_of_changes_is_the_public_contract(registry, golden):
    found = Changes(
        agencies=(
            Change(
                agency_id="hue",
                before_seconds=2.0,
                seconds=3.0,
                ratio=1.4,
                low=1.3,
                high=1.5,
                turn=Turn.SLOWER,
                first_before=1,
                last_before=2,
                first=3,
                last=3,
            ),
            Change(
                agency_id="can-tho",
                before_seconds=1.2,
                seconds=1.23,
                ratio=0.98,
                low=0.9,
                high=1.07,
                turn=Turn.UNTOLD,
                first_before=1,
                last_before=2,
                first=1,
                last=2,
            ),
        ),
        common_ratio=1.0512345678,
        least_ratio=1.1,
        once=("ha-noi",),
        tells_any=True,
        merged={"hue": ("ha-noi",)},
    )
    before = replace(ASKED, since=ASKED.since - timedelta(days=7), until=ASKED.since)
    document = changes_document(before, ASKED, found, registry)
    golden("tests/unit/reports/golden/changes.json", times_to_json([document], simulated=False))
