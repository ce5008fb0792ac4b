"""Which facts of members were corrected by hand, from what to what, and whether a workbook would put one back. Pure.

An old export still says what was wrong. Only what it puts back exactly is told: anything else may well be news.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from election.roster.edits import LastEdit


@dataclass(frozen=True, slots=True)
class Correction:
    """One act at a member's page: what it changed, as the audit chain keeps it."""

    member_id: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    edit: LastEdit


class Corrections:
    """The corrections of a congress in their order."""

    def __init__(self, made: Iterable[Correction] = ()) -> None:
        self._replaced: dict[tuple[int, str], set[str]] = {}
        self._last: dict[tuple[int, str], tuple[str, LastEdit]] = {}
        for one in made:
            for fact, after in one.after.items():
                place = (one.member_id, fact)
                self._replaced.setdefault(place, set()).add(_plain(fact, one.before.get(fact)))
                self._last[place] = (_plain(fact, after), one.edit)

    def undone_by(self, member_id: int, fact: str, stored: object, said: object) -> LastEdit | None:
        """Whose correction a workbook would put back that says `said` where `stored` stands; None for none."""
        place = (member_id, fact)
        now, edit = self._last.get(place, ("", None))
        if edit is None or now != _plain("", stored) or _plain("", said) not in self._replaced[place]:
            return None
        return edit


def _plain(fact: str, value: object) -> str:
    """A fact as text; of a branch, which the chain keeps as “name（code）”, its code."""
    text = value.isoformat() if isinstance(value, date) else str(value or "")
    return text.rpartition("（")[2].removesuffix("）") if fact == "branch" else text
