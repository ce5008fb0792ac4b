"""The acts that mend a short cell: nomination opened again, uncontested by a recorded decision; and the board that shows them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from election.congress.lifecycle import Phase
from election.errors import Forbidden, NotFound, Refused
from election.nomination.leaders.operations import release_leader
from election.nomination.lifecycle import ApplicationState, SlateState
from election.nomination.models import Application
from election.nomination.models_margin import MarginExemption
from election.nomination.slates.margins import MarginStatus
from election.nomination.slates.operations import supersede_slate
from election.nomination.slates.operations_margin import (
    close_reopening,
    exempt_cell,
    reopen_nomination,
    revoke_exemption,
)
from election.nomination.slates.operations_speeches import draw_speeches
from election.nomination.slates.queries_board import BoardCell, SlateBoard, slate_board
from election.nomination.slates.queries_margin import decisions_on, exemptions, open_reopenings
from election.people.actor import Role
from election.people.models import Person
from election.people.operations import grant_role
from election.people.queries import actor_of
from election.quotas.lifecycle import SchemeState
from election.quotas.models import Scheme
from election.quotas.queries import assigned_leaders
from election.store.models import AuditEvent
from election.texts import sentence
from tests.support.county import ROOT, County
from tests.support.nominating import LONG, apply, blockers, enter, freeze, give_back, hand_in, line, propose, publish

DECISION = {"reason": "报名不足", "document": "县委常委会纪要〔7〕号", "decided_on": date(2031, 3, 1)}


def exempt(county: County, unit: str = "u1", category: str = "farmer", who: str = "approver", **given: Any) -> None:
    with county.acting(who) as act:
        exempt_cell(act, county.congress_id, county.units[unit], county.categories[category], **{**DECISION, **given})


def reopen(county: County, unit: str = "u1", category: str = "farmer", who: str = "office", **given: Any) -> None:
    asked = {"reason": "报名不足", "until": county.now.date() + timedelta(days=3), **given}
    with county.acting(who) as act:
        reopen_nomination(act, county.congress_id, county.units[unit], county.categories[category], **asked)


def board(county: County) -> SlateBoard:
    with county.reading() as session:
        return slate_board(session, county.congress_id, county.now.date())


def cell(county: County, unit: str = "u1", category: str = "farmer") -> BoardCell:
    row = next(one for one in board(county).rows if one.unit_code == unit)
    return next(one for one in row.cells if one.category_code == category)


def refusal(act: Any, *given: Any, **named: Any) -> tuple[str, str | None]:
    with pytest.raises(Refused) as caught:
        act(*given, **named)
    assert sentence(caught.value.code, caught.value.params).en
    return caught.value.code, caught.value.field


# Uncontested by a recorded decision


def test_a_decision_lets_a_cell_be_uncontested_and_is_named_everywhere(county: County) -> None:
    propose(county, "u1-b1", "leader", 2)
    propose(county, "u1-b1", "farmer", 1)
    publish(county)
    hand_in(county, "u1")
    county.wait(LONG)
    assert blockers(county, "u1") == ["slate.margin_short"]
    exempt(county)
    assert cell(county).margin.status is MarginStatus.EXEMPT
    assert (cell(county).margin.needed, cell(county).margin.cell.exempt_by) == (1, DECISION["document"])
    assert board(county).totals.exempt_cells == 1
    assert blockers(county, "u1") == []
    with county.acting(ROOT) as act:
        decided = act.session.get_one(Person, county.people["approver"].person_id)
        grant_role(act, decided, Role.OFFICE, congress_id=county.congress_id)
        county.people["approver"] = actor_of(act.session, decided)
    assert refusal(freeze, county, "u1", "approver") == ("slate.exempted_alone", None)
    freeze(county, "u1")
    content = line(county, "u1", "farmer").slate.content  # type: ignore[union-attr]
    assert content is not None
    assert content["exempt_by"] == {"document": DECISION["document"], "decided_on": "2031-03-01"}
    assert content["kind"] == "contested"  # it still takes the majority
    assert "exempt_by" not in (line(county, "u1", "leader").slate.content or {})  # type: ignore[union-attr]


def test_an_exempt_cell_still_has_a_candidate_for_every_seat(county: County) -> None:
    exempt(county)
    assert (cell(county).margin.status, cell(county).margin.missing) == (MarginStatus.SHORT, 1)


def test_a_decision_is_revoked_and_another_recorded(county: County) -> None:
    exempt(county)
    assert refusal(exempt, county) == ("margin.exempt_already", None)
    with county.acting("approver") as act:
        revoke_exemption(act, county.congress_id, county.units["u1"], county.categories["farmer"])
    assert cell(county).margin.needed == 2
    with pytest.raises(NotFound), county.acting("approver") as act:
        revoke_exemption(act, county.congress_id, county.units["u1"], county.categories["farmer"])
    exempt(county, document="另一份")
    with county.reading() as session:
        assert [row.document for row in exemptions(session, county.congress_id).values()] == ["另一份"]
        told = decisions_on(session, county.units["u1"], county.categories["farmer"])
        assert len(session.scalars(select(MarginExemption)).all()) == 2
    assert [(one.document, one.revoked_at is None) for one in told] == [
        ("另一份", True),
        (DECISION["document"], False),
    ]


def test_what_a_frozen_slate_stands_on_is_not_taken_away(slated: County) -> None:
    exempt_while_short(slated)
    slated.wait(LONG)
    freeze(slated, "u1")
    for operation in (revoke, exempt, reopen):
        assert refusal(operation, slated) == ("margin.slate_frozen", None)
    slate = line(slated, "u1", "farmer").slate
    assert slate is not None
    with slated.acting("office") as act:
        supersede_slate(act, slate.id, "撤销等额")
    revoke(slated)
    assert cell(slated).margin.status is MarginStatus.HELD


def revoke(county: County) -> None:
    with county.acting("approver") as act:
        revoke_exemption(act, county.congress_id, county.units["u1"], county.categories["farmer"])


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"reason": " "}, "margin.reason_missing", "reason"),
        ({"document": ""}, "margin.document_missing", "document"),
        ({"decided_on": None}, "margin.day_missing", "decided_on"),
        ({"decided_on": date(2031, 3, 4)}, "margin.day_coming", "decided_on"),
        ({"category": "other"}, "margin.no_seat", None),
    ],
)
def test_a_decision_without_its_paper_is_refused(county: County, given: Any, code: str, field: str | None) -> None:
    assert refusal(exempt, county, **given) == (code, field)


@pytest.mark.parametrize("who", ["office", "u1", "u1-b1"])
def test_only_an_approver_records_such_a_decision(county: County, who: str) -> None:
    with pytest.raises(Forbidden):
        exempt(county, who=who)
    with pytest.raises(Forbidden), county.acting(who) as act:
        revoke_exemption(act, county.congress_id, county.units["u1"], county.categories["farmer"])


# Nomination opened again


def test_a_reopened_cell_says_until_when(county: County) -> None:
    until = county.now.date() + timedelta(days=3)
    reopen(county)
    assert cell(county).open_until == until
    assert cell(county, "u2").open_until is None
    county.wait(3)
    assert cell(county).open_until == until  # the last day counts
    county.wait(1)
    assert cell(county).open_until is None
    with county.reading() as session:
        assert open_reopenings(session, county.congress_id, county.now.date()) == {}


def test_a_cell_is_opened_again_as_often_as_it_takes(county: County) -> None:
    reopen(county)
    reopen(county, until=county.now.date() + timedelta(days=9), reason="仍不足")
    with county.reading() as session:
        (row,) = open_reopenings(session, county.congress_id, county.now.date()).values()
        told = decisions_on(session, county.units["u1"], county.categories["farmer"])
    assert (row.number, row.reason) == (2, "仍不足")
    assert [one.reason for one in told] == ["仍不足", "报名不足"]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"reason": ""}, "margin.reason_missing", "reason"),
        ({"until": None}, "margin.day_missing", "until"),
        ({"until": date(2031, 3, 2)}, "margin.day_past", "until"),
        ({"category": "other"}, "margin.no_seat", None),
    ],
)
def test_a_reopening_has_a_reason_and_a_day_to_come(county: County, given: Any, code: str, field: str | None) -> None:
    assert refusal(reopen, county, **given) == (code, field)


def test_a_cell_whose_slate_is_handed_in_is_given_back_first(slated: County) -> None:
    assert refusal(reopen, slated) == ("margin.slate_submitted", None)
    give_back(slated, "u1")
    reopen(slated)


@pytest.mark.parametrize("who", ["approver", "u1", "u1-b1"])
def test_only_the_office_opens_nomination_again(county: County, who: str) -> None:
    with pytest.raises(Forbidden):
        reopen(county, who=who)


def test_places_that_are_not_of_this_congress_are_not_found(county: County) -> None:
    for unit, category in ((999, county.categories["farmer"]), (county.units["u1"], 999)):
        with pytest.raises(NotFound), county.acting("approver") as act:
            exempt_cell(act, county.congress_id, unit, category, **DECISION)  # type: ignore[arg-type]


def test_both_acts_stand_in_the_audit_chain_with_their_reason(county: County) -> None:
    exempt(county)
    reopen(county)
    with county.reading() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(2)).all()
    assert [one.action for one in events] == ["nomination.reopened", "margin.exempted"]
    assert all(one.details["reason"] == "报名不足" for one in events)
    assert all((one.details["unit"], one.details["category"]) == ("u1", "farmer") for one in events)


# What hangs together with the slates


def end(county: County, reason: str = "已足额", who: str = "office") -> None:
    with county.acting(who) as act:
        close_reopening(act, county.congress_id, county.units["u1"], county.categories["farmer"], reason)


def test_while_a_cell_is_reopened_its_slate_is_not_handed_in_unless_the_office_ends_it_early(slated: County) -> None:
    give_back(slated, "u1")
    reopen(slated)
    code, _ = refusal(hand_in, slated, "u1")
    assert code == "slate.cell_reopened"
    assert refusal(end, slated, " ") == ("margin.reason_missing", "reason")
    end(slated)
    assert refusal(end, slated)[0] == "margin.not_reopened"
    hand_in(slated, "u1")
    assert line(slated, "u1", "farmer").state is SlateState.SUBMITTED


def test_the_unit_does_not_end_a_reopening(county: County) -> None:
    reopen(county)
    with pytest.raises(Forbidden):
        end(county, who="u1")


def exempt_while_short(county: County) -> None:
    """The decision is recorded while one of two steps back; then another comes."""
    leaving = line(county, "u1", "farmer").candidates[1].application_id
    assert leaving is not None
    with county.acting("office") as act:
        act.session.get_one(Application, leaving).state = ApplicationState.PUT_FORWARD
    exempt(county)
    with county.acting("office") as act:
        act.session.get_one(Application, leaving).state = ApplicationState.PROPOSED


def test_a_cell_that_holds_its_margin_is_not_exempted(slated: County) -> None:
    assert refusal(exempt, slated) == ("margin.not_short", None)


@pytest.mark.parametrize("phase", [Phase.REGISTRATION, Phase.ANNOUNCEMENT, Phase.ARCHIVE])
def test_what_was_voted_on_stays_as_it_was_once_the_results_are_out(slated: County, phase: Phase) -> None:
    slate = line(slated, "u1", "farmer").slate
    assert slate is not None
    with slated.reading() as session:
        leader = assigned_leaders(session, slated.congress_id)[0]
    enter(slated, phase)
    for acted in (
        lambda: exempt(slated, "u2", "other"),
        lambda: reopen(slated, "u2", "other"),
        lambda: hand_in(slated, "u2"),
        lambda: give_back(slated, "u2"),
        lambda: freeze(slated, "u1"),
    ):
        assert refusal(acted) == ("slate.not_in_phase", None)
    with slated.acting("office") as act:
        assert refusal(supersede_slate, act, slate.id, "改") == ("slate.not_in_phase", None)
        if phase is not Phase.REGISTRATION:
            code, _ = refusal(release_leader, act, slated.congress_id, leader.id, "去世")
            assert code == "quotas.leaders_not_in_phase"
    with slated.acting("u1") as act:
        assert refusal(draw_speeches, act, slate.id, "3 1 4", "甲") == ("slate.not_in_phase", None)


def test_a_decision_is_written_on_a_frozen_slate_only_where_the_cell_needed_it(slated: County) -> None:
    exempt_while_short(slated)
    slated.wait(LONG)
    freeze(slated, "u1")
    content = slate_content(slated)
    assert len(content["candidates"]) == 2 and "exempt_by" not in content


def slate_content(county: County) -> dict[str, Any]:
    slate = line(county, "u1", "farmer").slate
    assert slate is not None and slate.content is not None
    return slate.content


# The board


def test_the_board_shows_seats_need_have_and_missing_with_the_assigned_apart(county: County) -> None:
    propose(county, "u1-b1", "leader", 2)
    apply(county, "u1-b1", "farmer", 3)
    seen = board(county)
    assert [name for _, name, _ in seen.categories] == ["领导干部", "农民", "其他基层"]
    first, second = seen.rows
    leader, farmer = first.cells
    assert (leader.margin.cell.seats, leader.margin.cell.assigned, leader.margin.contested) == (2, 1, 1)
    assert (leader.margin.needed, leader.margin.cell.have, leader.margin.status) == (2, 2, MarginStatus.HELD)
    assert (farmer.margin.needed, farmer.margin.missing, farmer.short) == (2, 2, True)
    assert (farmer.forecast.pipeline.applied, farmer.forecast.spare, farmer.will_be_short) == (3, 1, False)
    assert (second.totals.missing, second.forecast.missing) == (4, 4)
    assert (seen.totals.missing, seen.columns[1].missing) == (6, 4)
    assert (seen.forecast.missing, [one.missing for one in seen.forecasts]) == (4, [0, 2, 2])


def test_the_board_is_empty_while_no_scheme_is_approved(county: County) -> None:
    with county.database.writing() as session:
        for scheme in session.scalars(select(Scheme)):
            scheme.state = SchemeState.SUPERSEDED
    assert board(county).rows == ()
