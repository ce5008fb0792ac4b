"""One act: a person, a moment, a transaction. Everything that changes, changes inside one.

An operation loads, asks its pure module, stores, and calls `record`; the audit event stands in the same
transaction, so that neither is ever there without the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from election.errors import Forbidden
from election.people.actor import Actor, Scope
from election.people.permissions import ALLOWED, Permission
from election.store.audit import INSTALLATION, append_all, congress_chain
from election.store.base import Base
from election.store.database import Database

Clock = Callable[[], datetime]

# One zone without summer time: a fixed offset needs no zone database on an office's machine.
CHINA = timezone(timedelta(hours=8))


def wall_clock() -> datetime:
    return datetime.now(UTC)


class Act:
    """A unit of work in the name of one actor. `now` is the moment at which it began, in UTC."""

    def __init__(self, session: Session, actor: Actor, now: datetime) -> None:
        self.session = session
        self.actor = actor
        self.now = now

    @property
    def today(self) -> date:
        """The day on which it is done, as the calendar on the office's wall shows it."""
        return local_day(self.now)

    @property
    def person_id(self) -> int:
        """The acting person. Raises Forbidden for an act that needs a person and has none."""
        if self.actor.person_id is None:
            raise Forbidden("people.person_needed")
        return self.actor.person_id

    def require(
        self,
        permission: Permission,
        *,
        congress_id: int | None = None,
        unit_id: int | None = None,
        organisation_id: int | None = None,
    ) -> None:
        """Raises Forbidden unless one of the actor's grants allows this here."""
        if not self.actor.has(ALLOWED[permission], Scope(congress_id, unit_id, organisation_id)):
            raise Forbidden("people.not_permitted", name=self.actor.name)

    def record(self, action: str, subject: Base | str, *, congress_id: int | None = None, **details: Any) -> None:
        """Appends the audit event and raises the congress's revision, from which public figures are rebuilt."""
        self.record_all(action, [(subject, details)], congress_id=congress_id)

    def record_all(
        self, action: str, told: Sequence[tuple[Base | str, Mapping[str, Any]]], *, congress_id: int | None = None
    ) -> None:
        """The same for many subjects of one act, each with its own event and details."""
        if not told:
            return
        self.session.flush()
        if congress_id is not None:
            # Before the chain: whoever locks the congress first and the chain after can never meet another doing the reverse.
            congress = Base.metadata.tables["congress"]
            self.session.execute(
                update(congress).where(congress.c.id == congress_id).values(revision=congress.c.revision + 1)
            )
        append_all(
            self.session,
            INSTALLATION if congress_id is None else congress_chain(congress_id),
            at=self.now,
            person_id=self.actor.person_id,
            person_name=self.actor.name,
            action=action,
            told=[(one if isinstance(one, str) else name_of(one), details) for one, details in told],
        )


def name_of(row: Base) -> str:
    """How the audit chain names a stored thing: `slate:12`."""
    return f"{row.__tablename__}:{getattr(row, 'id', '')}"


def local_day(moment: datetime) -> date:
    """The calendar day in China of a moment."""
    return moment.astimezone(CHINA).date()


@contextmanager
def acting(database: Database, actor: Actor, clock: Clock = wall_clock, *, draft: bool = False) -> Iterator[Act]:
    """One act in one transaction: committed when the block ends, undone entirely when it raises.

    Acts take turns: each holds the congresses before anything else, so that what it reads is what the one before left, and
    no two ever wait for each other. The embedded database has one writer anyway. A `draft` of a count form waits for its form
    alone: eighty tellers type at once.
    """
    with database.writing(draft=draft) as session:
        if not draft and not database.embedded:
            congress = Base.metadata.tables["congress"].c
            session.execute(select(congress.id).order_by(congress.id).with_for_update(key_share=True)).all()
        yield Act(session, actor, clock())
