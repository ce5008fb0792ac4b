"""The scrutineers' own record of a meeting's ballots, and the round declared void. Counts no vote.

More returned than issued is no entry error: it is recorded as it is, and the scrutineer declares that contest void. Until
somebody enters a form of the vote one scrutineer does both; afterwards, when votes may have been seen, nobody alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import delete, exists, select, update

from election.congress.models import Category
from election.congress.rules_in_force import use_rules
from election.contests.models import Contest, ContestKind, Round
from election.contests.operations import NO_QUORUM, RETURNED_OVER_ISSUED, void_round
from election.contests.queries import BY_BALLOT
from election.errors import Forbidden, Invalid, NotFound, Refused
from election.meeting.ballot_checks import MISSING_RULES, Ballots, MissingLimits, Standing, refusals_of, rests_on
from election.meeting.ballot_sheets import SHEETS_RULE, on_one_sheet, unlike
from election.meeting.lifecycle import MeetingAction, transition
from election.meeting.models import Meeting, MeetingRound, Office, Venue, VenueBallots
from election.meeting.models_evening import FollowUp, FollowUpKind, SpoiledKind, SpoiledRuling, VenueAttendance
from election.meeting.operations import load_meeting
from election.meeting.operations_attendance import require_uncounted
from election.meeting.operations_followed import require_counted_before, require_unfollowed
from election.meeting.queries import current_ballot, holds_office, present_at, quorum_of, related_candidate, stands_in
from election.nomination.models import Candidate, Slate
from election.people.act import Act
from election.people.models import Person
from election.people.permissions import Permission
from election.people.queries import relatives_of
from election.roster.models import Member, UnitBranch
from election.roster.queries import VOTES


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
    if not before:  # as its first ballots go out
        require_counted_before(act, rounds)
        _require_no_strike(act, rounds)
        _require_standing(act, meeting, rounds)
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
        because = _require_another(act, [record.recorded_by_id for record in changed], reason)
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


def _require_another(act: Act, authors: Iterable[int | None], reason: str) -> str:
    """Entry has begun: a figure changed now could turn a vote that somebody has read. The reason, which it takes."""
    if act.person_id in authors:
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
    """Every vote needs the quorum before its ballots go out; and who was there for a later one stays what it was then,
    whatever becomes of the number of an earlier vote.
    """
    present = present_at(act.session, meeting.id, vote)
    if quorum_lost(act, meeting, vote):
        together, expected = sum(number or 0 for number in present.values()), meeting.expected or 0
        need = quorum_of(act.session, meeting.congress_id).needed(expected)
        raise Refused("meeting.no_quorum_now", present=together, expected=expected, need=need, vote=vote)
    if vote == 1:
        return
    kept = select(VenueAttendance.id).where(VenueAttendance.venue_id == venue.id, VenueAttendance.ballot == vote)
    if act.session.scalar(kept) is None:
        act.session.add(
            VenueAttendance(venue_id=venue.id, meeting_id=meeting.id, ballot=vote, present=present.get(venue.id) or 0)
        )


def _require_no_strike(act: Act, rounds: Collection[int]) -> None:
    """Nobody is handed a ballot with a name that the chair has asked to take off it (edge case 14): once it is out, the name
    stays on.
    """
    asked = act.session.execute(
        select(Category.name, FollowUp.members)
        .join(Contest, Contest.category_id == Category.id)
        .join(Round, Round.contest_id == Contest.id)
        .join(FollowUp, FollowUp.round_id == Round.id)
        .where(
            FollowUp.round_id.in_(rounds),
            FollowUp.kind == FollowUpKind.STRIKE,
            FollowUp.agreed_at.is_(None),
            FollowUp.dropped_at.is_(None),
        )
        .order_by(Category.position)
    ).first()
    if asked is not None:
        member = act.session.get_one(Member, int(asked.members[0]))
        raise Refused("meeting.strike_waits", category=asked.name, name=member.person.name)


def _require_standing(act: Act, meeting: Meeting, rounds: Collection[int]) -> None:
    """Nobody is handed a ballot with the name of somebody who has lost the vote, the unit or the category since the slate was
    frozen (edge cases 9, 14). Assigned leaders may vote elsewhere.
    """
    votes_here = exists().where(UnitBranch.branch_id == Member.branch_id, UnitBranch.unit_id == meeting.unit_id)
    fallen = act.session.execute(
        select(Category.name, Candidate.name)
        .join(Slate, Slate.id == Candidate.slate_id)
        .join(MeetingRound, MeetingRound.slate_id == Slate.id)
        .join(Round, Round.id == MeetingRound.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .join(Category, Category.id == Contest.category_id)
        .join(Member, Member.id == Candidate.member_id)
        .where(
            MeetingRound.round_id.in_(rounds),
            ~(VOTES & ((Contest.kind == ContestKind.UNCONTESTED) | ((Member.category == Category.code) & votes_here))),
        )
        .order_by(Category.position, Candidate.position)
    ).first()
    if fallen is not None:
        raise Refused("meeting.stands_no_longer", category=fallen[0], name=fallen[1])


def quorum_lost(act: Act, meeting: Meeting, vote: int) -> bool:
    """Whether fewer are present at a vote than the quorum needs, by what is recorded now."""
    present = sum(number or 0 for number in present_at(act.session, meeting.id, vote).values())
    return not quorum_of(act.session, meeting.congress_id).holds(present, meeting.expected or 0)


def record_spoiled(
    act: Act,
    meeting_id: int,
    round_id: int,
    rulings: Mapping[SpoiledKind, int] | None,
    *,
    venue_id: int | None = None,
    reason: str = "",
) -> None:
    """How many ballots of a round the scrutineers of a venue ruled spoiled, by kind (edge case 1): an empty mapping says none,
    None takes back what was said. Said again, it replaces what was said; the count forms are held against the sum. Once entry
    has begun that takes a `reason`, and another scrutineer than who ruled.
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
    ruled = {row.kind: row.number for row in act.session.scalars(select(SpoiledRuling).where(*of_round))}
    before = None if record.spoiled is None else ruled
    because = ""
    if held.entry_begun and before is not None and (rulings is None or said != before):
        because = _require_another(act, [record.ruled_by_id], reason)
    act.session.execute(delete(SpoiledRuling).where(*of_round))
    act.session.add_all(
        SpoiledRuling(venue_id=venue.id, meeting_id=meeting_id, round_id=round_id, kind=kind, number=number)
        for kind, number in said.items()
    )
    record.spoiled = None if rulings is None else total
    record.ruled_by_id = None if rulings is None else act.person_id
    act.record(
        "ballots.spoiled",
        meeting,
        congress_id=meeting.congress_id,
        venue=venue.id,
        round=round_id,
        spoiled=record.spoiled,
        kinds={kind.value: number for kind, number in said.items()},
        before=None if before is None else {kind.value: number for kind, number in before.items()},
        **({"reason": because} if because else {}),
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
    sheet carries all contests of the vote, so are the others: each is recorded. Nor is a vote counted during which the
    quorum was lost (基层条例), whether or not every venue had handed out its ballots: all its rounds are void.

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
    lost = bool(records) and quorum_lost(act, meeting, held.ballot)
    if not whole and not lost:
        raise Refused("meeting.ballots_incomplete")
    if lost:  # an outcome that is recorded was decided with the quorum
        require_uncounted(act, meeting, held.ballot)
    issued = sum(record.issued for record in records)
    returned = sum(record.returned or 0 for record in records)
    state = transition(
        meeting.state, MeetingAction.DECLARE_VOID, act.person_id, issued=issued, returned=returned, quorum_lost=lost
    )
    authors = [(record.recorded_by_id, bool(record.changed_because)) for record in records]
    if held.entry_begun and rests_on(authors, act.person_id):
        raise Refused("meeting.void_by_another")
    meeting.state = state
    because = NO_QUORUM if lost else RETURNED_OVER_ISSUED
    sheet = on_one_sheet(use_rules(act, meeting.congress_id, "round.voided", SHEETS_RULE))
    others = _others_of_vote(act, held) if sheet or lost else ()
    require_unfollowed(act, [row, *others])
    for other in (row, *others):
        void_round(act, other, meeting.congress_id, issued=issued, returned=returned, because=because)
    return row


def _others_of_vote(act: Act, held: MeetingRound) -> Iterable[Round]:
    """The rounds of the same vote that stand, but for this one; locked."""
    wanted = (
        select(Round)
        .join(MeetingRound, MeetingRound.round_id == Round.id)
        .where(MeetingRound.meeting_id == held.meeting_id, MeetingRound.ballot == held.ballot)
        .where(Round.id != held.round_id, Round.void_at.is_(None), BY_BALLOT)
    )
    return act.session.scalars(wanted.order_by(Round.id).with_for_update(of=Round)).all()
