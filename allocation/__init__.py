"""The mathematics of dividing seats: rows, columns, seats. Knows no database, no web, no politics; runs alone.

`read_problem`/`load_problem` read a problem strictly, `allocate` answers it, `check` proves an answer without a solver,
`read_allocation` turns a stored answer back into values once it is proved.
"""

from __future__ import annotations

from allocation.answer import Allocation
from allocation.bench import Failure
from allocation.check import check
from allocation.errors import BadInput
from allocation.files import load_problem
from allocation.problem import Problem, read_problem
from allocation.solve import allocate
from allocation.stored import NotCertified, read_allocation

__all__ = [
    "Allocation",
    "BadInput",
    "Failure",
    "NotCertified",
    "Problem",
    "allocate",
    "check",
    "load_problem",
    "read_allocation",
    "read_problem",
]
