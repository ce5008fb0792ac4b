"""Keeps what was read of a congress until the congress's revision moves; every recorded act moves it.

For reading that costs and that many pages want. Never decides anything: an operation always reads afresh.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

T = TypeVar("T")


class Remembered(Generic[T]):
    """One kind of reading, by database and congress."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], tuple[int, T]] = {}
        self._lock = Lock()

    def get(self, session: Session, congress_id: int, revision: int, read: Callable[[], T]) -> T:
        """What `read` gave at this revision. The revision is read before, so a change in between is seen next time."""
        place = (str(session.get_bind().engine.url), congress_id)
        kept = self._kept.get(place)
        if kept is not None and kept[0] == revision:
            return kept[1]
        with self._lock:  # after an act everyone asks at once: one reads, the others wait and find it kept
            kept = self._kept.get(place)
            if kept is None or kept[0] != revision:
                kept = self._kept[place] = (revision, read())
        return kept[1]
