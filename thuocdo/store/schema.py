"""
The tables. Changing one needs a revision in migrations/versions, a new SCHEMA_REVISION and a changelog entry.

`series` holds every (target, kind, vantage point, profile) that was ever measured, so that the latest measurement of each is
found by one index search per series, however many measurements there are.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import JSON, DateTime, TypeDecorator

SCHEMA_REVISION = "0002"
"""The newest revision this program knows; a test holds it equal to Alembic's head."""


class Instant(TypeDecorator[datetime]):
    """
    An aware UTC instant with microseconds.

    PostgreSQL keeps timestamptz; SQLite keeps ISO text of fixed width in UTC, which sorts as time does.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into what the engine keeps; a naive one is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"store: instant {value} has no time zone; give an aware datetime")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return what the engine kept as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _json(name: str) -> Column[Any]:
    return Column(name, JSON().with_variant(JSONB(), "postgresql"), nullable=False)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

SERIES_KEY = ("target_id", "kind", "vantage_id", "profile")
MEASUREMENT_KEY = (*SERIES_KEY, "scheduled_at")

series = Table("series", metadata, *(Column(name, String, primary_key=True) for name in SERIES_KEY))

measurements = Table(
    "measurements",
    metadata,
    Column("target_id", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("vantage_id", String, primary_key=True),
    Column("profile", String, primary_key=True),
    Column("scheduled_at", Instant, primary_key=True),
    Column("agency_id", String, nullable=False),
    # Not a foreign key: a measurement is never refused because the news of its round came late.
    Column("round_id", String),
    Column("started_at", Instant, nullable=False),
    Column("duration_seconds", Double, nullable=False),
    Column("outcome", String, nullable=False),
    Column("reason", String),
    Column("page_kind", String),
    Column("detail", Text, nullable=False),
    Column("saturated", Boolean, nullable=False),
    _json("values"),
    _json("attributes"),
    _json("conditions"),
    _json("findings"),
    _json("tested"),
    _json("not_testable"),
    _json("evidence"),
    ForeignKeyConstraint(SERIES_KEY, [f"series.{name}" for name in SERIES_KEY]),
)
Index("ix_measurements_scheduled_at", measurements.c.scheduled_at)
Index("ix_measurements_agency_id", measurements.c.agency_id, measurements.c.scheduled_at)
Index(
    "ix_measurements_round_id",
    measurements.c.round_id,
    measurements.c.scheduled_at,
    sqlite_where=text("round_id IS NOT NULL"),
    postgresql_where=text("round_id IS NOT NULL"),
)

rounds = Table(
    "rounds",
    metadata,
    Column("id", String, primary_key=True),
    Column("label", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("planned", BigInteger, nullable=False),
    _json("settings"),
)

agent_states = Table(
    "agent_states",
    metadata,
    Column("vantage_id", String, primary_key=True),
    Column("agent", String, primary_key=True),
    Column("seen_at", Instant, nullable=False),
    Column("pid", Integer, nullable=False),
    _json("state"),
)

assessments = Table(
    "assessments",
    metadata,
    Column("agency_id", String, primary_key=True),
    Column("criteria_set_id", String, primary_key=True),
    Column("criterion_id", String, primary_key=True),
    Column("entered_at", Instant, primary_key=True),
    Column("points", Double, nullable=False),
    Column("entered_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("evidence_sha256", String, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", String, primary_key=True),
    Column("scope", String, nullable=False),
    Column("subject_id", String, nullable=False),
    Column("agency_id", String, nullable=False),
    Column("state", String, nullable=False),
    Column("worst", String, nullable=False),
    Column("reason", String),
    Column("detail", Text, nullable=False),
    Column("started_at", Instant, nullable=False, index=True),
    Column("confirmed_at", Instant, nullable=False),
    Column("ended_at", Instant, index=True),
    _json("target_ids"),
    _json("measurements"),
    _json("evidence"),
)

incident_changes = Table(
    "incident_changes",
    metadata,
    Column("incident_id", String, ForeignKey(incidents.c.id), primary_key=True),
    Column("changed_at", Instant, primary_key=True),
    Column("state", String, primary_key=True),
    Column("reason", String),
    Column("detail", Text, nullable=False),
)

hour_tallies = Table(
    "hour_tallies",
    metadata,
    Column("target_id", String, primary_key=True),
    Column("vantage_id", String, primary_key=True),
    Column("hour", Instant, primary_key=True, index=True),
    Column("ok", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("inconclusive", Integer, nullable=False),
    Column("excluded", Integer, nullable=False),
)

# One row. memory: what judging must remember of what came before memory_at, so that it goes on after a restart.
judgement = Table(
    "judgement",
    metadata,
    Column("name", String, primary_key=True),
    Column("judged_at", Instant, nullable=False),
    Column("memory_at", Instant),
    Column("memory", JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")),
)
