"""Rows that the database itself keeps as they were written: never deleted, and changed in no column but those left open.

Each room says which of its tables are kept; a migration holds the same triggers word for word.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, Table, event

from election.store.base import Base

# Table → its triggers by kind of database, of every table that is kept.
KEPT: dict[str, dict[str, tuple[str, ...]]] = {}


def keep(row: type[Base], said: str, *, but: Collection[str] = ()) -> None:
    """Keeps a stored class's rows, but for the columns named. `said`: what the database says when it refuses."""
    table = row.metadata.tables[row.__tablename__]
    KEPT[table.name] = _triggers(table, [column.name for column in table.columns if column.name not in but], said)


def functions() -> list[str]:
    """The names of PostgreSQL's functions behind the triggers."""
    return [f"{name}_keep" for name in KEPT]


def _triggers(table: Table, columns: Sequence[str], said: str) -> dict[str, tuple[str, ...]]:
    name = table.name
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
    distinct = " OR ".join(f"NEW.{column}::text IS DISTINCT FROM OLD.{column}::text" for column in columns)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
    return {
        "sqlite": (
            f"CREATE TRIGGER {name}_kept BEFORE UPDATE ON {name} WHEN {changed} {refuse}",
            f"CREATE TRIGGER {name}_stays BEFORE DELETE ON {name} {refuse}",
        ),
        "postgresql": (
            f"CREATE FUNCTION {name}_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'DELETE' THEN RAISE EXCEPTION '{said}'; END IF; "
            f"IF {distinct} THEN RAISE EXCEPTION '{said}'; END IF; RETURN NEW; END $$",
            f"CREATE TRIGGER {name}_kept BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION {name}_keep()",
        ),
    }


@event.listens_for(Base.metadata, "after_create")
def _guard(_metadata: MetaData, connection: Connection, *, tables: Sequence[Table], **_options: Any) -> None:
    for table in tables:
        for statement in KEPT.get(table.name, {}).get(connection.dialect.name, ()):
            connection.exec_driver_sql(statement)
