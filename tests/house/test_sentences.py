"""Every code that the domain can say has its sentence, in both languages, with the words it needs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from election.texts import parameters, read_catalogue
from tests.house.sources import modules, shown

SAYING = {"Refused", "Forbidden", "NotFound", "Stale", "Finding"}
# Parameters of the refusal itself, not of its sentence.
RESERVED = {"field", "severity", "params"}


def sayings() -> Iterator[tuple[Path, ast.Call, str]]:
    """Every place that names a code outright."""
    for path in modules("election", "webapp"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if (
                name in SAYING
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
            ):
                yield path, node, node.args[0].value


def test_the_catalogue_is_complete_and_even() -> None:
    """`read_catalogue` refuses a code that stands twice, in one language only, or with uneven parameters."""
    assert read_catalogue() != {}


def test_every_code_in_use_has_its_sentence() -> None:
    catalogue = read_catalogue()
    missing = sorted(
        {f"{shown(path)}:{node.lineno}: {code}" for path, node, code in sayings() if code not in catalogue}
    )
    assert missing == [], "\n".join(missing)


def test_every_refusal_brings_the_words_its_sentence_needs() -> None:
    catalogue = read_catalogue()
    lacking = []
    for path, node, code in sayings():
        given = {keyword.arg for keyword in node.keywords}
        if code not in catalogue or None in given or (isinstance(node.func, ast.Name) and node.func.id == "Finding"):
            continue
        if absent := parameters(catalogue[code].zh) - (given - RESERVED):
            lacking.append(f"{shown(path)}:{node.lineno}: {code} lacks {', '.join(sorted(absent))}")
    assert lacking == [], "\n".join(lacking)
