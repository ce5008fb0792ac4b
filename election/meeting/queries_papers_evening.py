"""Reads what the agenda, the sign-in sheets and the ballot records say, and has them set. Changes nothing."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from election.congress.models import Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.models import RoundKind
from election.contests.operations import NO_QUORUM, RETURNED_OVER_ISSUED
from election.documents.paper import Paper, set_sheets
from election.meeting.ballot_sheets import on_one_sheet
from election.meeting.models import Exclusion, Meeting, MeetingOfficer, Office, VenueBallots
from election.meeting.papers_evening import (
    AGENDA,
    ISSUED,
    SIGN_IN,
    AgendaContest,
    Branch,
    Evening,
    Issued,
    agenda_sheet,
    empty_sign_in_sheet,
    issue_sheet,
    sign_in_sheet,
)
from election.meeting.papers_one_sheet import SHEET_NAME
from election.meeting.queries import present_at, quorum_of, voters_of_unit
from election.meeting.queries_page import exclusions_of
from election.meeting.queries_papers import VotedOn, expected_of, meeting_here, voted_on
from election.nomination.models_margin import SpeechOrder
from election.nomination.papers.common import by_strokes
from election.people.act import CHINA, local_day
from election.people.models import Person
from election.roster.models import Member, Organisation
from election.rules import BY_NAME
from election.texts import chinese_date

# What the record of the ballots says of a contest that was declared void (选举办法; 基层条例 on the quorum).
VOID = {RETURNED_OVER_ISSUED: "选举无效：\n收回多于发出", NO_QUORUM: "选举无效：\n到会人数不足"}


def evening_of(session: Session, congress: Congress, unit: Unit, meeting: Meeting) -> Evening:
    return Evening(
        congress=congress.name,
        unit=unit.name,
        when="" if meeting.starts_at is None else _moment(meeting.starts_at),
        where=f"地点：{meeting.place}" if meeting.place else "",
        expected=expected_of(session, meeting),
    )


def _moment(moment: datetime) -> str:
    return f"{chinese_date(local_day(moment))}{moment.astimezone(CHINA):%H:%M}"


def day_of(congress: Congress, meeting: Meeting) -> date:
    """By which day a paper of the meeting is filed: the same whenever it is printed."""
    return local_day(meeting.starts_at or congress.created_at)


def name_of(one: VotedOn) -> str:
    """A contest's ballot in words: category, kind, and which vote on it this is."""
    again = "" if one.round.kind is RoundKind.ORDINARY else f"·{one.round.kind.zh}"
    return f"{one.category.name}（{one.contest.kind.zh}{again}）"


def officers_named(session: Session, meeting_id: int) -> dict[Office, list[str]]:
    rows = session.execute(
        select(MeetingOfficer.office, Person.name)
        .join(Person, Person.id == MeetingOfficer.person_id)
        .where(MeetingOfficer.meeting_id == meeting_id)
        .order_by(MeetingOfficer.id)
    )
    found: dict[Office, list[str]] = {office: [] for office in Office}
    for office, name in rows:
        found[office].append(name)
    return found


def agenda_paper(session: Session, congress: Congress, unit: Unit, meeting_id: int, *, demo: bool) -> Paper:
    """The agenda with what the first vote is on. Raises Refused while a slate is not frozen."""
    meeting = meeting_here(session, unit, meeting_id)
    found = voted_on(session, meeting, 1)
    drawn = {
        order.slate_id: [str(one["name"]) for one in order.content["order"]]
        for order in session.scalars(
            select(SpeechOrder).where(SpeechOrder.slate_id.in_([one.slate.id for one in found]))
        )
    }
    contests = [
        AgendaContest(name_of(one), one.round.seats, len(one.candidates), drawn.get(one.slate.id, ())) for one in found
    ]
    excluded = [(one.name, one.branch, one.reason_zh) for one in exclusions_of(session, meeting_id)]
    quorum = quorum_of(session, congress.id)
    evening = evening_of(session, congress, unit, meeting)
    officers = officers_named(session, meeting_id)
    made = agenda_sheet(
        evening,
        contests,
        excluded=excluded,
        quorum=BY_NAME["quorum_meeting"].shown(str(quorum)),
        needed=quorum.needed(evening.expected),
        scrutineers=officers[Office.SCRUTINEER],
        tellers=officers[Office.TELLER],
    )
    return set_sheets([made], title=f"{AGENDA} {unit.name}", day=day_of(congress, meeting), demo=demo)


def sign_in_paper(
    session: Session, congress: Congress, unit: Unit, meeting_id: int, *, once: bool = False, demo: bool
) -> Paper:
    """A sheet for each venue with everyone who is expected: who comes where is not laid down. `once`: one for all venues, to be
    dealt out by branches. A mobile box gets empty lines.
    """
    meeting = meeting_here(session, unit, meeting_id)
    evening = evening_of(session, congress, unit, meeting)
    branches = _electors(session, meeting)
    several = len(meeting.venues) > 1
    halls = [venue.name for venue in meeting.venues if not venue.mobile]
    sheets = [sign_in_sheet(evening, hall, branches) for hall in (halls if several and halls and not once else [""])]
    sheets += [empty_sign_in_sheet(evening, venue.name) for venue in meeting.venues if venue.mobile]
    return set_sheets(sheets, title=f"{SIGN_IN} {unit.name}", day=day_of(congress, meeting), demo=demo)


def _electors(session: Session, meeting: Meeting) -> list[Branch]:
    excluded = exists().where(Exclusion.meeting_id == meeting.id, Exclusion.member_id == Member.id)
    rows = session.execute(
        select(Organisation.id, Organisation.name, Person.name)
        .join(Member, Member.branch_id == Organisation.id)
        .join(Person, Person.id == Member.person_id)
        .where(Member.id.in_(voters_of_unit(meeting.unit_id)), ~excluded)
        .order_by(Organisation.code, Organisation.id, Member.id)
    )
    found: dict[tuple[int, str], list[str]] = {}
    for branch_id, branch, name in rows:
        found.setdefault((branch_id, branch), []).append(name)
    return [Branch(branch, sorted(names, key=by_strokes)) for (_, branch), names in found.items()]


def issue_paper(session: Session, congress: Congress, unit: Unit, meeting_id: int, vote: int, *, demo: bool) -> Paper:
    """Each venue's record of the ballots of a vote, those that were declared void among them: they went out and came back."""
    meeting = meeting_here(session, unit, meeting_id)
    found = voted_on(session, meeting, vote, void=True)
    evening = evening_of(session, congress, unit, meeting)
    present = present_at(session, meeting_id, vote)
    records = {
        (record.venue_id, record.round_id): record
        for record in session.scalars(select(VenueBallots).where(VenueBallots.meeting_id == meeting_id))
    }
    scrutineers = officers_named(session, meeting_id)[Office.SCRUTINEER]
    one_sheet = on_one_sheet(rules_in_force(session, congress.id))
    sheets = []
    for venue in meeting.venues:
        lines = []
        for one in found[:1] if one_sheet else found:
            record = records.get((venue.id, one.round.id))
            issued, returned = (None, None) if record is None else (record.issued, record.returned)
            name = SHEET_NAME if one_sheet else name_of(one)
            lines.append(Issued(name, issued, returned, VOID.get(one.round.void_reason or "", "")))
        sheets.append(issue_sheet(evening, venue.name, vote, present.get(venue.id), lines, scrutineers))
    title = f"{ISSUED} {unit.name}" + (f" 第{vote}次投票" if vote > 1 else "")
    return set_sheets(sheets, title=title, day=day_of(congress, meeting), demo=demo)
