"""Plausible votes for the demo's branch ballots and count forms. Pure: a seeded generator in, counts out.

Whatever it makes passes every check of a count form: it plays the voters, not the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Ending(StrEnum):
    """How a contest is to end."""

    DECIDED = "decided"
    TIE = "tie"
    SHORTFALL = "shortfall"


@dataclass(frozen=True, slots=True)
class Ballots:
    """One section's ballots. valid + spoiled = returned."""

    issued: int
    returned: int
    valid: int
    spoiled: int


@dataclass(frozen=True, slots=True)
class Counts:
    """A candidate's for, against and abstain; their sum is the valid ballots."""

    votes_for: int
    against: int
    abstain: int


def ballots(random: Random, present: int) -> Ballots:
    """Nearly everything comes back, a ballot or two is spoiled."""
    returned = present - random.choice((0, 0, 0, 1)) if present > 20 else present
    spoiled = random.choice((0, 0, 1, 1, 2)) if returned > 60 else 0
    return Ballots(present, returned, returned - spoiled, spoiled)


def contest(random: Random, seats: int, standing: int, expected: int, valid: int, ending: Ending) -> list[Counts]:
    """Counts for the candidates in ballot order, so that the contest ends as asked; uncontested where all can win.

    A voter marks at most `seats` names: the sum of the votes stays within valid × seats.
    """
    half = expected // 2
    if standing <= seats:
        wanted = [valid - random.randrange(0, max(2, valid // 25)) for _ in range(standing)]
    else:
        wanted = _contested(random, seats, standing, half, valid, ending)
    # The strongest name should not always stand first on the ballot.
    random.shuffle(wanted)
    return [_spread(random, votes, valid) for votes in wanted]


def _contested(random: Random, seats: int, standing: int, half: int, valid: int, ending: Ending) -> list[int]:
    """Winners between the majority and all votes, losers below it; distinct numbers but for a wanted tie."""
    winners = seats if ending is Ending.DECIDED else seats - 1
    tied = [half + 1, half + 1] if ending is Ending.TIE else []
    highest_winner = valid if not tied else min(valid, (valid * seats - sum(tied)) // max(winners, 1))
    room = max(0, highest_winner - half - 2)
    top = [
        half + 2 + room * (winners - place) // (winners + 1) - random.randrange(0, room // 12 + 1)
        for place in range(winners)
    ]
    taken = sorted((max(half + 2, votes) for votes in top), reverse=True) + tied
    left = valid * seats - sum(taken)
    losers = standing - len(taken)
    for place in range(losers):
        share = max(0, min(half - 1 - 2 * place, left // (losers - place) - random.randrange(0, max(1, half // 6))))
        taken.append(share)
        left -= share
    return taken


def can_tie(seats: int, standing: int, expected: int, valid: int) -> bool:
    """Whether two names above the majority across the cut leave the voters' marks within valid × seats."""
    half = expected // 2
    return seats >= 2 and standing > seats and (seats - 1) * (half + 2) + 2 * (half + 1) <= valid * seats


def _spread(random: Random, votes: int, valid: int) -> Counts:
    rest = valid - votes
    abstain = random.randrange(0, rest // 6 + 1)
    return Counts(votes, rest - abstain, abstain)


def branch_counts(random: Random, expected: int, valid: int, passes: bool) -> Counts:
    """An applicant's counts in a branch ballot: above half of the expected when they are to pass."""
    half = expected // 2
    least, most = (half + 1, valid) if passes else (half // 2, half)
    return _spread(random, random.randint(least, most), valid)
