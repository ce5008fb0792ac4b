"""What the room keeps: publications (proposed by one, published by another) and the board's last picture."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from election.results.lifecycle import ResultsState
from election.store.base import Base, closed_set


class Publication(Base):
    """The announced results (代表公告): their content as it was published, hashed, by two persons."""

    __tablename__ = "publication"
    __table_args__ = (
        UniqueConstraint("congress_id", "version"),
        Index(
            "uq_publication_one_open",
            "congress_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
        CheckConstraint("published_by_id IS NULL OR published_by_id <> proposed_by_id", name="published_by_another_person"),
        CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published_has_moment"),
        CheckConstraint("(published_by_id IS NULL) = (published_at IS NULL)", name="published_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"), index=True)
    version: Mapped[int]
    state: Mapped[ResultsState] = mapped_column(closed_set(ResultsState, "state"))
    content: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]


class BoardPicture(Base):
    """The public figures as last built, and the congress revision they were built from."""

    __tablename__ = "board_picture"

    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"), primary_key=True)
    revision: Mapped[int]
    content: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
