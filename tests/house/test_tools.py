"""Style, types and floors, each held by its tool."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.sources import ROOT


def content(*command: str) -> bool:
    """Whether a tool finds nothing. Otherwise the test fails with what the tool says, whole."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{done.stdout}{done.stderr}", pytrace=False)
    return True


def test_ruff_finds_no_fault() -> None:
    assert content("-m", "ruff", "check", "--output-format", "concise", ".")


def test_everything_is_formatted_alike() -> None:
    assert content("-m", "ruff", "format", "--diff", ".")


def test_mypy_finds_no_fault() -> None:
    assert content("-m", "mypy")


def test_no_floor_and_no_room_imports_upwards() -> None:
    assert content("-c", "from importlinter.cli import lint_imports_command as run; run()")
