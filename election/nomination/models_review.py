"""What the room keeps of an applicant review: the finding on each criterion, the opinions of other bodies."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from election.machine import Worded
from election.store.base import Base, closed_set


class ReviewFinding(Base):
    """Whether an applicant meets one criterion of the review; what is not met says why."""

    __tablename__ = "review_finding"
    __table_args__ = (
        UniqueConstraint("review_id", "criterion"),
        CheckConstraint("met OR length(note) > 0", name="unmet_has_note"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    criterion: Mapped[str] = mapped_column(String(60))
    met: Mapped[bool]
    note: Mapped[str] = mapped_column(String(400), default="")


class Verdict(Worded):
    """What a body that was asked says of an applicant."""

    NO_OBJECTION = "no_objection", "无不同意见", "no objection"
    OBJECTION = "objection", "有不同意见", "objection"


class Opinion(Base):
    """The opinion of discipline or another body on an applicant (征求意见), with the paper in which it was given.

    A body that speaks again is heard; what a review relied on before is kept.
    """

    __tablename__ = "opinion"
    __table_args__ = (
        Index(
            "uq_opinion_one_in_force",
            "application_id",
            "body",
            unique=True,
            sqlite_where=sql("superseded_at IS NULL"),
            postgresql_where=sql("superseded_at IS NULL"),
        ),
        CheckConstraint("verdict = 'no_objection' OR length(text) > 0", name="objection_says_what"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    body: Mapped[str] = mapped_column(String(60))
    verdict: Mapped[Verdict] = mapped_column(closed_set(Verdict, "verdict"))
    text: Mapped[str] = mapped_column(Text, default="")
    document: Mapped[str] = mapped_column(String(80), default="")
    given_on: Mapped[date]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
