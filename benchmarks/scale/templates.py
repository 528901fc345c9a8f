"""
Real measurements that the rows of a filled store are made of: one per kind, outcome, reason and kind of page.

They lie in templates.jsonl and were taken from a round of `thuocdo demo`, the one of median size each, of those that no busy
machine spoilt where there are any, with the most evidence that any of its like has. To take them anew, after a kind changed what
it measures, copy the store of a demo and run

    python -m benchmarks.scale.templates STORE_URL
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from statistics import median

from thuocdo.core.model import Measurement, Observation, Outcome, PageKind, Reason
from thuocdo.core.wire import measurement_from_json, measurement_to_json
from thuocdo.store import Store

FILE = Path(__file__).with_name("templates.jsonl")
HOST = "{host}"
ADDRESS = "{address}"
"""What stands in a template's texts for the host of the portal and for its address."""

_HOST = re.compile(r"[\w.-]+\.thuocdo\.test(:\d+)?")
_ADDRESS = re.compile(r"127\.\d+\.\d+\.\d+(:\d+)?")
_MARK_OF_EVIDENCE = "evidence"
"""The attribute that tells of all evidence."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Template:
    """A real measurement with places for the host and the address of another portal; a template equals itself alone."""

    real: Measurement

    def detail(self, host: str, address: str) -> str:
        """Return the line for people."""
        return _filled(self.real.observation.detail, host, address)

    def attributes(self, host: str, address: str, *, has_evidence: bool) -> Mapping[str, str]:
        """Return the facts; the same mapping for the same portal, as a portal's facts are the same for months."""
        return _attributes(self, host, address, has_evidence)

    def versions(self, release: int) -> Mapping[str, str]:
        """Return the prober's versions, of which ours moves on with every release."""
        return _versions(self, release)


class Templates:
    """
    The templates of one kind of probe.

    Args:
        measurements: real ones of that kind, of every outcome at least one.
    """

    def __init__(self, measurements: Sequence[Measurement]) -> None:
        everything = [(one.observation, Template(real=one)) for one in measurements]
        good = {seen.page_kind: one for seen, one in everything if seen.outcome is Outcome.OK}
        bad = {seen.reason: one for seen, one in everything if seen.reason}
        any_of = {seen.outcome: one for seen, one in everything}
        self._ok = {page_kind: good.get(page_kind, any_of[Outcome.OK]) for page_kind in PageKind}
        self._ended = {reason: bad.get(reason, any_of[reason.outcome]) for reason in Reason}

    def ok(self, page_kind: PageKind) -> Template:
        """Return what an ok probe saw of this kind of page; of another kind where that was never seen."""
        return self._ok[page_kind]

    def ended(self, reason: Reason) -> Template:
        """Return what a probe saw that ended for this reason, else for another one with the same outcome."""
        return self._ended[reason]


@cache
def load_templates() -> Mapping[str, Templates]:
    """Return the templates by kind."""
    by_kind: dict[str, list[Measurement]] = defaultdict(list)
    for line in FILE.read_text(encoding="utf-8").splitlines():
        one = measurement_from_json(line)
        by_kind[one.key.kind].append(one)
    return {kind: Templates(found) for kind, found in by_kind.items()}


def taken(measurements: Iterable[Measurement]) -> Iterator[str]:
    """Yield the lines of the file: of each kind, outcome, reason and kind of page the measurement of median size."""
    groups: dict[tuple[str, ...], list[Measurement]] = defaultdict(list)
    for one in measurements:
        seen = one.observation
        groups[one.key.kind, seen.outcome, seen.reason or "", seen.page_kind or ""].append(one)
    for _, group in sorted(groups.items()):
        fullest = max(group, key=lambda one: len(one.observation.evidence)).observation
        unspoilt = [one for one in group if not one.conditions.saturated] or group
        lines = [measurement_to_json(_with_evidence(one, fullest)) for one in unspoilt]
        middle = median(map(len, lines))
        yield _anonymous(min(sorted(lines), key=lambda line: abs(len(line) - middle)))


def _with_evidence(one: Measurement, fullest: Observation) -> Measurement:
    told = {name: value for name, value in fullest.attributes.items() if name == _MARK_OF_EVIDENCE}
    attributes = {**one.observation.attributes, **told}
    return replace(one, observation=replace(one.observation, evidence=fullest.evidence, attributes=attributes))


def _anonymous(line: str) -> str:
    """Return a line without the testbed's hosts; a certificate is made out to the host, as most are."""
    told = json.loads(_ADDRESS.sub(ADDRESS, _HOST.sub(HOST, line)))
    if "certificate_subject" in told["observation"]["attributes"]:
        told["observation"]["attributes"]["certificate_subject"] = HOST
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _filled(text: str, host: str, address: str) -> str:
    return text.replace(HOST, host).replace(ADDRESS, address)


@cache
def _attributes(template: Template, host: str, address: str, has_evidence: bool) -> Mapping[str, str]:  # noqa: FBT001
    facts = template.real.observation.attributes.items()
    return {name: _filled(value, host, address) for name, value in facts if has_evidence or name != _MARK_OF_EVIDENCE}


@cache
def _versions(template: Template, release: int) -> Mapping[str, str]:
    return {**template.real.conditions.versions, "thuocdo": f"0.{release}.0"}


def main(url: str) -> None:
    """Write the file from the store of a demo."""
    with Store.open(url) as store:
        lines = list(taken(store.measurements.find()))
    FILE.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"{FILE}: {len(lines)} templates of {', '.join(load_templates())}")


if __name__ == "__main__":
    main(sys.argv[1])
