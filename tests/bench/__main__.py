"""Runs the benchmarks of `bench_*.py` and prints one JSON object. What is measured is said by each function.

A benchmark is a function `bench_…()` without arguments that gives a ratio, or several by name.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

Measured = float | Mapping[str, float]


def benchmarks(wanted: str = "") -> Iterator[tuple[str, Callable[[], Measured]]]:
    """Every benchmark whose name has `wanted` in it, as (module.function without their prefixes, function)."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        module = importlib.import_module(f"tests.bench.{path.stem}")
        for attribute, function in vars(module).items():
            name = f"{path.stem.removeprefix('bench_')}.{attribute.removeprefix('bench_')}"
            if attribute.startswith("bench_") and callable(function) and wanted in name:
                yield name, function


def measure(wanted: str = "") -> dict[str, float]:
    ratios: dict[str, float] = {}
    for name, function in benchmarks(wanted):
        started = time.perf_counter()
        measured = function()
        print(f"{name}: {time.perf_counter() - started:.1f} s", file=sys.stderr)
        parts = (
            {f"{name}.{key}": value for key, value in measured.items()}
            if isinstance(measured, Mapping)
            else {name: measured}
        )
        ratios.update((key, float(f"{value:.4g}")) for key, value in parts.items())
    return ratios


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:2]), ensure_ascii=False, indent=2))
