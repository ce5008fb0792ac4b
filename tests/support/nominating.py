"""The way from an application to a slate for tests, each step by the product's own operation at its own desk."""

from __future__ import annotations

from collections.abc import Sequence

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.congress.rules_in_force import rules_in_force
from election.nomination.applying.operations import submit_application
from election.nomination.branch.operations import record_branch_ballot
from election.nomination.branch.vote import BallotTotals, Votes
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Slate
from election.nomination.models_review import Verdict
from election.nomination.queries import SlateLine, applications, slates
from election.nomination.reviewing.operations_notice import publish_candidates_notice
from election.nomination.reviewing.operations_proposal import put_forward
from election.nomination.reviewing.operations_review import record_opinions, review_many
from election.nomination.slates.operations import freeze_slates, open_slates, return_slates, submit_slates
from election.nomination.slates.queries_board import BoardRow, slate_board
from election.notices.models import Notice
from election.roster.models import Member
from election.store.database import Database
from tests.support.county import County, registered, with_scheme

# More than any notice hangs in these tests, weekends included.
LONG = 14


def members_of(county: County, branch: str, category: str) -> list[int]:
    """The members of a branch whose recorded category it is, in the order of the roster."""
    with county.reading() as session:
        rows = {member_id: session.get_one(Member, member_id) for member_id in county.members(branch)}
    return [member_id for member_id, row in rows.items() if row.category == category]


def apply(county: County, branch: str, category: str, count: int) -> list[int]:
    """The first `count` members of that category in the branch stand. Their applications."""
    made = []
    for member_id in members_of(county, branch, category)[:count]:
        with county.acting(branch) as act:
            row = submit_application(act, county.congress_id, member_id, county.categories[category])
            made.append(row.id)
    return made


def totals(votes: Sequence[int], ids: Sequence[int], *, expected: int = 12) -> BallotTotals:
    """A ballot at which everyone came and voted: for as given, against for the rest."""
    return BallotTotals(
        expected, expected, expected, expected, expected, 0,
        {one: Votes(number, expected - number, 0) for one, number in zip(ids, votes, strict=True)},
    )  # fmt: skip


def ballot(county: County, branch: str, category: str, ids: Sequence[int], votes: Sequence[int]) -> None:
    with county.acting(branch) as act:
        record_branch_ballot(
            act,
            county.congress_id,
            county.branches[branch],
            county.categories[category],
            held_on=act.today,
            totals=totals(votes, ids),
        )


def forward(county: County) -> list[int]:
    """Every unit puts all its preliminary nominees forward. Their applications."""
    with county.reading() as session:
        lines = applications(session, county.congress_id, states=[ApplicationState.PRELIMINARY])
    for unit in dict.fromkeys(line.unit_code for line in lines):
        with county.acting(unit) as act:
            put_forward(act, county.units[unit], [line.id for line in lines if line.unit_code == unit])
    return [line.id for line in lines]


def hear(county: County, ids: Sequence[int], verdict: Verdict = Verdict.NO_OBJECTION, text: str = "") -> None:
    """Every body that the rules ask says this of all of them."""
    with county.reading() as session:
        bodies = rules_in_force(session, county.congress_id)["review_bodies"]
    for body in bodies:
        with county.acting("office") as act:
            record_opinions(act, county.congress_id, body, ids, verdict, text)


def pass_reviews(county: County) -> list[int]:
    """Every preliminary nominee is put forward, nobody objects, the office passes all."""
    forward(county)
    with county.reading() as session:
        lines = applications(session, county.congress_id, states=[ApplicationState.PUT_FORWARD])
    ids = [line.id for line in lines]
    if ids:
        hear(county, ids)
        with county.acting("office") as act:
            review_many(act, county.congress_id, ids)
    return ids


def propose(county: County, branch: str, category: str, count: int) -> list[int]:
    """`count` applicants who pass the branch's ballot and the review."""
    ids = apply(county, branch, category, count)
    ballot(county, branch, category, ids, [12] * len(ids))
    pass_reviews(county)
    return ids


def publish(county: County) -> Notice:
    with county.acting("office") as act:
        return publish_candidates_notice(act, county.congress_id)


def hand_in(county: County, *units: str) -> None:
    """Each unit draws its slates up and hands them in."""
    for unit in units:
        with county.acting(unit) as act:
            open_slates(act, county.units[unit])
        with county.acting(unit) as act:
            submit_slates(act, county.units[unit])


def divided(database: Database) -> County:
    """Seats in u1: two leaders (one assigned), one farmer; in u2: one farmer, one other."""
    county = registered(database, noticed=True)
    leader = county.members("u1-b2")[0]
    with_scheme(
        county,
        {("u1", "leader"): 2, ("u1", "farmer"): 1, ("u2", "farmer"): 1, ("u2", "other"): 1},
        {"u1": [leader]},
    )
    enter(county, Phase.NOMINATION)
    return county


def enter(county: County, phase: Phase) -> None:
    """The congress is in this phase from now on, whatever its gates say."""
    with county.acting("office") as act:
        act.session.get_one(Congress, county.congress_id).phase = phase


def handed_in(database: Database) -> County:
    """Two proposed candidates for every contested seat, the notice hanging, all slates handed in."""
    county = divided(database)
    for branch, category in (("u1-b1", "leader"), ("u1-b1", "farmer"), ("u2-b1", "farmer"), ("u2-b2", "other")):
        propose(county, branch, category, 2)
    publish(county)
    hand_in(county, "u1", "u2")
    return county


def lines(county: County, unit: str) -> list[SlateLine]:
    with county.reading() as session:
        return slates(session, county.congress_id, county.units[unit])


def line(county: County, unit: str, category: str, kind: str = "contested") -> SlateLine:
    return next(one for one in lines(county, unit) if (one.category_code, one.kind) == (category, kind))


def row(county: County, unit: str) -> BoardRow:
    with county.reading() as session:
        board = slate_board(session, county.congress_id, county.now.date())
    return next(one for one in board.rows if one.unit_code == unit)


def blockers(county: County, unit: str) -> list[str]:
    return [finding.code for finding in row(county, unit).blockers]


def freeze(county: County, unit: str, who: str = "office") -> list[Slate]:
    with county.acting(who) as act:
        return freeze_slates(act, county.units[unit])


def give_back(county: County, unit: str) -> None:
    with county.acting("office") as act:
        return_slates(act, county.units[unit], "请补齐")
