"""Lines whose numbers hang together, and where each such part is printed: one number of it is a power of ten.

Numbers are only determined within a part: a cell that moves with the numbers ties its unit to its category, and all free
lines with the number 1 are tied to each other. Without this choice the digits would hang on the last place of floats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log

import numpy as np

from allocation import newton
from allocation.table import Bools, Floats, Table

LOG10 = log(10.0)
MOVES = 1e-9  # a share smaller than this ties nothing
NOTHING = -60.0  # logarithm of the largest product that is to be nothing


@dataclass(frozen=True)
class Parts:
    """The part of each unit and each category; of each part the line (units before categories) whose number is a power of
    ten, and which power, or None where free lines fix the scale."""

    units: Sequence[int]
    categories: Sequence[int]
    roots: Sequence[tuple[int, int] | None]


def first_unit(table: Table) -> int:
    """The row whose number is 1 where units and categories can be scaled against each other: the first with seats."""
    return int((table.row_high > 0).argmax())


def one_part(table: Table, lines: newton.Lines, logs: Floats) -> Parts | None:
    """All lines with seats as one part, each empty line by itself with a number that makes its products nothing.

    None when the lines with seats do not hang together. Changes the logarithms of empty lines.
    """
    m, n = table.units, table.categories
    moving: Bools = newton.point(lines, logs).moving > MOVES
    rows, columns = _reached(table, moving, logs)
    empty_rows, empty_columns = table.row_high == 0, table.column_high == 0
    if not table.groups and not ((rows | empty_rows).all() and (columns | empty_columns).all()):
        return None
    units, categories = [0] * m, [0] * n
    roots: list[tuple[int, int] | None] = [None if table.folded else (first_unit(table), 0)]
    if empty_rows.any() or empty_columns.any():
        if (
            roots[0] is not None
        ):  # on the scale on which they are printed, where an empty line's number is chosen for itself
            scale = float(logs[roots[0][0]])
            logs[:m] -= scale
            logs[m : m + n] += scale
        weights = np.where(table.upper[:m, :n] == 0, -np.inf, table.log_weight[:m, :n])
        largest = np.where(empty_columns, -np.inf, weights + lines.exponents(logs)).max(axis=1)
        for i in np.flatnonzero(empty_rows & np.isfinite(largest)).tolist():
            units[i] = len(roots)
            roots.append((i, floor((NOTHING - largest[i] + logs[i]) / LOG10)))
            logs[i] += NOTHING - largest[i]
        largest = (weights + lines.exponents(logs)).max(axis=0)
        for j in np.flatnonzero(empty_columns & np.isfinite(largest)).tolist():
            categories[j] = len(roots)
            roots.append((m + j, floor((NOTHING - largest[j] + logs[m + j]) / LOG10)))
            logs[m + j] += NOTHING - largest[j]
    return Parts(units, categories, roots)


def _reached(table: Table, moving: Bools, logs: Floats) -> tuple[Bools, Bools]:
    """The units and the categories that hang together with the first category that has seats."""
    m, n = table.units, table.categories
    ties = np.zeros(table.shape, dtype=np.bool_)
    ties[:m, :n] = moving
    if table.row_slack:
        ties[:m, n] = table.row_free & (logs[:m] == 0)
    if table.column_slack:
        ties[m, :n] = table.column_free & (logs[m : m + n] == 0)
    columns = np.zeros(table.shape[1], dtype=np.bool_)
    columns[int((table.column_high > 0).argmax())] = True
    while True:
        rows: Bools = np.any(ties & columns, axis=1)
        more: Bools = columns | np.any(ties[rows], axis=0)
        if (more == columns).all():
            return rows[:m], columns[:n]
        columns = more
