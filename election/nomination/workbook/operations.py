"""The room's verb that takes in a nomination workbook: many applications and branch ballots as one act, all or nothing.

All rows go through the very operations that their pages use, many at once: nothing can come in that a page would refuse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from election.congress.models import Category
from election.errors import Invalid, Refused, Stale
from election.nomination.applying.operations import Nomination, Ways, submit_applications
from election.nomination.applying.signers import resolve
from election.nomination.branch.operations import Counted, Sheet, record_sheets
from election.nomination.branch.queries_due import Due, Place, load_due
from election.nomination.branch.vote import BallotTotals, Result, Votes
from election.nomination.models import Source
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
from election.store.audit import digest


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

    @property
    def digest(self) -> str:
        """Over everything that a preview shows: the same by the import, or something else would happen than was seen."""
        applicants = [[one.branch, one.category, one.name, one.way.value, one.by] for one in self.applications]
        ballots: list[list[object]] = [
            [one.branch, one.category, one.held_on.isoformat(), one.figures, list(one.votes.items())]
            for one in self.ballots
        ]
        return digest([applicants, ballots, [[one.passed, one.failed, one.tied] for one in self.ballots]])


@dataclass(frozen=True, slots=True)
class _Listed:
    """A member on the roster of a branch."""

    member_id: int
    name: str
    identity_key: str | None
    category: str


class FaultyBook(Invalid):
    """A workbook that cannot be taken in; `faults` says where, for the copy that goes back to whoever sent it."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        super().__init__(in_order(faults))
        self.faults = tuple(faults)


def import_nominations(
    act: Act, congress_id: int, book: NominationBook, keys: IdentityKeys, *, promised: str | None = None
) -> NominationSummary:
    """Takes the whole workbook in. Raises FaultyBook with every row that cannot be, at its place; then nothing of it stays.

    `promised`: the digest of the preview that was shown; Stale when something else would happen by now (other places of a
    branch, another rule).
    Permissions are asked by the operations of the rows: for each branch that the workbook names.
    """
    work = _Work(act, congress_id, book, keys)
    summary = work.run()
    if work.faults:
        raise FaultyBook(work.faults)
    if promised not in (None, summary.digest):
        raise Stale("nominations.preview_changed")
    act.record(
        "nominations.imported",
        "congress",
        congress_id=congress_id,
        applications=len(summary.applications),
        ballots=len(summary.ballots),
    )
    return summary


def preview_nominations(act: Act, congress_id: int, book: NominationBook, keys: IdentityKeys) -> NominationSummary:
    """The same without any trace: what would be taken in. Raises FaultyBook as the import would."""
    trial = act.session.begin_nested()
    try:
        return import_nominations(act, congress_id, book, keys)
    finally:
        trial.rollback()
        act.session.expire_all()


# What a ballot is refused for because its applicants are not taken in.
NOBODY_STANDS = ("branch_ballot.nobody_applied", "nominations.not_standing", "nominations.votes_missing")


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
        self._take_applications(summary)
        self._take_ballots(summary)
        return summary

    def _take_applications(self, summary: NominationSummary) -> None:
        ways = Ways(self.act, self.congress_id)
        wanted: dict[int, tuple[int, Nomination]] = {}
        rows: dict[int, tuple[ApplicationRow, ApplicantSummary]] = {}
        for row in self.book.applications:
            try:
                member, category_id, said, told = self._application(row, ways)
                if member.member_id in rows:
                    first = rows[member.member_id][0].row
                    raise Refused("nominations.person_twice", field="member", name=row.name, first=first)
            except (Invalid, Refused) as against:
                self._left_out(row, against)
                continue
            wanted[member.member_id], rows[member.member_id] = (category_id, said), (row, told)
        _, refused = submit_applications(self.act, self.congress_id, wanted, ways)
        for member_id, (row, told) in rows.items():
            if member_id in refused:
                self._left_out(row, refused[member_id])
            else:
                summary.applications.append(told)

    def _left_out(self, row: ApplicationRow, against: Invalid | Refused) -> None:
        self.faults += [self.book.fault(APPLICATIONS, row.row, one) for one in _each(against)]
        self.left_out.add((row.branch, row.name))

    def _take_ballots(self, summary: NominationSummary) -> None:
        places: dict[Place, BallotRows] = {}
        for ballot in self.book.ballots:
            if any((ballot.branch, row.name) in self.left_out for row in ballot.votes):
                continue  # what is wrong with its people is told already; the ballot is judged when they can stand
            try:
                place, branch = self._place(ballot)
                if place in places:
                    raise Refused("branch_ballot.recorded_already", branch=branch.name)
                places[place] = ballot
            except Refused as refused:
                self.faults.append(self._at_its_row(ballot, refused))
        due = load_due(self.act, self.congress_id, places)
        sheets: dict[Place, tuple[Due, Sheet]] = {}
        # A mistake in an applicant's row makes the ballot miss that person: told once, where it was made.
        unsure = {branch for branch, _name in self.left_out}
        for place, ballot in places.items():
            try:
                sheets[place] = due[place], Sheet(ballot.held_on, _totals(due[place], ballot), ballot.excluded_because)
            except (Invalid, Refused) as against:
                if ballot.branch in unsure and all(one.code in NOBODY_STANDS for one in _each(against)):
                    continue
                self.faults += [self._at_its_row(ballot, one) for one in _each(against)]
        counted, refused_sheets = record_sheets(self.act, self.congress_id, sheets)
        for place, refused_sheet in refused_sheets.items():
            self.faults += [self._at_its_row(places[place], one) for one in _each(refused_sheet)]
        summary.ballots += [_summary(due[place], places[place], one) for place, one in counted.items()]

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

    def _application(self, row: ApplicationRow, ways: Ways) -> tuple[_Listed, int, Nomination, ApplicantSummary]:
        """Who stands by a row, in which category and how; and the row in words."""
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
            signers, refused = resolve(row.signers, list(ways.electors(unit_id).values()))
            if refused:
                raise Invalid(refused)
        said = Nomination(row.source, row.statement, row.career, row.recommended_by, tuple(signers))
        by = row.signers or row.recommended_by
        return member, category.id, said, ApplicantSummary(branch.name, category.name, member.name, row.source, by)

    def _member(self, branch: Organisation, row: ApplicationRow) -> _Listed:
        """Whom a row means: by the number where it is given, else by a name that the branch has once."""
        key = self.keys.key_of(row.identity) if row.identity else None
        same = [one for one in self.rosters[branch.id] if one.name == row.name and key in (None, one.identity_key)]
        if not same:
            raise Refused("nominations.no_such_member", field="member", name=row.name, branch=branch.name)
        if len(same) > 1:
            raise Refused("nominations.namesakes", field="member", name=row.name, branch=branch.name)
        return same[0]

    def _place(self, ballot: BallotRows) -> tuple[Place, Organisation]:
        branch, unit_id = self._branch(ballot.branch)
        self.act.require(
            Permission.APPLICATION_RECORD, congress_id=self.congress_id, unit_id=unit_id, organisation_id=branch.id
        )
        return (branch.id, self._category(ballot.category).id), branch

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


def _totals(due: Due, ballot: BallotRows) -> BallotTotals:
    """The ballot with each row's votes at who is meant by its name. Raises Invalid with every name that is nobody's."""
    due.require_somebody()
    waiting = {number: one.name for number, one in due.applicants.items()}
    votes: dict[int, Votes] = {}
    unknown: list[Refused] = []
    for row in ballot.votes:
        found = [number for number, name in waiting.items() if name == row.name]
        named = {"name": row.name, "branch": due.branch.name}
        if not found:
            refused = Refused("nominations.not_standing", **named, category=due.category.name)
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
    return BallotTotals(expected, present, issued, returned, valid, spoiled, votes)


def _summary(due: Due, ballot: BallotRows, counted: Counted) -> BallotSummary:
    def names(result: Result) -> tuple[str, ...]:
        return tuple(
            counted.applicants[number].name for number in counted.totals.votes if counted.found[number] is result
        )

    return BallotSummary(
        due.branch.name,
        due.category.name,
        ballot.held_on,
        ballot.figures,
        {row.name: row.votes for row in ballot.votes},
        passed=names(Result.PASSED),
        failed=names(Result.FAILED),
        tied=names(Result.TIED),
    )


def _each(against: Invalid | Refused) -> list[Refused]:
    return against.refusals if isinstance(against, Invalid) else [against]


def _with_zero(code: str) -> tuple[str, ...]:
    """What a number may have been before a spreadsheet took it for a figure."""
    return (f"0{code}", f"00{code}") if code.isdigit() else ()


def _at_row(refused: Refused, row: int) -> Refused:
    return Refused(refused.code, field=f"row {row}", **dict(refused.params))
