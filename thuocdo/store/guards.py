"""Tables that only grow: the engine itself refuses to change or delete what lies in them, whoever asks."""

from collections.abc import Iterator

ONLY_GROW = ("round_log", "ranking_versions")

GUARD = """
CREATE OR REPLACE FUNCTION thuocdo_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% only grows: nothing in it is changed or deleted', TG_TABLE_NAME; END; $$;
"""
"""The function behind the guards on PostgreSQL: a dump of tables holds their triggers, and not what these call."""


def guarded(engine: str) -> Iterator[str]:
    """Yield the statements that guard the tables on an engine, `sqlite` or `postgresql`."""
    if engine == "postgresql":
        yield GUARD
    for table in ONLY_GROW:
        if engine == "postgresql":
            yield (
                f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION thuocdo_only_grows()"
            )
            yield (
                f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION thuocdo_only_grows()"
            )
        else:
            for act in ("UPDATE", "DELETE"):
                yield (
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} only grows: nothing in it is changed or deleted'); END"
                )
