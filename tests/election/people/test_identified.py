"""Roles in a congress are for identified persons: two records of one human being would be two persons to every rule."""

from __future__ import annotations

from datetime import date

import pytest

from election.errors import Refused
from election.people.actor import Role
from election.people.identity import read_identity
from election.people.operations import (
    begin_sign_in,
    end_sign_in,
    find_or_add_person,
    grant_role,
    record_identity,
)
from election.people.queries import account_signed_in, person_by_id
from tests.election.people.conftest import Office
from tests.support.county import KEYS, identity_number

NUMBER = read_identity(identity_number(77, born=date(1969, 9, 9)))


def nameless(office: Office, name: str = "王军") -> int:
    with office.act() as act:
        person = find_or_add_person(act, name, None, KEYS)
        act.session.flush()
        return person.id


def congress(office: Office) -> int:
    from election.congress.operations import create_congress

    with office.act() as act:
        made = create_congress(
            act, code="xian-9", name="某县第九次代表大会", county="", total_seats=9, reference_date=date(2031, 6, 30)
        )
        return made.id


def test_a_role_in_a_congress_needs_an_identity_number(office: Office) -> None:
    person_id, congress_id = nameless(office), congress(office)
    with pytest.raises(Refused) as refused, office.act() as act:
        grant_role(act, person_by_id(act.session, person_id), Role.TELLER, congress_id=congress_id)
    assert refused.value.code == "people.identity_needed"
    with office.act() as act:
        record_identity(act, person_by_id(act.session, person_id), NUMBER, KEYS)
    with office.act() as act:
        grant_role(act, person_by_id(act.session, person_id), Role.TELLER, congress_id=congress_id)


def test_a_number_on_record_is_never_changed_and_never_given_twice(office: Office) -> None:
    first, second = nameless(office), nameless(office)
    with office.act() as act:
        record_identity(act, person_by_id(act.session, first), NUMBER, KEYS)
    for person_id, code in ((first, "people.identity_there"), (second, "people.identity_of_another")):
        with pytest.raises(Refused) as refused, office.act() as act:
            record_identity(act, person_by_id(act.session, person_id), NUMBER, KEYS)
        assert refused.value.code == code


def test_an_ended_sign_in_is_over_whoever_kept_its_token(office: Office) -> None:
    account = office.account("clerk")
    with office.act() as act:
        kept, other = begin_sign_in(act, account), begin_sign_in(act, account)
    with office.act() as act:
        end_sign_in(act, kept)
    with office.database.reading() as session:
        assert account_signed_in(session, kept) is None
        still = account_signed_in(session, other)
    assert still is not None and still.login == "clerk"
