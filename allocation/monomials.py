"""Numbers that must multiply to given fractions: solves for some in terms of others, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction


class NoExactNumbers(Exception):
    """The equations have no solution in fractions."""


class Monomials:
    """Each number is free, or a constant times powers of free ones. Later numbers stay free longer than earlier ones."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.solved: dict[int, tuple[Fraction, dict[int, int]]] = {}
        self.named: set[int] = set()

    def pin(self, number: int, value: Fraction) -> None:
        """Gives a number its value."""
        self.equate([number], value)

    def equate(self, numbers: Sequence[int], value: Fraction) -> None:
        """The product of the numbers is the value. Raises NoExactNumbers when that cannot be."""
        constant, powers = Fraction(1), dict[int, int]()
        self.named.update(numbers)
        for number in numbers:
            factor, inner = self.solved.get(number, (Fraction(1), {number: 1}))
            constant *= factor
            for other, power in inner.items():
                powers[other] = powers.get(other, 0) + power
        powers = {other: power for other, power in powers.items() if power}
        if not powers:
            if constant != value:
                raise NoExactNumbers
            return
        pivot = next((other for other in sorted(powers) if abs(powers[other]) == 1), None)
        if pivot is None:
            raise NoExactNumbers
        sign = powers.pop(pivot)
        factor = value / constant if sign == 1 else constant / value
        inner = {other: -power * sign for other, power in powers.items()}
        for number, (old, parts) in list(self.solved.items()):
            if pivot in parts:
                power = parts.pop(pivot)
                for other, more in inner.items():
                    parts[other] = parts.get(other, 0) + more * power
                self.solved[number] = (old * factor**power, {o: p for o, p in parts.items() if p})
        self.solved[pivot] = (factor, inner)

    def follows(self, number: int) -> bool:
        """Whether the number is fixed by others."""
        return number in self.solved

    def bound(self, number: int) -> bool:
        """Whether the number stands in any equation."""
        return number in self.named

    def values(self, chosen: Mapping[int, Fraction]) -> dict[int, Fraction]:
        """The free numbers as chosen and all that follow from them."""
        result = dict(chosen)
        for number, (factor, parts) in self.solved.items():
            value = factor
            for other, power in parts.items():
                value *= chosen[other] ** power
            result[number] = value
        return result
