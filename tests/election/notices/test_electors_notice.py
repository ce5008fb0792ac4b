"""Notice 1: what it shows, what keeps it from being put up, what changed since, and objections to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from election.congress.lifecycle import Phase
from election.congress.models import Congress, Unit
from election.errors import Forbidden, NotFound, Refused
from election.notices.models import Notice, NoticeKind
from election.notices.operations import Unlisted, close_objection, publish_notice, record_objection, settle_objection
from election.notices.operations_electors import publish_electors_notice
from election.notices.queries import is_over, latest_notice, notice_of, objections, open_objections
from election.notices.queries_electors import ListChanges, changes_since_notice, list_changes
from election.notices.reception import Reception
from election.people.actor import Actor, Grant, Role
from election.roster.absences.operations import record_absence
from election.roster.absences.queries import absence_token
from election.roster.models import AbsenceKind, ExclusionReason, Notification, Standing, Suspension
from election.roster.operations import MemberChange, assign_branch, change_member, set_voting_right, verify_unit
from election.roster.queries import member_line, member_token
from election.roster.queries_units import unit_roster
from election.strokes import stroke_key
from tests.support.county import County, county_from, registered
from tests.support.stores import Stores

# The first member of u1-b1 is detained from the beginning.
SUSPENDED = {0: Suspension.DETAINED}


@pytest.fixture
def county(stores: Stores) -> Iterator[County]:
    """Two units of two branches of twelve, verified; one member without a vote."""
    made = county_from(stores, "one suspended", lambda database: registered(database, without_vote=SUSPENDED))
    yield made
    made.database.close()


def publish(county: County, who: str = "office") -> Notice:
    with county.acting(who) as act:
        return publish_electors_notice(act, county.congress_id)


def away(county: County, member_id: int, told: bool, reason: ExclusionReason | None = None) -> None:
    with county.acting("u1") as act:
        record_absence(
            act, county.congress_id, member_id, AbsenceKind.MIGRANT, reason, "某地某工地",
            Notification.TELEPHONE if told else None, date(2031, 3, 2) if told else None, "", seen=absence_token(None),
        )  # fmt: skip


def verify(county: County, unit: str) -> None:
    with county.acting(unit) as act:
        verify_unit(act, county.units[unit], seen=unit_roster(act.session, county.units[unit]).state.hash)


def set_right(county: County, member_id: int, suspension: Suspension | None) -> None:
    with county.acting("office") as act:
        seen = member_token(member_line(act.session, county.congress_id, member_id))
        set_voting_right(act, county.congress_id, member_id, Standing.FULL, suspension, reason="组织决定", seen=seen)


def content(county: County, notice: Notice):
    with county.reading() as session:
        return notice_of(session, county.congress_id, notice.id).content


def test_it_lists_every_elector_by_unit_and_branch_and_who_is_away(county: County) -> None:
    told, untold = county.members("u1-b1")[1:3]
    away(county, told, True, ExclusionReason.WORKING_AWAY)
    away(county, untold, False)
    away(county, county.members("u1-b1")[0], False)  # has no vote: on no list that hangs in the street
    notice = publish(county)
    assert (notice.kind, notice.number, notice.last_day) == (NoticeKind.ELECTORS, 1, date(2031, 3, 10))
    first, second = content(county, notice)["units"]
    assert (first["code"], first["members"], first["expected"], first["excusable"]) == ("u1", 24, 23, 1)
    assert (first["without_vote"], second["without_vote"]) == ({"detained": 1}, {})
    assert [(branch["code"], len(branch["people"])) for branch in first["branches"]] == [("u1-b1", 11), ("u1-b2", 12)]
    people = first["branches"][0]["people"]
    told_as = {"person": county.person_of(told).id, "name": county.person_of(told).name, "sex": "male"}
    names = [one["name"] for one in people]
    assert told_as in people and names == sorted(names, key=stroke_key)
    assert [(one["name"], one["notified"], one["notified_on"]) for one in first["absent"]] == [
        (county.person_of(untold).name, None, None),
        (county.person_of(told).name, "telephone", "2031-03-02"),
    ]
    assert len(content(county, notice)["people"]) == 47
    # Why someone has no vote, why and where someone is away: nothing of it hangs in the street.
    assert all("kind" not in one for one in first["absent"])
    assert "工地" not in str(content(county, notice)) and "working_away" not in str(content(county, notice))


def test_it_waits_until_every_unit_has_verified_its_roll_as_it_is(county: County) -> None:
    set_right(county, county.members("u2-b1")[0], Suspension.DETAINED)
    with pytest.raises(Refused) as refusal:
        publish(county)
    assert (refusal.value.code, refusal.value.params["unit"]) == ("notice.rosters_open", "第2镇")
    verify(county, "u2")
    assert publish(county).number == 1


@pytest.mark.parametrize("who", ["u1", "approver"])
def test_only_the_office_puts_it_up(county: County, who: str) -> None:
    with pytest.raises(Forbidden):
        publish(county, who)


def test_it_is_not_put_up_once_the_results_are_out_nor_for_no_congress(county: County) -> None:
    with county.database.writing() as session:
        session.get_one(Congress, county.congress_id).phase = Phase.ARCHIVE
    with pytest.raises(Refused) as refusal:
        publish(county)
    assert refusal.value.code == "roster.closed"
    with pytest.raises(NotFound), county.acting(Actor(1, "甲", (Grant(Role.OFFICE, 999),))) as act:
        publish_electors_notice(act, 999)


def changes(county: County, notice: Notice) -> ListChanges:
    with county.reading() as session:
        found = list_changes(session, notice_of(session, county.congress_id, notice.id))
        congress = session.get_one(Congress, county.congress_id)
        assert changes_since_notice(session, congress) == found
    return found


def test_what_changed_of_the_electors_since_is_told_by_name(county: County) -> None:
    joins, leaves, moves = county.members("u1-b1")[0], county.members("u1-b2")[0], county.members("u2-b1")[0]
    notice = publish(county)
    assert not changes(county, notice)
    set_right(county, joins, None)
    set_right(county, leaves, Suspension.ARRESTED)
    with county.acting("office") as act:
        line = member_line(act.session, county.congress_id, moves)
        change = MemberChange(line.name, county.branches["u2-b2"], "", "", None, line.category, "")
        change_member(act, county.congress_id, moves, change, seen=member_token(line))
    found = changes(county, notice)
    assert found.joined == (county.person_of(joins).name,)
    assert found.left == (county.person_of(leaves).name,)
    assert found.moved == (county.person_of(moves).name,)
    assert found.units == ("第1镇", "第2镇")
    for unit in ("u1", "u2"):
        verify(county, unit)
    again = publish(county)
    assert again.number == 2 and not changes(county, again)
    said = content(county, again)
    assert said["follows"] == {"number": 1, "how": "renews"}
    assert sorted((one["what"], one["place"], one["name"]) for one in said["changes"]) == [
        ("joined", "第1镇", found.joined[0]),
        ("left", "第1镇", found.left[0]),
        ("moved", "第2镇", found.moved[0]),
    ]


def rename(county: County, member_id: int, name: str) -> None:
    with county.acting("office") as act:
        line = member_line(act.session, county.congress_id, member_id)
        change = MemberChange(name, line.branch_id, "", "", None, line.category, "")
        change_member(act, county.congress_id, member_id, change, seen=member_token(line))


def test_a_name_that_hangs_wrongly_is_told_until_it_hangs_rightly(county: County) -> None:
    notice = publish(county)
    rename(county, county.members("u1-b1")[1], "王改名")
    found = changes(county, notice)
    assert (found.corrected, found.units, found.joined + found.left + found.moved) == (("王改名",), ("第1镇",), ())
    with county.reading() as session:
        units = [session.get_one(Unit, county.units[code]) for code in ("u1", "u2")]
        row = notice_of(session, county.congress_id, notice.id)
        assert [bool(list_changes(session, row, unit)) for unit in units] == [True, False]
    verify(county, "u1")
    assert not changes(county, publish(county))


def test_a_correction_takes_over_the_days_of_what_it_replaces(county: County) -> None:
    first = publish(county)
    rename(county, county.members("u1-b1")[1], "王改名")
    verify(county, "u1")
    county.wait(2)
    second = publish(county)
    assert (second.last_day, second.working_days) == (first.last_day, 5)
    set_right(county, county.members("u1-b2")[0], Suspension.ARRESTED)
    verify(county, "u1")
    county.wait(30)
    third = publish(county)
    assert (third.last_day, third.working_days) == (third.published_on, 0) and is_over(third, third.published_on)


def test_a_second_click_publishes_nothing_again(county: County) -> None:
    publish(county)
    with pytest.raises(Refused) as refusal:
        publish(county)
    assert refusal.value.code == "notice.electors_unchanged"


def test_whoever_is_new_on_the_lists_hangs_the_whole_period(county: County) -> None:
    publish(county)
    county.wait(30)
    set_right(county, county.members("u1-b1")[0], None)
    verify(county, "u1")
    again = publish(county)
    assert again.working_days == 5 and not is_over(again, again.published_on)


def test_a_unit_without_members_keeps_nobody_from_publishing(county: County) -> None:
    with county.acting("office") as act:
        for branch in ("u1-b1", "u1-b2"):
            assign_branch(act, county.congress_id, county.branches[branch], county.units["u2"])
    for unit in ("u1", "u2"):
        verify(county, unit)
    units = content(county, publish(county))["units"]
    assert [(one["code"], one["members"], one["branches"] == []) for one in units] == [
        ("u1", 0, True), ("u2", 48, False)
    ]  # fmt: skip


def test_a_fact_that_the_notice_does_not_show_changes_nothing_of_it(county: County) -> None:
    notice = publish(county)
    with county.acting("office") as act:
        line = member_line(act.session, county.congress_id, county.members("u1-b1")[1])
        change = MemberChange(line.name, line.branch_id, "汉族", "研究生", None, "other", "主任")
        change_member(act, county.congress_id, line.member_id, change, seen=member_token(line))
    assert not changes(county, notice)


def test_before_there_is_one_nothing_has_changed(county: County) -> None:
    with county.reading() as session:
        assert changes_since_notice(session, session.get_one(Congress, county.congress_id)) is None
        assert latest_notice(session, county.congress_id, NoticeKind.ELECTORS) is None


def object_to(county: County, notice: Notice, about: int, who: str = "office") -> int:
    with county.acting(who) as act:
        return record_objection(act, notice.id, about, "赵某", "应列未列").id


def test_one_may_object_that_somebody_is_missing(county: County) -> None:
    missing, listed = (county.person_of(member).id for member in county.members("u1-b1")[:2])
    notice = publish(county)
    number = object_to(county, notice, missing, "u1")
    object_to(county, notice, listed)
    with county.reading() as session:
        found = open_objections(session, county.congress_id)
    assert [(one.about_person_id, one.kind, one.unit_id) for one in found] == [
        (missing, NoticeKind.ELECTORS, county.units["u1"]),
        (listed, NoticeKind.ELECTORS, county.units["u1"]),
    ]
    with county.acting("office") as act:
        close_objection(act, number, finding="留置期间，未列入无误", upheld=False)
    with county.reading() as session:
        assert [one.about_person_id for one in open_objections(session, county.congress_id)] == [listed]


def test_an_objection_that_is_upheld_waits_until_the_roster_is_put_right(county: County) -> None:
    notice = publish(county)
    number = object_to(county, notice, county.person_of(county.members("u1-b1")[0]).id)

    def settle(how: str = "已恢复选举权") -> None:
        with county.acting("office") as act:
            settle_objection(act, number, how)

    def refused(how: str = "已恢复选举权") -> str:
        with pytest.raises(Refused) as refusal:
            settle(how)
        return refusal.value.code

    assert refused() == "notice.nothing_to_settle"
    with county.acting("office") as act:
        close_objection(act, number, finding="决定已撤销", upheld=True)
    with county.reading() as session:
        assert [(one.id, one.unsettled) for one in open_objections(session, county.congress_id)] == [(number, True)]
        assert [one.unsettled for one in objections(session, county.congress_id)] == [True]
    assert refused(" ") == refused("长" * 401) == "notice.how_missing"
    with pytest.raises(Forbidden), county.acting("u1") as act:
        settle_objection(act, number, "已恢复选举权")
    # Its word alone puts nothing right.
    assert refused() == "notice.nothing_put_right"
    set_right(county, county.members("u1-b1")[1], Suspension.DETAINED)
    assert refused() == "notice.nothing_put_right"
    set_right(county, county.members("u1-b1")[0], Suspension.DETAINED)
    settle()
    assert refused() == "notice.objection_settled"
    with county.reading() as session:
        (line,) = objections(session, county.congress_id)
        assert (line.settled_how, line.settled_by) == ("已恢复选举权", county.people["office"].name)
        assert not line.unsettled and open_objections(session, county.congress_id) == []


def test_somebody_on_no_roster_is_named_with_the_unit(county: County) -> None:
    notice = publish(county)

    def name(who: str, name: str, unit: int, notice: Notice = notice) -> int:
        with county.acting(who) as act:
            return record_objection(act, notice.id, Unlisted(name, unit), "赵某", "应列未列").id

    name("u1", "张 三丰", county.units["u1"])
    with county.reading() as session:
        (found,) = open_objections(session, county.congress_id)
        assert (found.about_person_id, found.about, found.unit_id) == (None, "张三丰（第1镇）", None)
    with pytest.raises(Forbidden):
        name("u1", "张三丰", county.units["u2"])
    with pytest.raises(NotFound):
        name("office", "张三丰", 999)
    for nobody in ("　", "长" * 51):
        with pytest.raises(Refused) as refusal:
            name("office", nobody, county.units["u2"])
        assert refusal.value.code == "notice.unlisted_name"
    with county.acting("office") as act:
        other = publish_notice(act, county.congress_id, NoticeKind.CANDIDATES, {"people": [1]})
    with pytest.raises(Refused) as refusal:
        name("office", "张三丰", county.units["u1"], other)
    assert refusal.value.code == "notice.not_on_it"


def test_where_objections_are_received_stays_until_somebody_says_otherwise(county: County) -> None:
    with county.acting("office") as act:
        publish_electors_notice(act, county.congress_id, Reception(telephone=" 0000-1234 "))
    rename(county, county.members("u1-b1")[1], "王改名")
    verify(county, "u1")
    second = publish(county)
    assert content(county, second)["reception"]["telephone"] == "0000-1234"
    assert content(county, second)["follows"] == {"number": 1, "how": "corrects"}
    rename(county, county.members("u1-b1")[1], "王又改名")
    verify(county, "u1")
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        publish_electors_notice(act, county.congress_id, Reception(address="长" * 81))
    assert (refusal.value.code, refusal.value.field) == ("notice.reception_long", "address")


def test_who_votes_nowhere_in_the_congress_can_be_missing_from_no_list(county: County) -> None:
    notice = publish(county)
    with pytest.raises(Refused) as refusal:
        object_to(county, notice, county.people["approver"].person_id or 0)
    assert refusal.value.code == "notice.not_on_it"


def test_to_the_candidates_one_objects_by_name_only(county: County) -> None:
    one, other = (county.person_of(member).id for member in county.members("u1-b1")[:2])
    with county.acting("office") as act:
        notice = publish_notice(act, county.congress_id, NoticeKind.CANDIDATES, {"people": [one]})
    with pytest.raises(Refused):
        object_to(county, notice, other)
    object_to(county, notice, one)
    with county.reading() as session:
        assert [each.kind for each in open_objections(session, county.congress_id)] == [NoticeKind.CANDIDATES]


def test_an_objection_to_the_results_does_not_stand_before_the_slates(county: County) -> None:
    one = county.person_of(county.members("u1-b1")[1]).id
    with county.acting("office") as act:
        notice = publish_notice(act, county.congress_id, NoticeKind.RESULTS, {"people": [one]})
    object_to(county, notice, one)
    with county.reading() as session:
        assert open_objections(session, county.congress_id) == []
