"""
What the tests of a browser's surroundings share, and an agent's browser in a process of its own.

    python environment.py KIND=URL ...    probes each URL in turn, then closes the browser; tells each as a line of JSON

A test starts it under whatever the machine shall lack: memory, files, processes, folders, rights.
"""

import asyncio
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, cast

import psutil
import structlog
from aiohttp import web

from probes import eform, homepage, languages
from probes.accessibility import probe as accessibility
from probes.chromium.browser import Browser
from probes.evidence import EvidencePolicy
from probes.journeys.journey_file import Journey
from probes.tools import Tools
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.model import Block, Evidence, Job, Observation, Target, TargetRole
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

HOST = "portal.test"
AGENT = "ThuocDo/0.1 (+https://contact.test)"
KINDS = {"homepage": homepage.probe, "eform": eform.probe, "accessibility": accessibility.probe}

_TEXT = "Kê khai thông tin theo mẫu, nộp hồ sơ, tra cứu kết quả. " * 40
_FIELDS = "".join(f"<p><label>Ô {n} <input id=o{n} name=o{n}></label></p>" for n in range(5))
_FORM = f"<form method=post action=/luu>{_FIELDS}</form>"
_PAGE = f"<!doctype html><html lang=vi><title>Tờ khai</title><body><main><h1>Dịch vụ công</h1><p>{_TEXT}</p>"
_POSTS = """<script>
const send = () => { fetch('/luu', { method: 'POST', body: 'x', keepalive: true }).catch(() => 0);
  navigator.sendBeacon('/luu', 'x');
};
setInterval(send, 20);
for (let i = 0; i < 4; i++) { const s = `setInterval(() => fetch('${location.origin}/luu', {method: 'POST', mode: 'no-cors'})
  .catch(() => 0), 20)`; new Worker(URL.createObjectURL(new Blob([s]))); }
</script>"""

PAGES: Mapping[str, str] = {
    "/good": f"{_PAGE}{_FORM}",
    "/waits": f"{_PAGE}<script src=/never></script>",  # never loaded, and holds no form
    "/posts": f"{_PAGE}{_POSTS}<script src=/never></script>",
    "/eats": f"{_PAGE}<script>const kept = []; while (true) kept.push(new Uint8Array(1e7).fill(1))</script>",
}

JOURNEY = Journey.model_validate(
    {
        "family": "own",
        "title_vi": "x",
        "title_en": "x",
        "steps": [{"name": "start", "open": "{url}"}],
        "entry": "start",
        "form": {"minimum_fields": 5, "quiet_seconds": 0.5},
    }
)


class Server:
    """Shows PAGES; counts what is asked for, and what is sent to it."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.port = 0

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self.port}{path}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked[request.path] += 1
        if request.path == "/luu":
            self.sent[f"{request.method} {request.path}"] += 1
        if request.path == "/never":
            await asyncio.sleep(600)
        return web.Response(text=PAGES.get(request.path, "Cổng thông tin"), content_type="text/html")


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """Serve PAGES on a free port of loopback."""
    made = Server()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(application, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.port = runner.addresses[0][1]
    yield made
    await runner.cleanup()


class NoEvidence:
    """Forgets evidence at once."""

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        digest = hashlib.sha256(content).hexdigest()
        return Evidence(kind=kind, sha256=digest, media_type=media_type, size_bytes=len(content))


class OpenRobots:
    """Forbids nothing."""

    async def allows(self, *_: Any) -> bool:
        return True


async def launch(**settings: Any) -> Browser:
    return await Browser.launch(BrowserSettings(**settings), hosts={HOST: "127.0.0.1"}, user_agent=AGENT)


async def look(browser: Browser, kind: str, url: str, *, seconds: float, full: bool = False) -> Observation:
    """Probe an address once; full: with all evidence, which has a form typed into."""
    tools = Tools(
        http=cast("Any", None), robots=cast("Any", OpenRobots()), browser=browser, evidence=NoEvidence(),
        evidence_policy=EvidencePolicy(1 if full else 0), journeys={"own": JOURNEY}, profiles=PROFILES, user_agent=AGENT,
        versions={},
    )  # fmt: skip
    role = TargetRole.EFORM if kind == "eform" else TargetRole.HOMEPAGE
    target = Target(
        id="p.x", role=role, url=url, agency_id="a", portal_id="p", block=Block.PROVINCE,
        journey="own" if kind == "eform" else None,
    )  # fmt: skip
    job = Job(
        target=target, kind=kind, vantage_id="local", profile="desktop", scheduled_at=datetime(2026, 1, 1, tzinfo=UTC),
        deadline_seconds=seconds,
    )  # fmt: skip
    return await KINDS[kind](job, tools)


def processes(session: int) -> list[psutil.Process]:
    """Return what runs in a session; Chromium has one of its own, which its orphans keep."""
    found = []
    for pid in psutil.pids():
        try:
            process = psutil.Process(pid)
            if os.getsid(pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, ProcessLookupError):
            continue
    return found


def arguments(process: psutil.Process) -> list[str]:
    """What a process was started with: nothing once it has ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def _tell(**about: object) -> None:
    print(json.dumps(about, ensure_ascii=False), flush=True)


async def _tasks() -> list[str]:
    """Return what still runs when everything that was cancelled has had the turns it needs to end."""
    for _ in range(50):
        await asyncio.sleep(0)
    return [str(task.get_coro()) for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def _left() -> list[str]:
    """Return which processes stay; one that is dying has some seconds to be gone."""
    give_up = time.monotonic() + 10
    while (left := psutil.Process().children(recursive=True)) and time.monotonic() < give_up:
        await asyncio.sleep(0.1)
    names = []
    for one in left:
        with suppress(psutil.NoSuchProcess):
            names.append(f"{one.name()}, {one.status()}")
    return names


async def _agent(wishes: list[str]) -> None:
    seconds = float(os.environ.get("SECONDS_PER_PROBE", "25"))
    memory = int(os.environ.get("PAGE_MEGABYTES", "1500"))
    try:
        browser = await launch(memory_megabytes=memory)
    except BrowserUnavailableError as exc:
        told = {"reason": "browser_unavailable", "detail": str(exc)}
        _tell(kind="launch", **told, left=await _left(), tasks=await _tasks())
        return
    _tell(kind="launch", reason=None, detail="")
    for wish in wishes:
        kind, _, url = wish.partition("=")
        seen = await look(browser, kind, url, seconds=seconds, full=True)
        _tell(kind=kind, reason=seen.reason, detail=seen.detail)
    await browser.close()
    await languages.close()
    _tell(
        kind="close", reason=None, detail="", left=await _left(), tasks=await _tasks(), restarts=browser.restarts_total
    )


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # standard output is for what it tells
    asyncio.run(_agent(sys.argv[1:]))
