"""Roles and where they hold: what a grant covers, and what neither the operation nor the database lets in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from election.errors import Refused
from election.people.actor import Actor, Grant, Role, Scope
from election.people.models import RoleGrant
from election.people.operations import grant_role
from tests.election.people.conftest import Office

places = st.none() | st.integers(1, 3)
scopes = st.builds(Scope, places, places, places)
grants = st.builds(Grant, st.sampled_from(Role), places, places, places)


@given(grants, scopes)
def test_a_grant_covers_exactly_the_places_inside_its_own(grant: Grant, scope: Scope) -> None:
    inside = all(
        own is None or own == asked
        for own, asked in zip(
            (grant.congress_id, grant.unit_id, grant.organisation_id),
            (scope.congress_id, scope.unit_id, scope.organisation_id),
            strict=True,
        )
    )
    assert grant.covers(scope) == inside


@given(grants, scopes, st.integers(1, 3))
def test_a_narrower_grant_never_covers_more(grant: Grant, scope: Scope, unit: int) -> None:
    if Grant(grant.role, grant.congress_id, unit, grant.organisation_id).covers(scope):
        assert Grant(grant.role, grant.congress_id, None, grant.organisation_id).covers(scope)


@given(st.lists(grants, max_size=4).map(tuple), scopes, st.frozensets(st.sampled_from(Role)))
def test_an_actor_may_what_one_of_their_grants_allows(held: tuple[Grant, ...], scope: Scope, roles) -> None:
    actor = Actor(1, "甲", held)
    assert actor.has(roles, scope) == any(one.role in roles and one.covers(scope) for one in held)
    assert not Actor(1, "甲").has(frozenset(Role), scope)


@given(st.lists(grants, max_size=4).map(tuple), st.sampled_from(Role))
def test_the_units_of_a_role_are_those_granted_or_all(held: tuple[Grant, ...], role: Role) -> None:
    of_role = [one for one in held if one.role is role and one.congress_id == 1]
    units = Actor(1, "甲", held).units_of(role, 1)
    assert (units is None) == any(one.unit_id is None for one in of_role)
    if units is not None:
        assert units == {one.unit_id for one in of_role}


IMPOSSIBLE = [
    {"role": Role.ADMIN, "congress": True},
    {"role": Role.OFFICE},
    {"role": Role.UNIT_CLERK, "congress": True},
    {"role": Role.BRANCH_CLERK, "congress": True},
    {"role": Role.TELLER, "congress": True, "foreign_unit": True},
    {"role": Role.TELLER, "unit": True},
]


@pytest.mark.parametrize("wrong", IMPOSSIBLE, ids=lambda wrong: "-".join(map(str, wrong)) + f"-{wrong['role']}")
def test_the_database_itself_refuses_an_impossible_grant(office: Office, wrong: dict[str, object]) -> None:
    (congress_id, unit_id), (_, foreign) = office.congress("c1"), office.congress("c2")
    person = office.person()
    with pytest.raises(IntegrityError), office.act() as act:
        act.session.add(
            RoleGrant(
                person_id=person.id,
                role=wrong["role"],
                congress_id=congress_id if wrong.get("congress") else None,
                unit_id=foreign if wrong.get("foreign_unit") else unit_id if wrong.get("unit") else None,
                granted_at=act.now,
            )
        )


def test_the_same_grant_is_given_once_by_the_operation_and_by_the_database(office: Office) -> None:
    congress_id, unit_id = office.congress("c1")
    person = office.person()
    for unit in (None, unit_id):
        with office.act() as act:
            grant_role(act, person, Role.TELLER, congress_id=congress_id, unit_id=unit)
        with pytest.raises(Refused, match=r"people\.role_held"), office.act() as act:
            grant_role(act, person, Role.TELLER, congress_id=congress_id, unit_id=unit)
        with pytest.raises(IntegrityError), office.act() as act:
            act.session.add(
                RoleGrant(
                    person_id=person.id, role=Role.TELLER, congress_id=congress_id, unit_id=unit, granted_at=act.now
                )
            )


@pytest.mark.parametrize(
    ("role", "place", "code"),
    [
        (Role.OFFICE, {}, "people.role_needs_congress"),
        (Role.UNIT_CLERK, {"congress_id": 1}, "people.role_needs_unit"),
        (Role.BRANCH_CLERK, {"congress_id": 1}, "people.role_needs_branch"),
        (Role.TELLER, {"congress_id": 1, "unit_id": 2}, "people.unit_elsewhere"),
        (Role.TELLER, {"congress_id": 1, "unit_id": 999}, "people.unit_elsewhere"),
    ],
)
def test_a_grant_that_cannot_be_is_refused_in_words(office: Office, role: Role, place, code: str) -> None:
    office.congress("c1"), office.congress("c2")
    person = office.person()
    with pytest.raises(Refused) as caught, office.act() as act:
        grant_role(act, person, role, **place)
    assert caught.value.code == code


def test_an_administrator_s_role_belongs_to_no_congress(office: Office) -> None:
    congress_id, _ = office.congress("c1")
    person = office.person()
    with office.act() as act:
        grant = grant_role(act, person, Role.ADMIN, congress_id=congress_id)
    assert (grant.congress_id, grant.unit_id) == (None, None)
