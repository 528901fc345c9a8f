"""The web process: pages and metrics on a socket that outlives it."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from thuocdo.agent import ondemand
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Measurement, Target
from thuocdo.core.setting_groups import WebSettings
from thuocdo.processes.file_limit import raise_file_limit
from thuocdo.processes.listening import listen
from thuocdo.processes.signals import stop_on_signals
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


def run_web(settings: Settings, descriptor: int | None) -> None:
    """
    Serve until a signal comes or the parent process is gone.

    Args:
        settings: of this process.
        descriptor: of a listening socket to take over; None = listen on one of its own.

    Raises:
        ConfigurationError: there is no such socket, or the port is taken.
    """
    listener = listen(settings) if descriptor is None else _taken_over(descriptor)
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
            log_config=None,  # what it logs is told as everything else is: its own way shows the values of a fault
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
