"""Who acts in the demo: the persons with their logins, and every act in its place on the demo's calendar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from election.demo.county import staff_identity
from election.people.act import CHINA, Act, acting
from election.people.actor import SYSTEM, Actor, Role
from election.people.identity import IdentityKeys
from election.people.models import Person
from election.people.operations import create_first_administrator, find_or_add_person, grant_role, open_account
from election.people.queries import account_by_login, actor_of, person_by_id
from election.store.database import Database
from election.store.installation import begin_installation

PASSWORD = "demo-2026"  # noqa: S105 - printed at every start of a demo; a demo guards nothing

# login, the person's name, the role, what the list of logins says
COUNTY_STAFF = (
    ("office", "田佳宁", Role.OFFICE, "组织部经办人 office"),
    ("office2", "冉启航", Role.OFFICE, "组织部第二经办人 second office clerk"),
    ("approver", "向文澜", Role.APPROVER, "审批人 approver"),
    ("teller1", "谭雨欣", Role.TELLER, "计票人甲 teller A"),
    ("teller2", "罗景行", Role.TELLER, "计票人乙 teller B"),
    ("scrutineer", "覃秋实", Role.SCRUTINEER, "总监票人 scrutineer"),
    ("observer", "牟远航", Role.OBSERVER, "观察员 observer"),
)
ADMIN = ("admin", "吴思源", "系统管理员 administrator")
UNIT_CLERK = ("unit", "选举单位经办人 unit clerk")
BRANCH_CLERK = ("branch", "支部经办人 branch clerk")


@dataclass(slots=True)
class Cast:
    """The database, the demo's calendar, and the persons by login or part."""

    database: Database
    keys: IdentityKeys
    now: datetime
    congress_id: int = 0
    # The unit whose clerk has a login of the demo.
    own_unit: str = "u04"
    # The branch of the demo's own branch clerk.
    branch_id: int = 0
    persons: dict[str, int] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def on(self, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
        """Turns the calendar to a day."""
        self.now = self.now.replace(month=month, day=day, hour=hour, minute=minute, second=0)

    def moment(self) -> datetime:
        """Every act a little after the one before."""
        self.now += timedelta(seconds=7)
        return self.now

    @contextmanager
    def act(self, who: str) -> Iterator[Act]:
        """An act of this person, with the roles they hold."""
        if who not in self.actors:
            with self.database.reading() as session:
                self.actors[who] = actor_of(session, person_by_id(session, self.persons[who]))
        with acting(self.database, self.actors[who], self.moment) as act:
            yield act

    def forget(self, who: str) -> None:
        """The person's roles have changed."""
        self.actors.pop(who, None)


def begin(database: Database, keys: IdentityKeys, year: int) -> Cast:
    """An installation marked as a demo, with its administrator."""
    cast = Cast(database, keys, datetime(year, 9, 7, 9, tzinfo=CHINA))
    login, name, _ = ADMIN
    with acting(database, SYSTEM, cast.moment) as act:
        begin_installation(act.session, demo=True, now=act.now)
        create_first_administrator(act, name, login, PASSWORD)
    with database.reading() as session:
        account = account_by_login(session, login)
        cast.persons["admin"] = 0 if account is None else account.person_id
    return cast


def hire(cast: Cast) -> None:
    """The county's staff, each with an account and a role in the congress."""
    with cast.act("admin") as act:
        for login, name, role, _ in COUNTY_STAFF:
            person = engage(act, cast, login, name)
            open_account(act, person, login, PASSWORD, must_change=False)
            grant_role(act, person, role, congress_id=cast.congress_id)


def engage(act: Act, cast: Cast, part: str, name: str) -> Person:
    """A person for a part in the play, without an account."""
    person = find_or_add_person(act, name, staff_identity(len(cast.persons)), cast.keys)
    act.session.flush()
    cast.persons[part] = person.id
    return person


def give_login(cast: Cast, part: str, login: str) -> None:
    """An account for someone who already has a part."""
    with cast.act("admin") as act:
        open_account(act, person_by_id(act.session, cast.persons[part]), login, PASSWORD, must_change=False)
