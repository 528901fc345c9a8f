"""`thuocdo run`: measure every day, serve pages and metrics."""

import asyncio
import socket
from collections.abc import Sequence
from functools import partial

import structlog
import typer

from probes.chromium.executable import find_browser
from thuocdo.agent.folder_lock import owned
from thuocdo.backup.putting_back import finish
from thuocdo.cli.children import agent_children, judge_child, keep_child, ranker_child, web_child
from thuocdo.cli.context import CliContext
from thuocdo.cli.who_is_told import say_who_is_told
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.in_force import renewed, serve_from_copy, settings_left_in_force
from thuocdo.core.portals import Registry
from thuocdo.core.reloading import tell_reload
from thuocdo.core.restarts import Restarts
from thuocdo.processes.expiry import expiring_evidence
from thuocdo.processes.listening import listen
from thuocdo.processes.signals import stop_on_signals
from thuocdo.processes.supervisor import Child, supervise
from thuocdo.store import Store
from thuocdo.written import check_files

log = structlog.get_logger(__name__)


def run(ctx: typer.Context) -> int:
    """Measure by the schedule until stopped; serve pages and metrics."""
    context: CliContext = ctx.obj
    with owned(context.settings.data_dir, "run"), listen(context.settings) as listener:
        finish(context.settings)
        begin_files(context.settings)
        _check_store(context.settings, waits=True)
        warn_without_browser(context)
        serve_from_copy(context.settings)
        children = [
            *agent_children(context, None),
            judge_child(context),
            ranker_child(context),
            keep_child(context),
            web_child(context, listener),
        ]
        return asyncio.run(_run(context, children, listener))


async def _run(context: CliContext, children: Sequence[Child], listener: socket.socket) -> int:
    settings = context.settings
    restarts = Restarts(settings.data_dir, (child.name for child in children))
    try:
        async with expiring_evidence(settings):
            stop = stop_on_signals(partial(_reload_beside, settings))
            host, port = listener.getsockname()[
                :2
            ]  # told only now: whoever reads it may stop us from here on, and we end in order
            context.announce("Pages and metrics: {url}", url=f"http://{host}:{port}/")
            if settings.owners:
                say_who_is_told(context, settings.owners)
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


def begin_files(settings: Settings) -> None:
    """
    Take up what people wrote, before any process reads it.

    Where that cannot be, a service that was at work before goes on by the copy that it worked by: a machine that restarts at
    night must not stop measuring for a file that somebody has half written. Those on duty are told as by a reload that failed.

    Raises:
        ConfigurationError: there are mistakes, all of which are named, and no copy to go on by.
        StoreUnavailableError: nothing can be written beside the data, and there is no copy to go on by.
    """
    problems: Sequence[str] = ()
    try:
        renewed(settings, check_files)
    except (ConfigurationError, StoreUnavailableError) as exc:
        problems = exc.problems if isinstance(exc, ConfigurationError) else [str(exc)]
        if not _can_go_on(settings):
            raise
        log.error("what people wrote cannot be taken up; what was in force before stays so", problems=list(problems))  # noqa: TRY400
    try:
        tell_reload(settings.data_dir, clock.now(), problems)
    except StoreUnavailableError as exc:
        log.error("those on duty cannot be told whether the files were taken up", cause=str(exc))  # noqa: TRY400


def _can_go_on(settings: Settings) -> bool:
    """Tell whether the copy that is there has no mistake, beside all that is not copied."""
    left = settings_left_in_force(settings)
    if left is None:
        return False
    try:
        check_files(left)
    except ConfigurationError:
        return False
    return True


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


def warn_without_browser(context: CliContext) -> None:
    """Say in one clear line what is off without a browser."""
    if find_browser(context.settings.browser) is None:
        context.announce(
            "No browser found: home page, eForm and accessibility are not measured. `thuocdo doctor` says how to mend it.",
            style="yellow",
        )
