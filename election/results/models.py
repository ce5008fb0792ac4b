"""What the room keeps: publications, proposed by one person and published by another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from election.store.base import Base


class Publication(Base):
    """A version of the announced results (代表公告), hashed; proposed by one person, published or withdrawn after."""

    __tablename__ = "publication"
    __table_args__ = (
        UniqueConstraint("congress_id", "version"),
        Index(
            "uq_publication_one_open",
            "congress_id",
            unique=True,
            sqlite_where=text("published_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("published_at IS NULL AND withdrawn_at IS NULL"),
        ),
        CheckConstraint(
            "published_by_id IS NULL OR published_by_id <> proposed_by_id", name="published_by_another_person"
        ),
        CheckConstraint("(published_by_id IS NULL) = (published_at IS NULL)", name="published_whole"),
        CheckConstraint("published_at IS NULL OR withdrawn_at IS NULL", name="published_or_withdrawn"),
        CheckConstraint("version = 1 OR length(reason) > 0", name="correction_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"), index=True)
    version: Mapped[int]
    content: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(400), default="")
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
