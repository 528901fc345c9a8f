"""`thuocdo round`: one bounded campaign over the whole registry that ends in a ranking."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from probes.kind import all_kinds
from thuocdo import clock
from thuocdo.agent.expiry import expiring_evidence
from thuocdo.agent.process import stop_on_signals
from thuocdo.agent.rounds import begin_round
from thuocdo.agent.supervisor import supervise
from thuocdo.cli.context import CliContext
from thuocdo.cli.processes import agent_children
from thuocdo.cli.run import check_everything, warn_without_browser
from thuocdo.errors import ConfigurationError
from thuocdo.model import Round
from thuocdo.portals import load_registry
from thuocdo.reports.terminal import print_ranking
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.ranking import build_ranking
from thuocdo.store import Store
from thuocdo.yamlfile import nearest

POLL_SECONDS = 1.0


def round_(
    ctx: typer.Context,
    label: Annotated[
        str, typer.Argument(help="Name of the round; an unfinished round of this name is taken up again.")
    ],
    runs: Annotated[list[str] | None, typer.Option(help="KIND=N, may be given several times.")] = None,
) -> int:
    """Run one measurement round over the registry and print the ranking."""
    context: CliContext = ctx.obj
    check_everything(context.settings)
    warn_without_browser(context)
    store = Store.open(context.settings.store_url)
    try:
        begun = begin_round(context.settings, store, label=label, runs=_parse_runs(runs or []))
        code, finished = asyncio.run(_measure(context, store, begun))
        if finished:
            show_ranking(context, store, begun)
        else:
            context.console.print(
                context.translate("The round was stopped before its end; the same command goes on with it."),
                style="yellow",
            )
        return code
    finally:
        store.close()


async def _measure(context: CliContext, store: Store, begun: Round) -> tuple[int, bool]:
    async with expiring_evidence(context.settings):  # a machine may run nothing but rounds
        return await measure_round(context, store, begun, stop_on_signals())


async def measure_round(context: CliContext, store: Store, begun: Round, stop: asyncio.Event) -> tuple[int, bool]:
    """
    Let the agents work on a round until it is measured or stop is set.

    Returns:
        Exit code, and whether every planned probe has its measurement.
    """
    ending = asyncio.Event()
    agents = asyncio.create_task(supervise(agent_children(context, begun.id), ending))
    asked = asyncio.create_task(stop.wait())
    with _progress(context.console) as progress:
        task = progress.add_task(context.translate("Measuring"), total=begun.planned, completed=store.count(begun.id))
        while not agents.done() and not asked.done():
            await asyncio.wait([agents, asked], timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            stored = await asyncio.to_thread(store.count, begun.id)
            progress.update(task, completed=stored, total=max(begun.planned, stored))  # retakes come on top of the plan
    stopped = stop.is_set()
    ending.set()
    asked.cancel()
    code = await agents
    finished = code == 0 and not stopped and store.count(begun.id) >= begun.planned
    if finished:
        store.end_round(begun.id, clock.now())
    return code, finished


def show_ranking(context: CliContext, store: Store, begun: Round) -> None:
    """Print the ranking of a round."""
    settings = context.settings
    registry = load_registry(settings.registry_dir, at=begun.started_at.astimezone(clock.HANOI).date())
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    ranking = build_ranking(store, registry, criteria, round_id=begun.id, now=clock.now())
    print_ranking(context.console, ranking, registry, context.translate, simulated=settings.simulated)


def _progress(console: Console) -> Progress:
    """Return a progress bar with the time left, shown on a terminal only."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _parse_runs(given: list[str]) -> dict[str, int]:
    kinds = all_kinds()
    runs: dict[str, int] = {}
    problems = []
    for item in given:
        kind, _, number = item.partition("=")
        if kind not in kinds:
            problems.append(f"--runs {item}: unknown kind '{kind}'{nearest(kind, kinds)}; kinds: {', '.join(kinds)}")
        elif not number.isdigit():
            problems.append(f"--runs {item}: '{number}' is no whole number; write {kind}=3")
        else:
            runs[kind] = int(number)
    if problems:
        raise ConfigurationError(problems)
    return runs
