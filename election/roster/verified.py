"""What a unit's clerk confirmed of each member, held against the roster of now: who came, who left, what of whom changed.

Pure: never reads the roster and never says whether a verification still stands (its hash says that).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from election.machine import Worded, Words
from election.roster.edits import Difference
from election.roster.electors import voting_right
from election.roster.models import Standing, Suspension

# Of each member, in the order in which a verification is hashed: name, branch, standing, suspension, primary category.
Confirmed = Sequence[str | None]


class Move(Worded):
    CAME = "came", "新增", "came"
    LEFT = "left", "减少", "left"
    CHANGED = "changed", "更正", "changed"


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What became of a member since: `differences` only of who stands on both. `branch`: of now, or the last one."""

    member_id: int
    name: str
    branch: str
    move: Move
    differences: tuple[Difference, ...] = ()


def content_of(rows: Iterable[tuple[int, Confirmed]], branches: Mapping[str, str]) -> dict[str, Any]:
    """What a verification keeps: the facts by member, and the names of their branches by code."""
    return {"members": {str(member): list(facts) for member, facts in rows}, "branches": dict(branches)}


def roster_changes(
    before: Mapping[str, Any], now: Mapping[str, Any], categories: Mapping[str, str]
) -> list[RosterChange]:
    """Both as `content_of` gives them; `categories`: code → name. By branch, who left first, and there by member."""
    was, stands = before["members"], now["members"]
    branches = {**before["branches"], **now["branches"]}
    found: list[tuple[tuple[str, int, int], RosterChange]] = []
    for member in {**was, **stands}:
        old, new = was.get(member), stands.get(member)
        if old == new:
            continue
        facts = new or old
        move = Move.CHANGED if old and new else Move.CAME if new else Move.LEFT
        differences = _differences(old, new, branches, categories) if old and new else ()
        change = RosterChange(int(member), facts[0], branches.get(facts[1], facts[1]), move, differences)
        found.append(((facts[1], move is not Move.LEFT, int(member)), change))
    return [change for _place, change in sorted(found, key=lambda one: one[0])]


def _differences(
    old: Confirmed, new: Confirmed, branches: Mapping[str, str], categories: Mapping[str, str]
) -> tuple[Difference, ...]:
    def told(facts: Confirmed) -> tuple[tuple[Words, str], ...]:
        name, branch, standing, suspension, category = (one or "" for one in facts)
        right = voting_right(Standing(standing), Suspension(suspension) if suspension else None)
        return (
            (Words("姓名", "name"), name),
            # Dozens of branches bear one name.
            (Words("党支部", "branch"), f"{branches.get(branch, branch)}（{branch}）"),
            (Words("选举权", "voting right"), right.ground.zh),
            (Words("主要类别", "primary category"), categories.get(category, category)),
        )

    return tuple(
        Difference(field, was, now)
        for (field, was), (_field, now) in zip(told(old), told(new), strict=True)
        if was != now
    )
