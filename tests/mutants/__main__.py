"""`python -m tests.mutants [MODULE …]`: the mutants of the modules against their tests, in a process for each module.

Ends with 1 where a mutant survives that is not among the known ones, or one of those no longer does.
"""

from __future__ import annotations

import subprocess
import sys

from tests.mutants.plan import TESTS
from tests.mutants.running import judged
from tests.mutants.survivors import SURVIVORS

if __name__ == "__main__":
    names = sys.argv[1:] or list(TESTS)
    if len(names) == 1:
        sys.exit(judged(names[0], TESTS[names[0]], SURVIVORS.get(names[0], {})))
    sys.exit(max(subprocess.run([sys.executable, "-m", "tests.mutants", one], check=False).returncode for one in names))
