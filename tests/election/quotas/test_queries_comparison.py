"""Stored schemes as they are compared: measured against the rules without any change by hand, solved once and kept."""

from __future__ import annotations

from fractions import Fraction

import pytest

from allocation import Allocation, Problem, allocate
from election.congress.models import UnitKind
from election.congress.operations import add_unit, change_unit
from election.congress.queries import congress_by_id
from election.congress.rules_in_force import set_rule
from election.quotas import methods, queries_comparison
from election.quotas.comparison import differences
from election.quotas.hand import Change
from election.quotas.impossible import Impossible
from election.quotas.methods import Method
from election.quotas.models import ChangeKind
from election.quotas.operations import compute_scheme
from election.quotas.operations_hand import change_seats, recompute_scheme
from election.quotas.queries import mark, scheme_by_number
from election.quotas.queries_comparison import ComparedScheme, by_method, compared, seats_shown
from tests.support.county import County

LEADERS = Change(ChangeKind.CELL, "u1", "leader", "", 7, locked=True)


def compute(county: County, *changes: Change) -> int:
    with county.acting("office") as act:
        return compute_scheme(act, county.congress_id, changes=changes).number


def by_hand(county: County, number: int, change: Change) -> None:
    with county.acting("office") as act:
        seen = mark(scheme_by_number(act.session, county.congress_id, number))
        change_seats(act, county.congress_id, number, change, "班子需要", seen=seen)


def look(county: County, number: int) -> ComparedScheme:
    with county.reading() as session:
        (found,) = compared(
            congress_by_id(session, county.congress_id), [scheme_by_number(session, county.congress_id, number)]
        )
        return found


def side_by_side(county: County, *numbers: int) -> tuple[ComparedScheme, ...]:
    with county.reading() as session:
        return compared(
            congress_by_id(session, county.congress_id),
            [scheme_by_number(session, county.congress_id, number) for number in numbers],
        )


def test_a_computed_scheme_stays_within_its_shares(county: County) -> None:
    found = look(county, compute(county))
    assert (found.possible, found.changes, found.unsettled, found.deviation.outside) == (True, 0, 0, 0)
    assert found.division.units == {"u1": "第1镇", "u2": "第2镇"}
    assert list(found.division.overlay_seats) == ["women", "under50"]
    assert found.division.within(["u1"], []) == 10 and found.division.within([], ["leader"]) == 10
    assert found.division.within(["u1"], ["leader", "farmer"]) == 8 and found.division.within([], []) == 20


def test_a_locked_change_is_measured_against_the_rules_without_it(county: County) -> None:
    """In its own problem the locked number is its own fair share: nothing would be seen to be off."""
    number = compute(county)
    by_hand(county, number, LEADERS)
    with county.acting("office") as act:
        recompute_scheme(act, county.congress_id, number)
    found = look(county, number)
    assert (found.possible, found.changes, found.unsettled) == (True, 1, 0)
    worst = found.deviation.worst
    assert worst is not None and (worst.unit, worst.category, worst.seats, worst.share) == (0, 0, 7, Fraction(5))
    assert found.deviation.outside > 0


def test_all_are_measured_by_the_shares_of_the_first_so_that_no_change_by_hand_looks_fairer(county: County) -> None:
    """A scheme of rules that only hold with its changes is not measured by shares that moved along with them."""
    first = compute(county)
    with county.acting("office") as act:
        set_rule(act, county.congress_id, "unit_least", "11")
    with pytest.raises(Impossible) as caught:
        compute(county)
    second = compute(county, *caught.value.changes, LEADERS)
    one, other = side_by_side(county, first, second)
    assert one.measure is other.measure and (one.measure.number, one.measure.by_rules) == (first, True)
    assert (one.possible, other.possible) == (True, False)
    assert other.deviation.total > one.deviation.total
    assert [side.measure.number for side in side_by_side(county, second, first)] == [first, first]


def test_schemes_of_other_units_are_measured_each_by_its_own_shares(county: County) -> None:
    first = compute(county)
    with county.acting("office") as act:
        add_unit(act, county.congress_id, code="u3", name="第3镇", kind=UnitKind.TOWNSHIP)
        set_rule(act, county.congress_id, "unit_least", "0")
    second = compute(county)
    assert [side.measure.number for side in side_by_side(county, first, second)] == [first, second]


def test_what_is_only_tried_out_is_compared_as_it_is_shown(county: County) -> None:
    first, second = compute(county), compute(county)
    by_hand(county, second, Change(ChangeKind.CELL, "u2", "other", "", 0, locked=False))
    one, other = look(county, first), look(county, second)
    assert other.unsettled == 1
    (row,) = differences([one.division, other.division]).rows
    assert (row.code, row.seats, row.cells) == ("u2", (10, 8), ((2, 0),))


def test_where_the_rules_alone_cannot_hold_the_changes_that_mend_them_are_part_of_the_measure(county: County) -> None:
    with county.acting("office") as act:
        set_rule(act, county.congress_id, "unit_least", "11")
    with pytest.raises(Impossible) as caught:
        compute(county)
    found = look(county, compute(county, *caught.value.changes))
    assert not found.possible and not found.measure.by_rules and found.changes == len(caught.value.changes)
    assert found.deviation.outside == 0


def test_methods_are_computed_once_for_each_answer(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    number = compute(county)
    solved: list[str] = []

    def counted(asked: Problem) -> Allocation:
        solved.append(asked.method)
        return allocate(asked)

    monkeypatch.setattr(methods, "allocate", counted)
    queries_comparison._by_method.cache_clear()
    with county.reading() as session:
        scheme = scheme_by_number(session, county.congress_id, number)
        assert [one.method for one in by_method(scheme)] == list(Method)
        assert by_method(scheme) is by_method(scheme)
    assert solved == ["webster"]


def test_a_unit_goes_by_the_name_it_has_now(county: County) -> None:
    number = compute(county)
    with county.acting("office") as act:
        change_unit(
            act, county.units["u1"], name="新名镇", kind=UnitKind.TOWNSHIP, factor=Fraction(1), factor_reason=""
        )
    with county.reading() as session:
        congress = congress_by_id(session, county.congress_id)
        shown = seats_shown(congress, scheme_by_number(session, county.congress_id, number))
        assert list(shown.units.values()) == ["新名镇", "第2镇"]
