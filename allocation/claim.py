"""Reads an allocation that someone claims: `allocation/1` as values, strictly. Believes nothing; `check.py` proves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from allocation.errors import BadInput
from allocation.reading import as_list, as_object, only, required

LONGEST = 4_000
_WHOLE = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+|/[0-9]+)?")
_ALLOCATED = (
    "unit_seats",
    "category_seats",
    "seats",
    "fair_shares",
    "overlays",
    "overlay_shortfall",
    "ties",
    "certificate",
    "conflicts",
)
_CERTIFICATE = ("units", "categories", "total", "groups", "fair_units", "fair_categories", "exceptions", "gap")


@dataclass(frozen=True, slots=True)
class ClaimedNumbers:
    """The numbers of a certificate, exact."""

    units: list[Fraction]
    categories: list[Fraction]
    total: Fraction
    groups: list[Fraction]
    fair_units: list[Fraction]
    fair_categories: list[Fraction]
    fair_total: Fraction
    fair_groups: list[Fraction]
    exceptions: list[tuple[str, str, Fraction]]
    gap: Fraction


@dataclass(frozen=True, slots=True)
class Claim:
    """An allocation as claimed; numbers are whole where SPEC says so, but may be wrong in every other way."""

    status: str
    method: str
    unit_seats: list[int]
    category_seats: list[int]
    seats: list[list[int]]
    fair_shares: list[list[Fraction]]
    overlays: dict[str, list[int]]
    overlay_shortfall: dict[str, int]
    ties: list[list[tuple[str, str]]]
    numbers: ClaimedNumbers | None
    conflicts: list[object]


def read_claim(obj: object) -> Claim:
    """The values of `allocation/1`. Raises BadInput naming the place."""
    top = as_object(obj, "allocation")
    required(top, ("format", "status", "method"), "")
    for key in ("format", "status", "method"):
        if not isinstance(top[key], str):
            raise BadInput(key, "必须是文字", "must be text")
    if top["format"] != "allocation/1":
        raise BadInput("format", "必须是 allocation/1", "must be allocation/1")
    only(top, {"format", "status", "method", *_ALLOCATED}, "")
    status, method = str(top["status"]), str(top["method"])
    if status != "allocated":
        if "seats" in top:
            raise BadInput("seats", "只在有分配时才有", "stands only in an allocation")
        required(top, ("conflicts",), "")
        return Claim(status, method, [], [], [], [], {}, {}, [], None, list(as_list(top["conflicts"], "conflicts")))
    required(top, _ALLOCATED, "")
    return Claim(
        status,
        method,
        _wholes(top["unit_seats"], "unit_seats"),
        _wholes(top["category_seats"], "category_seats"),
        [_wholes(line, f"seats[{i}]") for i, line in enumerate(as_list(top["seats"], "seats"))],
        [
            [
                _number(share, f"fair_shares[{i}][{j}]", _DECIMAL)
                for j, share in enumerate(as_list(line, f"fair_shares[{i}]"))
            ]
            for i, line in enumerate(as_list(top["fair_shares"], "fair_shares"))
        ],
        {key: _wholes(line, f"overlays.{key}") for key, line in as_object(top["overlays"], "overlays").items()},
        {
            key: _whole(value, f"overlay_shortfall.{key}")
            for key, value in as_object(top["overlay_shortfall"], "overlay_shortfall").items()
        },
        _ties(top["ties"]),
        _certificate(top["certificate"]),
        list(as_list(top["conflicts"], "conflicts")),
    )


def _certificate(value: object) -> ClaimedNumbers:
    obj = as_object(value, "certificate")
    only(obj, {*_CERTIFICATE, "fair_total", "fair_groups"}, "certificate")
    required(obj, _CERTIFICATE, "certificate")

    def line(key: str) -> list[Fraction]:
        return [
            _number(number, f"certificate.{key}[{at}]")
            for at, number in enumerate(as_list(obj.get(key, []), f"certificate.{key}"))
        ]

    exceptions = []
    for at, entry in enumerate(as_list(obj["exceptions"], "certificate.exceptions")):
        here = f"certificate.exceptions[{at}]"
        cell = as_object(entry, here)
        only(cell, {"unit", "category", "price"}, here)
        required(cell, ("unit", "category", "price"), here)
        exceptions.append((str(cell["unit"]), str(cell["category"]), _number(cell["price"], f"{here}.price", _DECIMAL)))
    return ClaimedNumbers(
        line("units"),
        line("categories"),
        _number(obj["total"], "certificate.total"),
        line("groups"),
        line("fair_units"),
        line("fair_categories"),
        _number(obj.get("fair_total", 1), "certificate.fair_total"),
        line("fair_groups"),
        exceptions,
        _number(obj["gap"], "certificate.gap", _DECIMAL),
    )


def _ties(value: object) -> list[list[tuple[str, str]]]:
    result = []
    for at, entry in enumerate(as_list(value, "ties")):
        here = f"ties[{at}]"
        obj = as_object(entry, here)
        only(obj, {"cells", "rule"}, here)
        required(obj, ("cells", "rule"), here)
        if obj["rule"] != "drawing_order":
            raise BadInput(f"{here}.rule", "必须是 drawing_order", "must be drawing_order")
        cells = []
        for position, cell in enumerate(as_list(obj["cells"], f"{here}.cells")):
            pair = as_list(cell, f"{here}.cells[{position}]")
            if len(pair) != 2 or not all(isinstance(part, str) for part in pair):
                raise BadInput(f"{here}.cells[{position}]", "必须是单位与类别", "must be a unit and a category")
            cells.append((str(pair[0]), str(pair[1])))
        result.append(cells)
    return result


def _number(value: object, place: str, form: re.Pattern[str] = _NUMBER) -> Fraction:
    """A number given as an integer or as text; as text also a fraction, where the form allows one."""
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) and _short(value) else ""
    if not form.fullmatch(text):
        raise BadInput(place, "必须是数字", "must be a number")
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise BadInput(place, "必须是数字", "must be a number") from None


def _short(value: int | str) -> bool:
    return value.bit_length() <= 3 * LONGEST if isinstance(value, int) else len(value) <= LONGEST


def _whole(value: object, place: str) -> int:
    number = _number(value, place, _WHOLE)
    if abs(number) > 10**12:
        raise BadInput(place, "必须是整数", "must be a whole number")
    return int(number)


def _wholes(value: object, place: str) -> list[int]:
    return [_whole(entry, f"{place}[{at}]") for at, entry in enumerate(as_list(value, place))]
