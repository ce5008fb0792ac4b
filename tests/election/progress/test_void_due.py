"""More ballots back than were issued, and forms with errors: a scrutineer is told at home, each by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.congress.rules_in_force import set_rule
from election.contests.models import ContestKind
from election.count.entry import EntryState
from election.meeting.ballot_sheets import BallotSheets
from election.meeting.lifecycle import MeetingState
from election.meeting.operations_attendance import set_present
from election.meeting.operations_ballots import declare_void, record_ballots
from election.meeting.operations_opening import open_meeting
from election.people.actor import Actor, Grant, Role
from election.progress.facts import Facts, FormFacts
from election.progress.gates import NAMED_ONE_BY_ONE, Page
from election.progress.queries import facts_of, waiting_counts, waiting_for
from election.progress.queries_void import VoidDue, void_due
from election.progress.waiting import Desk, Waiting
from election.progress.waiting import waiting_for as read_waiting
from election.texts import sentence
from tests.election.meeting.test_venues import in_two_venues
from tests.election.progress.making import facts, units
from tests.support.evening import SCRUTINEERS, Evening, evening_from, nominated, opened
from tests.support.stores import Stores

ME, OTHER = 1, 2


@pytest.fixture
def evening(stores: Stores) -> Iterator[Evening]:
    made = evening_from(stores, "nominated", nominated)
    yield made
    made.county.database.close()


def names(evening: Evening) -> list[str]:
    with evening.county.reading() as session:
        return [one.name.zh for one in void_due(session, evening.county.congress_id)]


def record(evening: Evening, returned: dict[str, int]) -> None:
    given = {evening.round_of("u1", category): (28, number) for category, number in returned.items()}
    with evening.county.acting(SCRUTINEERS[0]) as act:
        record_ballots(act, evening.meetings["u1"], given)


def test_a_contest_waits_from_the_record_of_a_ballot_too_many_until_it_is_declared_void(evening: Evening) -> None:
    opened(evening)
    assert names(evening) == []
    record(evening, {"farmer": 29, "other": 28})
    assert names(evening) == ["农民（差额）"]
    with evening.county.reading() as session:
        congress = session.get_one(Congress, evening.county.congress_id)
        actor = evening.county.people[SCRUTINEERS[0]]
        today = evening.county.now.date()
        mine = waiting_for(session, congress, actor, today)
        (due,) = [one for one in mine if one.code == "waiting.declare_void"]
        assert (due.desk, due.page, due.unit) == (Desk.SCRUTINY, Page.BALLOTS, "u1")
        assert sentence(due.code, due.params).zh == "第1镇·农民（差额）：收回的选票多于发出的，请核实登记，宣布选举无效"
        # The badge counts what stands in the list.
        assert waiting_counts(session, congress, actor, today) == {Desk.SCRUTINY: sum(one.count for one in mine)}
        assert facts_of(session, congress).void_due == (
            VoidDue(evening.county.units["u1"], "农民", ContestKind.CONTESTED),
        )
    with evening.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, evening.round_of("u1", "farmer"))
    assert names(evening) == []


def test_the_sum_over_all_venues_decides_once_all_of_them_have_recorded(evening: Evening) -> None:
    hall, second = in_two_venues(evening)
    with evening.county.acting("u1") as act:
        set_present(act, hall, 20)
        set_present(act, second, 8)
        open_meeting(act, evening.meetings["u1"], method_adopted=True, scrutineers_voted=True)
    for venue, issued, returned, told in ((hall, 20, 21, []), (second, 8, 8, ["农民（差额）"])):
        given = {
            evening.round_of("u1", "farmer"): (issued, returned),
            evening.round_of("u1", "other"): (issued, issued),
        }
        with evening.county.acting(SCRUTINEERS[0]) as act:
            record_ballots(act, evening.meetings["u1"], given, venue_id=venue)
        assert names(evening) == told


def test_one_sheet_is_declared_void_once_whatever_stands_on_it(evening: Evening) -> None:
    with evening.county.acting("office") as act:
        set_rule(act, evening.county.congress_id, "ballot_sheets", BallotSheets.ONE.value)
    opened(evening)
    record(evening, {"farmer": 29, "other": 29})
    assert names(evening) == ["农民（差额）"]


def told(found: Facts, *grants: Grant) -> list[Waiting]:
    return read_waiting(found, Actor(ME, "甲", grants), 1, Phase.ELECTION, False)


def faulty(number: int, first: int = OTHER) -> tuple[FormFacts, ...]:
    return tuple(
        FormFacts(1, f"01-{each}-1", EntryState.FIRST_HAS_ERRORS, first, None) for each in range(1, number + 1)
    )


COUNTING = {"units": units(2, meeting=MeetingState.BALLOTS_RECORDED, decided=0)}
SCRUTINEER = Grant(Role.SCRUTINEER, 1)


def test_each_form_with_errors_is_named_with_its_unit_while_they_are_few() -> None:
    few = told(facts(**COUNTING, forms=faulty(NAMED_ONE_BY_ONE)), SCRUTINEER)
    assert [(one.code, one.count) for one in few] == [("waiting.form_faulty", 1)] * NAMED_ONE_BY_ONE
    assert sentence(few[0].code, few[0].params).zh == "第1镇：计票单 01-1-1 提交时有错误，等待监票人处理"
    (many,) = told(facts(**COUNTING, forms=faulty(NAMED_ONE_BY_ONE + 1)), SCRUTINEER)
    assert (many.code, many.count) == ("waiting.forms_faulty", NAMED_ONE_BY_ONE + 1)
    assert sentence(many.code, many.params).zh and sentence(many.code, many.params).en


def test_neither_the_own_entry_nor_another_unit_s_matters_wait_for_a_scrutineer() -> None:
    assert told(facts(**COUNTING, forms=faulty(1, first=ME)), SCRUTINEER) == []
    elsewhere = Grant(Role.SCRUTINEER, 1, unit_id=2)
    here = facts(**COUNTING, forms=faulty(1), void_due=(VoidDue(1, "农民", ContestKind.CONTESTED),))
    assert told(here, elsewhere) == []
    assert [one.code for one in told(here, SCRUTINEER)] == ["waiting.declare_void", "waiting.form_faulty"]
