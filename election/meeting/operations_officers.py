"""Scrutineers and tellers of a meeting: named and dismissed, checked as persons. Grants no role and no account.

Until the meeting is closed its chair does both, a scrutineer's naming with its vote (地方条例 28). Afterwards there is nobody to
vote: a scrutineer who cannot act is then replaced by the county office alone, with the reason, so that a correction never waits
for a meeting and the unit never chooses by itself who watches over it (edge case 19).
"""

from __future__ import annotations

from sqlalchemy import exists, select

from election.errors import Forbidden, NotFound, Refused
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Exclusion, Meeting, MeetingOfficer, Office
from election.meeting.operations import load_meeting
from election.meeting.queries import related_candidate, stands_in
from election.meeting.queries_naming import may_be_named
from election.meeting.queries_officers import APPOINTED, DISMISSED, watched
from election.people.act import Act
from election.people.actor import Scope
from election.people.models import Person
from election.people.permissions import ALLOWED, Permission
from election.roster.models import Member


def appoint_officer(
    act: Act, meeting_id: int, person_id: int, office: Office, *, voted: bool = False, reason: str = ""
) -> MeetingOfficer:
    """Names a scrutineer or teller. Neither a candidate nor a candidate's declared close relative holds either office, nor who
    is not expected to come; and who has watched as a scrutineer never counts.

    Scrutineers named before the opening are voted as it opens; afterwards each needs the meeting's vote: `voted` says
    that it was taken. After the closing the county office names them, with a `reason`. Only members of the unit and those who
    hold the office's role here can be named.
    """
    meeting, by_office = _load(act, meeting_id, office)
    if by_office and person_id == act.person_id:
        raise Forbidden("meeting.appoints_oneself")
    person = act.session.get(Person, person_id)
    held = act.session.scalar(
        select(MeetingOfficer).where(MeetingOfficer.meeting_id == meeting_id, MeetingOfficer.person_id == person_id)
    )
    if person is not None and held is not None:
        raise Refused("meeting.officer_already", field="person", name=person.name, office=held.office)
    # Someone of elsewhere is unknown here: not even the name is said.
    if person is None or not may_be_named(act.session, meeting, person_id, office):
        raise Refused("meeting.no_such_person", field="person")
    # 地方条例 28, 29; 选举法 43
    if stands_in(act.session, meeting.unit_id, person_id):
        raise Refused("meeting.officer_is_candidate", field="person", name=person.name, office=office)
    if related := related_candidate(act.session, meeting.unit_id, person_id):
        raise Refused("meeting.officer_is_relative", field="person", name=person.name, candidate=related, office=office)
    excused = exists().where(
        Exclusion.meeting_id == meeting_id, Exclusion.member_id == Member.id, Member.person_id == person_id
    )
    if act.session.scalar(select(excused)):
        raise Refused("meeting.officer_excused", field="person", name=person.name, office=office)
    if office is Office.TELLER and watched(act.session, meeting, person_id):
        raise Refused("meeting.scrutineer_before", field="person", name=person.name)
    late = meeting.state is not MeetingState.PLANNED
    if by_office and not reason.strip():
        raise Refused("meeting.appointment_reason_missing", field="reason")
    if office is Office.SCRUTINEER and late and not voted and not by_office:  # 地方条例 28
        raise Refused("meeting.officer_not_voted", field="voted")
    officer = MeetingOfficer(meeting_id=meeting_id, person_id=person_id, office=office)
    act.session.add(officer)
    act.record(
        APPOINTED,
        officer,
        congress_id=meeting.congress_id,
        meeting=meeting_id,
        person=person_id,
        office=office.value,
        voted=voted and late and not by_office,
        **({"by_office": True, "reason": reason.strip()} if by_office else {}),
    )
    return officer


def dismiss_officer(act: Act, officer_id: int, reason: str = "") -> None:
    """Takes an office back; of a meeting that has begun with a reason, and it keeps at least one scrutineer. After the closing
    the county office alone dismisses a scrutineer.
    """
    officer = act.session.get(MeetingOfficer, officer_id)
    if officer is None:
        raise NotFound("meeting.no_such_officer")
    meeting, by_office = _load(act, officer.meeting_id, officer.office)
    if meeting.state is not MeetingState.PLANNED and not reason.strip():
        raise Refused("meeting.dismissal_reason_missing", field="reason")
    if officer.office is Office.SCRUTINEER and meeting.state is not MeetingState.PLANNED:
        others = select(MeetingOfficer.id).where(
            MeetingOfficer.meeting_id == meeting.id,
            MeetingOfficer.office == Office.SCRUTINEER,
            MeetingOfficer.id != officer_id,
        )
        if act.session.scalar(others.limit(1)) is None:
            raise Refused("meeting.last_scrutineer")
    act.record(
        DISMISSED,
        officer,
        congress_id=meeting.congress_id,
        person=officer.person_id,
        office=officer.office.value,
        reason=reason.strip(),
        **({"by_office": True} if by_office else {}),
    )
    act.session.delete(officer)
    act.session.flush()


def _load(act: Act, meeting_id: int, office: Office) -> tuple[Meeting, bool]:
    """The meeting, locked, for an act on this office, and whether it is the county office's to do. A closed meeting still needs
    its officers: a confirmation may be withdrawn and its forms entered again.
    """
    meeting = load_meeting(act, meeting_id)
    place = {"congress_id": meeting.congress_id, "unit_id": meeting.unit_id}
    by_office = office is Office.SCRUTINEER and meeting.state is MeetingState.CLOSED
    if not by_office:
        act.require(Permission.MEETING_RUN, **place)
    elif act.actor.has(ALLOWED[Permission.MEETING_RUN], Scope(**place)):
        # Also of a person who holds both: the unit does not choose by itself who watches over it.
        raise Refused("meeting.officers_after_closing")
    else:
        act.require(Permission.SCRUTINEER_REPLACE, **place)
    if meeting.state is MeetingState.CALLED_OFF:
        raise Refused("meeting.not_open", state=meeting.state)
    return meeting, by_office
