"""What signals mean to a service, and to a program in a terminal that is closed."""

import os
import pty
import signal
import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, os, signal, sys
from thuocdo.processes.signals import stop_on_signals

async def work():
    stop = stop_on_signals(lambda: print("reload", flush=True) if sys.argv[1] == "service" else None)
    print("ready", flush=True)
    await stop.wait()
    print("stopped", flush=True)

asyncio.run(work())
"""


@pytest.fixture
def service():
    """A program without a terminal."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "service"], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def test_a_service_is_told_by_a_hangup_to_read_its_files_again_and_goes_on(service):
    for _ in range(2):
        service.send_signal(signal.SIGHUP)
        assert service.stdout.readline() == "reload\n"
    service.terminate()
    assert service.stdout.readline() == "stopped\n"
    assert service.wait(60) == 0


def test_in_a_terminal_that_is_closed_it_ends():
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM, "terminal"])
    heard = b""
    while b"ready" not in heard:
        heard += os.read(terminal, 1024)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) in (0, 1)  # 1: it could not say so any more
