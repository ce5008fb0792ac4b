"""The room's verbs for the meeting itself: planned, its exclusions and attendance, opened, closed, called off.

Officers are in `operations_officers.py`, ballots in `operations_ballots.py`. Never counts a vote.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from election.congress.models import Category, Unit
from election.congress.rules_in_force import use_rules
from election.contests.models import Contest, Round
from election.errors import NotFound, Refused
from election.machine import Words, listed
from election.meeting.lifecycle import MeetingAction, MeetingState, Opening, transition
from election.meeting.models import (
    CountingGroup,
    Exclusion,
    Meeting,
    MeetingOfficer,
    MeetingRound,
    Office,
    Venue,
)
from election.meeting.queries import count_expected, count_voters, slates_in_force, voters_of_unit
from election.meeting.quorum import Quorum
from election.nomination.lifecycle import SlateState
from election.nomination.models import Slate
from election.nomination.slates.queries_board import unit_board_row
from election.people.act import Act
from election.people.models import Person
from election.people.permissions import Permission
from election.roster.absences.queries import listed_absences
from election.roster.models import ExclusionReason, Member
from election.texts import sentence

# A year typed wrongly; no rule, only what no calendar of an office holds.
PLAUSIBLE = timedelta(days=3660)
# What the meeting is held by: its quorum and majority, its ballots, who counts as of which age. Fixed for all as the
# first one opens, before anyone has voted.
OPENING_RULES = ("quorum_meeting", "majority_base", "tie_at_cut", "write_in", "age_reference")


def load_meeting(act: Act, meeting_id: int) -> Meeting:
    """The meeting, locked for the act: its state decides what may follow. Raises NotFound."""
    meeting = act.session.get(Meeting, meeting_id, with_for_update=True)
    if meeting is None:
        raise NotFound("meeting.none")
    return meeting


def run_meeting(act: Act, meeting_id: int) -> Meeting:
    """The meeting, locked, for an act of its chair."""
    meeting = load_meeting(act, meeting_id)
    act.require(Permission.MEETING_RUN, congress_id=meeting.congress_id, unit_id=meeting.unit_id)
    return meeting


def plan_meeting(act: Act, unit_id: int, place: str, starts_at: datetime | None) -> Meeting:
    """The unit's meeting with its one venue and counting group, whose paper form has a number from now on."""
    unit = act.session.get(Unit, unit_id, with_for_update=True)
    if unit is None:
        raise NotFound("congress.no_such_unit")
    act.require(Permission.MEETING_RUN, congress_id=unit.congress_id, unit_id=unit_id)
    moment = _plan_of(act, place, starts_at)
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


def _plan_of(act: Act, place: str, starts_at: datetime | None) -> datetime:
    """The moment of a plan that names a place and a time at which anyone could meet."""
    if not place.strip():
        raise Refused("meeting.place_missing", field="place")
    if starts_at is None:
        raise Refused("meeting.time_missing", field="starts_at")
    if abs(starts_at - act.now) > PLAUSIBLE:
        raise Refused("meeting.time_implausible", field="starts_at")
    return starts_at


def form_number(unit: Unit, meeting: Meeting, venue: int, group: int) -> str:
    """unit-venue-group in digits, for the number pad: 07-1-1. A later meeting of the unit stands before the venue."""
    parts = [f"{unit.position:02d}", *([f"0{meeting.number}"] if meeting.number > 1 else []), str(venue), str(group)]
    return "-".join(parts)


def change_plan(act: Act, meeting_id: int, place: str, starts_at: datetime | None) -> Meeting:
    """Another place or time, while it has not begun."""
    meeting = run_meeting(act, meeting_id)
    _require_planned(meeting)
    moment = _plan_of(act, place, starts_at)
    venues = act.session.scalars(select(Venue).where(Venue.meeting_id == meeting_id)).all()
    if len(venues) == 1:
        venues[0].name = place.strip()
    meeting.place, meeting.starts_at = place.strip(), moment
    act.record(
        "meeting.changed",
        meeting,
        congress_id=meeting.congress_id,
        place=meeting.place,
        starts_at=moment.isoformat(),
    )
    return meeting


def _require_planned(meeting: Meeting) -> None:
    if meeting.state is not MeetingState.PLANNED:
        raise Refused("meeting.opened_already", state=meeting.state)


def add_exclusion(act: Act, meeting_id: int, member_id: int, reason: ExclusionReason) -> Exclusion:
    """A member with a vote who, with the meeting's consent, will not be counted among the expected."""
    meeting = run_meeting(act, meeting_id)
    _require_planned(meeting)
    person = act.session.scalar(
        select(Person)
        .join(Member, Member.person_id == Person.id)
        .where(Member.id == member_id, Member.id.in_(voters_of_unit(meeting.unit_id)))
    )
    if person is None:
        raise Refused("meeting.not_a_voter", field="member")
    same = select(Exclusion.id).where(Exclusion.meeting_id == meeting_id, Exclusion.member_id == member_id)
    if act.session.scalar(same) is not None:
        raise Refused("meeting.excluded_already", field="member", name=person.name)
    exclusion = Exclusion(meeting_id=meeting_id, member_id=member_id, reason=reason)
    act.session.add(exclusion)
    act.record(
        "exclusion.added",
        exclusion,
        congress_id=meeting.congress_id,
        meeting=meeting_id,
        member=member_id,
        reason=reason.value,
    )
    return exclusion


def add_listed_exclusions(act: Act, meeting_id: int) -> int:
    """Proposes everyone whom the roster records as away for a listed reason, those left out who stand there already; how
    many were added. The meeting consents to them as to any other.
    """
    meeting = run_meeting(act, meeting_id)
    _require_planned(meeting)
    held = set(act.session.scalars(select(Exclusion.member_id).where(Exclusion.meeting_id == meeting_id)))
    listed = listed_absences(act.session, meeting.congress_id, meeting.unit_id)
    wanted = [(member_id, reason) for member_id, reason in listed if member_id not in held]
    if not wanted:
        raise Refused("meeting.none_listed", field="member")
    act.session.add_all(
        Exclusion(meeting_id=meeting_id, member_id=member_id, reason=reason) for member_id, reason in wanted
    )
    act.record(
        "exclusions.listed",
        meeting,
        congress_id=meeting.congress_id,
        members=[member_id for member_id, _ in wanted],
    )
    return len(wanted)


def remove_exclusion(act: Act, exclusion_id: int) -> None:
    exclusion = act.session.get(Exclusion, exclusion_id)
    if exclusion is None:
        raise NotFound("meeting.no_such_exclusion")
    meeting = run_meeting(act, exclusion.meeting_id)
    _require_planned(meeting)
    act.record("exclusion.removed", exclusion, congress_id=meeting.congress_id, member=exclusion.member_id)
    act.session.delete(exclusion)
    act.session.flush()


def set_present(act: Act, venue_id: int, present: int) -> Venue:
    """Those signed in at a venue. After the opening late arrivals raise this number and nothing else (edge case 11)."""
    meeting_id = act.session.scalar(select(Venue.meeting_id).where(Venue.id == venue_id))
    if meeting_id is None:
        raise NotFound("meeting.no_such_venue")
    meeting = run_meeting(act, meeting_id)
    venue = act.session.get_one(Venue, venue_id)
    _set_present(act, meeting, venue, present)
    act.record("attendance.recorded", venue, congress_id=meeting.congress_id, meeting=meeting.id, present=present)
    return venue


def _set_present(act: Act, meeting: Meeting, venue: Venue, present: int) -> None:
    if meeting.state in (MeetingState.CLOSED, MeetingState.CALLED_OFF):
        raise Refused("meeting.not_open", state=meeting.state)
    if present < 0:
        raise Refused("meeting.present_negative", field="present")
    elsewhere = act.session.scalar(
        select(func.coalesce(func.sum(Venue.present), 0)).where(Venue.meeting_id == meeting.id, Venue.id != venue.id)
    )
    together = int(elsewhere or 0) + present
    # Before the opening exclusions may still change: then the unit's voters are the bound.
    bound = count_voters(act.session, meeting.unit_id) if meeting.expected is None else meeting.expected
    if together > bound:
        raise Refused("meeting.present_over_expected", field="present", present=together, expected=bound)
    if meeting.state is not MeetingState.PLANNED:
        if venue.present is not None and present < venue.present:
            raise Refused("meeting.present_only_rises", field="present", present=venue.present)
        require_uncounted(act, meeting)
    venue.present = present


def require_uncounted(act: Act, meeting: Meeting) -> None:
    """Figures on which a recorded outcome relies stand, until that is withdrawn."""
    relied_on = select(MeetingRound.id).where(
        MeetingRound.meeting_id == meeting.id, MeetingRound.counted_at.is_not(None)
    )
    if act.session.scalar(relied_on.limit(1)) is not None:
        raise Refused("meeting.counted_already")


def open_meeting(
    act: Act,
    meeting_id: int,
    *,
    present: int | None = None,
    exclusions_consented: bool = False,
    method_adopted: bool = False,
    scrutineers_voted: bool = False,
) -> Meeting:
    """Tests the quorum on the number reduced by the exclusions, which this act freezes for this meeting, and fixes the
    rounds and slates that are voted on.

    `present`: those signed in at the meeting's only venue; with several venues each has its own, set before.
    `exclusions_consented` counts only where there are exclusions to consent to.
    """
    meeting = run_meeting(act, meeting_id)
    venues = act.session.scalars(select(Venue).where(Venue.meeting_id == meeting_id).order_by(Venue.number)).all()
    if present is not None:
        if len(venues) != 1:
            raise Refused("meeting.present_by_venue", field="present")
        if meeting.state is MeetingState.PLANNED:
            _set_present(act, meeting, venues[0], present)
    if any(venue.present is None for venue in venues):
        raise Refused("meeting.present_missing", field="present")
    excluded = act.session.scalar(select(func.count()).select_from(Exclusion).where(Exclusion.meeting_id == meeting_id))
    slates = slates_in_force(act.session, meeting.unit_id)
    hold_slates(act, [slate for _, slate in slates if slate is not None])
    if meeting.state is MeetingState.PLANNED:
        if not slates:
            raise Refused("meeting.no_contest")
        _require_scrutineer(act, meeting_id)
    values = use_rules(act, meeting.congress_id, "meeting.opened", *OPENING_RULES)
    opening = Opening(
        expected=count_expected(act.session, meeting),
        present=sum(venue.present or 0 for venue in venues),
        quorum=Quorum.parse(str(values["quorum_meeting"])),
        exclusions_consented=exclusions_consented or not excluded,
        method_adopted=method_adopted,
        scrutineers_voted=scrutineers_voted,
        slates_frozen=all(slate is not None and slate.state is SlateState.FROZEN for _, slate in slates),
    )
    meeting.state = transition(meeting.state, MeetingAction.OPEN, act.person_id, opening=opening)
    meeting.expected = opening.expected
    meeting.exclusions_consented, meeting.method_adopted = opening.exclusions_consented, True
    meeting.scrutineers_voted = True
    meeting.opened_by_id, meeting.opened_at = act.person_id, act.now
    _require_standing(act, meeting.unit_id)
    for _, slate in slates:
        if slate is not None:
            slate.in_use_at = act.now
    act.session.add_all(
        MeetingRound(meeting_id=meeting_id, round_id=row.id, slate_id=slate.id)
        for row, slate in slates
        if slate is not None
    )
    act.record(
        "meeting.opened",
        meeting,
        congress_id=meeting.congress_id,
        expected=opening.expected,
        present=opening.present,
        excluded=excluded,
        quorum=str(opening.quorum),
        slates=[slate.id for _, slate in slates if slate is not None],
    )
    return meeting


def _require_standing(act: Act, unit_id: int) -> None:
    """Nobody is voted on who has lost the vote, the unit or the category since the slate was frozen."""
    row = unit_board_row(act.session, act.session.get_one(Unit, unit_id), act.today)
    if row is not None and row.blockers:
        said = [sentence(one.code, one.params) for one in row.blockers]
        raise Refused("meeting.slate_outdated", count=len(said), blockers=listed(said))


def hold_slates(act: Act, slates: list[Slate]) -> None:
    """Locks the slates and reads them again: none is superseded while the meeting takes them."""
    held = select(Slate).where(Slate.id.in_([slate.id for slate in slates])).order_by(Slate.id).with_for_update()
    act.session.scalars(held.execution_options(populate_existing=True)).all()


def _require_scrutineer(act: Act, meeting_id: int) -> None:
    held = select(MeetingOfficer.id).where(
        MeetingOfficer.meeting_id == meeting_id, MeetingOfficer.office == Office.SCRUTINEER
    )
    if act.session.scalar(held.limit(1)) is None:
        raise Refused("meeting.no_scrutineer", field="scrutineers")


def close_meeting(act: Act, meeting_id: int) -> Meeting:
    """Ends the evening, once each of its contests is either decided or void."""
    meeting = run_meeting(act, meeting_id)
    open_ones = act.session.execute(
        select(Category.name, Contest.kind)
        .join(Contest, Contest.category_id == Category.id)
        .join(Round, Round.contest_id == Contest.id)
        .join(MeetingRound, MeetingRound.round_id == Round.id)
        .where(MeetingRound.meeting_id == meeting_id, MeetingRound.counted_at.is_(None), Round.void_at.is_(None))
        .order_by(Category.position)
    )
    blockers = [Words(f"{category}（{kind.zh}）", f"{category} ({kind.en})") for category, kind in open_ones]
    meeting.state = transition(meeting.state, MeetingAction.CLOSE, act.person_id, blockers=blockers)
    meeting.closed_at = act.now
    act.record("meeting.closed", meeting, congress_id=meeting.congress_id)
    return meeting


def call_off_meeting(act: Act, meeting_id: int, reason: str) -> Meeting:
    """A planned meeting that will not take place; another may then be planned."""
    meeting = run_meeting(act, meeting_id)
    meeting.state = transition(meeting.state, MeetingAction.CALL_OFF, act.person_id, reason=reason)
    act.record("meeting.called_off", meeting, congress_id=meeting.congress_id, reason=reason.strip())
    return meeting
