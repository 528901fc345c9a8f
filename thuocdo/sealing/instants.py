"""
Whether a planned round was measured when its seed says: its instants are drawn again from what it froze.

A measurement at another instant must make up for a drawn one that came to nothing for something at us, as agents do it; else
somebody chose when a portal was met.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from schedules.drawing import SETTLED_MS, Draw, Drawing, Series, milliseconds
from schedules.opened import draw_of
from schedules.phases import EPOCH
from thuocdo.core.clock import iso
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.frozen import CRITERIA, REGISTRY, SCHEDULE, frozen_files
from thuocdo.core.frozen import PLAN as PLAN_FILE
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import MOST_TIMES, Measurement, Round
from thuocdo.sealing.findings import DrawnAgain, Findings, Tampering
from thuocdo.sealing.frozen import PLAN


def draw_in(folder: Path, round_: Round, seed: str) -> Draw | None:
    """
    Return what the instants of a package's round were drawn by; None = they were not drawn, or it cannot be read, which is told
    elsewhere.

    Args:
        folder: of the package.
        round_: that it tells of.
        seed: that it reveals, hexadecimal.
    """
    plan = folder / PLAN
    try:
        files = frozen_files(plan / REGISTRY, plan / CRITERIA, plan / SCHEDULE, plan / PLAN_FILE)
        return draw_of(replace(round_, seed=seed), files) if round_.is_planned else None
    except (ConfigurationError, ValueError):
        return None


@dataclass(slots=True)
class _Runs:
    """Runs of a series from one vantage point: when they were due, in ms since the epoch, and which tell something."""

    at_ms: "array[int]"
    good: "array[int]"


class InstantChecks:
    """
    Compares the instants of measurements with those that are drawn again.

    Args:
        draw: of the round.
        findings: take what is wrong.
    """

    def __init__(self, draw: Draw, findings: Findings) -> None:
        self._draw = draw
        self._findings = findings
        self._runs: dict[tuple[str, Series], _Runs] = defaultdict(lambda: _Runs(array("q"), array("b")))
        self._strange: list[tuple[int, Series]] = []

    def seen(self, measurement: Measurement) -> None:
        """Take note of a measurement."""
        key = measurement.key
        runs = self._runs[(key.vantage_id, (key.target_id, key.kind, key.profile))]
        runs.at_ms.append(milliseconds(key.scheduled_at))
        runs.good.append(not measurement.is_lost_by_us)

    def run(self) -> DrawnAgain | None:
        """Draw again, compare, and return what was found; None where nothing can be drawn, which is told."""
        try:
            return self._compared(Drawing(self._draw, all_kinds()))
        except (ConfigurationError, ValueError) as exc:
            first = exc.problems[0] if isinstance(exc, ConfigurationError) else str(exc)
            self._findings.report(Tampering.OTHER_INSTANT, PLAN, f"no instant can be drawn again by it: {first}")
            return None

    def _compared(self, drawing: Drawing) -> DrawnAgain:
        self._strange = []
        ordered = {key: _in_order(runs) for key, runs in self._runs.items()}
        drawn_count = met = within = made_up = more = 0
        for block in self._draw.plan.blocks:
            drawn: dict[Series, list[int]] = defaultdict(list)
            for run in drawing.runs(block):
                if not run.is_spare:
                    drawn[run.series].append(run.at_ms)
            drawn_count += sum(map(len, drawn.values())) * len(self._draw.plan.vantage_ids)
            first, last = milliseconds(block.start), milliseconds(block.end)
            for (_, series), runs in ordered.items():
                low, high = bisect_left(runs, (first,)), bisect_left(runs, (last,))
                here = runs[low:high]
                within += len(here)
                met += sum(at in drawn[series] for at, _ in here)
                others = self._others(series, here, drawn[series])
                made_up, more = made_up + others[0], more + others[1]
        total = sum(map(len, ordered.values()))
        self._report(total - within)
        return DrawnAgain(drawn=drawn_count, met=met, made_up=made_up, more=more)

    def _others(self, series: Series, runs: Sequence[tuple[int, int]], drawn: Sequence[int]) -> tuple[int, int]:
        """
        Return how many runs of a block make up for a drawn one, and how many more there are; those that may not be are noted.

        More than was lacking is measured where an agent began anew while what it had measured waited for the store.
        """
        due, good, made_up, more = max(drawn, default=None), 0, 0, 0
        for taken, (at, is_good) in enumerate(runs):
            if at not in drawn:
                if due is None or at < due + SETTLED_MS or taken >= MOST_TIMES * len(drawn):
                    self._strange.append((at, series))
                elif good < len(drawn):
                    made_up += 1
                else:
                    more += 1
                due = at if due is None else max(due, at)
            good += is_good
        return made_up, more

    def _report(self, outside: int) -> None:
        if outside:
            self._findings.report(
                Tampering.OTHER_INSTANT,
                "records",
                f"{outside} measurements lie in no block of the plan: they were not made for this round",
            )
        if self._strange:
            at, (target, kind, _) = min(self._strange)
            self._findings.report(
                Tampering.OTHER_INSTANT,
                "records",
                f"{len(self._strange)} measurements were made at instants that the seed does not give, nor make up for one, "
                f"the first of {target} ({kind}) at {_iso(at)}: somebody chose when to measure",
            )


def _iso(at_ms: int) -> str:
    return iso(EPOCH + timedelta(milliseconds=at_ms))


def _in_order(runs: _Runs) -> list[tuple[int, int]]:
    return sorted(zip(runs.at_ms, runs.good, strict=True))
