"""The history of the database: brings any older one up to the present tables, and makes an empty one whole."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from election.store.database import Database

HERE = Path(__file__).parent


def configuration() -> Config:
    config = Config()
    # A percent sign in the path would be read as an interpolation.
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    return config


def upgrade_to_head(database: Database) -> None:
    """Runs every migration that this database has not seen, all of them or none."""
    config = configuration()
    with database.engine.execution_options(writing=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
