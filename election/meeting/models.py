"""What the room keeps: the unit's meeting, its venues and counting groups, officers, exclusions, ballots per venue."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from election.congress.models import Unit
from election.meeting.lifecycle import MeetingState
from election.people.models import Person
from election.store.base import Base, closed_set


class Office(StrEnum):
    SCRUTINEER = "scrutineer"  # 监票人, voted by the meeting
    TELLER = "teller"  # 计票人, appointed


class ExclusionReason(StrEnum):
    """The listed reasons for which, with the meeting's consent, a member is not expected (中组部 list)."""

    ILL = "ill"
    ABROAD = "abroad"
    AWAY_LONG = "away_long"
    RETIRED_AWAY = "retired_away"
    WORKING_AWAY = "working_away"


class Meeting(Base):
    """The election meeting of a unit. Opening it freezes `expected` (RULES edge case 11)."""

    __tablename__ = "meeting"
    __table_args__ = (
        UniqueConstraint("unit_id", "number"),
        ForeignKeyConstraint(["unit_id", "congress_id"], ["unit.id", "unit.congress_id"]),
        CheckConstraint("state = 'planned' OR expected IS NOT NULL", name="open_has_expected"),
        CheckConstraint("expected IS NULL OR expected >= 1", name="expected_at_least_one"),
        CheckConstraint("state = 'planned' OR (opened_at IS NOT NULL AND opened_by_id IS NOT NULL)", name="opening_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"), index=True)
    unit_id: Mapped[int]
    number: Mapped[int] = mapped_column(default=1)
    state: Mapped[MeetingState] = mapped_column(closed_set(MeetingState, "state"))
    place: Mapped[str] = mapped_column(String(80), default="")
    starts_at: Mapped[datetime | None]
    expected: Mapped[int | None]
    exclusions_consented: Mapped[bool] = mapped_column(default=False)
    method_adopted: Mapped[bool] = mapped_column(default=False)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship(viewonly=True)
    venues: Mapped[list[Venue]] = relationship(back_populates="meeting", order_by="Venue.number")
    officers: Mapped[list[MeetingOfficer]] = relationship(back_populates="meeting", order_by="MeetingOfficer.id")
    exclusions: Mapped[list[Exclusion]] = relationship(back_populates="meeting", order_by="Exclusion.id")


class Venue(Base):
    """A place in which the meeting votes; the sums over all venues decide."""

    __tablename__ = "venue"
    __table_args__ = (
        UniqueConstraint("meeting_id", "number"),
        CheckConstraint("present IS NULL OR present >= 0", name="present_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    mobile: Mapped[bool] = mapped_column(default=False)
    present: Mapped[int | None]

    meeting: Mapped[Meeting] = relationship(back_populates="venues")
    groups: Mapped[list[CountingGroup]] = relationship(back_populates="venue", order_by="CountingGroup.number")
    ballots: Mapped[list[VenueBallots]] = relationship(back_populates="venue")


class CountingGroup(Base):
    """The tellers of a venue who count together and fill in one count form."""

    __tablename__ = "counting_group"
    __table_args__ = (UniqueConstraint("venue_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    number: Mapped[int]

    venue: Mapped[Venue] = relationship(back_populates="groups")


class MeetingOfficer(Base):
    """A scrutineer or teller of this meeting; a person holds one office at most."""

    __tablename__ = "meeting_officer"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    office: Mapped[Office] = mapped_column(closed_set(Office, "office"))

    meeting: Mapped[Meeting] = relationship(back_populates="officers")
    person: Mapped[Person] = relationship()


class Exclusion(Base):
    """A member with voting rights who, for a listed reason, is not counted among the expected."""

    __tablename__ = "exclusion"
    __table_args__ = (UniqueConstraint("meeting_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[ExclusionReason] = mapped_column(closed_set(ExclusionReason, "reason"))

    meeting: Mapped[Meeting] = relationship(back_populates="exclusions")


class VenueBallots(Base):
    """The scrutineers' own record of a round's ballots in a venue. More returned than issued makes the round void."""

    __tablename__ = "venue_ballots"
    __table_args__ = (
        UniqueConstraint("venue_id", "round_id"),
        CheckConstraint("issued >= 0 AND returned >= 0", name="not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    issued: Mapped[int]
    returned: Mapped[int]

    venue: Mapped[Venue] = relationship(back_populates="ballots")
