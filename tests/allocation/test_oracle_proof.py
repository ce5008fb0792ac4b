"""What is certified is right: numbers and claims changed at random, answers to other problems, documents with fields missing.

The certificate is proved here a second time, in fractions and from the format alone.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allocation import BadInput, allocate, check, read_problem
from tests.allocation.brute import problems
from tests.allocation.test_oracle import TooLarge, Truth, answered, bounds, ranges, truth
from tests.support.depth import examples

HALF = Fraction(1, 2)
ALL_KINDS = problems(free=True, groups=True, wide=True)


def refused(obj: Mapping[str, Any], claim: Mapping[str, Any]) -> bool:
    """Not certified, or not a claim at all; anything else that is raised is a fault."""
    try:
        return bool(check(read_problem(obj), claim))
    except BadInput:
        return True


def known(obj: Mapping[str, Any]) -> Truth:
    """The truth about a possible problem; others are passed over."""
    try:
        right = truth(obj)
    except TooLarge:
        right = None
    assume(right is not None)
    assert right is not None
    return right


def products(obj: Mapping[str, Any], claim: Mapping[str, Any], prefix: str = "") -> list[list[Fraction]]:
    """Weight × the numbers of its unit, its category, the whole and its groups, for every cell."""
    weights, _, _, groups = bounds(obj)
    certificate = claim["certificate"]
    numbers = [
        [Fraction(number) for number in certificate.get(prefix + key, ["1"] * len(groups))]
        for key in ("units", "categories", "groups")
    ]
    whole = Fraction(certificate.get(prefix + "total", "1"))
    result = []
    for i, line in enumerate(weights):
        result.append([w * numbers[0][i] * numbers[1][j] * whole for j, w in enumerate(line)])
        for j in range(len(line)):
            for number, (cells, _, _) in zip(numbers[2], groups, strict=True):
                if (i, j) in cells:
                    result[i][j] *= number
    return result


def lines(obj: Mapping[str, Any], claim: Mapping[str, Any]) -> Iterator[tuple[Fraction, int, int, int]]:
    """Number, seats, lowest and highest of every free line and every group."""
    seats = claim["seats"]
    totals = [[sum(line) for line in seats], [sum(line) for line in zip(*seats, strict=True)]]
    for key, given_as, sums, ends in zip(
        ("units", "categories"), ("weight", "share"), totals, ranges(obj), strict=True
    ):
        for at, line in enumerate(obj[key]):
            if "seats" not in line and given_as not in line:
                yield Fraction(claim["certificate"][key][at]), sums[at], *ends[at]
    for number, (cells, least, most) in zip(claim["certificate"]["groups"], bounds(obj)[3], strict=True):
        yield Fraction(number), sum(seats[i][j] for i, j in cells), least, most


def proved(obj: Mapping[str, Any], claim: Mapping[str, Any], right: Truth) -> bool:
    """Every cell rounds to its seats or is held by a bound, and every number has the sign of its line."""
    certificate = claim["certificate"]
    numbers = [Fraction(n) for key in ("units", "categories", "groups") for n in certificate[key]]
    if any(number <= 0 for number in [*numbers, Fraction(certificate["total"])]):
        return False
    _, low, high, _ = bounds(obj)
    for i, line in enumerate(products(obj, claim)):
        for j, value in enumerate(line):
            seats = claim["seats"][i][j]
            held_below = seats == max(low[i][j], right.low[i][j])
            held_above = seats == min(high[i][j], right.high[i][j])
            if not (held_below or value >= seats - HALF) or not (held_above or value <= seats + HALF):
                return False
    return all(
        least == most
        or (
            (number >= 1 or seats != least)
            and (number <= 1 or seats != most)
            and (number == 1 or seats in (least, most))
        )
        for number, seats, least, most in lines(obj, claim)
    )


def significant(number: str) -> int:
    digits = number.replace(".", "").lstrip("0")
    return len(digits) if "." in number else max(3, len(digits.rstrip("0")))


@given(ALL_KINDS)
@examples(80)
def test_a_certificate_proves_its_answer_to_whoever_does_the_sums(obj: dict[str, Any]) -> None:
    right = known(obj)
    claim = answered(obj)
    certificate = claim["certificate"]
    assume(not certificate["exceptions"] and not right.outside)
    assert certificate["gap"] == "0"
    assert proved(obj, claim, right)
    written = [*certificate["units"], *certificate["categories"], *certificate["groups"], certificate["total"]]
    decimals = {significant(number) for number in written if "/" not in number and number != "1"}
    assert len(decimals) <= 1
    assert min(decimals, default=3) >= 3
    assert claim["ties"] or not any("/" in number for number in written)
    free = [
        all("seats" not in line and key not in line for line in obj[side])
        for side, key in (("units", "weight"), ("categories", "share"))
    ]
    assert all(free) or certificate["total"] == "1" or any(lines(obj, claim))


@given(ALL_KINDS, st.data())
@examples(100)
def test_a_changed_number_certifies_only_where_it_still_proves(obj: dict[str, Any], data: st.DataObject) -> None:
    right = known(obj)
    claim = answered(obj)
    assume(not claim["certificate"]["exceptions"] and not right.outside)
    numbers = claim["certificate"]
    lists = [
        key
        for key in ("units", "categories", "groups", "fair_units", "fair_categories", "fair_groups")
        if numbers.get(key)
    ]
    key = data.draw(st.sampled_from([*lists, "total", "fair_total"]))
    change = data.draw(
        st.sampled_from([Fraction(11, 10), Fraction(9, 10), Fraction(1001, 1000), Fraction(2), Fraction(-1)])
    )
    at = data.draw(st.integers(0, len(numbers[key]) - 1)) if key in lists else None
    number = (numbers[key] if at is None else numbers[key][at]) if key in numbers else "1"
    changed = f"{float(Fraction(number) * change):.30f}"
    if at is None:
        numbers[key] = changed
    else:
        numbers[key][at] = changed
    if key.startswith("fair"):  # with the shares printed to match
        q: list[list[Any]] = [
            [min(max(value, a), b) for value, a, b in zip(*each, strict=True)]
            for each in zip(products(obj, claim, "fair_"), *bounds(obj)[1:3], strict=True)
        ]
        claim["fair_shares"] = [[f"{float(value):.6f}" for value in line] for line in q]
        wrong = any(
            abs(value - share) > 1e-9
            for line, shares in zip(q, right.shares, strict=True)
            for value, share in zip(line, shares, strict=True)
        )
        assert refused(obj, claim) or not wrong
    else:
        assert refused(obj, claim) or proved(obj, claim, right)


def neighbours(obj: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Problems that differ in one rule."""
    for key in ("at_least", "at_most", "groups"):
        for at in range(len(obj.get(key, []))):
            yield {**obj, key: [rule for position, rule in enumerate(obj[key]) if position != at]}
            for end in ("seats", "min", "max"):
                if end in obj[key][at]:
                    other = copy.deepcopy(dict(obj))
                    other[key][at][end] += 1
                    yield other
    for side in ("units", "categories"):
        for at, line in enumerate(obj[side]):
            for end in ("min", "max"):
                if end in line:
                    other = copy.deepcopy(dict(obj))
                    del other[side][at][end]
                    yield other
    for overlay in obj.get("overlays", []):
        yield {**obj, "overlays": [{**overlay, "weights": overlay["weights"][::-1]}]}
        yield {**obj, "overlays": [{"id": overlay["id"], "weights": overlay["weights"], "seats": 3}]}
    yield {**obj, "drawing_order": obj["drawing_order"][::-1]}
    yield {**obj, "weights": [[0 if at == 0 else w for at, w in enumerate(line)] for line in obj["weights"]]}


@given(ALL_KINDS, st.data())
@examples(80)
def test_the_answer_to_another_problem_certifies_only_where_it_is_the_answer(
    obj: dict[str, Any], data: st.DataObject
) -> None:
    right = known(obj)
    other = data.draw(st.sampled_from(list(neighbours(obj))))
    try:
        claim = json.loads(json.dumps(allocate(read_problem(other)).to_json()))
    except BadInput:
        assume(False)
    if not refused(obj, claim):
        assert right.outside or claim["certificate"]["exceptions"] or claim["seats"] == [list(x) for x in right.seats]
        assert claim["overlays"] == right.overlays


def paths(value: object, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if here:
        yield here
    inner: Sequence[tuple[str | int, object]] = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, item in inner:
        yield from paths(item, (*here, key))


STRANGE: list[object] = [
    None,
    True,
    {},
    [],
    "",
    "x",
    -1,
    "1/0",
    "0/1",
    "NaN",
    "１",
    " 1",
    "1e400",
    10**400,
    "9" * 5000,
]
TIED: dict[str, Any] = {
    "format": "allocation-problem/1",
    "total": 6,
    "units": [{"id": "u0", "seats": 3}, {"id": "u1", "seats": 3}],
    "categories": [{"id": "c0", "seats": 3}, {"id": "c1", "seats": 3}],
    "weights": [[1, 1], [1, 1]],
    "groups": [{"id": "g", "units": ["u0"], "max": 4}],
    "overlays": [{"id": "o", "seats": 9, "weights": [1, 2]}],
}


def test_no_field_can_be_missing_and_none_can_be_strange() -> None:
    right = answered(TIED)
    assert right["ties"]
    assert right["overlay_shortfall"]
    for path in paths(right):
        for value in [*STRANGE, KeyError]:
            claim = copy.deepcopy(right)
            inner: Any = claim
            for key in path[:-1]:
                inner = inner[key]
            if inner[path[-1]] == value:
                continue
            if value is KeyError:
                del inner[path[-1]]
            else:
                inner[path[-1]] = value
            # A number of the certificate may be another that still proves, written as it should be.
            assert refused(TIED, claim), (path, str(value)[:20])


@pytest.mark.parametrize("scale", [Fraction(11, 10), Fraction(10**7 + 1, 10**7)])
def test_shares_that_do_not_come_to_the_total_do_not_certify(scale: Fraction) -> None:
    obj: dict[str, Any] = {
        "format": "allocation-problem/1",
        "total": 5,
        "units": [{"id": "a"}, {"id": "b"}],
        "categories": [{"id": "x"}],
        "weights": [[562], [528]],
    }
    claim = answered(obj)
    number = Fraction(claim["certificate"]["fair_total"]) * scale
    claim["certificate"]["fair_total"] = f"{float(number):.20f}"
    claim["fair_shares"] = [[f"{float(w * number):.6f}" for w in line] for line in obj["weights"]]
    assert refused(obj, claim)
