"""A rule in force as pages show it beside the decision it causes: its name, value and source."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import get_locale

from election.congress.rules_in_force import rules_in_force
from election.rules import BY_NAME
from webapp.requests import reading


@dataclass(frozen=True, slots=True)
class RuleLine:
    name: str
    value: str
    source: str


def rule_lines(congress_id: int, *names: str) -> list[RuleLine]:
    """The named rules of a congress, in the language of the page."""
    language = str(get_locale() or "zh")
    values = rules_in_force(reading(), congress_id)
    rules = [BY_NAME[name] for name in names]
    return [
        RuleLine(
            rule.en if language.startswith("en") else rule.zh, rule.shown(values[rule.name], language), rule.source
        )
        for rule in rules
    ]
