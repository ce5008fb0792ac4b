"""What is read of a congress is kept until its revision moves, and read by one when many ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest

from election.store.database import Database
from election.store.remembered import Remembered

MANY = 8


def test_a_reading_is_kept_until_the_revision_moves(database: Database) -> None:
    kept: Remembered[str] = Remembered()
    with database.reading() as session:
        assert kept.get(session, 1, 5, lambda: "first") == "first"
        assert kept.get(session, 1, 5, lambda: "never read") == "first"
        assert kept.get(session, 1, 6, lambda: "second") == "second"


def test_two_congresses_and_two_databases_are_kept_apart(database: Database, tmp_path: Path) -> None:
    kept: Remembered[str] = Remembered()
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    with database.reading() as session, other.reading() as elsewhere:
        kept.get(session, 1, 5, lambda: "here")
        assert kept.get(session, 2, 5, lambda: "the other congress") == "the other congress"
        assert kept.get(elsewhere, 1, 5, lambda: "the other database") == "the other database"
        assert kept.get(session, 1, 5, lambda: "never read") == "here"
    other.close()


def test_of_many_who_ask_at_once_one_reads(database: Database) -> None:
    kept: Remembered[int] = Remembered()
    readings: list[int] = []
    together, second_reader = Barrier(MANY), Event()

    def read() -> int:
        readings.append(len(readings))
        if len(readings) > 1:
            second_reader.set()
        second_reader.wait(0.3)  # long enough for a second one to begin, if it were let
        return len(readings)

    def ask(_number: int) -> int:
        with database.reading() as session:
            together.wait(timeout=30)
            return kept.get(session, 1, 5, read)

    with ThreadPoolExecutor(MANY) as people:
        assert list(people.map(ask, range(MANY))) == [1] * MANY
    assert readings == [0]


def test_a_reading_that_fails_is_not_kept(database: Database) -> None:
    kept: Remembered[int] = Remembered()
    with database.reading() as session:
        with pytest.raises(ZeroDivisionError):
            kept.get(session, 1, 5, lambda: 1 // 0)
        assert kept.get(session, 1, 5, lambda: 7) == 7
