"""
Whether places by points hold: made-up official rounds of made-up portals, whose true order is known, through the real ranking.

Two ways of telling places stand side by side: the interval of each agency's own points, which nobody can gain by, and the days of
the round drawn again. Read beside coverage how many places an agency has, and what it costs.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.parts import added_up
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from thuocdo.core.config import bundled
from thuocdo.core.model import (
    Agency,
    Block,
    Conditions,
    Measurement,
    MeasurementKey,
    Observation,
    PageKind,
    Round,
    Target,
    TargetRole,
)
from thuocdo.core.portals import Registry
from thuocdo.core.version import __version__
from thuocdo.score.criteria import CriteriaSet, load_criteria_set
from thuocdo.score.expected import ASSUMED_BETWEEN as BETWEEN
from thuocdo.score.noise import Noise, grid, simulated
from thuocdo.score.rank_sets import DRAWS, Floats, Integers
from thuocdo.score.ranking import build_ranking
from thuocdo.store import Store

AGENCIES, DAYS, BLOCKS = 34, 7, 9
NOISES = {
    "5 %": Noise(run=0.05, hour=0.03, day=0.02),
    "10 %": Noise(run=0.10, hour=0.06, day=0.03),
    "20 %": Noise(run=0.20, hour=0.10, day=0.05),
}
CRITERIA = "survey-2023"
KINDS = {"homepage": ("load_seconds", 2.0), "eform": ("ready_seconds", 4.0)}
"""Value and middle time of each kind that is made up; a portal is as fast or slow in both."""

REPETITIONS = 100
MUST_COVERAGE = 0.95
MUST_SECONDS = 5.0
MONDAY = datetime(2026, 11, 1, 17, tzinfo=UTC)
ROUND = Round(id="r", label="r", started_at=MONDAY)


def registry() -> Registry:
    """Return as many provinces as are ranked, each with a home page and a form."""
    agencies = {
        name: Agency(id=name, block=Block.PROVINCE, name_vi=name, name_en=name)
        for name in (f"p{n:02}" for n in range(AGENCIES))
    }
    roles = {"homepage": TargetRole.HOMEPAGE, "eform": TargetRole.EFORM}
    targets = {
        f"{name}.{kind}": Target(
            id=f"{name}.{kind}", role=role, url=f"https://{name}.example/{kind}", agency_id=name, portal_id=name,
            block=Block.PROVINCE, probed=True,
        )
        for name in agencies
        for kind, role in roles.items()
    }  # fmt: skip
    return Registry(agencies=agencies, portals={}, procedures={}, targets=targets, digest="0" * 64)


def measured(seconds: dict[str, Floats], days: Integers) -> Iterator[Measurement]:
    """Yield one run of each portal, kind and block; seconds: by kind, (n, b)."""
    for kind, times in seconds.items():
        for portal, row in enumerate(times):
            for block, one in enumerate(row):
                at = MONDAY + timedelta(days=int(days[block]), hours=2 * (block % BLOCKS) + 4, minutes=portal)
                yield Measurement(
                    key=MeasurementKey(
                        target_id=f"p{portal:02}.{kind}", kind=kind, vantage_id="x", profile="desktop", scheduled_at=at
                    ),
                    agency_id=f"p{portal:02}",
                    started_at=at,
                    duration_seconds=float(one),
                    observation=Observation.ended(
                        None, "", page_kind=PageKind.PORTAL, values={KINDS[kind][0]: float(one)}
                    ),
                    conditions=Conditions(),
                    round_id=ROUND.id,
                )


@dataclass(slots=True)
class Seen:
    """What the repetitions came to, for both ways: whether all true places were within, and how wide sets were; CPU seconds."""

    held: list[bool] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    drawn_held: list[bool] = field(default_factory=list)
    drawn_widths: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    plain_seconds: list[float] = field(default_factory=list)


def repeated(given: tuple[str, int, int]) -> Seen:
    """Hold some rounds: noise, first seed, how many."""
    noise, seen, days = NOISES[given[0]], Seen(), grid(DAYS, BLOCKS)
    held_by, criteria = registry(), load_criteria_set(bundled("criteria"), CRITERIA)
    for seed in range(given[1], given[1] + given[2]):
        generator = np.random.Generator(np.random.PCG64(seed))
        levels = BETWEEN * generator.standard_normal(AGENCIES)
        seconds = {kind: simulated(levels, noise, days, generator) * middle for kind, (_, middle) in KINDS.items()}
        with TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/store.sqlite") as store:
            store.rounds.begin(ROUND)
            store.measurements.write([*measured(seconds, days)])
            started = time.process_time()
            _ranked(store, held_by, criteria, None)
            between = time.process_time()
            places = _ranked(store, held_by, criteria, seed)
        seen.seconds.append(time.process_time() - between)
        seen.plain_seconds.append(between - started)
        true = {f"p{n:02}": int(place) + 1 for n, place in enumerate(np.argsort(np.argsort(levels)))}
        seen.held.append(all(first <= true[name] <= last for name, (first, last, _, _) in places.items()))
        seen.drawn_held.append(all(first <= true[name] <= last for name, (_, _, first, last) in places.items()))
        seen.widths.append(float(np.mean([last - first + 1 for first, last, _, _ in places.values()])))
        seen.drawn_widths.append(float(np.mean([last - first + 1 for _, _, first, last in places.values()])))
    return seen


def _ranked(
    store: Store, held_by: Registry, criteria: CriteriaSet, seed: int | None
) -> dict[str, tuple[int, int, int, int]]:
    """Return first and last place of each agency, by intervals and by draws; both alike without a seed."""
    ranking = build_ranking(
        store,
        held_by,
        criteria,
        now=MONDAY + timedelta(days=30),
        round_id=ROUND.id,
        planned=dict.fromkeys(KINDS, DAYS * BLOCKS),
        draws_seed=seed,
    )
    found = {}
    for one in ranking.blocks[Block.PROVINCE]:
        assert one.rank is not None and one.rank_to is not None, "all are ranked"  # noqa: PT018 one fact
        drawn = (one.drawn.first, one.drawn.last) if one.drawn else (one.rank, one.rank_to)
        found[one.scorecard.agency_id] = (one.rank, one.rank_to, *drawn)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    repetitions = parser.parse_args(arguments).repetitions
    rows: list[list[object]] = []
    figures: list[Figure] = []
    step = 10
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for noise in NOISES:
            parts = pool.map(
                repeated, [(noise, start, min(step, repetitions - start)) for start in range(0, repetitions, step)]
            )
            seen = added_up(Seen(), parts)
            coverage, drawn = float(np.mean(seen.held)), float(np.mean(seen.drawn_held))
            took, plain = float(np.median(seen.seconds)), float(np.median(seen.plain_seconds))
            rows.append(
                [noise, coverage, float(np.mean(seen.widths)), drawn, float(np.mean(seen.drawn_widths)), plain, took]
            )
            print(*rows[-1], flush=True)
            figures += [
                Figure(figure=f"noise {noise}: all true places within, by intervals", value=coverage, at_least=True),
                Figure(
                    figure=f"noise {noise}: all true places within, by draws",
                    value=drawn,
                    must=MUST_COVERAGE,
                    at_least=True,
                ),
                Figure(figure=f"noise {noise}: CPU s more for {DRAWS} draws", value=took - plain, must=MUST_SECONDS),
            ]
    title = f"{repetitions} official rounds of {AGENCIES} agencies, points of {CRITERIA}"
    print(heading(title, {"thuocdo": __version__}))
    names = ("noise", "within: intervals", "width", "within: draws", "width", "CPU s without draws", "CPU s with")
    print(table(names, rows))
    publish("drawn_points", figures)


if __name__ == "__main__":
    main()
