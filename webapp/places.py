"""The address of each page that a blocker or a waiting thing names."""

from __future__ import annotations

from flask import url_for

from election.progress.gates import Page

WHOLE = {
    Page.SETTINGS: "office_congress.settings",
    Page.SCHEMES: "office_scheme.schemes",
    Page.ROSTER: "office_roster.roster",
    Page.REVIEWS: "office_nomination.reviews",
    Page.NOTICES: "office_nomination.notices",
    Page.SLATES: "office_nomination.slates",
    Page.TALLY: "tally.home",
    Page.SCRUTINY: "scrutiny.home",
    Page.RESULTS: "office_results.results",
    Page.BRANCHES: "branch.branches",
    Page.HOME: "home.congress",
}
OF_A_UNIT = {Page.UNIT: "unit_nomination.unit", Page.MEETING: "unit_meeting.meeting"}


def address(page: Page, congress: str, unit: str | None = None) -> str:
    """Where `page` of a congress is; pages of a unit lead to the list of units when no unit is named."""
    if page in OF_A_UNIT:
        if unit is not None:
            return url_for(OF_A_UNIT[page], congress=congress, unit=unit)
        return url_for("unit_nomination.units", congress=congress)
    return url_for(WHOLE[page], congress=congress)
