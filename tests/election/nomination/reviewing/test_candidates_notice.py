"""Notice 2 put up again: a supplement for whoever is new, a correction where something changed; and what it lacks beforehand."""

from __future__ import annotations

from election.congress.models import Congress
from election.nomination.reviewing.queries_notice import Holding, NoticeOutlook, holding, notice_outlook
from election.notices.models import How, Notice, NoticeKind
from election.notices.operations import Unlisted, close_objection, record_objection, settle_objection
from election.notices.queries import is_over, latest_notice, notice_of
from election.notices.queries_electors import What
from election.roster.operations import MemberChange, change_member
from election.roster.queries import member_line, member_token
from tests.support.county import County
from tests.support.nominating import LONG, apply, ballot, blockers, give_back, hand_in, line, propose, publish


def outlook(county: County) -> NoticeOutlook:
    with county.reading() as session:
        return notice_outlook(session, session.get_one(Congress, county.congress_id))


def shown(county: County, notice: Notice) -> list[str]:
    with county.reading() as session:
        content = notice_of(session, county.congress_id, notice.id).content
        return [one["name"] for unit in content["units"] for group in unit["groups"] for one in group["people"]]


def test_what_a_notice_lacks_is_told_by_unit_before_it_is_put_up(county: County) -> None:
    propose(county, "u1-b1", "farmer", 2)
    ids = apply(county, "u2-b1", "farmer", 2)
    ballot(county, "u2-b1", "farmer", ids, [12, 12])
    found = outlook(county)
    assert (found.how, len(found.newcomers)) == (None, 3)
    with county.reading() as session:
        assert holding(session, county.congress_id) == (Holding("第2镇", 2, 0),)
    assert {unit: len(categories) for unit, categories in found.empty.items()} == {"第1镇": 1, "第2镇": 2}
    assert (found.cells, found.whole) == (3, {"第2镇"})


def test_only_whoever_is_new_is_on_a_supplement_and_waits_for_it(slated: County) -> None:
    slated.wait(LONG)
    give_back(slated, "u2")
    (late,) = propose(slated, "u2-b2", "farmer", 1)
    hand_in(slated, "u2")
    name = next(one.name for one in line(slated, "u2", "farmer").candidates if one.application_id == late)
    assert "slate.not_on_notice" in blockers(slated, "u2")
    assert (outlook(slated).how, outlook(slated).newcomers) == (How.SUPPLEMENTS, (name,))
    supplement = publish(slated)
    assert shown(slated, supplement) == [name] and supplement.working_days == 5
    assert blockers(slated, "u1") == [] and "slate.notice_hangs" in blockers(slated, "u2")
    # Who hangs on another notice since is not on none.
    assert "slate.not_on_notice" not in blockers(slated, "u2")
    assert (outlook(slated).newcomers, outlook(slated).changes) == ((), ())


def test_a_correction_shows_everybody_with_what_changed_and_takes_over_the_days(slated: County) -> None:
    slated.wait(LONG)
    changed = line(slated, "u1", "farmer").candidates[0]
    with slated.acting("office") as act:
        before = member_line(act.session, slated.congress_id, changed.member_id)
        change = MemberChange(before.name, before.branch_id, "", "", None, before.category, "种植大户")
        change_member(act, slated.congress_id, changed.member_id, change, seen=member_token(before))
    found = outlook(slated)
    assert [(one.what, one.place, one.name) for one in found.changes] == [(What.CORRECTED, "第1镇", changed.name)]
    notice = publish(slated)
    assert len(shown(slated, notice)) == 9 and is_over(notice, notice.published_on)
    with slated.reading() as session:
        content = notice_of(session, slated.congress_id, notice.id).content
    assert content["follows"] == {"number": 1, "how": "corrects"}
    assert [one["name"] for one in content["changes"]] == [changed.name]
    assert outlook(slated).changes == ()


def test_somebody_missing_from_every_roster_holds_up_all_until_it_is_settled(slated: County) -> None:
    slated.wait(LONG)
    with slated.acting("office") as act:
        notice = latest_notice(act.session, slated.congress_id, NoticeKind.ELECTORS)
        assert notice is not None
        whom = Unlisted("张三丰", slated.units["u1"])
        number = record_objection(act, notice.id, whom, "群众", "应列未列", late=True).id
    assert blockers(slated, "u1") == blockers(slated, "u2") == ["slate.objection_open"]
    with slated.acting("office") as act:
        close_objection(act, number, finding="确属漏列", upheld=True)
    assert blockers(slated, "u1") == blockers(slated, "u2") == ["slate.objection_unsettled"]
    with slated.acting("office") as act:
        settle_objection(act, number, "已补登为正式党员")
    assert blockers(slated, "u1") == blockers(slated, "u2") == []
