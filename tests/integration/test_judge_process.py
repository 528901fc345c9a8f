"""`thuocdo judge` as a process: it opens and ends incidents, survives kill -9, and stops when it is asked to."""

from datetime import UTC, datetime, timedelta

import pytest
import yaml

from thuocdo.core.model import IncidentState, Reason
from thuocdo.store import Store

REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
"""


@pytest.fixture
def settings(tmp_path):
    """A settings file with a registry of one portal and a hasty judge."""
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.yaml").write_text(REGISTRY, encoding="utf-8")
    schedule = {"id": "s", "cadences": [{"kind": "http", "every_seconds": 10, "deadline_seconds": 0.5}]}
    (tmp_path / "schedule.yaml").write_text(yaml.safe_dump(schedule))
    file = tmp_path / "thuocdo.yaml"
    values = {"data_dir": "data", "registry_dir": "portals", "schedule": "schedule.yaml"}
    file.write_text(yaml.safe_dump(values | {"incidents": {"every_seconds": 1}}))
    return file


@pytest.fixture
def judge(settings, background, product):
    return lambda: background(product.command("--config", settings, "judge"), settings.parent / "judge.log")


def test_the_judge_opens_survives_and_ends(settings, judge, make_measurement, product):
    store = Store.open(f"sqlite:///{settings.parent}/data/thuocdo.sqlite")
    begun = datetime.now(UTC) - timedelta(minutes=2)

    def probe(number, reason=None):
        at = begun + timedelta(seconds=10 * number)
        seen = {"outcome": reason.outcome, "reason": reason, "values": {}} if reason else {}
        return make_measurement(scheduled_at=at, started_at=at, target_id="hue.home", agency_id="hue", **seen)

    store.measurements.write([probe(number, Reason.TIMEOUT if number > 2 else None) for number in range(6)])
    process = judge()
    [incident] = product.wait_until(store.incidents.lasting, what="an open incident")
    assert incident.started_at == probe(3).key.scheduled_at
    process.popen.kill()
    process.popen.wait()
    store.measurements.write([probe(number) for number in range(6, 9)])
    process = judge()
    product.wait_until(lambda: not store.incidents.lasting(), what="the end of the incident")
    [incident] = store.incidents.all()
    assert incident.ended_at == probe(6).key.scheduled_at
    assert [change.state for change in store.incidents.changes(incident.id)] == [
        IncidentState.DOWN,
        IncidentState.ENDED,
    ]
    product.wait_until(
        lambda: sum(t.ok + t.failed for t in store.incidents.tally_totals()) == 9, what="the tally of all probes"
    )
    assert process.stop() == 0
    assert store.incidents.judge_memory() is not None
    store.close()
