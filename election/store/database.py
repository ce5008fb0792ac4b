"""Opens the database, embedded (SQLite, WAL) or PostgreSQL, and hands out sessions. Knows no table."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from election.store.flushing import SharedFlush
from election.store.limits import refuse_misfits

# How long a writer waits for another before it gives up: longer than any operation takes.
BUSY_SECONDS = 30
# How long the log is tried to be emptied while others read; the next one who wants it empty tries again.
EMPTYING_MS = 500
_EMPTIES_LOG = "empties_log"
# Connections that stay open, one for every request that is answered at once: opening one costs more than a save.
KEPT_OPEN = 8


def _prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not begin transactions behind our back
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # an acknowledged save survives a power cut
    cursor.execute("PRAGMA secure_delete=ON")  # what was overwritten is overwritten in the file too
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA recursive_triggers=ON")  # else INSERT OR REPLACE slips past the guard of the audit events
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: upgrading a read to a write later is what makes "database is locked".
    options = connection.get_execution_options()
    writing = options.get("writing", False)
    if writing:
        _wait_for_disk(connection, within=not options.get("draft", False))
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _wait_for_disk(connection: Connection, *, within: bool) -> None:
    """`within` the commit, as every connection does that was never told otherwise; else `SharedFlush` waits after it."""
    if connection.info.get("within", True) is not within:
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if within else 'NORMAL'}")
        connection.info["within"] = within


def _refuse_writes(connection: Connection) -> None:
    if not connection.get_execution_options().get("writing", False):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def leave_no_history(session: Session) -> None:
    """Once the session has committed, the embedded database forgets how what it holds came to be: its log, in which every
    earlier state of a row still stands, is emptied.
    """
    session.info[_EMPTIES_LOG] = True


class Database:
    """One database. `reading()` and `writing()` give a session in a transaction of its own.

    Operations do not call `writing()` themselves: they are handed an `Act` (see `act.py`).
    """

    def __init__(self, url: str) -> None:
        if url.startswith("postgres://"):
            url = "postgresql://" + url.removeprefix("postgres://")
        self.url = url
        self.embedded = url.startswith("sqlite")
        self.engine: Engine = create_engine(
            url,
            pool_pre_ping=not self.embedded,
            pool_size=KEPT_OPEN,
            hide_parameters=True,  # what a statement was given may name persons; errors end up in logs
            # Acts take turns by locks: a server set to a stricter way would refuse every second one of two at once.
            **({} if self.embedded else {"isolation_level": "READ COMMITTED"}),
        )
        if self.embedded:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "begin", _refuse_writes)
        # Writers of this process wait in line: the embedded database's own waiting is a sleep that wakes late.
        self._line = Lock() if self.embedded else None
        self._sessions = sessionmaker(expire_on_commit=False)
        event.listen(self._sessions, "before_flush", refuse_misfits)
        self._writer = self.engine.execution_options(writing=True)
        self._drafter = self.engine.execution_options(writing=True, draft=True)
        # The log lies beside the file itself, wherever a link to it stands.
        log = Path(f"{os.path.realpath(self.engine.url.database or '')}-wal")
        self._log = SharedFlush(log) if self.embedded else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for queries only; whatever it changed is rolled back. What it read stays readable afterwards."""
        with self._sessions(bind=self.engine) as session:  # closing lets its objects go first, so that none expires
            yield session

    @contextmanager
    def writing(self, *, draft: bool = False) -> Iterator[Session]:
        """A session whose changes are committed when the block ends, and none of them when it raises.

        Either way they lie on the disk when the block has ended. For a `draft` the embedded database waits for the disk after
        its commit, together with others: while eighty tellers save at once, a disk that turns is done a hundred times a
        second. Meanwhile others see what a power cut would still undo, so only what nobody else builds on is written so.
        """
        with self._turn(), self._sessions(bind=self._drafter if draft else self._writer) as session, session.begin():
            yield session
        if draft and self._log is not None:
            self._log.settle()
        if self.embedded and session.info.get(_EMPTIES_LOG):
            self._empty_log()

    def _empty_log(self) -> None:
        with self._turn():
            connection = self.engine.raw_connection()  # outside any transaction: within one nothing can be emptied
            try:
                cursor = connection.cursor()
                cursor.execute(f"PRAGMA busy_timeout={EMPTYING_MS}")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
                cursor.close()
            finally:
                connection.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One writer at a time. Whoever waited too long is left to the database, which then says so."""
        line = self._line
        waited = line is not None and line.acquire(timeout=BUSY_SECONDS)
        try:
            yield
        finally:
            if line is not None and waited:
                line.release()

    def answers(self) -> bool:
        """True when the database can be read."""
        with self.engine.connect() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar_one() == 1)

    def close(self) -> None:
        self.engine.dispose()
