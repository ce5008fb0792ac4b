"""The demo county: an invented county brought to a stage of its election by the product's own operations.

Puts the rooms together and decides nothing. Deterministic: one seed, one calendar.
"""

from __future__ import annotations

from election.demo.build import LOGINS, PASSWORD, STAGES, build

__all__ = ["LOGINS", "PASSWORD", "STAGES", "build"]
