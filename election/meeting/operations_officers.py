"""Scrutineers and tellers of a meeting: named and dismissed, checked as persons. Grants no role and no account."""

from __future__ import annotations

from sqlalchemy import select

from election.errors import NotFound, Refused
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Meeting, MeetingOfficer, Office
from election.meeting.operations import run_meeting
from election.meeting.queries import related_candidate, stands_in
from election.meeting.queries_naming import may_be_named
from election.people.act import Act
from election.people.models import Person


def appoint_officer(
    act: Act, meeting_id: int, person_id: int, office: Office, *, voted: bool = False
) -> MeetingOfficer:
    """Names a scrutineer or teller. Neither a candidate nor a candidate's declared close relative holds either office.

    Scrutineers named before the opening are voted as it opens; afterwards each needs the meeting's vote: `voted` says
    that it was taken. Only members of the unit and those who hold the office's role here can be named.
    """
    meeting = run_meeting(act, meeting_id)
    _require_running(meeting)
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
    late = meeting.state is not MeetingState.PLANNED
    if office is Office.SCRUTINEER and late and not voted:  # 地方条例 28
        raise Refused("meeting.officer_not_voted", field="voted")
    officer = MeetingOfficer(meeting_id=meeting_id, person_id=person_id, office=office)
    act.session.add(officer)
    act.record(
        "officer.appointed",
        officer,
        congress_id=meeting.congress_id,
        meeting=meeting_id,
        person=person_id,
        office=office.value,
        voted=voted and late,
    )
    return officer


def dismiss_officer(act: Act, officer_id: int, reason: str = "") -> None:
    """Takes an office back; of a meeting that has begun with a reason, and it keeps at least one scrutineer."""
    officer = act.session.get(MeetingOfficer, officer_id)
    if officer is None:
        raise NotFound("meeting.no_such_officer")
    meeting = run_meeting(act, officer.meeting_id)
    _require_running(meeting)
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
        "officer.dismissed",
        officer,
        congress_id=meeting.congress_id,
        person=officer.person_id,
        office=officer.office.value,
        reason=reason.strip(),
    )
    act.session.delete(officer)
    act.session.flush()


def _require_running(meeting: Meeting) -> None:
    """A closed meeting still needs its officers: a confirmation may be withdrawn and its forms entered again."""
    if meeting.state is MeetingState.CALLED_OFF:
        raise Refused("meeting.not_open", state=meeting.state)
