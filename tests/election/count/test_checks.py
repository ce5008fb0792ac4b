"""The checks on a count form, each at its boundary."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.contests.outcome import WriteInRule
from election.count.check_codes import CODES
from election.count.checks import (
    FormContext,
    SectionContext,
    Thresholds,
    Turnout,
    check,
    has_errors,
    print_table,
    warning_key,
    warning_keys,
)
from election.count.form import Attendance, FormContents, Marks, Section, WriteIn, blank
from election.findings import Severity
from election.meeting.ballot_checks import MissingLimits
from election.rules import RULES
from election.texts import catalogue, sentence

LIMITS = Thresholds(spoiled_percent=3, missing=MissingLimits(percent=2, ballots=15), turnout_points=15)
CONTEXT = FormContext(
    LIMITS,
    expected=1200,
    present=1100,
    sections={"12": SectionContext("农民", 2, {"34": "田甲", "35": "向乙"}, WriteInRule.AGAINST, 1100, 1099)},
)
# 1100 issued, 1099 returned, 1089 valid and 10 spoiled: nothing to find.
CLEAN = Section(1100, 1099, 1089, 10, {"34": Marks(800, 200, 89), "35": Marks(600, 480, 9)}, (WriteIn("冉丙", 3),))


def codes(
    section: Section = CLEAN,
    attendance: Attendance | None = None,
    context: FormContext = CONTEXT,
    **of_section: Any,
) -> list[tuple[str, str]]:
    """(code, field) of everything found; the section's own context can be changed by name."""
    attendance = attendance or Attendance(1200, 1100)
    context = replace(context, sections={"12": replace(context.sections["12"], **of_section)})
    findings = check(FormContents(attendance, {"12": section}), context)
    for finding in findings:
        said = sentence(finding.code, finding.params)
        assert said.zh
        assert said.en
        # An error that is told as a warning would no longer stop the second entry.
        assert finding.severity is (Severity.ERROR if ".E." in finding.code else Severity.WARNING)
    return [(finding.code, finding.field) for finding in findings]


def marks(**rows: tuple[int | None, int | None, int | None]) -> Section:
    """CLEAN with other rows: `c34=(for, against, abstain)`."""
    return replace(CLEAN, candidates={**CLEAN.candidates, **{key[1:]: Marks(*row) for key, row in rows.items()}})


def test_a_clean_form_has_nothing_to_find():
    assert codes() == []


def test_every_blank_field_is_named_and_nothing_else():
    contents = blank({"12": ["34", "35"]})
    findings = check(contents, CONTEXT)
    assert {finding.code for finding in findings} == {"count.E.101"}
    assert len(findings) == 2 + 4 + 6
    assert has_errors(findings)


def test_one_blank_does_not_hide_what_is_wrong_elsewhere():
    found = codes(replace(marks(c34=(800, None, 89)), spoiled=9))
    assert found == [
        ("count.E.101", "sections.12.candidates.34.against"),
        ("count.E.203", "sections.12.valid"),
    ]


@pytest.mark.parametrize(
    ("attendance", "found"),
    [
        (Attendance(1200, 1100), []),
        (Attendance(1199, 1100), [("count.E.112", "attendance.expected")]),
        (Attendance(1200, 1101), [("count.E.113", "attendance.present")]),
    ],
)
def test_attendance_is_held_against_the_meetings_record(attendance, found):
    assert codes(attendance=attendance) == found


def test_present_may_equal_expected_and_not_pass_it():
    loose = replace(CONTEXT, expected=None, present=None)
    assert codes(attendance=Attendance(1100, 1100), context=loose) == []
    assert codes(attendance=Attendance(1100, 1101), context=loose) == [("count.E.111", "attendance.present")]


def test_issued_may_equal_present_and_not_pass_it():
    loose = replace(CONTEXT, present=None)
    assert codes(attendance=Attendance(1200, 1100), context=loose) == []
    assert codes(attendance=Attendance(1200, 1099), context=loose) == [("count.E.201", "sections.12.issued")]


@pytest.mark.parametrize(
    ("issued", "returned", "over", "found"),
    [
        (1098, 1099, False, []),  # the record has it so: whether the vote is void is judged over the unit
        (1098, 1098, False, ["count.E.202", "count.E.205"]),
        (1099, 1099, False, ["count.E.202", "count.E.204"]),
        (1097, 1099, False, ["count.E.202", "count.E.204"]),
        (None, None, True, []),  # this form counts a part, and more came back to all of them together
        (None, 1098, False, ["count.E.202", "count.E.205"]),
    ],
)
def test_more_returned_than_issued_is_fine_where_the_scrutineers_recorded_it_so(issued, returned, over, found):
    section = replace(CLEAN, issued=1098)
    assert [code for code, _ in codes(section, issued=issued, returned=returned, over=over)] == found


def test_returned_may_equal_issued_and_not_pass_it():
    free: dict[str, Any] = {"issued": None, "returned": None}
    assert codes(replace(CLEAN, issued=1099), **free) == []
    assert codes(replace(CLEAN, issued=1098), **free) == [("count.E.202", "sections.12.returned")]


@pytest.mark.parametrize("spoiled", [9, 11])
def test_valid_and_spoiled_are_what_was_returned(spoiled):
    assert codes(replace(CLEAN, spoiled=spoiled)) == [("count.E.203", "sections.12.valid")]


def test_the_ballots_are_held_against_the_scrutineers_record():
    assert codes(issued=1099) == [("count.E.204", "sections.12.issued")]
    assert codes(returned=1100) == [("count.E.205", "sections.12.returned")]
    assert codes(issued=None, returned=None) == []


def test_the_spoiled_are_those_that_the_scrutineers_ruled():
    assert codes(spoiled=10) == []
    assert codes(spoiled=9) == codes(spoiled=11) == [("count.E.206", "sections.12.spoiled")]


@pytest.mark.parametrize("name", ["valid", "spoiled", "returned", "issued"])
def test_a_number_of_ballots_that_is_blank_is_named_once_and_compared_with_nothing(name):
    assert codes(replace(CLEAN, **{name: None})) == [("count.E.101", f"sections.12.{name}")]


@pytest.mark.parametrize("abstain", [88, 90])
def test_a_row_adds_up_to_the_valid_ballots(abstain):
    assert codes(marks(c34=(800, 200, abstain))) == [("count.E.301", "sections.12.candidates.34")]


def test_the_votes_are_at_most_one_per_seat_and_valid_ballot():
    full = marks(c34=(689, 400, 0), c35=(397, 692, 0))
    assert codes(full, seats=1) == []  # 689 + 397 + 3 = 1089
    assert codes(marks(c34=(689, 400, 0), c35=(398, 691, 0)), seats=1) == [("count.E.302", "sections.12.candidates")]


@pytest.mark.parametrize("blank_or_none", [None, 0])
def test_a_blank_or_a_nought_adds_no_vote(blank_or_none):
    """1,089 votes of one seat are fine and 1,090 are not, however many rows have none."""
    over = ("count.E.302", "sections.12.candidates")
    for votes, found in ((1086, False), (1087, True)):
        rows = marks(c34=(blank_or_none, 1089, 0), c35=(votes, 1089 - votes, 0))
        assert (over in codes(rows, seats=1)) is found
    for votes, found in ((489, False), (490, True)):
        rows = replace(marks(c35=(600, 489, 0), c34=(0, 1089, 0)), write_ins=(WriteIn("冉丙", votes),))
        rows = replace(rows, write_ins=(*rows.write_ins, WriteIn("覃丁", blank_or_none)))
        assert (over in codes(rows, seats=1)) is found
        assert (over in codes(replace(rows, spoiled=None), seats=1)) is found


def test_write_ins_where_the_rules_allow_none():
    assert codes(write_in=WriteInRule.OFF) == [("count.E.303", "sections.12.write_ins")]
    assert codes(replace(CLEAN, write_ins=()), write_in=WriteInRule.OFF) == []


@pytest.mark.parametrize(
    ("rule", "votes", "found"),
    [
        (WriteInRule.AGAINST, 680, []),
        (WriteInRule.AGAINST, 681, [("count.E.304", "sections.12.write_ins")]),
        (WriteInRule.AGAINST_OR_ABSTAIN, 681, []),
        (WriteInRule.AGAINST_OR_ABSTAIN, 778, []),
        (WriteInRule.AGAINST_OR_ABSTAIN, 779, [("count.E.304", "sections.12.write_ins")]),
    ],
)
def test_write_ins_are_at_most_what_the_marks_leave_room_for(rule, votes, found):
    assert codes(replace(CLEAN, write_ins=(WriteIn("冉丙", votes),)), write_in=rule, seats=9) == found


@pytest.mark.parametrize(("votes", "found"), [(480, False), (481, True)])
@pytest.mark.parametrize("blank_or_none", [None, 0])
def test_a_row_without_a_mark_or_a_vote_changes_no_room(votes, found, blank_or_none):
    section = replace(marks(c34=(1089, 0, 0)), write_ins=(WriteIn("冉丙", votes), WriteIn("覃丁", blank_or_none)))
    assert (("count.E.304", "sections.12.write_ins") in codes(section, seats=9)) is found


def test_the_room_for_write_ins_is_not_judged_while_a_mark_is_blank():
    section = replace(marks(c34=(800, None, 89)), write_ins=(WriteIn("冉丙", 1000),))
    assert codes(section, seats=9) == [("count.E.101", "sections.12.candidates.34.against")]


def test_the_rows_of_write_ins_are_sound():
    rows = (
        WriteIn("", 1),
        WriteIn("冉丙", 1),
        WriteIn("冉丙", 1),
        WriteIn("覃丁"),
        WriteIn("12", 1),
        WriteIn("向蓉2", 1),
    )
    assert codes(replace(CLEAN, write_ins=rows)) == [
        ("count.E.101", "sections.12.write_ins.3.for"),
        ("count.E.305", "sections.12.write_ins.0.name"),
        ("count.E.306", "sections.12.write_ins.2.name"),
        ("count.E.305", "sections.12.write_ins.4.name"),
        ("count.E.305", "sections.12.write_ins.5.name"),
    ]
    section = replace(marks(c34=(0, 1089, 0)), write_ins=(WriteIn("冉丙", 1090),))
    assert ("count.E.307", "sections.12.write_ins.0.for") in codes(section, seats=9)
    section = replace(section, write_ins=(WriteIn("冉丙", 1089),))
    assert ("count.E.307", "sections.12.write_ins.0.for") not in codes(section, seats=9)


def test_a_write_in_with_a_candidates_name_wants_a_tick():
    section = replace(CLEAN, write_ins=(WriteIn("向乙", 3),))
    assert codes(section) == [("count.W.303", "sections.12.write_ins.0.name")]


def test_a_contest_of_nothing_but_zeros_wants_one_tick():
    section = Section(0, 0, 0, 0, {"34": Marks(0, 0, 0), "35": Marks(0, 0, 0)})
    assert codes(section, issued=None, returned=None) == [("count.W.101", "sections.12")]
    one = replace(section, issued=1)
    assert ("count.W.101", "sections.12") not in codes(one, issued=None, returned=None)


def test_beside_nothing_but_zeros_the_errors_are_still_told():
    section = Section(0, 0, 0, 0, {"34": Marks(0, 0, 0), "35": Marks(0, 0, 0)})
    assert [code for code, _ in codes(section, returned=None)] == ["count.E.204", "count.W.101"]


def ballots(issued: int, returned: int, spoiled: int) -> Section:
    valid = returned - spoiled
    return replace(
        CLEAN,
        issued=issued,
        returned=returned,
        valid=valid,
        spoiled=spoiled,
        candidates={each: Marks(1, valid - 1, 0) for each in ("34", "35")},
        write_ins=(),
    )


@pytest.mark.parametrize(
    ("returned", "spoiled", "warned"),
    [(100, 2, False), (100, 3, True), (101, 3, False), (99, 3, True), (100, 0, False)],
)
def test_many_spoiled_ballots_want_a_tick_from_the_share_on(returned, spoiled, warned):
    found = codes(ballots(returned, returned, spoiled), issued=None, returned=None)
    assert (("count.W.201", "sections.12.spoiled") in found) is warned


@pytest.mark.parametrize(
    ("issued", "missing", "warned"),
    [
        (100, 0, False),
        (100, 1, False),
        (100, 2, True),
        (500, 10, True),
        (501, 10, False),
        (1000, 14, False),
        (1000, 15, True),
        (1000, 20, True),
    ],
)
def test_missing_ballots_want_a_tick_from_the_share_or_the_number_on(issued, missing, warned):
    found = codes(ballots(issued, issued - missing, 0), issued=None, returned=None)
    assert (("count.W.202", "sections.12.returned") in found) is warned


@pytest.mark.parametrize(
    ("issued", "record", "warned"),
    [(1100, 1100, False), (1086, 1086, False), (1085, 1085, True), (500, 500, True), (1085, None, False)],
)
def test_far_fewer_ballots_issued_than_are_present_want_a_tick_where_one_form_counts_them_all(issued, record, warned):
    """With 1,100 present the number, 15, comes before the share, 22; groups that share a venue have a part each."""
    found = codes(ballots(issued, issued, 0), issued=record, returned=None)
    assert (("count.W.204", "sections.12.issued") in found) is warned


def test_few_issued_is_not_the_same_as_few_returned():
    found = codes(ballots(1100, 1080, 0), returned=None)
    assert ("count.W.202", "sections.12.returned") in found
    assert ("count.W.204", "sections.12.issued") not in found


def test_how_many_are_missing_is_told():
    context = replace(CONTEXT, sections={"12": replace(CONTEXT.sections["12"], returned=None)})
    found = check(FormContents(Attendance(1200, 1100), {"12": ballots(1100, 1080, 0)}), context)
    assert [finding.params["missing"] for finding in found if finding.code == "count.W.202"] == [20]


@pytest.mark.parametrize(
    ("returned", "expected", "before", "warned"),
    [
        (76, 100, Turnout(90, 100), False),
        (75, 100, Turnout(90, 100), True),
        (75, 100, Turnout(899, 1000), False),
        (95, 100, Turnout(80, 100), True),
        (94, 100, Turnout(80, 100), False),
        (10, 100, Turnout(0, 0), False),
        (10, 100, None, False),
    ],
)
def test_a_jump_of_the_turnout_wants_a_tick(returned, expected, before, warned):
    loose = replace(CONTEXT, expected=None, present=None)
    found = codes(
        ballots(returned, returned, 0),
        attendance=Attendance(expected, returned),
        context=loose,
        issued=None,
        returned=None,
        branch_turnout=before,
    )
    assert (("count.W.203", "sections.12.returned") in found) is warned


@pytest.mark.parametrize(("together", "warned"), [(76, False), (75, True)])
def test_where_a_form_is_a_part_the_unit_s_whole_turnout_is_compared(together, warned):
    found = codes(
        ballots(30, 30, 0),
        attendance=Attendance(100, 30),
        context=replace(CONTEXT, expected=None, present=None),
        issued=None,
        returned=None,
        branch_turnout=Turnout(90, 100),
        returned_together=together,
    )
    assert (("count.W.203", "sections.12.returned") in found) is warned


@pytest.mark.parametrize(
    ("row", "code"),
    [((0, 1089, 0), "count.W.301"), ((1, 1088, 0), None), ((1088, 1, 0), None), ((1089, 0, 0), "count.W.302")],
)
def test_a_candidate_without_a_vote_or_with_every_vote_wants_a_tick(row, code):
    assert codes(marks(c34=row)) == ([] if code is None else [(code, "sections.12.candidates.34.for")])


def test_a_candidate_s_blank_is_not_every_vote_of_an_unknown_number():
    found = codes(replace(marks(c34=(None, 5, 0)), valid=None))
    assert [code for code, _ in found] == ["count.E.101"] * 2


def test_one_error_is_enough_for_a_form_to_have_errors():
    errors_and_warnings = check(FormContents(Attendance(1199, 1100), {"12": marks(c34=(0, 1089, 0))}), CONTEXT)
    assert [finding.severity.value for finding in errors_and_warnings] == ["error", "warning"]
    assert has_errors(errors_and_warnings)
    assert not has_errors(errors_and_warnings[1:])


def test_what_is_wrong_with_the_one_sheet_is_told_once():
    section = replace(CLEAN, issued=1098)
    contents = FormContents(Attendance(1200, 1100), {"12": section, "13": section})
    both = {"12": CONTEXT.sections["12"], "13": CONTEXT.sections["12"]}
    apart = check(contents, replace(CONTEXT, sections=both))
    once = check(contents, replace(CONTEXT, sections=both, one_sheet=True))
    assert [finding.field for finding in apart] == [
        f"sections.{key}.{name}" for key in (12, 13) for name in ("returned", "issued")
    ]
    assert [finding.field for finding in once] == ["ballots.returned", "ballots.issued"]


def test_a_tick_stands_for_the_warning_its_place_and_its_numbers_and_for_no_name():
    found = check(FormContents(Attendance(1200, 1100), {"12": ballots(1100, 1099, 40)}), CONTEXT)
    assert sorted(warning_keys(found)) == ["count.W.201 sections.12.spoiled 3 1099 40"]
    found = check(FormContents(Attendance(1200, 1100), {"12": marks(c34=(1089, 0, 0))}), CONTEXT)
    assert warning_keys(found) == {"count.W.302 sections.12.candidates.34.for 1089"}


def test_a_tick_holds_only_for_the_numbers_it_was_given_for():
    def keys(spoiled: int) -> frozenset[str]:
        found = check(FormContents(Attendance(1200, 1100), {"12": ballots(1100, 1099, spoiled)}), CONTEXT)
        return warning_keys(found)

    assert keys(40) != keys(41)
    assert keys(40) == keys(40)


def test_errors_have_no_tick():
    found = check(blank({"12": ["34", "35"]}), CONTEXT)
    assert warning_keys(found) == frozenset()
    assert len({warning_key(finding) for finding in found}) == len(found)


def test_the_thresholds_come_from_the_rules_in_force():
    in_force = {rule.name: rule.default for rule in RULES}
    assert Thresholds.from_rules(in_force) == LIMITS
    assert Thresholds.from_rules({**in_force, "spoiled_warning": "7"}).spoiled_percent == 7


def test_every_code_is_documented_has_a_sentence_and_stands_once():
    known = {code for code in catalogue() if code.startswith("count.") and code.split(".")[1] in ("E", "W")}
    documented = [one.code for one in CODES]
    assert len(documented) == len(set(documented))
    assert set(documented) == known
    assert all(f"| `{code}` |" in print_table() for code in known)
    for one in CODES:
        assert one.severity is (Severity.ERROR if one.code.split(".")[1] == "E" else Severity.WARNING)


numbers = st.none() | st.integers(0, 4)


@given(
    st.builds(
        Section,
        numbers,
        numbers,
        numbers,
        numbers,
        st.fixed_dictionaries({each: st.builds(Marks, numbers, numbers, numbers) for each in ("34", "35")}),
        st.lists(st.builds(WriteIn, st.sampled_from(["", "冉丙", "田甲"]), numbers), max_size=2).map(tuple),
    ),
    st.builds(Attendance, numbers, numbers),
    st.sampled_from(WriteInRule),
)
def test_whatever_stands_on_the_form_is_answered_with_sentences(section, attendance, rule):
    found = codes(section, attendance, write_in=rule, branch_turnout=Turnout(3, 4))
    values = [attendance.expected, attendance.present, section.issued, section.returned, section.valid, section.spoiled]
    assert [field for code, field in found if code == "count.E.101"].count("attendance.expected") == (values[0] is None)
    if section.valid is not None and section.spoiled is not None and section.returned is not None:
        wrong = section.valid + section.spoiled != section.returned
        assert (("count.E.203", "sections.12.valid") in found) is wrong
