import ctypes

import pytest

from thuocdo.agent import clock_offset
from thuocdo.agent.clock_offset import clock_offset_seconds


@pytest.fixture
def kernel(monkeypatch):
    """Let the kernel answer with given fields."""

    def answers(state, **fields):
        def adjtimex(pointer):
            asked = pointer._obj
            for name, value in fields.items():
                setattr(asked, name, value)
            return state

        monkeypatch.setattr(ctypes, "CDLL", lambda _: type("Libc", (), {"adjtimex": staticmethod(adjtimex)}))

    return answers


def test_this_machines_kernel_gives_a_number_or_says_that_nothing_keeps_the_clock():
    found = clock_offset_seconds()
    assert found is None or found >= 0


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"offset": -2_000}, 0.002),
        ({"offset": -2_000_000, "status": 0x2000}, 0.002),
        ({"offset": 10, "esterror": 5_000}, 0.005),
    ],
)
def test_the_larger_of_what_is_left_to_correct_and_what_is_unsure_counts(kernel, fields, seconds):
    kernel(0, **fields)
    assert clock_offset_seconds() == pytest.approx(seconds)


@pytest.mark.parametrize(("state", "status"), [(5, 0x0040), (-1, 0)])
def test_a_clock_that_nothing_keeps_or_a_kernel_that_does_not_answer_gives_none(kernel, state, status):
    kernel(state, status=status, esterror=16_000_000)
    assert clock_offset_seconds() is None


def test_the_kernel_has_room_for_all_it_writes():
    assert ctypes.sizeof(clock_offset._Timex) >= 208  # struct timex of 64-bit Linux
