"""Who has a vote, since when not and until when, and by which rule. Values in, values out: never looks a member up,
never counts a meeting, and never gives anyone a vote back by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from election.errors import Refused
from election.machine import Words
from election.roster.models import Standing, Suspension

MEMBER_HAS_NO_VOTE_YET = Words(
    "党章第七条；基层条例第五条", "Party Constitution 7; Regulations for Primary Organisations 5"
)
PROBATION_YEARS = 1  # 党章第七条：预备党员的预备期为一年，从支部大会通过之日算起
UNDER_WATCH = Words("党章第四十一条；基层条例第五条", "Party Constitution 41; Regulations for Primary Organisations 5")
RIGHTS_SUSPENDED = Words(
    "基层条例第五条；留置、逮捕期间停止行使表决权",
    "Regulations for Primary Organisations 5; rights suspended during retention or arrest",
)
FULL_MEMBER = Words("基层条例第五条", "Regulations for Primary Organisations 5")


@dataclass(frozen=True, slots=True)
class VotingRight:
    """Whether a member votes; `ground` says why (not), `source` where it is written. Without a vote: `since` when, and
    the last day `until` which, where these are known.
    """

    votes: bool
    ground: Words
    source: Words
    since: date | None = None
    until: date | None = None

    def due(self, today: date) -> bool:
        """The time without a vote has run out and somebody has to decide what follows (期满待办): probation is ended by
        the branch's vote, 留党察看 by the body that imposed it, neither by the calendar.
        """
        return not self.votes and self.until is not None and self.until < today


def voting_right(
    standing: Standing, suspension: Suspension | None, since: date | None = None, until: date | None = None
) -> VotingRight:
    """A full member votes unless under 留党察看, 留置 or 逮捕; a probationary member never does."""
    if standing is Standing.PROBATIONARY:
        ground = Words("预备党员", "probationary member")
        return VotingRight(False, ground, MEMBER_HAS_NO_VOTE_YET, since, until)
    if suspension is None:
        return VotingRight(True, Words("正式党员", "full member"), FULL_MEMBER)
    source = UNDER_WATCH if suspension is Suspension.UNDER_WATCH else RIGHTS_SUSPENDED
    return VotingRight(False, Words(suspension.zh, suspension.en), source, since, until)


def probation_ends(joined_on: date) -> date:
    """The last day of the year of probation by the calendar; whether it is prolonged or ends is the branch's vote."""
    try:
        anniversary = joined_on.replace(year=joined_on.year + PROBATION_YEARS)
    except ValueError:  # 29 February, and that year has none
        anniversary = date(joined_on.year + PROBATION_YEARS, 3, 1)
    return anniversary - timedelta(days=1)


def probation_over(today: date) -> date:
    """Whoever joined by this day has ended the year of probation by the calendar."""
    try:
        return today.replace(year=today.year - PROBATION_YEARS)
    except ValueError:  # 29 February, and that year has none
        return date(today.year - PROBATION_YEARS, 2, 28)


def has_vote(standing: Standing, suspension: Suspension | None) -> bool:
    return voting_right(standing, suspension).votes


def require_right(
    standing: Standing, suspension: Suspension | None, since: date | None, until: date | None, today: date
) -> None:
    """Raises Refused for what can be nobody's voting right: a suspended probationary member, days in the wrong order,
    days of one who has a vote, a suspension that has not begun.
    """
    if suspension is not None and standing is not Standing.FULL:
        raise Refused("roster.suspension_of_probationary", field="suspension")
    if has_vote(standing, suspension):
        if since is not None or until is not None:
            raise Refused("roster.right_days_without_reason", field="since" if since else "until")
        return
    if since is not None and since > today:
        raise Refused("roster.right_not_begun", field="since", day=since)
    if since is not None and until is not None and until < since:
        raise Refused("roster.right_ends_before", field="until")
