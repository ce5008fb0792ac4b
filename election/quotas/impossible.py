"""Rules that contradict each other, as a county office can act on them: a sentence each, and the changes that mend them.

Pure. The allocator finds conflicts and the smallest relaxation; this says which of it is a change by hand, and where the
rest is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from allocation.answer import Conflict, Relaxation
from election.errors import Invalid, Refused
from election.machine import Worded, Words
from election.quotas.hand import Change, change_for, ids
from election.quotas.hand_limits import Assigned, place
from election.quotas.models import ChangeKind as Kind
from election.texts import sentence

NAMED_AT_MOST = 4
LEAST, MOST = Words("下限", "least"), Words("上限", "most")

_PATH = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")
# Where rules of these kinds are written down; what the office says of them all, where one name would not do.
_WRITTEN = {
    ("units", "weight"): (Words("单位权重", "weights of units"), "UNITS"),
    ("units", "min"): (Words("各单位最少名额", "least seats of units"), "RULES"),
    ("units", "max"): (Words("各单位最多名额", "most seats of units"), "RULES"),
    ("categories", "share"): (Words("类别指导比例", "guide shares"), "CATEGORIES"),
    ("at_least", "seats"): (Words("等额安排", "assigned leaders"), "LEADERS"),
    ("at_most", "seats"): (Words("差额比例", "margin"), "RULES"),
}


class Elsewhere(Worded):
    """Where a number is changed that no change by hand sets."""

    LEADERS = "leaders", "在“等额安排”中调整", "changed with the assigned leaders"
    SETTINGS = "settings", "在大会设置中调整", "changed in the congress's settings"
    WORKBOOK = "workbook", "在工作簿中调整后重新上传", "changed in the workbook, which is then uploaded again"
    GROUP = "group", "在名额组中调整", "changed with the group"
    RULES = "rules", "在规则设置中调整", "changed in the rules"
    UNITS = "units", "在选举单位中调整", "changed with the units"
    PEOPLE = (
        "people",
        "超过该单元的党员数，须改比例、总名额或等额安排",
        "more than its members: change the shares instead",
    )
    CATEGORIES = "categories", "在代表构成中调整", "changed with the categories"


@dataclass(frozen=True, slots=True)
class Remedy:
    """One number of the smallest relaxation: as a change by hand, or where else it is changed."""

    what: Words
    before: int
    after: int
    change: Change | None
    elsewhere: Elsewhere | None


@dataclass(frozen=True, slots=True)
class Way:
    """A rule of a contradiction that its smallest change leaves alone, and where it can be changed; `group` by code."""

    what: Words
    elsewhere: Elsewhere
    group: str = ""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Rules that cannot hold together, in one sentence.

    `by_hand`: the changes among them; `plainly`: which numbers nobody wrote down but shares and weights give.
    """

    why: Words
    remedies: tuple[Remedy, ...]
    by_hand: tuple[Change, ...] = ()
    ways: tuple[Way, ...] = ()
    plainly: Words | None = None

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(remedy.change for remedy in self.remedies if remedy.change is not None)


class Impossible(Invalid):
    """The seats cannot be divided; nothing was stored. A refusal for each contradiction; the remedies of all together mend it."""

    def __init__(self, contradictions: Sequence[Contradiction]) -> None:
        super().__init__([Refused("quotas.impossible", why=one.why) for one in contradictions])
        self.contradictions = tuple(contradictions)

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(change for one in self.contradictions for change in one.changes)


def contradictions(
    problem: Mapping[str, Any],
    conflicts: Iterable[Conflict],
    changes: Sequence[Change],
    assigned: Assigned,
    *,
    from_workbook: bool,
) -> tuple[Contradiction, ...]:
    """What the allocator found in `problem`, which has `changes` applied."""
    return tuple(
        Contradiction(
            _floors(problem, found.rules) or Words(found.zh, found.en),
            tuple(_remedy(problem, one, changes, assigned, from_workbook) for one in found.relax),
            _by_hand(problem, found.rules, changes),
            tuple(_ways(problem, found, changes, from_workbook)),
            _plainly(problem, found.rules),
        )
        for found in conflicts
    )


def _remedy(
    problem: Mapping[str, Any], one: Relaxation, changes: Sequence[Change], assigned: Assigned, from_workbook: bool
) -> Remedy:
    change = change_for(problem, one.rule, one.after, changes)
    if change is not None and not from_workbook and change.seats > _people(problem, change):
        # One press must not lead into an election that nobody could hold.
        return Remedy(_limited(problem, change, from_workbook), one.before, one.after, None, Elsewhere.PEOPLE)
    if change is not None and change.seats >= assigned.within(change):
        return Remedy(_limited(problem, change, from_workbook), one.before, one.after, change, None)
    if change is not None:
        # The least that helps would cost a leader the seat: only the assignment can give way.
        return Remedy(_what(problem, change), one.before, one.after, None, Elsewhere.LEADERS)
    if one.rule == "total":
        words = sentence("quotas.total_seats")
        return Remedy(Words(words.zh, words.en), one.before, one.after, None, Elsewhere.SETTINGS)
    where = Elsewhere.WORKBOOK if from_workbook else Elsewhere.LEADERS
    return Remedy(_of_other(problem, one.rule), one.before, one.after, None, where)


def _people(problem: Mapping[str, Any], change: Change) -> float:
    """How many members could ever have the seats of a cell, by the roster's weights; of a line or group the total bounds it."""
    if change.unit is None or change.category is None:
        return float(problem["total"])
    row = problem["weights"][ids(problem, "units")[change.unit]]
    return float(row[ids(problem, "categories")[change.category]])


def _what(problem: Mapping[str, Any], change: Change) -> Words:
    if change.kind in (Kind.GROUP_LEAST, Kind.GROUP_MOST):
        return _group_bound(problem, change)
    where = place(problem, change)
    return Words(f"{where.zh} {change.kind.zh}", f"{where.en}: {change.kind.en}")


def _limited(problem: Mapping[str, Any], change: Change, from_workbook: bool) -> Words:
    """As `_what`; of a cell's most with how many members with a vote there are, where the weights are members."""
    what = _what(problem, change)
    if change.kind is not Kind.CELL_MOST or from_workbook:
        return what
    words = sentence("quotas.cell_most_of", {"what": what, "members": f"{_people(problem, change):g}"})
    return Words(words.zh, words.en)


def _group_bound(problem: Mapping[str, Any], change: Change) -> Words:
    group = problem["groups"][ids(problem, "groups")[change.group]]
    bound = LEAST if change.kind is Kind.GROUP_LEAST else MOST
    # 组 stands once, also after a name that ends in it.
    name = str(group.get("name", group["id"]))
    words = sentence("quotas.group_bound", {"group": name.removesuffix("组"), "bound": bound})
    return Words(words.zh, words.en)


def _of_other(problem: Mapping[str, Any], rule: str) -> Words:
    """The name of what a path leads to where no kind of change does: the least of a cell, bounds of a category."""
    side, _, rest = rule.partition("[")
    entry = problem[side][int(rest.partition("]")[0])]
    kind, unit, category = (
        (Kind.CELL, entry["unit"], entry["category"]) if side == "at_least" else (Kind.CATEGORY, None, entry["id"])
    )
    where = place(problem, Change(kind, unit, category, "", 0, locked=True))
    words = sentence("quotas.least_of_cell" if side == "at_least" else "quotas.bound_of_category")
    return Words(f"{where.zh} {words.zh}", f"{where.en}: {words.en}")


def _by_hand(problem: Mapping[str, Any], rules: Sequence[str], changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes among these rules, and those that leave to derived lines what they have to share."""
    places = {found.place for path in rules if (found := change_for(problem, path, 0, changes)) is not None}
    derived = {Kind.CATEGORY for path in rules if path.endswith(".share")}
    derived |= {Kind.UNIT for path in rules if path.endswith(".weight")}
    return tuple(one for one in changes if one.locked and (one.place in places or one.kind in derived))


def _ways(problem: Mapping[str, Any], found: Conflict, changes: Sequence[Change], from_workbook: bool) -> Iterable[Way]:
    """Where each rule is changed that neither a remedy nor a change by hand stands for; alike ones once."""
    mended = {path for one in found.relax for path in (one.rule, one.of)}
    by_hand = {change.place for change in changes}
    ways: dict[Words, Way] = {}
    for path in found.rules:
        change = change_for(problem, path, 0, changes)
        if path in mended or (change is not None and change.place in by_hand):
            continue
        way = _way(problem, path, change)
        if way is not None:
            moved = from_workbook and way.elsewhere is not Elsewhere.SETTINGS
            ways[way.what] = Way(way.what, Elsewhere.WORKBOOK) if moved else way
    return ways.values()


def _way(problem: Mapping[str, Any], path: str, change: Change | None) -> Way | None:
    if path == "total":
        total = sentence("quotas.total_seats")
        return Way(Words(f"{total.zh} {problem['total']}", f"{total.en}: {problem['total']}"), Elsewhere.SETTINGS)
    side, at, key = _PATH.fullmatch(path).groups()  # type: ignore[union-attr]
    if side == "groups" and change is not None:
        words, bound = _group_bound(problem, change), problem["groups"][int(at)][key]
        return Way(Words(f"{words.zh} {bound}", f"{words.en} {bound}"), Elsewhere.GROUP, change.group)
    if (side, key) not in _WRITTEN:
        return None
    what, where = _WRITTEN[side, key]
    return Way(what, Elsewhere[where])


def _plainly(problem: Mapping[str, Any], rules: Sequence[str]) -> Words | None:
    """Of totals that nobody wrote down: that they are derived, unless the contradiction itself says so."""
    derived = [path for path in rules if path.endswith((".share", ".weight"))]
    if not derived or _floors(problem, rules) is not None:
        return None
    words = sentence("quotas.derived_totals", {"names": _together(_line(problem, path) for path in derived)})
    return Words(words.zh, words.en)


def _together(names: Iterable[str]) -> Words:
    """The first of several names, and how many there are."""
    every = list(names)
    more = len(every) > NAMED_AT_MOST
    first = every[:NAMED_AT_MOST]
    zh, en = "、".join(first), ", ".join(first)
    return Words(f"{zh}等 {len(every)} 项", f"{en} and others ({len(every)})") if more else Words(zh, en)


def _line(problem: Mapping[str, Any], path: str) -> str:
    side, _, rest = path.partition("[")
    line = problem[side][int(rest.partition("]")[0])]
    return f"“{line.get('name', line['id'])}”"


def _floors(problem: Mapping[str, Any], rules: Sequence[str]) -> Words | None:
    """Where guide shares alone ask for more, or for less, than the given totals leave; None where that is not it."""
    if not all(path == "total" or path.startswith("categories[") for path in rules):
        return None
    given = [line for line in problem["categories"] if "seats" in line]
    shares = [Fraction(str(line["share"])) * problem["total"] for line in problem["categories"] if "share" in line]
    left = problem["total"] - sum(line["seats"] for line in given)
    least, most = sum(map(floor, shares)), sum(map(ceil, shares))
    if not given or least <= left <= most:
        return None
    code, floors = ("quotas.floors_above_total", least) if least > left else ("quotas.floors_below_total", most)
    names = _together(f"{line.get('name', line['id'])} {line['seats']}" for line in given)
    numbers = {"total": problem["total"], "given": problem["total"] - left, "left": left, "lines": len(shares)}
    words = sentence(code, numbers | {"floors": floors, "names": names})
    return Words(words.zh, words.en)
