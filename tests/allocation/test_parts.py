"""The parts by themselves: derived totals, overlays, certificates, explanations."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import allocate, read_problem
from allocation.explain import Explanation
from allocation.totals import category_ranges, unit_ranges
from allocation.webster import spread
from tests.allocation.test_properties import county
from tests.support.depth import examples


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(0, 4)), min_size=1, max_size=5),
    st.integers(0, 12),
)
@examples(200)
def test_spread_is_websters_method_step_by_step(lines: list[tuple[int, int, int]], seats: int) -> None:
    weights = [Fraction(w) for w, _, _ in lines]
    lower = [low for _, low, _ in lines]
    upper = [low + more for _, low, more in lines]
    order = list(reversed(range(len(lines))))
    expected: list[int] | None = lower[:]
    for _ in range(seats - sum(lower)):
        open_ = [i for i in order if weights[i] and expected and expected[i] < upper[i]]
        if not open_ or expected is None:
            expected = None
            break
        best = min(open_, key=lambda i: Fraction(2 * expected[i] + 1) / weights[i] if expected else 0)
        expected[best] += 1
    if seats < sum(lower):
        expected = None
    assert spread(weights, seats, lower, upper, order) == expected


def test_the_shares_of_the_report_give_its_composition() -> None:
    obj = county(1, units=37, total=204)
    assert category_ranges(read_problem(obj)).low == (100, 2, 41, 20, 10, 31)


def test_equal_fractions_go_to_the_category_given_first_and_equal_quotients_to_the_unit_drawn_first() -> None:
    obj: dict[str, Any] = {
        "format": "allocation-problem/1",
        "total": 3,
        "weights": [[1, 1], [1, 1]],
        "units": [{"id": "a", "weight": 1}, {"id": "b", "weight": 1}],
        "drawing_order": ["b", "a"],
        "categories": [{"id": "x", "share": "0.5"}, {"id": "y", "share": "0.5"}],
    }
    problem = read_problem(obj)
    assert category_ranges(problem).low == (2, 1)
    assert unit_ranges(problem).low == (1, 2)


def test_overlays_stay_inside_the_units_and_report_what_cannot_be_placed() -> None:
    obj = county(2)
    obj["overlays"] = [
        {"id": "women", "share": "0.27", "weights": [1] * 12},
        {"id": "few", "seats": 50, "weights": [0] * 11 + [5]},
    ]
    answer = allocate(read_problem(obj))
    assert sum(answer.overlays["women"]) == 18  # 27 % of 66, rounded up
    assert answer.overlays["few"] == (0,) * 11 + (answer.unit_seats[11],)
    assert answer.overlay_shortfall == {"few": 50 - answer.unit_seats[11]}


@pytest.mark.parametrize("seed", range(4))
def test_certificates_are_short_and_as_short_as_each_other(seed: int) -> None:
    numbers = allocate(read_problem(county(seed))).certificate
    assert numbers is not None
    digits = {
        len(text.replace(".", "").lstrip("0")) for text in (*numbers.units, *numbers.categories) if "/" not in text
    }
    assert len(digits) == 1
    assert 3 <= digits.pop() <= 5


def test_cells_are_explained() -> None:
    answer = allocate(read_problem(county(5)))
    explanation = Explanation(answer)
    for i in range(12):
        for j in range(6):
            why = explanation.why(i, j)
            assert why.codes
            if why.codes == ("zero_weight",):
                assert why.seats == 0
                assert not explanation.next_seat(i, j).possible
                continue
            if not {"quota_floor", "quota_ceiling"} & set(why.codes):
                assert abs(why.product - why.seats) <= Fraction(1, 2)
            move = explanation.next_seat(i, j)
            if move.possible:
                assert (i, j) in move.gets
                changes = dict.fromkeys((*move.gets, *move.gives), 0)
                for cell in move.gets:
                    changes[cell] += 1
                for cell in move.gives:
                    changes[cell] -= 1
                for line in range(12):
                    assert sum(change for cell, change in changes.items() if cell[0] == line) == 0
                for line in range(6):
                    assert sum(change for cell, change in changes.items() if cell[1] == line) == 0


def outsider(tmp_path: Path, problem: dict[str, Any], claim: dict[str, Any]) -> str:
    """What the program printed in docs/allocation.md says to a problem and a claimed allocation."""
    text = (Path(__file__).parents[2] / "docs" / "allocation.md").read_text("utf-8")
    program = text.split("```python\n")[1].split("```")[0]
    for name, content in (("check.py", program), ("p.json", json.dumps(problem)), ("a.json", json.dumps(claim))):
        (tmp_path / name).write_text(content, "utf-8")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "check.py"), str(tmp_path / "p.json"), str(tmp_path / "a.json")],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("method", ["within-quota", "webster"])
def test_the_outsiders_check_of_the_manual_certifies_and_refuses(tmp_path: Path, method: str) -> None:
    problem = county(7, method=method)
    claim = json.loads(json.dumps(allocate(read_problem(problem)).to_json()))
    assert outsider(tmp_path, problem, claim) == "certified\n"
    row = next(i for i, line in enumerate(claim["seats"]) if sum(x > 0 for x in line) > 1)
    one, other = [j for j, x in enumerate(claim["seats"][row]) if x][:2]
    claim["seats"][row][one] -= 1
    claim["seats"][row][other] += 1
    assert "not certified" in outsider(tmp_path, problem, claim)
