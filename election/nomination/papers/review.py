"""候选人资格审查表: an applicant's review on paper, filled as far as it has come. What is open is left to the pen.

Pure; it judges nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from election.documents.parts import Data, Style, form, heading, label, note, room, sheet, table, value
from election.nomination.papers.common import Applicant
from election.rules import BY_NAME

TITLE = "代表候选人资格审查表"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a body said; empty where it has not spoken yet."""

    verdict: str = ""
    text: str = ""
    document: str = ""
    given_on: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found on a criterion."""

    met: bool
    note: str


@dataclass(frozen=True, slots=True)
class Concluded:
    """The office's decision."""

    approved: bool
    reason: str
    by: str
    on: str


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """Everything on the paper. `votes`: of the branch's ballot; `criteria`, `bodies`: those of the rules, in order."""

    congress: str
    office: str
    applicant: Applicant
    votes: str
    criteria: Sequence[str]
    bodies: Sequence[str]
    found: Mapping[str, Found]
    heard: Mapping[str, Heard]
    concluded: Concluded | None


def review_sheet(review: ReviewSheet) -> Data:
    who = review.applicant
    # A criterion or body that the rules named when it was judged or heard stays on the paper.
    criteria = [*review.criteria, *(one for one in review.found if one not in review.criteria)]
    bodies = [*review.bodies, *(one for one in review.heard if one not in review.bodies)]
    criteria_rows = [(str(at), one, *_found(review.found.get(one))) for at, one in enumerate(criteria, 1)]
    body_rows = []
    for one in bodies:
        said = review.heard.get(one, Heard())
        body_rows.append((one, said.verdict, said.text, said.document, said.given_on))
    return sheet(
        [review.congress, TITLE],
        form(
            (None, 1.1, None, 1, None, 1.1),
            [
                [label("姓　　名"), value(who.name), label("性　别"), value(who.sex_word), label("出生年月"),
                 value(who.born)],
                [label("民　　族"), value(who.ethnicity), label("学　历"), value(who.education), label("入党时间"),
                 value(who.joined)],
                [label("支部职务"), value(who.place_and_post, span=5)],
                [label("选举单位"), value(who.unit_name), label("类　别"), value(who.category_name), label("其　　中"),
                 value("、".join(who.overlays) or "无")],
                [label("报名方式"), value("：".join(filter(None, (who.source.zh, who.recommended_by))), span=3),
                 label("支部推选"), value(review.votes and f"赞成{review.votes}")],
            ],
        ),
        heading("一、审查项目", level=2),
        table(("序号", "项目", "是否符合", "说明"), "clcl", (None, 1.6, None, 2), criteria_rows),
        heading("二、征求意见", level=2),
        table(("单位", "意见", "内容", "文号", "日期"), "lclll", (1.2, 0.9, 1.9, 1.2, 1.2), body_rows, tall=len(review.heard) < len(bodies)),
        heading("三、审查结论", level=2),
        form(
            (None, 1),
            [
                [label("结　　论"), room(_conclusion(review), height=30, signed="审查人签名")],
                [label("审　　批"), room("", height=22, seal=review.office)],
            ],
        ),
        note(f"审查项目依据：{BY_NAME['review_criteria'].ground}；征求意见的单位依据：{BY_NAME['review_bodies'].ground}。"),
        style=Style.FORM,
        running=f"{review.congress}　{TITLE}　{who.name}",
    )  # fmt: skip


def _found(found: Found | None) -> tuple[str, str]:
    if found is None:
        return "", ""
    return "符合" if found.met else "不符合", found.note


def _conclusion(review: ReviewSheet) -> str:
    done = review.concluded
    if done is None:
        return ""
    said = "审查通过，列为代表候选人预备人选。" if done.approved else "审查未通过，不列为代表候选人预备人选。"
    reason = done.reason and f"\n理由：{done.reason}"
    return f"{said}{reason}\n审查：{done.by}，{done.on}。"
