"""The verbs on what follows after a vote: the chair proposes, a scrutineer of the meeting agrees, each by name.

A new round gets its frozen slate, its place in the evening (or waits for a later meeting) and its count forms in the one act
that agrees to it. What has to follow is decided by the pure `contests/follow_up.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from election.contests.follow_up import NextRound
from election.contests.models import Contest, Round, RoundKind
from election.count.operations_lot import Said, commit_half, draw_lot, require_undrawn
from election.count.operations_rounds import IN_SESSION, drop_next, open_next, require_not_issued
from election.count.queries_follow_up import ContestState, contest_state, others_of
from election.count.queries_outcome import ContestStatus
from election.count.queries_scrutiny import correction_asked
from election.errors import Forbidden, NotFound, Refused, Stale
from election.machine import Words
from election.meeting.models import Meeting, MeetingRound
from election.meeting.models_evening import FollowUp, FollowUpKind
from election.meeting.operations import load_meeting, run_meeting
from election.meeting.operations_ballots import require_disinterested, require_officer
from election.meeting.queries import present_at
from election.nomination.slates.operations_follow_up import freeze_without, in_ballot_order
from election.people.act import Act, local_day
from election.people.permissions import Permission
from election.texts import chinese_date

ROUNDS = {
    FollowUpKind.RERUN: RoundKind.RERUN,
    FollowUpKind.TIE_BALLOT: RoundKind.TIE_BALLOT,
    FollowUpKind.LOT: RoundKind.LOT,
    FollowUpKind.SUPPLEMENTARY: RoundKind.SUPPLEMENTARY,
}


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A decision to leave the open seats vacant: how many electors consented, on which paper, of which day."""

    consented: int
    document: str = ""
    decided_on: date | None = None


def propose_round(
    act: Act, contest_id: int, kind: FollowUpKind, members: Sequence[int] | None = None, reason: str = ""
) -> FollowUp:
    """The round that the contest's last one makes necessary, with who stands in it.

    `members`: None for the default (the same names, the tied, the unsuccessful by votes with the margin). A supplementary
    election may also take who stood in none of its rounds (`others_of`). A thin slate needs a `reason`. For a lot the
    system's half is made in this act, and the tied are numbered as they will stand.
    """
    state, meeting, due = _due(act, contest_id)
    if ROUNDS.get(kind) is not due.kind:
        raise Refused("follow_up.other_kind", kind=kind, due=due.kind)
    standing = list(due.candidates if members is None else members)
    _check_members(act, state, due, standing, reason)
    require_disinterested(act, standing, relatives=False)
    if kind is not FollowUpKind.LOT:
        return _propose(act, state, meeting, kind, due.seats, standing, reason)
    require_undrawn(act, state.last_round_id)
    numbered = in_ballot_order(act, meeting.congress_id, standing)
    row = _propose(act, state, meeting, kind, due.seats, numbered, reason)
    commit_half(act, row, meeting)
    return row


def propose_vacancy(act: Act, contest_id: int, vacancy: Vacancy, reason: str) -> FollowUp:
    """No further election for the seats that are open: more than half of the expected electors consent (地方条例)."""
    state, meeting, due = _due(act, contest_id)
    if due.kind is not RoundKind.SUPPLEMENTARY:
        raise Refused("follow_up.not_short")
    if not reason.strip():
        raise Refused("follow_up.reason_missing", field="reason")
    _require_recorded(act, meeting, vacancy)
    expected = meeting.expected or 0
    if vacancy.consented > expected:
        raise Refused("follow_up.consent_over", field="consented", consented=vacancy.consented, expected=expected)
    present = sum(number or 0 for number in present_at(act.session, meeting.id, state.ballot).values())
    if vacancy.consented > present:
        raise Refused("follow_up.consent_over_present", field="consented", consented=vacancy.consented, present=present)
    if vacancy.consented * 2 <= expected:
        need = expected // 2 + 1
        raise Refused("follow_up.consent_short", field="consented", consented=vacancy.consented, need=need)
    return _propose(act, state, meeting, FollowUpKind.VACANT, due.seats, [], reason, vacancy)


def _require_recorded(act: Act, meeting: Meeting, vacancy: Vacancy) -> None:
    """The electors consent in the meeting, or after it on a paper that says when: not before the vote, nor tomorrow."""
    if meeting.state not in IN_SESSION:
        if not vacancy.document.strip():
            raise Refused("follow_up.document_missing", field="document")
        if vacancy.decided_on is None:
            raise Refused("follow_up.day_missing", field="decided_on")
    first = act.today if meeting.opened_at is None else local_day(meeting.opened_at)
    if vacancy.decided_on is not None and not first <= vacancy.decided_on <= act.today:
        bounds = (Words(chinese_date(day), day.isoformat()) for day in (first, act.today))
        raise Refused("follow_up.day_wrong", field="decided_on", **dict(zip(("first", "last"), bounds, strict=True)))


def propose_strike(act: Act, round_id: int, member_id: int, reason: str) -> FollowUp:
    """A candidate who died or can no longer stand leaves the slate that the open meeting is about to vote on (edge case 14).

    Only before a ballot of the round was handed out: afterwards the ballots decide.
    """
    held = _held(act, round_id)
    meeting = run_meeting(act, held.meeting_id)
    if meeting.state not in IN_SESSION:
        raise Refused("meeting.not_open", state=meeting.state)
    if not reason.strip():
        raise Refused("follow_up.reason_missing", field="reason")
    require_not_issued(act, round_id)
    # The chair may be somebody's relative: only who stands is barred, and relatives from being scrutineers.
    require_disinterested(act, [one.member_id for one in held.slate.candidates], relatives=False)
    if member_id not in {one.member_id for one in held.slate.candidates}:
        raise Refused("follow_up.not_on_slate", field="member")
    if len(held.slate.candidates) == 1:
        raise Refused("follow_up.last_candidate", field="member")
    _require_none_open(act, round_id)
    row = FollowUp(
        meeting_id=meeting.id,
        round_id=round_id,
        kind=FollowUpKind.STRIKE,
        seats=held.round.seats,
        members=[member_id],
        reason=reason.strip(),
        proposed_by_id=act.person_id,
        proposed_at=act.now,
    )
    return _record_proposal(act, row, meeting)


def agree(act: Act, follow_up_id: int, said: Said | None = None) -> FollowUp:
    """A scrutineer of the meeting agrees; the round, its slate and its forms are there from now on. A lot is drawn by the same
    act, from what the hall `said`.

    Raises Stale when a correction has changed what is due since it was proposed.
    """
    row, meeting = _load(act, follow_up_id)
    require_officer(act, meeting, Permission.FOLLOW_UP_AGREE)
    if row.agreed_at is not None or row.dropped_at is not None:
        raise Stale("follow_up.settled")
    if row.proposed_by_id == act.person_id:
        raise Forbidden("follow_up.own_proposal")
    require_disinterested(act, [int(one) for one in row.members])
    if row.kind is FollowUpKind.STRIKE:
        _strike(act, row)
    else:
        after = act.session.get_one(Round, row.round_id)
        state = contest_state(act.session, after.contest_id)
        if state is not None:
            _require_no_correction(act, state, row.round_id)
        due = None if state is None else state.due
        if state is None or due is None or state.last_round_id != row.round_id or due.seats != row.seats:
            raise Stale("follow_up.no_longer_due")
        if row.kind in ROUNDS:  # whoever was proposed may stand no longer by now
            if ROUNDS[row.kind] is not due.kind:
                raise Stale("follow_up.no_longer_due")
            _check_members(act, state, due, [int(one) for one in row.members], row.reason)
    row.agreed_by_id, row.agreed_at = act.person_id, act.now
    if row.kind in ROUNDS:
        act.session.flush()
        if row.kind is FollowUpKind.LOT:
            row.next_round_id = draw_lot(act, row, meeting, said).id
        else:
            row.next_round_id = open_next(act, row, ROUNDS[row.kind], meeting).id
    act.record(
        "follow_up.agreed",
        row,
        congress_id=meeting.congress_id,
        meeting=meeting.id,
        kind=row.kind.value,
        seats=row.seats,
        proposed_by=row.proposed_by_id,
        round=row.next_round_id,
    )
    return row


def drop(act: Act, follow_up_id: int, reason: str) -> FollowUp:
    """Takes back what was proposed, by the chair; or what was agreed by two, with a reason by a third person, a scrutineer, before
    a ballot of it was handed out. A vote that was cast is annulled by no wish of anybody: only where the count from which it
    followed is being corrected, which two have agreed to, and comes out otherwise (`drop_next`).
    """
    row, meeting = _load(act, follow_up_id)
    if row.dropped_at is not None:
        raise Stale("follow_up.settled")
    if row.agreed_at is None:
        act.require(Permission.MEETING_RUN, congress_id=meeting.congress_id, unit_id=meeting.unit_id)
    else:
        require_officer(act, meeting, Permission.FOLLOW_UP_AGREE)
        if act.person_id in (row.agreed_by_id, row.proposed_by_id):
            raise Forbidden("follow_up.own_agreement")
    if row.kind is FollowUpKind.STRIKE and row.agreed_at is not None:
        raise Refused("follow_up.struck")
    if not reason.strip():
        raise Refused("follow_up.reason_missing", field="reason")
    if row.next_round_id is not None:
        drop_next(act, row, meeting, reason.strip())
    row.dropped_by_id, row.dropped_at, row.dropped_because = act.person_id, act.now, reason.strip()
    act.record(
        "follow_up.dropped",
        row,
        congress_id=meeting.congress_id,
        meeting=meeting.id,
        kind=row.kind.value,
        round=row.next_round_id,
        reason=row.dropped_because,
    )
    return row


def _due(act: Act, contest_id: int) -> tuple[ContestState, Meeting, NextRound]:
    contest = act.session.get(Contest, contest_id)
    if contest is None:
        raise NotFound("contest.none")
    act.require(Permission.MEETING_RUN, congress_id=contest.congress_id, unit_id=contest.unit_id)
    state = contest_state(act.session, contest_id)
    if state is not None and state.result.in_correction:
        raise Refused("follow_up.correction_asked")
    if state is None or state.due is None or state.meeting_id is None:
        raise Refused("follow_up.not_due")
    meeting = run_meeting(act, state.meeting_id)
    _require_no_correction(act, state)
    require_disinterested(act, state.due.may_stand, relatives=False)
    _require_none_open(act, state.last_round_id)
    return state, meeting, state.due


def _check_members(act: Act, state: ContestState, due: NextRound, members: Sequence[int], reason: str) -> None:
    may = set(due.may_stand)
    if due.kind is RoundKind.SUPPLEMENTARY:
        contest = state.result.contest
        may |= others_of(act.session, contest.unit_id, [state])[contest.id].keys()
    if not members:
        raise Refused("follow_up.nobody", field="members")
    if len(set(members)) != len(members) or not set(members) <= may:
        raise Refused("follow_up.not_eligible", field="members")
    if due.kind is not RoundKind.SUPPLEMENTARY and set(members) != set(due.candidates):
        raise Refused("follow_up.same_names", field="members", kind=due.kind)
    if len(members) < due.needed and not reason.strip():
        raise Refused("follow_up.thin", field="reason", have=len(members), need=due.needed)
    if set(members) != set(due.candidates) and not reason.strip():
        raise Refused("follow_up.not_by_votes", field="reason")


def _propose(
    act: Act,
    state: ContestState,
    meeting: Meeting,
    kind: FollowUpKind,
    seats: int,
    members: Sequence[int],
    reason: str,
    vacancy: Vacancy | None = None,
) -> FollowUp:
    row = FollowUp(
        meeting_id=meeting.id,
        round_id=state.last_round_id,
        kind=kind,
        seats=seats,
        members=list(members),
        reason=reason.strip(),
        document="" if vacancy is None else vacancy.document.strip(),
        decided_on=None if vacancy is None else vacancy.decided_on or act.today,
        consented=None if vacancy is None else vacancy.consented,
        expected=None if vacancy is None else meeting.expected,
        proposed_by_id=act.person_id,
        proposed_at=act.now,
    )
    return _record_proposal(act, row, meeting)


def _record_proposal(act: Act, row: FollowUp, meeting: Meeting) -> FollowUp:
    act.session.add(row)
    act.record(
        "follow_up.proposed",
        row,
        congress_id=meeting.congress_id,
        meeting=meeting.id,
        kind=row.kind.value,
        seats=row.seats,
        members=row.members,
        reason=row.reason,
    )
    return row


def _load(act: Act, follow_up_id: int) -> tuple[FollowUp, Meeting]:
    found = act.session.get(FollowUp, follow_up_id)
    if found is None:
        raise NotFound("follow_up.none")
    # The meeting first, as everywhere: its rounds must not change under the act.
    meeting = load_meeting(act, found.meeting_id)
    return act.session.get_one(FollowUp, follow_up_id, with_for_update=True), meeting


def _held(act: Act, round_id: int) -> MeetingRound:
    held = act.session.scalar(select(MeetingRound).where(MeetingRound.round_id == round_id))
    if held is None:
        raise NotFound("meeting.no_such_round")
    return held


def _require_none_open(act: Act, round_id: int) -> None:
    waiting = select(FollowUp.id).where(
        FollowUp.round_id == round_id, FollowUp.agreed_at.is_(None), FollowUp.dropped_at.is_(None)
    )
    if act.session.scalar(waiting.limit(1)) is not None:
        raise Refused("follow_up.proposed_already")


def _require_no_correction(act: Act, state: ContestState, proposed_after: int = 0) -> None:
    """Nothing follows from figures that somebody asks to withdraw, or that are withdrawn (as those are from which something was
    proposed and that are not there now). A void ballot is held again whatever
    becomes of them.
    """
    last = state.result.rounds[-1]
    reopened = last.round.id == proposed_after and last.status is ContestStatus.PENDING
    if state.result.in_correction or reopened:
        raise Refused("follow_up.correction_asked")
    if last.round.void_at is None and correction_asked(act.session, state.meeting_id or 0, state.ballot):
        raise Refused("follow_up.correction_asked")


def _strike(act: Act, row: FollowUp) -> None:
    require_not_issued(act, row.round_id)
    held = _held(act, row.round_id)
    new = freeze_without(act, held.slate, int(row.members[0]), row.reason, row.proposed_by_id)
    held.slate_id, new.in_use_at = new.id, act.now
    act.session.flush()
