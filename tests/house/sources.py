"""Which files the house rules look at: what people wrote in this project, not what they only keep a copy of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("allocation", "election", "webapp")
FOLDERS = (*PACKAGES, "templates", "tests", "docs", ".setup", ".ci")
WRITTEN = {
    ".py",
    ".toml",
    ".md",
    ".html",
    ".css",
    ".js",
    ".sh",
    ".txt",
    ".in",
    ".lock",
    ".json",
    ".po",
    ".csv",
    ".svg",
    ".typ",
    "",
}


def files() -> list[Path]:
    """Every text file that somebody wrote."""
    top = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
    below = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    return sorted(
        path
        for path in top + below
        if path.suffix in WRITTEN and not {"vendor", "__pycache__"} & set(path.relative_to(ROOT).parent.parts)
    )


def modules(*folders: str) -> Iterator[Path]:
    """The Python modules of these folders, or of the three packages."""
    for folder in folders or PACKAGES:
        yield from sorted(path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
