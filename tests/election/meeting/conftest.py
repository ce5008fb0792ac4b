"""Evenings for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.evening import Evening, evening_from, nominated, opened
from tests.support.stores import Stores


@pytest.fixture
def evening(stores: Stores) -> Iterator[Evening]:
    """Slates are frozen, nobody has met."""
    made = evening_from(stores, "nominated", nominated)
    yield made
    made.county.database.close()


@pytest.fixture
def meeting(stores: Stores) -> Iterator[Evening]:
    """The first unit has opened its meeting with 28 of 30 present."""

    def make(database: object) -> Evening:
        made = nominated(database)  # type: ignore[arg-type]
        opened(made)
        return made

    made = evening_from(stores, "opened", make)
    yield made
    made.county.database.close()
