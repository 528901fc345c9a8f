"""Starts the processes of one machine, restarts one that dies or stands still, and stops them all cleanly."""

import asyncio
import os
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from thuocdo.core.stopping import Stop
from thuocdo.processes.heartbeat import HEARTBEAT, Heartbeat

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_AFTER_SECONDS = 60.0
"""A process that ran this long before it died is restarted at once again."""

STOP_SECONDS = 30.0
CONFIGURATION_EXIT = 2
UNAVAILABLE_EXIT = 3

SUPERVISED = "THUOCDO_SUPERVISED"
"""Set in the environment of every child: its standard input is a pipe that closes when its supervisor dies."""

READY = "THUOCDO_READY"
"""Set in the environment of a child that leads: the descriptor to which it writes once it is at work."""

LONGEST_LEAD_SECONDS = 60.0
"""For so long the others wait at most for one that leads: a store that is away may be away for days."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """
    One process to keep alive.

    arguments: of `python -m thuocdo`. descriptors: open files it inherits. ends: exit code 0 means that its work is done.
    leads: the others start once it says that it is at work (`tell_ready`), so that it has the CPUs for itself until then.
    """

    name: str
    arguments: tuple[str, ...]
    descriptors: tuple[int, ...] = ()
    ends: bool = False
    leads: bool = False


async def supervise(
    children: Sequence[Child],
    stop: Stop,
    *,
    is_hopeless: Callable[[Child, int], bool] | None = None,
    restarting: Callable[[str], None] | None = None,
) -> int:
    """
    Keep the children running until stop is set or all that end have ended.

    Every child holds the other end of its standard input: when this process dies, even by kill -9, they see it and stop.

    A child that cannot run as configured ends all of them, so that whoever started this sees it; but not once it has run well:
    then somebody is at work on the files, and it is tried again until they are right.

    Args:
        children: what runs.
        stop: ends them all.
        is_hopeless: told of each child that died and its exit code; True = it is not started again, as if its work were done.
        restarting: told the name of each child that is started again.

    Raises:
        OSError: there is too little of something (memory, files, processes) to start a child at all; one that has run is tried
            again.

    Returns:
        Exit code: 0, or 2 when a child says that it cannot run as configured.
    """
    tasks: dict[asyncio.Task[int], Child] = {}
    code = 0
    try:
        leads = _Lead()
        for child in (child for child in children if child.leads):
            tasks[asyncio.create_task(_keep(child, stop, is_hopeless, restarting, leads.new_descriptor()))] = child
        await leads.over(stop)
        for child in (child for child in children if not child.leads):
            tasks[asyncio.create_task(_keep(child, stop, is_hopeless, restarting))] = child
        while any(child.ends for child in tasks.values()) or not any(c.ends for c in children):
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            code = max([code, *(task.result() for task in done)])
            for task in done:
                del tasks[task]
            if code or not tasks:
                break
    finally:
        stop.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    return max([code, *(r for r in results if isinstance(r, int))])


class _Lead:
    """Waits until those that lead have said that they are at work, or have ended."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Event] = []

    def new_descriptor(self) -> int:
        """Return the end of a pipe that one of them writes to; whoever starts it closes it here."""
        loop = asyncio.get_running_loop()
        ours, theirs = os.pipe()
        told = asyncio.Event()

        def read() -> None:  # it wrote, or nobody holds the other end any more
            loop.remove_reader(ours)
            os.close(ours)
            told.set()

        loop.add_reader(ours, read)
        self._waiting.append(told)
        return theirs

    async def over(self, stop: Stop) -> None:
        """Return when all have told, when it took too long, or when stop is set."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_LEAD_SECONDS):
                for told in self._waiting:
                    await stop.race(told.wait())


def tell_ready() -> None:
    """Say that this process is at work, where a supervisor waits for that."""
    descriptor = os.environ.pop(READY, None)
    if descriptor is not None:
        with suppress(OSError, ValueError):  # the supervisor is gone, which standard input tells
            os.write(int(descriptor), b"\n")
            os.close(int(descriptor))


async def _keep(
    child: Child,
    stop: Stop,
    is_hopeless: Callable[[Child, int], bool] | None,
    restarting: Callable[[str], None] | None,
    ready: int | None = None,
) -> int:
    pause_seconds = FIRST_PAUSE_SECONDS
    has_run = has_run_well = False
    while True:
        began = time.monotonic()
        try:
            code = await _run_once(child, stop, None if has_run else ready)
        except OSError as exc:  # no process, memory or file is left, or the program is being replaced
            if not has_run:
                raise
            log.error(  # noqa: TRY400 - the message says it all
                "a process cannot be started; free memory, or raise the limits (ulimit -u, ulimit -n, TasksMax)",
                process=child.name,
                cause=str(exc),
            )
            code = UNAVAILABLE_EXIT
        has_run = True
        if code == CONFIGURATION_EXIT and not has_run_well:
            return code
        if stop.is_set():
            return 0
        if child.ends and (code == 0 or (is_hopeless is not None and is_hopeless(child, code))):
            return 0
        if time.monotonic() - began > STEADY_AFTER_SECONDS:
            pause_seconds = FIRST_PAUSE_SECONDS
            has_run_well = not child.ends
        log.warning(
            "a process ended and is started again", process=child.name, exit_code=code, after_seconds=pause_seconds
        )
        if restarting is not None:
            restarting(child.name)
        await stop.sleep(pause_seconds)
        pause_seconds = min(LONGEST_PAUSE_SECONDS, pause_seconds * 2)


async def _run_once(child: Child, stop: Stop, ready: int | None) -> int:
    heartbeat = Heartbeat()
    told = {SUPERVISED: "1", HEARTBEAT: str(heartbeat.descriptor)} | ({} if ready is None else {READY: str(ready)})
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "thuocdo",
            *child.arguments,
            stdin=asyncio.subprocess.PIPE,
            env=os.environ | told,
            pass_fds=(*child.descriptors, heartbeat.descriptor, *(() if ready is None else (ready,))),
            start_new_session=True,  # a Ctrl-C in the terminal comes to us alone; we pass it on in order
        )
    except OSError:
        heartbeat.close()
        raise
    finally:
        heartbeat.started()
        if ready is not None:
            os.close(ready)
    log.debug("process started", process=child.name, pid=process.pid)
    try:
        code = await stop.race(_ended(process, child, heartbeat))
    finally:
        heartbeat.close()
    if code is not None:
        return code
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            return await process.wait()
    except TimeoutError:
        log.warning("process did not stop in time and is killed", process=child.name, pid=process.pid)
        process.kill()
        return await process.wait()


async def _ended(process: Process, child: Child, heartbeat: Heartbeat) -> int:
    """Return the exit code of a process once it has ended; one that stands still is killed, since nothing else ends it."""
    ended, frozen = asyncio.ensure_future(process.wait()), asyncio.ensure_future(heartbeat.lost())
    try:
        await asyncio.wait([ended, frozen], return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            log.error(
                "a process stands still and is killed",
                process=child.name,
                pid=process.pid,
                seconds=round(frozen.result()),
            )
            with suppress(ProcessLookupError):
                process.kill()
        return await ended
    finally:
        for task in (ended, frozen):
            task.cancel()
        await asyncio.gather(ended, frozen, return_exceptions=True)
