"""Who acts: a person with the roles granted to them. Pure; says nothing about what a role may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A person may hold several; four-eyes steps compare persons, and no role is exempt from them."""

    ADMIN = "admin"
    OFFICE = "office"
    APPROVER = "approver"
    UNIT_CLERK = "unit_clerk"
    BRANCH_CLERK = "branch_clerk"
    TELLER = "teller"
    SCRUTINEER = "scrutineer"
    CREDENTIALS_REVIEWER = "credentials_reviewer"
    OBSERVER = "observer"


@dataclass(frozen=True, slots=True)
class Scope:
    """The place of an act: a congress, one of its units, an organisation. None: not bound to one."""

    congress_id: int | None = None
    unit_id: int | None = None
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and where it holds. A grant without a unit or organisation holds in all of the congress."""

    role: Role
    congress_id: int | None = None
    unit_id: int | None = None
    organisation_id: int | None = None

    def covers(self, scope: Scope) -> bool:
        """True when the act's place lies inside the grant's."""
        return (
            (self.congress_id is None or self.congress_id == scope.congress_id)
            and (self.unit_id is None or self.unit_id == scope.unit_id)
            and (self.organisation_id is None or self.organisation_id == scope.organisation_id)
        )


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, through whichever account."""

    person_id: int | None
    name: str
    grants: tuple[Grant, ...] = ()

    def has(self, roles: frozenset[Role], scope: Scope) -> bool:
        return any(grant.role in roles and grant.covers(scope) for grant in self.grants)

    def roles_in(self, congress_id: int) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants if grant.congress_id == congress_id)

    def units_of(self, role: Role, congress_id: int) -> frozenset[int] | None:
        """The units in which this person holds the role; None: all of them."""
        held = [grant.unit_id for grant in self.grants if grant.role is role and grant.congress_id == congress_id]
        return None if None in held else frozenset(unit for unit in held if unit is not None)


# What the product does by itself: making the demo, setting up from the command line.
SYSTEM = Actor(person_id=None, name="席衡")
