"""Schemes as `comparison` and `methods` take them, from what is kept with each. Changes nothing; no statement of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
class ComparedScheme:
    """A scheme with its figures. `by_rules`: the fair shares are those of the rules alone, without any change by hand.

    `changes` by hand, of which the computed answer does not know `unsettled`.
    """

    scheme: Scheme
    division: Division
    deviation: Deviation
    by_rules: bool
    changes: int
    unsettled: int


def compared(congress: Congress, scheme: Scheme) -> ComparedScheme:
    """A scheme that `scheme_by_number` read, as its sheet shows it."""
    seen = seats_shown(congress, scheme)
    shares, by_rules = _shares_by_rules(scheme)
    return ComparedScheme(
        scheme,
        seen,
        deviation(seen.seats, shares),
        by_rules,
        len(scheme.changes),
        unsettled(congress, scheme),
    )


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
    """The scheme's problem divided by every method; kept by the scheme's hash."""
    return _by_method(_Known(scheme.hash, explanation(scheme).allocation))


def _shares_by_rules(scheme: Scheme) -> tuple[Shares, bool]:
    """A locked change makes its own number the fair share: only the rules without it show how far a hand moved away.

    Where those cannot hold together (the changes mend that), the shares are those of the rules with the changes.
    """
    if scheme.base != scheme.problem:
        alone = _alone(_Asked(digest(scheme.base), scheme.base))
        if alone is not None:
            return alone, True
    return explanation(scheme).allocation.fair_shares, scheme.base == scheme.problem


@dataclass(frozen=True, slots=True)
class _Known:
    hash: str
    answer: Allocation = field(compare=False)


@lru_cache(KEPT)
def _by_method(known: _Known) -> tuple[Variant, ...]:
    return variants(known.answer)


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
