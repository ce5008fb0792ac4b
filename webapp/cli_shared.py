"""What every command shares: bad input as one line and exit 2, the data folder, the database in it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import click
from sqlalchemy import inspect
from sqlalchemy.exc import DatabaseError, OperationalError

from election.errors import Invalid, Refused
from election.store.database import Database
from election.tables import drop_all
from election.texts import sentence
from webapp.settings import DATABASE_FILE, Settings

BAD_INPUT = 2

data_option = click.option("--data", metavar="DIR", help="数据文件夹 (default: XIHENG_DATA, or ./data)")


class OneLine(click.Group):
    """A group whose usage errors are one line too."""

    def main(self, args: Sequence[str] | None = None, **options: Any) -> Any:  # type: ignore[override]
        try:
            return super().main(args=list(args) if args is not None else None, standalone_mode=False, **options)
        except click.exceptions.Abort:
            sys.exit(130)
        except click.ClickException as error:
            fail(f"{error.format_message()}".replace("\n", " "))


def fail(line: str, code: int = BAD_INPUT) -> NoReturn:
    click.echo(" ".join(line.split()), err=True)
    sys.exit(code)


def refused_line(error: Refused) -> str:
    words = sentence(error.code, error.params)
    return f"{error.field}: {words.zh} {words.en}" if error.field else f"{words.zh} {words.en}"


def guarded(run: Callable[[], None]) -> None:
    """Runs a command; what the domain or the disk refuses becomes one line and exit 2."""
    try:
        run()
    except Refused as refused:
        fail(refused_line(refused))
    except Invalid as invalid:
        fail("; ".join(refused_line(refused) for refused in invalid.refusals))
    except OSError as error:
        fail(f"{error.filename or 'file'}: {error.strerror or 'cannot be used'}")
    except DatabaseError as error:
        # A file that is no database is a DatabaseError and none of its kinds.
        if not isinstance(error, OperationalError) and type(error) is not DatabaseError:
            raise
        fail("database: cannot be opened or does not answer")


@contextmanager
def new_database(settings: Settings) -> Iterator[Database]:
    """An empty migrated database; unmade again when what fills it fails, so that nothing is half-done.

    A folder or database that already holds a system is left alone and ends the command.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if holds_system(settings):
        fail(f"{settings.data}: 这里已有系统，未作任何改动 holds a system already, nothing was changed")
    database = Database(settings.database_url)
    try:
        upgrade(database)
        yield database
    except BaseException:
        discard(database, settings)
        raise
    finally:
        database.close()


def discard(database: Database, settings: Settings) -> None:
    if database.embedded:
        database.close()
        for name in (DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm"):
            (settings.data / name).unlink(missing_ok=True)
    else:
        drop_all(database)


def upgrade(database: Database) -> None:
    from election.store.migrations import upgrade_to_head

    upgrade_to_head(database)


def open_existing(settings: Settings) -> Database:
    """The installation's database, brought up to date. Ends with one line where there is none."""
    if not holds_system(settings):
        fail(f"{settings.data}: 这里没有系统 holds no system")
    database = Database(settings.database_url)
    upgrade(database)
    return database


def holds_system(settings: Settings) -> bool:
    if settings.database_url.startswith("sqlite"):
        return (settings.data / DATABASE_FILE).exists()
    database = Database(settings.database_url)
    try:
        return bool(inspect(database.engine).get_table_names())
    finally:
        database.close()
