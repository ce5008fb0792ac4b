"""Asks the allocator: the proved answer to a problem, and what the solver alone gives a place that was changed by hand.

Pure: the same problem, the same answer; what was solved lately is kept. Stores nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

from allocation import allocate, check, read_allocation, read_problem
from allocation.answer import six_decimals
from allocation.explain import Explanation
from allocation.solve import Unsolved
from election.errors import Refused
from election.quotas.hand import Change, ids
from election.quotas.hand_limits import Assigned
from election.quotas.impossible import Impossible, contradictions
from election.quotas.models import ChangeKind as Kind

KEPT = 16


def solved(
    problem: Mapping[str, Any], changes: Sequence[Change], assigned: Assigned, *, from_workbook: bool
) -> dict[str, Any]:
    """allocation/1 of a problem with `changes` applied; both engines have agreed and the certificate holds.

    Raises Impossible, or Refused where no answer could be proved.
    """
    asked = read_problem(problem)
    try:
        answer = allocate(asked)
    except Unsolved:
        raise Refused("quotas.not_proved") from None
    if not answer.allocated:
        raise Impossible(contradictions(problem, answer.conflicts, changes, assigned, from_workbook=from_workbook))
    allocation: dict[str, Any] = answer.to_json()
    if check(asked, allocation):
        # Never shown as a scheme: an answer that does not prove itself is a fault of the program.
        raise RuntimeError("the allocation does not prove itself")
    return allocation


@dataclass(frozen=True, slots=True)
class _Stored:
    """A problem with its answer, known by the hash of both."""

    hash: str
    problem: Mapping[str, Any] = field(compare=False)
    allocation: Mapping[str, object] = field(compare=False)


def explained(hash_: str, problem: Mapping[str, Any], allocation: Mapping[str, object]) -> Explanation:
    """Why each cell of a stored answer has its seats. Raises NotCertified when the answer does not prove itself."""
    return _explained(_Stored(hash_, problem, allocation))


@lru_cache(KEPT)
def _explained(stored: _Stored) -> Explanation:
    return Explanation(read_allocation(read_problem(stored.problem), stored.allocation))


@lru_cache(KEPT)
def _alone(base: str) -> Mapping[str, Any] | None:
    try:
        answer = allocate(read_problem(json.loads(base)), second_engine=False)
    except Unsolved:
        return None
    return answer.to_json() if answer.allocated else None


def computed(base: Mapping[str, Any], change: Change) -> tuple[int | None, str]:
    """What the solver gives the cell or line of a change without any change by hand, and its exact share.

    (None, "") for a bound, and where the rules leave no division at all.
    """
    answer = _alone(json.dumps(base, sort_keys=True, ensure_ascii=False))
    if answer is None:
        return None, ""
    if change.kind is Kind.CELL and change.unit is not None and change.category is not None:
        at, across = ids(base, "units")[change.unit], ids(base, "categories")[change.category]
        return int(answer["seats"][at][across]), str(answer["fair_shares"][at][across])
    if change.kind is Kind.UNIT and change.unit is not None:
        at = ids(base, "units")[change.unit]
        return int(answer["unit_seats"][at]), _proportional(base, "units", at)
    if change.kind is Kind.CATEGORY and change.category is not None:
        at = ids(base, "categories")[change.category]
        return int(answer["category_seats"][at]), _proportional(base, "categories", at)
    return None, ""


def _proportional(base: Mapping[str, Any], side: str, at: int) -> str:
    """The share of a derived line of what its side divides, before any bound; nothing for a given or free line."""
    key = "weight" if side == "units" else "share"
    lines = base[side]
    if key not in lines[at]:
        return ""
    left = base["total"] - sum(int(line.get("seats", 0)) for line in lines)
    own = Fraction(str(lines[at][key]))
    if side == "categories":
        quota = own * base["total"]
    else:
        whole = sum((Fraction(str(line[key])) for line in lines if key in line), Fraction(0))
        quota = own * left / whole if whole else Fraction(0)
    return six_decimals(quota.numerator, quota.denominator)
