"""What the replay of notices takes for Prometheus is held against Prometheus' own engine, over hours of the very same samples."""

import subprocess

import pytest
import yaml

from benchmarks.notice_replay import TOLD_ALERTS, Replay
from benchmarks.notice_world import World
from dashboards.alerts import alert
from dashboards.rules import PublicAddresses, rule_files

STEP = 60
HOURS = 7
CHECKED_EVERY = 4
"""Steps between the instants at which both must say the same."""


class Recorded(Replay):
    """A replay that keeps what was scraped, and what fired."""

    def __init__(self, world):
        super().__init__(world, STEP)
        self.scrapes, self.fired = [], []
        scrape = self.samples.scrape

        def keep(at, samples, source="scrape"):
            if source == "scrape":
                self.scrapes.append(dict(samples))
            scrape(at, samples, source)

        self.samples.scrape = keep

    def _tell(self, at):
        self.fired.append({key for key, one in self.firing.items() if one.is_firing})
        super()._tell(at)


def notation(values):
    """Return promtool's notation; None = absent, stale where there was something before."""
    words, before = ["_"], None
    for value in values:
        words.append(repr(value) if value is not None else "stale" if before is not None else "_")
        before = value
    return " ".join(words)


def series(name, labels):
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in labels) + "}"


@pytest.mark.parametrize("seed", [5, 11])
def test_the_same_alerts_fire_at_the_same_time(debian, tmp_path, seed):
    replay = Recorded(World(seed, 1, portals=8))
    replay.run(HOURS * 3600)
    names = {one.name for one in TOLD_ALERTS}
    texts = rule_files(PublicAddresses())
    rules = yaml.safe_load(texts["alerts.yml"])
    for group in rules["groups"]:
        group["rules"] = [{**one, "annotations": {}} for one in group["rules"] if one["alert"] in names]
    recorded = yaml.safe_load(texts["recording.yml"])
    (tmp_path / "alerts.yml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    (tmp_path / "recording.yml").write_text(texts["recording.yml"], encoding="utf-8")
    keys = sorted({key for scrape in replay.scrapes for key in scrape})
    checks = []
    for step in range(CHECKED_EVERY, len(replay.fired) + 1, CHECKED_EVERY):
        expected = [
            {
                "labels": series(
                    "ALERTS",
                    sorted(
                        {**dict(labels), "alertname": name, "alertstate": "firing"}.items()
                        | {("severity", alert(name).severity.value)}
                    ),
                ),
                "value": 1,
            }
            for name, labels in replay.fired[step - 1]
        ]
        checks.append({"expr": 'ALERTS{alertstate="firing"}', "eval_time": f"{step}m", "exp_samples": expected})
    test = {
        "rule_files": ["recording.yml", "alerts.yml"],
        "evaluation_interval": "1m",
        "group_eval_order": [group["name"] for group in (*recorded["groups"], *rules["groups"])],
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": series(*key), "values": notation([scrape.get(key) for scrape in replay.scrapes])}
                    for key in keys
                ],
                "promql_expr_test": checks,
            }
        ],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(test, allow_unicode=True), encoding="utf-8")
    done = subprocess.run(
        [debian("promtool", "prometheus"), "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[:8000]
    assert sum(map(bool, replay.fired)) > 20
