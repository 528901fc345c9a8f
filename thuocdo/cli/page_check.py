"""Runs what `thuocdo check` was asked for: one probe at a time, politely, until all is shown or Ctrl-C."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from probes.opening import open_runner
from probes.runner import Runner
from schedules.phases import browser_interval_seconds
from thuocdo.agent.admission import Admission
from thuocdo.agent.page_runs import PageRuns, take_runs
from thuocdo.cli.context import CliContext
from thuocdo.cli.visiting import is_on_this_machine
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import Engine, Kind
from thuocdo.core.manners import BROWSER_INTERVAL_SECONDS
from thuocdo.core.model import FindingOutcome, Job, Outcome, Target
from thuocdo.core.profiles import PLAIN_PROFILE, PROFILES
from thuocdo.processes.signals import stop_on_signals
from thuocdo.reports.check import print_check, print_legend, print_repeats
from thuocdo.reports.page_result import page_result, repeated_page_result
from thuocdo.reports.repeats import Repeats, summarise
from thuocdo.store.evidence import EvidenceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What a person asked for, checked. runs: of every kind on every target."""

    targets: Sequence[Target]
    kinds: Sequence[Kind]
    profile: str
    runs: int
    full_evidence: bool
    as_json: bool


async def check_pages(context: CliContext, wish: CheckRequest) -> int:
    """
    Measure and show every page; Ctrl-C ends the measuring and shows what there is.

    Returns:
        Exit code: 0 all fine, 1 something found, not measurable or not measured.
    """
    stop = stop_on_signals()
    evidence = EvidenceStore(context.settings.evidence_dir)
    pages = [_page(context.settings, target, wish) for target in wish.targets]
    _announce_waiting(context, pages)
    unshown = list(pages)
    async with open_runner(context.settings, evidence, {kind.engine for kind in wish.kinds}) as runner:

        def job_for(target: Target, kind: Kind) -> Job:
            return _job(context.settings, runner, target, kind, wish)

        admission = Admission.for_engine(Engine.BROWSER, context.settings.browser)
        with _Bar(context, pages, hidden=wish.as_json) as bar:
            async for _ in take_runs(pages, runner, job_for, admission, stop, bar.waiting):
                bar.advance()
                while unshown and unshown[0].next_kind() is None:
                    _show(context, unshown.pop(0), wish, evidence)
    for page in unshown:
        _show(context, page, wish, evidence)
    if unshown:
        _tell_stopped(context, pages)
    if wish.runs > 1 and not wish.as_json and any(page.measurements for page in pages):
        print_legend(context.console, context.translate)
    return int(bool(unshown) or any(_has_findings(page) for page in pages))


def _page(settings: Settings, target: Target, wish: CheckRequest) -> PageRuns:
    interval = 0.0 if is_on_this_machine(settings, target.host) else browser_interval_seconds(target)
    return PageRuns(target, wish.kinds, runs=wish.runs, browser_interval_seconds=interval)


def _job(settings: Settings, runner: Runner, target: Target, kind: Kind, wish: CheckRequest) -> Job:
    profile = wish.profile if kind.engine is Engine.BROWSER else PLAIN_PROFILE
    return Job(
        target=target,
        kind=kind.name,
        vantage_id=settings.vantage.id,
        profile=profile,
        scheduled_at=clock.now(),
        deadline_seconds=PROFILES[profile].deadline_seconds(runner.kinds[kind.name].deadline_seconds),
        full_evidence=wish.full_evidence,
    )


def _announce_waiting(context: CliContext, pages: Sequence[PageRuns]) -> None:
    seconds = max(page.shortest_wait_seconds for page in pages)
    if seconds:
        text = context.translate(
            "A page is opened in a browser once in {minutes} min at most: this takes at least {total} min. "
            "Ctrl-C ends it and shows what was measured until then."
        )
        minutes = round(BROWSER_INTERVAL_SECONDS / 60)
        Console(stderr=True).print(text.format(minutes=minutes, total=ceil(seconds / 60)), style="yellow")


def _tell_stopped(context: CliContext, pages: Sequence[PageRuns]) -> None:
    text = context.translate("Stopped: {taken} of {planned} runs were taken.")
    taken, planned = sum(len(page.measurements) for page in pages), sum(page.planned for page in pages)
    Console(stderr=True).print(text.format(taken=taken, planned=planned), style="yellow")


def _show(context: CliContext, page: PageRuns, wish: CheckRequest, evidence: EvidenceStore) -> None:
    """Print one page, on whatever runs it has; nothing where it has none."""
    url, repeats = page.target.url, _repeats(page)
    if not repeats:
        return
    if wish.as_json:
        once = wish.runs == 1
        result = page_result(url, [one.typical_run for one in repeats]) if once else repeated_page_result(url, repeats)
        print(json.dumps(result, ensure_ascii=False), flush=True)  # noqa: T201 - this is the command line
    elif wish.runs > 1:
        print_repeats(context.console, url, repeats, context.lang, evidence.path)
    else:
        print_check(context.console, url, repeats, context.lang, evidence.path)


def _repeats(page: PageRuns) -> list[Repeats]:
    return [summarise(runs, asked=page.runs) for runs in page.taken.values() if runs]


def _has_findings(page: PageRuns) -> bool:
    return any(
        run.observation.outcome is not Outcome.OK
        or any(finding.outcome is FindingOutcome.FAILED for finding in run.observation.findings)
        for one in _repeats(page)
        for run in one.standing
    )


class _Bar:
    """How far the runs are, on a terminal only; gone at the end."""

    def __init__(self, context: CliContext, pages: Sequence[PageRuns], *, hidden: bool) -> None:
        self._translate = context.translate
        self._pages = pages
        planned = sum(page.planned for page in pages)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=context.console,
            transient=True,
            auto_refresh=False,  # a thread that draws would hold up the stop-watches
            disable=hidden or not context.console.is_terminal or planned == 1,
        )
        self._task = self._progress.add_task(context.translate("Checking"), total=planned)

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._progress.stop()

    def advance(self) -> None:
        """Show that one more run was taken; runs that must be taken again come on top of the plan."""
        taken = sum(len(page.measurements) for page in self._pages)
        planned = sum(page.planned for page in self._pages)
        self._progress.update(
            self._task,
            completed=taken,
            total=max(planned, taken),
            description=self._translate("Checking"),
            refresh=True,
        )

    def waiting(self, seconds: float) -> None:
        """Show until when nothing happens."""
        until = (clock.now() + timedelta(seconds=seconds)).astimezone()
        text = self._translate("Waiting until {time}").format(time=f"{until:%H:%M:%S}")
        self._progress.update(self._task, description=text, refresh=True)
