"""The demo's nomination: 514 applicants, branch ballots, reviews, the notice, 37 units' slates."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from random import Random

from election.congress.rules_in_force import rules_in_force
from election.contests.models import Contest, ContestKind
from election.contests.outcome import candidates_needed
from election.contests.queries import contests_of_congress
from election.demo import county, votes
from election.demo.cast import BRANCH_CLERK, Cast, engage, give_login
from election.demo.lookups import branch_voters, eligible_members, first_branch
from election.demo.names import person_name
from election.errors import Refused
from election.nomination.applying.operations import submit_application
from election.nomination.branch.operations import record_branch_ballot
from election.nomination.branch.vote import BallotTotals, Votes
from election.nomination.lifecycle import ApplicationState
from election.nomination.models_review import Verdict
from election.nomination.queries import applications as application_lines
from election.nomination.reviewing.operations_notice import publish_candidates_notice
from election.nomination.reviewing.operations_proposal import put_forward
from election.nomination.reviewing.operations_review import record_opinions, review_many
from election.nomination.slates.operations import freeze_slates, open_slates, submit_slates
from election.people.actor import Role
from election.people.operations import grant_role


def clerk_name(random: Random) -> str:
    return person_name(random, random.random() < 0.5)


def engage_branch_clerk(cast: Cast, unit_id: int) -> None:
    """The demo's own branch clerk, with a login, in the first branch of a unit."""
    with cast.act("admin") as act:
        cast.branch_id = first_branch(act.session, unit_id)
        person = engage(act, cast, "branch", clerk_name(Random(county.SEED + 2)))
        grant_role(act, person, Role.BRANCH_CLERK, congress_id=cast.congress_id, organisation_id=cast.branch_id)
    give_login(cast, "branch", BRANCH_CLERK[0])


@dataclass(slots=True)
class _Field:
    """A contest with those who apply for it; the first `passing` go through to the slate."""

    contest: Contest
    members: list[tuple[int, int]]
    passing: int


def nominate(cast: Cast, random: Random) -> None:
    """Applications in the last week of September, branch ballots after the holidays, slates frozen on 20 October."""
    fields = _fields(cast, random)
    cast.on(9, 24)
    applications: dict[tuple[int, int, int], list[tuple[int, bool]]] = defaultdict(list)
    for one in fields:
        unit = one.contest.unit.code
        with cast.act(unit) as act:
            for place, (member_id, branch_id) in enumerate(one.members):
                row = submit_application(act, cast.congress_id, member_id, one.contest.category_id)
                act.session.flush()
                key = (one.contest.unit_id, branch_id, one.contest.category_id)
                applications[key].append((row.id, place < one.passing))
    _hold_branch_ballots(cast, random, fields, applications)
    _put_forward(cast)
    _review(cast)
    cast.on(10, 11)
    with cast.act("office") as act:
        publish_candidates_notice(act, cast.congress_id)
    cast.on(10, 19)
    units = {one.contest.unit_id: one.contest.unit.code for one in fields}
    with cast.act("office") as act:
        for contest in contests_of_congress(act.session, cast.congress_id):
            units.setdefault(contest.unit_id, contest.unit.code)
    for unit_id, code in sorted(units.items()):
        with cast.act(code) as act:
            open_slates(act, unit_id)
            act.session.flush()
            submit_slates(act, unit_id)
    cast.on(10, 20)
    for unit_id in sorted(units):
        with cast.act("office") as act:
            freeze_slates(act, unit_id)


def _fields(cast: Cast, random: Random) -> list[_Field]:
    """Who applies where: at least what the margin asks for, and the rest by seats, 514 in all."""
    with cast.act("office") as act:
        contests = [
            one for one in contests_of_congress(act.session, cast.congress_id) if one.kind is ContestKind.CONTESTED
        ]
        eligible = eligible_members(act.session, cast.congress_id)
    pools = {one.id: eligible[one.unit_id, one.category.code] for one in contests}
    needed = {one.id: candidates_needed(one.seats, county.MARGIN) for one in contests}
    for one in contests:
        if len(pools[one.id]) < needed[one.id]:
            raise Refused(
                "demo.too_few_members",
                unit=one.unit.name,
                category=one.category.name,
                need=needed[one.id],
                have=len(pools[one.id]),
            )
    most = min(county.APPLICANTS, sum(len(pool) for pool in pools.values()))
    numbers = dict(needed)
    order = [one.id for one in contests for _ in range(one.seats)]
    while sum(numbers.values()) < most:
        chosen = random.choice(order)
        if numbers[chosen] < len(pools[chosen]):
            numbers[chosen] += 1
    fields = []
    for one in contests:
        # Somebody stands in the branch of the demo's own branch clerk, so that this desk has something to show.
        own = [member for member in pools[one.id] if member[1] == cast.branch_id][:1]
        others = [member for member in pools[one.id] if member not in own]
        members = own + random.sample(others, numbers[one.id] - len(own))
        spare = numbers[one.id] - needed[one.id]
        fields.append(_Field(one, members, needed[one.id] + spare // 2))
    return fields


def _hold_branch_ballots(
    cast: Cast,
    random: Random,
    fields: list[_Field],
    applications: dict[tuple[int, int, int], list[tuple[int, bool]]],
) -> None:
    codes = {one.contest.unit_id: one.contest.unit.code for one in fields}
    with cast.act("office") as act:
        voters = branch_voters(act.session)
    cast.on(10, 8)
    for (unit_id, branch_id, category_id), group in sorted(applications.items()):
        expected = voters[branch_id]
        absent = random.randrange(0, expected // 10 + 1)
        valid = expected - absent
        counted = {
            application: Votes(made.votes_for, made.against, made.abstain)
            for application, passes in group
            for made in (votes.branch_counts(random, expected, valid, passes),)
        }
        totals = BallotTotals(expected, valid, valid, valid, valid, 0, counted)
        with cast.act(codes[unit_id]) as act:
            record_branch_ballot(act, cast.congress_id, branch_id, category_id, held_on=act.today, totals=totals)


def _put_forward(cast: Cast) -> None:
    """Every unit puts forward all whom its branches nominated."""
    cast.on(10, 9)
    with cast.act("office") as act:
        lines = application_lines(act.session, cast.congress_id, states=[ApplicationState.PRELIMINARY])
    units: dict[tuple[int, str], list[int]] = defaultdict(list)
    for line in lines:
        units[line.unit_id, line.unit_code].append(line.id)
    for (unit_id, code), ids in units.items():
        with cast.act(code) as act:
            put_forward(act, unit_id, ids)


def _review(cast: Cast) -> None:
    """The bodies that the rules ask have nothing against anyone; the office passes all."""
    cast.on(10, 10)
    with cast.act("office") as act:
        lines = application_lines(act.session, cast.congress_id, states=[ApplicationState.PUT_FORWARD])
        bodies = rules_in_force(act.session, cast.congress_id)["review_bodies"]
    ids = [line.id for line in lines]
    for place, body in enumerate(bodies, 1):
        with cast.act("office") as act:
            record_opinions(
                act, cast.congress_id, body, ids, Verdict.NO_OBJECTION, document=f"复函〔{act.today.year}〕{place}号"
            )
    with cast.act("office") as act:
        review_many(act, cast.congress_id, ids)
