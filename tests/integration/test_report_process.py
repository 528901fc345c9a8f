"""The process that sends reports of periods, as `thuocdo run` starts it: to each mailbox once, whoever is killed."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from testbed.receivers import Receivers
from thuocdo.core.clock import now
from thuocdo.core.config import Settings
from thuocdo.core.model import HourTally
from thuocdo.periods.period import PeriodKind, last_over
from thuocdo.rounds.working_days import load_calendar
from thuocdo.store import Store

ROOT = Path(__file__).parents[2]
REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
"""
NOBODY = [{"url": "http://127.0.0.1:9095/"}]


@pytest.fixture
def receivers():
    with Receivers() as running:
        yield running


@pytest.fixture
def started(store_url, tmp_path, make_measurement, receivers):
    """Start the process over a store with an hour of the last month, on a day on which its report is due."""
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.yaml").write_text(REGISTRY, encoding="utf-8")
    team = {"webhooks": NOBODY}
    owners = {
        "smtp": {"smarthost": receivers.smarthost, "from": "thuocdo@example.vn", "require_tls": False},
        "central": team | {"reports": [{"to": "trung-tam@example.vn"}]},
        "dead_man": team,
        "owners": {"hue": team | {"reports": [{"to": "hue@example.vn"}]}},
    }
    (tmp_path / "owners.yaml").write_text(json.dumps(owners), encoding="utf-8")
    month = last_over(PeriodKind.MONTH, now())
    calendar = load_calendar(Settings().calendar)
    days = calendar.working_days_between(month.end - timedelta(seconds=1), now())
    settings = {
        "data_dir": "data",
        "registry_dir": "portals",
        "owners": "owners.yaml",
        "store_url": store_url,
        "report": {"monthly_on_working_day": max(1, min(days, 20))},
    }
    file = tmp_path / "thuocdo.yaml"
    file.write_text(yaml.safe_dump(settings))
    with Store.open(store_url) as store:
        one = make_measurement(0)
        key = replace(one.key, target_id="hue.home", scheduled_at=month.start)
        store.measurements.write([replace(one, key=key, agency_id="hue", started_at=month.start)])
        store.incidents.save_tallies(
            [HourTally(target_id="hue.home", vantage_id=key.vantage_id, hour=month.start, ok=60)]
        )
    processes = []

    def start():
        command = [sys.executable, "-m", "thuocdo", "--config", str(file), "keep"]
        processes.append(
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        )
        return processes[-1]

    yield start, days
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.sampled(share=0.5)
def test_each_gets_its_report_once_whoever_is_killed(started, store_url, receivers):
    start, days = started
    if not days:
        pytest.skip("no working day of this month is over yet: no report is due")
    first = start()
    while not receivers.mails and first.poll() is None:
        time.sleep(0.05)
    first.kill()
    first.wait()
    second = start()
    with Store.open(store_url) as store:
        while len(store.sent_letters.of()) < 2 and second.poll() is None:
            time.sleep(0.05)
        assert {one.address for one in store.sent_letters.of()} == {"trung-tam@example.vn", "hue@example.vn"}
    # Killed between sending and writing it down, one may have gone out twice; none is left out.
    sent = sorted(mail.to[0] for mail in receivers.mails)
    assert set(sent) == {"trung-tam@example.vn", "hue@example.vn"}
    assert len(sent) <= 3
