"""Small problems of every sort that an office can make, each with a table of seats that obeys all its rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from election.quotas.hand import Change
from election.quotas.models import ChangeKind as Kind

Matrix = list[list[int]]


@st.composite
def counties(draw: st.DrawFn, *, groups: bool = False) -> tuple[dict[str, Any], Matrix]:
    """A problem, and a table of seats that obeys all its rules."""
    m, n = draw(st.integers(2, 4)), draw(st.integers(2, 3))
    seats = [[draw(st.integers(0, 4)) for _ in range(n)] for _ in range(m)]
    assume(all(map(any, seats)) and all(map(any, zip(*seats, strict=True))))
    units, categories = [f"u{i}" for i in range(m)], [f"c{j}" for j in range(n)]
    derived, exact = draw(st.booleans()), draw(st.booleans())
    made: dict[str, Any] = {
        "format": "allocation-problem/1",
        "total": sum(map(sum, seats)),
        "method": draw(st.sampled_from(["within-quota", "webster"])),
        "units": [
            {"id": code, "name": f"{code}镇", **({"weight": sum(row), "min": 0} if derived else {"seats": sum(row)})}
            for code, row in zip(units, seats, strict=True)
        ],
        "categories": [
            {"id": code, **({"seats": sum(column)} if exact else {"max": sum(column) + draw(st.integers(0, 2))})}
            for code, column in zip(categories, zip(*seats, strict=True), strict=True)
        ],
        "weights": [[draw(st.integers(1, 9)) if x else draw(st.integers(0, 9)) for x in row] for row in seats],
    }
    cells = st.lists(st.tuples(st.integers(0, m - 1), st.integers(0, n - 1)), unique=True, max_size=3)
    for key, stretch in (("at_least", -1), ("at_most", 1)):
        if found := draw(cells):
            made[key] = [
                {"unit": units[i], "category": categories[j], "seats": max(seats[i][j] + stretch * draw(st.integers(0, 1)), 0)}
                for i, j in found
            ]  # fmt: skip
    if groups:
        some = draw(st.lists(st.integers(0, m - 1), unique=True, min_size=1))
        total = sum(sum(seats[i]) for i in some)
        bound = draw(st.sampled_from([{"min": total}, {"max": total}, {"min": total, "max": total}]))
        made["groups"] = [{"id": "some", "name": "若干", "units": [units[i] for i in some], **bound}]
    return made, seats


def possible_changes(made: dict[str, Any], seats: Matrix) -> list[Change]:
    """Locked changes that the table obeys."""
    units, categories = [line["id"] for line in made["units"]], [line["id"] for line in made["categories"]]
    found = []
    for unit, row in zip(units, seats, strict=True):
        found.append(Change(Kind.UNIT, unit, None, "", sum(row), locked=True))
        found.append(Change(Kind.UNIT_LEAST, unit, None, "", max(sum(row) - 1, 0), locked=True))
        found.append(Change(Kind.UNIT_MOST, unit, None, "", sum(row), locked=True))
        for category, x in zip(categories, row, strict=True):
            if made["weights"][units.index(unit)][categories.index(category)]:
                found.append(Change(Kind.CELL, unit, category, "", x, locked=True))
                found.append(Change(Kind.CELL_MOST, unit, category, "", x + 1, locked=True))
    for category, column in zip(categories, zip(*seats, strict=True), strict=True):
        found.append(Change(Kind.CATEGORY, None, category, "", sum(column), locked=True))
    for group in made.get("groups", ()):
        total = sum(sum(seats[units.index(unit)]) for unit in group["units"])
        found.append(Change(Kind.GROUP_LEAST, None, None, group["id"], total, locked=True))
        found.append(Change(Kind.GROUP_MOST, None, None, group["id"], total, locked=True))
    return found


def merged(changes: Iterable[Change], later: Iterable[Change]) -> tuple[Change, ...]:
    """All of them, where a later one takes the place of an earlier."""
    return tuple({change.place: change for change in (*changes, *later)}.values())
