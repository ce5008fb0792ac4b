"""The unit's proposal and the office's review: criteria, the opinions of bodies, reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from election.congress.rules_in_force import rules_in_force, set_rule
from election.errors import Forbidden, Invalid, NotFound, Refused
from election.nomination.applying.operations import withdraw_application
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application, Review
from election.nomination.models_review import Opinion, Verdict
from election.nomination.queries import applications, applications_by_state
from election.nomination.reviewing.operations_proposal import put_forward, take_back
from election.nomination.reviewing.operations_review import record_opinions, review_application, review_many
from election.nomination.reviewing.queries_review import brought_by, findings_of, opinions_of, proposals
from election.nomination.reviewing.review import CriterionFinding, faults, readiness
from election.people.actor import Actor
from election.store.models import AuditEvent
from tests.support.county import County
from tests.support.nominating import (
    LONG,
    apply,
    ballot,
    blockers,
    forward,
    freeze,
    hand_in,
    hear,
    line,
    propose,
    row,
)

A = ApplicationState
YES, NO = CriterionFinding(True), CriterionFinding(False, "材料不实")


def states(county: County, ids: list[int]) -> list[ApplicationState]:
    with county.reading() as session:
        found = {line.id: line.state for line in applications(session, county.congress_id)}
    return [found[one] for one in ids]


def nominees(county: County, count: int = 2) -> list[int]:
    ids = apply(county, "u1-b1", "farmer", count)
    ballot(county, "u1-b1", "farmer", ids, [12] * count)
    return ids


def criteria(county: County) -> list[str]:
    with county.reading() as session:
        found: list[str] = rules_in_force(session, county.congress_id)["review_criteria"]
    return found


def all_met(county: County) -> dict[str, CriterionFinding]:
    return dict.fromkeys(criteria(county), YES)


def refused_codes(invalid: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [one.code for one in invalid.value.refusals]


# The unit's proposal


def test_a_unit_puts_some_forward_and_leaves_others_out_for_a_reason(county: County) -> None:
    ids = nominees(county, 3)
    with county.acting("u1") as act:
        put_forward(act, county.units["u1"], ids[:1], {ids[1]: "年龄偏大"})
    assert states(county, ids) == [A.PUT_FORWARD, A.LEFT_OUT, A.PRELIMINARY]
    with county.acting("u1") as act:
        second = put_forward(act, county.units["u1"], ids[2:])
        assert second.number == 2
    with county.reading() as session:
        one, two = proposals(session, county.units["u1"])
        assert (one.number, one.put_forward, one.left_out, two.put_forward) == (1, 1, 1, 1)
        lines = {line.id: line for line in applications(session, county.congress_id)}
        assert lines[ids[1]].ended_because == "年龄偏大" and lines[ids[2]].proposal_id == two.id


def test_leaving_somebody_out_needs_its_reason(county: County) -> None:
    ids = nominees(county)
    with pytest.raises(Refused) as refusal, county.acting("u1") as act:
        put_forward(act, county.units["u1"], ids[:1], {ids[1]: " "})
    assert (refusal.value.code, refusal.value.field) == ("proposal.reason_missing", f"reason[{ids[1]}]")
    assert states(county, ids) == [A.PRELIMINARY] * 2


def test_nobody_is_put_forward_by_another_unit_or_before_the_branch_has_voted(county: County) -> None:
    ids = nominees(county)
    with pytest.raises(Forbidden), county.acting("u2") as act:
        put_forward(act, county.units["u1"], ids)
    with pytest.raises(NotFound), county.acting("u2") as act:
        put_forward(act, county.units["u2"], ids)
    (fresh,) = apply(county, "u1-b2", "farmer", 1)
    with pytest.raises(Refused) as refusal, county.acting("u1") as act:
        put_forward(act, county.units["u1"], [fresh])
    assert refusal.value.code == "application.not_now"


def test_a_proposal_is_about_somebody_and_says_one_thing_of_each(county: County) -> None:
    ids = nominees(county)
    for given_ids, left_out, code in (([], {}, "nobody"), (ids, {ids[0]: "理由"}, "both")):
        with pytest.raises(Refused) as refusal, county.acting("u1") as act:
            put_forward(act, county.units["u1"], given_ids, left_out)
        assert refusal.value.code == f"proposal.{code}"


def test_a_unit_takes_back_what_the_office_has_not_decided(county: County) -> None:
    ids = nominees(county, 3)
    with county.acting("u1") as act:
        put_forward(act, county.units["u1"], ids[:2], {ids[2]: "年龄偏大"})
    hear(county, ids[:1])
    with county.acting("office") as act:
        review_many(act, county.congress_id, ids[:1])
    with pytest.raises(Refused) as refusal, county.acting("u1") as act:
        take_back(act, county.units["u1"], ids[:1])
    assert refusal.value.code == "application.not_now"
    with county.acting("u1") as act:
        take_back(act, county.units["u1"], ids[1:])
    assert states(county, ids) == [A.PROPOSED, A.PRELIMINARY, A.PRELIMINARY]
    with county.acting("u1") as act:
        put_forward(act, county.units["u1"], ids[1:])
    with county.acting("u1") as act:
        take_back(act, county.units["u1"], ids[1:])
    with county.reading() as session:  # what was handed in stays, also where nobody of it is left
        found = proposals(session, county.units["u1"])
    assert [(one.number, one.put_forward, one.left_out, one.taken_back) for one in found] == [
        (1, 2, 1, 2),
        (2, 2, 0, 2),
    ]


def test_nobody_is_put_forward_past_a_slate_that_is_handed_in(county: County) -> None:
    propose(county, "u1-b1", "leader", 1)
    propose(county, "u1-b2", "farmer", 2)
    ids = nominees(county)
    hand_in(county, "u1")
    with pytest.raises(Refused) as refusal, county.acting("u1") as act:
        put_forward(act, county.units["u1"], ids)
    assert refusal.value.code == "proposal.slate_closed"
    with county.acting("u1") as act:
        put_forward(act, county.units["u1"], [], dict.fromkeys(ids, "人选已足"))
    assert states(county, ids) == [A.LEFT_OUT] * 2


# The review


def test_the_office_passes_or_refuses_with_a_reason(county: County) -> None:
    ids = nominees(county)
    forward(county)
    hear(county, ids)
    with county.acting("office") as act:
        review_application(act, ids[0], approved=True, findings=all_met(county))
    first, second, *_ = criteria(county)
    with county.acting("office") as act:
        review_application(act, ids[1], approved=False, reason="不符合第三条", findings={first: YES, second: NO})
    assert states(county, ids) == [A.PROPOSED, A.REVIEW_REFUSED]
    with county.reading() as session:
        (line,) = applications(session, county.congress_id, states=[A.REVIEW_REFUSED])
        assert (line.approved, line.review_reason) == (False, "不符合第三条")
        assert line.reviewed_by == county.people["office"].name
        found = findings_of(session, ids)
        assert [(one.criterion, one.met, one.note) for one in found[ids[1]]] == [
            (first, True, ""), (second, False, "材料不实"),
        ]  # fmt: skip
        assert len(found[ids[0]]) == len(criteria(county))
        assert applications_by_state(session, county.congress_id)[A.PROPOSED] == 1


def test_a_refusal_in_review_needs_its_reason(county: County) -> None:
    (number,) = nominees(county, 1)
    forward(county)
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        review_application(act, number, approved=False, reason=" ")
    assert (refusal.value.code, refusal.value.field) == ("application.reason_missing", "reason")


def test_nobody_is_reviewed_before_the_unit_has_put_them_forward(county: County) -> None:
    (number,) = nominees(county, 1)
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        review_application(act, number, approved=True, findings=all_met(county))
    assert refusal.value.code == "application.not_now"


def test_nobody_reviews_the_own_application(county: County) -> None:
    (number,) = nominees(county, 1)
    forward(county)
    with county.reading() as session:
        line = applications(session, county.congress_id)[0]
    himself = Actor(line.person_id, line.name, county.people["office"].grants)
    with pytest.raises(Refused) as refusal, county.acting(himself) as act:
        review_application(act, number, approved=True)
    assert refusal.value.code == "application.own_review"


def test_nobody_reviews_whom_they_put_forward_or_counted_whatever_their_roles(county: County) -> None:
    ids = nominees(county)
    forward(county)
    hear(county, ids)
    with county.reading() as session:
        told = brought_by(session, ids)
    clerks = {county.people[desk].person_id: county.people[desk].name for desk in ("u1", "u1-b1")}
    assert told == {ids[0]: clerks, ids[1]: clerks}
    for desk in ("u1", "u1-b1"):
        both = replace(county.people["office"], person_id=county.people[desk].person_id)
        for approved in (True, False):
            with pytest.raises(Refused) as refusal, county.acting(both) as act:
                review_application(act, ids[0], approved=approved, reason="理由", findings=all_met(county))
            assert refusal.value.code == "review.brought_by_reviewer"
        with pytest.raises(Invalid) as invalid, county.acting(both) as act:
            review_many(act, county.congress_id, ids)
        assert refused_codes(invalid) == ["review.brought_by_reviewer"] * 2
    assert states(county, ids) == [A.PUT_FORWARD] * 2


def test_a_yes_lists_everything_that_is_still_missing(county: County) -> None:
    (number,) = nominees(county, 1)
    forward(county)
    first, second, *rest = criteria(county)
    with pytest.raises(Invalid) as invalid, county.acting("office") as act:
        review_application(act, number, approved=True, findings={first: YES, second: CriterionFinding(False)})
    expected = ["review.note_missing", "review.criterion_unmet", *["review.criterion_open"] * len(rest)]
    assert refused_codes(invalid) == [*expected, "review.body_silent", "review.body_silent"]
    assert states(county, [number]) == [A.PUT_FORWARD]


def test_an_objection_passes_only_with_the_office_s_own_reason_and_never_in_bulk(county: County) -> None:
    ids = nominees(county)
    forward(county)
    hear(county, ids)
    hear(county, ids[:1], Verdict.OBJECTION, "曾受警告处分")
    with pytest.raises(Invalid) as invalid, county.acting("office") as act:
        review_many(act, county.congress_id, ids)
    assert refused_codes(invalid) == ["review.has_objection"]
    with pytest.raises(Invalid) as invalid, county.acting("office") as act:
        review_application(act, ids[0], approved=True, findings=all_met(county))
    assert refused_codes(invalid) == ["review.objection_unanswered"]
    with county.acting("office") as act:
        review_application(act, ids[0], approved=True, reason="处分影响期已满", findings=all_met(county))
    assert states(county, ids) == [A.PROPOSED, A.PUT_FORWARD]


def test_who_waits_for_a_body_holds_up_the_others_of_the_same_act(county: County) -> None:
    ids = nominees(county)
    forward(county)
    hear(county, ids[:1])
    with pytest.raises(Invalid) as invalid, county.acting("office") as act:
        review_many(act, county.congress_id, ids)
    assert refused_codes(invalid) == ["review.waits_for_body"]
    assert states(county, ids) == [A.PUT_FORWARD] * 2


# Opinions


def test_a_body_speaks_of_many_at_once_and_may_speak_again(county: County) -> None:
    ids = nominees(county)
    forward(county)
    hear(county, ids)
    with county.reading() as session:
        body = rules_in_force(session, county.congress_id)["review_bodies"][0]
    with county.acting("office") as act:
        record_opinions(
            act,
            county.congress_id,
            body,
            ids[:1],
            Verdict.OBJECTION,
            "有信访件",
            "纪函3号",
            act.today - timedelta(days=1),
        )
    with county.reading() as session:
        found = opinions_of(session, ids)
    one = next(each for each in found[ids[0]] if each.body == body)
    assert (one.verdict, one.text, one.document, len(found[ids[0]])) == (Verdict.OBJECTION, "有信访件", "纪函3号", 2)
    assert {each.verdict for each in found[ids[1]]} == {Verdict.NO_OBJECTION}
    with county.reading() as session:
        told = session.scalars(
            select(AuditEvent.details).where(AuditEvent.action == "opinions.recorded").order_by(AuditEvent.id.desc())
        ).first()
        member = session.get_one(Application, ids[0]).member_id
    assert told is not None and [(one["member"], one["verdict"]) for one in told["before"]] == [
        (member, "no_objection")
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"body": "气象局"}, "opinion.no_such_body"),
        ({"verdict": Verdict.OBJECTION}, "opinion.text_missing"),
        ({"later": 1}, "opinion.in_the_future"),
        ({"ids": []}, "opinion.nobody"),
    ],
)
def test_an_opinion_that_cannot_be_is_refused(county: County, change: dict[str, object], code: str) -> None:
    ids = nominees(county, 1)
    with county.reading() as session:
        body = rules_in_force(session, county.congress_id)["review_bodies"][0]
    told = {"body": body, "verdict": Verdict.NO_OBJECTION, "later": 0, "ids": ids, **change}
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        record_opinions(
            act, county.congress_id, told["body"], told["ids"], told["verdict"],  # type: ignore[arg-type]
            given_on=act.today + timedelta(days=told["later"]),  # type: ignore[arg-type]
        )  # fmt: skip
    assert refusal.value.code == code


def test_nobody_is_asked_about_who_no_longer_stands(county: County) -> None:
    ids = nominees(county, 1)
    with county.acting("u1-b1") as act:
        withdraw_application(act, ids[0], "家中有事")
    with pytest.raises(Refused) as refusal:
        hear(county, ids)
    assert refusal.value.code == "opinion.not_now"


def test_a_county_sets_its_own_criteria_and_bodies_until_they_are_used(county: County) -> None:
    with county.acting("office") as act:
        set_rule(act, county.congress_id, "review_criteria", "符合所报类别")
        set_rule(act, county.congress_id, "review_bodies", "")
    (number,) = nominees(county, 1)
    forward(county)
    with county.acting("office") as act:
        review_application(act, number, approved=True, findings={"符合所报类别": YES})
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        set_rule(act, county.congress_id, "review_criteria", "政治素质合格")
    assert refusal.value.code == "rules.frozen"


def object_to(county: County, ids: list[int], who: str = "office") -> None:
    with county.reading() as session:
        body = rules_in_force(session, county.congress_id)["review_bodies"][0]
    with county.acting(who) as act:
        record_opinions(act, county.congress_id, body, ids, Verdict.OBJECTION, "正在核查问题线索")


def test_nobody_records_what_a_body_says_of_themselves(county: County) -> None:
    ids = nominees(county)
    with county.reading() as session:
        mine = next(one for one in applications(session, county.congress_id) if one.id == ids[0])
        body = rules_in_force(session, county.congress_id)["review_bodies"][0]
    himself = Actor(mine.person_id, mine.name, county.people["office"].grants)
    with pytest.raises(Refused) as refusal, county.acting(himself) as act:
        record_opinions(act, county.congress_id, body, ids, Verdict.NO_OBJECTION)
    assert (refusal.value.code, refusal.value.params["name"]) == ("opinion.own", mine.name)


def test_an_objection_after_the_review_has_to_be_answered_and_what_was_relied_on_is_kept(county: County) -> None:
    ids = propose(county, "u1-b1", "farmer", 2)
    object_to(county, ids[:1])
    assert states(county, ids) == [A.PUT_FORWARD, A.PROPOSED]
    with pytest.raises(Invalid) as invalid, county.acting("office") as act:
        review_application(act, ids[0], approved=True, findings=all_met(county))
    assert refused_codes(invalid) == ["review.objection_unanswered"]
    with county.acting("office") as act:
        review_application(act, ids[0], approved=True, reason="经核查不属实", findings=all_met(county))
    with county.reading() as session:
        reviews = session.scalars(select(Review).where(Review.application_id == ids[0]).order_by(Review.id)).all()
        assert [(one.reason, one.superseded_at is None) for one in reviews] == [("", False), ("经核查不属实", True)]
        said = session.scalars(select(Opinion).where(Opinion.application_id == ids[0]).order_by(Opinion.id)).all()
        assert [(one.verdict, one.superseded_at is None) for one in said] == [
            (Verdict.NO_OBJECTION, False), (Verdict.NO_OBJECTION, True), (Verdict.OBJECTION, True),
        ]  # fmt: skip
        assert len(findings_of(session, ids)[ids[0]]) == len(criteria(county))


def test_an_objection_takes_a_name_off_a_slate_that_is_handed_in(county: County) -> None:
    propose(county, "u1-b1", "leader", 1)
    ids = propose(county, "u1-b2", "farmer", 2)
    hand_in(county, "u1")
    object_to(county, ids[:1])
    found = line(county, "u1", "farmer")
    assert found.state is not None and found.state.value == "returned"
    assert [one.application_id for one in found.candidates] == ids[1:]


def test_whom_a_body_objects_to_stays_on_a_frozen_slate_and_is_reviewed_before_a_meeting_opens(slated: County) -> None:
    slated.wait(LONG)
    freeze(slated, "u2")
    accused = line(slated, "u2", "farmer").candidates[0]
    assert accused.application_id is not None
    object_to(slated, [accused.application_id])
    assert states(slated, [accused.application_id]) == [A.PUT_FORWARD]
    assert accused.name in {one.name for one in line(slated, "u2", "farmer").candidates}
    assert blockers(slated, "u2") == ["slate.candidate_under_review"] and row(slated, "u2").outdated
    with slated.acting("office") as act:
        review_application(act, accused.application_id, approved=True, reason="经核查不属实", findings=all_met(slated))
    assert blockers(slated, "u2") == []
    object_to(slated, [accused.application_id])
    with slated.acting("office") as act:
        review_application(act, accused.application_id, approved=False, reason="属实")
    after = line(slated, "u2", "farmer")
    assert after.slate is not None and after.slate.version == 2
    assert accused.application_id not in {one.application_id for one in after.candidates}


def test_who_passed_somebody_does_not_strike_them_out_alone(county: County) -> None:
    ids = propose(county, "u1-b1", "farmer", 2)
    with pytest.raises(Refused) as refusal, county.acting("office") as act:
        review_application(act, ids[0], approved=False, reason="改变看法")
    assert refusal.value.code == "review.reversed_alone"
    other = Actor(county.people["u2"].person_id, "另一人", county.people["office"].grants)
    with county.acting(other) as act:
        review_application(act, ids[0], approved=False, reason="材料不实")
    assert states(county, ids) == [A.REVIEW_REFUSED, A.PROPOSED]
    with county.reading() as session:
        first, second = session.scalars(select(Review).where(Review.application_id == ids[0]).order_by(Review.id))
        assert first.approved and first.superseded_at is not None and not second.approved


def test_passing_more_people_does_not_read_the_rules_again(county: County) -> None:
    ids = nominees(county, 4)
    forward(county)
    hear(county, ids)
    sent: list[int] = []
    for some in (ids[:1], ids[1:]):
        statements: list[str] = []
        with county.acting("office") as act:
            event.listen(
                act.session.connection(),
                "before_cursor_execute",
                lambda *given, kept=statements: kept.append(given[2]),
            )
            review_many(act, county.congress_id, some)
        sent.append(len(statements))
    assert sent[1] - sent[0] <= 2 * 2  # for two more: their rows in the review and in the chain, nothing else apart


@given(
    approved=st.booleans(),
    reason=st.sampled_from(["", " ", "理由"]),
    found=st.dictionaries(
        st.sampled_from("甲乙丙"), st.builds(CriterionFinding, st.booleans(), st.sampled_from(["", "说明"]))
    ),
    said=st.dictionaries(st.sampled_from("子丑寅"), st.sampled_from(Verdict)),
)
def test_a_yes_has_every_criterion_met_every_body_heard_and_every_objection_answered(
    approved: bool, reason: str, found: dict[str, CriterionFinding], said: dict[str, Verdict]
) -> None:
    bodies, asked = ("子", "丑"), ("甲", "乙")
    clean = not faults(approved, reason, asked, found, readiness(bodies, said))
    noted = all(one.met or one.note for one in found.values())
    known = set(found) <= set(asked)
    whole = all(name in found and found[name].met for name in asked) and all(body in said for body in bodies)
    answered = bool(reason.strip()) or Verdict.OBJECTION not in [said.get(body) for body in bodies]
    assert clean == (noted and known and (not approved or (whole and answered)))
