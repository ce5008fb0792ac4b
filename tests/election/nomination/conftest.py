"""Counties on the way to their slates, made once per kind of database and copied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from election.store.database import Database
from tests.support.county import County, county_from, registered, with_scheme
from tests.support.nominating import hand_in, propose, publish
from tests.support.stores import Stores


def divided(database: Database) -> County:
    """Seats in u1: two leaders (one assigned), one farmer; in u2: one farmer, one other."""
    county = registered(database)
    leader = county.members("u1-b2")[0]
    with_scheme(
        county,
        {("u1", "leader"): 2, ("u1", "farmer"): 1, ("u2", "farmer"): 1, ("u2", "other"): 1},
        {"u1": [leader]},
    )
    return county


def handed_in(database: Database) -> County:
    """Two proposed candidates for every contested seat, the notice hanging, all slates handed in."""
    county = divided(database)
    for branch, category in (("u1-b1", "leader"), ("u1-b1", "farmer"), ("u2-b1", "farmer"), ("u2-b2", "other")):
        propose(county, branch, category, 2)
    publish(county)
    hand_in(county, "u1", "u2")
    return county


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
