"""The parts of a document as the template `plan` takes them: a section with its text and tables. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from election.documents.parts import Data
from election.quotas.plan.figures import Plan

NUMERALS = "一二三四五六七八九十"


def section(head: str, *text: str, tables: Sequence[Data] = ()) -> Data:
    """A section with its paragraphs and tables; empty paragraphs are left out."""
    return {"head": head, "text": [words for words in text if words], "tables": list(tables)}


def numbered(sections: Sequence[Data]) -> list[Data]:
    """At most ten sections under their numerals."""
    numerals = NUMERALS[: len(sections)]
    return [one | {"head": f"{numeral}、{one['head']}"} for numeral, one in zip(numerals, sections, strict=True)]


def named(plan: Plan, cell: tuple[int, int]) -> str:
    """How a cell, by position, is named: 青石关镇·农民."""
    return f"{plan.rows[cell[0]].name}·{plan.categories[cell[1]].name}"
