"""What the room keeps: the unit's meeting, its venues and counting groups, officers, exclusions, ballots per venue."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from election.congress.models import Unit
from election.contests.models import Round
from election.machine import Worded
from election.meeting.lifecycle import MeetingState
from election.nomination.models import Slate
from election.people.models import Person
from election.roster.models import ExclusionReason, Member
from election.store.base import Base, closed_set


class Office(Worded):
    """A scrutineer is voted by the meeting (地方条例 28), a teller is appointed (29)."""

    SCRUTINEER = "scrutineer", "监票人", "scrutineer"
    TELLER = "teller", "计票人", "teller"


class Meeting(Base):
    """The election meeting of a unit. Opening it freezes `expected` (RULES edge case 11)."""

    __tablename__ = "meeting"
    __table_args__ = (
        UniqueConstraint("unit_id", "number"),
        Index(
            "uq_meeting_one_alive",
            "unit_id",
            unique=True,
            sqlite_where=text("state NOT IN ('closed', 'called_off')"),
            postgresql_where=text("state NOT IN ('closed', 'called_off')"),
        ),
        ForeignKeyConstraint(["unit_id", "congress_id"], ["unit.id", "unit.congress_id"]),
        CheckConstraint("state IN ('planned', 'called_off') OR expected IS NOT NULL", name="open_has_expected"),
        CheckConstraint("expected IS NULL OR expected >= 1", name="expected_at_least_one"),
        CheckConstraint(
            "state IN ('planned', 'called_off') OR (opened_at IS NOT NULL AND opened_by_id IS NOT NULL)",
            name="opening_whole",
        ),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_whole"),
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
    scrutineers_voted: Mapped[bool] = mapped_column(default=False)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship(viewonly=True)
    venues: Mapped[list[Venue]] = relationship(back_populates="meeting", order_by="Venue.number")
    officers: Mapped[list[MeetingOfficer]] = relationship(back_populates="meeting", order_by="MeetingOfficer.id")
    exclusions: Mapped[list[Exclusion]] = relationship(back_populates="meeting", order_by="Exclusion.id")
    rounds: Mapped[list[MeetingRound]] = relationship(back_populates="meeting")


class Venue(Base):
    """A place in which the meeting votes; the sums over all venues decide.

    `counted_with_id`: the venue whose counting groups count its ballots too, mixed with their own, so that nobody's vote
    shows in the figures of a handful (edge case 15). Such a venue has no counting group; its attendance and its ballots
    are recorded by itself.
    """

    __tablename__ = "venue"
    __table_args__ = (
        UniqueConstraint("meeting_id", "number"),
        UniqueConstraint("id", "meeting_id"),
        ForeignKeyConstraint(["counted_with_id", "meeting_id"], ["venue.id", "venue.meeting_id"]),
        CheckConstraint("present IS NULL OR present >= 0", name="present_not_negative"),
        CheckConstraint("counted_with_id IS NULL OR counted_with_id <> id", name="counted_with_another"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    mobile: Mapped[bool] = mapped_column(default=False)
    present: Mapped[int | None]
    counted_with_id: Mapped[int | None]

    meeting: Mapped[Meeting] = relationship(back_populates="venues")
    groups: Mapped[list[CountingGroup]] = relationship(back_populates="venue", order_by="CountingGroup.number")
    ballots: Mapped[list[VenueBallots]] = relationship(back_populates="venue")


class CountingGroup(Base):
    """The tellers of a venue who count together and fill in one count form."""

    __tablename__ = "counting_group"
    __table_args__ = (
        UniqueConstraint("venue_id", "number"),
        CheckConstraint("length(form_number) > 0", name="form_number_not_empty"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    number: Mapped[int]
    # Printed on the group's paper form and typed by its tellers: unit-venue-group, as 07-1-1.
    form_number: Mapped[str] = mapped_column(String(20), index=True)

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
    member: Mapped[Member] = relationship()


class MeetingRound(Base):
    """A round that this meeting votes on, with the very slate that stood on its ballots. `ballot`: which vote of the
    evening it belongs to. `entry_begun`: somebody has claimed a count form of its vote, and may have seen how it was voted.
    `counted_at` is set while a recorded outcome relies on the meeting's figures.
    """

    __tablename__ = "meeting_round"
    __table_args__ = (
        UniqueConstraint("round_id"),
        UniqueConstraint("slate_id"),
        UniqueConstraint("meeting_id", "round_id"),
        CheckConstraint("ballot >= 1", name="ballot_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    slate_id: Mapped[int] = mapped_column(ForeignKey("slate.id"))
    ballot: Mapped[int] = mapped_column(default=1)
    entry_begun: Mapped[bool] = mapped_column(default=False)
    counted_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship(back_populates="rounds")
    round: Mapped[Round] = relationship()
    slate: Mapped[Slate] = relationship()


class VenueBallots(Base):
    """The scrutineers' own record of a round's ballots in a venue: issued before the vote, returned after it (None while it
    lasts). More returned than issued makes the round void. `spoiled`: how many of the returned they ruled spoiled, by kind in
    `SpoiledRuling`; None while they have said nothing, which is not none (edge case 22). `recorded_by_id`, `ruled_by_id`: who
    recorded what stands, and who ruled (None: before that was kept); `changed_because`: why the number of ballots was changed
    after entry had begun.
    """

    __tablename__ = "venue_ballots"
    __table_args__ = (
        UniqueConstraint("venue_id", "round_id"),
        # A venue's ballots are of its own meeting, and of a round that this meeting votes on.
        ForeignKeyConstraint(["venue_id", "meeting_id"], ["venue.id", "venue.meeting_id"]),
        ForeignKeyConstraint(["meeting_id", "round_id"], ["meeting_round.meeting_id", "meeting_round.round_id"]),
        CheckConstraint("issued >= 0 AND (returned IS NULL OR returned >= 0)", name="not_negative"),
        CheckConstraint(
            "spoiled IS NULL OR (returned IS NOT NULL AND spoiled >= 0 AND spoiled <= returned)",
            name="spoiled_of_the_returned",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int]
    meeting_id: Mapped[int]
    round_id: Mapped[int] = mapped_column(index=True)
    issued: Mapped[int]
    returned: Mapped[int | None]
    spoiled: Mapped[int | None]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    changed_because: Mapped[str] = mapped_column(String(400), default="")
    ruled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    venue: Mapped[Venue] = relationship(back_populates="ballots")
