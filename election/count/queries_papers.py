"""Reads what the blank count forms of a meeting say, and has them set. Changes nothing; the report is `queries_report.py`."""

from __future__ import annotations

from sqlalchemy.orm import Session

from election.congress.models import Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.follow_up import write_in_of
from election.contests.outcome import WriteInRule
from election.count.papers_form import TITLE, BlankForm, FormSection, form_sheet
from election.count.sheet import form_number_of
from election.documents.paper import Paper, set_sheets
from election.meeting.papers_ballots import in_full
from election.meeting.queries_papers import meeting_here, voted_on
from election.meeting.queries_papers_evening import day_of


def forms_paper(session: Session, congress: Congress, unit: Unit, meeting_id: int, vote: int, *, demo: bool) -> Paper:
    """The blank form of each counting group for a vote."""
    meeting = meeting_here(session, unit, meeting_id)
    write_in = WriteInRule(str(rules_in_force(session, congress.id)["write_in"]))
    sections = [
        FormSection(
            one.category.name,
            one.contest.kind,
            one.round.kind,
            one.round.seats,
            in_full(one.candidates),
            write_in_of(one.round.kind, write_in),
        )
        for one in voted_on(session, meeting, vote)
    ]
    sheets = [
        form_sheet(
            BlankForm(
                congress.name,
                unit.name,
                venue.name,
                group.number,
                form_number_of(group.form_number, vote),
                vote,
                sections,
            )
        )
        for venue in meeting.venues
        for group in venue.groups
    ]
    title = f"{TITLE} {unit.name}" + (f" 第{vote}次投票" if vote > 1 else "")
    return set_sheets(sheets, title=title, day=day_of(congress, meeting), demo=demo)
