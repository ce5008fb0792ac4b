"""The stage line and what waits for whom, from facts remembered until the congress's revision moves."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from election.congress.models import Congress
from election.people.actor import Actor, Role
from election.progress import gates, waiting
from election.progress.facts import Facts, read_facts
from election.progress.queries_registration import LISTS_MOVE
from election.progress.queries_reopenings import open_again
from election.roster.queries_units import rosters_at
from election.store.models import Installation
from election.store.remembered import Remembered

_facts: Remembered[Facts] = Remembered()


def facts_of(session: Session, congress: Congress) -> Facts:
    """The facts at the congress's revision; the rosters are those that the pages show beside them."""

    def read() -> Facts:
        return read_facts(session, congress, rosters_at(session, congress) if congress.phase in LISTS_MOVE else None)

    return _facts.get(session, congress.id, congress.revision, read)


def stage_line(session: Session, congress: Congress, today: date) -> tuple[gates.Step, ...]:
    facts = facts_of(session, congress)
    return gates.stage_line(facts, congress.phase, today)


def waiting_for(session: Session, congress: Congress, actor: Actor, today: date) -> list[waiting.Waiting]:
    facts = facts_of(session, congress)
    gate_open = not gates.blockers(facts, congress.phase, today)
    undecided = sum(last < today for last in facts.short_reopened)
    mine = {
        grant.organisation_id
        for grant in actor.grants
        if grant.role is Role.BRANCH_CLERK and grant.congress_id == congress.id and grant.organisation_id is not None
    }
    opened = open_again(session, congress.id, mine, today) if mine else []
    return waiting.waiting_for(facts, actor, congress.id, congress.phase, gate_open, undecided, opened)


def waiting_counts(session: Session, congress: Congress, actor: Actor, today: date) -> dict[waiting.Desk, int]:
    """How many things wait at each desk of this person."""
    counts: dict[waiting.Desk, int] = {}
    for item in waiting_for(session, congress, actor, today):
        counts[item.desk] = counts.get(item.desk, 0) + item.count
    return counts


def is_demo(session: Session) -> bool:
    installation = session.get(Installation, 1)
    return installation is not None and installation.demo
