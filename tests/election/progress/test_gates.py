"""The gates as a table: what blocks each phase from ending, where it is mended, and the line that shows it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.congress.lifecycle import Phase
from election.contests.models import RoundKind
from election.progress.gates import NAMED_ONE_BY_ONE, Page, blockers, stage_line
from election.progress.queries_registration import ElectorsNotice
from election.quotas.lifecycle import SchemeState
from election.results.lifecycle import ResultsState
from election.results.settling import Unsettled
from election.texts import catalogue, sentence
from tests.election.progress.making import DONE, TODAY, contests, facts, units

P = Phase
TABLE = [
    (P.PREPARATION, {"units": ()}, "gate.no_units", Page.SETTINGS),
    (P.PREPARATION, {"categories": 0}, "gate.no_categories", Page.SETTINGS),
    (P.PREPARATION, {"reply_settled": False}, "gate.no_reply", Page.SETTINGS),
    (P.PREPARATION, {"schemes": {}}, "gate.no_approved_scheme", Page.SCHEMES),
    (P.PREPARATION, {"schemes": {SchemeState.DRAFT: 2, SchemeState.RETURNED: 1}}, "gate.no_approved_scheme", Page.SCHEMES),
    (P.PREPARATION, {"schemes": {SchemeState.SUBMITTED: 1}}, "gate.scheme_awaits_approval", Page.SCHEMES),
    (P.PREPARATION, {"scheme_outdated": True}, "gate.scheme_outdated", Page.SCHEMES),
    (P.REGISTRATION, {"units": units(verified=False)}, "gate.unit_not_verified", Page.ROSTER),
    (P.REGISTRATION, {"units": units(6, verified=False)}, "gate.units_not_verified", Page.ROSTER),
    (P.REGISTRATION, {"electors_notice": None}, "gate.no_electors_notice", Page.NOTICES),
    (P.REGISTRATION, {"electors_notice": ElectorsNotice(outdated=True)}, "gate.electors_notice_outdated", Page.NOTICES),
    (P.NOMINATION, {"electors_notice": ElectorsNotice(last_day=TODAY)}, "gate.electors_notice_hangs", Page.NOTICES),
    (P.NOMINATION, {"units": units(verified=False)}, "gate.unit_roster_moved", Page.ROSTER),
    (P.NOMINATION, {"units": units(6, verified=False)}, "gate.units_roster_moved", Page.ROSTER),
    (P.NOMINATION, {"applied_by_branch": {7: 2, 8: 1}}, "gate.branch_ballots_open", Page.SLATES),
    (P.NOMINATION, {"units": units(nominees=2)}, "gate.nominees_open", Page.REVIEWS),
    (P.NOMINATION, {"awaiting_review": 1}, "gate.reviews_open", Page.REVIEWS),
    (P.NOMINATION, {"notice_published": False, "notice_last_day": None}, "gate.no_candidates_notice", Page.NOTICES),
    (P.NOMINATION, {"notice_last_day": TODAY}, "gate.notice_hangs", Page.NOTICES),
    (P.NOMINATION, {"objections_open": 1}, "gate.objections_open", Page.NOTICES),
    (P.NOMINATION, {"objections_unsettled": 1}, "gate.objections_unsettled", Page.NOTICES),
    (P.NOMINATION, {"units": units(frozen=2)}, "gate.slates_not_frozen", Page.SLATES),
    (P.NOMINATION, {"units": units(6, frozen=2)}, "gate.units_slates_not_frozen", Page.SLATES),
    (P.ELECTION, {"contests": contests(1, Unsettled.TIE)}, "gate.contest_open", Page.MEETING),
    (P.ELECTION, {"contests": contests(6, Unsettled.NO_RESULT)}, "gate.contests_open", Page.RESULTS),
    (P.ANNOUNCEMENT, {"contests": contests(1, later=RoundKind.RERUN)}, "gate.contest_later", Page.MEETING),
    (P.ANNOUNCEMENT, {"contests": contests(6, later=RoundKind.RERUN)}, "gate.contests_later", Page.RESULTS),
    (P.ANNOUNCEMENT, {"results": ResultsState.NONE}, "gate.not_published", Page.RESULTS),
    (P.ANNOUNCEMENT, {"results": ResultsState.PROPOSED}, "gate.publication_awaits_second", Page.RESULTS),
    (P.ANNOUNCEMENT, {"results_moved": True}, "gate.results_moved", Page.RESULTS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("phase", "change", "code", "page"), TABLE, ids=lambda each: each if isinstance(each, str) else ""
)
def test_each_thing_left_undone_blocks_its_own_phase_and_no_other(phase: Phase, change, code: str, page: Page) -> None:
    (found,) = blockers(facts(**change), phase, TODAY)
    assert (found.code, found.page, found.phase) == (code, page, phase)
    assert sentence(found.code, found.params).zh and sentence(found.code, found.params).en
    earlier = list(Phase)[: list(Phase).index(phase)]
    assert [one for other in earlier for one in blockers(facts(**change), other, TODAY)] == [] or "units" in change


@pytest.mark.parametrize("phase", [Phase.REGISTRATION, Phase.NOMINATION])
def test_a_notice_that_no_longer_says_who_votes_blocks_until_the_election(phase: Phase) -> None:
    (found,) = blockers(facts(electors_notice=ElectorsNotice(outdated=True)), phase, TODAY)
    assert (found.code, found.page, found.phase) == ("gate.electors_notice_outdated", Page.NOTICES, phase)


@pytest.mark.parametrize("phase", Phase)
def test_when_everything_is_done_no_phase_is_blocked(phase: Phase) -> None:
    assert blockers(DONE, phase, TODAY) == []


def test_every_gate_has_its_sentence_and_every_sentence_its_gate() -> None:
    assert {code for _, _, code, _ in TABLE} == {code for code in catalogue() if code.startswith("gate.")}


@pytest.mark.parametrize(("day", "blocked"), [(-1, False), (0, True), (1, True)])
def test_the_notice_hangs_through_its_last_day(day: int, blocked: bool) -> None:
    last = TODAY + timedelta(days=day)
    found = blockers(facts(notice_last_day=last), Phase.NOMINATION, TODAY)
    assert bool(found) == blocked
    if blocked:
        assert f"{last.year}年{last.month}月{last.day}日" in sentence(found[0].code, found[0].params).zh


def test_a_notice_without_a_waiting_time_does_not_hang() -> None:
    assert blockers(facts(notice_last_day=None), Phase.NOMINATION, TODAY) == []


@pytest.mark.parametrize("number", [1, NAMED_ONE_BY_ONE, NAMED_ONE_BY_ONE + 1, 40])
def test_a_few_units_are_named_each_with_its_place_and_many_are_counted(number: int) -> None:
    found = blockers(facts(units=units(number, verified=False)), Phase.REGISTRATION, TODAY)
    if number <= NAMED_ONE_BY_ONE:
        assert [one.unit for one in found] == [f"u{each}" for each in range(1, number + 1)]
    else:
        assert len(found) == 1 and found[0].params["count"] == number and found[0].unit is None


@pytest.mark.parametrize("why", Unsettled)
def test_a_contest_that_cannot_be_announced_blocks_by_name_and_leads_to_its_unit(why: Unsettled) -> None:
    (found,) = blockers(facts(contests=contests(1, why)), Phase.ELECTION, TODAY)
    said = sentence(found.code, found.params)
    assert found.unit == "u1" and "第1镇·农民" in said.zh and why.zh in said.zh and why.en in said.en


def test_contests_that_wait_for_different_things_are_told_apart() -> None:
    mixed = contests(7, Unsettled.NO_RESULT) + contests(2, Unsettled.TIE) + contests(1, later=RoundKind.TIE_BALLOT)
    found = blockers(facts(contests=mixed), Phase.ELECTION, TODAY)
    assert [(one.code, one.params.get("count")) for one in found] == [
        ("gate.contests_open", 7), ("gate.contest_open", None), ("gate.contest_open", None)
    ]  # fmt: skip


def test_what_is_voted_on_in_a_later_meeting_holds_up_no_announcement_but_the_archive() -> None:
    """In the archive no meeting is held any more."""
    assert blockers(facts(contests=contests(9, later=RoundKind.SUPPLEMENTARY)), Phase.ELECTION, TODAY) == []


def test_a_correction_that_waits_does_not_take_the_publication_back() -> None:
    assert blockers(facts(results=ResultsState.CORRECTION_PROPOSED), Phase.ANNOUNCEMENT, TODAY) == []


@given(st.sampled_from(Phase), st.booleans())
def test_the_stage_line_shows_six_phases_and_puts_what_blocks_at_the_next(phase: Phase, blocked: bool) -> None:
    found = facts(
        reply_settled=not blocked,
        units=units(verified=not blocked, frozen=0 if blocked else 3),
        contests=contests(3 if blocked else 0, Unsettled.NO_RESULT),
        results=ResultsState.NONE if blocked else ResultsState.PUBLISHED,
    )
    steps = stage_line(found, phase, TODAY)
    place = list(Phase).index(phase)
    assert [step.phase for step in steps] == list(Phase)
    assert [step.state for step in steps] == (
        ["done"] * place + ["current"] + ["next"] * (place < 5) + ["later"] * (4 - place)
    )
    for step in steps:
        assert step.blockers == (tuple(blockers(found, phase, TODAY)) if step.state == "next" else ())
        assert step.blockers_count == len(step.blockers)


def test_the_archive_is_the_end() -> None:
    assert [step.state for step in stage_line(facts(units=()), Phase.ARCHIVE, date.max)] == ["done"] * 5 + ["current"]
