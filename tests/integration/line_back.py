"""
Probes over a line that is cut while they go on and is back before they end; run by test_no_network.py in namespaces of its own.

`serve` is the other end of the line: a portal, and a reference page that always answers. The portal cuts the line itself, for a
moment, while it is asked. `measure` asks it and prints what each probe said, as JSON.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.verdicts import NoEvidence
from probes.opening import open_runner
from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.model import Block, Job, Target, TargetRole

HERE, THERE, PORT = "10.9.0.1", "10.9.0.2", 8000
SHELL = "<!doctype html><title>Cổng</title><div id=r></div><script>fetch('/{}').then(a=>a.text()).then(t=>r.innerHTML=t)</script>"
ASKED = {"http": ("http", "cut"), "homepage": ("homepage", "shell-cut"), "http-fault": ("http", "close")}


def ip(*words: str) -> None:
    """Run `ip`; raises CalledProcessError where it refuses."""
    subprocess.run(["ip", *words], check=True)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one request: cut the line for a moment and say nothing, close, or give a document."""
    path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode().strip("/")
    if path in ("cut", "data-cut"):
        ip("link", "set", "there", "down")
        await asyncio.sleep(0.3)
        ip("link", "set", "there", "up")
    if path not in ("cut", "data-cut", "close"):
        body = (SHELL.format("data-cut") if path == "shell-cut" else "<p>Cổng thông tin").encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n" + body)
        await writer.drain()
    writer.close()


async def serve() -> None:
    """Wait for this end of the line to be put here, and answer on it for ever."""
    ip("link", "set", "lo", "up")
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    ip("addr", "add", f"{THERE}/24", "dev", "there")
    ip("link", "set", "there", "up")
    server = await asyncio.start_server(answer, THERE, PORT)
    print("serving", flush=True)
    await server.serve_forever()


async def measure() -> None:
    """Lay a line to a namespace of the portal's, and ask it with each kind."""
    portal = await asyncio.create_subprocess_exec(
        "unshare", "--net", sys.executable, "-m", "tests.integration.line_back", "serve",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert portal.stdin
    assert portal.stdout
    try:
        await portal.stdout.readline()
        ip("link", "add", "here", "type", "veth", "peer", "name", "there")
        ip("link", "set", "there", "netns", str(portal.pid))
        ip("addr", "add", f"{HERE}/24", "dev", "here")
        ip("link", "set", "here", "up")
        portal.stdin.write(b"\n")
        await portal.stdout.readline()
        ip("route", "add", "default", "via", THERE)
        print(json.dumps(await _asked()))
    finally:
        portal.kill()
        await portal.wait()


async def _asked() -> dict[str, list[str]]:
    base = f"http://{THERE}:{PORT}"
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), vantage={"reference_urls": (f"{base}/reference",)})  # type: ignore[arg-type]
        said: dict[str, list[str]] = {}
        async with open_runner(settings, NoEvidence(), list(Engine)) as runner:
            for name, (kind, path) in ASKED.items():
                target = Target(
                    id=name, role=TargetRole.HOMEPAGE, url=f"{base}/{path}", agency_id="a", portal_id=name,
                    block=Block.PROVINCE, own_hosts=frozenset({THERE}), networks=("10.0.0.0/8",),
                )  # fmt: skip
                job = Job(
                    target=target, kind=kind, vantage_id="v", profile="desktop", scheduled_at=datetime.now(UTC),
                    deadline_seconds=20.0,
                )  # fmt: skip
                seen = (await runner.run(job)).observation
                said[name] = [str(seen.reason or seen.outcome), seen.detail]
    return said


if __name__ == "__main__":
    asyncio.run({"serve": serve, "measure": measure}[sys.argv[1]]())
