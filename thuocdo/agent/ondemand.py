"""
Probing at once on somebody's request, by the process whose stop-watches can be trusted.

The web process renders and ranks; it must not time. It asks the HTTP agent of the same machine through a Unix socket.
"""

import hashlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from thuocdo.errors import AgentAwayError, AgentBrokeError, UnknownTargetError
from thuocdo.model import Measurement
from thuocdo.wire import measurement_from_json, measurement_to_json

LONGEST_SOCKET_PATH_BYTES = 100  # the kernel's limit is 108
TIMEOUT_SECONDS = 30.0


def socket_path(data_dir: Path) -> Path:
    """Return where the HTTP agent of a data folder listens."""
    path = data_dir.absolute() / "agent-http.sock"
    if len(str(path).encode()) <= LONGEST_SOCKET_PATH_BYTES:
        return path
    return Path(tempfile.gettempdir()) / f"thuocdo-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.sock"


@asynccontextmanager
async def serve(path: Path, probe_now: Callable[[str], Awaitable[Measurement]]) -> AsyncIterator[None]:
    """Answer requests to probe a target (by id) while the context is open."""

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
    path.unlink(missing_ok=True)
    await web.UnixSite(server, str(path)).start()
    path.chmod(0o600)
    try:
        yield
    finally:
        await server.cleanup()


async def probe_now(path: Path, target_id: str) -> Measurement:
    """
    Ask the HTTP agent to probe a target at once.

    Raises:
        AgentAwayError: nobody listens, or no answer in time.
        AgentBrokeError: the agent answered, but with no measurement.
        UnknownTargetError: the agent's registry lacks the target.
    """
    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(str(path)), timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            ) as session,
            session.post(f"http://agent/probe/{target_id}") as answer,
        ):
            text = await answer.text()
            if answer.status == 404:
                raise UnknownTargetError(text)
            answer.raise_for_status()
        return measurement_from_json(text)
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
