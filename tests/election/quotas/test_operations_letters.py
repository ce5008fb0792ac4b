"""Seat letters: made with the approval, signed for in person or on paper, replaced by those of a newer version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from election.congress.models import Congress, Unit
from election.congress.operations import set_overlays
from election.congress.queries import congress_by_id
from election.congress.rules_in_force import set_rule
from election.errors import Forbidden, NotFound, Refused, Stale
from election.nomination.leaders.operations import assign_leader
from election.people.act import local_day
from election.quotas.models_letters import SeatLetter
from election.quotas.operations import approve_scheme
from election.quotas.operations_letters import correct_receipt, record_receipt, sign_letter
from election.quotas.queries import approved_scheme
from election.quotas.queries_letters import (
    LetterLine,
    letter_hash,
    letters_of_scheme,
    letters_of_unit,
    letters_pdf,
    schemes_with_letters,
)
from election.store.audit import verify
from election.store.database import Database
from election.store.models import AuditEvent
from election.texts import sentence
from tests.election.quotas.conftest import made
from tests.election.quotas.making import approved, leaders, submitted
from tests.support.county import OVERLAYS, County, county_from
from tests.support.paper import pages_of
from tests.support.stores import Stores


def with_letters(database: Database) -> County:
    """The county of this folder's tests with its first scheme approved."""
    county = made(database)
    approved(county)
    return county


@pytest.fixture
def issued(stores: Stores) -> Iterator[County]:
    ready = county_from(stores, "letters issued", with_letters)
    yield ready
    ready.database.close()


def assign(county: County) -> None:
    with county.acting("office") as act:
        assign_leader(act, county.congress_id, leaders(county)[0], county.units["u1"])


def assign_to(county: County, unit: str) -> None:
    with county.acting("office") as act:
        assign_leader(act, county.congress_id, leaders(county)[1], county.units[unit])


def lines(county: County) -> list[LetterLine]:
    """The letters in force."""
    with county.reading() as session:
        scheme = approved_scheme(session, county.congress_id)
        return [] if scheme is None else letters_of_scheme(session, scheme)


def line(county: County, unit: str = "u1") -> LetterLine:
    return next(one for one in lines(county) if one.letter.unit == unit)


def sign(county: County, who: str = "u1", unit: str = "u1", seen: str | None = None) -> SeatLetter:
    fingerprint = line(county, unit).hash if seen is None else seen
    with county.acting(who) as act:
        return sign_letter(act, county.congress_id, county.units[unit], seen=fingerprint)


def record(
    county: County, who: str = "office", *, number: int = 1, unit: str = "u1", by: str = "王某", on: Any = "today"
) -> SeatLetter:
    with county.acting(who) as act:
        day = act.today if on == "today" else on
        return record_receipt(act, county.congress_id, number, county.units[unit], signed_by=by, on=day)


def refused(act: Callable[..., Any], *given: Any, **named: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        act(*given, **named)
    assert sentence(caught.value.code, caught.value.params).en
    return caught.value


# Issued


def test_approval_makes_a_letter_for_every_unit_with_the_fingerprint_of_its_facts(county: County) -> None:
    assert lines(county) == []
    assign(county)
    scheme = approved(county)
    found = lines(county)
    assert [one.letter.unit for one in found] == ["u1", "u2"]
    assert [one.letter.number for one in found] == [1, 2]
    for one, seats in zip(found, scheme.allocation["unit_seats"], strict=True):
        assert one.hash == letter_hash(one.letter)
        assert one.letter.seats == seats
        assert one.letter.scheme_hash == scheme.hash
        assert not one.received and not one.replaced
    assert [one.letter.assigned for one in found] == [1, 0]
    with county.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "letters.issued")).one()
        assert event.details["letters"] == {one.letter.unit: one.hash for one in found}
        assert verify(session) == []


def test_a_scheme_that_is_not_approved_has_no_letters(county: County) -> None:
    submitted(county)
    with county.reading() as session:
        assert session.scalars(select(SeatLetter)).all() == []
        assert schemes_with_letters(session, county.congress_id) == []
        assert letters_of_unit(session, session.get_one(Unit, county.units["u1"])) == []


def test_an_approval_that_is_undone_leaves_no_letter_behind(county: County) -> None:
    number = submitted(county).number
    with pytest.raises(ZeroDivisionError), county.acting("approver") as act:
        approve_scheme(act, county.congress_id, number)
        raise ZeroDivisionError
    with county.reading() as session:
        assert session.scalars(select(SeatLetter)).all() == []


def test_a_new_version_replaces_the_letters_and_their_numbers_run_on(issued: County) -> None:
    before = lines(issued)
    assign(issued)
    issued.wait(2)
    approved(issued)
    assert [one.letter.number for one in lines(issued)] == [3, 4]
    with issued.reading() as session:
        versions = schemes_with_letters(session, issued.congress_id)
        assert [one.number for one in versions] == [2, 1]
        kept = letters_of_scheme(session, versions[1])
        of_unit = letters_of_unit(session, session.get_one(Unit, issued.units["u1"]))
    assert [one.letter for one in kept] == [one.letter for one in before]
    assert all(one.replaced for one in kept)
    assert [(one.letter.number, one.replaced) for one in of_unit] == [(3, False), (1, True)]


def test_a_new_letter_names_the_one_before_and_both_ways_of_reading_agree(issued: County) -> None:
    before = line(issued)
    assign(issued)
    issued.wait(2)
    approved(issued)
    assign_to(issued, "u2")
    approved(issued)
    newest = lines(issued)
    assert [one.letter.replaces.letter.number for one in newest if one.letter.replaces] == [3, 4]
    assert all(one.hash == letter_hash(one.letter) for one in newest)
    with issued.reading() as session:
        of_unit = letters_of_unit(session, session.get_one(Unit, issued.units["u1"]))
        second = letters_of_scheme(session, schemes_with_letters(session, issued.congress_id)[1])
    assert of_unit[0].letter == newest[0].letter
    assert [one.hash for one in of_unit] == [letter_hash(one.letter) for one in of_unit]
    replaced = second[0].letter.replaces
    assert replaced is not None and (replaced.letter, replaced.hash) == (before.letter, before.hash)


def test_a_letter_keeps_its_fingerprint_whatever_is_renamed_later(issued: County) -> None:
    before = lines(issued)
    with issued.acting("office") as act:
        set_overlays(act, issued.congress_id, OVERLAYS[:1])
    with issued.database.writing() as session:
        session.get_one(Congress, issued.congress_id).name = "某县第十五次代表大会"
        session.get_one(Unit, issued.units["u1"]).name = "第一镇"
    after = lines(issued)
    assert [one.letter for one in after] == [one.letter for one in before]
    assert all(one.hash == letter_hash(one.letter) for one in after)


def test_the_margin_of_a_letter_is_fixed_by_the_approval(issued: County) -> None:
    with pytest.raises(Refused), issued.acting("office") as act:
        set_rule(act, issued.congress_id, "margin_min", "30")
    assert {one.letter.margin for one in lines(issued)} == {20}


def test_paper_carries_what_is_stored(issued: County) -> None:
    with issued.reading() as session:
        congress = congress_by_id(session, issued.congress_id)
        found = lines(issued)
        pages = pages_of(letters_pdf(congress, found, demo=False))
    assert len(pages) == 2
    for one, page in zip(found, pages, strict=True):
        assert one.hash in page and one.letter.unit_name in page and "演示" not in page


def test_replaced_letters_say_so_on_paper(issued: County) -> None:
    assign(issued)
    approved(issued)
    with issued.reading() as session:
        congress = congress_by_id(session, issued.congress_id)
        old = letters_of_scheme(session, schemes_with_letters(session, issued.congress_id)[1])
        assert all("已取代" in page for page in pages_of(letters_pdf(congress, old, demo=False)))


# Signed for


def test_the_unit_s_clerk_signs_in_person(issued: County) -> None:
    sign(issued)
    found = line(issued)
    assert (found.received_by, found.recorded_by, found.in_person) == ("经办u1", "经办u1", True)
    assert found.received_on == local_day(issued.now)
    assert not line(issued, "u2").received
    with issued.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "letter.signed")).one()
        assert event.details["by"] == "经办u1"


@pytest.mark.parametrize("who", ["u2", "office", "approver", "u1-b1"])
def test_nobody_else_signs_for_a_unit(issued: County, who: str) -> None:
    assert isinstance(refused(sign, issued, who), Forbidden)
    assert not line(issued).received


def test_a_letter_is_signed_for_once(issued: County) -> None:
    sign(issued)
    error = refused(sign, issued)
    assert error.code == "letter.received_already" and error.params["name"] == "经办u1"
    assert refused(record, issued).code == "letter.received_already"


def test_who_read_an_older_letter_does_not_sign_the_new_one(issued: County) -> None:
    read = line(issued).hash
    assign(issued)
    approved(issued)
    assert isinstance(refused(sign, issued, seen=read), Stale)
    assert not line(issued).received


def test_without_a_letter_there_is_nothing_to_sign(county: County) -> None:
    assert isinstance(refused(sign, county, seen="0" * 64), NotFound)
    assert isinstance(refused(record, county), NotFound)


# On paper


def test_the_office_records_who_signed_on_paper_and_when(issued: County) -> None:
    issued.wait(3)
    record(issued, by="  王某 ", on=local_day(issued.now).replace(day=4))
    found = line(issued)
    assert (found.received_by, found.recorded_by, found.in_person) == ("王某", "经办office", False)
    assert found.received_on == date(2031, 3, 4)


@pytest.mark.parametrize("who", ["u1", "approver", "u1-b1"])
def test_only_the_office_records_a_paper_receipt(issued: County, who: str) -> None:
    assert isinstance(refused(record, issued, who), Forbidden)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"by": " "}, "letter.signer_missing", "received_by"),
        # Else it would read as signed on screen, by the one who only entered it.
        ({"by": "经办office"}, "letter.signer_records", "received_by"),
        ({"on": None}, "letter.day_missing", "received_on"),
        ({"on": date(2031, 3, 4)}, "letter.received_in_future", "received_on"),
        ({"on": date(2031, 3, 2)}, "letter.received_before_issue", "received_on"),
        ({"by": "长" * 61}, "store.too_long", "received_by"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_receipt_that_cannot_be_is_refused_at_its_field(
    issued: County, given: dict[str, Any], code: str, field: str
) -> None:
    error = refused(record, issued, **given)
    assert (error.code, error.field) == (code, field)
    assert not line(issued).received


def test_the_day_of_issue_and_today_are_days_of_receipt(issued: County) -> None:
    issued.wait(2)
    record(issued, on=date(2031, 3, 3))
    record(issued, unit="u2", on=date(2031, 3, 5))
    assert all(one.received for one in lines(issued))


def test_a_replaced_letter_is_not_received_any_more(issued: County) -> None:
    assign(issued)
    approved(issued)
    assert refused(record, issued, number=1).code == "letter.replaced"
    record(issued, number=2)
    assert line(issued).received


# Corrected


def correct(county: County, who: str = "office", *, unit: str = "u1", **given: Any) -> SeatLetter:
    with county.acting(who) as act:
        said = {"signed_by": "李某", "on": act.today, "reason": "签收人登记错了"} | given
        return correct_receipt(act, county.congress_id, 1, county.units[unit], **said)


def test_a_receipt_recorded_wrongly_is_corrected_and_the_chain_keeps_both(issued: County) -> None:
    issued.wait(2)
    record(issued, on=date(2031, 3, 4))
    correct(issued, on=date(2031, 3, 5))
    found = line(issued)
    assert (found.received_by, found.received_on, found.in_person) == ("李某", date(2031, 3, 5), False)
    with issued.reading() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "letter.receipt_corrected")).one()
        assert verify(session) == []
    assert event.details["before"] == {"by": "王某", "on": "2031-03-04"}
    assert event.details["after"] == {"by": "李某", "on": "2031-03-05"}
    assert event.details["reason"] == "签收人登记错了"


def test_a_receipt_of_another_unit_is_taken_away_and_the_letter_waits_again(issued: County) -> None:
    record(issued)
    correct(issued, signed_by=" ", on=None, reason="登记错了单位")
    assert not line(issued).received
    sign(issued)
    assert line(issued).in_person


def test_what_was_signed_on_screen_or_not_at_all_is_not_corrected(issued: County) -> None:
    assert refused(correct, issued).code == "letter.not_received"
    sign(issued)
    assert refused(correct, issued).code == "letter.signed_in_person"
    assert line(issued).in_person


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"reason": " "}, "letter.reason_missing", "reason"),
        ({"signed_by": ""}, "letter.signer_missing", "received_by"),
        ({"on": None}, "letter.day_missing", "received_on"),
        ({"on": date(2031, 3, 4)}, "letter.received_in_future", "received_on"),
        ({"signed_by": "经办office"}, "letter.signer_records", "received_by"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_correction_that_cannot_be_is_refused_at_its_field(
    issued: County, given: dict[str, Any], code: str, field: str
) -> None:
    record(issued)
    error = refused(correct, issued, **given)
    assert (error.code, error.field) == (code, field)
    assert line(issued).received_by == "王某"


@pytest.mark.parametrize("who", ["u1", "approver", "u1-b1"])
def test_only_the_office_corrects_and_only_what_is_in_force(issued: County, who: str) -> None:
    record(issued)
    assert isinstance(refused(correct, issued, who), Forbidden)
    assign(issued)
    approved(issued)
    assert refused(correct, issued).code == "letter.replaced"


# What the database refuses


@pytest.mark.parametrize(
    "impossible",
    [
        {"received_on": date(2031, 3, 3)},
        {"received_by": "王某"},
        {"hash": "ab"},
        {"number": 0},
        {"number": 2},
        {"hash": "a" * 64},
        {"unit_id": 2},
    ],
    ids=lambda values: " ".join(values),
)
def test_the_database_itself_refuses_half_a_receipt_and_any_change_of_what_was_issued(
    issued: County, impossible: dict[str, Any]
) -> None:
    with pytest.raises(DBAPIError), issued.database.writing() as session:
        session.execute(update(SeatLetter).where(SeatLetter.unit_id == issued.units["u1"]).values(**impossible))


def test_the_database_itself_keeps_every_issued_letter(issued: County) -> None:
    with pytest.raises(DBAPIError, match="never changed"), issued.database.writing() as session:
        session.execute(delete(SeatLetter))
