"""
All traps; and the sample of them that an ordinary test run takes.

`python -m testbed.traps.gallery` prints the list for people.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Sequence

from testbed.traps import (
    acts,
    channels,
    homes,
    leaving,
    neighbours,
    rare,
    realms,
    spellings,
    styles,
    tried,
    typed,
    unheld,
    ways,
    workers,
)
from testbed.traps.trap import Probe, Trap

TRAPS: tuple[Trap, ...] = (
    *realms.TRAPS,
    *channels.TRAPS,
    *workers.TRAPS,
    *rare.TRAPS,
    *typed.TRAPS,
    *styles.TRAPS,
    *leaving.TRAPS,
    *ways.TRAPS,
    *acts.TRAPS,
    *neighbours.TRAPS,
    *tried.TRAPS,
    *homes.TRAPS,
    *unheld.TRAPS,
    *spellings.TRAPS,
)

SAMPLED = {
    Probe.EFORM: 8,
    Probe.FOLLOW: 1,
    Probe.DRAFT: 1,
    Probe.GENERIC: 3,
    Probe.RESILIENCE: 1,
    Probe.HOMEPAGE: 3,
    Probe.ACCESSIBILITY: 2,
    Probe.TRIED: 1,
}
"""How many of each kind a sample holds."""


def sample(seed: str) -> Sequence[Trap]:
    """Return some traps of each kind of probe; the same seed gives the same ones."""
    kinds: defaultdict[Probe, list[Trap]] = defaultdict(list)
    for one in TRAPS:
        kinds[one.probe].append(one)
    chance = random.Random(seed)
    chosen = {one.id for kind, several in kinds.items() for one in chance.sample(several, SAMPLED[kind])}
    return [one for one in TRAPS if one.id in chosen]


def table() -> str:
    """Return the list of traps as Markdown."""
    lines = ["| trap | probe | it … | cannot fire here because |", "|---|---|---|---|"]
    lines += [f"| `{one.id}` | {one.probe} | {one.does.replace('|', '/')} | {one.unproved} |" for one in TRAPS]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
