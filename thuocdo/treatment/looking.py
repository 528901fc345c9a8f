"""Looks through a store, and at what a control brought, and keeps what a person should look at."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from thuocdo.core.clock import hanoi_day
from thuocdo.core.model import Round, TreatmentFinding
from thuocdo.core.portals import Registry
from thuocdo.store import MeasurementQuery, Store
from thuocdo.treatment.in_round import AFTER, BEFORE, InRound, can_be_told, findings_of_round
from thuocdo.treatment.pairs import PairFinding, findings_of_pairs, pairs_of
from thuocdo.treatment.visits import BLOCKS, KIND, PageVisit, is_compared, visit_of

MOST_PICTURES = 6


def look_at_rounds(store: Store, registry: Registry, rounds: Iterable[Round], now: datetime) -> list[TreatmentFinding]:
    """
    Return what became of pages in some rounds that have ended.

    Raises:
        StoreError: the store cannot be read.
    """
    found = []
    for one in rounds:
        if one.ended_at is None:
            continue
        since, until = one.started_at - BEFORE - timedelta(days=1), min(one.ended_at + AFTER + timedelta(days=1), now)
        for target_id in _compared(registry):
            visits = list(_visits(store, target_id, since, until))
            told = findings_of_round(visits, one.started_at, one.ended_at)
            found += [_of_round(each, registry, one, now) for each in told]
    return found


def look_at_controls(
    store: Store, registry: Registry, controls: Sequence[PageVisit], now: datetime
) -> list[TreatmentFinding]:
    """
    Return what differs between our visits and those of a control.

    Raises:
        StoreError: the store cannot be read.
    """
    known = set(_compared(registry))
    mine = [one for one in controls if one.target_id in known]
    if not mine:
        return []
    since = min(one.at for one in mine) - timedelta(hours=1)
    until = max(one.at for one in mine) + timedelta(hours=1)
    ours = [visit for name in sorted({one.target_id for one in mine}) for visit in _visits(store, name, since, until)]
    occasion = f"{hanoi_day(since):%Y-%m-%d}..{hanoi_day(until):%Y-%m-%d}"
    return [_of_pairs(one, registry, occasion, now) for one in findings_of_pairs(pairs_of(ours, mine))]


def due_rounds(rounds: Iterable[Round], today: date) -> list[Round]:
    """Return planned rounds that ended so long ago that it can be told whether pages went back, and not much longer."""
    return [one for one in rounds if one.is_planned and one.ended_at is not None and can_be_told(one.ended_at, today)]


def _compared(registry: Registry) -> list[str]:
    return [one.id for one in registry.targets.values() if one.block in BLOCKS and one.probed]


def _visits(store: Store, target_id: str, since: datetime, until: datetime) -> Iterator[PageVisit]:
    query = MeasurementQuery(target_id=target_id, kind=KIND, since=since, until=until)
    return (visit_of(one) for one in store.measurements.find(query) if is_compared(one))


def _of_round(told: InRound, registry: Registry, one: Round, now: datetime) -> TreatmentFinding:
    return TreatmentFinding(
        target_id=told.target_id,
        agency_id=registry.targets[told.target_id].agency_id,
        cause=told.cause,
        occasion=one.id,
        first_at=told.visits[0].at if told.visits else one.started_at,
        last_at=told.visits[-1].at if told.visits else now,
        numbers=told.numbers,
        found_at=now,
        evidence=_pictures(told.visits),
    )


def _of_pairs(told: PairFinding, registry: Registry, occasion: str, now: datetime) -> TreatmentFinding:
    visits = [visit for pair in told.pairs for visit in (pair.ours, pair.control)]
    return TreatmentFinding(
        target_id=told.target_id,
        agency_id=registry.targets[told.target_id].agency_id,
        cause=told.cause,
        occasion=occasion,
        first_at=min(one.at for one in visits),
        last_at=max(one.at for one in visits),
        numbers=told.numbers,
        found_at=now,
        evidence=_pictures(visits),
    )


def _pictures(visits: Iterable[PageVisit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.picture for one in visits if one.picture))[:MOST_PICTURES]
