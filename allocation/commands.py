"""The two commands of this package, for the command line above it: exit codes and one line for bad input (SPEC)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from allocation.check import check
from allocation.errors import BadInput
from allocation.files import load_object, load_problem, to_text, write_atomically
from allocation.solve import Unsolved, allocate

ALLOCATED, NOT_CERTIFIED, BAD_INPUT, IMPOSSIBLE = 0, 1, 2, 3


def allocate_command(problem_path: str, out_path: str | None, stdout: TextIO, stderr: TextIO | None = None) -> int:
    """Prints the allocation, or writes it to `.json` or `.xlsx`. 0 allocated, 3 impossible, 2 bad input
    (or, never seen, a problem that no method could prove)."""
    try:
        if out_path is not None and Path(out_path).suffix.lower() not in (".json", ".xlsx"):
            raise BadInput(out_path, "输出文件须为 .json 或 .xlsx", "must end in .json or .xlsx")
        answer = allocate(load_problem(problem_path))
        if out_path is None:
            stdout.write(to_text(answer.to_json()))
        elif out_path.lower().endswith(".xlsx"):
            from allocation.workbook_out import write_workbook

            write_atomically(out_path, write_workbook(answer))
        else:
            write_atomically(out_path, to_text(answer.to_json()).encode())
    except (BadInput, Unsolved) as error:
        return _refuse(error, stderr)
    return ALLOCATED if answer.allocated else IMPOSSIBLE


def check_command(problem_path: str, allocation_path: str, stdout: TextIO, stderr: TextIO | None = None) -> int:
    """Proves an allocation. 0 certified, 1 not (one line for each failure), 2 bad input."""
    try:
        failures = check(load_problem(problem_path), load_object(allocation_path))
    except BadInput as error:
        return _refuse(error, stderr)
    if not failures:
        stdout.write("certified\n")
        return ALLOCATED
    for failure in failures:
        stdout.write(f"{failure.place}: {failure.en}\n")
    return NOT_CERTIFIED


def _refuse(error: Exception, stderr: TextIO | None) -> int:
    (stderr or sys.stderr).write(f"{error}\n")
    return BAD_INPUT
