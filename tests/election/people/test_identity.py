"""Identity numbers: normalised, checked, found again by a keyed hash, sealed in the database; the area is not asked."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from cryptography.fernet import Fernet, InvalidToken
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from election.errors import Refused
from election.people.identity import Identity, IdentityKeys, hide_numbers, read_identity
from election.people.models import Account, Person, Sex
from election.people.operations import find_or_add_person, open_account
from election.roster.models import Member
from election.store.database import Database
from election.texts import sentence
from tests.election.people.conftest import PASSWORD, Office
from tests.support.county import KEYS, ROOT, identity_number, registered

WITH_X = next(number for serial in range(500) if (number := identity_number(serial)).endswith("X"))
FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


def test_a_number_states_its_birthday_and_sex() -> None:
    man = read_identity(identity_number(0))
    assert (man.born_on, man.sex) == (date(1985, 5, 5), Sex.MALE)
    assert read_identity(identity_number(0, woman=True)).sex is Sex.FEMALE


@pytest.mark.parametrize(
    "written",
    [WITH_X, WITH_X.lower(), WITH_X.translate(FULL_WIDTH), f"  {WITH_X[:6]} {WITH_X[6:14]}\u3000{WITH_X[14:]} "],
)
def test_however_it_is_written_it_is_one_number(written: str) -> None:
    assert read_identity(written).number == WITH_X


@given(st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(place: int, shift: int) -> None:
    right = identity_number(7)
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    with pytest.raises(Refused) as caught:
        read_identity(wrong)
    assert caught.value.code == "people.identity_wrong"


@given(st.text(max_size=40))
def test_whatever_is_typed_is_answered_with_a_sentence(typed: str) -> None:
    try:
        found = read_identity(typed)
    except Refused as refused:
        said = sentence(refused.code, refused.params)
        assert refused.field == "identity" and said.zh and said.en
    else:
        assert len(found.number) == 18


def test_the_refusal_does_not_repeat_the_whole_number() -> None:
    wrong = WITH_X[:-1] + "0"
    with pytest.raises(Refused) as caught:
        read_identity(wrong)
    assert wrong not in sentence(caught.value.code, caught.value.params).zh
    assert read_identity(WITH_X).masked == f"{WITH_X[:6]}********{WITH_X[-4:]}"


@pytest.mark.parametrize("wrong", ["", "1", WITH_X + "1", "11010119850230001", "十" * 18, "0" * 18])
def test_what_is_no_number_is_refused(wrong: str) -> None:
    with pytest.raises(Refused):
        read_identity(wrong)


def test_an_area_founded_after_the_birthday_is_accepted() -> None:
    """Numbers came decades after many of their holders were born, with the areas of that day: nobody is turned away."""
    from stdnum.cn import ric

    body = "46030219500101001"
    read_identity(body + str(ric.calc_check_digit(body + "0")))


def test_the_hash_depends_on_the_installation_s_key_and_the_seal_opens_with_its_own_only() -> None:
    other = IdentityKeys(b"another", Fernet.generate_key())
    assert KEYS.key_of(WITH_X) == KEYS.key_of(WITH_X) != other.key_of(WITH_X)
    sealed = KEYS.seal(WITH_X)
    assert WITH_X not in sealed and KEYS.open(sealed) == WITH_X
    with pytest.raises(InvalidToken):
        other.open(sealed)


def test_the_number_itself_is_nowhere_in_the_database(office: Office) -> None:
    identity = read_identity(WITH_X)
    with office.act() as act:
        person = find_or_add_person(act, "丁一", identity, KEYS)
    with office.database.reading() as session:
        row = session.execute(text("SELECT * FROM person WHERE id = :id"), {"id": person.id}).one()
        events = session.execute(text("SELECT details FROM audit_event")).scalars().all()
    assert WITH_X not in f"{row}{events}"


def test_one_number_is_one_person_with_one_name(office: Office) -> None:
    identity = read_identity(WITH_X)
    with office.act() as act:
        first = find_or_add_person(act, "丁一", identity, KEYS)
    with office.act() as act:
        assert find_or_add_person(act, " 丁一 ", identity, KEYS).id == first.id
    with pytest.raises(Refused) as caught, office.act() as act:
        find_or_add_person(act, "王二", identity, KEYS)
    assert (caught.value.code, caught.value.field) == ("people.identity_other_name", "name")


def test_without_a_number_two_of_one_name_are_two_persons(office: Office) -> None:
    assert office.person("丁一").id != office.person("丁一").id


def test_an_account_by_identity_number_belongs_to_the_person_on_the_roster(database: Database) -> None:
    county = registered(database, units=1, branches=1, members=3, verified=False)
    person = county.person_of(county.members("u1-b1")[1])
    assert person.identity_sealed is not None
    identity = read_identity(KEYS.open(person.identity_sealed))
    with county.acting(ROOT) as act:
        open_account(act, find_or_add_person(act, person.name, identity, KEYS), "ding", PASSWORD)
    with county.reading() as session:
        owner = session.scalars(select(Account.person_id).where(Account.login == "ding")).one()
        assert session.scalar(select(Member.id).where(Member.person_id == owner)) == county.members("u1-b1")[1]


def test_a_person_has_both_hash_and_seal_or_neither(office: Office) -> None:
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError), office.act() as act:
        act.session.add(Person(name="丁一", identity_key="x"))


def test_an_identity_is_a_value() -> None:
    assert read_identity(WITH_X) == Identity(WITH_X, date(1985, 5, 5), Sex.MALE)


@pytest.mark.parametrize(
    "typed",
    [
        WITH_X,
        WITH_X.lower(),
        f"{WITH_X[:6]} {WITH_X[6:14]} {WITH_X[14:]}",
        f"{WITH_X[:6]}-{WITH_X[6:14]}-{WITH_X[14:]}",
        WITH_X.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}),
        f"1{WITH_X}",
        WITH_X[:17],
        WITH_X[:15],
    ],
)
def test_what_may_be_somebody_s_number_is_masked_in_the_midst_of_any_text(typed: str) -> None:
    said = hide_numbers(f"“王芳{typed}”不是民族名称。")
    assert WITH_X[6:12] not in unicodedata.normalize("NFKC", said) and "********" in said
    assert said.startswith("“王芳") and said.endswith("”不是民族名称。")


@pytest.mark.parametrize(
    "text", ["第 12 行，2011-07-01", "高山镇（县直）", "13871234567", "3001·１２３４５６７８９０１２３４"]
)
def test_other_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert hide_numbers(text) == text
