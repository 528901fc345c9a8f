"""
Something that visits pages, as a process of its own whose whole cost is counted: ours, or the browser alone.

The process reads orders from its standard input, one JSON object per line, and answers each with one line. It ends when its
standard input closes.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from subprocess import PIPE
from types import TracebackType
from typing import Any, Self

from benchmarks.processes import Group

END_SECONDS = 15.0
_ROOT = Path(__file__).parents[1]

Answer = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class Worker:
    """
    The asking side; use as a context manager, which ends the process with all its children.

    Args:
        module: of benchmarks; its main calls `answer_orders`.
        folder: where it may keep files; also its home.
        tree: another checkout of this project, whose packages it runs with; None = this one.

    """

    def __init__(self, module: str, folder: Path, *, tree: Path | None = None) -> None:
        packages = tree or _ROOT
        self._group = Group(
            [sys.executable, "-P", _ROOT / "benchmarks" / f"{module}.py", str(folder)],
            env=os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(packages)},
            cwd=packages,
            stdin=PIPE,
            stdout=PIPE,
            stderr=sys.stderr,
        )
        self._module = module

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._group.process
        try:
            if exc is None and process.stdin:
                process.stdin.close()
                process.wait(END_SECONDS)
        finally:
            self._group.end()

    @property
    def counts_exactly(self) -> bool:
        """Whether the kernel counts its CPU time; else it is sampled."""
        return self._group.counts_exactly

    def order(self, *, settle_seconds: float = 0.0, **order: Any) -> tuple[dict[str, Any], float]:
        """
        Give an order; return the answer and the CPU seconds that the process and all its children spent on it.

        settle_seconds: so long after the answer is counted, too, for what it left to do.
        """
        process = self._group.process
        assert process.stdin is not None
        assert process.stdout is not None
        before = self._group.cpu_seconds()
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"benchmarks.{self._module} ended over {order}; see what it printed above")
        time.sleep(settle_seconds)
        return json.loads(line), self._group.cpu_seconds() - before


async def answer_orders(answer: Answer) -> None:
    """The answering side: answer orders until standard input closes; what is logged goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        print(json.dumps(await answer(json.loads(line))), file=answers, flush=True)
