"""
The tables. Changing one needs a revision in migrations/versions, a new SCHEMA_REVISION and a changelog entry.

`series` holds every (target, kind, vantage point, profile) that was ever measured: its number stands in every measurement in
place of four texts, and the latest measurement of each is found by one search in an index, however many measurements there are.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import JSON, DateTime, TypeDecorator, TypeEngine

SCHEMA_REVISION = "0016"
"""The newest revision this program knows; a test holds it equal to Alembic's head."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


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


class Moment(TypeDecorator[datetime]):
    """
    An aware UTC instant with microseconds, for tables of many rows.

    PostgreSQL keeps timestamptz; SQLite keeps the microseconds since 1970, a third of the size of text.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return what the engine keeps."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Turn an aware instant into what the engine keeps; a naive one is a programming error."""
        if value is None:
            return None
        microseconds = microseconds_of(value)
        return microseconds if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return what the engine kept as aware UTC."""
        if value is None:
            return None
        return instant_of(value) if isinstance(value, int) else value.astimezone(UTC)


def microseconds_of(instant: datetime) -> int:
    """Return the microseconds since 1970 of an aware instant; raises ValueError for a naive one, a programming error."""
    if instant.tzinfo is None:
        raise ValueError(f"store: instant {instant} has no time zone; give an aware datetime")
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(microseconds: int) -> datetime:
    """Return the instant in UTC that lies so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def json_column(name: str) -> Column[Any]:
    """Return a column of JSON that is always there."""
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

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""Of a row: SQLite counts by itself in a column of this very type alone."""

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    *(Column(name, String, nullable=False) for name in SERIES_KEY),
    UniqueConstraint(*SERIES_KEY, name="uq_series_key"),
)

# What many measurements have in common, stored once; digest: SHA-256 of the body. used_at: written with it (again) on this day.
facts = Table(
    "facts",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("agency_id", String, nullable=False),
    Column("used_at", Moment, nullable=False),
    Column("body", Text, nullable=False),
)

# Which agency a series has measurements of: one, unless its portal passed on to another.
agency_series = Table(
    "agency_series",
    metadata,
    Column("agency_id", String, primary_key=True),
    Column("series_id", Integer, primary_key=True, index=True),
)

# id: in the order of arrival, see `Measurements.arrived`. round_id is no foreign key: a measurement is never refused because the
# news of its round came late; facts_id neither: facts are let go in bulk, once nothing names them.
# numbers: see packing.py; extra: what few measurements have, see rows.py.
measurements = Table(
    "measurements",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("series_id", Integer, ForeignKey(series.c.id), nullable=False),
    Column("scheduled_at", Moment, nullable=False),
    Column("kind", String, nullable=False),
    Column("round_id", String),
    Column("facts_id", BigInteger, nullable=False),
    Column("outcome", String, nullable=False),
    Column("reason", String),
    Column("page_kind", String),
    Column("saturated", Boolean, nullable=False),
    Column("numbers", LargeBinary, nullable=False),
    Column("extra", LargeBinary),
    UniqueConstraint("series_id", "scheduled_at", name="uq_measurements_key"),
    sqlite_autoincrement=True,
    postgresql_partition_by="RANGE (scheduled_at)",
)
Index("ix_measurements_kind", measurements.c.kind, measurements.c.scheduled_at)
Index(
    "ix_measurements_round_id",
    measurements.c.round_id,
    measurements.c.scheduled_at,
    sqlite_where=text("round_id IS NOT NULL"),
    postgresql_where=text("round_id IS NOT NULL"),
)

# What the measurements of a series and day (in Hanoi, counted from 1970) amount to; body: see rollup_body.py. It outlives them.
rollups = Table(
    "rollups",
    metadata,
    Column("series_id", Integer, ForeignKey(series.c.id), primary_key=True),
    Column("day", Integer, primary_key=True, index=True),
    Column("body", LargeBinary, nullable=False),
)

# How far a work has come that goes through the measurements as they arrive; number: the last id that it took.
progress = Table(
    "progress",
    metadata,
    Column("name", String, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
)

rounds = Table(
    "rounds",
    metadata,
    Column("id", String, primary_key=True),
    Column("label", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("planned", BigInteger, nullable=False),
    json_column("settings"),
    Column("published_at", Instant),
    Column("published_by", Text, nullable=False, server_default=""),
    # Hexadecimal; nobody is shown it before the round is sealed.
    Column("seed", Text, nullable=False, server_default=""),
    Index("ux_rounds_label", "label", unique=True),
)

# body: compressed. What registry, criteria, schedule and plan held when the round began.
round_files = Table(
    "round_files",
    metadata,
    Column("round_id", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

agent_states = Table(
    "agent_states",
    metadata,
    Column("vantage_id", String, primary_key=True),
    Column("agent", String, primary_key=True),
    Column("seen_at", Instant, nullable=False),
    Column("pid", Integer, nullable=False),
    json_column("state"),
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
    Column("round_id", String),
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
    json_column("target_ids"),
    json_column("measurements"),
    json_column("evidence"),
    json_column("parts"),
    Index("ix_incidents_agency_id_started_at", "agency_id", "started_at"),
    Index("ix_incidents_agency_id_ended_at", "agency_id", "ended_at"),
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

# A table of its own: the judge writes incidents anew whenever it judges them again. A renamed incident takes these with it.
incident_acknowledgements = Table(
    "incident_acknowledgements",
    metadata,
    Column("incident_id", String, ForeignKey(incidents.c.id, onupdate="CASCADE"), primary_key=True),
    Column("acknowledged_at", Instant, primary_key=True),
    Column("acknowledged_by", Text, nullable=False),
    Column("note", Text, nullable=False),
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
    Column("missed", Integer, nullable=False, server_default="0"),
)

missed_starts = Table(
    "missed_starts",
    metadata,
    *(Column(name, String, primary_key=True) for name in SERIES_KEY),
    Column("hour", Instant, primary_key=True, index=True),
    # Each process counts its own up: a row of a process that has died never changes again.
    Column("counted_by", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    Column("missed", Integer, nullable=False),
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

# day: ISO, in Hanoi. checkpoint: canonical JSON, as it was signed; signature: text of a file of minisign.
round_checkpoints = Table(
    "round_checkpoints",
    metadata,
    *(Column(name, String, primary_key=True) for name in ("round_id", "agent", "day")),
    *(Column(name, Text, nullable=False) for name in ("checkpoint", "signature")),
)

# matter: such as period:2026-11. subject_id: the agency that a letter is about, empty = all.
sent_letters = Table(
    "sent_letters",
    metadata,
    *(Column(name, String, primary_key=True) for name in ("matter", "subject_id", "address")),
    Column("sent_at", Instant, nullable=False),
)

RANKING_KEY = ("round_id", "criteria_set_id", "criteria_digest", "registry_digest", "method_version")

# round_id: empty = of the last days. body: of thuocdo.score.kept.
rankings = Table(
    "rankings",
    metadata,
    *(Column(name, String, primary_key=True) for name in RANKING_KEY),
    Column("computed_at", Instant, nullable=False),
    Column("first_at", Instant),
    Column("last_at", Instant),
    Column("body", LargeBinary, nullable=False),
)

# What was done with rounds that were measured; only grows (guards.py). number: without a gap. previous, hash: the chain.
round_log = Table(
    "round_log",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("round_id", String, nullable=False, index=True),
    Column("step", String, nullable=False),
    Column("by", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("digest", String, nullable=False),
    Column("signature", Text, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
)

objections = Table(
    "objections",
    metadata,
    Column("round_id", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("agency_id", String, nullable=False),
    Column("target_id", String),
    Column("claim", Text, nullable=False),
    json_column("evidence"),
    Column("received_at", Instant, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("ruling", String),
    Column("ruling_reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Instant),
    Column("leaves_out", Boolean, nullable=False),
    json_column("retests"),
)

# Every ranking of a round that was a draft, or followed from an objection; only grows. digest: SHA-256 of the body.
ranking_versions = Table(
    "ranking_versions",
    metadata,
    Column("round_id", String, primary_key=True),
    Column("criteria_set_id", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("computed_at", Instant, nullable=False),
    Column("cause", Text, nullable=False),
    Column("registry_digest", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
