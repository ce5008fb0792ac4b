"""Who is away, and how they were told: recorded by the unit or the office, never taking anyone's vote."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.errors import Forbidden, NotFound, Refused, Stale
from election.roster.absences.operations import record_absence, record_absences, remove_absence, tell_absentees
from election.roster.absences.queries import absence_counts, absence_list, absence_of, absence_token, listed_absences
from election.roster.models import AbsenceKind, ExclusionReason, Notification, Suspension
from election.roster.queries_units import unit_roster
from election.store.models import AuditEvent
from election.texts import sentence
from tests.election.roster.test_operations import suspend
from tests.support.county import County

GONE: dict[str, Any] = {
    "kind": AbsenceKind.MIGRANT,
    "reason": ExclusionReason.WORKING_AWAY,
    "whereabouts": "邻省务工",
    "notified": None,
    "notified_on": None,
    "note": "",
}


def token(county: County, member_id: int) -> str:
    with county.reading() as session:
        return absence_token(absence_of(session, county.congress_id, member_id))


def record(county: County, member_id: int, who: str = "u1", seen: str | None = None, **change: Any) -> None:
    given = GONE | change
    before = token(county, member_id) if seen is None else seen
    with county.acting(who) as act:
        record_absence(
            act, county.congress_id, member_id, given["kind"], given["reason"], given["whereabouts"],
            given["notified"], given["notified_on"], given["note"], seen=before,
        )  # fmt: skip


def lines(county: County, unit: str = "u1"):
    with county.reading() as session:
        return absence_list(session, county.congress_id, county.units[unit])


@pytest.mark.parametrize("who", ["u1", "office"])
def test_the_unit_s_clerk_and_the_office_record_who_is_away(county: County, who: str) -> None:
    member_id = county.members("u1-b1")[0]
    record(county, member_id, who)
    (line,) = lines(county)
    assert (line.member_id, line.kind, line.whereabouts, line.votes) == (
        member_id,
        AbsenceKind.MIGRANT,
        "邻省务工",
        True,
    )
    assert line.recorded_by == f"经办{who}"
    assert lines(county, "u2") == []


@pytest.mark.parametrize("who", ["u2", "approver", "u1-b1"])
def test_nobody_else_does(county: County, who: str) -> None:
    with pytest.raises(Forbidden):
        record(county, county.members("u1-b1")[0], who)
    record(county, county.members("u1-b1")[0])
    with pytest.raises(Forbidden), county.acting(who) as act:
        remove_absence(act, county.congress_id, county.members("u1-b1")[0], token(county, county.members("u1-b1")[0]))


def test_being_away_takes_no_vote_and_leaves_the_verification_standing(county: County) -> None:
    with county.reading() as session:
        before = unit_roster(session, county.units["u1"]).state
    record(county, county.members("u1-b1")[0])
    with county.reading() as session:
        assert unit_roster(session, county.units["u1"]).state == before


def test_those_who_are_not_told_stand_first_and_are_counted(county: County) -> None:
    told, untold, suspended = county.members("u1-b1")[0], county.members("u1-b2")[0], county.members("u1-b2")[1]
    record(county, told, notified=Notification.VISIT, notified_on=date(2031, 3, 2), kind=AbsenceKind.AWAY)
    record(county, untold, reason=None)
    record(county, suspended)
    suspend(county, suspended, Suspension.DETAINED)
    assert [line.member_id for line in lines(county)] == [untold, suspended, told]
    with county.reading() as session:
        counts = absence_counts(session, county.congress_id)
        # Who has no vote is expected by nobody, so that there is nothing to consent to.
        assert listed_absences(session, county.congress_id, county.units["u1"]) == [
            (told, ExclusionReason.WORKING_AWAY)
        ]
    assert set(counts) == {county.units["u1"]}
    found = counts[county.units["u1"]]
    assert (found.away, found.untold, found.migrant, found.listed) == (3, 2, 2, 1)


def test_told_later_is_recorded_over_it_and_the_chain_keeps_how_and_nothing_of_anyone_s_health(county: County) -> None:
    member_id = county.members("u1-b1")[0]
    record(county, member_id)
    record(county, member_id, notified=Notification.LETTER, notified_on=date(2031, 3, 3), note="挂号信")
    (line,) = lines(county)
    assert (line.notified, line.notified_on, line.note) == (Notification.LETTER, date(2031, 3, 3), "挂号信")
    with county.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "absence.recorded")).all()
    assert [one.details["notified"] for one in events] == [None, "letter"]
    assert events[1].details["fields"] == ["通知方式", "通知日期", "备注"]
    assert events[1].subject == f"member:{member_id}"
    # Why and where somebody is away is nobody's who reads the chain.
    kept = str([one.details for one in events])
    assert not [word for word in (*(kind.zh for kind in AbsenceKind), "挂号信") if word in kept]


def test_who_came_back_is_taken_off(county: County) -> None:
    member_id = county.members("u1-b1")[0]
    record(county, member_id)
    seen = token(county, member_id)
    with county.acting("u1") as act:
        remove_absence(act, county.congress_id, member_id, seen)
    assert lines(county) == []
    with pytest.raises(NotFound), county.acting("u1") as act:
        remove_absence(act, county.congress_id, member_id, seen)
    record(county, member_id)
    assert len(lines(county)) == 1


def test_the_second_of_two_clerks_is_told_what_the_first_recorded(county: County) -> None:
    member_id = county.members("u1-b1")[0]
    seen = token(county, member_id)
    record(county, member_id, "office", whereabouts="省城")
    with pytest.raises(Stale) as stale:
        record(county, member_id, "u1", seen=seen, whereabouts="县城")
    said = sentence(stale.value.code, stale.value.params)
    assert "经办office" in said.zh and "去向由“空”改为“省城”" in said.zh and "whereabouts" in said.en
    record(county, member_id, "u1", whereabouts="县城")
    assert lines(county)[0].whereabouts == "县城"


def test_an_absence_that_was_taken_off_meanwhile_is_told_as_such(county: County) -> None:
    member_id = county.members("u1-b1")[0]
    record(county, member_id)
    seen = token(county, member_id)
    with county.acting("office") as act:
        remove_absence(act, county.congress_id, member_id, seen)
    with pytest.raises(Stale) as stale:
        record(county, member_id, seen=seen, whereabouts="县城")
    assert "去向由“邻省务工”改为“空”" in sentence(stale.value.code, stale.value.params).zh


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"notified": Notification.VISIT}, "absence.day_missing", "notified_on"),
        ({"notified_on": date(2031, 3, 1)}, "absence.means_missing", "notified"),
        ({"notified": Notification.VISIT, "notified_on": date(2031, 3, 4)}, "absence.day_ahead", "notified_on"),
        ({"whereabouts": "远" * 121}, "roster.cell_too_long", "whereabouts"),
        ({"note": "记" * 201}, "roster.cell_too_long", "note"),
    ],
)
def test_a_record_that_cannot_be_is_refused(county: County, change: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        record(county, county.members("u1-b1")[0], **change)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert lines(county) == []


def test_the_same_again_is_no_act(county: County) -> None:
    record(county, county.members("u1-b1")[0])
    with pytest.raises(Refused) as refusal:
        record(county, county.members("u1-b1")[0])
    assert refusal.value.code == "absence.unchanged"


def test_nothing_is_recorded_of_nobody_nor_once_the_results_are_out(county: County) -> None:
    with pytest.raises(NotFound):
        record(county, 9999, "office")
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).phase = Phase.ANNOUNCEMENT
    with pytest.raises(Refused) as refusal:
        record(county, county.members("u1-b1")[0])
    assert refusal.value.code == "roster.closed"


def record_many(county: County, members: list[int], who: str = "u1", unit: str = "u1", **change: Any) -> int:
    given = {"kind": AbsenceKind.MIGRANT, "reason": None, "whereabouts": "省城", "notified": None, "notified_on": None}
    with county.acting(who) as act:
        return record_absences(act, county.congress_id, county.units[unit], members, **{**given, **change})


def tell_many(county: County, members: list[int], how: Notification | None, on: date | None) -> int:
    with county.acting("u1") as act:
        return tell_absentees(act, county.congress_id, county.units["u1"], members, how, on)


def test_many_are_recorded_and_told_at_once_and_each_stands_in_the_chain(county: County) -> None:
    members = county.members("u1-b1")[:3]
    assert record_many(county, members) == 3
    assert tell_many(county, members[:2], Notification.TELEPHONE, date(2031, 3, 3)) == 2
    assert [(one.whereabouts, one.notified) for one in lines(county)] == [
        ("省城", None), ("省城", Notification.TELEPHONE), ("省城", Notification.TELEPHONE),
    ]  # fmt: skip
    with county.reading() as session:
        told = session.scalars(select(AuditEvent).where(AuditEvent.action == "absence.recorded")).all()
    assert [one.subject for one in told] == [f"member:{member}" for member in (*members, *members[:2])]
    assert told[0].details["fields"] == ["外出情况", "去向"] and told[3].details["fields"] == ["通知方式", "通知日期"]


def test_of_many_all_are_recorded_or_none_and_nobody_is_written_over(county: County) -> None:
    members = county.members("u1-b1")[:3]
    record(county, members[0], notified=Notification.VISIT, notified_on=date(2031, 3, 3))
    refusals = {}
    attempts: dict[str, Callable[[], object]] = {
        "again": lambda: record_many(county, members),
        "nobody": lambda: record_many(county, []),
        "told": lambda: tell_many(county, members[:1], Notification.LETTER, date(2031, 3, 3)),
        "undated": lambda: record_many(county, members[1:], notified=Notification.LETTER),
        "how": lambda: (record_many(county, members[1:2]), tell_many(county, members[1:2], None, date(2031, 3, 3))),
    }
    for name, tried in attempts.items():
        with pytest.raises(Refused) as refusal:
            tried()
        refusals[name] = refusal.value.code
    assert refusals == {
        "again": "absence.recorded_meanwhile",
        "nobody": "absence.nobody_ticked",
        "told": "absence.told_meanwhile",
        "undated": "absence.day_missing",
        "how": "absence.means_missing",
    }
    assert {one.member_id for one in lines(county)} == set(members[:2])


def test_many_are_those_of_the_own_unit_only(county: County) -> None:
    with pytest.raises(Forbidden):
        record_many(county, county.members("u1-b1")[:1], who="u2")
    others = county.members("u2-b1")[:1]
    with pytest.raises(NotFound):
        record_many(county, others)
    with pytest.raises(NotFound):
        tell_many(county, others, Notification.VISIT, date(2031, 3, 3))
