"""
The replay of notices held against Prometheus' own engine: the same samples, the rules as they ship, and what must fire when.

promtool knows a rule's intervals, staleness and `keep_firing_for` as a server does; only it takes hours for weeks.
"""

import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from benchmarks.notice_replay import Replay
from benchmarks.promql import Labels
from dashboards.alerts import alert
from dashboards.rules import PublicAddresses, rule_files

_FIRING = 'ALERTS{alertstate="firing"}'


def difference(replay: Replay, folder: Path, promtool: str, *, every: int = 4) -> str:
    """
    Return what promtool finds otherwise than a replay, empty = nothing.

    Args:
        replay: has been run, kept what was scraped and fired, and took a step a minute.
        folder: gets the files.
        promtool: the program.
        every: steps between the instants at which both must say the same.

    Raises:
        ValueError: of such a replay nothing can be told.
    """
    if not replay.scrapes or replay.step_seconds != 60:
        raise ValueError("the replay kept nothing, or its steps are no minutes; set `keeps`, and step_seconds to 60")
    names = {one.name for one in replay.alerts}
    texts = rule_files(PublicAddresses())
    rules = yaml.safe_load(texts["alerts.yml"])
    for group in rules["groups"]:
        group.pop("interval", None)
        group["rules"] = [{**one, "annotations": {}} for one in group["rules"] if one["alert"] in names]
    recorded = yaml.safe_load(texts["recording.yml"])
    (folder / "alerts.yml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    (folder / "recording.yml").write_text(texts["recording.yml"], encoding="utf-8")
    keys = sorted({key for scrape in replay.scrapes for key in scrape})
    test = {
        "rule_files": ["recording.yml", "alerts.yml"],
        "evaluation_interval": "1m",
        "group_eval_order": [group["name"] for group in (*recorded["groups"], *rules["groups"])],
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": _series(*key), "values": _notation(scrape.get(key) for scrape in replay.scrapes)}
                    for key in keys
                ],
                "promql_expr_test": list(_checks(replay.fired, every)),
            }
        ],
    }
    (folder / "test.yml").write_text(yaml.safe_dump(test, allow_unicode=True), encoding="utf-8")
    done = subprocess.run(
        [promtool, "test", "rules", "test.yml"], cwd=folder, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _checks(fired: Sequence[Iterable[tuple[str, Labels]]], every: int) -> Iterator[Mapping[str, Any]]:
    for step in range(every, len(fired) + 1, every):
        samples = [{"labels": _series("ALERTS", _labels(name, labels)), "value": 1} for name, labels in fired[step - 1]]
        yield {"expr": _FIRING, "eval_time": f"{step}m", "exp_samples": samples}


def _labels(name: str, labels: Labels) -> Labels:
    own = {"alertname": name, "alertstate": "firing", "severity": alert(name).severity.value}
    return tuple(sorted({**dict(labels), **own}.items()))


def _notation(values: Iterable[float | None]) -> str:
    """Return promtool's notation; None = absent, stale where there was something before."""
    words, before = ["_"], None
    for value in values:
        words.append(repr(value) if value is not None else "stale" if before is not None else "_")
        before = value
    return " ".join(words)


def _series(name: str, labels: Labels) -> str:
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in labels) + "}"
