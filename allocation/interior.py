"""Fair shares where groups are about and rules force cells or lines: what `forced.py` does by flows, by linear programs.

One program finds a point with all the room there is: what has none there is forced. The rest is solved by itself, and a
second program sets the numbers so far apart that forced cells stay beyond their bounds. Floats, used to propose only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pulp

from allocation import newton
from allocation.forced import MARGIN
from allocation.parts import NOTHING
from allocation.program import highs
from allocation.table import Bools, Floats, Table

Terms = list[tuple[pulp.LpVariable, float]]


@dataclass(frozen=True)
class Face:
    """Which cells are forced to their lower or upper bound, and which ranges of lines to one of their ends."""

    at_lower: Bools
    at_upper: Bools
    line_low: Bools
    line_high: Bools


def solve(table: Table) -> Floats | None:
    """Logarithms as `newton.solve` gives them, for a table with groups; None when it cannot be filled."""
    lines = newton.lines_of(table)
    face = _face(lines)
    if face is None:
        return None
    logs = newton.solve(_inner(table, face))
    return None if logs is None else _apart(lines, face, logs)


def _members(lines: newton.Lines) -> list[list[tuple[int, int]]]:
    """The cells of every line that may hold seats; nothing for a total that binds nothing."""
    m, n = lines.log_weight.shape
    eligible = np.isfinite(lines.log_weight)
    masks = [np.zeros((m, n), dtype=np.bool_) for _ in range(m + n)]
    for i in range(m):
        masks[i][i] = True
    for j in range(n):
        masks[m + j][:, j] = True
    masks += [cells & (at in lines.binding) for at, cells in enumerate(lines.spread)]
    return [[(i, j) for i, j in np.argwhere(mask & eligible).tolist()] for mask in masks]


def _face(lines: newton.Lines) -> Face | None:
    """The rules that hold with equality in every matrix of shares, found at once: room scaled up until it is 1 or nothing."""
    model = pulp.LpProblem("interior", pulp.LpMaximize)
    scale = pulp.LpVariable("scale", 1)
    members = _members(lines)
    cells = {cell: pulp.LpVariable(f"x_{cell[0]}_{cell[1]}", 0) for part in members for cell in part}
    rooms: list[tuple[pulp.LpVariable, int]] = []

    def leave(terms: Terms) -> pulp.LpVariable:
        """Room above nothing for what the terms sum to."""
        room = pulp.LpVariable(f"r_{len(rooms)}", 0, 1)
        rooms.append((room, 1))
        nonlocal model
        model += pulp.LpAffineExpression([*terms, (room, -1)]) >= 0
        return room

    below = {cell: leave([(x, 1.0), (scale, -float(lines.lower[cell]))]) for cell, x in cells.items()}
    above = {
        cell: leave([(x, -1.0), (scale, float(lines.upper[cell]))])
        for cell, x in cells.items()
        if np.isfinite(lines.upper[cell])
    }
    least: dict[int, pulp.LpVariable] = {}
    most: dict[int, pulp.LpVariable] = {}
    for line, part in enumerate(members):
        low, high = float(lines.low[line]), float(lines.high[line])
        if lines.exact[line]:
            model += pulp.LpAffineExpression([*((cells[cell], 1.0) for cell in part), (scale, -low)]) == 0
            continue
        if low > 0:
            least[line] = leave([*((cells[cell], 1.0) for cell in part), (scale, -low)])
        if high < newton.UNREACHED:
            most[line] = leave([*((cells[cell], -1.0) for cell in part), (scale, high)])
    model.setObjective(pulp.LpAffineExpression(rooms))
    model.solve(highs())
    if model.sol_status != pulp.LpSolutionOptimal:
        return None
    face = Face(
        np.zeros(lines.log_weight.shape, dtype=np.bool_),
        np.zeros(lines.log_weight.shape, dtype=np.bool_),
        np.zeros(len(lines.low), dtype=np.bool_),
        np.zeros(len(lines.low), dtype=np.bool_),
    )
    for found, where in (
        (below, face.at_lower),
        (above, face.at_upper),
        (least, face.line_low),
        (most, face.line_high),
    ):
        for at, room in found.items():
            where[at] = (room.value() or 0.0) < 0.5
    return face


def _inner(table: Table, face: Face) -> newton.Lines:
    """The lines without the forced cells, forced ranges exact."""
    lines = newton.lines_of(table)
    forced = face.at_lower | face.at_upper
    seats = np.where(face.at_lower, lines.lower, np.where(face.at_upper, lines.upper, 0.0))
    lines.low = np.where(face.line_high, lines.high, lines.low)
    lines.high = np.where(face.line_low, lines.low, lines.high)
    lines.exact = lines.exact | face.line_low | face.line_high
    taken = lines.sums(seats)
    lines.low = lines.low - taken
    lines.high = lines.high - taken
    lines.log_weight[forced] = -np.inf
    lines.lower[forced] = 0.0
    return lines


def _apart(lines: newton.Lines, face: Face, logs: Floats) -> Floats | None:
    """The numbers moved as little as will keep forced cells beyond their bounds and forced lines on their side of 1."""
    model = pulp.LpProblem("apart", pulp.LpMinimize)
    count = len(logs)
    up = [pulp.LpVariable(f"u_{line}", 0) for line in range(count)]
    down = [pulp.LpVariable(f"d_{line}", 0) for line in range(count)]
    model.setObjective(pulp.LpAffineExpression([(size, 1) for size in (*up, *down)]))
    terms: dict[tuple[int, int], Terms] = {}
    members = _members(lines)
    for line, part in enumerate(members):
        for cell in part:
            terms.setdefault(cell, []).extend([(up[line], 1.0), (down[line], -1.0)])
    now = lines.log_weight + lines.exponents(logs)
    for cell, change in terms.items():
        move = pulp.LpAffineExpression(change)
        if face.at_lower[cell] and face.at_upper[cell]:
            continue
        if face.at_lower[cell]:
            low = float(lines.lower[cell])
            model += move <= (float(np.log(low)) if low else NOTHING) - MARGIN - float(now[cell])
        elif face.at_upper[cell]:
            model += move >= float(np.log(lines.upper[cell])) + MARGIN - float(now[cell])
        else:
            model += move == 0
    for line in range(count):
        if lines.exact[line]:
            continue
        if face.line_low[line]:
            model += up[line] - down[line] >= -float(logs[line])
        elif face.line_high[line]:
            model += up[line] - down[line] <= -float(logs[line])
        else:
            model += up[line] + down[line] == 0
    model.solve(highs())
    if model.sol_status != pulp.LpSolutionOptimal:
        return None
    moved: Floats = logs + np.array([(a.value() or 0.0) - (b.value() or 0.0) for a, b in zip(up, down, strict=True)])
    moved = np.where(face.line_low & ~lines.exact, np.maximum(moved, 0.0), moved)
    moved = np.where(face.line_high & ~lines.exact, np.minimum(moved, 0.0), moved)
    moved = np.where(lines.exact | face.line_low | face.line_high, moved, logs)
    # A rule that says what others say already has the number 1, not one beside it.
    moved[~lines.exact & (np.abs(moved) < newton.NOTHING_MORE)] = 0.0
    return moved
