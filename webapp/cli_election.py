"""Commands that act in a congress, each in the name of a person's own account: what an office does by the hundred.

Every act asks for the same permission as the page does, and stands in the audit chain under the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from election.congress.models import Congress
from election.congress.queries import congress_by_code
from election.errors import Forbidden
from election.people.act import Act, acting
from election.people.actor import Actor
from election.people.passwords import matches
from election.people.queries import account_by_login, actor_of
from election.store.database import Database
from webapp.cli_shared import data_option, guarded, open_existing
from webapp.settings import Keys, load_keys, read_settings


def in_the_name_of(run: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which a command knows who acts. The password is read from a file, never from the command line."""
    run = click.option("--as", "login", required=True, metavar="LOGIN", help="whose account acts")(run)
    password = click.option(
        "--password-file",
        required=True,
        envvar="XIHENG_PASSWORD_FILE",
        metavar="FILE",
        help="holds the account's password (default: XIHENG_PASSWORD_FILE)",
    )
    return data_option(password(run))


@contextmanager
def _desk(data: str | None, login: str, password_file: str) -> Iterator[tuple[Database, Actor, Keys]]:
    """The installation's database, and the person whose account and password these are. Raises Forbidden."""
    settings = read_settings(data)
    password = Path(password_file).read_text("utf-8").rstrip("\r\n")
    with closing(open_existing(settings)) as database:
        with database.reading() as session:
            account = account_by_login(session, login)
            if account is None or not account.active or not matches(account.password_hash, password):
                raise Forbidden("people.sign_in_wrong", field="--as")
            if account.must_change_password:
                raise Forbidden("people.password_first", field="--as")
            actor = actor_of(session, account.person)
        yield database, actor, load_keys(settings.keys)


def _congress(act: Act, code: str) -> Congress:
    return congress_by_code(act.session, code)


@click.command("roster-import")
@click.argument("congress")
@click.argument("file")
@click.option("--partial", is_flag=True, help="read in the sound rows and leave those with a fault out")
@in_the_name_of
def roster_import(congress: str, file: str, partial: bool, data: str | None, login: str, password_file: str) -> None:
    """Read a roster workbook in (.xlsx, .xls), all of it or none; prints what it did."""

    def run() -> None:
        from election.roster.operations_import import import_roster

        content = Path(file).read_bytes()
        with (
            _desk(data, login, password_file) as (database, actor, keys),
            acting(database, actor) as act,
        ):
            place = _congress(act, congress)
            row = import_roster(act, place.id, Path(file).name, content, keys.identity, partial=partial)
            done = (row.organisations_added, row.members_added, row.members_changed, row.rows_left_out)
        for name, number in zip(
            ("organisations added", "members added", "members changed", "rows left out"), done, strict=True
        ):
            click.echo(f"{name}: {number}")

    guarded(run)
