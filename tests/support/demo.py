"""The demo county for tests: built once for all workers of a run, with a picture kept of every stage on the way.

`demo_of(stores, "counting", shared)` gives a database of one's own at that stage; `shared` is `shared_folder(…)`.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from base64 import urlsafe_b64encode
from contextlib import closing
from pathlib import Path

import pytest

from election.demo import STAGES, build
from election.people.identity import IdentityKeys
from election.store.database import Database
from election.store.migrations import upgrade_to_head
from tests.support.stores import Stores

# The same in every worker, since they share what one of them built.
DEMO_KEYS = IdentityKeys(
    look_up=b"look-up key of the demo in tests", sealing=urlsafe_b64encode(b"sealing key of the demo in tests")
)


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run have in common."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo"
    folder.mkdir(exist_ok=True)
    return folder


def build_demo(url: str, stage: str) -> None:
    """The demo at a stage, in an empty database, as the command `demo` makes it."""
    database = Database(url)
    upgrade_to_head(database)
    build(database, DEMO_KEYS, stage, lambda _: None)
    database.close()


def copy_sqlite(source: Path, target: Path) -> None:
    # The backup reads through the write-ahead log, which copying the file would miss.
    with closing(sqlite3.connect(source)) as opened, closing(sqlite3.connect(target)) as copy:
        opened.backup(copy)


def _build_all(folder: Path) -> None:
    """One build to the last stage; before each next stage begins, the database is what the one before left."""
    making = folder / "making.db"
    for old in folder.glob("making.db*"):
        old.unlink()
    database = Database(f"sqlite:///{making}")
    upgrade_to_head(database)
    reached = iter((None, *STAGES[:-1]))

    def keep(_line: str) -> None:
        stage = next(reached)
        if stage is not None:
            copy_sqlite(making, folder / f"{stage}.db")

    build(database, DEMO_KEYS, STAGES[-1], keep)
    database.close()
    copy_sqlite(making, folder / "last.db")
    (folder / "last.db").rename(folder / f"{STAGES[-1]}.db")


def demo_of(stores: Stores, stage: str, shared: Path) -> str:
    """The URL of a demo at `stage`, for this test alone."""

    def fill(url: str) -> None:
        if stores.kind != "sqlite":
            build_demo(url, stage)
            return
        with (shared / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (shared / "failed").exists():
                raise RuntimeError("the demo cannot be built; the first test that wanted it says why")
            if not (shared / f"{STAGES[-1]}.db").exists():
                (shared / "failed").touch()
                _build_all(shared)
                (shared / "failed").unlink()
        copy_sqlite(shared / f"{stage}.db", Path(url.removeprefix("sqlite:///")))

    return stores.copy_of(f"demo {stage}", fill)
