"""The processes that `run`, `round` and `demo` start; nobody needs to start them by hand."""

import asyncio
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
import uvicorn

from thuocdo.agent import ondemand
from thuocdo.agent.file_limit import raise_file_limit
from thuocdo.agent.process import run_agent, stop_on_signals
from thuocdo.agent.supervisor import Child
from thuocdo.cli.context import CliContext
from thuocdo.core.config import Settings, WebSettings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.model import Measurement, Target
from thuocdo.incidents.process import keep_judging
from thuocdo.store import Store
from thuocdo.store.patience import open_when_there
from thuocdo.web.app import create_app
from thuocdo.web.connections import protocol_of
from thuocdo.web.opening import Opening

FILES_OF_WEB = 128
"""Files that the web process needs besides its connections: fifteen of SQLite with three files each, libraries, what it shows."""


class _Server(uvicorn.Server):
    """A server that leaves signals to us: we also see the death of the supervisor."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signals."""
        yield


def agent(
    ctx: typer.Context,
    engine: Annotated[Engine, typer.Argument(help="Whose kinds of probe to run.")],
    round_id: Annotated[str | None, typer.Option("--round", help="Work on this round only.")] = None,
) -> None:
    """Run one agent (started by `thuocdo run`)."""
    run_agent(ctx.obj.settings, engine, round_id)


def web(
    ctx: typer.Context, descriptor: Annotated[int | None, typer.Option(help="Listening socket to take over.")] = None
) -> None:
    """Serve pages and metrics (started by `thuocdo run`)."""
    settings: Settings = ctx.obj.settings
    listener = _taken_over(descriptor) if descriptor is not None else listen(settings)
    asyncio.run(_serve(settings, listener))


def _taken_over(descriptor: int) -> socket.socket:
    try:
        return socket.socket(fileno=descriptor)
    except (OSError, ValueError) as exc:
        raise ConfigurationError(f"--descriptor {descriptor}: is no open socket; leave it out") from exc


async def _serve(settings: Settings, listener: socket.socket) -> None:
    path = ondemand.socket_path(settings.data_dir)

    async def probe_now(target: Target) -> Measurement:
        return await ondemand.probe_now(path, target.id)

    opening = Opening()
    server = _Server(
        uvicorn.Config(
            opening,
            lifespan="off",
            log_level="error",  # a warning for each request that is none would let anybody fill the disk
            access_log=False,
            timeout_graceful_shutdown=5,
            http=protocol_of(_within(settings.web, raise_file_limit())),
            ws="none",
            timeout_keep_alive=settings.web.idle_seconds,
        )
    )
    stop = stop_on_signals()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    store: Store | None = None
    try:
        store = await open_when_there(settings.store_url, stop)
        if store is not None:
            opening.app = create_app(settings, store=store, probe_now=probe_now)
        await stop.race(asyncio.wait([serving]))
    finally:
        server.should_exit = True
        await serving
        if store is not None:
            store.close()


def _within(web: WebSettings, open_files: int) -> WebSettings:
    """Return settings with no more connections than leave the store its files."""
    if open_files < 0:
        return web
    return web.model_copy(update={"most_connections": min(web.most_connections, max(1, open_files - FILES_OF_WEB))})


def judge(ctx: typer.Context) -> None:
    """Judge incidents and count availability (started by `thuocdo run`)."""

    async def work() -> None:
        await keep_judging(ctx.obj.settings, stop_on_signals())

    asyncio.run(work())


def listen(settings: Settings) -> socket.socket:
    """
    Return a listening socket for the web process.

    Raises:
        ConfigurationError: the port is taken or not allowed.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in settings.web.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.web.host, settings.web.port))
        listener.listen(128)
    except OSError as exc:
        listener.close()
        raise ConfigurationError(
            f"web: cannot listen on {settings.web.host}:{settings.web.port} ({exc.strerror}); "
            "stop what uses the port, or set THUOCDO_WEB__PORT or web.port to another one"
        ) from exc
    return listener


def agent_children(context: CliContext, round_id: str | None, engines: Iterable[Engine] = Engine) -> list[Child]:
    """Return the agents of one machine, one per engine."""
    chosen = ("--round", round_id) if round_id else ()
    return [
        Child(
            name=f"agent-{engine.value}",
            arguments=context.arguments("agent", engine.value, *chosen),
            ends=round_id is not None,
        )
        for engine in engines
    ]


def judge_child(context: CliContext) -> Child:
    """Return the process that judges: it must share no loop with a stop-watch, nor keep a page waiting."""
    return Child(name="judge", arguments=context.arguments("judge"))


def web_child(context: CliContext, listener: socket.socket) -> Child:
    """Return the web process, listening on a socket that outlives its restarts."""
    descriptor = listener.fileno()
    return Child(
        name="web", arguments=context.arguments("web", "--descriptor", str(descriptor)), descriptors=(descriptor,)
    )
