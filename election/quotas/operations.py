"""The room's verbs: schemes are computed, submitted, approved by another person, made contests.

Leaders are assigned in the nomination room, which sees who applies and which slates are handed in.
"""

from __future__ import annotations

from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from allocation import allocate, check, read_problem
from election.congress.models import Congress
from election.congress.queries import congress_by_id
from election.congress.rules_in_force import use_rules
from election.contests.models import Contest, ContestKind
from election.contests.operations import open_contest
from election.errors import Invalid, Refused
from election.machine import Words
from election.people.act import Act
from election.people.permissions import Permission
from election.quotas.lifecycle import SchemeAction, SchemeState, transition
from election.quotas.models import Scheme, SchemeCell
from election.quotas.queries import approved_scheme, assigned_by_unit, current_basis, scheme_by_number
from election.quotas.weights import RULES_USED
from election.store.audit import digest
from election.texts import Sentence, sentence


def compute_scheme(act: Act, congress_id: int, note: str = "") -> Scheme:
    """Divides the seats as roster, assignments and rules stand; a new draft. Impossible rules are refused in sentences."""
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    congress = congress_by_id(act.session, congress_id, for_update=True)
    if not congress.units:
        raise Refused("gate.no_units")
    if not congress.categories:
        raise Refused("gate.no_categories")
    basis = current_basis(act.session, congress)
    if not any(any(row) for row in basis.problem["weights"]):
        raise Refused("quotas.nobody_on_the_roster")
    asked = read_problem(basis.problem)
    answer = allocate(asked)
    if not answer.allocated:
        raise Invalid([Refused("quotas.impossible", why=Words(found.zh, found.en)) for found in answer.conflicts])
    allocation = answer.to_json()
    if check(asked, allocation):
        # Never shown as a scheme: an answer that does not prove itself is a fault of the program.
        raise RuntimeError("the allocation does not prove itself")
    last = act.session.scalar(select(func.max(Scheme.number)).where(Scheme.congress_id == congress_id)) or 0
    scheme = Scheme(
        congress_id=congress_id,
        number=last + 1,
        state=SchemeState.DRAFT,
        note=note.strip(),
        problem=basis.problem,
        allocation=allocation,
        hash=digest({"problem": basis.problem, "allocation": allocation}),
        basis=basis.figures,
        basis_hash=basis.hash,
        author_id=act.person_id,
        computed_at=act.now,
    )
    act.session.add(scheme)
    act.session.flush()
    act.session.add_all(_cells(congress, scheme, assigned_by_unit(act.session, congress_id)))
    act.record("scheme.computed", scheme, congress_id=congress_id, number=scheme.number, hash=scheme.hash)
    return scheme


def _cells(congress: Congress, scheme: Scheme, assigned: dict[int, int]) -> list[SchemeCell]:
    units = {unit.code: unit for unit in congress.units}
    categories = {category.code: category for category in congress.categories}
    made, answer = scheme.problem, scheme.allocation
    return [
        SchemeCell(
            scheme_id=scheme.id,
            unit_id=units[line["id"]].id,
            category_id=categories[column["id"]].id,
            seats=answer["seats"][row][place],
            assigned=assigned.get(units[line["id"]].id, 0) if categories[column["id"]].takes_assigned else 0,
            weight=Fraction(str(made["weights"][row][place])),
            fair_share=answer["fair_shares"][row][place],
        )
        for row, line in enumerate(made["units"])
        for place, column in enumerate(made["categories"])
    ]


def _load(act: Act, congress_id: int, number: int) -> Scheme:
    congress_by_id(act.session, congress_id, for_update=True)
    return scheme_by_number(act.session, congress_id, number)


def _blockers(act: Act, congress_id: int, scheme: Scheme) -> list[Sentence]:
    """What stops submission and approval: a roster that has changed since the scheme was computed."""
    basis = current_basis(act.session, congress_by_id(act.session, congress_id))
    return [] if basis.hash == scheme.basis_hash else [sentence("scheme.basis_changed")]


def submit_scheme(act: Act, congress_id: int, number: int) -> None:
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    scheme = _load(act, congress_id, number)
    scheme.state = transition(
        scheme.state,
        SchemeAction.SUBMIT,
        act.person_id,
        authors=(scheme.author_id,),
        blockers=_blockers(act, congress_id, scheme),
    )
    scheme.submitted_by_id, scheme.submitted_at, scheme.returned_because = act.person_id, act.now, ""
    act.record("scheme.submitted", scheme, congress_id=congress_id, number=number, hash=scheme.hash)


def withdraw_scheme(act: Act, congress_id: int, number: int) -> None:
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    scheme = _load(act, congress_id, number)
    scheme.state = transition(
        scheme.state,
        SchemeAction.WITHDRAW,
        act.person_id,
        authors=(scheme.author_id,),
        submitter=scheme.submitted_by_id,
    )
    act.record("scheme.withdrawn", scheme, congress_id=congress_id, number=number)


def return_scheme(act: Act, congress_id: int, number: int, reason: str) -> None:
    act.require(Permission.SCHEME_APPROVE, congress_id=congress_id)
    scheme = _load(act, congress_id, number)
    scheme.state = transition(
        scheme.state,
        SchemeAction.RETURN,
        act.person_id,
        authors=(scheme.author_id,),
        submitter=scheme.submitted_by_id,
        reason=reason,
    )
    scheme.returned_because = reason.strip()
    act.record("scheme.returned", scheme, congress_id=congress_id, number=number, reason=reason.strip())


def approve_scheme(act: Act, congress_id: int, number: int) -> Scheme:
    """A second person approves: the version is frozen, the one before superseded, and its cells become contests."""
    act.require(Permission.SCHEME_APPROVE, congress_id=congress_id)
    scheme = _load(act, congress_id, number)
    before = approved_scheme(act.session, congress_id)
    after = transition(
        scheme.state,
        SchemeAction.APPROVE,
        act.person_id,
        authors=(scheme.author_id,),
        submitter=scheme.submitted_by_id,
        blockers=_blockers(act, congress_id, scheme),
    )
    if before is not None:
        before.state = transition(before.state, SchemeAction.SUPERSEDE, act.person_id, authors=(before.author_id,))
        act.session.flush()  # the database allows one approved scheme at every moment
    scheme.state, scheme.approved_by_id, scheme.approved_at = after, act.person_id, act.now
    use_rules(act, congress_id, "scheme.approved", *RULES_USED)
    _make_contests(act, congress_id, scheme)
    act.record("scheme.approved", scheme, congress_id=congress_id, number=number, hash=scheme.hash)
    return scheme


def _make_contests(act: Act, congress_id: int, scheme: Scheme) -> None:
    """One contest per cell with contested seats, one of its own for its assigned seats; what is unchanged stays."""
    wanted: dict[tuple[int, int, ContestKind], int] = {}
    for cell in scheme.cells:
        for kind, seats in (
            (ContestKind.CONTESTED, cell.seats - cell.assigned),
            (ContestKind.UNCONTESTED, cell.assigned),
        ):
            if seats:
                wanted[cell.unit_id, cell.category_id, kind] = seats
    present = act.session.scalars(select(Contest).where(Contest.congress_id == congress_id)).all()
    for contest in present:
        key = (contest.unit_id, contest.category_id, contest.kind)
        if wanted.get(key) == contest.seats:
            del wanted[key]
            continue
        _remove(act, contest)
    for (unit_id, category_id, kind), seats in wanted.items():
        open_contest(act, unit_id, category_id, kind, seats)


def _remove(act: Act, contest: Contest) -> None:
    """A contest whose seats change begins anew; once it has a slate, the database refuses to let it go."""
    try:
        with act.session.begin_nested():
            for round_ in contest.rounds:
                act.session.delete(round_)
            act.session.flush()
            act.session.delete(contest)
    except IntegrityError:
        raise Refused("quotas.contest_in_use", unit=contest.unit.name, category=contest.category.name) from None
