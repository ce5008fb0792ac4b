"""The administrator's desk: accounts handed over on paper, roles where they hold, the congresses; on both databases."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from election.congress.models import Congress, UnitKind
from election.congress.operations import add_unit
from election.people.act import acting
from election.people.actor import Actor, Grant, Role
from election.people.models import Account, Person, RoleGrant
from election.people.queries import account_by_login
from tests.support.county import identity_number
from tests.webapp.conftest import ADMIN_PASSWORD, Site, Visitor

CONGRESS = {
    "name": "某县第十四次代表大会", "code": "xian-14", "county": "某县", "total_seats": "20", "reference_date": "2031-06-30",
}  # fmt: skip
PERSON = {"name": "丁一", "identity": identity_number(1), "login": "ding"}


def account_id(site: Site, login: str) -> int:
    with site.database.reading() as session:
        found = account_by_login(session, login)
        assert found is not None
        return found.id


def opened(site: Site, admin: Visitor, **change: str) -> tuple[int, str]:
    """A new account and the password that was handed over."""
    answer = admin.post("/admin/accounts/new", PERSON | change)
    assert answer.status_code == 200, answer.text
    password = re.search(r"\b[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}\b", answer.text)
    assert password is not None
    return account_id(site, change.get("login", "ding")), password[0]


def site_congress(site: Site) -> int:
    with site.database.reading() as session:
        return session.scalars(select(Congress.id).where(Congress.code == CONGRESS["code"])).one()


def grants(site: Site, number: int) -> list[tuple[str, bool, bool]]:
    with site.database.reading() as session:
        rows = session.execute(
            select(RoleGrant.role, RoleGrant.congress_id, RoleGrant.unit_id)
            .join(Account, Account.person_id == RoleGrant.person_id)
            .where(Account.id == number)
            .order_by(RoleGrant.id)
        )
        return [(role.value, congress is not None, unit is not None) for role, congress, unit in rows]


def test_an_account_is_opened_and_its_first_password_signs_in_once_changed(site: Site) -> None:
    admin = site.visitor("admin")
    number, password = opened(site, admin)
    person = site.visitor()
    assert person.sign_in("ding", password).location == "/account"
    assert password not in admin.get(f"/admin/accounts/{number}").text
    assert identity_number(1) not in admin.get(f"/admin/accounts/{number}").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"name": " \u3000"}, "请填写姓名"),
        ({"name": "长" * 61}, "最多 60 个字"),
        ({"login": ""}, "请填写登录名"),
        ({"login": "a b"}, "不能有空格"),
        ({"login": "x" * 41}, "最多 40 个字"),
        ({"login": "admin"}, "已被使用"),
        ({"identity": "123"}, "身份证号“123”有误"),
        ({"identity": identity_number(1)[:-1] + ("0" if identity_number(1)[-1] != "0" else "1")}, "有误"),
    ],
)
def test_an_account_that_cannot_be_is_refused_at_its_field_with_everything_kept(site: Site, change, said: str) -> None:
    answer = site.visitor("admin").post("/admin/accounts/new", PERSON | change)
    assert answer.status_code == 422 and said in answer.text
    for name, value in (PERSON | change).items():
        if value.strip():
            assert f'name="{name}"' in answer.text and f'value="{value.strip()}' in answer.text.replace("\u3000", ""), (
                name
            )
    with site.database.reading() as session:
        assert len(session.scalars(select(Person)).all()) == 1


def test_one_person_has_one_account(site: Site) -> None:
    admin = site.visitor("admin")
    opened(site, admin)
    again = admin.post("/admin/accounts/new", PERSON | {"login": "ding2"})
    assert again.status_code == 422 and "已有账号" in again.text
    other = admin.post("/admin/accounts/new", PERSON | {"login": "ding2", "name": "王二"})
    assert other.status_code == 422 and "登记的是丁一" in other.text


def test_markup_in_a_name_is_shown_and_never_run(site: Site) -> None:
    admin = site.visitor("admin")
    opened(site, admin, name="<script>alert(1)</script>\"'")
    for path in ("/admin/", f"/admin/accounts/{account_id(site, 'ding')}"):
        page = admin.get(path).text
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_roles_are_granted_where_they_hold_and_taken_back(site: Site) -> None:
    admin = site.visitor("admin")
    number, _ = opened(site, admin)
    page = f"/admin/accounts/{number}"
    assert admin.post("/admin/congresses/new", CONGRESS).status_code == 302
    assert admin.post(page, {"role": "office", "congress": "xian-14"}).status_code == 302
    assert grants(site, number) == [("office", True, False)]
    again = admin.post(page, {"role": "office", "congress": "xian-14"})
    assert again.status_code == 422 and "已有这项授权" in again.text
    with site.database.reading() as session:
        grant = session.scalars(
            select(RoleGrant.id).join(Account, Account.person_id == RoleGrant.person_id).where(Account.id == number)
        ).one()
    assert admin.post(f"{page}/grants/{grant}/revoke").status_code == 302
    assert grants(site, number) == []
    assert admin.post(f"{page}/grants/{grant}/revoke").status_code == 404


def test_a_clerk_is_put_in_charge_of_several_units_at_once_or_of_none(site: Site) -> None:
    admin = site.visitor("admin")
    number, _ = opened(site, admin)
    admin.post("/admin/congresses/new", CONGRESS)
    office = Actor(None, "田经办", (Grant(Role.OFFICE, site_congress(site)),))
    with acting(site.database, office) as act:
        for code, name in (("u1", "东镇"), ("u2", "西镇")):
            add_unit(act, site_congress(site), code=code, name=name, kind=UnitKind.TOWNSHIP)
    page, clerk = f"/admin/accounts/{number}", {"role": "unit_clerk", "congress": "xian-14"}
    assert admin.post(page, clerk | {"unit": "u1、西镇、u3"}).status_code == 422
    assert grants(site, number) == []
    assert admin.post(page, clerk | {"unit": "u1, 西镇 u1"}).status_code == 302
    assert grants(site, number) == [("unit_clerk", True, True)] * 2


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"role": "office", "congress": ""}, "请选择授权所在的党代会"),
        ({"role": "unit_clerk", "congress": "xian-14"}, "须指定选举单位"),
        ({"role": "unit_clerk", "congress": "xian-14", "unit": "u9"}, "“u9”的选举单位"),
        ({"role": "branch_clerk", "congress": "xian-14"}, "须指定党支部"),
        ({"role": "branch_clerk", "congress": "xian-14", "organisation": "9"}, "“9”的党支部"),
    ],
)
def test_a_role_without_its_place_is_refused_in_words(site: Site, form: dict[str, str], said: str) -> None:
    admin = site.visitor("admin")
    admin.post("/admin/congresses/new", CONGRESS)
    number, _ = opened(site, admin)
    answer = admin.post(f"/admin/accounts/{number}", form)
    assert answer.status_code == 422 and said in answer.text
    assert grants(site, number) == []


@pytest.mark.parametrize("form", [{"role": "emperor", "congress": ""}, {"role": "office", "congress": "nowhere"}, {}])
def test_what_no_choice_offers_is_refused(site: Site, form: dict[str, str]) -> None:
    admin = site.visitor("admin")
    number, _ = opened(site, admin)
    answer = admin.post(f"/admin/accounts/{number}", form)
    assert answer.status_code == 422 and "Not a valid" not in answer.text
    assert grants(site, number) == []


def test_without_an_identity_number_nobody_gets_a_role_in_a_congress_until_it_is_recorded(site: Site) -> None:
    admin = site.visitor("admin")
    admin.post("/admin/congresses/new", CONGRESS)
    number, _ = opened(site, admin, identity="")
    page = f"/admin/accounts/{number}"
    assert admin.post(page, {"role": "office", "congress": "xian-14"}).status_code == 422
    assert admin.post(f"{page}/identity", {"identity": "1"}).status_code == 422
    assert admin.post(f"{page}/identity", {"identity": identity_number(7)}).status_code == 302
    assert admin.post(page, {"role": "office", "congress": "xian-14"}).status_code == 302
    assert admin.post(f"{page}/identity", {"identity": identity_number(8)}).status_code == 422


def test_the_last_administrator_keeps_the_role(site: Site) -> None:
    admin = site.visitor("admin")
    with site.database.reading() as session:
        own = session.scalars(select(RoleGrant.id)).one()
    answer = admin.post(f"/admin/accounts/{account_id(site, 'admin')}/grants/{own}/revoke")
    assert answer.status_code == 422 and "最后一位管理员" in answer.text
    assert admin.get("/admin/").status_code == 200


def test_an_account_is_closed_and_opened_again_but_never_the_own(site: Site) -> None:
    admin = site.visitor("admin")
    number, password = opened(site, admin)
    person = site.visitor()
    person.sign_in("ding", password)
    assert admin.post(f"/admin/accounts/{number}/active", {"active": "no"}).status_code == 302
    assert person.get("/account").status_code == 302
    assert person.sign_in("ding", password).status_code == 422
    assert admin.post(f"/admin/accounts/{number}/active", {"active": "yes"}).status_code == 302
    assert person.sign_in("ding", password).status_code == 302
    own = admin.post(f"/admin/accounts/{account_id(site, 'admin')}/active", {"active": "no"})
    assert own.status_code == 422 and "不能停用自己的账号" in own.text


def test_a_new_password_is_handed_over_and_the_old_one_ends(site: Site) -> None:
    admin = site.visitor("admin")
    number, first = opened(site, admin)
    answer = admin.post(f"/admin/accounts/{number}/password")
    (second,) = set(re.findall(r"\b[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}\b", answer.text))
    person = site.visitor()
    assert person.sign_in("ding", first).status_code == 422
    assert person.sign_in("ding", second).status_code == 302


@pytest.mark.parametrize("path", ["", "/password", "/active", "/identity", "/grants/1/revoke"])
@pytest.mark.parametrize("number", ["999", "2147483648", "99999999999999999999999"])
def test_an_account_that_is_not_there_is_not_found(site: Site, number: str, path: str) -> None:
    admin = site.visitor("admin")
    if not path:
        assert admin.get(f"/admin/accounts/{number}").status_code == 404
    if path != "/grants/1/revoke":
        assert admin.post(f"/admin/accounts/{number}{path}", {"identity": identity_number(1)}).status_code == 404


def test_a_congress_begins_and_its_administrator_does_not_enter_it(site: Site) -> None:
    admin = site.visitor("admin")
    assert admin.post("/admin/congresses/new", CONGRESS, follow_redirects=True).text.count("某县第十四次代表大会") >= 1
    assert admin.get("/c/xian-14/").status_code == 403
    assert admin.get("/home").location == "/admin/"
    assert site.visitor().get("/board/xian-14").status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "XIAN 14"}, "代号只能用小写字母"),
        ({"name": ""}, "请填写名称"),
        ({"name": "长" * 81}, "最多 80 个字"),
        ({"total_seats": "0"}, "1 至 9,999"),
        ({"total_seats": "-5"}, "1 至 9,999"),
        ({"total_seats": "20.5"}, "整数"),
        ({"total_seats": "二十"}, "整数"),
        ({"total_seats": "9" * 30}, "1 至 9,999"),
        ({"total_seats": ""}, "正整数"),
        ({"reference_date": "2031-02-30"}, "日期"),
        ({"reference_date": "昨天"}, "日期"),
        ({"reference_date": ""}, "请填写日期"),
        ({"county": "长" * 41}, "最多 40 个字"),
    ],
)
def test_a_congress_that_cannot_be_is_refused_at_its_field_with_everything_kept(site: Site, change, said: str) -> None:
    answer = site.visitor("admin").post("/admin/congresses/new", CONGRESS | change)
    assert answer.status_code == 422 and said in answer.text
    for value in (CONGRESS | change).values():
        assert f'value="{value}"' in answer.text or not value
    with site.database.reading() as session:
        assert session.scalars(select(Congress)).all() == []


def test_a_code_is_taken_once(site: Site) -> None:
    admin = site.visitor("admin")
    admin.post("/admin/congresses/new", CONGRESS)
    answer = admin.post("/admin/congresses/new", CONGRESS)
    assert answer.status_code == 422 and "已被另一届党代会使用" in answer.text


def test_relatives_are_declared_by_identity_number(site: Site) -> None:
    admin = site.visitor("admin")
    opened(site, admin)
    opened(site, admin, name="王二", identity=identity_number(2), login="wang")
    pair = {"person": identity_number(1), "relative": identity_number(2), "relation": "兄弟"}
    assert admin.post("/admin/relatives", pair).status_code == 302
    page = admin.get("/admin/relatives").text
    assert "丁一" in page and "王二" in page and identity_number(1) not in page
    for change, said in (
        ({}, "已经登记"),
        ({"relative": identity_number(1)}, "自己的亲属"),
        ({"relative": identity_number(3)}, ""),
        ({"person": "1"}, "有误"),
        ({"relation": ""}, "请填写关系"),
    ):
        answer = admin.post("/admin/relatives", pair | change)
        assert answer.status_code == 422 and said in answer.text, change


def test_the_chains_are_checked_at_the_desk(site: Site) -> None:
    assert "完整" in site.visitor("admin").post("/admin/audit").text
    assert ADMIN_PASSWORD not in site.visitor("admin").get("/admin/").text
