"""What `run`, `test` and `bench` promise about setting up, as far as a machine that is set up can show it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT


@pytest.mark.parametrize("kind", ["runtime", "all"])
def test_a_second_start_does_nothing_and_says_nothing(tmp_path: Path, kind: str) -> None:
    """Tests have been set up here, and starting the product keeps their packages."""
    script = f'set -euo pipefail; . "$1/.setup/environment.sh"; setup_environment {kind}'
    done = subprocess.run(
        ["bash", "-c", script, "start", ROOT], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr, list(tmp_path.iterdir())) == ("", "", [])


@pytest.mark.parametrize("script", ["run", "test", "bench", ".ci/run", ".setup/lock", ".setup/vendor"])
def test_every_script_may_be_started(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111 == 0o111


def test_the_benchmarks_print_one_object() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "no benchmark has this name"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {}
