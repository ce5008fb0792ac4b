"""选举单位推荐上报表: whom a unit put forward to the office together, and whom it left out with its reason. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from election.documents.parts import Data, Style, heading, note, sheet, signatures, table, text
from election.nomination.lifecycle import GONE
from election.nomination.papers.common import Applicant
from election.rules import BY_NAME
from election.texts import chinese_date

TITLE = "代表候选人推荐上报表"
NIL = "—"


@dataclass(frozen=True, slots=True)
class Seats:
    """The contested seats of a category in the unit, and the fewest candidates for them."""

    category_id: int
    category: str
    seats: int
    needed: int


@dataclass(frozen=True, slots=True)
class Handed:
    """What a proposal said of somebody as it was handed in; `taken_back`: the day on which the unit took that back."""

    forward: bool
    reason: str
    taken_back: date | None

    @property
    def remark(self) -> str:
        return "" if self.taken_back is None else f"{chinese_date(self.taken_back)}撤回"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A unit's proposal. By application, `handed`: what it said of each of `people`; `votes`: what the branch counted for it, "11/12" of those expected."""

    congress: str
    unit: str
    number: int
    proposed_on: date
    by: str
    seats: Sequence[Seats]
    people: Sequence[Applicant]
    handed: Mapping[int, Handed]
    votes: Mapping[int, str]
    margin: int


def proposal_sheet(proposal: Proposal) -> Data:
    put = [one for one in proposal.people if proposal.handed[one.id].forward]
    left = [one for one in proposal.people if not proposal.handed[one.id].forward]
    blocks: list[Data] = [
        text(
            f"经党员报名、支部推选和{proposal.unit}研究，现将代表候选人初步人选{len(put)}人上报"
            f"{'，另有' + str(len(left)) + '人不上报' if left else ''}。"
        )
    ]
    for one in proposal.seats:
        blocks += _category(one, [who for who in put if who.category_id == one.category_id], proposal)
    if left:
        rows = [
            (
                who.name,
                who.category_name,
                who.place_and_post,
                proposal.votes.get(who.id, NIL),
                "；".join(filter(None, (proposal.handed[who.id].reason, proposal.handed[who.id].remark))),
            )
            for who in left
        ]
        blocks.append(heading("不上报的初步人选", f"{len(left)}人", level=2))
        head = ("姓名", "类别", "党支部及职务", "支部推选", "理由")
        blocks.append(table(head, "nllcl", (0.8, 0.8, 2, 0.8, 2.6), rows))
    return sheet(
        [proposal.congress, TITLE],
        *blocks,
        note(
            "“支部推选”为赞成票与应到会有选举权人数。"
            f"差额比例不低于{BY_NAME['margin_min'].shown(proposal.margin)}，按类别计算，依据：{BY_NAME['margin_min'].ground}。",
            f"录入：{proposal.by}，{chinese_date(proposal.proposed_on)}。",
        ),
        signatures("经办人", "审核人", "主要负责人", seal=proposal.unit),
        style=Style.LYING,
        note="　".join(
            (f"选举单位：{proposal.unit}", f"第{proposal.number}次上报", chinese_date(proposal.proposed_on))
        ),
        running=f"{proposal.congress}　{TITLE}　{proposal.unit}",
    )


def _category(seats: Seats, people: Sequence[Applicant], proposal: Proposal) -> list[Data]:
    aside = f"应选{seats.seats}名，候选人不少于{seats.needed}名，本次上报{len(people)}人"
    head = [heading(seats.category, aside, level=2)]
    if not people:
        return [*head, text("本类别没有上报人选。")]
    rows = [
        (
            str(place),
            who.name,
            who.sex_word,
            who.born,
            who.ethnicity,
            who.education,
            who.joined,
            who.place_and_post,
            "、".join(who.overlays) or NIL,
            who.source.zh,
            proposal.votes.get(who.id, NIL),
            _remark(proposal.handed[who.id], who),
        )
        for place, who in enumerate(people, 1)
    ]
    columns = (
        "序号", "姓名", "性别", "出生年月", "民族", "学历", "入党时间", "党支部及职务", "其中", "报名方式", "支部推选", "备注",
    )  # fmt: skip
    widths = (None, 1.1, None, 1.25, 0.9, 1.05, 1.25, 2.3, 1.5, 1.3, None, 0.7)
    return [*head, table(columns, "cnccccclllcl", widths, rows)]


def _remark(handed: Handed, who: Applicant) -> str:
    if handed.remark:
        return handed.remark
    return f"上报后{who.state.zh}" if who.state in GONE else ""
