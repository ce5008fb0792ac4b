"""The papers of registration and nomination as PDF: notices, lists, forms and reports. What they say is their rooms'."""

from __future__ import annotations

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from election.documents.paper import Paper
from election.errors import Forbidden
from election.nomination.papers.queries import application_paper, blank_application_paper, proposal_paper, review_paper
from election.nomination.papers.queries_branch import ballot_paper
from election.nomination.papers.queries_slate import slates_paper
from election.notices.papers import notice_paper
from election.notices.queries import notice_of
from election.people.actor import Scope
from election.people.permissions import ALLOWED, Permission
from election.progress.queries import is_demo
from election.roster.absences.queries_papers import absentees_paper
from election.store.audit import require_whole
from webapp.access import permitted
from webapp.office_letters import PDF, file
from webapp.requests import reading

desk = Blueprint("papers", __name__)


def sent(paper: Paper) -> ResponseReturnValue:
    """File names are Chinese like the papers themselves: they are filed under their titles."""
    return file(paper.content, PDF, f"{paper.name}.pdf")


@desk.get("/c/<congress>/papers/notices/<int:notice>.pdf")
@permitted(Permission.NOTICE_VIEW, Permission.ROSTER_VERIFY, anywhere=True)
def electors_notice(congress: str, notice: int) -> ResponseReturnValue:
    """A notice of electors or of proposed candidates: the whole for the office and observers, their own units' parts for clerks.

    `?unit=`: only the part that hangs at that unit's door.
    """
    row = notice_of(reading(), g.congress.id, notice)
    require_whole(row.content, row.content_hash)
    return sent(notice_paper(g.congress, row, _parts(request.args.get("unit")), demo=is_demo(reading())))


def _parts(asked: str | None) -> list[str] | None:
    """The codes of the units whose parts are printed; None: all of it. Raises Forbidden for another's unit."""
    whole = g.actor.has(ALLOWED[Permission.NOTICE_VIEW], Scope(g.congress.id))
    clerk_of = ALLOWED[Permission.ROSTER_VERIFY]
    own = [unit.code for unit in g.congress.units if g.actor.has(clerk_of, Scope(g.congress.id, unit.id))]
    if asked is None:
        return None if whole else own
    if not whole and asked not in own:
        raise Forbidden("people.not_permitted", name=g.actor.name)
    return [asked]


@desk.get("/c/<congress>/papers/units/<unit>/absentees.pdf")
@permitted(Permission.ROSTER_VERIFY, Permission.ROSTER_EDIT)
def absentees(congress: str, unit: str) -> ResponseReturnValue:
    return sent(absentees_paper(reading(), g.congress, g.unit, demo=is_demo(reading())))


@desk.get("/c/<congress>/papers/application.pdf")
@permitted(Permission.APPLICATION_RECORD, Permission.APPLICATION_REVIEW, anywhere=True)
def application_blank(congress: str) -> ResponseReturnValue:
    """The form to fill in by hand."""
    return sent(blank_application_paper(reading(), g.congress, demo=is_demo(reading())))


@desk.get("/c/<congress>/papers/branches/<int:branch>/applications/<int:application>.pdf")
@permitted(Permission.APPLICATION_RECORD, Permission.APPLICATION_REVIEW)
def application(congress: str, branch: int, application: int) -> ResponseReturnValue:
    return sent(application_paper(reading(), g.congress, branch, application, demo=is_demo(reading())))


@desk.get("/c/<congress>/papers/branches/<int:branch>/ballots/<int:ballot>.pdf")
@permitted(Permission.APPLICATION_RECORD, Permission.BRANCH_BALLOT_CORRECT)
def branch_ballot(congress: str, branch: int, ballot: int) -> ResponseReturnValue:
    return sent(ballot_paper(reading(), g.congress, branch, ballot, demo=is_demo(reading())))


@desk.get("/c/<congress>/papers/reviews/<int:application>.pdf")
@permitted(Permission.APPLICATION_REVIEW)
def review(congress: str, application: int) -> ResponseReturnValue:
    return sent(review_paper(reading(), g.congress, application, demo=is_demo(reading())))


@desk.get("/c/<congress>/papers/units/<unit>/proposals/<int:number>.pdf")
@permitted(Permission.NOMINEES_PROPOSE, Permission.APPLICATION_REVIEW)
def proposal(congress: str, unit: str, number: int) -> ResponseReturnValue:
    return sent(proposal_paper(reading(), g.congress, g.unit, number, demo=is_demo(reading())))


@desk.get("/c/<congress>/papers/units/<unit>/slates.pdf")
@permitted(Permission.SLATE_SUBMIT, Permission.SLATE_FREEZE)
def slate(congress: str, unit: str) -> ResponseReturnValue:
    return sent(slates_paper(reading(), g.congress, g.unit, demo=is_demo(reading())))
