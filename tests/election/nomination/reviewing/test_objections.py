"""Who closes an objection to somebody who stands, and what follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from election.errors import Refused
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application
from election.nomination.reviewing.operations_objection import decide_objection
from election.nomination.reviewing.queries_review import answering_for_person
from election.notices.models import NoticeKind
from election.notices.operations import record_objection
from election.notices.queries import latest_notice
from election.people.actor import Role
from tests.support.county import County
from tests.support.nominating import line


def object_to(county: County, person_id: int, kind: NoticeKind = NoticeKind.CANDIDATES) -> int:
    with county.acting("office") as act:
        notice = latest_notice(act.session, county.congress_id, kind)
        assert notice is not None
        return record_objection(act, notice.id, person_id, "群众", "材料不实", late=True).id


@pytest.mark.parametrize("kind", [NoticeKind.CANDIDATES, NoticeKind.ELECTORS])
def test_nobody_who_had_a_hand_in_a_candidate_closes_an_objection_to_them(slated: County, kind: NoticeKind) -> None:
    about = line(slated, "u2", "farmer").candidates[0].person_id
    number = object_to(slated, about, kind)
    grants = slated.people["office"].grants
    hands = ("u2", "u2-b1", "office")
    with slated.reading() as session:
        told = answering_for_person(session, slated.congress_id, about)
    assert set(told) == {slated.people[desk].person_id for desk in hands}
    for desk in hands:
        for upheld in (True, False):
            both = replace(slated.people[desk], grants=grants)
            with pytest.raises(Refused) as refusal, slated.acting(both) as act:
                decide_objection(act, number, finding="理由", upheld=upheld)
            assert refusal.value.code == "notice.objection_to_own_choice"
    slated.sit("office2", Role.OFFICE)
    with slated.acting("office2") as act:
        assert decide_objection(act, number, finding="不属实", upheld=False).closed_at is not None


def test_upheld_against_a_candidate_it_ends_the_candidacy_and_against_an_elector_it_does_not(slated: County) -> None:
    first, second = line(slated, "u2", "farmer").candidates
    slated.sit("office2", Role.OFFICE)
    for one, kind in ((first, NoticeKind.CANDIDATES), (second, NoticeKind.ELECTORS)):
        number = object_to(slated, one.person_id, kind)
        with slated.acting("office2") as act:
            decide_objection(act, number, finding="属实", upheld=True)
    with slated.reading() as session:
        states = [session.get_one(Application, one.application_id).state for one in (first, second)]
    assert states == [ApplicationState.REVIEW_REFUSED, ApplicationState.PROPOSED]
