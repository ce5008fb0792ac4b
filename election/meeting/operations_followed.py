"""What was agreed to after a vote and stands: under it that vote does not become void, and it waits while that vote's count is
corrected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select

from election.contests.models import Round
from election.errors import Refused
from election.meeting.models import MeetingRound
from election.meeting.models_evening import FollowUp, FollowUpKind
from election.people.act import Act


def require_unfollowed(act: Act, rounds: Iterable[Round]) -> None:
    """Raises Refused where a later vote, a lot or a vacancy stands that two persons agreed to after one of these rounds: what
    followed is taken back first, the last of it first. A candidate is struck before the vote.
    """
    follows = select(FollowUp.id).where(
        FollowUp.round_id.in_([row.id for row in rounds]),
        FollowUp.kind != FollowUpKind.STRIKE,
        FollowUp.agreed_at.is_not(None),
        FollowUp.dropped_at.is_(None),
    )
    if act.session.scalar(follows.limit(1)) is not None:
        raise Refused("meeting.void_followed")


def require_counted_before(act: Act, rounds: Collection[int]) -> None:
    """Raises Refused where one of these rounds followed from a count that is withdrawn: no ballot is handed out for what may turn
    out not to follow.
    """
    uncounted = (
        select(FollowUp.id)
        .join(MeetingRound, MeetingRound.round_id == FollowUp.round_id)
        .join(Round, Round.id == FollowUp.round_id)
        .where(
            FollowUp.next_round_id.in_(rounds),
            FollowUp.dropped_at.is_(None),
            MeetingRound.counted_at.is_(None),
            Round.void_at.is_(None),
        )
    )
    if act.session.scalar(uncounted.limit(1)) is not None:
        raise Refused("meeting.follows_correction")
