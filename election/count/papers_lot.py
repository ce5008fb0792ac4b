"""What the scrutineers' report says of a tie that the lot decided: who was drawn among, from what, in which order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from election.documents.parts import Data, fingerprint, note, table, text
from election.texts import chinese_date

# So many digits of a sum show in which order two stand.
SHOWN = 16
FOUR = 4


@dataclass(frozen=True, slots=True)
class LotLine:
    """Somebody's place in the draw: `number` on the slate, the sum by which they were put there, whether they are elected."""

    name: str
    number: int
    digest: str
    elected: bool


@dataclass(frozen=True, slots=True)
class DrawnLot:
    """A lot as it was drawn. `vote`: the vote of the evening that was tied, with so many `votes` for each; `witness`: who said the
    word.
    """

    vote: int
    votes: int
    seats: int
    lines: Sequence[LotLine]
    seed: str
    word: str
    commitment: str
    witness: str
    drawn_on: date
    proposed_by: str
    agreed_by: str


def lot_blocks(lot: DrawnLot) -> list[Data]:
    names = "、".join(one.name for one in sorted(lot.lines, key=lambda one: one.number))
    elected = "、".join(one.name for one in lot.lines if one.elected)
    rows = [
        (str(place), one.name, str(one.number), _in_fours(one.digest), "当选" if one.elected else "未当选")
        for place, one in enumerate(lot.lines, 1)
    ]
    return [
        text(
            f"第{lot.vote}次投票中，{names}各得赞成票{lot.votes}票，尚缺{lot.seats}名。{chinese_date(lot.drawn_on)}抽签决定："
            f"大会主持人{lot.proposed_by}提出，监票人{lot.agreed_by}同意，由{lot.witness}在会场报数“{lot.word}”。"
        ),
        table(("抽签次序", "姓名", "名单序号", "校验和", "结果"), "cnccl", (0.8, 1.2, 0.8, 2.2, 1), rows, stays=True),
        note(
            "抽签办法：候选人按名单次序编号，取“抽签数|编号|姓名”的 SHA-256，从小到大排列，任何人都可以重新验算。",
            f"抽签数：{lot.seed}。",
        ),
        fingerprint("抽签前公布的系统数校验码", lot.commitment),
        text(f"{elected}共{sum(one.elected for one in lot.lines)}人当选。"),
    ]


def _in_fours(digest: str) -> str:
    return " ".join(digest[at : at + FOUR] for at in range(0, SHOWN, FOUR)) + " …"
