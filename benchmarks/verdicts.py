"""Measures the gallery of verdicts with the product's own runner, and counts who was blamed and what passed."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from probes.opening import open_runner
from testbed.verdicts.gallery import ELSEWHERE, JOURNEYS, Gallery, host_of
from testbed.verdicts.page import Truth, VerdictPage
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.model import Block, Evidence, Job, Observation, Outcome, Reason, Target, TargetRole

DEADLINE_SECONDS = {"http": 10.0, "homepage": 30.0, "eform": 30.0}
AT_ONCE = 4
OURS = frozenset({Reason.PROBER_SATURATED, Reason.NO_CONNECTIVITY, Reason.BROWSER_UNAVAILABLE})
"""What this machine kept from being judged: looked at again, alone, and never counted as told."""
AGAIN = 3
GOOD_DAYS = 3
"""Visits of a page in its good days, before it is looked at, where the verdict needs a history."""


class NoEvidence:
    """Forgets evidence at once."""

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        """Return where it would lie."""
        return Evidence(kind=kind, sha256="0" * 64, media_type=media_type, size_bytes=len(content))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a probe of one kind said of one page."""

    page: VerdictPage
    kind: str
    seen: Observation

    @property
    def is_right(self) -> bool:
        """Whether it is one of those that the page may have."""
        return self.seen.reason in self.page.expected[self.kind]

    def __str__(self) -> str:
        """Return it for people."""
        return f"{self.page.name} ({self.kind}): {self.seen.outcome} {self.seen.reason} {self.seen.detail}"


def target_of(gallery: Gallery, page: VerdictPage, kind: str) -> Target:
    """Return the target that a page is, for one kind of probe."""
    host, is_form = host_of(page, kind), kind == "eform"
    return Target(
        id=f"{page.name}.{kind}",
        role=TargetRole.EFORM if is_form else TargetRole.HOMEPAGE,
        url=gallery.url(page, kind),
        agency_id="a",
        portal_id=page.name,
        block=Block.PROVINCE,
        own_hosts=frozenset({host}),
        elsewhere_hosts=frozenset({ELSEWHERE}),
        networks=("127.0.0.0/8",),
        expected_text=page.expected_text,
        journey=page.journey if is_form else None,
        variables=page.variables,
    )


async def verdicts(
    pages: Sequence[VerdictPage], kinds: Sequence[str], done: Callable[[Verdict], None] = lambda _: None
) -> list[Verdict]:
    """Ask about each page, once with each of the kinds that it has an answer for; done: is told of each as it comes."""
    asked = [(page, kind) for page in pages for kind in kinds if kind in page.expected]
    engines = [Engine.HTTP, *([Engine.BROWSER] if any(kind != "http" for _, kind in asked) else [])]
    with tempfile.TemporaryDirectory(prefix="thuocdo-verdicts-") as name:
        async with Gallery(pages, kinds) as gallery:
            hosts, ca_file = gallery.write(Path(name))
            settings = Settings(
                data_dir=Path(name),
                hosts_file=hosts,
                ca_file=ca_file,
                journeys_dir=JOURNEYS,
                browser={"trusted_keys": gallery.trusted_keys},  # type: ignore[arg-type]
                vantage={"reference_urls": (gallery.reference_url,)},  # type: ignore[arg-type]
            )
            async with open_runner(settings, NoEvidence(), engines) as runner:
                room = asyncio.Semaphore(AT_ONCE)

                async def look(page: VerdictPage, kind: str) -> Verdict:
                    async with room:
                        job = job_of(gallery, page, kind)
                        return Verdict(page=page, kind=kind, seen=(await runner.run(job)).observation)

                async def looked(page: VerdictPage, kind: str) -> Verdict:
                    found = await look(page, kind)
                    done(found)
                    return found

                with_history = [(page, kind) for page, kind in asked if page.before]
                gallery.good_days = {host_of(page, kind) for page, kind in with_history}
                begun = clock.now()
                for day in range(GOOD_DAYS if with_history else 0):
                    at = begun - (GOOD_DAYS - day) * timedelta(hours=30)
                    with patch.object(clock, "now", lambda at=at: at):
                        await asyncio.gather(*(look(page, kind) for page, kind in with_history))
                gallery.good_days.clear()
                found = list(await asyncio.gather(*(looked(page, kind) for page, kind in asked)))
                for place, one in enumerate(found):
                    for _ in range(AGAIN):
                        if found[place].seen.reason in OURS:
                            found[place] = await looked(one.page, one.kind)
                return found


def job_of(gallery: Gallery, page: VerdictPage, kind: str) -> Job:
    """Return the probe of one kind of a page."""
    return Job(
        target=target_of(gallery, page, kind),
        kind=kind,
        vantage_id="local",
        profile="desktop",
        scheduled_at=clock.now(),
        deadline_seconds=DEADLINE_SECONDS[kind],
    )


def confusion(found: Sequence[Verdict]) -> list[list[str]]:
    """Return the confusion table: for each kind and truth, how often each outcome came."""
    lines = []
    for kind in dict.fromkeys(one.kind for one in found):
        for truth in Truth:
            of = [one for one in found if one.kind == kind and one.page.truth[kind] is truth]
            if of:
                counts = [sum(one.seen.outcome is outcome for one in of) for outcome in Outcome]
                lines.append([kind, truth.value, str(len(of)), *map(str, counts)])
    return lines


def blamed(found: Sequence[Verdict]) -> list[Verdict]:
    """Return those in which a portal is blamed that is fine, or of which nobody can tell."""
    return [one for one in found if one.page.truth[one.kind] is not Truth.OUTAGE and one.seen.outcome is Outcome.FAILED]


def named(found: Sequence[Verdict]) -> tuple[int, int]:
    """Return how many outages were told (failed, or for a reason of theirs that the page may have), and how many there are."""
    outages = [one for one in found if one.page.truth[one.kind] is Truth.OUTAGE]
    told = [
        one
        for one in outages
        if one.seen.outcome is Outcome.FAILED or (one.is_right and one.seen.reason and one.seen.reason not in OURS)
    ]
    return len(told), len(outages)
