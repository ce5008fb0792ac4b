"""The demo's election evening: meetings opened, ballots recorded, forms entered by two persons and confirmed by a third."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from enum import IntEnum
from random import Random
from typing import Any

from election.contests.models import ContestKind
from election.contests.queries import contests_of_congress
from election.count.checks import check, warning_keys
from election.count.entry import EntryState, Side
from election.count.form import from_json
from election.count.models import CountForm
from election.count.operations import claim, finalise
from election.count.operations_scrutiny import confirm, return_to_teller
from election.count.queries_form import form_id_of_number
from election.count.queries_sheet import load_sheet
from election.count.sheet import Sheet, form_number_of
from election.demo import county, following, votes
from election.demo.cast import Cast
from election.demo.following import Fate
from election.demo.lookups import bystanders, meeting_rounds, recorded_rounds
from election.demo.votes import Ending
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Meeting, Office
from election.meeting.operations import close_meeting, plan_meeting
from election.meeting.operations_ballots import record_ballots
from election.meeting.operations_officers import appoint_officer
from election.meeting.operations_opening import open_meeting
from election.meeting.queries import count_expected, current_ballot, meeting_by_id, meeting_of_unit
from election.people.actor import Role
from election.people.operations import grant_role
from election.people.queries import person_by_id

CONFIRMED = 23
# A unit that votes again is not confirmed until that vote is.
COUNTED = CONFIRMED + 1
TIES, SHORTFALLS = 4, 5


@dataclass(frozen=True, slots=True)
class Place:
    """A unit on the evening. `endings`: of the first vote, by contest; `fate`: of the seats that it leaves open."""

    unit_id: int
    code: str
    endings: Mapping[int, Ending]
    fate: Fate = Fate.VOTED


def _places(cast: Cast) -> list[Place]:
    """Every unit, in a drawn order: those counted first come first, the demo's own unit, whose meeting waits to be opened, last."""
    with cast.act("office") as act:
        contests = contests_of_congress(act.session, cast.congress_id)
    random = Random(len(contests))
    tieable = [one for one in contests if one.kind is ContestKind.CONTESTED and one.seats >= 2]
    contested = [one for one in contests if one.kind is ContestKind.CONTESTED]
    tied = {one.id for one in random.sample(tieable, TIES)}
    short = {one.id for one in random.sample([one for one in contested if one.id not in tied], SHORTFALLS)}
    units: dict[int, tuple[str, dict[int, Ending]]] = {}
    for one in contests:
        ending = Ending.TIE if one.id in tied else Ending.SHORTFALL if one.id in short else Ending.DECIDED
        units.setdefault(one.unit_id, (one.unit.code, {}))[1][one.id] = ending
    places = [Place(unit_id, code, endings) for unit_id, (code, endings) in units.items()]
    random.shuffle(places)
    # Some ties and shortfalls are to be seen before everything is counted.
    places.sort(key=lambda place: (place.code == cast.own_unit, not (_has(place, Ending.TIE) or _is_short(place))))
    fates = iter((Fate.VACANT, Fate.LATER))
    return [replace(place, fate=next(fates, Fate.VOTED)) if _is_short(place) else place for place in places]


def _has(place: Place, ending: Ending) -> bool:
    return ending in place.endings.values()


def _is_short(place: Place) -> bool:
    """Short and nothing else: of these one leaves its seat vacant, and one votes again in a later meeting."""
    return _has(place, Ending.SHORTFALL) and not _has(place, Ending.TIE)


class Step(IntEnum):
    """How far a unit has come on the evening."""

    PLANNED = 0
    OPENED = 1
    BALLOTS = 2
    FIRST_BEGUN = 3
    FIRST_ENTERED = 4
    DIFFERENT = 5
    EQUAL = 6
    CONFIRMED = 7
    # What follows after the first vote: proposed by the chair, its ballots counted by hand, every seat settled.
    PROPOSED = 8
    VOTED_AGAIN = 9
    SETTLED = 10


# How far the first units with a tie have come while the others are counted: each leaves work at another desk.
TIES_ON_THE_WAY = (Step.CONFIRMED, Step.PROPOSED, Step.VOTED_AGAIN)


def count_most(cast: Cast) -> None:
    """23 units confirmed, one of those that were votes again; the rest at every step, so that each desk has work."""
    places = _places(cast)
    cast.on(10, 26)
    for place in places:
        _plan(cast, place)
    cast.on(10, 28, 19)
    on_the_way = iter(TIES_ON_THE_WAY)
    for place in places[:COUNTED]:
        _bring(cast, place, next(on_the_way, Step.SETTLED) if _has(place, Ending.TIE) else Step.SETTLED)
    for number, place in enumerate(places[COUNTED:-1]):
        _bring(cast, place, Step(number % Step.CONFIRMED))


def count_rest(cast: Cast) -> None:
    """The units that `count_most` left on the way are counted to the end."""
    for place in _places(cast):
        _bring(cast, place, Step.SETTLED)


def _plan(cast: Cast, place: Place) -> None:
    """The unit's meeting with a scrutineer and two tellers from among its members who do not stand."""
    with cast.act(place.code) as act:
        starts_at = act.now.replace(day=28, hour=18, minute=30, second=0)
        meeting = plan_meeting(act, place.unit_id, "会议室", starts_at)
        act.session.flush()
        chosen = bystanders(act.session, cast.congress_id, place.unit_id, 3)
        offices = (Office.SCRUTINEER, Office.TELLER, Office.TELLER)
        for person_id, office in zip(chosen, offices, strict=True):
            appoint_officer(act, meeting.id, person_id, office)
        # The demo's own logins work in every hall.
        for login, office in (
            ("scrutineer", Office.SCRUTINEER),
            ("teller1", Office.TELLER),
            ("teller2", Office.TELLER),
        ):
            appoint_officer(act, meeting.id, cast.persons[login], office)
    roles = (("s", Role.SCRUTINEER), ("t1", Role.TELLER), ("t2", Role.TELLER))
    with cast.act("admin") as act:
        for person_id, (part, role) in zip(chosen, roles, strict=True):
            cast.persons[f"{place.code}-{part}"] = person_id
            person = person_by_id(act.session, person_id)
            grant_role(act, person, role, congress_id=cast.congress_id, unit_id=place.unit_id)


@dataclass(frozen=True, slots=True)
class _Turnout:
    """What the unit's voters did: who came, and each round's ballots. The same at every call for a unit."""

    present: int
    seed: str

    def ballots(self, round_id: int) -> votes.Ballots:
        return votes.ballots(Random(f"{self.seed} {round_id}"), self.present)


def _bring(cast: Cast, place: Place, goal: Step) -> None:
    """Brings a unit from wherever it stands to `goal`, one act after the other."""
    with cast.database.reading() as session:
        found = meeting_of_unit(session, place.unit_id)
        if found is None:
            raise LookupError(f"{place.code} has no meeting")
        meeting = meeting_by_id(session, found.id)
        voters = count_expected(session, meeting)
    seed = f"{county.SEED} {place.code}"
    turnout = _Turnout(voters - Random(seed).randrange(0, voters // 9 + 1), seed)
    if meeting.state is MeetingState.PLANNED and goal >= Step.OPENED:
        with cast.act(place.code) as act:
            open_meeting(act, meeting.id, present=turnout.present, method_adopted=True, scrutineers_voted=True)
    if meeting.state in (MeetingState.PLANNED, MeetingState.OPENED) and goal >= Step.BALLOTS:
        with cast.act(f"{place.code}-s") as act:
            rounds = meeting_rounds(act.session, meeting.id)
            made = {round_id: turnout.ballots(round_id) for round_id in rounds}
            record_ballots(act, meeting.id, {round_id: (one.issued, one.returned) for round_id, one in made.items()})
    if goal >= Step.FIRST_BEGUN:
        _count(cast, place, meeting, turnout, goal)
    if goal >= Step.PROPOSED:
        _follow(cast, place, meeting, turnout, goal)


def _follow(cast: Cast, place: Place, meeting: Meeting, turnout: _Turnout, goal: Step) -> None:
    """Vote after vote until every seat is settled; the meeting closes before one that is put off."""
    if following.propose(cast, place.code, place.unit_id, place.fate) or following.proposed(cast, place.unit_id):
        if goal is Step.PROPOSED:
            return
        if place.fate is Fate.LATER:
            _close(cast, place, meeting)
        following.agree_to_all(cast, place.code, place.unit_id)
    with cast.database.reading() as session:
        vote = current_ballot(session, meeting.id)
        rounds = meeting_rounds(session, meeting.id, vote)
        recorded = recorded_rounds(session, rounds)
    if vote > 1 and not recorded:
        with cast.act(f"{place.code}-s") as act:
            made = {round_id: turnout.ballots(round_id) for round_id in rounds}
            record_ballots(act, meeting.id, {round_id: (one.issued, one.returned) for round_id, one in made.items()})
    if goal is Step.VOTED_AGAIN:
        return
    if vote > 1:
        _count(cast, place, meeting, turnout, Step.CONFIRMED, vote)
    if following.is_due(cast, place.unit_id):
        _follow(cast, place, meeting, turnout, goal)
    else:
        _close(cast, place, meeting)


def _close(cast: Cast, place: Place, meeting: Meeting) -> None:
    with cast.act(place.code) as act:
        if meeting_by_id(act.session, meeting.id).state is not MeetingState.CLOSED:
            close_meeting(act, meeting.id)


def _count(cast: Cast, place: Place, meeting: Meeting, turnout: _Turnout, goal: Step, ballot: int = 1) -> None:
    group = meeting.venues[0].groups[0]
    number = form_number_of(group.form_number, ballot)
    first, second, scrutineer = (f"{place.code}-{part}" for part in ("t1", "t2", "s"))
    with cast.database.reading() as session:
        sheet = load_sheet(session, group.id, ballot)
        form_id = form_id_of_number(session, cast.congress_id, number)
    if form_id is None:
        raise LookupError(f"{number} does not exist")
    right = _contents(place, sheet, turnout)
    if _state(cast, form_id) is EntryState.EMPTY:
        with cast.act(first) as act:
            claim(act, cast.congress_id, number)
    if goal >= Step.FIRST_ENTERED and _state(cast, form_id) is EntryState.FIRST_IN_PROGRESS:
        with cast.act(first) as act:
            finalise(act, form_id, right, _ticks(sheet, right))
    if goal >= Step.DIFFERENT and _state(cast, form_id) is EntryState.FIRST_FINALISED:
        typed = _misread(right) if goal is Step.DIFFERENT else right
        with cast.act(second) as act:
            claim(act, cast.congress_id, number)
        with cast.act(second) as act:
            finalise(act, form_id, typed, _ticks(sheet, typed))
    if goal >= Step.CONFIRMED and _state(cast, form_id) is not EntryState.CONFIRMED:
        if _state(cast, form_id) is EntryState.ENTRIES_DIFFER:
            with cast.act(scrutineer) as act:
                return_to_teller(act, form_id, Side.SECOND)
            with cast.act(second) as act:
                finalise(act, form_id, right, _ticks(sheet, right))
        with cast.act(scrutineer) as act:
            confirm(act, form_id)


def _state(cast: Cast, form_id: int) -> EntryState:
    with cast.database.reading() as session:
        return session.get_one(CountForm, form_id).state


def _ticks(sheet: Sheet, contents: dict[str, Any]) -> frozenset[str]:
    """Every warning of the form, as a teller ticks them after a second look at the paper."""
    return warning_keys(check(sheet.fitted(from_json(contents)), sheet.context))


def _contents(place: Place, sheet: Sheet, turnout: _Turnout) -> dict[str, Any]:
    """The count form as the counting group wrote it."""
    sections = {}
    for section in sheet.sections:
        random = Random(f"{turnout.seed} votes {section.round_id}")
        made = turnout.ballots(section.round_id)
        # A later vote settles what the first left open.
        ending = place.endings[section.contest_id] if sheet.ballot == 1 else Ending.DECIDED
        expected = sheet.expected or 0
        if ending is Ending.TIE and not votes.can_tie(section.seats, len(section.candidates), expected, made.valid):
            ending = Ending.DECIDED
        counted = votes.contest(random, section.seats, len(section.candidates), expected, made.valid, ending)
        sections[section.key] = {
            "issued": made.issued,
            "returned": made.returned,
            "valid": made.valid,
            "spoiled": made.spoiled,
            "candidates": {
                one.id: {"for": each.votes_for, "against": each.against, "abstain": each.abstain}
                for one, each in zip(section.candidates, counted, strict=True)
            },
            "write_ins": [],
        }
    return {"attendance": {"expected": sheet.expected, "present": sheet.present}, "sections": sections}


def _misread(contents: dict[str, Any]) -> dict[str, Any]:
    """The same form with one vote moved from against to for: adds up, and differs."""
    wrong = deepcopy(contents)
    for section in wrong["sections"].values():
        for one in section["candidates"].values():
            if one["against"] and one["for"] + 1 < section["valid"] and _room(section):
                one["against"] -= 1
                one["for"] += 1
                return wrong
    return wrong


def _room(section: dict[str, Any]) -> bool:
    given = sum(one["for"] for one in section["candidates"].values())
    return bool(given < section["valid"])
