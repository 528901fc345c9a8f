"""The supervisor keeps processes alive and stops them cleanly (with small real processes)."""

import asyncio
import os
import signal
import sys

import pytest

from thuocdo.core.stopping import Stop
from thuocdo.processes import heartbeat, supervisor
from thuocdo.processes.supervisor import Child, supervise, tell_ready


@pytest.fixture
def small_processes(monkeypatch, tmp_path):
    """Start `python -c CODE` where `python -m thuocdo` would be started; each writes its pid to a file of its name."""
    real = asyncio.create_subprocess_exec

    async def start(executable, dash_m, module, name, code, **options):
        header = f"import os,sys,time,signal\nopen({str(tmp_path)!r}+'/{name}','a').write(f'{{os.getpid()}}\\n')\n"
        return await real(executable, "-c", header + code, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    monkeypatch.setattr(supervisor, "FIRST_PAUSE_SECONDS", 0.01)
    assert sys.executable

    def pids(name):
        file = tmp_path / name
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    return pids


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


WAIT = "time.sleep(60)"


async def test_a_process_that_dies_is_started_again(small_processes):
    stop = Stop()
    told = []
    task = asyncio.create_task(supervise([Child(name="a", arguments=("a", WAIT))], stop, restarting=told.append))
    await until(lambda: len(small_processes("a")) == 1)
    assert told == []
    os.kill(small_processes("a")[0], signal.SIGKILL)
    await until(lambda: len(small_processes("a")) == 2)
    stop.set()
    assert await task == 0
    assert told == ["a"]


async def test_children_that_end_end_the_whole(small_processes):
    children = [Child(name=n, arguments=(n, "sys.exit(0)"), ends=True) for n in ("a", "b")]
    assert await supervise(children, Stop()) == 0


async def test_a_child_that_crashes_before_its_work_is_done_goes_on(small_processes, tmp_path):
    flag = tmp_path / "flag"
    code = f"import pathlib\nf=pathlib.Path({str(flag)!r})\nif not f.exists():\n f.touch()\n sys.exit(70)\n"
    assert await supervise([Child(name="a", arguments=("a", code), ends=True)], Stop()) == 0
    assert len(small_processes("a")) == 2


async def test_a_configuration_fault_stops_everything_with_its_code(small_processes):
    children = [Child(name="bad", arguments=("bad", "sys.exit(2)")), Child(name="good", arguments=("good", WAIT))]
    async with asyncio.timeout(10):
        assert await supervise(children, Stop()) == 2
    for pid in small_processes("good"):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_child_sees_the_end_of_its_supervisor(small_processes):
    """Standard input is a pipe that only the supervisor holds open."""
    stop = Stop()
    code = "sys.stdin.read()\nsys.exit(0)"
    task = asyncio.create_task(supervise([Child(name="a", arguments=("a", code))], stop))
    await until(lambda: small_processes("a"))
    assert os.path.exists(f"/proc/{small_processes('a')[0]}")
    stop.set()
    await task


@pytest.mark.parametrize("code", [1, 3, 70])
async def test_only_a_configuration_fault_ends_the_whole(small_processes, code):
    stop = Stop()
    task = asyncio.create_task(supervise([Child(name="a", arguments=("a", f"sys.exit({code})"))], stop))
    await until(lambda: len(small_processes("a")) >= 3)
    stop.set()
    assert await task == 0


async def test_a_child_that_is_hopeless_is_not_started_again_and_the_others_go_on(small_processes):
    deaths = []

    def is_hopeless(child, code):
        deaths.append((child.name, code))
        return len(deaths) == 3

    children = [
        Child(name="bad", arguments=("bad", "sys.exit(70)"), ends=True),
        Child(name="good", arguments=("good", "sys.exit(0)"), ends=True),
    ]
    assert await supervise(children, Stop(), is_hopeless=is_hopeless) == 0
    assert deaths == [("bad", 70)] * 3
    assert len(small_processes("good")) == 1


async def test_a_process_that_cannot_be_started_again_ends_nothing(small_processes, monkeypatch, tmp_path):
    real, refusals, starts = (
        asyncio.create_subprocess_exec,
        [BlockingIOError(11, "Resource temporarily unavailable")] * 3,
        [],
    )

    async def start(*arguments, **options):
        starts.append(arguments[3])
        if starts.count("late") > 1 and arguments[3] == "late" and refusals:
            raise refusals.pop()
        return await real(*arguments, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    flag = tmp_path / "flag"
    code = f"if os.path.exists({str(flag)!r}): {WAIT}\nopen({str(flag)!r}, 'w')\nsys.exit(70)\n"
    stop = Stop()
    children = [Child(name="late", arguments=("late", code)), Child(name="good", arguments=("good", WAIT))]
    task = asyncio.create_task(supervise(children, stop))
    await until(lambda: len(small_processes("late")) == 2 and small_processes("good"))
    assert not refusals
    stop.set()
    assert await task == 0
    assert len(small_processes("good")) == 1


async def test_too_little_to_begin_with_is_raised(small_processes, monkeypatch):
    async def start(*_, **__):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    with pytest.raises(OSError, match="Too many open files"):
        await supervise([Child(name="a", arguments=("a", WAIT))], Stop())


async def test_files_that_are_spoilt_later_end_nothing_that_has_run_well(small_processes, monkeypatch, tmp_path):
    """Somebody edits the registry just when an agent is killed."""
    monkeypatch.setattr(supervisor, "STEADY_AFTER_SECONDS", 0.0)
    spoilt, mended = tmp_path / "spoilt", tmp_path / "mended"
    code = (
        f"if os.path.exists({str(mended)!r}): time.sleep(60)\n"
        f"if os.path.exists({str(spoilt)!r}): sys.exit(2)\nopen({str(spoilt)!r}, 'w')\nsys.exit(70)\n"
    )
    stop = Stop()
    task = asyncio.create_task(supervise([Child(name="a", arguments=("a", code))], stop))
    await until(lambda: len(small_processes("a")) >= 3)
    mended.touch()
    assert not task.done()
    stop.set()
    assert await task == 0


async def test_the_others_start_once_the_one_that_leads_is_at_work(small_processes, tmp_path):
    work = tmp_path / "work"
    leading = (
        f"time.sleep(0.3); open({str(work)!r}, 'w').close(); os.write(int(os.environ['THUOCDO_READY']), b'x'); {WAIT}"
    )
    other = f"open({str(tmp_path / 'seen')!r}, 'w').write(str(os.path.exists({str(work)!r}))); {WAIT}"
    stop = Stop()
    children = [Child(name="b", arguments=("b", other)), Child(name="a", arguments=("a", leading), leads=True)]
    task = asyncio.create_task(supervise(children, stop))
    await until(lambda: (tmp_path / "seen").exists() and (tmp_path / "seen").read_text())
    assert (tmp_path / "seen").read_text() == "True"
    stop.set()
    assert await task == 0


@pytest.mark.parametrize("leading", ["sys.exit(1)", WAIT])
async def test_nobody_waits_for_ever_for_one_that_leads(small_processes, monkeypatch, leading):
    monkeypatch.setattr(supervisor, "LONGEST_LEAD_SECONDS", 30 if leading != WAIT else 0.05)
    stop = Stop()
    children = [Child(name="a", arguments=("a", leading), leads=True), Child(name="b", arguments=("b", WAIT))]
    task = asyncio.create_task(supervise(children, stop))
    await until(lambda: small_processes("b"))
    stop.set()
    assert await task == 0


async def test_a_stop_is_heeded_while_one_leads(small_processes):
    stop = Stop()
    task = asyncio.create_task(supervise([Child(name="a", arguments=("a", WAIT), leads=True)], stop))
    await until(lambda: small_processes("a"))
    stop.set()
    assert await task == 0


def test_being_at_work_is_told_once_and_only_where_somebody_waits(monkeypatch):
    tell_ready()
    ours, theirs = os.pipe()
    monkeypatch.setenv("THUOCDO_READY", str(theirs))
    tell_ready()
    tell_ready()
    with os.fdopen(ours, "rb") as told:
        assert told.read() == b"\n"


BEATS = """
import asyncio, pathlib
from thuocdo.processes.heartbeat import beat
async def work():
    beat()
    {after}
    await asyncio.sleep(3600)
asyncio.run(work())
"""


@pytest.fixture
def hasty_heart(monkeypatch):
    """Who does not beat for two seconds is taken for frozen; the children beat every five, so only their first beat is heard."""
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.5)
    monkeypatch.setattr(heartbeat, "FROZEN_SECONDS", 2.0)


async def _frozen(small_processes, stand_still):
    """Start a child that beats, let it stand still, and return once another one was started in its place."""
    stop = Stop()
    task = asyncio.create_task(supervise([Child(name="a", arguments=("a", stand_still))], stop))
    async with asyncio.timeout(60):
        while len(small_processes("a")) < 2:
            await asyncio.sleep(0.05)
    stop.set()
    assert await task == 0
    with pytest.raises(ProcessLookupError):
        os.kill(small_processes("a")[0], 0)


async def test_a_process_that_is_stopped_is_started_again(small_processes, hasty_heart):
    await _frozen(small_processes, BEATS.format(after="os.kill(os.getpid(), signal.SIGSTOP)"))


async def test_a_process_whose_loop_is_stuck_is_started_again(small_processes, hasty_heart):
    await _frozen(small_processes, BEATS.format(after="time.sleep(3600)"))
