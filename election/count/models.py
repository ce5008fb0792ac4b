"""What the room keeps: count forms with their two entries, and the outcome of each round once confirmed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    delete,
    event,
    insert,
    text,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from election.contests.models import Round
from election.count.entry import EntryState, Side
from election.machine import Worded
from election.meeting.models import CountingGroup
from election.store.base import Base, closed_set


class CountForm(Base):
    """One version of the count form of one counting group for one ballot of the evening. Two persons enter it, a third
    confirms. A counting group has its empty form from the moment it exists.
    """

    __tablename__ = "count_form"
    __table_args__ = (
        UniqueConstraint("group_id", "ballot", "version"),
        Index(
            "uq_count_form_one_in_force",
            "group_id",
            "ballot",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
        CheckConstraint("(state = 'confirmed') = (confirmed_by_id IS NOT NULL)", name="confirmed_has_confirmer"),
        CheckConstraint(
            "confirmed_by_id IS NULL OR (first_person_id IS NOT NULL AND second_person_id IS NOT NULL"
            " AND first_person_id <> second_person_id"
            " AND confirmed_by_id <> first_person_id AND confirmed_by_id <> second_person_id)",
            name="three_persons",
        ),
        CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed_whole"),
        CheckConstraint(
            "second_person_id IS NULL OR (first_person_id IS NOT NULL AND first_person_id <> second_person_id)",
            name="second_is_another_person",
        ),
        CheckConstraint(
            "withdrawal_asked_by_id IS NULL OR (state = 'confirmed' AND length(withdrawal_because) > 0)",
            name="withdrawal_whole",
        ),
        CheckConstraint(
            "(version = 1) = (reopened_by_id IS NULL) AND (version = 1) = (reopening_agreed_by_id IS NULL)"
            " AND (reopened_by_id IS NULL OR length(reopened_because) > 0)",
            name="reopened_has_reason",
        ),
        CheckConstraint(
            "reopened_by_id IS NULL OR reopened_by_id <> reopening_agreed_by_id", name="reopened_by_two_persons"
        ),
        CheckConstraint("version >= 1 AND ballot >= 1 AND revision >= 0", name="numbers_from_one"),
        CheckConstraint("(state = 'empty') = (first_person_id IS NULL)", name="entered_has_first_person"),
        CheckConstraint(
            "(state IN ('empty', 'first_in_progress', 'first_has_errors', 'first_finalised'))"
            " = (second_person_id IS NULL)",
            name="entered_twice_has_second_person",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("counting_group.id"))
    # As printed on the paper form: unit-venue-group.
    number: Mapped[str] = mapped_column(String(20), index=True)
    # Which vote of the evening it counts; a tie ballot the same evening is the next.
    ballot: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[EntryState] = mapped_column(closed_set(EntryState, "state"))
    # Raised by every act on the form: a page made from an older one is stale.
    revision: Mapped[int] = mapped_column(default=0)
    first_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    second_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    # A correction after confirmation (RULES edge case 19): one person asks for it on the confirmed version, another
    # agrees, and the next version says who they were and why.
    withdrawal_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawal_because: Mapped[str] = mapped_column(String(400), default="")
    reopened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reopening_agreed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reopened_because: Mapped[str] = mapped_column(String(400), default="")
    # The persons who judged its entries (`entry.py`): they may enter none of this version.
    judged_by: Mapped[list[Any]] = mapped_column(default=list)
    superseded_at: Mapped[datetime | None]

    group: Mapped[CountingGroup] = relationship()
    entries: Mapped[list[FormEntry]] = relationship(back_populates="form", order_by="FormEntry.id")


@event.listens_for(CountingGroup, "after_insert")
def _print_form(_mapper: Mapper[CountingGroup], connection: Connection, group: CountingGroup) -> None:
    """A counting group comes with its paper, though the room in which it is made knows nothing of counting."""
    connection.execute(insert(CountForm).values(group_id=group.id, number=group.form_number, state=EntryState.EMPTY))


@event.listens_for(CountingGroup, "before_delete")
def _take_form(_mapper: Mapper[CountingGroup], connection: Connection, group: CountingGroup) -> None:
    """A group that is taken off before the meeting takes its paper along; one that somebody began to fill in stays."""
    connection.execute(delete(CountForm).where(CountForm.group_id == group.id, CountForm.state == EntryState.EMPTY))


class FormEntry(Base):
    """One person's entry of a form. A draft is overwritten in place, without history (RULES edge case 15)."""

    __tablename__ = "form_entry"
    __table_args__ = (
        UniqueConstraint("form_id", "side"),
        UniqueConstraint("form_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("count_form.id"))
    side: Mapped[Side] = mapped_column(closed_set(Side, "side"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    contents: Mapped[dict[str, Any]]
    # The keys of the warnings that the teller ticked (`checks.warning_key`).
    accepted: Mapped[list[Any]]
    # As the checks found it when it was last finalised.
    has_errors: Mapped[bool] = mapped_column(default=False)
    finalised_at: Mapped[datetime | None]
    saved_at: Mapped[datetime]
    # The open page that saved the draft last, and which of its saves it was; empty where none has.
    page: Mapped[str] = mapped_column(String(32), default="")

    form: Mapped[CountForm] = relationship(back_populates="entries")


class Result(Worded):
    ELECTED = "elected", "当选", "elected"
    TIED = "tied", "得票相等", "tied"
    NOT_ELECTED = "not_elected", "未当选", "not elected"


class RoundOutcome(Base):
    """What the counts of a round mean: computed, never typed. A correction makes a new version."""

    __tablename__ = "round_outcome"
    __table_args__ = (
        UniqueConstraint("round_id", "version"),
        Index(
            "uq_round_outcome_one_in_force",
            "round_id",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
        CheckConstraint("elected >= 0 AND tied_seats >= 0 AND shortfall >= 0", name="not_negative"),
        CheckConstraint("valid >= 0 AND spoiled >= 0 AND valid + spoiled = returned", name="returned_adds_up"),
        CheckConstraint("returned <= issued AND issued <= present", name="ballots_in_order"),
        CheckConstraint("present <= expected AND expected >= 1", name="attendance_in_order"),
        CheckConstraint("version >= 1", name="version_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(20))
    follow_up: Mapped[str | None] = mapped_column(String(20))
    votes_needed: Mapped[int | None]
    elected: Mapped[int]
    tied_seats: Mapped[int]
    shortfall: Mapped[int]
    expected: Mapped[int]
    present: Mapped[int]
    issued: Mapped[int]
    returned: Mapped[int]
    valid: Mapped[int]
    spoiled: Mapped[int]
    # contest/1 and outcome/1 as decided: anyone can decide it again.
    contest: Mapped[dict[str, Any]]
    outcome: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    lines: Mapped[list[CandidateResult]] = relationship(back_populates="outcome_row", order_by="CandidateResult.rank")


class CandidateResult(Base):
    """One name's votes in a round and what became of it; write-ins have no candidate."""

    __tablename__ = "candidate_result"
    __table_args__ = (
        UniqueConstraint("outcome_id", "rank"),
        UniqueConstraint("outcome_id", "candidate_id"),
        UniqueConstraint("outcome_id", "member_id"),
        CheckConstraint("rank >= 1", name="rank_from_one"),
        CheckConstraint("votes_for >= 0 AND votes_against >= 0 AND abstentions >= 0", name="not_negative"),
        CheckConstraint("result = 'not_elected' OR member_id IS NOT NULL", name="elected_is_a_member"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    outcome_id: Mapped[int] = mapped_column(ForeignKey("round_outcome.id"))
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey("candidate.id"))
    # Elected persons by write-in are members too (RULES edge case 9).
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    name: Mapped[str] = mapped_column(String(60))
    rank: Mapped[int]
    votes_for: Mapped[int]
    votes_against: Mapped[int]
    abstentions: Mapped[int]
    result: Mapped[Result] = mapped_column(closed_set(Result, "result"))

    outcome_row: Mapped[RoundOutcome] = relationship(back_populates="lines")
