"""Fair shares where totals and bounds force cells: the table falls apart, and each part has its own numbers.

A feasible matrix shows which cells can change at all (cycles of its residual network). Cells between the parts are
forced to a bound; the numbers of the parts are then set so far apart that their products stay beyond it.
"""

from __future__ import annotations

import numpy as np

from allocation import newton
from allocation.flow import circulate
from allocation.graph import components
from allocation.table import Bools, Floats, Ints, Table


def any_matrix(table: Table) -> Ints | None:
    """Some matrix with the table's totals within its bounds, by maximum flow; None when there is none."""
    height, width = table.shape
    source, target = height + width, height + width + 1
    arcs = [(source, i, int(r), int(r)) for i, r in enumerate(table.row_totals)]
    arcs += [(height + j, target, int(c), int(c)) for j, c in enumerate(table.column_totals)]
    arcs.append((target, source, 0, int(table.row_totals.sum())))
    first = len(arcs)
    cells = np.argwhere(table.upper > 0).tolist()
    arcs += [(i, height + j, int(table.lower[i, j]), int(table.upper[i, j])) for i, j in cells]
    flows, cut = circulate(height + width + 2, arcs)
    if cut is not None:
        return None
    seats = np.zeros((height, width), dtype=np.int64)
    for (i, j), flow in zip(cells, flows[first:], strict=True):
        seats[i, j] = flow
    return seats


def solve(table: Table) -> Floats | None:
    """Logarithms as `newton.solve` gives them, for a table that may hold forced cells; None when it cannot be filled."""
    seats = any_matrix(table)
    if seats is None:
        return None
    height, width = table.shape
    m, n = table.units, table.categories
    rise, fall = seats < table.upper, seats > table.lower
    arcs = [[height + j for j in np.flatnonzero(rise[i]).tolist()] for i in range(height)]
    arcs += [np.flatnonzero(fall[:, j]).tolist() for j in range(width)]
    part = np.array(components(arcs))
    within = part[:height, None] == part[None, height:]
    lines = _parted(table, seats, part, within)
    logs = newton.solve(lines)
    if logs is None:
        return None
    shared = table.row_slack and table.column_slack and part[height + n] == part[m]
    total = float(logs[m + n]) if shared else 0.0
    rows, columns = np.zeros(height), np.zeros(width)
    rows[:m] = logs[:m]
    columns[:n] = (
        logs[m : m + n] + np.where(part[height : height + n] == part[m], total, 0.0) if shared else logs[m : m + n]
    )
    if shared:
        rows[m] = -total
    shift = _apart(table, part, within, rise, fall, rows[:, None] + columns + table.log_weight)
    home = shift[part[height + n]] if table.row_slack else shift[part[m]] if table.column_slack else 0.0
    own = shift[part] - home
    result = np.zeros(len(logs))
    result[:m] = rows[:m] - own[:m]
    result[m : m + n] = columns[:n] + own[height : height + n]
    if table.row_slack and table.column_slack:
        final = -(rows[m] - own[m])
        result[m + n] = final
        together = part[height : height + n] == part[m]
        result[m : m + n] = np.where(together, logs[m : m + n], result[m : m + n] - final)
    return result


def _parted(table: Table, seats: Ints, part: Ints, within: Bools) -> newton.Lines:
    """The lines with all cells between parts taken out, and free lines made exact where their total is forced."""
    height = table.shape[0]
    m, n = table.units, table.categories
    lines = newton.lines_of(table)
    inner = within[:m, :n]
    fixed = np.where(inner, 0, seats[:m, :n])
    lines.log_weight[~inner] = -np.inf
    lines.lower[~inner] = 0.0
    low, high = lines.low.copy(), lines.high.copy()
    exact = lines.exact.copy()
    sums = np.concatenate([seats[:m, :n].sum(axis=1), seats[:m, :n].sum(axis=0)]).astype(float)
    for line in range(m + n):
        slack = (line, table.categories) if line < m else (table.units, line - m)
        free = not exact[line]
        if free and not within[slack]:
            exact[line] = True
            low[line] = high[line] = sums[line]
    taken = np.concatenate([fixed.sum(axis=1), fixed.sum(axis=0)])
    low[: m + n] -= taken
    high[: m + n] -= taken
    if table.row_slack and table.column_slack:
        mine = (part[:m, None] == part[m]) & (part[None, height : height + n] == part[m])
        if part[height + n] == part[m]:
            lines.spread[0] = mine
            low[m + n] = high[m + n] = float(seats[:m, :n][mine].sum())
        else:
            low[m + n], high[m + n], exact[m + n] = -newton.UNREACHED, newton.UNREACHED, False
    lines.low, lines.high, lines.exact = low, high, exact
    empty = (
        exact[: m + n]
        & (high[: m + n] == 0)
        & (np.concatenate([lines.lower.sum(axis=1), lines.lower.sum(axis=0)]) == 0)
    )
    lines.log_weight[empty[:m], :] = -np.inf
    lines.log_weight[:, empty[m:]] = -np.inf
    return lines


def _apart(table: Table, part: Ints, within: Bools, rise: Bools, fall: Bools, product: Floats) -> Floats:
    """How far each part's columns are shifted so that every cell between parts stays beyond its bound."""
    height = table.shape[0]
    count = int(part.max()) + 1
    shift = np.zeros(count)
    limits: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for i, j in np.argwhere(~within & (rise | fall) & np.isfinite(product)).tolist():
        row, column = int(part[i]), int(part[height + j])
        if rise[i, j]:
            low = int(table.lower[i, j])
            wanted = 0.0 if table.plain[i, j] else float(np.log(low)) if low else newton.NOTHING
            limits[column].append((row, wanted - float(product[i, j])))
        else:
            high = int(table.upper[i, j])
            wanted = 0.0 if table.plain[i, j] else float(np.log(high))
            limits[row].append((column, float(product[i, j]) - wanted))
    for number in range(count - 1, -1, -1):  # Tarjan numbers the parts against the direction of the arcs
        for tail, gap in limits[number]:
            shift[number] = min(shift[number], shift[tail] + gap - 0.1)
    return shift
