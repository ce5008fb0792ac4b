"""计票单: the blank form of a counting group for one vote, its fields in the very order of the screen; and the 计票底稿, on
which its votes are marked by strokes of 正 as they are called. Pure.

The number in the form's corner is what a teller types first. Nothing of a ballot or a voter stands on either, only sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from election.contests.models import ContestKind, RoundKind
from election.contests.outcome import WriteInRule
from election.documents.parts import Data, Style, form, heading, label, note, sheet, signatures, table, value
from election.meeting.papers_ballots import later

TITLE, TALLY = "计票单", "计票底稿"
# A contest with more lines goes on over the page.
MOST_ON_A_PAGE = 10
# Characters of a name that has room beside another.
SHORT = 14
# Millimetres of a name's room on the tally sheet, at least and at most; of one line of strokes in it, with so many votes;
# of all names on the first page.
LEAST_DEEP, MOST_DEEP, LINE, VOTES_IN_A_LINE, PAGE_DEEP = 11, 34, 6, 70, 110
# Millimetres for all rows of a tally sheet's first page and of each further one; what the band of a later vote and what is
# said and signed at the end take of them; and a written-in name's room where it saves a sheet.
FIRST_DEEP, NEXT_DEEP, BAND_DEEP, FOOT_DEEP, OTHER_DEEP = 138, 155, 14, 17, 9
BALLOTS = ("发出", "收回", "有效", "无效")


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
    """`number`: as typed at the teller's desk. `one_sheet`: 发出 and 收回 are of the sheet that carries all sections, once.
    `votes`: of how many ballots the group may have to mark the votes.
    """

    congress: str
    unit: str
    venue: str
    group: int
    number: str
    vote: int
    sections: Sequence[FormSection]
    one_sheet: bool = False
    votes: int = 0

    @property
    def running(self) -> str:
        return "　".join(filter(None, (TITLE, self.unit, later(self.vote))))


def form_sheet(blank: BlankForm) -> Data:
    """会议人数 once (and 发出 收回 of one sheet), then each contest: its ballots, the candidates, who was written in, the sum of
    each column.
    """
    blocks: list[Data] = [
        form(
            (None, 1, None, 1),
            [
                *_where(blank),
                [label("计 票 组"), value(f"第{blank.group}组"), label("投　　票"), value(f"第{blank.vote}次")],
                [label("应 到 会"), value(""), label("实 到 会"), value("")],
                *([[label("发出选票"), value(""), label("收回选票"), value("")]] if blank.one_sheet else []),
            ],
        )
    ]
    twice = _twice([section.category for section in blank.sections])
    for section in blank.sections:
        blocks += _section(section, section.category in twice, BALLOTS[2:] if blank.one_sheet else BALLOTS)
    return sheet(
        [blank.congress, TITLE],
        *blocks,
        note(
            "有效 ＋ 无效 ＝ 收回；每名候选人的赞成 ＋ 不赞成 ＋ 弃权 ＝ 有效。空格不等于零：没有票的格填0。"
            + ("另选他人不够填写的，另附一页。" if any(map(_written_in, blank.sections)) else "")
            + "只记总数，不记单张选票。"
        ),
        signatures("计票人", "计票人", "监票人"),
        style=Style.FORM,
        note="照票填写；两名计票人依照本单各录入一次，监票人对照本单确认。",
        running=blank.running,
        number=blank.number,
        band=later(blank.vote),
        loose=True,
    )


def _where(blank: BlankForm) -> list[list[Data]]:
    """Side by side where both are short: a line saved is a contest more on the page."""
    unit, venue = label("选举单位"), label("会　　场")
    if max(len(blank.unit), len(blank.venue)) <= SHORT:
        return [[unit, value(blank.unit), venue, value(blank.venue)]]
    return [[unit, value(blank.unit, span=3)], [venue, value(blank.venue, span=3)]]


def _written_in(section: FormSection) -> bool:
    return section.write_in is not WriteInRule.OFF


def _twice(names: Sequence[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _named(section: FormSection, twice: bool) -> str:
    again = "" if section.round_kind is RoundKind.ORDINARY else f"·{section.round_kind.zh}"
    kind = f"（{section.kind.zh}{again}）" if twice else f"（{again[1:]}）" if again else ""
    return f"{section.category}代表{kind}"


def _section(section: FormSection, twice: bool, asked: Sequence[str]) -> list[Data]:
    named = _named(section, twice)
    rows = [(str(place), name, "", "", "", "") for place, name in enumerate(section.candidates, 1)]
    if _written_in(section):
        # As on the screen: a name, and the votes for it alone.
        rows += [("另选", "", "", "－", "－", "－")] * section.seats
    rows.append(("", "小计", "", "", "", "－"))
    whole = len(rows) <= MOST_ON_A_PAGE
    return [
        heading(
            named,
            f"应选{section.seats}名，候选人{len(section.candidates)}名，{section.kind.zh}",
            level=2,
        ),
        form(
            (None, 1) * len(asked),
            [[part for one in asked for part in (label(one), value(""))]],
            stays=True,
        ),
        table(
            # A table that goes on over the page says whose it is there too.
            ("序", "姓名" if whole else f"姓名　{named}", "赞成", "不赞成", "弃权", "合计＝有效"),
            "cncccc",
            (None, 1.6 if whole else 2.1, 1, 1, 1, 1),
            rows,
            total=True,
            tall=True,
            whole=whole,
        ),
    ]


def _rooms(standing: int, others: int, deep: int, first: int) -> list[int]:
    """Each row's room. A last sheet that had only rows for other names is saved, where a little less room for each does it."""
    rooms = [deep] * standing + [LEAST_DEEP] * others
    sheets = _dealt(rooms, first)
    if len(sheets) > 1 and sheets[-1] <= others:
        for room in range(deep, max(LEAST_DEEP, deep * 3 // 4) - 1, -1):
            for other in (LEAST_DEEP, OTHER_DEEP):
                closer = [room] * standing + [other] * others
                if len(_dealt(closer, first)) < len(sheets):
                    return closer
    return rooms


def _dealt(rooms: Sequence[int], first: int) -> list[int]:
    """How many rows stand on each sheet; the last two and what is signed below them stay together."""
    whole = [*rooms[:-2], sum(rooms[-2:]) + FOOT_DEEP]
    dealt, left = [0], first
    for at, room in enumerate(whole):
        if room > left and dealt[-1]:
            dealt.append(0)
            left = NEXT_DEEP
        dealt[-1] += len(rooms[-2:]) if at == len(whole) - 1 else 1
        left -= room
    return dealt


def tally_sheets(blank: BlankForm) -> list[Data]:
    """A sheet of each contest to mark the votes on as they are called, with room for all of them beside every candidate."""
    twice = _twice([section.category for section in blank.sections])
    return [_tally(blank, section, _named(section, section.category in twice)) for section in blank.sections]


def _tally(blank: BlankForm, section: FormSection, named: str) -> Data:
    rows = [(str(place), name, "", "", "", "", "", "") for place, name in enumerate(section.candidates, 1)]
    others = section.seats if _written_in(section) else 0
    fitting = (PAGE_DEEP - others * LEAST_DEEP) // max(1, len(rows))
    deep = min(MOST_DEEP, max(LEAST_DEEP, -(-blank.votes // VOTES_IN_A_LINE) * LINE, fitting))
    rooms = _rooms(len(rows), others, deep, FIRST_DEEP - (BAND_DEEP if later(blank.vote) else 0))
    rows += [("另选", "", "", "", "－", "－", "－", "－")] * others
    return sheet(
        [f"{TALLY}　{named}"],
        table(
            ("序", "姓名", "赞成（画“正”字）", "计", "不赞成", "计", "弃权", "计"),
            "cncccccc",
            (None, 1.6, 4.4, 0.7, 2.6, 0.7, 1.8, 0.7),
            rows,
            deep=rooms,
        ),
        note(
            "每唱一票画一笔，一个“正”字五票；无效票不画。写不下的，另附一页。唱完后点数填入“计”，抄到计票单；底稿随选票封存，不录入。"
        ),
        signatures("唱票人", "计票人", "监票人"),
        style=Style.LYING,
        note=f"{blank.congress}　选举单位：{blank.unit}　会场：{blank.venue}　第{blank.group}组　计票单编号：{blank.number}",
        running="　".join(filter(None, (TALLY, blank.unit, named, f"计票单{blank.number}", later(blank.vote)))),
        band=later(blank.vote),
        loose=True,
    )
