"""Servers of the benchmarks: modules that run in a process of their own, so that their CPU is not the measuring one's."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

END_SECONDS = 5


@contextmanager
def served(module: str) -> Iterator[str]:
    """
    Run a module that tells one line once it serves; yields that line.

    Args:
        module: such as benchmarks.pages; it ends when its standard input closes, which happens whatever becomes of this process.

    Raises:
        RuntimeError: it did not start.

    """
    server = subprocess.Popen([sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        told = server.stdout.readline().strip()
        if not told:
            raise RuntimeError(f"{module}: the server did not start; run python -m {module}")
        yield told
    finally:
        server.stdin.close()
        try:
            server.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
