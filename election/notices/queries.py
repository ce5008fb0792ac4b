"""Shaped reading of notices and objections. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased

from election.errors import NotFound
from election.notices import workdays
from election.notices.models import CalendarDay, DayKind, Notice, NoticeKind, Objection
from election.notices.workdays import Holidays
from election.people.act import local_day
from election.people.models import Person
from election.roster.models import Member, UnitBranch

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
    """A notice with how many objections came to it and how many are open."""

    notice: Notice
    published_by: str
    objections: int
    open: int


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
        select(Notice, Person.name, func.coalesce(counts.c.all, 0), func.coalesce(counts.c.open, 0))
        .join(Person, Person.id == Notice.person_id)
        .outerjoin(counts, counts.c.notice_id == Notice.id)
        .where(Notice.congress_id == congress_id)
        .order_by(Notice.published_at.desc(), Notice.id.desc())
    )
    if kind is not None:
        wanted = wanted.where(Notice.kind == kind)
    return [NoticeLine(row, name, int(every), int(still)) for row, name, every, still in session.execute(wanted)]


def latest_notice(session: Session, congress_id: int, kind: NoticeKind) -> Notice | None:
    return session.scalar(
        select(Notice)
        .where(Notice.congress_id == congress_id, Notice.kind == kind)
        .order_by(Notice.number.desc())
        .limit(1)
    )


def notice_of(session: Session, congress_id: int, notice_id: int) -> Notice:
    """The notice, if it is one of this congress. Raises NotFound."""
    notice = session.get(Notice, notice_id)
    if notice is None or notice.congress_id != congress_id:
        raise NotFound("notice.none")
    return notice


@dataclass(frozen=True, slots=True)
class OpenObjection:
    """An objection that nobody has closed. `unit_id`: where the person votes; None for who is no member any more."""

    id: int
    notice_id: int
    kind: NoticeKind
    about_person_id: int
    about: str
    unit_id: int | None


def open_objections(session: Session, congress_id: int) -> list[OpenObjection]:
    """What must be closed before a slate is frozen: open objections to the electors and candidates. One statement."""
    rows = session.execute(
        select(
            Objection.id, Objection.notice_id, Notice.kind, Objection.about_person_id, Person.name, UnitBranch.unit_id
        )
        .join(Notice, Notice.id == Objection.notice_id)
        .join(Person, Person.id == Objection.about_person_id)
        .outerjoin(Member, Member.person_id == Person.id)
        .outerjoin(
            UnitBranch, (UnitBranch.branch_id == Member.branch_id) & (UnitBranch.congress_id == Notice.congress_id)
        )
        .where(Notice.congress_id == congress_id, Notice.kind.in_(BEFORE_THE_SLATES), Objection.closed_at.is_(None))
        .order_by(Objection.received_at, Objection.id)
    )
    return [OpenObjection(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ObjectionLine:
    id: int
    notice_id: int
    kind: NoticeKind
    about_person_id: int
    about: str
    raised_by: str
    text: str
    received_at: datetime
    finding: str | None
    upheld: bool | None
    closed_by: str
    closed_at: datetime | None
    last_day: date

    @property
    def late(self) -> bool:
        """Taken by the office after the last day of the notice (逾期受理)."""
        return local_day(self.received_at) > self.last_day


def objections(session: Session, congress_id: int, notice_id: int | None = None) -> list[ObjectionLine]:
    """Objections to the notices of a congress, or to one of them: open ones first, then by date. One statement."""
    about, closer = aliased(Person), aliased(Person)
    wanted: Select[*tuple[Any, ...]] = (
        select(
            Objection.id,
            Objection.notice_id,
            Notice.kind,
            Objection.about_person_id,
            about.name,
            Objection.raised_by,
            Objection.text,
            Objection.received_at,
            Objection.finding,
            Objection.upheld,
            func.coalesce(closer.name, ""),
            Objection.closed_at,
            Notice.last_day,
        )
        .join(Notice, Notice.id == Objection.notice_id)
        .join(about, about.id == Objection.about_person_id)
        .outerjoin(closer, closer.id == Objection.closed_by_id)
        .where(Notice.congress_id == congress_id)
        .order_by(case((Objection.closed_at.is_(None), 0), else_=1), Objection.received_at, Objection.id)
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
