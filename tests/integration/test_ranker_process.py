"""`thuocdo ranker` as a process: it yields, may be killed at any moment, and stops at once; `thuocdo web` by hand has one."""

import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psutil
import pytest
import yaml

from thuocdo.core.config import bundled
from thuocdo.core.model import Round
from thuocdo.score.kept import kept
from thuocdo.store import Store

pytestmark = pytest.mark.turns(share=0.5)

ROOT = Path(__file__).resolve().parents[2]
SETS = len([*bundled("criteria").glob("*.yaml")])
ROUNDS = 2


REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
"""

ENDLESS = """
import sys
from pathlib import Path
import time
from thuocdo.core.config import load_settings
from thuocdo.processes import ranker

def endless(*_, **__):
    print("computing", flush=True)
    time.sleep(3600)

ranker.published_ranking = endless
ranker.run_ranker(load_settings(Path(sys.argv[1])))
"""


@pytest.fixture
def settings(tmp_path, product):
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.yaml").write_text(REGISTRY, encoding="utf-8")
    file = tmp_path / "thuocdo.yaml"
    file.write_text(
        yaml.safe_dump({"data_dir": "data", "registry_dir": "portals", "web": {"port": product.free_port()}})
    )
    return file


@pytest.fixture
def store(settings):
    opened = Store.open(f"sqlite:///{settings.parent}/data/thuocdo.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def ended(store, make_measurement):
    """Rounds that have ended, each with a few measurements."""
    began = datetime.now(UTC) - timedelta(days=1)
    for number in range(ROUNDS):
        name, at = f"r{number}", began + timedelta(minutes=number)
        store.rounds.begin(Round(id=name, label=name, started_at=at, planned=4))
        store.measurements.write(
            [
                make_measurement(
                    scheduled_at=at + timedelta(seconds=run),
                    started_at=at + timedelta(seconds=run),
                    target_id="hue.home",
                    agency_id="hue",
                    kind="homepage",
                    round_id=name,
                )
                for run in range(4)
            ]
        )
        store.rounds.end(name, at + timedelta(seconds=30))
        store.rounds.publish(name, at + timedelta(minutes=1), "Lan")


@pytest.fixture
def ranker(settings, background, product):
    return lambda: background(product.command("--config", settings, "ranker"), settings.parent / "ranker.log")


def has_more_than(store, number):
    return len(store.rankings.all()) > number


@pytest.mark.usefixtures("ended")
def test_kill_9_at_any_moment_loses_nothing_and_computes_nothing_twice(store, ranker, product):
    known = {}
    while len(known) < ROUNDS * SETS:
        process = ranker()
        product.wait_until(partial(has_more_than, store, len(known)), what="another ranking")
        process.popen.kill()
        process.popen.wait()
        found = {(head.round_id, head.criteria_set_id): head for head in store.rankings.all()}
        assert found.items() >= known.items()  # what is there is as it was
        known = found
    assert all(kept(store.rankings, head) is not None for head in known.values())
    assert {head.round_id for head in known.values()} == {f"r{number}" for number in range(ROUNDS)}
    assert all(kept(store.rankings, head).measurements == 4 for head in known.values())


@pytest.mark.usefixtures("ended")
def test_it_makes_nobody_wait_for_what_yields_and_stops_when_it_is_asked_to(store, ranker, product):
    process = ranker()
    product.wait_until(lambda: len(store.rankings.all()) == ROUNDS * SETS, what="all rankings")
    assert psutil.Process(process.popen.pid).nice() == psutil.Process().nice()
    assert process.stop() == 0


def test_who_stops_it_waits_for_no_ranking(settings):
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(settings)], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as process:
        assert b"computing" in process.stdout.readline()
        process.terminate()
        assert process.wait(300) == 0


def test_mistakes_in_the_files_end_it_as_they_end_every_process(settings, ranker):
    (settings.parent / "portals" / "a.yaml").write_text("agencies: [{id: x}]\n")
    process = ranker()
    assert process.popen.wait(300) == 2
    assert "a.yaml:1" in process.text()


@pytest.mark.usefixtures("ended")
def test_web_by_hand_has_a_ranker_beside_it_and_ends_it(settings, store, background, product):
    web = background(product.command("--config", settings, "web"), settings.parent / "web.log")
    port = yaml.safe_load(settings.read_text())["web"]["port"]
    product.wait_until(lambda: len(store.rankings.all()) == ROUNDS * SETS, what="all rankings")

    def shown():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/rankings.json", timeout=300) as answer:
                return answer.status == 200
        except OSError:
            return False

    product.wait_until(shown, what="the ranking on a page")
    children = psutil.Process(web.popen.pid).children()
    assert len(children) == 2
    assert web.stop() == 0
    assert psutil.wait_procs(children, timeout=300)[1] == []
