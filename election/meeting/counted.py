"""Which venue's groups count whose ballots, and where so few would be counted alone that their votes would show. Pure.

A secret vote is not secret in the figures of a handful (edge case 15): a mobile box is always counted with another
venue's ballots, any venue may be, and the figures of one that is not and has too few present are shown to nobody apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

# Venue → the venue whose groups count it, None where it counts by itself.
CountedWith = Mapping[int, int | None]


def counting_of(venue_id: int, counted_with: CountedWith) -> int:
    """The venue whose groups count this one's ballots."""
    elsewhere = counted_with[venue_id]
    return venue_id if elsewhere is None else elsewhere


def counted_at(venue_id: int, counted_with: CountedWith) -> list[int]:
    """The venues whose ballots are counted in this one, itself first; none where it is counted elsewhere."""
    if counted_with[venue_id] is not None:
        return []
    return [venue_id, *(other for other, at in counted_with.items() if at == venue_id)]


def present_where_counted(present: Mapping[int, int | None], counted_with: CountedWith) -> dict[int, int]:
    """Counting venue → how many are present whose ballots are counted there."""
    found: dict[int, int] = {}
    for venue_id in counted_with:
        at = counting_of(venue_id, counted_with)
        found[at] = found.get(at, 0) + (present.get(venue_id) or 0)
    return found


def name_where_counted(venue_id: int, names: Mapping[int, str], counted_with: CountedWith) -> str:
    """A counting venue's name, with those whose ballots are counted there too: what stands on its forms."""
    others = [names[one] for one in counted_at(venue_id, counted_with) if one != venue_id]
    return names[venue_id] + (f"（含{'、'.join(others)}）" if others else "")


def too_few(present: Mapping[int, int], least: int) -> set[int]:
    """The counting venues with fewer than `least` ballots' voters, where there are several: the only one is the whole unit.
    One that nobody came to shows nobody's vote.
    """
    if sum(number > 0 for number in present.values()) < 2:
        return set()
    return {venue_id for venue_id, number in present.items() if 0 < number < least}


def withheld(present: Mapping[int, int], least: int) -> set[int]:
    """The counting venues whose figures nobody is shown apart. Not those of too few alone: what the sum less the figures
    that are shown leaves over must be of `least` at least, so that the next smaller ones are withheld too.
    """
    hidden = too_few(present, least)
    if not hidden:
        return set()
    rest = sorted((number, venue_id) for venue_id, number in present.items() if venue_id not in hidden and number)
    while rest and (len(hidden) < 2 or _sum(present, hidden) < least):
        hidden.add(rest.pop(0)[1])
    return hidden


def _sum(present: Mapping[int, int], venues: Collection[int]) -> int:
    return sum(present[venue_id] for venue_id in venues)


def together(values: Iterable[int | None]) -> int | None:
    """The sum of what several venues recorded; None while one of them has not."""
    known = list(values)
    return None if not known or None in known else sum(one or 0 for one in known)
