"""The life of a unit's meeting, as one pure function. Never counts a vote; what the meeting has done is passed in.

Opening freezes the expected number for this meeting (edge case 11). More ballots returned than issued is no entry
error: the scrutineer declares that contest void here, nothing of it is counted, and a new round opens. So does a vote
during which the quorum was lost. What nobody was handed a ballot of another meeting can vote on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from election.errors import Refused
from election.machine import Bilingual, Worded, listed, require_reason, step, table_markdown
from election.meeting.quorum import Quorum


class MeetingState(Worded):
    PLANNED = "planned", "待召开", "planned"
    OPENED = "opened", "已开会", "opened"
    BALLOTS_RECORDED = "ballots_recorded", "已登记收回选票", "ballots recorded"
    CLOSED = "closed", "已散会", "closed"
    CALLED_OFF = "called_off", "已取消", "called off"


class MeetingAction(Worded):
    OPEN = "open", "宣布开会", "open"
    ISSUE_BALLOTS = "issue_ballots", "登记发出选票", "record the ballots issued"
    RECORD_BALLOTS = "record_ballots", "登记收回选票", "record the ballots returned"
    DECLARE_VOID = "declare_void", "宣布选举无效", "declare a contest void"
    CLOSE = "close", "宣布散会", "close"
    CALL_OFF = "call_off", "取消会议", "call off"


TRANSITIONS: dict[tuple[MeetingState, MeetingAction], MeetingState] = {
    (MeetingState.PLANNED, MeetingAction.OPEN): MeetingState.OPENED,
    (MeetingState.PLANNED, MeetingAction.CALL_OFF): MeetingState.CALLED_OFF,
    # It broke off before anybody was handed a ballot.
    (MeetingState.OPENED, MeetingAction.CALL_OFF): MeetingState.CALLED_OFF,
    (MeetingState.OPENED, MeetingAction.ISSUE_BALLOTS): MeetingState.OPENED,
    (MeetingState.OPENED, MeetingAction.RECORD_BALLOTS): MeetingState.BALLOTS_RECORDED,
    # Ballots were out in one venue and the quorum was lost: that vote is void, and the evening may end with it.
    (MeetingState.OPENED, MeetingAction.DECLARE_VOID): MeetingState.OPENED,
    (MeetingState.OPENED, MeetingAction.CLOSE): MeetingState.CLOSED,
    # A later vote of the same evening.
    (MeetingState.BALLOTS_RECORDED, MeetingAction.ISSUE_BALLOTS): MeetingState.BALLOTS_RECORDED,
    (MeetingState.BALLOTS_RECORDED, MeetingAction.RECORD_BALLOTS): MeetingState.BALLOTS_RECORDED,
    (MeetingState.BALLOTS_RECORDED, MeetingAction.DECLARE_VOID): MeetingState.BALLOTS_RECORDED,
    (MeetingState.BALLOTS_RECORDED, MeetingAction.CLOSE): MeetingState.CLOSED,
    # After a confirmation was withdrawn, a wrong record is mended though all have gone home (edge case 19).
    (MeetingState.CLOSED, MeetingAction.RECORD_BALLOTS): MeetingState.CLOSED,
    (MeetingState.CLOSED, MeetingAction.DECLARE_VOID): MeetingState.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Opening:
    """What stands when the chair opens the meeting. `expected` is already reduced by the consented exclusions."""

    expected: int
    present: int
    quorum: Quorum
    exclusions_consented: bool
    method_adopted: bool
    scrutineers_voted: bool
    slates_frozen: bool = True


def opening_obstacles(opening: Opening) -> tuple[Refused, ...]:
    """Everything that keeps the meeting from opening, in the order in which a chair would mend it."""
    found: list[Refused] = []
    if not opening.slates_frozen:
        found.append(Refused("meeting.slate_not_frozen"))
    if not opening.exclusions_consented:
        found.append(Refused("meeting.exclusions_open", field="exclusions"))
    if opening.expected < 1:
        found.append(Refused("meeting.nobody_expected", field="expected"))
    elif opening.present > opening.expected:
        found.append(
            Refused(
                "meeting.present_over_expected", field="present", present=opening.present, expected=opening.expected
            )
        )
    elif not opening.quorum.holds(opening.present, opening.expected):
        found.append(
            Refused(
                "meeting.no_quorum",
                field="present",
                present=opening.present,
                expected=opening.expected,
                quorum=str(opening.quorum),
                need=opening.quorum.needed(opening.expected),
            )
        )
    if not opening.method_adopted:
        found.append(Refused("meeting.method_not_adopted", field="method"))
    if not opening.scrutineers_voted:
        found.append(Refused("meeting.scrutineers_not_voted", field="scrutineers"))
    return tuple(found)


def is_void(issued: int, returned: int) -> bool:
    """选举办法: ballots returned ≤ issued, else the election is void and rerun."""
    return returned > issued


def transition(
    state: MeetingState,
    action: MeetingAction,
    actor: int,
    *,
    opening: Opening | None = None,
    issued: int = 0,
    returned: int = 0,
    quorum_lost: bool = False,
    reason: str = "",
    blockers: Sequence[Bilingual | str] = (),
    settled: int = 0,
    ballots_out: bool = False,
) -> MeetingState:
    """The state after the act of `actor`, or Refused. Where an act takes another person than an earlier one did (figures changed
    or a vote declared void once entry has begun), the operations ask that.

    OPEN needs `opening`; DECLARE_VOID the `issued` and `returned` of its contest over all venues, or that at its vote the
    quorum is lost, and leaves the meeting's own state; CLOSE is stopped by `blockers` (contests with ballots out, neither
    counted nor void), and where nothing is `settled` the meeting is called off instead; CALL_OFF by ballots that are out.
    """
    after = step("meeting", TRANSITIONS, state, action)
    if action is MeetingAction.OPEN:
        if opening is None:
            raise ValueError("opening a meeting needs what stands at its opening")
        for obstacle in opening_obstacles(opening):
            raise obstacle
    if action is MeetingAction.DECLARE_VOID and not (quorum_lost or is_void(issued, returned)):
        raise Refused("meeting.not_void", field="returned", issued=issued, returned=returned)
    if action is MeetingAction.CALL_OFF:
        if ballots_out:
            raise Refused("meeting.ballots_out")
        require_reason("meeting", reason)
    if action is MeetingAction.CLOSE and blockers:
        raise Refused("meeting.blocked", count=len(blockers), blockers=listed(blockers))
    if action is MeetingAction.CLOSE and not settled:
        raise Refused("meeting.nothing_voted")
    return after


def print_table() -> str:
    return table_markdown(MeetingState, MeetingAction, TRANSITIONS)
