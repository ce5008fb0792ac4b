"""Databases for tests, of either kind: empty ones, and copies of ones that were filled once.

A test gets a URL and may do to its database whatever it likes. Filling (migrations, a demo county) is done once per
worker and name; every further copy of it takes milliseconds.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.support.postgres import Cluster

Fill = Callable[[str], None]


class Stores(ABC):
    """Makes databases of one kind. `kind` is the name the tests carry: sqlite or postgresql."""

    kind: str

    def __init__(self) -> None:
        self._templates: dict[str, str] = {}
        self._numbers = itertools.count(1)

    @abstractmethod
    def empty(self) -> str:
        """The URL of a new database without a single table."""

    @abstractmethod
    def _copy(self, url: str) -> str:
        """The URL of a new database that holds what the one at `url` holds."""

    def copy_of(self, name: str, fill: Fill) -> str:
        """The URL of a new database that holds what `fill(url)` puts there. It is called once per worker and name."""
        if name not in self._templates:
            url = self.empty()
            fill(url)
            self._templates[name] = url
        return self._copy(self._templates[name])

    @abstractmethod
    def discard(self) -> None:
        """Forgets every database made since the last time, but for the filled ones that copies are made from."""


class SqliteStores(Stores):
    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def _new(self) -> Path:
        place = self._folder / str(next(self._numbers))
        place.mkdir()
        return place / "store.db"

    def empty(self) -> str:
        return f"sqlite:///{self._new()}"

    def _copy(self, url: str) -> str:
        target = self._new()
        # The backup reads through the write-ahead log, which copying the file would miss.
        with (
            closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
        return f"sqlite:///{target}"

    def discard(self) -> None:
        kept = {Path(url.removeprefix("sqlite:///")).parent for url in self._templates.values()}
        for place in self._folder.iterdir():
            if place not in kept:
                shutil.rmtree(place, ignore_errors=True)


class PostgresStores(Stores):
    kind = "postgresql"

    def __init__(self, cluster: Cluster) -> None:
        super().__init__()
        self._cluster = cluster
        self._made: list[str] = []

    def _new(self, template: str) -> str:
        name = f"store_{next(self._numbers)}"
        self._made.append(name)
        return self._cluster.create(name, template)

    def _name(self, url: str) -> str:
        return next(name for name in self._made if self._cluster.url(name) == url)

    def empty(self) -> str:
        return self._new("template0")

    def _copy(self, url: str) -> str:
        template = self._name(url)
        self._cluster.disconnect(template)
        return self._new(template)

    def discard(self) -> None:
        kept = {self._name(url) for url in self._templates.values()}
        for name in self._made:
            if name not in kept:
                self._cluster.drop(name)
        self._made = sorted(kept)
