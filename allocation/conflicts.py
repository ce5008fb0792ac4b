"""Why a problem has no answer. (Grows in the next step.)"""

from __future__ import annotations

from allocation.answer import Conflict
from allocation.problem import Problem


def explain(problem: Problem) -> tuple[Conflict, ...]:
    return ()
