"""Fair shares where totals and bounds force cells: the table falls apart, and each part has its own numbers.

A feasible matrix shows which cells can change at all (cycles of its residual network). Cells between the parts are
forced to a bound; the numbers of the parts are then set so far apart that their products stay beyond it, by powers of ten.
"""

from __future__ import annotations

from math import floor, log

import numpy as np

from allocation import newton
from allocation.flow import Network
from allocation.graph import components
from allocation.parts import LOG10, NOTHING, Parts, first_unit
from allocation.table import Bools, Floats, Ints, Table

MARGIN = 0.05  # how far, in logarithms, products are kept from the bounds that hold them


def any_matrix(table: Table) -> Ints | None:
    """Some matrix with the table's totals within its bounds, by maximum flow; None when there is none."""
    height, width = table.shape
    source, target = height + width, height + width + 1
    cells = np.argwhere(table.upper > 0).tolist()
    network = Network(
        height + width + 2,
        [
            *((source, i) for i in range(height)),
            *((height + j, target) for j in range(width)),
            (target, source),
            *((i, height + j) for i, j in cells),
        ],
    )
    totals = [*table.row_totals.tolist(), *table.column_totals.tolist()]
    flows, cut = network.circulate(
        [*totals, 0, *(int(table.lower[i, j]) for i, j in cells)],
        [*totals, sum(totals), *(int(table.upper[i, j]) for i, j in cells)],
    )
    if cut is not None:
        return None
    seats = np.zeros((height, width), dtype=np.int64)
    for (i, j), flow in zip(cells, flows[len(totals) + 1 :], strict=True):
        seats[i, j] = flow
    return seats


def solve(table: Table) -> tuple[Floats, Parts] | None:
    """Logarithms as `newton.solve` gives them, for a table that may hold forced cells, and the parts; None when it cannot
    be filled."""
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
    roots = _roots(table, part)
    base = np.zeros(len(roots))
    for number, root in enumerate(roots):
        base[number] = 0.0 if root is None else rows[root] if root < height else total - columns[root - height]
    shift = _apart(table, part, within, rise, fall, rows[:, None] + columns + table.log_weight, base, roots)
    home = shift[part[height + n]] if table.row_slack else shift[part[m]] if table.column_slack else 0.0
    if not table.folded:
        home = shift[part[first_unit(table)]] - rows[first_unit(table)]
    own = shift[part] - home
    result = np.zeros(len(logs))
    result[:m] = rows[:m] - own[:m]
    result[m : m + n] = columns[:n] + own[height : height + n]
    if table.row_slack and table.column_slack:
        final = -(rows[m] - own[m])
        result[m + n] = final
        together = part[height : height + n] == part[m]
        result[m : m + n] = np.where(together, logs[m : m + n], result[m : m + n] - final)
    printed = [None if r is None else r if r < height else m + r - height for r in roots]
    return result, Parts(
        part[:m].tolist(),
        part[height : height + n].tolist(),
        [None if line is None else (line, round(result[line] / LOG10)) for line in printed],
    )


def _roots(table: Table, part: Ints) -> list[int | None]:
    """Of each part the node whose number is to be a power of ten: the first unit, else its first category; None for
    the parts of the plain row and column, whose numbers are fixed."""
    height, width = table.shape
    m, n = table.units, table.categories
    roots: list[int | None] = [None] * (int(part.max()) + 1)
    for node in (*(height + j for j in reversed(range(n))), *reversed(range(m))):
        roots[part[node]] = node
    for node in (*range(m, height), *range(height + n, height + width)):
        roots[part[node]] = None
    return roots


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
            low[m + n] = high[m + n] = 0.0
            lines.binding.remove(0)
    lines.low, lines.high, lines.exact = low, high, exact
    empty = (
        exact[: m + n]
        & (high[: m + n] == 0)
        & (np.concatenate([lines.lower.sum(axis=1), lines.lower.sum(axis=0)]) == 0)
    )
    lines.log_weight[empty[:m], :] = -np.inf
    lines.log_weight[:, empty[m:]] = -np.inf
    return lines


def _apart(
    table: Table,
    part: Ints,
    within: Bools,
    rise: Bools,
    fall: Bools,
    product: Floats,
    base: Floats,
    roots: list[int | None],
) -> Floats:
    """How far each part's columns are shifted, and its rows against them, so that every cell between parts stays beyond its
    bound; the logarithm of its root (`base` in a unit, −`base` in a category) becomes a multiple of ln 10."""
    height = table.shape[0]
    limits: list[list[tuple[int, float]]] = [[] for _ in roots]
    for i, j in np.argwhere(~within & (rise | fall) & np.isfinite(product)).tolist():
        row, column = int(part[i]), int(part[height + j])
        bound = int(table.lower[i, j] if rise[i, j] else table.upper[i, j])
        wanted = 0.0 if table.plain[i, j] else log(bound) if bound else NOTHING
        if rise[i, j]:
            limits[column].append((row, wanted - float(product[i, j])))
        else:
            limits[row].append((column, float(product[i, j]) - wanted))
    shift = np.zeros(len(roots))
    for number in range(len(roots) - 1, -1, -1):  # Tarjan numbers the parts against the direction of the arcs
        limit = min((shift[tail] + gap for tail, gap in limits[number]), default=2 * MARGIN)
        # A unit's number falls and a category's rises with the shift; both are to end on the grid, the shift below its limit.
        shift[number] = base[number] + floor((min(limit, 2 * MARGIN) - MARGIN - base[number]) / LOG10) * LOG10
    return shift
