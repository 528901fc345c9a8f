"""
What the alerts of incidents cost Prometheus at 3,000 targets: CPU seconds of each evaluation of their group, by its own engine.

Three things happen to the same registry: nothing; 300 targets are down, each an incident of its own, every third a form; the same
are just over. Texts of an alert are made anew at every evaluation, so what stands costs again and again. Each is run twice with
promtool, to its first evaluation and to some later one: the difference is what these evaluations took.
"""

import argparse
import re
import resource
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from benchmarks.report import Figure, publish
from benchmarks.tables import heading
from dashboards.filling import PART_DURATION, PART_END, PART_START
from dashboards.recording import GROUP_INTERVALS, INCIDENT_GROUP
from dashboards.rules import PublicAddresses, rule_files
from thuocdo.core.version import __version__

TARGETS = 3_000
DOWN = 300
FORM_EACH = 3
SCRAPE_SECONDS = 15
DOWN_AT, OVER_AT = SCRAPE_SECONDS, 2 * SCRAPE_SECONDS
INTERVAL_SECONDS = int(GROUP_INTERVALS[INCIDENT_GROUP].removesuffix("s"))
_DOWN_NOW = 'count(ALERTS{alertname="PortalDown",alertstate="firing"})'


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evaluations", type=int, default=10, help="measured of each case")
    parser.add_argument("--rules", type=Path, help="file of rules; otherwise those of this version")
    arguments = parser.parse_args()
    promtool = shutil.which("promtool")
    if promtool is None:
        parser.exit(2, "promtool is missing: apt-get install prometheus\n")
    version = re.search(r"version (\S+)", subprocess.check_output([promtool, "--version"], text=True))
    print(heading("Alerts of incidents", {"thuocdo": __version__, "promtool": version[1] if version else ""}))
    rules = (
        arguments.rules.read_text(encoding="utf-8") if arguments.rules else rule_files(PublicAddresses())["alerts.yml"]
    )
    with TemporaryDirectory() as folder:
        run = Run(promtool, Path(folder), rules, arguments.evaluations)
        quiet = run.seconds({}, 0, is_down=False)
        down = run.seconds(dict(_down()), DOWN_AT)
        over = run.seconds(dict(_over()), OVER_AT)
    publish(
        "rule_cost",
        [
            Figure(figure="CPU seconds of an evaluation, nothing is down", value=quiet),
            _figure(f"{DOWN} of {TARGETS:,} targets are down", down),
            _figure("the same are just over", over),
        ],
    )


class Run:
    """
    Runs promtool over a registry and what happens to it.

    Args:
        promtool: the program.
        folder: gets its files.
        rules: text of a file of rules, of which one group is taken.
        evaluations: how many are measured.
    """

    def __init__(self, promtool: str, folder: Path, rules: str, evaluations: int) -> None:
        groups = [group for group in yaml.safe_load(rules)["groups"] if group["name"] == INCIDENT_GROUP]
        (folder / "rules.yml").write_text(yaml.safe_dump({"groups": groups}), encoding="utf-8")
        self._promtool, self._folder, self._evaluations = promtool, folder, evaluations

    def seconds(self, series: Mapping[str, str], since: int, *, is_down: bool = True) -> float:
        """Return the CPU seconds of an evaluation from an instant on. is_down: alerts must stand, and nothing else will do."""
        until = since + self._evaluations * INTERVAL_SECONDS
        before, after = (self._run(series, instant, is_down=is_down) for instant in (since, until))
        return (after - before) / self._evaluations

    def _run(self, series: Mapping[str, str], until: int, *, is_down: bool) -> float:
        samples = [{"labels": "{}", "value": DOWN}] if is_down else []
        everything = {**dict(_registry()), **series}
        test = {
            "rule_files": ["rules.yml"],
            "evaluation_interval": f"{INTERVAL_SECONDS}s",
            "tests": [
                {
                    "interval": f"{SCRAPE_SECONDS}s",
                    "input_series": [{"series": one, "values": values} for one, values in everything.items()],
                    "promql_expr_test": [{"expr": _DOWN_NOW, "eval_time": f"{until}s", "exp_samples": samples}],
                }
            ],
        }
        (self._folder / "test.yml").write_text(yaml.safe_dump(test), encoding="utf-8")
        began = _children_seconds()
        subprocess.run(
            [self._promtool, "test", "rules", "test.yml"], cwd=self._folder, check=True, stdout=subprocess.DEVNULL
        )
        return _children_seconds() - began


def _registry() -> Iterator[tuple[str, str]]:
    yield 'thuocdo_build_info{version="1"}', "1x40"
    for number in range(TARGETS):
        labels = {
            "target": f"p{number}.home",
            "agency": f"a{number}",
            "block": "province",
            "family": f"f{number % 9}",
            "portal": f"p{number}",
            "role": _role(number),
            "owner": f"team-{number % 80}",
            "name": f"Tỉnh {number}: trang {number}",
            "url": f"https://p{number}.thuocdo.test/",
        }
        yield _series("thuocdo_target_info", labels), "1x40"


def _down() -> Iterator[tuple[str, str]]:
    for number in range(DOWN):
        yield _part(PART_START, number), "_ 5x40"


def _over() -> Iterator[tuple[str, str]]:
    for number in range(DOWN):
        yield _part(PART_START, number), "_ 5 stale"
        yield _part(PART_END, number), "_ _ 25x40"
        yield _part(PART_DURATION, number), "_ _ 20x40"


def _part(metric: str, number: int) -> str:
    labels = {
        "target": f"p{number}.home",
        "part": f"p{number}.home",
        "role": _role(number),
        "aspect": "service",
        "state": "down",
        "agency": f"a{number}",
        "reason": "http_error",
        "id": f"target-p{number}.home-19700101T000005.000Z",
        "status": "502",
        "seconds": "",
        "usual_seconds": "",
        "certificate": "",
    }
    return _series(metric, labels)


def _role(number: int) -> str:
    return "homepage" if number % FORM_EACH else "eform"


def _series(name: str, labels: Mapping[str, str]) -> str:
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"


def _figure(case: str, seconds: float) -> Figure:
    # Other groups, and whoever asks, need the machine, too: an evaluation that takes its whole interval is late for good.
    return Figure(
        figure=f"CPU seconds of an evaluation, {case}", value=seconds, must=INTERVAL_SECONDS, aim=INTERVAL_SECONDS / 2
    )


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
