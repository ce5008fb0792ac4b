"""Whether what followed from a count follows from its corrected figures too: then the votes that were cast since stand and count
on (edge case 19: nothing is overwritten; contests are independent of each other). Changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from election.congress.rules_in_force import rules_in_force
from election.contests.follow_up import still_follows
from election.contests.models import ContestKind
from election.count.models import RoundOutcome
from election.count.queries_follow_up import ContestState, contest_states, past_round, standing_by_round
from election.count.queries_outcome import RoundResult
from election.errors import Refused
from election.meeting.models_evening import FollowUpKind


def require_still_followed(session: Session, congress_id: int, unit_id: int, corrected: Sequence[RoundOutcome]) -> None:
    """Raises Refused for a contest in which something stands that no longer follows from the corrected outcomes, naming what
    has to be taken back first: the last that followed.
    """
    with session.no_autoflush:
        for state in otherwise(session, congress_id, unit_id, corrected):
            rounds, contest = state.result.rounds, state.result.contest
            follows = FollowUpKind.VACANT if state.vacant else rounds[-1].round.kind
            raise Refused(
                "count.followed_otherwise", category=contest.category.name, kind=contest.kind, follows=follows
            )


def otherwise(
    session: Session, congress_id: int, unit_id: int, corrected: Sequence[RoundOutcome]
) -> Iterable[ContestState]:
    """The contests of the unit that are in correction and, by these outcomes, come out otherwise than what followed relied on.

    `corrected`: outcomes of rounds, stored or not. Each is held against the last one of its round that was in force.
    """
    now = {row.round_id: row for row in corrected}
    if not any(row.version > 1 for row in corrected):
        return
    states = [
        state
        for state in contest_states(session, congress_id, unit_id)
        if state.result.in_correction and any(one.round.id in now for one in state.result.rounds)
    ]
    rounds = [one.round.id for state in states for one in state.result.rounds]
    last, slates = _last_outcomes(session, rounds), standing_by_round(session, rounds)
    margin = int(str(rules_in_force(session, congress_id)["margin_min"]))
    for state in states:
        was = [RoundResult(one.round, last.get(one.round.id)) for one in state.result.rounds]
        then = [replace(one, outcome=now.get(one.round.id, one.outcome)) for one in was]
        before, after = ([past_round(one, slates.get(one.round.id, ())) for one in each] for each in (was, then))
        elected = {member for one in (*before, *after) for member in one.elected}
        if not still_follows(
            state.result.contest.seats,
            before,
            after,
            len(before) if state.vacant else len(before) - 1,
            margin=margin,
            contested=state.result.contest.kind is ContestKind.CONTESTED,
            gone=state.gone - elected,
        ):
            yield state


def _last_outcomes(session: Session, rounds: Sequence[int]) -> Mapping[int, RoundOutcome]:
    """round → its latest outcome, in force or taken back to be corrected."""
    latest = (
        select(RoundOutcome.round_id, func.max(RoundOutcome.version).label("version"))
        .where(RoundOutcome.round_id.in_(rounds))
        .group_by(RoundOutcome.round_id)
        .subquery()
    )
    rows = session.scalars(
        select(RoundOutcome)
        .join(latest, (latest.c.round_id == RoundOutcome.round_id) & (latest.c.version == RoundOutcome.version))
        .options(selectinload(RoundOutcome.lines))
    )
    return {row.round_id: row for row in rows}
