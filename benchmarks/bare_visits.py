"""
What Chromium itself costs: a warm headless shell is told to open a context, navigate, wait for the load event, and close it.

A process of its own (see benchmarks.worker). Orders: `{"urls": […]}`, visited one after the other.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from benchmarks.worker import answer_orders
from probes.chromium.executable import find_browser
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

START_SECONDS = 20.0


class Wire:
    """The browser's DevTools socket, with nothing around it; one visit at a time."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._last_id = 0

    async def call(self, method: str, session_id: str | None = None, **params: Any) -> Mapping[str, Any]:
        """Send a command and return its result."""
        self._last_id += 1
        session = {"sessionId": session_id} if session_id else {}
        await self._socket.send_json({"id": self._last_id, "method": method, "params": params} | session)
        while True:
            message = await self._socket.receive_json()
            if message.get("id") == self._last_id:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                result: Mapping[str, Any] = message["result"]
                return result

    async def visit(self, url: str) -> None:
        """Load a page in a context of its own and throw it away."""
        profile = PROFILES["desktop"]
        context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        size: dict[str, Any] = {"width": profile.viewport_width, "height": profile.viewport_height}
        target = await self.call("Target.createTarget", url="about:blank", browserContextId=context, **size)
        session = (await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True))["sessionId"]
        await self.call("Page.enable", session)
        await asyncio.wait_for(self._navigate(url, session), START_SECONDS)
        await self.call("Target.disposeBrowserContext", browserContextId=context)

    async def _navigate(self, url: str, session_id: str) -> None:
        self._last_id += 1
        order = {"id": self._last_id, "method": "Page.navigate", "params": {"url": url}, "sessionId": session_id}
        await self._socket.send_json(order)
        while (await self._socket.receive_json()).get("method") != "Page.loadEventFired":
            pass


@asynccontextmanager
async def _shell(folder: Path) -> AsyncIterator[Wire]:
    executable = find_browser(BrowserSettings())
    if executable is None:
        raise SystemExit("benchmarks: no browser found; run make setup")
    profile = folder / "bare-profile"
    flags = ["--headless", "--hide-scrollbars", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    process = await asyncio.create_subprocess_exec(executable, *flags, stderr=asyncio.subprocess.DEVNULL)
    try:
        port, path = await asyncio.wait_for(_address(profile / "DevToolsActivePort"), START_SECONDS)
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(f"ws://127.0.0.1:{port}{path}", max_msg_size=0, compress=0) as socket,
        ):
            yield Wire(socket)
    finally:
        process.kill()
        await process.wait()
        shutil.rmtree(profile, ignore_errors=True)


async def _address(file: Path) -> list[str]:
    while True:
        await asyncio.sleep(0.02)
        if file.exists() and len(lines := file.read_text().split()) == 2:
            return lines


async def _main(folder: Path) -> None:
    async with _shell(folder) as wire:

        async def answer(order: Mapping[str, Any]) -> Mapping[str, Any]:
            for url in order["urls"]:
                await wire.visit(url)
            return {"visits": len(order["urls"])}

        await answer_orders(answer)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(_main(Path(sys.argv[1])))
