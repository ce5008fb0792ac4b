"""监票报告单: what the count of a unit's meeting came to, for the scrutineers to read aloud and sign: who is elected, then vote by
vote and contest by contest. What each venue and counting group counted is annexed. Pure.

Says what was computed and confirmed, and computes nothing but sums that are already the record's. By votes, as on every
counting sheet (edge case 18).
"""

from __future__ import annotations

from election.contests.outcome import MajorityBase, TieRule
from election.count.models import Result
from election.count.papers_lot import lot_blocks
from election.count.papers_report_facts import Correction, CountedContest, Ranked, Report, Vacancy
from election.count.papers_report_parts import TITLE, parts_sheet, shown_count
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
from election.nomination.papers.common import by_strokes
from election.rules import BY_NAME
from election.texts import chinese_date

# Tables that are longer go on over the page.
MOST_ON_A_PAGE = 8
RULES = ("quorum_meeting", "majority_base", "tie_at_cut", "write_in")


def report_sheets(report: Report) -> list[Data]:
    """The report to sign, and its annex where more than one form was counted."""
    annex = parts_sheet(report)
    blocks: list[Data] = [_head(report), *_elected(report)]
    for vote in report.votes:
        if len(report.votes) > 1:
            blocks.append(heading(f"第{vote.vote}次投票", f"实到会{vote.present}人"))
        for contest in vote.contests:
            blocks += _contest(report, contest)
    which = f"第{report.meeting}次大会" if report.meeting > 1 else ""
    signed = sheet(
        [report.congress, TITLE],
        *blocks,
        note(
            *(_corrected(one) for one in report.corrections),
            _grounds(report),
            "各会场、各计票组的计票数见附件。" if annex else "",
        ),
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
    return [signed, *([annex] if annex else [])]


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


def _elected(report: Report) -> list[Data]:
    """What is read aloud first: who is elected, by strokes, and how many seats are filled and open."""
    found = report.elected()
    rows = [
        (
            one.category,
            str(one.seats),
            str(len(one.names)),
            _open(one.open, one.vacant),
            "、".join(sorted(one.names, key=by_strokes)) or "－",
        )
        for one in found
    ]
    seats, names = sum(one.seats for one in found), sum(len(one.names) for one in found)
    rows.append(
        ("合计", str(seats), str(names), _open(sum(one.open for one in found), sum(one.vacant for one in found)), "")
    )
    return [
        heading("当选代表名单", "以姓氏笔画为序", level=2),
        table(
            ("类别", "应选", "已选出", "尚缺", "当选代表"),
            "lcccl",
            (None, None, None, None, 1),
            rows,
            total=True,
            whole=True,
        ),
    ]


def _open(seats: int, vacant: int) -> str:
    """Of the open seats those apart that were left vacant by a decision."""
    said = str(seats) if seats else "－"
    return said if not vacant else f"缺额{vacant}" + (f"，尚缺{seats}" if seats else "")


def _contest(report: Report, contest: CountedContest) -> list[Data]:
    version = f"，第{contest.version}版（更正）" if contest.version > 1 else ""
    head = heading(contest.name, f"应选{contest.seats}名{version}", level=2)
    if contest.void:
        said = f"收回选票{contest.returned}张，多于发出的{contest.issued}张，选举无效，没有计票，应当重新选举。"
        if contest.returned <= contest.issued:  # the other ground on which a vote is void
            said = "投票时到会人数不足法定人数，选举无效，没有计票，应当重新选举。"
        return [head, *_void(contest), text(said)]
    if contest.status is None:
        return [head, text("还没有确认计票结果。")]
    if contest.lot is not None:
        return [head, *lot_blocks(contest.lot)]
    kinds = _kinds(contest)
    figures = (contest.issued, contest.returned, contest.valid, contest.spoiled)
    ballots = form(
        (None, 1) * 4,
        [
            [
                part
                for name, number in zip(("发出", "收回", "有效", "无效"), figures, strict=True)
                for part in (label(name), value(str(number)))
            ]
        ],
        stays=True,
    )
    return [
        head,
        ballots,
        *([note(f"无效票：{kinds}。", stays=True)] if kinds else []),
        _names(contest),
        text(_conclusion(report, contest)),
    ]


def _kinds(contest: CountedContest) -> str:
    """Of which kinds the spoiled ballots were, and of how many nobody said so (edge case 1)."""
    said = [f"{kind.zh}{number}张" for kind, number in contest.spoiled_by_kind.items()]
    if unruled := contest.spoiled - sum(contest.spoiled_by_kind.values()):
        said.append(f"监票人没有按种类认定的{unruled}张")
    return "；".join(said)


def _void(contest: CountedContest) -> list[Data]:
    """Why: what each venue issued and got back. More returned than issued is judged over all of them."""
    if len(contest.by_venue) < 2:
        return []
    rows = [(venue, str(issued), str(returned)) for venue, issued, returned in contest.by_venue]
    rows.append(("合计", str(contest.issued), str(contest.returned)))
    return [table(("会场", "发出", "收回"), "lcc", (2, 1, 1), rows, total=True, whole=True, stays=True)]


def _names(contest: CountedContest) -> Data:
    rows = [
        (one.name, str(one.for_), shown_count(one.against), shown_count(one.abstain), _said(one, contest))
        for one in contest.lines
    ]
    return table(
        # A table that goes on over the page says whose it is there too.
        ("姓名" if len(rows) <= MOST_ON_A_PAGE else f"姓名　{contest.name}", "赞成", "不赞成", "弃权", "结果"),
        "ncccl",
        (1.7, 0.7, 0.7, 0.7, 1.6),
        rows,
        whole=len(rows) <= MOST_ON_A_PAGE,
        stays=len(rows) <= MOST_ON_A_PAGE,
    )


def _said(one: Ranked, contest: CountedContest) -> str:
    written = "（另选他人）" if one.against is None else ""
    return (one.result.zh if one.result is not Result.TIED else "得票相等") + written


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
