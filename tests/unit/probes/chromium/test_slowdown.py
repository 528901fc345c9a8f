"""How a machine's index becomes a slowdown."""

import asyncio

import pytest

from probes.chromium import slowdown
from probes.chromium.slowdown import PHONE_INDEX, calibrate, machine_index, slowdown_for


class Page:
    """Answers as a page in which a turn of the work takes so long."""

    def __init__(self, milliseconds):
        self._milliseconds = milliseconds

    async def send(self, method, params=None):
        assert method == "Runtime.evaluate"
        if self._milliseconds is None:
            await asyncio.Event().wait()
        return {"result": {"value": {"milliseconds": self._milliseconds, "sink": 1}}}

    def on(self, event, f):
        raise AssertionError("calibration listens to nothing")


def test_high_end_desktop_is_slowed_down_by_four():
    assert slowdown_for(1750) == pytest.approx(4.0, rel=0.02)


@pytest.mark.parametrize("index", [1.0, PHONE_INDEX / 2, PHONE_INDEX])
def test_machine_no_faster_than_a_phone_is_not_slowed_down(index):
    assert slowdown_for(index) == 1.0


def test_slowdown_grows_with_the_machine():
    assert slowdown_for(2000) / slowdown_for(1000) == pytest.approx(2.0)


async def test_machine_that_takes_half_the_time_has_twice_the_index():
    assert await machine_index(Page(1.5)) == pytest.approx(2 * await machine_index(Page(3.0)))


async def test_factor_is_that_of_the_measured_index():
    assert await calibrate(Page(0.5)) == slowdown_for(await machine_index(Page(0.5)))


async def test_frozen_machine_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(slowdown, "CALIBRATION_SECONDS", 0.02)
    with pytest.raises(TimeoutError):
        await calibrate(Page(None))
