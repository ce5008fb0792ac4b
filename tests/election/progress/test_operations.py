"""The phase moves forward only and through its gate; what is shown follows every recorded act at once."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.congress.operations import record_reply, waive_reply
from election.congress.queries import congress_by_code
from election.errors import Forbidden, NotFound, Refused
from election.notices.operations_electors import publish_electors_notice
from election.people.actor import Actor, Grant, Role
from election.progress.facts import read_facts
from election.progress.operations import move_phase
from election.progress.queries import facts_of, is_demo, stage_line, waiting_counts, waiting_for
from election.progress.waiting import Desk
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from election.roster.models import Standing, Suspension
from election.roster.operations import MemberChange, change_member, set_voting_right, verify_unit
from election.roster.queries import member_line, member_token
from election.roster.queries_units import unit_roster
from election.store.installation import begin_installation
from election.store.models import AuditEvent
from election.texts import sentence
from tests.support.county import REFERENCE, County, county_from, registered
from tests.support.evening import evening_from, nominated
from tests.support.stores import Stores


@pytest.fixture
def county(stores: Stores):
    made = county_from(stores, "imported for progress", lambda database: registered(database, verified=False))
    yield made
    made.database.close()


def move(county: County, to: Phase, who: str | Actor = "office") -> None:
    with county.acting(who) as act:
        move_phase(act, county.congress_id, to)


def phase(county: County) -> Phase:
    with county.reading() as session:
        return congress_by_code(session, "xian-14").phase


def prepared(county: County) -> None:
    with county.acting("office") as act:
        record_reply(act, county.congress_id, number="1号", replied_on=REFERENCE)
        number = compute_scheme(act, county.congress_id).number
        submit_scheme(act, county.congress_id, number)
    with county.acting("approver") as act:
        approve_scheme(act, county.congress_id, number)


def test_a_closed_gate_says_everything_that_blocks_and_moves_nothing(county: County) -> None:
    with pytest.raises(Refused) as caught:
        move(county, Phase.REGISTRATION)
    said = sentence(caught.value.code, caught.value.params)
    assert caught.value.code == "phase.blocked" and caught.value.params["count"] == 2
    assert "批复" in said.zh and "名额分配方案" in said.zh and "approved" in said.en
    assert phase(county) is Phase.PREPARATION


def test_an_open_gate_lets_the_next_phase_begin_and_no_other(county: County) -> None:
    prepared(county)
    for to in (Phase.PREPARATION, Phase.NOMINATION, Phase.ARCHIVE):
        with pytest.raises(Refused, match=r"phase\."):
            move(county, to)
    move(county, Phase.REGISTRATION)
    assert phase(county) is Phase.REGISTRATION
    for to in (Phase.PREPARATION, Phase.REGISTRATION):
        with pytest.raises(Refused, match=r"phase\.no_way_back"):
            move(county, to)
    with pytest.raises(Refused, match=r"phase\.blocked"):
        move(county, Phase.NOMINATION)
    with county.reading() as session:
        moved = session.scalars(select(AuditEvent.details).where(AuditEvent.action == "phase.moved")).all()
    assert moved == [{"before": "preparation", "after": "registration"}]


def test_a_scheme_for_other_seats_does_not_open_the_gate(county: County) -> None:
    prepared(county)
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).total_seats = 21
    with pytest.raises(Refused) as caught:
        move(county, Phase.REGISTRATION)
    assert "不一致" in sentence(caught.value.code, caught.value.params).zh


def test_only_the_office_moves_the_phase(county: County) -> None:
    for who in ("approver", "u1", Actor(1, "甲", (Grant(Role.OFFICE, county.congress_id + 1),))):
        with pytest.raises(Forbidden):
            move(county, Phase.REGISTRATION, who)
    with pytest.raises(NotFound), county.acting(Actor(1, "甲", (Grant(Role.OFFICE, 999),))) as act:
        move_phase(act, 999, Phase.REGISTRATION)


def seen(county: County) -> tuple[list[str], dict[Desk, int]]:
    """What the office is shown, as a page asks for it."""
    with county.reading() as session:
        congress = congress_by_code(session, "xian-14")
        today = county.now.date()
        codes = [one.code for step in stage_line(session, congress, today) for one in step.blockers]
        return codes, waiting_counts(session, congress, county.people["office"], today)


def test_what_is_shown_follows_every_act_at_once(county: County) -> None:
    assert seen(county) == (["gate.no_reply", "gate.no_approved_scheme"], {})
    with county.acting("office") as act:
        waive_reply(act, county.congress_id, "试点")
    assert seen(county)[0] == ["gate.no_approved_scheme"]
    with county.acting("office") as act:
        number = compute_scheme(act, county.congress_id).number
    assert seen(county)[1] == {Desk.OFFICE: 1}
    with county.acting("office") as act:
        submit_scheme(act, county.congress_id, number)
    assert seen(county) == (["gate.scheme_awaits_approval"], {})
    with county.acting("approver") as act:
        approve_scheme(act, county.congress_id, number)
    # The next phase, and two seat letters that nobody has signed for.
    assert seen(county) == ([], {Desk.OFFICE: 3})
    move(county, Phase.REGISTRATION)
    assert seen(county)[1] == {Desk.OFFICE: 2}
    assert seen(county)[0] == ["gate.unit_not_verified"] * 2 + ["gate.no_electors_notice"]
    verify(county, "u1")
    assert seen(county)[0] == ["gate.unit_not_verified", "gate.no_electors_notice"]
    verify(county, "u2")
    # Two seat letters, and the electors may be published.
    assert seen(county) == (["gate.no_electors_notice"], {Desk.OFFICE: 3})
    publish(county)
    assert seen(county)[0] == []


def verify(county: County, unit: str) -> None:
    with county.acting(unit) as act:
        verify_unit(act, county.units[unit], seen=unit_roster(act.session, county.units[unit]).state.hash)


def publish(county: County) -> None:
    with county.acting("office") as act:
        publish_electors_notice(act, county.congress_id)


def suspend(county: County, branch: str) -> None:
    with county.acting("office") as act:
        line = member_line(act.session, county.congress_id, county.members(branch)[0])
        set_voting_right(
            act, county.congress_id, line.member_id, Standing.FULL, Suspension.DETAINED, reason="县监委通报",
            seen=member_token(line),
        )  # fmt: skip


def test_electors_who_changed_after_the_notice_are_verified_and_published_again(county: County) -> None:
    prepared(county)
    move(county, Phase.REGISTRATION)
    for unit in ("u1", "u2"):
        verify(county, unit)
    publish(county)
    suspend(county, "u1-b1")
    assert seen(county)[0] == ["gate.unit_not_verified"]
    verify(county, "u1")
    assert seen(county)[0] == ["gate.electors_notice_outdated"]
    publish(county)
    assert seen(county)[0] == []
    move(county, Phase.NOMINATION)
    # People already stand, and the lists still move: the gate to the election looks at them as well.
    suspend(county, "u2-b1")
    assert roster_blockers(county) == ["gate.unit_roster_moved", "gate.electors_notice_hangs"]
    verify(county, "u2")
    assert roster_blockers(county) == ["gate.electors_notice_outdated", "gate.electors_notice_hangs"]
    county.wait(10)
    publish(county)  # nobody is new on it: a correction, which hangs no longer than the one it replaces
    assert roster_blockers(county) == []


def roster_blockers(county: County) -> list[str]:
    return [code for code in seen(county)[0] if "electors" in code or "roster" in code]


def test_a_corrected_fact_that_the_notice_does_not_show_needs_no_new_notice(county: County) -> None:
    prepared(county)
    move(county, Phase.REGISTRATION)
    for unit in ("u1", "u2"):
        verify(county, unit)
    publish(county)
    with county.acting("office") as act:
        line = member_line(act.session, county.congress_id, county.members("u1-b1")[0])
        change = MemberChange(line.name, line.branch_id, "汉族", "大学", None, "other", "干事")
        change_member(act, county.congress_id, line.member_id, change, seen=member_token(line))
    verify(county, "u1")
    assert seen(county)[0] == []


def test_nothing_is_read_again_while_nothing_was_recorded(county: County) -> None:
    seen(county)
    sent: list[str] = []
    event.listen(county.database.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    with county.reading() as session:
        congress = congress_by_code(session, "xian-14")
        sent.clear()
        facts_of(session, congress)
        assert sent == []


def test_the_facts_cost_the_same_statements_for_any_number_of_units(stores: Stores) -> None:
    evening = evening_from(stores, "nominated", nominated)
    sent: list[str] = []
    event.listen(evening.county.database.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    with evening.county.reading() as session:
        congress = congress_by_code(session, "xian-14")
        sent.clear()
        facts = read_facts(session, congress)
        assert len(sent) <= 24, sent
    assert [(unit.code, unit.rounds, unit.frozen, unit.decided) for unit in facts.units] == [
        ("u1", 2, 2, 0), ("u2", 2, 2, 0)
    ]  # fmt: skip
    evening.county.database.close()


def test_who_has_no_role_in_the_congress_waits_for_nothing(county: County) -> None:
    with county.reading() as session:
        congress = congress_by_code(session, "xian-14")
        assert waiting_for(session, congress, Actor(1, "甲"), county.now.date()) == []


def test_an_installation_is_a_demo_only_where_it_was_marked_as_one(county: County) -> None:
    with county.reading() as session:
        assert not is_demo(session)
    with county.database.writing() as session:
        begin_installation(session, demo=True, now=county.now)
    with county.reading() as session:
        assert is_demo(session)
