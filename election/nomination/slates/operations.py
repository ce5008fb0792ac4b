"""The room's verbs about slates: drawn up in stroke order, handed in by the unit, frozen or given back by the office.

The unit and the office are two persons. What stands against freezing is judged by the pure `readiness.py`.
"""

from __future__ import annotations

from sqlalchemy import select

from election.congress.models import Unit
from election.congress.rules_in_force import use_rules
from election.contests.models import Contest, ContestKind, Round
from election.errors import NotFound, Refused
from election.nomination.lifecycle import (
    HANDED_IN,
    IN_HAND,
    OPEN_STATES,
    ApplicationState,
    SlateAction,
    SlateState,
    slate_transition,
)
from election.nomination.models import Application, Candidate, Slate
from election.nomination.phase import require_slates
from election.nomination.queries import slates
from election.nomination.slates.frozen import frozen_content
from election.nomination.slates.margins import MarginStatus
from election.nomination.slates.operations_draw import draw, is_whole, place, take_off, who_stands
from election.nomination.slates.queries_board import unit_board_row
from election.nomination.slates.queries_frozen import written_by
from election.nomination.slates.queries_margin import exemptions, open_reopenings
from election.people.act import Act
from election.people.permissions import Permission
from election.roster.models import Member
from election.store.audit import digest
from election.strokes import stroke_key
from election.texts import chinese_date, sentence


def open_slates(act: Act, unit_id: int) -> list[Slate]:
    """Draws up every slate of the unit that is not handed in: proposed candidates, and assigned leaders apart.

    Done again, it draws them up anew from who stands now. Slates that are handed in or frozen stay as they are.
    """
    unit = _unit(act, unit_id, Permission.SLATE_SUBMIT)
    lines = [line for line in slates(act.session, unit.congress_id, unit_id) if is_whole(act, line)]
    if not lines:
        raise Refused("slate.no_contests", unit=unit.name)
    opened = [draw(act, unit.congress_id, line) for line in lines if line.state is None or line.state in IN_HAND]
    if not opened:
        raise Refused("slate.all_handed_in", unit=unit.name)
    return opened


def submit_slates(act: Act, unit_id: int) -> list[Slate]:
    """The unit hands in all its slates that it has in hand. One that no longer holds who stands is drawn up again first."""
    unit = _unit(act, unit_id, Permission.SLATE_SUBMIT)
    lines = slates(act.session, unit.congress_id, unit_id)
    if not lines or any(line.slate is None for line in lines):
        raise Refused("slate.not_drawn", unit=unit.name)
    reopened = open_reopenings(act.session, unit.congress_id, act.today)
    handed: list[Slate] = []
    for line in lines:
        slate = line.slate
        if slate is None or slate.state in HANDED_IN:
            continue
        if line.kind is ContestKind.CONTESTED and (line.unit_id, line.category_id) in reopened:
            day = chinese_date(reopened[line.unit_id, line.category_id].until)
            raise Refused("slate.cell_reopened", unit=unit.name, category=line.category_name, day=day)
        after = slate_transition(slate.state, SlateAction.SUBMIT, act.person_id)
        # By name too: a ballot never carries one that was corrected before it was handed in.
        expected = {(one.member_id, one.name) for one in who_stands(act, unit.congress_id, line)}
        if is_whole(act, line) and expected != {(one.member_id, one.name) for one in line.candidates}:
            raise Refused("slate.outdated", unit=unit.name, category=line.category_name)
        if line.kind is ContestKind.UNCONTESTED and not line.candidates:
            raise Refused(
                "slate.assigned_unequal", unit=unit.name, category=line.category_name, have=0, seats=line.seats
            )
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
    # A decision counts where the cell needed it; with the margin held the slate is a contested one like any other.
    needed = (
        set() if row is None else {cell.category_id for cell in row.cells if cell.margin.status is MarginStatus.EXEMPT}
    )
    exempt = exemptions(act.session, unit.congress_id)
    written = written_by(act.session, lines.values())
    for slate in waiting:
        slate.state = slate_transition(
            slate.state, SlateAction.FREEZE, act.person_id, submitter=slate.submitted_by_id, blockers=blockers
        )
        slate.frozen_by_id, slate.frozen_at = act.person_id, act.now
        line = lines[slate.id]
        decision = exempt.get((line.unit_id, line.category_id)) if line.category_id in needed else None
        if decision is not None and line.kind is ContestKind.CONTESTED and decision.person_id == act.person_id:
            # By person, whatever the roles: who let the cell be uncontested never freezes what stands on it.
            raise Refused("slate.exempted_alone", unit=unit.name, category=line.category_name)
        slate.content = frozen_content(line, slate, decision, written)
        slate.hash = digest(slate.content)
        act.record("slate.frozen", slate, congress_id=unit.congress_id, version=slate.version, hash=slate.hash)
    return waiting


def supersede_slate(act: Act, slate_id: int, reason: str) -> Slate:
    """A frozen slate gives way to a new version (edge case 14); the unit draws it up, hands it in, it is frozen again.

    Until the meeting that votes on it has opened; what was printed from it is listed for reprinting.
    """
    found = act.session.get(Slate, slate_id, with_for_update=True)
    if found is None:
        raise NotFound("slate.none")
    contest = found.round.contest
    act.require(Permission.SLATE_FREEZE, congress_id=contest.congress_id)
    require_slates(act, contest.congress_id)
    return _supersede(act, found, reason)


def _supersede(act: Act, found: Slate, reason: str) -> Slate:
    require_not_in_use(found)
    _retire(act, found, reason)
    return _next_version(act, found)


def _retire(act: Act, found: Slate, reason: str) -> None:
    found.state = slate_transition(found.state, SlateAction.SUPERSEDE, act.person_id, reason=reason)
    found.superseded_because = reason.strip()
    congress_id = found.round.contest.congress_id
    act.record("slate.superseded", found, congress_id=congress_id, version=found.version, reason=reason.strip())


def _next_version(act: Act, found: Slate) -> Slate:
    contest = found.round.contest
    lines = slates(act.session, contest.congress_id, contest.unit_id)
    return draw(act, contest.congress_id, next(line for line in lines if line.round_id == found.round_id), found)


# Beyond this a reason is shortened beside the slate; it stands in full where it was given.
LONGEST_REASON = 300


def leave_slates(act: Act, application: Application, reason: str) -> list[Slate]:
    """Takes who no longer stands off every slate in force, as a step of the act that ended the application.

    A slate in hand loses the name; one that was handed in is given back without it; a frozen one gives way to a new
    version (edge case 14). The slates as they are now. Raises Refused once a meeting votes on one of them.
    """
    return leave_as_member(act, application.congress_id, application.member, _told(application, reason.strip()))


def _told(application: Application, reason: str) -> str:
    """Why, as it stands beside the slate for the unit to read: what the applicant or the kind of event says. What the office
    noted beside it, or answers in a review, may name a running inquiry and stays with the application.
    """
    if application.state is ApplicationState.WITHDRAWN:
        return reason or application.state.zh
    if application.state is ApplicationState.ENDED:
        return reason.partition("：")[0] or application.state.zh
    return "重新审查" if application.state in OPEN_STATES else application.state.zh


def leave_as_member(act: Act, congress_id: int, member: Member, why: str) -> list[Slate]:
    """As `leave_slates`, of someone who need not have applied: an assigned leader."""
    told = why if len(why) <= LONGEST_REASON else why[: LONGEST_REASON - 1] + "…"
    reason = f"{member.person.name}不再列入名单（{told}）"
    found = act.session.execute(
        select(Slate.id, Contest.unit_id)
        .join(Round, Round.id == Slate.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Candidate, Candidate.slate_id == Slate.id)
        .where(
            Candidate.member_id == member.id,
            Contest.congress_id == congress_id,
            Slate.state != SlateState.SUPERSEDED,
        )
        .order_by(Slate.id)
    ).all()
    for unit_id in sorted({unit_id for _, unit_id in found}):
        act.session.get_one(Unit, unit_id, with_for_update=True)
    held = select(Slate).where(Slate.id.in_([slate_id for slate_id, _ in found])).order_by(Slate.id).with_for_update()
    rows = act.session.scalars(held.execution_options(populate_existing=True)).all()
    return [_leave(act, congress_id, slate, member.id, reason) for slate in rows]


def _leave(act: Act, congress_id: int, slate: Slate, member_id: int, reason: str) -> Slate:
    if slate.state is SlateState.FROZEN:
        return _supersede(act, slate, reason)
    if slate.state is SlateState.SUBMITTED:
        _give_back(act, congress_id, slate, reason)
    take_off(act, slate, [member_id])
    act.record(
        "slate.name_left", slate, congress_id=congress_id, version=slate.version, members=[member_id], reason=reason
    )
    return slate


def _give_back(act: Act, congress_id: int, slate: Slate, reason: str) -> None:
    """Who handed it in takes it back; everybody else gives it back."""
    mine = slate.submitted_by_id == act.person_id
    action = SlateAction.WITHDRAW if mine else SlateAction.RETURN
    slate.state = slate_transition(slate.state, action, act.person_id, submitter=slate.submitted_by_id, reason=reason)
    if not mine:
        slate.returned_because = reason
    act.record(
        "slate.withdrawn" if mine else "slate.returned",
        slate,
        congress_id=congress_id,
        version=slate.version,
        reason=reason,
    )


def give_way(act: Act, contest: Contest, seats: int, because: str) -> None:
    """What stands on a contest makes room for a scheme that gives it `seats`, as a step of the scheme's approval: a frozen
    slate gives way to a new version, one that was handed in is given back, one still being made stays as it is; where no
    seat is left, nothing is drawn up any more. Raises Refused once a meeting votes on it.
    """
    held = (
        select(Slate)
        .join(Round, Round.id == Slate.round_id)
        .where(Round.contest_id == contest.id, Slate.state != SlateState.SUPERSEDED)
        .order_by(Slate.id)
        .with_for_update(of=Slate)
    )
    _lapse(act, contest, because)
    for slate in act.session.scalars(held).all():
        require_not_in_use(slate)
        if slate.state is SlateState.FROZEN:
            _retire(act, slate, because)
            if seats:
                _next_version(act, slate)
            continue
        if slate.state is SlateState.SUBMITTED:
            _give_back(act, contest.congress_id, slate, because)
        if not seats:
            place(act, slate, [])
            act.record("slate.dropped", slate, congress_id=contest.congress_id, version=slate.version, reason=because)
            act.session.delete(slate)
            act.session.flush()


def _lapse(act: Act, contest: Contest, because: str) -> None:
    """A decision that the cell may be uncontested was about its seats as they were: other seats need another."""
    place = (contest.unit_id, contest.category_id)
    row = exemptions(act.session, contest.congress_id).get(place)
    if row is None or contest.kind is not ContestKind.CONTESTED:
        return
    row.revoked_at = act.now
    act.record(
        "margin.exemption_revoked",
        row,
        congress_id=contest.congress_id,
        unit=contest.unit.code,
        category=contest.category.code,
        reason=because,
    )


def require_not_in_use(slate: Slate) -> None:
    """A slate that a meeting votes on stays as it is: its ballots are printed and its counting form is made from it."""
    if slate.in_use_at is not None:
        raise Refused("slate.in_use", category=slate.round.contest.category.name)


def _unit(act: Act, unit_id: int, permission: Permission) -> Unit:
    unit = act.session.get(Unit, unit_id, with_for_update=True)
    if unit is None:
        raise NotFound("congress.no_such_unit")
    act.require(permission, congress_id=unit.congress_id, unit_id=unit_id)
    require_slates(act, unit.congress_id)
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
