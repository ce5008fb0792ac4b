"""In whose name official papers go out. Pure; what a paper says is its own room's."""

from __future__ import annotations


def sender_of(county: str) -> str:
    """Who signs: the county committee's organisation department."""
    return f"中共{county}委组织部" if county else "县委组织部"
