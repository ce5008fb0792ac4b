"""The allocation sheet as its template shows it: the table, the target bars, what does not add up. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from election.quotas.hand import Place
from election.quotas.models import ChangeKind
from election.quotas.queries import HandLine
from election.quotas.queries_sheet import Sheet, SheetCell, SheetRow, Target

# More lines than these are counted, not named, in the sentence above the table.
NAMED_AT_MOST = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen on the sheet: a cell, a unit's seats or a category's."""

    unit: str | None
    category: str | None

    @property
    def query(self) -> dict[str, str]:
        """What an address says of it."""
        if self.unit is not None and self.category is not None:
            return {"cell": f"{self.unit}.{self.category}"}
        return {"unit": self.unit} if self.unit is not None else {"category": self.category or ""}


def choice_of(arguments: Mapping[str, str], shown: Sheet) -> Choice | None:
    """What an address or a form chose, where the sheet has it; codes may hold a dot themselves."""
    units = {row.unit for row in shown.rows}
    categories = {target.code for target in shown.categories}
    if asked := arguments.get("cell"):
        pairs = ((asked[:at], asked[at + 1 :]) for at, letter in enumerate(asked) if letter == ".")
        return next((Choice(*pair) for pair in pairs if pair[0] in units and pair[1] in categories), None)
    unit, category = arguments.get("unit") or None, arguments.get("category") or None
    if unit is None and category is None:
        return None
    fits = (unit is None or unit in units) and (category is None or category in categories)
    return Choice(unit, category) if fits else None


@dataclass(frozen=True, slots=True)
class Table:
    """What all cells of one page share: its address, its language, what is chosen, where locks were put back."""

    page: str
    shown: Sheet
    chosen: Choice | None
    seats_word: str
    total_word: str
    freed: Collection[Place] = ()

    def context(self, margin: int) -> dict[str, Any]:
        shown = self.shown
        return {
            "categories": [
                {
                    "index": (place - 1) % 8 + 1,
                    "code": target.code,
                    "name": target.name,
                    "total": self._category(target),
                }
                for place, target in enumerate(shown.categories, 1)
            ],
            "overlays": [{"name": target.name, "seats": target.seats} for target in shown.overlays],
            "rows": [self._row(row) for row in shown.rows],
            "organisations": shown.organisations,
            "members": shown.members,
            "seats": shown.seats,
            "change": shown.since_previous,
            "candidates": shown.candidates,
            "whole": shown.wanted,
            "margin": margin,
        }

    def _row(self, row: SheetRow) -> dict[str, Any]:
        whole = self.shown.members
        return {
            "unit": row.unit,
            "name": row.name,
            "organisations": row.organisations,
            "members": row.members,
            "share": f"{100 * row.members / whole:.1f}%" if whole else "–",
            "total": self._line(
                row, row.name, f"{row.name} · {self.seats_word}", Choice(row.unit, None), ChangeKind.UNIT
            ),
            "change": row.since_previous,
            "cells": [
                self._cell(row, cell, target.name)
                for cell, target in zip(row.cells, self.shown.categories, strict=True)
            ],
            "overlays": row.overlays,
            "candidates": row.candidates,
            "note": _("系数 %(factor)s", factor=f"{float(Fraction(row.factor)):g}") if row.factor != "1" else "",
            "note_title": row.factor_reason,
        }

    def _category(self, target: Target) -> dict[str, Any]:
        title = f"{target.name} · {self.total_word}"
        return {"category": target.code} | self._line(
            target, target.name, title, Choice(None, target.code), ChangeKind.CATEGORY
        )

    def _line(self, line: SheetRow | Target, name: str, title: str, choice: Choice, kind: ChangeKind) -> dict[str, Any]:
        key, value = next(iter(choice.query.items()))
        return {
            "name": name,
            "title": title,
            "have": line.seats,
            "want": line.wanted,
            "off": line.seats != line.wanted,
            "room": f"{line.seats:,} / {line.wanted:,}",
            "mark": mark_of(line.by_hand, (kind, choice.unit, choice.category, "") in self.freed),
            "hand": line.by_hand,
            "href": f"{self.page}?{key}={value}",
            "chosen": choice == self.chosen,
        }

    def _cell(self, row: SheetRow, cell: SheetCell, category: str) -> dict[str, Any]:
        chosen = self.chosen
        return {
            "category": cell.category,
            "title": f"{row.name} · {category}",
            "seats": cell.seats,
            "assigned": cell.assigned,
            "open": cell.weight != "0",
            "too_many": cell.too_many,
            "mark": mark_of(cell.by_hand, (ChangeKind.CELL, row.unit, cell.category, "") in self.freed),
            "hand": cell.by_hand,
            "href": f"{self.page}?cell={row.unit}.{cell.category}",
            "chosen": chosen is not None and chosen.unit == row.unit and chosen.category == cell.category,
        }


def mark_of(by_hand: HandLine | None, freed: bool) -> str | None:
    """`freed`: a lock was put back there, and the number is still the one that was computed with it."""
    if by_hand is None:
        return "freed" if freed else None
    return "locked" if by_hand.locked else "hand"


def balance(shown: Sheet, open_changes: int, waiting: int, freed: Sequence[str]) -> dict[str, Any]:
    """Whether the table adds up, in one sentence; the same words for the script, which says it anew as one types.

    `waiting` changes are still to be computed with, at `freed` a lock was put back; `open_changes` says whether anything is.
    """
    words = {
        "equal": _("合计 {total} 席，与总额一致"),
        "over": _("合计 {have} 席，比总额 {total} 多 {n} 席"),
        "under": _("合计 {have} 席，比总额 {total} 少 {n} 席"),
        "more": _("{name}多 {n} 席"),
        "less": _("{name}少 {n} 席"),
        "several": _("{first}等 {n} 处不符"),
        "join": _("、"),
        "stop": _("；"),
        "advice": _("调整其他格，或锁定后重新计算。"),
        "dropped": _("“{title}”的改动没有保存，已还原。"),
        "freed": _freed_words(freed),
    }
    quiet = _("合计 %(total)s 席，各单位、各类别相加都与总额一致。", total=f"{shown.wanted:,}")
    if open_changes:
        parts = [words["freed"], _("%(n)s 处调整还没有锁定并重新计算", n=waiting) if waiting else ""]
        open_ = words["stop"].join(filter(None, parts)) or _("人工调整尚未重新计算")
        quiet = _("相加一致；%(open)s，重新计算后才能送审。", open=open_)
    text = quiet if shown.adds_up else words["stop"].join(filter(None, _unbalanced(shown, words)))
    return {
        "text": text,
        "quiet": quiet,
        "bad": bool(open_changes) or not shown.adds_up,
        "waits": open_changes,
        "words": json.dumps(words, ensure_ascii=False),
    }


def _freed_words(freed: Sequence[str]) -> str:
    if not freed:
        return ""
    names = _("、").join(freed[:NAMED_AT_MOST])
    if len(freed) > NAMED_AT_MOST:
        names = _("%(names)s等 %(n)s 处", names=names, n=len(freed))
    return str(_("%(names)s 的锁定已取消，尚未重新计算", names=names))


def _unbalanced(shown: Sheet, words: Mapping[str, str]) -> Iterator[str]:
    if words["freed"]:
        yield words["freed"]
    gap = shown.seats - shown.wanted
    key = "equal" if not gap else "over" if gap > 0 else "under"
    yield words[key].format(have=shown.seats, total=shown.wanted, n=abs(gap))
    lines: list[SheetRow | Target] = [*shown.rows, *shown.categories]
    named = [
        words["more" if line.seats > line.wanted else "less"].format(name=line.name, n=abs(line.seats - line.wanted))
        for line in lines
        if line.seats != line.wanted
    ]
    if len(named) > NAMED_AT_MOST:
        yield words["several"].format(first=words["join"].join(named[: NAMED_AT_MOST - 1]), n=len(named))
    else:
        yield words["join"].join(named)
    yield words["advice"]


def bar(target: Target) -> dict[str, Any]:
    """A category or overlay against its guide share, in percent."""
    now, wanted = float(target.percent), float(target.share * 100)
    gap = round(now - wanted, 1)
    return {
        "name": target.name,
        "current": now,
        "target": wanted,
        "max": max(60.0, now, wanted) if wanted <= 60 else 100.0,
        "value": f"{target.seats:,}",
        "now": f"{now:.1f}%",
        "aim": f"{wanted:g}%",
        "gap": "0" if not gap else f"{'+' if gap > 0 else '−'}{abs(gap):.1f}",
        "note": f"{now:.1f}% / {wanted:g}%",
    }
