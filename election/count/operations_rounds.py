"""The steps by which a round that was agreed to comes to be voted on, or is taken back: its frozen slate, its place in the
evening, its count forms. Part of the acts in `operations_follow_up.py`, which ask for the permission; decides nothing.
"""

from __future__ import annotations

from sqlalchemy import exists, func, insert, select

from election.congress.rules_in_force import rules_in_force
from election.contests.models import Round, RoundKind
from election.contests.operations import drop_round, open_round
from election.contests.queries import BY_BALLOT
from election.count.entry import EntryState
from election.count.models import CountForm, RoundOutcome
from election.count.operations_lot import annul_lot
from election.count.operations_outcome import entered_outcomes
from election.count.queries_corrected import otherwise
from election.count.sheet import form_number_of
from election.errors import Refused
from election.meeting.ballot_sheets import on_one_sheet
from election.meeting.lifecycle import MeetingState
from election.meeting.models import CountingGroup, Meeting, MeetingRound, Venue, VenueBallots
from election.meeting.models_evening import FollowUp
from election.meeting.operations import load_meeting
from election.meeting.operations_ballots import quorum_lost
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


def drop_next(act: Act, follow_up: FollowUp, meeting: Meeting, reason: str) -> None:
    """The round that came of a follow-up is not held, wherever it waits or stands, as long as nobody was handed a ballot of it.

    A vote that was cast and a lot that was drawn are annulled by no wish: only where the count from which they followed is
    being corrected, and its corrected figures are in and come out otherwise (edge case 19).
    """
    row = act.session.get_one(Round, follow_up.next_round_id, with_for_update=True)
    held = act.session.scalar(select(MeetingRound).where(MeetingRound.round_id == row.id))
    drawn = row.kind is RoundKind.LOT
    if drawn or act.session.scalar(select(exists().where(VenueBallots.round_id == row.id))):
        _require_otherwise(act, row, Refused("lot.stays" if drawn else "follow_up.ballots_issued"))
    if not drawn and held is not None and held.counted_at is not None:
        raise Refused("follow_up.counted")
    later = select(FollowUp.id).where(FollowUp.round_id == row.id, FollowUp.dropped_at.is_(None))
    if act.session.scalar(later.limit(1)) is not None:
        raise Refused("follow_up.followed")
    if drawn:
        annul_lot(act, row, meeting.congress_id, reason)
    else:
        drop_round(act, row, meeting.congress_id, reason)


def _require_otherwise(act: Act, row: Round, stays: Refused) -> None:
    """Raises Refused while the votes that were cast may still turn out to stand: `stays` where nothing is being corrected."""
    contest = row.contest
    votes = act.session.execute(
        select(MeetingRound.meeting_id, MeetingRound.ballot, MeetingRound.round_id)
        .join(Round, Round.id == MeetingRound.round_id)
        .where(
            Round.contest_id == contest.id,
            Round.number < row.number,
            Round.void_at.is_(None),
            ~exists().where(RoundOutcome.round_id == Round.id, RoundOutcome.superseded_at.is_(None)),
            BY_BALLOT,
        )
        .order_by(Round.number)
    ).all()
    if not votes:
        raise stays
    waiting = False
    for meeting_id, ballot, before in votes:
        where = act.session.get_one(Meeting, meeting_id)
        if _must_be_void(act, where, ballot, before):
            return
        try:
            found = entered_outcomes(act, where, ballot)
        except Refused as refused:
            if refused.code.startswith("count.write_in"):
                return  # only the scrutineer can say whom a name stands for: it may come to anything
            raise
        if found is None:
            waiting = True
            continue
        others = otherwise(act.session, contest.congress_id, contest.unit_id, found)
        if any(state.result.contest.id == contest.id for state in others):
            return
    raise Refused("follow_up.correct_first" if waiting else "follow_up.still_follows")


def _must_be_void(act: Act, meeting: Meeting, ballot: int, round_id: int) -> bool:
    """Whether by the record, as it was mended, more ballots of the round came back than were issued (where one sheet carries
    all contests: of any), or the quorum was lost: no figures follow.
    """
    if quorum_lost(act, meeting, ballot):
        return True
    over = (
        select(VenueBallots.round_id)
        .join(MeetingRound, MeetingRound.round_id == VenueBallots.round_id)
        .where(MeetingRound.meeting_id == meeting.id, MeetingRound.ballot == ballot)
        .group_by(VenueBallots.round_id)
        .having(func.sum(VenueBallots.returned) > func.sum(VenueBallots.issued))
    )
    rounds = set(act.session.scalars(over))
    return bool(rounds) if on_one_sheet(rules_in_force(act.session, meeting.congress_id)) else round_id in rounds
