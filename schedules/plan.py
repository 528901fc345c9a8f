"""
What is due when: the endless plan of a schedule and the bounded plan of a round. Pure: no clock, no state.

Instants are whole milliseconds. Every agent plans for all kinds and keeps those it runs, so that no two agents ever start on one
host at once.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from operator import attrgetter
from types import MappingProxyType

from schedules.cadence import Cadence, Schedule
from schedules.drawing import Draw, Drawing, DrawnRun, Series, milliseconds, series_of
from schedules.giving_way import Placed, left_out
from schedules.phases import EPOCH, HOST_GAP_MS, Entry, assign_phases, browser_interval_seconds, fraction
from schedules.round_plan import RoundBlock
from thuocdo.core.clock import hanoi_day
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import Engine, Kind
from thuocdo.core.model import Job, Target
from thuocdo.core.profiles import PROFILES
from thuocdo.core.yamlfile import nearest

START_SLACK_SECONDS = 30.0
"""A start may be this late, or half its period where that is less: later it would crowd the next one and bend the even spread."""

ROUND_STEP_MS = {Engine.HTTP: 20, Engine.BROWSER: 400}
"""Time between two jobs of a round: 50 HTTP starts a second, and page loads as near as docs/measuring.md allows (400 ms)."""


class Planner:
    """
    The endless plan: every target that may be probed, by every cadence that applies to it; among them the runs of planned rounds.

    Args:
        targets: those that are not `probed` are left out.
        schedule: when.
        kinds: the kinds this agent runs, by name; jobs of other kinds are planned around but not given out.
        vantage_id: where the agent measures from.
        draws: rounds in which this vantage point takes part.
        all_kinds: every kind there is, by name; needed where there are draws.
        day: in Hanoi; only its runs of rounds are planned.
        with_spares: give out spare runs as well; whoever runs them first looks whether the round lacks anything.

    Raises:
        ConfigurationError: the schedule would visit a target too often, or a host cannot take so many probes.
    """

    def __init__(
        self,
        targets: Iterable[Target],
        schedule: Schedule,
        kinds: Container[str],
        vantage_id: str,
        draws: Sequence[Draw] = (),
        all_kinds: Mapping[str, Kind] = MappingProxyType({}),
        day: date | None = None,
        *,
        with_spares: bool = False,
    ) -> None:
        self._vantage_id = vantage_id
        probed = {target.id: target for target in targets if target.probed}
        everyday = assign_phases(probed.values(), schedule)
        drawn: list[DrawnRun] = []
        self._left_out: set[tuple[Series, int]] = set()
        for draw in draws:
            for block, runs, frozen in _of_day(draw, probed, all_kinds, day):
                taken = [run for run in runs if with_spares or not run.is_spare]
                self._left_out |= left_out(block, taken, everyday, frozen)
                drawn += [run for run in taken if run.entry.cadence.kind in kinds]
        self._all_drawn = tuple(sorted(drawn, key=attrgetter("at_ms", "series")))
        by_period: dict[int, list[tuple[int, str, Entry]]] = defaultdict(list)
        for entry, phase in everyday:
            if entry.cadence.kind in kinds:
                by_period[entry.period_ms].append(
                    (phase, f"{entry.target.id} {entry.cadence.kind} {entry.profile}", entry)
                )
        self._rings: dict[int, tuple[list[int], list[Entry]]] = {}
        for period_ms, ring in by_period.items():
            ring.sort(key=lambda item: item[:2])
            self._rings[period_ms] = ([phase for phase, _, _ in ring], [entry for _, _, entry in ring])

    @property
    def drawn(self) -> Sequence[DrawnRun]:
        """The runs of rounds on the day that was asked for, in order, without the spare ones."""
        return tuple(run for run in self._all_drawn if not run.is_spare)

    @property
    def spares(self) -> Sequence[DrawnRun]:
        """The spare runs of that day, in order."""
        return tuple(run for run in self._all_drawn if run.is_spare)

    def due(self, start: datetime, end: datetime) -> list[Job]:
        """
        Return all jobs with start <= scheduled_at < end, in order; the same for the same span, whenever it is asked.

        The cost grows with the jobs returned, not with the targets.
        """
        first, last = _milliseconds(start), _milliseconds(end)
        jobs = [
            self._job(entry, instant)
            for period_ms, (phases, entries) in self._rings.items()
            for cycle in range(first // period_ms * period_ms, last, period_ms)
            for entry, instant in _of_cycle(phases, entries, cycle, first, last)
            if entry.cadence.is_open(instant) and not self._gives_way(entry, instant)
        ]
        low = bisect_left(self._all_drawn, first, key=attrgetter("at_ms"))
        high = bisect_left(self._all_drawn, last, key=attrgetter("at_ms"))
        jobs += [self._job(run.entry, _instant(run.at_ms), run.round_id) for run in self._all_drawn[low:high]]
        return sorted(jobs, key=_order)

    def _gives_way(self, entry: Entry, instant: datetime) -> bool:
        return bool(self._left_out) and (series_of(entry), milliseconds(instant)) in self._left_out

    def _job(self, entry: Entry, instant: datetime, round_id: str | None = None) -> Job:
        slack_seconds = min(entry.cadence.every_seconds / 2, START_SLACK_SECONDS)
        return Job(
            target=entry.target,
            kind=entry.cadence.kind,
            vantage_id=self._vantage_id,
            profile=entry.profile,
            scheduled_at=instant,
            deadline_seconds=PROFILES[entry.profile].deadline_seconds(entry.cadence.deadline_seconds),
            expires_at=instant + timedelta(seconds=slack_seconds),
            round_id=round_id,
        )


def _of_day(
    draw: Draw, probed: Mapping[str, Target], kinds: Mapping[str, Kind], day: date | None
) -> Iterator[tuple[RoundBlock, list[DrawnRun], Sequence[Placed]]]:
    """Yield the runs of each block of a day whose targets are still where they were, and what they were drawn around."""
    blocks = [block for block in draw.plan.blocks if hanoi_day(block.start) == day]
    if not blocks:
        return
    drawing, there = Drawing(draw, kinds), {one.id for one in draw.unchanged(probed.values())}
    for block in blocks:
        # Of a target only where it is was frozen: whether and how it may be probed is as it stands today.
        runs = [
            replace(run, entry=replace(run.entry, target=probed[run.entry.target.id]))
            for run in drawing.runs(block)
            if run.entry.target.id in there
        ]
        yield block, runs, drawing.everyday


def plan_round(
    targets: Iterable[Target],
    schedule: Schedule,
    kinds: Mapping[str, Kind],
    *,
    vantage_id: str,
    round_id: str,
    starts_at: datetime,
    runs: Mapping[str, int] | None = None,
) -> list[Job]:
    """
    Return all jobs of a round, in waves that take each target once by each kind; a kind with fewer runs is in the last waves.

    So what is run most often is known of everybody first, and what costs most, which is run least often, comes at the end.

    The jobs do not expire: a round waits for its turn. Windows do not hold a round up, a person chose its hour. Browser visits
    of one target and probes of one host keep their distance, as in the endless plan.

    Args:
        targets: those that are not `probed` are left out.
        schedule: gives profiles and deadlines, and the number of runs where `runs` is None.
        kinds: the kinds wanted, by name; jobs of other kinds are planned around but not given out.
        vantage_id: where it is measured from.
        round_id: the round that the measurements will belong to.
        starts_at: no job is scheduled before.
        runs: kind -> number of runs >= 0 for each target; kinds left out take no part.

    Raises:
        ConfigurationError: runs names a kind without cadence, or nothing at all.
    """
    wanted = _checked_runs(schedule.runs if runs is None else runs, schedule)
    plan = _RoundPlan(sorted((target for target in targets if target.probed), key=lambda target: fraction(target.id)))
    barrier = _milliseconds(starts_at)
    for left in range(max(wanted.values()), 0, -1):
        cadences = [cadence for cadence in schedule.cadences if wanted.get(cadence.kind, 0) >= left]
        barrier = plan.add_wave(cadences, barrier)
    jobs = (
        Job(
            target=entry.target,
            kind=entry.cadence.kind,
            vantage_id=vantage_id,
            profile=entry.profile,
            scheduled_at=_instant(milliseconds),
            deadline_seconds=PROFILES[entry.profile].deadline_seconds(entry.cadence.deadline_seconds),
            round_id=round_id,
        )
        for milliseconds, entry in plan.placed
        if entry.cadence.kind in kinds
    )
    return sorted(jobs, key=_order)


class _RoundPlan:
    """Gives each job of a round the first instant that is polite."""

    def __init__(self, targets: list[Target]) -> None:
        self.placed: list[tuple[int, Entry]] = []
        self._targets = targets
        self._starts_by_host: dict[str, list[int]] = defaultdict(list)
        self._next_visit: dict[str, int] = {}

    def add_wave(self, cadences: list[Cadence], start: int) -> int:
        """Plan one run of each cadence for each target from an instant on (ms); return the instant after the last."""
        end = start
        # Browsers first: their visits bind HTTP probes of the same host, which are short and find a place between them.
        for engine in sorted(
            {cadence.engine for cadence in cadences}, key=lambda engine: (engine != Engine.BROWSER, engine)
        ):
            step = ROUND_STEP_MS[engine]
            cursor = start
            for cadence in cadences:
                for entry in self._entries(cadence) if cadence.engine == engine else ():
                    end = max(end, self._place(entry, cursor) + step)
                    cursor += step
        return end

    def _entries(self, cadence: Cadence) -> Iterator[Entry]:
        for profile in cadence.profiles:
            for target in self._targets:
                if cadence.takes(target):
                    yield Entry(target=target, cadence=cadence, profile=profile)

    def _place(self, entry: Entry, earliest: int) -> int:
        target, is_visit = entry.target, entry.cadence.engine == Engine.BROWSER
        starts = self._starts_by_host[target.host]
        chosen = max(earliest, self._next_visit.get(target.id, 0)) if is_visit else earliest
        index = bisect_left(starts, chosen - HOST_GAP_MS + 1)
        while index < len(starts) and starts[index] < chosen + HOST_GAP_MS:
            chosen = starts[index] + HOST_GAP_MS
            index += 1
        insort(starts, chosen)
        if is_visit:
            self._next_visit[target.id] = chosen + round(browser_interval_seconds(target) * 1000)
        self.placed.append((chosen, entry))
        return chosen


def _checked_runs(runs: Mapping[str, int], schedule: Schedule) -> Mapping[str, int]:
    where = schedule.where
    known = sorted({cadence.kind for cadence in schedule.cadences})
    problems = [
        f"{where}: round: no cadence for kind '{kind}'{nearest(kind, known) or '; valid are ' + ', '.join(known)}"
        for kind in runs
        if kind not in known
    ]
    problems += [
        f"{where}: round: {count} runs of '{kind}'; give 0 or more" for kind, count in runs.items() if count < 0
    ]
    if not problems and not any(runs.values()):
        problems = [f"{where}: round: no kind has a run; give round.runs, such as {{http: 3, homepage: 5}}"]
    if problems:
        raise ConfigurationError(problems)
    return runs


def _of_cycle(
    phases: list[int], entries: list[Entry], cycle: int, first: int, last: int
) -> Iterator[tuple[Entry, datetime]]:
    for index in range(bisect_left(phases, first - cycle), bisect_left(phases, last - cycle)):
        yield entries[index], _instant(cycle + phases[index])


def _milliseconds(instant: datetime) -> int:
    """Return ms since the epoch, rounded up: nothing is scheduled before the instant."""
    return -((EPOCH - instant) // timedelta(milliseconds=1))


def _instant(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


def _order(job: Job) -> tuple[datetime, str, str, str]:
    return (job.scheduled_at, job.target.id, job.kind, job.profile)
