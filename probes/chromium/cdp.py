"""
Chromium's DevTools protocol, as much of it as a timed visit needs.

Playwright's driver takes part in every event of every page, which cost 40 % of the CPU of a visit (2026-11-22, a page of 60
resources: 0.41-0.49 CPU-s over this connection, 0.53-0.66 over Playwright, 0.41-0.46 for nothing but navigate and load). So timed
visits go over a second, light connection to the same browser, and so does whatever is asked in this protocol of a page that
Playwright drives: its own sessions walk through every answer piece by piece, which cost a fifth of an accessibility probe
(2026-11-29, 24 snapshots of a page). Both kinds of session answer to `Session`, so that what watches a page does not care.

Source: chromedevtools.github.io/devtools-protocol
"""

import asyncio
import json
import select
from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self

import aiohttp
import orjson
from playwright.async_api import Error

CONNECT_SECONDS = 5.0

_LEFT = (
    select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)
)  # the last one is Linux's: the other end is closed

Handler = Callable[[dict[str, Any]], Any]


class CdpSession(Protocol):
    """One attached target: commands go, events come."""

    async def send(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a command and return its result; raises Playwright's Error where the target refuses or is gone."""
        ...

    def on(self, event: str, f: Handler) -> Any:
        """Call `f` with the parameters of every such event from now on."""
        ...


async def call(session: CdpSession, function: str, argument: object = None) -> Any:
    """
    Call a function in the page's own world, in its main frame.

    Args:
        session: of the page.
        function: source of a JavaScript function of one argument; what it returns must be JSON.
        argument: JSON.

    Raises:
        Error: it threw, or its document is gone.

    """
    expression = f"({function})({json.dumps(argument)})"
    told = await session.send("Runtime.evaluate", {"expression": expression, "returnByValue": True})
    if "exceptionDetails" in told:
        raise Error(f"Runtime.evaluate: {told['exceptionDetails'].get('text', 'it threw')}")
    return told["result"].get("value")


class Connection:
    """
    One WebSocket to the browser itself; sessions of many targets share it. It is a session of the browser's own, too.

    on_lost: called once the browser has closed it. Errors are Playwright's Error, as from its own sessions, so that callers
    know one kind only.
    """

    def __init__(self, client: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._client = client
        self._socket = socket
        self._last_id = 0
        self._waiting: dict[int, tuple[str, asyncio.Future[dict[str, Any]]]] = {}
        self._sessions: dict[str, LightSession] = {}
        self._handlers: dict[str, list[Handler]] = {}
        self.on_lost: Callable[[], None] | None = None
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str) -> Self:
        """
        Connect to a browser's WebSocket address.

        Raises:
            Error: nobody answers there.

        """
        client = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                socket = await client.ws_connect(url, max_msg_size=0, compress=0, autoping=True)
        except (aiohttp.ClientError, OSError, TimeoutError) as exc:
            await client.close()
            raise Error(f"the browser's debugging port does not answer: {exc}") from exc
        return cls(client, socket)

    async def send(self, method: str, params: dict[str, Any] | None = None, session_id: str = "") -> dict[str, Any]:
        """Send a command to the browser, or to one of its targets; raises Error where it is refused or the target is gone."""
        if self._reader.done():
            raise Error(f"{method}: the browser has closed the connection")
        self._last_id += 1
        number = self._last_id
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (session_id, answer)
        message: dict[str, Any] = {"id": number, "method": method, "params": params or {}}
        if session_id:
            message["sessionId"] = session_id
        try:
            await self._socket.send_str(json.dumps(message))
            told = await answer
        except (aiohttp.ClientError, OSError) as exc:
            raise Error(f"{method}: the browser has closed the connection") from exc
        finally:
            self._waiting.pop(number, None)
        if "error" in told:
            raise Error(f"{method}: {told['error'].get('message', 'refused')}")
        result: dict[str, Any] = told["result"]
        return result

    def on(self, event: str, f: Handler) -> None:
        """Call `f` with the parameters of every such event of the browser itself from now on."""
        self._handlers.setdefault(event, []).append(f)

    async def attach(self, target_id: str) -> "LightSession":
        """Attach to a target and return its session."""
        return self.adopt(
            str((await self.send("Target.attachToTarget", {"targetId": target_id, "flatten": True}))["sessionId"])
        )

    def adopt(self, session_id: str) -> "LightSession":
        """Return a session that Chromium has begun by itself (Target.setAutoAttach, flat)."""
        session = self._sessions[session_id] = LightSession(self, session_id)
        return session

    def forget(self, session: "LightSession") -> None:
        """Drop a session whose target is gone; what still waits for it ends with an error."""
        self._sessions.pop(session.id, None)
        self._fail("Target closed", session.id)
        session.lose()

    @property
    def is_open(self) -> bool:
        """Whether neither end has closed it, as the system knows at this moment: before we have read what came until then."""
        connected = self._socket.get_extra_info("socket")
        if self._socket.closed or connected is None or connected.fileno() < 0:
            return False
        asked = select.poll()
        asked.register(connected.fileno(), _LEFT)
        return not asked.poll(0)

    async def close(self) -> None:
        """Close the connection; what still waits ends with an error."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._client.close()

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(_parsed(message.data))
        finally:
            self._fail("the browser has closed the connection")
            for session in self._sessions.values():
                session.lose()
            if self.on_lost:
                self.on_lost()

    def _take(self, message: Mapping[str, Any]) -> None:
        if "id" in message:
            _, answer = self._waiting.get(message["id"], ("", None))
            if answer and not answer.done():
                answer.set_result(dict(message))
            return
        if (
            message["method"] == "Target.detachedFromTarget"
        ):  # told to whoever attached, which may be another target's session
            gone = self._sessions.get(message["params"]["sessionId"])
            if gone:
                self.forget(gone)
        session = self._sessions.get(message.get("sessionId", ""))
        if session:
            session.take(message["method"], message.get("params", {}))
        elif "sessionId" not in message:
            for handler in self._handlers.get(message["method"], ()):
                handler(message.get("params", {}))

    def _fail(self, why: str, session_id: str | None = None) -> None:
        for owner, answer in self._waiting.values():
            if session_id in (None, owner) and not answer.done():
                answer.set_exception(Error(why))


def _parsed(message: str) -> Any:
    """Return what a message holds. Snapshots are its bulk: orjson reads them in a third of the time."""
    try:
        return orjson.loads(message)
    except orjson.JSONDecodeError:  # a page's text may hold half a letter (a lone surrogate), which orjson refuses
        return json.loads(message)


class LightSession:
    """A session of one target on a shared connection. on_lost: called once its target is gone, for those who wait for events."""

    def __init__(self, connection: Connection, session_id: str) -> None:
        self.id = session_id
        self._connection = connection
        self._handlers: dict[str, list[Handler]] = {}
        self.on_lost: Callable[[], None] | None = None

    async def send(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a command to the target; raises Error where it refuses or is gone."""
        return await self._connection.send(method, params, self.id)

    def on(self, event: str, f: Handler) -> None:
        """Call `f` with the parameters of every such event from now on."""
        self._handlers.setdefault(event, []).append(f)

    def lose(self) -> None:
        """Tell whoever waits for events that none will come."""
        if self.on_lost:
            self.on_lost()

    def take(self, event: str, params: dict[str, Any]) -> None:
        """Hand an event to those who listen."""
        for handler in self._handlers.get(event, ()):
            handler(params)
