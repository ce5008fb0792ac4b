"""What follows after a vote of the demo's evening, by the chair and the scrutineer of the unit. Counts nothing."""

from __future__ import annotations

from enum import Enum

from election.contests.models import RoundKind
from election.count.operations_follow_up import ROUNDS, Vacancy, agree, propose_round, propose_vacancy
from election.count.queries_follow_up import ContestState, contest_states
from election.demo.cast import Cast

KINDS = {round_kind: kind for kind, round_kind in ROUNDS.items()}
VACANT_BECAUSE = "差额候选人均未过半数，本单位符合条件的人选不足，经大会讨论，缺额不再选举"


class Fate(Enum):
    """What becomes of the seats that a unit's first vote leaves open: voted on the same evening, given up, put off."""

    VOTED = 0
    VACANT = 1
    LATER = 2


def propose(cast: Cast, chair: str, unit_id: int, fate: Fate) -> bool:
    """Whether there was anything to propose: for every contest of the unit that waits for what follows."""
    due = [state for state in _states(cast, unit_id) if state.due is not None and state.proposed is None]
    for state in due:
        contest, kind = state.result.contest.id, state.due.kind if state.due is not None else RoundKind.RERUN
        with cast.act(chair) as act:
            if fate is Fate.VACANT and kind is RoundKind.SUPPLEMENTARY:
                outcome = next(one.outcome for one in reversed(state.result.rounds) if one.outcome is not None)
                # Nearly all of those present consent.
                propose_vacancy(act, contest, Vacancy(outcome.present - 2, "大会决定第1号"), VACANT_BECAUSE)
            else:
                propose_round(act, contest, KINDS[kind])
    return bool(due)


def proposed(cast: Cast, unit_id: int) -> list[int]:
    """What waits for a scrutineer to agree."""
    return [state.proposed.id for state in _states(cast, unit_id) if state.proposed is not None]


def agree_to_all(cast: Cast, unit: str, unit_id: int) -> None:
    for follow_up in proposed(cast, unit_id):
        with cast.act(f"{unit}-s") as act:
            agree(act, follow_up)


def is_due(cast: Cast, unit_id: int) -> bool:
    """Whether a vote has left seats of which nobody has said what becomes of them."""
    return any(state.due is not None for state in _states(cast, unit_id))


def _states(cast: Cast, unit_id: int) -> list[ContestState]:
    with cast.database.reading() as session:
        found = contest_states(session, cast.congress_id, unit_id)
        session.expunge_all()
    return found
