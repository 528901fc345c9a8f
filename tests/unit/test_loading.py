import signal
import subprocess
import sys

import pytest

from thuocdo.core.loading import stopped_without_a_word

INTERRUPTED_WHERE_NOBODY_CATCHES = """
import time
from thuocdo.core.loading import lose_no_interrupt
lose_no_interrupt()
class Callback:
    def __del__(self):
        raise KeyboardInterrupt
try:
    Callback()
    time.sleep(5)
except KeyboardInterrupt:
    print("heard")
"""


def test_an_interrupt_that_nobody_can_catch_ends_the_program():
    told = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHERE_NOBODY_CATCHES], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (-signal.SIGINT, "", "")


@pytest.mark.parametrize("chosen", [signal.SIG_IGN, signal.SIG_DFL])
def test_a_choice_of_somebody_elses_stands(chosen):
    before = signal.signal(signal.SIGINT, chosen)
    try:
        with stopped_without_a_word():
            assert signal.getsignal(signal.SIGINT) == chosen
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_usual_answer_to_an_interrupt_comes_back():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with stopped_without_a_word():
            assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
