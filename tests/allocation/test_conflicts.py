"""The impossible: conflicts are real and irreducible, their sentences name things, their changes mend the problem."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given

from allocation import allocate, check, read_problem
from allocation.changes import applied
from allocation.holding import holds
from allocation.rulebook import rulebook
from tests.allocation.brute import problems
from tests.allocation.test_answers import as_read
from tests.allocation.test_properties import county
from tests.support.depth import examples


@given(problems(free=True))
@examples(150)
def test_conflicts_are_irreducible_and_their_changes_mend_the_problem(obj: dict[str, Any]) -> None:
    problem = read_problem(obj)
    answer = allocate(problem)
    if answer.allocated:
        return
    book = rulebook(problem)
    known = {rule.path: rule for rule in book.rules}
    for conflict in answer.conflicts:
        assert conflict.zh
        assert conflict.en
        if all(path in known for path in conflict.rules):
            rules = [known[path] for path in conflict.rules]
            if not holds(book, rules):
                for left_out in rules:
                    assert holds(book, [rule for rule in rules if rule is not left_out])
    changes = {entry.rule: entry.after for conflict in answer.conflicts for entry in conflict.relax}
    if changes:
        assert allocate(applied(problem, changes)).allocated
    assert check(problem, as_read(answer)) == []


def impossible(obj: dict[str, Any]) -> Any:
    answer = allocate(read_problem(obj)).to_json()
    assert answer["status"] == "impossible"
    assert "seats" not in answer
    return answer["conflicts"]


def base() -> dict[str, Any]:
    return {
        "format": "allocation-problem/1",
        "total": 12,
        "units": [{"id": "u1", "name": "高乐山镇", "seats": 7}, {"id": "u2", "name": "忠堡镇", "seats": 5}],
        "categories": [{"id": "a", "name": "农民", "seats": 6}, {"id": "b", "name": "军警", "seats": 6}],
        "weights": [[3, 0], [2, 4]],
    }


def test_units_with_members_of_one_category_only() -> None:
    conflict = impossible(base())[0]
    assert set(conflict["rules"]) == {"units[0].seats", "categories[0].seats"}
    assert "高乐山镇" in conflict["zh"]
    assert "农民" in conflict["zh"]
    assert "差 1 席" in conflict["zh"]
    assert "Short by 1" in conflict["en"]


def test_a_seat_for_a_cell_without_members() -> None:
    obj = base()
    obj["weights"] = [[3, 0], [2, 4]]
    obj["units"][0]["seats"], obj["units"][1]["seats"] = 6, 6
    obj["at_least"] = [{"unit": "u1", "category": "b", "seats": 1}]
    (conflict,) = impossible(obj)
    assert conflict["rules"] == ["at_least[0].seats"]
    assert conflict["relax"] == [{"rule": "at_least[0].seats", "from": 1, "to": 0}]


def test_totals_that_do_not_add_up_are_impossible_not_bad_input() -> None:
    obj = base()
    obj["weights"] = [[3, 1], [2, 4]]
    obj["units"][1]["seats"] = 6
    (conflict,) = impossible(obj)
    assert conflict["relax"] in (
        [{"rule": "units[0].seats", "from": 7, "to": 6}],
        [{"rule": "units[1].seats", "from": 6, "to": 5}],
    )


def test_a_minimum_above_a_maximum() -> None:
    obj = base()
    obj["units"] = [{"id": "u1", "min": 5, "max": 3}, {"id": "u2"}]
    obj["weights"] = [[1, 1], [1, 1]]
    (conflict,) = impossible(obj)
    assert conflict["rules"] == ["units[0].min", "units[0].max"]


def test_shares_that_come_nowhere_near_the_whole() -> None:
    obj = base()
    obj["categories"] = [{"id": "a", "share": "0.1"}, {"id": "b", "share": "0.1"}]
    obj["weights"] = [[1, 1], [1, 1]]
    (conflict,) = impossible(obj)
    assert set(conflict["rules"]) == {"total", "categories[0].share", "categories[1].share"}
    changes = {entry["rule"]: entry["to"] for entry in conflict["relax"]}
    assert len(changes) == 1
    assert allocate(applied(read_problem(obj), changes)).allocated


def test_two_conflicts_have_each_their_own_change() -> None:
    obj = base()
    obj["weights"] = [[1, 1], [1, 1]]
    obj["at_least"] = [{"unit": "u1", "category": "a", "seats": 5}, {"unit": "u2", "category": "b", "seats": 4}]
    obj["at_most"] = [{"unit": "u1", "category": "b", "seats": 0}, {"unit": "u2", "category": "a", "seats": 0}]
    conflicts = impossible(obj)
    changes = {entry["rule"]: entry["to"] for conflict in conflicts for entry in conflict["relax"]}
    assert allocate(applied(read_problem(obj), changes)).allocated


def test_groups_that_contradict_each_other() -> None:
    obj = base()
    obj["weights"] = [[1, 1], [1, 1]]
    obj["groups"] = [{"id": "g", "name": "乡镇", "units": ["u1"], "min": 8}]
    (conflict,) = impossible(obj)
    assert set(conflict["rules"]) == {"units[0].seats", "groups[0].min"}
    assert "乡镇" in conflict["zh"]


@pytest.mark.parametrize("rule", ["at_most", "at_least"])
def test_a_county_gets_its_answer_at_once(rule: str) -> None:
    obj = county(3, units=37, total=204)
    obj[rule] = [{"unit": "u5", "category": f"c{j}", "seats": 0 if rule == "at_most" else 9} for j in range(6)]
    started = time.perf_counter()
    conflicts = impossible(obj)
    assert time.perf_counter() - started < 5  # half a second by itself; the machine may be busy
    assert all("u5" in conflict["en"] for conflict in conflicts)
