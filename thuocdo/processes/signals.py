"""When a process has to stop: a signal, or the end of the process that started it; until then it gives signs of life."""

import asyncio
import os
import signal
import stat
import sys

import structlog

from thuocdo.core.stopping import Stop
from thuocdo.processes.heartbeat import beat
from thuocdo.processes.supervisor import SUPERVISED

log = structlog.get_logger(__name__)


def stop_on_signals() -> Stop:
    """Return what is set by SIGTERM, SIGINT, SIGHUP, or the end of the parent process that started us with a pipe."""
    stop = Stop()
    beat()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asks us to stay
        loop.add_signal_handler(signal.SIGHUP, _hung_up, stop)
    if os.environ.get(SUPERVISED) and sys.stdin is not None and stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):

        def read() -> None:
            if not os.read(sys.stdin.fileno(), 1024):
                loop.remove_reader(sys.stdin.fileno())
                stop.set()

        loop.add_reader(sys.stdin.fileno(), read)
    return stop


def _hung_up(stop: Stop) -> None:
    if not stop.is_set():
        log.warning("the terminal was closed, so this ends; start it with nohup or as a service where it should stay")
    stop.set()
