"""What lies on the table while one allocation is checked: the problem, the claim, and what has failed so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from allocation.claim import Claim, ClaimedNumbers
from allocation.problem import Group, Problem
from allocation.texts import sentence
from allocation.totals import Ranges


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that keeps an allocation from being certified, at its place in the allocation, in words."""

    code: str
    place: str
    zh: str
    en: str


@dataclass
class Bench:
    """What lies on the table while one allocation is checked."""

    problem: Problem
    claim: Claim
    rows: Ranges
    columns: Ranges
    lower: list[list[int]]
    upper: list[list[int]]
    failures: list[Failure] = field(default_factory=list)

    def fail(self, code: str, place: str, **params: object) -> None:
        zh, en = sentence(code, params)
        self.failures.append(Failure(code, place, zh, en))

    def numbers(self) -> ClaimedNumbers:
        assert self.claim.numbers is not None
        return self.claim.numbers


def group_range(problem: Problem, group: Group) -> tuple[int, int]:
    return group.min or 0, problem.total + 1 if group.max is None else group.max
