"""An allocation that was stored reads back as the fresh one, and only when it proves itself."""

from __future__ import annotations

from typing import Any

import pulp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import BadInput, NotCertified, Problem, allocate, read_allocation, read_problem
from allocation.answer import Allocation
from allocation.explain import Explanation
from tests.allocation.brute import problems
from tests.allocation.test_answers import as_read
from tests.allocation.test_properties import county
from tests.support.depth import examples

methods = st.sampled_from(["within-quota", "webster"])


def read_back(problem: Problem, fresh: Allocation) -> None:
    stored = read_allocation(problem, as_read(fresh))
    assert stored == fresh
    assert stored.to_json() == fresh.to_json()
    if not fresh.allocated:
        return
    one, other = Explanation(fresh), Explanation(stored)
    for i in range(len(problem.units)):
        for j in range(len(problem.categories)):
            assert one.why(i, j) == other.why(i, j)
            if not problem.groups:
                assert one.next_seat(i, j) == other.next_seat(i, j)


@given(problems(free=True, largest=4))
@examples(80)
def test_a_stored_allocation_reads_back_as_the_fresh_one(obj: dict[str, Any]) -> None:
    problem = read_problem(obj)
    read_back(problem, allocate(problem, second_engine=False))


@given(problems(free=True, groups=True))
@examples(30)
def test_a_stored_allocation_with_groups_reads_back_as_the_fresh_one(obj: dict[str, Any]) -> None:
    problem = read_problem(obj)
    read_back(problem, allocate(problem))


@given(st.integers(0, 10**6), methods)
@examples(6)
def test_the_allocation_of_a_county_reads_back_as_the_fresh_one(seed: int, method: str) -> None:
    problem = read_problem(county(seed, method=method))
    read_back(problem, allocate(problem, second_engine=False))


def test_reading_back_asks_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    obj = county(5)
    obj["groups"] = [{"id": "g", "units": ["u0", "u1"], "min": 8}, {"id": "h", "units": ["u1", "u2"], "max": 12}]
    problem = read_problem(obj)
    stored = as_read(allocate(problem))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a solver was asked")

    monkeypatch.setattr(pulp.LpProblem, "solve", refuse)
    assert read_allocation(problem, stored).seats == tuple(map(tuple, stored["seats"]))


def test_an_allocation_that_does_not_prove_itself_is_not_read_back() -> None:
    problem = read_problem(county(5))
    stored = as_read(allocate(problem))
    stored["seats"][0][0] += 1
    with pytest.raises(NotCertified, match=r"unit_seats\[0\]: is") as caught:
        read_allocation(problem, stored)
    assert {failure.code for failure in caught.value.failures} >= {"check.sum", "check.total"}


def test_an_allocation_without_the_numbers_of_its_fair_shares_is_not_read_back() -> None:
    problem = read_problem(county(5, method="webster"))
    stored = as_read(allocate(problem))
    del stored["certificate"]["fair_units"]
    with pytest.raises(BadInput, match=r"certificate\.fair_units: is missing"):
        read_allocation(problem, stored)
