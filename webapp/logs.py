"""How the server logs: one line per event on standard error. No personal data: of an exception its kind and its frames.

Neither messages nor variables are written: a database driver puts the refused row into its message.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog


def kind_and_frames(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replaces an exception by what it was and where it came from, the chain of its causes included."""
    error = event.pop("exc_info", None)
    chain: list[str] = []
    while isinstance(error, BaseException) and len(chain) < MOST_CAUSES:
        frames = traceback.extract_tb(error.__traceback__)
        chain.append(
            f"{type(error).__name__} at " + " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
        )
        error = error.__cause__ or error.__context__
    if chain:
        event["exception"] = " | ".join(chain)
    return event


MOST_CAUSES = 5


def configure() -> None:
    """Called once when the application is built; a second call changes nothing."""
    # A line for every request that waits for its turn: when all units count at once, that is no fault.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            kind_and_frames,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
