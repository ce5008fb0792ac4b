"""What the room keeps: schemes with the exact problem and answer they came from, and the assigned leaders."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from election.quotas.lifecycle import SchemeState
from election.roster.models import Member
from election.store.base import Base, closed_set


class AssignedLeader(Base):
    """A county leader assigned to a unit's seat, uncontested (S3.3: 31名县级领导分配至不同的选举单位)."""

    __tablename__ = "assigned_leader"
    __table_args__ = (
        UniqueConstraint("congress_id", "member_id"),
        ForeignKeyConstraint(["unit_id", "congress_id"], ["unit.id", "unit.congress_id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    unit_id: Mapped[int]

    member: Mapped[Member] = relationship()


class Scheme(Base):
    """A division of the seats. Frozen and hashed when approved; a change after that is a new version."""

    __tablename__ = "scheme"
    __table_args__ = (
        UniqueConstraint("congress_id", "number"),
        Index(
            "uq_scheme_one_approved",
            "congress_id",
            unique=True,
            sqlite_where=text("state = 'approved'"),
            postgresql_where=text("state = 'approved'"),
        ),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("length(hash) = 64 AND length(basis_hash) = 64", name="is_hashed"),
        CheckConstraint("(submitted_at IS NULL) = (submitted_by_id IS NULL)", name="submission_whole"),
        CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)", name="approval_whole"),
        CheckConstraint("state = 'draft' OR submitted_by_id IS NOT NULL", name="submitted_by_someone"),
        CheckConstraint(
            "(state IN ('approved', 'superseded')) = (approved_by_id IS NOT NULL)", name="approved_by_someone"
        ),
        # With a submitter who is unknown the comparison alone would pass.
        CheckConstraint(
            "approved_by_id IS NULL OR"
            " (submitted_by_id IS NOT NULL AND approved_by_id <> submitted_by_id AND approved_by_id <> author_id)",
            name="approved_by_another_person",
        ),
        CheckConstraint("state <> 'returned' OR length(returned_because) > 0", name="returned_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    number: Mapped[int]
    state: Mapped[SchemeState] = mapped_column(closed_set(SchemeState, "state"))
    note: Mapped[str] = mapped_column(String(200), default="")
    # allocation-problem/1 and allocation/1, exactly as computed: the scheme can be proved from these two alone.
    problem: Mapped[dict[str, Any]]
    allocation: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64))
    # What the roster looked like when it was computed; compared later to say that it is stale.
    basis: Mapped[dict[str, Any]]
    basis_hash: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    computed_at: Mapped[datetime]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    returned_because: Mapped[str] = mapped_column(String(400), default="")

    cells: Mapped[list[SchemeCell]] = relationship(back_populates="scheme")


class SchemeCell(Base):
    """The seats of one unit and category in a scheme, `assigned` of them uncontested."""

    __tablename__ = "scheme_cell"
    __table_args__ = (
        UniqueConstraint("scheme_id", "unit_id", "category_id"),
        CheckConstraint("seats >= 0", name="seats_not_negative"),
        CheckConstraint("assigned >= 0 AND assigned <= seats", name="assigned_within_seats"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    seats: Mapped[int]
    assigned: Mapped[int] = mapped_column(default=0)
    weight: Mapped[Fraction]
    fair_share: Mapped[str] = mapped_column(String(24))

    scheme: Mapped[Scheme] = relationship(back_populates="cells")
