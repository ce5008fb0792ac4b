"""Has a foreign workbook read, and written in, in a process of its own, bounded in memory and time. Knows nothing of what the cells mean.

A file that takes its reader down is a file that cannot be read: a sentence, and the server goes on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from election.errors import Refused
from election.roster.importing import filler, reader

# As `reader.py` hands them out: times of the day and spans have become text.
Cell = str | float | int | bool | date | datetime
Rows = list[list[Cell]]

READER, FILLER = Path(reader.__file__), Path(filler.__file__)
SAID: Mapping[int, tuple[str, Mapping[str, int]]] = {
    reader.LOCKED: ("roster.file_locked", {}),
    reader.MACROS: ("roster.file_with_macros", {}),
    reader.TOO_MANY: ("roster.too_many_cells", {}),
    reader.TOO_MANY_ROWS: ("roster.too_many_rows", {"most": reader.MOST_ROWS}),
    reader.TOO_MANY_COLUMNS: ("roster.too_many_columns", {"most": reader.MOST_COLUMNS}),
    reader.TOO_MANY_FORMULAS: ("roster.too_many_formulas", {}),
    reader.TOO_MANY_SHEETS: ("roster.too_many_sheets", {"most": reader.MOST_SHEETS}),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one sheet from row 1 and column A, all of one length. `formulas`: the places (row, column from 1) that hold
    one; `hidden`: the rows that nobody sees who opens the workbook.
    """

    name: str
    visible: bool
    rows: Rows
    formulas: Sequence[tuple[int, int]] = ()
    hidden: Sequence[int] = ()


def filled_in(
    data: bytes, said: Mapping[str, Mapping[int, str]], headers: Mapping[str, int], title: str
) -> bytes | None:
    """The workbook with these texts beside its rows, under `title`. None where the file does not let itself be opened and
    written within the bounds.
    """
    told = json.dumps({"said": said, "headers": dict(headers), "title": title}, ensure_ascii=False).encode()
    done = _run(FILLER, [], told + b"\n" + data, filler.MOST_SECONDS)
    return done.stdout if done is not None and done.returncode == 0 else None


def _run(program: Path, words: list[str], given: bytes, seconds: int) -> subprocess.CompletedProcess[bytes] | None:
    """A program of ours with a foreign file for its input; None when it did not end in time."""
    try:
        return subprocess.run(  # noqa: S603  # our own program; the file is only its input
            [sys.executable, "-I", "-X", "utf8", str(program), *words],
            input=given,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None


def read_sheets(data: bytes, wanted: tuple[str, ...] | None = None) -> list[Sheet]:
    """The sheets with these names, or all, in the order of the workbook. Raises Refused, one sentence."""
    done = _run(READER, [json.dumps(wanted)], data, reader.MOST_SECONDS)
    if done is None:
        raise Refused("roster.not_a_workbook", field="file")
    if done.returncode != 0:
        code, params = SAID.get(done.returncode, ("roster.not_a_workbook", {}))
        raise Refused(code, field="file", **params)
    return [Sheet(*sheet) for sheet in json.loads(done.stdout, object_hook=_day)]


def _day(marked: dict[str, str]) -> date | datetime:
    text = marked["day"]
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
