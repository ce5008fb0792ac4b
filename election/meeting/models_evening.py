"""What the room keeps of one evening beside the meeting itself: who signed in, who was present at a later vote, why ballots
were spoiled, and what has to follow after a vote, asked by one person and agreed by another.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from election.machine import Worded
from election.store.base import Base, closed_set


class Attendee(Base):
    """An elector who signed in at a venue (签到). Says that somebody came, never when or after whom, nor whether or how anybody
    voted: ballots may lie in a box in the order in which people came (edge case 15). Its number is drawn, not counted up.
    """

    __tablename__ = "attendee"
    __table_args__ = (
        UniqueConstraint("meeting_id", "member_id"),
        ForeignKeyConstraint(["venue_id", "meeting_id"], ["venue.id", "venue.meeting_id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int]
    venue_id: Mapped[int] = mapped_column(index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))


class VenueAttendance(Base):
    """Those present in a venue at a later vote of the evening; at the first one the venue itself says so."""

    __tablename__ = "venue_attendance"
    __table_args__ = (
        UniqueConstraint("venue_id", "ballot"),
        ForeignKeyConstraint(["venue_id", "meeting_id"], ["venue.id", "venue.meeting_id"]),
        CheckConstraint("ballot >= 2", name="of_a_later_vote"),
        CheckConstraint("present >= 0", name="present_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int]
    meeting_id: Mapped[int] = mapped_column(index=True)
    ballot: Mapped[int]
    present: Mapped[int]


class SpoiledKind(Worded):
    """Why the scrutineers ruled a ballot spoiled (edge case 1)."""

    OVER_MARKED = "over_marked", "选举的人数多于应选名额", "more marks than seats"
    UNREADABLE = "unreadable", "书写模糊、无法辨认", "unreadable"
    TORN = "torn", "残缺、损毁", "torn"
    NOT_ISSUED = "not_issued", "不是本次大会制发的选票", "not a ballot of this meeting"
    OTHER = "other", "其他", "other"


class SpoiledRuling(Base):
    """How many ballots of a round the scrutineers of a venue ruled spoiled for one reason: by kind and number, never by voter."""

    __tablename__ = "spoiled_ruling"
    __table_args__ = (
        UniqueConstraint("venue_id", "round_id", "kind"),
        ForeignKeyConstraint(["venue_id", "meeting_id"], ["venue.id", "venue.meeting_id"]),
        ForeignKeyConstraint(["meeting_id", "round_id"], ["meeting_round.meeting_id", "meeting_round.round_id"]),
        CheckConstraint("number >= 1", name="number_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int]
    meeting_id: Mapped[int]
    round_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[SpoiledKind] = mapped_column(closed_set(SpoiledKind, "kind"))
    number: Mapped[int]


class FollowUpKind(Worded):
    """What may follow: a new round, a seat left vacant by a recorded decision, or a slate without who can no longer stand."""

    RERUN = "rerun", "重新选举", "rerun"
    TIE_BALLOT = "tie_ballot", "再次投票", "tie ballot"
    LOT = "lot", "抽签决定", "drawn by lot"
    SUPPLEMENTARY = "supplementary", "另行选举", "supplementary election"
    VACANT = "vacant", "缺额不再选举", "left vacant"
    STRIKE = "strike", "候选人不再列入", "candidate struck"


class FollowUp(Base):
    """What a meeting does after a vote, or before one: the chair proposes, a scrutineer agrees, each by name.

    `round_id`: the round after which it comes (for STRIKE: whose slate changes), `meeting_id`: the meeting that voted on it.
    `members`: who stands, in ballot order (VACANT: nobody; STRIKE: who leaves). `next_round_id`: the round that came of it.
    `consented`: how many of the `expected` electors agreed to fewer seats. What was agreed is taken back by a third person.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        Index(
            "uq_follow_up_one_open",
            "round_id",
            unique=True,
            sqlite_where=text("agreed_at IS NULL AND dropped_at IS NULL"),
            postgresql_where=text("agreed_at IS NULL AND dropped_at IS NULL"),
        ),
        # One thing follows after a round; candidates are struck before it.
        Index(
            "uq_follow_up_one_standing",
            "round_id",
            unique=True,
            sqlite_where=text("kind <> 'strike' AND dropped_at IS NULL"),
            postgresql_where=text("kind <> 'strike' AND dropped_at IS NULL"),
        ),
        UniqueConstraint("next_round_id"),
        CheckConstraint("seats >= 1", name="seats_at_least_one"),
        CheckConstraint("(agreed_at IS NULL) = (agreed_by_id IS NULL)", name="agreement_whole"),
        CheckConstraint("agreed_by_id IS NULL OR agreed_by_id <> proposed_by_id", name="agreed_by_another_person"),
        CheckConstraint(
            "(dropped_at IS NULL) = (length(dropped_because) = 0) AND (dropped_at IS NULL) = (dropped_by_id IS NULL)",
            name="dropping_whole",
        ),
        CheckConstraint(
            "dropped_by_id IS NULL OR agreed_by_id IS NULL OR dropped_by_id NOT IN (proposed_by_id, agreed_by_id)",
            name="dropped_by_a_third_person",
        ),
        CheckConstraint(
            "(kind = 'vacant') = (consented IS NOT NULL) AND (consented IS NULL) = (expected IS NULL)"
            " AND (consented IS NULL OR (consented * 2 > expected AND consented <= expected AND length(reason) > 0))",
            name="vacant_by_consent",
        ),
        CheckConstraint("kind <> 'strike' OR length(reason) > 0", name="struck_for_a_reason"),
        CheckConstraint(
            "next_round_id IS NULL OR (agreed_at IS NOT NULL AND kind NOT IN ('vacant', 'strike'))",
            name="round_once_agreed",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # A meeting that is called off, or closed before the vote, lets its rounds go: what was decided about them stays.
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    kind: Mapped[FollowUpKind] = mapped_column(closed_set(FollowUpKind, "kind"))
    seats: Mapped[int]
    members: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(String(400), default="")
    document: Mapped[str] = mapped_column(String(80), default="")
    decided_on: Mapped[date | None]
    consented: Mapped[int | None]
    expected: Mapped[int | None]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    agreed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    agreed_at: Mapped[datetime | None]
    dropped_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    dropped_because: Mapped[str] = mapped_column(String(400), default="")
    dropped_at: Mapped[datetime | None]
    next_round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))
