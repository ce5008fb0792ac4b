"""The audit chain: every act is in it, in the same transaction, and no change goes unseen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from election.errors import Refused
from election.people.act import acting
from election.people.actor import SYSTEM
from election.people.operations import create_first_administrator
from election.store.audit import INSTALLATION, append, verify
from election.store.database import Database
from election.store.models import AuditEvent

MOMENT = datetime(2031, 3, 3, 1, 0, 0, 123456, tzinfo=UTC)


def three_events(database: Database) -> None:
    with database.writing() as session:
        for number in range(3):
            append(
                session,
                INSTALLATION,
                at=MOMENT,
                person_id=None,
                person_name="席衡",
                action="test.done",
                subject=f"thing:{number}",
                details={"number": number, "名称": "甲"},
            )


def test_an_untouched_chain_is_intact(database: Database) -> None:
    three_events(database)
    with database.reading() as session:
        assert verify(session) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET action = 'x'",
        "DELETE FROM audit_event",
        "UPDATE audit_chain SET length = 0",
        "UPDATE audit_chain SET head = 'x'",
        "DELETE FROM audit_chain",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_event(database: Database, statement: str) -> None:
    three_events(database)
    with pytest.raises(DBAPIError), database.writing() as session:
        session.execute(text(statement))


def _tampered(session: Session, statement: str) -> None:
    """Someone with the database file in hand takes the guard away first."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("DROP TRIGGER audit_event_no_change ON audit_event"))
        session.execute(text("DROP TRIGGER audit_chain_grows ON audit_chain"))
    else:
        session.execute(text("DROP TRIGGER audit_event_no_update"))
        session.execute(text("DROP TRIGGER audit_event_no_delete"))
        session.execute(text("DROP TRIGGER audit_chain_grows"))
    session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "position", "reason"),
    [
        ("UPDATE audit_event SET details = '{\"number\": 7}' WHERE position = 2", 2, "audit.event_changed"),
        ("UPDATE audit_event SET person_name = '别人' WHERE position = 3", 3, "audit.event_changed"),
        ("DELETE FROM audit_event WHERE position = 2", 2, "audit.event_missing"),
        ("DELETE FROM audit_event WHERE position = 3", 3, "audit.event_missing"),
        ("UPDATE audit_event SET previous = 'x' WHERE position = 2", 2, "audit.link_broken"),
    ],
)
def test_what_was_tampered_with_is_found_at_its_place(
    database: Database, statement: str, position: int, reason: str
) -> None:
    three_events(database)
    with database.writing() as session:
        _tampered(session, statement)
    with database.reading() as session:
        (found,) = verify(session)
    assert (found.chain, found.position, found.reason) == (INSTALLATION, position, reason)


def test_a_refused_act_leaves_neither_change_nor_event(database: Database) -> None:
    with acting(database, SYSTEM) as act:
        create_first_administrator(act, "甲", "admin", "a long password")
    with database.reading() as session:
        before = session.scalars(select(AuditEvent.hash)).all()
    with pytest.raises(Refused), acting(database, SYSTEM) as act:
        act.record("something.done", "thing:1")
        create_first_administrator(act, "乙", "second", "a long password")
    with database.reading() as session:
        assert session.scalars(select(AuditEvent.hash)).all() == before
        assert verify(session) == []
