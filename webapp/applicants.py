"""What every page about applicants shows of them beside their application: age on the day, overlays, never typed again."""

from __future__ import annotations

from collections.abc import Iterable

from flask import g

from election.congress.rules_in_force import rules_in_force
from election.nomination.queries import ApplicationLine
from election.roster.facts import Facts, age_on, matches_overlay
from webapp.requests import reading


def overlays(lines: Iterable[ApplicationLine]) -> dict[int, list[str]]:
    """application → the overlays (其中) that the person counts for, by the facts of the record."""
    included = rules_in_force(reading(), g.congress.id)["age_reference"] == "included"
    day, kinds = g.congress.reference_date, g.congress.overlays
    return {
        line.id: [
            overlay.name
            for overlay in kinds
            if matches_overlay(overlay.fact, overlay.age, included, Facts(line.sex, line.born_on, line.ethnicity), day)
        ]
        for line in lines
    }


def ages(lines: Iterable[ApplicationLine]) -> dict[int, int]:
    """application → full years on the congress's day of reference, where the birth is known."""
    day = g.congress.reference_date
    return {line.id: age_on(line.born_on, day) for line in lines if line.born_on}
