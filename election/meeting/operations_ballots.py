"""The scrutineers' own record of a meeting's ballots, and the round declared void. Counts no vote.

More returned than issued is no entry error: it is recorded as it is, and the scrutineer declares that contest void.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from election.contests.models import Round
from election.contests.operations import void_round
from election.errors import Forbidden, Invalid, NotFound, Refused
from election.meeting.lifecycle import MeetingAction, MeetingState, transition
from election.meeting.models import Meeting, MeetingRound, Office, Venue, VenueBallots
from election.meeting.models_evening import SpoiledKind, SpoiledRuling, VenueAttendance
from election.meeting.operations import load_meeting
from election.meeting.operations_attendance import require_uncounted
from election.meeting.queries import current_ballot, holds_office, present_at, quorum_of, related_candidate, stands_in
from election.people.act import Act
from election.people.models import Person
from election.people.permissions import Permission
from election.people.queries import relatives_of
from election.roster.models import Member


@dataclass(frozen=True, slots=True)
class Ballots:
    """发出 and 收回 of one round in one venue; `returned` None while the vote lasts."""

    issued: int
    returned: int | None = None


def require_officer(act: Act, meeting: Meeting, permission: Permission) -> None:
    """The permission for an act on the ballots or counts of a unit, that the person does not stand there, and that
    this meeting has them for its teller, to enter, or for its scrutineer, for all else.

    Whoever acts as a scrutineer must not be a candidate's declared close relative either (地方条例 28).
    """
    act.require(permission, congress_id=meeting.congress_id, unit_id=meeting.unit_id)
    if stands_in(act.session, meeting.unit_id, act.person_id):
        raise Forbidden("meeting.own_election", name=act.actor.name)
    if permission is not Permission.COUNT_ENTER:
        related = related_candidate(act.session, meeting.unit_id, act.person_id)
        if related is not None:
            raise Forbidden("meeting.relatives_election", name=act.actor.name, candidate=related)
    office = Office.TELLER if permission is Permission.COUNT_ENTER else Office.SCRUTINEER
    if not holds_office(act.session, meeting.id, act.person_id, office):
        raise not_its_officer(office)


def require_disinterested(act: Act, members: Collection[int]) -> None:
    """Nobody decides about an election in which they, or a declared close relative, stand or would be elected, also where
    that shows only now, as by a name written in (地方条例 28).
    """
    with act.session.no_autoflush:
        people = {
            person: name
            for person, name in act.session.execute(
                select(Member.person_id, Person.name)
                .join(Person, Person.id == Member.person_id)
                .where(Member.id.in_(members))
            )
        }
        if act.person_id in people:
            raise Forbidden("meeting.own_election", name=act.actor.name)
        near = relatives_of(act.session, {act.person_id})[act.person_id] & people.keys()
    if near:
        raise Forbidden("meeting.relatives_election", name=act.actor.name, candidate=people[min(near)])


def not_its_officer(office: Office) -> Forbidden:
    if office is Office.TELLER:
        return Forbidden("meeting.not_its_teller")
    return Forbidden("meeting.not_its_scrutineer")


def record_ballots(
    act: Act,
    meeting_id: int,
    ballots: Mapping[int, Ballots | tuple[int, int | None]],
    *,
    venue_id: int | None = None,
    ballot: int | None = None,
) -> Meeting:
    """Ballots issued and returned for every round of one vote that is not void, in one venue.

    `ballots`: round id → (issued, returned); returned None while the vote lasts, then for every round alike. `venue_id`
    may be left out where there is one venue, `ballot` for the vote that is on. Recorded again, the figures replace those
    before, as long as no outcome relies on them: after a withdrawn confirmation this mends a wrong record even of a
    meeting that is closed. Raises Invalid, each refusal at its place.
    """
    meeting = load_meeting(act, meeting_id)
    require_officer(act, meeting, Permission.BALLOTS_RECORD)
    venue = _venue(act, meeting, venue_id)
    vote = current_ballot(act.session, meeting_id) if ballot is None else ballot
    given = {key: one if isinstance(one, Ballots) else Ballots(*one) for key, one in ballots.items()}
    voting = bool(given) and all(one.returned is None for one in given.values())
    action = MeetingAction.ISSUE_BALLOTS if voting else MeetingAction.RECORD_BALLOTS
    after = transition(meeting.state, action, act.person_id)
    require_uncounted(act, meeting, vote)
    rounds = set(
        act.session.scalars(
            select(MeetingRound.round_id)
            .join(Round, Round.id == MeetingRound.round_id)
            .where(MeetingRound.meeting_id == meeting_id, MeetingRound.ballot == vote, Round.void_at.is_(None))
        )
    )
    before = {
        record.round_id: record
        for record in act.session.scalars(
            select(VenueBallots).where(VenueBallots.venue_id == venue.id, VenueBallots.round_id.in_(rounds))
        )
    }
    if vote > 1 and not before:  # as its first ballots go out
        _hold_attendance(act, meeting, venue, vote)
    _check(given, rounds, present_at(act.session, meeting_id, vote).get(venue.id) or 0, voting)
    if voting and any(record.returned is not None for record in before.values()):
        raise Refused("meeting.returned_already")
    for round_id, one in given.items():
        record = before.get(round_id)
        if record is None:
            record = VenueBallots(venue_id=venue.id, meeting_id=meeting_id, round_id=round_id, issued=one.issued)
            act.session.add(record)
        record.issued, record.returned = one.issued, one.returned
    meeting.state = after
    act.record(
        "ballots.issued" if voting else "ballots.recorded",
        meeting,
        congress_id=meeting.congress_id,
        venue=venue.id,
        ballot=vote,
        ballots={str(key): [one.issued, one.returned] for key, one in sorted(given.items())},
    )
    return meeting


def _hold_attendance(act: Act, meeting: Meeting, venue: Venue, vote: int) -> None:
    """A later vote needs the quorum too, before its ballots go out; and who was there for it stays what it was then, whatever
    becomes of the number of an earlier vote.
    """
    present = present_at(act.session, meeting.id, vote)
    together, expected = sum(number or 0 for number in present.values()), meeting.expected or 0
    quorum = quorum_of(act.session, meeting.congress_id)
    if not quorum.holds(together, expected):
        raise Refused(
            "meeting.no_quorum_now", present=together, expected=expected, need=quorum.needed(expected), vote=vote
        )
    kept = select(VenueAttendance.id).where(VenueAttendance.venue_id == venue.id, VenueAttendance.ballot == vote)
    if act.session.scalar(kept) is None:
        act.session.add(
            VenueAttendance(venue_id=venue.id, meeting_id=meeting.id, ballot=vote, present=present.get(venue.id) or 0)
        )


def record_spoiled(
    act: Act, meeting_id: int, round_id: int, rulings: Mapping[SpoiledKind, int], *, venue_id: int | None = None
) -> None:
    """How many ballots of a round the scrutineers of a venue ruled spoiled, by kind (edge case 1). Said again, it replaces
    what was said; the count forms are held against the sum.
    """
    meeting = load_meeting(act, meeting_id)
    require_officer(act, meeting, Permission.BALLOTS_RECORD)
    venue = _venue(act, meeting, venue_id)
    held = act.session.scalar(
        select(MeetingRound).where(MeetingRound.meeting_id == meeting_id, MeetingRound.round_id == round_id)
    )
    if held is None:
        raise NotFound("meeting.no_such_round")
    require_uncounted(act, meeting, held.ballot)
    returned = act.session.scalar(
        select(VenueBallots.returned).where(VenueBallots.venue_id == venue.id, VenueBallots.round_id == round_id)
    )
    if returned is None:
        raise Refused("meeting.not_returned_yet", field="spoiled")
    if any(number < 0 for number in rulings.values()):
        raise Refused("meeting.ballots_negative", field="spoiled")
    total = sum(rulings.values())
    if total > returned:
        raise Refused("meeting.spoiled_over_returned", field="spoiled", spoiled=total, returned=returned)
    of_round = (SpoiledRuling.venue_id == venue.id, SpoiledRuling.round_id == round_id)
    act.session.execute(delete(SpoiledRuling).where(*of_round))
    act.session.add_all(
        SpoiledRuling(venue_id=venue.id, meeting_id=meeting_id, round_id=round_id, kind=kind, number=number)
        for kind, number in rulings.items()
        if number
    )
    act.record(
        "ballots.spoiled",
        meeting,
        congress_id=meeting.congress_id,
        venue=venue.id,
        round=round_id,
        kinds={kind.value: number for kind, number in rulings.items() if number},
    )


def _venue(act: Act, meeting: Meeting, venue_id: int | None) -> Venue:
    venues = act.session.scalars(select(Venue).where(Venue.meeting_id == meeting.id)).all()
    if venue_id is None:
        if len(venues) != 1:
            raise Refused("meeting.ballots_by_venue", field="venue")
        return venues[0]
    for venue in venues:
        if venue.id == venue_id:
            return venue
    raise NotFound("meeting.no_such_venue")


def _check(given: Mapping[int, Ballots], rounds: set[int], present: int, voting: bool) -> None:
    refusals: list[Refused] = []
    for round_id in sorted(rounds - given.keys()):
        refusals.append(Refused("meeting.ballots_missing", field=f"ballots.{round_id}.issued"))
    for round_id in sorted(given.keys() - rounds):
        refusals.append(Refused("meeting.no_such_round", field=f"ballots.{round_id}.issued"))
    for round_id, one in given.items():
        if one.returned is None and not voting:
            refusals.append(Refused("meeting.ballots_missing", field=f"ballots.{round_id}.returned"))
        elif one.issued < 0 or (one.returned or 0) < 0:
            refusals.append(Refused("meeting.ballots_negative", field=f"ballots.{round_id}.issued"))
        elif one.issued == 0 and present:
            # Who is there votes: nothing handed out is a field typed in haste (RULES edge case 22).
            refusals.append(Refused("meeting.none_issued", field=f"ballots.{round_id}.issued"))
        if one.issued > present:
            refusals.append(
                Refused(
                    "meeting.issued_over_present",
                    field=f"ballots.{round_id}.issued",
                    issued=one.issued,
                    present=present,
                )
            )
    if refusals:
        raise Invalid(refusals)


def declare_void(act: Act, round_id: int) -> Round:
    """More ballots came back than were issued, over all venues: the round is void, nothing of it is ever counted."""
    held = act.session.scalar(select(MeetingRound).where(MeetingRound.round_id == round_id))
    if held is None:
        raise NotFound("meeting.no_such_round")
    meeting = load_meeting(act, held.meeting_id)
    require_officer(act, meeting, Permission.ROUND_VOID)
    row = act.session.get_one(Round, round_id, with_for_update=True)
    records, issued, returned = act.session.execute(
        select(
            func.count(VenueBallots.returned),
            func.coalesce(func.sum(VenueBallots.issued), 0),
            func.coalesce(func.sum(VenueBallots.returned), 0),
        ).where(VenueBallots.round_id == round_id)
    ).one()
    venues = act.session.scalar(select(func.count()).select_from(Venue).where(Venue.meeting_id == meeting.id))
    if meeting.state in (MeetingState.BALLOTS_RECORDED, MeetingState.CLOSED) and records != venues:
        raise Refused("meeting.ballots_incomplete")
    issued, returned = int(issued or 0), int(returned or 0)
    meeting.state = transition(
        meeting.state, MeetingAction.DECLARE_VOID, act.person_id, issued=issued, returned=returned
    )
    return void_round(act, row, meeting.congress_id, issued=issued, returned=returned)
