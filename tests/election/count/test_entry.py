"""The count form's state machine: every state × action × person, and the rules that issue from persons."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from election.count.entry import (
    TELLERS_ACTS,
    TRANSITIONS,
    Entry,
    EntryAction,
    EntryState,
    FormState,
    Reopening,
    Side,
    Withdrawal,
    print_table,
    transition,
)
from election.count.form import Attendance, FormContents
from election.errors import Refused
from election.texts import sentence

FIRST, SECOND, THIRD, OTHER = 1, 2, 3, 4
PERSONS = (FIRST, SECOND, THIRD, OTHER)
A = FormContents(Attendance(10, 9))
B = FormContents(Attendance(10, 8))
CLEAN, CLEAN_TOO, UNLIKE = Entry(FIRST, A), Entry(SECOND, A), Entry(SECOND, B)

S, ACT = EntryState, EntryAction

# One form in each state; persons are always FIRST, SECOND and, as confirmer, THIRD.
FORMS = {
    S.EMPTY: FormState(),
    S.FIRST_IN_PROGRESS: FormState(state=S.FIRST_IN_PROGRESS, first=CLEAN),
    S.FIRST_HAS_ERRORS: FormState(state=S.FIRST_HAS_ERRORS, first=replace(CLEAN, has_errors=True)),
    S.FIRST_FINALISED: FormState(state=S.FIRST_FINALISED, first=CLEAN),
    S.SECOND_IN_PROGRESS: FormState(state=S.SECOND_IN_PROGRESS, first=CLEAN, second=CLEAN_TOO),
    S.ENTRIES_EQUAL: FormState(state=S.ENTRIES_EQUAL, first=CLEAN, second=CLEAN_TOO),
    S.ENTRIES_DIFFER: FormState(state=S.ENTRIES_DIFFER, first=CLEAN, second=UNLIKE),
    S.FIRST_IN_CORRECTION: FormState(state=S.FIRST_IN_CORRECTION, first=CLEAN, second=UNLIKE),
    S.SECOND_IN_CORRECTION: FormState(state=S.SECOND_IN_CORRECTION, first=CLEAN, second=UNLIKE),
    S.CONFIRMED: FormState(state=S.CONFIRMED, first=CLEAN, second=CLEAN_TOO, confirmed_by=THIRD),
}


def outcome(form: FormState, action: EntryAction, actor: int, **given: Any) -> EntryState | str:
    """The state an act leads to, or the code of its refusal."""
    try:
        return transition(form, action, actor, **given).state
    except Refused as refusal:
        assert sentence(refusal.code, refusal.params).en
        return refusal.code


# (state, action) → what FIRST, SECOND, THIRD, OTHER get, with a reason given, side FIRST, no errors, no warnings.
EXPECTED = {
    (S.EMPTY, ACT.CLAIM): [S.FIRST_IN_PROGRESS] * 4,
    (S.FIRST_IN_PROGRESS, ACT.CLAIM): [S.FIRST_IN_PROGRESS, *["entry.taken"] * 3],
    (S.FIRST_IN_PROGRESS, ACT.SAVE): [S.FIRST_IN_PROGRESS, *["entry.taken"] * 3],
    (S.FIRST_IN_PROGRESS, ACT.FINALISE): [S.FIRST_FINALISED, *["entry.taken"] * 3],
    (S.FIRST_IN_PROGRESS, ACT.DISCARD): [S.EMPTY] * 4,
    (S.FIRST_HAS_ERRORS, ACT.RESUME): [S.FIRST_IN_PROGRESS, *["entry.taken"] * 3],
    (S.FIRST_HAS_ERRORS, ACT.RETURN): ["entry.judged_by_its_teller", *[S.FIRST_IN_PROGRESS] * 3],
    (S.FIRST_HAS_ERRORS, ACT.DISCARD): [S.EMPTY] * 4,
    (S.FIRST_FINALISED, ACT.CLAIM): ["entry.second_by_first", *[S.SECOND_IN_PROGRESS] * 3],
    (S.FIRST_FINALISED, ACT.DISCARD): [S.EMPTY] * 4,
    (S.SECOND_IN_PROGRESS, ACT.CLAIM): ["entry.taken", S.SECOND_IN_PROGRESS, *["entry.taken"] * 2],
    (S.SECOND_IN_PROGRESS, ACT.SAVE): ["entry.taken", S.SECOND_IN_PROGRESS, *["entry.taken"] * 2],
    (S.SECOND_IN_PROGRESS, ACT.FINALISE): ["entry.taken", S.ENTRIES_EQUAL, *["entry.taken"] * 2],
    (S.SECOND_IN_PROGRESS, ACT.DISCARD): ["entry.judged_by_its_teller", *[S.FIRST_FINALISED] * 3],
    (S.ENTRIES_EQUAL, ACT.CONFIRM): [*["entry.confirmed_by_its_teller"] * 2, *[S.CONFIRMED] * 2],
    (S.ENTRIES_EQUAL, ACT.DROP_BOTH): [*["entry.judged_by_its_teller"] * 2, *[S.EMPTY] * 2],
    (S.ENTRIES_DIFFER, ACT.RETURN): [*["entry.judged_by_its_teller"] * 2, *[S.FIRST_IN_CORRECTION] * 2],
    (S.ENTRIES_DIFFER, ACT.KEEP): [*["entry.judged_by_its_teller"] * 2, *[S.FIRST_FINALISED] * 2],
    (S.ENTRIES_DIFFER, ACT.DROP_BOTH): [*["entry.judged_by_its_teller"] * 2, *[S.EMPTY] * 2],
    (S.FIRST_IN_CORRECTION, ACT.CLAIM): [S.FIRST_IN_CORRECTION, *["entry.taken"] * 3],
    (S.FIRST_IN_CORRECTION, ACT.SAVE): [S.FIRST_IN_CORRECTION, *["entry.taken"] * 3],
    (S.FIRST_IN_CORRECTION, ACT.FINALISE): [S.ENTRIES_DIFFER, *["entry.taken"] * 3],
    (S.FIRST_IN_CORRECTION, ACT.DISCARD): [S.FIRST_FINALISED, "entry.judged_by_its_teller", *[S.FIRST_FINALISED] * 2],
    (S.SECOND_IN_CORRECTION, ACT.CLAIM): ["entry.taken", S.SECOND_IN_CORRECTION, *["entry.taken"] * 2],
    (S.SECOND_IN_CORRECTION, ACT.SAVE): ["entry.taken", S.SECOND_IN_CORRECTION, *["entry.taken"] * 2],
    (S.SECOND_IN_CORRECTION, ACT.FINALISE): ["entry.taken", S.ENTRIES_DIFFER, *["entry.taken"] * 2],
    (S.SECOND_IN_CORRECTION, ACT.DISCARD): ["entry.judged_by_its_teller", *[S.FIRST_FINALISED] * 3],
    (S.CONFIRMED, ACT.WITHDRAW): [S.CONFIRMED] * 4,
    (S.CONFIRMED, ACT.DISCARD): ["entry.not_now"] * 4,
}


@pytest.mark.parametrize(("state", "action"), list(product(EntryState, EntryAction)))
def test_every_person_gets_what_the_table_says_in_every_state_for_every_act(state, action):
    found = [outcome(FORMS[state], action, person, side=Side.FIRST, reason="更正") for person in PERSONS]
    otherwise = "entry.taken" if action in TELLERS_ACTS else "entry.not_now"
    assert found == EXPECTED.get((state, action), [otherwise] * 4)


WITH_ERRORS = replace(FORMS[S.ENTRIES_DIFFER], second=replace(UNLIKE, has_errors=True))
ASKED = replace(FORMS[S.CONFIRMED], withdrawal=Withdrawal(FIRST, "漏记"))


@pytest.mark.parametrize(("state", "action"), list(TRANSITIONS))
def test_an_act_leads_to_every_state_that_the_table_names_and_to_no_other(state, action):
    forms = [form for form in (*FORMS.values(), WITH_ERRORS, ASKED) if form.state is state]
    found = {
        outcome(form, action, person, side=side, values=values, errors=errors, reason="更正")
        for form, person, side, values, errors in product(forms, PERSONS, Side, (A, B), (False, True))
    }
    assert {one for one in found if isinstance(one, EntryState)} == set(TRANSITIONS[state, action])


@pytest.mark.parametrize(("state", "action"), list(product(EntryState, sorted(TELLERS_ACTS))))
def test_a_refused_teller_is_never_told_how_the_form_stands(state, action):
    for person in PERSONS:
        try:
            transition(FORMS[state], action, person)
        except Refused as refusal:
            said = sentence(refusal.code, refusal.params)
            assert not any(each.zh in said.zh for each in EntryState if each is not EntryState.CONFIRMED)
            assert refusal.params == {}


@pytest.mark.parametrize("action", sorted(TELLERS_ACTS))
def test_a_teller_cannot_tell_entries_that_agree_from_entries_that_differ(action):
    """From the second submission until the confirmation all refusals are the same, for either teller."""
    for person in (FIRST, SECOND, OTHER):
        stages = (S.ENTRIES_EQUAL, S.ENTRIES_DIFFER, S.FIRST_IN_CORRECTION, S.SECOND_IN_CORRECTION)
        typing = {S.FIRST_IN_CORRECTION: FIRST, S.SECOND_IN_CORRECTION: SECOND}
        heard = {outcome(FORMS[each], action, person) for each in stages if typing.get(each) != person}
        assert heard == {"entry.taken"}


def test_the_printed_table_is_the_table_of_transitions():
    assert set(EXPECTED) == set(TRANSITIONS)
    rows = print_table().splitlines()
    assert len(rows) == 2 + len(EntryState)
    assert all(row.count("|") == len(EntryAction) + 2 for row in rows)
    assert "`entries_equal` / `entries_differ`" in print_table()


def test_a_refusal_names_state_and_act_in_words():
    with pytest.raises(Refused) as caught:
        transition(FormState(), ACT.CONFIRM, THIRD)
    said = sentence(caught.value.code, caught.value.params)
    assert said.zh == "计票单现在的状态是“未录入”，不能“确认”。"
    assert said.en == "The form is “empty”; the act “confirm” is not possible now."


@pytest.mark.parametrize("side", Side)
def test_the_side_chosen_is_the_one_that_is_returned_or_kept(side):
    form = FORMS[S.ENTRIES_DIFFER]
    returned = transition(form, ACT.RETURN, THIRD, side=side)
    assert returned.active_side == side
    kept = transition(form, ACT.KEEP, THIRD, side=side)
    assert (kept.first, kept.second) == (form.entry(side), None)


@pytest.mark.parametrize("action", [ACT.RETURN, ACT.KEEP])
def test_a_side_must_be_chosen(action):
    assert outcome(FORMS[S.ENTRIES_DIFFER], action, THIRD) == "entry.side_missing"


def test_a_draft_is_kept_as_saved_and_overwritten_in_place():
    form = transition(FORMS[S.FIRST_IN_PROGRESS], ACT.SAVE, FIRST, values=B, accepted=frozenset({"w"}))
    assert form.first == Entry(FIRST, B, accepted=frozenset({"w"}))
    assert transition(form, ACT.CLAIM, FIRST) == form
    assert transition(form, ACT.SAVE, FIRST, values=A).first == Entry(FIRST, A, accepted=frozenset({"w"}))


def test_errors_stop_the_second_entry():
    form = transition(FORMS[S.FIRST_IN_PROGRESS], ACT.FINALISE, FIRST, errors=True)
    assert form.state is S.FIRST_HAS_ERRORS
    assert outcome(form, ACT.CLAIM, SECOND) == "entry.taken"
    resumed = transition(form, ACT.RESUME, FIRST)
    assert transition(resumed, ACT.FINALISE, FIRST).state is S.FIRST_FINALISED


def test_warnings_want_a_tick():
    form, warnings = FORMS[S.FIRST_IN_PROGRESS], frozenset({"w1", "w2"})
    assert outcome(form, ACT.FINALISE, FIRST, warnings=warnings) == "entry.warnings_open"
    assert outcome(form, ACT.FINALISE, FIRST, warnings=warnings, accepted=frozenset({"w1"})) == "entry.warnings_open"
    assert outcome(form, ACT.FINALISE, FIRST, warnings=warnings, accepted=warnings) is S.FIRST_FINALISED
    assert outcome(form, ACT.FINALISE, FIRST, warnings=warnings, errors=True) is S.FIRST_HAS_ERRORS


def test_unlike_second_values_make_the_entries_differ():
    assert outcome(FORMS[S.SECOND_IN_PROGRESS], ACT.FINALISE, SECOND, values=B) is S.ENTRIES_DIFFER
    assert outcome(FORMS[S.SECOND_IN_PROGRESS], ACT.FINALISE, SECOND, values=B, errors=True) is S.ENTRIES_DIFFER


@pytest.mark.parametrize(
    ("state", "person", "values"), [(S.FIRST_IN_CORRECTION, FIRST, B), (S.SECOND_IN_CORRECTION, SECOND, A)]
)
def test_a_correction_may_make_the_entries_equal(state, person, values):
    assert outcome(FORMS[state], ACT.FINALISE, person, values=values) is S.ENTRIES_EQUAL


def test_equal_entries_that_have_errors_by_now_are_never_put_up_for_confirmation():
    form = transition(FORMS[S.SECOND_IN_PROGRESS], ACT.FINALISE, SECOND, errors=True)
    assert (form.state, form.second) == (S.FIRST_HAS_ERRORS, None)
    assert form.first == replace(CLEAN, has_errors=True)


def test_a_correction_is_returned_only_if_the_kept_entry_is_free_of_errors():
    form = replace(FORMS[S.ENTRIES_DIFFER], second=replace(UNLIKE, has_errors=True))
    assert outcome(form, ACT.RETURN, THIRD, side=Side.FIRST) == "entry.kept_has_errors"
    assert outcome(form, ACT.RETURN, THIRD, side=Side.SECOND) is S.SECOND_IN_CORRECTION


def test_a_kept_entry_with_errors_waits_for_its_teller():
    form = replace(FORMS[S.ENTRIES_DIFFER], second=replace(UNLIKE, has_errors=True))
    kept = transition(form, ACT.KEEP, THIRD, side=Side.SECOND)
    assert (kept.state, kept.first) == (S.FIRST_HAS_ERRORS, form.second)


def test_after_one_is_kept_the_new_second_is_by_anyone_but_its_person():
    kept = transition(FORMS[S.ENTRIES_DIFFER], ACT.KEEP, THIRD, side=Side.SECOND)
    assert outcome(kept, ACT.CLAIM, SECOND) == "entry.second_by_first"
    for person in (FIRST, OTHER):  # the author of the dropped entry included
        assert outcome(kept, ACT.CLAIM, person) is S.SECOND_IN_PROGRESS


def test_no_second_entry_begins_on_a_first_one_that_the_records_contradict_since():
    form = replace(FORMS[S.FIRST_FINALISED], first=replace(CLEAN, has_errors=True))
    assert outcome(form, ACT.CLAIM, SECOND) == "entry.not_ready"


@pytest.mark.parametrize(
    ("state", "action", "side"),
    [
        (S.ENTRIES_DIFFER, ACT.KEEP, Side.FIRST),
        (S.ENTRIES_DIFFER, ACT.DROP_BOTH, None),
        (S.ENTRIES_EQUAL, ACT.DROP_BOTH, None),
        (S.FIRST_IN_CORRECTION, ACT.DISCARD, None),
        (S.FIRST_FINALISED, ACT.DISCARD, None),
    ],
)
def test_who_judged_a_version_enters_none_of_it(state, action, side):
    judged = transition(FORMS[state], action, THIRD, side=side, reason="看错")
    assert judged.judged_by == {THIRD}
    assert outcome(judged, ACT.CLAIM, THIRD) == "entry.judge_may_not_enter"
    assert outcome(judged, ACT.CLAIM, OTHER) in (S.FIRST_IN_PROGRESS, S.SECOND_IN_PROGRESS)


def test_who_returned_an_entry_does_not_make_the_next_one_either():
    returned = transition(FORMS[S.ENTRIES_DIFFER], ACT.RETURN, THIRD, side=Side.FIRST)
    left = transition(returned, ACT.DISCARD, FIRST, reason="无法更正")
    assert outcome(left, ACT.CLAIM, THIRD) == "entry.judge_may_not_enter"


def test_who_judged_a_version_types_nothing_of_the_next_but_its_tellers_do():
    judged = replace(FORMS[S.CONFIRMED], judged_by=frozenset({OTHER}))
    asked = transition(judged, ACT.WITHDRAW, FIRST, reason="漏记")
    again = transition(asked, ACT.WITHDRAW, 5)
    assert again.judged_by == {OTHER, THIRD, 5}
    assert outcome(again, ACT.CLAIM, THIRD) == "entry.judge_may_not_enter"
    assert outcome(again, ACT.CLAIM, FIRST) is S.FIRST_IN_PROGRESS


@pytest.mark.parametrize(
    ("state", "teller"),
    [(S.SECOND_IN_PROGRESS, FIRST), (S.FIRST_IN_CORRECTION, SECOND), (S.SECOND_IN_CORRECTION, FIRST)],
)
def test_a_teller_does_not_rid_an_own_entry_of_the_one_it_is_compared_with(state, teller):
    assert outcome(FORMS[state], ACT.DISCARD, teller, reason="不要了") == "entry.judged_by_its_teller"


def test_who_returned_an_entry_with_errors_makes_no_second_one():
    returned = transition(FORMS[S.FIRST_HAS_ERRORS], ACT.RETURN, THIRD)
    assert returned.judged_by == {THIRD}
    corrected = transition(returned, ACT.FINALISE, FIRST)
    assert outcome(corrected, ACT.CLAIM, THIRD) == "entry.judge_may_not_enter"


def test_who_asked_for_a_confirmation_to_be_withdrawn_types_nothing_of_the_next_version_either():
    asked = transition(FORMS[S.CONFIRMED], ACT.WITHDRAW, OTHER, reason=" 漏记 ")
    assert asked.withdrawal == Withdrawal(OTHER, "漏记")
    again = transition(asked, ACT.WITHDRAW, 5)
    assert again.judged_by == {THIRD, OTHER, 5}


def test_a_judge_who_claims_what_somebody_types_is_told_no_more_than_anybody():
    form = replace(FORMS[S.SECOND_IN_PROGRESS], judged_by=frozenset({THIRD}))
    assert outcome(form, ACT.CLAIM, THIRD) == outcome(form, ACT.CLAIM, OTHER) == "entry.taken"


@pytest.mark.parametrize(("state", "person"), [(S.FIRST_IN_PROGRESS, FIRST), (S.SECOND_IN_PROGRESS, SECOND)])
@pytest.mark.parametrize("errors", [True, False])
def test_whether_an_entry_has_errors_is_kept_with_it(state, person, errors):
    form = transition(FORMS[state], ACT.FINALISE, person, values=B, errors=errors)
    typed = form.first if person == FIRST else form.second
    assert typed == Entry(person, B, has_errors=errors)
    if person == FIRST and errors:
        clean = transition(transition(form, ACT.RESUME, FIRST), ACT.FINALISE, FIRST)
        assert clean.first == Entry(FIRST, B)


def test_the_two_tellers_of_a_form_do_not_withdraw_its_confirmation_by_themselves():
    asked = transition(FORMS[S.CONFIRMED], ACT.WITHDRAW, FIRST, reason="漏记")
    assert outcome(asked, ACT.WITHDRAW, SECOND) == "entry.withdrawn_by_its_tellers"
    assert outcome(asked, ACT.DISCARD, SECOND) == "entry.judged_by_its_teller"
    assert outcome(asked, ACT.WITHDRAW, OTHER) is S.EMPTY
    by_a_third = transition(FORMS[S.CONFIRMED], ACT.WITHDRAW, OTHER, reason="漏记")
    assert outcome(by_a_third, ACT.WITHDRAW, SECOND) is S.EMPTY


def test_discarding_a_correction_leaves_the_other_entry_as_the_first():
    for state, kept in ((S.FIRST_IN_CORRECTION, UNLIKE), (S.SECOND_IN_CORRECTION, CLEAN)):
        form = transition(FORMS[state], ACT.DISCARD, OTHER, reason="计票人离场")
        assert (form.state, form.first, form.second) == (S.FIRST_FINALISED, kept, None)


@pytest.mark.parametrize(
    ("state", "person", "needs"),
    [
        (S.FIRST_IN_PROGRESS, FIRST, False),
        (S.FIRST_IN_PROGRESS, OTHER, True),
        (S.SECOND_IN_PROGRESS, SECOND, False),
        (S.SECOND_IN_PROGRESS, OTHER, True),
        (S.FIRST_HAS_ERRORS, FIRST, True),
        (S.FIRST_FINALISED, FIRST, True),
        (S.FIRST_IN_CORRECTION, FIRST, True),
        (S.SECOND_IN_CORRECTION, SECOND, True),
    ],
)
def test_only_an_own_draft_is_discarded_without_a_reason(state, person, needs):
    assert (outcome(FORMS[state], ACT.DISCARD, person, reason=" ") == "entry.reason_missing") is needs


@pytest.mark.parametrize("state", [S.ENTRIES_EQUAL, S.ENTRIES_DIFFER])
def test_dropping_both_needs_a_reason(state):
    assert outcome(FORMS[state], ACT.DROP_BOTH, THIRD) == "entry.reason_missing"


def test_a_confirmation_is_withdrawn_by_two_persons_with_a_reason_into_a_new_version():
    form = FORMS[S.CONFIRMED]
    assert outcome(form, ACT.WITHDRAW, THIRD) == "entry.reason_missing"
    asked = transition(form, ACT.WITHDRAW, THIRD, reason="唱票时漏记一张")
    assert asked == replace(form, withdrawal=Withdrawal(THIRD, "唱票时漏记一张"))
    assert outcome(asked, ACT.WITHDRAW, THIRD, reason="再说一遍") == "entry.withdrawn_by_one"
    reopened = transition(asked, ACT.WITHDRAW, OTHER)
    again = Reopening(THIRD, OTHER, "唱票时漏记一张")
    assert reopened == FormState(version=2, reopening=again, judged_by=frozenset({THIRD, OTHER}))
    assert form == FORMS[S.CONFIRMED]  # the old version stays


def test_the_question_to_withdraw_can_be_taken_back():
    asked = transition(FORMS[S.CONFIRMED], ACT.WITHDRAW, THIRD, reason="误报")
    assert transition(asked, ACT.DISCARD, OTHER) == FORMS[S.CONFIRMED]


def test_a_reopened_form_is_entered_and_confirmed_like_any_other_and_stays_reopened():
    form = FormState(version=2, reopening=Reopening(THIRD, OTHER, "漏记"))
    for action, person in (
        (ACT.CLAIM, FIRST),
        (ACT.FINALISE, FIRST),
        (ACT.CLAIM, SECOND),
        (ACT.FINALISE, SECOND),
        (ACT.CONFIRM, THIRD),
    ):
        form = transition(form, action, person)
    assert (form.state, form.version, form.reopening) == (S.CONFIRMED, 2, Reopening(THIRD, OTHER, "漏记"))


@pytest.mark.parametrize(
    "parts",
    [
        {"state": S.EMPTY, "first": CLEAN},
        {"state": S.FIRST_IN_PROGRESS},
        {"state": S.FIRST_FINALISED, "first": CLEAN, "second": CLEAN_TOO},
        {"state": S.ENTRIES_EQUAL, "first": CLEAN},
        {"state": S.ENTRIES_EQUAL, "first": CLEAN, "second": CLEAN},
        {"state": S.CONFIRMED, "first": CLEAN, "second": CLEAN_TOO},
        {"state": S.CONFIRMED, "first": CLEAN, "second": CLEAN_TOO, "confirmed_by": FIRST},
        {"state": S.CONFIRMED, "first": CLEAN, "second": CLEAN_TOO, "confirmed_by": SECOND},
        {"state": S.ENTRIES_EQUAL, "first": CLEAN, "second": CLEAN_TOO, "confirmed_by": THIRD},
        {"withdrawal": Withdrawal(THIRD, "误报")},
        {"version": 2},
        {"reopening": Reopening(THIRD, OTHER, "漏记")},
        {"version": 2, "reopening": Reopening(THIRD, THIRD, "漏记")},
    ],
)
def test_an_impossible_form_cannot_be_made(parts):
    with pytest.raises(ValueError, match="form"):
        FormState(**parts)
