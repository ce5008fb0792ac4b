"""计票单: the blank form of a counting group for one vote, its fields in the very order of the screen. Pure.

The number in its corner is what a teller types first. Nothing of a ballot or a voter stands on it, only sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from election.contests.models import ContestKind, RoundKind
from election.contests.outcome import WriteInRule
from election.documents.parts import Data, Style, form, heading, label, note, sheet, signatures, table, value

TITLE = "计票单"
# A contest with more names goes on over the page.
MOST_ON_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class FormSection:
    """A contest on the form: its candidates' names in the order of the ballot."""

    category: str
    kind: ContestKind
    round_kind: RoundKind
    seats: int
    candidates: Sequence[str]
    write_in: WriteInRule


@dataclass(frozen=True, slots=True)
class BlankForm:
    """`number`: as typed at the teller's desk. `version`: above 1 for a form reopened after its confirmation."""

    congress: str
    unit: str
    venue: str
    group: int
    number: str
    vote: int
    sections: Sequence[FormSection]


def form_sheet(blank: BlankForm) -> Data:
    """会议人数 once, then each contest: 发出 收回 有效 无效, the candidates, who was written in, the sum of each column."""
    blocks: list[Data] = [
        form(
            (None, 1, None, 1),
            [
                [label("选举单位"), value(blank.unit), label("会　　场"), value(blank.venue)],
                [label("计 票 组"), value(f"第{blank.group}组"), label("投　　票"), value(f"第{blank.vote}次")],
                [label("应 到 会"), value(""), label("实 到 会"), value("")],
            ],
        )
    ]
    twice = _twice([section.category for section in blank.sections])
    for section in blank.sections:
        blocks += _section(section, section.category in twice)
    return sheet(
        [blank.congress, TITLE],
        *blocks,
        note(
            "有效 ＋ 无效 ＝ 收回；每名候选人的赞成 ＋ 不赞成 ＋ 弃权 ＝ 有效。空格不等于零：没有票的格填0。"
            "另选他人不够填写的，另附一页。只记总数，不记单张选票。"
        ),
        signatures("计票人", "计票人", "监票人"),
        style=Style.FORM,
        note="照票填写；两名计票人依照本单各录入一次，监票人对照本单确认。",
        running=f"{blank.congress}　{TITLE}　{blank.unit}",
        number=blank.number,
    )


def _twice(names: Sequence[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _section(section: FormSection, twice: bool) -> list[Data]:
    again = "" if section.round_kind is RoundKind.ORDINARY else f"·{section.round_kind.zh}"
    kind = f"（{section.kind.zh}{again}）" if twice else f"（{again[1:]}）" if again else ""
    rows = [(str(place), name, "", "", "", "") for place, name in enumerate(section.candidates, 1)]
    if section.write_in is not WriteInRule.OFF:
        # As on the screen: a name, and the votes for it alone.
        rows += [("另选", "", "", "－", "－", "－")] * section.seats
    rows.append(("", "小计", "", "", "", "－"))
    return [
        heading(
            f"{section.category}代表{kind}",
            f"应选{section.seats}名，候选人{len(section.candidates)}名，{section.kind.zh}",
            level=2,
        ),
        table(
            ("发出", "收回", "有效", "无效"),
            "cccc",
            (1, 1, 1, 1),
            [("", "", "", "")],
            tall=True,
            whole=True,
            stays=True,
        ),
        table(
            ("序", "姓名", "赞成", "不赞成", "弃权", "合计＝有效"),
            "cncccc",
            (None, 1.6, 1, 1, 1, 1),
            rows,
            total=True,
            tall=True,
            whole=len(rows) <= MOST_ON_A_PAGE,
        ),
    ]
