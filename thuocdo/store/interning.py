"""
Gives series and facts their numbers, within the transaction that writes what names them.

Nothing is remembered from one transaction to the next: a file may be put back from a copy, a server from a dump, and a number
that was right before would then name something else.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select, update

from thuocdo.core.errors import StoreError
from thuocdo.core.vantages import is_control
from thuocdo.store.rows import Facts, facts_in
from thuocdo.store.schema import SERIES_KEY, agency_series, facts, series

REFRESHED_AFTER = timedelta(days=1)
"""How old the mark of the last writing with some facts may be; retention lets go of those that nobody wrote with for long."""

MOST_AT_ONCE = 400
"""Parameters of one statement."""

SeriesKey = tuple[str, ...]


def series_numbers(connection: Connection, insert_new: Any, keys: Iterable[SeriesKey]) -> dict[SeriesKey, int]:
    """Return the number of every series, new ones included; insert_new: a statement for the table of series."""
    wanted = sorted(set(keys))
    found = _known_series(connection, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        _refuse_mixture(connection, missing)
        connection.execute(insert_new, [dict(zip(SERIES_KEY, key, strict=True)) for key in missing])
        found |= _known_series(connection, missing)
    return found


def _refuse_mixture(connection: Connection, keys: Iterable[SeriesKey]) -> None:
    """
    Refuse measurements of a control beside those of others: a store that holds none cannot count any by mistake.

    So no ranking, incident, page or seal needs to leave them out, and none can forget to.
    """
    place = SERIES_KEY.index("vantage_id")
    vantages = {key[place] for key in keys} | set(connection.execute(select(series.c.vantage_id).limit(1)).scalars())
    if len({is_control(one) for one in vantages}) > 1:
        controls = ", ".join(sorted(filter(is_control, vantages)))
        raise StoreError(
            f"measurements of a control ({controls}) never lie in one store with those of others; give the control a data_dir "
            "and a store_url of its own"
        )


def _known_series(connection: Connection, keys: Sequence[SeriesKey]) -> dict[SeriesKey, int]:
    wanted = set(keys)
    targets = sorted({key[0] for key in keys})
    statement = select(series.c.id, *(series.c[name] for name in SERIES_KEY))
    rows = (
        row
        for some in pieces(targets)
        for row in connection.execute(statement.where(series.c.target_id.in_(some))).all()
    )
    return {tuple(key): number for number, *key in rows if tuple(key) in wanted}


def facts_numbers(connection: Connection, insert_new: Any, texts: Mapping[str, Facts], at: datetime) -> dict[str, int]:
    """
    Return the number of all facts by their text, new ones included.

    Args:
        connection: in a transaction.
        insert_new: a statement for the table of facts.
        texts: what they say, by their text.
        at: the newest instant of a measurement that is written with them.
    """
    digests = {sha256(text.encode()).digest(): text for text in texts}
    found, stale = _known_facts(connection, sorted(digests), at)
    missing = [digest for digest in sorted(digests) if digest not in found]
    if missing:
        rows = [
            {
                "digest": digest,
                "agency_id": texts[digests[digest]].agency_id,
                "used_at": at,
                "body": digests[digest],
            }
            for digest in missing
        ]
        connection.execute(insert_new, rows)
        found |= _known_facts(connection, missing, at)[0]
    for some in pieces(stale):
        connection.execute(update(facts).where(facts.c.id.in_(some)).values(used_at=at))
    return {digests[digest]: number for digest, number in found.items()}


def _known_facts(connection: Connection, digests: Sequence[bytes], at: datetime) -> tuple[dict[bytes, int], list[int]]:
    """Return the numbers of the facts that are there, and those whose mark is old."""
    statement = select(facts.c.digest, facts.c.id, facts.c.used_at)
    rows = [
        row for some in pieces(digests) for row in connection.execute(statement.where(facts.c.digest.in_(some))).all()
    ]
    stale = [number for _, number, used_at in rows if at - used_at > REFRESHED_AFTER]
    return {bytes(digest): number for digest, number, _ in rows}, stale


def note_agencies(connection: Connection, insert_new: Any, pairs: Iterable[tuple[str, int]]) -> None:
    """Store which agencies series have measurements of; pairs: agency, number of the series."""
    wanted = set(pairs)
    known = select(agency_series.c.agency_id, agency_series.c.series_id)
    for some in pieces(sorted({number for _, number in wanted})):  # asked for first: there is mostly nothing to insert
        wanted.difference_update(
            (agency_id, number)
            for agency_id, number in connection.execute(known.where(agency_series.c.series_id.in_(some)))
        )
    if wanted:
        connection.execute(
            insert_new, [dict(zip(("agency_id", "series_id"), pair, strict=True)) for pair in sorted(wanted)]
        )


def facts_of(connection: Connection, numbers: Iterable[int]) -> dict[int, Facts]:
    """Return facts by their number; raises as Facts.from_json, and KeyError where some are gone."""
    wanted = sorted(set(numbers))
    rows = [
        row
        for some in pieces(wanted)
        for row in connection.execute(select(facts.c.id, facts.c.body).where(facts.c.id.in_(some))).all()
    ]
    found = {number: facts_in(body) for number, body in rows}
    if len(found) != len(wanted):
        raise KeyError(f"facts {next(number for number in wanted if number not in found)} are gone")
    return found


def pieces(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Return items in pieces, each few enough for one statement."""
    return (items[start : start + MOST_AT_ONCE] for start in range(0, len(items), MOST_AT_ONCE))
