"""Whom a name written in may stand for (RULES edge case 9): members of the unit, and what keeps one from being elected.

Changes nothing; whether a name wins is decided in `summing.py` and `contests/outcome.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from election.congress.rules_in_force import rules_in_force
from election.contests.models import Contest, Round
from election.contests.outcome import MajorityBase, majority
from election.contests.queries import WITH_SEATS
from election.count.form import FormContents
from election.count.models import CandidateResult, Result, RoundOutcome
from election.count.queries_form import ScrutinyView
from election.count.sheet import Sheet
from election.meeting.models_evening import FollowUp, FollowUpKind
from election.meeting.queries import PersonChoice, present_at
from election.nomination.lifecycle import SlateState
from election.nomination.models import Candidate, Slate
from election.people.models import Person
from election.roster.models import Member, Organisation, UnitBranch
from election.roster.queries import VOTES
from election.strokes import plain_name


@dataclass(frozen=True, slots=True)
class Named:
    """A member of the unit with a vote who bears a name that was written in. `stands_in`: contests of the congress whose
    rounds are held. `struck`: taken off a slate by a meeting.
    """

    member_id: int
    name: str
    category: str
    branch: str
    stands_in: frozenset[int]
    elected: bool
    struck: bool

    def eligible(self, contest_id: int) -> bool:
        """Nobody is elected twice, nor for a seat of a category while standing for another seat, nor who may stand no longer
        (edge case 14). An officer of the meeting did not stand, and is not to blame for being written in: elected, that
        person judges nothing of it (`operations_outcome`).
        """
        return not (self.elected or self.struck or self.stands_in - {contest_id})


def members_named(session: Session, sheet: Sheet, names: Collection[str]) -> list[Named]:
    """The members with a vote in the unit who bear one of these names (as `plain_name` has them): four statements."""
    if not names:
        return []
    everyone = session.execute(
        select(Member.id, Person.name, Member.category, Organisation.name)
        .join(Person, Person.id == Member.person_id)
        .join(Organisation, Organisation.id == Member.branch_id)
        .join(UnitBranch, UnitBranch.branch_id == Member.branch_id)
        .where(UnitBranch.unit_id == sheet.unit_id, VOTES)
        .order_by(Member.id)
    )
    # Compared here, not by the database: a roster may have spaced or dotted a name in its own way.
    rows = [
        (member_id, plain_name(name), category, branch)
        for member_id, name, category, branch in everyone
        if plain_name(name) in names
    ]
    members = [member_id for member_id, *_ in rows]
    standing: dict[int, set[int]] = {}
    candidates = session.execute(
        select(Candidate.member_id, Contest.id)
        .join(Slate, Slate.id == Candidate.slate_id)
        .join(Round, Round.id == Slate.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .where(
            Contest.congress_id == sheet.congress_id,
            Slate.state == SlateState.FROZEN,
            WITH_SEATS,
            Candidate.member_id.in_(members),
        )
    )
    for member_id, contest_id in candidates:
        standing.setdefault(member_id, set()).add(contest_id)
    elected = set(elected_already(session, sheet.congress_id, members))
    struck = struck_from_slates(session, sheet.congress_id)
    return [
        Named(
            member_id,
            name,
            category,
            branch,
            frozenset(standing.get(member_id, ())),
            elected=member_id in elected,
            struck=member_id in struck,
        )
        for member_id, name, category, branch in rows
    ]


def struck_from_slates(session: Session, congress_id: int) -> set[int]:
    """The members whom a meeting took off a slate, as agreed and not taken back."""
    rows = session.scalars(
        select(FollowUp.members)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .where(
            Contest.congress_id == congress_id,
            FollowUp.kind == FollowUpKind.STRIKE,
            FollowUp.agreed_at.is_not(None),
            FollowUp.dropped_at.is_(None),
        )
    )
    return {int(member) for members in rows for member in members}


def elected_already(session: Session, congress_id: int, members: Collection[int]) -> dict[int, str]:
    """member → name, of those among `members` whom an outcome in force of the congress has elected."""
    rows = session.execute(
        select(CandidateResult.member_id, CandidateResult.name)
        .join(RoundOutcome, RoundOutcome.id == CandidateResult.outcome_id)
        .join(Round, Round.id == RoundOutcome.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .where(
            Contest.congress_id == congress_id,
            RoundOutcome.superseded_at.is_(None),
            CandidateResult.result == Result.ELECTED,
            CandidateResult.member_id.in_(members),
        )
    )
    return {member_id: name for member_id, name in rows if member_id is not None}


@dataclass(frozen=True, slots=True)
class WriteInChoice:
    """A name written in of which the scrutineer may have to say who is meant, or that nobody is. `members`: who may be
    elected of those who bear it.
    """

    round_id: int
    category: str
    name: str
    votes: int
    members: tuple[PersonChoice, ...]


def write_in_choices(
    session: Session, view: ScrutinyView, forms: Sequence[FormContents] | None = None
) -> tuple[WriteInChoice, ...]:
    """The names written in that the roster cannot tell apart, that stand in several sections, or that have the votes
    although nobody of that name may be elected (a slip of the pen, or somebody from elsewhere).

    `forms`: all those of the vote, where there are several; their votes are decided upon together.
    """
    if view.contents is None:
        return ()
    sheet = view.sheet
    votes: dict[tuple[str, str], int] = {}
    for contents in (view.contents,) if forms is None else forms:
        for section in sheet.sections:
            for one in contents.sections[section.key].write_ins:
                votes[section.key, one.name] = votes.get((section.key, one.name), 0) + (one.for_ or 0)
    found = members_named(session, sheet, {name for _, name in votes})
    return unclear(sheet, votes, found, votes_that_elect(session, sheet) if votes else 0)


def unclear(
    sheet: Sheet, votes: Mapping[tuple[str, str], int], found: Sequence[Named], needed: int
) -> tuple[WriteInChoice, ...]:
    """Of the names written in those that only the scrutineer can clear up, and no others: what the roster says plainly is
    nobody's to overrule. `votes`: (section, name) → votes of the whole vote; `found`: who bears one of the names.
    """
    written = [(section, name) for section in sheet.sections for key, name in votes if key == section.key]
    choices = []
    for section, name in written:
        standing = {candidate.member_id for candidate in section.candidates}
        namesake = name in {plain_name(candidate.name) for candidate in section.candidates}
        bearers = [
            each
            for each in found
            if each.name == name and each.category == section.category_code and each.member_id not in standing
        ]
        eligible = [each for each in bearers if each.eligible(section.contest_id)]
        # The assigned and the contested seats of one category: a name may be written in on both.
        twice = sum(other == name and it.category_id == section.category_id for it, other in written) > 1
        if (len(bearers) > 1 or twice or namesake) if eligible else votes[section.key, name] >= needed:
            members = tuple(PersonChoice(each.member_id, each.name, each.branch) for each in eligible)
            choices.append(WriteInChoice(section.round_id, section.category, name, votes[section.key, name], members))
    return tuple(choices)


def votes_that_elect(session: Session, sheet: Sheet) -> int:
    """How many votes elect in the vote that the paper is of."""
    base = MajorityBase(str(rules_in_force(session, sheet.congress_id)["majority_base"]))
    present = sum(number or 0 for number in present_at(session, sheet.meeting_id, sheet.ballot).values())
    return majority(base, sheet.expected or 0, present)
