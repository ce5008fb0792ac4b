"""The stage line and what waits for whom, remembered until the congress's revision or the day changes."""

from __future__ import annotations

from datetime import date
from threading import Lock

from sqlalchemy.orm import Session

from election.congress.models import Congress
from election.people.actor import Actor
from election.progress import gates, waiting
from election.progress.facts import Facts, read_facts
from election.store.models import Installation

_remembered: dict[tuple[str, int], tuple[int, Facts]] = {}
_lock = Lock()


def facts_of(session: Session, congress: Congress) -> Facts:
    """The facts at the congress's revision; every recorded act raises it, so an unchanged one means unchanged facts."""
    place = (str(session.get_bind().engine.url), congress.id)
    with _lock:
        kept = _remembered.get(place)
    if kept is not None and kept[0] == congress.revision:
        return kept[1]
    facts = read_facts(session, congress)
    with _lock:
        _remembered[place] = (congress.revision, facts)
    return facts


def stage_line(session: Session, congress: Congress, today: date) -> tuple[gates.Step, ...]:
    facts = facts_of(session, congress)
    return gates.stage_line(facts, congress.phase, today)


def waiting_for(session: Session, congress: Congress, actor: Actor, today: date) -> list[waiting.Waiting]:
    facts = facts_of(session, congress)
    gate_open = not gates.blockers(facts, congress.phase, today)
    return waiting.waiting_for(facts, actor, congress.id, congress.phase, gate_open)


def waiting_counts(session: Session, congress: Congress, actor: Actor, today: date) -> dict[waiting.Desk, int]:
    """How many things wait at each desk of this person."""
    counts: dict[waiting.Desk, int] = {}
    for item in waiting_for(session, congress, actor, today):
        counts[item.desk] = counts.get(item.desk, 0) + item.count
    return counts


def is_demo(session: Session) -> bool:
    installation = session.get(Installation, 1)
    return installation is not None and installation.demo
