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
from election.nomination.leaders.operations import assign_leader
from election.quotas.hand import Change, applied
from election.quotas.hand_limits import Assigned
from election.quotas.impossible import Contradiction, Elsewhere, Impossible, Remedy
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


def test_a_remedy_keeps_what_was_meant_by_the_change_it_replaces(county: County) -> None:
    number = run(county, "office", compute_scheme).number
    change(county, "office", number, Change(Kind.UNIT, "u1", None, "", 12, locked=True), "上级批复增两席")
    change(county, "office", number, Change(Kind.UNIT, "u2", None, "", 12, locked=True), "村多" * 100)
    error = impossible(county, recompute_scheme, number)
    (mended,) = error.changes
    run(county, "office", recompute_scheme, number, error.changes)
    line = next(one for one in read(county, number, hand_changes) if one.unit == mended.unit)
    assert line.reason.startswith("为消除规则矛盾；原定 12：") and len(line.reason) <= 200
    both = [Change(Kind.UNIT, unit, None, "", seats, locked=True) for unit, seats in (("u1", 9), ("u2", 11))]
    run(county, "office", recompute_scheme, number, both)
    first, second = (one.reason for one in read(county, number, hand_changes))
    assert first == "为消除规则矛盾；原定 12：上级批复增两席"
    assert second.startswith("为消除规则矛盾；原定 12：村多村多") and second.endswith("…") and len(second) == 200


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
    assert (remedy.before, remedy.change, remedy.elsewhere) == (3, None, Elsewhere.LEADERS)
    assert remedy.after < remedy.before


def test_all_that_can_be_mended_by_hand_is_offered_together(county: County) -> None:
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).total_seats = 26
    run(county, "office", set_rule, "unit_least", "14")
    error = impossible(county, compute_scheme)
    assert {made.kind for made in error.changes} == {Kind.CELL_MOST, Kind.UNIT_LEAST}
    number = run(county, "office", compute_scheme, changes=error.changes).number
    assert sum(map(sum, seats_of(county, number))) == 26
    assert len(read(county, number, hand_changes)) == len(error.changes)


def test_no_button_gives_a_cell_more_seats_than_it_has_members(county: County) -> None:
    """Forty seats, twenty of them for the eight and eight leaders."""
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).total_seats = 40
    error = impossible(county, compute_scheme)
    remedies = [remedy for one in error.contradictions for remedy in one.remedies]
    beyond = [remedy for remedy in remedies if remedy.elsewhere is Elsewhere.PEOPLE]
    assert beyond and all(remedy.change is None and remedy.after > 8 for remedy in beyond)
    assert all(made.seats <= 8 for made in error.changes)


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


def contradiction_of(problem: dict[str, Any], *changes: Change, from_workbook: bool = False) -> Contradiction:
    with pytest.raises(Impossible) as caught:
        solved(applied(problem, changes), changes, NOBODY, from_workbook=from_workbook)
    return caught.value.contradictions[0]


SHARES = [
    {"id": "leader", "name": "领导干部", "share": "0.5"},
    {"id": "farmer", "name": "农民", "share": "0.3"},
    {"id": "other", "name": "其他", "share": "0.2"},
]
THREE = PROBLEM | {"total": 20, "categories": SHARES, "weights": [[90, 80, 70], [80, 70, 90]]}
THREE |= {"units": [{"id": "u1", "name": "第1镇", "weight": 1}, {"id": "u2", "name": "第2镇", "weight": 1}]}


def test_a_change_that_leaves_the_shares_too_little_is_named_with_the_sum() -> None:
    more = Change(Kind.CATEGORY, None, "farmer", "", 9, locked=True)
    aside = Change(Kind.UNIT, "u1", None, "", 10, locked=True)
    found = contradiction_of(THREE, more, aside)
    assert found.by_hand == (more,)
    assert found.plainly is None and found.why.zh == (
        "总名额 20 席，除去已定的 9 席（农民 9），其余 2 个类别可分 11 席；但它们按指导比例推算，只取整数部分就要 14 席。"
    )
    ways = {way.what.zh: way.elsewhere for way in found.ways}
    assert ways["总名额 20"] is Elsewhere.SETTINGS
    less = contradiction_of(THREE, replace(more, seats=2))
    assert "全部向上取整也只有 14 席" in less.why.zh
    of_workbook = contradiction_of(THREE, more, from_workbook=True)
    assert {way.elsewhere for way in of_workbook.ways} <= {Elsewhere.SETTINGS, Elsewhere.WORKBOOK}


def test_every_rule_of_groups_that_could_give_way_has_its_way() -> None:
    groups = [
        {"id": "low", "name": "乡镇农民组", "categories": ["farmer"], "max": 2},
        {"id": "high", "name": "全县农民", "categories": ["farmer"], "min": 4},
    ]
    free = [{key: one[key] for key in ("id", "name")} for one in SHARES]
    found = contradiction_of(THREE | {"categories": free, "groups": groups})
    (remedy,) = found.remedies
    assert remedy.what.zh in ("乡镇农民组 上限", "全县农民组 下限")
    (way,) = (way for way in found.ways if way.elsewhere is Elsewhere.GROUP)
    assert (way.what.zh, way.group) in (("乡镇农民组 上限 2", "low"), ("全县农民组 下限 4", "high"))
    assert way.group != (remedy.change.group if remedy.change else "")


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
