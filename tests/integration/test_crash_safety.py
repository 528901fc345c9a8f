"""kill -9 of any process in the middle of a round loses at most the probes in flight."""

import random
import signal
import time

import psutil
import pytest

from thuocdo.core.errors import StoreError
from thuocdo.store import Store

pytestmark = pytest.mark.turns(share=0.5)

VICTIMS = ("agent http", "agent browser", "supervisor", "browser", "driver")


def stored_keys(settings_file):
    database = settings_file.parent / "data" / "thuocdo.sqlite"
    if not database.exists():
        return set()
    try:
        store = Store.open(f"sqlite:///{database}")
    except StoreError:
        return set()
    try:
        return store.measurements.keys()
    finally:
        store.close()


def find_victim(supervisor, which):
    """The process to kill: one of ours by its command line, or one that the browser agent started."""
    if which == "supervisor":
        return supervisor
    for process in supervisor.children(recursive=True):
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if (
            ((which.startswith("agent") and line.endswith(which)) or f" {which} --round" in line)
            or (which == "browser" and "--headless" in line and "--type=" not in line)
            or (which == "driver" and "playwright" in line and "run-driver" in line)
        ):
            return process
    return None


def progress(product, settings):
    """Wait for one more stored measurement; returns the keys stored then."""
    known = len(stored_keys(settings))
    product.wait_until(lambda: len(stored_keys(settings)) > known, "progress of the round")
    return stored_keys(settings)


def running_victim(product, running, which):
    """The process to kill and its name: another one where the work of the wished one is done and it has ended."""
    supervisor = psutil.Process(running.popen.pid)
    patient_until = time.monotonic() + 15

    def found():
        others = [victim for victim in VICTIMS if victim != "supervisor"] if time.monotonic() > patient_until else []
        for name in (which, *others):
            process = find_victim(supervisor, name)
            if process:
                return name, process
        return None

    return product.wait_until(found, f"a running {which}")


@pytest.mark.browser
@pytest.mark.timeout(2600)
def test_kills_of_any_process_lose_nothing_that_was_stored(product, tmp_path, background, is_whole):
    kills = 4 * len(VICTIMS) if is_whole else len(VICTIMS)
    fleet = product.Fleet(tmp_path / "fleet", time_scale=0.2)
    settings = fleet.settings(tmp_path / "run")
    arguments = product.command(
        "--config", settings, "--log-level", "warning", "round", "crash", "--runs", "http=3", "--runs", "homepage=1",
        "--runs", f"eform={int(is_whole)}", "--runs", "accessibility=0",
    )  # fmt: skip
    dice = random.Random(2026)
    running = background(arguments, tmp_path / "round.log")
    killed = set()
    try:
        for kill in range(kills):
            before = progress(product, settings)
            time.sleep(dice.uniform(0.0, 1.0))
            which, victim = running_victim(product, running, VICTIMS[kill % len(VICTIMS)])
            before |= stored_keys(settings)
            victim.send_signal(signal.SIGKILL)
            if which == "supervisor":
                running.popen.wait(10)
                product.wait_until(lambda: not agents_of(settings), "the end of orphaned agents")
                running = background(arguments, tmp_path / "round.log")
            after = stored_keys(settings)
            assert before <= after, f"kill {kill} of {which} lost {len(before - after)} stored measurements"
            killed.add(which)
            print(f"kill {kill}: {which}; {len(after)} stored")
        running.popen.wait(1000)
        assert running.popen.returncode == 0, running.text()[-3000:]
    finally:
        fleet.process.stop()
    assert len(killed) >= len(VICTIMS) - 1, killed
    store = Store.open(f"sqlite:///{settings.parent}/data/thuocdo.sqlite")
    (begun,) = store.rounds.all()
    assert begun.ended_at is not None
    assert len(store.measurements.keys(begun.id)) == store.measurements.count() >= begun.planned
    store.close()


def agents_of(settings):
    """Processes of ours that still run with a settings file."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(settings) in line and " agent " in line:
            found.append(process)
    return found


def test_a_stop_loses_nothing_and_the_same_command_goes_on(product, fleet, tmp_path, background):
    settings = fleet.settings(tmp_path)
    arguments = product.command(
        "--config", settings, "--log-level", "warning", "round", "stopped", "--runs", "http=3", "--runs", "homepage=0",
        "--runs", "eform=0", "--runs", "accessibility=0",
    )  # fmt: skip
    first = background(arguments, tmp_path / "first.log")
    product.wait_until(lambda: len(stored_keys(settings)) > 5, "some measurements")
    assert first.stop() == 3  # try again
    kept = stored_keys(settings)
    second = background(arguments, tmp_path / "second.log")
    second.popen.wait(150)
    assert second.popen.returncode == 0, second.text()[-2000:]
    keys = stored_keys(settings)
    assert kept < keys
    store = Store.open(f"sqlite:///{settings.parent}/data/thuocdo.sqlite")
    (begun,) = store.rounds.all()
    assert len(keys) >= begun.planned
    store.close()
