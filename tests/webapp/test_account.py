"""Signing in and out, the own password, the language; cookies, tokens, limits, and no way off the site."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election.people.act import acting
from election.people.actor import Actor, Grant, Role
from election.people.operations import reset_password, set_active
from election.people.queries import account_by_login
from tests.webapp.conftest import ADMIN_PASSWORD, MONDAY, TOKEN, Site, Visitor
from webapp.account import own_address

NEW = "another long password"


def account_id(site: Site, login: str = "admin") -> int:
    with site.database.reading() as session:
        found = account_by_login(session, login)
        assert found is not None
        return found.id


def admin_acts(site: Site):
    return acting(site.database, Actor(None, "管理员", (Grant(Role.ADMIN),)), lambda: MONDAY)


def is_in(person: Visitor) -> bool:
    return person.get("/admin/").status_code == 200


def test_the_right_password_signs_in_and_leads_home(site: Site) -> None:
    person = site.visitor()
    answer = person.sign_in(" admin ", ADMIN_PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/home")
    assert is_in(person)


@pytest.mark.parametrize(
    ("login", "password"),
    [("admin", ADMIN_PASSWORD + " "), ("admin", ADMIN_PASSWORD.upper()), ("Admin", ADMIN_PASSWORD), ("nobody", "wrong password"),
     ("admin' OR '1'='1", "wrong password"), ("管" * 500, "wrong password"), ("admin", "x" * 100_000)],
)  # fmt: skip
def test_anything_else_is_refused_in_one_sentence_that_tells_nobody_which_was_wrong(
    site: Site, login: str, password: str
) -> None:
    person = site.visitor()
    answer = person.sign_in(login, password)
    assert answer.status_code == 422 and "登录名或密码不对" in answer.text
    assert f'value="{login[:5]}' in answer.text.replace("&#39;", "'") and password not in answer.text
    assert not is_in(person)


def test_empty_fields_are_named(site: Site) -> None:
    answer = site.visitor().sign_in("", "")
    assert answer.status_code == 422 and "请填写登录名" in answer.text and "请填写密码" in answer.text


def test_a_text_that_no_database_keeps_is_a_bad_request_and_no_fault(site: Site) -> None:
    assert site.visitor().sign_in("ad\x00min", "x").status_code in (400, 422)


def test_the_cookie_is_closed_to_scripts_and_other_sites(site: Site) -> None:
    person = site.visitor()
    cookie = person.sign_in("admin", ADMIN_PASSWORD).headers["Set-Cookie"]
    assert cookie.startswith("xiheng=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie  # an office's network speaks plain http


def test_signing_in_leaves_nothing_of_the_session_before_but_the_language(site: Site) -> None:
    person = site.visitor()
    person.get("/language?to=en")
    with person.client.session_transaction() as session:
        session["planted"] = "x"
    person.sign_in("admin", ADMIN_PASSWORD)
    with person.client.session_transaction() as session:
        assert "planted" not in session and session["language"] == "en"


def test_signing_out_ends_the_sign_in_itself_and_a_copied_cookie_with_it(site: Site) -> None:
    person = site.visitor()
    person.sign_in("admin", ADMIN_PASSWORD)
    kept = person.client.get_cookie("xiheng")
    assert kept is not None
    assert person.post("/sign-out").location == "/sign-in"
    assert not is_in(person)
    thief = site.visitor()
    thief.client.set_cookie("xiheng", kept.value)
    assert not is_in(thief)


def test_signing_out_without_having_signed_in_is_no_fault(site: Site) -> None:
    assert site.visitor().post("/sign-out").status_code == 302


def test_a_forged_cookie_signs_nobody_in(site: Site) -> None:
    person = site.visitor()
    for value in ("x", "eyJhY2NvdW50IjoxfQ.x.y", ""):
        person.client.set_cookie("xiheng", value)
        assert not is_in(person)


@pytest.mark.parametrize("content", [{"sign_in": 7}, {"sign_in": "x", "epoch": 0}, {"sign_in": None}, {"account": 1}])
def test_a_session_with_nonsense_in_it_signs_nobody_in(site: Site, content: dict[str, object]) -> None:
    person = site.visitor()
    with person.client.session_transaction() as session:
        session.update(content)
    assert person.get("/home").status_code == 302 and not is_in(person)


def test_changing_the_password_ends_every_other_sign_in_but_this_one(site: Site) -> None:
    here, there = site.visitor("admin"), site.visitor("admin")
    answer = here.post("/account", {"old": ADMIN_PASSWORD, "password": NEW, "again": NEW})
    assert answer.status_code == 302
    assert is_in(here) and not is_in(there)
    assert there.sign_in("admin", ADMIN_PASSWORD).status_code == 422
    assert there.sign_in("admin", NEW).status_code == 302


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"old": "wrong"}, "原密码不对"),
        ({"again": NEW + "x"}, "两次填写的新密码不一样"),
        ({"password": "short", "again": "short"}, "至少 8 位"),
        ({"password": ADMIN_PASSWORD, "again": ADMIN_PASSWORD}, "与原密码相同"),
        ({"old": ""}, "请填写原密码"),
        ({"password": "", "again": ""}, "请填写新密码"),
    ],
)
def test_a_password_that_cannot_be_is_refused_in_words_and_changes_nothing(site: Site, change, said: str) -> None:
    person = site.visitor("admin")
    answer = person.post("/account", {"old": ADMIN_PASSWORD, "password": NEW, "again": NEW} | change)
    assert answer.status_code == 422 and said in answer.text
    assert site.visitor().sign_in("admin", ADMIN_PASSWORD).status_code == 302


def test_a_handed_out_password_leads_to_its_change_and_nowhere_else(site: Site) -> None:
    with admin_acts(site) as act:
        reset_password(act, account_id(site), "handed out")
    person = site.visitor()
    assert person.sign_in("admin", "handed out", to="/sign-in?next=/admin/audit").location == "/account"
    for path in ("/home", "/admin/", "/admin/audit"):
        assert person.get(path).location == "/account"
    assert person.get("/account").status_code == 200
    person.post("/account", {"old": "handed out", "password": NEW, "again": NEW})
    assert is_in(person)


def test_a_closed_account_is_out_at_once_and_stays_out(site: Site) -> None:
    person = site.visitor("admin")
    assert is_in(person)
    with admin_acts(site) as act:
        set_active(act, account_id(site), False)
    assert not is_in(person)
    assert person.sign_in("admin", ADMIN_PASSWORD).status_code == 422


def test_guessing_at_one_account_is_slowed_down_and_another_stays_open(site: Site) -> None:
    guesser = site.visitor()
    answers = [guesser.post("/sign-in", {"login": "victim", "password": ""}).status_code for _ in range(20)]
    assert answers[:15] == [422] * 15 and set(answers[15:]) == {429}
    page = guesser.post("/sign-in", {"login": "victim", "password": "x"})
    assert "尝试次数过多" in page.text and page.headers["Content-Security-Policy"]
    assert site.visitor().sign_in("admin", ADMIN_PASSWORD).status_code == 302


# Where to go afterwards


@pytest.mark.parametrize("to", ["/admin/audit", "/account?x=1", "/home#place"])
def test_after_signing_in_one_is_where_one_wanted_to_be(site: Site, to: str) -> None:
    from urllib.parse import quote

    assert site.visitor().sign_in("admin", ADMIN_PASSWORD, to=f"/sign-in?next={quote(to)}").location == to


ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example/", "http:evil.example",
    "javascript:alert(1)", "/\t/evil.example/", "\t//evil.example", "///evil.example", "http://[", "evil", "",
    "https:///evil.example", "data:text/html,x", " //evil.example", "/\n/evil.example/", "\x00//evil.example",
]  # fmt: skip


@pytest.mark.parametrize("to", ELSEWHERE)
def test_no_address_leads_off_the_site(site: Site, to: str) -> None:
    from urllib.parse import quote

    answer = site.visitor().sign_in("admin", ADMIN_PASSWORD, to=f"/sign-in?next={quote(to)}")
    assert (answer.status_code, answer.location) == (302, "/home")


@given(st.text(alphabet="/\\:ahtps.\t\n @[]%?#evl", max_size=16))
def test_whatever_is_asked_for_stays_a_path_of_this_site(target: str) -> None:
    from urllib.parse import urljoin, urlsplit

    own = own_address(target)
    if own is None:
        return
    # As a browser reads it: tabs and line ends gone, backslashes as slashes.
    read = re.sub(r"[\t\r\n]", "", own).replace("\\", "/")
    assert urlsplit(urljoin("http://here/page", read)).netloc == "here", target


def test_a_line_end_in_the_wanted_address_reaches_no_header(site: Site) -> None:
    answer = site.visitor().sign_in("admin", ADMIN_PASSWORD, to="/sign-in?next=/home%0d%0aX-Planted:%20yes")
    assert answer.status_code == 302 and "X-Planted" not in answer.headers


def test_the_language_stays_with_the_browser_and_leads_back(site: Site) -> None:
    person = site.visitor()
    assert person.get("/language?to=en", headers={"Referer": "http://localhost/sign-in"}).location == "/sign-in"
    assert '<html lang="en">' in person.get("/sign-in").text
    assert person.get("/language?to=nonsense").status_code == 302
    assert '<html lang="zh-CN">' in person.get("/sign-in").text
    for referrer in ("http://localhost//evil.example/", "http://["):
        assert person.get("/language?to=en", headers={"Referer": referrer}).location == "/home"


# The token of every form


def test_a_form_without_its_token_is_refused_in_words_and_nothing_happens(site: Site) -> None:
    person = site.visitor("admin")
    change = {"old": ADMIN_PASSWORD, "password": NEW, "again": NEW}
    for token in (None, "", "x", site.visitor().post("/sign-out") and "y"):
        data = change if token is None else change | {"csrf_token": token}
        answer = person.client.post("/account", data=data)
        assert answer.status_code == 400 and "失效" in answer.text
    assert site.visitor().sign_in("admin", ADMIN_PASSWORD).status_code == 302


def test_another_browser_s_token_is_no_token_here(site: Site) -> None:
    mine, theirs = site.visitor("admin"), site.visitor()
    found = TOKEN.search(theirs.get("/sign-in").text)
    assert found is not None
    assert mine.client.post("/sign-out", data={"csrf_token": found[1]}).status_code == 400
    assert is_in(mine)


def test_opening_a_page_lengthens_a_sign_in_and_a_draft_leaves_the_cookie_alone(site: Site) -> None:
    """A draft may be answered after its page signed out: it must not bring the old cookie back."""
    admin = site.visitor()
    admin.sign_in("admin", ADMIN_PASSWORD)
    page = admin.get("/account")
    token = TOKEN.search(page.text)
    assert token is not None and page.headers.getlist("Set-Cookie")
    draft = {"values": {}, "revision": "0", "page": "a", "after": ""}
    answer = admin.client.post("/drafts/1", json=draft, headers={"X-CSRFToken": token[1]})
    assert answer.status_code == 404 and answer.headers.getlist("Set-Cookie") == []
