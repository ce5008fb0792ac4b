"""The room's verbs for the meeting itself: planned, changed, closed, called off. Never counts a vote.

Venues, attendance, officers, the opening and the ballots each have an `operations_*.py` of their own.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import and_, exists, func, select

from election.congress.models import Category, Unit
from election.contests.models import Contest, Round
from election.contests.queries import WITH_SEATS
from election.errors import NotFound, Refused
from election.machine import Words
from election.meeting.lifecycle import MeetingAction, MeetingState, transition
from election.meeting.models import (
    CountingGroup,
    Meeting,
    MeetingRound,
    Venue,
    VenueBallots,
)
from election.meeting.models_evening import Attendee, FollowUp, FollowUpKind
from election.meeting.operations_archived import require_not_archived
from election.meeting.queries import slates_in_force
from election.notices.queries import hanging_on
from election.people.act import Act, local_day
from election.people.permissions import Permission
from election.texts import chinese_date

# A year typed wrongly; no rule, only what no calendar of an office holds.
PLAUSIBLE = timedelta(days=3660)
ONE_MINUTE = timedelta(minutes=1)
# Of the rounds of a meeting: neither counted nor void; and of which somebody was handed a ballot in some venue.
UNSETTLED = and_(MeetingRound.counted_at.is_(None), Round.void_at.is_(None))
HANDED_OUT = exists().where(VenueBallots.round_id == MeetingRound.round_id)


def load_meeting(act: Act, meeting_id: int) -> Meeting:
    """The meeting, locked for the act: its state decides what may follow. Raises NotFound, and Refused in the archive."""
    meeting = act.session.get(Meeting, meeting_id, with_for_update=True)
    if meeting is None:
        raise NotFound("meeting.none")
    require_not_archived(act, meeting.congress_id)
    return meeting


def run_meeting(act: Act, meeting_id: int) -> Meeting:
    """The meeting, locked, for an act of its chair."""
    meeting = load_meeting(act, meeting_id)
    act.require(Permission.MEETING_RUN, congress_id=meeting.congress_id, unit_id=meeting.unit_id)
    return meeting


def plan_meeting(act: Act, unit_id: int, place: str, starts_at: datetime | None, *, sure: bool = False) -> Meeting:
    """The unit's meeting with its one venue and counting group, whose paper form has a number from now on. `sure`: of a day
    that is over, or on which a notice of electors or candidates still hangs.
    """
    unit = act.session.get(Unit, unit_id, with_for_update=True)
    if unit is None:
        raise NotFound("congress.no_such_unit")
    act.require(Permission.MEETING_RUN, congress_id=unit.congress_id, unit_id=unit_id)
    require_not_archived(act, unit.congress_id)
    moment = _plan_of(act, unit.congress_id, place, starts_at, sure=sure)
    alive = select(Meeting.id).where(
        Meeting.unit_id == unit_id, Meeting.state.not_in([MeetingState.CALLED_OFF, MeetingState.CLOSED])
    )
    if act.session.scalar(alive) is not None:
        raise Refused("meeting.planned_already", unit=unit.name)
    # A round is voted on once: what has an outcome, or waits for its count, needs no other meeting.
    if not slates_in_force(act.session, unit_id):
        raise Refused("meeting.no_contest")
    last = act.session.scalar(select(func.max(Meeting.number)).where(Meeting.unit_id == unit_id)) or 0
    meeting = Meeting(
        congress_id=unit.congress_id,
        unit_id=unit_id,
        number=last + 1,
        state=MeetingState.PLANNED,
        place=place.strip(),
        starts_at=moment,
    )
    act.session.add(meeting)
    act.session.flush()
    venue = Venue(meeting_id=meeting.id, number=1, name=place.strip())
    act.session.add(venue)
    act.session.flush()
    group = CountingGroup(venue_id=venue.id, number=1, form_number=form_number(unit, meeting, venue.number, 1))
    act.session.add(group)
    act.record(
        "meeting.planned",
        meeting,
        congress_id=unit.congress_id,
        unit=unit.code,
        number=meeting.number,
        place=meeting.place,
        starts_at=moment.isoformat(),
        form=group.form_number,
    )
    return meeting


def _plan_of(act: Act, congress_id: int, place: str, starts_at: datetime | None, *, sure: bool) -> datetime:
    """The moment of a plan that names a place and a time at which anyone could meet; an odd day is asked about."""
    if not place.strip():
        raise Refused("meeting.place_missing", field="place")
    if starts_at is None:
        raise Refused("meeting.time_missing", field="starts_at")
    if abs(starts_at - act.now) > PLAUSIBLE:
        raise Refused("meeting.time_implausible", field="starts_at")
    if not sure:
        day = local_day(starts_at)
        if day < act.today:
            raise Refused("meeting.day_is_over", field="sure", day=_day(day))
        if (notice := hanging_on(act.session, congress_id, day)) is not None:
            last = _day(notice.last_day)
            raise Refused("meeting.day_in_notice", field="sure", day=_day(day), notice=notice.kind, last=last)
    return starts_at


def _day(day: date) -> Words:
    return Words(chinese_date(day), day.isoformat())


def form_number(unit: Unit, meeting: Meeting, venue: int, group: int) -> str:
    """unit-venue-group in digits, for the number pad: 07-1-1. A later meeting of the unit has a point of its own, 07.2-1-1, so
    that no paper of one meeting can be read as a paper of another.
    """
    where = f"{unit.position:02d}" if meeting.number == 1 else f"{unit.position:02d}.{meeting.number}"
    return f"{where}-{venue}-{group}"


def change_plan(act: Act, meeting_id: int, place: str, starts_at: datetime | None, *, sure: bool = False) -> Meeting:
    """Another place or time, while it has not begun. `sure`: as of a new plan."""
    meeting = run_meeting(act, meeting_id)
    require_planned(meeting)
    # What was not touched is not asked about again.
    same = starts_at is not None and meeting.starts_at is not None and abs(starts_at - meeting.starts_at) < ONE_MINUTE
    moment = _plan_of(act, meeting.congress_id, place, starts_at, sure=sure or same)
    venues = act.session.scalars(select(Venue).where(Venue.meeting_id == meeting_id)).all()
    for venue in venues:  # the hall is called as the place is, until it was given a name of its own
        if venue.name == meeting.place or len(venues) == 1:
            venue.name = place.strip()
    meeting.place, meeting.starts_at = place.strip(), moment
    act.record(
        "meeting.changed",
        meeting,
        congress_id=meeting.congress_id,
        place=meeting.place,
        starts_at=moment.isoformat(),
    )
    return meeting


def require_planned(meeting: Meeting) -> None:
    """What was put to the meeting as it opened stays."""
    if meeting.state is not MeetingState.PLANNED:
        raise Refused("meeting.opened_already", state=meeting.state)


def close_meeting(act: Act, meeting_id: int) -> Meeting:
    """Ends the evening, once each contest whose ballots went out is either decided or void. What nobody was handed a ballot
    of is left for another meeting.
    """
    meeting = run_meeting(act, meeting_id)
    open_ones = act.session.execute(
        select(Category.name, Contest.kind)
        .join(Contest, Contest.category_id == Category.id)
        .join(Round, Round.contest_id == Contest.id)
        .join(MeetingRound, MeetingRound.round_id == Round.id)
        .where(MeetingRound.meeting_id == meeting_id, UNSETTLED, HANDED_OUT)
        .order_by(Category.position)
    )
    blockers = [Words(f"{category}（{kind.zh}）", f"{category} ({kind.en})") for category, kind in open_ones]
    settled = (
        select(func.count())
        .select_from(MeetingRound)
        .join(Round, Round.id == MeetingRound.round_id)
        .where(MeetingRound.meeting_id == meeting_id, ~UNSETTLED, WITH_SEATS)
    )
    meeting.state = transition(
        meeting.state,
        MeetingAction.CLOSE,
        act.person_id,
        blockers=blockers,
        settled=act.session.scalar(settled) or 0,
    )
    meeting.closed_at = act.now
    freed = _free_rounds(act, meeting, "散会")
    record_attendees(act, meeting)
    act.record("meeting.closed", meeting, congress_id=meeting.congress_id, **({"left": freed} if freed else {}))
    return meeting


def _free_rounds(act: Act, meeting: Meeting, because: str) -> list[int]:
    """Lets the meeting go of the rounds of which nobody was handed a ballot: another one may open with them, on the slates as
    they stand now. A strike that still waits for agreement is dropped with them. The rounds, for the audit chain.
    """
    held = act.session.scalars(
        select(MeetingRound)
        .join(Round, Round.id == MeetingRound.round_id)
        .where(MeetingRound.meeting_id == meeting.id, UNSETTLED, ~HANDED_OUT)
        .order_by(MeetingRound.id)
    ).all()
    freed = [one.round_id for one in held]
    waiting = select(FollowUp).where(
        FollowUp.round_id.in_(freed),
        FollowUp.kind == FollowUpKind.STRIKE,
        FollowUp.agreed_at.is_(None),
        FollowUp.dropped_at.is_(None),
    )
    for strike in act.session.scalars(waiting).all():
        strike.dropped_by_id, strike.dropped_at, strike.dropped_because = act.person_id, act.now, because
        act.record(
            "follow_up.dropped",
            strike,
            congress_id=meeting.congress_id,
            meeting=meeting.id,
            kind=strike.kind.value,
            round=None,
            reason=because,
        )
    for one in held:
        one.slate.in_use_at = None
        act.session.delete(one)
    act.session.flush()
    return freed


def record_attendees(act: Act, meeting: Meeting) -> None:
    """Who has signed in, venue by venue and by number: so the chain has who came, never in which order (edge case 15). A step
    of the acts that open and close the meeting; each arrival by itself is recorded as one more present.
    """
    came: dict[int, list[int]] = {}
    rows = select(Attendee.venue_id, Attendee.member_id).where(Attendee.meeting_id == meeting.id)
    for venue_id, member_id in act.session.execute(rows):
        came.setdefault(venue_id, []).append(member_id)
    told = [
        (venue, {"meeting": meeting.id, "members": sorted(came[venue.id])})
        for venue in meeting.venues
        if venue.id in came
    ]
    act.record_all("attendance.listed", told, congress_id=meeting.congress_id)


def call_off_meeting(act: Act, meeting_id: int, reason: str) -> Meeting:
    """A meeting that will not take place, or that breaks off before anybody was handed a ballot; another may then be planned.
    What its opening froze stays on record with it.
    """
    meeting = run_meeting(act, meeting_id)
    begun = meeting.state is not MeetingState.PLANNED
    ballots_out = act.session.scalar(select(exists().where(VenueBallots.meeting_id == meeting_id)))
    meeting.state = transition(
        meeting.state, MeetingAction.CALL_OFF, act.person_id, reason=reason, ballots_out=bool(ballots_out)
    )
    freed = _free_rounds(act, meeting, reason.strip())
    if begun:
        record_attendees(act, meeting)
    act.record(
        "meeting.called_off",
        meeting,
        congress_id=meeting.congress_id,
        reason=reason.strip(),
        **({"left": freed} if freed else {}),
    )
    return meeting
