"""Contradicting rules: a sentence each, the change that mends it or where else it is mended, and one click to try."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from election.congress.models import Congress
from election.congress.operations import set_categories
from election.congress.rules_in_force import set_rule
from election.nomination.operations_leaders import assign_leader
from election.quotas.hand import Change, applied
from election.quotas.hand_limits import Assigned
from election.quotas.impossible import Elsewhere, Impossible, Remedy
from election.quotas.models import ChangeKind as Kind
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from election.quotas.operations_hand import recompute_scheme
from election.quotas.queries import hand_changes, is_settled, schemes
from election.quotas.solving import solved
from tests.election.quotas.making import cell, change, invalid, leaders, read, refused, run, said, seats_of
from tests.election.quotas.problems import Matrix, counties, merged, possible_changes
from tests.support.county import CATEGORIES, County
from tests.support.depth import examples

NOBODY = Assigned({}, None)


def impossible(county: County, operation: Any, *given: Any, **named: Any) -> Impossible:
    error = invalid(county, "office", operation, *given, **named)
    assert isinstance(error, Impossible)
    assert len(error.contradictions) == len(error.refusals)
    return error


def test_impossible_rules_are_mended_in_one_click_and_the_scheme_goes_its_way(county: County) -> None:
    run(county, "office", set_rule, "unit_least", "11")
    error = impossible(county, compute_scheme)
    (remedy,) = (remedy for one in error.contradictions for remedy in one.remedies)
    assert (remedy.before, remedy.after, remedy.elsewhere) == (11, 9, None)
    assert (remedy.what.zh, remedy.what.en) == ("第1镇 单位下限", "第1镇: least seats of a unit")
    with county.reading() as session:
        assert schemes(session, county.congress_id) == []
    scheme = run(county, "office", compute_scheme, changes=error.changes)
    assert [sum(row) for row in seats_of(county, scheme.number)] == [9, 11]
    (line,) = read(county, scheme.number, hand_changes)
    assert (line.reason, line.locked, line.kind) == ("为消除规则矛盾", True, Kind.UNIT_LEAST)
    assert read(county, scheme.number, is_settled)
    run(county, "office", submit_scheme, scheme.number)
    run(county, "approver", approve_scheme, scheme.number)


def test_a_draft_that_became_impossible_is_mended_where_it_stands(county: County) -> None:
    number = run(county, "office", compute_scheme).number
    # The leaders of the other unit, too few to contest eight seats, cannot take what this one gives up.
    change(county, "office", number, cell("u1", "leader", 2, locked=True))
    error = impossible(county, recompute_scheme, number)
    assert "领导干部" in said(error.refusals[0])
    scheme = run(county, "office", recompute_scheme, number, error.changes)
    assert scheme.number == number
    reasons = {line.reason for line in read(county, number, hand_changes)}
    assert "为消除规则矛盾；原定 2：照顾小村" in reasons or {"照顾小村", "为消除规则矛盾"} <= reasons
    assert read(county, number, is_settled)


def test_a_category_given_more_than_the_others_leave_is_mended_by_the_others(county: County) -> None:
    number = run(county, "office", compute_scheme).number
    more = Change(Kind.CATEGORY, None, "farmer", "", 7, locked=True)
    change(county, "office", number, more, "农民偏少")
    error = impossible(county, recompute_scheme, number)
    assert {mended.kind for mended in error.changes} == {Kind.CATEGORY}
    run(county, "office", recompute_scheme, number, error.changes)
    totals = [sum(column) for column in zip(*seats_of(county, number), strict=True)]
    assert sum(totals) == 20


def test_seats_that_the_assigned_leaders_need_are_changed_with_the_assignments(county: County) -> None:
    shares = (Fraction(1, 20), Fraction(13, 20), Fraction(6, 20))
    run(
        county,
        "office",
        set_categories,
        [replace(one, share=each) for one, each in zip(CATEGORIES, shares, strict=True)],
    )
    for leader in leaders(county)[:3]:
        run(county, "office", assign_leader, leader, county.units["u1"])
    error = impossible(county, compute_scheme)
    remedies = {remedy.what.zh: remedy for one in error.contradictions for remedy in one.remedies}
    remedy = remedies["第1镇·领导干部 至少名额"]
    assert (remedy.before, remedy.after, remedy.change, remedy.elsewhere) == (3, 1, None, Elsewhere.LEADERS)


def test_all_that_can_be_mended_by_hand_is_offered_together(county: County) -> None:
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).total_seats = 40
    error = impossible(county, compute_scheme)
    assert len(error.changes) > 1 and {made.kind for made in error.changes} == {Kind.CELL_MOST}
    number = run(county, "office", compute_scheme, changes=error.changes).number
    assert sum(map(sum, seats_of(county, number))) == 40
    assert len(read(county, number, hand_changes)) == len(error.changes)


PROBLEM: dict[str, Any] = {
    "format": "allocation-problem/1",
    "total": 6,
    "units": [{"id": "u1", "name": "第1镇", "seats": 3}, {"id": "u2", "name": "第2镇", "seats": 3}],
    "categories": [{"id": "leader", "name": "领导干部", "seats": 3}, {"id": "farmer", "name": "农民", "seats": 3}],
    "weights": [[3, 2], [2, 2]],
}


def remedies_of(problem: dict[str, Any], assigned: Assigned = NOBODY, *, from_workbook: bool = False) -> list[Remedy]:
    with pytest.raises(Impossible) as caught:
        solved(problem, [], assigned, from_workbook=from_workbook)
    return [remedy for one in caught.value.contradictions for remedy in one.remedies]


def test_the_total_is_the_congress_s_own() -> None:
    (remedy,) = remedies_of(PROBLEM | {"total": 7})
    assert (remedy.what.zh, remedy.before, remedy.after) == ("总名额", 7, 6)
    assert (remedy.change, remedy.elsewhere) == (None, Elsewhere.SETTINGS)


def test_the_bounds_of_a_category_stand_in_the_workbook_alone() -> None:
    categories = [{"id": "leader", "name": "领导干部", "min": 4}, {"id": "farmer", "name": "农民", "min": 3}]
    (remedy,) = remedies_of(PROBLEM | {"categories": categories}, from_workbook=True)
    assert (remedy.what.zh, remedy.change, remedy.elsewhere) == ("领导干部 名额上下限", None, Elsewhere.WORKBOOK)


def test_the_least_of_a_cell_is_changed_with_its_leaders_or_in_the_workbook_it_came_from() -> None:
    made = PROBLEM | {"at_least": [{"unit": "u1", "category": "leader", "seats": 4}]}
    for from_workbook, where in ((False, Elsewhere.LEADERS), (True, Elsewhere.WORKBOOK)):
        (remedy,) = remedies_of(made, Assigned({"u1": 4}, "leader"), from_workbook=from_workbook)
        assert (remedy.change, remedy.elsewhere) == (None, where)
        assert (remedy.what.zh, remedy.before, remedy.after) == ("第1镇·领导干部 至少名额", 4, 3)


def test_a_locked_cell_in_the_way_is_mended_by_another_number_of_it() -> None:
    locked = cell("u1", "leader", 4, locked=True)
    with pytest.raises(Impossible) as caught:
        solved(applied(PROBLEM, [locked]), [locked], NOBODY, from_workbook=False)
    assert caught.value.changes == (cell("u1", "leader", 3, locked=True),)


def test_a_lock_is_never_relaxed_below_its_leaders() -> None:
    locked = cell("u1", "leader", 4, locked=True)
    with pytest.raises(Impossible) as caught:
        solved(applied(PROBLEM, [locked]), [locked], Assigned({"u1": 4}, "leader"), from_workbook=False)
    (remedy,) = caught.value.contradictions[0].remedies
    assert (remedy.change, remedy.elsewhere) == (None, Elsewhere.LEADERS)


@examples(40)
@given(counties(), st.data())
def test_all_remedies_together_mend_any_impossible_problem(
    county: tuple[dict[str, Any], Matrix], data: st.DataObject
) -> None:
    made, seats = county
    exact = [one for one in possible_changes(made, seats) if one.kind in (Kind.CELL, Kind.UNIT, Kind.CATEGORY)]
    some = data.draw(st.lists(st.sampled_from(exact), unique_by=lambda one: one.place, min_size=2, max_size=4))
    changes = [replace(one, seats=one.seats + data.draw(st.sampled_from([0, 1, 3]))) for one in some]
    try:
        solved(applied(made, changes), changes, NOBODY, from_workbook=True)
        event("possible")
    except Impossible as error:
        remedies = [remedy for one in error.contradictions for remedy in one.remedies]
        assert remedies
        assume(all(remedy.change is not None for remedy in remedies))
        event("mended")
        mended = merged(changes, error.changes)
        assert solved(applied(made, mended), mended, NOBODY, from_workbook=True)["status"] == "allocated"


def test_nothing_is_computed_for_who_may_not(county: County) -> None:
    run(county, "office", set_rule, "unit_least", "11")
    assert refused(county, "approver", compute_scheme).status == 403
