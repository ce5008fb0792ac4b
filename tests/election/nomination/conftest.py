"""Counties on the way to their slates, made once per kind of database and copied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.county import County, county_from
from tests.support.nominating import divided, handed_in
from tests.support.stores import Stores


@pytest.fixture
def county(stores: Stores) -> Iterator[County]:
    """Rosters verified, seats divided."""
    made = county_from(stores, "divided", divided)
    yield made
    made.database.close()


@pytest.fixture
def slated(stores: Stores) -> Iterator[County]:
    """Slates handed in, the notice still hanging."""
    made = county_from(stores, "handed in", handed_in)
    yield made
    made.database.close()
