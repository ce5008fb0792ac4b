"""代表候选人名单 and 候选人简介 of a unit, with the order of speeches where it was drawn. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from election.contests.models import ContestKind
from election.documents.parts import (
    Data,
    Style,
    closing,
    fingerprint,
    heading,
    note,
    person,
    sheet,
    table,
    text,
)
from election.texts import chinese_date

# A category with more candidates goes on over the page.
MOST_WHOLE = 8
TITLE, INTRODUCTIONS, SPEECHES = "代表候选人名单", "代表候选人简介", "代表候选人演讲顺序"


@dataclass(frozen=True, slots=True)
class Listed:
    """A candidate as the slate lists them, with what they wrote of themselves."""

    position: int
    name: str
    sex: str
    born: str
    ethnicity: str
    education: str
    branch: str
    post: str
    career: str = ""
    statement: str = ""

    @property
    def place_and_post(self) -> str:
        return "，".join(filter(None, (self.branch, self.post)))


@dataclass(frozen=True, slots=True)
class Speeches:
    """The order drawn: names in turn, from which seed, who said the word in the hall, when. `commitment`: of the system's
    half, as it was shown before; empty of a seed that was said whole.
    """

    names: Sequence[str]
    seed: str
    witness: str
    drawn_on: str
    commitment: str = ""


@dataclass(frozen=True, slots=True)
class PrintedSlate:
    """A slate as it is printed. `hash` is empty while it is in the making, `introduced_by_hash`: it covers what the
    candidates wrote too; `order_reason`: why not by strokes.
    """

    category: str
    kind: ContestKind
    round: int
    seats: int
    version: int
    frozen_on: date | None
    hash: str
    order_reason: str
    exempt_by: str
    candidates: Sequence[Listed]
    introduced_by_hash: bool = False
    speeches: Speeches | None = None

    @property
    def name(self) -> str:
        kind = "（等额）" if self.kind is ContestKind.UNCONTESTED else ""
        return self.category + kind + (f"　第{self.round}轮" if self.round > 1 else "")


def slate_sheets(congress: str, unit: str, printed: Sequence[PrintedSlate]) -> list[Data]:
    """The list, the introductions and, where a lot was drawn, the order of speeches."""
    found = [_list(congress, unit, printed), _introductions(congress, unit, printed)]
    if any(one.speeches for one in printed):
        found.append(_speeches(congress, unit, printed))
    return found


def _list(congress: str, unit: str, printed: Sequence[PrintedSlate]) -> Data:
    blocks: list[Data] = []
    for one in printed:
        rows = [
            (str(who.position), who.name, who.sex, who.born, who.ethnicity, who.education, who.place_and_post)
            for who in one.candidates
        ]
        version = f"，第{one.version}版" if one.version > 1 else ""
        blocks.append(heading(one.name, f"应选{one.seats}名，候选人{len(rows)}名{version}", level=2))
        if rows:
            head = ("序号", "姓名", "性别", "出生年月", "民族", "学历", "单位及职务")
            blocks.append(
                table(head, "cnccccl", (None, 1.3, None, 1.4, 0.9, 1.1, 3.1), rows, whole=len(rows) <= MOST_WHOLE)
            )
        else:
            blocks.append(text("还没有候选人。"))
        told = [f"不以姓氏笔画为序的理由：{one.order_reason}。" if one.order_reason else ""]
        told.append(f"等额：{one.exempt_by}" if one.exempt_by else "")
        if any(told):
            blocks.append(note(*told))
        if one.hash:
            blocks.append(fingerprint("名单数据指纹", one.hash))
    days = [one.frozen_on for one in printed if one.frozen_on is not None]
    return sheet(
        [congress, TITLE],
        *blocks,
        note(_order(printed)),
        closing(unit, chinese_date(max(days)) if len(days) == len(printed) else "尚未确定"),
        style=Style.LIST,
        note=f"选举单位：{unit}",
        running=f"{congress}　{TITLE}　{unit}",
    )


def _order(printed: Sequence[PrintedSlate]) -> str:
    """How the names stand, and that categories are not compared."""
    said = "候选人以姓氏笔画为序" if not any(one.order_reason for one in printed) else "未注明的，候选人以姓氏笔画为序"
    return f"{said}（依据：地方条例第三十条）；各类别分别计票，不同类别的得票不作比较。"


def _introductions(congress: str, unit: str, printed: Sequence[PrintedSlate]) -> Data:
    blocks: list[Data] = []
    for one in printed:
        blocks.append(heading(one.name, f"{len(one.candidates)}人"))
        for who in one.candidates:
            facts = (who.sex, who.ethnicity, who.born and f"{who.born}生", who.education, who.place_and_post)
            paragraphs = (("简历和主要事迹", who.career), ("自荐（推荐）理由", who.statement))
            blocks.append(person(f"{who.position}．{who.name}", "，".join(filter(None, facts)), *paragraphs))
        if one.hash and one.introduced_by_hash:
            blocks.append(fingerprint("名单数据指纹", one.hash))
    return sheet(
        [congress, INTRODUCTIONS],
        *blocks,
        style=Style.LIST,
        note=f"选举单位：{unit}",
        running=f"{congress}　{INTRODUCTIONS}　{unit}",
    )


def _speeches(congress: str, unit: str, printed: Sequence[PrintedSlate]) -> Data:
    blocks: list[Data] = []
    for one in printed:
        drawn = one.speeches
        if drawn is None:
            continue
        blocks.append(heading(one.name, f"{len(drawn.names)}人", level=2))
        rows = [(str(place), name) for place, name in enumerate(drawn.names, 1)]
        blocks.append(table(("演讲顺序", "姓名"), "cn", (1, 4), rows))
        said = f"{drawn.drawn_on}抽签；抽签数：{drawn.seed}"
        blocks.append(note(said + (f"；由{drawn.witness}在会场报数。" if drawn.witness else "。")))
        if drawn.commitment:
            blocks.append(fingerprint("抽签前公布的系统数校验码", drawn.commitment))
    return sheet(
        [congress, SPEECHES],
        *blocks,
        note(
            "抽签办法：候选人按名单次序编号，取“抽签数|编号|姓名”的 SHA-256，从小到大排列，任何人都可以重新验算。",
            "抽签数为“系统数-会场数”，系统数在报数以前以校验码公布。",
        ),
        style=Style.LIST,
        note=f"选举单位：{unit}",
        running=f"{congress}　{SPEECHES}　{unit}",
    )
