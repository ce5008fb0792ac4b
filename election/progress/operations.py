"""The room's verb: the congress moves to its next phase, through the gate."""

from __future__ import annotations

from election.congress.lifecycle import Phase, advance
from election.congress.models import Congress
from election.errors import NotFound
from election.people.act import Act
from election.people.permissions import Permission
from election.progress.facts import read_facts
from election.progress.gates import blockers
from election.texts import sentence


def move_phase(act: Act, congress_id: int, to: Phase) -> None:
    """Moves to `to`, which must be the next phase; refused with everything that still blocks it."""
    act.require(Permission.PHASE_MOVE, congress_id=congress_id)
    congress = act.session.get(Congress, congress_id, with_for_update=True)
    if congress is None:
        raise NotFound("congress.none")
    facts = read_facts(act.session, congress)
    found = blockers(facts, congress.phase, act.today)
    before = congress.phase
    congress.phase = advance(before, to, [sentence(blocker.code, blocker.params) for blocker in found])
    act.record("phase.moved", congress, congress_id=congress_id, before=before.value, after=to.value)
