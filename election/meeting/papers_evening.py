"""The meeting's own papers: its agenda (议程), the sheet on which electors sign in (签到表), and each venue's record of the
ballots it got and gave out (选票发放登记表). Pure.

The record is filled in by hand in the hall; what the system knows already stands in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from election.documents.parts import Data, Style, form, heading, label, note, sheet, signatures, table, value
from election.meeting.papers_ballots import later

AGENDA, SIGN_IN, ISSUED = "代表选举大会议程", "选举大会签到表", "选票发放登记表"
# Electors sign beside one another, to save paper: place, name, room to sign.
ABREAST = 2
# A branch of more lines goes on over the page.
MOST_ON_A_PAGE = 12
# Whom a mobile box will find is not known: so many empty lines.
EMPTY_LINES = 10


@dataclass(frozen=True, slots=True)
class Evening:
    """The meeting in words. `when`, `where`: empty while unknown; `venue`: empty where there is only one."""

    congress: str
    unit: str
    when: str
    where: str
    expected: int

    def running(self, title: str) -> str:
        return f"{self.congress}　{title}　{self.unit}"

    @property
    def told(self) -> str:
        return "　".join(filter(None, (f"选举单位：{self.unit}", self.when and f"时间：{self.when}", self.where)))


@dataclass(frozen=True, slots=True)
class AgendaContest:
    """What the meeting votes on. `speeches`: the names in the order drawn by lot; empty where none was drawn."""

    name: str
    seats: int
    candidates: int
    speeches: Sequence[str]


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch and its electors, by strokes."""

    name: str
    electors: Sequence[str]


@dataclass(frozen=True, slots=True)
class Issued:
    """A ballot's line in a venue's record; what is not known is filled in by hand. `remark`: why it was declared void."""

    name: str
    issued: int | None
    returned: int | None
    remark: str = ""


def agenda_sheet(
    evening: Evening,
    contests: Sequence[AgendaContest],
    *,
    excluded: Sequence[tuple[str, str, str]],
    quorum: str,
    needed: int,
    scrutineers: Sequence[str],
    tellers: Sequence[str],
) -> Data:
    """What the chair does, in order. `excluded`: name, branch and reason of each, to be read out."""
    drawn = any(one.speeches for one in contests)
    steps = [
        "报告不计入应到会人数的党员名单和理由，提请到会党员同意"
        + (f"（{len(excluded)}人，名单附后）。" if excluded else "（没有的略过）。"),
        f"清点到会人数，宣布应到会{evening.expected}人、实到会____人。实到会{quorum}（至少{needed}人），可以开会选举。",
        "全体起立，奏唱《国歌》。",
        "讨论通过选举办法（举手表决）。",
        f"讨论通过监票人名单（举手表决）{_named(scrutineers)}；宣布计票人名单{_named(tellers)}。",
        "介绍候选人产生的情况和候选人的简要情况。",
        "候选人按抽签的次序演讲（次序附后）。" if drawn else "候选人演讲（需要时，次序当场抽签决定）。",
        "监票人检查票箱；按会场清点、发放选票，登记发出的张数；说明填写选票的注意事项。",
        "填写选票，投票。监票人、计票人先投，其他到会党员依次投票。",
        "清点收回的选票。收回的选票等于或者少于发出的选票，选举有效；多于发出的选票，选举无效，应当重新选举。",
        "唱票、计票。每份计票单由两名计票人各录入一次，监票人核对后确认。",
        "监票人报告计票结果，宣布当选人名单。",
        "当选线上得票相等的，再次投票；当选人少于应选名额的，另行选举，或者经半数以上选举人同意缺额。",
        "全体起立，奏唱《国际歌》。散会。",
    ]
    return sheet(
        [evening.congress, AGENDA],
        table(("次序", "议程"), "cl", (None, 1), [(str(place), step) for place, step in enumerate(steps, 1)]),
        heading("选举的名额和候选人", level=2),
        table(
            ("类别", "应选", "候选人"),
            "lcc",
            (3, 1, 1),
            [(one.name, str(one.seats), str(one.candidates)) for one in contests],
        ),
        *(
            [
                heading("演讲次序", "各类别按抽签的次序", level=2),
                table(
                    ("类别", "次序"),
                    "ll",
                    (1, 3),
                    [
                        (one.name, "，".join(f"{at}．{name}" for at, name in enumerate(one.speeches, 1)))
                        for one in contests
                        if one.speeches
                    ],
                ),
            ]
            if drawn
            else []
        ),
        *(
            [
                heading("不计算在应到会人数的党员", "向大会报告，征得到会党员同意", level=2),
                table(("序号", "姓名", "所在党支部", "理由"), "cnll", (None, 1, 1.6, 2), _numbered(excluded)),
            ]
            if excluded
            else []
        ),
        style=Style.FORM,
        note=evening.told,
        running=evening.running(AGENDA),
    )


def _numbered(excluded: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str, str]]:
    return [(str(place), *one) for place, one in enumerate(excluded, 1)]


def _named(names: Sequence[str]) -> str:
    return f"（{'、'.join(names)}）" if names else ""


def empty_sign_in_sheet(evening: Evening, venue: str) -> Data:
    """A few lines to be filled in by hand, for a box that goes from one to another."""
    rows = [(str(place), "", "", "") for place in range(1, EMPTY_LINES + 1)]
    lines = table(("序号", "姓名", "所在党支部", "签到"), "cncl", (None, 1, 1.6, 1.2), rows, tall=True)
    return _signed_in(evening, venue, [lines])


def sign_in_sheet(evening: Evening, venue: str, branches: Sequence[Branch]) -> Data:
    """Everyone who is expected, by branch. It says that somebody came, never whether or how they voted."""
    blocks: list[Data] = []
    place = 0
    for branch in branches:
        cells = []
        for name in branch.electors:
            place += 1
            cells.append((str(place), name, ""))
        lines = -(-len(cells) // ABREAST)
        cells += [("", "", "")] * (lines * ABREAST - len(cells))
        # Down the first column, then down the next.
        rows = [[part for column in range(ABREAST) for part in cells[column * lines + line]] for line in range(lines)]
        blocks.append(heading(branch.name, f"{len(branch.electors)}人", level=2))
        whole = lines <= MOST_ON_A_PAGE
        widths = (None, 1, 1.6) * ABREAST
        blocks.append(table(("序号", "姓名", "签到") * ABREAST, "cnc" * ABREAST, widths, rows, tall=True, whole=whole))
    return _signed_in(evening, venue, blocks)


def _signed_in(evening: Evening, venue: str, blocks: Sequence[Data]) -> Data:
    return sheet(
        [evening.congress, SIGN_IN],
        *blocks,
        note("本表只记到会，不记投票。每人只在一个会场签到一次；不得代签，不得代为投票。"),
        form((None, 1, None, 1), [[label("应 到 会"), value(str(evening.expected)), label("本表签到"), value("")]]),
        signatures("签到负责人", "监票人"),
        style=Style.FORM,
        note="　".join(filter(None, (evening.told, venue and f"会场：{venue}"))),
        running="　".join(filter(None, (evening.running(SIGN_IN), venue))),
        loose=True,
    )


def issue_sheet(
    evening: Evening, venue: str, vote: int, present: int | None, lines: Sequence[Issued], scrutineers: Sequence[str]
) -> Data:
    """A venue's record of one vote: of every ballot that was handed out, also those whose contest was declared void, since it
    is their figures that made it so. 剩余 = 印制 − 发出 − 印坏; the leftovers are sealed, never used.
    """
    rows = [(one.name, "", _known(one.issued), "", "", _known(one.returned), one.remark) for one in lines]
    return sheet(
        [evening.congress, ISSUED],
        form(
            (None, 1, None, 1),
            [
                [label("会　　场"), value(venue), label("投　　票"), value(f"第{vote}次")],
                [label("应 到 会"), value(str(evening.expected)), label("本会场实到"), value(_known(present))],
            ],
        ),
        table(
            ("选票", "领到", "发出", "剩余未发", "印坏、写坏", "收回", "备注"),
            "lcccccl",
            (2, 1.1, 0.9, 0.9, 1.2, 0.9, 1.3),
            rows,
            tall=True,
        ),
        note(
            "领到（印制清点的张数）＝ 发出 ＋ 剩余未发 ＋ 印坏、写坏。发出的不得多于本会场实到人数；收回多于发出的（按全单位合计），"
            "由监票人宣布该项选举无效，重新选举。",
            "写坏要求换发的，先收回写坏的一张，当场划去封存；剩余和作废的选票由监票人封存，不得带出会场。",
        ),
        signatures(*(f"监票人 {name}" for name in scrutineers or ("", "")), "发票人"),
        style=Style.FORM,
        note=evening.told,
        running=f"{evening.running(ISSUED)}　{venue}",
        band=later(vote),
        loose=True,
    )


def _known(number: int | None) -> str:
    return "" if number is None else str(number)
