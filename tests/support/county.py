"""A small county for tests, made by the product's own operations: its desks, its roster, an approved scheme.

Every name is invented. `County` says who sits at which desk and runs acts in their names, on a clock that tests move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.cn import ric

from election.congress.models import Category, OverlayFact, Unit, UnitKind
from election.congress.operations import (
    CategoryInput,
    OverlayInput,
    add_unit,
    create_congress,
    set_categories,
    set_overlays,
)
from election.contests.models import Contest, ContestKind, Round, RoundKind
from election.notices.operations_electors import publish_electors_notice
from election.people.act import Act
from election.people.actor import Actor, Grant, Role
from election.people.identity import IdentityKeys, read_identity
from election.people.models import Person
from election.people.operations import find_or_add_person, grant_role
from election.people.queries import actor_of
from election.quotas.lifecycle import SchemeState
from election.quotas.models import AssignedLeader, Scheme, SchemeCell
from election.roster.importing.operations import import_roster
from election.roster.importing.rows import MemberRow, OrganisationRow
from election.roster.importing.workbook_writing import roster_workbook
from election.roster.models import Member, Organisation, OrganisationKind, Standing, Suspension
from election.roster.operations import verify_unit
from election.roster.queries_units import unit_roster
from election.store.database import Database
from election.tables import create_all
from tests.support.stores import Stores

ROOT = Actor(None, "系统管理员", (Grant(Role.ADMIN),))
KEYS = IdentityKeys(look_up=b"look-up key of the tests", sealing=Fernet.generate_key())
BEGIN = datetime(2031, 3, 3, 1, 0, tzinfo=UTC)  # a Monday morning
REFERENCE = date(2031, 6, 30)
CATEGORIES = (
    CategoryInput("leader", "领导干部", Fraction(1, 2), "Leaders", takes_assigned=True),
    CategoryInput("farmer", "农民", Fraction(3, 10), "Farmers"),
    CategoryInput("other", "其他基层", Fraction(1, 5), "Others"),
)
OVERLAYS = (
    OverlayInput("women", "妇女", Fraction(27, 100), OverlayFact.WOMEN),
    OverlayInput("under50", "50岁以下", Fraction(92, 100), OverlayFact.AGE_AT_MOST, 50),
)
SURNAMES, GIVEN = "丁王刘李张陈赵龚", "一仁文平生立江红"


def identity_number(serial: int, *, woman: bool = False, born: date = date(1985, 5, 5)) -> str:
    """A valid number; a different one for every `serial` below 500."""
    body = f"110101{born:%Y%m%d}{serial * 2 + (0 if woman else 1):03d}"
    return body + str(ric.calc_check_digit(body + "0"))


def name_of(serial: int) -> str:
    return SURNAMES[serial % 8] + GIVEN[serial // 8 % 8] + GIVEN[serial // 64 % 8]


@dataclass(slots=True)
class County:
    """What a test needs to know of the county; rows by the names they have in it."""

    database: Database
    congress_id: int = 0
    now: datetime = BEGIN
    people: dict[str, Actor] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    branches: dict[str, int] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def acting(self, who: str | Actor) -> Iterator[Act]:
        """One committed act of who sits at a desk: "office", "approver", "u1" (unit clerk), "u1-b1" (branch clerk)."""
        with self.database.writing() as session:
            yield Act(session, self.people[who] if isinstance(who, str) else who, self.now)
        self.now += timedelta(seconds=1)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.database.reading() as session:
            yield session

    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    def sit(self, desk: str, role: Role, *, unit_id: int | None = None, organisation_id: int | None = None) -> Actor:
        """A new person with a role, at a desk of that name."""
        with self.acting(ROOT) as act:
            # Born in another year than anyone on the roster: nobody is two persons.
            number = identity_number(len(self.people), born=date(1961, 1, 1))
            person = find_or_add_person(act, f"经办{desk}", read_identity(number), KEYS)
            grant_role(
                act, person, role, congress_id=self.congress_id, unit_id=unit_id, organisation_id=organisation_id
            )
            self.people[desk] = actor_of(act.session, person)
        return self.people[desk]

    def members(self, branch: str) -> list[int]:
        """The members of a branch, in the order of the roster."""
        with self.reading() as session:
            return list(
                session.scalars(select(Member.id).where(Member.branch_id == self.branches[branch]).order_by(Member.id))
            )

    def person_of(self, member_id: int) -> Person:
        with self.reading() as session:
            return session.scalars(select(Person).join(Member).where(Member.id == member_id)).one()


def begin(database: Database, *, units: int = 2) -> County:
    """A congress in preparation with its categories, overlays, units u1… and the desks of office and approver."""
    county = County(database)
    with county.acting(ROOT) as act:
        congress = create_congress(
            act, code="xian-14", name="某县第十四次代表大会", county="某县", total_seats=20, reference_date=REFERENCE
        )
        county.congress_id = congress.id
    office = county.sit("office", Role.OFFICE)
    county.sit("approver", Role.APPROVER)
    with county.acting(office) as act:
        set_categories(act, congress.id, CATEGORIES)
        set_overlays(act, congress.id, OVERLAYS)
        for number in range(1, units + 1):
            unit = add_unit(act, congress.id, code=f"u{number}", name=f"第{number}镇", kind=UnitKind.TOWNSHIP)
            county.units[unit.code] = unit.id
        act.session.flush()
        county.categories = dict(
            act.session.execute(
                select(Category.code, Category.id)
                .where(Category.congress_id == congress.id)
                .order_by(Category.position)
            ).all()
        )
    for code, unit_id in county.units.items():
        county.sit(code, Role.UNIT_CLERK, unit_id=unit_id)
    return county


def roster_rows(
    units: Sequence[str], *, branches: int = 2, members: int = 12
) -> tuple[list[OrganisationRow], list[MemberRow]]:
    """A committee a unit, branches "u1-b1"… below it; in each branch the categories take turns, every third a woman."""
    organisations: list[OrganisationRow] = []
    people: list[MemberRow] = []
    codes = [category.code for category in CATEGORIES]
    for place, unit in enumerate(units, 1):
        organisations.append(OrganisationRow(0, unit, f"第{place}镇党委", OrganisationKind.COMMITTEE, "", ""))
        for number in range(1, branches + 1):
            branch = f"{unit}-b{number}"
            organisations.append(
                OrganisationRow(
                    0, branch, f"第{place}镇{number}村党支部", OrganisationKind.BRANCH, unit, f"第{place}镇"
                )
            )
            for _ in range(members):
                serial = len(people)
                number_text = identity_number(
                    serial % 500, woman=serial % 3 == 0, born=date(1985 - serial // 500, 5, 5)
                )
                people.append(
                    MemberRow(
                        0,
                        name_of(serial),
                        read_identity(number_text),
                        branch,
                        "汉族" if serial % 5 else "土家族",
                        "大专",
                        Standing.FULL,
                        None,
                        date(2010, 7, 1),
                        codes[serial % len(codes)],
                        "",
                    )
                )
    return organisations, people


def workbook(organisations: Sequence[OrganisationRow], members: Sequence[MemberRow]) -> bytes:
    return roster_workbook([], organisations, members, {category.code: category.name for category in CATEGORIES})


def registered(
    database: Database,
    *,
    units: int = 2,
    branches: int = 2,
    members: int = 12,
    without_vote: Mapping[int, Suspension] | None = None,
    verified: bool = True,
    noticed: bool = False,
) -> County:
    """`begin` with a roster imported and verified, and a clerk at every branch. `without_vote`: serial → why;
    `noticed`: notice 1 hangs from now on.
    """
    county = begin(database, units=units)
    organisations, people = roster_rows(list(county.units), branches=branches, members=members)
    for serial, reason in (without_vote or {}).items():
        row = people[serial]
        people[serial] = MemberRow(
            row.row,
            row.name,
            row.identity,
            row.branch,
            row.ethnicity,
            row.education,
            row.standing,
            reason,
            row.joined_on,
            row.category,
            row.post,
        )
    with county.acting("office") as act:
        import_roster(act, county.congress_id, "花名册.xlsx", workbook(organisations, people), KEYS)
    with county.reading() as session:
        branch_rows = session.execute(
            select(Organisation.code, Organisation.id).where(Organisation.kind == OrganisationKind.BRANCH)
        )
        county.branches = dict(branch_rows.all())
    for code, branch_id in county.branches.items():
        county.sit(code, Role.BRANCH_CLERK, organisation_id=branch_id)
    if verified:
        for code, unit_id in county.units.items():
            with county.acting(code) as act:
                verify_unit(act, unit_id, seen=unit_roster(act.session, unit_id).state.hash)
    if noticed:
        with county.acting("office") as act:
            publish_electors_notice(act, county.congress_id)
    return county


def with_scheme(
    county: County, cells: Mapping[tuple[str, str], int], assigned: Mapping[str, Sequence[int]] | None = None
) -> Scheme:
    """An approved scheme with these seats by (unit, category), its contests and first rounds.

    `assigned`: unit → members who are assigned leaders there; their seats are among those of the leaders' category.
    """
    placed = {unit: list(members) for unit, members in (assigned or {}).items()}
    with county.acting("office") as act:
        session, office, approver = act.session, county.people["office"].person_id, county.people["approver"].person_id
        scheme = Scheme(
            congress_id=county.congress_id,
            number=1,
            state=SchemeState.SUBMITTED,
            base={},
            problem={},
            allocation={},
            hash="0" * 64,
            basis={},
            basis_hash="0" * 64,
            author_id=office,
            computed_at=act.now,
            submitted_by_id=office,
            submitted_at=act.now,
        )
        session.add(scheme)
        session.flush()
        for unit, members in placed.items():
            for member_id in members:
                session.add(
                    AssignedLeader(congress_id=county.congress_id, member_id=member_id, unit_id=county.units[unit])
                )
        for (unit, category), seats in cells.items():
            taken = len(placed.get(unit, ())) if category == "leader" else 0
            place = {"unit_id": county.units[unit], "category_id": county.categories[category]}
            session.add(
                SchemeCell(
                    scheme_id=scheme.id,
                    **place,
                    seats=seats,
                    assigned=taken,
                    weight=Fraction(seats),
                    fair_share=str(seats),
                )
            )
            for kind, number in ((ContestKind.CONTESTED, seats - taken), (ContestKind.UNCONTESTED, taken)):
                if number > 0:
                    contest = Contest(congress_id=county.congress_id, **place, kind=kind, seats=number)
                    session.add(contest)
                    session.flush()
                    session.add(Round(contest_id=contest.id, number=1, kind=RoundKind.ORDINARY, seats=number))
        session.flush()
        # Last of all: nothing is added to an approved scheme.
        scheme.state, scheme.approved_by_id, scheme.approved_at = SchemeState.APPROVED, approver, act.now
        act.record("scheme.approved", scheme, congress_id=county.congress_id)
    return scheme


_made: dict[tuple[str, str, int], County] = {}


def county_from(stores: Stores, name: str, build: Callable[[Database], County]) -> County:
    """A county of one's own that `build` made: built once per worker, kind of database and name, then copied."""
    place = (stores.kind, name, id(stores))

    def fill(url: str) -> None:
        database = Database(url)
        create_all(database)
        _made[place] = build(database)
        database.close()

    url = stores.copy_of(f"county {name}", fill)
    made = _made[place]
    return replace(
        made,
        database=Database(url),
        people=dict(made.people),
        units=dict(made.units),
        branches=dict(made.branches),
        categories=dict(made.categories),
    )


def unit_of(county: County, code: str) -> Unit:
    with county.reading() as session:
        return session.get_one(Unit, county.units[code])
