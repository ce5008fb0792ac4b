"""The verbs of changes by hand: a number set with its reason, put back, and the version computed anew around the locks."""

from __future__ import annotations

from collections.abc import Iterable

from election.congress.models import Congress
from election.errors import NotFound, Refused
from election.people.act import Act
from election.people.permissions import Permission
from election.quotas.hand import BOUNDS, Change, as_rule, ids
from election.quotas.hand_limits import has_members, judge, place
from election.quotas.lifecycle import SchemeAction, SchemeState, transition
from election.quotas.models import ChangeKind, HandChange, Scheme
from election.quotas.operations import compute_scheme
from election.quotas.operations_draft import (
    Ruled,
    add_author,
    base_of,
    basis_now,
    changes_made,
    load,
    refill,
    rules_from,
    rules_of,
    set_change,
    told,
    with_later,
)
from election.quotas.queries import authors, changes_of
from election.quotas.queries_basis import assigned_leaders_of
from election.quotas.solving import computed


def change_seats(
    act: Act, congress_id: int, number: int, change: Change, reason: str, *, seen: str
) -> HandChange | None:
    """Sets a number of a draft by hand, in place of what was set there before; a returned scheme becomes a draft again.

    Unlocked, at the number that the table has anyway, it puts the cell or line back: None. Raises Refused at `unit`,
    `category`, `group`, `seats` or `reason`; Stale when the scheme is no longer what `seen` (`queries.mark`) stands for.
    """
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    congress, scheme = load(act, congress_id, number, seen)
    after = _changing(act, scheme)
    if change.kind in BOUNDS:
        change = as_rule(change)
    judge(scheme.base, change, assigned_leaders_of(act.session, congress))
    if not has_members(scheme.base, change):
        raise Refused("quotas.cell_without_members", field="seats", place=place(scheme.base, change))
    row = _row(congress, scheme, change)
    if not change.locked and change.seats == _without(scheme, change, row):
        if row is None:
            raise Refused("quotas.seats_as_computed", field="seats", place=place(scheme.base, change))
        _remove(act, congress, scheme, row, after)
        return None
    if not reason.strip():
        raise Refused("quotas.reason_missing", field="reason")
    if row is not None and (row.seats, row.locked, row.reason) == (change.seats, change.locked, reason.strip()):
        return row
    before = _number_before(scheme, change) if row is None else row.seats
    made = Ruled(change, reason.strip(), act.person_id, act.now)
    changed = set_change(congress, scheme, made, row)
    act.session.add(changed)
    scheme.state = after
    add_author(act, scheme, act.person_id)
    act.record(
        "scheme.changed",
        scheme,
        congress_id=congress_id,
        number=number,
        before=before,
        locked=change.locked,
        **made.told(),
    )
    act.session.expire(scheme, ["changes"])
    return changed


def put_back(act: Act, congress_id: int, number: int, change_id: int, *, seen: str) -> None:
    """Takes a change back. A locked one that was computed with leaves the scheme to be computed anew."""
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    congress, scheme = load(act, congress_id, number, seen)
    after = _changing(act, scheme)
    row = next((row for row in scheme.changes if row.id == change_id), None)
    if row is None:
        raise NotFound("quotas.no_such_change")
    _remove(act, congress, scheme, row, after)


def recompute_scheme(
    act: Act,
    congress_id: int,
    number: int,
    changes: Iterable[Change] = (),
    reason: str = "",
    *,
    seen: str | None = None,
) -> Scheme:
    """Computes a version anew from what stands now, around its locked changes and `changes` (relaxations, say).

    A draft or returned version in place; its unlocked changes are put back. Of an approved or superseded one, a new
    version with the same locked changes. Raises Impossible, and nothing changes then.
    """
    act.require(Permission.SCHEME_EDIT, congress_id=congress_id)
    congress, scheme = load(act, congress_id, number, seen)
    if scheme.state in (SchemeState.APPROVED, SchemeState.SUPERSEDED):
        return compute_scheme(act, congress_id, changes=changes, reason=reason, like=number)
    after = _changing(act, scheme)
    basis = basis_now(act, congress)
    added = rules_from(act, changes, reason, changes_made(congress, scheme))
    rules = with_later(rules_of(congress, scheme), added)
    unlocked = sum(not row.locked for row in scheme.changes)
    refill(act, congress, scheme, basis, base_of(act, congress, basis, scheme), rules)
    scheme.state = after
    act.record(
        "scheme.recomputed", scheme, congress_id=congress_id, number=number, hash=scheme.hash, put_back=unlocked,
        changes=[rule.told() for rule in added],
    )  # fmt: skip
    return scheme


def _changing(act: Act, scheme: Scheme) -> SchemeState:
    return transition(scheme.state, SchemeAction.CHANGE, act.person_id, authors=authors(act.session, scheme))


def _row(congress: Congress, scheme: Scheme, change: Change) -> HandChange | None:
    rows = zip(changes_of(congress, scheme), scheme.changes, strict=True)
    return next((row for known, row in rows if known.place == change.place), None)


def _number_before(scheme: Scheme, change: Change) -> int | None:
    """What the answer gives the cell or line; of a bound, the number that the problem has, None where it has none."""
    answer, made = scheme.allocation, scheme.problem
    units, categories = ids(made, "units"), ids(made, "categories")
    if change.kind is ChangeKind.CELL and change.unit is not None and change.category is not None:
        return int(answer["seats"][units[change.unit]][categories[change.category]])
    if change.kind is ChangeKind.UNIT and change.unit is not None:
        return int(answer["unit_seats"][units[change.unit]])
    if change.kind is ChangeKind.CATEGORY and change.category is not None:
        return int(answer["category_seats"][categories[change.category]])
    if change.kind is ChangeKind.CELL_MOST:
        bounds = (
            one for one in made.get("at_most", ()) if (one["unit"], one["category"]) == (change.unit, change.category)
        )
        return next((int(one["seats"]) for one in bounds), None)
    side, code = ("units", change.unit) if change.unit is not None else ("groups", change.group)
    key = "min" if change.kind in (ChangeKind.UNIT_LEAST, ChangeKind.GROUP_LEAST) else "max"
    found = next((line.get(key) for line in made[side] if line["id"] == code), None)
    return None if found is None else int(found)


def _without(scheme: Scheme, change: Change, row: HandChange | None) -> int | None:
    """What the place would have without a change of its own."""
    if row is not None and row.locked:
        return computed(scheme.base, change)[0]
    return _number_before(scheme, change)


def _remove(act: Act, congress: Congress, scheme: Scheme, row: HandChange, after: SchemeState) -> None:
    change = next(
        known for known, other in zip(changes_of(congress, scheme), scheme.changes, strict=True) if other is row
    )
    act.session.delete(row)
    scheme.state = after
    add_author(act, scheme, act.person_id)
    act.record(
        "scheme.put_back",
        scheme,
        congress_id=scheme.congress_id,
        number=scheme.number,
        locked=change.locked,
        **told(change),
    )
    act.session.expire(scheme, ["changes"])
