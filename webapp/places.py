"""The address of each page that a blocker or a waiting thing names."""

from __future__ import annotations

from flask import url_for

from election.congress.models import Congress
from election.people.actor import Scope
from election.progress.gates import Page
from webapp.access import may_open

WHOLE = {
    Page.SETTINGS: "office_congress.settings",
    Page.SCHEMES: "office_scheme.schemes",
    Page.LETTERS: "office_letters.current",
    Page.ROSTER: "office_roster.roster",
    Page.REVIEWS: "office_reviews.reviews",
    Page.NOTICES: "office_notices.notices",
    Page.SLATES: "office_slates.slates",
    Page.REPRINTS: "office_slates.reprint_list",
    Page.TALLY: "tally.home",
    Page.SCRUTINY: "scrutiny.home",
    Page.RESULTS: "office_results.results",
    Page.BRANCHES: "branch.branches",
    Page.HOME: "home.congress",
}
OF_A_UNIT = {
    Page.UNIT: "unit_nomination.unit",
    Page.UNIT_ROSTER: "unit_roster.roster",
    Page.ABSENCES: "unit_roster.absences",
    Page.LETTER: "unit_letters.letter",
    Page.UNIT_SLATES: "office_slates.slate",
    Page.NOMINEES: "unit_nominees.nominees",
    Page.MEETING: "unit_meeting.meeting",
    Page.BALLOTS: "scrutiny_ballots.ballots",
}


def address(page: Page, congress: str, unit: str | None = None) -> str:
    """Where `page` of a congress is; pages of a unit lead to the list of units when no unit is named."""
    endpoint = _endpoint(page, unit)
    return (
        url_for(endpoint, congress=congress, unit=unit) if _of_one(page, unit) else url_for(endpoint, congress=congress)
    )


def open_address(page: Page, congress: Congress, unit: str | None = None) -> str | None:
    """The same for the person who is signed in; None where that page is not theirs to open."""
    unit_id = None
    if _of_one(page, unit):
        unit_id = next(row.id for row in congress.units if row.code == unit)
    if not may_open(_endpoint(page, unit), Scope(congress.id, unit_id)):
        return None
    return address(page, congress.code, unit)


def _of_one(page: Page, unit: str | None) -> bool:
    return page in OF_A_UNIT and unit is not None


def _endpoint(page: Page, unit: str | None) -> str:
    if page in OF_A_UNIT:
        return "unit_nomination.units" if unit is None else OF_A_UNIT[page]
    return WHOLE[page]
