"""Which role may do what: the whole table, and that every permission is asked for somewhere."""

from __future__ import annotations

import re

import pytest

from election.errors import Forbidden
from election.people.act import Act
from election.people.actor import SYSTEM, Actor, Grant, Role
from election.people.permissions import ALLOWED, Permission
from election.store.database import Database
from tests.house.sources import modules
from tests.support.county import BEGIN

# O office, A approver, U unit clerk, B branch clerk, T teller, S scrutineer, C credentials reviewer, W observer, * admin
LETTERS = dict(zip("*OAUBTSCW", Role, strict=True))
TABLE = """
accounts.manage     *
congress.create     *
audit.read          *OAW
congress.view       OAUBTSCW
congress.edit       O
phase.move          O
roster.edit         O
roster.verify       U
scheme.view         OACW
scheme.edit         O
scheme.approve      A
letter.sign         U
application.record  BU
nominees.propose    U
branch_ballot.correct OU
nomination.reopen   O
margin.exempt       A
calendar.edit       O
speeches.draw       U
application.review  O
notice.view         OW
notice.publish      O
objection.record    OU
objection.close     O
slate.submit        U
slate.view          OAW
slate.reprint       OU
slate.freeze        O
meeting.run         U
scrutineer.replace  O
meeting.view        OUSW
ballots.record      S
round.void          S
follow_up.agree     S
count.enter         T
count.confirm       S
results.view        OACW
results.propose     O
results.publish     OA
board.switch        O
"""
EXPECTED = {
    Permission(name): frozenset(LETTERS[letter] for letter in letters)
    for name, letters in (line.split() for line in TABLE.strip().splitlines())
}


def test_the_letters_stand_for_the_roles() -> None:
    assert LETTERS["*"] is Role.ADMIN and LETTERS["C"] is Role.CREDENTIALS_REVIEWER and LETTERS["W"] is Role.OBSERVER


def test_the_table_is_what_is_asked() -> None:
    assert EXPECTED == ALLOWED


@pytest.mark.parametrize("role", Role)
def test_every_role_may_exactly_what_the_table_says_in_its_own_congress(database: Database, role: Role) -> None:
    own = None if role is Role.ADMIN else 1
    with database.reading() as session:
        act = Act(session, Actor(1, "甲", (Grant(role, own),)), BEGIN)
        for permission, roles in EXPECTED.items():
            if role in roles:
                act.require(permission, congress_id=own)
            else:
                with pytest.raises(Forbidden):
                    act.require(permission, congress_id=own)
            if own is not None:
                with pytest.raises(Forbidden):
                    act.require(permission, congress_id=2)
                with pytest.raises(Forbidden):
                    act.require(permission)


def test_an_act_that_needs_a_person_is_forbidden_to_the_system(database: Database) -> None:
    with database.reading() as session:
        act = Act(session, SYSTEM, BEGIN)
        with pytest.raises(Forbidden):
            _ = act.person_id
        for permission in Permission:
            with pytest.raises(Forbidden):
                act.require(permission, congress_id=1)


def test_every_permission_is_asked_for_by_an_operation_or_a_page() -> None:
    asked = {
        found
        for path in modules("election", "webapp")
        if path.name != "permissions.py"
        for found in re.findall(r"Permission\.([A-Z_]+)", path.read_text("utf-8"))
    }
    assert {permission.name for permission in Permission} == asked


def test_who_may_change_an_election_may_not_give_out_accounts() -> None:
    """The administrator reaches no election, and nobody in an election reaches the accounts."""
    for permission, roles in ALLOWED.items():
        if Role.ADMIN in roles:
            assert roles == {Role.ADMIN} or permission is Permission.AUDIT_READ
