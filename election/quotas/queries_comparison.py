"""Schemes as `comparison` and `methods` take them, from what is kept with each. Changes nothing; no statement of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from allocation import Allocation, allocate, read_problem
from allocation.solve import Unsolved
from election.congress.models import Congress
from election.quotas.comparison import Deviation, Division, Matrix, Shares, deviation
from election.quotas.hand import shown
from election.quotas.methods import Variant, variants
from election.quotas.models import Scheme
from election.quotas.queries import changes_of, explanation, unsettled
from election.store.audit import digest

KEPT = 16


@dataclass(frozen=True, slots=True)
class Measure:
    """The fair shares of scheme `number`, units × categories; `by_rules`: of its rules alone, without any change by hand."""

    number: int
    by_rules: bool
    shares: Shares


@dataclass(frozen=True, slots=True)
class ComparedScheme:
    """A scheme with its figures, measured by `measure`. `possible`: its rules alone can be met, without its changes by hand.

    `changes` by hand, of which the computed answer does not know `unsettled`.
    """

    scheme: Scheme
    division: Division
    deviation: Deviation
    measure: Measure
    possible: bool
    changes: int
    unsettled: int


def compared(congress: Congress, schemes: Sequence[Scheme]) -> tuple[ComparedScheme, ...]:
    """Schemes that `scheme_by_number` read, as their sheets show them, all measured alike.

    A change by hand moves a scheme's own shares along with its seats: measured each by its own, the changed one would look
    the fairer. So the first that has shares by its rules alone measures all; where units or categories differ, none can.
    """
    own = [measure_of(scheme) for scheme in schemes]
    alike = len({_lines(scheme) for scheme in schemes}) == 1
    first = next((one for one in own if one.by_rules), own[0]) if alike else None
    found = []
    for scheme, alone in zip(schemes, own, strict=True):
        measure = first or alone
        seen = seats_shown(congress, scheme)
        found.append(
            ComparedScheme(
                scheme,
                seen,
                deviation(seen.seats, measure.shares),
                measure,
                alone.by_rules,
                len(scheme.changes),
                unsettled(congress, scheme),
            )
        )
    return tuple(found)


def _lines(scheme: Scheme) -> tuple[tuple[str, ...], ...]:
    """Units and categories by code, in their order."""
    return tuple(tuple(line["id"] for line in scheme.problem[side]) for side in ("units", "categories"))


def seats_shown(congress: Congress, scheme: Scheme) -> Division:
    """The seats of a scheme with its changes by hand laid over them, as its sheet shows them."""
    overlays = [line["id"] for line in scheme.problem.get("overlays", ())]
    return division(
        congress,
        scheme.problem,
        shown(scheme.problem, scheme.allocation["seats"], changes_of(congress, scheme)),
        {code: scheme.allocation["overlays"][code] for code in overlays},
    )


def division(congress: Congress, problem: Mapping[str, Any], seats: Matrix, overlays: Mapping[str, Any]) -> Division:
    """Seats of a problem's units and categories, by the names that the congress gives them now."""
    return Division(
        _names(congress.units, problem["units"]),
        _names(congress.categories, problem["categories"]),
        _names(congress.overlays, [line for line in problem.get("overlays", ()) if line["id"] in overlays]),
        seats,
        overlays,
    )


def _names(rows: Iterable[Any], lines: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """code → name, in the problem's order; a line that the congress no longer has keeps the name it had."""
    names = {row.code: row.name for row in rows}
    return {line["id"]: names.get(line["id"], line.get("name", line["id"])) for line in lines}


def by_method(scheme: Scheme) -> tuple[Variant, ...]:
    """The scheme's problem divided by every method, measured by `measure_of` it; kept by the scheme's hash."""
    base = digest(scheme.base)
    return _by_method(_Known(scheme.hash, base, explanation(scheme).allocation, measure_of(scheme).shares))


def measure_of(scheme: Scheme) -> Measure:
    """A locked change makes its own number the fair share: only the rules without it show how far a hand moved away.

    Where those cannot hold together (the changes mend that), the shares are those of the rules with the changes.
    """
    if scheme.base != scheme.problem:
        alone = _alone(_Asked(digest(scheme.base), scheme.base))
        if alone is not None:
            return Measure(scheme.number, True, alone)
    return Measure(scheme.number, scheme.base == scheme.problem, explanation(scheme).allocation.fair_shares)


@dataclass(frozen=True, slots=True)
class _Known:
    hash: str
    base: str
    answer: Allocation = field(compare=False)
    shares: Shares = field(compare=False)


@lru_cache(KEPT)
def _by_method(known: _Known) -> tuple[Variant, ...]:
    return variants(known.answer, known.shares)


@dataclass(frozen=True, slots=True)
class _Asked:
    hash: str
    problem: Mapping[str, Any] = field(compare=False)


@lru_cache(KEPT)
def _alone(asked: _Asked) -> Shares | None:
    try:
        answer = allocate(read_problem(asked.problem), second_engine=False)
    except Unsolved:
        return None
    return answer.fair_shares if answer.allocated else None
