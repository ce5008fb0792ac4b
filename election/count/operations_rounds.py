"""The steps by which a round that was agreed to comes to be voted on, or is taken back: its frozen slate, its place in the
evening, its count forms. Part of the acts in `operations_follow_up.py`, which ask for the permission; decides nothing.
"""

from __future__ import annotations

from sqlalchemy import exists, func, insert, select

from election.contests.models import Round, RoundKind
from election.contests.operations import drop_round, open_round
from election.count.entry import EntryState
from election.count.models import CountForm
from election.count.operations_lot import annul_lot
from election.count.sheet import form_number_of
from election.errors import Refused
from election.meeting.lifecycle import MeetingState
from election.meeting.models import CountingGroup, Meeting, MeetingRound, Venue, VenueBallots
from election.meeting.models_evening import FollowUp
from election.meeting.operations import load_meeting
from election.nomination.slates.operations_follow_up import freeze_for_round
from election.people.act import Act

IN_SESSION = (MeetingState.OPENED, MeetingState.BALLOTS_RECORDED)


def require_not_issued(act: Act, round_id: int) -> None:
    """Raises Refused once a ballot of the round was handed out: what was cast is counted or void."""
    if act.session.scalar(select(exists().where(VenueBallots.round_id == round_id))):
        raise Refused("follow_up.ballots_issued")


def open_next(act: Act, row: FollowUp, kind: RoundKind, meeting: Meeting) -> Round:
    """The round with its frozen slate; with its vote and its forms where the meeting, or a later one of the unit, is in
    session. Otherwise it waits for the next meeting.
    """
    after = act.session.get_one(Round, row.round_id)
    new = open_round(act, after.contest_id, kind, row.seats)
    act.session.flush()
    slate = freeze_for_round(act, new, [int(one) for one in row.members], row.proposed_by_id)
    sitting = _sitting(act, meeting)
    if sitting is not None:
        ballot = _next_ballot(act, sitting)
        act.session.add(MeetingRound(meeting_id=sitting.id, round_id=new.id, slate_id=slate.id, ballot=ballot))
        slate.in_use_at = act.now
        act.session.flush()
        _print_forms(act, sitting, ballot)
    return new


def _sitting(act: Act, meeting: Meeting) -> Meeting | None:
    """The unit's meeting that is in session, locked."""
    if meeting.state in IN_SESSION:
        return meeting
    later = act.session.scalar(
        select(Meeting.id).where(Meeting.unit_id == meeting.unit_id, Meeting.state.in_(IN_SESSION))
    )
    return None if later is None else load_meeting(act, later)


def _next_ballot(act: Act, meeting: Meeting) -> int:
    """The vote that is being prepared, as long as no ballot of it was handed out; else the next one."""
    last = act.session.scalar(select(func.max(MeetingRound.ballot)).where(MeetingRound.meeting_id == meeting.id)) or 1
    begun = (
        select(VenueBallots.id)
        .join(MeetingRound, MeetingRound.round_id == VenueBallots.round_id)
        .where(MeetingRound.meeting_id == meeting.id, MeetingRound.ballot == last)
    )
    return last if last > 1 and act.session.scalar(begun.limit(1)) is None else last + 1


def _print_forms(act: Act, meeting: Meeting, ballot: int) -> None:
    """Every counting group has its paper for the vote, once."""
    groups = act.session.execute(
        select(CountingGroup.id, CountingGroup.form_number)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .where(
            Venue.meeting_id == meeting.id,
            ~exists().where(CountForm.group_id == CountingGroup.id, CountForm.ballot == ballot),
        )
    ).all()
    for group_id, number in groups:
        act.session.execute(
            insert(CountForm).values(
                group_id=group_id, number=form_number_of(number, ballot), ballot=ballot, state=EntryState.EMPTY
            )
        )


def drop_next(act: Act, round_id: int, meeting: Meeting, reason: str) -> None:
    row = act.session.get_one(Round, round_id, with_for_update=True)
    held = act.session.scalar(select(MeetingRound).where(MeetingRound.round_id == round_id))
    drawn = row.kind is RoundKind.LOT
    if drawn and not _correction_asked(act, round_id):
        raise Refused("lot.stays")
    if not drawn and held is not None and held.counted_at is not None:
        raise Refused("follow_up.counted")
    if not _correction_asked(act, round_id):
        require_not_issued(act, round_id)
    later = select(FollowUp.id).where(FollowUp.round_id == round_id, FollowUp.dropped_at.is_(None))
    if act.session.scalar(later.limit(1)) is not None:
        raise Refused("follow_up.followed")
    if drawn:
        annul_lot(act, row, meeting.congress_id, reason)
        return
    # What a later meeting opened with is its business; what joined it as a further vote is not.
    if held is None or held.meeting_id == meeting.id or held.ballot > 1:
        drop_round(act, row, meeting.congress_id, reason)
        return
    raise Refused("follow_up.in_later_meeting")


def _correction_asked(act: Act, round_id: int) -> bool:
    """Whether another person asks to withdraw a confirmation of the vote from which this round followed."""
    before = (
        select(MeetingRound.meeting_id, MeetingRound.ballot)
        .join(FollowUp, FollowUp.round_id == MeetingRound.round_id)
        .where(FollowUp.next_round_id == round_id)
        .subquery()
    )
    asked = (
        select(CountForm.id)
        .join(CountingGroup, CountingGroup.id == CountForm.group_id)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .join(before, (before.c.meeting_id == Venue.meeting_id) & (before.c.ballot == CountForm.ballot))
        .where(
            CountForm.superseded_at.is_(None),
            CountForm.withdrawal_asked_by_id.is_not(None),
            CountForm.withdrawal_asked_by_id != act.person_id,
        )
    )
    return act.session.scalar(asked.limit(1)) is not None
