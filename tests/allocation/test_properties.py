"""What must hold for every problem of a county's size."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import allocate, check, program, read_problem
from allocation.fair import fair_shares
from allocation.table import build
from allocation.totals import category_ranges, unit_ranges
from tests.support.depth import examples

SHARES = ["0.49", "0.01", "0.20", "0.10", "0.05", "0.15"]


def county(seed: int, units: int = 12, total: int = 66, method: str = "within-quota") -> dict[str, Any]:
    random = np.random.default_rng(seed)
    weights = random.integers(1, 120, (units, len(SHARES)))
    weights[random.random(weights.shape) < 0.2] = 0
    weights[:, 0] += 1
    return {
        "format": "allocation-problem/1",
        "total": total,
        "method": method,
        "units": [{"id": f"u{i}", "weight": int(weights[i].sum())} for i in range(units)],
        "categories": [{"id": f"c{j}", "share": share} for j, share in enumerate(SHARES)],
        "weights": weights.tolist(),
        "drawing_order": [f"u{i}" for i in random.permutation(units)],
    }


def exact(obj: dict[str, Any]) -> dict[str, Any]:
    """The same problem with its totals given as seats."""
    problem = read_problem(obj)
    for lines, ranges in ((obj["units"], unit_ranges(problem)), (obj["categories"], category_ranges(problem))):
        lines[:] = [{"id": line["id"], "seats": seats} for line, seats in zip(lines, ranges.low, strict=True)]
    return obj


def seats_of(obj: dict[str, Any]) -> np.ndarray[Any, Any]:
    answer = allocate(read_problem(obj), second_engine=False)
    return np.array(answer.seats)


seeds = st.integers(0, 10**6)
methods = st.sampled_from(["within-quota", "webster"])


@given(seeds, methods)
@examples(25)
def test_totals_hold_zero_cells_stay_zero_and_quota_is_kept(seed: int, method: str) -> None:
    problem = read_problem(county(seed, method=method))
    answer = allocate(problem)
    assert answer.unit_seats == unit_ranges(problem).low
    assert answer.category_seats == category_ranges(problem).low
    for i, line in enumerate(answer.seats):
        for j, seats in enumerate(line):
            assert not seats or problem.weights[i][j]
            assert method == "webster" or abs(seats - answer.fair_shares[i][j]) < 1
    assert check(problem, json.loads(json.dumps(answer.to_json()))) == []


def ruled(seed: int, method: str) -> dict[str, Any]:
    """A county with rules for cells, free units or groups, many of its shares at a bound."""
    obj, random = county(seed, method=method), np.random.default_rng(seed + 2)
    cells = [divmod(int(at), 6) for at in random.choice(72, 12, replace=False)]
    obj["at_most"] = [{"unit": f"u{i}", "category": f"c{j}", "seats": int(random.integers(0, 4))} for i, j in cells[:7]]
    obj["at_least"] = [{"unit": f"u{i}", "category": f"c{j}", "seats": 1} for i, j in cells[7:] if obj["weights"][i][j]]
    if seed % 3 == 1:
        obj["units"] = [{"id": f"u{i}", "min": 3, "max": 8} for i in range(12)]
    if seed % 3 == 2:
        obj["groups"] = [
            {"id": "a", "units": ["u0", "u1", "u2", "u3"], "categories": ["c0", "c2"], "max": 12},
            {"id": "b", "units": ["u2", "u3", "u4"], "min": 12},
        ]
    return obj


@given(seeds, methods, st.sampled_from([county, ruled]))
@examples(24)
def test_permuting_the_units_permutes_the_answer_and_changes_nothing_else(
    seed: int, method: str, make: Callable[..., dict[str, Any]]
) -> None:
    obj = make(seed, method=method)
    order = np.random.default_rng(seed + 1).permutation(len(obj["units"]))
    moved = {**obj, "units": [obj["units"][i] for i in order], "weights": [obj["weights"][i] for i in order]}
    one, other = (allocate(read_problem(p), second_engine=False).to_json() for p in (obj, moved))
    assert one["status"] == other["status"]
    if one["status"] == "impossible":
        return
    for key in ("seats", "unit_seats", "fair_shares"):
        values: Any = one.pop(key)
        assert [values[i] for i in order] == other.pop(key)
    numbers: Any = one["certificate"]
    moved_numbers: Any = other["certificate"]
    for key in ("units", "fair_units"):
        given_first = numbers.pop(key)
        assert [given_first[i] for i in order] == moved_numbers.pop(key)
    for certificate in (numbers, moved_numbers):
        certificate["exceptions"].sort(key=str)
    assert one == other


@given(seeds, methods, st.integers(0, 11), st.sampled_from(["0.001", "7", "1000000"]))
@examples(20)
def test_scaling_a_row_or_a_column_changes_nothing(seed: int, method: str, line: int, factor: str) -> None:
    obj = exact(county(seed, method=method))
    before = seats_of(obj)
    scaled = [row[:] for row in obj["weights"]]
    scaled[line] = [str(w * Fraction(factor)) if factor != "0.001" else f"{w}e-3" for w in scaled[line]]
    column = line % len(SHARES)
    for row in scaled:
        row[column] = str(row[column]) if isinstance(row[column], str) else 3 * row[column]
    scaled[line][column] = {"0.001": f"{3 * obj['weights'][line][column]}e-3"}.get(
        factor, str(3 * obj["weights"][line][column] * int(float(factor) or 1))
    )
    assert (seats_of({**obj, "weights": scaled}) == before).all()


@given(seeds, methods)
@examples(20)
def test_transposing_transposes_an_answer_without_ties(seed: int, method: str) -> None:
    obj = exact(county(seed, method=method))
    answer = allocate(read_problem(obj), second_engine=False)
    if answer.ties:
        return
    turned = {
        "format": obj["format"],
        "total": obj["total"],
        "method": method,
        "units": obj["categories"],
        "categories": obj["units"],
        "weights": [list(line) for line in zip(*obj["weights"], strict=True)],
    }
    assert (seats_of(turned) == np.array(answer.seats).T).all()


@given(seeds, st.integers(0, 11), st.integers(0, 5), st.integers(1, 200))
@examples(25)
def test_a_larger_weight_never_costs_its_cell_a_seat(seed: int, unit: int, category: int, more: int) -> None:
    obj = exact(county(seed, method="webster"))
    before = seats_of(obj)[unit, category]
    if not obj["weights"][unit][category]:
        return
    obj["weights"][unit][category] += more
    assert seats_of(obj)[unit, category] >= before


@given(seeds, methods)
@examples(6)
def test_engines_and_solvers_agree(seed: int, method: str) -> None:
    problem = read_problem(county(seed, method=method))
    answer = allocate(problem, second_engine=False)
    table = build(problem)
    if method == "within-quota":
        shares = fair_shares(table)
        table = table.within(shares.floor, shares.ceiling)
    for solver in (program.highs(), program.cbc()):
        proposal = program.propose(table, solver)
        assert proposal.linear
        if not answer.ties:
            assert table.given(proposal.seats.tolist()) == tuple(map(list, answer.seats))


@given(seeds)
@examples(6)
def test_disjoint_groups_leave_no_gap_and_are_met(seed: int) -> None:
    obj = county(seed)
    now = seats_of(obj)
    obj["groups"] = [
        {"id": "a", "units": ["u0", "u1", "u2"], "categories": ["c0"], "max": max(int(now[:3, 0].sum()) - 1, 0)},
        {"id": "b", "units": ["u5", "u6"], "categories": ["c2", "c5"], "min": int(now[5:7][:, [2, 5]].sum())},
    ]
    problem = read_problem(obj)
    answer = allocate(problem)
    if not answer.allocated:
        return
    result = np.array(answer.seats)
    assert result[:3, 0].sum() <= obj["groups"][0]["max"]
    assert result[5:7][:, [2, 5]].sum() >= obj["groups"][1]["min"]
    assert check(problem, json.loads(json.dumps(answer.to_json()))) == []


CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("name", ["uri_2020", "zurich_canton_2019"])
def test_published_elections_are_met_to_the_seat(name: str) -> None:
    case = json.loads((CASES / f"{name}.json").read_text("utf-8"))
    problem = read_problem(case["problem"])
    answer = allocate(problem)
    assert [list(line) for line in answer.seats] == case["seats"]
    assert check(problem, json.loads(json.dumps(answer.to_json()))) == []


def test_everything_equal_is_one_great_tie_and_goes_by_the_drawing_order() -> None:
    order = [f"u{i}" for i in (3, 1, 0, 2)]
    obj = {
        "format": "allocation-problem/1",
        "total": 6,
        "units": [{"id": f"u{i}", "weight": 1} for i in range(4)],
        "categories": [{"id": "a", "seats": 3}, {"id": "b", "seats": 3}],
        "weights": [[1, 1]] * 4,
        "drawing_order": order,
    }
    answer = allocate(read_problem(obj))
    assert answer.unit_seats == (1, 2, 1, 2)
    assert answer.seats == ((0, 1), (1, 1), (1, 0), (1, 1)) or answer.ties
    assert check(read_problem(obj), json.loads(json.dumps(answer.to_json()))) == []


@pytest.mark.parametrize("method", ["within-quota", "webster"])
@pytest.mark.parametrize(
    ("weights", "total"),
    [([[5]], 3), ([[5, 0, 2]], 4), ([[5], [0], [2]], 4), ([[0, 0], [1, 1]], 2), ([[1, 2], [3, 4]], 0)],
)
def test_degenerate_shapes(weights: list[list[int]], total: int, method: str) -> None:
    obj = {
        "format": "allocation-problem/1",
        "total": total,
        "method": method,
        "units": [{"id": f"u{i}", "weight": sum(line)} for i, line in enumerate(weights)],
        "categories": [{"id": f"c{j}"} for j in range(len(weights[0]))],
        "weights": weights,
    }
    problem = read_problem(obj)
    answer = allocate(problem)
    assert answer.allocated
    assert sum(answer.unit_seats) == total
    assert check(problem, json.loads(json.dumps(answer.to_json()))) == []


@pytest.mark.parametrize("seed", range(3))
def test_weights_of_any_magnitude(seed: int) -> None:
    random = np.random.default_rng(seed)
    weights = [[f"{10 ** random.uniform(-6, 9):.6f}" for _ in range(6)] for _ in range(40)]
    obj = {
        "format": "allocation-problem/1",
        "total": 240,
        "method": "webster",
        "weights": weights,
        "units": [{"id": f"u{i}", "seats": 6} for i in range(40)],
        "categories": [{"id": f"c{j}", "seats": 40} for j in range(6)],
    }
    problem = read_problem(obj)
    answer = allocate(problem)
    assert answer.allocated
    assert check(problem, json.loads(json.dumps(answer.to_json()))) == []


@pytest.mark.parametrize("seed", [0, 1])
def test_overlapping_groups_are_met_and_what_cannot_round_is_listed_with_its_price(seed: int) -> None:
    obj = county(seed, units=37, total=204, method="webster" if seed == 0 else "within-quota")
    now, random = seats_of(obj), np.random.default_rng(seed)
    obj["groups"] = []
    for at in range(4):
        rows, columns = random.choice(37, 12, replace=False).tolist(), random.choice(6, 2, replace=False).tolist()
        seats = int(now[np.ix_(rows, columns)].sum())
        bound = {"min": seats + 2} if at % 2 == 0 else {"max": seats - 2}
        obj["groups"].append(
            {"id": f"g{at}", "units": [f"u{i}" for i in rows], "categories": [f"c{j}" for j in columns], **bound}
        )
    problem = read_problem(obj)
    answer = allocate(problem)
    claim = json.loads(json.dumps(answer.to_json()))
    assert check(problem, claim) == []
    numbers = claim["certificate"]
    assert sum(Fraction(entry["price"]) for entry in numbers["exceptions"]) == Fraction(numbers["gap"])
    if numbers["exceptions"]:
        numbers["exceptions"].pop()
        assert check(problem, claim)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("free", [False, True])
def test_a_county_whose_products_hardly_differ_is_certified_by_decimals(seed: int, free: bool) -> None:
    """Equal weights but for the twentieth digit: nothing is tied, and floats cannot tell where the halves are."""
    random = np.random.default_rng(seed)
    obj = county(seed, total=60, method="webster")
    if free:
        obj["units"] = [{"id": f"u{i}", "min": 2, "max": 9} for i in range(12)]
    weights = random.integers(1, 3, (12, 6)).tolist()
    obj["weights"] = [[str(w * 10**20 + int(random.integers(1, 10**6))) for w in line] for line in weights]
    problem = read_problem(obj)
    answer = allocate(problem, second_engine=False)
    assert answer.allocated
    assert answer.certificate is not None
    if not answer.ties:
        assert not any("/" in number for number in (*answer.certificate.units, *answer.certificate.categories))
    assert check(problem, json.loads(json.dumps(answer.to_json()))) == []


def test_a_share_that_all_but_counts_as_nothing_is_decided_with_groups_too() -> None:
    obj = {
        "format": "allocation-problem/1",
        "total": 3,
        "units": [{"id": "u0"}, {"id": "u1", "max": 3}, {"id": "u2", "max": 2}],
        "categories": [{"id": "c0"}],
        "weights": [[1], [10**9], [10**7]],
        "at_least": [{"unit": "u2", "category": "c0", "seats": 2}],
        "groups": [{"id": "g0", "min": 3}, {"id": "g1", "min": 3, "max": 4}],
    }
    problem = read_problem(obj)
    claim = json.loads(json.dumps(allocate(problem).to_json()))
    assert check(problem, claim) == []
    assert claim["seats"] == [[0], [1], [2]]


def test_many_ties_across_groups_are_drawn() -> None:
    obj = county(0, units=20, total=100, method="webster")
    obj["weights"] = [[1 + (i + j) % 2 for j in range(6)] for i in range(20)]
    obj["units"] = [{"id": f"u{i}", "seats": 5} for i in range(20)]
    obj["groups"] = [
        {"id": "a", "units": [f"u{i}" for i in range(8)], "categories": ["c0", "c2"], "max": 30},
        {"id": "b", "units": [f"u{i}" for i in range(5, 15)], "categories": ["c4", "c5"], "min": 8},
    ]
    problem = read_problem(obj)
    answer = allocate(problem)
    assert sum(len(tie.cells) for tie in answer.ties) >= 40
    assert check(problem, json.loads(json.dumps(answer.to_json()))) == []
