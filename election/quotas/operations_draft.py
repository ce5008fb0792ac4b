"""How a version is filled, as a new one or in place: its base, the locked changes, the proved answer, the cells.

What the verbs of `operations.py` and `operations_hand.py` share; those ask for the permission and record the act.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import delete, func, select

from election.congress.models import Congress
from election.congress.queries import congress_by_id
from election.errors import Invalid, Refused, Stale
from election.machine import Words
from election.people.act import Act
from election.quotas.from_workbook import Expected, mismatches
from election.quotas.hand import Change, applied, as_rule
from election.quotas.hand_limits import judge_all
from election.quotas.lifecycle import SchemeState
from election.quotas.models import HandChange, Scheme, SchemeAuthor, SchemeCell
from election.quotas.queries import authors, changes_of, mark, scheme_by_number
from election.quotas.queries_basis import Basis, assigned_by_unit, assigned_leaders_of, current_basis
from election.quotas.solving import computed, solved
from election.store.audit import digest
from election.texts import sentence

# What the column of a reason holds.
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Ruled:
    """A change that is a rule from now on, with who made it, when and why."""

    change: Change
    reason: str
    author_id: int
    made_at: datetime

    def told(self) -> dict[str, object]:
        """As the audit chain tells it."""
        return told(self.change) | {"reason": self.reason}


def told(change: Change) -> dict[str, object]:
    """A change as the audit chain tells it: the kind, the codes that it names, the number."""
    named = {"unit": change.unit, "category": change.category, "group": change.group}
    return {"kind": change.kind.value, **{key: code for key, code in named.items() if code}, "seats": change.seats}


def load(act: Act, congress_id: int, number: int, seen: str | None = None) -> tuple[Congress, Scheme]:
    """The congress, locked, and its scheme. Raises Stale when the scheme is no longer what `seen` stands for."""
    congress = congress_by_id(act.session, congress_id, for_update=True)
    scheme = scheme_by_number(act.session, congress_id, number)
    if seen is not None and seen != mark(scheme):
        raise Stale("store.stale", what=Words(f"方案{number}", f"Scheme {number}"))
    return congress, scheme


def basis_now(act: Act, congress: Congress) -> Basis:
    """What there is to divide, and among whom. Raises Refused where there is nothing or nobody."""
    if not congress.units:
        raise Refused("gate.no_units")
    if not congress.categories:
        raise Refused("gate.no_categories")
    basis = current_basis(act.session, congress)
    if not any(any(row) for row in basis.problem["weights"]):
        raise Refused("quotas.nobody_on_the_roster")
    return basis


def expected(act: Act, congress: Congress) -> Expected:
    return Expected(
        congress.total_seats,
        {unit.code: unit.name for unit in congress.units},
        {category.code: category.name for category in congress.categories},
        assigned_leaders_of(act.session, congress),
    )


def base_of(act: Act, congress: Congress, basis: Basis, like: Scheme) -> dict[str, Any]:
    """The base of a version like this one: the roster's, or a workbook's for as long as it is about this congress."""
    if not like.source:
        return basis.problem
    if wrong := mismatches(like.base, expected(act, congress)):
        raise Invalid(wrong)
    return like.base


def rules_of(congress: Congress, scheme: Scheme) -> list[Ruled]:
    """The locked changes of a scheme, each still in the name of who made it."""
    return [rule for rule in changes_made(congress, scheme) if rule.change.locked]


def changes_made(congress: Congress, scheme: Scheme) -> list[Ruled]:
    """All changes of a scheme, locked or not, with who made them and why."""
    return [
        Ruled(change, row.reason, row.author_id, row.made_at)
        for row, change in zip(scheme.changes, changes_of(congress, scheme), strict=True)
    ]


def rules_from(act: Act, changes: Iterable[Change], reason: str, before: Iterable[Ruled] = ()) -> list[Ruled]:
    """Changes made in this act; without a reason of its own, that they mend rules which contradict each other.

    Of one that takes the place of another number (`before`) the reason keeps what was there and why.
    """
    because = reason.strip() or sentence("quotas.to_mend_rules").zh
    earlier = {rule.change.place: rule for rule in before}
    return [
        Ruled(as_rule(change), _because(because, change, earlier.get(change.place)), act.person_id, act.now)
        for change in changes
    ]


def _because(because: str, change: Change, earlier: Ruled | None) -> str:
    if earlier is None or earlier.change.seats == change.seats:
        return because
    # Mended once more, it still says what was meant at first.
    if earlier.reason.startswith(because):
        return earlier.reason
    params = {"because": because, "seats": earlier.change.seats, "reason": earlier.reason}
    whole = sentence("quotas.in_place_of", params).zh
    return whole if len(whole) <= LONGEST_REASON else whole[: LONGEST_REASON - 1] + "…"


def with_later(rules: Sequence[Ruled], later: Sequence[Ruled]) -> list[Ruled]:
    """All of them, where a later one takes the place of an earlier."""
    return list({rule.change.place: rule for rule in (*rules, *later)}.values())


def new_version(
    act: Act,
    congress: Congress,
    basis: Basis,
    base: dict[str, Any],
    rules: Sequence[Ruled],
    *,
    note: str,
    source: str,
    writers: Iterable[int] = (),
) -> Scheme:
    """The next version, a draft; `writers` are the persons whose base it takes over. Raises Impossible; then nothing is stored."""
    last = act.session.scalar(select(func.max(Scheme.number)).where(Scheme.congress_id == congress.id)) or 0
    scheme = Scheme(
        congress_id=congress.id,
        number=last + 1,
        state=SchemeState.DRAFT,
        note=note.strip(),
        source=source,
        author_id=act.person_id,
    )
    _answer(act, congress, scheme, basis, base, rules)
    act.session.add(scheme)
    act.session.flush()
    _store(act, congress, scheme, rules)
    # Whoever made a rule that this version is computed with has written a part of it.
    for person_id in {act.person_id, *writers, *(rule.author_id for rule in rules)}:
        add_author(act, scheme, person_id)
    return scheme


def refill(
    act: Act, congress: Congress, scheme: Scheme, basis: Basis, base: dict[str, Any], rules: Sequence[Ruled]
) -> None:
    """The same version computed anew, with these rules and no other change. Raises Impossible."""
    _answer(act, congress, scheme, basis, base, rules)
    _store(act, congress, scheme, rules)
    add_author(act, scheme, act.person_id)


def _answer(
    act: Act, congress: Congress, scheme: Scheme, basis: Basis, base: dict[str, Any], rules: Sequence[Ruled]
) -> None:
    changes = [rule.change for rule in rules]
    assigned = assigned_leaders_of(act.session, congress)
    judge_all(base, changes, assigned)
    problem = applied(base, changes)
    allocation = solved(problem, changes, assigned, from_workbook=bool(scheme.source))
    scheme.base, scheme.problem, scheme.allocation = base, problem, allocation
    scheme.hash = digest({"problem": problem, "allocation": allocation})
    scheme.basis, scheme.basis_hash = basis.figures, basis.hash
    scheme.computed_at = act.now


def _store(act: Act, congress: Congress, scheme: Scheme, rules: Sequence[Ruled]) -> None:
    """The cells of the answer and the rows of its rules, in place of what was there."""
    act.session.flush()
    act.session.execute(delete(SchemeCell).where(SchemeCell.scheme_id == scheme.id))
    act.session.add_all(_cells(act, congress, scheme))
    rows = dict(zip((change.place for change in changes_of(congress, scheme)), scheme.changes, strict=True))
    for place in rows.keys() - {rule.change.place for rule in rules}:
        act.session.delete(rows[place])
    for rule in rules:
        row = rows.get(rule.change.place)
        set_change(congress, scheme, rule, row) if row is not None else act.session.add(
            set_change(congress, scheme, rule)
        )
    act.session.flush()
    act.session.expire(scheme, ["cells", "changes"])


def _cells(act: Act, congress: Congress, scheme: Scheme) -> list[SchemeCell]:
    units = {unit.code: unit for unit in congress.units}
    categories = {category.code: category for category in congress.categories}
    assigned = assigned_by_unit(act.session, congress.id)
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


def set_change(congress: Congress, scheme: Scheme, made: Ruled, row: HandChange | None = None) -> HandChange:
    """The row of a change, a new one where there is none yet, with what the solver alone gives its place."""
    change = made.change
    if row is None:
        row = HandChange(
            scheme_id=scheme.id,
            kind=change.kind,
            unit_id=next((unit.id for unit in congress.units if unit.code == change.unit), None),
            category_id=next((one.id for one in congress.categories if one.code == change.category), None),
            group_code=change.group,
        )
    row.seats, row.locked, row.reason = change.seats, change.locked, made.reason
    row.author_id, row.made_at = made.author_id, made.made_at
    row.computed, row.computed_share = computed(scheme.base, change)
    return row


def add_author(act: Act, scheme: Scheme, person_id: int) -> None:
    """Whoever has written a part of a version does not decide on it."""
    if person_id not in authors(act.session, scheme):
        act.session.add(SchemeAuthor(scheme_id=scheme.id, person_id=person_id))
        act.session.flush()
