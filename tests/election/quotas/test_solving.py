"""What the solver gives a place alone, and answers kept by their hash; nothing unproved is ever an answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from allocation import NotCertified
from allocation.solve import Unsolved
from election.errors import Refused
from election.quotas import solving
from election.quotas.hand import Change
from election.quotas.hand_limits import Assigned
from election.quotas.models import ChangeKind as Kind
from election.quotas.solving import computed, explained, solved
from tests.election.quotas.making import cell, said

NOBODY = Assigned({}, None)
BASE: dict[str, Any] = {
    "format": "allocation-problem/1",
    "total": 10,
    "units": [{"id": "u1", "weight": 65}, {"id": "u2", "weight": 35}],
    "categories": [{"id": "leader", "share": "0.54"}, {"id": "farmer", "share": "0.46"}],
    "weights": [[5, 3], [3, 4]],
}


def line(kind: Kind, code: str, seats: int = 1) -> Change:
    unit, category = (None, code) if kind is Kind.CATEGORY else (code, None)
    return Change(kind, unit, category, "", seats, locked=True)


def test_what_the_solver_gives_alone_is_its_seats_and_the_exact_share() -> None:
    answer = solved(BASE, [], NOBODY, from_workbook=False)
    assert computed(BASE, cell("u1", "farmer", 9)) == (answer["seats"][0][1], answer["fair_shares"][0][1])
    assert computed(BASE, line(Kind.UNIT, "u1")) == (answer["unit_seats"][0], "6.500000")
    assert computed(BASE, line(Kind.CATEGORY, "leader")) == (answer["category_seats"][0], "5.400000")
    assert computed(BASE, line(Kind.UNIT_MOST, "u1")) == (None, "")


def test_a_given_or_free_line_has_no_share_of_its_own_and_the_others_share_what_it_leaves() -> None:
    base = BASE | {"units": [{"id": "u1", "seats": 4}, {"id": "u2", "weight": 35}]}
    assert computed(base, line(Kind.UNIT, "u1")) == (4, "")
    assert computed(base, line(Kind.UNIT, "u2")) == (6, "6.000000")
    free = BASE | {"units": [{"id": "u1"}, {"id": "u2", "max": 3}]}
    assert computed(free, line(Kind.UNIT, "u2"))[1] == ""


def test_where_the_rules_leave_no_division_nothing_is_computed_alone() -> None:
    assert computed(
        BASE | {"units": [{"id": "u1", "seats": 4}, {"id": "u2", "seats": 4}]}, cell("u1", "farmer", 1)
    ) == (None, "")


def test_an_answer_that_cannot_be_proved_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsolved(*_given: object, **_named: object) -> None:
        raise Unsolved

    monkeypatch.setattr(solving, "allocate", unsolved)
    with pytest.raises(Refused) as caught:
        solved(BASE, [], NOBODY, from_workbook=False)
    assert "未能证明" in said(caught.value)
    assert computed(BASE | {"total": 11}, cell("u1", "farmer", 1)) == (None, "")


def test_an_answer_that_does_not_prove_itself_is_a_fault_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "check", lambda *_given: ["a failure"])
    with pytest.raises(RuntimeError, match="prove itself"):
        solved(BASE, [], NOBODY, from_workbook=False)


def test_a_stored_answer_is_explained_once_whichever_thread_asks() -> None:
    answer = solved(BASE, [], NOBODY, from_workbook=False)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: explained("a" * 64, BASE, answer), range(40)))
    products = {tuple(map(tuple, one.products)) for one in found}
    assert len(products) == 1
    assert explained("a" * 64, BASE, answer) is explained("a" * 64, {}, {})


def test_only_so_many_explanations_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = solved(BASE, [], NOBODY, from_workbook=False)
    first = explained("b" * 64, BASE, answer)
    for number in range(solving.KEPT):
        explained(f"{number:064d}", BASE, answer)
    assert explained("b" * 64, BASE, answer) is not first


def test_a_stored_answer_that_was_tampered_with_is_never_explained() -> None:
    answer = solved(BASE, [], NOBODY, from_workbook=False)
    seats = [list(row) for row in answer["seats"]]
    seats[0][0] += 1
    with pytest.raises(NotCertified):
        explained("c" * 64, BASE, answer | {"seats": seats})
