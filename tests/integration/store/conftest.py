import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def spawn() -> Iterator[object]:
    """Start processes in the project's folder; what is left of them is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(command, **options):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, cwd=ROOT, text=True, **pipes | options))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
