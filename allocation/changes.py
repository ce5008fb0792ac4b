"""The numbers of a problem by their paths: which of them can be changed, what they are, and the problem with some changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from allocation.problem import LARGEST_REMAINDER, CellRule, Line, Problem
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
    known = estimated(book)
    own = [_number(rule) for rule in known.rules]
    # The ends of lines whose totals cannot be derived may be what stands in the way.
    return own + [_number(rule) for rule in book.rules if rule not in set(known.rules)]


def estimated(book: Rulebook) -> Rulebook:
    """The rules with totals for lines from whose shares none can be derived: what each share comes to, rounded down.

    Units cannot be derived because of their ends alone, which are rules themselves.
    """
    problem = book.problem
    if "category" not in book.underivable or problem.category_rounding != LARGEST_REMAINDER:
        return book
    rules = [rule for rule in book.rules if rule.kind != "category" or rule.exact]
    for at, line in enumerate(problem.categories):
        if line.weight is not None:
            seats = int(line.weight * problem.total)
            rules.append(Rule(f"categories[{at}].share", f"categories[{at}].seats", "category", (at,), seats, seats))
    return replace(book, rules=tuple(rules))


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

    def cells(name: str, given: tuple[CellRule, ...]) -> tuple[CellRule, ...]:
        if not any(path.startswith(name) for path in values):
            return given
        return tuple(
            replace(rule, seats=values.get(f"{name}[{at}].seats", rule.seats)) for at, rule in enumerate(given)
        )

    return replace(
        problem,
        total=values.get(TOTAL, problem.total),
        units=lines("units", problem.units),
        categories=lines("categories", problem.categories),
        at_least=cells("at_least", problem.at_least),
        at_most=cells("at_most", problem.at_most),
        groups=tuple(
            replace(
                group, min=values.get(f"groups[{at}].min", group.min), max=values.get(f"groups[{at}].max", group.max)
            )
            for at, group in enumerate(problem.groups)
        ),
    )
