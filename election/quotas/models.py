"""What the room keeps: schemes with the exact problem and answer they came from, hand changes, groups, assigned leaders.

Seat letters stand in `models_letters.py`, what the database refuses of a frozen scheme in `models_guards.py`.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from election.congress.models import Category, Unit
from election.machine import Worded
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


quota_group_unit = Table(
    "quota_group_unit",
    Base.metadata,
    Column("group_id", ForeignKey("quota_group.id"), primary_key=True),
    Column("unit_id", ForeignKey("unit.id"), primary_key=True),
)
quota_group_category = Table(
    "quota_group_category",
    Base.metadata,
    Column("group_id", ForeignKey("quota_group.id"), primary_key=True),
    Column("category_id", ForeignKey("category.id"), primary_key=True),
)


class QuotaGroup(Base):
    """The seats of a set of units, of all or some categories, within bounds (S3.3: 行业领域、地域分布).

    A side with no members named is meant whole.
    """

    __tablename__ = "quota_group"
    __table_args__ = (
        UniqueConstraint("congress_id", "code"),
        UniqueConstraint("congress_id", "name"),
        CheckConstraint("length(code) > 0 AND length(name) > 0", name="is_named"),
        CheckConstraint("least IS NOT NULL OR most IS NOT NULL", name="bounds_something"),
        CheckConstraint("least IS NULL OR least >= 0", name="least_not_negative"),
        CheckConstraint("most IS NULL OR most >= 0", name="most_not_negative"),
        CheckConstraint("least IS NULL OR most IS NULL OR least <= most", name="least_within_most"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(40))
    least: Mapped[int | None]
    most: Mapped[int | None]

    units: Mapped[list[Unit]] = relationship(secondary=quota_group_unit, order_by=Unit.position)
    categories: Mapped[list[Category]] = relationship(secondary=quota_group_category, order_by=Category.position)


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
    # allocation-problem/1 as the roster or a workbook gave it, before any change by hand; `source` names the workbook.
    base: Mapped[dict[str, Any]]
    source: Mapped[str] = mapped_column(String(200), default="")
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
    changes: Mapped[list[HandChange]] = relationship(back_populates="scheme", order_by="HandChange.id")


class SchemeAuthor(Base):
    """Everyone who made or changed a version, what was put back again included: none of them approves it."""

    __tablename__ = "scheme_author"

    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)


class ChangeKind(Worded):
    """Which number of the problem a change by hand sets."""

    CELL = "cell", "单元名额", "seats of a cell"
    UNIT = "unit", "单位名额", "seats of a unit"
    CATEGORY = "category", "类别名额", "seats of a category"
    UNIT_LEAST = "unit_least", "单位下限", "least seats of a unit"
    UNIT_MOST = "unit_most", "单位上限", "most seats of a unit"
    CELL_MOST = "cell_most", "单元上限", "most seats of a cell"
    GROUP_LEAST = "group_least", "组下限", "least seats of a group"
    GROUP_MOST = "group_most", "组上限", "most seats of a group"


class HandChange(Base):
    """A number of a scheme set by hand, with its reason. A locked one is a rule that the solver works around.

    `computed` and `computed_share`: what the solver gives the cell or line without any change by hand.
    """

    __tablename__ = "hand_change"
    __table_args__ = (
        CheckConstraint("seats >= 0", name="seats_not_negative"),
        CheckConstraint("length(reason) > 0", name="has_reason"),
        CheckConstraint("locked OR kind IN ('cell', 'unit', 'category')", name="bounds_are_locked"),
        CheckConstraint(
            "(unit_id IS NOT NULL) = (kind IN ('cell', 'cell_most', 'unit', 'unit_least', 'unit_most'))",
            name="names_its_unit",
        ),
        CheckConstraint(
            "(category_id IS NOT NULL) = (kind IN ('cell', 'cell_most', 'category'))", name="names_its_category"
        ),
        CheckConstraint("(group_code <> '') = (kind IN ('group_least', 'group_most'))", name="names_its_group"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id"), index=True)
    kind: Mapped[ChangeKind] = mapped_column(closed_set(ChangeKind, "kind"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    group_code: Mapped[str] = mapped_column(String(20), default="")
    seats: Mapped[int]
    computed: Mapped[int | None]
    computed_share: Mapped[str] = mapped_column(String(24), default="")
    reason: Mapped[str] = mapped_column(String(200))
    locked: Mapped[bool]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]

    scheme: Mapped[Scheme] = relationship(back_populates="changes")


# NULL never equals NULL in a unique key: a change of a whole unit is compared as category 0.
Index(
    "uq_hand_change_once",
    HandChange.scheme_id,
    HandChange.kind,
    text("coalesce(unit_id, 0)"),
    text("coalesce(category_id, 0)"),
    HandChange.group_code,
    unique=True,
)


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
