"""Where the tests' databases lie while they run: in memory where there is room, else in the usual temporary folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3


def fastest() -> Path | None:
    """The folder to make temporary folders in; None for the usual one. A thousand databases are made and thrown away."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        return MEMORY
    return None
