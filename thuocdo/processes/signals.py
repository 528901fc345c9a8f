"""When a process has to stop: a signal, or the end of the process that started it; until then it gives signs of life."""

import asyncio
import os
import signal
import stat
import sys
from collections.abc import Callable

import structlog

from thuocdo.core.stopping import Stop
from thuocdo.processes.heartbeat import beat
from thuocdo.processes.supervisor import SUPERVISED

log = structlog.get_logger(__name__)


def stop_on_signals(reload: Callable[[], None] | None = None) -> Stop:
    """
    Return what is set by SIGTERM, SIGINT, SIGHUP, or the end of the parent process that started us with a pipe.

    Args:
        reload: is called by SIGHUP instead, where this process has no terminal that could have been closed: so services are told.
    """
    stop = Stop()
    beat()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if reload is not None and not _has_terminal():
        loop.add_signal_handler(signal.SIGHUP, reload)
    elif signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asks us to stay
        loop.add_signal_handler(signal.SIGHUP, _hung_up, stop)
    if os.environ.get(SUPERVISED) and sys.stdin is not None and stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):

        def read() -> None:
            if not os.read(sys.stdin.fileno(), 1024):
                loop.remove_reader(sys.stdin.fileno())
                stop.set()

        loop.add_reader(sys.stdin.fileno(), read)
    return stop


def _has_terminal() -> bool:
    """Tell whether a terminal belongs to this process; asked at its start, since one that was closed cannot be opened."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _hung_up(stop: Stop) -> None:
    is_news = not stop.is_set()
    stop.set()  # first: there may be nothing left to write to
    if is_news:
        log.warning("the terminal was closed, so this ends; start it with nohup or as a service where it should stay")
