"""Who may use what: every endpoint is declared, and everyone is stopped exactly where the declaration says."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import BaseConverter, Rule
from werkzeug.routing.converters import AnyConverter, NumberConverter

from election.people.actor import Role, Scope
from election.people.queries import account_by_login, actor_of
from tests.support.county import registered
from tests.webapp.conftest import CountySite, MakeSite, Site
from webapp import access
from webapp.access import DECLARED, Declaration, permitted, public, signed_in

PUBLIC = {
    "account.language", "account.sign_in", "account.sign_out",
    "board.announcement", "board.board", "board.figures", "board.healthz", "board.index", "board.table", "static",
}  # fmt: skip
DESKS = ("office", "approver", "u1", "u1-b1", "teller", "scrutineer", "observer", "reviewer")


def built(database):
    county = registered(database, units=2, branches=1, members=3)
    for desk, role in (
        ("teller", Role.TELLER),
        ("scrutineer", Role.SCRUTINEER),
        ("observer", Role.OBSERVER),
        ("reviewer", Role.CREDENTIALS_REVIEWER),
    ):
        county.sit(desk, role)
    return county


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("every role", built)


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def example(name: str, converter: BaseConverter, at: CountySite) -> object:
    """A real place where the address names one, any number elsewhere."""
    if name == "congress":
        return "xian-14"
    if name == "unit":
        return "u1"
    if name == "branch":
        return at.county.branches["u1-b1"]
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return 1 if isinstance(converter, NumberConverter) else "x"


def address(rule: Rule, at: CountySite) -> str:
    values = {name: example(name, converter, at) for name, converter in rule._converters.items()}
    built_path = rule.build(values, append_unknown=False)
    assert built_path is not None
    return str(built_path[1])


def declaration(app: Flask, rule: Rule) -> Declaration:
    return getattr(app.view_functions[rule.endpoint], DECLARED)


def scope(rule: Rule, at: CountySite) -> Scope:
    names = rule.arguments
    return Scope(
        at.county.congress_id if "congress" in names else None,
        # a branch lies in its unit, whose clerk works at its desk too
        at.county.units["u1"] if {"unit", "branch"} & names else None,
        at.county.branches["u1-b1"] if "branch" in names else None,
    )


def test_the_public_addresses_are_these_and_no_others(at: CountySite) -> None:
    app = at.site.app
    told = {
        rule.endpoint for rule in rules(app) if rule.endpoint == "static" or declaration(app, rule).words == "public"
    }
    assert told == PUBLIC


def test_everything_else_asks_a_stranger_to_sign_in(at: CountySite) -> None:
    stranger = at.site.visitor()
    for rule in rules(at.site.app):
        if rule.endpoint in PUBLIC:
            continue
        path = address(rule, at)
        if "GET" in (rule.methods or ()):
            answer = stranger.get(path)
            assert answer.status_code == 302 and answer.location.startswith("/sign-in?next="), path
            assert stranger.get(path, headers={"Accept": "application/json"}).status_code == 403, path
        if "POST" in (rule.methods or ()):
            assert stranger.post(path).status_code == 403, path


@pytest.mark.parametrize("desk", DESKS)
def test_every_role_is_stopped_exactly_where_its_declarations_say(at: CountySite, desk: str) -> None:
    person = at.at(desk)
    with at.site.database.reading() as session:
        account = account_by_login(session, desk)
        assert account is not None
        actor = actor_of(session, account.person)
    reached = 0
    for rule in rules(at.site.app):
        if rule.endpoint in PUBLIC:
            continue
        admitted = declaration(at.site.app, rule).admits(actor, scope(rule, at))
        path = address(rule, at)
        if "GET" in (rule.methods or ()):
            status = person.get(path).status_code
            assert (status != 403) == admitted or status == 404, (path, status)
            assert status < 500, path
            reached += admitted
        if "POST" in (rule.methods or ()) and not admitted:
            assert person.post(path).status_code == 403, path
    assert reached >= 2


def test_nobody_of_the_congress_reaches_the_administrator_s_desk_nor_the_administrator_theirs(site: Site) -> None:
    admin = site.visitor("admin")
    for rule in rules(site.app):
        told = None if rule.endpoint == "static" else declaration(site.app, rule)
        if told is None or told.roles is None or "GET" not in (rule.methods or ()):
            continue
        if rule.endpoint != "office_congress.audit":  # who checks the chains may read them
            assert (rule.endpoint.startswith("admin.")) == (Role.ADMIN in told.roles), rule.endpoint
        if rule.endpoint.startswith("admin.") and not rule.arguments:
            assert admin.get(str(rule.rule)).status_code == 200


def test_a_unit_s_clerk_and_a_branch_s_clerk_are_stopped_at_the_neighbour_s(at: CountySite) -> None:
    for desk, own, other in (
        ("u1", "/units/u1/", "/units/u2/"),
        ("u1-b1", f"/branches/{at.county.branches['u1-b1']}/", f"/branches/{at.county.branches['u2-b1']}/"),
    ):
        person = at.at(desk)
        assert person.get(at.page(own)).status_code == 200
        assert person.get(at.page(other)).status_code == 403


def test_an_unknown_place_is_not_found_before_anyone_is_told_that_it_is_forbidden(at: CountySite) -> None:
    person = at.at("u1")
    for path in ("/c/nowhere/", "/c/nowhere/office/", "/c/xian-14/units/u99/", "/c/xian-14/office/units/u99"):
        assert person.get(path).status_code == 404, path


def test_the_application_refuses_to_start_with_an_undeclared_endpoint(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = Flask("silent")
    silent.add_url_rule("/said", "said", public(lambda: "x"))
    access.require_declarations(silent)
    silent.add_url_rule("/unsaid", "unsaid", lambda: "x")
    with pytest.raises(RuntimeError, match="unsaid"):
        access.require_declarations(silent)
    monkeypatch.delattr(site.app.view_functions["board.index"], DECLARED)
    with pytest.raises(RuntimeError, match=r"board\.index"):
        access.require_declarations(site.app)
    setattr(site.app.view_functions["board.index"], DECLARED, Declaration("public"))


def test_a_declaration_says_whom_it_admits() -> None:
    from election.people.actor import Actor, Grant
    from election.people.permissions import ALLOWED, Permission

    view = permitted(Permission.COUNT_ENTER, Permission.COUNT_CONFIRM, anywhere=True)(lambda: "x")
    told = getattr(view, DECLARED)
    assert told.roles == ALLOWED[Permission.COUNT_ENTER] | ALLOWED[Permission.COUNT_CONFIRM]
    teller = Actor(1, "甲", (Grant(Role.TELLER, 1, 7),))
    assert told.admits(teller, Scope(1)) and not told.admits(teller, Scope(2))
    assert getattr(signed_in(lambda: "x"), DECLARED).admits(teller, Scope(9))


def test_no_page_offers_a_way_to_a_closed_door(at: CountySite) -> None:
    import re

    for desk in DESKS:
        person = at.at(desk)
        for link in re.findall(r'<a\b[^>]*\bhref="(/[^"#]*)"', person.get(at.page("/")).text):
            assert person.get(link.replace("&amp;", "&")).status_code in (200, 302), (desk, link)
