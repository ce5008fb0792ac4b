"""Nomination workbooks as offices fill them in, for tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from election.nomination.workbook.reading import APPLICATIONS, BALLOTS, COLUMNS
from tests.support.county import County
from tests.support.nominating import members_of

DAY = "2031-03-03"


def book(people: Sequence[Sequence[Any]] = (), ballots: Sequence[Sequence[Any]] = (), *, title: bool = False) -> bytes:
    made = Workbook()
    assert made.active is not None
    made.remove(made.active)
    for name, rows in ((APPLICATIONS, people), (BALLOTS, ballots)):
        page = made.create_sheet(name)
        if title:
            page.append(["某镇汇总表"])
        page.append(list(COLUMNS[name]))
        for row in rows:
            page.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def names(county: County, branch: str, category: str) -> list[str]:
    return [county.person_of(one).name for one in members_of(county, branch, category)]


def whole(county: County) -> bytes:
    """Two farmers of a branch stand and are voted on, one of them passes; a leader stands, nominated by the committee."""
    first, second = names(county, "u1-b1", "farmer")[:2]
    leader = names(county, "u1-b1", "leader")[0]
    return book(
        [
            ["u1-b1", first, "", "农民", "个人自荐", "", "", "1990年起务农\n村民代表", "愿为大家办事"],
            ["u1-b1", second, "", "", "", "", "", "", ""],
            ["u1-b1", leader, "", "领导干部", "组织推荐", "第1镇党委", "", "", ""],
        ],
        [
            ["u1-b1", "农民", DAY, 12, 12, 12, 12, 12, 0, first, 9, 3, 0],
            ["", "", "", "", "", "", "", "", "", second, "６", 6, 0],
            ["u1-b1", "leader", DAY, 12, 11, 11, 11, 11, 0, leader, 8, 3, 0],
        ],
        title=True,
    )
