"""Which schemes the signed-in person may read: drafts are for those who work on them, what was approved also for observers.

Whether a page may be opened at all is its declaration's; here only which versions stand on it.
"""

from __future__ import annotations

from flask import g

from election.errors import NotFound
from election.people.actor import Scope
from election.people.permissions import ALLOWED, Permission
from election.quotas.lifecycle import SchemeState
from election.quotas.models import Scheme
from election.quotas.queries import scheme_by_number, schemes
from webapp.requests import reading

MAY_READ = Permission.SCHEME_VIEW
# Who draws versions up or decides on them.
WORKS = ALLOWED[Permission.SCHEME_EDIT] | ALLOWED[Permission.SCHEME_APPROVE]
EVER_APPROVED = (SchemeState.APPROVED, SchemeState.SUPERSEDED)


def works_on_schemes() -> bool:
    return bool(g.actor.has(WORKS, Scope(g.congress.id)))


def readable_scheme(number: int) -> Scheme:
    """The version with this number. Raises NotFound: a draft is not there for who only reads."""
    found = scheme_by_number(reading(), g.congress.id, number)
    if found.state not in EVER_APPROVED and not works_on_schemes():
        raise NotFound("quotas.no_such_scheme")
    return found


def readable_schemes() -> list[Scheme]:
    """Every version that this person may read, the newest first."""
    rows = schemes(reading(), g.congress.id)
    return rows if works_on_schemes() else [row for row in rows if row.state in EVER_APPROVED]
