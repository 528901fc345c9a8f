"""The main job as a user sees it: `thuocdo demo --once` measures the fleet, ranks it, and agrees with the truth."""

import json
import time

import pytest

from testbed.compare import compare
from thuocdo.core.model import Outcome
from thuocdo.store import MeasurementQuery, Store

pytestmark = [pytest.mark.whole_machine, pytest.mark.browser, pytest.mark.timeout(2600)]

MOST_SPOILT_RATIO = 0.2
"""Of the visits to home pages that came, whose times a busy machine spoilt: alone, the demo has some."""


@pytest.fixture(scope="module")
def demo(product, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    began = time.monotonic()
    done = product.run("demo", "--once", "--folder", folder, "--port", "0", timeout=2500, env={"COLUMNS": "140"})
    print(f"demo took {time.monotonic() - began:.0f} s")
    return folder, done


@pytest.fixture(scope="module")
def measured(demo):
    folder, _ = demo
    store = Store.open(f"sqlite:///{folder}/data/thuocdo.sqlite")
    begun = store.rounds.all()[-1]
    measurements = list(store.measurements.find(MeasurementQuery(round_id=begun.id)))
    store.close()
    truth = json.loads((folder / "fleet" / "truth.json").read_text(encoding="utf-8"))
    return begun, measurements, truth


def spoilt_ratio(measurements):
    timed = [m for m in measurements if m.key.kind == "homepage" and m.observation.outcome is Outcome.OK]
    return sum(m.conditions.saturated for m in timed) / len(timed)


def test_it_ends_well_and_shows_both_rankings(demo):
    _, done = demo
    assert done.returncode == 0, done.stderr[-3000:]
    for heading in ("Bộ, cơ quan ngang bộ", "Tỉnh, thành phố", "Hạng", "Cơ quan không xếp hạng", "SỐ LIỆU MÔ PHỎNG"):
        assert heading in done.stdout
    for name in ("Bộ Tư pháp", "Nghệ An"):
        assert name in done.stdout


def test_every_planned_probe_has_its_measurement(measured):
    begun, measurements, truth = measured
    assert begun.ended_at is not None
    assert len(measurements) >= begun.planned  # what a busy machine spoilt is taken again
    assert {m.key.target_id for m in measurements} == set(truth["targets"])
    assert {m.key.kind for m in measurements} == {"http", "homepage", "eform", "accessibility"}


def test_the_order_of_home_pages_is_the_true_one(measured):
    _, measurements, truth = measured
    comparison = compare(truth, measurements)
    print(comparison.tau, comparison.taus, comparison.compared)
    spoilt = spoilt_ratio(measurements)
    if spoilt > MOST_SPOILT_RATIO:
        pytest.skip(f"other programs spoilt {spoilt:.0%} of the times of home pages; their order says nothing")
    assert set(comparison.taus) == {"ministry", "province"}
    assert min(comparison.compared.values()) >= 8
    assert comparison.tau is not None
    assert comparison.tau >= 0.95
    # Within a block of 11 two pairs that a noisy machine swaps already cost 0.07: asked of a block is less.
    assert min(tau for tau in comparison.taus.values() if tau is not None) >= 0.85


def test_every_injected_fault_got_its_own_reason_and_nobody_is_blamed_for_ours(measured):
    _, measurements, truth = measured
    comparison = compare(truth, measurements)
    print(f"\n{'probe':14} {'injected':22} {'seen':22} number")
    for (kind, injected, seen), count in sorted(comparison.confusion.items()):
        mark = "  <-- wrong" if (kind, injected, seen) in comparison.wrong else ""
        print(f"{kind:14} {injected:22} {seen:22} {count:6}{mark}")
    assert comparison.blamed == ()
    assert comparison.wrong == {}
    assert comparison.missed == ()
    if spoilt_ratio(measurements) <= MOST_SPOILT_RATIO:  # else the prober rightly says that it cannot tell who was late
        assert comparison.untold == ()


def test_nothing_was_submitted(demo):
    folder, _ = demo
    served = json.loads((folder / "fleet" / "served.json").read_text(encoding="utf-8"))
    assert served["submitted"] == 0
