"""The room's verbs about a unit's proposal (推荐上报): whom of its preliminary nominees it puts forward for review, whom not.

Never reviews anyone: that is the office's, see `operations_review.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import func, select, update

from election.congress.models import Category, Unit
from election.contests.models import Contest, ContestKind, Round
from election.errors import Invalid, NotFound, Refused
from election.nomination.applying.operations_applicants import (
    LoadedApplication,
    lapses,
    load_applications,
)
from election.nomination.lifecycle import HANDED_IN, ApplicationAction, application_transition
from election.nomination.models import Application, Slate, UnitProposal, UnitProposalLine
from election.nomination.phase import require_nomination
from election.people.act import Act
from election.people.permissions import Permission


def put_forward(
    act: Act, unit_id: int, application_ids: Collection[int], left_out: Mapping[int, str] | None = None
) -> UnitProposal:
    """The unit puts preliminary nominees forward to the office, together; `left_out`: application → why not.

    Who is in neither stays a preliminary nominee and may be in a later proposal of the unit. Raises Invalid naming
    everybody put forward who can no longer stand.
    """
    unit = _unit(act, unit_id)
    require_nomination(act, unit.congress_id)
    reasons = dict(left_out or {})
    if not application_ids and not reasons:
        raise Refused("proposal.nobody", field="application")
    if set(application_ids) & set(reasons):
        raise Refused("proposal.both", field="application")
    people = _of_unit(act, unit, [*application_ids, *reasons])
    going = [one for one in people if one.row.id not in reasons]
    _require_open_slates(act, unit, [one.row for one in going])
    if gone := lapses(going):
        raise Invalid(gone)
    number = (act.session.scalar(select(func.max(UnitProposal.number)).where(UnitProposal.unit_id == unit_id)) or 0) + 1
    proposal = UnitProposal(unit_id=unit_id, number=number, person_id=act.person_id, proposed_at=act.now)
    act.session.add(proposal)
    act.session.flush()
    for one in people:
        row, reason = one.row, reasons.get(one.row.id)
        action = ApplicationAction.PUT_FORWARD if reason is None else ApplicationAction.LEAVE_OUT
        try:
            row.state = application_transition(
                row.state, action, act.person_id, applicant=one.person_id, reason=reason or ""
            )
        except Refused as refused:
            if refused.code == "application.reason_missing":
                raise Refused("proposal.reason_missing", field=f"reason[{row.id}]", name=one.name) from None
            raise
        row.proposal_id, row.ended_because = proposal.id, (reason or "").strip()
        act.session.add(
            UnitProposalLine(
                proposal_id=proposal.id, application_id=row.id, forward=reason is None, reason=row.ended_because
            )
        )
    act.record(
        "nominees.put_forward",
        proposal,
        congress_id=unit.congress_id,
        unit=unit.code,
        number=number,
        members=[one.row.member_id for one in people if one.row.id not in reasons],
        left_out=[one.row.member_id for one in people if one.row.id in reasons],
        reasons=[reasons[one.row.id].strip() for one in people if one.row.id in reasons],
    )
    return proposal


def take_back(act: Act, unit_id: int, application_ids: Collection[int]) -> list[Application]:
    """The unit thinks again about nominees that the office has not decided on: put forward or left out.

    The proposal keeps who was in it (edge case 19); only that they were taken back is added.
    """
    unit = _unit(act, unit_id)
    require_nomination(act, unit.congress_id)
    people = _of_unit(act, unit, application_ids)
    if not people:
        raise Refused("proposal.nobody", field="application")
    for one in people:
        row = one.row
        row.state = application_transition(
            row.state, ApplicationAction.TAKE_BACK, act.person_id, applicant=one.person_id
        )
        row.proposal_id, row.ended_because = None, ""
    act.session.execute(
        update(UnitProposalLine)
        .where(
            UnitProposalLine.application_id.in_([one.row.id for one in people]),
            UnitProposalLine.taken_back_at.is_(None),
        )
        .values(taken_back_at=act.now)
    )
    act.record(
        "nominees.taken_back",
        f"unit:{unit.code}",
        congress_id=unit.congress_id,
        unit=unit.code,
        members=[one.row.member_id for one in people],
    )
    return [one.row for one in people]


def _unit(act: Act, unit_id: int) -> Unit:
    unit = act.session.get(Unit, unit_id, with_for_update=True)
    if unit is None:
        raise NotFound("congress.no_such_unit")
    act.require(Permission.NOMINEES_PROPOSE, congress_id=unit.congress_id, unit_id=unit_id)
    return unit


def _of_unit(act: Act, unit: Unit, application_ids: Collection[int]) -> list[LoadedApplication]:
    people = load_applications(act, unit.congress_id, application_ids)
    if any(one.row.unit_id != unit.id for one in people):
        raise NotFound("application.none")
    return people


def _require_open_slates(act: Act, unit: Unit, rows: Collection[Application]) -> None:
    """Nobody is put forward past a slate that is handed in: it would never hold them."""
    closed = act.session.execute(
        select(Category.name)
        .join(Contest, Contest.category_id == Category.id)
        .join(Round, Round.contest_id == Contest.id)
        .join(Slate, Slate.round_id == Round.id)
        .where(
            Contest.unit_id == unit.id,
            Contest.kind == ContestKind.CONTESTED,
            Contest.category_id.in_({row.category_id for row in rows}),
            Slate.state.in_(HANDED_IN),
        )
    ).first()
    if closed is not None:
        raise Refused("proposal.slate_closed", unit=unit.name, category=closed[0])
