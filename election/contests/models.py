"""What the room keeps: each contest, a (unit, category) with its seats to fill, and its rounds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from election.congress.models import Category, Unit
from election.machine import Worded
from election.store.base import Base, closed_set


class ContestKind(Worded):
    """差额 or 等额. The assigned seats of a cell are an uncontested contest of their own (RULES edge case 7)."""

    CONTESTED = "contested", "差额", "contested"
    UNCONTESTED = "uncontested", "等额", "uncontested"


class RoundKind(Worded):
    ORDINARY = "ordinary", "首次投票", "first ballot"
    TIE_BALLOT = "tie_ballot", "再次投票", "tie ballot"
    SUPPLEMENTARY = "supplementary", "另行选举", "supplementary election"
    RERUN = "rerun", "重新选举", "rerun"
    # No ballot is cast: the lot decides among the tied.
    LOT = "lot", "抽签决定", "drawn by lot"


# Why a round is void that nobody voted on: a new scheme took every seat of its contest. Such a contest counts nowhere.
SEATS_MOVED = "seats_moved"
# Why a round is void that was opened and then was not needed: what it followed from was corrected. It counts nowhere.
NOT_NEEDED = "not_needed"


class Contest(Base):
    """The seats of one category in one unit. Its votes are never compared with another contest's."""

    __tablename__ = "contest"
    __table_args__ = (
        UniqueConstraint("unit_id", "category_id", "kind"),
        ForeignKeyConstraint(["unit_id", "congress_id"], ["unit.id", "unit.congress_id"], name="fk_contest_unit"),
        ForeignKeyConstraint(
            ["category_id", "congress_id"], ["category.id", "category.congress_id"], name="fk_contest_category"
        ),
        CheckConstraint("seats >= 1", name="seats_at_least_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"), index=True)
    unit_id: Mapped[int]
    category_id: Mapped[int]
    kind: Mapped[ContestKind] = mapped_column(closed_set(ContestKind, "kind"))
    seats: Mapped[int]

    unit: Mapped[Unit] = relationship(viewonly=True)
    category: Mapped[Category] = relationship(viewonly=True)
    rounds: Mapped[list[Round]] = relationship(back_populates="contest", order_by="Round.number")


class Round(Base):
    """One ballot of a contest: the first, or one that a tie, a shortfall or a void ballot made necessary; or the lot by which a
    tie was decided, where the rules say so.
    """

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("contest_id", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("seats >= 1", name="seats_at_least_one"),
        CheckConstraint(
            "(void_at IS NULL) = (void_by_id IS NULL) AND (void_at IS NULL) = (void_reason IS NULL)", name="void_whole"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contest_id: Mapped[int] = mapped_column(ForeignKey("contest.id"))
    number: Mapped[int]
    kind: Mapped[RoundKind] = mapped_column(closed_set(RoundKind, "kind"), default=RoundKind.ORDINARY)
    seats: Mapped[int]
    void_at: Mapped[datetime | None]
    void_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    void_reason: Mapped[str | None] = mapped_column(String(40))

    contest: Mapped[Contest] = relationship(back_populates="rounds")
