"""The chair proposes what follows after a vote: the next round with who stands, a seat left vacant, a candidate struck.

A scrutineer agrees at their own desk; which round is due is decided by the domain.
"""

from __future__ import annotations

from flask import Blueprint, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.contests.models import RoundKind
from election.count.operations_follow_up import (
    ROUNDS,
    Vacancy,
    drop,
    propose_round,
    propose_strike,
    propose_vacancy,
)
from election.count.queries_follow_up import ContestState, contest_states
from election.errors import NotFound, Refused
from election.meeting.queries_evening import follow_ups_of, meetings_of_unit
from election.people.act import Act
from election.people.permissions import Permission
from webapp.access import permitted
from webapp.forms import whole_number
from webapp.meeting_forms import NextRoundForm, ReasonForm, StrikeForm, VacancyForm
from webapp.meeting_page import chosen_number, current, handle
from webapp.requests import reading

desk = Blueprint("unit_follow_up", __name__)
KINDS = {due: kind for kind, due in ROUNDS.items()}


def _contest(contest_id: int) -> ContestState:
    """A contest of this unit, as it stands. Raises NotFound for any other."""
    for state in contest_states(reading(), g.congress.id, g.unit.id):
        if state.result.contest.id == contest_id:
            return state
    raise NotFound("contest.none")


@desk.post("/c/<congress>/units/<unit>/meeting/contests/<int:contest>/next")
@permitted(Permission.MEETING_RUN)
def next_round(congress: str, unit: str, contest: int) -> ResponseReturnValue:
    state = _contest(contest)
    if state.due is None:
        raise NotFound("follow_up.not_due")
    kind = state.due.kind
    form = NextRoundForm()

    def verb(one: Act) -> object:
        # Only a supplementary election has anybody to choose among.
        members = None
        if kind is RoundKind.SUPPLEMENTARY:
            members = [chosen_number(text, "follow_up.not_eligible", "members") for text in form.members.data or ()]
        return propose_round(one, contest, KINDS[kind], members, form.reason.data or "")

    return handle(form, f"next-{contest}", verb, _("已提出，等监票人同意。"), "following")


@desk.post("/c/<congress>/units/<unit>/meeting/contests/<int:contest>/vacancy")
@permitted(Permission.MEETING_RUN)
def vacancy(congress: str, unit: str, contest: int) -> ResponseReturnValue:
    _contest(contest)
    form = VacancyForm()

    def verb(one: Act) -> object:
        decision = Vacancy(form.consented.data or 0, form.document.data or "", form.decided_on.data)
        return propose_vacancy(one, contest, decision, form.reason.data or "")

    return handle(form, f"vacancy-{contest}", verb, _("缺额的决定已提出，等监票人同意。"), "following")


@desk.post("/c/<congress>/units/<unit>/meeting/strike")
@permitted(Permission.MEETING_RUN)
def strike(congress: str, unit: str) -> ResponseReturnValue:
    form = StrikeForm()
    known = {row.round_id for row in current().rounds}

    def verb(one: Act) -> object:
        at, _dash, who = (form.candidate.data or "").partition("-")
        round_id, member_id = whole_number(at), whole_number(who)
        if round_id not in known or member_id is None:
            raise Refused("follow_up.not_on_slate", field="candidate")
        return propose_strike(one, round_id, member_id, form.reason.data or "")

    return handle(form, "strike", verb, _("已提出，等监票人同意。"), "following")


@desk.post("/c/<congress>/units/<unit>/meeting/follow-ups/<int:follow_up>/drop")
@permitted(Permission.MEETING_RUN)
def take_back(congress: str, unit: str, follow_up: int) -> ResponseReturnValue:
    """Takes back what waits; what a scrutineer has agreed to is theirs to drop."""
    meetings = [one.id for one in meetings_of_unit(reading(), g.unit.id)]
    offered = follow_ups_of(reading(), current().meeting.id, meetings)
    if follow_up not in {one.row.id for one in offered}:
        raise NotFound("follow_up.none")
    form = ReasonForm()
    return handle(
        form,
        f"drop-{follow_up}",
        lambda one: drop(one, follow_up, form.reason.data or ""),
        _("已撤回。"),
        "following",
    )
