"""The tables of what agencies declare of themselves."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from thuocdo.store.schema import Instant, metadata

# In the order in which files were taken. body: zlib of JSON, of thuocdo.store.declared.
declared_files = Table(
    "declared_files",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *(Column(name, String, nullable=False) for name in ("agency_id", "digest")),
    *(Column(name, Text, nullable=False) for name in ("name", "entered_by")),
    Column("received_at", Instant, nullable=False),
    Column("indicators_version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("agency_id", "digest", name="uq_declared_files_agency_digest"),
)

# digest: SHA-256 of a token, hexadecimal; the token itself is kept nowhere.
intake_tokens = Table(
    "intake_tokens",
    metadata,
    Column("digest", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("name", "made_by")),
    Column("made_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
)
