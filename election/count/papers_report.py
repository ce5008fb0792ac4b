"""监票报告单: what the count of a unit's meeting came to, vote by vote and contest by contest, for the scrutineers to sign. Pure.

Says what was computed and confirmed, and computes nothing but sums that are already the record's. By votes, as on every
counting sheet (edge case 18). `Report.facts` is what its fingerprint is of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from election.contests.models import ContestKind, RoundKind
from election.contests.outcome import MajorityBase, OutcomeStatus, TieRule
from election.count.models import Result
from election.documents.parts import (
    Data,
    Style,
    fingerprint,
    form,
    heading,
    label,
    note,
    sheet,
    signatures,
    table,
    text,
    value,
)
from election.meeting.models_evening import SpoiledKind
from election.rules import BY_NAME
from election.texts import chinese_date

TITLE = "监票报告单"
# Tables that are longer go on over the page.
MOST_ON_A_PAGE = 20
# Forms side by side.
ABREAST = 4
RULES = ("quorum_meeting", "majority_base", "tie_at_cut", "write_in")


@dataclass(frozen=True, slots=True)
class Marked:
    """A name's votes. `key` tells namesakes apart; `against` and `abstain` are None for a name that was written in."""

    key: str
    name: str
    for_: int
    against: int | None
    abstain: int | None


@dataclass(frozen=True, slots=True)
class Ranked(Marked):
    result: Result


@dataclass(frozen=True, slots=True)
class Part:
    """What one counting group's confirmed form says of a contest. `where`: its venue; `number`: the form's own."""

    where: str
    number: str
    issued: int
    returned: int
    valid: int
    spoiled: int
    marks: Sequence[Marked]

    @property
    def figures(self) -> tuple[int, int, int, int]:
        return self.issued, self.returned, self.valid, self.spoiled


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A decision to leave seats without a delegate."""

    seats: int
    consented: int
    expected: int
    reason: str
    document: str
    decided_on: date | None


@dataclass(frozen=True, slots=True)
class CountedContest:
    """A round with its outcome in force. `void`: more ballots came back than were issued, and nothing was counted;
    `status` is None then, and while the count is not confirmed.
    """

    category: str
    kind: ContestKind
    round_kind: RoundKind
    seats: int
    void: bool
    status: OutcomeStatus | None
    version: int
    issued: int
    returned: int
    valid: int
    spoiled: int
    votes_needed: int | None
    tied_seats: int
    shortfall: int
    lines: Sequence[Ranked]
    parts: Sequence[Part]
    spoiled_by_kind: Mapping[SpoiledKind, int]
    vacancy: Vacancy | None

    @property
    def name(self) -> str:
        again = "" if self.round_kind is RoundKind.ORDINARY else f"·{self.round_kind.zh}"
        return f"{self.category}（{self.kind.zh}{again}）"


@dataclass(frozen=True, slots=True)
class CountedVote:
    """One vote of the evening. `present`: over all venues."""

    vote: int
    present: int
    contests: Sequence[CountedContest]


@dataclass(frozen=True, slots=True)
class Correction:
    """A form that was confirmed, reopened by two persons for a reason, and confirmed anew (edge case 19)."""

    number: str
    version: int
    because: str
    asked_by: str
    agreed_by: str


@dataclass(frozen=True, slots=True)
class Report:
    """`counted_on`: the day of the last outcome; `facts`: the data that the paper was made from, `hash` their fingerprint;
    `rules`: the congress's values of `RULES`.
    """

    congress: str
    unit: str
    meeting: int
    held_on: date
    counted_on: date
    place: str
    expected: int
    venues: Sequence[tuple[str, int]]
    votes: Sequence[CountedVote]
    scrutineers: Sequence[str]
    tellers: Sequence[str]
    corrections: Sequence[Correction]
    chair: str
    rules: Mapping[str, Any]
    facts: Mapping[str, Any]
    hash: str

    @property
    def complete(self) -> bool:
        return all(one.void or one.status is not None for vote in self.votes for one in vote.contests)


def report_sheet(report: Report) -> Data:
    """The report to sign."""
    blocks: list[Data] = [_head(report)]
    for vote in report.votes:
        if len(report.votes) > 1:
            blocks.append(heading(f"第{vote.vote}次投票", f"实到会{vote.present}人"))
        for contest in vote.contests:
            blocks += _contest(report, contest)
    which = f"第{report.meeting}次大会" if report.meeting > 1 else ""
    return sheet(
        [report.congress, TITLE],
        *blocks,
        note(*(_corrected(one) for one in report.corrections), _grounds(report)),
        signatures(
            *(f"监票人 {name}" for name in report.scrutineers),
            *(f"计票人 {name}" for name in report.tellers),
            f"主持人 {report.chair}",
            seal=report.unit,
        ),
        fingerprint("监票数据指纹（SHA-256）", report.hash),
        style=Style.FORM,
        note=which,
        running=f"{report.congress}　{TITLE}　{report.unit}",
    )


def _head(report: Report) -> Data:
    first = report.votes[0].present
    rows = [
        [label("选举单位"), value(report.unit), label("日　　期"), value(chinese_date(report.held_on))],
        [label("地　　点"), value(report.place), label("会　　场"), value(f"{len(report.venues)}个")],
        [label("应 到 会"), value(f"{report.expected}人"), label("实 到 会"), value(f"{first}人")],
    ]
    if len(report.venues) > 1:
        parts = "；".join(f"{name}{present}人" for name, present in report.venues)
        rows.append([label("各会场实到"), value(f"{parts}；合计{first}人", span=3)])
    return form((None, 1, None, 1), rows)


def _contest(report: Report, contest: CountedContest) -> list[Data]:
    version = f"，第{contest.version}版（更正）" if contest.version > 1 else ""
    head = heading(contest.name, f"应选{contest.seats}名{version}", level=2)
    if contest.void:
        said = f"收回选票{contest.returned}张，多于发出的{contest.issued}张，选举无效，没有计票，应当重新选举。"
        return [head, text(said)]
    if contest.status is None:
        return [head, text("还没有确认计票结果。")]
    blocks = [head, _figures(contest), _names(contest)]
    if len(contest.parts) > 1:
        blocks += _parts(contest)
    kinds = "；".join(f"{kind.zh}{number}张" for kind, number in contest.spoiled_by_kind.items())
    return [*blocks, *([note(f"无效票：{kinds}。")] if kinds else []), text(_conclusion(report, contest))]


def _figures(contest: CountedContest) -> Data:
    """Form by form; a venue of several groups has its own sum too, and all of them theirs."""
    several = len(contest.parts) > 1
    venues = list(dict.fromkeys(one.where for one in contest.parts))
    rows = []
    for venue in venues:
        here = [one for one in contest.parts if one.where == venue]
        rows += [(f"{venue}（{one.number}）", *_shown(one.figures)) for one in here]
        if len(here) > 1 and len(venues) > 1:
            rows.append(
                (f"{venue}小计", *_shown([sum(column) for column in zip(*(one.figures for one in here), strict=True)]))
            )
    if several:
        rows.append(("合计", *_shown((contest.issued, contest.returned, contest.valid, contest.spoiled))))
    return table(
        ("会场（计票单）", "发出", "收回", "有效", "无效"),
        "lcccc",
        (2, 1, 1, 1, 1),
        rows,
        total=several,
        stays=len(rows) <= MOST_ON_A_PAGE,
    )


def _shown(figures: Sequence[int]) -> list[str]:
    return [str(one) for one in figures]


def _names(contest: CountedContest) -> Data:
    rows = [
        (one.name, str(one.for_), _count(one.against), _count(one.abstain), _said(one, contest))
        for one in contest.lines
    ]
    return table(
        ("姓名", "赞成", "不赞成", "弃权", "结果"),
        "ncccl",
        (1.4, 0.8, 0.8, 0.8, 1.6),
        rows,
        whole=len(rows) <= MOST_ON_A_PAGE,
        stays=len(rows) <= MOST_ON_A_PAGE,
    )


def _said(one: Ranked, contest: CountedContest) -> str:
    written = "（另选他人）" if one.against is None else ""
    return (one.result.zh if one.result is not Result.TIED else "得票相等") + written


def _count(number: int | None) -> str:
    return "－" if number is None else str(number)


def _parts(contest: CountedContest) -> list[Data]:
    """Every name's votes form by form, so many beside one another, and their sum at the end."""
    made = []
    for at in range(0, len(contest.parts), ABREAST):
        some = contest.parts[at : at + ABREAST]
        last = at + ABREAST >= len(contest.parts)
        rows = [
            [line.name, *(_marks(_mark_of(line, part)) for part in some), *([_marks(line)] if last else [])]
            for line in contest.lines
        ]
        columns = len(some) + last
        made.append(
            table(
                ("赞成／不赞成／弃权", *(part.number for part in some), *(["合计"] if last else [])),
                "n" + "c" * columns,
                (1.4, *[1] * columns),
                rows,
                whole=len(rows) <= MOST_ON_A_PAGE,
                stays=len(rows) <= MOST_ON_A_PAGE,
            )
        )
    return made


def _mark_of(line: Ranked, part: Part) -> Marked | None:
    return next((one for one in part.marks if one.key == line.key), None)


def _marks(one: Marked | None) -> str:
    """Nobody wrote the name in there: a stroke."""
    if one is None:
        return "－"
    return str(one.for_) if one.against is None else f"{one.for_}／{one.against}／{one.abstain}"


def _conclusion(report: Report, contest: CountedContest) -> str:
    elected = [one.name for one in contest.lines if one.result is Result.ELECTED]
    tied = [one.name for one in contest.lines if one.result is Result.TIED]
    if contest.votes_needed is None:
        said = "得票相等的候选人再次投票，得票多的当选。"
    else:
        base = "应到会" if report.rules["majority_base"] == MajorityBase.EXPECTED else "实到会"
        said = f"赞成票超过{base}有选举权人数的一半为过半数，须达到{contest.votes_needed}票。"
    said += f"{'、'.join(elected)}共{len(elected)}人当选。" if elected else "没有人当选。"
    if tied:
        how = "再次投票" if report.rules["tie_at_cut"] == TieRule.BALLOT else "抽签决定"
        said += f"{'、'.join(tied)}得票相等，尚缺{contest.tied_seats}名，应当{how}。"
    if contest.shortfall and contest.vacancy is None:
        said += f"当选人少于应选名额{contest.shortfall}名，应当另行选举。"
    if contest.vacancy is not None:
        said += _left_vacant(contest.vacancy)
    return said


def _left_vacant(vacancy: Vacancy) -> str:
    day = "" if vacancy.decided_on is None else chinese_date(vacancy.decided_on)
    document = f"（{'，'.join(filter(None, (vacancy.document, day)))}）" if vacancy.document or day else ""
    return (
        f"缺额{vacancy.seats}名，经应到会{vacancy.expected}人中{vacancy.consented}人同意不再选举{document}，"
        f"理由：{vacancy.reason.rstrip('。')}。"
    )


def _corrected(one: Correction) -> str:
    because = one.because.rstrip("。")
    return f"更正：计票单{one.number}第{one.version}版，理由：{because}；申请人{one.asked_by}，同意人{one.agreed_by}。"


def _grounds(report: Report) -> str:
    parts = (
        f"{BY_NAME[name].zh}：{BY_NAME[name].shown(report.rules[name])}（{BY_NAME[name].ground}）" for name in RULES
    )
    return f"依据：{'；'.join(parts)}。各类别分别计票，不同类别的得票不作比较。"
