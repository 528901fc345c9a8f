"""
Pages that try to get something sent: nothing arrives of any that the real probes open, press, type into and leave.

Each has its control run, in which an unguarded browser does what a careless probe would and something does arrive; otherwise
its silence would prove nothing. An ordinary run takes a sample (see `galleries:` in the head of the report; SAMPLE_SEED=… repeats
one), `make test-long` takes all. Both runs are processes of their own (trap_runs/), without a network where that is allowed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from probes.chromium.executable import find_browser
from testbed.traps.arrivals import UNKNOWN
from testbed.traps.gallery import TRAPS, sample
from thuocdo.core.setting_groups import BrowserSettings

BROWSER = find_browser(BrowserSettings())
if BROWSER is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: that nothing is ever sent is NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
LONGEST_SECONDS = 1700


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each trap of the sample, or for all."""
    chosen = TRAPS if metafunc.config.getoption("--whole") else sample(os.environ["SAMPLE_SEED"])
    if "trap" in metafunc.fixturenames:
        metafunc.parametrize("trap", chosen, ids=[one.id for one in chosen])
    if "honest_trap" in metafunc.fixturenames:
        honest = [one for one in chosen if one.opens]
        metafunc.parametrize("honest_trap", honest, ids=[one.id for one in honest])


def run(script: str, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Let a run walk into these traps; returns what it told of each, by trap."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.integration.trap_runs.{script}", *names],
        cwd=ROOT,
        env=os.environ | {"TRAPS_BROWSER": str(BROWSER)},
        capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return {row["trap"]: row for row in map(json.loads, done.stdout.splitlines())}


@pytest.fixture(scope="module")
def names(request: pytest.FixtureRequest) -> Sequence[str]:
    """Traps of the tests that were chosen, by -k and the like."""
    here = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    return list(dict.fromkeys(one.id for item in here for one in item.callspec.params.values()))


@pytest.fixture(scope="module")
def guarded(names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    return run("guarded", names)


@pytest.fixture(scope="module")
def control(names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """What arrived without a guard; a trap that was silent beside others is walked into once more, with few beside it."""
    seen = run("control", names)
    proved = {one.id for one in TRAPS if not one.unproved}
    silent = [name for name, row in seen.items() if not row["arrived"] and name in proved]
    return {**seen, **run("control", silent)} if silent else seen


def test_nothing_arrives(trap, guarded, require):
    require(trap.id in guarded, "a network namespace for a browser", "run as root, with util-linux and iproute2")
    assert guarded[trap.id]["arrived"] == [], f"{trap.does}: {guarded[trap.id]}"


def test_something_arrives_without_a_guard(trap, control, require):
    require(trap.id in control, "a network namespace for a browser", "run as root, with util-linux and iproute2")
    arrived = control[trap.id]["arrived"]
    if trap.unproved and not arrived:
        pytest.skip(f"UNPROVED: {trap.unproved}")
    assert arrived, f"the trap does not fire, so that it proves nothing: {trap.does}"


def test_an_honest_form_still_opens(honest_trap, guarded, require):
    require(honest_trap.id in guarded, "a network namespace for a browser", "run as root, with util-linux and iproute2")
    seen = guarded[honest_trap.id]
    assert seen["outcome"] == "ok", seen


def test_nothing_arrives_that_belongs_to_no_trap(guarded):
    assert not guarded or guarded[UNKNOWN]["arrived"] == []
