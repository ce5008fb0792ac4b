"""The room's verbs on where a meeting votes and who counts there: venues, mobile boxes, counting groups.

Only while the meeting is planned: each group's paper form carries its number from the moment the group exists. Sums over
venues and groups are the system's work (edge case 20).
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from election.errors import NotFound, Refused
from election.meeting.models import CountingGroup, Meeting, Venue
from election.meeting.models_evening import Attendee
from election.meeting.operations import form_number, require_planned, run_meeting
from election.people.act import Act

LONGEST_NAME = 60


def add_venue(act: Act, meeting_id: int, name: str, *, mobile: bool = False) -> Venue:
    """Another venue of the meeting with its first counting group; `mobile`: a box that goes to the voters."""
    meeting = run_meeting(act, meeting_id)
    require_planned(meeting)
    _require_free_name(act, meeting, name)
    last = act.session.scalar(select(func.max(Venue.number)).where(Venue.meeting_id == meeting_id)) or 0
    venue = Venue(meeting_id=meeting_id, number=last + 1, name=name.strip(), mobile=mobile)
    act.session.add(venue)
    act.session.flush()
    group = _group(act, meeting, venue)
    act.record(
        "venue.added",
        venue,
        congress_id=meeting.congress_id,
        meeting=meeting_id,
        name=venue.name,
        mobile=mobile,
        form=group.form_number,
    )
    return venue


def rename_venue(act: Act, venue_id: int, name: str, *, mobile: bool = False) -> Venue:
    meeting, venue = _planned_venue(act, venue_id)
    if name.strip() != venue.name:
        _require_free_name(act, meeting, name)
    before = venue.name
    venue.name, venue.mobile = name.strip(), mobile
    act.record("venue.changed", venue, congress_id=meeting.congress_id, before=before, after=venue.name, mobile=mobile)
    return venue


def remove_venue(act: Act, venue_id: int) -> None:
    """Takes a venue off, with its groups; one always stays, and one where somebody signed in stays too."""
    meeting, venue = _planned_venue(act, venue_id)
    if len(_numbers(act, Venue.number, Venue.meeting_id, meeting.id)) == 1:
        raise Refused("meeting.last_venue")
    if act.session.scalar(select(Attendee.id).where(Attendee.venue_id == venue_id).limit(1)) is not None:
        raise Refused("meeting.venue_signed_in", name=venue.name)
    act.record("venue.removed", venue, congress_id=meeting.congress_id, name=venue.name)
    for group in list(venue.groups):
        act.session.delete(group)
    act.session.flush()
    act.session.delete(venue)
    act.session.flush()


def add_group(act: Act, venue_id: int) -> CountingGroup:
    """Another counting group of a venue, with a paper form of its own."""
    meeting, venue = _planned_venue(act, venue_id)
    group = _group(act, meeting, venue)
    act.record("counting_group.added", group, congress_id=meeting.congress_id, venue=venue.name, form=group.form_number)
    return group


def remove_group(act: Act, group_id: int) -> None:
    """Takes the last counting group of a venue off; the first one stays."""
    group = act.session.get(CountingGroup, group_id)
    if group is None:
        raise NotFound("meeting.no_such_group")
    meeting, _ = _planned_venue(act, group.venue_id)
    numbers = _numbers(act, CountingGroup.number, CountingGroup.venue_id, group.venue_id)
    if len(numbers) == 1:
        raise Refused("meeting.last_group")
    if group.number != max(numbers):  # numbers stay without a gap: tellers find their paper by them
        raise Refused("meeting.not_the_last_group")
    act.record("counting_group.removed", group, congress_id=meeting.congress_id, form=group.form_number)
    act.session.delete(group)
    act.session.flush()


def _planned_venue(act: Act, venue_id: int) -> tuple[Meeting, Venue]:
    venue = act.session.get(Venue, venue_id)
    if venue is None:
        raise NotFound("meeting.no_such_venue")
    meeting = run_meeting(act, venue.meeting_id)
    require_planned(meeting)
    return meeting, venue


def _require_free_name(act: Act, meeting: Meeting, name: str) -> None:
    wanted = name.strip()
    if not wanted:
        raise Refused("meeting.venue_unnamed", field="name")
    if len(wanted) > LONGEST_NAME:
        raise Refused("meeting.venue_name_long", field="name", most=LONGEST_NAME)
    same = select(Venue.id).where(Venue.meeting_id == meeting.id, Venue.name == wanted)
    if act.session.scalar(same.limit(1)) is not None:
        raise Refused("meeting.venue_named_already", field="name", name=wanted)


def _group(act: Act, meeting: Meeting, venue: Venue) -> CountingGroup:
    number = max(_numbers(act, CountingGroup.number, CountingGroup.venue_id, venue.id), default=0) + 1
    group = CountingGroup(
        venue_id=venue.id, number=number, form_number=form_number(meeting.unit, meeting, venue.number, number)
    )
    act.session.add(group)
    act.session.flush()
    return group


def _numbers(
    act: Act, column: InstrumentedAttribute[int], owner: InstrumentedAttribute[int], owner_id: int
) -> list[int]:
    return list(act.session.scalars(select(column).where(owner == owner_id)))
