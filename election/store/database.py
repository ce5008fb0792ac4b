"""Opens the database, embedded (SQLite, WAL) or PostgreSQL, and hands out sessions. Knows no table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from election.store.limits import refuse_misfits

# How long a writer waits for another before it gives up: longer than any operation takes.
BUSY_SECONDS = 30


def _prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not begin transactions behind our back
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # an acknowledged save survives a power cut
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA recursive_triggers=ON")  # else INSERT OR REPLACE slips past the guard of the audit events
    cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: upgrading a read to a write later is what makes "database is locked".
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _refuse_writes(connection: Connection) -> None:
    if not connection.get_execution_options().get("writing", False):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


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
            hide_parameters=True,  # what a statement was given may name persons; errors end up in logs
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

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for queries only; whatever it changed is rolled back. What it read stays readable afterwards."""
        with self._sessions(bind=self.engine) as session:  # closing lets its objects go first, so that none expires
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed when the block ends, and none of them when it raises."""
        with self._turn(), self._sessions(bind=self._writer) as session, session.begin():
            yield session

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
