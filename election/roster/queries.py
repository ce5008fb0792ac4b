"""Shaped reading of the roster: members by page, elector lists, branches. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from election.congress.lifecycle import Phase
from election.congress.models import Congress, Unit
from election.errors import NotFound
from election.machine import Words
from election.people.models import Person, Sex
from election.roster.edits import day_text, seen_text
from election.roster.electors import VotingRight, probation_ends, probation_over, voting_right
from election.roster.models import (
    Member,
    Organisation,
    OrganisationKind,
    Standing,
    Suspension,
    UnitBranch,
)

# The database's own words for `electors.has_vote`.
VOTES: ColumnElement[bool] = and_(Member.standing == Standing.FULL, Member.suspension.is_(None))
VOTERS = func.coalesce(func.sum(case((VOTES, 1), else_=0)), 0)


def time_over(today: date) -> ColumnElement[bool]:
    """Who has no vote for a time that has run out (期满待办), as `MemberLine.right` has it."""
    probation = and_(
        Member.right_until.is_(None),
        Member.standing == Standing.PROBATIONARY,
        Member.joined_on <= probation_over(today),
    )
    return and_(~VOTES, or_(Member.right_until < today, probation))


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member as lists show them. `category` is the code of the recorded primary category."""

    member_id: int
    person_id: int
    name: str
    sex: Sex | None
    born_on: date | None
    ethnicity: str
    education: str
    branch_id: int
    branch_code: str
    branch_name: str
    unit_id: int | None
    unit_name: str
    standing: Standing
    suspension: Suspension | None
    joined_on: date | None
    category: str
    post: str
    right_since: date | None = None
    right_until: date | None = None
    right_reason: str = ""

    @property
    def right(self) -> VotingRight:
        """With the days that were recorded; of a probationary member, where none were, those of the year by the calendar."""
        since, until = self.right_since, self.right_until
        if self.standing is Standing.PROBATIONARY and until is None and self.joined_on is not None:
            since, until = since or self.joined_on, probation_ends(self.joined_on)
        return voting_right(self.standing, self.suspension, since, until)


@dataclass(frozen=True, slots=True)
class MembersPage:
    lines: tuple[MemberLine, ...]
    total: int
    page: int
    pages: int


def _member_lines(congress_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Member.id,
            Person.id,
            Person.name,
            Person.sex,
            Person.born_on,
            Person.ethnicity,
            Person.education,
            Organisation.id,
            Organisation.code,
            Organisation.name,
            Unit.id,
            func.coalesce(Unit.name, ""),
            Member.standing,
            Member.suspension,
            Member.joined_on,
            Member.category,
            Member.post,
            Member.right_since,
            Member.right_until,
            Member.right_reason,
        )
        .join(Person, Person.id == Member.person_id)
        .join(Organisation, Organisation.id == Member.branch_id)
        .outerjoin(UnitBranch, and_(UnitBranch.branch_id == Organisation.id, UnitBranch.congress_id == congress_id))
        .outerjoin(Unit, Unit.id == UnitBranch.unit_id)
    )


def members_page(
    session: Session,
    congress_id: int,
    *,
    unit_id: int | None = None,
    branch_id: int | None = None,
    name: str = "",
    text: str = "",
    category: str = "",
    without_vote: bool = False,
    due: date | None = None,
    page: int = 1,
    size: int = 50,
) -> MembersPage:
    """One page of members by branch and name; a page beyond the last is the last. Two statements.

    `name`: part of a name, blanks within it not counted; `text`: the same, or part of a branch's name, or its code.
    `due`: only those whose time without a vote had run out by that day.
    """
    wanted: list[ColumnElement[bool]] = []
    if unit_id is not None:
        wanted.append(Unit.id == unit_id)
    if branch_id is not None:
        wanted.append(Organisation.id == branch_id)
    if name.strip():
        wanted.append(_holds(Person.name, name.strip()))
    if text.strip():
        here = _holds(Organisation.name, text.strip()) | (Organisation.code == text.strip())
        wanted.append(_holds(Person.name, text.strip()) | here)
    if category:
        wanted.append(Member.category == category)
    if without_vote:
        wanted.append(~VOTES)
    if due is not None:
        wanted.append(time_over(due))
    lines = _member_lines(congress_id).where(*wanted)
    total = session.scalar(select(func.count()).select_from(lines.with_only_columns(Member.id).subquery())) or 0
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    rows = session.execute(lines.order_by(Organisation.code, Member.id).limit(size).offset((page - 1) * size))
    return MembersPage(tuple(MemberLine(*row) for row in rows), total, page, pages)


def _holds(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    # 冯 家武 is how lists are typeset; a name of another script keeps its blanks.
    return column.contains(text, autoescape=True) | column.contains("".join(text.split()), autoescape=True)


def member_line(session: Session, congress_id: int, member_id: int) -> MemberLine:
    row = session.execute(_member_lines(congress_id).where(Member.id == member_id)).one_or_none()
    if row is None:
        raise NotFound("roster.no_such_member")
    return MemberLine(*row)


def branch_members(session: Session, congress_id: int, branch_id: int) -> list[MemberLine]:
    """Everyone in a branch, in the order in which they stand on the roster."""
    rows = session.execute(_member_lines(congress_id).where(Organisation.id == branch_id).order_by(Member.id))
    return [MemberLine(*row) for row in rows]


def members_of_branches(session: Session, congress_id: int, branch_ids: Collection[int]) -> list[MemberLine]:
    """Everyone in these branches, branch by branch."""
    rows = session.execute(
        _member_lines(congress_id).where(Organisation.id.in_(branch_ids)).order_by(Organisation.code, Member.id)
    )
    return [MemberLine(*row) for row in rows]


def elector_list(session: Session, unit_id: int) -> list[MemberLine]:
    """The electors of a unit, branch by branch: who has a vote as the roster stands."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("congress.no_such_unit")
    rows = session.execute(
        _member_lines(unit.congress_id).where(Unit.id == unit_id, VOTES).order_by(Organisation.code, Member.id)
    )
    return [MemberLine(*row) for row in rows]


def branch_of(session: Session, congress_id: int, branch_id: int) -> tuple[Organisation, Unit | None]:
    """A branch and the unit it votes in. Raises NotFound for anything that is no branch."""
    row = session.execute(
        select(Organisation, Unit)
        .outerjoin(UnitBranch, and_(UnitBranch.branch_id == Organisation.id, UnitBranch.congress_id == congress_id))
        .outerjoin(Unit, Unit.id == UnitBranch.unit_id)
        .where(Organisation.id == branch_id, Organisation.kind == OrganisationKind.BRANCH)
    ).one_or_none()
    if row is None:
        raise NotFound("roster.no_such_branch")
    return row[0], row[1]


def unit_of_branch(session: Session, congress_id: int, branch_id: int | None) -> int | None:
    """The unit in which a branch votes; None for one that votes in none, or is none."""
    return session.scalar(
        select(UnitBranch.unit_id).where(UnitBranch.congress_id == congress_id, UnitBranch.branch_id == branch_id)
    )


def open_congresses(session: Session, branch_ids: Collection[int]) -> set[int]:
    """The congresses in which any of these branches votes and that are not archived."""
    return set(
        session.scalars(
            select(Congress.id)
            .join(UnitBranch, UnitBranch.congress_id == Congress.id)
            .where(UnitBranch.branch_id.in_(branch_ids), Congress.phase != Phase.ARCHIVE)
        )
    )


def unit_of_person(session: Session, congress_id: int, person_id: int) -> int | None:
    """The unit in which a person votes; None for who is no member or whose branch has none."""
    return session.scalar(
        select(UnitBranch.unit_id)
        .join(Member, Member.branch_id == UnitBranch.branch_id)
        .where(UnitBranch.congress_id == congress_id, Member.person_id == person_id)
    )


MEMBER_FIELDS = {
    "name": Words("姓名", "name"),
    "branch": Words("党支部", "branch"),
    "ethnicity": Words("民族", "ethnicity"),
    "education": Words("学历", "education"),
    "joined_on": Words("入党日期", "joined on"),
    "category": Words("主要类别", "category"),
    "post": Words("职务", "post"),
    "standing": Words("党员类型", "standing"),
    "suspension": Words("停权原因", "suspension"),
    "since": Words("起始日期", "since"),
    "until": Words("截止日期", "until"),
    "reason": Words("依据和理由", "reason"),
}


def member_facts(line: MemberLine) -> dict[str, str]:
    """The facts about a member that anyone may change, as people read them."""
    return {
        "name": line.name,
        # Dozens of branches bear one name.
        "branch": f"{line.branch_name}（{line.branch_code}）",
        "ethnicity": line.ethnicity,
        "education": line.education,
        "joined_on": day_text(line.joined_on),
        "category": line.category,
        "post": line.post,
        "standing": line.standing.zh,
        "suspension": line.suspension.zh if line.suspension is not None else "",
        "since": day_text(line.right_since),
        "until": day_text(line.right_until),
        "reason": line.right_reason,
    }


def member_token(line: MemberLine) -> str:
    """What a form carries, so that whoever comes second is told what somebody else has changed since."""
    return seen_text(member_facts(line))


def organisation_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """organisation → name: one statement for all of them."""
    return dict(session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))).all())


def branch_ids(session: Session, codes: Collection[str]) -> dict[str, int]:
    """code → branch, of those numbers that name one: one statement."""
    rows = session.execute(
        select(Organisation.code, Organisation.id).where(
            Organisation.code.in_(codes), Organisation.kind == OrganisationKind.BRANCH
        )
    )
    return dict(rows.all())


def names_of_members(session: Session, member_ids: set[int]) -> dict[int, str]:
    """member → name: one statement for all of them."""
    if not member_ids:
        return {}
    rows = session.execute(
        select(Member.id, Person.name).join(Person, Member.person_id == Person.id).where(Member.id.in_(member_ids))
    )
    return {member_id: name for member_id, name in rows}
