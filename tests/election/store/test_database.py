"""The two databases behave alike: what is read is not changed, times are UTC, migrations make what the models say."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, StatementError

from election.people.models import Person
from election.store.database import Database
from election.store.migrations import upgrade_to_head
from election.store.models import Installation
from election.tables import METADATA, create_all
from tests.support.stores import Stores


def test_what_a_reading_session_changes_is_not_kept(database: Database) -> None:
    refused = nullcontext() if database.embedded else pytest.raises(DBAPIError, match="read-only")
    with refused, database.reading() as session:
        session.add(Person(name="甲"))
        session.flush()
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM person")) == 0


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_given_in(database: Database) -> None:
    given = datetime(2031, 3, 3, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    with database.writing() as session:
        session.add(Installation(id=1, demo=False, created_at=given))
    with database.reading() as session:
        kept = session.get_one(Installation, 1).created_at
    assert kept == given
    assert kept.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"), database.writing() as session:
        session.add(Installation(id=1, demo=False, created_at=datetime(2031, 3, 3)))


def test_there_is_one_installation_only(database: Database) -> None:
    with pytest.raises(DBAPIError, match="only_one"), database.writing() as session:
        session.add(Installation(id=2, demo=False, created_at=datetime.now(UTC)))


def _shape(database: Database) -> dict[str, object]:
    """Every table with its columns, keys, checks and indexes, as the database itself describes them."""
    seen = inspect(database.engine)
    return {
        table: {
            # A column that came later stands last in the table, wherever the model names it.
            "columns": sorted(
                (column["name"], str(column["type"]), column["nullable"]) for column in seen.get_columns(table)
            ),
            "foreign": sorted(str(key) for key in seen.get_foreign_keys(table)),
            "unique": sorted(str(key) for key in seen.get_unique_constraints(table)),
            "checks": sorted(str(key) for key in seen.get_check_constraints(table)),
            "indexes": sorted(
                str(
                    (
                        key["name"],
                        key["column_names"],
                        key["unique"],
                        {k: str(v) for k, v in key.get("dialect_options", {}).items()},
                    )
                )
                for key in seen.get_indexes(table)
            ),
        }
        for table in sorted(seen.get_table_names())
        if table != "alembic_version"
    }


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
@pytest.mark.filterwarnings("ignore:autogenerate skipping")
def test_the_migrations_make_the_tables_that_the_models_describe(stores: Stores) -> None:
    migrated, modelled = Database(stores.empty()), Database(stores.empty())
    try:
        upgrade_to_head(migrated)
        create_all(modelled)
        assert _shape(migrated) == _shape(modelled)
        with migrated.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
            kept = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname"
            if migrated.embedded:
                kept = "SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
            triggers = connection.execute(text(kept)).all()
        with modelled.engine.connect() as connection:
            assert triggers == connection.execute(text(kept)).all()
        assert len(triggers) >= 4
        upgrade_to_head(migrated)  # a second time changes nothing
    finally:
        migrated.close()
        modelled.close()
