"""What the room keeps of a tie that the lot decides: the system's half, announced by its hash, and the lot as it was drawn.

Both are kept by the database as they were written. No page shows the half before the lot is drawn.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from election.lot import LONGEST_WITNESS
from election.store.base import Base
from election.store.kept import keep


class LotCommitment(Base):
    """The system's half of the seed, made as the lot is proposed, before the hall says its own half."""

    __tablename__ = "lot_commitment"
    __table_args__ = (
        UniqueConstraint("follow_up_id"),
        CheckConstraint("length(half) > 0 AND length(hash) > 0", name="is_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"))
    half: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    committed_at: Mapped[datetime]


class LotDraw(Base):
    """The lot as it was drawn: `content` is what it was drawn from and what came out. `tie_id`: the outcome whose tie it decides,
    by no second lot ever; `witness`: who said the hall's half; `person_id`: the scrutineer who typed it.
    """

    __tablename__ = "lot_draw"
    __table_args__ = (
        UniqueConstraint("commitment_id"),
        UniqueConstraint("tie_id"),
        UniqueConstraint("round_id"),
        CheckConstraint("length(witness) > 0", name="has_witness"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("lot_commitment.id"))
    tie_id: Mapped[int] = mapped_column(ForeignKey("round_outcome.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    witness: Mapped[str] = mapped_column(String(LONGEST_WITNESS))
    content: Mapped[dict[str, Any]]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    drawn_at: Mapped[datetime]


keep(LotCommitment, "a half that was committed to is never changed")
keep(LotDraw, "a lot that was drawn is never changed")
