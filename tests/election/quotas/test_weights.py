"""From roster figures to the allocator's problem: exact numbers, never a float, and a problem the allocator reads."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import read_problem
from election.contests.outcome import candidates_needed
from election.quotas.weights import (
    RULES_USED,
    CategoryFigures,
    GroupFigures,
    OverlayFigures,
    UnitFigures,
    called,
    capacity,
    cell_weight,
    exact,
    problem,
    unit_weight,
)
from election.rules import BY_NAME

LEADER = CategoryFigures("leader", "领导干部", Fraction(1, 2), takes_assigned=True)
FARMER = CategoryFigures("farmer", "农民", Fraction(1, 2), takes_assigned=False)
UNIT = UnitFigures("u1", "第1镇", 100, 10, Fraction(1), {"leader": 12, "farmer": 60}, {"women": 30})
RULES = {rule.name: rule.default for rule in BY_NAME.values()}


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12).map(Fraction))
def test_an_exact_number_says_the_same_number(number: Fraction) -> None:
    written = exact(number)
    assert Fraction(written) == number
    assert isinstance(written, int) == (number.denominator == 1)


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (Fraction(0), 0),
        (Fraction(49, 100), "0.49"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(1805, 2), "902.5"),
        (Fraction(1, 1000), "0.001"),
        (Fraction(-7), -7),
    ],
)
def test_an_exact_number_is_an_integer_or_a_decimal(number, written) -> None:
    assert exact(number) == written


def test_a_third_is_no_decimal_and_never_rounded_into_one() -> None:
    with pytest.raises(ValueError, match="1/3"):
        exact(Fraction(1, 3))


def test_a_unit_s_weight_counts_members_and_organisations_times_its_factor() -> None:
    assert unit_weight(UNIT, 1, 3) == 130
    assert unit_weight(replace(UNIT, factor=Fraction(21, 20)), 1, 3) == Fraction(273, 2)
    assert unit_weight(UNIT, 1, 0) == 100
    assert unit_weight(UNIT, 0, 0) == 0


@given(st.integers(0, 10**6), st.integers(0, 10**4), st.fractions(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_a_unit_s_weight_grows_with_everything_that_it_counts(members, organisations, factor, alpha, beta) -> None:
    one = replace(UNIT, members=members, organisations=organisations, factor=factor)
    more = replace(one, members=members + 1, organisations=organisations + 1)
    assert unit_weight(one, alpha, beta) <= unit_weight(more, alpha, beta)
    assert unit_weight(one, alpha, beta) == (alpha * members + beta * organisations) * factor


def test_a_cell_weighs_its_voters_and_the_leaders_assigned_where_they_take_seats() -> None:
    assigned = replace(UNIT, assigned=2)
    assert [cell_weight(assigned, each) for each in (LEADER, FARMER)] == [14, 60]
    assert cell_weight(assigned, replace(FARMER, code="nobody")) == 0


@given(st.integers(0, 400), st.integers(0, 200), st.integers(0, 20))
def test_a_cell_can_use_exactly_as_many_seats_as_its_voters_can_contest(
    eligible: int, margin: int, assigned: int
) -> None:
    unit = replace(UNIT, voters={"leader": eligible, "farmer": eligible}, assigned=assigned)
    seats = capacity(unit, FARMER, margin)
    assert candidates_needed(seats, margin) <= eligible or seats == 0
    assert candidates_needed(seats + 1, margin) > eligible
    assert capacity(unit, LEADER, margin) == seats + assigned


def test_its_own_leaders_who_are_assigned_anywhere_cannot_stand() -> None:
    own = replace(UNIT, own_assigned={"leader": 12})
    assert capacity(own, LEADER, 20) == 0
    assert capacity(replace(own, own_assigned={"leader": 99}), LEADER, 20) == 0
    assert capacity(own, FARMER, 20) == 50


def asked(**change: object) -> dict[str, Any]:
    units = [UNIT, replace(UNIT, code="u2", name="第2镇", factor=Fraction(21, 20), assigned=2)]
    return problem(
        total=9, units=units, categories=[LEADER, FARMER], overlays=[OverlayFigures("women", Fraction(27, 100))],
        rules=RULES | change,
    )  # fmt: skip


def test_the_problem_is_plain_json_and_the_allocator_reads_it() -> None:
    made = asked()
    assert json.loads(json.dumps(made)) == made
    read_problem(made)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("城　关", "城 关"),
        ("城\x0b关", "城 关"),
        ("城\u200b关\x7f", "城关"),
        ("\ue863镇", "〓镇"),
        ("\u200b", "〓"),
        ("𡒄🙂", "𡒄🙂"),
    ],
)
def test_every_name_becomes_one_that_the_allocator_takes(name: str, kept: str) -> None:
    assert called(name) == kept
    lines = {"units": [replace(UNIT, name=name)], "categories": [replace(LEADER, name=name), FARMER]}
    made = problem(
        total=9, **lines, overlays=[], rules=RULES, groups=[GroupFigures("g1", name, ("u1",), (), 1, None)]
    )  # fmt: skip
    found = read_problem(made)
    assert {found.units[0].name, found.categories[0].name, found.groups[0].name} == {kept}


@pytest.mark.parametrize("method", ["within-quota", "webster"])
@pytest.mark.parametrize("rounding", ["largest-remainder", "webster"])
def test_every_choice_of_rules_makes_a_problem_that_is_read(method: str, rounding: str) -> None:
    made = asked(allocation_method=method, column_rounding=rounding, weight_organisations=0, unit_least=0)
    assert (made["method"], made["category_rounding"]) == (method, rounding)
    read_problem(made)


def test_the_rules_that_shape_the_problem_are_those_that_its_approval_freezes() -> None:
    plain = asked()
    for name, rule in BY_NAME.items():
        other = next(iter(rule.choices.keys() - {rule.default})) if rule.choices else rule.most
        assert (asked(**{name: other}) != plain) == (name in RULES_USED), name


def test_assigned_leaders_are_a_floor_of_their_cell_and_their_unit() -> None:
    made = asked(unit_least=1)
    assert made["at_least"] == [{"unit": "u2", "category": "leader", "seats": 2}]
    assert [line["min"] for line in made["units"]] == [1, 2]


def test_a_bound_is_written_only_where_it_says_something() -> None:
    tiny = replace(UNIT, voters={"leader": 2})
    made = problem(total=9, units=[tiny], categories=[LEADER, FARMER], overlays=[], rules=RULES)
    assert made["at_most"] == [{"unit": "u1", "category": "leader", "seats": 1}]
    assert made["weights"] == [[2, 0]]


def test_two_categories_that_take_assigned_leaders_are_never_divided() -> None:
    both = [LEADER, replace(FARMER, takes_assigned=True)]
    with pytest.raises(ValueError, match="one category"):
        problem(total=9, units=[UNIT], categories=both, overlays=[], rules=RULES)
