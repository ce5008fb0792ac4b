"""The order of names that somebody set by hand, from the numbers typed at them. Pure: stores nothing, knows no strokes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from election.errors import Refused


def order_by_numbers(shown: Sequence[int], typed: Mapping[int, int | None], names: Mapping[int, str]) -> list[int]:
    """The candidates in their new order. `shown`: as they stood on the page; `typed`: candidate → number, None for none.

    One number changed alone moves that one, and the others close up. Otherwise the numbers are 1, 2, 3 … each once; raises
    Refused naming the number that stands twice, or who has none.
    """
    count = len(shown)
    changed = [one for place, one in enumerate(shown, 1) if typed.get(one) != place]
    if len(changed) == 1 and 1 <= (typed.get(changed[0]) or 0) <= count:
        rest = [one for one in shown if one != changed[0]]
        rest.insert((typed[changed[0]] or 1) - 1, changed[0])
        return rest
    at: dict[int, list[int]] = {}
    for one in shown:
        number = typed.get(one)
        if number is None or not 1 <= number <= count:
            raise Refused("slate.order_number_missing", field="order", name=names[one], most=count)
        at.setdefault(number, []).append(one)
    for number, people in sorted(at.items()):
        if len(people) > 1:
            raise Refused(
                "slate.order_doubled", field="order", number=number, names="、".join(names[one] for one in people)
            )
    return sorted(shown, key=lambda one: typed[one] or 0)
