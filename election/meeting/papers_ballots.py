"""The ballots of a unit on paper (选票): what each says, how it is to be marked, how many fit on a sheet. Pure.

Nothing on a ballot tells it from its neighbour: no number, no hash, no time (edge case 15). A ballot is of one contest;
the assigned seats of a category have one of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from election.contests.models import ContestKind, RoundKind
from election.contests.outcome import WriteInRule
from election.documents.parts import Data, Style, note, sheet, signatures, table, text

TITLE, ORDER = "选票", "选票印制单"
# A number typed wrongly; no unit has so many electors.
MOST_COPIES: Final = 9999
# Ballots that nobody gets unless one is spoiled in the hand, per hundred electors.
SPARE_PERCENT: Final = 5
# Ballots to an A4 sheet, the columns of names in each, and the rows of names for which there is room.
LAYOUTS: Final = ((4, 1, 6), (4, 2, 6), (2, 3, 6), (1, 3, 19))


class MarkRule(StrEnum):
    """The rule `marks`: what stands for 赞成, 不赞成, 弃权."""

    CIRCLE = "circle"
    TICK = "tick"
    BLANK_FOR = "blank_for"


# What is drawn for 赞成, 不赞成 and 弃权; nothing where the space is left blank.
SIGNS: Final = {
    MarkRule.CIRCLE: ("○", "×", ""),
    MarkRule.TICK: ("√", "×", "○"),
    MarkRule.BLANK_FOR: ("", "×", "○"),
}


@dataclass(frozen=True, slots=True)
class OnBallot:
    """A candidate. `branch` is printed only where another one on the ballot bears the same name."""

    id: int
    name: str
    branch: str


@dataclass(frozen=True, slots=True)
class Ballot:
    """One contest's ballot in one vote. `position`: of its category, whose colour it has. `by_strokes`: whether its names
    stand so, or in an order set by hand.
    """

    category: str
    position: int
    kind: ContestKind
    round_kind: RoundKind
    seats: int
    candidates: Sequence[OnBallot]
    write_in: WriteInRule
    by_strokes: bool

    @property
    def name(self) -> str:
        return f"{self.category}（{self.kind.zh}）"

    @property
    def write_in_lines(self) -> int:
        """A line for every seat, where somebody else may be written in."""
        return 0 if self.write_in is WriteInRule.OFF else self.seats

    @property
    def layout(self) -> tuple[int, int]:
        """Ballots to a sheet, columns of names: the smallest paper on which all names have room."""
        for to_a_sheet, columns, rows in LAYOUTS:
            if -(-len(self.candidates) // columns) + -(-self.write_in_lines // columns) <= rows:
                return to_a_sheet, columns
        return LAYOUTS[-1][:2]

    def sheets(self, copies: int) -> int:
        return -(-copies // self.layout[0])


def told_apart(candidates: Sequence[OnBallot]) -> list[tuple[str, str]]:
    """Each name, with the branch of those whom the name alone does not tell from another."""
    bearers = Counter(one.name for one in candidates)
    return [(one.name, one.branch if bearers[one.name] > 1 else "") for one in candidates]


def in_full(candidates: Sequence[OnBallot]) -> list[str]:
    """Each name as one line of a form or report has it."""
    return [f"{name}（{branch}）" if branch else name for name, branch in told_apart(candidates)]


@dataclass(frozen=True, slots=True)
class Voters:
    """For how many ballots are printed: all who are expected, or, once they are counted, all who are present."""

    number: int
    present: bool

    @property
    def said(self) -> str:
        return "实到会" if self.present else "应到会"

    @property
    def copies(self) -> int:
        """One for each and the spares."""
        return self.number + -(-self.number * SPARE_PERCENT // 100)


def how_to_mark(ballot: Ballot, marks: MarkRule) -> list[str]:
    """The explanation on the ballot, by the rules in force."""
    again = []
    if ballot.round_kind is RoundKind.TIE_BALLOT:
        again = [tie_said()]
    others = "（含另选他人）" if ballot.write_in_lines else ""
    return [
        *again,
        f"本选票应选{ballot.seats}名，赞成的人数{others}等于或者少于{ballot.seats}名的有效，多于{ballot.seats}名的无效。",
        signs_said(marks),
        writing_in_said(ballot, marks),
        unsigned_said(),
    ]


def tie_said() -> str:
    return "本次只在得票相等的候选人中再次投票，得票多的当选。"


def unsigned_said() -> str:
    return "无记名投票，请不要署名；符号、字迹要清楚，无法辨认的由监票人认定。"


def signs_said(marks: MarkRule) -> str:
    """What stands for 赞成, 不赞成 and 弃权."""
    for_, against, abstain = SIGNS[marks]

    def said(who: str, sign: str) -> str:
        return f"{who}画“{sign}”" if sign else f"{who}不画任何符号"

    said_for = f"画“{for_}”" if for_ else "不画任何符号"
    told = f"在姓名左边的空格内，赞成的{said_for}，{said('不赞成的', against)}，{said('弃权的', abstain)}"
    return told + ("，不画任何符号的视为弃权。" if marks is MarkRule.TICK else "。")


def writing_in_said(ballot: Ballot, marks: MarkRule) -> str:
    """Who may write in another name, and how."""
    sign = SIGNS[marks][0]
    if ballot.write_in is WriteInRule.OFF:
        return "本次不另选他人。"
    who = "不赞成的，可以另选他人；弃权的，不得另选他人"
    if ballot.write_in is WriteInRule.AGAINST_OR_ABSTAIN:
        who = "不赞成或者弃权的，可以另选他人"
    drawn = f"，并在姓名左边画“{sign}”" if sign else ""
    return f"{who}：在“另选他人”栏写明姓名{drawn}。"


def ballot_data(congress: str, unit: str, vote: int, ballot: Ballot, marks: MarkRule) -> Data:
    """A ballot as the template sets it. Those of a later vote have a band over the whole width, so that left-over ones of an
    earlier vote are told from them at a glance.
    """
    to_a_sheet, columns = ballot.layout
    again = "" if ballot.round_kind is RoundKind.ORDINARY else ballot.round_kind.zh
    return {
        "heading": congress,
        "title": "代表选举选票" + (f"（{again}）" if again else ""),
        "band": later(vote),
        "unit": unit,
        "category": f"{ballot.category}代表",
        "kind": ballot.kind.zh,
        "uncontested": ballot.kind is ContestKind.UNCONTESTED,
        "facts": f"应选{ballot.seats}名",
        "listed": f"候选人姓名（{len(ballot.candidates)}名{'，以姓氏笔画为序' if _in_order(ballot) else ''}）",
        "colour": (ballot.position - 1) % 8,
        "names": [list(one) for one in told_apart(ballot.candidates)],
        "write_ins": ballot.write_in_lines,
        "how": how_to_mark(ballot, marks),
        "columns": columns,
        "to_a_sheet": to_a_sheet,
    }


def _in_order(ballot: Ballot) -> bool:
    """One name alone stands in no order."""
    return ballot.by_strokes and len(ballot.candidates) > 1


def later(vote: int) -> str:
    """What the papers of a later vote of an evening say in large type; nothing on those of the first."""
    return f"第{vote}次投票" if vote > 1 else ""


def order_sheet(congress: str, unit: str, vote: int, ballots: Sequence[Ballot], voters: Voters, copies: int) -> Data:
    """What is to be printed and how often, to be signed by who prints and who counts the printed."""
    rows = []
    for one in ballots:
        to_a_sheet, sheets = one.layout[0], one.sheets(copies)
        spare = sheets * to_a_sheet - voters.number
        again = "" if one.round_kind is RoundKind.ORDINARY else one.round_kind.zh
        counts = (one.seats, len(one.candidates), to_a_sheet, sheets, sheets * to_a_sheet, max(spare, 0))
        rows.append((one.name, again, *(str(number) for number in counts)))
    return sheet(
        [congress, ORDER],
        text(
            f"{voters.said}{voters.number}人，每种选票至少印制{copies}张，印满整张A4纸。各类选票颜色不同，用白纸彩色印刷；"
            "选票上没有编号，也不得另加编号、记号。"
        ),
        table(
            ("选票", "轮次", "应选", "候选人", "每张A4纸", "纸张数", "选票数", "其中备用"),
            "lccccccc",
            (2, 1.2, 0.7, 0.9, 1.2, 1, 1, 1.1),
            rows,
        ),
        note("裁切后逐一清点，与本单核对；印坏的选票当场作废，计入选票发放登记表。备用选票由监票人保管。"),
        signatures("印制人", "清点人", "监票人"),
        style=Style.FORM,
        note=f"选举单位：{unit}",
        running=f"{congress}　{ORDER}　{unit}",
        band=later(vote),
    )
