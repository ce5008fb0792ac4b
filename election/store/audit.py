"""The audit chain: appends an event inside the act's own transaction, and walks a chain to prove it unbroken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from election.errors import Refused
from election.store.base import Base
from election.store.models import AuditChain, AuditEvent

INSTALLATION = "installation"


def congress_chain(congress_id: int) -> str:
    return f"congress:{congress_id}"


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(value: object) -> bytes:
    """The one way in which data is written before it is hashed: sorted keys, no spaces, UTF-8."""
    return _CANONICAL.encode(value).encode()


def digest(value: object) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def require_whole(content: object, stored: str) -> None:
    """Raises Refused where a content is not what its fingerprint was made of: nothing is printed of it."""
    if digest(content) != stored:
        raise Refused("store.fingerprint_differs")


def event_hash(event: AuditEvent | Row[*tuple[Any, ...]]) -> str:
    """The hash of an event or of a row with its columns."""
    return digest(
        {
            "chain": event.chain,
            "position": event.position,
            "at": event.at.astimezone(UTC).isoformat(),
            "person": event.person_id,
            "name": event.person_name,
            "action": event.action,
            "subject": event.subject,
            "details": event.details,
            "previous": event.previous,
        }
    )


def append(
    session: Session,
    chain_name: str,
    *,
    at: datetime,
    person_id: int | None,
    person_name: str,
    action: str,
    subject: str,
    details: Mapping[str, Any],
) -> AuditEvent:
    """Adds one event at the end of a chain. The chain's row is locked until the act ends."""
    told = [(subject, details)]
    return append_all(
        session, chain_name, at=at, person_id=person_id, person_name=person_name, action=action, told=told
    )[0]


def append_all(
    session: Session,
    chain_name: str,
    *,
    at: datetime,
    person_id: int | None,
    person_name: str,
    action: str,
    told: Sequence[tuple[str, Mapping[str, Any]]],
) -> list[AuditEvent]:
    """Adds an event for each subject with its details, in their order: the chain is read once for all of them."""
    chain = session.get(AuditChain, chain_name, with_for_update=True)
    if chain is None:
        chain = AuditChain(name=chain_name, length=0, head="")
        session.add(chain)
        session.flush()
    length, head = chain.length, chain.head
    events = []
    for subject, details in told:
        event = AuditEvent(
            chain=chain_name,
            position=length + 1,
            at=at,
            person_id=person_id,
            person_name=person_name,
            action=action,
            subject=subject,
            details=dict(details),
            previous=head,
        )
        event.hash = event_hash(event)
        length, head = event.position, event.hash
        events.append(event)
    session.add_all(events)
    _grow(session, chain, events)
    return events


def _grow(session: Session, chain: AuditChain, events: Sequence[AuditEvent]) -> None:
    """The chain as long as its events, one step for each: the database lets it grow by no more at once."""
    table = Base.metadata.tables[AuditChain.__tablename__]
    step = update(table).where(table.c.name == chain.name).values(length=bindparam("to"), head=bindparam("with"))
    session.connection().execute(step, [{"to": event.position, "with": event.hash} for event in events])
    set_committed_value(chain, "length", events[-1].position)
    set_committed_value(chain, "head", events[-1].hash)


@dataclass(frozen=True, slots=True)
class Break:
    """The first place at which a chain is not what it was. `reason` is a sentence code of `sentences/store.toml`."""

    chain: str
    position: int
    reason: str


def chains(session: Session) -> list[AuditChain]:
    """Every chain by name."""
    return list(session.scalars(select(AuditChain).order_by(AuditChain.name)))


def latest(session: Session, chain_name: str, *, before: int | None = None, number: int = 100) -> list[AuditEvent]:
    """The last events of a chain, the newest first; those below position `before` when it is given."""
    wanted = select(AuditEvent).where(AuditEvent.chain == chain_name).order_by(AuditEvent.position.desc()).limit(number)
    if before is not None:
        wanted = wanted.where(AuditEvent.position < before)
    return list(session.scalars(wanted))


def verify(session: Session) -> list[Break]:
    """Walks every chain from its first event. Empty when all are intact."""
    breaks: list[Break] = []
    present = chains(session)
    for chain in present:
        found = _walk(session, chain)
        if found is not None:
            breaks.append(found)
    known = {chain.name for chain in present}
    for name in session.scalars(select(AuditEvent.chain).distinct()):
        if name not in known:
            breaks.append(Break(name, 0, "audit.chain_missing"))
    return breaks


def _walk(session: Session, chain: AuditChain) -> Break | None:
    previous, position = "", 0
    # Columns, not objects: a chain has thousands of events and each is looked at once.
    events = select(*AuditEvent.__table__.columns).where(AuditEvent.chain == chain.name).order_by(AuditEvent.position)
    for event in session.execute(events).yield_per(1000):
        position += 1
        if event.position != position:
            return Break(chain.name, position, "audit.event_missing")
        if event.previous != previous:
            return Break(chain.name, position, "audit.link_broken")
        if event_hash(event) != event.hash:
            return Break(chain.name, position, "audit.event_changed")
        previous = event.hash
    if position != chain.length or previous != chain.head:
        return Break(chain.name, position + 1, "audit.event_missing")
    return None
