"""The scrutineers' desk: differing entries, confirmation, correction; and that a stale page changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from election.count.entry import EntryState, Side
from election.count.models import CountForm, FormEntry, RoundOutcome
from election.count.operations import claim, discard, resume, save_draft
from election.count.operations_scrutiny import (
    confirm,
    drop_both,
    keep_one,
    return_to_teller,
    withdraw_confirmation,
)
from election.count.queries import UnitStage, unit_progress
from election.count.queries_form import scrutiny_form
from election.count.queries_scrutiny import BallotLine, ballot_records, scrutiny_list
from election.errors import Forbidden, Refused, Stale
from election.meeting.models import MeetingRound, Office, VenueBallots
from election.meeting.operations import close_meeting
from election.meeting.operations_attendance import set_present
from election.meeting.operations_ballots import declare_void, record_ballots
from election.meeting.operations_officers import appoint_officer
from election.meeting.queries_page import meeting_page
from election.store.audit import verify
from election.store.models import AuditEvent
from tests.election.count.test_operations import VOTES, change_office, dismiss, person, refused, with_error
from tests.support.evening import SCRUTINEERS, TELLERS, Evening, planned

ONE, TWO, THREE, FOUR = TELLERS
CHIEF, OTHER = SCRUTINEERS


def differ(evening: Evening, *, second_wrong: bool = False) -> CountForm:
    """Two entries that differ in the votes of the first farmer, or in the valid ballots."""
    contents = evening.contents("u1", VOTES)
    evening.enter(ONE, "u1", contents)
    other = with_error(contents) if second_wrong else evening.contents("u1", VOTES | {"农民": [24, 20, 10]})
    evening.enter(TWO, "u1", other)
    return evening.form("u1")


def equal(evening: Evening) -> CountForm:
    contents = evening.contents("u1", VOTES)
    evening.enter(ONE, "u1", contents)
    evening.enter(TWO, "u1", contents)
    return evening.form("u1")


def confirmed(evening: Evening) -> CountForm:
    evening.count("u1", VOTES)
    return evening.form("u1")


# Differing entries


def test_differences_are_shown_field_by_field_once_both_are_in(counting: Evening) -> None:
    counting.enter(ONE, "u1", counting.contents("u1", VOTES))
    with counting.county.reading() as session:
        early = scrutiny_form(session, counting.form_id("u1"))
        assert (early.differences, early.contents, early.findings) == ((), None, ())
    form = differ_second(counting)
    with counting.county.reading() as session:
        view = scrutiny_form(session, form.id)
        shown = [(one.category, one.field, one.first, one.second) for one in view.differences]
    assert shown == [("农民", "for", "25", "24"), ("农民", "against", "3", "4")]
    assert view.contents is None


def differ_second(evening: Evening) -> CountForm:
    evening.enter(TWO, "u1", evening.contents("u1", VOTES | {"农民": [24, 20, 10]}))
    return evening.form("u1")


def test_an_entry_with_errors_shows_where_but_not_what(counting: Evening) -> None:
    counting.enter(ONE, "u1", with_error(counting.contents("u1", VOTES)))
    with counting.county.reading() as session:
        view = scrutiny_form(session, counting.form_id("u1"))
    assert view.contents is None
    assert view.error_fields[0] == f"sections.{counting.round_of('u1', 'farmer')}.valid"


def test_one_entry_goes_back_to_its_teller_who_mends_it(counting: Evening) -> None:
    form = differ(counting)
    with counting.county.acting(CHIEF) as act:
        assert return_to_teller(act, form.id, Side.SECOND, form.revision).state is EntryState.SECOND_IN_CORRECTION
    with refused("entry.taken"), counting.county.acting(ONE) as act:
        claim(act, counting.county.congress_id, form.number)
    assert counting.enter(TWO, "u1", counting.contents("u1", VOTES)).state is EntryState.ENTRIES_EQUAL


def test_a_correction_is_not_returned_while_the_kept_entry_has_errors(counting: Evening) -> None:
    form = differ(counting, second_wrong=True)
    with refused("entry.kept_has_errors"), counting.county.acting(CHIEF) as act:
        return_to_teller(act, form.id, Side.FIRST)


def test_an_entry_is_judged_by_the_record_as_it_is_now(counting: Evening) -> None:
    """Both entries were clean when they were handed in; then the ballots' record was put right."""
    form = differ(counting)
    with counting.county.acting(CHIEF) as act:
        act.session.execute(
            update(VenueBallots)
            .where(VenueBallots.round_id == counting.round_of("u1", "farmer"))
            .values(returned=VenueBallots.returned - 1)
        )
    with counting.county.reading() as session:
        view = scrutiny_form(session, form.id)
        assert view.faulty("first") and view.faulty("second")
    with refused("entry.kept_has_errors"), counting.county.acting(CHIEF) as act:
        return_to_teller(act, form.id, Side.FIRST)
    with counting.county.acting(CHIEF) as act:
        assert keep_one(act, form.id, Side.SECOND).state is EntryState.FIRST_HAS_ERRORS


def test_the_kept_entry_becomes_the_first_and_anyone_else_makes_the_second(counting: Evening) -> None:
    form = differ(counting)
    with counting.county.acting(CHIEF) as act:
        keep_one(act, form.id, Side.SECOND)
    kept = counting.form("u1")
    assert (kept.first_person_id, kept.second_person_id) == (person(counting, TWO), None)
    with counting.county.reading() as session:
        entries = session.scalars(select(FormEntry)).all()
        assert [(entry.side, entry.person_id) for entry in entries] == [(Side.FIRST, person(counting, TWO))]
    with refused("entry.second_by_first"), counting.county.acting(TWO) as act:
        claim(act, counting.county.congress_id, form.number)
    again = counting.contents("u1", VOTES | {"农民": [24, 20, 10]})
    assert counting.enter(ONE, "u1", again).state is EntryState.ENTRIES_EQUAL


def test_keeping_an_entry_with_errors_sends_it_to_be_mended(counting: Evening) -> None:
    form = differ(counting, second_wrong=True)
    with counting.county.acting(CHIEF) as act:
        assert keep_one(act, form.id, Side.SECOND).state is EntryState.FIRST_HAS_ERRORS
    with counting.county.acting(TWO) as act:
        assert resume(act, form.id).state is EntryState.FIRST_IN_PROGRESS


def test_both_entries_are_dropped_with_a_reason(counting: Evening) -> None:
    form = differ(counting)
    with refused("entry.reason_missing"), counting.county.acting(CHIEF) as act:
        drop_both(act, form.id, "")
    with counting.county.acting(CHIEF) as act:
        assert drop_both(act, form.id, "两份都看错了计票单").state is EntryState.EMPTY
    with counting.county.reading() as session:
        assert session.scalars(select(FormEntry.id)).all() == []
        said = session.scalars(select(AuditEvent).where(AuditEvent.action == "count.dropped")).one().details
    assert said["persons"] == [person(counting, ONE), person(counting, TWO)]


def test_a_page_made_before_someone_elses_act_changes_nothing(counting: Evening) -> None:
    form = differ(counting)
    with counting.county.acting(CHIEF) as act:
        return_to_teller(act, form.id, Side.SECOND, form.revision)
    with pytest.raises(Stale), counting.county.acting(OTHER) as act:
        keep_one(act, form.id, Side.FIRST, form.revision)


def test_tellers_and_clerks_do_not_judge(counting: Evening) -> None:
    form = equal(counting)
    for desk in (THREE, "u1", "office"):
        with pytest.raises(Forbidden), counting.county.acting(desk) as act:
            confirm(act, form.id)


# Confirmation


def test_equal_entries_are_compared_with_the_paper_and_confirmed(counting: Evening) -> None:
    form = equal(counting)
    with counting.county.reading() as session:
        view = scrutiny_form(session, form.id)
        assert view.contents is not None and view.differences == ()
        assert view.may_judge(person(counting, CHIEF)) and not view.may_judge(person(counting, ONE))
    with counting.county.acting(CHIEF) as act:
        confirm(act, form.id, form.revision)
    done = counting.form("u1")
    assert (done.state, done.confirmed_by_id) == (EntryState.CONFIRMED, person(counting, CHIEF))
    with counting.county.reading() as session:
        assert verify(session) == []


def test_figures_stand_once_an_outcome_relies_on_them(counting: Evening) -> None:
    confirmed(counting)
    rounds = [counting.round_of("u1", "farmer"), counting.round_of("u1", "other")]
    with counting.county.reading() as session:
        venue = meeting_page(session, counting.meetings["u1"]).venues[0].id
    with refused("meeting.counted_already"), counting.county.acting(CHIEF) as act:
        record_ballots(act, counting.meetings["u1"], dict.fromkeys(rounds, (28, 27)))
    with refused("meeting.counted_already"), counting.county.acting("u1") as act:
        set_present(act, venue, 29)


def test_a_record_changed_under_equal_entries_stops_the_confirmation(counting: Evening) -> None:
    form = equal(counting)
    rounds = [counting.round_of("u1", "farmer"), counting.round_of("u1", "other")]
    with counting.county.acting(OTHER) as act:
        record_ballots(act, counting.meetings["u1"], {rounds[0]: (28, 27), rounds[1]: (28, 28)}, reason="重新清点")
    with pytest.raises(Refused, match=r"count\.not_clean") as refusal, counting.county.acting(CHIEF) as act:
        confirm(act, form.id)
    assert "农民" in f"{refusal.value.params['findings']:zh}"
    with counting.county.reading() as session:
        assert session.scalars(select(RoundOutcome.id)).all() == []


def test_once_entry_has_begun_nobody_alone_makes_a_round_void_and_it_leaves_the_form(counting: Evening) -> None:
    form = equal(counting)
    farmers, others = counting.round_of("u1", "farmer"), counting.round_of("u1", "other")
    void = {farmers: (28, 29), others: (28, 28)}
    with refused("meeting.recorded_by_oneself"), counting.county.acting(CHIEF) as act:
        record_ballots(act, counting.meetings["u1"], void, reason="看错")
    with refused("meeting.change_unexplained"), counting.county.acting(OTHER) as act:
        record_ballots(act, counting.meetings["u1"], void)
    with counting.county.acting(OTHER) as act:
        record_ballots(act, counting.meetings["u1"], void, reason="重新清点")
    with refused("meeting.void_by_another"), counting.county.acting(OTHER) as act:
        declare_void(act, farmers)
    with refused("count.void_not_declared"), counting.county.acting(CHIEF) as act:
        confirm(act, form.id)
    with counting.county.acting(CHIEF) as act:
        declare_void(act, farmers)
    with counting.county.acting(CHIEF) as act:
        confirm(act, form.id)
    with counting.county.reading() as session:
        assert session.scalars(select(RoundOutcome.round_id)).all() == [others]


def test_a_meeting_closes_when_every_contest_is_counted(counting: Evening) -> None:
    confirmed(counting)
    with counting.county.acting("u1") as act:
        close_meeting(act, counting.meetings["u1"])
    with counting.county.reading() as session:
        stages = {unit.code: unit.stage for unit in unit_progress(session, counting.county.congress_id)}
    assert stages == {"u1": UnitStage.CONFIRMED, "u2": UnitStage.NOT_MET}


def test_no_other_meeting_is_planned_while_nothing_waits_for_a_vote(counting: Evening) -> None:
    confirmed(counting)
    with counting.county.acting("u1") as act:
        close_meeting(act, counting.meetings["u1"])
    with refused("meeting.no_contest"):
        planned(counting)


def test_a_wrong_ballot_record_of_a_closed_meeting_is_mended_once_the_confirmation_is_withdrawn(
    counting: Evening,
) -> None:
    form = confirmed(counting)
    with counting.county.acting("u1") as act:
        close_meeting(act, counting.meetings["u1"])
    rounds = [counting.round_of("u1", "farmer"), counting.round_of("u1", "other")]
    mended = {rounds[0]: (28, 27), rounds[1]: (28, 28)}
    with refused("meeting.counted_already"), counting.county.acting(CHIEF) as act:
        record_ballots(act, counting.meetings["u1"], mended)
    for who, reason in ((CHIEF, "收回数登记有误"), (OTHER, "")):
        with counting.county.acting(who) as act:
            withdraw_confirmation(act, form.id, reason)
    with refused("meeting.no_contest"):
        planned(counting)  # the rounds are to be counted again, not voted on again
    with counting.county.acting(OTHER) as act:
        record_ballots(act, counting.meetings["u1"], mended, reason="收回数登记有误")
    counting.count("u1", {"农民": [24, 20, 9], "其他基层": [20, 8]})
    with counting.county.reading() as session:
        found = session.scalars(select(RoundOutcome).where(RoundOutcome.superseded_at.is_(None))).all()
        assert {one.round_id: one.returned for one in found} == {rounds[0]: 27, rounds[1]: 28}


def test_a_closed_meeting_whose_mended_record_is_void_declares_it(counting: Evening) -> None:
    form = confirmed(counting)
    with counting.county.acting("u1") as act:
        close_meeting(act, counting.meetings["u1"])
    for who, reason in ((CHIEF, "发出数登记有误"), (OTHER, "")):
        with counting.county.acting(who) as act:
            withdraw_confirmation(act, form.id, reason)
    rounds = [counting.round_of("u1", "farmer"), counting.round_of("u1", "other")]
    with counting.county.acting(OTHER) as act:
        record_ballots(
            act, counting.meetings["u1"], {rounds[0]: (28, 29), rounds[1]: (28, 28)}, reason="收回数登记有误"
        )
    with counting.county.acting(CHIEF) as act:
        assert declare_void(act, rounds[0]).void_at is not None


def test_only_a_scrutineer_of_this_very_meeting_judges_and_records(counting: Evening) -> None:
    form = equal(counting)
    dismiss(counting, OTHER)
    round_id = counting.round_of("u1", "farmer")
    for verb in (
        lambda act: confirm(act, form.id),
        lambda act: drop_both(act, form.id, "看错"),
        lambda act: return_to_teller(act, form.id, Side.FIRST),
        lambda act: keep_one(act, form.id, Side.FIRST),
        lambda act: discard(act, form.id, "看错"),
        lambda act: withdraw_confirmation(act, form.id, "看错"),
        lambda act: record_ballots(act, counting.meetings["u1"], {round_id: (28, 28)}),
        lambda act: declare_void(act, round_id),
    ):
        with pytest.raises(Forbidden, match=r"^meeting\.not_its_scrutineer$"), counting.county.acting(OTHER) as act:
            verb(act)
    with counting.county.reading() as session:
        assert scrutiny_list(session, counting.county.congress_id, person(counting, OTHER)) == []
        assert ballot_records(session, counting.county.congress_id, person(counting, OTHER)) == []


def test_a_closed_meeting_gets_another_scrutineer_from_the_county_office_so_that_its_form_can_be_reopened(
    counting: Evening,
) -> None:
    form = confirmed(counting)
    dismiss(counting, OTHER)
    with counting.county.acting("u1") as act:
        close_meeting(act, counting.meetings["u1"])
    with counting.county.acting(CHIEF) as act:
        withdraw_confirmation(act, form.id, "看错")
    with refused("meeting.officers_after_closing"), counting.county.acting("u1") as act:
        appoint_officer(act, counting.meetings["u1"], person(counting, OTHER), Office.SCRUTINEER, voted=True)
    with counting.county.acting("office") as act:
        appoint_officer(act, counting.meetings["u1"], person(counting, OTHER), Office.SCRUTINEER, reason="原监票人病重")
    with counting.county.acting(OTHER) as act:
        assert withdraw_confirmation(act, form.id).version == 2


def test_the_two_tellers_do_not_reopen_their_own_form_whatever_office_they_have_now(counting: Evening) -> None:
    form = confirmed(counting)
    change_office(counting, ONE, Office.SCRUTINEER)
    change_office(counting, TWO, Office.SCRUTINEER)
    with counting.county.acting(ONE) as act:
        withdraw_confirmation(act, form.id, "看错")
    with refused("entry.withdrawn_by_its_tellers"), counting.county.acting(TWO) as act:
        withdraw_confirmation(act, form.id)
    with counting.county.acting(OTHER) as act:
        assert withdraw_confirmation(act, form.id).version == 2


# Correction after confirmation


def reopened(evening: Evening) -> CountForm:
    form = confirmed(evening)
    with evening.county.acting(CHIEF) as act:
        withdraw_confirmation(act, form.id, "第三行看错")
    with evening.county.acting(OTHER) as act:
        return withdraw_confirmation(act, form.id)


def test_a_confirmation_is_withdrawn_by_two_persons(counting: Evening) -> None:
    form = confirmed(counting)
    with refused("entry.reason_missing"), counting.county.acting(CHIEF) as act:
        withdraw_confirmation(act, form.id)
    with counting.county.acting(CHIEF) as act:
        assert withdraw_confirmation(act, form.id, "第三行看错").state is EntryState.CONFIRMED
    with refused("entry.withdrawn_by_one"), counting.county.acting(CHIEF) as act:
        withdraw_confirmation(act, form.id, "再说一遍")
    with counting.county.reading() as session:
        view = scrutiny_form(session, form.id)
        outcomes = session.scalars(select(RoundOutcome).where(RoundOutcome.superseded_at.is_(None))).all()
        assert view.withdrawal_asked_by == counting.county.people[CHIEF].name
        assert len(outcomes) == 2  # still in force until the other person agrees


def test_the_question_may_be_taken_back(counting: Evening) -> None:
    form = confirmed(counting)
    with counting.county.acting(CHIEF) as act:
        withdraw_confirmation(act, form.id, "第三行看错")
    with counting.county.acting(CHIEF) as act:
        assert discard(act, form.id).withdrawal_asked_by_id is None
    assert counting.form("u1").state is EntryState.CONFIRMED


def test_a_reopened_form_is_a_new_version_with_two_names_and_a_reason(counting: Evening) -> None:
    form = reopened(counting)
    assert (form.version, form.state, form.reopened_because) == (2, EntryState.EMPTY, "第三行看错")
    assert (form.reopened_by_id, form.reopening_agreed_by_id) == (person(counting, CHIEF), person(counting, OTHER))
    with counting.county.reading() as session:
        first = session.scalars(select(CountForm).where(CountForm.version == 1)).one()
        assert first.state is EntryState.CONFIRMED and first.superseded_at is not None
        assert len(session.scalars(select(FormEntry).where(FormEntry.form_id == first.id)).all()) == 2
        assert session.scalars(select(MeetingRound.counted_at).where(MeetingRound.counted_at.is_not(None))).all() == []


def test_a_corrected_form_supersedes_the_outcome_and_keeps_the_old_one(counting: Evening) -> None:
    reopened(counting)
    counting.count("u1", {"农民": [10, 20, 25], "其他基层": [20, 8]}, by=(THREE, FOUR))
    with counting.county.reading() as session:
        rows = session.scalars(
            select(RoundOutcome)
            .where(RoundOutcome.round_id == counting.round_of("u1", "farmer"))
            .order_by(RoundOutcome.version)
        ).all()
        names = [[line.name for line in row.lines] for row in rows]
        assert [(row.version, row.superseded_at is None) for row in rows] == [(1, False), (2, True)]
        assert names[1] == list(reversed(names[0]))
        assert rows[1].lines[0].votes_for == 25
        versions = scrutiny_form(session, counting.form_id("u1")).versions
        assert [(one.version, one.reopened_because) for one in versions] == [(1, ""), (2, "第三行看错")]
        assert verify(session) == []


def test_a_superseded_form_takes_no_more_acts(counting: Evening) -> None:
    form = confirmed(counting)
    reopened_id = form.id
    with counting.county.acting(CHIEF) as act:
        withdraw_confirmation(act, form.id, "看错")
    with counting.county.acting(OTHER) as act:
        withdraw_confirmation(act, form.id)
    with pytest.raises(Stale), counting.county.acting(CHIEF) as act:
        confirm(act, reopened_id)
    with pytest.raises(Stale), counting.county.acting(ONE) as act:
        save_draft(act, reopened_id, {})


def test_the_database_itself_refuses_a_correction_by_one_person(counting: Evening) -> None:
    form = reopened(counting)
    with pytest.raises(IntegrityError, match="reopened_by_two_persons"), counting.county.acting(CHIEF) as act:
        row = act.session.get_one(CountForm, form.id)
        row.reopening_agreed_by_id = row.reopened_by_id


def test_the_database_itself_keeps_one_form_in_force(counting: Evening) -> None:
    form = reopened(counting)
    for statement, said in (
        ("UPDATE count_form SET superseded_at = NULL WHERE version = 1", "was replaced is never changed"),
        ("DELETE FROM count_form WHERE version = 1", "was replaced is never changed"),
        (
            "INSERT INTO count_form (group_id, number, ballot, version, state, revision, withdrawal_because, "
            "reopened_because, reopened_by_id, reopening_agreed_by_id, judged_by) SELECT group_id, number, ballot, 9, "
            "'empty', 0, '', reopened_because, reopened_by_id, reopening_agreed_by_id, judged_by "
            "FROM count_form WHERE version = 2",
            "one_in_force|group_id",
        ),
    ):
        with pytest.raises(DBAPIError, match=said), counting.county.database.writing() as session:
            session.execute(text(statement))
    assert form.version == 2


# Lists


def records(session: Session, evening: Evening) -> list[BallotLine]:
    return ballot_records(session, evening.county.congress_id, person(evening, CHIEF))


def test_what_wants_a_scrutineer_comes_first(counting: Evening) -> None:
    differ(counting)
    with counting.county.reading() as session:
        lines = scrutiny_list(session, counting.county.congress_id, person(counting, CHIEF))
        records = ballot_records(session, counting.county.congress_id, person(counting, CHIEF))
        nobody = scrutiny_list(session, counting.county.congress_id, person(counting, CHIEF), frozenset())
    assert [(line.state, line.waits, line.first_person) for line in lines] == [
        (EntryState.ENTRIES_DIFFER, True, counting.county.people[ONE].name)
    ]
    assert [(one.unit_code, one.rounds, one.counted, one.to_void) for one in records] == [("u1", 2, 0, 0)]
    assert nobody == []


def test_a_ballot_to_be_declared_void_is_listed(counting: Evening) -> None:
    with counting.county.acting(CHIEF) as act:
        record = act.session.scalars(select(VenueBallots)).first()
        assert record is not None
        record.issued = 27
    with counting.county.reading() as session:
        assert [one.to_void for one in records(session, counting)] == [1]


def test_progress_follows_the_evening(counting: Evening) -> None:
    def stages() -> list[UnitStage]:
        with counting.county.reading() as session:
            return [unit.stage for unit in unit_progress(session, counting.county.congress_id)]

    assert stages() == [UnitStage.COUNTING, UnitStage.NOT_MET]
    confirmed(counting)
    assert stages() == [UnitStage.CONFIRMED, UnitStage.NOT_MET]
