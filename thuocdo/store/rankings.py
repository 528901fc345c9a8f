"""Rankings as they were computed: what each is of in columns, the ranking itself as bytes that the store does not look into."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from thuocdo.store.database import Database
from thuocdo.store.schema import RANKING_KEY, rankings

_LAST_DAYS = ""  # a key holds no NULL, and no round has an empty id
_HEAD = (*RANKING_KEY, "computed_at", "first_at", "last_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingHead:
    """
    What a stored ranking is of.

    round_id: None = the last days. criteria_digest, registry_digest: SHA-256 of the criteria set and of what the registry held on
    the day. computed_at: instant of the ranking. first_at, last_at: scheduled instants of the first and last measurement in it,
    None where there is none.
    """

    round_id: str | None
    criteria_set_id: str
    criteria_digest: str
    registry_digest: str
    method_version: str
    computed_at: datetime
    first_at: datetime | None
    last_at: datetime | None


class Rankings:
    """The rankings of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, head: RankingHead, body: bytes) -> None:
        """
        Store a ranking in place of an earlier one of the same round, criteria set, registry and method.

        Rankings of a round by another registry, criteria set's content or method stay beside it; of the last days there is one
        for each criteria set, the newest.
        """
        row = _row_of(head) | {"body": body}
        with self._database.transaction(f"the ranking by '{head.criteria_set_id}' cannot be written") as connection:
            if head.round_id is None:
                connection.execute(
                    delete(rankings).where(
                        rankings.c.round_id == _LAST_DAYS, rankings.c.criteria_set_id == head.criteria_set_id
                    )
                )
            connection.execute(self._database.insert_or_replace(rankings), row)

    def all(self) -> list[RankingHead]:
        """Return what is stored, newest first."""
        return self._heads(select(*_columns()))

    def of(self, criteria_set_id: str, round_id: str | None) -> list[RankingHead]:
        """Return what is stored by one criteria set of one round, or of the last days (None), newest first."""
        return self._heads(
            select(*_columns()).where(
                rankings.c.round_id == (round_id or _LAST_DAYS), rankings.c.criteria_set_id == criteria_set_id
            )
        )

    def body(self, head: RankingHead) -> bytes | None:
        """Return the ranking itself; None where it is no longer there, or was computed anew since."""
        row = _row_of(head)
        of_head = [rankings.c[name] == row[name] for name in (*RANKING_KEY, "computed_at")]
        found = self._database.rows(select(rankings.c.body).where(*of_head))
        return bytes(found[0]["body"]) if found else None

    def _heads(self, statement: Any) -> list[RankingHead]:
        ordered = statement.order_by(rankings.c.computed_at.desc(), *(rankings.c[name] for name in RANKING_KEY))
        return [
            RankingHead(**row | {"round_id": row["round_id"] or None})
            for row in map(dict, self._database.rows(ordered))
        ]


def _columns() -> list[Any]:
    return [rankings.c[name] for name in _HEAD]


def _row_of(head: RankingHead) -> dict[str, Any]:
    return asdict(head) | {"round_id": head.round_id or _LAST_DAYS}
