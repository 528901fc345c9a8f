"""What planning costs: 100,000 targets, each due once in 60 s, asked for in windows of one second as the agents do."""

import time
from datetime import UTC, datetime, timedelta

from benchmarks.report import Figure, publish
from schedules.cadence import Cadence, Schedule
from schedules.plan import Planner
from thuocdo.model import Block, Target, TargetRole

TARGETS = 100_000
START = datetime(2026, 11, 22, tzinfo=UTC)


def _targets() -> list[Target]:
    return [
        Target(
            id=f"p{n}.home",
            role=TargetRole.HOMEPAGE,
            url=f"https://p{n}.thuocdo.test/",
            agency_id=f"a{n}",
            portal_id=f"p{n}",
            block=Block.PROVINCE,
        )
        for n in range(TARGETS)
    ]


def main() -> None:
    """Measure and publish."""
    cadence = Cadence(
        kind="http",
        every_seconds=60,
        deadline_seconds=10.0,
        profiles=("desktop",),
        roles=frozenset({TargetRole.HOMEPAGE}),
        engine="http",
    )
    schedule = Schedule(id="bench", cadences=(cadence,), runs={})
    targets = _targets()
    began = time.process_time()
    planner = Planner(targets, schedule, {"http"}, "bench")
    built = time.process_time() - began
    began = time.process_time()
    jobs = sum(
        len(planner.due(START + timedelta(seconds=second), START + timedelta(seconds=second + 1)))
        for second in range(60)
    )
    planned = time.process_time() - began
    assert jobs == TARGETS
    publish(
        "planner",
        [
            Figure(figure="share of a core while 100,000 targets per 60 s are planned", value=planned / 60, must=0.05),
            Figure(figure="CPU seconds to make the plan anew, once a day", value=built),
        ],
    )


if __name__ == "__main__":
    main()
