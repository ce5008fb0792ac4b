"""A county whose roster stands, ready to have its seats divided."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from election.people.actor import Role
from election.quotas.operations import compute_scheme
from election.store.database import Database
from tests.election.quotas.making import run, seats_of
from tests.support.county import County, county_from, registered
from tests.support.stores import Stores


def made(database: Database) -> County:
    """Two units of twenty-four, eight of each category; two office clerks and two approvers."""
    county = registered(database, verified=False)
    county.sit("office2", Role.OFFICE)
    county.sit("approver2", Role.APPROVER)
    return county


@pytest.fixture
def county(stores: Stores) -> Iterator[County]:
    ready = county_from(stores, "to be divided", made)
    yield ready
    ready.database.close()


@pytest.fixture
def draft(county: County) -> int:
    """Scheme 1, a draft: ten seats for each unit, of them five, three and two."""
    number: int = run(county, "office", compute_scheme).number
    assert seats_of(county, number) == [[5, 3, 2], [5, 3, 2]]
    return number
