"""The room's verb that takes in a nomination workbook: many applications and branch ballots as one act, all or nothing.

Each row goes through the very operation that its page would use, so nothing can come in that a page would refuse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from election.congress.models import Category
from election.errors import Invalid, Refused
from election.nomination.applying.operations import Nomination, submit_application
from election.nomination.applying.queries_signers import electors
from election.nomination.applying.signers import Elector, resolve
from election.nomination.branch.operations import record_branch_ballot, tied_in
from election.nomination.branch.operations_places import ballots_in_force
from election.nomination.branch.vote import BallotTotals, Votes
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application, Source
from election.nomination.workbook.reading import (
    APPLICATIONS,
    BALLOTS,
    BRANCH,
    CATEGORY,
    NAME,
    ApplicationRow,
    BallotRows,
    NominationBook,
    in_order,
)
from election.people.act import Act
from election.people.identity import IdentityKeys
from election.people.models import Person
from election.people.permissions import Permission
from election.roster.importing.rows import RowFault
from election.roster.models import Member, Organisation, UnitBranch


@dataclass(frozen=True, slots=True)
class BallotSummary:
    """One ballot of the workbook and what it means for whom. `figures`: as on the sheet; `votes`: name → for, against,
    abstain.
    """

    branch: str
    category: str
    held_on: date
    figures: tuple[int, ...]
    votes: Mapping[str, tuple[int, int, int]]
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    tied: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApplicantSummary:
    """One who stands by the workbook; `by`: who recommends or signs."""

    branch: str
    category: str
    name: str
    way: Source
    by: str


@dataclass(slots=True)
class NominationSummary:
    """What a workbook holds, as it was or would be taken in: who applies, how branches voted."""

    applications: list[ApplicantSummary] = field(default_factory=list)
    ballots: list[BallotSummary] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Listed:
    """A member on the roster of a branch."""

    member_id: int
    name: str
    identity_key: str | None
    category: str


def import_nominations(act: Act, congress_id: int, book: NominationBook, keys: IdentityKeys) -> NominationSummary:
    """Takes the whole workbook in. Raises Invalid with every row that cannot be, at its place; then nothing of it stays.

    Permissions are asked by the operations of the rows: for each branch that the workbook names.
    """
    work = _Work(act, congress_id, book, keys)
    summary = work.run()
    if work.faults:
        raise Invalid(in_order(work.faults))
    act.record(
        "nominations.imported",
        "congress",
        congress_id=congress_id,
        applications=len(summary.applications),
        ballots=len(summary.ballots),
    )
    return summary


def preview_nominations(act: Act, congress_id: int, book: NominationBook, keys: IdentityKeys) -> NominationSummary:
    """The same without any trace: what would be taken in. Raises Invalid as the import would."""
    trial = act.session.begin_nested()
    try:
        return import_nominations(act, congress_id, book, keys)
    finally:
        trial.rollback()
        act.session.expire_all()


class _Work:
    """One workbook on its way in: what it names, looked up once, and the faults found so far."""

    def __init__(self, act: Act, congress_id: int, book: NominationBook, keys: IdentityKeys) -> None:
        self.act, self.congress_id, self.book, self.keys = act, congress_id, book, keys
        self.faults: list[RowFault] = list(book.faults)
        rows: Iterable[ApplicationRow | BallotRows] = (*book.applications, *book.ballots)
        self.branches = self._branches({code for row in rows for code in (row.branch, *_with_zero(row.branch))})
        self.rosters = self._rosters()
        found = act.session.scalars(select(Category).where(Category.congress_id == congress_id)).all()
        self.categories = {name: one for one in found for name in (one.name, one.code)}
        self.electors: dict[int, list[Elector]] = {}
        # Who was named already (branch, name, number) → in which row; who could not be taken in (branch, name).
        self.seen: dict[tuple[int, str, str], int] = {}
        self.left_out: set[tuple[str, str]] = set(book.unread)

    def _branches(self, codes: set[str]) -> dict[str, tuple[Organisation, int]]:
        rows = self.act.session.execute(
            select(Organisation, UnitBranch.unit_id)
            .join(UnitBranch, UnitBranch.branch_id == Organisation.id)
            .where(UnitBranch.congress_id == self.congress_id, Organisation.code.in_(codes))
        )
        return {branch.code: (branch, unit_id) for branch, unit_id in rows}

    def _rosters(self) -> Mapping[int, list[_Listed]]:
        found: dict[int, list[_Listed]] = defaultdict(list)
        rows = self.act.session.execute(
            select(Organisation.id, Member.id, Person.name, Person.identity_key, Member.category)
            .join(Member, Member.branch_id == Organisation.id)
            .join(Person, Person.id == Member.person_id)
            .where(Organisation.id.in_([branch.id for branch, _ in self.branches.values()]))
        )
        for branch_id, member_id, name, identity_key, category in rows:
            found[branch_id].append(_Listed(member_id, name, identity_key, category))
        return found

    def run(self) -> NominationSummary:
        summary = NominationSummary()
        for row in self.book.applications:
            try:
                with self.act.session.begin_nested():
                    summary.applications.append(self._apply(row))
            except (Invalid, Refused) as refused:
                told = refused.refusals if isinstance(refused, Invalid) else [refused]
                self.faults += [self.book.fault(APPLICATIONS, row.row, one) for one in told]
                self.left_out.add((row.branch, row.name))
        for ballot in self.book.ballots:
            if any((ballot.branch, row.name) in self.left_out for row in ballot.votes):
                continue  # what is wrong with its people is told already; the ballot is judged when they can stand
            try:
                with self.act.session.begin_nested():
                    summary.ballots.append(self._vote(ballot))
            except Invalid as invalid:
                self.faults += [self._at_its_row(ballot, one) for one in invalid.refusals]
            except Refused as refused:
                self.faults.append(self._at_its_row(ballot, refused))
        return summary

    def _branch(self, code: str) -> tuple[Organisation, int]:
        if code in self.branches:
            return self.branches[code]
        for meant in _with_zero(code):
            if meant in self.branches:
                raise Refused("nominations.lost_zero", field="branch", value=code, code=meant)
        raise Refused("nominations.no_such_branch", field="branch", value=code)

    def _category(self, text: str) -> Category:
        if text not in self.categories:
            raise Refused("application.no_such_category", field="category")
        return self.categories[text]

    def _apply(self, row: ApplicationRow) -> ApplicantSummary:
        branch, unit_id = self._branch(row.branch)
        # Before anything is said of anybody on a roster.
        self.act.require(
            Permission.APPLICATION_RECORD, congress_id=self.congress_id, unit_id=unit_id, organisation_id=branch.id
        )
        if (branch.id, row.name, row.identity) in self.seen:
            first = self.seen[branch.id, row.name, row.identity]
            raise Refused("nominations.person_twice", field="member", name=row.name, first=first)
        self.seen[branch.id, row.name, row.identity] = row.row
        member = self._member(branch, row)
        category = self._category(row.category or member.category)
        signers: list[int] = []
        if row.signers:
            if unit_id not in self.electors:
                self.electors[unit_id] = electors(self.act.session, unit_id)
            signers, refused = resolve(row.signers, self.electors[unit_id])
            if refused:
                raise Invalid(refused)
        said = Nomination(row.source, row.statement, row.career, row.recommended_by, tuple(signers))
        submit_application(self.act, self.congress_id, member.member_id, category.id, said)
        return ApplicantSummary(branch.name, category.name, member.name, row.source, row.signers or row.recommended_by)

    def _member(self, branch: Organisation, row: ApplicationRow) -> _Listed:
        """Whom a row means: by the number where it is given, else by a name that the branch has once."""
        key = self.keys.key_of(row.identity) if row.identity else None
        same = [one for one in self.rosters[branch.id] if one.name == row.name and key in (None, one.identity_key)]
        if not same:
            raise Refused("nominations.no_such_member", field="member", name=row.name, branch=branch.name)
        if len(same) > 1:
            raise Refused("nominations.namesakes", field="member", name=row.name, branch=branch.name)
        return same[0]

    def _vote(self, ballot: BallotRows) -> BallotSummary:
        branch, unit_id = self._branch(ballot.branch)
        self.act.require(
            Permission.APPLICATION_RECORD, congress_id=self.congress_id, unit_id=unit_id, organisation_id=branch.id
        )
        category = self._category(ballot.category)
        waiting = self._waiting(branch.id, category.id)
        votes: dict[int, Votes] = {}
        unknown: list[Refused] = []
        for row in ballot.votes:
            found = [number for number, name in waiting.items() if name == row.name]
            named = {"name": row.name, "branch": branch.name}
            if not found:
                refused = Refused("nominations.not_standing", **named, category=category.name)
                unknown.append(_at_row(refused, row.row))
            elif len(found) > 1:
                # Names alone cannot say whose votes these are; a mistake here would nominate the wrong person.
                unknown.append(_at_row(Refused("nominations.namesakes_stand", **named), row.row))
            elif found[0] in votes:
                unknown.append(_at_row(Refused("nominations.votes_twice", **named), row.row))
            else:
                votes[found[0]] = Votes(*row.votes)
        if unknown:
            raise Invalid(unknown)
        missing = [name for number, name in waiting.items() if number not in votes]
        if missing:
            raise Refused("nominations.votes_missing", field="candidates", names="、".join(missing))
        expected, present, issued, returned, valid, spoiled = ballot.figures
        totals = BallotTotals(expected, present, issued, returned, valid, spoiled, votes)
        made = record_branch_ballot(
            self.act,
            self.congress_id,
            branch.id,
            category.id,
            held_on=ballot.held_on,
            totals=totals,
            excluded_because=ballot.excluded_because,
        )
        self.act.session.flush()
        passed = {line.application_id for line in made.lines if line.passed}
        tied = set(self._waiting(branch.id, category.id)) & set(votes)
        return BallotSummary(
            branch.name,
            category.name,
            ballot.held_on,
            ballot.figures,
            {row.name: row.votes for row in ballot.votes},
            tuple(waiting[number] for number in votes if number in passed),
            tuple(waiting[number] for number in votes if number not in passed | tied),
            tuple(waiting[number] for number in votes if number in tied),
        )

    def _waiting(self, branch_id: int, category_id: int) -> dict[int, str]:
        """Applications that the branch's next vote is about → name: after a tie the tied alone."""
        rows = self.act.session.execute(
            select(Application.id, Person.name)
            .join(Member, Member.id == Application.member_id)
            .join(Person, Person.id == Member.person_id)
            .where(
                Application.congress_id == self.congress_id,
                Application.branch_id == branch_id,
                Application.category_id == category_id,
                Application.state == ApplicationState.APPLIED,
            )
            .order_by(Application.id)
        )
        waiting = {number: name for number, name in rows}
        tied = tied_in(ballots_in_force(self.act, self.congress_id, branch_id, category_id), waiting)
        return {number: name for number, name in waiting.items() if not tied or number in tied}

    def _at_its_row(self, ballot: BallotRows, refused: Refused) -> RowFault:
        """At the applicant's own row where one is meant, else at the ballot's first."""
        where, row, header = refused.field or "", ballot.row, ""
        if where.startswith("row "):
            row, header = int(where[4:]), NAME
        elif refused.params.get("candidate"):
            named = [one.row for one in ballot.votes if one.name == refused.params["candidate"]]
            row, header = (named or [ballot.row])[0], "赞成"
        elif where in ("branch", "category"):
            header = BRANCH if where == "branch" else CATEGORY
        return self.book.fault(BALLOTS, row, refused, header)


def _with_zero(code: str) -> tuple[str, ...]:
    """What a number may have been before a spreadsheet took it for a figure."""
    return (f"0{code}", f"00{code}") if code.isdigit() else ()


def _at_row(refused: Refused, row: int) -> Refused:
    return Refused(refused.code, field=f"row {row}", **dict(refused.params))
