"""
Probing at once on somebody's request, by the process whose stop-watches can be trusted.

The web process renders and ranks; it must not time. It asks the HTTP agent of the same machine through a Unix socket.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import structlog
from aiohttp import web

from thuocdo.agent.folder_lock import try_lock
from thuocdo.core.errors import AgentAwayError, AgentBrokeError, UnknownTargetError
from thuocdo.core.model import Measurement
from thuocdo.core.wire import measurement_from_json, measurement_to_json

LONGEST_SOCKET_PATH_BYTES = 100  # the kernel's limit is 108
TIMEOUT_SECONDS = 30.0
STAND_BY_SECONDS = 5.0

log = structlog.get_logger(__name__)


def socket_path(data_dir: Path) -> Path:
    """Return where the HTTP agent of a data folder listens."""
    return data_dir.absolute() / "agent-http.sock"


@contextmanager
def within_reach(path: Path) -> Iterator[str]:
    """
    Yield the address of a socket's place, which the kernel takes up to a short length only; valid within the block.

    What is longer is reached through its opened folder: nothing of ours stands in a folder where everybody may write.

    Raises:
        OSError: there is no such folder.
    """
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH_BYTES:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@asynccontextmanager
async def serve(path: Path, probe_now: Callable[[str], Awaitable[Measurement]]) -> AsyncIterator[None]:
    """
    Answer requests to probe a target (by id) while the context is open.

    One process of a data folder answers: as long as another one does, this one stands by, and takes over when it ends.
    """

    async def handle(request: web.Request) -> web.Response:
        try:
            measurement = await probe_now(request.match_info["target_id"])
        except UnknownTargetError as exc:
            return web.Response(status=404, text=str(exc))
        return web.Response(text=measurement_to_json(measurement), content_type="application/json")

    app = web.Application()
    app.router.add_post("/probe/{target_id}", handle)
    server = web.AppRunner(app, access_log=None)
    await server.setup()
    place = _Place(path)
    standing_by = asyncio.create_task(_take_over(place, server))
    try:
        await place.looked.wait()
        yield
    finally:
        standing_by.cancel()
        await asyncio.gather(standing_by, return_exceptions=True)
        await server.cleanup()
        place.leave()


async def _take_over(place: "_Place", server: web.AppRunner) -> None:
    """Listen as soon as nobody else does; what keeps us from it is told once and tried again."""
    told = ""
    while True:
        try:
            listener = place.take()
        except OSError as exc:
            listener, trouble = None, f"{place.path}: {exc.strerror or exc}"
        else:
            trouble = ""
        if listener is not None:
            await web.SockSite(server, listener).start()
            place.looked.set()
            return
        if trouble != told:
            told = trouble
            log.error("probing on request is not possible; it is tried again", cause=trouble)
        place.looked.set()
        await asyncio.sleep(STAND_BY_SECONDS)


class _Place:
    """The socket's place in the file system, and the lock that says whose it is; the kernel frees it when its owner dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.looked = asyncio.Event()
        self._lock: int | None = None

    def take(self) -> socket.socket | None:
        """Return a listening socket; None while another process has the place. Raises OSError."""
        self._lock = try_lock(self.path.with_suffix(".lock"))
        if self._lock is None:
            return None
        try:
            self.path.unlink(missing_ok=True)  # of a process that has died: nobody else holds the lock
            # Our own socket: one that the loop binds it also removes, whoever has the place by then.
            listener = socket.socket(socket.AF_UNIX)
            with within_reach(self.path) as address:
                listener.bind(address)
            self.path.chmod(0o600)
        except OSError:
            os.close(self._lock)
            self._lock = None
            raise
        return listener

    def leave(self) -> None:
        """Give the place back if it is ours."""
        if self._lock is not None:
            self.path.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None


async def probe_now(path: Path, target_id: str) -> Measurement:
    """
    Ask the HTTP agent to probe a target at once.

    Raises:
        AgentAwayError: nobody listens, or no answer in time.
        AgentBrokeError: the agent answered, but with no measurement.
        UnknownTargetError: the agent's registry lacks the target.
    """
    try:
        with within_reach(path) as address:
            text = await _answer_of(address, target_id)
        return measurement_from_json(text)
    except FileNotFoundError as exc:
        raise AgentAwayError("no HTTP agent listens on this machine; is `thuocdo run` running?") from exc
    except TimeoutError as exc:
        raise AgentAwayError(
            f"the HTTP agent gave no answer within {TIMEOUT_SECONDS:.0f} s; it is busy or stands still, see its log"
        ) from exc
    except aiohttp.ClientConnectorError as exc:
        raise AgentAwayError("no HTTP agent listens on this machine; is `thuocdo run` running?") from exc
    except (aiohttp.ClientConnectionError, OSError) as exc:
        raise AgentAwayError("the HTTP agent ended before it answered; it is started again, so ask again") from exc
    except (aiohttp.ClientError, ValueError) as exc:
        raise AgentBrokeError(
            f"the HTTP agent broke on the probe of '{target_id}'; its log says where, please report it"
        ) from exc


async def _answer_of(address: str, target_id: str) -> str:
    async with (
        aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(address), timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        ) as session,
        session.post(f"http://agent/probe/{target_id}") as answer,
    ):
        text = await answer.text()
        if answer.status == 404:
            raise UnknownTargetError(text)
        answer.raise_for_status()
    return text
