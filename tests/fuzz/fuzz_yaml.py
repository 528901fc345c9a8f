"""
Fuzz every YAML that people write, through the loaders that read it: `python tests/fuzz/fuzz_yaml.py --minutes 60 --seed 1`.

The shipped files are changed by text (pieces repeated, cut, moved, hostile tokens put in) and by structure (values replaced,
nested, renamed), and soups of tokens are thrown in. Whatever comes of it, a loader gives a value that can be used, or a
ConfigurationError whose every line names its file; and never more is looked at than the bounds of thuocdo.core.yamltext allow.
"""

import argparse
import contextlib
import random
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from dashboards.owners import load_owners
from probes.accessibility.advice import load_advice
from probes.journeys.journey_file import load_journey, variables_of
from schedules.cadence import load_schedule
from schedules.maintenance import load_maintenance
from schedules.plan import Planner
from thuocdo.core import yamltext
from thuocdo.core.config import load_settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.portals import read_registry
from thuocdo.score.criteria import load_criteria_set

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 29, tzinfo=UTC)
LONGEST_PROBLEM = 2_000
MOST_EVENTS = 3 * yamltext.MOST_VALUES
"""A value and the end of the collection around it are two events; the rest is the documents' own."""

SETTINGS = """\
data_dir: data
criteria_set: survey-2023
lang: vi
contact: https://example.vn/
vantage: {id: ha-noi, region: Hà Nội, carrier: Viettel, reference_urls: ["https://example.vn/"], name_servers: ["127.0.0.1:53"]}
browser: {max_pages: 4, start_gap_seconds: 0.4, cpu_share: 0.4, memory_megabytes: 1500}
evidence: {every: 20, keep_days: 90, keep_gigabytes: 10}
incidents: {every_seconds: 10, confirm_failures: 3, of_last: 5, resolve_ok: 2, objective: 0.995}
web: {host: 127.0.0.1, port: 8321, allowed_hosts: [do.example.vn]}
grafana: {url: "https://grafana.example.vn/"}
"""

MAINTENANCE = """\
windows:
  - {agency: da-nang, from: 2026-12-05T22:00:00+07:00, to: 2026-12-06T02:00:00+07:00, asked_by: Sở KHCN, document: "12/CV"}
  - {targets: [da-nang.home], cron: "0 22 * * SAT", minutes: 120, asked_by: Trung tâm}
"""

TOKENS = (
    *(
        "[",
        "]",
        "{",
        "}",
        "[[",
        "{a: ",
        "- ",
        "? ",
        ": ",
        ", ",
        "&a ",
        "*a",
        "!!str ",
        "!x ",
        "!!python/name:os.system ",
        "<<: ",
    ),
    *(
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "%TAG ! a:\n",
        "#",
        "|\n ",
        ">-\n ",
        "'",
        '"',
        "\\",
        "\n",
        "\r\n",
        "\t",
        " ",
        "  ",
        "\0",
    ),
    *(
        "\ufeff",
        "\u2028",
        "\u202e",
        "\x85",
        "\x7f",
        "é",
        "ộ",
        "💥",
        "=",
        "~",
        "null",
        "yes",
        "no",
        "0x",
        "0b",
        "0o",
        "1_",
        "_",
    ),
    *(
        ".inf",
        "-.inf",
        ".nan",
        "1e400",
        "1:59:59",
        "2025-02-30",
        "0001-01-01",
        "9999-12-31T23:59:59-14:00",
        "10000-01-01",
    ),
)

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**31, 2**64, 10**40, 0.0, -0.5, 1e300, float("inf"), float("nan")),
    *("", " ", "x", "../../x/y", "/etc/passwd", "a\nb", "a\0b", "\u202ea", "A" * 300, "=1+1", "{url}", "{", "%s", "http://", "http://["),
    *("https://u:p@x.vn/", "https://x.vn:99999/", "0 0 31 2 *", "* * * * *", "23:61", "local host", "::1", "ngày"),
    *([], {}, [[]], [None], {"a": 1}, {1: 2}, {None: None}, date.min, date.max, datetime.min, datetime.max, date(2026, 1, 1)),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One sort of file: its text as it ships, the name it must have, and what reads and uses it."""

    name: str
    file: str
    text: str
    load: Callable[[Path], object]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a run did. findings: one text each, by kind. slowest: seconds of the slowest input and which; told, never judged."""

    inputs: int = 0
    refused: int = 0
    most_events: int = 0
    findings: dict[str, str] = field(default_factory=dict)
    slowest: tuple[float, str] = (0.0, "")


def cases() -> list[Case]:
    """Return every sort of file, shipped ones where there are any."""
    kinds = all_kinds()
    registry = read_registry(ROOT / "portals")

    def in_force(path: Path) -> object:
        files = read_registry(path.parent)
        return [files.at(None), files.at(NOW.date())]

    def planned(path: Path) -> object:
        schedule = load_schedule(path, kinds)
        targets = registry.at(NOW.date()).probed_targets()[:3]
        return [Planner(targets, schedule, kinds, vantage_id="v"), [one.is_open(NOW) for one in schedule.cadences]]

    def settled(path: Path) -> object:
        settings = load_settings(path)
        return [settings.user_agent.encode("ascii")]

    def held(path: Path) -> object:
        return [window.holds(NOW) for window in load_maintenance(path, registry.at(None))]

    def walked(path: Path) -> object:
        journey = load_journey(path)
        return [journey.placeholders, journey.login.on("https://a.vn/x", "y"), variables_of]

    def weighed(path: Path) -> object:
        criteria = load_criteria_set(path.parent, path.stem)
        levels = criteria.levels
        return [criteria.digest, criteria.fully_confirmed, levels and levels.of(criteria.points)]

    found = [
        Case(name="settings", file="thuocdo.yaml", text=SETTINGS, load=settled),
        Case(name="maintenance", file="maintenance.yaml", text=MAINTENANCE, load=held),
    ]
    shipped: Mapping[str, Callable[[Path], object]] = {
        "portals/*.yaml": in_force,
        "schedules/de*.yaml": planned,
        "criteria/*.yaml": weighed,
        "scenarios/journeys/*.yaml": walked,
        "probes/accessibility/advice/*.yaml": load_advice,
        "dashboards/owners.yaml": lambda path: load_owners(path, frozenset({"da-nang-2025"})),
    }
    for pattern, load in shipped.items():
        for file in sorted(ROOT.glob(pattern)):
            text = _shortened(file.read_text(encoding="utf-8"))
            found.append(Case(name=str(file.relative_to(ROOT)), file=file.name, text=text, load=load))
    return found


def _shortened(text: str) -> str:
    """Return the first entries of a long file: a fuzzer wants many small inputs."""
    end = text.find("\n  - ", 4_000)
    return text if end < 0 else text[: end + 1]


def mutated(text: str, rng: random.Random) -> str:
    """Return a text changed in one to four places, or by structure, or a soup of tokens."""
    way = rng.random()
    if way < 0.05:
        return "".join(rng.choices(TOKENS, k=rng.randint(1, 60)))
    if way < 0.08:
        return rng.choice(["", "contact: ", "agencies:\n  - "]) + rng.choice(TOKENS) * rng.choice(
            [10, 100, 3_000, 20_000]
        )
    if way < 0.45:
        with contextlib.suppress(yaml.YAMLError):
            return _restructured(yaml.safe_load(text), rng)
    for _ in range(rng.randint(1, 4)):
        text = rng.choice(_BY_TEXT)(text, rng)
    return text


def _put_in(text: str, rng: random.Random) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + rng.choice(TOKENS) * rng.choice([1, 1, 1, 2, 40, 400]) + text[at:]


def _cut(text: str, rng: random.Random) -> str:
    at = rng.randint(0, len(text))
    return text[:at] + text[at + rng.randint(0, 40) :]


def _repeat(text: str, rng: random.Random) -> str:
    at = rng.randint(0, len(text))
    piece = text[at : at + rng.randint(1, 200)]
    return text[:at] + piece * rng.choice([2, 3, 50]) + text[at:]


def _move_line(text: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    line = lines.pop(rng.randrange(len(lines)))
    lines.insert(rng.randint(0, len(lines)), rng.choice(["", " ", "   ", "\t"]) + line)
    return "".join(lines)


def _new_value(text: str, rng: random.Random) -> str:
    found = list(re.finditer(r": (\S[^\n]*)", text))
    if not found:
        return text
    match = rng.choice(found)
    return text[: match.start(1)] + rng.choice(TOKENS) * rng.choice([1, 1, 100]) + text[match.end(1) :]


_BY_TEXT = (_put_in, _cut, _repeat, _move_line, _new_value)


def _restructured(data: Any, rng: random.Random) -> str:
    places = list(_places(data))
    for _ in range(rng.randint(1, 3)):
        if places:
            _change(*rng.choice(places), rng)

    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, _: object) -> bool:
            return rng.random() < 0.999

    return yaml.dump(data, Dumper=Plain, allow_unicode=True, sort_keys=False, default_flow_style=rng.random() < 0.2)


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a structure as container and key."""
    items = list(data.items()) if isinstance(data, dict) else list(enumerate(data)) if isinstance(data, list) else []
    for key, value in items:
        yield data, key
        yield from _places(value)


def _change(container: Any, key: Any, rng: random.Random) -> None:
    if (isinstance(container, list) and key >= len(container)) or (
        isinstance(container, dict) and key not in container
    ):
        return  # an earlier change took it away
    value = container[key]
    match rng.randrange(6):
        case 0 | 1 | 2:
            container[key] = rng.choice(VALUES)
        case 3:
            for _ in range(rng.choice([1, 5, 50])):
                value = [value] if rng.random() < 0.5 else {"a": value}
            container[key] = value
        case 4:
            del container[key]
        case 5 if isinstance(container, dict):
            new = rng.choice(["x", "", 1, None, str(key) + "s", "a\nb", True])
            container[new] = container.pop(key)
        case _:
            container[key] = f"{value}{rng.choice(VALUES)}"


class _Counted:
    """Counts what thuocdo.core.yamltext pulls out of libyaml."""

    def __init__(self) -> None:
        self.events = 0
        self._events = yamltext.events

    def __call__(self, text: str) -> Iterator[yaml.Event]:
        for event in self._events(text):
            self.events += 1
            yield event


def fuzz(seed: int, count: int | None, minutes: float | None, keep: Path | None = None) -> Tally:
    """
    Run until the count is reached or the time is over.

    Args:
        seed: gives the same inputs again.
        count: number of inputs; None = as many as the time allows.
        minutes: time to spend; None = as long as the count needs.
        keep: where the input being looked at stands, so that one that ends the process is left behind.

    Returns:
        What was done and found; a finding names the seed and number of its input.
    """
    tally, all_cases, end = Tally(), cases(), None if minutes is None else time.monotonic() + minutes * 60
    counted, real = _Counted(), yamltext.events
    yamltext.events = counted
    try:
        with tempfile.TemporaryDirectory() as name:
            while (count is None or tally.inputs < count) and (end is None or time.monotonic() < end):
                rng = random.Random(f"{seed}-{tally.inputs}")
                case = all_cases[tally.inputs % len(all_cases)]
                path = (keep or Path(name)) / case.name.replace("/", "_") / case.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(mutated(case.text, rng).encode("utf-8", "surrogatepass"))
                counted.events, start = 0, time.monotonic()
                finding = _finding(case, path, tally)
                if counted.events > MOST_EVENTS:
                    finding = f"{counted.events} events"
                if finding:
                    kind = re.sub(r"\W.*", "", finding) + case.load.__qualname__
                    text = path.read_bytes()[:2_000].decode("utf-8", "replace")
                    tally.findings.setdefault(
                        kind, f"seed {seed}, input {tally.inputs}, {case.name}: {finding}\n{text}"
                    )
                tally.most_events = max(tally.most_events, counted.events)
                tally.slowest = max(tally.slowest, (time.monotonic() - start, f"input {tally.inputs}, {case.name}"))
                tally.inputs += 1
    finally:
        yamltext.events = real
    return tally


def _finding(case: Case, path: Path, tally: Tally) -> str:
    """Return what is wrong with how a file was taken; nothing where all is well."""
    try:
        case.load(path)
    except ConfigurationError as exc:
        tally.refused += 1
        beginnings = (f"{path}:", f"{path} or", str(path.parent), "vantage.name_servers")
        for problem in exc.problems:
            if not problem.startswith(beginnings):
                return f"no file is named: {problem!r}"
            if "\n" in problem or len(problem) > LONGEST_PROBLEM:
                return f"no line for people: {problem[:300]!r}"
        return "" if exc.problems else "refused without a word"
    except Exception as exc:  # noqa: BLE001 - whatever it is, it is a finding
        return f"{type(exc).__name__}: {str(exc)[:300]}\n" + "".join(traceback.format_exception(exc)[-6:])
    return ""


def main() -> int:
    """Run from the command line; 1 = there were findings, each told once by its kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the input being looked at")
    arguments = parser.parse_args()
    tally = fuzz(arguments.seed, None, arguments.minutes, arguments.keep)
    for finding in tally.findings.values():
        print(finding, end="\n\n")
    print(f"seed {arguments.seed}: {tally.inputs} inputs, {tally.refused} refused, at most {tally.most_events} events")
    print(f"slowest {tally.slowest[0]:.2f} s ({tally.slowest[1]}); {len(tally.findings)} kinds of findings")
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.exit(main())
