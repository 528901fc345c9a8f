"""The runs of pages: what was measured, what comes next, when a browser may come back; and taking them, one probe at a time."""

import time
from collections.abc import AsyncIterator, Callable, Sequence

from probes.runner import Runner
from thuocdo.agent.admission import Admission
from thuocdo.agent.again import is_taken_again
from thuocdo.core.kinds.kind import Engine, Kind
from thuocdo.core.model import Job, Measurement, Reason, Target
from thuocdo.core.stopping import Stop

_NOT_REACHED = frozenset(
    {
        Reason.DNS_FAILURE,
        Reason.CONNECTION_REFUSED,
        Reason.CONNECT_TIMEOUT,
        Reason.NO_CONNECTIVITY,
        Reason.BROWSER_UNAVAILABLE,
    }
)
"""Endings of a visit that the portal cannot have noticed as one: the next need not keep its distance."""


class PageRuns:
    """
    The runs of one page. It reads no clock.

    Every kind is wanted `runs` times, in turns. Runs that a busy prober spoilt are wanted again, at most twice as many in all;
    a single look only where that makes nobody wait.

    Args:
        target: the page.
        kinds: what looks at it.
        runs: how often, >= 1.
        browser_interval_seconds: from one visit of a browser to the next, whatever the kind; 0 = no matter.
    """

    def __init__(self, target: Target, kinds: Sequence[Kind], *, runs: int, browser_interval_seconds: float) -> None:
        self.target = target
        self.runs = runs
        self.taken: dict[str, list[Measurement]] = {kind.name: [] for kind in kinds}
        self._kinds = tuple(kinds)
        self._interval_seconds = browser_interval_seconds
        self._browser_from = 0.0

    @property
    def planned(self) -> int:
        """How many runs are planned, those that have to be taken again left out."""
        return self.runs * len(self._kinds)

    @property
    def shortest_wait_seconds(self) -> float:
        """How long the visits of a browser have to wait for one another at least."""
        visits = self.runs * sum(kind.engine is Engine.BROWSER for kind in self._kinds)
        return self._interval_seconds * max(0, visits - 1)

    @property
    def measurements(self) -> list[Measurement]:
        """All runs so far, by kind."""
        return [run for runs in self.taken.values() for run in runs]

    def next_kind(self) -> Kind | None:
        """Return the kind to run next: one that need not wait, else of those with fewest runs the first; None = all is done."""
        wanted = [kind for kind in self._kinds if self._is_wanted(kind)]
        return min(wanted, key=lambda kind: (self.earliest(kind), len(self.taken[kind.name])), default=None)

    def earliest(self, kind: Kind) -> float:
        """Return the instant of the monotonic clock from which a kind may run; 0 = at once."""
        return self._browser_from if kind.engine is Engine.BROWSER else 0.0

    def add(self, kind: Kind, measurement: Measurement, *, started: float | None) -> None:
        """
        Add a run.

        Args:
            kind: of the run.
            measurement: what it gave.
            started: when the probe began, on the monotonic clock; None = it was refused, nobody was visited.
        """
        self.taken[kind.name].append(measurement)
        visited = started is not None and measurement.observation.reason not in _NOT_REACHED
        if started is not None and visited and kind.engine is Engine.BROWSER and self._interval_seconds:
            self._browser_from = started + self._interval_seconds

    def _is_wanted(self, kind: Kind) -> bool:
        runs = self.taken[kind.name]
        if len(runs) < self.runs:
            return True
        good = len(runs) - sum(run.is_spoilt for run in runs)
        may_repeat = self.runs > 1 or kind.engine is not Engine.BROWSER or not self._interval_seconds
        return may_repeat and is_taken_again(wanted=self.runs, taken=len(runs), good=good)


async def take_runs(
    pages: Sequence[PageRuns],
    runner: Runner,
    job_for: Callable[[Target, Kind], Job],
    admission: Admission,
    stop: Stop,
    waiting: Callable[[float], None],
) -> AsyncIterator[PageRuns]:
    """
    Take every run that is wanted; yield its page after each. Ends early when stop is set: the probe in progress is given up.

    While one page must wait for its browser visit, others have theirs. What is refused waits for nothing.

    Args:
        pages: in the order in which they are finished where nobody has to wait.
        runner: keeps the manners that every probe keeps.
        job_for: the job of a kind on a target, due now.
        admission: of the browser: no visit begins while the one before still keeps the CPU busy.
        stop: ends it.
        waiting: told for how many seconds nothing happens.
    """
    while not stop.is_set():
        wanted = [(page, kind) for page in pages if (kind := page.next_kind()) is not None]
        if not wanted:
            return
        page, kind = min(wanted, key=lambda each: each[0].earliest(each[1]))
        job = job_for(page.target, kind)
        seconds = page.earliest(kind) - time.monotonic()
        if seconds <= 0:
            measurement = await stop.race(_run(runner, job, kind, admission, stop))
            if measurement is None:
                return
            page.add(kind, measurement, started=time.monotonic() - measurement.duration_seconds)
            yield page
        elif (refused := await runner.refusal(job)) is not None:
            page.add(kind, refused, started=None)
            yield page
        else:
            waiting(seconds)
            await stop.sleep(seconds)


async def _run(runner: Runner, job: Job, kind: Kind, admission: Admission, stop: Stop) -> Measurement:
    if kind.engine is not Engine.BROWSER:
        return await runner.run(job)
    await admission.wait(stop)
    try:
        return await runner.run(job)
    finally:
        admission.leave()
