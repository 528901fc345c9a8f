"""
On a machine whose line is down nobody is blamed.

The real registry is measured inside a network namespace that holds nothing but loopback: no packet and no DNS question can
leave it.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest
import yaml

from thuocdo.core.model import Outcome, Reason
from thuocdo.store import MeasurementQuery, Store

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1000), pytest.mark.turns(share=0.5)]

SCHEDULE = """
id: no-network-test
cadences:
  - {kind: http, every_seconds: 10, deadline_seconds: 5, profiles: [desktop]}
  - {kind: homepage, every_seconds: 300, deadline_seconds: 10, profiles: [desktop]}
"""


@pytest.fixture
def isolated(require):
    """Arguments that run a command in a network namespace of its own, with loopback and no route."""
    unshare, ip = shutil.which("unshare"), shutil.which("ip", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    works = (
        os.geteuid() == 0
        and unshare
        and ip
        and subprocess.run([unshare, "--net", "true"], capture_output=True, check=False).returncode == 0
    )
    require(works, "a network namespace (root, unshare and ip)", "run as root; apt-get install iproute2 util-linux")
    return [unshare, "--net", "sh", "-c", f'{ip} link set lo up && exec "$@"', "sh"]


def settings_file(folder, product):
    schedule = folder / "schedule.yaml"
    schedule.write_text(SCHEDULE)
    path = folder / "thuocdo.yaml"
    path.write_text(
        yaml.safe_dump(
            {
                "data_dir": str(folder / "data"),
                "contact": "do@example.vn",  # a round visits nobody without saying who does
                "schedule": str(schedule),
                "web": {"port": product.free_port()},
                "browser": {"max_pages": 1},  # several would wait for a moment in which this machine has room
            }
        )
    )
    return path


def measurements_of(folder):
    store = Store.open(f"sqlite:///{folder}/data/thuocdo.sqlite")
    try:
        return list(store.measurements.find(MeasurementQuery()))
    finally:
        store.close()


def test_a_round_on_the_real_registry_blames_and_ranks_nobody(isolated, product, tmp_path):
    settings = settings_file(tmp_path, product)
    done = subprocess.run(
        [*isolated, *product.command("--config", settings, "--log-level", "warning", "round", "alone",
         "--runs", "http=2", "--runs", "homepage=0")],
        capture_output=True, text=True, timeout=900, cwd=product.root, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    measurements = measurements_of(tmp_path)
    assert len(measurements) > 60
    assert {(m.observation.outcome, m.observation.reason) for m in measurements} == {
        (Outcome.INCONCLUSIVE, Reason.NO_CONNECTIVITY)
    }
    ranking = product.run("--config", settings, "rank", "--format", "json")
    assert ranking.returncode == 0, ranking.stderr
    rows = [row for block in json.loads(ranking.stdout)["blocks"].values() for row in block]
    assert len(rows) > 50
    assert all(row["rank"] is None for row in rows)


def test_a_long_run_without_a_line_does_not_crash_nor_in_the_long_run_grow(
    isolated, product, tmp_path, background, is_whole
):
    settings = settings_file(tmp_path, product)
    running = background([*isolated, *product.command("--config", settings, "run")], tmp_path / "run.log")
    product.wait_until(lambda: (tmp_path / "data" / "thuocdo.sqlite").exists(), "the store")
    time.sleep(25 if is_whole else 12)  # a cadence or two: everything is loaded and warm by now

    def agents():
        found = {}
        for process in product.process_tree(running.popen.pid):
            with suppress(psutil.NoSuchProcess):  # a process that Chromium has just ended, a zombie included
                if " agent " in " ".join(process.cmdline()):
                    found[process.pid] = process.memory_info().rss
        return found

    early = agents()
    time.sleep(20 if is_whole else 11)
    late = agents()
    assert set(early) == set(late), "an agent died and was restarted"
    growth = {pid: late[pid] - early[pid] for pid in early}
    print({pid: f"{rss / 2**20:.0f} MiB, {growth[pid] / 2**20:+.1f}" for pid, rss in late.items()})
    if is_whole:
        assert max(growth.values()) < 15 * 2**20
    reasons = {m.observation.reason for m in measurements_of(tmp_path)}
    assert reasons == {Reason.NO_CONNECTIVITY}
    assert psutil.pid_exists(running.popen.pid)


def test_a_line_that_is_back_before_its_probe_ends_was_away_all_the_same(isolated, product):
    unshare, _, *_ = isolated
    mounted = 'mount -t sysfs none /sys && exec "$@"'  # so that it tells of the namespace's own interfaces
    done = subprocess.run(
        [unshare, "--net", "--mount", "sh", "-c", f"ip link set lo up && {mounted}", "sh",
         sys.executable, "-m", "tests.integration.line_back", "measure"],
        capture_output=True, text=True, timeout=300, cwd=product.root, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert {name: reason for name, (reason, _) in said.items()} == {
        "http": Reason.NO_CONNECTIVITY,
        "homepage": Reason.NO_CONNECTIVITY,
        "http-fault": Reason.HTTP_ERROR,
    }, said
