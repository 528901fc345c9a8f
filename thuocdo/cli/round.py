"""`thuocdo round`: one bounded campaign over the whole registry that ends in a ranking, and its publication."""

import asyncio
import shlex
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

import structlog
import typer
from typer.core import TyperGroup

from thuocdo.agent.folder_lock import owned
from thuocdo.agent.rounds import begin_round, given_up, remaining_jobs
from thuocdo.backup.putting_back import finish
from thuocdo.cli import planned_round, round_steps
from thuocdo.cli.children import agent_children
from thuocdo.cli.context import CliContext
from thuocdo.cli.package import package
from thuocdo.cli.rank import known_round
from thuocdo.cli.run import check_everything, warn_without_browser
from thuocdo.cli.seal import seal
from thuocdo.cli.verify import verify
from thuocdo.cli.visiting import refuse_without_contact, say_whom
from thuocdo.cli.watching import ProgressBar, RoundView
from thuocdo.core import clock
from thuocdo.core.errors import ConfigurationError, StoreError, StoreUnavailableError
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Round
from thuocdo.core.portals import read_registry
from thuocdo.core.shapes import good_line
from thuocdo.core.stopping import Stop
from thuocdo.core.yamlfile import nearest
from thuocdo.processes.expiry import expiring_evidence
from thuocdo.processes.signals import stop_on_signals
from thuocdo.processes.supervisor import UNAVAILABLE_EXIT, Child, supervise
from thuocdo.reports.terminal import print_ranking
from thuocdo.rounds.people import rules_of
from thuocdo.rounds.steps import Proceedings
from thuocdo.score.basis import read_basis
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.kept import keep, news, renew_round
from thuocdo.score.published import published_ranking
from thuocdo.store import Store
from thuocdo.store.patience import open_when_there, when_there

POLL_SECONDS = 1.0

MOST_RUNS = 1_000
"""Of a kind, on every target: more is no round but a schedule, and its plan would not find room in memory."""

MOST_DEATHS = 10
"""An agent that died so often in a row (within two minutes), with nothing new stored in between, is not started again."""

log = structlog.get_logger(__name__)


class _MeasuresByDefault(TyperGroup):
    """`thuocdo round LABEL` is short for `thuocdo round measure LABEL`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is to be run."""
        named = [*args] if args and args[0] in self.commands else ["measure", *args]
        return super().resolve_command(ctx, named)


app = typer.Typer(
    cls=_MeasuresByDefault,
    help="Measurement rounds: `thuocdo round LABEL` measures one; a person publishes it.",
    context_settings={"ignore_unknown_options": True},  # those of `measure` may stand before the label
    no_args_is_help=True,
    add_completion=False,
)
for command in (planned_round.plan, planned_round.open_, planned_round.status, planned_round.extend):
    app.command(command.__name__.rstrip("_"))(command)
round_steps.register(app)
app.command()(package)


@app.command()
def measure(
    ctx: typer.Context,
    label: Annotated[
        str, typer.Argument(help="Name of the round; an unfinished round of this name is taken up again.")
    ],
    runs: Annotated[list[str] | None, typer.Option(help="KIND=N, may be given several times.")] = None,
) -> None:
    """
    Run one measurement round over the registry and print the ranking.

    Exit code 0: ended and ranked. 2: usage or configuration. 3: stopped before its end; the same command goes on with it.
    """
    context: CliContext = ctx.obj
    _refuse_odd_label(label)
    wanted = _parse_runs(runs or [])
    check_everything(context.settings, waits=True)
    refuse_without_contact(context.settings)
    warn_without_browser(context)
    with owned(context.settings.data_dir, "round"):
        finish(context.settings)
        raise typer.Exit(asyncio.run(_round(context, label, wanted)))


@app.command()
def publish(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name or id of a round that has ended.")],
    by: Annotated[str, typer.Option(help="Who publishes it.")],
) -> None:
    """Publish the ranking of a round: pages, exports and metrics show the newest that is, and nothing moves it any more."""
    context: CliContext = ctx.obj
    settings = context.settings
    who = " ".join(by.split())
    if not who or not who.isprintable():
        raise ConfigurationError("--by is empty; name the person who publishes the round")
    with Store.open(settings.store_url) as store:
        found = known_round(store, name)
        if found.ended_at is None:
            raise ConfigurationError(
                f"round '{found.label}' has not ended; `thuocdo round` with its name goes on with it, then publish it"
            )
        if found.published_at is not None:
            day = f"{found.published_at.astimezone(clock.HANOI):%Y-%m-%d}"
            by_whom = f" by {found.published_by}" if found.published_by else ""
            raise ConfigurationError(f"round '{found.label}' was published on {day}{by_whom}; it stays so")
        if rules_of(found):
            Proceedings(store, found).publish(who, clock.now())
        else:
            _publish_as_it_is(context, store, found, who)
    text = context.translate(
        "Round {label} is published, by {by}. Pages, exports and metrics show the newest one that is."
    )
    context.console.print(text.format(label=found.label, by=who))


def _publish_as_it_is(context: CliContext, store: Store, found: Round, who: str) -> None:
    """Publish a round without a plan: nobody but this person has to agree."""
    settings, now = context.settings, clock.now()
    basis = read_basis(settings.registry_dir, settings.criteria_dir, settings.criteria_set, now)
    renew_round(store, store.rankings, basis, found, news(store, now), now)
    if not store.rounds.publish(found.id, clock.now(), who):
        raise ConfigurationError(f"round '{found.label}' was published just now; it stays so")


app.command()(seal)
app.command()(verify)


def _refuse_odd_label(label: str) -> None:
    try:
        good_line(label)
    except ValueError as exc:
        raise ConfigurationError(f"LABEL: {exc}") from exc
    commands = [one.name or one.callback.__name__ for one in app.registered_commands if one.callback is not None]
    if label not in commands and nearest(label, commands):
        raise ConfigurationError(f"LABEL: '{label}' is nearly a command of `thuocdo round`{nearest(label, commands)}")
    if not label.strip():
        raise ConfigurationError("LABEL is empty; give the round a name, such as 2026-11")


async def _round(context: CliContext, label: str, runs: Mapping[str, int]) -> int:
    """Measure and rank; 0 only where both came to their end."""
    stop = stop_on_signals()
    store = await open_when_there(context.settings.store_url, stop)
    if store is None:
        return _stopped(context)
    try:
        begun = begin_round(context.settings, store, label=label, runs=runs)
        say_whom(context, begun)
        async with expiring_evidence(context.settings):  # a machine may run nothing but rounds
            code, finished = await measure_round(context, store, begun, stop)
        if not finished:
            return code or _stopped(context)
        show_ranking(context, store, begun)
        text = context.translate("It is not published yet: `thuocdo round publish {label} --by NAME` does so.")
        context.console.print(text.format(label=shlex.quote(label)), soft_wrap=True)
        return code
    finally:
        store.close()


def _stopped(context: CliContext) -> int:
    context.console.print(
        context.translate("The round was stopped before its end; the same command goes on with it."), style="yellow"
    )
    return UNAVAILABLE_EXIT


async def measure_round(
    context: CliContext, store: Store, begun: Round, stop: Stop, view: RoundView | None = None
) -> tuple[int, bool]:
    """
    Let the agents work on a round until it is measured or stop is set.

    It always comes to an end: what an agent dies of again and again is stored as inconclusive.

    Args:
        context: of the command.
        store: open.
        begun: the round.
        stop: ends it early.
        view: what a person sees meanwhile; None = a bar.

    Returns:
        Exit code, and whether every planned probe has its measurement.
    """
    ending = Stop()
    patience = _Patience()
    children = agent_children(context, begun.id)
    agents = asyncio.create_task(supervise(children, ending, is_hopeless=patience.is_at_its_end))
    with view or ProgressBar(context.console, context.translate) as shown:
        while not agents.done() and not stop.is_set():
            stored = await when_there(lambda: store.measurements.count(begun.id), stop)
            if stored is not None:
                patience.see(stored)
                # Retakes come on top of the plan.
                await asyncio.to_thread(_show, shown, stored, max(begun.planned, stored))
            await stop.race(asyncio.wait([agents], timeout=POLL_SECONDS))
    stopped = stop.is_set()
    ending.set()
    code = await agents
    if code or stopped:
        return code, False
    return 0, await when_there(lambda: _end(context, store, begun), stop) is not None


def _show(view: RoundView, stored: int, planned: int) -> None:
    """Show how far the round is; a store that is away just then is waited for by others."""
    with suppress(StoreUnavailableError):
        view.update(stored, planned)


def _end(context: CliContext, store: Store, begun: Round) -> bool:
    """Store that the round ended, and that what has no measurement by now could not be taken."""
    missing = remaining_jobs(context.settings, store, begun.id, all_kinds())
    if missing:
        log.error(
            "probes could not be taken: the agent died of them, or of this machine; they are stored as inconclusive",
            number=len(missing),
            first=str(missing[0].key),
        )
        store.measurements.write(
            [given_up(job, "the agent died again and again before this was measured") for job in missing]
        )
    store.rounds.end(begun.id, clock.now())
    return True


class _Patience:
    """
    Gives an agent up that dies again and again while nothing new is stored.

    What it dies of stands first in what it has left to do: every start would meet it again. A store that is away does not count.
    """

    def __init__(self) -> None:
        self._stored = 0
        self._deaths: Counter[str] = Counter()

    def see(self, stored: int) -> None:
        """Take note of how many measurements are stored; a new one is progress."""
        if stored > self._stored:
            self._stored = stored
            self._deaths.clear()

    def is_at_its_end(self, child: Child, code: int) -> bool:
        """Count a death, and tell whether it was one too many."""
        if code == UNAVAILABLE_EXIT:
            return False
        self._deaths[child.name] += 1
        return self._deaths[child.name] >= MOST_DEATHS


def show_ranking(context: CliContext, store: Store, begun: Round) -> None:
    """Print the ranking of a round that has ended, and store it, so that the pages have it at once."""
    settings = context.settings
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    shown = published_ranking(
        store, read_registry(settings.registry_dir).at, criteria, now=clock.now(), round_id=begun.id
    )
    try:
        keep(store.rankings, shown.ranking, shown.registry)
    except StoreError as exc:
        log.warning("the ranking could not be stored; the ranker computes it again", cause=str(exc))
    print_ranking(context.console, shown.ranking, shown.registry, context.translate, simulated=settings.simulated)


def _parse_runs(given: list[str]) -> dict[str, int]:
    kinds = all_kinds()
    runs: dict[str, int] = {}
    problems = []
    for item in given:
        kind, _, number = item.partition("=")
        if kind not in kinds:
            problems.append(f"--runs {item}: unknown kind '{kind}'{nearest(kind, kinds)}; kinds: {', '.join(kinds)}")
        elif not (
            number.isascii() and number.isdigit() and len(number) <= len(str(MOST_RUNS)) and int(number) <= MOST_RUNS
        ):
            problems.append(f"--runs {item}: '{number}' is no whole number up to {MOST_RUNS}; write {kind}=3")
        else:
            runs[kind] = int(number)
    if problems:
        raise ConfigurationError(problems)
    return runs
