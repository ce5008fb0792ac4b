"""Waits until what was written to a file lies on the disk, with one flush for all who wait. Writes nothing itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Condition

# The file's content alone; where the system knows only the flush of everything, that.
flush_descriptor: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


class LostWritesError(OSError):
    """The disk failed to keep what was written, and may since have forgotten that: no later flush makes it good."""


def flush(path: Path) -> None:
    """Waits for the disk. A log that is gone has been taken into its database, which the database flushed.

    Raises LostWritesError, and OSError where the file cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return
    try:
        flush_descriptor(descriptor)
    except OSError as error:
        raise LostWritesError(*error.args) from error
    finally:
        os.close(descriptor)


class SharedFlush:
    """`settle()` returns once a flush that began after the call has ended well, and raises OSError where none does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed = Condition()
        self._begun = self._kept = 0
        self._running = False
        self._lost: LostWritesError | None = None

    def settle(self) -> None:
        with self._changed:
            wanted = self._begun + 1
            while self._kept < wanted:
                if self._lost is not None:
                    raise self._lost
                if self._running:
                    self._changed.wait()
                else:
                    self._flush()

    def _flush(self) -> None:
        """Called with the lock held, which is let go while the disk works."""
        self._begun += 1
        number, ended, self._running = self._begun, False, True
        lost: LostWritesError | None = None
        self._changed.release()
        try:
            flush(self._path)
            ended = True
        except LostWritesError as error:
            lost = error
            raise
        finally:
            self._changed.acquire()
            self._running, self._lost = False, lost
            if ended:
                self._kept = number
            self._changed.notify_all()
