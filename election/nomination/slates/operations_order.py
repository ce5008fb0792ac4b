"""The room's verbs about the order of names on a slate in hand: set by hand with a reason, and back to that of the strokes."""

from __future__ import annotations

from collections.abc import Sequence

from election.errors import NotFound, Refused
from election.nomination.lifecycle import SlateAction, slate_transition
from election.nomination.models import Candidate, Slate
from election.nomination.phase import require_slates
from election.nomination.slates.operations_draw import Standing, in_order, place
from election.people.act import Act
from election.people.permissions import Permission
from election.strokes import stroke_key


def order_by_hand(act: Act, slate_id: int, candidate_ids: Sequence[int], reason: str) -> Slate:
    """Sets the order of a slate in hand, with a reason, as for a name that the stroke table does not know.

    Refused where nobody moves, unless the order is that of names which the table does not know: then it was nobody's yet.
    """
    found = _in_hand(act, slate_id)
    if not reason.strip():
        raise Refused("slate.order_reason_missing", field="reason")
    listed = {one.id: one for one in found.candidates}
    if sorted(candidate_ids) != sorted(listed):
        raise Refused("slate.order_incomplete", field="order")
    people = [_standing(listed[one]) for one in candidate_ids]
    if list(candidate_ids) == list(listed) and (found.order_reason or all(_known(one.name) for one in people)):
        raise Refused("slate.order_as_it_was", field="order")
    found.order_reason = reason.strip()
    place(act, found, people)
    act.record(
        "slate.ordered_by_hand",
        found,
        congress_id=found.round.contest.congress_id,
        reason=found.order_reason,
        members=[one.member_id for one in people],
    )
    return found


def order_by_strokes(act: Act, slate_id: int) -> Slate:
    """Back from an order set by hand to that of the strokes (地方条例 30). Raises Refused for a name whose strokes are unknown."""
    found = _in_hand(act, slate_id)
    if not found.order_reason:
        raise Refused("slate.order_as_it_was")
    for one in found.candidates:
        stroke_key(one.name)
    people = in_order([_standing(one) for one in found.candidates])
    before, found.order_reason = found.order_reason, ""
    place(act, found, people)
    act.record(
        "slate.ordered_by_strokes",
        found,
        congress_id=found.round.contest.congress_id,
        before=before,
        members=[one.member_id for one in people],
    )
    return found


def _in_hand(act: Act, slate_id: int) -> Slate:
    found = act.session.get(Slate, slate_id, with_for_update=True)
    if found is None:
        raise NotFound("slate.none")
    contest = found.round.contest
    act.require(Permission.SLATE_SUBMIT, congress_id=contest.congress_id, unit_id=contest.unit_id)
    require_slates(act, contest.congress_id)
    found.state = slate_transition(found.state, SlateAction.CHANGE, act.person_id)
    return found


def _standing(one: Candidate) -> Standing:
    return Standing(one.member_id, one.application_id, one.name)


def _known(name: str) -> bool:
    try:
        stroke_key(name)
    except Refused:
        return False
    return True
