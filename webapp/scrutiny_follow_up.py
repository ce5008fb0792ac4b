"""What the chair proposed to follow after a vote, with the figures it follows from: a scrutineer agrees, or drops what was agreed.

Who may and what is due is decided by the domain; nothing is proposed here.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.congress.rules_in_force import rules_in_force
from election.contests.follow_up import NextRound
from election.count.operations_follow_up import agree, drop
from election.count.queries_follow_up import ContestState, contest_states
from election.count.queries_outcome import ContestStatus, RoundResult
from election.errors import NotFound, Refused
from election.meeting.models_evening import FollowUpKind
from election.meeting.queries_evening import FollowUpView, follow_ups_of, standing_in
from election.meeting.queries_rounds import RoundView, rounds_of
from election.people.permissions import Permission
from webapp.access import permitted
from webapp.errors import say
from webapp.requests import act, reading
from webapp.scrutiny_meeting import meeting_here, to
from webapp.strike_words import AfterStrike, after_strike

desk = Blueprint("scrutiny_follow_up", __name__)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A follow-up with what it follows from. `before`: the round whose figures led to it; `ballots`: that round's ballots;
    `slate`: who stood in it; `due`: what the domain finds due now, None where the figures have changed since;
    `to_issue`: agreed, in this meeting, and no ballots of it recorded yet. `struck`: what a strike that waits would leave.
    """

    view: FollowUpView
    before: RoundResult | None
    ballots: RoundView | None
    slate: tuple[str, ...]
    due: NextRound | None
    own: bool
    to_issue: bool
    struck: AfterStrike | None = None

    @property
    def thin(self) -> bool:
        """Fewer candidates than the margin needs, for a reason that was given."""
        return self.due is not None and 0 < len(self.view.names) < self.due.needed

    @property
    def correcting(self) -> bool:
        """The count that it follows from is withdrawn: whether it is still due shows once the corrected figures are confirmed."""
        strike = self.view.row.kind is FollowUpKind.STRIKE
        return not strike and self.before is not None and self.before.status is ContestStatus.PENDING

    @property
    def outdated(self) -> bool:
        """A correction has changed what is due: it can only be taken back."""
        return not (self.correcting or self.view.row.kind is FollowUpKind.STRIKE) and (
            self.due is None or self.due.seats != self.view.row.seats
        )

    @property
    def may_drop(self) -> bool:
        """Whether it was agreed and may still be taken back, by another person than its two; what was struck stays so, what
        was cast and drawn goes only with the count behind it.
        """
        row = self.view.row
        agreed = row.agreed_at is not None and row.dropped_at is None and row.kind is not FollowUpKind.STRIKE
        return agreed and g.actor.person_id not in (row.agreed_by_id, row.proposed_by_id)


@desk.get("/c/<congress>/scrutiny/<unit>/follow-ups")
@permitted(Permission.FOLLOW_UP_AGREE)
def follow_ups(congress: str, unit: str) -> ResponseReturnValue:
    """What was proposed in the unit's latest meeting; `?number=1` looks up an earlier one."""
    return _show()


def _show(refused: Refused | None = None, refused_id: int = 0) -> ResponseReturnValue:
    meeting = meeting_here()
    views = follow_ups_of(reading(), meeting.id)
    states = contest_states(reading(), g.congress.id, g.unit.id)
    rounds = {row.round_id: row for row in rounds_of(reading(), meeting)}
    standing = standing_in(reading(), meeting.id)
    margin = int(str(rules_in_force(reading(), g.congress.id)["margin_min"]))
    proposals = [_proposal(view, states, rounds, standing, margin) for view in views]
    return render_template(
        "scrutiny/follow_ups.html",
        meeting=meeting,
        waiting=[one for one in proposals if one.view.waits],
        settled=[one for one in reversed(proposals) if not one.view.waits],
        unproposed=[one for one in states if one.due is not None and one.proposed is None],
        refusals=[] if refused is None else [say(refused)],
        refused_id=refused_id,
        to=to,
    ), 200 if refused is None else refused.status


def _proposal(
    view: FollowUpView,
    states: list[ContestState],
    rounds: dict[int, RoundView],
    standing: dict[int, list[tuple[int, str]]],
    margin: int,
) -> Proposal:
    before, due = None, None
    for state in states:
        for one in state.result.rounds:
            if one.round.id == view.row.round_id:
                before = one
                due = state.due if state.last_round_id == one.round.id else None
    slate = tuple(name for _member, name in standing.get(view.row.round_id, ()))
    own = view.row.proposed_by_id == g.actor.person_id
    after = None if view.row.next_round_id is None else rounds.get(view.row.next_round_id)
    to_issue = after is not None and not after.settled and not after.by_venue
    row, struck = rounds.get(view.row.round_id), None
    if view.waits and view.row.kind is FollowUpKind.STRIKE and row is not None:
        struck = after_strike(row, standing.get(row.round_id, []), [int(one) for one in view.row.members], margin)
    return Proposal(view, before, row, slate, due, own, to_issue, struck)


def _known(follow_up: int) -> int:
    """A follow-up of the meeting that the page is about. Raises NotFound."""
    if follow_up not in {one.row.id for one in follow_ups_of(reading(), meeting_here().id)}:
        raise NotFound("follow_up.none")
    return follow_up


@desk.post("/c/<congress>/scrutiny/<unit>/follow-ups/<int:follow_up>/agree")
@permitted(Permission.FOLLOW_UP_AGREE)
def approve(congress: str, unit: str, follow_up: int) -> ResponseReturnValue:
    _known(follow_up)
    try:
        with act() as unit_of_work:
            agree(unit_of_work, follow_up)
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return _show(refused, follow_up)
    flash(_("已同意。"), "ok")
    return redirect(to("scrutiny_follow_up.follow_ups"))


@desk.post("/c/<congress>/scrutiny/<unit>/follow-ups/<int:follow_up>/drop")
@permitted(Permission.FOLLOW_UP_AGREE)
def take_back(congress: str, unit: str, follow_up: int) -> ResponseReturnValue:
    _known(follow_up)
    try:
        with act() as unit_of_work:
            drop(unit_of_work, follow_up, request.form.get("reason", ""))
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return _show(refused, follow_up)
    flash(_("已撤销。"), "ok")
    return redirect(to("scrutiny_follow_up.follow_ups"))
