"""
All traps; and the sample of them that an ordinary test run takes.

`python -m testbed.traps.gallery` prints the list for people.
"""

import sys
from collections.abc import Sequence

from testbed.sampling import of_every_kind
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
    return of_every_kind(TRAPS, kind=lambda one: one.probe, number=lambda probe, _: SAMPLED[probe], seed=seed)


def table() -> str:
    """Return the list of traps as Markdown."""
    lines = ["| trap | probe | it … | cannot fire here because |", "|---|---|---|---|"]
    lines += [f"| `{one.id}` | {one.probe} | {one.does.replace('|', '/')} | {one.unproved} |" for one in TRAPS]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
