"""`thuocdo run`: measure every day, serve pages and metrics."""

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import structlog
import typer

from dashboards.owners import reaches_nobody
from probes.chromium.executable import find_browser
from probes.journeys.journey_file import journey_problem, load_journeys
from probes.journeys.session import load_sessions
from probes.net.authorities import check_authority
from probes.net.hosts_map import read_hosts
from probes.net.name_servers import name_server
from schedules.cadence import load_schedule
from schedules.maintenance import load_maintenance
from schedules.plan import Planner
from thuocdo.agent.folder_lock import owned
from thuocdo.backup.putting_back import finish
from thuocdo.cli.children import agent_children, judge_child, keep_child, ranker_child, web_child
from thuocdo.cli.context import CliContext
from thuocdo.cli.who_is_told import say_who_is_told
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.in_force import checked_copy, put_in_force, renewed, serve_from_copy
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.portals import Registry, read_registry
from thuocdo.core.reloading import tell_reload
from thuocdo.core.restarts import Restarts
from thuocdo.processes.expiry import expiring_evidence
from thuocdo.processes.listening import listen
from thuocdo.processes.signals import stop_on_signals
from thuocdo.processes.supervisor import Child, supervise
from thuocdo.score.basis import load_criteria_sets
from thuocdo.store import Store
from thuocdo.store.archive_columns import need_pyarrow

Loaded = TypeVar("Loaded")

log = structlog.get_logger(__name__)


def run(ctx: typer.Context) -> int:
    """Measure by the schedule until stopped; serve pages and metrics."""
    context: CliContext = ctx.obj
    _, copy = checked_copy(context.settings, check_files)
    _check_store(context.settings, waits=True)
    warn_without_browser(context)
    with owned(context.settings.data_dir, "run"), listen(context.settings) as listener:
        finish(context.settings)
        put_in_force(context.settings, copy)
        serve_from_copy(context.settings)
        host, port = listener.getsockname()[:2]
        context.announce("Pages and metrics: {url}", url=f"http://{host}:{port}/")
        if context.settings.owners:
            say_who_is_told(context, context.settings.owners)
        children = [
            *agent_children(context, None),
            judge_child(context),
            ranker_child(context),
            keep_child(context),
            web_child(context, listener),
        ]
        return asyncio.run(_run(children, context.settings))


async def _run(children: Sequence[Child], settings: Settings) -> int:
    restarts = Restarts(settings.data_dir, (child.name for child in children))
    try:
        async with expiring_evidence(settings):
            stop = stop_on_signals(partial(_reload_beside, settings))
            return await supervise(children, stop, restarting=restarts.add)
    finally:
        restarts.forget()


def _reload_beside(settings: Settings) -> None:
    """Read the files in another thread: who keeps the processes must not stand still."""
    asyncio.get_running_loop().run_in_executor(None, _reload, settings)


def _reload(settings: Settings) -> None:
    try:
        reload_files(settings)
    except ConfigurationError as exc:
        log.error("what people wrote has mistakes; everything stays as it was", problems=list(exc.problems))  # noqa: TRY400
    except StoreUnavailableError as exc:
        log.error("the processes cannot be told; everything stays as it was", cause=str(exc))  # noqa: TRY400
    else:
        log.info("what people wrote was read again; every process takes it up")


def reload_files(settings: Settings) -> Registry:
    """
    Read again what people wrote, and let all processes of this machine take it up within seconds.

    Returns:
        The registry of today.

    Raises:
        ConfigurationError: there are mistakes, all of which are named; everything stays as it was, and those on duty are told.
        StoreUnavailableError: the processes cannot be told.
    """
    try:
        registry = renewed(settings, check_files)
    except ConfigurationError as exc:
        tell_reload(settings.data_dir, clock.now(), exc.problems)
        raise
    tell_reload(settings.data_dir, clock.now())
    return registry


def check_everything(settings: Settings, *, waits: bool = False) -> None:
    """
    Look at everything that a person wrote and at the store, before anything starts.

    Args:
        settings: of this process.
        waits: a store that is away is no reason not to start: whoever needs it waits for it.

    Raises:
        ConfigurationError: all mistakes of all files together.
        StoreError: the store cannot be opened.
    """
    check_files(settings)
    _check_store(settings, waits=waits)


def _check_store(settings: Settings, *, waits: bool) -> None:
    try:
        Store.open(settings.store_url).close()
    except StoreUnavailableError as exc:
        if not waits:
            raise
        log.error("the store is away; it is waited for", cause=str(exc))  # noqa: TRY400 - the message says it all


def check_files(settings: Settings) -> Registry:
    """
    Look at everything that a person wrote; returns the registry of today.

    Raises:
        ConfigurationError: all mistakes of all files together.
    """
    kinds = all_kinds()
    problems: list[str] = []

    def load(read: Callable[[], Loaded]) -> Loaded | None:
        try:
            return read()
        except ConfigurationError as exc:
            problems.extend(exc.problems)
            return None

    today = clock.today()
    registered = load(lambda: read_registry(settings.registry_dir))
    registry = registered.at(today) if registered else None
    schedule = load(lambda: load_schedule(settings.schedule, kinds))
    # Whatever was ever registered may be named: a province that ends must not keep the programs from starting.
    load(lambda: load_maintenance(settings.maintenance, registered.at(None) if registered else None))
    load(lambda: reaches_nobody(settings.owners) if settings.owners else None)
    load(lambda: [name_server(text) for text in settings.vantage.name_servers])
    load(lambda: read_hosts(settings.hosts_file))
    load(lambda: check_authority(settings.ca_file))
    load(lambda: need_pyarrow() if settings.archive_dir else None)
    load(lambda: load_sessions(settings.sessions_dir, os.environ))
    journeys = load(lambda: load_journeys(settings.journeys_dir))
    load(lambda: load_criteria_sets(settings.criteria_dir, settings.criteria_set))
    if registry and schedule:
        load(lambda: Planner(registry.probed_targets(), schedule, kinds, vantage_id=settings.vantage.id))
    if registry and journeys is not None:
        found = (journey_problem(target, journeys) for target in registry.targets.values() if target.journey)
        problems += [f"{settings.registry_dir}: {problem}" for problem in found if problem]
    if problems or registry is None:
        raise ConfigurationError(problems)
    return registry


def warn_without_browser(context: CliContext) -> None:
    """Say in one clear line what is off without a browser."""
    if find_browser(context.settings.browser) is None:
        context.announce(
            "No browser found: home page, eForm and accessibility are not measured. `thuocdo doctor` says how to mend it.",
            style="yellow",
        )
