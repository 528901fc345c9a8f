"""What signals mean to a service; that a closed terminal ends a program is in test_machine.py."""

import signal
import subprocess
import sys

import pytest

PROGRAM = """
import asyncio
from thuocdo.processes.signals import stop_on_signals

async def work():
    stop = stop_on_signals(lambda: print("reload", flush=True))
    print("ready", flush=True)
    await stop.wait()
    print("stopped", flush=True)

asyncio.run(work())
"""


@pytest.fixture
def service():
    """A program without a terminal."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, start_new_session=True
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
    assert service.wait(300) == 0
