"""The opening of a meeting: the quorum tested on the reduced number, which is frozen, and what is voted on fixed.

Counts no vote.
"""

from __future__ import annotations

from sqlalchemy import func, select

from election.congress.models import Unit
from election.congress.rules_in_force import use_rules
from election.errors import Invalid, Refused
from election.machine import listed
from election.meeting.lifecycle import MeetingAction, MeetingState, Opening, opening_obstacles, transition
from election.meeting.models import Exclusion, Meeting, MeetingOfficer, MeetingRound, Office, Venue
from election.meeting.operations import record_attendees, run_meeting
from election.meeting.operations_attendance import put_present
from election.meeting.queries import count_expected, slates_in_force
from election.meeting.quorum import Quorum
from election.nomination.lifecycle import SlateState
from election.nomination.models import Slate
from election.nomination.slates.queries_board import unit_board_row
from election.people.act import CHINA, Act
from election.people.queries import names_of
from election.texts import sentence

# What the meeting is held by: its quorum and majority, its ballots, who counts as of which age. Fixed for all as the
# first one opens, before anyone has voted.
OPENING_RULES = (
    "quorum_meeting",
    "majority_base",
    "tie_at_cut",
    "write_in",
    "marks",
    "ballot_sheets",
    "age_reference",
    "counted_alone",
)


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
    if meeting.opened_at is not None and meeting.opened_by_id is not None:
        who = names_of(act.session, {meeting.opened_by_id})[meeting.opened_by_id]
        raise Refused("meeting.begun_already", at=f"{meeting.opened_at.astimezone(CHINA):%H:%M}", who=who)
    venues = act.session.scalars(select(Venue).where(Venue.meeting_id == meeting_id).order_by(Venue.number)).all()
    if present is not None:
        if len(venues) != 1:
            raise Refused("meeting.present_by_venue", field="present")
        if meeting.state is MeetingState.PLANNED:
            put_present(act, meeting, venues[0], 1, present)
    if any(venue.mobile and venue.counted_with_id is None for venue in venues):
        raise Refused("meeting.box_counted_where", field="venues")
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
    if meeting.state is MeetingState.PLANNED and len(obstacles := opening_obstacles(opening)) > 1:
        raise Invalid(list(obstacles))  # each at its place: the chair mends them all at once
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
    record_attendees(act, meeting)
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
