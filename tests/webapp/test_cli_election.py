"""Commands that act in a congress in a person's name, and the rehearsal of an election with an own roster."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook
from sqlalchemy import func, select

from election.congress.models import Unit, UnitKind
from election.congress.operations import CategoryInput, add_unit, create_congress, set_categories
from election.contests.models import Contest, Round
from election.demo import county
from election.nomination.lifecycle import SlateState
from election.nomination.models import Application, Slate
from election.people.act import acting
from election.people.actor import Role
from election.people.identity import read_identity
from election.people.operations import find_or_add_person, grant_role, open_account
from election.people.queries import actor_of
from election.roster.models import Member
from election.store.database import Database
from election.store.models import AuditEvent, Installation
from tests.support.county import ROOT, identity_number
from tests.support.journeys import CATEGORIES, CONGRESS, UNITS, workbook
from webapp import cli_election
from webapp.cli import main
from webapp.settings import load_keys, read_settings


@pytest.fixture(autouse=True)
def nothing_from_the_caller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "XIHENG_DATA", "XIHENG_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def refused(*words: str | Path) -> str:
    """The one line with which the command refuses."""
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert result.stderr.count("\n") == 1 and "Traceback" not in result.stderr
    return result.stderr


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Path]:
    """A system with a congress of two units, whose office has an account; its folder."""
    data = tmp_path / "data"
    assert run("init", "--data", data).exit_code == 0
    settings = read_settings(str(data))
    keys = load_keys(settings.keys).identity
    with closing(Database(settings.database_url)) as database:
        with acting(database, ROOT) as act:
            congress = create_congress(
                act, code=CONGRESS, name="大会", county="某县", total_seats=4, reference_date=date(2031, 6, 30)
            )
            staff = {}
            for number, (login, role) in enumerate((("office", Role.OFFICE), ("observer", Role.OBSERVER)), 90):
                identity = read_identity(identity_number(number, born=date(1979, 9, 9)))
                staff[role] = find_or_add_person(act, login, identity, keys)
                open_account(act, staff[role], login, "a-long-password", must_change=False)
                grant_role(act, staff[role], role, congress_id=congress.id)
        with database.reading() as session:
            actor = actor_of(session, staff[Role.OFFICE])
        with acting(database, actor) as act:
            set_categories(
                act,
                congress.id,
                [
                    CategoryInput(code, name, Fraction(1, 2), "", assigned == "yes")
                    for code, name, _, assigned in CATEGORIES
                ],
            )
            for code, name in UNITS:
                add_unit(act, congress.id, code=code, name=name, kind=UnitKind.TOWNSHIP)
    (tmp_path / "password").write_text("a-long-password\n")
    (tmp_path / "roster.xlsx").write_bytes(workbook())
    yield data


def members(data: Path) -> int:
    with closing(Database(read_settings(str(data)).database_url)) as database, database.reading() as session:
        return session.scalar(select(func.count()).select_from(Member)) or 0


def as_(login: str, data: Path, password: str = "password") -> tuple[str | Path, ...]:
    return ("--as", login, "--password-file", data.parent / password, "--data", data)


def test_a_roster_is_read_in_by_command_in_the_name_of_the_office(system: Path) -> None:
    result = run("roster-import", CONGRESS, "roster.xlsx", *as_("office", system))
    assert (result.exit_code, result.stderr) == (0, "")
    assert "members added: 16" in result.stdout and "rows left out: 0" in result.stdout
    assert members(system) == 16
    with closing(Database(read_settings(str(system)).database_url)) as database, database.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "roster.imported")).one()
    assert event.person_name == "office" and event.details["file"] == "roster.xlsx"
    again = run("roster-import", CONGRESS, "roster.xlsx", *as_("office", system))
    assert "members added: 0" in again.stdout and "members changed: 0" in again.stdout


def test_a_command_is_nobody_s_without_the_right_account(system: Path) -> None:
    (system.parent / "wrong").write_text("another password\n")
    command = ("roster-import", CONGRESS, "roster.xlsx")
    assert "密码" in refused(*command, *as_("office", system, "wrong"))
    assert "密码" in refused(*command, *as_("nobody", system))
    assert "observer" in refused(*command, *as_("observer", system))
    assert "没有" in refused("roster-import", "nowhere", "roster.xlsx", *as_("office", system))
    assert "none" in refused(*command, *as_("office", system, "none"))
    assert "absent.xlsx" in refused("roster-import", CONGRESS, "absent.xlsx", *as_("office", system))
    assert members(system) == 0


def test_a_workbook_with_a_fault_is_read_in_only_in_part_and_only_when_asked(system: Path) -> None:
    book = load_workbook(io.BytesIO(workbook()))
    page = book["党员"]
    page.cell(2, 2).value = "110101199003070000"
    book.save(system.parent / "faulty.xlsx")
    command = ("roster-import", CONGRESS, "faulty.xlsx")
    told = run(*command, "--faults", "退回.xlsx", *as_("office", system))
    assert (told.exit_code, told.stdout) == (2, "")
    fault, summary = told.stderr.splitlines()
    assert "“党员”表第 2 行 B 列" in fault and "1 处错误，什么也没有导入" in summary
    returned = load_workbook(system.parent / "退回.xlsx")["党员"]
    assert str(returned.cell(2, returned.max_column).value).startswith("身份证号")
    assert members(system) == 0
    result = run(*command, "--partial", *as_("office", system))
    assert "members added: 15" in result.stdout and "rows left out: 1" in result.stdout
    assert members(system) == 15


def test_of_many_faults_the_first_are_told_a_line_each_and_no_identity_number_in_full(
    system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = load_workbook(io.BytesIO(workbook()))
    page = book["党员"]
    numbers = [str(page.cell(row, 2).value) for row in range(2, page.max_row + 1)]
    for row, number in enumerate(numbers, 2):
        page.cell(row, 4).value = number
    book.save(system.parent / "faulty.xlsx")
    monkeypatch.setattr(cli_election, "MOST_TOLD", 5)
    told = run("roster-import", CONGRESS, "faulty.xlsx", *as_("office", system))
    lines = told.stderr.splitlines()
    assert len(lines) == 6 and f"{len(numbers)} 处错误" in lines[-1]
    assert not any(number in told.output for number in numbers)


def test_a_password_file_may_come_from_any_editor_and_is_text(system: Path) -> None:
    (system.parent / "bom").write_text("a-long-password\r\n", "utf-8-sig")
    assert run("roster-import", CONGRESS, "roster.xlsx", *as_("office", system, "bom")).exit_code == 0
    (system.parent / "binary").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in refused("roster-import", CONGRESS, "roster.xlsx", *as_("office", system, "binary"))


def test_the_way_from_an_organisation_workbook_to_frozen_slates_is_rehearsed_by_one_command(tmp_path: Path) -> None:
    (tmp_path / "组织.xlsx").write_bytes(county.workbook(Random(7)))
    result = run("demo", "--stage", "nominated", "--roster", "组织.xlsx", "--data", tmp_path / "data")
    assert result.exit_code == 0, result.output
    with (
        closing(Database(read_settings(str(tmp_path / "data")).database_url)) as database,
        database.reading() as session,
    ):
        assert session.scalars(select(Installation.demo)).one()
        assert session.scalar(select(func.count()).select_from(Unit)) == 37
        assert session.scalar(select(func.count()).select_from(Application)) == 514
        frozen = (
            select(Contest.unit_id, Round.id)
            .join(Round, Round.contest_id == Contest.id)
            .join(Slate, (Slate.round_id == Round.id) & (Slate.state == SlateState.FROZEN))
        )
        rounds = session.execute(frozen).all()
        assert len(rounds) == session.scalar(select(func.count()).select_from(Round))
        assert len({unit for unit, _ in rounds}) == 37
    assert run("audit", "verify", "--data", tmp_path / "data").exit_code == 0


def test_a_rehearsal_that_cannot_be_begun_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "roster.xlsx").write_bytes(b"%PDF-1.7")
    demo = ("demo", "--roster", "roster.xlsx", "--data", tmp_path / "data", "--stage")
    assert "registered" in refused(*demo, "counting")
    assert run(*demo, "nominated").exit_code == 2
    assert not (tmp_path / "data" / "xiheng.db").exists()
