"""What waits for whom, as a table of one thing undone and one role; never somebody else's, never one's own twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from election.congress.lifecycle import Phase
from election.contests.models import RoundKind
from election.count.entry import EntryState as E
from election.meeting.lifecycle import MeetingState as M
from election.people.actor import Actor, Grant, Role
from election.progress.facts import FormFacts, ProposalFacts
from election.progress.queries_again import SlateAgain, SlatesAgain
from election.progress.queries_reopenings import OpenAgain
from election.progress.waiting import Desk, waiting_for
from election.quotas.lifecycle import SchemeState
from election.results.lifecycle import ResultsState
from election.results.settling import TO_PROPOSE, Unsettled
from election.texts import catalogue, sentence
from tests.election.progress.making import DONE, UNIT, contests, facts, units

ME, OTHER = 1, 2
QUIET = {"results": ResultsState.NONE}


def who(role: Role, **place: int) -> Actor:
    return Actor(ME, "甲", (Grant(role, 1, **place),))


def form(state: E, first: int | None = None, second: int | None = None, unit: int = 1) -> FormFacts:
    return FormFacts(unit, "01-1-1", state, first, second)


def codes(found, actor: Actor, phase: Phase = Phase.ELECTION, gate_open: bool = False) -> list[tuple[str, int]]:
    items = waiting_for(found, actor, 1, phase, gate_open)
    for item in items:
        said = sentence(item.code, item.params)
        assert said.zh and said.en and item.count >= 1
    return [(item.code, item.count) for item in items]


def again(in_hand: bool, missing: int, number: int = 1) -> dict[str, SlatesAgain]:
    return {"slates_again": SlatesAgain((SlateAgain("甲镇", "u1", "农民", in_hand, missing),) * number)}


LATER_IN_SIX = tuple(one for unit in range(1, 7) for one in contests(1, later=RoundKind.RERUN, unit=unit))
MOVED = {"results": ResultsState.PUBLISHED, "results_moved": True}
COUNTING = {"units": units(meeting=M.BALLOTS_RECORDED, decided=0)}
TABLE = [
    (Role.OFFICE, {"schemes": {SchemeState.RETURNED: 1}}, "waiting.scheme_returned", 1),
    (Role.OFFICE, {"schemes": {SchemeState.DRAFT: 2}}, "waiting.scheme_draft", 1),
    (Role.OFFICE, {"units": units(3, letter_open=True)}, "waiting.letters_unsigned", 3),
    (Role.OFFICE, {"awaiting_review": 4}, "waiting.reviews", 4),
    (Role.OFFICE, {"objections_open": 2}, "waiting.objections", 2),
    (Role.OFFICE, {"objections_unsettled": 2}, "waiting.objections_unsettled", 2),
    (Role.OFFICE, {"units": units(3, submitted=1)}, "waiting.slates_submitted", 3),
    (Role.OFFICE, again(True, 1), "waiting.slate_short", 1),
    (Role.OFFICE, again(True, 0), "waiting.slate_again", 1),
    (Role.OFFICE, again(False, 1, 6), "waiting.slates_short", 6),
    (Role.OFFICE, again(True, 0, 6), "waiting.slates_again", 6),
    (Role.OFFICE, {"slates_again": SlatesAgain(reprints=2)}, "waiting.reprints", 2),
    (Role.OFFICE, {"contests": contests(2, later=RoundKind.TIE_BALLOT)}, "waiting.unit_unplanned", 1),
    (Role.OFFICE, {"units": units(6), "contests": LATER_IN_SIX}, "waiting.units_unplanned", 6),
    (Role.OFFICE, {"results": ResultsState.PROPOSED, "proposer": OTHER}, "waiting.publication", 1),
    (Role.OFFICE, {"results": ResultsState.CORRECTION_PROPOSED, "proposer": OTHER}, "waiting.publication", 1),
    (Role.OFFICE, MOVED, "waiting.propose_correction", 1),
    (Role.OFFICE, MOVED | {"contests": contests(1, Unsettled.NO_RESULT)}, "waiting.results_moved", 1),
    (Role.APPROVER, {"exemptions_due": (("甲镇", "农民"),)}, "waiting.exemption_asked", 1),
    (Role.APPROVER, {"schemes": {SchemeState.SUBMITTED: 2}}, "waiting.scheme_submitted", 2),
    (Role.APPROVER, {"results": ResultsState.PROPOSED, "proposer": OTHER}, "waiting.publication", 1),
    (Role.TELLER, COUNTING | {"forms": (form(E.EMPTY),)}, "waiting.entry_first", 1),
    (Role.TELLER, COUNTING | {"forms": (form(E.FIRST_FINALISED, OTHER),)}, "waiting.entry_second", 1),
    (Role.TELLER, COUNTING | {"forms": (form(E.FIRST_IN_PROGRESS, ME),)}, "waiting.entry_mine", 1),
    (Role.TELLER, COUNTING | {"forms": (form(E.FIRST_IN_CORRECTION, ME),)}, "waiting.entry_mine", 1),
    (Role.TELLER, COUNTING | {"forms": (form(E.SECOND_IN_PROGRESS, OTHER, ME),)}, "waiting.entry_mine", 1),
    (Role.TELLER, COUNTING | {"forms": (form(E.SECOND_IN_CORRECTION, OTHER, ME),)}, "waiting.entry_mine", 1),
    (Role.SCRUTINEER, {"units": units(meeting=M.OPENED)}, "waiting.record_ballots", 1),
    (Role.SCRUTINEER, COUNTING | {"units": units(meeting=M.BALLOTS_RECORDED, decided=0, ballots_due=1)}, "waiting.record_ballots", 1),
    (Role.SCRUTINEER, {"proposals": (ProposalFacts(1, OTHER), ProposalFacts(1, ME))}, "waiting.follow_ups", 1),
    (Role.SCRUTINEER, {"forms": (form(E.ENTRIES_DIFFER, OTHER, 3),)}, "waiting.entries_differ", 1),
    (Role.SCRUTINEER, {"forms": (form(E.ENTRIES_EQUAL, OTHER, 3),) * 2}, "waiting.confirm", 2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "change", "code", "count"), TABLE, ids=lambda each: each if isinstance(each, str) else ""
)
def test_each_thing_waits_for_its_role_and_for_no_other(role: Role, change, code: str, count: int) -> None:
    found = facts(**(QUIET | change))
    assert codes(found, who(role)) == [(code, count)]
    for other in set(Role) - {role, Role.ADMIN, Role.UNIT_CLERK, Role.BRANCH_CLERK}:
        assert (code, count) not in codes(found, who(other)) or (role, other, code) in {
            (Role.OFFICE, Role.APPROVER, "waiting.publication"),
            (Role.APPROVER, Role.OFFICE, "waiting.publication"),
        }
    assert waiting_for(found, who(role), 2, Phase.ELECTION, False) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"letter_open": True}, "waiting.sign_letter"),
        ({"verified": False}, "waiting.verify_roster"),
        ({"untold": 1, "meeting": None, "rounds": 0, "frozen": 0, "decided": 0}, "waiting.tell_absent"),
        ({"frozen": 1, "submitted": 1, "meeting": None}, "waiting.submit_slates"),
        ({"meeting": None}, "waiting.plan_meeting"),
        ({"meeting": M.PLANNED}, "waiting.open_meeting"),
        ({"meeting": M.BALLOTS_RECORDED}, "waiting.close_meeting"),
        ({"meeting": M.BALLOTS_RECORDED, "decided": 2, "void": 1}, "waiting.close_meeting"),
        ({"meeting": M.BALLOTS_RECORDED, "decided": 2}, None),
        ({"frozen": 1, "submitted": 2, "meeting": None}, None),
        ({"rounds": 0, "frozen": 0, "decided": 0, "meeting": None}, None),
        ({}, None),
    ],
)
def test_a_unit_s_clerk_is_told_the_next_step_of_the_own_unit_only(change, code: str | None) -> None:
    found = facts(units=(replace(UNIT, **change), replace(UNIT, id=2, code="u2", verified=False)))
    clerk = who(Role.UNIT_CLERK, unit_id=1)
    assert codes(found, clerk) == ([] if code is None else [(code, 1)])
    assert codes(found, who(Role.UNIT_CLERK, unit_id=2)) == [("waiting.verify_roster", 1)]


@pytest.mark.parametrize("why", TO_PROPOSE)
def test_a_chair_hears_what_is_to_follow_before_the_meeting_closes(why: Unsettled) -> None:
    waits = contests(2, why) + contests(1, Unsettled.NO_RESULT) + contests(1, Unsettled.PROPOSED)
    for meeting in (M.BALLOTS_RECORDED, M.CLOSED):
        found = facts(units=units(2, meeting=meeting), contests=waits)
        assert codes(found, who(Role.UNIT_CLERK, unit_id=1)) == [("waiting.what_follows", 2)]
        others = [] if meeting is M.CLOSED else [("waiting.close_meeting", 1)]
        assert codes(found, who(Role.UNIT_CLERK, unit_id=2)) == others
    # What is proposed waits for a scrutineer; until one has agreed nobody is told to close.
    found = facts(units=units(2, meeting=M.BALLOTS_RECORDED), contests=contests(1, Unsettled.PROPOSED))
    assert codes(found, who(Role.UNIT_CLERK, unit_id=1)) == []


def test_a_round_that_waits_for_a_later_meeting_is_told_until_one_is_planned() -> None:
    for meeting, told in ((M.CLOSED, "waiting.plan_later"), (M.PLANNED, "waiting.open_meeting")):
        found = facts(units=units(2, meeting=meeting), contests=contests(2, later=RoundKind.SUPPLEMENTARY))
        assert codes(found, who(Role.UNIT_CLERK, unit_id=1)) == [(told, 1)]
        assert codes(found, who(Role.OFFICE)) == ([("waiting.unit_unplanned", 1)] if meeting is M.CLOSED else [])


def test_a_seat_letter_waits_beside_the_next_step() -> None:
    found = facts(units=(replace(UNIT, verified=False, letter_open=True),))
    assert codes(found, who(Role.UNIT_CLERK)) == [("waiting.sign_letter", 1), ("waiting.verify_roster", 1)]


def test_a_branch_s_clerk_hears_of_the_own_branch_in_this_congress_only() -> None:
    found = facts(applied_by_branch={7: 8, 8: 5}, ballots_by_branch={7: 3, 8: 1})
    assert codes(found, who(Role.BRANCH_CLERK, organisation_id=7)) == [("waiting.branch_ballot", 3)]
    assert codes(found, who(Role.BRANCH_CLERK, organisation_id=9)) == []
    elsewhere = Actor(ME, "甲", (Grant(Role.BRANCH_CLERK, 2, None, 8), Grant(Role.BRANCH_CLERK, 1, None, 7)))
    assert codes(found, elsewhere) == [("waiting.branch_ballot", 3)]


def test_a_branch_s_clerk_hears_where_people_may_apply_again() -> None:
    clerk = who(Role.BRANCH_CLERK, organisation_id=7)
    opened = [OpenAgain("农民", date(2031, 3, 12), 1)]
    (one,) = waiting_for(facts(ballots_by_branch={7: 0}), clerk, 1, Phase.NOMINATION, False, opened=opened)
    assert (one.code, one.params["category"]) == ("waiting.open_again", "农民")


def test_when_nomination_begins_branches_units_and_the_office_hear_what_is_theirs_to_do() -> None:
    nothing = {"frozen": 0, "decided": 0, "meeting": None, "contested": 2}
    found = facts(units=units(3, **nothing), ballots_by_branch={7: 0}, results=ResultsState.NONE)
    told = {
        (Role.BRANCH_CLERK, 9): [("waiting.branch_applications", 1)],
        (Role.BRANCH_CLERK, 7): [],
    }
    for (role, branch), expected in told.items():
        assert codes(found, who(role, organisation_id=branch), Phase.NOMINATION) == expected
    assert codes(found, who(Role.UNIT_CLERK, unit_id=1), Phase.NOMINATION) == [("waiting.collect", 1)]
    assert codes(found, who(Role.OFFICE), Phase.NOMINATION) == [("waiting.units_collect", 3)]
    for role in (Role.UNIT_CLERK, Role.BRANCH_CLERK, Role.OFFICE):  # and of slates nothing before
        assert codes(found, who(role, organisation_id=9), Phase.REGISTRATION) == []


def test_a_unit_hands_its_slates_in_when_whom_it_put_forward_is_reviewed() -> None:
    nothing = {"frozen": 0, "decided": 0, "meeting": None, "contested": 2, "forward": 4}
    for reviewing, expected in ((1, []), (0, [("waiting.submit_slates", 1)])):
        found = facts(units=units(1, **nothing, reviewing=reviewing))
        assert codes(found, who(Role.UNIT_CLERK), Phase.NOMINATION) == expected


def test_a_proposal_does_not_wait_for_the_person_who_made_it() -> None:
    found = facts(results=ResultsState.PROPOSED, proposer=ME)
    assert codes(found, who(Role.OFFICE)) == codes(found, who(Role.APPROVER)) == []


def test_the_office_hears_of_an_open_gate_and_of_results_that_are_ready() -> None:
    assert codes(DONE, who(Role.OFFICE), Phase.ELECTION, True) == [("waiting.phase", 1)]
    assert codes(DONE, who(Role.OFFICE), Phase.ARCHIVE, True) == []
    ready = facts(results=ResultsState.NONE)
    assert codes(ready, who(Role.OFFICE), Phase.ANNOUNCEMENT) == [("waiting.propose_publication", 1)]
    assert codes(ready, who(Role.OFFICE), Phase.ELECTION) == []
    withdrawn = facts(results=ResultsState.NONE, contests=contests(1, Unsettled.NO_RESULT))
    assert codes(withdrawn, who(Role.OFFICE), Phase.ANNOUNCEMENT) == []


@pytest.mark.parametrize("state", [E.FIRST_FINALISED, E.FIRST_IN_PROGRESS, E.SECOND_IN_PROGRESS])
def test_another_s_entry_in_progress_waits_for_nobody_and_the_own_first_is_never_offered_as_second(state: E) -> None:
    first = OTHER if state is not E.FIRST_FINALISED else ME
    found = facts(**(COUNTING | {"forms": (form(state, first, OTHER),)}))
    assert codes(found, who(Role.TELLER)) == []


def test_forms_wait_for_tellers_of_their_unit_while_it_counts() -> None:
    found = facts(**(COUNTING | {"forms": (form(E.EMPTY, unit=1), form(E.EMPTY, unit=2))}))
    assert codes(found, who(Role.TELLER)) == [("waiting.entry_first", 1)]
    assert codes(found, who(Role.TELLER, unit_id=1)) == [("waiting.entry_first", 1)]
    assert codes(found, who(Role.TELLER, unit_id=2)) == []


@pytest.mark.parametrize(("first", "second"), [(ME, OTHER), (OTHER, ME)])
def test_a_scrutineer_never_decides_on_the_own_entry(first: int, second: int) -> None:
    for state in (E.ENTRIES_DIFFER, E.ENTRIES_EQUAL):
        assert codes(facts(forms=(form(state, first, second),)), who(Role.SCRUTINEER)) == []


def test_several_roles_are_told_in_the_order_of_the_election() -> None:
    everything = facts(**(COUNTING | {
        "awaiting_review": 1, "schemes": {SchemeState.SUBMITTED: 1}, "forms": (form(E.EMPTY), form(E.ENTRIES_EQUAL, 3, 4))
    }))  # fmt: skip
    actor = Actor(ME, "甲", tuple(Grant(role, 1) for role in reversed(Role) if role is not Role.ADMIN))
    desks = [item.desk for item in waiting_for(everything, actor, 1, Phase.ELECTION, False)]
    assert desks == sorted(desks, key=list(Desk).index)


def test_every_waiting_thing_has_its_sentence_and_every_sentence_its_thing() -> None:
    from tests.house.sources import ROOT

    written = (ROOT / "election" / "progress" / "waiting.py").read_text("utf-8")
    assert all(f'"{code}"' in written for code in catalogue() if code.startswith("waiting."))
