"""Runs the tests of a module against its mutants: collected once, then forked for each, so that nothing is ever written.

In the child the mutant's code takes the place of the module's own in every function that is alive, whoever imported it;
a table of the module is changed in place, or wherever it was imported by name.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import io
import os
import resource
import signal
import sys
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from tests.mutants.changes import Mutant, assigned, mutants_of
from tests.support import depth

# Seconds of the processor, not of the clock: a mutant is not endless because others keep the machine busy.
LEAST_SECONDS = 2
TIMES_AS_LONG = 5
# What is stuck without working comes to no verdict after so many times as long by the clock.
STUCK = 60
MEMORY = 4 << 30
SURVIVED, KILLED, BROKEN = 0, 1, 2
# Why a test fails is nobody's question here.
OPTIONS = ("-q", "--tb=native", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist")


@dataclass
class Verdicts:
    """What became of a module's mutants. `broken`: those that could not be put in its place, or came to no end."""

    number: int = 0
    survived: list[Mutant] = field(default_factory=list)
    endless: int = 0
    broken: list[Mutant] = field(default_factory=list)


class Place:
    """A module as it is loaded, with all its living functions, in whose place a mutant can be put."""

    def __init__(self, module: ModuleType) -> None:
        assert module.__file__ is not None
        self.module, self.file = module, module.__file__
        self.source = Path(self.file).read_text("utf-8")
        self.functions: list[FunctionType] = [
            one for one in gc.get_objects() if isinstance(one, FunctionType) and one.__code__.co_filename == self.file
        ]

    def put(self, mutant: Mutant) -> None:
        """The module is the mutant from now on, for everybody in this process."""
        tree = mutant.tree(self.source)
        for statement in tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and assigned(statement) == mutant.within:
                assert statement.value is not None
                self._put_table(mutant.within, statement.value)
                return
        changed = _codes(compile(tree, self.file, "exec", dont_inherit=True))
        put = 0
        for function in self.functions:
            key = (function.__code__.co_qualname, function.__code__.co_firstlineno)
            if key[0] == mutant.within and key in changed:
                function.__code__ = changed[key]
                put += 1
        assert put, mutant

    def _put_table(self, name: str, value: ast.expr) -> None:
        before = vars(self.module)[name]
        after = eval(compile(ast.Expression(value), self.file, "eval"), vars(self.module))
        if isinstance(before, dict):
            before.clear()
            before.update(after)
            return
        for other in list(sys.modules.values()):
            if vars(other).get(name) is before:
                setattr(other, name, after)


def _codes(code: CodeType) -> dict[tuple[str, int], CodeType]:
    """A module's code by name and line, with all that stand in it."""
    found = {(code.co_qualname, code.co_firstlineno): code}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= _codes(inner)
    return found


class Mutants:
    """In pytest's place of running the tests: runs them as they are, then against each mutant of `name`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.verdicts = Verdicts()

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        """A failing example is enough here; the smallest would take most of the time."""
        depth.COMMON = settings(
            depth.COMMON, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False, database=None
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Interrupted("the tests of this module cannot be collected")
        items, seconds = _timed(session.items)
        most = LEAST_SECONDS + int(TIMES_AS_LONG * seconds)
        place = Place(import_module(self.name))
        mutants = mutants_of(place.source)
        self.verdicts.number = len(mutants)
        gc.freeze()
        for mutant in mutants:
            status = _forked(mutant, place, items, most)
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
                self.verdicts.broken.append(mutant)
            elif os.WIFSIGNALED(status):
                self.verdicts.endless += os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
            elif os.WEXITSTATUS(status) == SURVIVED:
                self.verdicts.survived.append(mutant)
            elif os.WEXITSTATUS(status) == BROKEN:
                self.verdicts.broken.append(mutant)
        return True


def _timed(items: Iterable[pytest.Item]) -> tuple[list[pytest.Item], float]:
    """The tests as they are all hold; the quickest first, since most mutants fall by any of them."""
    taken: Counter[pytest.Item] = Counter()
    many = list(items)
    for item, after in zip(many, [*many[1:], None], strict=True):
        for report in runtestprotocol(item, nextitem=after, log=False):
            if report.failed:
                raise pytest.UsageError(f"fails without any mutant: {item.nodeid}\n{report.longreprtext}")
            taken[item] += report.duration  # type: ignore[assignment]
    return sorted(many, key=lambda item: taken[item]), float(taken.total())


def _forked(mutant: Mutant, place: Place, items: list[pytest.Item], most: int) -> int:
    """How a process ends in which the mutant stands."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    verdict = BROKEN
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
        signal.alarm(STUCK * most)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        place.put(mutant)
        verdict = KILLED  # also where even the running breaks
        verdict = KILLED if _any_fails(items) else SURVIVED
    finally:
        os._exit(verdict)


def _any_fails(items: list[pytest.Item]) -> bool:
    return any(
        report.failed
        for item, after in zip(items, [*items[1:], None], strict=True)
        for report in runtestprotocol(item, nextitem=after, log=False)
    )


# The verdict


def judged(name: str, tests: Iterable[str], known: Collection[str]) -> int:
    """Prints what became of the mutants of a module: 0 where exactly the known ones survive."""
    plugin = Mutants(name)
    with contextlib.redirect_stdout(io.StringIO()) as told:
        ended = pytest.main([*OPTIONS, *tests], plugins=[plugin])
    found = plugin.verdicts
    if ended != pytest.ExitCode.OK or not found.number:
        print(f"{name}: the tests do not run: {told.getvalue()}")
        return 2
    killed = found.number - len(found.survived) - len(found.broken)
    print(
        f"{name}: {found.number} mutants, {killed} killed ({found.endless} of them endless), {len(found.survived)} alive"
        f" ({len(known)} known)"
    )
    file = name.replace(".", "/") + ".py"
    said = {f"{one.within}: {one.said}": one for one in found.survived}
    complaints = [f"{file}:{one.line}: survives: {text}" for text, one in said.items() if text not in known]
    complaints += [f"{file}:{one.line}: no verdict: {one.within}: {one.said}" for one in found.broken]
    complaints += [f"{file}: listed as a survivor and is none: {text}" for text in known if text not in said]
    print("".join(f"{complaint}\n" for complaint in complaints), end="")
    return 1 if complaints else 0
