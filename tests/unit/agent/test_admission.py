"""When one more probe may start."""

import asyncio
import sys
import time
from types import SimpleNamespace

import pytest

from thuocdo.agent import admission as module
from thuocdo.agent.admission import LONGEST_WAIT_SECONDS, Admission
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.setting_groups import BrowserSettings
from thuocdo.core.stopping import Stop


class Cpus:
    """Two CPUs of which so many seconds were spent; a start costs what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds_per_start: float) -> None:
        self._spent = 0.0
        self._seconds_per_start = seconds_per_start
        monkeypatch.setattr(module.psutil, "cpu_count", lambda: 2)
        monkeypatch.setattr(module.psutil, "cpu_times", lambda: None)
        monkeypatch.setattr(module, "_spent_seconds", self._tell)

    def _tell(self, _: object) -> float:
        self._spent += self._seconds_per_start
        return self._spent


def virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let time go by only while somebody sleeps: on a busy machine short waits would be over before anybody looked."""
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        await asyncio.sleep(0)

    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(
        module, "asyncio", SimpleNamespace(sleep=sleep, to_thread=asyncio.to_thread, Semaphore=asyncio.Semaphore)
    )


def paced(**changes: object) -> Admission:
    given = {"most_in_flight": 9, "start_gap_seconds": 0.0, "busy_limit_ratio": None, "cpu_share_ratio": 0.5}
    return Admission(**(given | changes))  # type: ignore[arg-type]


async def starts(admission: Admission, count: int) -> list[float]:
    """Return how long after the one before each start came."""
    stop, gaps, last = Stop(), [], time.monotonic()
    for _ in range(count):
        await admission.wait(stop)
        gaps.append(time.monotonic() - last)
        last = time.monotonic()
    return gaps


async def test_starts_are_so_far_apart_that_the_machine_keeps_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    Cpus(monkeypatch, seconds_per_start=0.1)
    gaps = await starts(paced(), 5)
    assert all(gap >= 0.099 for gap in gaps[2:])  # 0.1 s of half of two CPUs


async def test_what_costs_nothing_is_started_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    Cpus(monkeypatch, seconds_per_start=0.0)
    admission = paced()
    await starts(admission, 5)
    assert admission._pace_seconds() == 0.0


async def test_a_machine_that_others_keep_busy_is_measured_on_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    Cpus(monkeypatch, seconds_per_start=60.0)
    admission = paced()
    await starts(admission, 2)
    assert admission._pace_seconds() == LONGEST_WAIT_SECONDS


@pytest.mark.parametrize(
    ("others", "expected"), [(1.0, [0.02, 0.01, 0.01, 0.01]), (0.31, [0.02, 0.01, 0.01, 0.01]), (0.29, [0.04] * 4)]
)
async def test_waits_that_others_make_vain_grow_shorter_until_there_is_room_once(
    monkeypatch: pytest.MonkeyPatch, others: float, expected: list[float]
) -> None:
    async def ratio(_: object) -> float:
        return others

    Cpus(monkeypatch, seconds_per_start=60.0)
    virtual_time(monkeypatch)
    monkeypatch.setattr(module.OthersShare, "ratio", ratio)
    busy = 1.0
    monkeypatch.setattr(module, "_busy_ratio", lambda *_: busy)
    monkeypatch.setattr(module, "LONGEST_WAIT_SECONDS", 0.04)
    monkeypatch.setattr(module, "SHORTEST_WAIT_SECONDS", 0.01)
    admission = paced(busy_limit_ratio=0.65)
    patience = []
    for _ in range(4):
        await admission.wait(Stop())
        patience.append(admission._patience_seconds)
    assert patience == expected
    assert admission._pace_seconds() == expected[-1]
    busy = 0.1
    await admission.wait(Stop())
    assert admission._patience_seconds == 0.04


async def test_our_own_work_is_not_taken_for_that_of_others() -> None:
    share = await module.OthersShare.begun()
    before = module._own_seconds()
    works = "import time\nwhile time.process_time() < 0.3: pass"
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", works)
    await child.wait()
    assert module._own_seconds() - before >= 0.2  # of a child that has ended
    assert 0.0 <= await share.ratio() <= 1.0


async def test_the_shortest_gap_is_kept_whatever_a_start_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    Cpus(monkeypatch, seconds_per_start=0.001)
    gaps = await starts(paced(start_gap_seconds=0.05), 4)
    assert all(gap >= 0.049 for gap in gaps[1:])


async def test_a_place_must_be_given_back_first() -> None:
    admission = paced(most_in_flight=1, cpu_share_ratio=None)
    await admission.wait(Stop())
    second = asyncio.create_task(admission.wait(Stop()))
    await asyncio.sleep(0.01)
    assert not second.done()
    admission.leave()
    await asyncio.wait_for(second, 60)


async def test_a_stop_ends_the_waiting() -> None:
    admission, stop = paced(most_in_flight=1, cpu_share_ratio=None), Stop()
    await admission.wait(stop)
    second = asyncio.create_task(admission.wait(stop))
    stop.set()
    await asyncio.wait_for(second, 60)


def test_a_single_page_at_a_time_needs_no_pace() -> None:
    assert Admission.for_engine(Engine.BROWSER, BrowserSettings(max_pages=1))._cpu_share is None
    assert Admission.for_engine(Engine.BROWSER, BrowserSettings(cpu_share=0.3))._cpu_share == 0.3
    assert Admission.for_engine(Engine.HTTP, BrowserSettings())._cpu_share is None


def test_waiting_for_a_disk_is_no_work() -> None:
    class Times(tuple):
        idle, iowait = 70.0, 10.0

    assert module._spent_seconds(Times((15.0, 5.0, 70.0, 10.0))) == 20.0
    assert module._spent_seconds(SimpleTimes((15.0, 5.0, 70.0))) == 20.0


class SimpleTimes(tuple):
    """Of a system that does not tell of waiting."""

    idle = 70.0
