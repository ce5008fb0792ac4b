"""What the room keeps: applications, branch ballots, applicant reviews, slates with their candidates in order."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from election.contests.models import Round
from election.machine import Worded
from election.nomination.lifecycle import ApplicationState, SlateState
from election.roster.models import Member
from election.store.base import Base, closed_set


class Source(Worded):
    """How someone came to stand (nomination_source)."""

    SELF = "self", "个人自荐", "self-nomination"
    ORGANISATION = "organisation", "组织推荐", "nominated by the organisation"
    JOINT = "joint", "党员联名推荐", "joint nomination"
    PUBLIC = "public", "群众推荐", "nominated by the public"


class Application(Base):
    """A member stands in the own branch, in one primary category of one congress."""

    __tablename__ = "application"
    __table_args__ = (
        Index(
            "uq_application_one_alive",
            "congress_id",
            "member_id",
            unique=True,
            sqlite_where=text("state <> 'withdrawn' AND state <> 'ended'"),
            postgresql_where=text("state <> 'withdrawn' AND state <> 'ended'"),
        ),
        ForeignKeyConstraint(["unit_id", "congress_id"], ["unit.id", "unit.congress_id"], name="fk_application_unit"),
        ForeignKeyConstraint(
            ["category_id", "congress_id"], ["category.id", "category.congress_id"], name="fk_application_category"
        ),
        # Only a branch that votes in this congress has applicants.
        ForeignKeyConstraint(
            ["congress_id", "branch_id"],
            ["unit_branch.congress_id", "unit_branch.branch_id"],
            name="fk_application_unit_branch",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    unit_id: Mapped[int]
    category_id: Mapped[int]
    source: Mapped[Source] = mapped_column(closed_set(Source, "source"))
    state: Mapped[ApplicationState] = mapped_column(closed_set(ApplicationState, "state"))
    statement: Mapped[str] = mapped_column(Text, default="")
    # What the introduction of candidates says of the person's life and work.
    career: Mapped[str] = mapped_column(Text, default="")
    # The organisation or the people who put the name forward, where it was neither the person nor named members.
    recommended_by: Mapped[str] = mapped_column(String(120), default="")
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("unit_proposal.id"))
    ended_because: Mapped[str] = mapped_column(String(200), default="")
    submitted_at: Mapped[datetime]

    member: Mapped[Member] = relationship()
    signers: Mapped[list[ApplicationSigner]] = relationship(order_by="ApplicationSigner.id")


class ApplicationSigner(Base):
    """A member who joined in nominating someone (联名推荐)."""

    __tablename__ = "application_signer"
    __table_args__ = (UniqueConstraint("application_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)

    member: Mapped[Member] = relationship()


class UnitProposal(Base):
    """A unit put preliminary nominees forward to the office for review, together and on one day."""

    __tablename__ = "unit_proposal"
    __table_args__ = (
        UniqueConstraint("unit_id", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    number: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]


class UnitProposalLine(Base):
    """One of the people whom a proposal names, as it was handed to the office; kept when the unit takes the person back."""

    __tablename__ = "unit_proposal_line"
    __table_args__ = (
        UniqueConstraint("proposal_id", "application_id"),
        CheckConstraint("forward OR length(reason) > 0", name="left_out_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("unit_proposal.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    forward: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200), default="")
    taken_back_at: Mapped[datetime | None]


class BranchPlaces(Base):
    """How many of a branch's applicants of a category may go on, where the rules give branches places."""

    __tablename__ = "branch_places"
    __table_args__ = (
        UniqueConstraint("congress_id", "branch_id", "category_id"),
        CheckConstraint("places >= 1", name="at_least_one"),
        ForeignKeyConstraint(["category_id", "congress_id"], ["category.id", "category.congress_id"]),
        ForeignKeyConstraint(["congress_id", "branch_id"], ["unit_branch.congress_id", "unit_branch.branch_id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    category_id: Mapped[int]
    places: Mapped[int]


class BranchBallot(Base):
    """A branch's secret ballot on its applicants of one category together, entered as totals.

    `number` counts the ballots of a branch on a category: a tie at the last place or a nomination that was opened again
    makes another. A correction is a new `version` by another person, with its reason; the one before is superseded.
    `places`: how many could go on; None where all who pass the majority do. `voters`: the branch's members with a vote
    when it was recorded; `excluded_because`: why fewer were expected.
    """

    __tablename__ = "branch_ballot"
    __table_args__ = (
        UniqueConstraint(
            "congress_id", "branch_id", "category_id", "number", "version", name="uq_branch_ballot_counted"
        ),
        Index(
            "uq_branch_ballot_one_in_force",
            "congress_id",
            "branch_id",
            "category_id",
            "number",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
        CheckConstraint("number >= 1 AND version >= 1", name="counted_from_one"),
        CheckConstraint("places IS NULL OR places >= 1", name="places_at_least_one"),
        CheckConstraint("version = 1 OR length(reason) > 0", name="correction_has_reason"),
        CheckConstraint("expected <= voters", name="expected_have_a_vote"),
        CheckConstraint("expected = voters OR length(excluded_because) > 0", name="fewer_expected_explained"),
        CheckConstraint("present <= expected AND issued <= present AND returned <= issued", name="ballots_add_up"),
        CheckConstraint("valid + spoiled = returned AND valid >= 0 AND spoiled >= 0", name="returned_add_up"),
        CheckConstraint("votes_needed >= 1", name="votes_needed_at_least_one"),
        ForeignKeyConstraint(
            ["category_id", "congress_id"], ["category.id", "category.congress_id"], name="fk_branch_ballot_category"
        ),
        ForeignKeyConstraint(
            ["congress_id", "branch_id"],
            ["unit_branch.congress_id", "unit_branch.branch_id"],
            name="fk_branch_ballot_unit_branch",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    category_id: Mapped[int]
    number: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    places: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(400), default="")
    superseded_at: Mapped[datetime | None]
    held_on: Mapped[date]
    voters: Mapped[int]
    excluded_because: Mapped[str] = mapped_column(String(400), default="")
    expected: Mapped[int]
    present: Mapped[int]
    issued: Mapped[int]
    returned: Mapped[int]
    valid: Mapped[int]
    spoiled: Mapped[int]
    votes_needed: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]

    lines: Mapped[list[BranchBallotLine]] = relationship(back_populates="ballot", order_by="BranchBallotLine.id")


class BranchBallotLine(Base):
    """An applicant's counts in the branch ballot, and whether they passed it."""

    __tablename__ = "branch_ballot_line"
    __table_args__ = (
        UniqueConstraint("ballot_id", "application_id"),
        CheckConstraint("votes_for >= 0 AND votes_against >= 0 AND abstentions >= 0", name="votes_not_negative"),
        CheckConstraint("NOT passed OR votes_for >= 1", name="passed_with_votes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ballot_id: Mapped[int] = mapped_column(ForeignKey("branch_ballot.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    votes_for: Mapped[int]
    votes_against: Mapped[int]
    abstentions: Mapped[int]
    passed: Mapped[bool]

    ballot: Mapped[BranchBallot] = relationship(back_populates="lines")


class Review(Base):
    """The office's review of an applicant (候选人资格审查) with its reason.

    Reviewed again, for an objection or because another person sees it otherwise, the one before is kept (edge case 19).
    """

    __tablename__ = "review"
    __table_args__ = (
        Index(
            "uq_review_one_in_force",
            "application_id",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
        CheckConstraint("approved OR length(reason) > 0", name="refusal_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    approved: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reviewed_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class Slate(Base):
    """The candidates of a round, in ballot order. Submitted by the unit, frozen by the office; then a new version."""

    __tablename__ = "slate"
    __table_args__ = (
        UniqueConstraint("round_id", "version"),
        Index(
            "uq_slate_one_in_force",
            "round_id",
            unique=True,
            sqlite_where=text("state <> 'superseded'"),
            postgresql_where=text("state <> 'superseded'"),
        ),
        CheckConstraint("version >= 1", name="version_from_one"),
        CheckConstraint("(submitted_at IS NULL) = (submitted_by_id IS NULL)", name="submission_whole"),
        CheckConstraint("(frozen_at IS NULL) = (frozen_by_id IS NULL)", name="freezing_whole"),
        CheckConstraint("state IN ('draft', 'returned') OR submitted_by_id IS NOT NULL", name="handed_in_by_someone"),
        CheckConstraint("(state IN ('frozen', 'superseded')) = (frozen_by_id IS NOT NULL)", name="frozen_by_someone"),
        # With a submitter who is unknown the comparison alone would pass.
        CheckConstraint(
            "frozen_by_id IS NULL OR (submitted_by_id IS NOT NULL AND frozen_by_id <> submitted_by_id)",
            name="frozen_by_another_person",
        ),
        CheckConstraint("frozen_by_id IS NULL OR (content IS NOT NULL AND length(hash) = 64)", name="frozen_is_hashed"),
        CheckConstraint("state <> 'returned' OR length(returned_because) > 0", name="returned_has_reason"),
        CheckConstraint("in_use_at IS NULL OR state = 'frozen'", name="in_use_is_frozen"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    version: Mapped[int]
    state: Mapped[SlateState] = mapped_column(closed_set(SlateState, "state"))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None]
    frozen_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    frozen_at: Mapped[datetime | None]
    returned_because: Mapped[str] = mapped_column(String(400), default="")
    # Why a new version took its place (edge case 14): what has to be printed anew follows from it.
    superseded_because: Mapped[str] = mapped_column(String(400), default="")
    # Why the names stand in an order set by hand; empty when they stand by strokes (地方条例 30).
    order_reason: Mapped[str] = mapped_column(String(200), default="")
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    hash: Mapped[str] = mapped_column(String(64), default="")
    # Since when a meeting votes on it: set as the meeting opens, cleared when it is called off; until then it is fixed.
    in_use_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    candidates: Mapped[list[Candidate]] = relationship(back_populates="slate", order_by="Candidate.position")


class Candidate(Base):
    """A name on a slate. The assigned leaders of an uncontested contest have no application."""

    __tablename__ = "candidate"
    __table_args__ = (
        UniqueConstraint("slate_id", "position"),
        UniqueConstraint("slate_id", "member_id"),
        CheckConstraint("position >= 1", name="position_from_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slate_id: Mapped[int] = mapped_column(ForeignKey("slate.id"), index=True)
    position: Mapped[int]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"))
    # As printed on the ballot; the person's own record may be corrected later.
    name: Mapped[str] = mapped_column(String(60))

    slate: Mapped[Slate] = relationship(back_populates="candidates")
    member: Mapped[Member] = relationship()
