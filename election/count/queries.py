"""Lists for the desks of the count: forms for tellers, units' progress. Those of the scrutineers are in `queries_scrutiny.py`.

One statement each. Nothing here shows what anyone entered: that is in `queries_form.py`; outcomes are in
`queries_outcome.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from election.congress.models import Unit
from election.contests.models import Contest, Round
from election.contests.queries import BY_BALLOT, WITH_SEATS
from election.count.entry import EntryState, Side
from election.count.entry_states import ACTIVE
from election.count.models import CountForm, FormEntry
from election.machine import Worded
from election.meeting.lifecycle import MeetingState
from election.meeting.models import (
    CountingGroup,
    Meeting,
    MeetingOfficer,
    MeetingRound,
    Office,
    Venue,
    VenueBallots,
)

Units = frozenset[int] | None  # None: every unit of the congress

# The rounds of a form's vote that are held; a lot has neither ballots nor a form.
_OF_THE_VOTE = (
    BY_BALLOT,
    MeetingRound.meeting_id == Meeting.id,
    MeetingRound.ballot == CountForm.ballot,
    Round.id == MeetingRound.round_id,
    Round.void_at.is_(None),
)
_PLACE = aliased(Venue)
# The scrutineers have noted the ballots of a form's venue, and of those counted with it, for every round of its vote.
RECORDED = and_(
    exists().where(*_OF_THE_VOTE),
    ~exists().where(
        *_OF_THE_VOTE,
        _PLACE.meeting_id == MeetingRound.meeting_id,
        (_PLACE.id == Venue.id) | (_PLACE.counted_with_id == Venue.id),
        ~exists().where(
            VenueBallots.venue_id == _PLACE.id,
            VenueBallots.round_id == MeetingRound.round_id,
            VenueBallots.returned.is_not(None),
        ),
    ),
)

# More ballots of a round of its vote came back than were issued, all venues together: nothing is counted until the scrutineers
# have declared it void.
_ALL = aliased(VenueBallots)
OVER = exists().where(
    *_OF_THE_VOTE,
    select(func.sum(_ALL.returned) - func.sum(_ALL.issued))
    .where(_ALL.round_id == MeetingRound.round_id)
    .having(func.count(_ALL.returned) == func.count())
    .scalar_subquery()
    > 0,
)

COUNTING = (MeetingState.BALLOTS_RECORDED, MeetingState.CLOSED)


IN_CORRECTION = (EntryState.FIRST_IN_CORRECTION, EntryState.SECOND_IN_CORRECTION)


class Task(Worded):
    """What a teller may do with a form."""

    FIRST = "first", "录入", "enter"
    SECOND = "second", "第二次录入", "enter a second time"
    CONTINUE = "continue", "继续录入", "go on"
    MEND = "mend", "更正错误", "mend the errors"


@dataclass(frozen=True, slots=True)
class FormLine:
    """A count form as a teller's list shows it."""

    form_id: int
    number: str
    unit_id: int
    unit_name: str
    unit_position: int
    venue: str
    ballot: int
    version: int
    revision: int
    state: EntryState
    recorded: bool
    mine: Side | None
    task: Task | None
    # The own entry was handed in before and came back to be mended.
    returned: bool
    # It would be theirs to begin, but more ballots came back than were issued: the scrutineers come first.
    over: bool


def forms_of_congress(session: Session, congress_id: int, person_id: int, units: Units = None) -> list[FormLine]:
    """The forms in force of the meetings that have this person for a teller, with what they may do with each, in the
    order of the units: one statement.
    """
    own = aliased(FormEntry)
    rows = session.execute(
        select(CountForm, Unit, Venue.name, RECORDED, OVER, own.side, own.has_errors)
        .join(CountingGroup, CountingGroup.id == CountForm.group_id)
        .join(Venue, Venue.id == CountingGroup.venue_id)
        .join(Meeting, Meeting.id == Venue.meeting_id)
        .join(Unit, Unit.id == Meeting.unit_id)
        .join(MeetingOfficer, holds(person_id, Office.TELLER))
        .outerjoin(own, (own.form_id == CountForm.id) & (own.person_id == person_id))
        .where(in_force(congress_id, units))
        .order_by(Unit.position, Meeting.number, Venue.number, CountingGroup.number, CountForm.ballot)
    )
    lines = []
    for form, unit, venue, recorded, over, side, had_errors in rows:
        task = task_of(form.state, side)
        begun = side is not None
        lines.append(
            FormLine(
                form.id,
                form.number,
                unit.id,
                unit.name,
                unit.position,
                venue,
                form.ballot,
                form.version,
                form.revision,
                form.state,
                recorded,
                side,
                task if recorded and (begun or not over) else None,
                returned=bool(had_errors) or (form.state in IN_CORRECTION and task is Task.CONTINUE),
                over=over and not begun and recorded and task is not None,
            )
        )
    return lines


def holds(person_id: int, office: Office) -> ColumnElement[bool]:
    """The meeting's officer who is this person: a person holds one office of a meeting at most."""
    return and_(
        MeetingOfficer.meeting_id == Meeting.id,
        MeetingOfficer.person_id == person_id,
        MeetingOfficer.office == office,
    )


def in_force(congress_id: int, units: Units) -> ColumnElement[bool]:
    """The forms in force of the congress's meetings, of the votes that are or will be held."""
    chosen = and_(
        Meeting.congress_id == congress_id,
        Meeting.state != MeetingState.CALLED_OFF,
        CountForm.superseded_at.is_(None),
        # The first vote's paper lies ready before the meeting opens; a later one exists while a round of it is held.
        (CountForm.ballot == 1) | exists().where(*_OF_THE_VOTE),
    )
    return chosen if units is None else and_(chosen, Meeting.unit_id.in_(units))


def task_of(state: EntryState, mine: Side | None) -> Task | None:
    """What the teller whose entry is `mine` may do with a form in this state."""
    if mine is not None:
        if ACTIVE.get(state) == mine:
            return Task.CONTINUE
        return Task.MEND if state is EntryState.FIRST_HAS_ERRORS else None
    if state is EntryState.EMPTY:
        return Task.FIRST
    return Task.SECOND if state is EntryState.FIRST_FINALISED else None


def number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """In how many rows it holds."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


class UnitStage(Worded):
    """How far a unit's evening is, as the board shows it."""

    NOT_MET = "not_met", "未开会", "not met"
    OPEN = "open", "正在开会", "in session"
    COUNTING = "counting", "正在计票", "counting"
    CONFIRMED = "confirmed", "已确认", "confirmed"


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """A unit's evening in numbers. Confirmed: each of its rounds is decided or void."""

    unit_id: int
    code: str
    name: str
    position: int
    stage: UnitStage
    meeting_id: int | None
    expected: int | None
    rounds: int
    counted: int
    void: int


def unit_progress(session: Session, congress_id: int) -> list[UnitProgress]:
    """Every unit of the congress in its order: one statement."""
    latest = (
        select(Meeting.unit_id, func.max(Meeting.number).label("number"))
        .where(Meeting.congress_id == congress_id, Meeting.state != MeetingState.CALLED_OFF)
        .group_by(Meeting.unit_id)
        .subquery()
    )
    rounds = (
        select(
            Contest.unit_id,
            func.count(Round.id).label("rounds"),
            number_of(MeetingRound.counted_at.is_not(None)).label("counted"),
            number_of(Round.void_at.is_not(None)).label("void"),
        )
        .join(Round, Round.contest_id == Contest.id)
        .outerjoin(MeetingRound, MeetingRound.round_id == Round.id)
        .where(Contest.congress_id == congress_id, WITH_SEATS)
        .group_by(Contest.unit_id)
        .subquery()
    )
    rows = session.execute(
        select(Unit, Meeting.id, Meeting.state, Meeting.expected, rounds.c.rounds, rounds.c.counted, rounds.c.void)
        .outerjoin(latest, latest.c.unit_id == Unit.id)
        .outerjoin(Meeting, (Meeting.unit_id == Unit.id) & (Meeting.number == latest.c.number))
        .outerjoin(rounds, rounds.c.unit_id == Unit.id)
        .where(Unit.congress_id == congress_id)
        .order_by(Unit.position)
    )
    progress = []
    for unit, meeting_id, state, expected, total, counted, void in rows:
        total, counted, void = int(total or 0), int(counted or 0), int(void or 0)
        stage = _stage(state, total, counted + void)
        progress.append(
            UnitProgress(
                unit.id, unit.code, unit.name, unit.position, stage, meeting_id, expected, total, counted, void
            )
        )
    return progress


def _stage(state: MeetingState | None, rounds: int, settled: int) -> UnitStage:
    if state is None or state is MeetingState.PLANNED:
        return UnitStage.NOT_MET
    if state is MeetingState.OPENED:
        return UnitStage.OPEN
    return UnitStage.CONFIRMED if rounds and settled >= rounds else UnitStage.COUNTING
