"""The room's verbs on who is there: members excused from the expected number, those present per venue, signing in.

The expected number is frozen as the meeting opens; afterwards only the present number moves (edge case 11).
"""

from __future__ import annotations

from collections.abc import Mapping
from secrets import randbelow
from typing import Any

from sqlalchemy import Select, func, select

from election.errors import Invalid, NotFound, Refused
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Exclusion, Meeting, MeetingOfficer, MeetingRound, Venue, VenueBallots
from election.meeting.models_evening import Attendee, VenueAttendance
from election.meeting.operations import require_planned, run_meeting
from election.meeting.queries import count_expected, current_ballot, present_at, quorum_of, voters_of_unit
from election.meeting.queries_evening import members_signed_in
from election.meeting.queries_officers import members_in_office
from election.people.act import Act
from election.people.models import Person
from election.roster.absences.queries import listed_absences
from election.roster.models import ExclusionReason, Member
from election.store.base import Base
from election.store.database import leave_no_history

# As large as a whole number of either database may be.
MOST_ATTENDEES = 2**31 - 1


def add_exclusion(act: Act, meeting_id: int, member_id: int, reason: ExclusionReason) -> Exclusion:
    """A member with a vote who, with the meeting's consent, will not be counted among the expected."""
    meeting = run_meeting(act, meeting_id)
    require_planned(meeting)
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
    if act.session.scalar(_of_member(Attendee.id, Attendee, meeting_id, member_id)) is not None:
        raise Refused("meeting.signed_in_excused", field="member", name=person.name)
    held = act.session.scalar(
        select(MeetingOfficer.office).where(
            MeetingOfficer.meeting_id == meeting_id, MeetingOfficer.person_id == person.id
        )
    )
    if held is not None:  # who works there comes
        raise Refused("meeting.excused_officer", field="member", name=person.name, office=held)
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
    """Proposes everyone whom the roster records as away for a listed reason, those left out who stand there already,
    have come all the same or hold an office of the meeting; how many were added. The meeting consents to them as to any other.
    """
    meeting = run_meeting(act, meeting_id)
    require_planned(meeting)
    held = set(act.session.scalars(select(Exclusion.member_id).where(Exclusion.meeting_id == meeting_id)))
    held |= members_signed_in(act.session, meeting_id) | members_in_office(act.session, meeting_id)
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
    require_planned(meeting)
    act.record("exclusion.removed", exclusion, congress_id=meeting.congress_id, member=exclusion.member_id)
    act.session.delete(exclusion)
    act.session.flush()


def set_present(act: Act, venue_id: int, present: int, *, ballot: int | None = None, reason: str = "") -> Venue:
    """Those present at one venue; see `set_presents`."""
    venue = act.session.get(Venue, venue_id)
    if venue is None:
        raise NotFound("meeting.no_such_venue")
    try:
        set_presents(act, venue.meeting_id, {venue_id: present}, ballot=ballot, reason=reason)
    except Invalid as invalid:
        raise invalid.refusals[0] from None
    return venue


def set_presents(
    act: Act, meeting_id: int, presents: Mapping[int, int], *, ballot: int | None = None, reason: str = ""
) -> None:
    """Those present at venues, at the vote that is on (or `ballot`), told together. After the opening late arrivals raise the
    numbers; a lower one corrects what was counted wrongly, with a reason. One below the quorum is recorded as it is, and no
    ballot goes out while it stands. Raises Invalid with what is wrong at each venue, in the field `present.<venue>`; Refused
    for their sum.
    """
    meeting = run_meeting(act, meeting_id)
    venues = {venue.id: venue for venue in meeting.venues}
    if presents.keys() - venues.keys():
        raise NotFound("meeting.no_such_venue")
    # After a withdrawn confirmation a wrong number is mended though all have gone home (edge case 19).
    if meeting.state is MeetingState.CALLED_OFF or (meeting.state is MeetingState.CLOSED and not reason.strip()):
        raise Refused("meeting.not_open", state=meeting.state)
    vote = current_ballot(act.session, meeting.id) if ballot is None else ballot
    refusals: list[Refused] = []
    told: list[tuple[Base | str, Mapping[str, Any]]] = []
    before = present_at(act.session, meeting.id, vote)
    _require_expected(act, meeting, {**before, **presents})
    for venue_id, present in presents.items():
        try:
            _check_present(act, meeting, venues[venue_id], vote, {**before, **presents}, reason)
        except Refused as refused:
            refusals.append(Refused(refused.code, field=f"present.{venue_id}", **refused.params))
            continue
        _store(act, meeting, venues[venue_id], vote, present)
        details = {"meeting": meeting.id, "ballot": vote, "before": before.get(venue_id), "present": present}
        told.append((venues[venue_id], {**details, "reason": reason.strip()}))
    if refusals:
        raise Invalid(refusals)
    act.record_all("attendance.recorded", told, congress_id=meeting.congress_id)


def put_present(act: Act, meeting: Meeting, venue: Venue, ballot: int, present: int) -> None:
    """Stores the number, if it can be. A step of an act that has asked for the permission."""
    presents = {**present_at(act.session, meeting.id, ballot), venue.id: present}
    _require_expected(act, meeting, presents)
    _check_present(act, meeting, venue, ballot, presents, "")
    _store(act, meeting, venue, ballot, present)


def _check_present(
    act: Act, meeting: Meeting, venue: Venue, ballot: int, presents: Mapping[int, int | None], reason: str
) -> None:
    """Refuses a number that cannot be, at a venue; `presents`: as all venues would have them."""
    present = presents[venue.id] or 0
    if present < 0:
        raise Refused("meeting.present_negative", field="present")
    before = present_at(act.session, meeting.id, ballot).get(venue.id)
    if meeting.state is not MeetingState.PLANNED and meeting.expected is not None:
        require_uncounted(act, meeting, ballot)
        if before is not None and present < before:
            if ballot == 1 and not reason.strip():
                raise Refused("meeting.present_only_rises", field="present", present=before)
            if not reason.strip() and _issued(act, venue, ballot) is not None:
                _require_quorum(act, meeting, sum(number or 0 for number in presents.values()))
        _require_issued(act, venue, ballot, present)
    # Who signed in since its ballots came back was not there for the first vote; after the opening, for a reason, who has
    # signed in may have left again.
    left = meeting.state is not MeetingState.PLANNED and bool(reason.strip())
    if ballot == 1 and not left and not _over(act, venue, 1) and present < (signed_in := _signed_in(act, venue)):
        raise Refused("meeting.present_below_signed_in", field="present", present=present, signed_in=signed_in)


def _require_expected(act: Act, meeting: Meeting, presents: Mapping[int, int | None]) -> None:
    """Of all venues together no more than the meeting expects: the number that its page shows, frozen as it opens."""
    together = sum(number or 0 for number in presents.values())
    expected = count_expected(act.session, meeting) if meeting.expected is None else meeting.expected
    if together > expected:
        raise Refused("meeting.present_over_expected", field="present", present=together, expected=expected)


def _require_quorum(act: Act, meeting: Meeting, present: int) -> None:
    quorum = quorum_of(act.session, meeting.congress_id)
    expected = meeting.expected or 0
    if not quorum.holds(present, expected):
        need = quorum.needed(expected)
        raise Refused("meeting.below_quorum", field="present", present=present, expected=expected, need=need)


def _require_issued(act: Act, venue: Venue, ballot: int, present: int) -> None:
    """Nobody who is not there was handed a ballot."""
    issued = _issued(act, venue, ballot)
    if issued is not None and present < issued:
        raise Refused("meeting.present_below_issued", field="present", present=present, issued=issued)


def _issued(act: Act, venue: Venue, ballot: int) -> int | None:
    """The most ballots of a contest that were handed out in a venue at a vote; None before any was."""
    return act.session.scalar(
        select(func.max(VenueBallots.issued))
        .join(MeetingRound, MeetingRound.round_id == VenueBallots.round_id)
        .where(VenueBallots.venue_id == venue.id, MeetingRound.ballot == ballot)
    )


def _over(act: Act, venue: Venue, ballot: int) -> bool:
    """Whether a vote is over in a venue: its ballots have come back."""
    back = (
        select(VenueBallots.id)
        .join(MeetingRound, MeetingRound.round_id == VenueBallots.round_id)
        .where(VenueBallots.venue_id == venue.id, MeetingRound.ballot == ballot, VenueBallots.returned.is_not(None))
    )
    return act.session.scalar(back.limit(1)) is not None


def _signed_in(act: Act, venue: Venue) -> int:
    return act.session.scalar(select(func.count()).where(Attendee.venue_id == venue.id)) or 0


def _store(act: Act, meeting: Meeting, venue: Venue, ballot: int, present: int) -> None:
    if ballot == 1:
        venue.present = present
        return
    row = act.session.scalar(
        select(VenueAttendance).where(VenueAttendance.venue_id == venue.id, VenueAttendance.ballot == ballot)
    )
    if row is None:
        row = VenueAttendance(venue_id=venue.id, meeting_id=meeting.id, ballot=ballot, present=present)
        act.session.add(row)
    row.present = present


def require_uncounted(act: Act, meeting: Meeting, ballot: int) -> None:
    """Figures on which a recorded outcome relies stand, until that is withdrawn."""
    relied_on = select(MeetingRound.id).where(
        MeetingRound.meeting_id == meeting.id, MeetingRound.ballot == ballot, MeetingRound.counted_at.is_not(None)
    )
    if act.session.scalar(relied_on.limit(1)) is not None:
        raise Refused("meeting.counted_already")


def sign_in(act: Act, venue_id: int, member_id: int) -> Attendee:
    """An elector signs in at a venue: one more is present there. Also after the opening, for who comes late: once the ballots
    of the vote that is on have come back, at the next vote (edge case 11). Nothing stays of who came after whom.
    """
    venue = act.session.get(Venue, venue_id)
    if venue is None:
        raise NotFound("meeting.no_such_venue")
    meeting = run_meeting(act, venue.meeting_id)
    if meeting.state in (MeetingState.CLOSED, MeetingState.CALLED_OFF):
        raise Refused("meeting.not_open", state=meeting.state)
    person = act.session.scalar(
        select(Person)
        .join(Member, Member.person_id == Person.id)
        .where(Member.id == member_id, Member.id.in_(voters_of_unit(meeting.unit_id)))
    )
    if person is None:
        raise Refused("meeting.not_a_voter", field="member")
    if act.session.scalar(_of_member(Exclusion.id, Exclusion, meeting.id, member_id)) is not None:
        raise Refused("meeting.excluded_signs_in", field="member", name=person.name)
    if act.session.scalar(_of_member(Attendee.id, Attendee, meeting.id, member_id)) is not None:
        raise Refused("meeting.signed_in_already", field="member", name=person.name)
    row = Attendee(id=_drawn(act), meeting_id=meeting.id, venue_id=venue_id, member_id=member_id)
    act.session.add(row)
    vote = current_ballot(act.session, meeting.id)
    vote += _over(act, venue, vote)
    present = (present_at(act.session, meeting.id, vote).get(venue.id) or 0) + 1
    put_present(act, meeting, venue, vote, present)
    leave_no_history(act.session)  # ballots may lie in a box in the order in which people came
    # Not who: the chain has a time. The list as a whole is recorded as the meeting opens and closes.
    act.record("attendance.signed_in", venue, congress_id=meeting.congress_id, meeting=meeting.id, present=present)
    return row


def _drawn(act: Act) -> int:
    """A number for a row that tells no order."""
    drawn = 1 + randbelow(MOST_ATTENDEES)
    return drawn if act.session.get(Attendee, drawn) is None else _drawn(act)


def sign_out(act: Act, attendee_id: int) -> None:
    """Takes back a sign-in that was a mistake, before the meeting opens: afterwards who came has come."""
    row = act.session.get(Attendee, attendee_id)
    if row is None:
        raise NotFound("meeting.not_signed_in")
    meeting = run_meeting(act, row.meeting_id)
    require_planned(meeting)
    venue = act.session.get_one(Venue, row.venue_id)
    venue.present = max(0, (venue.present or 0) - 1)
    act.record(
        "attendance.signed_out", venue, congress_id=meeting.congress_id, meeting=meeting.id, present=venue.present
    )
    act.session.delete(row)
    act.session.flush()


def _of_member(column: Any, kept: type[Exclusion] | type[Attendee], meeting_id: int, member_id: int) -> Select[int]:
    return select(column).where(kept.meeting_id == meeting_id, kept.member_id == member_id)
