"""Assigned leaders against applications and slates: nobody stands twice, no slate holds others than were assigned."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from election.errors import Refused
from election.nomination.models import Candidate
from election.nomination.operations import withdraw_application
from election.nomination.operations_leaders import assign_leader, release_leader
from election.quotas.queries import assigned_leaders
from election.texts import sentence
from tests.support.county import County, name_of
from tests.support.nominating import LONG, apply, blockers, freeze, give_back, hand_in, line, members_of


def test_an_uncontested_slate_holds_exactly_the_assigned_leaders(slated: County) -> None:
    slated.wait(LONG)
    uncontested = line(slated, "u1", "leader", "uncontested")
    assert uncontested.slate is not None
    other = [each for each in members_of(slated, "u1-b2", "leader") if each != uncontested.candidates[0].member_id]
    with slated.acting("office") as act:
        place = {"slate_id": uncontested.slate.id, "position": 2, "name": name_of(1)}
        act.session.add(Candidate(member_id=other[0], **place))
        act.record("slate.drawn", "slate", congress_id=slated.congress_id)
    assert "slate.assigned_unequal" in blockers(slated, "u1")
    with slated.acting("office") as act:  # as many names as seats, but somebody else's
        act.session.execute(
            delete(Candidate).where(Candidate.slate_id == uncontested.slate.id, Candidate.position == 1)
        )
        act.record("slate.drawn", "slate", congress_id=slated.congress_id)
    assert "slate.candidate_left" in blockers(slated, "u1") and "slate.assigned_unequal" not in blockers(slated, "u1")
    with pytest.raises(Refused, match=r"slate\.blocked"):
        freeze(slated, "u1")


def refused_leader(county: County, operation, *given: int) -> str:
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        operation(act, county.congress_id, *given)
    assert sentence(refusal.value.code, refusal.value.params).en
    return refusal.value.code


def test_who_stands_is_not_assigned_until_they_step_back(county: County) -> None:
    application = apply(county, "u1-b1", "leader", 1)[0]
    member = members_of(county, "u1-b1", "leader")[0]
    assert refused_leader(county, assign_leader, member, county.units["u2"]) == "quotas.leader_applied"
    with county.acting("u1-b1") as act:
        withdraw_application(act, application)
    with county.acting("office") as act:
        assert assign_leader(act, county.congress_id, member, county.units["u2"]).member_id == member


def test_assignments_stay_while_the_unit_s_slates_are_handed_in(slated: County) -> None:
    with slated.reading() as session:
        row = assigned_leaders(session, slated.congress_id)[0]
    free = members_of(slated, "u2-b1", "leader")[0]
    assert refused_leader(slated, assign_leader, free, slated.units["u1"]) == "quotas.leaders_fixed"
    assert refused_leader(slated, release_leader, row.id) == "quotas.leaders_fixed"
    give_back(slated, "u1")
    with slated.acting("office") as act:
        release_leader(act, slated.congress_id, row.id)
    with slated.acting("office") as act:
        assign_leader(act, slated.congress_id, free, slated.units["u1"])
    hand_in(slated, "u1")
    assert [one.member_id for one in line(slated, "u1", "leader", "uncontested").candidates] == [free]


def test_a_leader_without_a_seat_is_named_before_the_slates_are_frozen(county: County) -> None:
    with county.acting("office") as act:
        assign_leader(act, county.congress_id, members_of(county, "u1-b1", "leader")[0], county.units["u2"])
    assert "slate.leaders_without_seat" in blockers(county, "u2")
    assert "slate.leaders_without_seat" not in blockers(county, "u1")
