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
from election.errors import Forbidden, Invalid
from election.people.act import Act, acting, wall_clock
from election.people.actor import Actor
from election.people.passwords import matches
from election.people.queries import account_by_login, actor_of
from election.store.database import Database
from webapp.cli_shared import data_option, fail, guarded, open_existing, refused_line
from webapp.settings import Keys, load_keys, read_settings

# So many faults are printed, a line each; all of them are in the workbook of --faults.
MOST_TOLD = 20


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
    try:  # as an editor may have written it, with a byte-order mark or without
        password = Path(password_file).read_text("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        fail(f"{password_file}: 不是 UTF-8 文本 is no text in UTF-8")
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
@click.option(
    "--over-corrections", is_flag=True, help="put back what was corrected by hand since, where the file says so"
)
@click.option(
    "--renamed", is_flag=True, help="take rows whose identity number bears another name: it is the same person"
)
@click.option("--faults", metavar="OUT", help="write the workbook with its faults beside the rows to OUT (.xlsx)")
@in_the_name_of
def roster_import(
    congress: str,
    file: str,
    partial: bool,
    over_corrections: bool,
    renamed: bool,
    faults: str | None,
    data: str | None,
    login: str,
    password_file: str,
) -> None:
    """Read a roster workbook in (.xlsx, .xls), all of it or none; prints what it did, or what is wrong, a line each."""

    def run() -> None:
        from election.roster.importing.operations import import_roster, preview_roster
        from election.roster.importing.returned import faulty_workbook

        content = Path(file).read_bytes()
        with _desk(data, login, password_file) as (database, actor, keys):
            with database.reading() as session:
                looking = Act(session, actor, wall_clock())
                preview = preview_roster(looking, _congress(looking, congress).id, content, keys.identity)
            if faults is not None and preview.faults:
                Path(faults).write_bytes(faulty_workbook(content, preview))
            for note in preview.notes:
                click.echo(f"{note.words.zh} {note.words.en}")
            if preview.undone and not over_corrections:
                click.echo(f"corrections by hand that stay 未改回的人工更正: {len(preview.undone)}")
            other_names = {change.row for change in preview.renamed}
            if other_names and not renamed:
                click.echo(f"other names, nothing taken 姓名不同、没有更新: {len(other_names)}")
            undo = {change.row for change in preview.undone} if over_corrections else set()
            try:
                with acting(database, actor) as act:
                    place = _congress(act, congress)
                    row = import_roster(
                        act,
                        place.id,
                        Path(file).name,
                        content,
                        keys.identity,
                        partial=partial,
                        undo=undo,
                        renamed=other_names if renamed else (),
                    )
                    done = (row.organisations_added, row.members_added, row.members_changed, row.rows_left_out)
            except Invalid as invalid:
                for refusal in invalid.refusals[:MOST_TOLD]:
                    click.echo(refused_line(refusal), err=True)
                fail(
                    f"{max(len(invalid.refusals), preview.fault_count)} 处错误，什么也没有导入 faults, nothing was imported"
                )
        for name, number in zip(
            ("organisations added", "members added", "members changed", "rows left out"), done, strict=True
        ):
            click.echo(f"{name}: {number}")

    guarded(run)
