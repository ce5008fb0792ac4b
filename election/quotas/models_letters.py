"""What the room keeps of the seat letters (名额通知): which unit was told its seats, and who signed for it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from election.store.base import Base


class SeatLetter(Base):
    """The letter that tells a unit its seats under an approved scheme; made with the approval, then received.

    `hash` is that of the letter's data, printed on it. A paper receipt is recorded by the office with the name of
    who signed; on screen the clerk signs in person.
    """

    __tablename__ = "seat_letter"
    __table_args__ = (
        UniqueConstraint("scheme_id", "unit_id"),
        UniqueConstraint("scheme_id", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("length(hash) = 64", name="is_hashed"),
        CheckConstraint(
            "(received_on IS NULL) = (recorded_by_id IS NULL) AND (received_on IS NULL) = (recorded_at IS NULL)"
            " AND (received_on IS NULL) = (received_by = '')",
            name="receipt_whole",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    received_on: Mapped[date | None]
    received_by: Mapped[str] = mapped_column(String(60), default="")
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime | None]
