"""Notices hang their working days; objections are received and closed with a finding."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from election.congress.lifecycle import Phase
from election.congress.models import Congress
from election.congress.rules_in_force import set_rule
from election.errors import Forbidden, NotFound, Refused
from election.notices.models import Notice, NoticeKind, Objection
from election.notices.operations import close_objection, publish_notice, record_objection, settle_objection
from election.notices.operations_calendar import add_days
from election.notices.queries import days_left, is_over, latest_notice, notice_of, notices, objections
from election.notices.workdays import Holidays
from election.store.models import AuditEvent
from election.texts import sentence
from tests.support.county import County, county_from, registered
from tests.support.stores import Stores

PLAIN = Holidays()


@pytest.fixture
def county(stores: Stores) -> Iterator[County]:
    made = county_from(stores, "registered", registered)
    yield made
    made.database.close()


def person(county: County, branch: str = "u1-b1", place: int = 0) -> int:
    return county.person_of(county.members(branch)[place]).id


def hang(county: County, *people: int) -> Notice:
    with county.acting("office") as act:
        return publish_notice(act, county.congress_id, NoticeKind.CANDIDATES, {"people": list(people)})


def object_to(county: County, notice: Notice, about: int, who: str = "office") -> int:
    with county.acting(who) as act:
        return record_objection(act, notice.id, about, "李某", "长期不参加组织生活。").id


def test_a_notice_hangs_for_the_working_days_of_the_rule(county: County) -> None:
    notice = hang(county, person(county))
    assert (notice.published_on, notice.working_days) == (date(2031, 3, 3), 5)
    assert notice.last_day == date(2031, 3, 10)  # Monday: the weekend does not count
    assert not is_over(notice, date(2031, 3, 10))
    assert is_over(notice, date(2031, 3, 11))
    assert [days_left(notice, date(2031, 3, day), PLAIN) for day in (3, 8, 10, 11)] == [
        5,
        1,
        1,
        0,
    ]  # the day of publication does not count


def test_publishing_fixes_the_rule_that_it_used(county: County) -> None:
    hang(county, person(county))
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        set_rule(act, county.congress_id, "publicity_days", "7")
    assert refusal.value.code == "rules.frozen"


def test_a_holiday_makes_a_notice_hang_longer(county: County) -> None:
    with county.acting("office") as act:
        add_days(act, county.congress_id, "2031-03-05 休 植树节")
    notice = hang(county, person(county))
    assert notice.last_day == date(2031, 3, 11)


def test_a_notice_of_no_days_is_over_at_once(county: County) -> None:
    with county.acting("office") as act:
        set_rule(act, county.congress_id, "publicity_days", "0")
    notice = hang(county, person(county))
    assert is_over(notice, notice.published_on)
    assert days_left(notice, notice.published_on, PLAIN) == 0


def test_notices_of_one_kind_are_numbered_and_the_latest_is_found(county: County) -> None:
    first, second = hang(county, person(county)), hang(county, person(county))
    assert (first.number, second.number) == (1, 2)
    with county.reading() as session:
        latest = latest_notice(session, county.congress_id, NoticeKind.CANDIDATES)
        assert latest is not None and latest.id == second.id
        assert [line.notice.id for line in notices(session, county.congress_id)] == [second.id, first.id]
        assert latest_notice(session, county.congress_id, NoticeKind.RESULTS) is None


def test_an_empty_notice_is_refused(county: County) -> None:
    with pytest.raises(Refused) as refusal:
        hang(county)
    assert refusal.value.code == "notice.empty"


def test_only_the_office_publishes(county: County) -> None:
    with pytest.raises(Forbidden), county.acting("u1") as act:
        publish_notice(act, county.congress_id, NoticeKind.CANDIDATES, {"people": [1]})


def test_an_objection_is_received_and_closed_with_a_finding(county: County) -> None:
    about = person(county)
    notice = hang(county, about)
    objection_id = object_to(county, notice, about)
    with county.reading() as session:
        line = notices(session, county.congress_id)[0]
        assert (line.objections, line.open) == (1, 1)
    with county.acting("office") as act:
        close_objection(act, objection_id, finding="经查不属实。", upheld=False)
    with county.reading() as session:
        line = notices(session, county.congress_id)[0]
        assert (line.objections, line.open) == (1, 0)
        closed = objections(session, county.congress_id)[0]
        assert (closed.finding, closed.upheld) == ("经查不属实。", False)
        assert closed.closed_by == county.people["office"].name
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("objection."))).all()
        assert list(actions) == ["objection.received", "objection.closed"]


def test_a_closed_objection_is_never_closed_again(county: County) -> None:
    about = person(county)
    objection_id = object_to(county, hang(county, about), about)
    with county.acting("office") as act:
        close_objection(act, objection_id, finding="不属实", upheld=False)
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        close_objection(act, objection_id, finding="属实", upheld=True)
    assert refusal.value.code == "notice.objection_closed"


def test_a_finding_must_be_written(county: County) -> None:
    about = person(county)
    objection_id = object_to(county, hang(county, about), about)
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        close_objection(act, objection_id, finding="  ", upheld=False)
    assert refusal.value.field == "finding"


def test_one_can_only_object_to_who_stands_on_the_notice(county: County) -> None:
    notice = hang(county, person(county))
    with pytest.raises(Refused) as refusal:
        object_to(county, notice, person(county, place=1))
    assert refusal.value.code == "notice.not_on_it"


@pytest.mark.parametrize(("by", "text", "field"), [("", "有问题", "raised_by"), ("李某", " ", "text")])
def test_an_objection_has_an_objector_and_a_content(county: County, by: str, text: str, field: str) -> None:
    about = person(county)
    notice = hang(county, about)
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        record_objection(act, notice.id, about, by, text)
    assert refusal.value.field == field


def test_a_unit_s_clerk_receives_objections_to_the_own_people_only(county: County) -> None:
    own, other = person(county), person(county, "u2-b1")
    notice = hang(county, own, other)
    object_to(county, notice, own, "u1")
    with pytest.raises(Forbidden):
        object_to(county, notice, other, "u1")


def late(county: County, who: str, notice: Notice, knowingly: bool) -> int:
    with county.acting(who) as act:
        return record_objection(act, notice.id, person(county), "李某", "晚到的信", late=knowingly).id


def test_after_the_last_day_the_office_takes_an_objection_knowingly_and_nobody_else(county: County) -> None:
    notice = hang(county, person(county))
    county.wait(7)  # the last day itself
    late(county, "u1", notice, False)
    county.wait(1)
    for who in ("u1", "office"):
        with pytest.raises(Refused) as refusal:
            late(county, who, notice, False)
        assert refusal.value.code == "notice.objection_after_last_day"
        assert "2031年3月10日" in str(sentence(refusal.value.code, refusal.value.params).zh)
    with pytest.raises(Forbidden):
        late(county, "u1", notice, True)
    late(county, "office", notice, True)
    with county.reading() as session:
        assert [line.late for line in objections(session, county.congress_id)] == [False, True]
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "objection.received")).all()
        assert [one.details["late"] for one in events] == [False, True]


@pytest.mark.parametrize(
    ("kind", "phase", "taken"),
    [
        (NoticeKind.CANDIDATES, Phase.ELECTION, True),
        (NoticeKind.CANDIDATES, Phase.ANNOUNCEMENT, False),
        (NoticeKind.RESULTS, Phase.ANNOUNCEMENT, True),
        (NoticeKind.RESULTS, Phase.ARCHIVE, False),
    ],
)
def test_once_the_results_are_out_nobody_objects_to_who_stood(
    county: County, kind: NoticeKind, phase: Phase, taken: bool
) -> None:
    with county.acting("office") as act:
        notice = publish_notice(act, county.congress_id, kind, {"people": [person(county)]})
        act.session.get_one(Congress, county.congress_id).phase = phase
    with nullcontext() if taken else pytest.raises(Refused) as refusal:
        object_to(county, notice, person(county))
    assert taken or refusal.value.code == "notice.objection_too_late"


def test_nobody_closes_an_objection_to_themselves(county: County) -> None:
    about = person(county)
    objection_id = object_to(county, hang(county, about), about)
    office = county.people["office"]
    with pytest.raises(Refused) as refusal, county.acting(type(office)(about, "本人", office.grants)) as act:
        close_objection(act, objection_id, finding="没有的事", upheld=False)
    assert refusal.value.code == "notice.own_objection"


def test_nothing_is_closed_or_settled_once_the_congress_is_archived(county: County) -> None:
    about = person(county)
    objection_id = object_to(county, hang(county, about), about)
    with county.acting("office") as act:
        act.session.get_one(Congress, county.congress_id).phase = Phase.ARCHIVE
    with pytest.raises(Refused) as closing, county.acting("office") as act:
        close_objection(act, objection_id, finding="属实", upheld=True)
    with pytest.raises(Refused) as settling, county.acting("office") as act:
        settle_objection(act, objection_id, "已更正")
    assert closing.value.code == settling.value.code == "notice.objections_archived"


def test_a_notice_of_another_congress_is_not_found(county: County) -> None:
    notice = hang(county, person(county))
    with county.reading() as session, pytest.raises(NotFound):
        notice_of(session, county.congress_id + 1, notice.id)


@pytest.mark.parametrize(
    "impossible",
    [
        update(Notice).values(working_days=-4),
        update(Notice).values(content_hash=""),
        update(Objection).values(closed_by_id=None),
        update(Objection).values(finding=""),
    ],
    ids=["days below zero", "no hash", "closed by nobody", "closed without a finding"],
)
def test_the_database_itself_refuses_a_notice_or_a_finding_that_is_not_whole(county: County, impossible) -> None:
    about = person(county)
    objection = object_to(county, hang(county, about), about)
    with county.acting("office") as act:
        close_objection(act, objection, finding="查无实据。", upheld=False)
    with pytest.raises(DatabaseError), county.database.writing() as session:
        session.execute(impossible)
