"""The scrutineers' own record of a meeting's ballots, and the round declared void. Counts no vote.

More returned than issued is no entry error: it is recorded as it is, and the scrutineer declares that contest void. Until
somebody enters a form of the vote one scrutineer does both; afterwards, when votes may have been seen, nobody alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import delete, select, update

from election.congress.rules_in_force import use_rules
from election.contests.models import Round
from election.contests.operations import void_round
from election.contests.queries import BY_BALLOT
from election.errors import Forbidden, Invalid, NotFound, Refused
from election.meeting.ballot_checks import MISSING_RULES, Ballots, MissingLimits, Standing, refusals_of, rests_on
from election.meeting.ballot_sheets import SHEETS_RULE, on_one_sheet, unlike
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


def require_officer(act: Act, meeting: Meeting, permission: Permission) -> None:
    """The permission for an act on the ballots or counts of a unit, that the person does not stand there, and that
    this meeting has them for its teller, to enter, or for its scrutineer, for all else.

    Neither may they be a candidate's declared close relative, also where that was declared since (地方条例 28, 选举法 43).
    """
    act.require(permission, congress_id=meeting.congress_id, unit_id=meeting.unit_id)
    if stands_in(act.session, meeting.unit_id, act.person_id):
        raise Forbidden("meeting.own_election", name=act.actor.name)
    if related := related_candidate(act.session, meeting.unit_id, act.person_id):
        raise Forbidden("meeting.relatives_election", name=act.actor.name, candidate=related)
    office = Office.TELLER if permission is Permission.COUNT_ENTER else Office.SCRUTINEER
    if not holds_office(act.session, meeting.id, act.person_id, office):
        raise not_its_officer(office)


def require_disinterested(act: Act, members: Collection[int], *, relatives: bool = True) -> None:
    """Nobody decides about an election in which they stand or would be elected, also where that shows only now, as by a name
    written in; nor at the count where a declared close relative does (地方条例 28). A chair may have `relatives` there.
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
        near = relatives_of(act.session, {act.person_id})[act.person_id] & people.keys() if relatives else set()
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
    returning: bool | None = None,
    knowingly: bool = False,
    reason: str = "",
) -> Meeting:
    """Ballots issued and returned for every round of one vote that is not void, in one venue.

    `ballots`: round id → (issued, returned); returned None while the vote lasts, then for every round alike. `returning`
    (left out: as the figures say): the vote is over, and what is None was left blank. `venue_id` may be left out where
    there is one venue, `ballot` for the vote that is on. `knowingly`: far fewer were issued than are
    present, and it was asked. Recorded again, the figures replace those before, as long as no outcome relies on them:
    after a withdrawn confirmation this mends a wrong record even of a meeting that is closed. Once entry has begun that
    takes a `reason`, and another scrutineer than who recorded them. Raises Invalid, each refusal at its place.
    """
    meeting = load_meeting(act, meeting_id)
    require_officer(act, meeting, Permission.BALLOTS_RECORD)
    venue = _venue(act, meeting, venue_id)
    vote = current_ballot(act.session, meeting_id) if ballot is None else ballot
    given = {key: one if isinstance(one, Ballots) else Ballots(*one) for key, one in ballots.items()}
    voting = bool(given) and all(one.returned is None for one in given.values()) if returning is None else not returning
    action = MeetingAction.ISSUE_BALLOTS if voting else MeetingAction.RECORD_BALLOTS
    after = transition(meeting.state, action, act.person_id)
    require_uncounted(act, meeting, vote)
    rounds = {
        held.round_id: held
        for held in act.session.scalars(
            select(MeetingRound)
            .join(Round, Round.id == MeetingRound.round_id)
            .where(MeetingRound.meeting_id == meeting_id, MeetingRound.ballot == vote, Round.void_at.is_(None))
        )
    }
    before = {
        record.round_id: record
        for record in act.session.scalars(
            select(VenueBallots).where(VenueBallots.venue_id == venue.id, VenueBallots.round_id.in_(rounds))
        )
    }
    if vote > 1 and not before:  # as its first ballots go out
        _hold_attendance(act, meeting, venue, vote)
    rules = use_rules(act, meeting.congress_id, "ballots.recorded", *MISSING_RULES, SHEETS_RULE)
    limits = MissingLimits.from_rules(rules)
    refusals = refusals_of(
        given,
        rounds,
        present_at(act.session, meeting_id, vote).get(venue.id) or 0,
        voting=voting,
        before={key: Standing(record.issued, record.spoiled) for key, record in before.items()},
        limits=None if knowingly else limits,
    )
    if on_one_sheet(rules):
        refusals += unlike(given)
    if refusals:
        raise Invalid(refusals)
    if voting and any(record.returned is not None for record in before.values()):
        raise Refused("meeting.returned_already")
    changed = [record for key, record in before.items() if _is_changed(record, given[key])]
    because = ""
    if changed and any(held.entry_begun for held in rounds.values()):
        because = _require_another(act, changed, reason)
    _store(act, meeting, venue, given, before, because)
    meeting.state = after
    act.record(
        "ballots.issued" if voting else "ballots.recorded",
        meeting,
        congress_id=meeting.congress_id,
        venue=venue.id,
        ballot=vote,
        ballots={str(key): [one.issued, one.returned] for key, one in sorted(given.items())},
        **({"reason": because} if because else {}),
    )
    return meeting


def _is_changed(record: VenueBallots, given: Ballots) -> bool:
    """Whether a figure that stands would be another one; a number that was still open is no change."""
    return record.issued != given.issued or record.returned not in (None, given.returned)


def _require_another(act: Act, changed: Iterable[VenueBallots], reason: str) -> str:
    """Entry has begun: a figure changed now could make a vote void that somebody has read. The reason, which it takes."""
    if any(record.recorded_by_id == act.person_id for record in changed):
        raise Refused("meeting.recorded_by_oneself")
    if not reason.strip():
        raise Refused("meeting.change_unexplained", field="reason")
    return reason.strip()


def _store(
    act: Act,
    meeting: Meeting,
    venue: Venue,
    given: Mapping[int, Ballots],
    before: Mapping[int, VenueBallots],
    reason: str,
) -> None:
    """Who records what stands is its author; a round whose figures stay keeps theirs."""
    for round_id, one in given.items():
        record = before.get(round_id)
        if record is None:
            record = VenueBallots(venue_id=venue.id, meeting_id=meeting.id, round_id=round_id)
            act.session.add(record)
        elif (record.issued, record.returned) == (one.issued, one.returned):
            continue
        elif _is_changed(record, one):
            record.changed_because = reason
        record.issued, record.returned = one.issued or 0, one.returned
        record.recorded_by_id = act.person_id


def begin_entry(act: Act, meeting_id: int, ballot: int) -> None:
    """Somebody claims a form of this vote: from now on nobody alone changes its ballots or declares it void. A step of an
    act that has asked for the permission.
    """
    act.session.execute(
        update(MeetingRound)
        .where(MeetingRound.meeting_id == meeting_id, MeetingRound.ballot == ballot, ~MeetingRound.entry_begun)
        .values(entry_begun=True)
    )


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
    act: Act, meeting_id: int, round_id: int, rulings: Mapping[SpoiledKind, int] | None, *, venue_id: int | None = None
) -> None:
    """How many ballots of a round the scrutineers of a venue ruled spoiled, by kind (edge case 1): an empty mapping says none,
    None takes back what was said. Said again, it replaces what was said; the count forms are held against the sum.
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
    record = act.session.scalar(
        select(VenueBallots).where(VenueBallots.venue_id == venue.id, VenueBallots.round_id == round_id)
    )
    if record is None or record.returned is None:
        raise Refused("meeting.not_returned_yet", field="spoiled")
    said = {kind: number for kind, number in (rulings or {}).items() if number}
    if any(number < 0 for number in said.values()):
        raise Refused("meeting.ballots_negative", field="spoiled")
    total = sum(said.values())
    if total > record.returned:
        raise Refused("meeting.spoiled_over_returned", field="spoiled", spoiled=total, returned=record.returned)
    of_round = (SpoiledRuling.venue_id == venue.id, SpoiledRuling.round_id == round_id)
    act.session.execute(delete(SpoiledRuling).where(*of_round))
    act.session.add_all(
        SpoiledRuling(venue_id=venue.id, meeting_id=meeting_id, round_id=round_id, kind=kind, number=number)
        for kind, number in said.items()
    )
    record.spoiled = None if rulings is None else total
    act.record(
        "ballots.spoiled",
        meeting,
        congress_id=meeting.congress_id,
        venue=venue.id,
        round=round_id,
        spoiled=record.spoiled,
        kinds={kind.value: number for kind, number in said.items()},
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


def declare_void(act: Act, round_id: int) -> Round:
    """More ballots came back than were issued, over all venues: the round is void, nothing of it is ever counted. Where one
    sheet carries all contests of the vote, so are the others: each is recorded.

    Once entry has begun, by another scrutineer than who changed a figure that it rests on, or recorded them all.
    """
    held = act.session.scalar(select(MeetingRound).where(MeetingRound.round_id == round_id))
    if held is None:
        raise NotFound("meeting.no_such_round")
    meeting = load_meeting(act, held.meeting_id)
    require_officer(act, meeting, Permission.ROUND_VOID)
    row = act.session.get_one(Round, round_id, with_for_update=True)
    records = act.session.scalars(select(VenueBallots).where(VenueBallots.round_id == round_id)).all()
    venues = set(act.session.scalars(select(Venue.id).where(Venue.meeting_id == meeting.id)))
    whole = {record.venue_id for record in records if record.returned is not None} == venues
    if meeting.state in (MeetingState.BALLOTS_RECORDED, MeetingState.CLOSED) and not whole:
        raise Refused("meeting.ballots_incomplete")
    issued = sum(record.issued for record in records)
    returned = sum(record.returned or 0 for record in records)
    state = transition(meeting.state, MeetingAction.DECLARE_VOID, act.person_id, issued=issued, returned=returned)
    authors = [(record.recorded_by_id, bool(record.changed_because)) for record in records]
    if held.entry_begun and rests_on(authors, act.person_id):
        raise Refused("meeting.void_by_another")
    meeting.state = state
    void_round(act, row, meeting.congress_id, issued=issued, returned=returned)
    if on_one_sheet(use_rules(act, meeting.congress_id, "round.voided", SHEETS_RULE)):
        for other in _others_on_sheet(act, held):
            void_round(act, other, meeting.congress_id, issued=issued, returned=returned)
    return row


def _others_on_sheet(act: Act, held: MeetingRound) -> Iterable[Round]:
    """The rounds of the same vote that stand, but for this one; locked."""
    wanted = (
        select(Round)
        .join(MeetingRound, MeetingRound.round_id == Round.id)
        .where(MeetingRound.meeting_id == held.meeting_id, MeetingRound.ballot == held.ballot)
        .where(Round.id != held.round_id, Round.void_at.is_(None), BY_BALLOT)
    )
    return act.session.scalars(wanted.order_by(Round.id).with_for_update(of=Round)).all()
