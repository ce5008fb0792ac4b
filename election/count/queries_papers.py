"""Reads what the blank count forms and the tally sheets of a meeting say, and has them set. Changes nothing.

The report is `queries_report.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from election.congress.models import Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.follow_up import write_in_of
from election.contests.outcome import WriteInRule
from election.count.papers_form import TALLY, TITLE, BlankForm, FormSection, form_sheet, tally_sheets
from election.count.sheet import form_number_of
from election.documents.paper import Paper, set_sheets
from election.documents.parts import Data
from election.meeting.ballot_sheets import on_one_sheet
from election.meeting.counted import counted_at, name_where_counted, together
from election.meeting.models import Meeting, Venue
from election.meeting.papers_ballots import in_full, later
from election.meeting.queries import present_at
from election.meeting.queries_papers import expected_of, meeting_here, voted_on
from election.meeting.queries_papers_evening import day_of


def forms_paper(session: Session, congress: Congress, unit: Unit, meeting_id: int, vote: int, *, demo: bool) -> Paper:
    """The blank form of each counting group for a vote."""
    meeting = meeting_here(session, unit, meeting_id)
    sheets = [form_sheet(blank) for blank in _blanks(session, congress, unit, meeting, vote)]
    return _paper(TITLE, sheets, congress, unit, meeting, vote, demo=demo)


def tally_paper(session: Session, congress: Congress, unit: Unit, meeting_id: int, vote: int, *, demo: bool) -> Paper:
    """For each counting group a sheet of each contest to mark the votes on, deep enough for its share of them."""
    meeting = meeting_here(session, unit, meeting_id)
    blanks = _blanks(session, congress, unit, meeting, vote)
    sheets = [one for blank in blanks for one in tally_sheets(blank)]
    return _paper(TALLY, sheets, congress, unit, meeting, vote, demo=demo)


def _paper(
    name: str, sheets: Sequence[Data], congress: Congress, unit: Unit, meeting: Meeting, vote: int, *, demo: bool
) -> Paper:
    title = " ".join(filter(None, (name, unit.name, later(vote))))
    return set_sheets(sheets, title=title, day=day_of(congress, meeting), demo=demo)


def _blanks(session: Session, congress: Congress, unit: Unit, meeting: Meeting, vote: int) -> list[BlankForm]:
    rules = rules_in_force(session, congress.id)
    write_in = WriteInRule(str(rules["write_in"]))
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
    counted_with = {venue.id: venue.counted_with_id for venue in meeting.venues}
    names = {venue.id: venue.name for venue in meeting.venues}
    present = present_at(session, meeting.id, vote)
    counting = sum(len(venue.groups) for venue in meeting.venues)
    expected = expected_of(session, meeting)

    def share(venue: Venue) -> int:
        """Of those present where the group counts; while they are not counted, of all who are expected."""
        here = together(present[one] for one in counted_at(venue.id, counted_with))
        return -(-expected // counting) if here is None else -(-here // len(venue.groups))

    return [
        BlankForm(
            congress.name,
            unit.name,
            name_where_counted(venue.id, names, counted_with),
            group.number,
            form_number_of(group.form_number, vote),
            vote,
            sections,
            on_one_sheet(rules),
            share(venue),
        )
        for venue in meeting.venues
        for group in venue.groups
    ]
