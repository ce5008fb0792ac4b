"""Notice 2, slates, and everything that has to be settled before a slate is frozen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from election.congress.rules_in_force import set_rule
from election.errors import Forbidden, NotFound, Refused
from election.nomination.lifecycle import SlateState
from election.nomination.queries import applications
from election.nomination.reviewing.operations_notice import publish_candidates_notice
from election.nomination.reviewing.operations_objection import decide_objection
from election.nomination.slates.operations import (
    freeze_slates,
    open_slates,
    return_slates,
    submit_slates,
    supersede_slate,
    withdraw_slates,
)
from election.nomination.slates.operations_order import order_by_hand, order_by_strokes
from election.nomination.slates.queries_board import slate_board
from election.notices.models import NoticeKind
from election.notices.operations import record_objection
from election.notices.operations_electors import publish_electors_notice
from election.notices.queries import latest_notice
from election.people.actor import Actor, Grant, Role
from election.people.models import Person
from election.roster.models import Standing, Suspension
from election.roster.operations import MemberChange, change_member, set_voting_right, verify_unit
from election.roster.queries import member_line, member_token
from election.roster.queries_units import unit_roster
from election.store.audit import digest
from election.strokes import stroke_key
from tests.support.county import County
from tests.support.nominating import (
    LONG,
    apply,
    ballot,
    blockers,
    forward,
    freeze,
    give_back,
    hand_in,
    line,
    lines,
    propose,
    publish,
    row,
)


def member_of(county: County, application_id: int) -> int:
    with county.reading() as session:
        return next(one.member_id for one in applications(session, county.congress_id) if one.id == application_id)


# Notice 2


def noticed(county: County) -> dict[str, Any]:
    """What the latest notice of candidates shows."""
    with county.reading() as session:
        notice = latest_notice(session, county.congress_id, NoticeKind.CANDIDATES)
        assert notice is not None
        return notice.content


def test_the_notice_lists_the_proposed_by_unit_and_category_in_stroke_order(slated: County) -> None:
    content = noticed(slated)
    groups = [
        (unit["code"], group["category"], group["assigned"], [one["name"] for one in group["people"]])
        for unit in content["units"]
        for group in unit["groups"]
    ]
    assert [(unit, category, assigned, len(names)) for unit, category, assigned, names in groups] == [
        ("u1", "leader", True, 1),
        ("u1", "leader", False, 2),
        ("u1", "farmer", False, 2),
        ("u2", "farmer", False, 2),
        ("u2", "other", False, 2),
    ]
    assert all(names == sorted(names, key=stroke_key) for _, _, _, names in groups)
    assert len(content["people"]) == 9


def test_the_notice_says_nothing_that_only_an_official_may_know(slated: County) -> None:
    shown = noticed(slated)["units"][0]["groups"][0]["people"][0]
    assert shown["born"] == "1985年5月"  # no day
    assert set(shown) == {"person", "name", "sex", "born", "ethnicity", "education", "branch", "post"}


def test_the_notice_waits_for_every_unit_and_every_review(county: County) -> None:
    ids = apply(county, "u1-b1", "farmer", 2)
    ballot(county, "u1-b1", "farmer", ids, [12, 12])
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        publish_candidates_notice(act, county.congress_id)
    assert (refusal.value.code, refusal.value.params["count"]) == ("notice.proposals_open", 2)
    forward(county)
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        publish_candidates_notice(act, county.congress_id)
    assert (refusal.value.code, refusal.value.params["count"]) == ("notice.reviews_open", 2)


# Slates


def test_a_slate_holds_the_proposed_in_stroke_order_and_the_assigned_apart(slated: County) -> None:
    assigned, contested = line(slated, "u1", "leader", "uncontested"), line(slated, "u1", "leader")
    assert (assigned.seats, len(assigned.candidates)) == (1, 1)
    assert (contested.seats, len(contested.candidates)) == (1, 2)
    names = [one.name for one in contested.candidates]
    assert names == sorted(names, key=stroke_key)
    assert [one.position for one in contested.candidates] == [1, 2]
    assert assigned.candidates[0].application_id is None


def test_drawing_up_again_takes_in_who_came_since(county: County) -> None:
    propose(county, "u1-b1", "farmer", 1)
    with county.acting("u1") as act:
        open_slates(act, county.units["u1"])
    propose(county, "u1-b2", "farmer", 2)
    with pytest.raises(Refused) as refusal, county.acting("u1") as act:
        submit_slates(act, county.units["u1"])
    assert refusal.value.code == "slate.outdated"
    with county.acting("u1") as act:
        open_slates(act, county.units["u1"])
    assert len(line(county, "u1", "farmer").candidates) == 3
    assert line(county, "u1", "farmer").slate.version == 1  # type: ignore[union-attr]


def test_slates_are_drawn_up_before_they_are_handed_in(county: County) -> None:
    with pytest.raises(Refused) as refusal, county.acting("u1") as act:
        submit_slates(act, county.units["u1"])
    assert refusal.value.code == "slate.not_drawn"


def test_a_slate_that_is_handed_in_stays_as_it_is(slated: County) -> None:
    with pytest.raises(Refused) as refusal, slated.acting("u1") as act:
        open_slates(act, slated.units["u1"])
    assert refusal.value.code == "slate.all_handed_in"


def test_only_the_one_who_handed_in_takes_back(slated: County) -> None:
    colleague = Actor(
        slated.person_of(slated.members("u1-b2")[5]).id,
        "同事",
        (Grant(Role.UNIT_CLERK, slated.congress_id, slated.units["u1"]),),
    )
    with pytest.raises(Refused) as refusal, slated.acting(colleague) as act:
        withdraw_slates(act, slated.units["u1"])
    assert refusal.value.code == "slate.withdrawn_by_other"
    with slated.acting("u1") as act:
        withdraw_slates(act, slated.units["u1"])
    assert {one.state for one in lines(slated, "u1")} == {SlateState.DRAFT}


def test_the_office_gives_slates_back_with_a_reason(slated: County) -> None:
    give_back(slated, "u1")
    assert {one.state for one in lines(slated, "u1")} == {SlateState.RETURNED}
    assert line(slated, "u1", "farmer").slate.returned_because == "请补齐"  # type: ignore[union-attr]
    with slated.acting("u1") as act:
        submit_slates(act, slated.units["u1"])
    assert {one.state for one in lines(slated, "u1")} == {SlateState.SUBMITTED}


def test_giving_back_needs_a_reason_and_something_handed_in(slated: County) -> None:
    with pytest.raises(Refused) as refusal, slated.acting("office") as act:
        return_slates(act, slated.units["u1"], "")
    assert refusal.value.code == "slate.reason_missing"
    give_back(slated, "u1")
    with pytest.raises(Refused) as refusal, slated.acting("office") as act:
        return_slates(act, slated.units["u1"], "再退")
    assert refusal.value.code == "slate.nothing_handed_in"


@pytest.mark.parametrize("who", ["u2", "office", "u1-b1"])
def test_a_unit_s_slates_are_its_own_clerk_s(slated: County, who: str) -> None:
    with pytest.raises(Forbidden), slated.acting(who) as act:
        open_slates(act, slated.units["u1"])


# Freezing


def test_slates_freeze_when_the_notice_has_run_and_nothing_is_open(slated: County) -> None:
    slated.wait(LONG)
    frozen = freeze(slated, "u1")
    assert len(frozen) == 3
    for slate in frozen:
        assert slate.state is SlateState.FROZEN
        assert slate.frozen_by_id == slated.people["office"].person_id
        assert slate.hash == digest(slate.content)
    content = line(slated, "u1", "farmer").slate.content  # type: ignore[union-attr]
    assert content is not None
    assert (content["seats"], content["category"]["code"], content["order"]) == (1, "farmer", "strokes")
    assert [one["position"] for one in content["candidates"]] == [1, 2]
    assert blockers(slated, "u1") == []
    assert row(slated, "u1").state is SlateState.FROZEN


def test_freezing_fixes_the_margin(slated: County) -> None:
    slated.wait(LONG)
    freeze(slated, "u1")
    with pytest.raises(Refused) as refusal, slated.acting("office") as act:
        set_rule(act, slated.congress_id, "margin_min", "40")
    assert refusal.value.code == "rules.frozen"


def test_a_slate_is_not_frozen_while_the_notice_hangs(slated: County) -> None:
    assert blockers(slated, "u1") == ["slate.electors_notice_hangs", "slate.notice_hangs"]
    with pytest.raises(Refused) as refusal:
        freeze(slated, "u1")
    assert refusal.value.code == "slate.blocked"
    assert "2031年3月10日" in f"{refusal.value.params['blockers']:zh}"
    assert {one.state for one in lines(slated, "u1")} == {SlateState.SUBMITTED}


def test_electors_who_moved_since_they_were_verified_and_published_block_their_own_unit(slated: County) -> None:
    slated.wait(LONG)
    voter = slated.members("u1-b2")[-1]
    with slated.acting("office") as act:
        seen = member_token(member_line(act.session, slated.congress_id, voter))
        set_voting_right(
            act, slated.congress_id, voter, Standing.FULL, Suspension.DETAINED, reason="县监委通报", seen=seen
        )
    assert blockers(slated, "u1") == ["slate.roster_moved", "slate.electors_moved"]
    assert blockers(slated, "u2") == []
    with slated.reading() as session:  # the whole county's board, from what is remembered
        rows = slate_board(session, slated.congress_id, slated.now.date()).rows
    assert [[one.code for one in each.blockers] for each in rows] == [
        ["slate.roster_moved", "slate.electors_moved"],
        [],
    ]
    with pytest.raises(Refused):
        freeze(slated, "u1")
    with slated.acting("u1") as act:
        verify_unit(act, slated.units["u1"], seen=unit_roster(act.session, slated.units["u1"]).state.hash)
    assert blockers(slated, "u1") == ["slate.electors_moved"]
    with slated.acting("office") as act:
        publish_electors_notice(act, slated.congress_id)
    assert len(freeze(slated, "u1")) == 3


def test_a_thin_margin_is_named_by_unit_and_category(slated: County) -> None:
    slated.wait(LONG)
    with slated.acting("office") as act:
        set_rule(act, slated.congress_id, "margin_min", "200")
    found = row(slated, "u1")
    assert [finding.code for finding in found.blockers] == ["slate.margin_short", "slate.margin_short"]
    assert found.blockers[1].params == {"unit": "第1镇", "category": "农民", "need": 3, "have": 2}
    with pytest.raises(Refused):
        freeze(slated, "u1")


def test_the_one_who_handed_in_never_freezes(slated: County) -> None:
    slated.wait(LONG)
    clerk = slated.people["u1"]
    both = Actor(clerk.person_id, clerk.name, (*clerk.grants, *slated.people["office"].grants))
    with pytest.raises(Refused) as refusal, slated.acting(both) as act:
        freeze_slates(act, slated.units["u1"])
    assert refusal.value.code == "slate.decided_by_submitter"


def test_an_open_objection_blocks_and_its_closing_frees(slated: County) -> None:
    slated.wait(LONG)
    about = line(slated, "u1", "farmer").candidates[0]
    objection_id = object_to(slated, about.person_id)
    assert blockers(slated, "u1") == ["slate.objection_open"]
    assert blockers(slated, "u2") == []
    slated.sit("office2", Role.OFFICE)
    with slated.acting("office2") as act:
        decide_objection(act, objection_id, finding="不属实", upheld=False)
    assert len(freeze(slated, "u1")) == 3


def object_to(county: County, person_id: int) -> int:
    with county.acting("office") as act:
        notice = latest_notice(act.session, county.congress_id, NoticeKind.CANDIDATES)
        assert notice is not None
        return record_objection(act, notice.id, person_id, "群众", "材料不实", late=True).id


def test_an_objection_upheld_against_an_assigned_leader_blocks(slated: County) -> None:
    slated.wait(LONG)
    leader = line(slated, "u1", "leader", "uncontested").candidates[0]
    objection_id = object_to(slated, leader.person_id)
    with slated.acting("office") as act:
        decide_objection(act, objection_id, finding="属实", upheld=True)
    assert blockers(slated, "u1") == ["slate.objection_upheld"]


def test_an_objection_raised_after_freezing_holds_the_meeting_up(slated: County) -> None:
    slated.wait(LONG)
    freeze(slated, "u1")
    leader = line(slated, "u1", "leader", "uncontested").candidates[0]
    objection_id = object_to(slated, leader.person_id)
    assert blockers(slated, "u1") == ["slate.objection_open"]
    with slated.acting("office") as act:
        decide_objection(act, objection_id, finding="不属实", upheld=False)
    assert blockers(slated, "u1") == []


def test_applications_still_on_their_way_block_their_unit_only(county: County) -> None:
    for branch, category in (("u1-b1", "leader"), ("u1-b1", "farmer"), ("u2-b1", "farmer"), ("u2-b2", "other")):
        propose(county, branch, category, 2)
    apply(county, "u1-b2", "farmer", 1)
    publish(county)
    hand_in(county, "u1", "u2")
    county.wait(LONG)
    assert blockers(county, "u1") == ["slate.applications_open"]
    assert blockers(county, "u2") == []


def test_who_was_not_on_a_notice_that_ran_is_named(county: County) -> None:
    for branch, category in (("u1-b1", "leader"), ("u1-b1", "farmer"), ("u2-b1", "farmer"), ("u2-b2", "other")):
        propose(county, branch, category, 2)
    publish(county)
    (late,) = propose(county, "u1-b2", "farmer", 1)
    hand_in(county, "u1")
    county.wait(LONG)
    assert blockers(county, "u1") == ["slate.not_on_notice"]
    publish(county)
    assert blockers(county, "u1") == ["slate.notice_hangs"]
    county.wait(LONG)
    freeze(county, "u1")
    assert late in {one.application_id for one in line(county, "u1", "farmer").candidates}


def test_without_a_notice_no_slate_is_frozen(county: County) -> None:
    propose(county, "u1-b1", "leader", 2)
    propose(county, "u1-b1", "farmer", 2)
    hand_in(county, "u1")
    county.wait(LONG)
    assert blockers(county, "u1") == ["slate.no_notice"]


def test_a_unit_that_handed_nothing_in_is_told_what_is_missing(county: County) -> None:
    assert blockers(county, "u2").count("slate.not_submitted") == 2
    with pytest.raises(Refused) as refusal:
        freeze(county, "u2")
    assert refusal.value.code == "slate.nothing_handed_in"


def record_changes(slated: County, change: str) -> None:
    """The first farmer on u1's slate loses the vote, the category or the branch."""
    candidate = line(slated, "u1", "farmer").candidates[0]
    with slated.acting("office") as act:
        known = member_line(act.session, slated.congress_id, candidate.member_id)
        facts = MemberChange(
            known.name, known.branch_id, known.ethnicity, known.education, known.joined_on, known.category, known.post
        )
        seen = member_token(known)
        if change == "vote":
            set_voting_right(
                act, slated.congress_id, known.member_id, Standing.FULL, Suspension.DETAINED, reason="县监委", seen=seen
            )
        elif change == "category":
            facts = replace(facts, category="other")
            change_member(act, slated.congress_id, known.member_id, facts, seen=seen)
        else:
            facts = replace(facts, branch_id=slated.branches["u2-b1"])
            change_member(act, slated.congress_id, known.member_id, facts, seen=seen)


EXPECTED = {
    "vote": "slate.candidate_no_vote",
    "category": "slate.candidate_category",
    "branch": "slate.candidate_moved",
}


@pytest.mark.parametrize("change", ["vote", "category", "branch"])
def test_a_candidate_whose_record_changed_is_noticed(slated: County, change: str) -> None:
    slated.wait(LONG)
    record_changes(slated, change)
    assert EXPECTED[change] in blockers(slated, "u1")


@pytest.mark.parametrize("change", ["vote", "category", "branch"])
def test_a_frozen_slate_names_who_on_it_may_not_stand_any_more(slated: County, change: str) -> None:
    slated.wait(LONG)
    freeze(slated, "u1")
    assert blockers(slated, "u1") == [] and not row(slated, "u1").outdated
    record_changes(slated, change)
    assert blockers(slated, "u1") == [EXPECTED[change]] and row(slated, "u1").outdated


def test_a_later_notice_for_others_holds_up_nobody_who_was_on_one_that_has_run(slated: County) -> None:
    slated.wait(LONG)
    give_back(slated, "u2")
    propose(slated, "u2-b2", "farmer", 1)
    publish(slated)
    hand_in(slated, "u2")
    assert blockers(slated, "u1") == []
    assert "slate.notice_hangs" in blockers(slated, "u2")


def test_drawing_up_again_keeps_an_order_by_hand_until_somebody_joins(slated: County) -> None:
    give_back(slated, "u1")
    drawn = line(slated, "u1", "farmer")
    assert drawn.slate is not None
    turned = [one.candidate_id for one in reversed(drawn.candidates)]
    with slated.acting("u1") as act:
        with pytest.raises(Refused) as unmoved:
            order_by_hand(act, drawn.slate.id, turned[::-1], "照旧")
        assert unmoved.value.code == "slate.order_as_it_was"
    with slated.acting("u1") as act:
        order_by_hand(act, drawn.slate.id, turned, "县委批准次序")
    members = [one.member_id for one in line(slated, "u1", "farmer").candidates]
    with slated.acting("u1") as act:
        open_slates(act, slated.units["u1"])
    again = line(slated, "u1", "farmer")
    assert again.slate is not None and again.slate.order_reason == "县委批准次序"
    assert [one.member_id for one in again.candidates] == members
    with slated.acting("u1") as act:
        order_by_strokes(act, again.slate.id)
    back = line(slated, "u1", "farmer")
    assert back.slate is not None and back.slate.order_reason == ""
    assert [one.member_id for one in back.candidates] == members[::-1]


def test_an_unknown_slate_is_not_found(county: County) -> None:
    with pytest.raises(NotFound), county.acting("office") as act:
        supersede_slate(act, 999, "x")


# Order


def test_a_name_outside_the_stroke_table_is_placed_by_hand_with_a_reason(county: County) -> None:
    ids = propose(county, "u1-b1", "farmer", 2)
    propose(county, "u1-b1", "leader", 1)
    rare = county.person_of(member_of(county, ids[0]))
    with county.database.writing() as session:
        session.get_one(Person, rare.id).name = "𰻝某"
    with county.acting("u1") as act:
        open_slates(act, county.units["u1"])
    with pytest.raises(Refused) as refusal, county.acting("u1") as act:
        submit_slates(act, county.units["u1"])
    assert (refusal.value.code, refusal.value.params["character"]) == ("strokes.unknown_character", "𰻝")
    drawn = line(county, "u1", "farmer")
    assert drawn.slate is not None
    turned = [one.candidate_id for one in reversed(drawn.candidates)]
    with county.acting("u1") as act:
        order_by_hand(act, drawn.slate.id, turned, "字表未收，按 57 画计")
    with county.acting("u1") as act:
        submit_slates(act, county.units["u1"])
    assert [one.name for one in line(county, "u1", "farmer").candidates] == [
        one.name for one in reversed(drawn.candidates)
    ]


@pytest.mark.parametrize(
    ("places", "reason", "code"),
    [([0, 1], " ", "slate.order_reason_missing"), ([0], "按字典", "slate.order_incomplete")],
)
def test_an_order_by_hand_names_everyone_once_and_why(
    county: County, places: list[int], reason: str, code: str
) -> None:
    propose(county, "u1-b1", "farmer", 2)
    with county.acting("u1") as act:
        open_slates(act, county.units["u1"])
    drawn = line(county, "u1", "farmer")
    assert drawn.slate is not None
    with pytest.raises(Refused) as refusal, county.acting("u1") as act:
        order_by_hand(act, drawn.slate.id, [drawn.candidates[place].candidate_id for place in places], reason)
    assert refusal.value.code == code
