"""Shaped reading of notices and objections. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, String, case, cast, func, literal, select
from sqlalchemy.orm import Session, aliased

from election.errors import NotFound
from election.notices import workdays
from election.notices.models import CalendarDay, DayKind, How, Notice, NoticeKind, Objection
from election.notices.reception import Reception
from election.notices.workdays import Holidays
from election.people.act import local_day
from election.people.models import Person
from election.roster.models import Member, UnitBranch
from election.roster.queries_verified import MEMBER_ACTS
from election.store.audit import congress_chain
from election.store.models import AuditEvent

# Whom these two name must be settled before anyone may stand: what is objected to in them blocks the slates.
BEFORE_THE_SLATES = (NoticeKind.ELECTORS, NoticeKind.CANDIDATES)


def calendar_days(session: Session) -> list[CalendarDay]:
    """Every day off and make-up working day, by date."""
    return list(session.scalars(select(CalendarDay).order_by(CalendarDay.day)))


def calendar(session: Session) -> Holidays:
    """The office's calendar, from which the working days of notices are counted: one statement."""
    days = session.execute(select(CalendarDay.day, CalendarDay.kind)).all()
    return Holidays(
        frozenset(day for day, kind in days if kind is DayKind.REST),
        frozenset(day for day, kind in days if kind is DayKind.MAKEUP),
    )


def is_over(notice: Notice, today: date) -> bool:
    """Whether the notice has hung its working days. One of no working days is over when it is published."""
    return not notice.working_days or workdays.is_over(today, notice.last_day)


def days_left(notice: Notice, today: date, holidays: Holidays) -> int:
    """Working days on which objections are still received, today included: on the day of publication, which does not
    count, as many as the notice hangs.
    """
    if is_over(notice, today):
        return 0
    return min(notice.working_days, workdays.days_left(today, notice.last_day, holidays))


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice with how many objections came to it, how many are open, how it follows an earlier one, and where
    objections to it are received.
    """

    notice: Notice
    published_by: str
    objections: int
    open: int
    how: How | None
    reception: Reception


def notices(session: Session, congress_id: int, kind: NoticeKind | None = None) -> list[NoticeLine]:
    """The notices of a congress, the newest first: one statement."""
    counts = (
        select(
            Objection.notice_id,
            func.count().label("all"),
            func.sum(case((Objection.closed_at.is_(None), 1), else_=0)).label("open"),
        )
        .group_by(Objection.notice_id)
        .subquery()
    )
    wanted = (
        select(
            Notice,
            Person.name,
            func.coalesce(counts.c.all, 0),
            func.coalesce(counts.c.open, 0),
            Notice.content[("follows", "how")].as_string(),
            Notice.content["reception"],
        )
        .join(Person, Person.id == Notice.person_id)
        .outerjoin(counts, counts.c.notice_id == Notice.id)
        .where(Notice.congress_id == congress_id)
        .order_by(Notice.published_at.desc(), Notice.id.desc())
    )
    if kind is not None:
        wanted = wanted.where(Notice.kind == kind)
    return [
        NoticeLine(row, name, int(every), int(still), How(how) if how else None, Reception.read(reception))
        for row, name, every, still, how, reception in session.execute(wanted)
    ]


def latest_notice(session: Session, congress_id: int, kind: NoticeKind) -> Notice | None:
    return session.scalar(
        select(Notice)
        .where(Notice.congress_id == congress_id, Notice.kind == kind)
        .order_by(Notice.number.desc())
        .limit(1)
    )


def hanging_on(session: Session, congress_id: int, day: date) -> Notice | None:
    """A notice that must have hung before anyone is voted on, and still hangs on this day; the one that hangs longest."""
    return session.scalar(
        select(Notice)
        .where(
            Notice.congress_id == congress_id,
            Notice.kind.in_(BEFORE_THE_SLATES),
            Notice.working_days > 0,
            Notice.published_on <= day,
            Notice.last_day >= day,
        )
        .order_by(Notice.last_day.desc())
        .limit(1)
    )


def last_reception(session: Session, congress_id: int) -> Reception:
    """Where objections were received according to the latest notice of any kind; nothing before there is one."""
    kept = session.scalar(
        select(Notice.content["reception"])
        .where(Notice.congress_id == congress_id)
        .order_by(Notice.published_at.desc(), Notice.id.desc())
        .limit(1)
    )
    return Reception.read(kept)


def notice_of(session: Session, congress_id: int, notice_id: int) -> Notice:
    """The notice, if it is one of this congress. Raises NotFound."""
    notice = session.get(Notice, notice_id)
    if notice is None or notice.congress_id != congress_id:
        raise NotFound("notice.none")
    return notice


# Upheld against the list of electors, and nobody has said yet how the roster was put right.
UNSETTLED = (Notice.kind == NoticeKind.ELECTORS) & Objection.upheld.is_(True) & Objection.settled_at.is_(None)


@dataclass(frozen=True, slots=True)
class OpenObjection:
    """An objection that nobody has closed or, `unsettled`, that is upheld while the roster is not put right.

    `unit_id`: where the person votes; None for who is no member of the congress.
    """

    id: int
    notice_id: int
    kind: NoticeKind
    about_person_id: int | None
    about: str
    unit_id: int | None
    unsettled: bool


def open_objections(session: Session, congress_id: int) -> list[OpenObjection]:
    """What must be done before a slate is frozen: objections to the electors and candidates that are not closed, and those
    to the electors that are upheld and not settled. One statement.
    """
    rows = session.execute(
        select(
            Objection.id,
            Objection.notice_id,
            Notice.kind,
            Objection.about_person_id,
            func.coalesce(Person.name, Objection.about),
            UnitBranch.unit_id,
            Objection.closed_at.is_not(None),
        )
        .join(Notice, Notice.id == Objection.notice_id)
        .outerjoin(Person, Person.id == Objection.about_person_id)
        .outerjoin(Member, Member.person_id == Person.id)
        .outerjoin(
            UnitBranch, (UnitBranch.branch_id == Member.branch_id) & (UnitBranch.congress_id == Notice.congress_id)
        )
        .where(Notice.congress_id == congress_id, Notice.kind.in_(BEFORE_THE_SLATES))
        .where(Objection.closed_at.is_(None) | UNSETTLED)
        .order_by(Objection.received_at, Objection.id)
    )
    return [OpenObjection(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ObjectionLine:
    id: int
    notice_id: int
    kind: NoticeKind
    about_person_id: int | None
    about: str
    raised_by: str
    text: str
    received_at: datetime
    finding: str | None
    upheld: bool | None
    closed_by: str
    closed_at: datetime | None
    last_day: date
    settled_how: str
    settled_by: str
    settled_at: datetime | None

    @property
    def late(self) -> bool:
        """Taken by the office after the last day of the notice (逾期受理)."""
        return local_day(self.received_at) > self.last_day

    @property
    def unsettled(self) -> bool:
        """Upheld against the list of electors while nobody has said how the roster was put right."""
        return self.kind is NoticeKind.ELECTORS and bool(self.upheld) and self.settled_at is None


def objections(session: Session, congress_id: int, notice_id: int | None = None) -> list[ObjectionLine]:
    """Objections to the notices of a congress, or to one of them: those that wait first, then by date. One statement."""
    about, closer, settler = aliased(Person), aliased(Person), aliased(Person)
    wanted: Select[*tuple[Any, ...]] = (
        select(
            Objection.id,
            Objection.notice_id,
            Notice.kind,
            Objection.about_person_id,
            func.coalesce(about.name, Objection.about),
            Objection.raised_by,
            Objection.text,
            Objection.received_at,
            Objection.finding,
            Objection.upheld,
            func.coalesce(closer.name, ""),
            Objection.closed_at,
            Notice.last_day,
            Objection.settled_how,
            func.coalesce(settler.name, ""),
            Objection.settled_at,
        )
        .join(Notice, Notice.id == Objection.notice_id)
        .outerjoin(about, about.id == Objection.about_person_id)
        .outerjoin(closer, closer.id == Objection.closed_by_id)
        .outerjoin(settler, settler.id == Objection.settled_by_id)
        .where(Notice.congress_id == congress_id)
        .order_by(
            case((Objection.closed_at.is_(None), 0), (UNSETTLED, 1), else_=2), Objection.received_at, Objection.id
        )
    )
    if notice_id is not None:
        wanted = wanted.where(Objection.notice_id == notice_id)
    return [ObjectionLine(*row) for row in session.execute(wanted)]


def objection_of(session: Session, congress_id: int, objection_id: int) -> ObjectionLine:
    """One objection of this congress. Raises NotFound."""
    for line in objections(session, congress_id):
        if line.id == objection_id:
            return line
    raise NotFound("notice.no_such_objection")


# Acts that move or excuse members and do not name each of them.
MAY_MEAN_ANYBODY = ("branch.assigned", "absence.recorded", "absence.removed")


def put_right(session: Session, congress_id: int, person_id: int, since: datetime) -> bool:
    """Whether anything of this person was changed on the roster since then, by an act that names the member or by one that
    may have moved or excused them among others. One statement.
    """
    member = select(literal("member:") + cast(Member.id, String)).where(Member.person_id == person_id)
    named = AuditEvent.subject.in_(member) & AuditEvent.action.in_(MEMBER_ACTS)
    among_others = AuditEvent.action.in_(MAY_MEAN_ANYBODY)
    found = select(AuditEvent.id).where(
        AuditEvent.chain == congress_chain(congress_id), AuditEvent.at >= since, named | among_others
    )
    return session.scalar(found.limit(1)) is not None
