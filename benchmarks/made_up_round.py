"""
A round of made-up figures, written into a store as agents would: for benchmarks and tests of what is made of a round.

Names are real, so that texts are as long as they are; no figure is. Among the agencies are some that fail, hide behind a
firewall, show a notice, or were never visited in a browser, and one whose name a spreadsheet would take for a formula.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from thuocdo.core.config import bundled
from thuocdo.core.model import (
    Agency,
    Block,
    Conditions,
    Measurement,
    MeasurementKey,
    Observation,
    PageKind,
    Portal,
    Procedure,
    Reason,
    Round,
    Target,
    TargetRole,
)
from thuocdo.core.portals import Registry, load_registry
from thuocdo.publication.content import RoundContent
from thuocdo.publication.issuing import load_issuing_body
from thuocdo.publication.reading import read_content
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.ranking import build_ranking
from thuocdo.store import Store

BEGAN = datetime(2026, 10, 4, 17, 0, tzinfo=UTC)
"""Midnight in Hanoi."""

PROCEDURE = Procedure(code="1.001193", name_vi="Đăng ký khai sinh", name_en="Birth registration")
PROFILES = ("desktop", "mobile")
BLOCK_HOURS = (0, 6, 8, 10, 12, 14, 16, 18, 20)
HOSTILE_NAME = '=HYPERLINK("https://example.invalid";"Bộ Mẫu")'


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUpRound:
    """How large a round is. agencies: of each of the two blocks, at least 7; days: of nine blocks of two hours."""

    agencies: int = 34
    days: int = 7
    seed: int = 1


def made_up_content(store: Store, size: MadeUpRound) -> RoundContent:
    """Write a round into an empty store, rank it, and return what a package of it is made of."""
    registry = made_up_registry(size.agencies)
    round_ = Round(
        id="20261005T000000-gialap",
        label="Đợt giả lập tháng 10/2026",
        started_at=BEGAN,
        ended_at=BEGAN + timedelta(days=size.days),
        settings={"runs": json.dumps({}), "criteria_set": "survey-2023", "plan": "2"},
    )
    store.rounds.begin(round_)
    batch: list[Measurement] = []
    for one in _measurements(registry, round_, size):
        batch.append(one)
        if len(batch) == 5_000:
            store.measurements.write(batch)
            batch = []
    store.measurements.write(batch)
    assert round_.ended_at is not None
    store.rounds.end(round_.id, round_.ended_at)
    criteria = load_criteria_set(bundled("criteria"), "survey-2023")
    ranking = build_ranking(store, registry, criteria, now=round_.ended_at, round_id=round_.id)
    issuer = load_issuing_body(bundled("issuing"), "co-quan-mau")
    return read_content(store, round_, ranking, registry, issuer=issuer, synthetic=True)


def made_up_registry(number: int) -> Registry:
    """Return so many ministries and provinces, each with a home page and one eForm."""
    shipped = load_registry(bundled("portals"), at=BEGAN.date()).agencies.values()
    agencies: dict[str, Agency] = {}
    for block in (Block.MINISTRY, Block.PROVINCE):
        known = [one for one in shipped if one.block is block][:number]
        more = [
            Agency(id=f"{block.value}-mau-{n}", block=block, name_vi=f"Cơ quan mẫu số {n}", name_en=f"Sample body {n}")
            for n in range(1, number - len(known) + 1)
        ]
        agencies.update({one.id: one for one in [*known, *more]})
    odd = next(iter(agencies))
    agencies[odd] = Agency(id=odd, block=Block.MINISTRY, name_vi=HOSTILE_NAME, name_en="Sample ministry")
    portals = {
        name: Portal(id=name, agency_id=name, homepage_url=f"https://{name}.example/", confirmed=True)
        for name in agencies
    }
    targets = {}
    for name, agency in agencies.items():
        for role, code in ((TargetRole.HOMEPAGE, None), (TargetRole.EFORM, PROCEDURE.code)):
            target = Target(
                id=f"{name}.{role.value}",
                role=role,
                url=f"https://{name}.example/",
                agency_id=name,
                portal_id=name,
                block=agency.block,
                procedure_code=code,
            )
            targets[target.id] = target
    return Registry(
        agencies=agencies, portals=portals, procedures={PROCEDURE.code: PROCEDURE}, targets=targets, digest="0" * 64
    )


def _measurements(registry: Registry, round_: Round, size: MadeUpRound) -> Iterator[Measurement]:
    chance = Random(size.seed)
    instants = [BEGAN + timedelta(days=day, hours=hour, minutes=7) for day in range(size.days) for hour in BLOCK_HOURS]
    shared = {at: chance.gauss(0, 0.1) for at in instants}
    order: dict[Block, int] = {}
    for agency in registry.agencies.values():
        order[agency.block] = number = order.get(agency.block, -1) + 1
        own = chance.lognormvariate(0.4, 0.7)
        for at in instants:
            for profile in PROFILES:
                seconds = own * (1.6 if profile == "mobile" else 1.0) * 2.718 ** (shared[at] + chance.gauss(0, 0.12))
                yield from _visit(agency, number, round_, at, profile, seconds, chance)
            yield _taken(agency, round_, at, "http", "homepage", "desktop", *_answer(number, chance, own / 4))
        for at in instants[:: max(len(instants) // 6, 1)]:
            yield _form(agency, number, round_, at, own * 1.7 * chance.lognormvariate(0, 0.1))
            values = {"score": round(60 + 39 * chance.random(), 1)}
            if number != 3:
                yield _taken(agency, round_, at, "accessibility", "homepage", "desktop", None, values)


def _visit(
    agency: Agency, number: int, round_: Round, at: datetime, profile: str, seconds: float, chance: Random
) -> Iterator[Measurement]:
    """Yield a visit of the home page: none of the third agency; the fourth is behind a firewall, the fifth shows a notice."""
    if number == 2:
        return
    reason = Reason.BLOCKED if number == 3 else Reason.TIMEOUT if chance.random() < 0.02 * (number % 4) else None
    values = {"load_seconds": seconds, "lcp_seconds": seconds * 0.8, "ttfb_seconds": seconds * 0.2}
    kind = PageKind.NOTICE if number == 4 else PageKind.PORTAL
    yield _taken(agency, round_, at, "homepage", "homepage", profile, reason, values, kind)


def _answer(number: int, chance: Random, seconds: float) -> tuple[Reason | None, dict[str, float]]:
    if number == 5 and chance.random() < 0.3:
        return Reason.HTTP_ERROR, {}
    return None, {"total_seconds": seconds * chance.lognormvariate(0, 0.1)}


def _form(agency: Agency, number: int, round_: Round, at: datetime, seconds: float) -> Measurement:
    reason = Reason.CAPTCHA if number == 6 else None
    return _taken(agency, round_, at, "eform", "eform", "desktop", reason, {"ready_seconds": seconds})


def _taken(
    agency: Agency,
    round_: Round,
    at: datetime,
    kind: str,
    role: str,
    profile: str,
    reason: Reason | None,
    values: dict[str, float],
    page_kind: PageKind | None = None,
) -> Measurement:
    key = MeasurementKey(
        target_id=f"{agency.id}.{role}", kind=kind, vantage_id="ha-noi-1", profile=profile, scheduled_at=at
    )
    seen = Observation.ended(
        reason,
        page_kind=None if reason else page_kind,
        values={} if reason else {k: float(v) for k, v in values.items()},
    )
    return Measurement(
        key=key,
        agency_id=agency.id,
        started_at=at,
        duration_seconds=2.0,
        observation=seen,
        conditions=Conditions(),
        round_id=round_.id,
    )
