"""Who may be named to an office of a meeting, and who of those named can sign in and do its work. Changes nothing.

Naming gives nobody an account or a role: the administrator does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session

from election.machine import Worded
from election.meeting.models import Meeting, MeetingOfficer, Office
from election.meeting.queries import PersonChoice, standing_of
from election.people.actor import Role
from election.people.models import Account, Person, RoleGrant
from election.roster.models import Member, Organisation, UnitBranch
from election.strokes import known_first

ROLE_OF: Mapping[Office, Role] = {Office.SCRUTINEER: Role.SCRUTINEER, Office.TELLER: Role.TELLER}
# More than these are no help to choose from: one asks for a longer part of the name.
MOST_FOUND = 50
HAS_ACCOUNT = exists().where(Account.person_id == Person.id, Account.active.is_(True))


class Entry(Worded):
    """Whether a person can do an office's work at its desk."""

    READY = "ready", "能登录", "can sign in"
    NO_ROLE = "no_role", "账号没有这项职责", "account without this role"
    NO_ACCOUNT = "no_account", "没有登录账号", "no account"


@dataclass(frozen=True, slots=True)
class OfficerView:
    """`by_office`: named by the county office after the closing, voted by no meeting."""

    id: int
    person_id: int
    name: str
    office: Office
    entry: Entry
    by_office: bool = False


def _with_role(meeting: Meeting, office: Office) -> Select[int]:
    """Those who hold the office's role in the unit or in all of the congress."""
    return select(RoleGrant.person_id).where(
        RoleGrant.role == ROLE_OF[office],
        RoleGrant.congress_id == meeting.congress_id,
        RoleGrant.unit_id.is_(None) | (RoleGrant.unit_id == meeting.unit_id),
    )


def _of_unit(meeting: Meeting) -> Select[int]:
    """The members of the unit, with a vote or without."""
    return (
        select(Member.person_id)
        .join(UnitBranch, UnitBranch.branch_id == Member.branch_id)
        .where(UnitBranch.unit_id == meeting.unit_id)
    )


def may_be_named(session: Session, meeting: Meeting, person_id: int, office: Office) -> bool:
    """True for members of the unit and for those who hold the office's role here."""
    known = select(Person.id).where(
        Person.id == person_id, Person.id.in_(_with_role(meeting, office)) | Person.id.in_(_of_unit(meeting))
    )
    return session.scalar(known) is not None


@dataclass(frozen=True, slots=True)
class Nominable(PersonChoice):
    """`found`: their name or branch was asked for."""

    entry: Entry
    found: bool


def possible_officers(session: Session, meeting: Meeting, asked: str = "") -> dict[Office, list[Nominable]]:
    """Those who may be named, hold no office of this meeting yet and stand nowhere in the unit: members of the unit whose name
    or branch contains what was `asked`, then who holds the office's role here; each by strokes. One statement.
    """
    roles = {office: Person.id.in_(_with_role(meeting, office)) for office in Office}
    found: ColumnElement[bool] = false()
    if asked:
        names = Person.name.contains(asked, autoescape=True) | Organisation.name.contains(asked, autoescape=True)
        found = and_(names, Person.id.in_(_of_unit(meeting)))
    taken = select(MeetingOfficer.person_id).where(MeetingOfficer.meeting_id == meeting.id)
    columns = [_one(one) for one in (found, HAS_ACCOUNT, *roles.values())]
    rows = session.execute(
        select(Person.id, Person.name, func.max(Organisation.name), *columns)
        .outerjoin(Member, Member.person_id == Person.id)
        .outerjoin(Organisation, Organisation.id == Member.branch_id)
        .where(or_(found, *roles.values()), Person.id.not_in(taken), ~standing_of(meeting.unit_id, Person.id))
        .group_by(Person.id, Person.name)
    )
    people: dict[Office, list[Nominable]] = {office: [] for office in Office}
    for person, name, branch, hit, account, *held in rows:
        for office, role in zip(roles, held, strict=True):
            if hit or role:
                people[office].append(Nominable(person, name, branch or "", _entry(account, role), bool(hit)))
    return {office: _in_order(choices) for office, choices in people.items()}


def _in_order(people: list[Nominable]) -> list[Nominable]:
    """Who was searched for, as far as a list goes, before those who hold the role anyway."""
    by_strokes = sorted(people, key=lambda one: (known_first(one.name), one.id))
    found = [one for one in by_strokes if one.found]
    return found[:MOST_FOUND] + [one for one in by_strokes if not one.found]


def officers_of(session: Session, meeting_id: int) -> tuple[OfficerView, ...]:
    """The officers in the order of their naming, and whether each can do the work: one statement."""
    has_account = exists().where(Account.person_id == MeetingOfficer.person_id, Account.active.is_(True))
    has_role = exists().where(
        RoleGrant.person_id == MeetingOfficer.person_id,
        RoleGrant.congress_id == Meeting.congress_id,
        RoleGrant.unit_id.is_(None) | (RoleGrant.unit_id == Meeting.unit_id),
        or_(*(and_(MeetingOfficer.office == office, RoleGrant.role == role) for office, role in ROLE_OF.items())),
    )
    rows = session.execute(
        select(MeetingOfficer, Person.name, case((has_account, 1), else_=0), case((has_role, 1), else_=0))
        .join(Person, Person.id == MeetingOfficer.person_id)
        .join(Meeting, Meeting.id == MeetingOfficer.meeting_id)
        .where(MeetingOfficer.meeting_id == meeting_id)
        .order_by(MeetingOfficer.id)
    )
    return tuple(
        OfficerView(row.id, row.person_id, name, row.office, _entry(account, role)) for row, name, account, role in rows
    )


def _one(holds: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((holds, 1), else_=0))


def _entry(account: int, role: int) -> Entry:
    if not account:
        return Entry.NO_ACCOUNT
    return Entry.READY if role else Entry.NO_ROLE
