"""
Who is blamed, and what passes: the confusion table over the gallery of verdicts, by kind of probe.

    python -m benchmarks.bench_verdicts
"""

import asyncio
import sys

from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from benchmarks.verdicts import Verdict, blamed, confusion, named, verdicts
from testbed.verdicts.gallery import PAGES
from thuocdo.core.model import Outcome
from thuocdo.core.version import __version__

KINDS = ("http", "homepage", "eform")


def main() -> None:
    """Measure and publish; exit code 1 where a portal is blamed or a verdict is none that its page may have."""
    found = asyncio.run(verdicts(PAGES, KINDS, _tell))
    told, outages = named(found)
    wrong = [one for one in found if not one.is_right]
    print(heading(f"Verdicts on {len(PAGES)} pages", {"thuocdo": __version__}))
    print(table(["kind", "in truth", "pages", *(outcome.value for outcome in Outcome)], confusion(found)))
    for one in wrong:
        print(f"not one of its verdicts: {one}")
    figures = [
        Figure(figure="portals blamed wrongly", value=len(blamed(found)), must=0, aim=0),
        Figure(figure="outages told, %", value=round(100 * told / outages, 2), must=98, aim=100, at_least=True),
        Figure(figure="verdicts that their page may not have", value=len(wrong), must=0, aim=0),
    ]
    publish("verdicts", figures)
    if wrong or blamed(found):
        sys.exit(1)


def _tell(one: Verdict) -> None:
    sys.stderr.write(f"{'  ' if one.is_right else '! '}{one}\n")


if __name__ == "__main__":
    main()
