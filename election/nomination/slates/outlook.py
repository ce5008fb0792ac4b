"""The overlay outlook: could those who stand still elect enough women, enough of at most fifty, at worst and at best?

Values in, values out. It foretells no vote: it counts what the slates leave possible when every seat that can be filled
is filled. An overlay (其中) is never summed with the categories, and a contest never lends a seat to another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ContestFacts:
    """One contest: seats to fill, and of those who stand how many have the fact that the overlay counts and how many not.

    An uncontested contest of assigned leaders is one too: all of its names fill its seats.
    """

    seats: int
    having: int
    lacking: int

    @property
    def filled(self) -> int:
        """How many of the seats can be filled by who stands."""
        return min(self.seats, self.having + self.lacking)

    @property
    def least(self) -> int:
        """Those elected in spite of the voters electing everyone else first."""
        return max(0, self.filled - self.lacking)

    @property
    def most(self) -> int:
        return min(self.seats, self.having)


class Verdict(StrEnum):
    """If the slates fill every seat: `SURE`: reached whoever of them is elected. `OPEN`: reached or not by the vote.
    `OUT_OF_REACH`: by no vote; more must stand.
    """

    SURE = "sure"
    OPEN = "open"
    OUT_OF_REACH = "out_of_reach"


@dataclass(frozen=True, slots=True)
class OverlayOutlook:
    """Over some contests: between `least` and `most` with the fact are elected. `unfilled`: seats nobody stands for.

    `lack`: how many the target lies above the most that any vote can give.
    """

    target: int
    least: int
    most: int
    unfilled: int

    @property
    def verdict(self) -> Verdict:
        if self.least >= self.target:
            return Verdict.SURE
        return Verdict.OPEN if self.most >= self.target else Verdict.OUT_OF_REACH

    @property
    def lack(self) -> int:
        return max(0, self.target - self.most)


def overlay_outlook(contests: Iterable[ContestFacts], target: int) -> OverlayOutlook:
    """Contests are independent (S3.3: 不同类别的票数相互独立), so that their worst and their best can happen together."""
    stand = list(contests)
    return OverlayOutlook(
        target=target,
        least=sum(one.least for one in stand),
        most=sum(one.most for one in stand),
        unfilled=sum(one.seats - one.filled for one in stand),
    )
