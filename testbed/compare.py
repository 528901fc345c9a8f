"""
Compares what was measured with what was injected: is the order right, and did every fault get its own reason?
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from rich.console import Console
from rich.table import Table

from thuocdo.core.model import LATE_REASONS, Measurement, Outcome, Reason

DIFFERENT_RATIO = 1.1
"""Pairs whose true times differ by less than 10 % have no order that a measurement could get wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """
    What came of comparing.

    confusion: (kind, injected, seen) -> number of measurements; injected and seen are "ok" or a reason.
    wrong: the same, only where seen was not what the truth allows; a prober that calls itself saturated is not wrong.
    missed: "target kind: injected" of faults that no run at all gave their own reason.
    untold: the same of faults to be in time of which every run said that the prober itself was too busy to tell.
    blamed: `failed` where the truth says ours or ok.
    tau: Kendall's tau of the home page medians of all portals, -1..1, over pairs that differ; None without pairs.
    taus: block -> the same within one block.
    compared: block -> number of portals whose medians were compared.
    """

    confusion: Mapping[tuple[str, str, str], int]
    wrong: Mapping[tuple[str, str, str], int]
    missed: tuple[str, ...]
    untold: tuple[str, ...]
    blamed: tuple[str, ...]
    tau: float | None
    taus: Mapping[str, float | None]
    compared: Mapping[str, int]


def compare(truth: Mapping[str, Any], measurements: Iterable[Measurement]) -> Comparison:
    """
    Return how well the measurements agree with the truth.

    Args:
        truth: content of truth.json.
        measurements: all of one round.
    """
    confusion: Counter[tuple[str, str, str]] = Counter()
    wrong: Counter[tuple[str, str, str]] = Counter()
    blamed: list[str] = []
    recognised: dict[str, bool] = {}
    untold: dict[str, bool] = {}
    loads: dict[str, list[float]] = defaultdict(list)
    for measurement in measurements:
        key, seen = measurement.key, measurement.observation
        expected = truth["targets"][key.target_id]["expected"][key.kind]
        injected = expected["reason"] or "ok"
        got = seen.reason.value if seen.reason else "ok"
        confusion[(key.kind, injected, got)] += 1
        right = got == injected or got in expected["also"]
        if injected != "ok":
            place = f"{key.target_id} {key.kind}: {injected}"
            recognised[place] = recognised.get(place, False) or right
            too_busy = got == Reason.PROBER_SATURATED and injected in LATE_REASONS
            untold[place] = untold.get(place, True) and too_busy
        if not right and got != Reason.PROBER_SATURATED:
            wrong[(key.kind, injected, got)] += 1
            if seen.outcome is Outcome.FAILED and (injected == "ok" or Reason(injected).outcome is not Outcome.FAILED):
                blamed.append(f"{key.target_id} {key.kind}: {got} ({seen.detail}), injected: {injected}")
        if key.kind == "homepage" and seen.outcome is Outcome.OK and "load_seconds" in seen.values:
            loads[key.target_id].append(seen.values["load_seconds"])
    by_block = _true_and_seen(truth, {target: statistics.median(values) for target, values in loads.items()})
    return Comparison(
        confusion=dict(confusion),
        wrong=dict(wrong),
        missed=tuple(place for place, right in recognised.items() if not right and not untold[place]),
        untold=tuple(place for place, too_busy in untold.items() if too_busy),
        blamed=tuple(blamed),
        tau=kendall_tau(pair for pairs in by_block.values() for pair in pairs),
        taus={block: kendall_tau(pairs) for block, pairs in by_block.items()},
        compared={block: len(pairs) for block, pairs in by_block.items()},
    )


def kendall_tau(pairs: Iterable[tuple[float, float]]) -> float | None:
    """
    Return Kendall's tau of (true, measured) times over the pairs whose true times differ by at least 10 %.

    Returns:
        (concordant - discordant) / (concordant + discordant), or None where no two differ.
    """
    concordant = discordant = 0
    for (true_a, seen_a), (true_b, seen_b) in combinations(pairs, 2):
        if max(true_a, true_b) < DIFFERENT_RATIO * min(true_a, true_b):
            continue
        if (true_a - true_b) * (seen_a - seen_b) > 0:
            concordant += 1
        else:
            discordant += 1
    total = concordant + discordant
    return (concordant - discordant) / total if total else None


def _true_and_seen(truth: Mapping[str, Any], medians: Mapping[str, float]) -> dict[str, list[tuple[float, float]]]:
    """Return true and measured times of the home pages that can be compared, by block."""
    by_block: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for target, median in medians.items():
        facts = truth["targets"][target]
        if facts.get("page_kind") == "portal" and facts.get("homepage_seconds"):
            by_block[facts["block"]].append((facts["homepage_seconds"], median))
    return dict(sorted(by_block.items()))


def print_comparison(console: Console, comparison: Comparison, translate: Callable[[str], str]) -> None:
    """Print the order's agreement and the confusion table of everything that was not plain ok."""
    console.print()
    for block, tau in comparison.taus.items():
        line = translate(
            "Order of home pages against the injected truth, {block}: Kendall's tau {tau} over {n} portals"
        )
        shown = "–" if tau is None else f"{tau:.3f}"
        console.print(line.format(block=translate(f"block.{block}"), tau=shown, n=comparison.compared[block]))
    table = Table(title=translate("What was injected and what was seen"), title_justify="left")
    for heading in ("Probe", "Injected", "Seen", "Number"):
        table.add_column(translate(heading), justify="right" if heading == "Number" else "left")
    for (kind, injected, seen), count in sorted(comparison.confusion.items()):
        if (injected, seen) != ("ok", "ok"):
            style = "red" if (kind, injected, seen) in comparison.wrong else ""
            table.add_row(kind, injected, seen, str(count), style=style)
    console.print(table)
    for line in comparison.blamed:
        console.print(f"  {translate('Wrongly blamed')}: {line}", style="bold red", markup=False)
