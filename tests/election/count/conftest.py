"""Evenings for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from election.store.database import Database
from tests.support.evening import Evening, balloted, evening_from, nominated
from tests.support.stores import Stores


def make_counting(database: Database) -> Evening:
    made = nominated(database)
    balloted(made)
    return made


@pytest.fixture
def counting(stores: Stores) -> Iterator[Evening]:
    """The first unit has met and its ballots are recorded: 28 issued and returned in each of its two rounds."""
    made = evening_from(stores, "counting", make_counting)
    yield made
    made.county.database.close()
