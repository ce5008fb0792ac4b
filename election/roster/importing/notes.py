"""What a check of a roster workbook mentions though nothing is wrong: rows that are no data, days of which only the month is
known. Pure; holds nothing back and changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from election.machine import Words
from election.texts import sentence

# What stands below an office's list: totals, who filled it in and who checked it.
FOOTER = re.compile(
    r"(?:(?:合计|总计|小计|共计).*|(?:填表|填报|制表|审核|复核|经办|负责|联系)(?:人|单位|日期|时间|电话)?(?:[:：].*)?|(?:备注|说明|注)(?:[:：].*)?)"
)
# Columns of which nothing is read; names beside a branch's number of which nobody knows whose they are.
COLUMNS_UNREAD, PLACE_UNKNOWN = "roster.note_columns_unread", "roster.note_place_unknown"
# Who joined longer ago than probation lasts and is still said to be a probationary member.
PROBATION_OVER = "roster.note_probation_over"
SKIPPED, MONTH_ONLY, JOINED_YOUNG = "roster.note_skipped", "roster.note_month_only", "roster.note_joined_young"
# A sheet or rows that whoever opens the workbook does not see are read all the same: a filter hides half a roster.
HIDDEN_SHEET, HIDDEN_ROWS = "roster.note_hidden_sheet", "roster.note_hidden_rows"
# So many rows of one kind are named; the others are counted.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Note:
    """One kind of remark (`code`) about these rows of a sheet; `said`: the words that it is about."""

    sheet: str
    code: str
    rows: tuple[int, ...]
    said: tuple[str, ...] = ()

    @property
    def words(self) -> Words:
        more = len(self.rows) > MOST_NAMED
        named = [str(row) for row in self.rows[:MOST_NAMED]]
        rows = Words(
            f"第 {'、'.join(named)} 行{'等' if more else ''}",
            f"{'rows' if len(named) > 1 else 'row'} {', '.join(named)}{' and more' if more else ''}",
        )
        words = "、".join(self.said[:MOST_NAMED]) + ("等" if len(self.said) > MOST_NAMED else "")
        said = sentence(self.code, {"sheet": self.sheet, "count": len(self.rows), "rows": rows, "words": words})
        return Words(said.zh, said.en)


def is_footer(text: str) -> bool:
    """Whether a row whose first filled cell says this is the end of a list and nobody on it."""
    return FOOTER.fullmatch(text.replace(" ", "")) is not None
