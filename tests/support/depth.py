"""How deep the tests look: as always, or deeper with `./test --deep`. Both are the same from run to run."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

DEEP = os.environ.get("XIHENG_DEEP") == "1"
DEEPER = 20

COMMON = settings(
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def examples(number: int, *, steps: int = 30) -> settings:
    """Settings for a property that wants its own number of examples: `@examples(40)`; more of them when deep."""
    return settings(COMMON, max_examples=number * (DEEPER if DEEP else 1), stateful_step_count=steps)


def register_profiles() -> None:
    settings.register_profile("usual", COMMON, max_examples=30, stateful_step_count=30)
    settings.register_profile("deep", COMMON, max_examples=60 * DEEPER, stateful_step_count=60)
    settings.load_profile("deep" if DEEP else "usual")
