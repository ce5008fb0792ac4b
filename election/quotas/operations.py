"""The room's verbs: schemes are computed, submitted by one, approved by another person, made contests.

Changes by hand stand in `operations_hand.py`, groups in `operations_groups.py`. Leaders are assigned in the nomination
room, which sees who applies and which slates are handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from election.congress.models import Congress, Unit
from election.congress.queries import congress_by_id, units_with_previous
from election.congress.rules_in_force import use_rules
from election.contests.models import SEATS_MOVED, Contest, ContestKind
from election.contests.operations import close_contest, open_contest
from election.errors import Refused
from election.people.act import Act
from election.people.permissions import Permission
from election.quotas.from_workbook import base_from
from election.quotas.hand import Change
from election.quotas.lifecycle import SchemeAction, transition
from election.quotas.models import Scheme
from election.quotas.operations_draft import (
    Ruled,
    base_of,
    basis_now,
    expected,
    load,
    new_version,
    rules_from,
    rules_of,
    with_later,
)
from election.quotas.operations_letters import issue_letters
from election.quotas.queries import approved_scheme, authors, divides_alike, scheme_by_number, unsettled
from election.quotas.queries_basis import current_basis
from election.quotas.weights import RULES_USED
from election.texts import Sentence, sentence

LONGEST_SOURCE = 200
# What stands on a contest (its slates) makes room before its seats become so many, for a reason.
GiveWay = Callable[[Act, Contest, int, str], None]


def compute_scheme(
    act: Act,
    congress_id: int,
    note: str = "",
    *,
    changes: Iterable[Change] = (),
    reason: str = "",
    like: int | None = None,
) -> Scheme:
    """Divides the seats as roster, assignments, groups and rules stand; a new draft.

    `changes` become locked changes with `reason` (by default, that they mend contradicting rules). `like`: the number of
    a version whose locked changes are taken over, and its workbook where it came from one. Raises Impossible for rules
    that contradict each other, in sentences; nothing is stored then.
    """
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    congress = congress_by_id(act.session, congress_id, for_update=True)
    basis = basis_now(act, congress)
    base, source = basis.problem, ""
    rules: list[Ruled] = []
    writers: set[int] = set()
    if like is not None:
        before = scheme_by_number(act.session, congress_id, like)
        base, source, rules = base_of(act, congress, basis, before), before.source, rules_of(congress, before)
        # A workbook is its author's own, whoever computes it again; the roster is nobody's.
        writers = authors(act.session, before) if source else set()
    rules = with_later(rules, rules_from(act, changes, reason, rules))
    scheme = new_version(act, congress, basis, base, rules, note=note, source=source, writers=writers)
    _record_computed(act, scheme, rules, like)
    return scheme


def compute_from_workbook(act: Act, congress_id: int, *, file_name: str, content: bytes, note: str = "") -> Scheme:
    """Divides the seats of a problem handed in as a workbook (its template is the current problem); a new draft.

    Raises Refused or Invalid at the field `workbook` for a file that is none or is not about this congress as it is now,
    Impossible for rules that contradict each other.
    """
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    congress = congress_by_id(act.session, congress_id, for_update=True)
    basis = basis_now(act, congress)
    source = file_name.strip()[-LONGEST_SOURCE:] or "workbook.xlsx"
    base = base_from(content, source, expected(act, congress))
    scheme = new_version(act, congress, basis, base, [], note=note, source=source)
    _record_computed(act, scheme, [], None)
    return scheme


def _record_computed(act: Act, scheme: Scheme, rules: list[Ruled], like: int | None) -> None:
    details: dict[str, object] = {"number": scheme.number, "hash": scheme.hash}
    if scheme.source:
        details["source"] = scheme.source
    if like is not None:
        details["like"] = like
    if rules:
        details["changes"] = [rule.told() for rule in rules]
    act.record("scheme.computed", scheme, congress_id=scheme.congress_id, **details)


def _blockers(act: Act, congress: Congress, scheme: Scheme) -> list[Sentence]:
    """What stops submission and approval: a roster that has changed since, changes that the answer does not know, no news."""
    found = []
    if current_basis(act.session, congress).hash != scheme.basis_hash:
        found.append(sentence("scheme.basis_changed"))
    if open_ := unsettled(congress, scheme):
        found.append(sentence("scheme.unsettled", {"count": open_}))
    if (approved := approved_scheme(act.session, congress.id)) is not None and divides_alike(approved, scheme):
        found.append(sentence("scheme.same_as_approved", {"number": approved.number}))
    return found


def submit_scheme(act: Act, congress_id: int, number: int, *, seen: str | None = None) -> None:
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    congress, scheme = load(act, congress_id, number, seen)
    scheme.state = transition(
        scheme.state,
        SchemeAction.SUBMIT,
        act.person_id,
        authors=authors(act.session, scheme),
        blockers=_blockers(act, congress, scheme),
    )
    scheme.submitted_by_id, scheme.submitted_at, scheme.returned_because = act.person_id, act.now, ""
    act.record("scheme.submitted", scheme, congress_id=congress_id, number=number, hash=scheme.hash)


def withdraw_scheme(act: Act, congress_id: int, number: int) -> None:
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    _, scheme = load(act, congress_id, number)
    scheme.state = transition(
        scheme.state,
        SchemeAction.WITHDRAW,
        act.person_id,
        authors=authors(act.session, scheme),
        submitter=scheme.submitted_by_id,
    )
    act.record("scheme.withdrawn", scheme, congress_id=congress_id, number=number)


def return_scheme(act: Act, congress_id: int, number: int, reason: str) -> None:
    act.require(Permission.SCHEME_APPROVE, congress_id=congress_id)
    _, scheme = load(act, congress_id, number)
    scheme.state = transition(
        scheme.state,
        SchemeAction.RETURN,
        act.person_id,
        authors=authors(act.session, scheme),
        submitter=scheme.submitted_by_id,
        reason=reason,
    )
    scheme.returned_because = reason.strip()
    act.record("scheme.returned", scheme, congress_id=congress_id, number=number, reason=reason.strip())


def approve_scheme(
    act: Act, congress_id: int, number: int, *, seen: str | None = None, give_way: GiveWay | None = None
) -> Scheme:
    """A second person approves: the version is frozen, the one before superseded, its cells become contests, letters go out.

    `give_way` is asked of every contest whose seats change (`nomination.operations_slates.give_way`); without it a
    contest that has a slate keeps its seats, and the scheme is refused.
    """
    act.require(Permission.SCHEME_APPROVE, congress_id=congress_id)
    # Units before the congress, as whoever hands in or freezes slates holds them.
    act.session.execute(select(Unit.id).where(Unit.congress_id == congress_id).order_by(Unit.id).with_for_update())
    congress, scheme = load(act, congress_id, number, seen)
    before = approved_scheme(act.session, congress_id)
    after = transition(
        scheme.state,
        SchemeAction.APPROVE,
        act.person_id,
        authors=authors(act.session, scheme),
        submitter=scheme.submitted_by_id,
        blockers=_blockers(act, congress, scheme),
    )
    if before is not None:
        before.state = transition(before.state, SchemeAction.SUPERSEDE, act.person_id, authors=())
        act.session.flush()  # the database allows one approved scheme at every moment
    units = units_with_previous(act.session, congress_id)
    # One update: once it is approved, the database lets nothing of it change.
    scheme.state, scheme.approved_by_id, scheme.approved_at = after, act.person_id, act.now
    # What 较上届 is reckoned from is frozen with the plan; the hash of the basis stays that of what it was computed from.
    scheme.basis = scheme.basis | {
        "previous": {unit.code: unit.previous.seats for unit in units if unit.previous is not None}
    }
    use_rules(act, congress_id, "scheme.approved", *RULES_USED)
    _make_contests(act, congress_id, scheme, give_way)
    act.record("scheme.approved", scheme, congress_id=congress_id, number=number, hash=scheme.hash)
    issue_letters(act, congress_id, scheme)
    return scheme


def _make_contests(act: Act, congress_id: int, scheme: Scheme, give_way: GiveWay | None) -> None:
    """One contest per cell with contested seats, one of its own for its assigned seats; what is unchanged stays."""
    wanted: dict[tuple[int, int, ContestKind], int] = {}
    for cell in scheme.cells:
        for kind, seats in (
            (ContestKind.CONTESTED, cell.seats - cell.assigned),
            (ContestKind.UNCONTESTED, cell.assigned),
        ):
            if seats:
                wanted[cell.unit_id, cell.category_id, kind] = seats
    present = act.session.scalars(select(Contest).where(Contest.congress_id == congress_id).order_by(Contest.id)).all()
    for contest in present:
        seats = wanted.get((contest.unit_id, contest.category_id, contest.kind), 0)
        closed = any(one.void_reason == SEATS_MOVED for one in contest.rounds)
        if seats == (0 if closed else contest.seats):
            wanted.pop((contest.unit_id, contest.category_id, contest.kind), None)
            continue
        if give_way is not None:
            give_way(act, contest, seats, f"名额分配方案第 {scheme.number} 版")
        if not _removed(act, contest):
            if give_way is None:
                raise Refused("quotas.contest_in_use", unit=contest.unit.name, category=contest.category.name)
            if not seats:
                close_contest(act, contest)
    for (unit_id, category_id, kind), seats in wanted.items():
        open_contest(act, unit_id, category_id, kind, seats)


def _removed(act: Act, contest: Contest) -> bool:
    """A contest whose seats change begins anew, unless it has a slate: then the database keeps it."""
    try:
        with act.session.begin_nested():
            for round_ in contest.rounds:
                act.session.delete(round_)
            act.session.flush()
            act.session.delete(contest)
    except IntegrityError:
        return False
    return True
