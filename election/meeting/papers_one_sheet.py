"""One ballot sheet for all contests of a vote (rule `ballot_sheets`): a section for each, in the colour of its category. Pure.

A section is marked and counted by itself: one with more marks than seats is void, the others stand. Nothing on a sheet tells
it from its neighbour, as on the ballots of `papers_ballots.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from election.contests.models import RoundKind
from election.documents.parts import Data, Style, note, sheet, signatures, table, text
from election.meeting.papers_ballots import (
    ORDER,
    Ballot,
    MarkRule,
    Voters,
    ballot_data,
    later,
    signs_said,
    tie_said,
    unsigned_said,
    writing_in_said,
)

SHEET_NAME: Final = "选票（各类别合印一张）"
# The paper of a sheet, its columns of names, and the rows for which there is room; a section takes two more with its heading.
PAPERS: Final = (("A4", 3, 28), ("A3", 4, 38))
HEADING_ROWS: Final = 2


@dataclass(frozen=True, slots=True)
class OneSheet:
    """The sheet of a vote: its contests in the order of the count form."""

    sections: Sequence[Ballot]

    @property
    def layout(self) -> tuple[str, int]:
        """Paper and columns of names: the smaller one on which all sections have room."""
        for paper, columns, rows in PAPERS:
            if sum(HEADING_ROWS + -(-_cells(one) // columns) for one in self.sections) <= rows:
                return paper, columns
        return PAPERS[-1][:2]


def _cells(section: Ballot) -> int:
    return len(section.candidates) + section.write_in_lines


def how_to_mark_sheet(one: OneSheet, marks: MarkRule) -> list[str]:
    """The explanation on the sheet, by the rules in force."""
    others = "（含另选他人）" if any(each.write_in_lines for each in one.sections) else ""
    tied = [each for each in one.sections if each.round_kind is RoundKind.TIE_BALLOT]
    return [
        f"本选票共{len(one.sections)}栏，每栏是一项选举，分栏填写、分栏计票。每栏赞成的人数{others}等于或者少于该栏应选名额的，"
        "该栏有效；多于应选名额的，只有该栏无效，其他各栏仍然有效。",
        *([_of(tied, one) + tie_said()] if tied else []),
        signs_said(marks),
        *_writing_in(one, marks),
        unsigned_said(),
    ]


def _of(sections: Sequence[Ballot], one: OneSheet) -> str:
    """Which sections a sentence is about; nothing where it is about all."""
    return "" if len(sections) == len(one.sections) else "、".join(each.name for each in sections) + "："


def _writing_in(one: OneSheet, marks: MarkRule) -> list[str]:
    told: dict[str, list[Ballot]] = {}
    for each in one.sections:
        told.setdefault(writing_in_said(each, marks), []).append(each)
    return [_of(sections, one) + words for words, sections in told.items()]


def one_sheet_data(congress: str, unit: str, vote: int, one: OneSheet, marks: MarkRule) -> Data:
    """The sheet as the template sets it."""
    paper, columns = one.layout
    return {
        "heading": congress,
        "title": "代表选举选票",
        "band": later(vote),
        "unit": unit,
        "paper": paper,
        "columns": columns,
        "how": how_to_mark_sheet(one, marks),
        "sections": [
            {**ballot_data(congress, unit, vote, each, marks), "again": _again(each)} for each in one.sections
        ],
    }


def _again(section: Ballot) -> str:
    return "" if section.round_kind is RoundKind.ORDINARY else section.round_kind.zh


def order_of_one_sheet(congress: str, unit: str, vote: int, one: OneSheet, voters: Voters, copies: int) -> Data:
    """What is to be printed and how often, to be signed by who prints and who counts the printed."""
    rows = [(each.name, _again(each), str(each.seats), str(len(each.candidates))) for each in one.sections]
    return sheet(
        [congress, ORDER],
        text(
            f"{voters.said}{voters.number}人。各类别合印一张选票，共{len(one.sections)}栏，每张选票印一张{one.layout[0]}纸，"
            f"印制{copies}张，其中备用{max(copies - voters.number, 0)}张。用白纸彩色印刷；选票上没有编号，也不得另加编号、记号。"
        ),
        table(("选票各栏", "轮次", "应选", "候选人"), "lccc", (2, 1.2, 0.8, 0.8), rows),
        note("印好后逐一清点，与本单核对；印坏的选票当场作废，计入选票发放登记表。备用选票由监票人保管。"),
        signatures("印制人", "清点人", "监票人"),
        style=Style.FORM,
        note=f"选举单位：{unit}",
        running=f"{congress}　{ORDER}　{unit}",
        band=later(vote),
    )
