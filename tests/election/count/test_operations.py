"""The tellers' desk: claim, draft, finalise, resume, discard. Three persons, and nobody sees another's figures."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from election.congress.models import RuleValue
from election.count.entry import EntryState, Side
from election.count.models import CountForm, FormEntry
from election.count.operations import claim, discard, finalise, resume, save_draft
from election.count.operations_scrutiny import confirm, drop_both, keep_one, return_to_teller
from election.count.queries import Task, forms_of_congress
from election.count.queries_form import entry_for
from election.errors import Forbidden, Invalid, NotFound, Refused, Stale
from election.meeting.models import MeetingOfficer, Office
from election.meeting.operations_ballots import declare_void
from election.meeting.operations_officers import appoint_officer, dismiss_officer
from election.people.actor import Role
from election.people.models import Person, RoleGrant
from election.people.operations import grant_role
from election.store.models import AuditEvent
from election.texts import sentence
from tests.support.county import ROOT
from tests.support.evening import SCRUTINEERS, TELLERS, Evening, balloted, evening_from, nominated, opened
from tests.support.stores import Stores

ONE, TWO, THREE, FOUR = TELLERS
VOTES = {"农民": [25, 20, 10], "其他基层": [20, 8]}


def refused(code: str):
    return pytest.raises(Refused, match=f"^{code}$")


def take(evening: Evening, who: str) -> CountForm:
    with evening.county.acting(who) as act:
        return claim(act, evening.county.congress_id, evening.number("u1"))


def person(evening: Evening, desk: str) -> int:
    return evening.county.people[desk].person_id or 0


def with_error(contents: dict[str, Any]) -> dict[str, Any]:
    """The same form with one valid ballot too many."""
    wrong = copy.deepcopy(contents)
    next(iter(wrong["sections"].values()))["valid"] += 1
    return wrong


# Claiming


def test_the_first_claim_begins_the_first_entry(counting: Evening) -> None:
    form = take(counting, ONE)
    assert (form.state, form.first_person_id) == (EntryState.FIRST_IN_PROGRESS, person(counting, ONE))
    assert take(counting, ONE).revision == form.revision  # one's own again changes nothing


def test_a_form_being_entered_is_taken(counting: Evening) -> None:
    take(counting, ONE)
    with refused("entry.taken"):
        take(counting, TWO)


def test_the_second_entry_needs_another_person(counting: Evening) -> None:
    counting.enter(ONE, "u1", counting.contents("u1", VOTES))
    with refused("entry.second_by_first"):
        take(counting, ONE)
    assert take(counting, TWO).second_person_id == person(counting, TWO)


def test_an_unknown_number_is_said_to_be_unknown(counting: Evening) -> None:
    with pytest.raises(NotFound, match=r"count\.no_such_number"), counting.county.acting(ONE) as act:
        claim(act, counting.county.congress_id, "99-1-1")


def test_only_tellers_of_the_unit_who_do_not_stand_there_may_count(counting: Evening) -> None:
    for desk in ("office", "u1", SCRUTINEERS[0]):
        with pytest.raises(Forbidden):
            take(counting, desk)
    counting.county.sit("elsewhere", Role.TELLER, unit_id=counting.county.units["u2"])
    with pytest.raises(Forbidden):
        take(counting, "elsewhere")


def test_a_candidate_of_the_unit_never_counts_it(counting: Evening) -> None:
    standing = counting.county.person_of(counting.members_standing("u1", "other")[0])
    with counting.county.acting("office") as act:
        act.session.add(
            RoleGrant(
                person_id=standing.id, role=Role.TELLER, congress_id=counting.county.congress_id, granted_at=act.now
            )
        )
    teller = counting.county.people[ONE]
    counting.county.people["candidate"] = type(teller)(standing.id, standing.name, teller.grants)
    with pytest.raises(Forbidden, match=r"meeting\.own_election"):
        take(counting, "candidate")


def test_counting_begins_when_the_ballots_are_recorded(stores: Stores) -> None:
    evening = evening_from(stores, "nominated", nominated)
    opened(evening)
    with refused("count.ballots_not_recorded"):
        take(evening, ONE)
    evening.county.database.close()


def test_counting_waits_until_a_void_contest_is_declared_void(stores: Stores) -> None:
    evening = evening_from(stores, "nominated", nominated)
    farmers = evening.round_of("u1", "farmer")
    balloted(evening, ballots={farmers: (28, 29)})
    with refused("count.void_not_declared"):
        take(evening, ONE)
    with evening.county.acting(SCRUTINEERS[0]) as act:
        declare_void(act, farmers)
    take(evening, ONE)
    assert [section.category for section in evening.sheet("u1").sections] == ["其他基层"]
    evening.county.database.close()


# Drafts


def test_a_draft_is_kept_without_trace_in_the_audit_chain(counting: Evening) -> None:
    form = take(counting, ONE)
    with counting.county.reading() as session:
        before = len(session.scalars(select(AuditEvent.id)).all())
    contents = counting.contents("u1", VOTES)
    contents["attendance"]["present"] = None
    with counting.county.acting(ONE) as act:
        save_draft(act, form.id, contents, form.revision)
    with counting.county.reading() as session:
        assert len(session.scalars(select(AuditEvent.id)).all()) == before
        assert session.scalars(select(FormEntry.contents)).one() == contents
        assert session.get_one(CountForm, form.id).revision == form.revision


def test_a_draft_takes_one_statement_to_read_and_one_to_write(counting: Evening) -> None:
    form, contents = take(counting, ONE), counting.contents("u1", VOTES)
    statements: list[str] = []
    with counting.county.acting(ONE) as act:
        event.listen(act.session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
        save_draft(act, form.id, contents, form.revision)
    assert [statement.split()[0] for statement in statements] == ["SELECT", "UPDATE"]


@pytest.mark.parametrize(
    "contents",
    [{"sections": 3}, {"attendance": {"expected": -1}}, {"x": 1}, {"attendance": {"present": "5"}}],
)
def test_a_draft_that_is_no_form_is_refused(counting: Evening, contents: dict[str, Any]) -> None:
    form = take(counting, ONE)
    with pytest.raises(Invalid), counting.county.acting(ONE) as act:
        save_draft(act, form.id, contents)


def test_a_draft_is_refused_once_the_form_moved_on(counting: Evening) -> None:
    contents = counting.contents("u1", VOTES)
    form = take(counting, ONE)
    with pytest.raises(Stale), counting.county.acting(ONE) as act:
        save_draft(act, form.id, contents, form.revision - 1)
    counting.enter(ONE, "u1", contents)
    for revision in (form.revision, None):
        with pytest.raises(Stale), counting.county.acting(ONE) as act:
            save_draft(act, form.id, contents, revision)


def test_nobody_saves_a_draft_of_another_persons_entry(counting: Evening) -> None:
    form = take(counting, ONE)
    with pytest.raises(Stale), counting.county.acting(TWO) as act:
        save_draft(act, form.id, counting.contents("u1", VOTES))
    with pytest.raises(Forbidden), counting.county.acting("u1") as act:
        save_draft(act, form.id, counting.contents("u1", VOTES))


def test_the_second_person_sees_nothing_of_the_first_entry(counting: Evening) -> None:
    form = take(counting, ONE)
    with counting.county.acting(ONE) as act:
        save_draft(act, form.id, counting.contents("u1", VOTES))
    with counting.county.reading() as session:
        mine, theirs = (entry_for(session, form.id, person(counting, who)) for who in (ONE, TWO))
    assert mine.contents is not None and mine.typing
    assert (theirs.contents, theirs.side, theirs.saved_at, theirs.typing) == (None, None, None, False)
    counting.enter(ONE, "u1", counting.contents("u1", VOTES))
    take(counting, TWO)
    with counting.county.reading() as session:
        second = entry_for(session, form.id, person(counting, TWO))
    assert second.side is Side.SECOND
    assert second.contents is not None
    assert {section.valid for section in second.contents.sections.values()} == {None}


# Finalising


def test_a_clean_first_entry_waits_for_a_second(counting: Evening) -> None:
    done = counting.enter(ONE, "u1", counting.contents("u1", VOTES))
    assert (done.state, done.findings) == (EntryState.FIRST_FINALISED, ())


def test_warnings_want_their_ticks(counting: Evening) -> None:
    form, contents = take(counting, ONE), counting.contents("u1", VOTES | {"其他基层": [28, 0]})
    with refused("entry.warnings_open"), counting.county.acting(ONE) as act:
        finalise(act, form.id, contents)
    with counting.county.acting(ONE) as act:
        done = finalise(act, form.id, contents, [*counting.ticks("u1", contents), "count.W.999 nothing"])
    assert done.state is EntryState.FIRST_FINALISED
    with counting.county.reading() as session:
        kept = session.scalars(select(FormEntry.accepted)).one()
    assert [one.split()[0] for one in kept] == ["count.W.301", "count.W.302"]


def test_a_first_entry_with_errors_keeps_the_second_from_beginning(counting: Evening) -> None:
    done = counting.enter(ONE, "u1", with_error(counting.contents("u1", VOTES)))
    assert done.state is EntryState.FIRST_HAS_ERRORS
    assert {finding.code for finding in done.findings} >= {"count.E.203", "count.E.301"}
    with refused("entry.taken"):
        take(counting, TWO)
    with counting.county.acting(ONE) as act:
        assert resume(act, done.form.id).state is EntryState.FIRST_IN_PROGRESS
    assert counting.enter(ONE, "u1", counting.contents("u1", VOTES)).state is EntryState.FIRST_FINALISED


def test_a_blank_field_is_an_error_and_not_zero(counting: Evening) -> None:
    form, contents = take(counting, ONE), counting.contents("u1", VOTES)
    contents["attendance"]["expected"] = None
    with counting.county.acting(ONE) as act:
        done = finalise(act, form.id, contents)
    assert [(one.code, one.field) for one in done.findings] == [("count.E.101", "attendance.expected")]


def test_finalising_without_figures_takes_the_saved_draft(counting: Evening) -> None:
    form = take(counting, ONE)
    with counting.county.acting(ONE) as act:
        save_draft(act, form.id, counting.contents("u1", VOTES))
    with counting.county.acting(ONE) as act:
        assert finalise(act, form.id, None).state is EntryState.FIRST_FINALISED


def test_figures_against_the_meetings_own_record_are_errors(counting: Evening) -> None:
    form, contents = take(counting, ONE), counting.contents("u1", VOTES)
    contents["attendance"] = {"expected": 29, "present": 27}
    with counting.county.acting(ONE) as act:
        found = finalise(act, form.id, contents).findings
    assert {"count.E.112", "count.E.113"} <= {one.code for one in found}


def test_two_equal_entries_wait_for_the_scrutineer(counting: Evening) -> None:
    contents = counting.contents("u1", VOTES)
    counting.enter(ONE, "u1", contents)
    assert counting.enter(TWO, "u1", contents).state is EntryState.ENTRIES_EQUAL


def test_two_entries_that_differ_are_said_to_differ_and_nothing_more(counting: Evening) -> None:
    counting.enter(ONE, "u1", counting.contents("u1", VOTES))
    done = counting.enter(TWO, "u1", counting.contents("u1", VOTES | {"农民": [24, 20, 10]}))
    assert (done.state, done.findings) == (EntryState.ENTRIES_DIFFER, ())


def test_finalising_freezes_the_rules_that_the_checks_used(counting: Evening) -> None:
    counting.enter(ONE, "u1", counting.contents("u1", VOTES))
    with counting.county.reading() as session:
        by = dict(session.execute(select(RuleValue.name, RuleValue.frozen_by)).all())
    assert sorted(name for name, act in by.items() if act == "count.finalised") == [
        "spoiled_warning",
        "turnout_warning",
    ]
    # What is missing was asked of the scrutineers' record already, how names are written in when the meeting opened.
    assert {by[name] for name in ("missing_warning_ballots", "missing_warning_percent")} == {"ballots.recorded"}
    assert by["write_in"] == "meeting.opened"


def test_sections_that_are_not_on_the_paper_are_refused(counting: Evening) -> None:
    form, contents = take(counting, ONE), counting.contents("u1", VOTES)
    contents["sections"]["999"] = next(iter(contents["sections"].values()))
    with pytest.raises(Invalid), counting.county.acting(ONE) as act:
        finalise(act, form.id, contents)


# Discarding


def test_a_teller_gives_up_an_own_draft_without_a_word(counting: Evening) -> None:
    form = take(counting, ONE)
    with counting.county.acting(ONE) as act:
        discard(act, form.id)
    with counting.county.reading() as session:
        assert session.scalars(select(FormEntry.id)).all() == []
        assert session.get_one(CountForm, form.id).first_person_id is None
    take(counting, TWO)


def test_a_draft_whose_teller_left_is_discarded_by_the_scrutineer_with_a_reason(counting: Evening) -> None:
    form = take(counting, ONE)
    with pytest.raises(Forbidden), counting.county.acting(TWO) as act:
        discard(act, form.id, "已离开")
    with refused("entry.reason_missing"), counting.county.acting(SCRUTINEERS[0]) as act:
        discard(act, form.id)
    with counting.county.acting(SCRUTINEERS[0]) as act:
        assert discard(act, form.id, "计票人已离开").state is EntryState.EMPTY


# Three persons, whatever their roles


def change_office(evening: Evening, who: str, office: Office) -> None:
    """The person gets the other office of the meeting, and its role beside the one they have."""
    county = evening.county
    other = county.people[SCRUTINEERS[0] if office is Office.SCRUTINEER else ONE]
    kept = county.people[who]
    county.people[who] = type(kept)(kept.person_id, kept.name, (*kept.grants, *other.grants))
    with county.acting("u1") as act:
        held = act.session.scalars(select(MeetingOfficer).where(MeetingOfficer.person_id == kept.person_id)).one()
        dismiss_officer(act, held.id, "身体不适")
    with county.acting(ROOT) as act:
        role = Role.SCRUTINEER if office is Office.SCRUTINEER else Role.TELLER
        grant_role(act, act.session.get_one(Person, kept.person_id), role, congress_id=county.congress_id)
    with county.acting("u1") as act:
        appoint_officer(act, evening.meetings["u1"], kept.person_id or 0, office, voted=True)


@pytest.mark.parametrize("who", [ONE, TWO])
def test_neither_teller_confirms_though_a_role_would_allow_it(counting: Evening, who: str) -> None:
    contents = counting.contents("u1", VOTES)
    counting.enter(ONE, "u1", contents)
    counting.enter(TWO, "u1", contents)
    change_office(counting, who, Office.SCRUTINEER)
    with refused("entry.confirmed_by_its_teller"), counting.county.acting(who) as act:
        confirm(act, counting.form_id("u1"))


def test_the_database_itself_refuses_a_confirmation_by_a_teller(counting: Evening) -> None:
    contents = counting.contents("u1", VOTES)
    counting.enter(ONE, "u1", contents)
    counting.enter(TWO, "u1", contents)
    with pytest.raises(IntegrityError, match="three_persons"), counting.county.acting(SCRUTINEERS[0]) as act:
        form = act.session.get_one(CountForm, counting.form_id("u1"))
        form.state, form.confirmed_by_id, form.confirmed_at = EntryState.CONFIRMED, form.second_person_id, act.now


def test_the_database_itself_refuses_one_person_on_both_sides(counting: Evening) -> None:
    counting.enter(ONE, "u1", counting.contents("u1", VOTES))
    with pytest.raises(IntegrityError), counting.county.acting(ONE) as act:
        act.session.add(
            FormEntry(
                form_id=counting.form_id("u1"),
                side=Side.SECOND,
                person_id=act.person_id,
                contents={},
                accepted=[],
                saved_at=act.now,
            )
        )
    with pytest.raises(IntegrityError, match="second_is_another_person"), counting.county.acting(ONE) as act:
        form = act.session.get_one(CountForm, counting.form_id("u1"))
        form.state, form.second_person_id = EntryState.SECOND_IN_PROGRESS, act.person_id


# What tellers see


def tasks(evening: Evening, who: str) -> list[Task | None]:
    with evening.county.reading() as session:
        lines = forms_of_congress(session, evening.county.congress_id, person(evening, who))
        return [line.task for line in lines]


def test_the_tellers_list_says_what_each_may_do(counting: Evening) -> None:
    assert tasks(counting, ONE) == [Task.FIRST]
    take(counting, ONE)
    assert (tasks(counting, ONE), tasks(counting, TWO)) == ([Task.CONTINUE], [None])
    counting.enter(ONE, "u1", counting.contents("u1", VOTES))
    assert (tasks(counting, ONE), tasks(counting, TWO)) == ([None], [Task.SECOND])
    take(counting, TWO)
    assert (tasks(counting, ONE), tasks(counting, TWO)) == ([None], [Task.CONTINUE])


def test_the_tellers_list_is_one_statement(counting: Evening) -> None:
    statements: list[str] = []
    with counting.county.reading() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
        forms_of_congress(session, counting.county.congress_id, person(counting, ONE))
    assert len(statements) == 1


# The officers of this meeting, and nobody else


def dismiss(evening: Evening, who: str) -> None:
    with evening.county.acting("u1") as act:
        held = act.session.scalars(select(MeetingOfficer).where(MeetingOfficer.person_id == person(evening, who))).one()
        dismiss_officer(act, held.id, "身体不适")


def test_only_a_teller_of_this_very_meeting_enters(counting: Evening) -> None:
    form, contents = take(counting, ONE), counting.contents("u1", VOTES)
    dismiss(counting, ONE)
    dismiss(counting, TWO)
    acts = (
        lambda act: claim(act, counting.county.congress_id, form.number),
        lambda act: save_draft(act, form.id, contents),
        lambda act: finalise(act, form.id, contents),
        lambda act: discard(act, form.id),
    )
    for who in (ONE, TWO):
        for verb in acts:
            code = "not_permitted|not_its_teller|not_its_scrutineer"
            with pytest.raises(Forbidden, match=code), counting.county.acting(who) as act:
                verb(act)
    with pytest.raises(Forbidden, match=r"^meeting\.not_its_teller$"), counting.county.acting(ONE) as act:
        save_draft(act, form.id, contents)
    assert tasks(counting, ONE) == []


def test_the_forms_of_another_units_meeting_are_not_on_a_tellers_list(counting: Evening) -> None:
    dismiss(counting, THREE)
    assert (tasks(counting, THREE), tasks(counting, FOUR)) == ([], [Task.FIRST])


def test_a_judge_of_two_entries_makes_none_of_them_afterwards(counting: Evening) -> None:
    counting.enter(ONE, "u1", counting.contents("u1", VOTES))
    counting.enter(TWO, "u1", counting.contents("u1", VOTES | {"农民": [24, 20, 10]}))
    with counting.county.acting(SCRUTINEERS[1]) as act:
        keep_one(act, counting.form_id("u1"), Side.FIRST)
    with refused("meeting.scrutineer_before"):
        change_office(counting, SCRUTINEERS[1], Office.TELLER)
    assert counting.form("u1").judged_by == [person(counting, SCRUTINEERS[1])]


def test_a_teller_who_became_a_scrutineer_does_not_discard_the_entry_compared_with_theirs(counting: Evening) -> None:
    counting.enter(ONE, "u1", counting.contents("u1", VOTES))
    counting.enter(TWO, "u1", counting.contents("u1", VOTES | {"农民": [24, 20, 10]}))
    with counting.county.acting(SCRUTINEERS[0]) as act:
        return_to_teller(act, counting.form_id("u1"), Side.SECOND)
    change_office(counting, ONE, Office.SCRUTINEER)
    with refused("entry.judged_by_its_teller"), counting.county.acting(ONE) as act:
        discard(act, counting.form_id("u1"), "不要了")


# What is recorded, and what a refusal says


def test_the_audit_record_of_an_entry_holds_no_figure_and_no_place(counting: Evening) -> None:
    contents = counting.contents("u1", VOTES | {"其他基层": [28, 0]})
    form = take(counting, ONE)
    with counting.county.acting(ONE) as act:
        finalise(act, form.id, contents, counting.ticks("u1", contents))
    with counting.county.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action.startswith("count."))).all()
        said = {one.action: one.details for one in events}
    assert said["count.finalised"]["ticks"] == 2
    assert said["count.finalised"].keys() == {"number", "version", "state", "side", "errors", "ticks"}
    assert "count.W" not in str(said) and "sections" not in str(said)


def test_a_teller_is_never_told_whether_the_entries_agree(counting: Evening) -> None:
    contents = counting.contents("u1", VOTES)
    counting.enter(ONE, "u1", contents)
    heard = set()
    for second in (contents, counting.contents("u1", VOTES | {"农民": [24, 20, 10]})):
        counting.enter(TWO, "u1", second)
        form = counting.form("u1")
        for who in (ONE, TWO, THREE):
            for verb in (
                lambda act: claim(act, counting.county.congress_id, form.number),  # noqa: B023
                lambda act: save_draft(act, form.id, contents),  # noqa: B023
                lambda act: finalise(act, form.id, contents),  # noqa: B023
                lambda act: finalise(act, form.id, contents, (), 0),  # noqa: B023
                lambda act: resume(act, form.id),  # noqa: B023
            ):
                with pytest.raises(Refused) as refusal, counting.county.acting(who) as act:
                    verb(act)
                heard.add(sentence(refusal.value.code, refusal.value.params).zh)
        with counting.county.acting(SCRUTINEERS[0]) as act:
            drop_both(act, form.id, "重录")
        counting.enter(ONE, "u1", contents)
    assert heard == {"这张计票单已由他人办理。", "计票单 01-1-1 已由他人办理，本页已过时，请重新打开。"}
    with pytest.raises(Stale) as refusal, counting.county.acting(SCRUTINEERS[0]) as act:
        drop_both(act, counting.form_id("u1"), "重录", 0)
    assert "第一次录入完成" in sentence(refusal.value.code, refusal.value.params).zh


@pytest.mark.parametrize(
    ("state", "first", "second"),
    [
        (EntryState.EMPTY, True, False),
        (EntryState.FIRST_FINALISED, False, False),
        (EntryState.FIRST_FINALISED, True, True),
        (EntryState.ENTRIES_EQUAL, True, False),
    ],
)
def test_the_database_itself_refuses_a_form_whose_persons_do_not_fit_its_state(
    counting: Evening, state: EntryState, first: bool, second: bool
) -> None:
    with pytest.raises(IntegrityError, match="person"), counting.county.acting(ONE) as act:
        form = act.session.get_one(CountForm, counting.form_id("u1"))
        form.state = state
        form.first_person_id = person(counting, ONE) if first else None
        form.second_person_id = person(counting, TWO) if second else None
