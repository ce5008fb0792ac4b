"""One scheme as the signed-in person sees it: what several parts of its page need, read once. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, url_for

from election.congress.rules_in_force import rules_in_force
from election.people.actor import Role
from election.quotas.hand import Change, Place, applied
from election.quotas.hand_limits import place
from election.quotas.impossible import Contradiction
from election.quotas.lifecycle import SchemeState
from election.quotas.models import Scheme
from election.quotas.queries import HandLine, authors, changes_of, hand_changes, mark, unsettled
from election.quotas.queries_basis import basis_at
from election.quotas.queries_sheet import Sheet, sheet
from election.quotas.released import released
from webapp.errors import said
from webapp.requests import reading

OPEN = (SchemeState.DRAFT, SchemeState.RETURNED)
FROZEN = (SchemeState.APPROVED, SchemeState.SUPERSEDED)


class View:
    """`open_changes`: how many changes by hand the answer does not know yet; `seen`: what a form is made from."""

    def __init__(self, found: Scheme) -> None:
        self.found = found
        self.rules: Mapping[str, Any] = rules_in_force(reading(), g.congress.id)
        self.margin = int(self.rules["margin_min"])
        self.shown: Sheet = sheet(g.congress, found, self.margin)
        self.hand = hand_changes(g.congress, found)
        self.open_changes = unsettled(g.congress, found)
        self.seen = mark(found)
        roles = g.actor.roles_in(g.congress.id)
        self.office, self.approver = Role.OFFICE in roles, Role.APPROVER in roles

    @cached_property
    def stale(self) -> bool:
        """Whether roster, assignments, groups or rules have changed since this version was computed."""
        return basis_at(reading(), g.congress).hash != self.found.basis_hash

    @cached_property
    def authors(self) -> list[int]:
        """Who made and changed this version, the first author first."""
        first = self.found.author_id
        return sorted(authors(reading(), self.found) | {first}, key=lambda person: (person != first, person))

    @cached_property
    def freed(self) -> Mapping[Place, str]:
        """Locks put back that the answer still holds to: where, and its name."""
        gone = released(self.found.base, self.found.problem, changes_of(g.congress, self.found))
        return {change.place: said(place(self.found.base, change)) for change in gone}

    def computed_by_others(self, line: HandLine) -> bool:
        """Whether the answer was computed with exactly the other locks, so that it says what they give this place."""
        others = [
            Change(one.kind, one.unit, one.category, one.group, one.seats, locked=True)
            for one in self.hand
            if one.in_force and one.id != line.id
        ]
        return applied(self.found.base, others) == self.found.problem

    @property
    def edits(self) -> bool:
        """Whether this person may change numbers here."""
        return self.office and self.found.state in OPEN

    def href(self, endpoint: str = "scheme", **values: Any) -> str:
        return self.elsewhere(f"office_scheme.{endpoint}", **values)

    def elsewhere(self, endpoint: str, **values: Any) -> str:
        return url_for(endpoint, congress=g.congress.code, number=self.found.number, **values)


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was refused: its fields as they were typed, and the sentences at each."""

    fields: Mapping[str, str]
    errors: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Refusals:
    """What of the page was refused a moment ago; nothing of it is lost. `tried`: remedies that did not mend it all."""

    change: Typed | None = None
    give_back: Sequence[str] = ()
    conflicts: Sequence[Contradiction] = ()
    tried: Sequence[str] = ()
    others: Sequence[str] = ()
