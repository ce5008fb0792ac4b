"""A county whose roster stands, made once per kind of database and copied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.county import County, county_from, registered
from tests.support.stores import Stores


@pytest.fixture
def county(stores: Stores) -> Iterator[County]:
    """Two units of two branches of twelve members; the roster imported and not yet verified."""
    made = county_from(stores, "imported", lambda database: registered(database, verified=False))
    yield made
    made.database.close()
