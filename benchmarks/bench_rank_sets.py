"""
Whether rounds tell places that hold: made-up rounds of made-up portals, whose true order is known, two rounds each a week apart.

What must hold: in 95 of 100 rounds every agency's true place is within its set; who is said to be faster is so again in the next
round; nobody is said to have changed where nothing did. Read beside it how much a round can tell at all: pairs told apart, width
of the sets, how many of those are found that became slower by a half.
"""

import argparse
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

import numpy as np
from scipy.stats import kendalltau

from benchmarks.parts import added_up
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from thuocdo.core.version import __version__
from thuocdo.score.changes import LEAST_RATIO, discovered
from thuocdo.score.expected import ASSUMED_BETWEEN as BETWEEN
from thuocdo.score.expected import Told, told_of
from thuocdo.score.noise import Noise, grid, simulated, smallest_ratio
from thuocdo.score.rank_sets import (
    DRAWS,
    Flags,
    Floats,
)

AGENCIES = 34
MIXED = "5 to 20 %, each its own"
NOISES = {
    "5 %": Noise(run=0.05, hour=0.03, day=0.02),
    "10 %": Noise(run=0.10, hour=0.06, day=0.03),
    "20 %": Noise(run=0.20, hour=0.10, day=0.05),
    MIXED: Noise(run=0.10, hour=0.06, day=0.03),
}
ROUNDS = {"quick, 3 days × 8": (3, 8), "official, 7 days × 9": (7, 9)}
REPETITIONS = 500
SLOWER = 6
"""Of the agencies that become slower by SLOWER_RATIO in a third round."""

SLOWER_RATIO = 1.5
MUST_FALSE_ALARMS = 0.05
MUST_COVERAGE = 0.95
MUST_GAMMA = 0.98
MUST_REVERSED = 0.001
MUST_SECONDS = 5.0


def _all_alike(_: np.random.Generator) -> Floats:
    return np.zeros(AGENCIES)


def _of_platforms(generator: np.random.Generator) -> Floats:
    return np.repeat(BETWEEN * generator.standard_normal(6), 6)[:AGENCIES]


def _two_alike(_: np.random.Generator) -> Floats:
    return np.zeros(2)


ALIKE = {"all alike": _all_alike, "six platforms, alike within": _of_platforms, "two, alike": _two_alike}
"""Levels of portals that nobody may tell apart: who tells an order of them is wrong."""

LOW_NOISE = ("5 %", "10 %")
"""Where a week must reach MUST_TAU; with more noise no week can."""

MUST_TAU = {"quick, 3 days × 8": 0.93, "official, 7 days × 9": 0.95}


@dataclass(slots=True)
class Seen:
    """What the repetitions of one kind of round came to; a number each, or a count."""

    held: list[bool] = field(default_factory=list)
    own_held: list[float] = field(default_factory=list)
    told_apart: list[float] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    own_widths: list[float] = field(default_factory=list)
    taus: list[float] = field(default_factory=list)
    pairs: int = 0
    turned: int = 0
    both: int = 0
    reversed: int = 0
    false_alarms: list[bool] = field(default_factory=list)
    found: list[float] = field(default_factory=list)


def told_changes(before: Told, now: Told, least_ratio: float) -> Flags:
    """Return who is said to have changed from one round to another."""
    moved = now.estimates - before.estimates
    return discovered(
        moved - np.median(moved), np.hypot(before.spreads, now.spreads), before.freedom + now.freedom, least_ratio
    )


def repeated(given: tuple[str, str, int, int]) -> Seen:
    """Hold some pairs of rounds: noise, kind of round, first seed, how many."""
    noise, (days, blocks), seen = NOISES[given[0]], ROUNDS[given[1]], Seen()
    when = grid(days, blocks)
    for seed in range(given[2], given[2] + given[3]):
        generator = np.random.Generator(np.random.PCG64(seed))
        levels = BETWEEN * generator.standard_normal(AGENCIES)
        factors = np.exp2(generator.uniform(-1, 1, AGENCIES)) if given[0] == MIXED else np.ones(AGENCIES)
        place = np.argsort(np.argsort(levels)) + 1
        slower = levels.copy()
        slower[:: AGENCIES // SLOWER] += np.log(SLOWER_RATIO)
        one, other, third = (
            told_of(simulated(each, noise, when, generator, factors=factors), when, 3 * seed + number)
            for number, each in enumerate((levels, levels, slower))
        )
        first, second, before, after = one.sets, other.sets, one.estimates, other.estimates
        least = max(LEAST_RATIO, smallest_ratio(noise, when))
        seen.false_alarms.append(bool(told_changes(one, other, least).any()))
        seen.found.append(float(told_changes(one, third, least)[slower > levels].mean()))
        seen.held.append(bool(((first.first <= place) & (place <= first.last)).all()))
        seen.own_held.append(float(((first.own_first <= place) & (place <= first.own_last)).mean()))
        pairs = AGENCIES * (AGENCIES - 1) // 2
        seen.told_apart.append(first.is_before.sum() / pairs)
        seen.widths.append(float((first.last - first.first + 1).mean()))
        seen.own_widths.append(float((first.own_last - first.own_first + 1).mean()))
        seen.taus.append(float(kendalltau(first.first + first.last, second.first + second.last).statistic))
        earlier, later = (np.subtract.outer(one, one) for one in (before, after))
        seen.pairs += int(first.is_before.sum())
        seen.turned += int((first.is_before & (later > 0)).sum())
        seen.both += int((first.is_before & (second.is_before | second.is_before.T)).sum())
        seen.reversed += int((first.is_before & second.is_before.T).sum())
        assert (earlier[first.is_before] < 0).all()
    return seen


def told_of_alike(given: tuple[str, str, str, int, int]) -> tuple[list[bool], list[float]]:
    """Hold some rounds of portals that are alike: whether any pair was told wrongly; share of own sets that were wrong."""
    noise, (days, blocks) = NOISES[given[1]], ROUNDS[given[2]]
    when, wrong, alone = grid(days, blocks), [], []
    for seed in range(given[3], given[3] + given[4]):
        generator = np.random.Generator(np.random.PCG64(seed))
        levels = ALIKE[given[0]](generator)
        factors = np.exp2(generator.uniform(-1, 1, len(levels))) if given[1] == MIXED else np.ones(len(levels))
        told = told_of(simulated(levels, noise, when, generator, factors=factors), when, seed).sets
        not_before = levels[:, np.newaxis] >= levels
        wrong.append(bool((told.is_before & not_before).any()))
        truly_before, truly_behind = (
            (levels[:, np.newaxis] > levels).sum(axis=1),
            (levels[:, np.newaxis] < levels).sum(axis=1),
        )
        is_wrong = (told.own_first - 1 > truly_before) | (len(levels) - told.own_last > truly_behind)
        alone.append(float(is_wrong.mean()))
    return wrong, alone


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    repetitions = parser.parse_args(arguments).repetitions
    rows: list[list[object]] = []
    alike: list[list[object]] = []
    figures: list[Figure] = [_cost()]
    step = 25
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for kind in ROUNDS:
            for noise in NOISES:
                goes = [(noise, kind, start, min(step, repetitions - start)) for start in range(0, repetitions, step)]
                seen = added_up(Seen(), pool.map(repeated, goes))
                row, told = _told(kind, noise, seen)
                rows.append(row)
                figures += told
                print(*row, flush=True)
        for levels, noise, kind in ((a, b, c) for c in ROUNDS for a in ALIKE for b in ("10 %", MIXED)):
            many = [
                (levels, noise, kind, start, min(step, repetitions - start)) for start in range(0, repetitions, step)
            ]
            parts = list(pool.map(told_of_alike, many))
            wrong, alone = (float(np.mean([one for part in parts for one in part[i]])) for i in range(2))
            alike.append([kind, levels, noise, wrong, alone])
            figures.append(
                Figure(figure=f"{kind}, noise {noise}, {levels}: any told apart", value=wrong, must=1 - MUST_COVERAGE)
            )
            print(*alike[-1], flush=True)
    print(heading(f"{repetitions} times two rounds of {AGENCIES} agencies", {"thuocdo": __version__}))
    names = (
        "round",
        "noise",
        "all within",
        "own within",
        "told apart",
        "width",
        "own width",
        "gamma",
        "tau-b",
        "reversed",
        "false changes",
        "found",
    )
    print(table(names, rows))
    print(table(("round", "portals", "noise", "any told wrongly", "own sets wrong"), alike))
    publish("rank_sets", figures)


def _told(kind: str, noise: str, seen: Seen) -> tuple[list[object], list[Figure]]:
    coverage = float(np.mean(seen.held))
    gamma = 1 - 2 * seen.turned / seen.pairs if seen.pairs else 1.0
    reversal = seen.reversed / seen.both if seen.both else 0.0
    tau = float(np.mean(seen.taus))
    must_tau = None if noise not in LOW_NOISE and kind.startswith("official") else MUST_TAU[kind]
    name = f"{kind}, noise {noise}"
    return [
        kind,
        noise,
        coverage,
        float(np.mean(seen.own_held)),
        float(np.mean(seen.told_apart)),
        float(np.mean(seen.widths)),
        float(np.mean(seen.own_widths)),
        gamma,
        tau,
        reversal,
        float(np.mean(seen.false_alarms)),
        float(np.mean(seen.found)),
    ], [
        Figure(figure=f"{name}: all true places within", value=coverage, must=MUST_COVERAGE, at_least=True),
        Figure(figure=f"{name}: gamma of pairs told apart", value=gamma, must=MUST_GAMMA, at_least=True),
        Figure(figure=f"{name}: tau-b of two rounds' places", value=tau, must=must_tau, at_least=True),
        Figure(figure=f"{name}: reversed of those told apart twice", value=reversal, must=MUST_REVERSED),
        Figure(
            figure=f"{name}: somebody changed where nobody did",
            value=float(np.mean(seen.false_alarms)),
            must=MUST_FALSE_ALARMS,
        ),
    ]


def _cost() -> Figure:
    days = grid(7, 9)
    generator = np.random.Generator(np.random.PCG64(1))
    seconds = simulated(BETWEEN * generator.standard_normal(AGENCIES), NOISES["10 %"], days, generator)
    start = time.process_time()
    told_of(seconds, days, 1)
    took = time.process_time() - start
    return Figure(
        figure=f"CPU s of rank sets, {AGENCIES} agencies × {len(days)} blocks × {DRAWS} draws",
        value=took,
        must=MUST_SECONDS,
    )


if __name__ == "__main__":
    main()
