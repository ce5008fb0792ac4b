"""Notice 2 put up again: a supplement for whoever is new, a correction where something changed; and what it lacks beforehand."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from election.congress.models import Congress
from election.errors import Refused
from election.nomination.applying.operations import end_application, submit_application
from election.nomination.leaders.operations import assign_leader, release_leader
from election.nomination.lifecycle import ApplicationEnd
from election.nomination.reviewing.queries_notice import Holding, NoticeOutlook, holding, notice_outlook
from election.nomination.slates.operations import open_slates, submit_slates
from election.nomination.slates.operations_margin import reopen_nomination
from election.notices.models import How, Notice, NoticeKind
from election.notices.operations import Unlisted, close_objection, record_objection, settle_objection
from election.notices.queries import is_over, latest_notice, notice_of
from election.notices.queries_electors import What
from election.quotas.models import AssignedLeader
from election.roster.operations import MemberChange, change_member
from election.roster.queries import member_line, member_token
from tests.support.county import County
from tests.support.nominating import (
    LONG,
    apply,
    ballot,
    blockers,
    freeze,
    give_back,
    hand_in,
    line,
    pass_reviews,
    propose,
    publish,
)


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


def test_who_was_taken_off_and_comes_back_hangs_from_the_beginning(slated: County) -> None:
    with slated.acting("office") as act:
        row = act.session.scalars(select(AssignedLeader)).one()
        member, unit = row.member_id, row.unit_id
        release_leader(act, slated.congress_id, row.id, "误报")
    assert [one.what for one in outlook(slated).changes] == [What.LEFT]
    publish(slated)
    slated.wait(LONG)
    with slated.acting("office") as act:
        assign_leader(act, slated.congress_id, member, unit)
    hand_in(slated, "u1")
    assert blockers(slated, "u1") == ["slate.not_on_notice"]
    assert publish(slated).working_days == 5 and blockers(slated, "u1") == ["slate.notice_hangs"]
    slated.wait(LONG)
    assert len(freeze(slated, "u1")) == 3


def test_who_hangs_for_one_category_is_new_in_another(slated: County) -> None:
    slated.wait(LONG)
    give_back(slated, "u2")
    moved = line(slated, "u2", "farmer").candidates[0]
    with slated.acting("office") as act:
        end_application(act, moved.application_id or 0, ApplicationEnd.TRANSFER)
    correct(slated, moved.member_id, category="other")
    with slated.acting("office") as act:
        other = slated.categories["other"]
        reopen_nomination(act, slated.congress_id, slated.units["u2"], other, "补报", act.today)
    with slated.acting("u2-b1") as act:
        again = submit_application(act, slated.congress_id, moved.member_id, slated.categories["other"]).id
    ballot(slated, "u2-b1", "other", [again], [12])
    pass_reviews(slated)
    found = outlook(slated)
    assert (found.how, found.newcomers) == (How.SUPPLEMENTS, (moved.name,))
    assert [(one.what, one.name) for one in found.changes] == [(What.LEFT, moved.name)]
    with slated.acting("u2") as act:
        open_slates(act, slated.units["u2"])
    slated.wait(1)
    with slated.acting("u2") as act:
        submit_slates(act, slated.units["u2"])
    assert "slate.not_on_notice" in blockers(slated, "u2")
    assert publish(slated).working_days == 5 and "slate.notice_hangs" in blockers(slated, "u2")


def correct(county: County, member_id: int, *, name: str = "", category: str = "", post: str = "") -> None:
    with county.acting("office") as act:
        before = member_line(act.session, county.congress_id, member_id)
        after = (name or before.name, before.branch_id, "", "", None, category or before.category, post or before.post)
        change_member(act, county.congress_id, member_id, MemberChange(*after), seen=member_token(before))


def test_a_corrected_name_or_post_is_on_notice_and_slate_before_it_is_frozen(slated: County) -> None:
    slated.wait(LONG)
    someone = line(slated, "u2", "farmer").candidates[0]
    correct(slated, someone.member_id, name="欧阳建国", post="镇长")
    listed = ["slate.candidate_renamed", "slate.noticed_otherwise"]
    assert [one for one in blockers(slated, "u2") if one in listed] == listed
    publish(slated)
    assert [one for one in blockers(slated, "u2") if one in listed] == listed[:1]
    give_back(slated, "u2")
    with pytest.raises(Refused) as refusal, slated.acting("u2") as act:
        submit_slates(act, slated.units["u2"])
    assert refusal.value.code == "slate.outdated"
    hand_in(slated, "u2")
    assert "欧阳建国" in {one.name for one in line(slated, "u2", "farmer").candidates}
    assert not set(listed) & set(blockers(slated, "u2"))


def test_a_correction_shows_everybody_with_what_changed_and_takes_over_the_days(slated: County) -> None:
    slated.wait(LONG)
    changed = line(slated, "u1", "farmer").candidates[0]
    correct(slated, changed.member_id, post="种植大户")
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
