"""What the room keeps: party organisations, members, which unit a branch votes in, each unit's verified roster."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, String, UniqueConstraint
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


class ExclusionReason(Worded):
    """The listed reasons for which, with the meeting's consent, a member is not expected (中组部 list)."""

    ILL = "ill", "患病不能表达本人意志", "too ill to express a will"
    ABROAD = "abroad", "自费出国半年以上", "abroad at own expense for more than half a year"
    SERVING = "serving", "正在服刑", "serving a sentence"
    FRAIL = "frail", "年老体弱卧床不起或长期生病生活不能自理", "bedridden or unable to look after oneself"
    WORKING_AWAY = "working_away", "外出学习或工作半年以上，组织关系未转出", "studying or working away for half a year"
    RETIRED_AWAY = "retired_away", "离退休后长期在外居住，组织关系未转出", "retired and living elsewhere"


class AbsenceKind(Worded):
    """Who will hardly come by himself: those at work elsewhere (流动党员) and the others who are away or cannot come."""

    MIGRANT = "migrant", "外出流动党员", "migrant member"
    AWAY = "away", "其他外出", "away otherwise"
    UNFIT = "unfit", "因病因老不便到会", "too old or ill to come"


class Notification(Worded):
    """How a member who is away was told of the election (S3.3: 上门登记、电话联系、书信联络)."""

    VISIT = "visit", "上门告知", "by visit"
    TELEPHONE = "telephone", "电话联系", "by telephone"
    LETTER = "letter", "书信联络", "by letter"


class Departure(Worded):
    """Why someone is no longer on the roster."""

    TRANSFERRED = "transferred", "组织关系转出", "transferred out"
    DIED = "died", "去世", "died"
    EXPELLED = "expelled", "出党", "left or was removed from the party"
    DUPLICATE = "duplicate", "重复登记", "listed twice"


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
    """A party member: a person in a branch. `category` is the code of the recorded primary category.

    Who left the roster has no branch any more, and so is in no list and no count; what was recorded of him stays.
    """

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("person_id"),
        CheckConstraint(
            "(branch_id IS NULL) = (left_on IS NOT NULL) AND (left_on IS NULL) = (left_because IS NULL)",
            name="left_without_branch",
        ),
        CheckConstraint("suspension IS NULL OR standing = 'full'", name="suspension_is_of_a_full_member"),
        CheckConstraint(
            "right_since IS NULL OR right_until IS NULL OR right_until >= right_since",
            name="right_ends_after_it_begins",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    standing: Mapped[Standing] = mapped_column(closed_set(Standing, "standing"))
    suspension: Mapped[Suspension | None] = mapped_column(closed_set(Suspension, "suspension"))
    joined_on: Mapped[date | None]
    category: Mapped[str] = mapped_column(String(20))
    post: Mapped[str] = mapped_column(String(80), default="")
    # Since when and, where it is known, until when there is no vote: probation or suspension; and by which paper.
    right_since: Mapped[date | None]
    right_until: Mapped[date | None]
    right_reason: Mapped[str] = mapped_column(String(400), default="")
    left_on: Mapped[date | None]
    left_because: Mapped[Departure | None] = mapped_column(closed_set(Departure, "left_because"))
    left_note: Mapped[str] = mapped_column(String(200), default="")

    person: Mapped[Person] = relationship()
    branch: Mapped[Organisation | None] = relationship()


class Absence(Base):
    """A member who is away at this election, how that member was told of it, and the listed reason, if one applies.

    With a listed reason the meeting may consent to not expecting the member; without one the member is expected.
    """

    __tablename__ = "absence"
    __table_args__ = (
        UniqueConstraint("congress_id", "member_id"),
        CheckConstraint("(notified IS NULL) = (notified_on IS NULL)", name="notification_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    kind: Mapped[AbsenceKind] = mapped_column(closed_set(AbsenceKind, "kind"))
    reason: Mapped[ExclusionReason | None] = mapped_column(closed_set(ExclusionReason, "reason"))
    whereabouts: Mapped[str] = mapped_column(String(120), default="")
    notified: Mapped[Notification | None] = mapped_column(closed_set(Notification, "notified"))
    notified_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200), default="")
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]

    member: Mapped[Member] = relationship()


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
    # Rows with a fault that went back to whoever sent the workbook.
    rows_left_out: Mapped[int] = mapped_column(default=0)
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
    # Who stood on it and how, by member: what moved since is told from this. None where an older version verified.
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime]


class RosterUpload(Base):
    """A workbook that was checked and waits for its person's word: its sound rows may be read in, the others go back.

    Sealed: it holds identity numbers.
    """

    __tablename__ = "roster_upload"
    __table_args__ = (UniqueConstraint("congress_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    congress_id: Mapped[int] = mapped_column(ForeignKey("congress.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # What its person was shown: counts, what would change, the faults at their places; no identity numbers.
    preview: Mapped[dict[str, Any]] = mapped_column(default=dict)
    uploaded_at: Mapped[datetime]
