"""
Whether people are told what they must be told, and nothing else: days of outages, flaps, slowness, maintenance and own faults.

The days are generated from a seed. The real judge hears what probes saw, the real exporter says so, the rules that ship are
evaluated, and each notice to an owner is held against what really happened. Sixty days take some ten minutes.
"""

import argparse
import platform
from collections import Counter
from collections.abc import Sequence

from benchmarks.notice_days import PLAIN
from benchmarks.notice_replay import Notice, Replay
from benchmarks.notice_verdicts import Truth, Verdicts
from benchmarks.notice_world import World
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from thuocdo.core.version import __version__

PORTALS = 12
RECALL = 0.99


def main() -> None:
    """Replay and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--step-seconds", type=float, default=60, help="between scrapes, evaluations and looks")
    arguments = parser.parse_args()
    verdicts, world, notices = replayed(arguments.seed, arguments.days, arguments.step_seconds)
    versions = {"thuocdo": __version__, "Python": platform.python_version()}
    print(heading(f"Notices, {arguments.days:g} days, seed {arguments.seed}, {PORTALS} portals", versions))
    counted = Counter((one.kind, one.what) for life in world.episodes.values() for one in life)
    happened = [(what, kind, number) for (kind, what), number in sorted(counted.items())]
    print(table(["what happened", "seen by", "times"], happened))
    ours = {
        "maintenance": sum(len(one.spans) for one in world.maintenance.values()),
        "own line lost": len(world.line_lost.spans),
        "no scrapes": len(world.unscraped.spans),
        "no judge": len(world.unjudged.spans),
        "no probes": len(world.unprobed.spans),
        "results late": len(world.late.spans),
        "web process restarted": len(world.restarts),
    }
    print(table(["planned, and faults of ours", "times"], [*ours.items()]))
    told = Counter(one.alert for one in notices)
    wrong = Counter(one.alert for one, _ in verdicts.wrong)
    print(table(["alert", "told", "not due"], [(name, number, wrong[name]) for name, number in sorted(told.items())]))
    for notice, why in verdicts.wrong:
        print(f"- not due: {notice.alert} of {notice.labels['target']} at {notice.at:.0f} s: {why}")
    for outage in verdicts.missed:
        if outage.kind == PLAIN:
            print(f"- not told: {outage.target_id} from {outage.start:.0f} s to {outage.end:.0f} s")
    for name, certificate, alert in verdicts.late:
        print(f"- late: {alert} of {name}, which runs out at {certificate.ends_at:.0f} s")
    publish("notices", [*figures(verdicts)])


def replayed(
    seed: int, days: float, step_seconds: float, portals: int = PORTALS
) -> tuple[Verdicts, World, Sequence[Notice]]:
    """Return what is to be said of a replay, what happened, and all that was told."""
    world = World(seed, days, portals)
    replay = Replay(world, step_seconds)
    notices = replay.run()
    return Truth(world, replay.seen, notices).verdicts(world.length), world, notices


def figures(verdicts: Verdicts) -> list[Figure]:
    """Return precision and recall; of seldom probes, too."""
    number = len(verdicts.notices)
    found = [
        Figure(
            figure=f"precision: notices to owners that were due, of {number}",
            value=1 - len(verdicts.wrong) / number if number else 1.0,
            must=1.0,
            at_least=True,
        )
    ]
    for name, is_plain in (("over 3 minutes, plain probes", True), ("over three cadences, eForms and browsers", False)):
        due = [one for one in verdicts.outages if (one.kind == PLAIN) is is_plain]
        missed = [one for one in verdicts.missed if (one.kind == PLAIN) is is_plain]
        recall = 1 - len(missed) / len(due) if due else 1.0
        found.append(
            Figure(figure=f"recall: outages {name}, told of {len(due)}", value=recall, must=RECALL, at_least=True)
        )
    ending = len(verdicts.ending)
    found.append(
        Figure(
            figure=f"certificates that run out soon, told within 15 minutes, of {ending}",
            value=1 - len(verdicts.late) / ending if ending else 1.0,
            must=1.0,
            at_least=True,
        )
    )
    return found


if __name__ == "__main__":
    main()
