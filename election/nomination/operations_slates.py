"""The room's verbs about slates: drawn up in stroke order, handed in by the unit, frozen or given back by the office.

The unit and the office are two persons. What stands against freezing is judged by the pure `readiness.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select

from election.congress.lifecycle import Phase
from election.congress.models import Congress, Unit
from election.congress.rules_in_force import use_rules
from election.contests.models import ContestKind, Round, RoundKind
from election.errors import NotFound, Refused
from election.nomination.lifecycle import ApplicationState, SlateAction, SlateState, slate_transition
from election.nomination.models import Application, Candidate, Slate
from election.nomination.queries import CandidateLine, SlateLine, slates
from election.nomination.queries_board import unit_board_row
from election.people.act import Act
from election.people.models import Person
from election.people.permissions import Permission
from election.quotas.models import AssignedLeader
from election.roster.models import Member
from election.store.audit import digest
from election.strokes import stroke_key
from election.texts import sentence

IN_HAND = (SlateState.DRAFT, SlateState.RETURNED)
# Rounds whose candidates are all who stand; a tie ballot has only the tied, and is prepared where the tie was found.
WHOLE_ROUNDS = (RoundKind.ORDINARY, RoundKind.RERUN)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Someone who belongs on a slate."""

    member_id: int
    application_id: int | None
    name: str


def open_slates(act: Act, unit_id: int) -> list[Slate]:
    """Draws up every slate of the unit that is not handed in: proposed candidates, and assigned leaders apart.

    Done again, it draws them up anew from who stands now. Slates that are handed in or frozen stay as they are.
    """
    unit = _unit(act, unit_id, Permission.SLATE_SUBMIT)
    lines = [line for line in slates(act.session, unit.congress_id, unit_id) if _is_whole(act, line)]
    if not lines:
        raise Refused("slate.no_contests", unit=unit.name)
    opened = [_draw(act, unit.congress_id, line) for line in lines if line.state is None or line.state in IN_HAND]
    if not opened:
        raise Refused("slate.all_handed_in", unit=unit.name)
    return opened


def _is_whole(act: Act, line: SlateLine) -> bool:
    return act.session.get_one(Round, line.round_id).kind in WHOLE_ROUNDS


def _draw(act: Act, congress_id: int, line: SlateLine) -> Slate:
    slate = line.slate
    if slate is None:
        last = act.session.scalar(select(func.max(Slate.version)).where(Slate.round_id == line.round_id)) or 0
        slate = Slate(round_id=line.round_id, version=last + 1, state=SlateState.DRAFT)
        act.session.add(slate)
        act.session.flush()
    else:
        slate.state = slate_transition(slate.state, SlateAction.CHANGE, act.person_id)
    people = _in_order(_who_stands(act, congress_id, line))
    slate.order_reason = ""
    _place(act, slate, people)
    act.record(
        "slate.drawn", slate, congress_id=congress_id, version=slate.version, members=[one.member_id for one in people]
    )
    return slate


def _who_stands(act: Act, congress_id: int, line: SlateLine) -> list[_Standing]:
    if line.kind is ContestKind.UNCONTESTED:
        leaders = (
            select(AssignedLeader.member_id, Person.name)
            .join(Member, Member.id == AssignedLeader.member_id)
            .join(Person, Person.id == Member.person_id)
            .where(AssignedLeader.congress_id == congress_id, AssignedLeader.unit_id == line.unit_id)
            .order_by(AssignedLeader.id)
        )
        return [_Standing(member_id, None, name) for member_id, name in act.session.execute(leaders)]
    proposed = (
        select(Application.member_id, Application.id, Person.name)
        .join(Member, Member.id == Application.member_id)
        .join(Person, Person.id == Member.person_id)
        .where(
            Application.unit_id == line.unit_id,
            Application.category_id == line.category_id,
            Application.state == ApplicationState.PROPOSED,
        )
        .order_by(Application.id)
    )
    return [_Standing(*row) for row in act.session.execute(proposed)]


def _in_order(people: Sequence[_Standing]) -> list[_Standing]:
    """地方条例 30: by strokes. Names that the table does not know stand last until the unit sets the order by hand."""
    known, unknown = [], []
    for one in people:
        try:
            known.append((stroke_key(one.name), one))
        except Refused:
            unknown.append(one)
    return [one for _, one in sorted(known, key=lambda pair: pair[0])] + unknown


def _place(act: Act, slate: Slate, people: Sequence[_Standing]) -> None:
    act.session.execute(delete(Candidate).where(Candidate.slate_id == slate.id))
    act.session.add_all(
        Candidate(
            slate_id=slate.id,
            position=position,
            member_id=one.member_id,
            application_id=one.application_id,
            name=one.name,
        )
        for position, one in enumerate(people, 1)
    )
    act.session.flush()
    act.session.expire(slate, ["candidates"])


def order_by_hand(act: Act, slate_id: int, candidate_ids: Sequence[int], reason: str) -> Slate:
    """Sets the order of a slate in hand, with a reason, as for a name that the stroke table does not know."""
    found = act.session.get(Slate, slate_id, with_for_update=True)
    if found is None:
        raise NotFound("slate.none")
    contest = found.round.contest
    act.require(Permission.SLATE_SUBMIT, congress_id=contest.congress_id, unit_id=contest.unit_id)
    state = slate_transition(found.state, SlateAction.CHANGE, act.person_id)
    if not reason.strip():
        raise Refused("slate.order_reason_missing", field="reason")
    listed = {one.id: one for one in found.candidates}
    if sorted(candidate_ids) != sorted(listed):
        raise Refused("slate.order_incomplete", field="order")
    people = [_Standing(listed[one].member_id, listed[one].application_id, listed[one].name) for one in candidate_ids]
    found.state, found.order_reason = state, reason.strip()
    _place(act, found, people)
    act.record(
        "slate.ordered_by_hand",
        found,
        congress_id=contest.congress_id,
        reason=found.order_reason,
        members=[one.member_id for one in people],
    )
    return found


def submit_slates(act: Act, unit_id: int) -> list[Slate]:
    """The unit hands all its slates in together. A slate that no longer holds who stands is drawn up again first."""
    unit = _unit(act, unit_id, Permission.SLATE_SUBMIT)
    lines = slates(act.session, unit.congress_id, unit_id)
    if not lines or any(line.slate is None for line in lines):
        raise Refused("slate.not_drawn", unit=unit.name)
    handed: list[Slate] = []
    for line in lines:
        slate = line.slate
        if slate is None or slate.state is SlateState.FROZEN:
            continue
        after = slate_transition(slate.state, SlateAction.SUBMIT, act.person_id)
        expected = {one.member_id for one in _who_stands(act, unit.congress_id, line)}
        if _is_whole(act, line) and expected != {one.member_id for one in line.candidates}:
            raise Refused("slate.outdated", unit=unit.name, category=line.category_name)
        if not slate.order_reason:
            for candidate in line.candidates:
                stroke_key(candidate.name)  # refused by name: somebody has to say where it stands
        slate.state, slate.submitted_by_id, slate.submitted_at = after, act.person_id, act.now
        slate.returned_because = ""
        act.record("slate.submitted", slate, congress_id=unit.congress_id, version=slate.version)
        handed.append(slate)
    if not handed:
        raise Refused("slate.all_handed_in", unit=unit.name)
    return handed


def withdraw_slates(act: Act, unit_id: int) -> list[Slate]:
    """The one who handed the slates in takes them back, as long as the office has not decided."""
    unit = _unit(act, unit_id, Permission.SLATE_SUBMIT)
    taken = _submitted(act, unit)
    for slate in taken:
        slate.state = slate_transition(
            slate.state, SlateAction.WITHDRAW, act.person_id, submitter=slate.submitted_by_id
        )
        act.record("slate.withdrawn", slate, congress_id=unit.congress_id, version=slate.version)
    return taken


def return_slates(act: Act, unit_id: int, reason: str) -> list[Slate]:
    """The office gives the unit's slates back with a reason."""
    unit = _unit(act, unit_id, Permission.SLATE_FREEZE)
    given = _submitted(act, unit)
    for slate in given:
        slate.state = slate_transition(
            slate.state, SlateAction.RETURN, act.person_id, submitter=slate.submitted_by_id, reason=reason
        )
        slate.returned_because = reason.strip()
        act.record("slate.returned", slate, congress_id=unit.congress_id, version=slate.version, reason=reason.strip())
    return given


def freeze_slates(act: Act, unit_id: int) -> list[Slate]:
    """The office freezes the unit's slates: the margin holds, the notice has run, nothing is open. Each is hashed."""
    unit = _unit(act, unit_id, Permission.SLATE_FREEZE)
    waiting = _submitted(act, unit)
    use_rules(act, unit.congress_id, "slate.frozen", "margin_min")
    row = unit_board_row(act.session, unit, act.today)
    blockers = [] if row is None else [sentence(one.code, one.params) for one in row.blockers]
    lines = {line.slate.id: line for line in slates(act.session, unit.congress_id, unit_id) if line.slate is not None}
    for slate in waiting:
        slate.state = slate_transition(
            slate.state, SlateAction.FREEZE, act.person_id, submitter=slate.submitted_by_id, blockers=blockers
        )
        slate.frozen_by_id, slate.frozen_at = act.person_id, act.now
        slate.content = _content(lines[slate.id], slate)
        slate.hash = digest(slate.content)
        act.record("slate.frozen", slate, congress_id=unit.congress_id, version=slate.version, hash=slate.hash)
    return waiting


def supersede_slate(act: Act, slate_id: int, reason: str) -> Slate:
    """A frozen slate gives way to a new version (edge case 14); the unit draws it up, hands it in, it is frozen again.

    Only before the election begins: then ballots may lie printed, and replacing them belongs to the meeting.
    """
    found = act.session.get(Slate, slate_id, with_for_update=True)
    if found is None:
        raise NotFound("slate.none")
    contest = found.round.contest
    act.require(Permission.SLATE_FREEZE, congress_id=contest.congress_id)
    congress = act.session.get_one(Congress, contest.congress_id)
    if congress.phase not in (Phase.PREPARATION, Phase.REGISTRATION, Phase.NOMINATION):
        raise Refused("slate.election_begun", phase=congress.phase)
    require_not_in_use(found)
    found.state = slate_transition(found.state, SlateAction.SUPERSEDE, act.person_id, reason=reason)
    act.record("slate.superseded", found, congress_id=congress.id, version=found.version, reason=reason.strip())
    lines = slates(act.session, congress.id, contest.unit_id)
    return _draw(act, congress.id, next(line for line in lines if line.round_id == found.round_id))


def require_not_in_use(slate: Slate) -> None:
    """A slate that a meeting votes on stays as it is: its ballots are printed and its counting form is made from it."""
    if slate.in_use_at is not None:
        raise Refused("slate.in_use", category=slate.round.contest.category.name)


def _unit(act: Act, unit_id: int, permission: Permission) -> Unit:
    unit = act.session.get(Unit, unit_id, with_for_update=True)
    if unit is None:
        raise NotFound("congress.no_such_unit")
    act.require(permission, congress_id=unit.congress_id, unit_id=unit_id)
    return unit


def _submitted(act: Act, unit: Unit) -> list[Slate]:
    found = [
        line.slate
        for line in slates(act.session, unit.congress_id, unit.id)
        if line.slate is not None and line.slate.state is SlateState.SUBMITTED
    ]
    if not found:
        raise Refused("slate.nothing_handed_in", unit=unit.name)
    return found


def _content(line: SlateLine, slate: Slate) -> dict[str, Any]:
    """The slate as it is frozen: everything that a ballot or an introduction prints."""
    return {
        "format": "slate/1",
        "unit": {"code": line.unit_code, "name": line.unit_name},
        "category": {"code": line.category_code, "name": line.category_name},
        "kind": line.kind.value,
        "round": line.round_number,
        "seats": line.seats,
        "version": slate.version,
        "order": slate.order_reason or "strokes",
        "candidates": [_candidate(one) for one in line.candidates],
    }


def _candidate(one: CandidateLine) -> dict[str, Any]:
    return {
        "position": one.position,
        "person": one.person_id,
        "name": one.name,
        "sex": one.sex and one.sex.value,
        "born": one.born_on and f"{one.born_on:%Y-%m}",
        "ethnicity": one.ethnicity,
        "education": one.education,
        "branch": one.branch_name,
        "post": one.post,
    }
