"""What a process tree costs is counted, and all of it is ended."""

import subprocess
import sys
import time

import psutil
import pytest

from benchmarks import processes
from benchmarks.processes import Group

SPIN = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"


@pytest.fixture(params=["control group", "sampling"])
def way(request, monkeypatch):
    if request.param == "sampling":
        monkeypatch.setattr(processes, "_ROOTS", ())
    return request.param


def test_children_count_with_their_parent(way):
    parent = f"import subprocess, sys\nfor _ in range(2): subprocess.run([sys.executable, '-c', {SPIN!r}])"
    with Group([sys.executable, "-c", parent]) as group:
        assert group.process.wait(300) == 0
        seconds = group.cpu_seconds()
    # Sampled, a child counts up to the last look at it.
    assert seconds >= (0.6 if group.counts_exactly else 0.3)


def test_nothing_is_counted_while_nothing_is_done(way):
    with Group(
        [sys.executable, "-c", "print('up', flush=True); import time; time.sleep(60)"], stdout=subprocess.PIPE
    ) as group:
        assert group.process.stdout.readline() == "up\n"
        first = group.cpu_seconds()
        assert group.cpu_seconds() - first < 60  # it sleeps so long, and that is not counted


def test_the_end_of_a_group_ends_what_its_members_cut_loose(way):
    parent = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    with Group([sys.executable, "-c", parent], stdout=subprocess.PIPE) as group:
        child = psutil.Process(int(group.process.stdout.readline()))
    assert group.process.poll() is not None
    _, alive = psutil.wait_procs([child], timeout=300)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


def test_a_group_is_removed_with_its_members():
    with Group([sys.executable, "-c", "import time; time.sleep(60)"]) as group:
        folder = group._folder
    if folder is None:
        pytest.skip("this machine lets us make no control group")
    give_up = time.monotonic() + 10
    while folder.exists() and time.monotonic() < give_up:
        pass
    assert not folder.exists()
