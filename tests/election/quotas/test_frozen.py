"""What the database itself keeps of an approved scheme, whoever writes to it and past whatever operation."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from election.quotas.lifecycle import SchemeState
from election.quotas.models import SchemeAuthor
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from election.quotas.operations_hand import recompute_scheme
from election.quotas.queries import scheme_by_number
from tests.election.quotas.making import cell, change, run
from tests.support.county import County


@pytest.fixture
def number(county: County) -> int:
    """A scheme with a locked change, approved; a second clerk had a hand in it."""
    number = int(run(county, "office", compute_scheme).number)
    change(county, "office2", number, cell("u1", "farmer", 5, locked=True))
    run(county, "office", recompute_scheme, number)
    run(county, "office", submit_scheme, number)
    run(county, "approver", approve_scheme, number)
    return number


WRITES = {
    "a cell": "UPDATE scheme_cell SET seats = seats + 1",
    "a cell's share": "UPDATE scheme_cell SET fair_share = '9'",
    "a cell gone": "DELETE FROM scheme_cell",
    "a change": "UPDATE hand_change SET seats = 9",
    "a reason": "UPDATE hand_change SET reason = '另有理由'",
    "a lock": "UPDATE hand_change SET locked = (1 = 0)",
    "a change gone": "DELETE FROM hand_change",
    "an author": "UPDATE scheme_author SET person_id = 1",
    "an author gone": "DELETE FROM scheme_author",
    "the problem": "UPDATE scheme SET problem = base",
    "the base": "UPDATE scheme SET base = problem",
    "the answer": "UPDATE scheme SET allocation = problem",
    "the hash": f"UPDATE scheme SET hash = '{'0' * 64}'",
    "the figures": "UPDATE scheme SET basis = problem",
    "the number": "UPDATE scheme SET number = 7",
    "the approver": "UPDATE scheme SET approved_by_id = submitted_by_id",
    "the state": "UPDATE scheme SET state = 'submitted', approved_by_id = NULL, approved_at = NULL",
    "the scheme gone": "DELETE FROM scheme",
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("state", [SchemeState.APPROVED, SchemeState.SUPERSEDED])
def test_nothing_of_a_frozen_scheme_changes(county: County, number: int, state: SchemeState, write: str) -> None:
    if state is SchemeState.SUPERSEDED:
        with county.database.writing() as session:
            scheme_by_number(session, county.congress_id, number).state = state
    with pytest.raises(DBAPIError), county.database.writing() as session:
        session.execute(text(write))


@pytest.mark.parametrize("table", ["hand_change", "scheme_author", "scheme_cell"])
def test_nothing_is_added_to_a_frozen_scheme(county: County, number: int, table: str) -> None:
    with county.reading() as session:
        row = dict(session.execute(text(f"SELECT * FROM {table}")).mappings().all()[0])
    row |= {"id": 999} if "id" in row else {}
    row |= {"kind": "unit", "category_id": None} if "kind" in row else {}
    row |= {"person_id": county.people["approver"].person_id} if table == "scheme_author" else {}
    columns = ", ".join(row)
    with pytest.raises(DBAPIError, match="frozen"), county.database.writing() as session:
        session.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(f':{key}' for key in row)})"), row)


def test_the_database_refuses_the_approval_of_whoever_had_a_hand_in_it(county: County) -> None:
    number = run(county, "office", compute_scheme).number
    change(county, "office2", number, cell("u1", "farmer", 5, locked=True))
    run(county, "office", recompute_scheme, number)
    run(county, "office", submit_scheme, number)
    for who, refused in (("office", True), ("office2", True), ("approver", False)):
        raised = pytest.raises(DBAPIError) if refused else None
        with county.database.writing() as session:
            scheme = scheme_by_number(session, county.congress_id, number)
            scheme.state, scheme.approved_at = SchemeState.APPROVED, county.now
            scheme.approved_by_id = county.people[who].person_id
            if raised is None:
                session.flush()
            else:
                with raised:
                    session.flush()
                session.rollback()


def test_a_draft_is_free_to_change(county: County) -> None:
    number = run(county, "office", compute_scheme).number
    with county.database.writing() as session:
        scheme = scheme_by_number(session, county.congress_id, number)
        session.add(SchemeAuthor(scheme_id=scheme.id, person_id=county.people["office2"].person_id or 0))
        session.execute(text("DELETE FROM scheme_cell"))
