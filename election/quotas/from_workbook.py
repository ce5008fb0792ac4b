"""A problem that an office hands in as a workbook, as the base of a scheme of this congress. Pure: bytes in, problem out.

The workbook sets weights, bounds and groups; whose seats they are (units, categories, total) is the congress's alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allocation import BadInput, Problem
from allocation.problem import CellRule, Group, Line, Overlay
from allocation.workbook_in import problem_from
from election.errors import Invalid, Refused
from election.machine import Words
from election.quotas.hand_limits import Assigned
from election.quotas.weights import called, exact
from election.roster.importing.sheets import open_sheets

FIELD = "workbook"
LONGEST_GROUP = 20
MOST_NAMED = 12
_PLACE = re.compile(r"sheet (\S+)(?: row (\d+))?(?: column ([A-Z]+))?")


@dataclass(frozen=True, slots=True)
class Expected:
    """What the congress says: its seats, its units and categories as code → name in their order, its assigned leaders."""

    total: int
    units: Mapping[str, str]
    categories: Mapping[str, str]
    assigned: Assigned


def base_from(content: bytes, file_name: str, expected: Expected) -> dict[str, Any]:
    """allocation-problem/1 of the workbook, with the congress's names. Raises Refused or Invalid at the field `workbook`."""
    try:
        open_sheets(content, ())  # what the file may cost is bounded before anything reads it
    except Refused as refused:
        raise Refused(refused.code, field=FIELD, **refused.params) from None
    try:
        problem = problem_from(content, file_name)
    except BadInput as error:
        raise Refused("quotas.workbook_wrong", field=FIELD, why=_said(error)) from None
    base = as_json(problem)
    if wrong := mismatches(base, expected):
        raise Invalid(wrong)
    for side, names in (("units", expected.units), ("categories", expected.categories)):
        base[side] = [line | {"name": called(names[line["id"]])} for line in base[side]]
    return base


def _said(error: BadInput) -> Words:
    """The sentence with its place, said in Chinese where it names a cell of a sheet."""
    place = _PLACE.fullmatch(error.place)
    if place is None:
        return Words(f"{error.place}：{error.zh}", f"{error.place}: {error.en}")
    sheet, row, column = place.groups()
    where = f"工作表“{sheet}”" + (f"第 {row} 行" if row else "") + (f" {column} 列" if column else "")
    return Words(f"{where}：{error.zh}", f"{error.place}: {error.en}")


def mismatches(base: Mapping[str, Any], expected: Expected) -> list[Refused]:
    """Where a workbook's problem is not about this congress as it is now, a sentence for each."""
    found: list[Refused] = []
    if base["total"] != expected.total:
        found.append(Refused("quotas.workbook_total", field=FIELD, found=base["total"], total=expected.total))
    found += _lines(Words("单位", "units"), [line["id"] for line in base["units"]], expected.units)
    found += _lines(Words("类别", "categories"), [line["id"] for line in base["categories"]], expected.categories)
    found += [
        Refused("quotas.workbook_group_long", field=FIELD, group=group["id"][:LONGEST_GROUP], most=LONGEST_GROUP)
        for group in base.get("groups", ())
        if len(group["id"]) > LONGEST_GROUP
    ]
    least = {(one["unit"], one["category"]): one["seats"] for one in base.get("at_least", ())}
    category = expected.assigned.category
    if category is not None:
        found += [
            Refused(
                "quotas.workbook_below_assigned",
                field=FIELD,
                unit=expected.units.get(unit, unit),
                category=expected.categories.get(category, category),
                assigned=number,
                found=least.get((unit, category), 0),
            )
            for unit, number in expected.assigned.by_unit.items()
            if least.get((unit, category), 0) < number
        ]
    return found


def _lines(what: Words, found: Sequence[str], expected: Mapping[str, str]) -> list[Refused]:
    lacking = [f"{name}（{code}）" for code, name in expected.items() if code not in found]
    unknown = [code for code in found if code not in expected]
    refusals = []
    if lacking:
        refusals.append(Refused("quotas.workbook_lacks", field=FIELD, what=what, names=_some(lacking)))
    if unknown:
        refusals.append(Refused("quotas.workbook_unknown", field=FIELD, what=what, names=_some(unknown)))
    if not refusals and list(found) != list(expected):
        place, code = next((at, code) for at, code in enumerate(expected) if found[at] != code)
        refusals.append(
            Refused(
                "quotas.workbook_order", field=FIELD, what=what, place=place + 1, code=code, name=expected[code],
                found=found[place],
            )
        )  # fmt: skip
    return refusals


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:MOST_NAMED]) + (f" …（+{len(names) - MOST_NAMED}）" if len(names) > MOST_NAMED else "")


def as_json(problem: Problem) -> dict[str, Any]:
    """allocation-problem/1 as plain JSON, exact: `read_problem` reads the same problem from it."""
    units, categories = [line.id for line in problem.units], [line.id for line in problem.categories]
    made: dict[str, Any] = {
        "format": "allocation-problem/1",
        "total": problem.total,
        "method": problem.method,
        "units": [_line(line, "weight") for line in problem.units],
        "categories": [_line(line, "share") for line in problem.categories],
        "category_rounding": problem.category_rounding,
        "weights": [[exact(weight) for weight in row] for row in problem.weights],
        "at_least": [_cell(rule, units, categories) for rule in problem.at_least],
        "at_most": [_cell(rule, units, categories) for rule in problem.at_most],
        "overlays": [_overlay(overlay) for overlay in problem.overlays],
        "drawing_order": [units[at] for at in problem.drawing_order],
    }
    if problem.groups:
        made["groups"] = [_group(group, units, categories) for group in problem.groups]
    return made


def _line(line: Line, key: str) -> dict[str, Any]:
    numbers = {
        "seats": line.seats,
        key: None if line.weight is None else exact(line.weight),
        "min": line.min,
        "max": line.max,
    }
    return {"id": line.id, "name": line.name} | {name: value for name, value in numbers.items() if value is not None}


def _cell(rule: CellRule, units: Sequence[str], categories: Sequence[str]) -> dict[str, Any]:
    return {"unit": units[rule.unit], "category": categories[rule.category], "seats": rule.seats}


def _group(group: Group, units: Sequence[str], categories: Sequence[str]) -> dict[str, Any]:
    written: dict[str, Any] = {"id": group.id, "name": group.name}
    for key, members, side in (("units", group.units, units), ("categories", group.categories, categories)):
        if len(members) < len(side):
            written[key] = [side[at] for at in members]
    return written | {key: seats for key, seats in (("min", group.min), ("max", group.max)) if seats is not None}


def _overlay(overlay: Overlay) -> dict[str, Any]:
    target = {"share": exact(overlay.share)} if overlay.share is not None else {"seats": overlay.seats}
    return {"id": overlay.id, "name": overlay.name, **target, "weights": [exact(one) for one in overlay.weights]}
