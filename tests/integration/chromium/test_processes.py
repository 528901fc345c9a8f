"""What a browser that did not start leaves behind: nothing."""

import shutil
import subprocess
import time

import psutil
import pytest

from probes.chromium.processes import drivers, kill_younger


@pytest.fixture
def driver(tmp_path):
    """Start something that a driver could be, by its name and arguments."""
    program = tmp_path / "node"
    shutil.copy(shutil.which("sh"), program)
    started = []

    def start(script):
        process = subprocess.Popen([program, "-c", script, "run-driver"])
        started.append(process)
        return psutil.Process(process.pid)

    yield start
    for process in started:
        process.kill()
        process.wait()


async def test_a_driver_that_still_runs_is_ended(driver):
    older = set(await drivers())
    process = driver("while :; do sleep 0.1; done")
    await kill_younger(older)
    assert not process.is_running()


async def test_a_driver_that_died_and_was_never_waited_for_is_let_go(driver):
    older = set(await drivers())
    process = driver("exit 1")
    while process.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert process in await drivers()
    await kill_younger(older)
    assert not psutil.pid_exists(process.pid)


async def test_a_driver_that_was_there_before_is_left_alone(driver):
    process = driver("while :; do sleep 0.1; done")
    await kill_younger(set(await drivers()))
    assert process.is_running()
