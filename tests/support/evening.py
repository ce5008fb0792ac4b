"""An election evening for tests, by the product's own operations: slates, officers, meeting, ballots, count forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from election.contests.models import Contest, ContestKind, Round
from election.count.checks import check, warning_keys
from election.count.form import from_json
from election.count.models import CountForm
from election.count.operations import Finalised, claim, finalise
from election.count.operations_scrutiny import confirm
from election.count.queries_form import form_id_of_number
from election.count.queries_sheet import load_sheet
from election.count.sheet import Sheet, form_number_of
from election.meeting.models import Meeting, Office
from election.meeting.operations import plan_meeting
from election.meeting.operations_ballots import record_ballots
from election.meeting.operations_officers import appoint_officer
from election.meeting.operations_opening import open_meeting
from election.nomination.lifecycle import SlateState
from election.nomination.models import Candidate, Slate
from election.people.actor import Role
from election.roster.models import Member
from election.store.database import Database
from election.tables import create_all
from tests.support.county import County, registered, with_scheme
from tests.support.stores import Stores

# Four tellers, two scrutineers, all of them for the whole congress.
TELLERS = ("teller-1", "teller-2", "teller-3", "teller-4")
SCRUTINEERS = ("scrutineer-1", "scrutineer-2")


@dataclass(slots=True)
class Evening:
    """A county on its election day. `rounds`: (unit, category, kind) → round; `candidates`: those of a round."""

    county: County
    rounds: dict[tuple[str, str, str], int] = field(default_factory=dict)
    candidates: dict[int, list[int]] = field(default_factory=dict)
    meetings: dict[str, int] = field(default_factory=dict)

    def round_of(self, unit: str, category: str, kind: str = "contested") -> int:
        return self.rounds[unit, category, kind]

    def number(self, unit: str, ballot: int = 1) -> str:
        return form_number_of(f"{list(self.county.units).index(unit) + 1:02d}-1-1", ballot)

    def form_id(self, unit: str, ballot: int = 1) -> int:
        with self.county.reading() as session:
            found = form_id_of_number(session, self.county.congress_id, self.number(unit, ballot))
        assert found is not None
        return found

    def form(self, unit: str, ballot: int = 1) -> CountForm:
        with self.county.reading() as session:
            form = session.get_one(CountForm, self.form_id(unit, ballot))
            session.expunge(form)  # what was read outlives the session
            return form

    def sheet(self, unit: str, ballot: int = 1) -> Sheet:
        with self.county.reading() as session:
            return load_sheet(session, self.form(unit, ballot).group_id, ballot)

    def members_standing(self, unit: str, category: str) -> list[int]:
        ids = self.candidates[self.round_of(unit, category)]
        with self.county.reading() as session:
            rows = dict(session.execute(select(Candidate.id, Candidate.member_id).where(Candidate.id.in_(ids))).all())
        return [rows[each] for each in ids]

    def assigned_leader(self, unit: str) -> int:
        """The assigned leader of the unit's uncontested contest: the first of them."""
        with self.county.reading() as session:
            candidate = session.get_one(Candidate, self.candidates[self.rounds[unit, "leader", "uncontested"]][0])
            return candidate.member_id

    def contents(
        self, unit: str, votes: Mapping[str, Sequence[int]], *, spoiled: int = 0, ballot: int = 1
    ) -> dict[str, Any]:
        """A form whose figures add up: every candidate's votes as given by category, the rest against."""
        sheet = self.sheet(unit, ballot)
        sections: dict[str, Any] = {}
        for section in sheet.sections:
            returned = section.returned or 0
            valid = returned - spoiled
            given = votes.get(section.category, [valid] * len(section.candidates))
            sections[section.key] = {
                "issued": section.issued,
                "returned": returned,
                "valid": valid,
                "spoiled": spoiled,
                "candidates": {
                    one.id: {"for": number, "against": valid - number, "abstain": 0}
                    for one, number in zip(section.candidates, given, strict=True)
                },
                "write_ins": [],
            }
        return {"attendance": {"expected": sheet.expected, "present": sheet.present}, "sections": sections}

    def enter(self, who: str, unit: str, contents: dict[str, Any], ballot: int = 1) -> Finalised:
        """Claims, ticks every warning and finalises."""
        with self.county.acting(who) as act:
            form_id = claim(act, self.county.congress_id, self.number(unit, ballot)).id
        with self.county.acting(who) as act:
            return finalise(act, form_id, contents, self.ticks(unit, contents, ballot))

    def ticks(self, unit: str, contents: dict[str, Any], ballot: int = 1) -> frozenset[str]:
        sheet = self.sheet(unit, ballot)
        return warning_keys(check(sheet.fitted(from_json(contents)), sheet.context))

    def count(
        self, unit: str, votes: Mapping[str, Sequence[int]], *, by: Sequence[str] = TELLERS[:2], ballot: int = 1
    ) -> None:
        """Two tellers enter the same, a scrutineer confirms."""
        contents = self.contents(unit, votes, ballot=ballot)
        for who in by:
            self.enter(who, unit, contents, ballot)
        with self.county.acting(SCRUTINEERS[0]) as act:
            confirm(act, self.form_id(unit, ballot))


def nominated(
    database: Database,
    *,
    seats: Mapping[tuple[str, str], int] | None = None,
    standing: Mapping[tuple[str, str], int] | None = None,
    assigned: Mapping[str, Sequence[int]] | None = None,
    frozen: bool = True,
    units: int = 2,
    electors: int = 30,
) -> Evening:
    """A county of two units with slates; two seats for farmers and one for others in each, unless told."""
    county = registered(database, units=units, branches=1, members=electors)
    seats = seats or {
        (unit, category): number for unit in county.units for category, number in (("farmer", 2), ("other", 1))
    }
    with_scheme(county, seats, assigned)
    evening = Evening(county)
    for desk in (*TELLERS, *SCRUTINEERS):
        county.sit(desk, Role.TELLER if desk in TELLERS else Role.SCRUTINEER)
    codes = {unit_id: code for code, unit_id in county.units.items()}
    names = {category_id: code for code, category_id in county.categories.items()}
    with county.acting("office") as act:
        contests = act.session.execute(select(Round, Contest).join(Contest).order_by(Contest.id))
        for row, contest in contests.all():
            unit, category = codes[contest.unit_id], names[contest.category_id]
            evening.rounds[unit, category, contest.kind.value] = row.id
            if contest.kind is ContestKind.UNCONTESTED:
                members = list((assigned or {})[unit])
            else:
                wanted = (standing or {}).get((unit, category), contest.seats + 1)
                members = list(
                    act.session.scalars(
                        select(Member.id)
                        .where(Member.branch_id == county.branches[f"{unit}-b1"], Member.category == category)
                        .where(Member.id.not_in((assigned or {}).get(unit, ())))
                        .order_by(Member.id)
                        .limit(wanted)
                    )
                )
            slate = Slate(
                round_id=row.id,
                version=1,
                state=SlateState.SUBMITTED,
                submitted_by_id=county.people[unit].person_id,
                submitted_at=act.now,
                content={},
                hash="0" * 64,
            )
            act.session.add(slate)
            act.session.flush()
            ids = []
            for position, member_id in enumerate(members, 1):
                member = act.session.get_one(Member, member_id)
                candidate = Candidate(
                    slate_id=slate.id, position=position, member_id=member_id, name=member.person.name
                )
                act.session.add(candidate)
                act.session.flush()
                ids.append(candidate.id)
            evening.candidates[row.id] = ids
            if frozen:  # last of all: nobody comes onto a frozen slate
                slate.state, slate.frozen_by_id, slate.frozen_at = SlateState.FROZEN, act.person_id, act.now
        act.record("slate.frozen", "slate", congress_id=county.congress_id)
    return evening


def planned(
    evening: Evening, unit: str = "u1", *, scrutineer: bool = True, tellers: Sequence[str] = TELLERS
) -> Meeting:
    """The unit's meeting with all tellers and scrutineers of the county for its officers."""
    county = evening.county
    with county.acting(unit) as act:
        meeting = plan_meeting(act, county.units[unit], "镇政府礼堂", county.now)
        evening.meetings[unit] = meeting.id
        for desk in (*tellers, *(SCRUTINEERS if scrutineer else ())):
            office = Office.TELLER if desk in tellers else Office.SCRUTINEER
            appoint_officer(act, meeting.id, county.people[desk].person_id or 0, office)
    return meeting


def opened(evening: Evening, unit: str = "u1", *, present: int = 28) -> Meeting:
    planned(evening, unit)
    with evening.county.acting(unit) as act:
        return open_meeting(act, evening.meetings[unit], present=present, method_adopted=True, scrutineers_voted=True)


def balloted(evening: Evening, unit: str = "u1", *, ballots: Mapping[int, tuple[int, int]] | None = None) -> Meeting:
    """The meeting held, its ballots recorded: as many issued and returned as are present, unless told."""
    opened(evening, unit)
    rounds = [round_id for (code, _, _), round_id in evening.rounds.items() if code == unit]
    with evening.county.acting(SCRUTINEERS[0]) as act:
        return record_ballots(act, evening.meetings[unit], dict.fromkeys(rounds, (28, 28)) | dict(ballots or {}))


def on_the_eve(database: Database) -> Evening:
    """The first unit's meeting is planned, its officers are named."""
    evening = nominated(database)
    planned(evening)
    return evening


def in_session(database: Database) -> Evening:
    """The first unit's meeting is open; 28 of 30 are there, no ballot is out."""
    evening = nominated(database)
    opened(evening)
    return evening


_made: dict[tuple[str, str], Evening] = {}


def evening_from(stores: Stores, name: str, make: Callable[[Database], Evening]) -> Evening:
    """A fresh copy of the evening that `make` makes: made once per worker and kind of database."""

    def fill(url: str) -> None:
        database = Database(url)
        create_all(database)
        _made[stores.kind, name] = make(database)
        database.close()

    url = stores.copy_of(f"evening-{name}", fill)
    made = _made[stores.kind, name]
    county = replace(made.county, database=Database(url), people=dict(made.county.people))
    return replace(made, county=county, meetings=dict(made.meetings))
