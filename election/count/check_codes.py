"""The codes of the checks on a count form: stable, documented, printed for the manual. Checks nothing itself.

`E` stops the second entry, `W` wants a tick. Hundreds: 1 the form and attendance, 2 a contest's ballots, 3 its votes.
A code that has once been printed never gets another meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from election.findings import Severity

E, W = Severity.ERROR, Severity.WARNING


@dataclass(frozen=True, slots=True)
class Code:
    """`zh`, `en`: the condition under which it is found. `fine`, `found`: the boundary, as an example."""

    code: str
    severity: Severity
    zh: str
    en: str
    fine: str
    found: str


BLANK: Final = "count.E.101"
PRESENT_OVER_EXPECTED: Final = "count.E.111"
EXPECTED_NOT_AS_FROZEN: Final = "count.E.112"
PRESENT_NOT_AS_RECORDED: Final = "count.E.113"
ISSUED_OVER_PRESENT: Final = "count.E.201"
RETURNED_OVER_ISSUED: Final = "count.E.202"
RETURNED_NOT_SPLIT: Final = "count.E.203"
ISSUED_NOT_AS_RECORDED: Final = "count.E.204"
RETURNED_NOT_AS_RECORDED: Final = "count.E.205"
SPOILED_NOT_AS_RULED: Final = "count.E.206"
MARKS_NOT_VALID: Final = "count.E.301"
VOTES_OVER_SEATS: Final = "count.E.302"
WRITE_INS_OFF: Final = "count.E.303"
WRITE_INS_OVER_MARKS: Final = "count.E.304"
WRITE_IN_UNNAMED: Final = "count.E.305"
WRITE_IN_TWICE: Final = "count.E.306"
WRITE_IN_OVER_VALID: Final = "count.E.307"
ALL_ZERO: Final = "count.W.101"
SPOILED_MANY: Final = "count.W.201"
MISSING_MANY: Final = "count.W.202"
TURNOUT_JUMP: Final = "count.W.203"
ISSUED_FEW: Final = "count.W.204"
CANDIDATE_NONE: Final = "count.W.301"
CANDIDATE_ALL: Final = "count.W.302"
WRITE_IN_NAMESAKE: Final = "count.W.303"

CODES: Final[tuple[Code, ...]] = (
    Code(BLANK, E, "必填项空白（空白不是零）", "a required field is blank (blank is not zero)", "0", "空白"),
    Code(PRESENT_OVER_EXPECTED, E, "实到 > 应到", "present > expected", "120 / 120", "121 / 120"),
    Code(
        EXPECTED_NOT_AS_FROZEN,
        E,
        "应到 ≠ 会议确定的应到",
        "expected ≠ as frozen by the meeting",
        "120 = 120",
        "119 ≠ 120",
    ),
    Code(PRESENT_NOT_AS_RECORDED, E, "实到 ≠ 会场登记的实到", "present ≠ the venue's record", "110 = 110", "109 ≠ 110"),
    Code(ISSUED_OVER_PRESENT, E, "发出 > 实到", "issued > present", "110 / 110", "111 / 110"),
    Code(
        RETURNED_OVER_ISSUED,
        E,
        "收回 > 发出，会场登记不是这样（登记如此的，按全单位合计定是否无效）",
        "returned > issued, and the venue's record does not say so (where it does, the unit's sum decides whether it is void)",
        "110 / 110",
        "111 / 110",
    ),
    Code(RETURNED_NOT_SPLIT, E, "有效 + 无效 ≠ 收回", "valid + spoiled ≠ returned", "107 + 2 = 109", "107 + 1 ≠ 109"),
    Code(ISSUED_NOT_AS_RECORDED, E, "发出 ≠ 会场登记的发出", "issued ≠ the venue's record", "110 = 110", "109 ≠ 110"),
    Code(
        RETURNED_NOT_AS_RECORDED, E, "收回 ≠ 会场登记的收回", "returned ≠ the venue's record", "109 = 109", "108 ≠ 109"
    ),
    Code(SPOILED_NOT_AS_RULED, E, "无效 ≠ 监票人认定的无效票", "spoiled ≠ the scrutineers' rulings", "2 = 2", "1 ≠ 2"),
    Code(
        MARKS_NOT_VALID,
        E,
        "某候选人赞成 + 不赞成 + 弃权 ≠ 有效",
        "a candidate's for + against + abstain ≠ valid",
        "80 + 20 + 7 = 107",
        "80 + 20 + 6 ≠ 107",
    ),
    Code(
        VOTES_OVER_SEATS,
        E,
        "赞成合计（含另选他人）> 有效 × 应选",
        "Σ for (write-ins included) > valid × seats",
        "321 / 107 × 3",
        "322 / 107 × 3",
    ),
    Code(WRITE_INS_OFF, E, "规则不允许另选他人而有另选他人", "write-ins where the rules allow none", "0", "1"),
    Code(
        WRITE_INS_OVER_MARKS,
        E,
        "另选他人合计 > 不赞成合计（规则允许时加弃权）",
        "Σ write-ins > Σ against (and abstain, where the rules say so)",
        "20 / 20",
        "21 / 20",
    ),
    Code(
        WRITE_IN_UNNAMED,
        E,
        "另选他人一行没有姓名，或者姓名里有数字",
        "a write-in's row has no name, or one with digits in it",
        "王军",
        "王军2",
    ),
    Code(WRITE_IN_TWICE, E, "同一另选人填了两行", "the same write-in on two rows", "—", "—"),
    Code(WRITE_IN_OVER_VALID, E, "某另选人得票 > 有效", "a write-in's votes > valid", "107 / 107", "108 / 107"),
    Code(ALL_ZERO, W, "一个类别全部为零", "everything of a contest is zero", "—", "0"),
    Code(
        SPOILED_MANY,
        W,
        "无效 ≥ 收回的提醒比例",
        "spoiled ≥ the share of returned set by the rules",
        "2 / 100 (3 %)",
        "3 / 100 (3 %)",
    ),
    Code(
        MISSING_MANY,
        W,
        "未收回 ≥ 发出的提醒比例，或 ≥ 提醒张数",
        "issued − returned ≥ the share or the number set by the rules",
        "1 / 100 (2 %, 15)",
        "2 / 100 (2 %, 15)",
    ),
    Code(
        TURNOUT_JUMP,
        W,
        "参选率与支部推选相差 ≥ 提醒百分点",
        "turnout differs from the branch ballots by ≥ the points set by the rules",
        "76 % / 90 % (15)",
        "75 % / 90 % (15)",
    ),
    Code(
        ISSUED_FEW,
        W,
        "发出比实到少的张数 ≥ 实到的提醒比例，或 ≥ 提醒张数（一份计票单计整个会场的）",
        "present − issued ≥ the share or the number set by the rules (where one form counts all of a venue)",
        "99 / 100 (2 %, 15)",
        "98 / 100 (2 %, 15)",
    ),
    Code(CANDIDATE_NONE, W, "某候选人赞成为零", "a candidate has no vote", "1", "0"),
    Code(CANDIDATE_ALL, W, "某候选人得全部有效票", "a candidate has every valid ballot", "106 / 107", "107 / 107"),
    Code(WRITE_IN_NAMESAKE, W, "另选人与本类别候选人同名", "a write-in has a candidate's name", "—", "—"),
)


def print_table() -> str:
    """The table of codes, conditions and boundary cases for the docs."""
    lines = ["| code | 条件 | condition | fine | found |", "|---|---|---|---|---|"]
    lines += [f"| `{one.code}` | {one.zh} | {one.en} | {one.fine} | {one.found} |" for one in CODES]
    return "\n".join(lines) + "\n"
