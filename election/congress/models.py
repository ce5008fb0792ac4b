"""What the room keeps: the congress, its electoral units, categories, overlays and rules in force."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from election.congress.lifecycle import Phase
from election.machine import Worded
from election.store.base import Base, closed_set


class BoardMode(Worded):
    """How far the presenter lets the public display go."""

    CURTAIN = "curtain", "暂不显示", "curtain"
    PROGRESS = "progress", "只显示进度", "progress only"
    RESULTS = "results", "显示结果", "results"


class UnitKind(Worded):
    TOWNSHIP = "township", "乡镇", "township"
    ORGAN = "organ", "县直机关", "county organ"
    EDUCATION = "education", "教育系统", "education"
    HEALTH = "health", "卫生健康系统", "health"
    SECURITY = "security", "政法系统", "public security"
    STATE_ENTERPRISE = "state_enterprise", "国有企业", "state enterprise"
    PRIVATE_ENTERPRISE = "private_enterprise", "非公企业", "private enterprise"
    ARMED_FORCES = "armed_forces", "驻军武警", "armed forces"
    OTHER = "other", "其他", "other"


class OverlayFact(Worded):
    """The fact about a person that an overlay counts."""

    WOMEN = "women", "妇女", "women"
    AGE_AT_MOST = "age_at_most", "年龄不超过", "age at most"
    ETHNIC_MINORITY = "ethnic_minority", "少数民族", "ethnic minority"


class Congress(Base):
    """One party congress whose delegates are elected. `revision` rises with every recorded act."""

    __tablename__ = "congress"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("total_seats >= 1", name="seats_at_least_one"),
        CheckConstraint("length(code) > 0", name="code_not_empty"),
        CheckConstraint("reply_waived_because IS NULL OR reply_number IS NULL", name="reply_recorded_or_waived"),
        CheckConstraint("(reply_number IS NULL) = (reply_on IS NULL)", name="reply_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    county: Mapped[str] = mapped_column(String(40), default="")
    total_seats: Mapped[int]
    # Ages are reckoned on this day.
    reference_date: Mapped[date]
    phase: Mapped[Phase] = mapped_column(closed_set(Phase, "phase"), default=Phase.PREPARATION)
    board_mode: Mapped[BoardMode] = mapped_column(closed_set(BoardMode, "board_mode"), default=BoardMode.PROGRESS)
    revision: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    # 请示与批复: the superior committee's reply, or why there is none.
    reply_number: Mapped[str | None] = mapped_column(String(80))
    reply_on: Mapped[date | None]
    reply_waived_because: Mapped[str | None] = mapped_column(Text)

    units: Mapped[list[Unit]] = relationship(back_populates="congress", order_by="Unit.position")
    categories: Mapped[list[Category]] = relationship(back_populates="congress", order_by="Category.position")
    overlays: Mapped[list[Overlay]] = relationship(back_populates="congress", order_by="Overlay.position")


class Unit(Base):
    """An electoral unit. `factor` multiplies its weight, with its reason (行业领域、地域分布)."""

    __tablename__ = "unit"
    __table_args__ = (
        UniqueConstraint("congress_id", "code"),
        UniqueConstraint("congress_id", "name"),
        UniqueConstraint("congress_id", "position"),
        UniqueConstraint("id", "congress_id"),
        CheckConstraint("factor = '1' OR length(factor_reason) > 0", name="factor_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    code: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[UnitKind] = mapped_column(closed_set(UnitKind, "kind"))
    factor: Mapped[Fraction] = mapped_column(default=Fraction(1))
    factor_reason: Mapped[str] = mapped_column(String(200), default="")

    congress: Mapped[Congress] = relationship(back_populates="units")
    previous: Mapped[PreviousSeats | None] = relationship(cascade="all, delete-orphan")


class PreviousSeats(Base):
    """A unit's seats in the previous congress, for comparison only (RULES 3.21); a unit that is new has none."""

    __tablename__ = "previous_seats"
    __table_args__ = (CheckConstraint("seats >= 0", name="seats_not_negative"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    seats: Mapped[int]


class Category(Base):
    """A seat-bearing category; the shares of all sum to the whole. Exclusive: a person stands in one."""

    __tablename__ = "category"
    __table_args__ = (
        UniqueConstraint("congress_id", "code"),
        UniqueConstraint("congress_id", "name"),
        UniqueConstraint("congress_id", "position"),
        UniqueConstraint("id", "congress_id"),
        # A leader's seat is counted in one category only.
        Index(
            "uq_category_one_takes_assigned",
            "congress_id",
            unique=True,
            sqlite_where=text("takes_assigned"),
            postgresql_where=text("takes_assigned"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    code: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    share: Mapped[Fraction]
    # Seats of this category that may be assigned uncontested, as leaders' seats are.
    takes_assigned: Mapped[bool] = mapped_column(default=False)

    congress: Mapped[Congress] = relationship(back_populates="categories")


class Overlay(Base):
    """An overlapping 其中: a floor for a fact about persons, counted across the categories, never summed with them."""

    __tablename__ = "overlay"
    __table_args__ = (
        UniqueConstraint("congress_id", "code"),
        UniqueConstraint("congress_id", "position"),
        CheckConstraint("(fact = 'age_at_most') = (age IS NOT NULL)", name="age_where_it_counts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    code: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    share: Mapped[Fraction]
    fact: Mapped[OverlayFact] = mapped_column(closed_set(OverlayFact, "fact"))
    age: Mapped[int | None]

    congress: Mapped[Congress] = relationship(back_populates="overlays")


class RuleValue(Base):
    """A rule in force in a congress. Frozen at the first recorded act that used it, which it names."""

    __tablename__ = "rule_value"
    __table_args__ = (
        UniqueConstraint("congress_id", "name"),
        CheckConstraint("(frozen_at IS NULL) = (frozen_by IS NULL)", name="frozen_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    name: Mapped[str] = mapped_column(String(40))
    value: Mapped[Any] = mapped_column(JSON)
    frozen_at: Mapped[datetime | None]
    frozen_by: Mapped[str | None] = mapped_column(String(60))
