"""A tie that the rules let the lot decide (得票相等，抽签决定), decided again by anybody from what was drawn. Pure; draws nothing itself.

Never elects anybody who was not tied, and never more than the seats that the tie left open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from election.contests.outcome import FollowUp, Outcome, OutcomeStatus
from election.lot import is_as_drawn

# The tied by the ids of an outcome, in the order in which they were numbered for the lot, and the lot as it was drawn.
FORMAT: Final = "contest-by-lot/1"


def contest_by_lot(seats: int, tied: Sequence[str], drawn: Mapping[str, Any]) -> dict[str, Any]:
    """What the outcome is decided from: `drawn` as `election/lot.py` records it, its names those of `tied` in their order."""
    return {"format": FORMAT, "seats": seats, "tied": list(tied), "lot": dict(drawn)}


def decide_by_lot(contest: Mapping[str, Any]) -> Outcome:
    """The first of the drawn order are elected, as many as there are seats. Where somebody who was tied can be elected no more,
    seats may be left over: a shortfall. Raises ValueError for an order that its seed and names do not give.
    """
    seats, tied, drawn = int(contest["seats"]), list(contest["tied"]), contest["lot"]
    if seats < 1 or len(set(tied)) != len(tied) or len(drawn["names"]) != len(tied) or not is_as_drawn(drawn):
        raise ValueError("no lot of these names")
    order = [tied[one["number"] - 1] for one in drawn["order"]]
    elected = tuple(order[:seats])
    short = seats - len(elected)
    if short:
        return Outcome(
            OutcomeStatus.SHORTFALL, None, elected=elected, shortfall=short, follow_up=FollowUp.SUPPLEMENTARY
        )
    return Outcome(OutcomeStatus.DECIDED, None, elected=elected)
