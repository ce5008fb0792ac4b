"""What the room keeps: party organisations, members, which unit a branch votes in, each unit's verified roster."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from election.machine import Worded
from election.people.models import Person
from election.store.base import Base, closed_set


class OrganisationKind(Worded):
    COMMITTEE = "committee", "党委", "committee"
    GENERAL_BRANCH = "general_branch", "党总支", "general branch"
    BRANCH = "branch", "党支部", "branch"


class Standing(Worded):
    """Only a full member has a vote (基层条例 5)."""

    FULL = "full", "正式", "full"
    PROBATIONARY = "probationary", "预备", "probationary"


class Suspension(Worded):
    """Why a full member has no vote for now."""

    UNDER_WATCH = "under_watch", "留党察看", "on probation within the party"
    DETAINED = "detained", "留置", "in retention"
    ARRESTED = "arrested", "逮捕", "under arrest"


class Organisation(Base):
    """A committee, general branch or branch; kept between elections. Only a branch has members."""

    __tablename__ = "organisation"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("(kind = 'committee') = (parent_id IS NULL)", name="committee_on_top"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[OrganisationKind] = mapped_column(closed_set(OrganisationKind, "kind"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))

    parent: Mapped[Organisation | None] = relationship(remote_side="Organisation.id")


class Member(Base):
    """A party member: a person in a branch. `category` is the code of the recorded primary category."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("person_id"),
        CheckConstraint("suspension IS NULL OR standing = 'full'", name="suspension_is_of_a_full_member"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    standing: Mapped[Standing] = mapped_column(closed_set(Standing, "standing"))
    suspension: Mapped[Suspension | None] = mapped_column(closed_set(Suspension, "suspension"))
    joined_on: Mapped[date | None]
    category: Mapped[str] = mapped_column(String(20))
    post: Mapped[str] = mapped_column(String(80), default="")

    person: Mapped[Person] = relationship()
    branch: Mapped[Organisation] = relationship()


class UnitBranch(Base):
    """In this congress the members of this branch vote in this unit."""

    __tablename__ = "unit_branch"
    __table_args__ = (
        UniqueConstraint("congress_id", "branch_id"),
        ForeignKeyConstraint(["unit_id", "congress_id"], ["unit.id", "unit.congress_id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    unit_id: Mapped[int] = mapped_column(index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))


class RosterImport(Base):
    """One workbook read in as one act: all of it or none."""

    __tablename__ = "roster_import"
    __table_args__ = (
        CheckConstraint(
            "organisations_added >= 0 AND members_added >= 0 AND members_changed >= 0", name="counts_not_negative"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64))
    organisations_added: Mapped[int]
    members_added: Mapped[int]
    members_changed: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    imported_at: Mapped[datetime]


class RosterVerification(Base):
    """A unit's clerk found the roster right: the counts as they stood, and the hash of the elector list."""

    __tablename__ = "roster_verification"
    __table_args__ = (
        UniqueConstraint("unit_id"),
        CheckConstraint("expected >= 0 AND expected <= members", name="expected_within_members"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    members: Mapped[int]
    # The provisional expected number; opening the meeting freezes the final one.
    expected: Mapped[int]
    electors_hash: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime]


class RosterUpload(Base):
    """A workbook that was checked and waits for its person's word to be read in. Sealed: it holds identity numbers."""

    __tablename__ = "roster_upload"
    __table_args__ = (UniqueConstraint("congress_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_at: Mapped[datetime]
