"""Outcomes recorded: computed from the confirmed forms, each contest by itself, ties and shortfalls by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from election.congress.models import RuleValue
from election.contests.decide import outcome_json, parse_contest
from election.contests.outcome import decide
from election.count.entry import EntryState
from election.count.models import CandidateResult, CountForm, Result, RoundOutcome
from election.count.operations import claim, finalise
from election.count.operations_follow_up import agree, propose_strike
from election.count.operations_scrutiny import confirm
from election.count.queries_form import scrutiny_form
from election.count.queries_outcome import ContestResult, ContestStatus, outcomes_of_congress
from election.count.queries_write_ins import write_in_choices
from election.errors import Refused
from election.meeting.models import CountingGroup, Venue, VenueBallots
from election.meeting.operations_ballots import declare_void, record_ballots
from election.nomination.models import Candidate
from election.people.models import Person
from election.roster.models import Member
from tests.support.evening import SCRUTINEERS, TELLERS, Evening, balloted, evening_from, nominated, opened
from tests.support.stores import Stores

CHIEF = SCRUTINEERS[0]
# 28 present of 30 expected: 16 votes are needed.
DECIDED = {"农民": [25, 20, 10], "其他基层": [20, 8]}


def results(evening: Evening) -> dict[str, ContestResult]:
    """The first unit's contests by category, read out of the session."""
    with evening.county.reading() as session:
        found = {}
        for one in outcomes_of_congress(session, evening.county.congress_id):
            if one.contest.unit_id == evening.county.units["u1"]:
                found[one.contest.category.name] = one
                for each in one.rounds:
                    assert each.round.number == 1
        session.expunge_all()
        return found


def lines(result: ContestResult) -> list[tuple[int, Result]]:
    return [(line.votes_for, line.result) for line in result.rounds[-1].lines]


def test_the_outcome_is_computed_from_the_confirmed_form(counting: Evening) -> None:
    counting.count("u1", DECIDED)
    farmers = results(counting)["农民"]
    outcome = farmers.rounds[0].outcome
    assert outcome is not None
    assert (outcome.status, outcome.votes_needed, outcome.elected, outcome.valid) == ("decided", 16, 2, 28)
    assert lines(farmers) == [(25, Result.ELECTED), (20, Result.ELECTED), (10, Result.NOT_ELECTED)]
    assert (farmers.status, farmers.elected) == (ContestStatus.DECIDED, 2)


def test_anyone_can_decide_a_recorded_contest_again(counting: Evening) -> None:
    counting.count("u1", DECIDED)
    for result in results(counting).values():
        outcome = result.rounds[0].outcome
        assert outcome is not None
        assert outcome_json(decide(parse_contest(outcome.contest))) == outcome.outcome


def test_the_rules_that_decided_are_frozen(counting: Evening) -> None:
    counting.count("u1", DECIDED)
    with counting.county.reading() as session:
        frozen = session.scalars(select(RuleValue.name).where(RuleValue.frozen_by == "round.decided")).all()
    assert sorted(frozen) == ["margin_min"]  # the others were used before


def test_a_tie_across_the_cut_is_found_and_named(counting: Evening) -> None:
    counting.count("u1", DECIDED | {"农民": [17, 22, 17]})
    farmers = results(counting)["农民"]
    outcome = farmers.rounds[0].outcome
    assert outcome is not None
    assert (outcome.status, outcome.follow_up, outcome.elected, outcome.tied_seats) == ("tie", "tie_ballot", 1, 1)
    assert lines(farmers) == [(22, Result.ELECTED), (17, Result.TIED), (17, Result.TIED)]
    assert farmers.status is ContestStatus.TIE


def test_a_shortfall_is_found_and_nobody_below_the_majority_fills_it(counting: Evening) -> None:
    counting.count("u1", DECIDED | {"农民": [20, 15, 15]})
    farmers = results(counting)["农民"]
    outcome = farmers.rounds[0].outcome
    assert outcome is not None
    assert (outcome.status, outcome.follow_up) == ("shortfall", "supplementary")
    assert (outcome.elected, outcome.shortfall) == (1, 1)
    assert lines(farmers) == [(20, Result.ELECTED), (15, Result.NOT_ELECTED), (15, Result.NOT_ELECTED)]


def test_contests_are_never_compared_with_each_other(counting: Evening) -> None:
    counting.count("u1", {"农民": [16, 16, 0], "其他基层": [28, 0]})
    found = results(counting)
    assert found["农民"].elected == 2 and found["其他基层"].elected == 1


def test_a_void_round_has_no_outcome_for_ever(stores: Stores) -> None:
    evening = evening_from(stores, "nominated", nominated)
    farmers = evening.round_of("u1", "farmer")
    balloted(evening, ballots={farmers: (28, 29)})
    with evening.county.acting(CHIEF) as act:
        declare_void(act, farmers)
    evening.count("u1", DECIDED)
    found = results(evening)
    assert (found["农民"].status, found["农民"].rounds[0].outcome) == (ContestStatus.VOID, None)
    assert found["其他基层"].status is ContestStatus.DECIDED
    evening.county.database.close()


def test_the_assigned_leaders_are_an_uncontested_contest_of_their_own(stores: Stores) -> None:
    def make(database: Any) -> Evening:
        # The first member of the first branch, whichever id the database gave it.
        return nominated(database, seats={("u1", "leader"): 2}, assigned={"u1": [1]}, standing={("u1", "leader"): 2})

    evening = evening_from(stores, "leaders", make)
    balloted(evening)
    sheet = evening.sheet("u1")
    assert [(one.kind.value, one.seats, len(one.candidates)) for one in sheet.sections] == [
        ("uncontested", 1, 1),
        ("contested", 1, 2),
    ]
    contents = evening.contents("u1", {})
    for section, votes in zip(sheet.sections, ([28], [18, 10]), strict=True):
        for one, number in zip(section.candidates, votes, strict=True):
            contents["sections"][section.key]["candidates"][one.id] = {
                "for": number,
                "against": 28 - number,
                "abstain": 0,
            }
    for who in TELLERS[:2]:
        evening.enter(who, "u1", contents)
    with evening.county.acting(CHIEF) as act:
        confirm(act, evening.form_id("u1"))
    with evening.county.reading() as session:
        found = outcomes_of_congress(session, evening.county.congress_id)
        outcomes = [each.outcome for one in found for each in one.rounds if each.outcome is not None]
        kinds = [(one.contest.kind.value, one.elected) for one in found]
        decided = [one.contest["kind"] for one in outcomes]
    assert kinds == [("uncontested", 1), ("contested", 1)]
    assert decided == ["uncontested", "contested"]
    evening.county.database.close()


# Write-ins


def written_in(evening: Evening, name: str, votes: int, by: Sequence[str] = TELLERS[:2]) -> None:
    contents = evening.contents("u1", {"农民": [25, 5, 5], "其他基层": [20, 8]})
    section = contents["sections"][str(evening.round_of("u1", "farmer"))]
    section["write_ins"] = [{"name": name, "for": votes}]
    for who in by:
        evening.enter(who, "u1", contents)


def farmer_not_standing(evening: Evening) -> Member:
    standing = evening.members_standing("u1", "farmer")
    with evening.county.reading() as session:
        member = session.scalars(
            select(Member)
            .where(Member.branch_id == evening.county.branches["u1-b1"], Member.category == "farmer")
            .where(Member.id.not_in(standing))
            .order_by(Member.id)
        ).first()
        assert member is not None
        session.expunge_all()
        return member


def test_a_write_in_who_is_a_member_of_the_category_may_win(counting: Evening) -> None:
    member = farmer_not_standing(counting)
    name = counting.county.person_of(member.id).name
    for who, as_typed in zip(TELLERS, (f"{name[0]} {name[1:]}", f"{name[0]}\u3000{name[1:]} "), strict=False):
        written_in(counting, as_typed, 18, by=(who,))  # papers space short names out
    with counting.county.acting(CHIEF) as act:
        confirm(act, counting.form_id("u1"))
    with counting.county.reading() as session:
        line = session.scalars(select(CandidateResult).where(CandidateResult.member_id == member.id)).one()
        assert (line.candidate_id, line.result, line.rank, line.votes_for) == (None, Result.ELECTED, 2, 18)


def test_a_write_in_of_another_category_never_wins(counting: Evening) -> None:
    leader = counting.county.person_of(counting.county.members("u1-b1")[0])  # the categories take turns: a leader
    written_in(counting, leader.name, 18)
    # With the majority nobody is passed over in silence: the name may be a slip of the pen.
    with pytest.raises(Refused, match=r"^count\.write_in_unknown$"), counting.county.acting(CHIEF) as act:
        confirm(act, counting.form_id("u1"))
    with counting.county.reading() as session:
        asked = write_in_choices(session, scrutiny_form(session, counting.form_id("u1")))
    assert [(one.name, one.votes, one.members) for one in asked] == [(leader.name, 18, ())]
    with counting.county.acting(CHIEF) as act:
        confirm(act, counting.form_id("u1"), rulings={(asked[0].round_id, leader.name): None})
    farmers = results(counting)["农民"]
    outcome = farmers.rounds[0].outcome
    assert outcome is not None
    assert (farmers.status, outcome.shortfall) == (ContestStatus.SHORTFALL, 1)
    assert [one["code"] for one in outcome.outcome["findings"]] == ["contest.write_in_ineligible"]


def test_who_was_struck_from_the_slate_is_not_elected_by_being_written_in(stores: Stores) -> None:
    """Who may stand no longer stands in no way (edge case 14); with the majority the name is ruled on, never passed over."""
    evening = evening_from(stores, "a candidate struck", a_candidate_struck)
    struck = evening.county.person_of(evening.members_standing("u1", "farmer")[0]).name
    farmers = evening.round_of("u1", "farmer")
    contents = evening.contents("u1", {"农民": [25, 5], "其他基层": [20, 8]})
    contents["sections"][str(farmers)]["write_ins"] = [{"name": struck, "for": 18}]
    for who in TELLERS[:2]:
        evening.enter(who, "u1", contents)
    with pytest.raises(Refused, match=r"^count\.write_in_unknown$"), evening.county.acting(CHIEF) as act:
        confirm(act, evening.form_id("u1"))
    with evening.county.acting(CHIEF) as act:
        confirm(act, evening.form_id("u1"), rulings={(farmers, struck): None})
    assert (results(evening)["农民"].status, results(evening)["农民"].elected) == (ContestStatus.SHORTFALL, 1)
    evening.county.database.close()


def a_candidate_struck(database: Any) -> Evening:
    evening = nominated(database)
    opened(evening)
    with evening.county.acting("u1") as act:
        row = propose_strike(
            act, evening.round_of("u1", "farmer"), evening.members_standing("u1", "farmer")[0], "受处分"
        ).id
    with evening.county.acting(CHIEF) as act:
        agree(act, row)
    rounds = [round_id for (unit, _, _), round_id in evening.rounds.items() if unit == "u1"]
    with evening.county.acting(CHIEF) as act:
        record_ballots(act, evening.meetings["u1"], dict.fromkeys(rounds, (28, 28)))
    return evening


def test_the_scrutineer_rules_between_two_members_of_one_name(counting: Evening) -> None:
    member = farmer_not_standing(counting)
    name = counting.county.person_of(member.id).name
    with counting.county.acting("office") as act:
        twin = act.session.scalars(
            select(Member)
            .where(Member.branch_id == member.branch_id, Member.category == "farmer", Member.id != member.id)
            .where(Member.id.not_in(counting.members_standing("u1", "farmer")))
            .order_by(Member.id.desc())
        ).first()
        assert twin is not None
        act.session.get_one(Person, twin.person_id).name = name
        twin_id = twin.id
    written_in(counting, name, 18)
    farmers = counting.round_of("u1", "farmer")
    with pytest.raises(Refused, match=r"count\.write_in_unclear"), counting.county.acting(CHIEF) as act:
        confirm(act, counting.form_id("u1"))
    assert counting.form("u1").state is EntryState.ENTRIES_EQUAL
    stranger = counting.county.members("u2-b1")[1]
    with pytest.raises(Refused, match=r"count\.write_in_not_eligible"), counting.county.acting(CHIEF) as act:
        confirm(act, counting.form_id("u1"), rulings={(farmers, name): stranger})
    with counting.county.acting(CHIEF) as act:
        confirm(act, counting.form_id("u1"), rulings={(farmers, name): twin_id})
    with counting.county.reading() as session:
        elected = session.scalars(select(CandidateResult.member_id).where(CandidateResult.candidate_id.is_(None))).one()
    assert elected == twin_id


def leaders(database: Any) -> Evening:
    """One assigned leader and one contested seat of the leaders' category; the leader is a member of the category."""
    seats = {("u1", "leader"): 2, ("u2", "farmer"): 1}
    return nominated(database, seats=seats, assigned={"u1": [1]}, standing={("u1", "leader"): 2})


def leaders_form(evening: Evening, names: tuple[str, str], votes: int) -> None:
    """All three rounds counted; a name is written in with votes on the uncontested and on the contested ballot."""
    contents = evening.contents("u1", {})
    for section, given, name in zip(evening.sheet("u1").sections, ([18], [4, 4]), names, strict=True):
        part = contents["sections"][section.key]
        for one, number in zip(section.candidates, given, strict=True):
            part["candidates"][one.id] = {"for": number, "against": 28 - number, "abstain": 0}
        written = votes if section.kind.value == "contested" else 6
        part["write_ins"] = [{"name": name, "for": written}] if name else []
    for who in TELLERS[:2]:
        evening.enter(who, "u1", contents)


def test_nobody_is_written_in_who_stands_in_another_contest(stores: Stores) -> None:
    """The assigned leader, written in on the contested ballot of the same category, does not get a second seat."""
    evening = evening_from(stores, "leaders and farmers", leaders)
    balloted(evening)
    assigned = evening.county.person_of(evening.assigned_leader("u1"))
    leaders_form(evening, ("", assigned.name), 20)
    contested = evening.round_of("u1", "leader")
    with (
        pytest.raises(Refused, match=r"^count\.write_in_not_eligible$"),
        evening.county.acting(CHIEF) as act,
    ):
        confirm(
            act,
            evening.form_id("u1"),
            rulings={(contested, assigned.name): evening.assigned_leader("u1")},
        )
    with evening.county.acting(CHIEF) as act:
        confirm(act, evening.form_id("u1"), rulings={(contested, assigned.name): None})
    with evening.county.reading() as session:
        line = session.scalars(
            select(CandidateResult)
            .join(RoundOutcome)
            .where(RoundOutcome.round_id == contested, CandidateResult.candidate_id.is_(None))
        ).one()
        assert (line.name, line.member_id, line.result) == (assigned.name, None, Result.NOT_ELECTED)
    evening.county.database.close()


def test_a_namesake_does_not_win_with_the_votes_of_someone_who_stands_elsewhere(stores: Stores) -> None:
    evening = evening_from(stores, "leaders and farmers", leaders)
    balloted(evening)
    assigned = evening.county.person_of(evening.assigned_leader("u1"))
    twin = evening.county.members("u1-b1")[-3]  # a leader too, as the categories take turns
    with evening.county.acting("office") as act:
        member = act.session.get_one(Member, twin)
        assert member.category == "leader"
        act.session.get_one(Person, member.person_id).name = assigned.name
    leaders_form(evening, ("", assigned.name), 20)
    with evening.county.reading() as session:
        choices = write_in_choices(session, scrutiny_form(session, evening.form_id("u1")))
    assert [(one.name, [each.id for each in one.members]) for one in choices] == [(assigned.name, [twin])]
    with pytest.raises(Refused, match=r"^count\.write_in_unclear$"), evening.county.acting(CHIEF) as act:
        confirm(act, evening.form_id("u1"))
    evening.county.database.close()


def test_nobody_is_elected_twice_in_a_congress(stores: Stores) -> None:
    """A third leader written in on both ballots of the category, with the majority on both."""
    evening = evening_from(stores, "leaders and farmers", leaders)
    balloted(evening)
    third = evening.county.members("u1-b1")[-3]
    name = evening.county.person_of(third).name
    contents = evening.contents("u1", {})
    for section in evening.sheet("u1").sections:
        part = contents["sections"][section.key]
        for one in section.candidates:
            part["candidates"][one.id] = {"for": 4, "against": 24, "abstain": 0}
        part["write_ins"] = [{"name": name, "for": 20}]
    for who in TELLERS[:2]:
        evening.enter(who, "u1", contents)
    with pytest.raises(Refused, match=r"^count\.elected_already$"), evening.county.acting(CHIEF) as act:
        confirm(act, evening.form_id("u1"))
    with evening.county.reading() as session:
        assert session.scalars(select(RoundOutcome.id)).all() == []
        choices = write_in_choices(session, scrutiny_form(session, evening.form_id("u1")))
    assert [one.name for one in choices] == [name, name]
    assigned = evening.round_of("u1", "leader", "uncontested")
    with evening.county.acting(CHIEF) as act:
        confirm(act, evening.form_id("u1"), rulings={(assigned, name): None})
    with evening.county.reading() as session:
        elected = session.scalars(
            select(CandidateResult.member_id).where(CandidateResult.result == Result.ELECTED)
        ).all()
    assert elected == [third]
    evening.county.database.close()


def test_who_is_elected_in_another_contest_already_is_not_elected_again(counting: Evening) -> None:
    """Whatever was printed on the ballots: here the winner of one round stands on another unit's slate."""
    counting.count("u1", DECIDED)
    winner = counting.members_standing("u1", "farmer")[0]
    balloted(counting, "u2")
    guard = "candidate_frozen_update" if counting.county.database.embedded else "candidate_frozen ON candidate"
    with counting.county.acting("office") as act:
        act.session.execute(text(f"DROP TRIGGER {guard}"))  # else the database does not let it come to this
        candidate = act.session.get_one(Candidate, counting.candidates[counting.round_of("u2", "farmer")][0])
        candidate.member_id = winner
    counting_u2 = counting.contents("u2", DECIDED)
    for who in TELLERS[:2]:
        counting.enter(who, "u2", counting_u2)
    with pytest.raises(Refused, match=r"^count\.elected_already$"), counting.county.acting(CHIEF) as act:
        confirm(act, counting.form_id("u2"))


# Several venues and groups


def test_several_venues_are_summed_exactly(counting: Evening) -> None:
    """A second venue beside the hall: its two voters are counted on a form of their own."""
    rounds = [counting.round_of("u1", "farmer"), counting.round_of("u1", "other")]
    with counting.county.acting("office") as act:
        hall = act.session.scalars(select(Venue)).one()
        box = Venue(meeting_id=hall.meeting_id, number=2, name="中心小学", present=2)
        act.session.add(box)
        act.session.flush()
        act.session.add(CountingGroup(venue_id=box.id, number=1, form_number="01-2-1"))
        act.session.add_all(
            VenueBallots(venue_id=box.id, meeting_id=hall.meeting_id, round_id=one, issued=2, returned=2)
            for one in rounds
        )
    counting.count("u1", DECIDED | {"农民": [25, 15, 15]})
    assert results(counting)["农民"].status is ContestStatus.PENDING  # one form is still out
    with counting.county.reading() as session:
        form = session.scalars(select(CountForm).where(CountForm.number == "01-2-1")).one().id
    candidates = counting.candidates
    contents = {
        "attendance": {"expected": 30, "present": 2},
        "sections": {
            str(one): {
                "issued": 2,
                "returned": 2,
                "valid": 2,
                "spoiled": 0,
                "write_ins": [],
                "candidates": {str(each): {"for": 1, "against": 1, "abstain": 0} for each in candidates[one]},
            }
            for one in rounds
        },
    }
    for who in TELLERS[2:]:
        with counting.county.acting(who) as act:
            claim(act, counting.county.congress_id, "01-2-1")
        with counting.county.acting(who) as act:
            finalise(act, form, contents)
    with counting.county.acting(CHIEF) as act:
        confirm(act, form)
    farmers = results(counting)["农民"]
    outcome = farmers.rounds[0].outcome
    assert outcome is not None
    assert (outcome.issued, outcome.returned, outcome.valid, outcome.present) == (30, 30, 30, 30)
    assert lines(farmers) == [(26, Result.ELECTED), (16, Result.TIED), (16, Result.TIED)]


# Reading


def test_the_outcomes_of_a_congress_take_five_statements(counting: Evening) -> None:
    counting.count("u1", DECIDED)
    statements: list[str] = []
    with counting.county.reading() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
        found = outcomes_of_congress(session, counting.county.congress_id)
        shown = [
            (one.contest.unit.name, one.contest.category.name, [line.name for line in one.rounds[0].lines])
            for one in found
        ]
    assert len(statements) == 5
    assert [(unit, category, len(names)) for unit, category, names in shown] == [
        ("第1镇", "农民", 3),
        ("第1镇", "其他基层", 2),
        ("第2镇", "农民", 0),
        ("第2镇", "其他基层", 0),
    ]


def test_the_database_itself_keeps_one_outcome_in_force(counting: Evening) -> None:
    counting.count("u1", DECIDED)
    with pytest.raises(IntegrityError), counting.county.acting(CHIEF) as act:
        row = act.session.scalars(select(RoundOutcome)).first()
        assert row is not None
        facts = {
            column.key: getattr(row, column.key) for column in RoundOutcome.__table__.columns if column.key != "id"
        }
        act.session.add(RoundOutcome(**(facts | {"version": 2})))


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"valid": 27}, "returned_adds_up"),
        ({"returned": 29, "valid": 29}, "ballots_in_order"),
        ({"issued": 29}, "ballots_in_order"),
        ({"present": 31}, "attendance_in_order"),
        ({"elected": -1, "shortfall": 3}, "not_negative"),
        ({"elected": 3}, "accounts for every seat"),
        ({"status": "won"}, "accounts for every seat"),
    ],
)
def test_the_database_itself_refuses_an_outcome_whose_figures_cannot_be(
    counting: Evening, change: dict[str, Any], check: str
) -> None:
    counting.count("u1", DECIDED)
    with pytest.raises(DBAPIError, match=check), counting.county.acting(CHIEF) as act:
        row = act.session.scalars(select(RoundOutcome)).first()
        act.session.add(RoundOutcome(**values_of(row) | {"version": 9, "superseded_at": act.now} | change))


def values_of(row: Any) -> dict[str, Any]:
    """What a stored row holds, for another like it."""
    return {column.name: getattr(row, column.name) for column in row.__table__.columns if column.name != "id"}


def test_the_database_itself_refuses_one_member_twice_in_an_outcome_and_winners_without_a_member(
    counting: Evening,
) -> None:
    counting.count("u1", DECIDED)
    another = {"rank": 9, "candidate_id": None}
    nobody = another | {"member_id": None}
    for change, check in (
        (another, "no more are elected"),
        (another | {"result": Result.NOT_ELECTED}, "member_id"),
        (nobody | {"result": Result.TIED}, "elected_is_a_member"),
        (nobody | {"result": Result.NOT_ELECTED, "votes_for": -1}, "not_negative"),
    ):
        with pytest.raises(DBAPIError, match=check), counting.county.acting(CHIEF) as act:
            row = act.session.scalars(select(CandidateResult).where(CandidateResult.rank == 1)).first()
            act.session.add(CandidateResult(**values_of(row) | change))


def test_the_database_itself_keeps_an_outcome_as_it_was_recorded(counting: Evening) -> None:
    counting.count("u1", DECIDED)
    for statement in (
        "UPDATE candidate_result SET result = 'elected'",
        "DELETE FROM candidate_result",
        "UPDATE round_outcome SET elected = 9",
        "UPDATE round_outcome SET outcome = '{}'",
    ):
        with pytest.raises(DBAPIError, match="never changed"), counting.county.database.writing() as session:
            session.execute(text(statement))
