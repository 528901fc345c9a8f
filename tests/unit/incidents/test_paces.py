"""Communes are probed at a pace of their own, and judged by it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schedules.cadence import load_schedule
from thuocdo.core.config import Settings, bundled
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, IncidentScope
from thuocdo.incidents.rules import JudgingContext, Rules
from thuocdo.processes.judge import _rules

SLOW = Rules(gaps={Block.COMMUNE: timedelta(minutes=25)})
"""Communes every five minutes, others every minute."""


def communes(build, number, prefix="c"):
    return {name: replace(one, block=Block.COMMUNE) for name, one in build.fleet(number, prefix=prefix).items()}


@pytest.mark.parametrize(
    ("rules", "found"), [(SLOW, [(12, 30)]), (Rules(), [])], ids=["its own gap", "that of the others"]
)
def test_a_commune_that_is_probed_every_six_minutes_has_incidents_by_its_own_gap(court, build, rules, found):
    readings = build.series("c00", "..xxx...", every=6.0)
    held = court(targets=communes(build, 1), rules=rules).hear(readings, build.every(1.0, 60))
    minutes = [
        ((one.started_at - build.start) / timedelta(minutes=1), (one.ended_at - build.start) / timedelta(minutes=1))
        for one in held.shelf.standing
    ]
    assert minutes == found


def test_a_lost_line_is_told_by_the_targets_that_are_probed_most_often(court, build):
    """Forty communes have hardly been looked at when the line is lost: by all together, six provinces would be six incidents."""
    provinces, slow = build.fleet(6), communes(build, 40)
    readings = [one for name in provinces for one in build.series(name, "......xxxxxx", every=1.0)]
    for index, name in enumerate(slow):
        readings += build.series(name, "..", every=5.0, first=index * 0.125)
    held = court(targets=provinces | slow, rules=SLOW).hear(readings, build.every(0.5, 14))
    assert [one.scope for one in held.shelf.standing] == [IncidentScope.VANTAGE]


def test_a_family_falls_although_its_communes_were_not_looked_at_yet(court, build):
    family, others = build.fleet(6, family="igate"), build.fleet(12, prefix="o")
    slow = {name: replace(one, family="igate") for name, one in communes(build, 30).items()}
    readings = [one for name in family for one in build.series(name, "......xxxxxx")]
    readings += [one for name in others for one in build.series(name, "............")]
    for index, name in enumerate(slow):
        readings += build.series(name, "..", every=5.0, first=index * 0.15)
    held = court(targets=family | others | slow, rules=SLOW).hear(readings, build.every(0.5, 14))
    assert {one.scope for one in held.shelf.standing} == {IncidentScope.FAMILY}


def test_the_rules_follow_the_schedule(tmp_path):
    schedule = load_schedule(bundled("schedules") / "default.yaml", all_kinds())
    rules = _rules(Settings(data_dir=tmp_path), schedule)
    assert rules.gap == timedelta(minutes=5)
    assert rules.gaps == {Block.COMMUNE: timedelta(minutes=25)}
    alone = replace(schedule, cadences=tuple(one for one in schedule.cadences if one.blocks != {Block.COMMUNE}))
    assert _rules(Settings(data_dir=tmp_path), alone).gaps == {}


def test_without_paces_of_their_own_all_targets_tell(build):
    scene = JudgingContext(targets=build.fleet(3), rules=Rules())
    assert scene.fastest(iter(["t00", "t02", "gone"])) == {"t00", "t02", "gone"}
    assert scene.gap_of("gone") == Rules().gap
