"""Reads what the scrutineers' report of a meeting says (监票报告单), and has it set. Changes nothing.

It says what is recorded: outcomes in force, the confirmed forms behind them, the ballots of each venue. It can be made from
the first confirmed vote on; until every contest of the meeting is counted or void it is marked as unfinished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from election.congress.models import Congress, Unit
from election.congress.rules_in_force import rules_in_force
from election.contests.models import Contest
from election.contests.outcome import OutcomeStatus
from election.count.entry import EntryState, Side
from election.count.form import FormContents, from_json
from election.count.models import CandidateResult, CountForm, FormEntry
from election.count.papers_report import RULES, report_sheets
from election.count.papers_report_facts import (
    Correction,
    CountedContest,
    CountedVote,
    Marked,
    Part,
    Ranked,
    Report,
    Vacancy,
)
from election.count.papers_report_parts import TITLE
from election.count.queries_lot import drawn_lots
from election.count.queries_outcome import RoundResult, outcomes_of_unit
from election.documents.paper import Paper, set_sheets
from election.errors import NotFound
from election.meeting.counted import name_where_counted, present_where_counted, withheld
from election.meeting.models import CountingGroup, Meeting, MeetingRound, Office, Venue, VenueBallots
from election.meeting.models_evening import FollowUp, FollowUpKind, SpoiledKind, SpoiledRuling
from election.meeting.papers_ballots import in_full
from election.meeting.queries import counted_alone, present_at_each
from election.meeting.queries_officers import officers_when
from election.meeting.queries_papers import meeting_here, standing_on
from election.people.act import local_day, name_of
from election.people.models import Person
from election.people.queries import names_of
from election.store.audit import digest

FORMAT = "count-report/1"
UNFINISHED = "计票未完"

# What a form that was confirmed says: its group's venue, its number, its figures.
Confirmed = tuple[int, str, FormContents]


def report_paper(session: Session, congress: Congress, unit: Unit, meeting_id: int, *, demo: bool) -> Paper:
    """The scrutineers' report of a meeting. Raises NotFound before anything is confirmed."""
    report = _report(session, congress, unit, meeting_id)
    return set_sheets(
        report_sheets(report),
        title=f"{TITLE} {unit.name}",
        day=report.counted_on,
        demo=demo,
        mark="" if report.complete else UNFINISHED,
    )


def report_facts(session: Session, congress: Congress, unit: Unit, meeting_id: int) -> Mapping[str, Any]:
    """The data of the report: their canonical form has the SHA-256 that is printed on it."""
    return _report(session, congress, unit, meeting_id).facts


def _report(session: Session, congress: Congress, unit: Unit, meeting_id: int) -> Report:
    meeting = meeting_here(session, unit, meeting_id)
    held = {
        row.round_id: row for row in session.scalars(select(MeetingRound).where(MeetingRound.meeting_id == meeting_id))
    }
    results = outcomes_of_unit(session, unit.id)
    rounds = [(one.contest, each) for one in results for each in one.rounds if each.round.id in held]
    decided = [each.outcome.decided_at for _, each in rounds if each.outcome is not None]
    if not decided or meeting.opened_at is None:
        raise NotFound("papers.not_counted")
    present = present_at_each(session, meeting_id, {row.ballot for row in held.values()})
    reader = _Reader(session, meeting, held, present)
    votes = [
        CountedVote(
            vote,
            sum(number or 0 for number in present[vote].values()),
            [reader.contest(contest, each) for contest, each in rounds if held[each.round.id].ballot == vote],
        )
        for vote in sorted({row.ballot for row in held.values()})
    ]
    votes = [one for one in votes if one.contests]  # a vote whose rounds were all found not to be needed
    recorded = [name_of(each.outcome) for _, each in rounds if each.outcome is not None]
    officers = officers_when(session, meeting, recorded, _acted(session, meeting_id))
    corrections = _corrections(session, meeting_id)
    rules = rules_in_force(session, congress.id)
    who = names_of(session, {meeting.opened_by_id or 0})
    facts = {
        "format": FORMAT,
        "congress": congress.code,
        "unit": unit.code,
        "meeting": meeting.number,
        "opened_at": meeting.opened_at.isoformat(),
        "expected": meeting.expected,
        "venues": [{"name": venue.name, "present": venue.present} for venue in meeting.venues],
        "votes": [_plain(asdict(vote)) for vote in votes],
        "scrutineers": officers[Office.SCRUTINEER],
        "tellers": officers[Office.TELLER],
        "corrections": [asdict(one) for one in corrections],
        "rules": {name: rules[name] for name in RULES},
    }
    return Report(
        congress=congress.name,
        unit=unit.name,
        meeting=meeting.number,
        held_on=local_day(meeting.opened_at),
        counted_on=local_day(max(decided)),
        place=meeting.place,
        expected=meeting.expected or 0,
        venues=[(venue.name, venue.present or 0) for venue in meeting.venues],
        votes=votes,
        scrutineers=officers[Office.SCRUTINEER],
        tellers=officers[Office.TELLER],
        corrections=corrections,
        chair=who.get(meeting.opened_by_id or 0, ""),
        rules=rules,
        facts=facts,
        hash=digest(facts),
    )


def _acted(session: Session, meeting_id: int) -> dict[Office, set[int]]:
    """Who entered and who confirmed the forms that the outcomes rest on."""
    forms = session.execute(
        select(CountForm.first_person_id, CountForm.second_person_id, CountForm.confirmed_by_id)
        .join(CountingGroup, CountingGroup.id == CountForm.group_id)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .where(
            Venue.meeting_id == meeting_id,
            CountForm.state == EntryState.CONFIRMED,
            CountForm.superseded_at.is_(None),
        )
    ).all()
    return {
        Office.TELLER: {person for first, second, _ in forms for person in (first, second) if person is not None},
        Office.SCRUTINEER: {confirmed for *_, confirmed in forms if confirmed is not None},
    }


def _corrections(session: Session, meeting_id: int) -> list[Correction]:
    asked, agreed = aliased(Person), aliased(Person)
    rows = session.execute(
        select(CountForm, asked.name, agreed.name)
        .join(CountingGroup, CountingGroup.id == CountForm.group_id)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .join(asked, asked.id == CountForm.reopened_by_id)
        .join(agreed, agreed.id == CountForm.reopening_agreed_by_id)
        .where(Venue.meeting_id == meeting_id, CountForm.state == EntryState.CONFIRMED)
        .order_by(CountForm.ballot, Venue.number, CountingGroup.number, CountForm.version)
    )
    return [Correction(form.number, form.version, form.reopened_because, one, other) for form, one, other in rows]


def _plain(data: Any) -> Any:
    """Values as JSON has them."""
    if isinstance(data, Mapping):
        return {_plain(key): _plain(one) for key, one in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(one) for one in data]
    if isinstance(data, Enum):
        return data.value
    return data.isoformat() if isinstance(data, date) else data


class _Reader:
    """What belongs to the rounds of one meeting, read at once: one statement for each list."""

    def __init__(
        self,
        session: Session,
        meeting: Meeting,
        held: Mapping[int, MeetingRound],
        present: Mapping[int, Mapping[int, int | None]],
    ) -> None:
        self._held = held
        rounds = list(held)
        counted_with = {venue.id: venue.counted_with_id for venue in meeting.venues}
        names = {venue.id: venue.name for venue in meeting.venues}
        self._venues = {venue_id: name_where_counted(venue_id, names, counted_with) for venue_id in names}
        alone = counted_alone(session, meeting.congress_id)
        self._withheld = {
            vote: withheld(present_where_counted(there, counted_with), alone) for vote, there in present.items()
        }
        self._forms = _confirmed(session, meeting.id)
        self._ballots: dict[int, list[tuple[str, int, int]]] = {}
        for round_id, venue_id, issued, returned in session.execute(
            select(VenueBallots.round_id, VenueBallots.venue_id, VenueBallots.issued, VenueBallots.returned)
            .join(Venue, Venue.id == VenueBallots.venue_id)
            .where(VenueBallots.meeting_id == meeting.id)
            .order_by(Venue.number)
        ):
            self._ballots.setdefault(round_id, []).append((names[venue_id], issued, returned or 0))
        self._spoiled: dict[int, dict[SpoiledKind, int]] = {}
        for round_id, kind, number in session.execute(
            select(SpoiledRuling.round_id, SpoiledRuling.kind, func.sum(SpoiledRuling.number))
            .where(SpoiledRuling.meeting_id == meeting.id)
            .group_by(SpoiledRuling.round_id, SpoiledRuling.kind)
        ):
            self._spoiled.setdefault(round_id, {})[kind] = int(number)
        self._vacant = {
            row.round_id: Vacancy(
                row.seats, row.consented or 0, row.expected or 0, row.reason, row.document, row.decided_on
            )
            for row in session.scalars(
                select(FollowUp).where(
                    FollowUp.round_id.in_(rounds),
                    FollowUp.kind == FollowUpKind.VACANT,
                    FollowUp.agreed_at.is_not(None),
                    FollowUp.dropped_at.is_(None),
                )
            )
        }
        self._lots = drawn_lots(session, rounds)
        self._names: dict[int, str] = {}
        for standing in standing_on(session, [row.slate_id for row in held.values()]).values():
            self._names |= dict(zip([one.id for one in standing], in_full(standing), strict=True))

    def contest(self, contest: Contest, result: RoundResult) -> CountedContest:
        row, outcome = result.round, result.outcome
        ballots = self._ballots.get(row.id, [])
        lines = result.lines
        spoiled = self._spoiled.get(row.id, {})
        return CountedContest(
            category=contest.category.name,
            kind=contest.kind,
            round_kind=row.kind,
            seats=row.seats,
            void=row.void_at is not None,
            status=None if outcome is None else OutcomeStatus(outcome.status),
            version=1 if outcome is None else outcome.version,
            issued=sum(issued for _, issued, _ in ballots) if outcome is None else outcome.issued,
            returned=sum(returned for *_, returned in ballots) if outcome is None else outcome.returned,
            valid=0 if outcome is None else outcome.valid,
            spoiled=0 if outcome is None else outcome.spoiled,
            votes_needed=None if outcome is None else outcome.votes_needed,
            tied_seats=0 if outcome is None else outcome.tied_seats,
            shortfall=0 if outcome is None else outcome.shortfall,
            lines=[self._ranked(line) for line in lines],
            parts=[] if outcome is None else self._parts(row.id, lines),
            spoiled_by_kind={kind: spoiled[kind] for kind in SpoiledKind if kind in spoiled},
            vacancy=self._vacant.get(row.id),
            lot=self._lots.get(row.id),
            by_venue=[] if row.void_at is None else ballots,
        )

    def _ranked(self, line: CandidateResult) -> Ranked:
        written = line.candidate_id is None
        return Ranked(
            key=_key(line),
            name=line.name if line.candidate_id is None else self._names.get(line.candidate_id, line.name),
            for_=line.votes_for,
            against=None if written else line.votes_against,
            abstain=None if written else line.abstentions,
            result=line.result,
        )

    def _parts(self, round_id: int, lines: Sequence[CandidateResult]) -> list[Part]:
        found = []
        for venue, number, contents in self._forms.get(self._held[round_id].ballot, ()):
            section = contents.sections.get(str(round_id))
            if section is None:
                continue
            marks = []
            for line in lines:
                if line.candidate_id is None:
                    votes = [one.for_ or 0 for one in section.write_ins if one.name.strip() == line.name]
                    if votes:
                        marks.append(Marked(_key(line), line.name, sum(votes), None, None))
                elif (mine := section.candidates.get(str(line.candidate_id))) is not None:
                    counted = (mine.for_ or 0, mine.against or 0, mine.abstain or 0)
                    marks.append(Marked(_key(line), line.name, *counted))
            issued, returned = section.issued or 0, section.returned or 0
            if venue in self._withheld[self._held[round_id].ballot]:
                found.append(Part(self._venues[venue], number, issued, returned, None, None, []))
                continue
            valid, spoiled = section.valid or 0, section.spoiled or 0
            found.append(Part(self._venues[venue], number, issued, returned, valid, spoiled, marks))
        return found


def _key(line: CandidateResult) -> str:
    return f"w:{line.name}" if line.candidate_id is None else f"c{line.candidate_id}"


def _confirmed(session: Session, meeting_id: int) -> dict[int, list[Confirmed]]:
    """vote → the confirmed forms of its groups, in order. Both entries of a confirmed form are equal."""
    rows = session.execute(
        select(CountForm.ballot, Venue.id, CountForm.number, FormEntry.contents)
        .join(FormEntry, (FormEntry.form_id == CountForm.id) & (FormEntry.side == Side.FIRST))
        .join(CountingGroup, CountingGroup.id == CountForm.group_id)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .where(
            Venue.meeting_id == meeting_id,
            CountForm.state == EntryState.CONFIRMED,
            CountForm.superseded_at.is_(None),
        )
        .order_by(CountForm.ballot, Venue.number, CountingGroup.number)
    )
    found: dict[int, list[Confirmed]] = {}
    for ballot, venue, number, contents in rows:
        found.setdefault(ballot, []).append((venue, number, from_json(contents)))
    return found
