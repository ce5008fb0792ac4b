"""Every statement is put together once per worker, as in a server that runs all day, and not once per test's database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache, immutabledict

# More than the product has: nothing is put together twice.
ROOM = 5000


def share_statements() -> None:
    """A statement is kept by the dialect it was put together for. Those of one kind all speak to the same driver and server
    here, so one counts as the other.
    """
    kept: LRUCache[Any, Any] = LRUCache(ROOM)
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__eq__ = _alike  # type: ignore[method-assign, assignment]
        kind.__hash__ = _by_kind  # type: ignore[method-assign, assignment]
    Engine._execution_options = immutabledict({"compiled_cache": kept})


def _alike(one: object, other: object) -> bool:
    return type(one) is type(other)


def _by_kind(one: object) -> int:
    return hash(type(one))
