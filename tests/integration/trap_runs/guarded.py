"""
The guarded run: the real probes walk into traps, and nothing may arrive.

    python -m tests.integration.trap_runs.guarded ID …

Prints one JSON object per trap: {"trap", "arrived", "outcome", "reason", "detail", "seconds", …}.

What belongs to no trap comes last, as the trap "?".
"""

import asyncio
import hashlib
import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import structlog

from probes import eform, homepage, resilience
from probes.accessibility import probe as accessibility
from probes.chromium.browser import Browser
from probes.evidence import EvidencePolicy
from probes.journeys.journey_file import Journey, load_journeys
from probes.tools import Tools
from testbed.traps.arrivals import UNKNOWN
from testbed.traps.gallery import TRAPS
from testbed.traps.server import TrapServer
from testbed.traps.trap import CODE, Probe, Trap
from tests.integration.trap_runs.network import leave_network
from thuocdo.core.model import Block, Evidence, Job, Mandate, Observation, Target, TargetRole
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

AT_ONCE = 5
WEIGHTS = {Probe.ACCESSIBILITY: 2, Probe.TRIED: 2}
"""An examination takes as much of the machine as so many visits."""

GRACE_SECONDS = 1.5
"""For what a page would send a while after its probe is done; nobody waits for it where nothing is to come."""

resilience.CUT_SECONDS, resilience.AFTER_SECONDS = 2.0, 4.0
_PROBES: Mapping[Probe, tuple[Any, str, float]] = {
    Probe.EFORM: (eform.probe, "eform", 20.0),
    Probe.FOLLOW: (eform.probe, "eform", 15.0),
    Probe.DRAFT: (eform.probe, "eform", 20.0),
    Probe.GENERIC: (eform.probe, "eform", 20.0),
    Probe.RESILIENCE: (resilience.probe, "resilience", 50.0),
    Probe.HOMEPAGE: (homepage.probe, "homepage", 15.0),
    Probe.ACCESSIBILITY: (accessibility.probe, "accessibility", 60.0),
    Probe.TRIED: (accessibility.probe, "accessibility", 60.0),
}
_HOMES = {Probe.HOMEPAGE, Probe.ACCESSIBILITY, Probe.TRIED}
_MANDATE = Mandate(
    id="m", portal_id="p", granted_by="g", document="d", valid_from=date(2020, 1, 1), valid_to=date(2100, 1, 1)
)
_JOURNEYS = {Probe.GENERIC: "generic", Probe.FOLLOW: "follow", Probe.DRAFT: "draft"}


class _Rules:
    """No robots.txt forbids anything."""

    async def allows(self, target: Target) -> bool:
        return bool(target.url)


class _Forgetful:
    """Forgets evidence at once."""

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        digest = hashlib.sha256(content).hexdigest()
        return Evidence(kind=kind, sha256=digest, media_type=media_type, size_bytes=len(content))


def journeys() -> Mapping[str, Journey]:
    """Return the journeys of all kinds of probe."""
    start = {"name": "start", "open": "{url}"}
    about = {"family": "own", "title_vi": "x", "title_en": "x", "entry": "start"}
    about |= {"form": {"minimum_fields": 5, "quiet_seconds": 0.5}}
    onward = [
        {"name": f"by {role}", "follow": {"role": role, "name": ["Tiếp tục"]}, "if_present": True}
        for role in ("button", "link")
    ]
    posts = [f"/t/{one.id}/{path}" for one in TRAPS for path in one.may_post]
    return {
        "own": Journey.model_validate({**about, "steps": [start]}),
        "follow": Journey.model_validate({**about, "steps": [start, *onward]}),
        "draft": Journey.model_validate({**about, "steps": [start], "allowed_posts": posts}),
        "generic": load_journeys(Path(__file__).parents[3] / "scenarios" / "journeys")["generic"],
    }


def job(one: Trap, url: str) -> Job:
    """Return what the probe of a trap is told to do."""
    _, kind, seconds = _PROBES[one.probe]
    target = Target(
        id=f"p.{one.id}",
        role=TargetRole.HOMEPAGE if one.probe in _HOMES else TargetRole.EFORM,
        url=url,
        agency_id="p",
        portal_id="p",
        block=Block.PROVINCE,
        journey=None if one.probe in _HOMES else _JOURNEYS.get(one.probe, "own"),
        procedure_code=CODE,
        mandate=_MANDATE if one.probe in (Probe.DRAFT, Probe.RESILIENCE) else None,
    )
    return Job(
        target=target, kind=kind, vantage_id="v", profile="desktop", scheduled_at=datetime.now(UTC),
        deadline_seconds=seconds, full_evidence=True,
    )  # fmt: skip


def told(one: Trap, server: TrapServer, seen: Observation, seconds: float) -> str:
    """Return what came of one trap, as a line of JSON."""
    row = {
        "trap": one.id,
        "arrived": server.arrivals.of(one.id),
        "outcome": seen.outcome,
        "reason": seen.reason,
        "detail": seen.detail[:200],
        "fields": seen.values.get("fields"),
        "unfinished": seen.attributes.get("unfinished_acts", ""),
        "seconds": round(seconds, 1),
    }
    return json.dumps(row, ensure_ascii=False)


async def main(chosen: list[Trap]) -> None:
    """Let each probe walk into its trap, several at once; say what came once the browser is gone and all has been read."""
    slots, door = asyncio.Semaphore(AT_ONCE), asyncio.Lock()
    seen: dict[str, tuple[Observation, float]] = {}
    async with TrapServer(chosen) as server:
        browser = await Browser.launch(
            BrowserSettings(trusted_keys=server.trusted_keys), hosts=server.hosts, user_agent="ThuocDo"
        )
        unused = cast("Any", None)
        tools = Tools(
            http=unused, robots=cast("Any", _Rules()), browser=browser, evidence=cast("Any", _Forgetful()),
            evidence_policy=EvidencePolicy(1), journeys=journeys(), profiles=PROFILES, user_agent="ThuocDo", versions={},
        )  # fmt: skip

        async def take(one: Trap) -> None:
            weight = WEIGHTS.get(one.probe, 1)
            async with door:  # two that each hold half of what they need would wait for ever
                for _ in range(weight):
                    await slots.acquire()
            try:
                began = time.monotonic()
                observation = await _PROBES[one.probe][0](job(one, server.url(one)), tools)
                seen[one.id] = (observation, time.monotonic() - began)
                await server.arrivals.wait(one.id, GRACE_SECONDS)
            finally:
                for _ in range(weight):
                    slots.release()

        try:
            await asyncio.gather(*map(take, chosen))
        finally:
            await browser.close()
        await server.drained()
        for one in chosen:
            print(told(one, server, *seen[one.id]))
        print(json.dumps({"trap": UNKNOWN, "arrived": server.arrivals.of(UNKNOWN)}))


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    isolated = leave_network()
    known = {one.id: one for one in TRAPS}
    chosen = [known[name] for name in sys.argv[1:]] or list(TRAPS)
    if not isolated:
        chosen = [one for one in chosen if "@udp@" not in one.text]
    asyncio.run(main(chosen))
