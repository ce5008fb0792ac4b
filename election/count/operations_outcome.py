"""When every form of a meeting's ballot is confirmed: sums them, lets each round be decided, records the outcome.

Computed, never typed. Each round is decided by itself (`contests/outcome.py`); a correction supersedes the outcomes
and, once confirmed, records new versions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import func, select, update

from election.congress.rules_in_force import use_rules
from election.contests.decide import outcome_json
from election.contests.outcome import ContestInput, OutcomeStatus, decide, majority
from election.count.checks import check
from election.count.entry import EntryState, Side
from election.count.form import FormContents, from_json
from election.count.models import CandidateResult, CountForm, FormEntry, Result, RoundOutcome
from election.count.operations_lot import renew_lots
from election.count.queries_corrected import require_still_followed
from election.count.queries_sheet import load_sheet
from election.count.queries_write_ins import Named, elected_already, members_named, unclear
from election.count.sheet import Sheet, SheetSection
from election.count.summing import (
    Ballots,
    Bearers,
    Totals,
    WriteInRulings,
    Written,
    add_up,
    contest_json,
    contest_of,
    contest_rules,
    ranked,
)
from election.errors import Refused
from election.findings import Severity
from election.machine import listed
from election.meeting.models import CountingGroup, Meeting, MeetingRound, Venue, VenueBallots
from election.meeting.operations_ballots import require_disinterested
from election.meeting.queries import present_at
from election.people.act import Act
from election.texts import sentence

CONTEST_RULES = ("quorum_meeting", "majority_base", "margin_min", "write_in", "tie_at_cut")
# Counts of clean forms of a meeting that had its quorum can mean nothing else.
POSSIBLE = (OutcomeStatus.DECIDED, OutcomeStatus.TIE, OutcomeStatus.SHORTFALL)


def decide_rounds(act: Act, meeting: Meeting, ballot: int, rulings: WriteInRulings) -> list[RoundOutcome]:
    """The outcome of every round of the ballot that is not void. Raises Refused when the sums decide nothing, or when a
    correction takes away what a later vote that stands relied on.
    """
    forms = _confirmed_forms(act, meeting, ballot)
    sheet = load_sheet(act.session, forms[0][0], ballot)
    _require_clean_parts(act, forms, ballot)
    outcomes = compute_outcomes(act, meeting, sheet, [one for _, one in forms], rulings)
    require_still_followed(act.session, sheet.congress_id, sheet.unit_id, outcomes)
    _require_elected_once(act, sheet, outcomes)
    act.session.add_all(outcomes)
    act.session.flush()
    decided = [*outcomes, *renew_lots(act, outcomes)]
    act.session.execute(
        update(MeetingRound)
        .where(MeetingRound.meeting_id == meeting.id, MeetingRound.round_id.in_([row.round_id for row in decided]))
        .values(counted_at=act.now)
    )
    for row in decided:
        act.record(
            "round.decided",
            row,
            congress_id=meeting.congress_id,
            round=row.round_id,
            version=row.version,
            category=row.round.contest.category.code,
            status=row.status,
            outcome=row.outcome,
            **_ruled(rulings, row.round_id),
        )
    return outcomes


def compute_outcomes(
    act: Act, meeting: Meeting, sheet: Sheet, forms: Sequence[FormContents], rulings: WriteInRulings
) -> list[RoundOutcome]:
    """What the figures of all forms of a vote come to, stored nowhere yet. Raises Refused when they decide nothing."""
    rules = contest_rules(use_rules(act, meeting.congress_id, "round.decided", *CONTEST_RULES))
    contents = [sheet.fitted(one) for one in forms]
    record = {
        round_id: (int(issued or 0), int(returned or 0))
        for round_id, issued, returned in act.session.execute(
            select(VenueBallots.round_id, func.sum(VenueBallots.issued), func.sum(VenueBallots.returned))
            .join(Venue, Venue.id == VenueBallots.venue_id)
            .where(Venue.meeting_id == meeting.id)
            .group_by(VenueBallots.round_id)
        )
    }
    present = sum(number or 0 for number in present_at(act.session, meeting.id, sheet.ballot).values())
    totals = {section.key: add_up(section, contents) for section in sheet.sections}
    _require_as_recorded(sheet, contents, record)
    _require_as_ruled(act, sheet, totals)
    votes = {(key, name): number for key, one in totals.items() for name, number in one.written.items()}
    named = members_named(act.session, sheet, {name for _, name in votes})
    asked = unclear(sheet, votes, named, majority(rules.majority_base, meeting.expected or 0, present))
    for round_id, name in rulings.keys() - {(one.round_id, one.name) for one in asked}:
        raise Refused("count.ruling_not_asked", field="write_ins", name=name, round=round_id)
    last = _last_versions(act, [section.round_id for section in sheet.sections])
    outcomes = []
    for section in sheet.sections:
        issued, returned = record[section.round_id]
        ballots = Ballots(meeting.expected or 0, int(present), issued, returned)
        bearers = _bearers(named, section)
        contest, written = contest_of(section, ballots, totals[section.key], rules, bearers, rulings)
        outcomes.append(_outcome(act, section, contest, written, last.get(section.round_id, 0) + 1))
    return outcomes


def entered_outcomes(act: Act, meeting: Meeting, ballot: int) -> list[RoundOutcome] | None:
    """What a vote that is being corrected comes to by the figures as they were entered twice and equal, though not all of its
    forms are confirmed; stored nowhere. None while a form is still to be entered. Raises Refused as the confirmation would.
    """
    states = act.session.scalars(
        select(CountForm.state)
        .join(CountingGroup, CountingGroup.id == CountForm.group_id)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .where(Venue.meeting_id == meeting.id, CountForm.ballot == ballot, CountForm.superseded_at.is_(None))
    ).all()
    if not states or not set(states) <= {EntryState.ENTRIES_EQUAL, EntryState.CONFIRMED}:
        return None
    forms = _confirmed_forms(act, meeting, ballot)
    sheet = load_sheet(act.session, forms[0][0], ballot)
    with act.session.no_autoflush:
        return compute_outcomes(act, meeting, sheet, [one for _, one in forms], {})


def _ruled(rulings: WriteInRulings, round_id: int) -> dict[str, dict[str, int | None]]:
    """For the audit chain: whom a name stands for, as the scrutineer ruled; None: nobody who may be elected."""
    ruled = {name: member for (each, name), member in rulings.items() if each == round_id}
    return {"rulings": ruled} if ruled else {}


def _require_clean_parts(act: Act, forms: Sequence[tuple[int, FormContents]], ballot: int) -> None:
    """Until the last form is confirmed the record may change under those that are: each is held against it once more."""
    if len(forms) == 1:
        return  # just asked, as it was confirmed
    for group_id, contents in forms:
        sheet = load_sheet(act.session, group_id, ballot)
        findings = check(sheet.fitted(contents), sheet.context)
        said = [sentence(one.code, one.params) for one in findings if one.severity is Severity.ERROR]
        if said:
            raise Refused("count.part_not_clean", number=sheet.number, findings=listed(said))


def _require_as_recorded(sheet: Sheet, forms: Sequence[FormContents], record: Mapping[int, tuple[int, int]]) -> None:
    """Groups that share a venue's ballots each write down a part of them: together they are what the scrutineers recorded."""
    for section in sheet.sections:
        issued = sum(form.sections[section.key].issued or 0 for form in forms)
        returned = sum(form.sections[section.key].returned or 0 for form in forms)
        if (issued, returned) != record[section.round_id]:
            of_record = record[section.round_id]
            raise Refused(
                "count.parts_not_as_recorded",
                category=section.category,
                issued=issued,
                returned=returned,
                record_issued=of_record[0],
                record_returned=of_record[1],
            )


def _require_as_ruled(act: Act, sheet: Sheet, totals: Mapping[str, Totals]) -> None:
    """Where several groups share a venue's ballots only their sum can be held against the scrutineers' rulings, and the sum
    of all venues only where each has said its part: who said nothing did not say none (edge case 22).
    """
    rows = act.session.execute(
        select(VenueBallots.round_id, func.sum(VenueBallots.spoiled), func.count(VenueBallots.spoiled))
        .where(VenueBallots.round_id.in_([section.round_id for section in sheet.sections]))
        .group_by(VenueBallots.round_id)
    )
    ruled = {round_id: int(number or 0) for round_id, number, venues in rows if venues == sheet.venues}
    for section in sheet.sections:
        spoiled = totals[section.key].spoiled
        if section.round_id in ruled and ruled[section.round_id] != spoiled:
            raise Refused(
                "count.spoiled_not_as_ruled",
                category=section.category,
                spoiled=spoiled,
                record=ruled[section.round_id],
            )


def _confirmed_forms(act: Act, meeting: Meeting, ballot: int) -> list[tuple[int, FormContents]]:
    """group → the figures of its confirmed form (both entries are equal)."""
    rows = act.session.execute(
        select(CountForm.group_id, FormEntry.contents)
        .join(FormEntry, (FormEntry.form_id == CountForm.id) & (FormEntry.side == Side.FIRST))
        .join(CountingGroup, CountingGroup.id == CountForm.group_id)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .where(Venue.meeting_id == meeting.id, CountForm.ballot == ballot, CountForm.superseded_at.is_(None))
        .order_by(Venue.number, CountingGroup.number)
    )
    return [(group_id, from_json(contents)) for group_id, contents in rows]


def _last_versions(act: Act, rounds: list[int]) -> dict[int, int]:
    rows = act.session.execute(
        select(RoundOutcome.round_id, func.max(RoundOutcome.version))
        .where(RoundOutcome.round_id.in_(rounds))
        .group_by(RoundOutcome.round_id)
    )
    return {round_id: version for round_id, version in rows}


def _bearers(named: Sequence[Named], section: SheetSection) -> Bearers:
    """(name, category code) → members with a vote in the unit who bear that name in that category (edge case 9)."""
    found: dict[tuple[str, str], list[tuple[int, bool]]] = {}
    for one in named:
        found.setdefault((one.name, one.category), []).append((one.member_id, one.eligible(section.contest_id)))
    return found


def _require_elected_once(act: Act, sheet: Sheet, outcomes: Sequence[RoundOutcome]) -> None:
    """A person has one seat in a congress, whatever the ballots say. Asked before the outcomes are stored."""
    elected: dict[int, str] = {}
    for section, row in zip(sheet.sections, outcomes, strict=True):
        for line in row.lines:
            if line.result is not Result.ELECTED or line.member_id is None:
                continue
            if line.member_id in elected:
                raise Refused("count.elected_already", name=line.name, category=section.category)
            elected[line.member_id] = section.category
    tied = {line.member_id for row in outcomes for line in row.lines if line.result is Result.TIED}
    require_disinterested(act, [*elected, *(member for member in tied if member is not None)])
    with act.session.no_autoflush:
        before = elected_already(act.session, sheet.congress_id, list(elected))
    for member_id, name in before.items():
        raise Refused("count.elected_already", name=name, category=elected[member_id])


def _outcome(
    act: Act, section: SheetSection, contest: ContestInput, written: Sequence[Written], version: int
) -> RoundOutcome:
    outcome = decide(contest)
    if outcome.status not in POSSIBLE:
        said = [sentence(one.code, one.params) for one in outcome.findings if one.severity is Severity.ERROR]
        raise Refused("count.rejected", category=section.category, findings=listed(said))
    row = RoundOutcome(
        round_id=section.round_id,
        version=version,
        status=outcome.status.value,
        follow_up=None if outcome.follow_up is None else outcome.follow_up.value,
        votes_needed=outcome.votes_needed,
        elected=len(outcome.elected),
        tied_seats=outcome.tied_seats,
        shortfall=outcome.shortfall,
        expected=contest.expected,
        present=contest.present,
        issued=contest.issued,
        returned=contest.returned,
        valid=contest.valid,
        spoiled=contest.spoiled,
        contest=contest_json(contest),
        outcome=outcome_json(outcome),
        decided_at=act.now,
    )
    row.lines.extend(CandidateResult(**asdict(line)) for line in ranked(section, contest, outcome, written))
    return row


def supersede_outcomes(act: Act, meeting: Meeting, ballot: int) -> list[int]:
    """The outcomes in force of the ballot's rounds stand no longer, nor those of the lots that bear their figures; these may be
    corrected. What followed from them waits until it shows whether they come out alike. Their ids.
    """
    rounds = select(MeetingRound.round_id).where(MeetingRound.meeting_id == meeting.id, MeetingRound.ballot == ballot)
    rows = act.session.scalars(
        select(RoundOutcome).where(RoundOutcome.round_id.in_(rounds), RoundOutcome.superseded_at.is_(None))
    ).all()
    for row in rows:
        row.superseded_at = act.now
    act.session.execute(
        update(MeetingRound)
        .where(MeetingRound.meeting_id == meeting.id, MeetingRound.ballot == ballot)
        .values(counted_at=None)
    )
    act.session.flush()
    return [row.id for row in rows]
