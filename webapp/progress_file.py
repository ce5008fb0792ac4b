"""How far long work of one person has come, in a small file of the data folder, so that any process can tell. No database:
the work's own transaction is not over yet.

The file goes when the work ends; one that a crash left behind is taken away by the next.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from flask import current_app

from election.roster.importing.workbook import Progress, silent

FOLDER = "progress"
TOKEN = re.compile(r"[0-9a-f]{32}")
# Seconds between two writes, and after which a file is a crash's.
THROTTLE, FORGOTTEN = 0.2, 3600

# Step → the stretch of the whole work that it is, in percent.
Spans = Mapping[str, tuple[int, int]]


@contextmanager
def told(token: str, person_id: int, spans: Spans) -> Iterator[Progress]:
    """Yields what the work calls with (step, done, of). Without a token, or a data folder, nobody is told."""
    folder = Path(current_app.extensions["xiheng.data"])
    if not TOKEN.fullmatch(token) or not folder.is_dir():
        yield silent
        return
    file = folder / FOLDER / f"{token}.json"
    last = 0.0

    def tell(step: str, done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last < THROTTLE:
            return
        last = time.monotonic()
        begin, end = spans[step]
        percent = begin + (end - begin) * min(done, of) // max(of, 1)
        with suppress(OSError):  # the work matters, not its picture
            aside = file.with_suffix(".new")
            aside.write_text(json.dumps({"person": person_id, "step": step, "percent": percent}), "utf-8")
            aside.replace(file)

    with suppress(OSError):
        file.parent.mkdir(mode=0o700, exist_ok=True)
        for old in file.parent.iterdir():
            if time.time() - old.stat().st_mtime > FORGOTTEN:
                old.unlink()
    try:
        yield tell
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def progress_of(token: str, person_id: int) -> tuple[str, int] | None:
    """(step, percent) of work under way for this person; None for anyone else's, and when it is over or not begun."""
    if not TOKEN.fullmatch(token):
        return None
    try:
        told = json.loads((Path(current_app.extensions["xiheng.data"]) / FOLDER / f"{token}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return (told["step"], told["percent"]) if told["person"] == person_id else None
