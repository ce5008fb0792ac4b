"""What the room keeps: public notices with the list they showed, and the objections to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from election.machine import Worded
from election.store.base import Base, closed_set
from election.store.kept import keep


class NoticeKind(Worded):
    """The three public notices (S3.3), in the order in which they hang."""

    ELECTORS = "electors", "选举人名单公示", "notice of electors"
    CANDIDATES = "candidates", "代表候选人预备人选公示", "notice of proposed candidates"
    RESULTS = "results", "选举结果公示", "notice of results"


class How(Worded):
    """How a notice follows an earlier one of its kind."""

    # Nobody new is on it: it hangs no longer than the one that it replaces.
    CORRECTS = "corrects", "更正公示", "correction"
    # Only whoever is new is on it; the earlier one goes on for the others.
    SUPPLEMENTS = "supplements", "补充公示", "supplement"
    # Everybody is on it once more, with the new ones, for the whole period.
    RENEWS = "renews", "重新公示", "published anew"


class DayKind(Worded):
    """How a day differs from the usual week: a day off, or a weekend day on which one works (调休)."""

    REST = "rest", "休息", "day off"
    MAKEUP = "makeup", "上班", "working day"


class CalendarDay(Base):
    """A public holiday or a make-up working day, as it is announced anew for every year; kept by the office."""

    __tablename__ = "calendar_day"
    __table_args__ = (UniqueConstraint("day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    kind: Mapped[DayKind] = mapped_column(closed_set(DayKind, "kind"))
    name: Mapped[str] = mapped_column(String(40), default="")


class Notice(Base):
    """A public notice as it was put up: its content never changes. `last_day` is the last working day it hangs."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("congress_id", "kind", "number"),
        CheckConstraint("last_day >= published_on", name="ends_after_it_begins"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("working_days >= 0", name="working_days_not_negative"),
        CheckConstraint("length(content_hash) = 64", name="is_hashed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    kind: Mapped[NoticeKind] = mapped_column(closed_set(NoticeKind, "kind"))
    number: Mapped[int]
    published_on: Mapped[date]
    working_days: Mapped[int]
    last_day: Mapped[date]
    # Large where a county's electors are on it: read only where it is shown.
    content: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime]

    objections: Mapped[list[Objection]] = relationship(back_populates="notice", order_by="Objection.id")


class Objection(Base):
    """An objection to someone on a notice, or to someone's missing from it. Closed with a finding, never removed.

    `about`: whom it names, where that person stands on no roster. Upheld against the list of electors, it is settled when
    somebody has recorded how the roster was put right, and blocks until then.
    """

    __tablename__ = "objection"
    __table_args__ = (
        CheckConstraint(
            "(finding IS NULL) = (closed_at IS NULL) AND (finding IS NULL) = (upheld IS NULL)"
            " AND (finding IS NULL) = (closed_by_id IS NULL)",
            name="closed_whole",
        ),
        CheckConstraint("finding IS NULL OR length(finding) > 0", name="closed_with_finding"),
        CheckConstraint("(about_person_id IS NULL) = (length(about) > 0)", name="about_someone"),
        CheckConstraint(
            "(settled_at IS NULL) = (settled_by_id IS NULL) AND (settled_at IS NULL) = (length(settled_how) = 0)",
            name="settled_whole",
        ),
        CheckConstraint("settled_at IS NULL OR (upheld IS NOT NULL AND upheld)", name="settled_is_upheld"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    about_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    about: Mapped[str] = mapped_column(String(120), default="")
    raised_by: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]
    finding: Mapped[str | None] = mapped_column(Text)
    upheld: Mapped[bool | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    settled_how: Mapped[str] = mapped_column(String(400), default="")
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]

    notice: Mapped[Notice] = relationship(back_populates="objections")


keep(Notice, "a notice that was put up is never changed")
