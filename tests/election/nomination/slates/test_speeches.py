"""The order of speeches: drawn once for a frozen slate, by the unit, from the system's half and the hall's word."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from election.errors import Forbidden, NotFound, Refused
from election.lot import commitment, draw, is_as_drawn, read_recorded
from election.nomination.applying.operations import end_application
from election.nomination.lifecycle import ApplicationEnd
from election.nomination.models_margin import SpeechCommitment, SpeechOrder
from election.nomination.slates.operations import submit_slates, supersede_slate
from election.nomination.slates.operations_speeches import commit_half, draw_speeches
from election.nomination.slates.queries_versions import speech_commitment, speech_orders
from election.store.models import AuditEvent
from election.texts import sentence
from tests.support.county import County
from tests.support.nominating import LONG, freeze, line


@pytest.fixture
def frozen(slated: County) -> County:
    slated.wait(LONG)
    freeze(slated, "u1")
    return slated


def slate_of(county: County, category: str = "farmer") -> int:
    slate = line(county, "u1", category).slate
    assert slate is not None
    return slate.id


def committed(county: County, who: str = "u1") -> SpeechCommitment:
    with county.acting(who) as act:
        return commit_half(act, slate_of(county))


def drawn(county: County, word: str = "3 1 4", who: str = "u1") -> SpeechOrder:
    with county.reading() as session:
        made = speech_commitment(session, slate_of(county))
    if made is None:
        committed(county, who)
    with county.acting(who) as act:
        return draw_speeches(act, slate_of(county), word, " 群众代表甲 ")


def test_the_order_is_the_lot_s_from_the_names_on_the_slate(frozen: County) -> None:
    half = committed(frozen).half
    row = drawn(frozen, " 3 1 4 ")
    names = [one.name for one in line(frozen, "u1", "farmer").candidates]
    seed = f"{half}-3 1 4"
    assert (row.seed, row.witness, row.content["names"]) == (seed, "群众代表甲", names)
    assert [one["name"] for one in row.content["order"]] == [one.name for one in draw(names, seed)]
    assert is_as_drawn(read_recorded(json.dumps(row.content).encode()))
    with frozen.reading() as session:
        kept = speech_orders(session, [slate_of(frozen), slate_of(frozen, "leader")])
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert list(kept) == [slate_of(frozen)]
    assert event is not None and (event.action, event.details["seed"]) == ("speeches.drawn", seed)


def test_the_system_s_half_is_announced_by_its_hash_before_the_word_and_there_is_only_one(frozen: County) -> None:
    with pytest.raises(Refused) as refusal, frozen.acting("u1") as act:
        draw_speeches(act, slate_of(frozen), "3 1 4", "群众代表甲")
    assert refusal.value.code == "speeches.not_committed"
    made = committed(frozen)
    assert made.hash == commitment(made.half) != made.half
    with frozen.reading() as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None and event.details["commitment"] == made.hash and made.half not in str(event.details)
    with pytest.raises(Refused) as refusal:
        committed(frozen)
    assert refusal.value.code == "speeches.committed_already" and sentence(refusal.value.code).en
    content = drawn(frozen).content
    assert (content["commitment"], content["half"], content["word"]) == (made.hash, made.half, "3 1 4")


def test_it_is_drawn_once(frozen: County) -> None:
    drawn(frozen)
    with pytest.raises(Refused) as refusal:
        drawn(frozen, "another")
    assert refusal.value.code == "speeches.drawn_already"


def test_only_after_the_slate_is_frozen(slated: County) -> None:
    with pytest.raises(Refused) as refusal:
        drawn(slated)
    assert refusal.value.code == "speeches.not_frozen" and sentence(refusal.value.code).en


def test_a_seed_is_needed(frozen: County) -> None:
    with pytest.raises(Refused) as refusal:
        drawn(frozen, " ")
    assert (refusal.value.code, refusal.value.field) == ("lot.seed_missing", "seed")


@pytest.mark.parametrize("who", ["u2", "office", "u1-b1"])
def test_the_lot_is_the_unit_s_own(frozen: County, who: str) -> None:
    with pytest.raises(Forbidden):
        committed(frozen, who)
    committed(frozen)
    with pytest.raises(Forbidden):
        drawn(frozen, who=who)


def test_a_new_version_of_the_slate_is_drawn_anew_and_the_old_order_stays_on_record(frozen: County) -> None:
    drawn(frozen)
    leaving = line(frozen, "u1", "farmer").candidates[0].application_id
    assert leaving is not None
    with frozen.acting("office") as act:
        end_application(act, leaving, ApplicationEnd.DEATH)
    with pytest.raises(Refused) as refusal:
        drawn(frozen)
    assert refusal.value.code == "speeches.not_frozen"
    with frozen.reading() as session:
        assert len(session.scalars(select(SpeechOrder)).all()) == 1


def test_the_same_names_printed_anew_keep_their_half_and_their_order(frozen: County) -> None:
    """Otherwise the list could be printed anew until the order pleases."""

    def anew() -> int:
        with frozen.acting("office") as act:
            supersede_slate(act, slate_of(frozen), "纸张破损，重印")
        with frozen.acting("u1") as act:
            submit_slates(act, frozen.units["u1"])
        freeze(frozen, "u1")
        return slate_of(frozen)

    half = committed(frozen).half
    before = slate_of(frozen)
    assert anew() != before
    with frozen.reading() as session:
        kept = speech_commitment(session, slate_of(frozen))
        assert kept is not None and kept.half == half
    row = drawn(frozen)
    again = anew()
    with frozen.reading() as session:
        assert speech_orders(session, [again])[again].id == row.id
    with pytest.raises(Refused) as refusal:
        drawn(frozen)
    assert refusal.value.code == "speeches.drawn_already"


def test_an_unknown_slate_is_not_found(frozen: County) -> None:
    with pytest.raises(NotFound), frozen.acting("u1") as act:
        draw_speeches(act, 999, "7", "群众代表甲")
