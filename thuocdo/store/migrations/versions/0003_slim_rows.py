"""
Measurements in slim rows: what repeats lies once in `facts`, series have numbers, and one index per question.

The only revision so far that rewrites measurements. It runs in one transaction: killed or out of disk, all is as it was.
"""

import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.store.packing import packed
from thuocdo.store.partitions import make_room
from thuocdo.store.rows import Facts, extra_as, in_order, varying_attributes

revision = "0003"
down_revision = "0002"

KEY = ("target_id", "kind", "vantage_id", "profile")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
AT_ONCE = 2_000
BYTES_OF_A_ROW = 300
"""The new form of a row with its indexes, generously; SQLite writes it twice, to its log and to the file."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

log = structlog.get_logger(__name__)


def upgrade() -> None:
    """Make the new tables, fill them, and let the old ones go."""
    connection = op.get_bind()
    _move_aside(connection)
    _create(connection.dialect.name == "postgresql")
    _create_rollups()
    total = connection.execute(sa.text("SELECT count(*) FROM measurements_0002")).scalar() or 0
    if total:
        _refuse_a_full_disk(connection, total)
        _copy(connection, total)
    op.drop_table("measurements_0002")
    op.drop_table("series_0002")


def _move_aside(connection: sa.Connection) -> None:
    op.drop_index("ix_measurements_round_id", "measurements")
    op.drop_index("ix_measurements_agency_id", "measurements")
    op.rename_table("measurements", "measurements_0002")
    op.rename_table("series", "series_0002")
    if connection.dialect.name == "postgresql":
        for name in ("series", "measurements"):
            op.execute(f"ALTER INDEX pk_{name} RENAME TO pk_{name}_0002")
        op.execute("ALTER TABLE measurements_0002 RENAME CONSTRAINT fk_measurements_series TO fk_measurements_0002")


def _create(is_postgresql: bool) -> None:  # noqa: FBT001 - one engine or the other
    number = sa.BigInteger if is_postgresql else sa.Integer
    moment = sa.DateTime(timezone=True) if is_postgresql else sa.BigInteger
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in KEY),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint(*KEY, name="uq_series_key"),
    )
    op.create_table(
        "facts",
        sa.Column("id", number, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("agency_id", sa.String, nullable=False),
        sa.Column("used_at", moment, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_facts"),
        sa.UniqueConstraint("digest", name="uq_facts_digest"),
    )
    op.create_table(
        "agency_series",
        sa.Column("agency_id", sa.String, nullable=False),
        sa.Column("series_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "series_id", name="pk_agency_series"),
    )
    op.create_index("ix_agency_series_series_id", "agency_series", ["series_id"])
    op.create_table(
        "measurements",
        sa.Column("id", number, *([sa.Identity()] if is_postgresql else []), nullable=False),
        sa.Column("series_id", sa.Integer, nullable=False),
        sa.Column("scheduled_at", moment, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("round_id", sa.String),
        sa.Column("facts_id", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("page_kind", sa.String),
        sa.Column("saturated", sa.Boolean, nullable=False),
        sa.Column("numbers", sa.LargeBinary, nullable=False),
        sa.Column("extra", sa.LargeBinary),
        # A partitioned table's key must hold what it is partitioned by.
        sa.PrimaryKeyConstraint(*(("id", "scheduled_at") if is_postgresql else ("id",)), name="pk_measurements"),
        sa.UniqueConstraint("series_id", "scheduled_at", name="uq_measurements_key"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_measurements_series"),
        sqlite_autoincrement=True,
        postgresql_partition_by="RANGE (scheduled_at)",
    )
    op.create_index("ix_measurements_kind", "measurements", ["kind", "scheduled_at"])
    has_round = sa.text("round_id IS NOT NULL")
    op.create_index(
        "ix_measurements_round_id",
        "measurements",
        ["round_id", "scheduled_at"],
        sqlite_where=has_round,
        postgresql_where=has_round,
    )


def _create_rollups() -> None:
    op.create_table(
        "rollups",
        sa.Column("series_id", sa.Integer, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("series_id", "day", name="pk_rollups"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_rollups_series"),
    )
    op.create_index("ix_rollups_day", "rollups", ["day"])
    op.create_table(
        "progress",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_progress"),
    )


def _refuse_a_full_disk(connection: sa.Connection, total: int) -> None:
    """Say at once what would fail after half an hour; a server's disk is not for us to see."""
    file = connection.engine.url.database
    if connection.dialect.name == "postgresql" or file is None:
        return
    free, needed = shutil.disk_usage(Path(file).parent).free, 2 * total * BYTES_OF_A_ROW
    if free < needed:
        raise StoreUnavailableError(
            f"{file}: {total:,} measurements are to be brought to a new form, which takes {needed / 1e9:.1f} GB for a while, and "
            f"{free / 1e9:.1f} GB are free; free space on that disk, what is stored is intact"
        )


def _copy(connection: sa.Connection, total: int) -> None:
    filling = _Filling(connection)
    old = _old()
    stored = connection.execute(
        sa.select(*old.c).order_by(old.c.scheduled_at).execution_options(yield_per=AT_ONCE)
    ).mappings()
    began, is_told = time.monotonic(), False
    while batch := list(islice(stored, AT_ONCE)):
        filling.write(batch)
        if not is_told and total > AT_ONCE:
            is_told = True
            log.warning(
                "the measurements are brought to a new form, once; until that is done nothing else is stored here, and agents "
                "keep what they measure",
                measurements=total,
                expected_minutes=round((time.monotonic() - began) * total / len(batch) / 60, 1),
            )
    filling.end()
    if is_told:
        log.warning("the measurements have their new form", minutes=round((time.monotonic() - began) / 60, 1))


def _old() -> sa.TableClause:
    json = ("values", "attributes", "conditions", "findings", "tested", "not_testable", "evidence")
    texts = ("agency_id", "round_id", "outcome", "reason", "page_kind", "detail")
    return sa.table(
        "measurements_0002",
        *(sa.column(name, sa.String) for name in (*KEY, *texts)),
        *(sa.column(name, sa.DateTime(timezone=True)) for name in ("scheduled_at", "started_at")),
        sa.column("duration_seconds", sa.Double),
        sa.column("saturated", sa.Boolean),
        *(sa.column(name, JSON) for name in json),
    )


class _Filling:
    """Fills the new tables; what they must know of facts is kept in memory, a few bytes of each."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._is_postgresql = connection.dialect.name == "postgresql"
        self._new = _table(
            *("measurements", "series_id", "scheduled_at", "kind", "round_id", "facts_id", "outcome", "reason"),
            *("page_kind", "saturated", "numbers", "extra"),
        )
        self._facts = _table("facts", "id", "digest", "agency_id", "used_at", "body")
        self._known: dict[bytes, int] = {}
        self._used_at: dict[int, datetime] = {}
        self._agencies: set[tuple[str, int]] = set()
        series = _table("series", "id", *KEY)
        keys: Any = sa.select(*(sa.column(name) for name in KEY)).select_from(sa.table("series_0002"))
        connection.execute(series.insert().from_select(list(KEY), keys.order_by(*(sa.column(name) for name in KEY))))
        rows = connection.execute(sa.select(series.c.id, *(series.c[name] for name in KEY)))
        self._series = {tuple(key): number for number, *key in rows}

    def write(self, batch: Sequence[Any]) -> None:
        """Write rows of the old form."""
        parts = [_parts(row) for row in batch]
        make_room(self._connection, (row["scheduled_at"] for _, row in parts))
        rows, new_facts = [], []
        for old, (facts, row) in zip(batch, parts, strict=True):
            at = row["scheduled_at"]
            series_id = self._series[tuple(old[name] for name in KEY)]
            body = facts.to_json()
            digest = sha256(body.encode()).digest()
            facts_id = self._known.get(digest)
            if facts_id is None:
                facts_id = self._known[digest] = len(self._known) + 1
                about = {"id": facts_id, "digest": digest, "agency_id": facts.agency_id, "body": body}
                new_facts.append({**about, "used_at": self._moment(at)})
            self._used_at[facts_id] = at
            self._agencies.add((facts.agency_id, series_id))
            rows.append({**row, "series_id": series_id, "facts_id": facts_id, "scheduled_at": self._moment(at)})
        if new_facts:
            self._connection.execute(self._facts.insert(), new_facts)
        self._connection.execute(self._new.insert(), rows)

    def end(self) -> None:
        """Write what is known only now."""
        marks = [{"number": number, "at": self._moment(at)} for number, at in self._used_at.items()]
        mark = sa.update(self._facts).where(self._facts.c.id == sa.bindparam("number"))
        self._connection.execute(mark.values(used_at=sa.bindparam("at")), marks)
        pairs = [{"agency_id": agency, "series_id": number} for agency, number in sorted(self._agencies)]
        self._connection.execute(_table("agency_series", "agency_id", "series_id").insert(), pairs)
        if self._is_postgresql:
            self._connection.execute(
                sa.text("SELECT setval(pg_get_serial_sequence('facts', 'id'), :last)"), {"last": len(self._known)}
            )

    def _moment(self, at: datetime) -> datetime | int:
        return at if self._is_postgresql else (at - _EPOCH) // _MICROSECOND


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


def _parts(row: Any) -> tuple[Facts, dict[str, Any]]:
    varying = varying_attributes(row["kind"])
    conditions, values, attributes = row["conditions"], row["values"], row["attributes"]
    names = in_order(row["kind"], values)
    scheduled_at, started_at = _aware(row["scheduled_at"]), _aware(row["started_at"])
    facts = Facts(
        agency_id=row["agency_id"],
        values=names,
        attributes={name: text for name, text in attributes.items() if name not in varying},
        versions=conditions.get("versions", {}),
        tested=tuple(row["tested"]),
        not_testable=tuple(row["not_testable"]),
    )
    circumstances = (
        (started_at - scheduled_at) // _MICROSECOND,
        row["duration_seconds"],
        conditions.get("loop_lag_seconds", 0.0),
        conditions.get("cpu_pressure_ratio", 0.0),
        conditions.get("in_flight", 1),
        conditions.get("lateness_seconds", 0.0),
    )
    told = {
        "detail": row["detail"],
        "attributes": {name: attributes[name] for name in varying if name in attributes},
        "findings": row["findings"],
        "evidence": row["evidence"],
    }
    return facts, {
        "scheduled_at": scheduled_at,
        "kind": row["kind"],
        "round_id": row["round_id"],
        "outcome": row["outcome"],
        "reason": row["reason"],
        "page_kind": row["page_kind"],
        "saturated": row["saturated"],
        "numbers": packed((*(values[name] for name in names), *circumstances)),
        "extra": extra_as({name: part for name, part in told.items() if part}),
    }


def _aware(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
