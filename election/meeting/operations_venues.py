"""The room's verbs on where a meeting votes and who counts there: venues, mobile boxes, counting groups.

Only while the meeting is planned: each group's paper form carries its number from the moment the group exists. Sums over
venues and groups are the system's work (edge case 20).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from election.errors import NotFound, Refused
from election.machine import listed
from election.meeting.models import CountingGroup, Meeting, Venue
from election.meeting.models_evening import Attendee
from election.meeting.operations import form_number, require_planned, run_meeting
from election.people.act import Act

LONGEST_NAME = 60


def add_venue(act: Act, meeting_id: int, name: str, *, mobile: bool = False, counted_with: int | None = None) -> Venue:
    """Another venue of the meeting. `mobile`: a box that goes to the voters. `counted_with`: the venue that counts its ballots
    with its own; without, it gets its first counting group.
    """
    meeting = run_meeting(act, meeting_id)
    require_planned(meeting)
    _require_free_name(act, meeting, name)
    at = _counting(act, meeting, counted_with, mobile=mobile)
    last = act.session.scalar(select(func.max(Venue.number)).where(Venue.meeting_id == meeting_id)) or 0
    venue = Venue(
        meeting_id=meeting_id, number=last + 1, name=name.strip(), mobile=mobile, counted_with_id=counted_with
    )
    act.session.add(venue)
    act.session.flush()
    forms = [] if at is not None else [_group(act, meeting, venue).form_number]
    act.record(
        "venue.added",
        venue,
        congress_id=meeting.congress_id,
        meeting=meeting_id,
        name=venue.name,
        mobile=mobile,
        **_told(at, forms),
    )
    return venue


def change_venue(act: Act, venue_id: int, name: str, *, mobile: bool = False, counted_with: int | None = None) -> Venue:
    """Another name, or another place where its ballots are counted: its groups go as it is counted elsewhere, with their
    paper, and it gets one as it is counted by itself.
    """
    meeting, venue = _planned_venue(act, venue_id)
    if name.strip() != venue.name:
        _require_free_name(act, meeting, name)
    at = _counting(act, meeting, counted_with, mobile=mobile, venue=venue)
    before = venue.name
    if before == meeting.place and not mobile:  # the hall by whose name the meeting was called
        meeting.place = name.strip()
    if at is not None and venue.counted_with_id is None:
        _take_groups(act, venue)
    venue.name, venue.mobile, venue.counted_with_id = name.strip(), mobile, counted_with
    act.session.flush()
    forms = []
    if at is None and not _numbers(act, CountingGroup.number, CountingGroup.venue_id, venue_id):
        forms = [_group(act, meeting, venue).form_number]
    act.record(
        "venue.changed",
        venue,
        congress_id=meeting.congress_id,
        before=before,
        after=venue.name,
        mobile=mobile,
        **_told(at, forms),
    )
    return venue


def _told(at: Venue | None, forms: Sequence[str]) -> dict[str, Any]:
    """Where it is counted, as the record says it."""
    found: dict[str, Any] = {} if at is None else {"counted_with": at.name}
    return found | ({"form": forms[0]} if forms else {})


def _counting(
    act: Act, meeting: Meeting, counted_with: int | None, *, mobile: bool, venue: Venue | None = None
) -> Venue | None:
    """The venue that is to count it, None where it does so itself. A box that goes to the voters is never counted alone
    (edge case 15), and who counts for others counts by itself.
    """
    if counted_with is None:
        if mobile:
            raise Refused("meeting.box_counted_where", field="counted_with")
        return None
    at = act.session.get(Venue, counted_with)
    if at is None or at.meeting_id != meeting.id or at is venue:
        raise Refused("meeting.no_such_counting", field="counted_with")
    if at.counted_with_id is not None:
        raise Refused("meeting.counted_elsewhere", field="counted_with", name=at.name)
    if venue is not None:
        _require_counts_none(act, venue)
    return at


def _require_counts_none(act: Act, venue: Venue) -> None:
    others = select(Venue.name).where(Venue.counted_with_id == venue.id).order_by(Venue.number)
    if names := act.session.scalars(others).all():
        raise Refused("meeting.venue_counts_others", name=venue.name, others=listed(names))


def remove_venue(act: Act, venue_id: int) -> None:
    """Takes a venue off, with its groups; one always stays, and one where somebody signed in or that counts for another."""
    meeting, venue = _planned_venue(act, venue_id)
    if len(_numbers(act, Venue.number, Venue.meeting_id, meeting.id)) == 1:
        raise Refused("meeting.last_venue")
    if act.session.scalar(select(Attendee.id).where(Attendee.venue_id == venue_id).limit(1)) is not None:
        raise Refused("meeting.venue_signed_in", name=venue.name)
    _require_counts_none(act, venue)
    act.record("venue.removed", venue, congress_id=meeting.congress_id, name=venue.name)
    _take_groups(act, venue)
    act.session.delete(venue)
    act.session.flush()


def _take_groups(act: Act, venue: Venue) -> None:
    for group in act.session.scalars(select(CountingGroup).where(CountingGroup.venue_id == venue.id)):
        act.session.delete(group)
    act.session.flush()
    act.session.expire(venue, ["groups"])


def add_group(act: Act, venue_id: int) -> CountingGroup:
    """Another counting group of a venue, with a paper form of its own."""
    meeting, venue = _planned_venue(act, venue_id)
    if venue.counted_with_id is not None:
        raise Refused("meeting.counted_elsewhere", name=venue.name)
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
