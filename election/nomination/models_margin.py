"""What the room keeps of cells that came short: nomination opened again, a decision to let one be uncontested, the
lot by which the candidates of a slate speak, and what was printed anew.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from election.store.base import Base


class Reopening(Base):
    """Nomination is open again in one cell up to the end of a day: who has not stood may apply, a branch votes anew."""

    __tablename__ = "reopening"
    __table_args__ = (
        UniqueConstraint("unit_id", "category_id", "number"),
        ForeignKeyConstraint(["unit_id", "congress_id"], ["unit.id", "unit.congress_id"]),
        ForeignKeyConstraint(["category_id", "congress_id"], ["category.id", "category.congress_id"]),
        CheckConstraint("length(reason) > 0", name="has_reason"),
        CheckConstraint("number >= 1", name="number_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"), index=True)
    unit_id: Mapped[int]
    category_id: Mapped[int]
    number: Mapped[int]
    reason: Mapped[str] = mapped_column(String(400))
    until: Mapped[date]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime]


class MarginExemption(Base):
    """A recorded decision that a cell may be uncontested (edge case 6): who decided what, on which paper."""

    __tablename__ = "margin_exemption"
    __table_args__ = (
        Index(
            "uq_margin_exemption_one_in_force",
            "unit_id",
            "category_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        ForeignKeyConstraint(["unit_id", "congress_id"], ["unit.id", "unit.congress_id"]),
        ForeignKeyConstraint(["category_id", "congress_id"], ["category.id", "category.congress_id"]),
        CheckConstraint("length(reason) > 0 AND length(document) > 0", name="is_recorded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"), index=True)
    unit_id: Mapped[int]
    category_id: Mapped[int]
    reason: Mapped[str] = mapped_column(String(400))
    document: Mapped[str] = mapped_column(String(80))
    decided_on: Mapped[date]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SpeechOrder(Base):
    """In which order the candidates of a frozen slate speak: drawn once, from a seed that outsiders can run again.

    `content` is what is drawn from (format, seed, names) and what came out; it never changes.
    """

    __tablename__ = "speech_order"
    __table_args__ = (
        UniqueConstraint("slate_id"),
        CheckConstraint("length(seed) > 0", name="has_seed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slate_id: Mapped[int] = mapped_column(ForeignKey("slate.id"))
    seed: Mapped[str] = mapped_column(String(200))
    witness: Mapped[str] = mapped_column(String(60), default="")
    content: Mapped[dict[str, Any]]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    drawn_at: Mapped[datetime]


class SpeechCommitment(Base):
    """The system's half of the seed of a draw, made and announced by its hash before the hall says its own half.

    Nobody in the hall can try words until the order pleases, and the system cannot change its half afterwards.
    """

    __tablename__ = "speech_commitment"
    __table_args__ = (
        UniqueConstraint("slate_id"),
        CheckConstraint("length(half) = 64 AND length(hash) = 64", name="is_hashed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slate_id: Mapped[int] = mapped_column(ForeignKey("slate.id"))
    half: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    committed_at: Mapped[datetime]


class SlateReprint(Base):
    """What was printed of the slate before is withdrawn and this one is printed: somebody says so by name."""

    __tablename__ = "slate_reprint"
    __table_args__ = (UniqueConstraint("slate_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slate_id: Mapped[int] = mapped_column(ForeignKey("slate.id"))
    note: Mapped[str] = mapped_column(String(200), default="")
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    done_at: Mapped[datetime]
