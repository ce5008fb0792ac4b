"""What a composition is advised against although no rule forbids it. Pure; warns, never refuses."""

from __future__ import annotations

from fractions import Fraction

from election.texts import Sentence, sentence

RULES_SHOWN = ("leader_cap", "women_floor_advice")


def leaders_at_cap(name: str, seats: int, total: int, cap: int) -> Sentence | None:
    """S3.3: leaders are to stay below `cap` percent of the seats."""
    if not cap or seats * 100 < cap * total:
        return None
    return sentence("quotas.leaders_at_cap", {"name": name, "share": percent(seats, total), "cap": cap})


def women_below_members(name: str, seats: int, total: int, women: int, voters: int) -> Sentence | None:
    """地方条例: the women among the delegates are in general no fewer, in share, than those among the members."""
    if seats * voters >= women * total:
        return None
    return sentence(
        "quotas.women_below_members",
        {"name": name, "share": percent(seats, total), "members": percent(women, voters)},
    )


def percent(part: int, whole: int) -> str:
    """To one decimal, halves up."""
    tenths = int(Fraction(1000 * part, whole) + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}"
