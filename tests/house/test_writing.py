"""How the project's files are written: each says what it is for, and nothing in them belongs to one machine."""

from __future__ import annotations

import ast
import json
import re
from hashlib import sha256

import pytest

from tests.house.sources import ROOT, files, modules, shown

LONGEST = 400
# Folders of somebody's own machine, on any system, wherever a path may begin.
PRIVATE_PATH = re.compile(r"""(?:^|[\s"'`=(:])(?:/(?:home|root|opt|work|mnt|Users)/\w|[A-Za-z]:\\\w)""", re.MULTILINE)
PLACES = [ROOT / "webapp" / "static" / "vendor", ROOT / "tests" / "vendor"]


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        shown(path)
        for path in modules(*("allocation", "election", "webapp", "tests"))
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == [], "\n".join(silent)


def test_no_module_is_too_long_to_read() -> None:
    # A migration is written once, by the tool, and lists every column.
    read = [path for path in modules() if "versions" not in path.parts]
    long = {shown(path): lines for path in read if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST}
    assert long == {}


def test_no_file_names_a_folder_of_somebody_s_machine() -> None:
    found = [
        f"{shown(path)}: {match.group().strip()}"
        for path in files()
        for match in PRIVATE_PATH.finditer(path.read_text("utf-8"))
    ]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("text", ["cp /" + "home/li/x", "'/" + "root/x'", "x=C:" + "\\Users", "(/" + "opt/wheels)"])
def test_such_a_folder_would_be_found(text: str) -> None:
    assert PRIVATE_PATH.search(text)


def test_the_set_up_names_no_address() -> None:
    """Where packages come from is the machine's affair; what they are is fixed by their hashes."""
    chosen = [path for path in files() if path.suffix in {".in", ".lock"} or path.parent.name in {".setup", ".ci"}]
    chosen += [ROOT / name for name in ("run", "test", "bench", "pyproject.toml")]
    assert [shown(path) for path in chosen if "://" in path.read_text("utf-8")] == []


def test_the_runtime_lock_is_a_part_of_the_whole_lock() -> None:
    """One environment serves both, so a tested version is the served version."""
    runtime, everything = (
        (ROOT / name).read_text("utf-8").split("\n") for name in ("requirements.lock", "requirements-all.lock")
    )
    assert set(runtime) <= set(everything)


def test_every_locked_package_has_its_hash() -> None:
    for name in ("requirements.lock", "requirements-all.lock", ".setup/tools.lock"):
        entries = re.split(r"\n(?=\S)", (ROOT / name).read_text("utf-8").strip())
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("folder", PLACES, ids=["pages", "tests"])
def test_the_files_of_others_are_what_their_manifest_says(folder) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    kept = {
        path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.name != "manifest.json"
    }
    assert kept == {name: entry["sha256"] for name, entry in manifest.items()}


@pytest.mark.parametrize("folder", PLACES, ids=["pages", "tests"])
def test_the_files_of_others_come_with_their_licence(folder) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert {entry["package"] for entry in manifest.values()} == {
        entry["package"] for name, entry in manifest.items() if name.endswith(".LICENSE.txt")
    }
