"""Who may stand where: each refusal with the rule that it follows from. Pure: facts in, the first refusal or none out.

Never looks anyone up, never asks for a permission and never judges a person: that is the applicant review.
"""

from __future__ import annotations

from dataclasses import dataclass

from election.errors import Refused
from election.machine import Words
from election.nomination.models import Source
from election.roster.electors import VotingRight

# nomination_source: everybody's proposal is taken, or only who stands for the own name.
OPEN_TO_ALL = "open"

# These ways somebody else puts the name forward, and says who.
RECOMMENDED = (Source.ORGANISATION, Source.PUBLIC)

ONE_CATEGORY = Words(
    "结构制选举试点报告（每一类代表分别选举，一人报一类）", "pilot report (each category apart, one person one)"
)
SEATS_DIVIDED = Words("名额分配方案", "the scheme of seats")
ASSIGNED = Words("结构制选举试点报告（县级领导分配到选举单位等额选举）", "pilot report (leaders assigned, uncontested)")
ROSTER_FIRST = Words(
    "结构制选举试点报告（党员登记阶段先于候选人产生阶段）", "pilot report (registration before nomination)"
)
BRANCH_VOTES_ONCE = Words("结构制选举试点报告（支部无记名投票推选）", "pilot report (the branch's secret ballot)")
SLATE_IS_MADE = Words("地方条例（候选人名单确定程序）", "Regulations for Local Elections (making of the slate)")


@dataclass(frozen=True, slots=True)
class Candidacy:
    """What counts when a member wants to stand. Category codes as recorded and as wanted; `seats`: contested ones.

    `standing`: by an application that lives. `judged`: the branch has voted on this member in this category, by whichever
    application. `voted`: it has voted on this category. `reopened`: nomination is open again in this cell today.
    """

    name: str
    right: VotingRight
    assigned: bool
    in_a_unit: bool
    roster_verified: bool
    scheme_approved: bool
    recorded: str
    wanted: str
    category: str
    seats: int
    standing: bool
    judged: bool
    voted: bool
    reopened: bool
    slate_closed: bool


def refusal(one: Candidacy) -> Refused | None:
    """Why this member cannot stand there now; None when nothing stands against it."""
    if not one.right.votes:
        return Refused(
            "application.no_vote", field="member", name=one.name, ground=one.right.ground, source=one.right.source
        )
    if one.assigned:
        return Refused("application.assigned", field="member", name=one.name, source=ASSIGNED)
    if not one.in_a_unit:
        return Refused("application.no_unit", field="member", name=one.name, source=ROSTER_FIRST)
    if not one.roster_verified:
        return Refused("application.roster_unverified", field="member", source=ROSTER_FIRST)
    if one.wanted != one.recorded:
        return Refused(
            "application.other_category", field="category", name=one.name, category=one.category, source=ONE_CATEGORY
        )
    if not one.scheme_approved:
        return Refused("application.no_scheme", source=SEATS_DIVIDED)
    if one.seats < 1:
        return Refused("application.no_seat", field="category", category=one.category, source=SEATS_DIVIDED)
    if one.standing:
        return Refused("application.already", field="member", name=one.name, source=ONE_CATEGORY)
    # The one rule on standing again: a branch votes on somebody once, whatever came of it; who left before may come back.
    if one.judged:
        return Refused(
            "application.voted_on", field="member", name=one.name, category=one.category, source=BRANCH_VOTES_ONCE
        )
    if one.voted and not one.reopened:
        return Refused("application.ballot_done", field="category", category=one.category, source=BRANCH_VOTES_ONCE)
    if one.slate_closed:
        return Refused("application.slate_closed", field="category", category=one.category, source=SLATE_IS_MADE)
    return None


def lapse(name: str, right: VotingRight, *, moved: bool, category: str | None) -> Refused | None:
    """Why somebody who stands can no longer; None as long as they can. `category`: that of the application, where the
    roster has another one by now.
    """
    if not right.votes:
        return Refused("application.lapsed_vote", name=name, ground=right.ground, source=right.source)
    if moved:
        return Refused("application.lapsed_moved", name=name)
    if category is not None:
        return Refused("application.lapsed_category", name=name, category=category, source=ONE_CATEGORY)
    return None


def ways(nomination_source: str) -> tuple[Source, ...]:
    """The ways to be nominated that the rule permits."""
    return tuple(Source) if nomination_source == OPEN_TO_ALL else (Source.SELF,)


def way_refusal(source: Source, nomination_source: str, recommended_by: str) -> Refused | None:
    """Why a nomination cannot come this way. Whoever puts another's name forward says who they are, and nobody else does."""
    if source not in ways(nomination_source):
        return Refused("application.way_closed", field="source", way=source)
    if source in RECOMMENDED and not recommended_by.strip():
        return Refused("application.recommender_missing", field="recommended_by", way=source)
    if source not in RECOMMENDED and recommended_by.strip():
        return Refused("application.recommender_needless", field="recommended_by", way=source)
    return None
