"""The fewest and smallest changes where totals are derived: changing one of them moves others, so that each must be tried.

Trouble by trouble: only a number that lessens what cannot hold is changed, by the least amount that mends it. Exact as far
as `MOST_WORK` reaches, which is far beyond small problems; after that the best that was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf

from allocation.changes import Number, applied, numbers
from allocation.holding import Bounds, Breach, Holding
from allocation.rulebook import TOTAL, Rule, Rulebook, line_rules
from allocation.totals import NoTotals

MOST_WORK = 30_000  # trials × numbers
MOST_RULES = 3
NONE = 1e-6  # no violation

Values = Mapping[str, int]
Cost = tuple[int, int, bool, int, int, tuple[tuple[int, int], ...]]


class Exhausted(Exception):
    """More had to be tried than may be."""


@dataclass(frozen=True)
class State:
    """The rules of a changed problem, or why its totals cannot be derived."""

    rules: list[Rule]
    bounds: Bounds
    error: NoTotals | None


@dataclass(frozen=True)
class Trouble:
    """Why a changed problem cannot be solved: totals that cannot be derived, or a breach."""

    error: NoTotals | None
    breach: Breach | None


class Search:
    """Tries changes of one problem."""

    def __init__(self, book: Rulebook, holding: Holding) -> None:
        self.book = book
        self.holding = holding
        self.numbers = numbers(book)
        # As far as taking every least number back, though the total be nothing.
        falling = sum(number.now for number in self.numbers if number.signs == (-1,))
        self.farthest = max(2 * book.problem.total + max(number.now for number in self.numbers), falling)
        self.place = {number.fix: at for at, number in enumerate(self.numbers)}
        self.others = [rule for rule in book.rules if rule.kind in ("cell", "group")]
        self.lines: dict[tuple[str, frozenset[tuple[str, int]]], tuple[list[Rule], NoTotals | None]] = {}
        self.breaches: list[Breach] = []
        self.usable = self.numbers
        self.named: set[str] = set()
        self.tried = 0
        self.best: dict[str, int] | None = None

    def cost(self, values: Values) -> Cost:
        """Fewest rules, least change, without the total; then given numbers before derived ones, those that the trouble
        names before others, the earliest."""
        changed = tuple(sorted((self.place[path], value) for path, value in values.items()))
        size = sum(abs(value - self.numbers[at].now) for at, value in changed)
        derived = sum(self.numbers[at].fix != self.numbers[at].of for at, _ in changed)
        indirect = len(values.keys() - self.named)
        return len(changed), size, TOTAL in values, derived, indirect, changed

    def better_than(self, values: Values | None) -> dict[str, int] | None:
        """The changes of least cost that were found, at worst those given.

        The total is changed only where that takes no more change than leaving it: it moves every total derived from it.
        """
        first = self.trouble({})
        self.named = {rule.fix for rule in first.breach.rules} if first and first.breach else set()
        self.best = None if values is None or TOTAL in values else dict(values)
        with suppress(Exhausted):
            self._look([number for number in self.numbers if number.fix != TOTAL], self.farthest)
        if self.best is None:
            self.best = None if values is None else dict(values)
        self.tried = 0
        with suppress(Exhausted):
            self._look(self.numbers, self.cost(self.best)[1] if self.best else self.farthest)
        return self.best

    def eased(self, values: Values) -> dict[str, int] | None:
        """The changes together with those of the ends that keep lines' totals from being derived, each moved as little as the
        others allow; None when that mends nothing.
        """
        ends = [number for number in self.numbers if number.kind in self.book.underivable and len(number.signs) == 1]
        ends = [number for number in ends if number.fix not in values]
        found = {**values, **{end.fix: 0 if end.signs == (-1,) else end.now + self.farthest for end in ends}}
        with suppress(Exhausted):
            if self.trouble(found) is None:
                for end in ends:
                    while found[end.fix] != end.now:
                        nearer = {**found, end.fix: found[end.fix] - end.signs[0]}
                        if self.trouble(nearer) is not None:
                            break
                        found = nearer
                return {fix: value for fix, value in found.items() if value != self.numbers[self.place[fix]].now}
        return None

    def _look(self, usable: list[Number], farthest: int) -> None:
        """Changes of one number, then of one number anew among those found, then of ever more."""
        self.usable, self.farthest = usable, farthest
        self._descend({}, 1, farthest)
        while self.best is not None and len(self.best) > 1 and self._refitted():
            pass
        for count in range(2, (len(self.best) if self.best else MOST_RULES) + 1):
            reach = 0
            while reach < farthest and not (self.best and self.cost(self.best)[:2] <= (count, reach)):
                reach = min(max(4 * reach, count), farthest)
                self._descend({}, count, reach)
            if self.best and len(self.best) <= count:
                break

    def trouble(self, values: Values) -> Trouble | None:
        """What keeps the problem so changed from being solved."""
        state = self._state(values)
        if state.error is not None:
            return Trouble(state.error, None)
        for known in self.breaches:
            if _violation(known, state.bounds) > NONE:
                return Trouble(None, known)
        found = self.holding.breach(state.rules)
        if found is None:
            return None
        if found.proved:
            self.breaches.append(found)
        return Trouble(None, found)

    def _state(self, values: Values) -> State:
        """The rules of the changed problem; what does not depend on the changes is not derived again. Raises Exhausted."""
        self.tried += 1
        if self.tried * len(self.numbers) > MOST_WORK:
            raise Exhausted
        total = values.get(TOTAL, self.book.problem.total)
        rules = [Rule(TOTAL, TOTAL, "total", (), total, total)]
        error: NoTotals | None = None
        for kind, side in (("unit", "units["), ("category", "categories[")):
            mine = {path: value for path, value in values.items() if path == TOTAL or path.startswith(side)}
            key = (kind, frozenset(mine.items()))
            if key not in self.lines:
                self.lines[key] = line_rules(applied(self.book.problem, mine), kind)
            found, why = self.lines[key]
            rules += found
            error = error or why
        rules += [rule.changed(values[rule.fix] - rule.number) if rule.fix in values else rule for rule in self.others]
        return State(rules, Bounds.of(rules), error)

    def _left(self, trouble: Trouble, values: Values) -> float:
        """How far the changed problem is from not having this trouble; 0 without it."""
        state = self._state(values)
        if trouble.error is not None:
            same = state.error is not None and (state.error.code, state.error.side) == (
                trouble.error.code,
                trouble.error.side,
            )
            return state.error.short if same and state.error is not None else 0.0
        assert trouble.breach is not None
        if state.error is not None:
            return inf
        if not trouble.breach.proved:
            return float(self.holding.breach(state.rules) is not None)
        return max(_violation(trouble.breach, state.bounds), 0.0)

    def _descend(self, values: dict[str, int], left: int, reach: int) -> None:
        """Changes `left` more numbers, all together by no more than `reach`."""
        trouble = self.trouble(values)
        if trouble is None:
            self._record(values)
            return
        spent = self.cost(values)[1]
        before = self._left(trouble, values)
        for number in self._touching(trouble):
            for sign in number.signs if number.fix not in values else ():
                if left == 1:
                    self._fit(number, sign, values, trouble, reach)
                    continue
                size = 1
                while spent + size + left - 1 <= self._most(len(values) + left, reach):
                    changed = {**values, number.fix: number.now + sign * size}
                    if changed[number.fix] < 0:
                        break
                    # Where no totals can be derived any more, only the next change tells whether this one was of use.
                    if self._left(trouble, changed) < before or self._left(trouble, changed) == inf:
                        self._descend(changed, left - 1, reach)
                    size += 1

    def _fit(self, number: Number, sign: int, values: dict[str, int], trouble: Trouble, reach: int) -> None:
        """Changes one more number by the least amount after which no trouble is left."""
        most = self._most(len(values) + 1, reach) - self.cost(values)[1]
        if sign < 0:
            most = min(most, number.now)
        size = 0
        now: Trouble | None = trouble
        while now is not None:
            size = self._least(number, sign, values, now, size + 1, most)
            if not size:
                return
            now = self.trouble({**values, number.fix: number.now + sign * size})
        self._record({**values, number.fix: number.now + sign * size})

    def _least(self, number: Number, sign: int, values: Values, trouble: Trouble, start: int, most: int) -> int:
        """The least size from `start` to `most` without this trouble, 0 when there is none: more change never hurts again."""

        def left(size: int) -> float:
            return self._left(trouble, {**values, number.fix: number.now + sign * size})

        low, step = start - 1, 1
        while True:
            high = min(low + step, most)
            if high <= low:
                return 0
            now = left(high)
            if now == inf:
                most, step = high - 1, max(step // 2, 1)  # so much that no totals can be derived
            elif now <= NONE:
                break
            else:
                low, step = high, 2 * step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if left(middle) <= NONE else (middle, high)
        return high

    def _refitted(self) -> bool:
        """Whether the best became better by fitting one of its numbers anew, or another in its place."""
        assert self.best is not None
        before = self.cost(self.best)
        for path in list(self.best):
            rest = {other: value for other, value in self.best.items() if other != path}
            if self.cost(self.best) < before:
                break
            self._descend(rest, 1, self.farthest)
        return self.cost(self.best) < before

    def _record(self, values: dict[str, int]) -> None:
        if self.best is None or self.cost(values) < self.cost(self.best):
            self.best = values

    def _most(self, count: int, reach: int) -> int:
        if self.best is not None and len(self.best) <= count:
            return min(reach, self.cost(self.best)[1])
        return reach

    def _touching(self, trouble: Trouble) -> list[Number]:
        """The numbers that have a say in what cannot hold; where totals are derived, every one of their side has."""
        if trouble.breach is not None and not trouble.breach.proved:
            return self.usable
        rules = trouble.breach.rules if trouble.breach else []
        kinds = self.book.derived & {rule.kind for rule in rules}
        if trouble.error is not None:
            kinds = frozenset({"unit" if trouble.error.side == "units" else "category"})
        paths = {rule.fix for rule in rules}
        return [
            number
            for number in self.usable
            if number.kind in kinds or number.fix in paths or (number.fix == TOTAL and kinds)
        ]


def _violation(breach: Breach, bounds: Bounds) -> float:
    """By how much the rules of a breach, with the numbers they now have, ask for more than is left."""
    need = sum(
        factor * bounds.low[rule.kind, rule.place][0]
        for rule, factor in breach.demand
        if (rule.kind, rule.place) in bounds.low
    )
    for rule, factor in breach.limits:
        if (rule.kind, rule.place) not in bounds.high:
            return -inf
        need -= factor * bounds.high[rule.kind, rule.place][0]
    return need
