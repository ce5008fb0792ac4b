"""The papers of the evening as PDF: agenda, ballots, sign-in sheets, count forms, tally sheets, ballot records, the scrutineers' report.

What they say is their rooms'; nothing is decided here.
"""

from __future__ import annotations

import unicodedata

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue

from election.count.queries_papers import forms_paper, tally_paper
from election.count.queries_report import report_facts, report_paper
from election.errors import Refused
from election.meeting.papers_ballots import MOST_COPIES
from election.meeting.queries_papers import ballots_paper
from election.meeting.queries_papers_evening import agenda_paper, issue_paper, sign_in_paper
from election.people.permissions import Permission
from election.progress.queries import is_demo
from election.store.audit import canonical
from webapp.access import permitted
from webapp.forms import whole_number
from webapp.papers import sent
from webapp.requests import reading

desk = Blueprint("papers_evening", __name__)

# Those who hold the meeting and its ballots in their hands, and the office that prepares both.
HANDS = (Permission.MEETING_RUN, Permission.BALLOTS_RECORD, Permission.SLATE_FREEZE)


@desk.get("/c/<congress>/papers/units/<unit>/meetings/<int:meeting>/agenda.pdf")
@permitted(Permission.MEETING_VIEW)
def agenda(congress: str, unit: str, meeting: int) -> ResponseReturnValue:
    return sent(agenda_paper(reading(), g.congress, g.unit, meeting, demo=is_demo(reading())))


@desk.get("/c/<congress>/papers/units/<unit>/meetings/<int:meeting>/sign-in.pdf")
@permitted(*HANDS)
def sign_in(congress: str, unit: str, meeting: int) -> ResponseReturnValue:
    """`?once=1`: the whole list once, not for each venue."""
    once = bool(request.args.get("once"))
    return sent(sign_in_paper(reading(), g.congress, g.unit, meeting, once=once, demo=is_demo(reading())))


@desk.get("/c/<congress>/papers/units/<unit>/meetings/<int:meeting>/ballots/<int:ballot>.pdf")
@permitted(*HANDS)
def ballots(congress: str, unit: str, meeting: int, ballot: int) -> ResponseReturnValue:
    """`?copies=` of each ballot, left out for all expected with spares; `?masters=1`: one sheet of each, to copy."""
    paper = ballots_paper(
        reading(),
        g.congress,
        g.unit,
        meeting,
        ballot,
        copies=_copies(request.args.get("copies", "")),
        masters=bool(request.args.get("masters")),
        demo=is_demo(reading()),
    )
    return sent(paper)


def _copies(typed: str) -> int | None:
    """As all number boxes read it: full-width digits are digits."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    copies = whole_number(plain)
    if plain and copies is None:
        raise Refused("papers.copies_wrong", field="copies", most=MOST_COPIES)
    return copies


@desk.get("/c/<congress>/papers/units/<unit>/meetings/<int:meeting>/issue-records/<int:ballot>.pdf")
@permitted(*HANDS)
def issue_records(congress: str, unit: str, meeting: int, ballot: int) -> ResponseReturnValue:
    return sent(issue_paper(reading(), g.congress, g.unit, meeting, ballot, demo=is_demo(reading())))


@desk.get("/c/<congress>/papers/units/<unit>/meetings/<int:meeting>/count-forms/<int:ballot>.pdf")
@permitted(*HANDS, Permission.COUNT_ENTER)
def count_forms(congress: str, unit: str, meeting: int, ballot: int) -> ResponseReturnValue:
    return sent(forms_paper(reading(), g.congress, g.unit, meeting, ballot, demo=is_demo(reading())))


@desk.get("/c/<congress>/papers/units/<unit>/meetings/<int:meeting>/tally-sheets/<int:ballot>.pdf")
@permitted(*HANDS, Permission.COUNT_ENTER)
def tally_sheets(congress: str, unit: str, meeting: int, ballot: int) -> ResponseReturnValue:
    return sent(tally_paper(reading(), g.congress, g.unit, meeting, ballot, demo=is_demo(reading())))


@desk.get("/c/<congress>/papers/units/<unit>/meetings/<int:meeting>/count-report.pdf")
@permitted(Permission.MEETING_VIEW, Permission.RESULTS_VIEW)
def count_report(congress: str, unit: str, meeting: int) -> ResponseReturnValue:
    return sent(report_paper(reading(), g.congress, g.unit, meeting, demo=is_demo(reading())))


@desk.get("/c/<congress>/papers/units/<unit>/meetings/<int:meeting>/count-report.json")
@permitted(Permission.MEETING_VIEW, Permission.RESULTS_VIEW)
def count_report_data(congress: str, unit: str, meeting: int) -> ResponseReturnValue:
    """What the report was made from, byte for byte as it was hashed: `sha256sum` of the file is the paper's fingerprint."""
    content = canonical(report_facts(reading(), g.congress, g.unit, meeting))
    answer = Response(content, mimetype="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename=count-report-{g.unit.code}-{meeting}.json"
    return answer
