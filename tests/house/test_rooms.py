"""How the rooms of `election/` are furnished: pure modules stay pure, and no rule hides in the code as a number."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import ROOT, modules, shown

ROOMS = sorted(
    path.parent for path in (ROOT / "election").glob("*/__init__.py") if path.parent.name not in ("store", "demo")
)
# What a room keeps, does and reads; every other module of a room decides, from values alone.
FURNITURE = ("models", "operations", "queries", "__init__")
# The few modules beside those that have to touch the world, each for its own reason.
AT_THE_DOOR = {
    "election/congress/rules_in_force.py",  # reads the congress's own values of the rules
    "election/people/act.py",  # opens the transaction, notes who and when
    "election/people/passwords.py",  # salts and first passwords have to be unpredictable
    "election/progress/facts.py",  # looks across all rooms
    "election/roster/importing/reading.py",  # has foreign files read in a process of its own
}
IMPURE = {"sqlalchemy", "random", "secrets", "time", "os", "subprocess", "socket", "alembic"}
CLOCKS = {"now", "today", "utcnow"}
YEARS = {year for year in range(1949, 2100) if year % 100}


def is_pure(path: Path) -> bool:
    return shown(path) not in AT_THE_DOOR and not path.name.startswith(FURNITURE)


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def impurities(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    for name in imported(tree):
        if name.split(".")[0] in IMPURE or name.startswith("election.store") or name.endswith(".operations"):
            yield f"{shown(path)} imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            yield f"{shown(path)}:{node.lineno} looks at the clock"


def test_pure_modules_see_no_database_no_clock_and_no_chance() -> None:
    pure = [path for room in ROOMS for path in room.rglob("*.py") if is_pure(path)]
    found = [fault for path in pure for fault in impurities(path)]
    assert found == [], "\n".join(found)


def test_no_year_is_written_in_the_code() -> None:
    """Years belong to a congress, its rules and the demo, never to the code."""
    found = [
        f"{shown(path)}:{node.lineno}: {node.value}"
        for path in modules()
        if "demo" not in shown(path) and "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in YEARS
    ]
    assert found == [], "\n".join(found)
