"""From the roster to the problem that the allocator solves. Pure: figures in, allocation-problem/1 out.

S3.3: seats go by the organisations and members of each unit, with regard to sector and region (the factor);
within a category by the members with a vote whose recorded primary category it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from unicodedata import category as kind_of

from election.documents.glyphs import MISSING


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """A unit as the roster shows it. `voters` and `own_assigned` by category code, `overlays` by overlay code.

    `assigned` leaders take seats here; `own_assigned` are this unit's own voters who are assigned anywhere and
    therefore cannot stand.
    """

    code: str
    name: str
    members: int
    organisations: int
    factor: Fraction
    voters: Mapping[str, int]
    overlays: Mapping[str, int]
    assigned: int = 0
    own_assigned: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    code: str
    name: str
    share: Fraction
    takes_assigned: bool


@dataclass(frozen=True, slots=True)
class OverlayFigures:
    code: str
    share: Fraction


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A set of units and categories by code, whose seats together lie within bounds; a side not named is meant whole."""

    code: str
    name: str
    units: tuple[str, ...]
    categories: tuple[str, ...]
    least: int | None
    most: int | None


def unit_weight(figures: UnitFigures, per_member: int, per_organisation: int) -> Fraction:
    """α·members + β·organisations, times the unit's factor."""
    return (per_member * figures.members + per_organisation * figures.organisations) * figures.factor


def cell_weight(figures: UnitFigures, category: CategoryFigures) -> int:
    """The members of the unit with a vote in this category, plus the leaders assigned there."""
    return figures.voters.get(category.code, 0) + (figures.assigned if category.takes_assigned else 0)


def capacity(figures: UnitFigures, category: CategoryFigures, margin: int) -> int:
    """The most seats a cell can use: its assigned leaders, and as many contested seats as its voters can contest.

    ⌊100·eligible/(100+margin)⌋ contested seats still find their candidates; one more never could.
    """
    eligible = figures.voters.get(category.code, 0) - (figures.own_assigned or {}).get(category.code, 0)
    contested = 100 * max(eligible, 0) // (100 + margin)
    return contested + (figures.assigned if category.takes_assigned else 0)


def problem(
    *,
    total: int,
    units: Sequence[UnitFigures],
    categories: Sequence[CategoryFigures],
    overlays: Sequence[OverlayFigures],
    rules: Mapping[str, Any],
    groups: Sequence[GroupFigures] = (),
) -> dict[str, Any]:
    """allocation-problem/1. `rules`: the values in force of the rules that `RULES_USED` names."""
    if sum(category.takes_assigned for category in categories) > 1:
        # Each would count every leader once more.
        raise ValueError("assigned leaders take their seats in one category")
    least = int(rules["unit_least"])
    margin = int(rules["margin_min"])
    at_least, at_most = [], []
    for unit in units:
        for category in categories:
            if category.takes_assigned and unit.assigned:
                at_least.append({"unit": unit.code, "category": category.code, "seats": unit.assigned})
            most = capacity(unit, category, margin)
            # Where the whole category could not fill the cell, the bound would say nothing.
            if cell_weight(unit, category) > 0 and most < category.share * total:
                at_most.append({"unit": unit.code, "category": category.code, "seats": most})
    made: dict[str, Any] = {
        "format": "allocation-problem/1",
        "total": total,
        "method": rules["allocation_method"],
        "units": [
            {
                "id": unit.code,
                "name": called(unit.name),
                "weight": exact(unit_weight(unit, int(rules["weight_members"]), int(rules["weight_organisations"]))),
                "min": max(least, unit.assigned),
            }
            for unit in units
        ],
        "categories": [
            {"id": category.code, "name": called(category.name), "share": exact(category.share)}
            for category in categories
        ],
        "category_rounding": rules["column_rounding"],
        "weights": [[cell_weight(unit, category) for category in categories] for unit in units],
        "at_least": at_least,
        "at_most": at_most,
        "overlays": [
            {
                "id": overlay.code,
                "share": exact(overlay.share),
                "weights": [unit.overlays.get(overlay.code, 0) for unit in units],
            }
            for overlay in overlays
        ],
        "drawing_order": [unit.code for unit in units],
    }
    if groups:
        made["groups"] = [_group(group) for group in groups]
    return made


def _group(figures: GroupFigures) -> dict[str, Any]:
    written: dict[str, Any] = {"id": figures.code, "name": called(figures.name)}
    named = (("units", list(figures.units)), ("categories", list(figures.categories)))
    bounds = (("min", figures.least), ("max", figures.most))
    return written | {key: value for key, value in named if value} | {key: n for key, n in bounds if n is not None}


def called(name: str) -> str:
    """A name as the format takes it: white space of any width as one space (城　关 is written so), what cannot be seen left
    out, 〓 for a character of private use."""
    signs = (
        sign if sign.isprintable() else MISSING if kind_of(sign) == "Co" else "" for sign in " ".join(name.split())
    )
    return "".join(signs).strip() or MISSING


RULES_USED = (
    "allocation_method",
    "column_rounding",
    "weight_members",
    "weight_organisations",
    "unit_least",
    "margin_min",
)


def exact(number: Fraction) -> int | str:
    """A number as the format takes it: an integer or a decimal. Raises ValueError where no decimal is exact."""
    if number.denominator == 1:
        return int(number)
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        raise ValueError(f"{number} is no decimal number")
    places = 0
    while (number * 10**places).denominator != 1:
        places += 1
    digits = f"{abs(number.numerator * 10**places // number.denominator):0{places + 1}d}"
    return f"{'-' if number < 0 else ''}{digits[:-places]}.{digits[-places:]}"
