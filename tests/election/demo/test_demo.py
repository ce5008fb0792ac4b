"""The demo county: its size, its figures, its ties and shortfalls; the same twice, and on both kinds of database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from allocation import check, read_problem
from election.congress.lifecycle import Phase
from election.congress.models import Category, Congress, OverlayFact, RuleValue, Unit
from election.congress.operations import create_congress
from election.contests.models import Contest, ContestKind, RoundKind
from election.count.entry import EntryState
from election.count.models import CandidateResult, CountForm, RoundOutcome
from election.demo import LOGINS, PASSWORD, STAGES, county
from election.errors import Refused
from election.meeting.models import Meeting
from election.nomination.lifecycle import ApplicationState, SlateState
from election.nomination.models import Application, Candidate, Slate
from election.people.act import acting, wall_clock
from election.people.actor import SYSTEM, Actor, Grant, Role
from election.people.identity import read_identity
from election.people.models import Account, Person, RoleGrant, Sex
from election.people.passwords import matches
from election.progress.queries import is_demo
from election.quotas.lifecycle import SchemeState
from election.quotas.models import AssignedLeader, Scheme, SchemeCell
from election.quotas.models_letters import SeatLetter
from election.quotas.queries import hand_changes, is_settled, scheme_by_number
from election.results.models import Publication
from election.results.queries import build_shown
from election.results.queries_settling import contest_standings
from election.results.settling import Unsettled
from election.roster.models import Member, Organisation, OrganisationKind
from election.store.audit import digest, verify
from election.store.database import Database
from election.store.models import AuditEvent
from tests.support.demo import DEMO_KEYS, demo_of, shared_folder
from tests.support.stores import Stores

SEATS = {"leader": 100, "army": 2, "technical": 41, "farmer": 20, "private": 10, "other": 31}


@pytest.fixture
def at(sqlite_stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Database]]:
    """`at("counting")`: a demo of one's own at that stage."""
    opened: list[Database] = []

    def one(stage: str) -> Database:
        opened.append(Database(demo_of(sqlite_stores, stage, shared_folder(tmp_path_factory))))
        return opened[-1]

    yield one
    for database in opened:
        database.close()


def figures(database: Database) -> dict[str, str]:
    """Everything that the demo is about, hashed; neither times nor what is sealed under a key drawn anew."""
    with database.reading() as session:
        congress = session.scalars(select(Congress)).one()
        scheme = session.scalars(select(Scheme).where(Scheme.number == 1)).one()
        return {
            "board": digest(build_shown(session, congress).figures),
            "allocation": scheme.hash,
            "basis": scheme.basis_hash,
            "persons": digest([*map(list, session.execute(
                select(Person.name, Person.sex, Person.ethnicity, Person.education, Person.identity_key).order_by(Person.id)
            ))]),
            "organisations": digest([*map(list, session.execute(
                select(Organisation.code, Organisation.name, Organisation.kind).order_by(Organisation.id)
            ))]),
            "members": digest([*map(list, session.execute(
                select(Member.person_id, Member.branch_id, Member.category, Member.post, Member.standing).order_by(Member.id)
            ))]),
            "candidates": digest([*map(list, session.execute(
                select(Candidate.name, Candidate.position).order_by(Candidate.id)
            ))]),
            "votes": digest([*map(list, session.execute(
                select(CandidateResult.name, CandidateResult.votes_for, CandidateResult.result)
                .order_by(CandidateResult.outcome_id, CandidateResult.rank)
            ))]),
            "events": digest([*map(list, session.execute(
                select(AuditEvent.chain, AuditEvent.action, AuditEvent.subject).order_by(AuditEvent.chain, AuditEvent.position)
            ))]),
        }  # fmt: skip


@pytest.mark.deep
def test_the_same_demo_is_made_twice_and_on_both_kinds_of_database(
    at: Callable[[str], Database], request: pytest.FixtureRequest
) -> None:
    from tests.conftest import stores_of

    stores = stores_of("postgresql", request)
    other = Database(demo_of(stores, STAGES[-1], Path("unused")))
    try:
        assert figures(other) == figures(at(STAGES[-1]))
        with other.reading() as session:
            assert verify(session) == []
    finally:
        other.close()
        stores.discard()


@pytest.mark.parametrize(
    ("stage", "phase"),
    list(
        zip(
            STAGES,
            (Phase.REGISTRATION, Phase.NOMINATION, Phase.ELECTION, Phase.ELECTION, Phase.ANNOUNCEMENT),
            strict=True,
        )
    ),
)
def test_every_stage_stops_in_its_phase_with_every_event_in_an_unbroken_chain(
    at: Callable[[str], Database], stage: str, phase: Phase
) -> None:
    with at(stage).reading() as session:
        assert session.scalars(select(Congress.phase)).one() is phase
        assert is_demo(session)
        assert verify(session) == []
        assert len(session.scalars(select(AuditEvent.chain).distinct()).all()) == 2


def test_the_county_has_the_size_of_a_real_one(at: Callable[[str], Database]) -> None:
    with at("configured").reading() as session:

        def number(kind: OrganisationKind) -> int:
            return session.scalar(select(func.count()).where(Organisation.kind == kind)) or 0

        assert session.scalar(select(func.count()).select_from(Unit)) == 37
        assert number(OrganisationKind.COMMITTEE) == 29
        assert 950 <= number(OrganisationKind.BRANCH) <= 1050
        assert number(OrganisationKind.GENERAL_BRANCH) > 0
        assert session.scalar(select(func.count()).select_from(Member)) == 11_330
        assert len(session.scalars(select(Unit.kind).distinct()).all()) == 8
        assert session.scalar(select(func.count()).select_from(AssignedLeader)) == 31


def test_its_seats_fall_to_the_categories_as_the_report_says(at: Callable[[str], Database]) -> None:
    with at("configured").reading() as session:
        scheme = session.scalars(select(Scheme).where(Scheme.number == 1)).one()
        seats = session.execute(
            select(Category.code, func.sum(SchemeCell.seats))
            .join(SchemeCell)
            .where(SchemeCell.scheme_id == scheme.id)
            .group_by(Category.code)
        )
        assert dict(seats.all()) == SEATS
        assert session.scalar(select(func.sum(SchemeCell.assigned)).where(SchemeCell.scheme_id == scheme.id)) == 31
        assert check(read_problem(scheme.problem), scheme.allocation) == []
        rules = dict(session.execute(select(RuleValue.name, RuleValue.value)).all())
        assert rules["margin_min"] == 40
        shares = dict(session.execute(select(Category.code, Category.share)).all())
        assert [int(share * 100) for share in shares.values()] == [49, 1, 20, 10, 5, 15]


def test_its_members_are_of_both_sexes_all_ages_and_several_peoples(at: Callable[[str], Database]) -> None:
    with at("configured").reading() as session:
        people = session.execute(
            select(Person.sex, Person.born_on, Person.ethnicity, Member.category).join(Member)
        ).all()
    women = sum(1 for one in people if one.sex is Sex.FEMALE)
    assert 0.2 < women / len(people) < 0.4
    ages = {county.REFERENCE.year - one.born_on.year for one in people}
    assert min(ages) <= 25 and max(ages) >= 75
    assert len({one.ethnicity for one in people}) == 4
    assert {one.category for one in people} == set(SEATS)


def test_nobody_can_hold_its_identity_numbers(at: Callable[[str], Database]) -> None:
    """They are well formed, and of an area that was founded after every one of these persons was born."""
    with at("configured").reading() as session:
        sealed = session.scalars(select(Person.identity_sealed).where(Person.identity_sealed.is_not(None)).limit(200))
        numbers = [DEMO_KEYS.open(one) for one in sealed if one is not None]
    assert len(set(numbers)) == 200
    assert {number[:6] for number in numbers} == {county.AREA}
    assert all(read_identity(number).born_on.year <= 2008 for number in numbers)


def test_its_places_are_invented(at: Callable[[str], Database]) -> None:
    """Of the names of real places around which the founding documents turn, none stands in the demo."""
    real = re.compile(
        "咸丰|高乐山|宝应|雅江|罗田|恩施|来凤|宣恩|鹤峰|利川|巴东|湖北|扬州|四川|雅安|台州|椒江|北京|上海"
    )
    with at("configured").reading() as session:
        names = [*session.scalars(select(Unit.name)), *session.scalars(select(Organisation.name))]
        names += [*session.scalars(select(Congress.name)), *session.scalars(select(Congress.county))]
    assert [name for name in names if real.search(name)] == []


def test_every_unit_has_its_letter_and_signs_before_its_roster_is_verified(at: Callable[[str], Database]) -> None:
    waiting = {}
    for stage in STAGES[:2]:
        with at(stage).reading() as session:
            letters = session.scalars(select(SeatLetter).order_by(SeatLetter.number)).all()
            assert [letter.number for letter in letters] == list(range(1, len(county.UNITS) + 1))
            waiting[stage] = [letter.number for letter in letters if letter.received_on is None]
            on_paper = [
                letter
                for letter in letters
                if letter.recorded_by_id and session.get_one(Person, letter.recorded_by_id).name != letter.received_by
            ]
            assert len(on_paper) == 1
    assert 0 < len(waiting["configured"]) < 5
    assert waiting["registered"] == []


def test_514_members_stand_and_every_slate_holds_the_margin(at: Callable[[str], Database]) -> None:
    with at("nominated").reading() as session:
        assert session.scalar(select(func.count()).select_from(Application)) == 514
        states = dict(session.execute(select(Application.state, func.count()).group_by(Application.state)).all())
        assert ApplicationState.APPLIED not in states and ApplicationState.PRELIMINARY not in states
        slates = session.execute(
            select(Contest.kind, Contest.seats, func.count(Candidate.id), Slate.state)
            .select_from(Slate)
            .join(Candidate, Candidate.slate_id == Slate.id)
            .join(Slate.round)
            .join(Contest)
            .group_by(Slate.id, Contest.kind, Contest.seats, Slate.state)
        ).all()
        contests = session.scalar(select(func.count()).select_from(Contest))
    assert len(slates) == contests
    assert {one.state for one in slates} == {SlateState.FROZEN}
    for kind, seats, standing, _ in slates:
        assert standing == seats if kind is ContestKind.UNCONTESTED else standing * 100 >= seats * 140


def test_counting_leaves_work_at_every_step_and_23_units_confirmed(at: Callable[[str], Database]) -> None:
    with at("counting").reading() as session:
        congress = session.scalars(select(Congress)).one()
        board = build_shown(session, congress).figures
        assert board["units"] == {"total": 37, "confirmed": 23} and board["interim"]
        assert {one["status"] for one in board["contests"]} == {"decided", "tie", "shortfall", "vacant"}
        states = set(session.scalars(select(CountForm.state).distinct()))
        assert states >= {
            E for E in (EntryState.EMPTY, EntryState.FIRST_IN_PROGRESS, EntryState.FIRST_FINALISED,
                        EntryState.ENTRIES_DIFFER, EntryState.ENTRIES_EQUAL, EntryState.CONFIRMED)
        }  # fmt: skip
        assert len(session.scalars(select(Meeting.state).distinct()).all()) == 4


def test_counting_leaves_a_tie_at_every_step_of_what_follows(at: Callable[[str], Database]) -> None:
    with at("counting").reading() as session:
        congress_id = session.scalars(select(Congress.id)).one()
        waits = [one for one in contest_standings(session, congress_id) if one.unsettled is not Unsettled.NO_RESULT]
        forms = session.scalars(select(CountForm.state).where(CountForm.ballot == 2)).all()
    assert {one.unsettled for one in waits} == {None, Unsettled.TIE, Unsettled.PROPOSED, Unsettled.VOTING}
    assert EntryState.EMPTY in forms and EntryState.CONFIRMED in forms


def test_published_shows_every_unit_and_every_seat_with_what_became_of_it(at: Callable[[str], Database]) -> None:
    with at("published").reading() as session:
        congress = session.scalars(select(Congress)).one()
        board = build_shown(session, congress).figures
        outcomes = session.scalars(select(RoundOutcome).where(RoundOutcome.superseded_at.is_(None))).all()
        standings = contest_standings(session, congress.id)
        publication = session.scalars(select(Publication)).one()
    assert board["units"] == {"total": 37, "confirmed": 37} and not board["interim"]
    assert {one["id"]: one["seats"] for one in board["categories"]} == SEATS
    for one in board["categories"]:
        assert one["elected"] + one["tied"] + one["pending"] + one["vacant"] == one["seats"]
    statuses = [outcome.status for outcome in outcomes]
    assert statuses.count("tie") >= 2 and statuses.count("shortfall") >= 3
    # Ties and shortfalls were voted on again the same evening: one seat is given up, one waits for a later meeting.
    assert [sum(one[part] for one in board["categories"]) for part in ("tied", "pending", "vacant")] == [0, 1, 1]
    assert [(one.unsettled, one.later) for one in standings if one.unsettled or one.later] == [
        (None, RoundKind.SUPPLEMENTARY)
    ]
    assert [one.get("later") for one in publication.content["contests"]].count("supplementary") == 1
    assert publication.proposed_by_id != publication.published_by_id
    women = next(one for one in board["overlays"] if one["id"] == "women")
    assert women["target"] == 56 and women["elected"] > 0


def test_a_second_scheme_is_tried_out_beside_the_approved_one(at: Callable[[str], Database]) -> None:
    with at("counting").reading() as session:
        congress = session.scalars(select(Congress)).one()
        first, second = (scheme_by_number(session, congress.id, number) for number in (1, 2))
        assert (first.state, second.state) == (SchemeState.APPROVED, SchemeState.DRAFT)
        assert second.basis_hash == first.basis_hash and is_settled(congress, second)
        assert [
            (line.unit, line.seats, line.computed, bool(line.reason)) for line in hand_changes(congress, second)
        ] == [
            ("u11", 2, 1, True),
            ("u14", 2, 1, True),
        ]
        assert check(read_problem(second.problem), second.allocation) == []
        previous = {unit.code: unit.previous for unit in congress.units}
        assert [code for code, seats in previous.items() if seats is None] == ["u35"]
        assert 190 <= sum(row.seats for row in previous.values() if row is not None) <= 206


def test_no_one_did_what_two_persons_must_do(at: Callable[[str], Database]) -> None:
    with at("published").reading() as session:
        for form in session.scalars(select(CountForm)):
            assert len({form.first_person_id, form.second_person_id, form.confirmed_by_id}) == 3
        scheme = session.scalars(select(Scheme).where(Scheme.number == 1)).one()
        assert scheme.approved_by_id not in (scheme.author_id, scheme.submitted_by_id)


def test_the_logins_sign_in_and_hold_the_role_that_they_are_listed_with(at: Callable[[str], Database]) -> None:
    with at("nominated").reading() as session:
        accounts = {row.login: row for row in session.scalars(select(Account))}
        assert set(accounts) == {login for login, _ in LOGINS}
        assert all(not row.must_change_password for row in accounts.values())
        assert matches(accounts["office"].password_hash, PASSWORD)
        held = {
            login: {
                row.role for row in session.scalars(select(RoleGrant).where(RoleGrant.person_id == account.person_id))
            }
            for login, account in accounts.items()
        }
    for login, role in (
        ("admin", Role.ADMIN), ("office", Role.OFFICE), ("office2", Role.OFFICE), ("approver", Role.APPROVER),
        ("teller1", Role.TELLER), ("teller2", Role.TELLER), ("scrutineer", Role.SCRUTINEER), ("observer", Role.OBSERVER),
        ("unit", Role.UNIT_CLERK), ("branch", Role.BRANCH_CLERK),
    ):  # fmt: skip
        assert role in held[login], login


def test_a_demo_refuses_a_real_congress_at_every_stage(at: Callable[[str], Database]) -> None:
    administrator = Actor(None, "管理员", (Grant(Role.ADMIN),))
    for actor in (administrator, Actor(SYSTEM.person_id, SYSTEM.name, (Grant(Role.ADMIN),))):
        with pytest.raises(Refused, match=r"congress\.demo_folder"), acting(at("configured"), actor, wall_clock) as act:
            create_congress(
                act, code="real", name="真的", county="", total_seats=9, reference_date=county.REFERENCE
            )  # fmt: skip


def test_the_overlays_are_those_of_the_report() -> None:
    assert [(one.fact, int(one.share * 100), one.age) for one in county.OVERLAYS] == [
        (OverlayFact.WOMEN, 27, None), (OverlayFact.AGE_AT_MOST, 92, 50)
    ]  # fmt: skip
