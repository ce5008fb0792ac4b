"""支部推选结果报告单: a branch's secret ballot as its branch signs it, whatever version of it. Pure; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from election.contests.outcome import MajorityBase
from election.documents.parts import (
    Data,
    Style,
    fingerprint,
    form,
    label,
    note,
    sheet,
    signatures,
    table,
    text,
    value,
)
from election.nomination.branch.vote import BallotTotals, Result
from election.rules import BY_NAME
from election.texts import chinese_date

TITLE = "支部推选结果报告单"
RULES = ("quorum_branch", "majority_base", "branch_places")
WORDS = {Result.PASSED: "列为初步人选", Result.TIED: "得票相等，再次投票", Result.FAILED: "未列为初步人选"}


@dataclass(frozen=True, slots=True)
class Report:
    """A ballot with everything that its paper says. `names`: application → name; `found`: what it meant for each.

    `votes_needed`: None in a ballot among the tied, where most votes win. `rules`: the congress's values of `RULES`.
    """

    congress: str
    branch: str
    unit: str
    category: str
    number: int
    version: int
    reason: str
    superseded: bool
    tie: bool
    places: int | None
    held_on: date
    voters: int
    excluded_because: str
    totals: BallotTotals
    names: Mapping[int, str]
    found: Mapping[int, Result]
    votes_needed: int | None
    recorded: str
    rules: Mapping[str, Any]
    hash: str


def ballot_sheet(report: Report) -> Data:
    """The report to sign. Applicants stand by votes, as on every counting sheet (edge case 18)."""
    totals = report.totals
    counted = sorted(totals.votes.items(), key=lambda one: -one[1].for_)
    rows = [
        (report.names[one], str(votes.for_), str(votes.against), str(votes.abstain), WORDS[report.found[one]])
        for one, votes in counted
    ]
    figures = (totals.expected, totals.present, totals.issued, totals.returned, totals.valid, totals.spoiled)
    which = "、".join(
        filter(
            None,
            (
                f"第{report.number}次推选" if report.number > 1 else "",
                "得票相等人选再次投票" if report.tie else "",
                f"第{report.version}版（更正）" if report.version > 1 else "",
            ),
        )
    )
    return sheet(
        [report.congress, TITLE],
        form(
            (None, 1, None, 1),
            [
                [label("党 支 部"), value(report.branch), label("选举单位"), value(report.unit)],
                [label("推选类别"), value(report.category), label("推选日期"), value(chinese_date(report.held_on))],
            ],
        ),
        table(
            ("应到会", "实到会", "发出票", "收回票", "有效票", "无效票"),
            "c" * 6,
            (1,) * 6,
            [[str(number) for number in figures]],
        ),
        table(("姓名", "赞成", "不赞成", "弃权", "推选结果"), "ncccl", (1.3, 0.8, 0.8, 0.8, 2), rows),
        text(_conclusion(report, [report.names[one] for one, _ in counted if report.found[one] is Result.PASSED])),
        text(
            f"本支部有选举权的党员{report.voters}人，其中{report.voters - totals.expected}人不计入应到会："
            f"{report.excluded_because}。"
        )
        if report.excluded_because
        else None,
        text(f"更正理由：{report.reason}") if report.reason else None,
        note(_grounds(report), f"录入：{report.recorded}。"),
        signatures("主持人", "监票人", "计票人", "支部书记", seal=report.branch),
        fingerprint("推选数据指纹", report.hash),
        style=Style.FORM,
        note=which,
        running=f"{report.congress}　{TITLE}　{report.branch}　{report.category}",
    )


def _conclusion(report: Report, passed: Sequence[str]) -> str:
    base = "应到会" if report.rules["majority_base"] == MajorityBase.EXPECTED else "实到会"
    if report.votes_needed is None:
        said = f"得票相等的{len(report.names)}人再次投票，取得赞成票多的{report.places}人。"
    else:
        said = f"赞成票超过{base}有选举权人数的一半为过半数，本次须达到{report.votes_needed}票。"
        if report.places is not None:
            said += f"名额{report.places}名。"
    tied = sum(one is Result.TIED for one in report.found.values())
    named = f"{'、'.join(passed)}共{len(passed)}人列为初步人选。" if passed else "没有人列为初步人选。"
    return said + named + (f"另有{tied}人得票相等，须再次投票。" if tied else "")


def _grounds(report: Report) -> str:
    parts = (
        f"{BY_NAME[name].zh}：{BY_NAME[name].shown(report.rules[name])}（{BY_NAME[name].ground}）" for name in RULES
    )
    return f"依据：{'；'.join(parts)}。"
