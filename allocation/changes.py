"""The numbers of a problem by their paths: which of them can be changed, what they are, and the problem with some changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from allocation.problem import Line, Problem
from allocation.rulebook import TOTAL, Rule, Rulebook


@dataclass(frozen=True, slots=True)
class Number:
    """A number that can be changed at `fix`; `of` is the rule that it stretches (a weight, a share, or itself).

    `signs` are the directions that can help: a lower end only falls, an upper end only rises.
    """

    fix: str
    of: str
    kind: str
    now: int
    signs: tuple[int, ...]


def numbers(book: Rulebook) -> list[Number]:
    """The numbers of a problem in the order of its rules; a derived total as seats, estimated where none can be derived."""
    found = [_number(rule) for rule in book.rules]
    for kind in sorted(book.underivable):
        side, lines = ("units", book.problem.units) if kind == "unit" else ("categories", book.problem.categories)
        for at, line in enumerate(lines):
            if line.weight is not None:
                share = int(line.weight * book.problem.total) if kind == "category" else line.min or 0
                of = f"{side}[{at}].{'weight' if kind == 'unit' else 'share'}"
                found = [number for number in found if number.of != of]
                found.append(Number(f"{side}[{at}].seats", of, kind, share, (-1, 1)))
    return found


def _number(rule: Rule) -> Number:
    signs = (-1, 1) if rule.exact or rule.path != rule.fix else (-1,) if rule.low is not None else (1,)
    return Number(rule.fix, rule.path, rule.kind, rule.number, signs)


def applied(problem: Problem, values: Mapping[str, int]) -> Problem:
    """The problem with numbers replaced by path; seats given to a derived or free line replace what it had."""

    def lines(side: str, given: tuple[Line, ...]) -> tuple[Line, ...]:
        result = []
        for at, line in enumerate(given):
            if f"{side}[{at}].seats" in values:
                line = Line(line.id, line.name, seats=values[f"{side}[{at}].seats"])
            else:
                if f"{side}[{at}].min" in values:
                    line = replace(line, min=values[f"{side}[{at}].min"])
                if f"{side}[{at}].max" in values:
                    line = replace(line, max=values[f"{side}[{at}].max"])
            result.append(line)
        return tuple(result)

    return replace(
        problem,
        total=values.get(TOTAL, problem.total),
        units=lines("units", problem.units),
        categories=lines("categories", problem.categories),
        at_least=tuple(
            replace(rule, seats=values.get(f"at_least[{at}].seats", rule.seats))
            for at, rule in enumerate(problem.at_least)
        ),
        at_most=tuple(
            replace(rule, seats=values.get(f"at_most[{at}].seats", rule.seats))
            for at, rule in enumerate(problem.at_most)
        ),
        groups=tuple(
            replace(
                group, min=values.get(f"groups[{at}].min", group.min), max=values.get(f"groups[{at}].max", group.max)
            )
            for at, group in enumerate(problem.groups)
        ),
    )
