"""The tests of what decides an election fell every mutant of it, and the tool that says so finds one that stands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tests.mutants.changes import mutants_of
from tests.mutants.plan import TESTS
from tests.mutants.survivors import SURVIVORS

PLANTED = '''"""A weir."""
MOST = {"low": 2, "high": 5}

def passes(votes: int, base: int) -> bool:
    return votes * 2 > base

def filled(level: int, most: int) -> int:
    while level < most:
        level = most
    return level
'''
# Says nothing of half of the base, nor of the low one of the two.
ITS_TESTS = """
from weir import MOST, filled, passes

def test_a_majority_passes():
    assert passes(6, 10) and not passes(4, 10) and not passes(-7, 10)

def test_it_is_filled():
    assert (filled(0, 3), filled(0, MOST["high"])) == (3, 5)
    assert filled(4, 3) == 4
"""


def run(script: str, *arguments: str, scratch: Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own, which loads what it changes and leaves no file behind."""
    return subprocess.run(
        [sys.executable, "-P", *script.split(), *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(scratch),
            "XIHENG_DEEP": "0",  # each mutant meets the usual number of examples
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.deep
@pytest.mark.parametrize("module", TESTS)
def test_every_mutant_of_what_decides_an_election_is_felled(module: str, tmp_path: Path) -> None:
    done = run("-m tests.mutants", module, scratch=tmp_path)
    if done.returncode:
        pytest.fail(f"{done.stdout}{done.stderr}", pytrace=False)


def test_a_mutant_that_no_test_notices_is_named_and_one_that_never_ends_is_felled(tmp_path: Path) -> None:
    (tmp_path / "weir.py").write_text(PLANTED, "utf-8")
    (tmp_path / "test_weir.py").write_text(ITS_TESTS, "utf-8")
    known = {"MOST: {'low': 2, 'high': 5} → {'low': 1, 'high': 5}": "so low", "passes: never was one": "so so"}
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from tests.mutants import running\n"
        "running.LEAST_SECONDS = 1\n"
        f"sys.exit(running.judged('weir', [{str(tmp_path / 'test_weir.py')!r}], {known!r}))"
    )
    done = run("-c", script, scratch=tmp_path / "examples")
    assert (done.returncode, done.stderr) == (1, "")
    head, *complaints = done.stdout.splitlines()
    assert head == "weir: 14 mutants, 10 killed (1 of them endless), 4 alive (2 known)"
    assert complaints == [
        "weir.py:2: survives: MOST: {'low': 2, 'high': 5} → {'high': 5}",
        "weir.py:2: survives: MOST: {'low': 2, 'high': 5} → {'low': 3, 'high': 5}",
        "weir.py:5: survives: passes: return votes * 2 > base → return votes * 2 >= base",
        "weir.py: listed as a survivor and is none: passes: never was one",
    ]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("return a < b", ["return a < b → return a <= b", "return a < b → return a > b"]),
        ("return a is None", ["return a is None → return a is not None"]),
        ("return not a", ["return not a → return a"]),
        ("return a or b", ["return a or b → return a and b", "return a or b → return b", "return a or b → return a"]),
        ("return any(a)", ["return any(a) → return all(a)"]),
        ("return one.present", ["return one.present → return one.expected"]),
        ("return a - b", ["return a - b → return a + b"]),
        ("return -a", ["return -a → return a"]),
        ("return True", ["return True → return False"]),
        ("return a[:b]", ["return a[:b] → return a[:]"]),
        ("return a[0]", ["return a[0] → return a[1]", "return a[0] → return a[-1]"]),
        ("return [a for a in b if c]", ["return [a for a in b if c] → return [a for a in b]"]),
        ("return a if b else c", ["return a if b else c → return a", "return a if b else c → return c"]),
        ("if a: raise Refused('no', most=3)", ["raise Refused('no', most=3) → pass"]),
        ("if a: return b", ["if a: → if False:"]),
        ("check(a)", ["check(a) → pass"]),
        ("a += b", ["a += b → a -= b", "a += b → pass"]),
        (
            "return replace(a, b=c, d=e)",
            [
                "return replace(a, b=c, d=e) → return a",
                "return replace(a, b=c, d=e) → return replace(a, d=e)",
                "return replace(a, b=c, d=e) → return replace(a, b=c)",
            ],
        ),
        ("assert a > 1", []),
        ("b: list[int] = a", []),
        ("return f'{a + 1}'", []),
    ],
)
def test_what_decides_is_changed_and_what_only_tells_is_not(statement: str, said: list[str]) -> None:
    found = mutants_of(f"def f():\n    {statement}\n")
    assert [one.said for one in found] == said
    assert all(one.within == "f" for one in found)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("NAMES = ('a', 'b')", ["('a', 'b') → ('b',)", "('a', 'b') → ('a',)"]),
        ("MOST: Final = 60", ["60 → 61", "60 → 59"]),
        ("Pair = tuple[1, 2]", []),
        ("a, b = 1, 2", []),
        ("__all__ = ['a', 'b']", []),
    ],
)
def test_a_table_of_a_module_is_changed_and_the_name_of_a_type_is_not(statement: str, said: list[str]) -> None:
    assert [one.said for one in mutants_of(statement)] == said


def test_no_two_mutants_of_a_module_are_said_alike() -> None:
    """Since the survivors are known by what is said of them."""
    for module in TESTS:
        found = mutants_of((ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8"))
        names = [f"{one.within}: {one.said}" for one in found]
        assert len(set(names)) == len(names) > 4, module


def test_every_known_survivor_is_one_of_a_module_that_decides_and_has_its_reason() -> None:
    assert SURVIVORS.keys() <= TESTS.keys()
    assert all(reason for known in SURVIVORS.values() for reason in known.values())
    assert [file for files in TESTS.values() for file in files if not (ROOT / file).is_file()] == []
