"""The memory guard over real processes that are built and named like Chromium's: browser, zygote, and what it forks."""

import asyncio
import errno
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from probes.chromium import memory
from probes.chromium.memory import MEBIBYTE, MemoryGuard

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")

LIMIT_BYTES = 80 * MEBIBYTE
PATIENCE_SECONDS = 10.0

# Arguments: its type, then [mebibytes to take, [[type of a child, the same of it], …]] as JSON.
PROCESS = """
import json, subprocess, sys, time
mebibytes, children = json.loads(sys.argv[2])
for kind, inner in children:
    subprocess.Popen([sys.executable, __file__, kind, json.dumps(inner)])
kept = bytearray(mebibytes * 1024**2)
kept[::4096] = b"x" * len(kept[::4096])
time.sleep(600)
"""


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Callable[..., psutil.Process]]:
    """Start a family: browser(("--type=renderer", 200), ("--type=renderer", 1)) has two renderers under its zygote."""
    source = tmp_path / "process.py"
    source.write_text(PROCESS, encoding="utf-8")
    started: list[psutil.Popen] = []

    def start(*forked: tuple[str, int]) -> psutil.Process:
        spec = [1, [["--type=zygote", [1, [[kind, [size, []]] for kind, size in forked]]]]]
        started.append(psutil.Popen([sys.executable, source, "--headless", json.dumps(spec)]))
        return started[-1]

    yield start
    for root in started:
        for member in [*root.children(recursive=True), root]:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        root.wait(10)


async def family(browser: psutil.Process, size: int) -> dict[str, psutil.Process]:
    """
    Wait until so many processes are under a browser; return them by type and mebibytes, as in "--type=renderer 200".

    A process that has been forked and not yet become another program has its parent's arguments.
    """
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            arguments = {one: one.cmdline() for one in [browser, *browser.children(recursive=True)]}
            found = [one for one in arguments if one != browser and len(arguments[one]) == 4]
            if len(found) == size and all(arguments[one] != arguments.get(one.parent()) for one in found):
                return {f"{arguments[one][2]} {json.loads(arguments[one][3])[0]}": one for one in found}
            await asyncio.sleep(0.02)


async def gone(process: psutil.Process) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.02)


@pytest.fixture
async def guarded() -> AsyncIterator[Callable[[psutil.Process], tuple[MemoryGuard, list[str]]]]:
    """Watch a family: guarded(browser) returns the guard and the complaints for which the whole browser would be ended."""
    guards: list[MemoryGuard] = []

    def watch(browser: psutil.Process) -> tuple[MemoryGuard, list[str]]:
        complaints: list[str] = []
        guards.append(MemoryGuard(browser.pid, LIMIT_BYTES))
        guards[-1].start(complaints.append)
        return guards[-1], complaints

    yield watch
    for guard in guards:
        await guard.stop()


async def test_renderer_over_the_limit_is_ended_alone_and_told_once(browser, guarded):
    root = browser(("--type=renderer", 200), ("--type=renderer", 1))
    members = await family(root, 3)
    guard, complaints = guarded(root)
    hungry = members["--type=renderer 200"]
    await gone(hungry)
    assert all(one.is_running() for one in (root, members["--type=renderer 1"]))
    ended = guard.claim()
    assert ended is not None
    assert ended.pid == hungry.pid
    assert LIMIT_BYTES < ended.resident_bytes < 3 * LIMIT_BYTES
    assert ended.detail.endswith("MiB of memory and was ended (limit 80 MiB)")
    assert guard.claim() is None
    assert (guard.ended_total, complaints) == (1, [])


async def test_process_that_all_pages_share_ends_the_browser(browser, guarded):
    root = browser(("--type=gpu-process", 200), ("--type=renderer", 1))
    await family(root, 3)
    guard, complaints = guarded(root)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not complaints:
            await asyncio.sleep(0.02)
    assert complaints[0].startswith("a process that all pages share takes ")
    assert guard.ended_total == 0


async def test_crash_of_another_renderer_is_not_explained(browser, guarded):
    root = browser(("--type=renderer", 200), ("--type=renderer", 1))
    members = await family(root, 3)
    guard, _ = guarded(root)
    await gone(members["--type=renderer 200"])
    assert guard.claim(members["--type=renderer 1"].pid) is None
    assert guard.claim(members["--type=renderer 200"].pid) is not None


async def test_old_end_explains_no_new_crash(browser, guarded, monkeypatch):
    root = browser(("--type=renderer", 200))
    members = await family(root, 2)
    guard, _ = guarded(root)
    await gone(members["--type=renderer 200"])
    monkeypatch.setattr(memory, "CLAIM_SECONDS", 0.0)
    assert guard.claim() is None


async def test_modest_pages_are_left_alone_and_watching_ends_with_the_browser(browser):
    root = browser(("--type=renderer", 1))
    members = await family(root, 2)
    guard = MemoryGuard(root.pid, LIMIT_BYTES)
    before = asyncio.all_tasks()
    guard.start(pytest.fail)
    watching = asyncio.all_tasks() - before
    await asyncio.sleep(2 * memory.LOOK_SECONDS)
    assert all(one.is_running() for one in members.values())
    root.kill()
    await asyncio.wait_for(asyncio.gather(*watching), PATIENCE_SECONDS)
    for one in members.values():  # nobody's children now
        one.kill()
    assert guard.ended_total == 0


async def test_where_processes_cannot_be_looked_at_nothing_is_done(monkeypatch):
    monkeypatch.setattr(memory, "_children", lambda _: None)
    before = asyncio.all_tasks()
    guard = MemoryGuard(1, 1)
    guard.start(pytest.fail)
    assert asyncio.all_tasks() == before
    await guard.stop()


def without_descriptors(path: str, _flags: int) -> int:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), path)


async def test_moment_without_file_descriptors_does_not_end_the_watch(browser, guarded, monkeypatch):
    root = browser(("--type=renderer", 200))
    members = await family(root, 2)
    with monkeypatch.context() as patch:
        patch.setattr(memory.os, "open", without_descriptors)
        guard, complaints = guarded(root)
        await asyncio.sleep(2 * memory.LOOK_SECONDS)
        assert guard.ended_total == 0
    await gone(members["--type=renderer 200"])
    assert (guard.ended_total, complaints) == (1, [])


async def test_browser_that_cannot_be_watched_is_ended(browser, guarded, monkeypatch):
    root = browser(("--type=renderer", 1))
    await family(root, 2)
    monkeypatch.setattr(memory, "BLIND_SECONDS", 0.1)
    with monkeypatch.context() as patch:
        patch.setattr(memory.os, "open", without_descriptors)
        _, complaints = guarded(root)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not complaints:
                await asyncio.sleep(0.02)
    assert complaints == ["the memory of its pages cannot be watched: Too many open files"]


async def test_browser_whose_watch_breaks_is_ended(browser, guarded, monkeypatch):
    root = browser(("--type=renderer", 200))
    await family(root, 2)
    monkeypatch.setattr(memory, "_is_renderer", lambda _: 1 / 0)
    _, complaints = guarded(root)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not complaints:
            await asyncio.sleep(0.02)
    assert complaints == ["the memory of its pages is watched no longer: ZeroDivisionError('division by zero')"]


async def test_renderer_of_a_zygote_that_comes_later_is_watched(browser, guarded, monkeypatch):
    root = browser(("--type=renderer", 200))
    members = await family(root, 2)
    with monkeypatch.context() as patch:
        patch.setattr(memory, "_children", lambda _: [])  # as if it were not there yet, or not told
        guard, complaints = guarded(root)
        await asyncio.sleep(2 * memory.LOOK_SECONDS)
        assert guard.ended_total == 0
    await gone(members["--type=renderer 200"])
    assert (guard.ended_total, complaints) == (1, [])
