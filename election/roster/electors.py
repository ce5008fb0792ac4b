"""Who has a vote, and by which rule. Values in, values out: never looks a member up and never counts a meeting."""

from __future__ import annotations

from dataclasses import dataclass

from election.machine import Words
from election.roster.models import Standing, Suspension

MEMBER_HAS_NO_VOTE_YET = Words(
    "党章第七条；基层条例第五条", "Party Constitution 7; Regulations for Primary Organisations 5"
)
UNDER_WATCH = Words("党章第四十三条；基层条例第五条", "Party Constitution 43; Regulations for Primary Organisations 5")
RIGHTS_SUSPENDED = Words(
    "基层条例第五条；留置、逮捕期间停止行使表决权",
    "Regulations for Primary Organisations 5; rights suspended during retention or arrest",
)
FULL_MEMBER = Words("基层条例第五条", "Regulations for Primary Organisations 5")


@dataclass(frozen=True, slots=True)
class VotingRight:
    """Whether a member votes; `ground` says why (not), `source` where it is written."""

    votes: bool
    ground: Words
    source: Words


def voting_right(standing: Standing, suspension: Suspension | None) -> VotingRight:
    """A full member votes unless under 留党察看, 留置 or 逮捕; a probationary member never does."""
    if standing is Standing.PROBATIONARY:
        return VotingRight(False, Words("预备党员", "probationary member"), MEMBER_HAS_NO_VOTE_YET)
    if suspension is None:
        return VotingRight(True, Words("正式党员", "full member"), FULL_MEMBER)
    source = UNDER_WATCH if suspension is Suspension.UNDER_WATCH else RIGHTS_SUSPENDED
    return VotingRight(False, Words(suspension.zh, suspension.en), source)


def has_vote(standing: Standing, suspension: Suspension | None) -> bool:
    return voting_right(standing, suspension).votes
