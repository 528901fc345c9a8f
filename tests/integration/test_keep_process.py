"""The process that lets go of what is too old, as `thuocdo run` starts it: of low priority, and ended by a signal."""

import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from thuocdo.core.clock import now
from thuocdo.store import Store
from thuocdo.store.archive import day_number

ROOT = Path(__file__).parents[2]


def until(is_so):
    """Wait until something is so; a process that hangs ends by the test's own limit."""
    while not is_so():
        time.sleep(0.05)


@pytest.fixture
def started(store_url, tmp_path, make_measurement):
    """The process over a store of which all is too old, with an archive."""
    file = tmp_path / "thuocdo.yaml"
    file.write_text(yaml.safe_dump({"data_dir": "data", "archive_dir": "kept", "store_url": store_url}))
    at = now() - timedelta(days=60)
    with Store.open(store_url) as store:
        made = [make_measurement(n, scheduled_at=at + timedelta(minutes=n), started_at=at) for n in range(2000)]
        store.measurements.write(made)
        while store.rollups.roll({"http": ("total_seconds",)}, now()):
            pass
    processes = []

    def start():
        command = [sys.executable, "-m", "thuocdo", "--config", str(file), "keep"]
        processes.append(
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        )
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.sampled(share=0.5)
def test_it_archives_and_lets_go_at_the_lowest_priority_and_ends_when_asked(started, store_url, tmp_path):
    first = started()
    until(lambda: (tmp_path / "kept").exists() or first.poll() is not None)
    first.kill()  # wherever it is
    first.wait()
    process = started()
    with Store.open(store_url) as store:
        until(lambda: store.measurements.count() == 0 or process.poll() is not None)
        assert process.poll() is None, process.stderr.read()
        assert store.measurements.count() == 0
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == 19
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0  # of the lowest priority: beside other tests its last steps may take long
        archiving = store.archiving(tmp_path / "kept")
        days = sorted({path.name[:10] for path in (tmp_path / "kept").glob("*.parquet")})
        assert days
        for day in days:
            archiving.restore(day_number(date.fromisoformat(day)), now())
        assert store.measurements.count() == 2000
