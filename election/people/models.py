"""What the room keeps: persons, their accounts, the roles granted to them, declared relatives."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from election.people.actor import Role
from election.store.base import Base, closed_set


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


class Person(Base):
    """A human being, once. `identity_key` is a keyed hash of the identity number, which itself is stored encrypted."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("identity_key"),
        CheckConstraint("(identity_key IS NULL) = (identity_sealed IS NULL)", name="identity_whole"),
        CheckConstraint("length(name) > 0", name="name_not_empty"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    identity_key: Mapped[str | None] = mapped_column(String(64))
    identity_sealed: Mapped[str | None] = mapped_column(String(300))
    sex: Mapped[Sex | None] = mapped_column(closed_set(Sex, "sex"))
    born_on: Mapped[date | None]
    ethnicity: Mapped[str] = mapped_column(String(20), default="")
    education: Mapped[str] = mapped_column(String(20), default="")

    account: Mapped[Account | None] = relationship(back_populates="person")


class Account(Base):
    """How a person signs in. One person has one account at most."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("person_id"), UniqueConstraint("login"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    login: Mapped[str] = mapped_column(String(40))
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=True)
    # Raised when the password changes or the account is closed: older sign-ins end.
    sign_in_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="account")


class SignIn(Base):
    """One sign-in of an account in one browser, until it is ended."""

    __tablename__ = "sign_in"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RoleGrant(Base):
    """A role of a person, in a congress and there in one unit or one organisation, or in all."""

    __tablename__ = "role_grant"
    __table_args__ = (
        ForeignKeyConstraint(["unit_id", "congress_id"], ["unit.id", "unit.congress_id"]),
        CheckConstraint("(role = 'admin') = (congress_id IS NULL)", name="admin_is_for_the_installation"),
        CheckConstraint("unit_id IS NULL OR organisation_id IS NULL", name="unit_or_organisation"),
        CheckConstraint("role <> 'branch_clerk' OR organisation_id IS NOT NULL", name="branch_clerk_has_branch"),
        CheckConstraint("role <> 'unit_clerk' OR unit_id IS NOT NULL", name="unit_clerk_has_unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Role] = mapped_column(closed_set(Role, "role"))
    congress_id: Mapped[int | None] = mapped_column(ForeignKey("congress.id"))
    unit_id: Mapped[int | None]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    granted_at: Mapped[datetime]


# NULL never equals NULL in a unique key: a grant for all units is compared as unit 0.
Index(
    "uq_role_grant_once",
    RoleGrant.person_id,
    RoleGrant.role,
    func.coalesce(RoleGrant.congress_id, 0),
    func.coalesce(RoleGrant.unit_id, 0),
    func.coalesce(RoleGrant.organisation_id, 0),
    unique=True,
)


class Relative(Base):
    """Two persons who declared that they are close relatives; kept once, the smaller id first."""

    __tablename__ = "relative"
    __table_args__ = (
        UniqueConstraint("person_id", "relative_id"),
        CheckConstraint("person_id < relative_id", name="smaller_first"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    relative_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    relation: Mapped[str] = mapped_column(String(20))
