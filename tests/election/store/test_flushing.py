"""A draft is acknowledged when it lies on the disk; the next writer does not wait for that, and all who wait share a flush."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Condition, Semaphore

import pytest
from sqlalchemy import text

from election.people.models import Person
from election.store import flushing
from election.store.database import Database
from tests.election.conftest import make_tables
from tests.support.stores import Stores

MANY, PATIENCE = 5, 60.0

Disk = Callable[[Path], None]


@pytest.fixture
def embedded(sqlite_stores: Stores) -> Iterator[Database]:
    opened = Database(sqlite_stores.copy_of("tables", make_tables))
    yield opened
    opened.close()


def _save(database: Database, name: str, *, draft: bool) -> int:
    """Writes a person; how strictly SQLite itself waited for the disk: 2 in the commit, 1 not."""
    with database.writing(draft=draft) as session:
        session.add(Person(name=name))
        return int(session.execute(text("PRAGMA synchronous")).scalar_one())


def _names(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(text("SELECT name FROM person ORDER BY name")))


def test_a_draft_waits_for_the_disk_after_its_commit_and_the_next_writer_not_for_it(
    embedded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[tuple[Path, list[str]]] = []

    def disk(log: Path) -> None:
        flushed.append((log, _names(embedded)))
        assert _save(embedded, "乙", draft=False) == 2  # an act, while the draft still waits

    monkeypatch.setattr(flushing, "flush", disk)
    assert _save(embedded, "甲", draft=True) == 1
    (only,) = flushed
    assert only == (Path(f"{embedded.engine.url.database}-wal"), ["甲"])
    assert only[0].exists()
    assert _names(embedded) == ["乙", "甲"]


def test_an_act_on_a_connection_that_kept_a_draft_waits_for_the_disk_in_its_commit_again(embedded: Database) -> None:
    assert [_save(embedded, "甲", draft=draft) for draft in (False, True, False, True)] == [2, 1, 2, 1]


def broken(*_: object) -> None:
    raise OSError("out of order")


def test_a_draft_that_the_disk_did_not_keep_is_not_acknowledged_nor_is_any_later_one(
    embedded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flushing, "flush_descriptor", broken)
    with pytest.raises(flushing.LostWritesError, match="out of order"):
        _save(embedded, "甲", draft=True)
    monkeypatch.undo()
    with pytest.raises(flushing.LostWritesError):
        _save(embedded, "乙", draft=True)


def test_a_log_that_cannot_be_opened_for_once_costs_one_acknowledgement(
    embedded: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flushing, "flush", broken)
    with pytest.raises(OSError, match="out of order"):
        _save(embedded, "甲", draft=True)
    monkeypatch.undo()
    assert _save(embedded, "乙", draft=True) == 1


def test_what_is_not_there_to_be_flushed_is_in_the_database_already(tmp_path: Path) -> None:
    flushing.flush(tmp_path / "nothing.db-wal")
    assert list(tmp_path.iterdir()) == []


def test_all_who_come_while_the_disk_works_share_the_next_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, flushes = Semaphore(0), list[int]()

    class Watched(Condition):
        def wait(self, timeout: float | None = None) -> bool:
            waiting.release()
            return super().wait(timeout)

    def disk(_log: Path) -> None:
        flushes.append(len(flushes))
        if len(flushes) == 1:
            assert all(waiting.acquire(timeout=PATIENCE) for _ in range(MANY))

    monkeypatch.setattr(flushing, "Condition", Watched)
    monkeypatch.setattr(flushing, "flush", disk)
    shared = flushing.SharedFlush(Path("log"))
    with ThreadPoolExecutor(MANY + 1) as savers:
        for saver in [savers.submit(shared.settle) for _ in range(MANY + 1)]:
            saver.result()
    # Whoever came while the first was on its way cannot know whether it took theirs along: it does not count for them.
    assert flushes == [0, 1]


def test_whoever_settles_has_a_flush_behind_them_that_began_after_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    written: set[int] = set()
    kept: set[int] = set()

    def disk(_log: Path) -> None:
        kept.update(written.copy())

    monkeypatch.setattr(flushing, "flush", disk)
    shared = flushing.SharedFlush(Path("log"))

    def save(number: int) -> bool:
        written.add(number)
        shared.settle()
        return number in kept

    with ThreadPoolExecutor(MANY) as savers:
        assert all(savers.map(save, range(200)))
