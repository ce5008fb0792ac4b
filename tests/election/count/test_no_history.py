"""Nothing stays of how an entry grew: saved stroke by stroke it would tell the ballots one by one (RULES edge case 15)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from election.count.operations import claim, discard, finalise, save_draft
from tests.election.count.conftest import make_counting
from tests.support.evening import TELLERS, Evening, evening_from
from tests.support.stores import Stores

# A draft with this figure and the next ones stands in a file only as a draft.
STROKES, FIRST = 12, 61_001


@pytest.fixture
def counting(sqlite_stores: Stores) -> Iterator[Evening]:
    """On the embedded database: what a PostgreSQL server keeps in its own log is that server's (docs/house.md)."""
    made = evening_from(sqlite_stores, "counting", make_counting)
    yield made
    made.county.database.close()


def called(evening: Evening, who: str) -> int:
    """Saves a draft after each stroke, as while ballots are called; the form's id."""
    with evening.county.acting(who) as act:
        form_id = claim(act, evening.county.congress_id, evening.number("u1")).id
    contents = evening.contents("u1", {})
    row = next(iter(contents["sections"].values()))["candidates"]
    name = next(iter(row))
    for stroke in range(FIRST, FIRST + STROKES):
        row[name] = {"for": stroke, "against": 0, "abstain": 0}
        with evening.county.acting(who) as act:
            save_draft(act, form_id, contents)
    return form_id


def strokes_kept(evening: Evening) -> list[int]:
    """Which of the states that a draft went through the database's files still tell."""
    place = Path(evening.county.database.engine.url.database or "")
    kept = b"".join(path.read_bytes() for path in (place, Path(f"{place}-wal")) if path.exists())
    return [stroke for stroke in range(FIRST, FIRST + STROKES) if f'"for": {stroke},'.encode() in kept]


def test_once_an_entry_is_handed_in_only_what_it_says_is_left(counting: Evening) -> None:
    form_id = called(counting, TELLERS[0])
    assert len(strokes_kept(counting)) > 1  # what this test looks for can be seen
    contents = counting.contents("u1", {})
    with counting.county.acting(TELLERS[0]) as act:
        finalise(act, form_id, contents, counting.ticks("u1", contents))
    assert strokes_kept(counting) == []


def test_nothing_is_left_of_an_entry_that_was_given_up(counting: Evening) -> None:
    form_id = called(counting, TELLERS[0])
    with counting.county.acting(TELLERS[0]) as act:
        discard(act, form_id)
    assert strokes_kept(counting) == []
