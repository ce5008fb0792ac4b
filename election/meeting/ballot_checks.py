"""What may not be recorded of a venue's ballots, and what is asked about first. Pure: figures in, refusals out.

Says everything at once: what is wrong in one field is told although another is still blank.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from election.errors import Refused


@dataclass(frozen=True, slots=True)
class Ballots:
    """发出 and 收回 of one round in one venue. None: a field left blank, and `returned` of all rounds while the vote lasts."""

    issued: int | None
    returned: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands recorded of a round in a venue: issued, and how many were ruled spoiled (None: nothing was said)."""

    issued: int
    spoiled: int | None


@dataclass(frozen=True, slots=True)
class MissingLimits:
    """From where ballots that are missing are asked about, as the rules in force set it: a share in percent, a number."""

    percent: int
    ballots: int

    @classmethod
    def from_rules(cls, rules: Mapping[str, object]) -> MissingLimits:
        """By the names of the catalogue of rules."""
        return cls(*(int(str(rules[name])) for name in MISSING_RULES))

    def reached(self, missing: int, whole: int) -> bool:
        """`missing` of `whole` is a share or a number from which it is asked; none missing never is."""
        return missing > 0 and (missing * 100 >= whole * self.percent or missing >= self.ballots)


MISSING_RULES = ("missing_warning_percent", "missing_warning_ballots")


# Who recorded a venue's figures, and whether after entry had begun.
Author = tuple[int | None, bool]


def rests_on(authors: Collection[Author], person_id: int) -> bool:
    """Whether the figures of a round are one person's work alone: all recorded by them, or one of them changed by them after
    entry had begun.
    """
    mine = [(author == person_id, changed) for author, changed in authors]
    return all(own for own, _ in mine) or any(own and changed for own, changed in mine)


def refusals_of(
    given: Mapping[int, Ballots],
    rounds: Collection[int],
    present: int,
    *,
    voting: bool,
    before: Mapping[int, Standing],
    limits: MissingLimits | None,
) -> list[Refused]:
    """Everything that keeps a venue's ballots of a vote from being recorded, each at its field. `limits` None: that far fewer
    were issued than are present has been said yes to; a number that stands is not asked about again.
    """
    found = [_missing(round_id, "issued") for round_id in sorted(set(rounds) - given.keys())]
    found += [
        Refused("meeting.no_such_round", field=f"ballots.{round_id}.issued")
        for round_id in sorted(given.keys() - set(rounds))
    ]
    for round_id, one in given.items():
        if round_id not in rounds:
            continue
        standing = before.get(round_id)
        asked = standing is None or standing.issued != one.issued
        found += _issued(round_id, one.issued, present, limits if asked else None)
        found += [] if voting else _returned(round_id, one.returned, None if standing is None else standing.spoiled)
    return found


def _missing(round_id: int, name: str) -> Refused:
    return Refused("meeting.ballots_missing", field=f"ballots.{round_id}.{name}")


def _issued(round_id: int, issued: int | None, present: int, limits: MissingLimits | None) -> Sequence[Refused]:
    field = f"ballots.{round_id}.issued"
    if issued is None:
        return [_missing(round_id, "issued")]
    if issued < 0:
        return [Refused("meeting.ballots_negative", field=field)]
    if issued == 0 and present:
        # Who is there votes: nothing handed out is a field typed in haste (RULES edge case 22).
        return [Refused("meeting.none_issued", field=field)]
    if issued > present:
        return [Refused("meeting.issued_over_present", field=field, issued=issued, present=present)]
    if limits is not None and limits.reached(present - issued, present):
        return [Refused("meeting.issued_few", field=field, issued=issued, present=present, missing=present - issued)]
    return []


def _returned(round_id: int, returned: int | None, spoiled: int | None) -> Sequence[Refused]:
    field = f"ballots.{round_id}.returned"
    if returned is None:
        return [_missing(round_id, "returned")]
    if returned < 0:
        return [Refused("meeting.ballots_negative", field=field)]
    if spoiled is not None and spoiled > returned:
        return [Refused("meeting.spoiled_over_returned", field=field, spoiled=spoiled, returned=returned)]
    return []
