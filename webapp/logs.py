"""How the server logs: one line per event on standard error, tracebacks plain. No personal data: no variables, no values."""

from __future__ import annotations

import sys

import structlog


def configure() -> None:
    """Called once when the application is built; a second call changes nothing."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,  # the default prints every local variable with it
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
