"""
Whether special treatment is found, and honest portals are left alone: made-up portals whose truth is known, over many seeds.

Each time 200 honest portals with the drift of real ones stand beside one portal for each trick.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context

from benchmarks.parts import added_up
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from benchmarks.treated_portals import CAUSES, ROUND_DAYS, ROUND_FROM, START, Trick, honest, together, with_trick
from thuocdo.core.version import __version__
from thuocdo.treatment.in_round import findings_of_round
from thuocdo.treatment.pairs import findings_of_pairs, pairs_of

HONEST = 200
SEEDS = 20
MOST_FALSE = 2
ROUND = (START + timedelta(days=ROUND_FROM), START + timedelta(days=ROUND_FROM + ROUND_DAYS))


@dataclass(slots=True)
class Told:
    """What some seeds came to: tricks that were found, and findings about honest portals of each seed."""

    found: list[Trick] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    pairs: list[int] = field(default_factory=list)


def seen(seed: int) -> Told:
    """Look at the portals of one seed."""
    tricky = {one.id: one for one in (with_trick(trick, seed) for trick in Trick)}
    ours, controls = together([*honest(HONEST, seed), *tricky.values()])
    pairs = pairs_of(ours, controls)
    told = Told(pairs=[min(len(some) for some in pairs.values())])
    findings = [(one.target_id, one.cause) for one in findings_of_pairs(pairs)]
    findings += [(one.target_id, one.cause) for one in findings_of_round(ours, *ROUND)]
    for name, portal in tricky.items():
        if portal.trick and (name, CAUSES[portal.trick]) in findings:
            told.found.append(portal.trick)
    wrong = [cause for name, cause in findings if name not in tricky]
    told.wrong.append(len(wrong))
    told.causes += [cause.value for cause in wrong]
    return told


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    seeds = parser.parse_args(arguments).seeds
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        told = added_up(Told(), pool.map(seen, range(seeds)))
    found = Counter(told.found)
    title = f"{seeds} seeds of {HONEST} honest portals and one for each trick; a week's round, {min(told.pairs)} pairs or more"
    print(heading(title, {"thuocdo": __version__}))
    print(table(("trick", "found", "of"), [[trick.value, found[trick], seeds] for trick in Trick]))
    print(f"honest portals: {sum(told.wrong)} findings in {seeds} × {HONEST}, at most {max(told.wrong)} of one seed")
    print(f"by cause: {dict(Counter(told.causes)) or 'none'}\n")
    figures = [
        Figure(figure=f"found: {trick.value}", value=found[trick] / seeds, must=0.95, aim=1.0, at_least=True)
        for trick in Trick
    ]
    figures.append(
        Figure(
            figure=f"findings about {HONEST} honest portals, worst seed", value=float(max(told.wrong)), must=MOST_FALSE
        )
    )
    publish("treatment", figures)


if __name__ == "__main__":
    main()
