"""The history of the database: brings any older one up to the present tables, and makes an empty one whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from election.store.database import Database

HERE = Path(__file__).parent


def configuration() -> Config:
    config = Config()
    # A percent sign in the path would be read as an interpolation.
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    return config


def upgrade_to_head(database: Database, *, no_further_than: str = "head") -> None:
    """Runs every migration that this database has not seen, all of them or none; on request only to an older version."""
    config = configuration()
    with (
        database.engine.connect().execution_options(writing=True) as connection,
        _unbound(connection, database.embedded),
        connection.begin(),
    ):
        config.attributes["connection"] = connection
        command.upgrade(config, no_further_than)
        if database.embedded and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
            raise RuntimeError(f"a migration left a row of {broken[0]} without what it refers to")


@contextmanager
def _unbound(connection: Connection, embedded: bool) -> Iterator[None]:
    """SQLite changes a constraint only by making the table anew, for which its foreign keys must rest meanwhile."""
    driver = connection.connection.driver_connection
    if not embedded or driver is None:
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")  # outside of any transaction: inside one it would do nothing
    driver.execute("PRAGMA legacy_alter_table=ON")  # triggers may name a table that is just being made anew
    try:
        yield
    finally:
        driver.execute("PRAGMA legacy_alter_table=OFF")
        driver.execute("PRAGMA foreign_keys=ON")
