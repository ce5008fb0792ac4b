"""Who dies, withdraws, moves away or becomes a scrutineer: one act takes them off every slate, whatever its state (edge case 14)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.errors import Refused
from election.nomination.applying.operations import end_application, withdraw_application
from election.nomination.leaders.operations import assign_leader, release_leader
from election.nomination.lifecycle import ApplicationEnd, ApplicationState, SlateState
from election.nomination.models import Application, Slate
from election.nomination.queries import applications, slates
from election.nomination.reviewing.operations_objection import decide_objection
from election.nomination.slates.operations import open_slates, submit_slates, supersede_slate
from election.nomination.slates.operations_order import order_by_hand
from election.nomination.slates.queries_versions import Reprint, reprints
from election.notices.models import NoticeKind
from election.notices.operations import record_objection
from election.notices.queries import latest_notice
from election.people.actor import Role
from election.quotas.queries import assigned_leaders
from election.store.audit import digest
from tests.support.county import County
from tests.support.nominating import (
    LONG,
    blockers,
    freeze,
    give_back,
    line,
    lines,
    members_of,
    propose,
    publish,
)


@pytest.fixture
def frozen(slated: County) -> County:
    slated.wait(LONG)
    freeze(slated, "u1")
    return slated


def stands(county: County, category: str = "farmer", kind: str = "contested") -> list[int | None]:
    return [one.application_id for one in line(county, "u1", category, kind).candidates]


def die(county: County, application: int | None) -> None:
    assert application is not None
    with county.acting("office") as act:
        end_application(act, application, ApplicationEnd.DEATH, "车祸")


def to_print_again(county: County) -> list[Reprint]:
    with county.reading() as session:
        return reprints(session, slates(session, county.congress_id))


def test_who_leaves_before_the_slate_is_handed_in_is_taken_off_it(county: County) -> None:
    first, second, third = propose(county, "u1-b1", "farmer", 3)
    with county.acting("u1") as act:
        open_slates(act, county.units["u1"])
    with county.acting("u1-b1") as act:
        withdraw_application(act, first, "家中有事")
    left = line(county, "u1", "farmer")
    assert {one.application_id for one in left.candidates} == {second, third}
    assert [one.position for one in left.candidates] == [1, 2]
    assert left.slate is not None and (left.slate.version, left.state) == (1, SlateState.DRAFT)
    assert to_print_again(county) == []


def test_a_slate_that_was_handed_in_is_given_back_without_the_name_and_says_why(slated: County) -> None:
    leaving, staying = stands(slated)
    name = line(slated, "u1", "farmer").candidates[0].name
    die(slated, leaving)
    after = line(slated, "u1", "farmer")
    assert after.slate is not None and stands(slated) == [staying]
    assert (after.state, after.slate.version) == (SlateState.RETURNED, 1)
    assert after.slate.returned_because == f"{name}不再列入名单（去世）"
    assert line(slated, "u1", "leader").state is SlateState.SUBMITTED
    assert "slate.margin_short" in blockers(slated, "u1")
    with slated.acting("u1") as act:
        assert [one.id for one in submit_slates(act, slated.units["u1"])] == [after.slate.id]
    assert {one.state for one in lines(slated, "u1")} == {SlateState.SUBMITTED}


def test_the_clerk_who_handed_it_in_takes_it_back_by_recording_the_withdrawal(slated: County) -> None:
    leaving, staying = stands(slated)
    assert leaving is not None
    with slated.acting("u1") as act:
        withdraw_application(act, leaving, "家中有事")
    assert (line(slated, "u1", "farmer").state, stands(slated)) == (SlateState.DRAFT, [staying])


def test_a_frozen_slate_gives_way_to_a_version_without_the_name(frozen: County) -> None:
    before = line(frozen, "u1", "farmer")
    leaving, staying = stands(frozen)
    die(frozen, leaving)
    after = line(frozen, "u1", "farmer")
    assert after.slate is not None and before.slate is not None
    assert (after.slate.version, after.state, stands(frozen)) == (2, SlateState.DRAFT, [staying])
    with frozen.reading() as session:
        old = session.get_one(Slate, before.slate.id)
        assert (old.state, old.superseded_because) == (
            SlateState.SUPERSEDED,
            f"{before.candidates[0].name}不再列入名单（去世）",
        )
        assert old.hash == digest(old.content) and len(old.candidates) == 2
    assert line(frozen, "u1", "leader").state is SlateState.FROZEN
    assert "slate.margin_short" in blockers(frozen, "u1")


def test_what_was_printed_is_listed_until_the_new_version_is_frozen_and_after(frozen: County) -> None:
    before = line(frozen, "u1", "farmer")
    die(frozen, before.candidates[0].application_id)
    (again,) = to_print_again(frozen)
    assert (again.replaced, again.version, again.frozen_at) == (1, 2, None)
    assert (again.left, again.joined, again.reordered) == ((before.candidates[0].name,), (), False)
    assert before.slate is not None and again.hash == before.slate.hash
    (late,) = propose(frozen, "u1-b2", "farmer", 1)
    with frozen.acting("u1") as act:
        open_slates(act, frozen.units["u1"])
    (again,) = to_print_again(frozen)
    assert again.joined == (next(one.name for one in again.line.candidates if one.application_id == late),)


def test_until_the_meeting_opens_the_phase_stops_nobody_from_leaving(frozen: County) -> None:
    with frozen.database.writing() as session:
        session.get_one(Congress, frozen.congress_id).phase = Phase.ELECTION
    leaving, staying = stands(frozen)
    die(frozen, leaving)
    assert stands(frozen) == [staying]


def test_once_a_meeting_votes_nobody_leaves_the_slate(frozen: County) -> None:
    slate = line(frozen, "u1", "farmer").slate
    leaving, _ = stands(frozen)
    assert slate is not None and leaving is not None
    with frozen.acting("office") as act:
        act.session.get_one(Slate, slate.id).in_use_at = act.now
        act.record("meeting.opened", "meeting", congress_id=frozen.congress_id)
    with pytest.raises(Refused) as refusal:
        die(frozen, leaving)
    assert refusal.value.code == "slate.in_use"
    with frozen.reading() as session:
        assert session.get_one(Application, leaving).state is ApplicationState.PROPOSED


def test_an_order_set_by_hand_is_kept_among_those_who_stay(county: County) -> None:
    propose(county, "u1-b1", "leader", 2)
    propose(county, "u1-b1", "farmer", 3)
    publish(county)
    with county.acting("u1") as act:
        open_slates(act, county.units["u1"])
    drawn = line(county, "u1", "farmer")
    assert drawn.slate is not None
    turned = [one.candidate_id for one in reversed(drawn.candidates)]
    with county.acting("u1") as act:
        order_by_hand(act, drawn.slate.id, turned, "县委研究决定")
    with county.acting("u1") as act:
        submit_slates(act, county.units["u1"])
    county.wait(LONG)
    freeze(county, "u1")
    first, second, third = stands(county)
    die(county, second)
    after = line(county, "u1", "farmer")
    assert after.slate is not None
    assert (stands(county), after.slate.order_reason) == ([first, third], "县委研究决定")


def test_an_objection_upheld_takes_the_candidate_off_in_one_act(slated: County) -> None:
    about = line(slated, "u1", "farmer").candidates[0]
    with slated.acting("office") as act:
        notice = latest_notice(act.session, slated.congress_id, NoticeKind.CANDIDATES)
        assert notice is not None
        objection_id = record_objection(act, notice.id, about.person_id, "群众", "材料不实").id
    slated.sit("office2", Role.OFFICE)
    with slated.acting("office2") as act:
        decide_objection(act, objection_id, finding="属实", upheld=True)
    with slated.reading() as session:
        refused = applications(session, slated.congress_id, states=[ApplicationState.REVIEW_REFUSED])
    assert [(one.person_id, one.review_reason) for one in refused] == [(about.person_id, "属实")]
    after = line(slated, "u1", "farmer")
    assert about.person_id not in {one.person_id for one in after.candidates}
    assert after.state is SlateState.RETURNED and [one.position for one in after.candidates] == [1]
    assert "slate.margin_short" in blockers(slated, "u1")


def test_a_leader_who_dies_leaves_the_frozen_slate_and_another_takes_the_seat(frozen: County) -> None:
    with frozen.reading() as session:
        row = assigned_leaders(session, frozen.congress_id)[0]
    with pytest.raises(Refused) as refusal, frozen.acting("office") as act:
        release_leader(act, frozen.congress_id, row.id)
    assert refusal.value.code == "quotas.leader_release_unexplained"
    with frozen.acting("office") as act:
        release_leader(act, frozen.congress_id, row.id, "去世")
    after = line(frozen, "u1", "leader", "uncontested")
    assert after.slate is not None and (after.slate.version, after.candidates) == (2, ())
    assert blockers(frozen, "u1") == ["slate.assigned_unequal", "slate.not_submitted"]
    with pytest.raises(Refused) as refusal, frozen.acting("u1") as act:
        submit_slates(act, frozen.units["u1"])
    assert refusal.value.code == "slate.assigned_unequal"
    free = members_of(frozen, "u2-b1", "leader")[0]
    with frozen.acting("office") as act:
        assign_leader(act, frozen.congress_id, free, frozen.units["u1"])
    with frozen.acting("u1") as act:
        open_slates(act, frozen.units["u1"])
    assert [one.member_id for one in line(frozen, "u1", "leader", "uncontested").candidates] == [free]
    (again,) = to_print_again(frozen)
    assert (again.left, len(again.joined)) == ((row.name,), 1)


def test_a_new_version_made_by_the_office_needs_its_reason(frozen: County) -> None:
    with frozen.reading() as session:
        slate_id = session.scalars(select(Slate.id).where(Slate.state == SlateState.FROZEN)).first()
    assert slate_id is not None
    with pytest.raises(Refused) as refusal, frozen.acting("office") as act:
        supersede_slate(act, slate_id, " ")
    assert refusal.value.code == "slate.reason_missing"


def test_a_slate_that_was_given_back_keeps_the_reason_for_that(slated: County) -> None:
    give_back(slated, "u1")
    leaving, staying = stands(slated)
    die(slated, leaving)
    after = line(slated, "u1", "farmer")
    assert after.slate is not None and after.slate.returned_because == "请补齐"
    assert stands(slated) == [staying]
