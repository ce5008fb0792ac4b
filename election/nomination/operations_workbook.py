"""The room's verb that takes in a nomination workbook: many applications and branch ballots as one act, all or nothing.

Each row goes through the very operation that its page would use, so nothing can come in that a page would refuse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from election.congress.models import Category
from election.errors import Invalid, Refused
from election.nomination.branch_vote import BallotTotals, Votes
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application
from election.nomination.operations import Nomination, submit_application
from election.nomination.operations_branch import record_branch_ballot
from election.nomination.queries_signers import electors
from election.nomination.signers import Elector, resolve
from election.nomination.workbook import (
    APPLICATIONS,
    BALLOTS,
    BRANCH,
    CATEGORY,
    NAME,
    ApplicationRow,
    BallotRows,
    NominationBook,
)
from election.people.act import Act
from election.people.identity import IdentityKeys
from election.people.models import Person
from election.roster.models import Member, Organisation, UnitBranch


@dataclass(frozen=True, slots=True)
class BallotSummary:
    """One ballot of the workbook and what it means for whom."""

    branch: str
    category: str
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    tied: tuple[str, ...]


@dataclass(slots=True)
class NominationSummary:
    """What a workbook holds, as it was or would be taken in: who applies (branch, category, name), how branches voted."""

    applications: list[tuple[str, str, str]] = field(default_factory=list)
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
        raise Invalid(work.faults)
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
        self.faults: list[Refused] = []
        rows: Iterable[ApplicationRow | BallotRows] = (*book.applications, *book.ballots)
        self.branches = self._branches({row.branch for row in rows})
        self.rosters = self._rosters()
        found = act.session.scalars(select(Category).where(Category.congress_id == congress_id)).all()
        self.categories = {name: one for one in found for name in (one.name, one.code)}
        self.electors: dict[int, list[Elector]] = {}

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
            select(Member.branch_id, Member.id, Person.name, Person.identity_key, Member.category)
            .join(Person, Person.id == Member.person_id)
            .where(Member.branch_id.in_([branch.id for branch, _ in self.branches.values()]))
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
            except Invalid as invalid:
                self.faults += [self.book.fault(APPLICATIONS, row.row, one) for one in invalid.refusals]
            except Refused as refused:
                self.faults.append(self.book.fault(APPLICATIONS, row.row, refused))
        for ballot in self.book.ballots:
            try:
                with self.act.session.begin_nested():
                    summary.ballots.append(self._vote(ballot))
            except Invalid as invalid:
                self.faults += [self._at_its_row(ballot, one) for one in invalid.refusals]
            except Refused as refused:
                self.faults.append(self._at_its_row(ballot, refused))
        return summary

    def _branch(self, code: str) -> tuple[Organisation, int]:
        if code not in self.branches:
            raise Refused("nominations.no_such_branch", field="branch", value=code)
        return self.branches[code]

    def _category(self, text: str) -> Category:
        if text not in self.categories:
            raise Refused("application.no_such_category", field="category")
        return self.categories[text]

    def _apply(self, row: ApplicationRow) -> tuple[str, str, str]:
        branch, unit_id = self._branch(row.branch)
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
        return branch.name, category.name, member.name

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
        branch, _ = self._branch(ballot.branch)
        category = self._category(ballot.category)
        waiting = self._waiting(branch.id, category.id)
        votes: dict[int, Votes] = {}
        unknown: list[Refused] = []
        for row in ballot.votes:
            found = [number for number, name in waiting.items() if name == row.name and number not in votes]
            if not found:
                refused = Refused("nominations.not_standing", name=row.name, branch=branch.name, category=category.name)
                unknown.append(_at_row(refused, row.row))
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
            self.act, self.congress_id, branch.id, category.id, held_on=ballot.held_on, totals=totals
        )
        self.act.session.flush()
        passed = {line.application_id for line in made.lines if line.passed}
        tied = set(self._waiting(branch.id, category.id)) if made.places is not None else set()
        return BallotSummary(
            branch.name,
            category.name,
            tuple(waiting[number] for number in votes if number in passed),
            tuple(waiting[number] for number in votes if number not in passed | tied),
            tuple(waiting[number] for number in votes if number in tied),
        )

    def _waiting(self, branch_id: int, category_id: int) -> dict[int, str]:
        """Applications that wait for the branch's vote → name, in the order of the ballot."""
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
        return {number: name for number, name in rows}

    def _at_its_row(self, ballot: BallotRows, refused: Refused) -> Refused:
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


def _at_row(refused: Refused, row: int) -> Refused:
    return Refused(refused.code, field=f"row {row}", **dict(refused.params))
