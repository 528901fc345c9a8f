"""The processes of a browser and of its driver: which they are, and that none of them stays."""

import asyncio
import os
from collections.abc import Collection, Iterable
from contextlib import suppress

import psutil

CLOSE_SECONDS = 2.0
FILE_SECONDS = 0.02  # between two looks for what nobody tells of

DRIVER_NAME = "node"
MOST_LOOKS = 50  # FILE_SECONDS apart
GONE = frozenset({psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD})
STOPPED = frozenset({psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP})


def status_of(process: psutil.Process) -> str:
    """Return one of psutil's words; also for a process that is gone."""
    try:
        return str(process.status()) if process.is_running() else psutil.STATUS_DEAD
    except psutil.NoSuchProcess:
        return psutil.STATUS_DEAD


def members_of(session: int) -> list[psutil.Process]:
    """Return the processes of a session of the browser's own; what has lost its parent is found there only."""
    if session == os.getsid(0):
        return []  # it has none of its own here, and ours is not its
    found = []
    for pid in psutil.pids():
        with suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if os.getsid(pid) == session:
                found.append(psutil.Process(pid))
    return found


async def drivers() -> list[psutil.Process]:
    """Return all of Playwright's drivers that this process has started, and those that died before anybody took note of it."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if await _is_driver(child):
                found.append(child)
    return found


async def _is_driver(child: psutil.Process) -> bool:
    try:
        for _ in range(MOST_LOOKS):
            if told := child.cmdline():
                return "run-driver" in told
            await asyncio.sleep(FILE_SECONDS)  # for an instant a program that has just begun has no arguments
    except psutil.ZombieProcess:  # where no thread could be started to wait for it, it stays until it is looked at
        pass
    return child.name().startswith(DRIVER_NAME)


async def kill_younger(older: Collection[psutil.Process]) -> None:
    """Kill the drivers that are not among the older ones, with whatever browser they have begun."""
    for driver in await drivers():
        if driver not in older:
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                children = driver.children(recursive=True)
                orphans = [
                    one for session in {os.getsid(child.pid) for child in children} for one in members_of(session)
                ]
                kill_all([*children, *orphans, driver])
                # A process that is still dying would go on writing into what is removed under it.
                await ended([*children, *orphans, driver])


async def ended(processes: Collection[psutil.Process]) -> None:
    """Wait until killed processes are gone, at most CLOSE_SECONDS; without a thread, which this user may not be able to start."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            while psutil.wait_procs(processes, 0)[1]:  # noqa: ASYNC110 - the kernel tells nobody
                await asyncio.sleep(FILE_SECONDS)


def kill_tree(process: psutil.Process) -> None:
    """Kill a process with all its children."""
    with suppress(psutil.NoSuchProcess):
        kill_all([*process.children(recursive=True), process])


def kill_all(processes: Iterable[psutil.Process]) -> None:
    """Kill processes; those that are gone are passed over."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
