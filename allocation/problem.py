"""What is asked: the format `allocation-problem/1` as values. Reads strictly, computes nothing.

A problem that can be read may still be impossible; that is an answer (`conflicts.py`), not bad input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from allocation.errors import BadInput
from allocation.reading import LONGEST_TEXT, as_list, as_object, count, exact, only, required, share

FORMAT = "allocation-problem/1"
WITHIN_QUOTA = "within-quota"
WEBSTER = "webster"
LARGEST_REMAINDER = "largest-remainder"
METHODS = (WITHIN_QUOTA, WEBSTER)
ROUNDINGS = (LARGEST_REMAINDER, WEBSTER)
LARGEST_TABLE = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """A unit or a category. Exact when `seats` is set, derived when `weight` is (a category's share), else free."""

    id: str
    name: str
    seats: int | None = None
    weight: Fraction | None = None
    min: int | None = None
    max: int | None = None


@dataclass(frozen=True, slots=True)
class CellRule:
    """A bound on one cell: `unit` and `category` are positions."""

    unit: int
    category: int
    seats: int


@dataclass(frozen=True, slots=True)
class Group:
    """A bound on the seats of a set of cells, units × categories by position."""

    id: str
    name: str
    units: tuple[int, ...]
    categories: tuple[int, ...]
    min: int | None
    max: int | None


@dataclass(frozen=True, slots=True)
class Overlay:
    """其中: a count that runs across the categories. Its target is `seats`, or `share` of the total rounded up."""

    id: str
    name: str
    seats: int | None
    share: Fraction | None
    weights: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A whole problem. `drawing_order` lists positions of units; it breaks every tie between units."""

    total: int
    method: str
    units: tuple[Line, ...]
    categories: tuple[Line, ...]
    category_rounding: str
    weights: tuple[tuple[Fraction, ...], ...]
    at_least: tuple[CellRule, ...]
    at_most: tuple[CellRule, ...]
    groups: tuple[Group, ...]
    overlays: tuple[Overlay, ...]
    drawing_order: tuple[int, ...]


def read_problem(obj: object) -> Problem:
    """The values of `allocation-problem/1`. Raises BadInput naming the place."""
    top = as_object(obj, "problem")
    known = {
        "format",
        "total",
        "method",
        "units",
        "categories",
        "category_rounding",
        "weights",
        "at_least",
        "at_most",
        "groups",
        "overlays",
        "drawing_order",
    }
    only(top, known, "")
    required(top, ("format", "total", "units", "categories", "weights"), "")
    if top["format"] != FORMAT:
        raise BadInput("format", f"必须是 {FORMAT}", f"must be {FORMAT}")
    units = _lines(top["units"], "units", "weight")
    categories = _lines(top["categories"], "categories", "share")
    unit_places = {line.id: at for at, line in enumerate(units)}
    category_places = {line.id: at for at, line in enumerate(categories)}
    if len(units) * len(categories) > LARGEST_TABLE:
        raise BadInput("weights", f"单元数不能超过 {LARGEST_TABLE}", f"must not have more than {LARGEST_TABLE} cells")
    return Problem(
        total=count(top["total"], "total"),
        method=_choice(top.get("method", WITHIN_QUOTA), METHODS, "method"),
        units=units,
        categories=categories,
        category_rounding=_choice(top.get("category_rounding", LARGEST_REMAINDER), ROUNDINGS, "category_rounding"),
        weights=_weights(top["weights"], len(units), len(categories)),
        at_least=_cell_rules(top.get("at_least", []), "at_least", unit_places, category_places),
        at_most=_cell_rules(top.get("at_most", []), "at_most", unit_places, category_places),
        groups=_groups(top.get("groups", []), unit_places, category_places),
        overlays=_overlays(top.get("overlays", []), len(units)),
        drawing_order=(
            _drawing_order(top["drawing_order"], unit_places) if "drawing_order" in top else tuple(range(len(units)))
        ),
    )


def _choice(value: object, choices: tuple[str, ...], place: str) -> str:
    if not isinstance(value, str) or value not in choices:
        raise BadInput(place, "必须是 " + " 或 ".join(choices), "must be " + " or ".join(choices))
    return value


def _label(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise BadInput(place, "必须是文字", "must be text")
    if not value.strip():
        raise BadInput(place, "不能为空", "must not be empty")
    if len(value) > LONGEST_TEXT or not value.isprintable():
        raise BadInput(place, "文字过长或含不可见字符", "is too long or has unprintable characters")
    return value


def _id_and_name(obj: Mapping[str, object], seen: dict[str, str], place: str) -> tuple[str, str]:
    """The id, unique in its list, and the name; `seen` gathers the ids with their places."""
    required(obj, ("id",), place)
    key = _label(obj["id"], f"{place}.id")
    if key in seen:
        raise BadInput(f"{place}.id", f"与 {seen[key]} 重复", f"is the same as {seen[key]}")
    seen[key] = f"{place}.id"
    return key, _label(obj["name"], f"{place}.name") if "name" in obj else key


def _optional_count(obj: Mapping[str, object], key: str, place: str) -> int | None:
    return count(obj[key], f"{place}.{key}") if key in obj else None


def _lines(value: object, place: str, weight_key: str) -> tuple[Line, ...]:
    """The lines of one side. Those without seats are all derived or all free (SPEC: a mix is bad input)."""
    entries = as_list(value, place)
    if not entries:
        raise BadInput(place, "不能为空", "must not be empty")
    seen: dict[str, str] = {}
    lines: list[Line] = []
    first: tuple[str, bool] | None = None
    for at, entry in enumerate(entries):
        here = f"{place}[{at}]"
        obj = as_object(entry, here)
        only(obj, {"id", "name", "seats", weight_key, "min", "max"}, here)
        key, name = _id_and_name(obj, seen, here)
        if "seats" in obj:
            for other in (weight_key, "min", "max"):
                if other in obj:
                    raise BadInput(f"{here}.{other}", "不能与 seats 并列", "must not stand beside seats")
            lines.append(Line(key, name, seats=count(obj["seats"], f"{here}.seats")))
            continue
        derived = weight_key in obj
        if first is None:
            first = (here, derived)
        elif first[1] != derived:
            raise BadInput(
                here,
                f"与 {first[0]} 不一致：没有 seats 的行须全部有 {weight_key} 或全部没有",
                f"differs from {first[0]}: lines without seats have either all a {weight_key} or none",
            )
        read = exact if weight_key == "weight" else share
        lines.append(
            Line(
                key,
                name,
                weight=read(obj[weight_key], f"{here}.{weight_key}") if derived else None,
                min=_optional_count(obj, "min", here),
                max=_optional_count(obj, "max", here),
            )
        )
    return tuple(lines)


def _weights(value: object, rows: int, columns: int) -> tuple[tuple[Fraction, ...], ...]:
    table = as_list(value, "weights")
    if len(table) != rows:
        raise BadInput("weights", f"应有 {rows} 行，现有 {len(table)} 行", f"must have {rows} rows, has {len(table)}")
    known: dict[object, Fraction] = {}
    result: list[tuple[Fraction, ...]] = []
    for at, entry in enumerate(table):
        row = as_list(entry, f"weights[{at}]")
        if len(row) != columns:
            raise BadInput(
                f"weights[{at}]",
                f"应有 {columns} 个数，现有 {len(row)} 个",
                f"must have {columns} numbers, has {len(row)}",
            )
        numbers: list[Fraction] = []
        for column, number in enumerate(row):
            if type(number) is int or type(number) is str:  # a bool equals an int as a key, so it never gets here
                found = known.get(number)
                if found is None:
                    found = known[number] = exact(number, f"weights[{at}][{column}]")
                numbers.append(found)
            else:
                numbers.append(exact(number, f"weights[{at}][{column}]"))
        result.append(tuple(numbers))
    return tuple(result)


def _find(value: object, places: Mapping[str, int], place: str) -> int:
    if not isinstance(value, str) or value not in places:
        raise BadInput(place, "没有这个编号", "names nothing that exists")
    return places[value]


def _cell_rules(
    value: object, place: str, units: Mapping[str, int], categories: Mapping[str, int]
) -> tuple[CellRule, ...]:
    seen: dict[tuple[int, int], str] = {}
    rules: list[CellRule] = []
    for at, entry in enumerate(as_list(value, place)):
        here = f"{place}[{at}]"
        obj = as_object(entry, here)
        only(obj, {"unit", "category", "seats"}, here)
        required(obj, ("unit", "category", "seats"), here)
        rule = CellRule(
            _find(obj["unit"], units, f"{here}.unit"),
            _find(obj["category"], categories, f"{here}.category"),
            count(obj["seats"], f"{here}.seats"),
        )
        cell = (rule.unit, rule.category)
        if cell in seen:
            raise BadInput(here, f"与 {seen[cell]} 是同一单元", f"names the same cell as {seen[cell]}")
        seen[cell] = here
        rules.append(rule)
    return tuple(rules)


def _members(obj: Mapping[str, object], key: str, places: Mapping[str, int], here: str) -> tuple[int, ...]:
    """Positions named by a group, in their given order on their side; all of the side where not named."""
    if key not in obj:
        return tuple(range(len(places)))
    entries = as_list(obj[key], f"{here}.{key}")
    if not entries:
        raise BadInput(f"{here}.{key}", "不能为空", "must not be empty")
    found: set[int] = set()
    for at, entry in enumerate(entries):
        place = f"{here}.{key}[{at}]"
        member = _find(entry, places, place)
        if member in found:
            raise BadInput(place, "重复", "is named twice")
        found.add(member)
    return tuple(sorted(found))


def _groups(value: object, units: Mapping[str, int], categories: Mapping[str, int]) -> tuple[Group, ...]:
    seen: dict[str, str] = {}
    groups: list[Group] = []
    for at, entry in enumerate(as_list(value, "groups")):
        here = f"groups[{at}]"
        obj = as_object(entry, here)
        only(obj, {"id", "name", "units", "categories", "min", "max"}, here)
        key, name = _id_and_name(obj, seen, here)
        if "min" not in obj and "max" not in obj:
            raise BadInput(here, "须有 min 或 max", "needs min or max")
        groups.append(
            Group(
                key,
                name,
                _members(obj, "units", units, here),
                _members(obj, "categories", categories, here),
                _optional_count(obj, "min", here),
                _optional_count(obj, "max", here),
            )
        )
    return tuple(groups)


def _overlays(value: object, rows: int) -> tuple[Overlay, ...]:
    seen: dict[str, str] = {}
    overlays: list[Overlay] = []
    for at, entry in enumerate(as_list(value, "overlays")):
        here = f"overlays[{at}]"
        obj = as_object(entry, here)
        only(obj, {"id", "name", "seats", "share", "weights"}, here)
        key, name = _id_and_name(obj, seen, here)
        if ("seats" in obj) == ("share" in obj):
            raise BadInput(here, "须有 seats 或 share 之一", "needs either seats or share")
        required(obj, ("weights",), here)
        weights = as_list(obj["weights"], f"{here}.weights")
        if len(weights) != rows:
            raise BadInput(
                f"{here}.weights",
                f"应有 {rows} 个数，现有 {len(weights)} 个",
                f"must have {rows} numbers, has {len(weights)}",
            )
        overlays.append(
            Overlay(
                key,
                name,
                _optional_count(obj, "seats", here),
                share(obj["share"], f"{here}.share") if "share" in obj else None,
                tuple(exact(w, f"{here}.weights[{i}]") for i, w in enumerate(weights)),
            )
        )
    return tuple(overlays)


def _drawing_order(value: object, units: Mapping[str, int]) -> tuple[int, ...]:
    entries = as_list(value, "drawing_order")
    found: dict[int, None] = {}
    for at, entry in enumerate(entries):
        member = _find(entry, units, f"drawing_order[{at}]")
        if member in found:
            raise BadInput(f"drawing_order[{at}]", "重复", "is named twice")
        found[member] = None
    if len(found) != len(units):
        missing = next(key for key, at in units.items() if at not in found)
        raise BadInput("drawing_order", f"缺少 {missing}", f"lacks {missing}")
    return tuple(found)
