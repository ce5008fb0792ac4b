"""What the tests of the rooms share: a database with every table, once on each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from election.store.database import Database
from election.tables import create_all
from tests.support.stores import Stores


def make_tables(url: str) -> None:
    database = Database(url)
    create_all(database)
    database.close()


@pytest.fixture
def database(stores: Stores) -> Iterator[Database]:
    """A database with every table and not a single row."""
    opened = Database(stores.copy_of("tables", make_tables))
    yield opened
    opened.close()
