"""Assigned leaders against applications and slates: nobody stands twice, no slate holds others than were assigned."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete

from election.errors import Refused
from election.nomination.applying.operations import withdraw_application
from election.nomination.leaders.operations import assign_leader, move_leader, release_leader
from election.nomination.leaders.queries import leader_places, noticed_leaders
from election.nomination.models import Candidate
from election.nomination.slates.operations import open_slates
from election.nomination.slates.queries_board import slate_board
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


def test_who_has_been_on_public_notice_is_moved_or_released_with_a_reason_only(slated: County) -> None:
    give_back(slated, "u1")
    give_back(slated, "u2")
    with slated.reading() as session:
        row = assigned_leaders(session, slated.congress_id)[0]
        assert noticed_leaders(session, slated.congress_id) == {row.id}
    unit = slated.units["u2"]
    assert refused_leader(slated, move_leader, row.id, unit) == "quotas.leader_change_unexplained"
    assert refused_leader(slated, release_leader, row.id) == "quotas.leader_change_unexplained"
    with slated.acting("office") as act:
        assert move_leader(act, slated.congress_id, row.id, unit, "工作调动").unit_id == unit


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
        withdraw_application(act, application, "家中有事")
    with county.acting("office") as act:
        assert assign_leader(act, county.congress_id, member, county.units["u2"]).member_id == member


def test_assignments_stay_while_the_unit_s_slates_are_handed_in(slated: County) -> None:
    with slated.reading() as session:
        row = assigned_leaders(session, slated.congress_id)[0]
    free = members_of(slated, "u2-b1", "leader")[0]
    assert refused_leader(slated, assign_leader, free, slated.units["u1"]) == "quotas.leaders_fixed"
    assert refused_leader(slated, release_leader, row.id) == "quotas.leader_release_unexplained"
    assert refused_leader(slated, move_leader, row.id, slated.units["u2"]) == "quotas.leaders_fixed"
    give_back(slated, "u1")
    with slated.acting("office") as act:
        release_leader(act, slated.congress_id, row.id, "工作调动")
    with slated.acting("office") as act:
        assign_leader(act, slated.congress_id, free, slated.units["u1"])
    hand_in(slated, "u1")
    assert [one.member_id for one in line(slated, "u1", "leader", "uncontested").candidates] == [free]


def test_a_leader_without_a_seat_is_named_before_the_slates_are_frozen(county: County) -> None:
    with county.acting("office") as act:
        assign_leader(act, county.congress_id, members_of(county, "u1-b1", "leader")[0], county.units["u2"])
    assert "slate.leaders_without_seat" in blockers(county, "u2")
    assert "slate.leaders_without_seat" not in blockers(county, "u1")


def places(county: County) -> dict[str, tuple[int, int, int, int]]:
    """unit → leaders, uncontested seats, leaders over, seats under."""
    with county.reading() as session:
        board = slate_board(session, county.congress_id, county.now.date())
        found = leader_places(session, county.congress_id, board)
    return {one.unit_code: (one.leaders, one.seats, one.over, one.under) for one in found}


def test_a_moved_leader_shows_in_both_units_what_is_short_now(county: County) -> None:
    with county.reading() as session:
        row = assigned_leaders(session, county.congress_id)[0]
    assert places(county) == {"u1": (1, 1, 0, 0)}
    with county.acting("office") as act:
        move_leader(act, county.congress_id, row.id, county.units["u2"])
    assert places(county) == {"u1": (0, 1, 0, 1), "u2": (1, 0, 1, 0)}
    assert "slate.leaders_without_seat" in blockers(county, "u2")
    assert refused_leader(county, move_leader, row.id, county.units["u2"]) == "quotas.leader_there_already"
    assert refused_leader(county, move_leader, 999, county.units["u1"]) == "quotas.no_such_member"
    assert refused_leader(county, move_leader, row.id, 999) == "congress.no_such_unit"


def test_a_moved_leader_leaves_the_draft_of_the_unit_they_came_from(county: County) -> None:
    with county.acting("u1") as act:
        open_slates(act, county.units["u1"])
    with county.reading() as session:
        row = assigned_leaders(session, county.congress_id)[0]
    with county.acting("office") as act:
        move_leader(act, county.congress_id, row.id, county.units["u2"])
    assert line(county, "u1", "leader", "uncontested").candidates == ()


def test_leaders_are_counted_apart_from_the_margin(county: County) -> None:
    with county.reading() as session:
        board = slate_board(session, county.congress_id, county.now.date())
        (one,) = leader_places(session, county.congress_id, board)
        nothing = leader_places(session, county.congress_id, replace(board, rows=()))
    assert one.contested is not None
    assert (one.contested.assigned, one.contested.contested, one.contested.have) == (1, 2, 0)
    assert nothing == []
