"""The kind itself; what it measures is tested against a real browser in tests/integration/test_browser_probes.py."""

import re
from importlib.resources import files

from probes.chromium.visit import _DURATIONS, _TIMES
from thuocdo.core.kinds.kind import all_kinds


def test_every_value_that_the_collector_gives_is_declared() -> None:
    script = (files("probes.chromium") / "collector.js").read_text(encoding="utf-8")
    given = set(re.findall(r"values\.(\w+) =", script)) | set(re.findall(r"\b(lcp|fcp): seen", script))
    assert given == {*_TIMES, *_DURATIONS, "cls"}
    assert {*_TIMES.values(), *_DURATIONS.values()} <= {value.name for value in all_kinds()["homepage"].values}
