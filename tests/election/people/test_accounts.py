"""Accounts and passwords: one to a person, given by the administrator, ended for every sign-in when they change."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from election.errors import Forbidden, NotFound, Refused
from election.people.actor import SYSTEM, Actor, Grant, Role
from election.people.models import Account, Person, RoleGrant
from election.people.operations import (
    change_password,
    create_first_administrator,
    declare_relatives,
    find_or_add_person,
    grant_role,
    open_account,
    reset_password,
    revoke_role,
    set_active,
)
from election.people.passwords import LEAST_LENGTH, hash_password, initial_password, matches, require_fit
from election.people.queries import account_by_id, account_by_login, all_accounts, names_of, relatives_of
from election.store.audit import verify
from tests.election.people.conftest import PASSWORD, Office
from tests.support.county import KEYS


def refusal(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def test_the_first_administrator_comes_from_nobody_and_only_once(office: Office) -> None:
    with refusal("people.already_set_up"), office.act(SYSTEM) as act:
        create_first_administrator(act, "乙", "second", PASSWORD)
    with office.database.reading() as session:
        assert [row.account.login for row in all_accounts(session)] == ["admin"]
        assert verify(session) == []


def test_a_person_has_one_account_and_a_sign_in_name_one_person(office: Office) -> None:
    made = office.account("ding")
    with refusal("people.has_account"), office.act() as act:
        open_account(act, act.session.get_one(Person, made.person_id), "ding2", PASSWORD)
    other = office.person("王二")
    with refusal("people.login_taken"), office.act() as act:
        open_account(act, other, " ding ", PASSWORD)


def test_the_database_refuses_a_second_account_of_a_person_whatever_the_code_does(office: Office) -> None:
    made = office.account("ding")
    with pytest.raises(IntegrityError), office.act() as act:
        act.session.add(Account(person_id=made.person_id, login="x", password_hash="-", created_at=act.now))


@pytest.mark.parametrize("login", ["", "   ", "a b", "a\tb", "a\u3000b", "a\nb"])
def test_a_sign_in_name_is_neither_empty_nor_spaced(office: Office, login: str) -> None:
    person = office.person()
    with refusal("people.login_wrong"), office.act() as act:
        open_account(act, person, login, PASSWORD)


@pytest.mark.parametrize(
    ("login", "code"), [("x" * 41, "store.too_long"), ("a\x00b", "store.not_text"), ("a\ud800b", "store.not_text")]
)
def test_what_the_database_cannot_keep_is_refused_in_words_on_both_kinds(office: Office, login: str, code: str) -> None:
    person = office.person()
    with refusal(code) as caught, office.act() as act:
        # Not by way of a query: PostgreSQL cannot even be asked about such a text.
        act.session.add(Account(person_id=person.id, login=login, password_hash="-", created_at=act.now))
        act.session.flush()
    assert caught.value.field == "login"


@pytest.mark.parametrize(
    ("password", "code"),
    [("", "people.password_short"), ("x" * (LEAST_LENGTH - 1), "people.password_short"),
     ("DingDingDing", "people.password_is_login")],
)  # fmt: skip
def test_a_password_is_long_enough_and_not_the_sign_in_name(office: Office, password: str, code: str) -> None:
    person = office.person()
    with refusal(code), office.act() as act:
        open_account(act, person, "dingdingding", password)


def test_a_refused_account_leaves_nobody_behind(office: Office) -> None:
    with refusal("people.password_short"), office.act() as act:
        open_account(act, find_or_add_person(act, "丁一", None, KEYS), "ding", "short")
    with office.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_a_name_is_not_empty(office: Office) -> None:
    with refusal("people.name_missing"), office.act() as act:
        find_or_add_person(act, " \u3000", None, KEYS)


def test_nobody_but_the_administrator_opens_accounts(office: Office) -> None:
    congress_id, _ = office.congress("c1")
    for role in set(Role) - {Role.ADMIN}:
        with pytest.raises(Forbidden), office.act(Actor(1, "甲", (Grant(role, congress_id),))) as act:
            find_or_add_person(act, "丁一", None, KEYS)


def test_the_own_password_is_changed_with_the_old_one_and_other_sign_ins_end(office: Office) -> None:
    made = office.account("ding")
    person = Actor(made.person_id, "丁一")
    for old, new, code in (
        ("wrong", "another password", "people.password_wrong"),
        (PASSWORD, PASSWORD, "people.password_same"),
        (PASSWORD, "short", "people.password_short"),
    ):
        with refusal(code), office.act(person) as act:
            change_password(act, old, new)
    with office.act(person) as act:
        changed = change_password(act, PASSWORD, "another password")
    assert (changed.sign_in_epoch, changed.must_change_password) == (made.sign_in_epoch + 1, False)
    assert matches(changed.password_hash, "another password")
    assert not matches(changed.password_hash, PASSWORD)


def test_a_password_is_changed_by_a_person_with_an_account_only(office: Office) -> None:
    for actor in (SYSTEM, Actor(office.person().id, "丁一")):
        with pytest.raises(Forbidden), office.act(actor) as act:
            change_password(act, PASSWORD, "another password")


def test_a_handed_out_password_ends_every_sign_in_and_must_be_changed(office: Office) -> None:
    made = office.account("ding", must_change=False)
    with office.act() as act:
        reset_password(act, made.id, initial_password())
    with office.database.reading() as session:
        now = account_by_id(session, made.id)
        assert now is not None
        assert (now.sign_in_epoch, now.must_change_password) == (made.sign_in_epoch + 1, True)


def test_closing_an_account_ends_its_sign_ins_and_nobody_closes_their_own(office: Office) -> None:
    made = office.account("ding")
    with office.act() as act:
        set_active(act, made.id, False)
    with office.database.reading() as session:
        now = account_by_login(session, " ding")
        assert now is not None
        assert (now.active, now.sign_in_epoch) == (False, made.sign_in_epoch + 1)
        own = account_by_login(session, "admin")
        assert own is not None
    with refusal("people.not_oneself"), office.act() as act:
        set_active(act, own.id, False)


@pytest.mark.parametrize("operation", [reset_password, set_active])
def test_an_unknown_account_is_not_found(office: Office, operation) -> None:
    with pytest.raises(NotFound), office.act() as act:
        operation(act, 999, "a long password")


def test_the_last_administrator_who_can_sign_in_stays(office: Office) -> None:
    made = office.account("second", "王二")
    with office.act() as act:
        own = act.session.scalars(select(RoleGrant)).one()
        grant_role(act, act.session.get_one(Person, made.person_id), Role.ADMIN)
    with office.act() as act:
        set_active(act, made.id, False)
    # The other one's account is closed: they could not give the role back.
    with refusal("people.last_administrator"), office.act() as act:
        revoke_role(act, own.id)
    with office.act() as act:
        set_active(act, made.id, True)
    with office.act() as act:
        revoke_role(act, own.id)
    with pytest.raises(Forbidden), office.act(office.actor(office.admin.person_id or 0)) as act:
        revoke_role(act, own.id)


def test_a_revoked_role_is_gone_and_an_unknown_one_is_not_found(office: Office) -> None:
    congress_id, _ = office.congress("c1")
    person = office.person()
    with office.act() as act:
        grant = grant_role(act, person, Role.OFFICE, congress_id=congress_id)
    assert office.actor(person.id).roles_in(congress_id) == {Role.OFFICE}
    with office.act() as act:
        revoke_role(act, grant.id)
    assert office.actor(person.id).grants == ()
    with pytest.raises(NotFound), office.act() as act:
        revoke_role(act, grant.id)


def test_relatives_are_kept_once_whoever_is_named_first(office: Office) -> None:
    first, second = office.person("丁一"), office.person("王二")
    with office.act() as act:
        declare_relatives(act, second, first, "兄弟")
    with office.database.reading() as session:
        assert relatives_of(session, {first.id, second.id, 999}) == {
            first.id: {second.id}, second.id: {first.id}, 999: set()
        }  # fmt: skip
    with refusal("people.relatives_known"), office.act() as act:
        declare_relatives(act, first, second, "兄弟")
    with refusal("people.own_relative"), office.act() as act:
        declare_relatives(act, first, first, "本人")


def test_names_are_read_for_those_asked_about(office: Office) -> None:
    person = office.person("丁一")
    with office.database.reading() as session:
        assert names_of(session, {person.id, None, 999}) == {person.id: "丁一"}
        assert names_of(session, {None}) == {}


def test_hashes_of_one_password_differ_and_nonsense_matches_nothing() -> None:
    assert hash_password("same password") != hash_password("same password")
    assert not matches("not a hash", "same password")
    assert not matches("", "")


def test_first_passwords_are_legible_long_enough_and_never_the_same() -> None:
    made = {initial_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        require_fit(password, "admin")
        assert not set(password) & set("il1o0")
