"""
Runs the revisions over the connection and within the transaction that thuocdo.store.database hands over.

A new revision: write versions/<number>_<name>.py by hand, set SCHEMA_REVISION, and the test that compares the migrated tables
with schema.py says what is missing.
"""

from alembic import context

from thuocdo.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
