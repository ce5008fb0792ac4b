"""How far a congress is, read across all rooms in a handful of statements. Decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from election.congress.lifecycle import Phase
from election.congress.models import Category, Congress, Unit
from election.contests.models import Contest, ContestKind, Round
from election.contests.queries import WITH_SEATS
from election.count.entry import EntryState
from election.count.models import CountForm, RoundOutcome
from election.count.queries import OVER, RECORDED
from election.meeting.lifecycle import MeetingState
from election.meeting.models import CountingGroup, Meeting, MeetingRound, Venue, VenueBallots
from election.meeting.models_evening import FollowUp
from election.nomination.applying.queries_gone import still_on_roster
from election.nomination.lifecycle import ApplicationState, SlateState
from election.nomination.models import Application, Slate
from election.notices.models import NoticeKind
from election.notices.queries import latest_notice, open_objections
from election.progress.queries_again import NOTHING_AGAIN, SlatesAgain, slates_again
from election.progress.queries_registration import ElectorsNotice, electors_notice, stale_units
from election.progress.queries_shortages import exemptions_due, short_reopened
from election.progress.queries_void import VoidDue, void_due
from election.quotas.lifecycle import SchemeState
from election.quotas.models import Scheme
from election.quotas.models_letters import SeatLetter
from election.quotas.queries import approved_scheme, fits
from election.results.lifecycle import ResultsState, is_public
from election.results.queries import proposer, results_state, standing
from election.results.queries_settling import ContestStanding, contest_standings
from election.roster.absences.queries import NOBODY_AWAY, absence_counts
from election.roster.models import RosterVerification
from election.roster.queries_units import UnitRoster

# Whom a unit has put forward, whatever the office decided on them.
# The meetings in which something may have to be declared void.
VOTING = (MeetingState.OPENED, MeetingState.BALLOTS_RECORDED)
FORWARD = (ApplicationState.PUT_FORWARD, ApplicationState.PROPOSED, ApplicationState.REVIEW_REFUSED)


@dataclass(frozen=True, slots=True)
class FormFacts:
    unit_id: int
    number: str
    state: EntryState
    first_person_id: int | None
    second_person_id: int | None
    withdrawal_asked_by_id: int | None = None
    # More ballots came back than were issued: nobody's to begin before that is declared void.
    over: bool = False


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """What a chair proposed to follow after a vote and no scrutineer has agreed to yet."""

    unit_id: int
    proposed_by_id: int


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """One unit's way through the phases: rounds are ballots, of which some are frozen, decided or void.

    `letter_open`: nobody has signed for its seat letter yet. `untold`: members who are away and not told of the election.
    """

    id: int
    code: str
    name: str
    verified: bool
    rounds: int
    submitted: int
    frozen: int
    decided: int
    void: int
    meeting: MeetingState | None
    letter_open: bool = False
    # Applicants on whom a branch of the unit has not voted, nominees whom the unit neither put forward nor left out.
    unvoted: int = 0
    nominees: int = 0
    untold: int = 0
    # Rounds that are contested; nominees whom the unit has put forward, of whom some still wait for the review.
    contested: int = 0
    forward: int = 0
    reviewing: int = 0
    # Rounds that the meeting holds and of which a venue has not recorded the ballots that came back.
    ballots_due: int = 0
    # Its contests, however often they are voted on: those whose first slate is frozen, those that are done with.
    contests: int = 0
    named: int = 0
    settled: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    categories: int
    reply_settled: bool
    schemes: dict[SchemeState, int]
    # The approved scheme divides other seats, units or categories than the congress has now.
    scheme_outdated: bool
    units: tuple[UnitFacts, ...]
    # The electors as published; None before they are.
    electors_notice: ElectorsNotice | None
    applied_by_branch: dict[int, int]
    # branch → on how many categories it has to vote; a branch in which nobody ever applied is not in it.
    ballots_by_branch: dict[int, int]
    awaiting_review: int
    proposed: int
    # Whether the candidates have been on public notice, and until when it hangs (None: it has no waiting time).
    notice_published: bool
    notice_last_day: date | None
    # To the electors or the candidates: both must be closed before a slate is frozen.
    objections_open: int
    # To the electors, upheld, and the roster is not put right yet.
    objections_unsettled: int
    # Of the votes whose ballots the scrutineers have recorded: only those can be counted.
    forms: tuple[FormFacts, ...]
    results: ResultsState
    # Who proposed the publication that awaits a second person.
    proposer: int | None
    # The last days on which people could apply in cells that were opened again and are still short.
    short_reopened: tuple[date, ...] = ()
    # Whose candidacy ended by death, transfer or loss of the vote, and the roster does not say so yet.
    still_on_roster: int = 0
    proposals: tuple[ProposalFacts, ...] = ()
    # Slates that stood frozen once and do not now; new versions that are frozen and not printed yet.
    slates_again: SlatesAgain = NOTHING_AGAIN
    # Short cells (unit, category) of which the office asked whether they may be uncontested.
    exemptions_due: tuple[tuple[str, str], ...] = ()
    # Every contest that cannot be announced yet, or is voted on again in a later meeting.
    contests: tuple[ContestStanding, ...] = ()
    # The results are no longer those that were published.
    results_moved: bool = False
    # More ballots came back than were issued: nothing of these is counted, and a scrutineer has to say so.
    void_due: tuple[VoidDue, ...] = ()


def read_facts(session: Session, congress: Congress, rosters: Sequence[UnitRoster] | None = None) -> Facts:
    """A handful of statements, whatever the size of the county. `rosters`: those of its units, where they are at hand."""
    schemes = session.execute(
        select(Scheme.state, func.count()).where(Scheme.congress_id == congress.id).group_by(Scheme.state)
    )
    waits = case((Application.state == ApplicationState.APPLIED, Application.category_id))
    branches = session.execute(
        select(Application.branch_id, func.count(waits), func.count(waits.distinct()))
        .where(Application.congress_id == congress.id)
        .group_by(Application.branch_id)
    ).all()
    by_state = dict(
        session.execute(
            select(Application.state, func.count())
            .where(Application.congress_id == congress.id)
            .group_by(Application.state)
        ).all()
    )
    forms = session.execute(
        select(
            Meeting.unit_id,
            CountForm.number,
            CountForm.state,
            CountForm.first_person_id,
            CountForm.second_person_id,
            CountForm.withdrawal_asked_by_id,
            OVER,
        )
        .select_from(CountForm)
        .join(CountingGroup, CountForm.group_id == CountingGroup.id)
        .join(Venue, CountingGroup.venue_id == Venue.id)
        .join(Meeting, Venue.meeting_id == Meeting.id)
        .where(
            Meeting.congress_id == congress.id,
            Meeting.state != MeetingState.CALLED_OFF,
            CountForm.superseded_at.is_(None),
            RECORDED,
        )
        .order_by(CountForm.number)
    )
    notice = latest_notice(session, congress.id, NoticeKind.CANDIDATES)
    waiting = open_objections(session, congress.id)
    # Past preparation nothing of this can change any more.
    approved = approved_scheme(session, congress.id) if congress.phase is Phase.PREPARATION else None
    again = slates_again(session, congress)
    standings = contest_standings(session, congress.id)
    results = results_state(session, congress.id)
    # While people vote no cell is short but one whose slate gave way; nothing is asked of any other.
    asking = congress.phase is Phase.NOMINATION or any(one.missing for one in again.waiting)
    units = _units(session, congress, rosters, standings)
    return Facts(
        categories=session.scalar(select(func.count()).select_from(Category).where(Category.congress_id == congress.id))
        or 0,
        reply_settled=congress.reply_number is not None or congress.reply_waived_because is not None,
        schemes=dict(schemes.all()),
        scheme_outdated=approved is not None and not fits(congress, approved),
        units=units,
        electors_notice=electors_notice(session, congress),
        applied_by_branch={branch: applied for branch, applied, _ in branches if applied},
        ballots_by_branch={branch: ballots for branch, _, ballots in branches},
        awaiting_review=by_state.get(ApplicationState.PUT_FORWARD, 0),
        proposed=by_state.get(ApplicationState.PROPOSED, 0),
        notice_published=notice is not None,
        notice_last_day=notice.last_day if notice is not None and notice.working_days else None,
        objections_open=sum(not one.unsettled for one in waiting),
        objections_unsettled=sum(one.unsettled for one in waiting),
        forms=tuple(FormFacts(*row) for row in forms),
        results=results,
        proposer=proposer(session, congress.id),
        short_reopened=short_reopened(session, congress),
        still_on_roster=len(still_on_roster(session, congress.id)),
        proposals=_proposals(session, congress.id),
        slates_again=again,
        exemptions_due=exemptions_due(session, congress) if asking else (),
        contests=tuple(one for one in standings if one.unsettled or one.later),
        results_moved=is_public(results) and standing(session, congress).published_at is None,
        void_due=void_due(session, congress.id) if any(unit.meeting in VOTING for unit in units) else (),
    )


def _proposals(session: Session, congress_id: int) -> tuple[ProposalFacts, ...]:
    rows = session.execute(
        select(Meeting.unit_id, FollowUp.proposed_by_id)
        .join(FollowUp, FollowUp.meeting_id == Meeting.id)
        .where(Meeting.congress_id == congress_id, FollowUp.agreed_at.is_(None), FollowUp.dropped_at.is_(None))
        .order_by(FollowUp.id)
    )
    return tuple(ProposalFacts(*row) for row in rows)


def _ballots_due(session: Session, congress_id: int) -> dict[int, int]:
    """unit → the rounds of its meeting in session that lack a venue's record of the ballots returned."""
    kept = (VenueBallots.venue_id == Venue.id) & (VenueBallots.round_id == Round.id)
    rows = session.execute(
        select(Meeting.unit_id, func.count(Round.id.distinct()))
        .join(MeetingRound, MeetingRound.meeting_id == Meeting.id)
        .join(Round, Round.id == MeetingRound.round_id)
        .join(Venue, Venue.meeting_id == Meeting.id)
        .outerjoin(VenueBallots, kept)
        .where(
            Meeting.congress_id == congress_id,
            Meeting.state.in_((MeetingState.OPENED, MeetingState.BALLOTS_RECORDED)),
            Round.void_at.is_(None),
            MeetingRound.counted_at.is_(None),
            VenueBallots.returned.is_(None),
        )
        .group_by(Meeting.unit_id)
    )
    return {unit_id: rounds for unit_id, rounds in rows}


def _units(
    session: Session,
    congress: Congress,
    rosters: Sequence[UnitRoster] | None,
    standings: Sequence[ContestStanding],
) -> tuple[UnitFacts, ...]:
    """Every unit in its order: a statement each for them, their rounds, nominees, meetings, ballots and open letters."""
    congress_id = congress.id
    stale, away = stale_units(session, congress, rosters), absence_counts(session, congress_id)

    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    rounds = {
        row[0]: row[1:]
        for row in session.execute(
            select(
                Contest.unit_id,
                func.count(Round.id),
                counted(Slate.state == SlateState.SUBMITTED),
                counted(Slate.state == SlateState.FROZEN),
                counted(RoundOutcome.id.is_not(None)),
                counted(Round.void_at.is_not(None)),
                counted(Contest.kind == ContestKind.CONTESTED),
                counted((Round.number == 1) & (Slate.state == SlateState.FROZEN)),
            )
            .join(Round, Round.contest_id == Contest.id)
            .outerjoin(Slate, (Slate.round_id == Round.id) & (Slate.state != SlateState.SUPERSEDED))
            .outerjoin(RoundOutcome, (RoundOutcome.round_id == Round.id) & RoundOutcome.superseded_at.is_(None))
            .where(Contest.congress_id == congress_id, WITH_SEATS)
            .group_by(Contest.unit_id)
        )
    }
    open_applications = {
        row[0]: row[1:]
        for row in session.execute(
            select(
                Application.unit_id,
                counted(Application.state == ApplicationState.APPLIED),
                counted(Application.state == ApplicationState.PRELIMINARY),
                counted(Application.state.in_(FORWARD)),
                counted(Application.state == ApplicationState.PUT_FORWARD),
            )
            .where(Application.congress_id == congress_id)
            .group_by(Application.unit_id)
        )
    }
    meetings = dict(
        session.execute(
            select(Meeting.unit_id, Meeting.state)
            .where(Meeting.congress_id == congress_id, Meeting.state != MeetingState.CALLED_OFF)
            .order_by(Meeting.number)
        ).all()
    )
    letters = set(
        session.scalars(
            select(SeatLetter.unit_id)
            .join(Scheme, SeatLetter.scheme_id == Scheme.id)
            .where(
                Scheme.congress_id == congress_id,
                Scheme.state == SchemeState.APPROVED,
                SeatLetter.received_on.is_(None),
            )
        )
    )
    due = _ballots_due(session, congress_id)
    contests = Counter(one.unit_id for one in standings)
    settled = Counter(one.unit_id for one in standings if one.unsettled is None and one.later is None)
    units = session.execute(
        select(Unit.id, Unit.code, Unit.name, RosterVerification.id)
        .outerjoin(RosterVerification, RosterVerification.unit_id == Unit.id)
        .where(Unit.congress_id == congress_id)
        .order_by(Unit.position)
    )
    return tuple(
        UnitFacts(
            unit_id,
            code,
            name,
            bool(verification) and unit_id not in stale,
            *rounds.get(unit_id, (0,) * 7)[:5],
            meetings.get(unit_id),
            unit_id in letters,
            *open_applications.get(unit_id, (0,) * 4)[:2],
            away.get(unit_id, NOBODY_AWAY).untold,
            rounds.get(unit_id, (0,) * 7)[5],
            *open_applications.get(unit_id, (0,) * 4)[2:],
            due.get(unit_id, 0),
            contests[unit_id],
            rounds.get(unit_id, (0,) * 7)[6],
            settled[unit_id],
        )
        for unit_id, code, name, verification in units
    )
