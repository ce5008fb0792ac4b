"""The command line `xiheng`: sets up, serves, and runs the commands of the machine interfaces. Decides nothing.

Bad input ends with exit 2 and exactly one line on standard error that names the place.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path

import click

from election.store.database import Database
from election.texts import sentence
from webapp.cli_election import roster_import
from webapp.cli_shared import OneLine, data_option, fail, guarded, holds_system, new_database, open_existing
from webapp.settings import Keys, Settings, load_keys, read_settings


@click.group(cls=OneLine, invoke_without_command=False)
def main() -> None:
    """席衡 Xiheng: category-quota elections of party congress delegates."""
    os.umask(0o077)  # names, birth dates and keys are for the server's own user


@main.command()
@click.argument("problem")
@click.option("-o", "out", metavar="FILE", help=".json or .xlsx")
def allocate(problem: str, out: str | None) -> None:
    """Divide the seats. Exit 0 allocated, 3 impossible, 2 bad input."""
    from allocation.commands import allocate_command

    sys.exit(allocate_command(problem, out, sys.stdout))


@main.command()
@click.argument("problem")
@click.argument("allocation")
def check(problem: str, allocation: str) -> None:
    """Prove an allocation from its certificate. Exit 0 certified, 1 not, 2 bad input."""
    from allocation.commands import check_command

    sys.exit(check_command(problem, allocation, sys.stdout))


@main.command()
@click.argument("contest")
def decide(contest: str) -> None:
    """Decide one contest from its counts. Exit 0 whatever the outcome, 2 bad input."""
    from election.contests.decide import decide_command

    sys.exit(decide_command(contest, sys.stdout))


@main.command()
@click.argument("file")
def lot(file: str) -> None:
    """Draw a recorded lot again (the order of speeches, or a tie). Exit 0 the same, 1 not, 2 bad input."""
    guarded(lambda: _lot(file))


def _lot(file: str) -> None:
    from election import lot as drawing

    told = drawing.read_recorded(Path(file).read_bytes())
    for one in drawing.draw(told["names"], told["seed"]):
        click.echo(f"{one.place}\t{one.name}\t{one.number}\t{one.digest}")
    if not drawing.is_as_drawn(told):
        click.echo("记录的次序与重抽的不一致 the recorded order is not the one drawn again", err=True)
        sys.exit(1)


@main.command()
@data_option
@click.option("--name", default="系统管理员", help="the first administrator's name")
@click.option("--login", default="admin", help="the first administrator's sign-in name")
def init(data: str | None, name: str, login: str) -> None:
    """An empty system for a real election, with its first administrator."""
    guarded(lambda: _init(read_settings(data), name, login))


def _init(settings: Settings, name: str, login: str) -> None:
    from election.people.act import acting
    from election.people.actor import SYSTEM
    from election.people.operations import create_first_administrator
    from election.people.passwords import initial_password
    from election.store.installation import begin_installation

    password = initial_password()
    with new_database(settings) as database:
        load_keys(settings.keys)
        with acting(database, SYSTEM) as act:
            begin_installation(act.session, demo=False, now=act.now)
            create_first_administrator(act, name, login, password, must_change=True)
    click.echo(f"{settings.data}")
    click.echo(f"login: {login}")
    click.echo(f"password: {password}")


@main.command()
@click.option("--stage", required=True, metavar="STAGE", help="configured, registered, nominated, counting, published")
@data_option
@click.option("--roster", metavar="FILE", help="rehearse with an own organisation workbook, as far as nominated")
def demo(stage: str, data: str | None, roster: str | None) -> None:
    """A demo county at a stage; its folder is marked 演示 for ever."""
    from election.demo import STAGES

    if stage not in STAGES:
        fail(f"--stage: must be one of {', '.join(STAGES)}")
    guarded(lambda: make_demo(read_settings(data), stage, roster))


def make_demo(settings: Settings, stage: str, roster: str | None = None) -> None:
    from election.demo import LOGINS, PASSWORD, build

    own = None if roster is None else (Path(roster).name, Path(roster).read_bytes())
    with new_database(settings) as database:
        build(database, load_keys(settings.keys).identity, stage, lambda line: click.echo(line, err=True), own)
    for login, role in LOGINS:
        click.echo(f"{login}\t{PASSWORD}\t{role}")


@main.group()
def audit() -> None:
    """The audit chain."""


@audit.command("verify")
@data_option
def audit_verify(data: str | None) -> None:
    """Walk every audit chain, and hold frozen slates and notices against their fingerprints. Exit 0 intact, 1 broken (says where)."""

    def run() -> None:
        from election.results.queries_fingerprints import mismatches
        from election.store.audit import chains, verify

        with closing(open_existing(read_settings(data))) as database, database.reading() as session:
            breaks = verify(session)
            differing = mismatches(session)
            lengths = [(chain.name, chain.length) for chain in chains(session)]
        for found in breaks:
            words = sentence(found.reason, {"chain": found.chain, "position": found.position})
            click.echo(f"{found.chain}[{found.position}]: {words.zh} {words.en}")
        for one in differing:
            click.echo(f"{one.chain} {one.subject}: {one.words.zh} {one.words.en}")
        if breaks or differing:
            sys.exit(1)
        for name, length in lengths:
            click.echo(f"{name}: {length} intact")

    guarded(run)


@main.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(data: str | None, host: str, port: int) -> None:
    """Serve the site; makes the demo county first if there is no system yet."""
    guarded(lambda: _serve(read_settings(data), host, port))


def _serve(settings: Settings, host: str, port: int) -> None:
    import signal

    from webapp.application import create_app, load_pages
    from webapp.board import get_ready
    from webapp.server import listening, run

    if not holds_system(settings):
        if not settings.database_url.startswith("sqlite"):
            # A database that somebody named is never filled with a demo behind their back.
            fail("DATABASE_URL: 数据库是空的，请先运行 init 或 demo is empty: run init or demo first")
        from election.demo import build

        with new_database(settings) as made:
            click.echo("正在生成演示县…… making the demo county", err=True)
            build(made, load_keys(settings.keys).identity, "counting", lambda line: click.echo(line, err=True))
    database = open_existing(settings)
    keys: Keys = load_keys(settings.keys)
    app = create_app(settings, database=database, keys=keys)
    try:
        server = listening(app, host, port)
    except OSError as error:
        fail(f"--port: {host}:{port} {error.strerror or 'cannot be used'}")
    # Whoever comes meanwhile waits for a page that is ready, and is not told that nobody is there.
    load_pages(app)
    get_ready(database)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _announce(database, f"http://{host}:{port}/")
    try:
        run(server)
    except KeyboardInterrupt:
        pass
    finally:
        server.close()
        database.close()


def _announce(database: Database, address: str) -> None:
    """The address, and in a demo who may sign in with what."""
    from election.demo import LOGINS, PASSWORD
    from election.progress.queries import is_demo

    click.echo(f"席衡 Xiheng  {address}")
    with database.reading() as session:
        demo_system = is_demo(session)
    if demo_system:
        click.echo(f"演示账号 demo logins (密码 password: {PASSWORD})")
        for login, role in LOGINS:
            click.echo(f"  {login:<12} {role}")
    sys.stdout.flush()


main.add_command(roster_import)
