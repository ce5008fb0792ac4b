"""The office sets its congress up at the desk: what cannot be is said at its place, and nothing typed is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from election.congress.lifecycle import Phase
from election.congress.models import Category, Congress, Overlay, Unit
from election.congress.rules_in_force import rules_in_force, use_rules
from tests.support.county import begin
from tests.webapp.conftest import CountySite, MakeSite

FIELDS = {"name": "新名", "county": "某县", "total_seats": "21", "reference_date": "2031-07-01"}
UNIT = {"code": "u9", "name": "第9镇", "kind": "township", "factor": "1", "factor_reason": ""}
SHARES = {"leader": "49", "army": "1", "technical": "20", "farmer": "10", "private": "5", "other": "15"}


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("begun", begin)


def lines(shares: dict[str, str], **change: list[str]) -> dict[str, list[str] | str]:
    return {
        "list": "categories",
        "code": list(shares),
        "name": [f"类别{code}" for code in shares],
        "name_en": [""] * len(shares),
        "share": list(shares.values()),
        "assigned": ["yes"] + ["no"] * (len(shares) - 1),
        **change,
    }  # fmt: skip


def past_preparation(at: CountySite) -> None:
    with at.site.database.writing() as session:
        session.get_one(Congress, at.county.congress_id).phase = Phase.REGISTRATION


def test_the_basics_are_changed(at: CountySite) -> None:
    office = at.at("office")
    assert office.post(at.page("/office/"), FIELDS).status_code == 302
    page = office.get(at.page("/office/")).text
    assert 'value="新名"' in page and 'value="21"' in page and 'value="2031-07-01"' in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "请填写名称"),
        ({"total_seats": "0"}, "1 至 9,999"),
        ({"total_seats": "9999999999"}, "1 至 9,999"),
        ({"total_seats": "x"}, "整数"),
        ({"reference_date": "2031-13-01"}, "日期"),
        ({"county": "长" * 41}, "最多 40 个字"),
    ],
)
def test_basics_that_cannot_be_are_refused_at_their_field_with_everything_kept(at: CountySite, change, said) -> None:
    answer = at.at("office").post(at.page("/office/"), FIELDS | change)
    assert answer.status_code == 422 and said in answer.text and "Not a valid" not in answer.text
    for value in (FIELDS | change).values():
        assert f'value="{value}"' in answer.text or not value
    with at.site.database.reading() as session:
        assert session.scalars(select(Congress.total_seats)).one() == 20


def test_the_reply_is_recorded_or_waived(at: CountySite) -> None:
    office = at.at("office")
    wrong = office.post(at.page("/office/reply"), {"number": "", "replied_on": "2031-03-01"})
    assert wrong.status_code == 422 and "请填写批复文号" in wrong.text
    wrong = office.post(at.page("/office/reply"), {"number": "某组复1号", "replied_on": "昨天"})
    assert wrong.status_code == 422 and 'value="某组复1号"' in wrong.text and 'value="昨天"' in wrong.text
    assert office.post(at.page("/office/reply"), {"number": "某组复1号", "replied_on": "2031-03-01"}).status_code == 302
    assert "2031年3月1日" in office.get(at.page("/office/")).text
    wrong = office.post(at.page("/office/waiver"), {"reason": " "})
    assert wrong.status_code == 422 and "须写明理由" in wrong.text
    assert office.post(at.page("/office/waiver"), {"reason": "试点"}).status_code == 302
    assert "不报批：试点" in office.get(at.page("/office/")).text


def test_units_are_added_changed_and_removed(at: CountySite) -> None:
    office = at.at("office")
    assert office.post(at.page("/office/units"), UNIT).status_code == 302
    changed = UNIT | {"name": "新镇", "factor": "１．０５", "factor_reason": "边远"}
    assert office.post(at.page("/office/units/u9"), changed).status_code == 302
    with at.site.database.reading() as session:
        unit = session.scalars(select(Unit).where(Unit.code == "u9")).one()
        assert (unit.name, str(unit.factor)) == ("新镇", "21/20")
    assert office.post(at.page("/office/units/u9/remove")).status_code == 302
    assert office.get(at.page("/office/units/u9")).status_code == 404


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": ""}, "代号只能用"),
        ({"code": "u1"}, "重复"),
        ({"name": "第1镇"}, "已存在"),
        ({"factor": "1,05"}, "不是数"),
        ({"factor": "1e9999999"}, "不是数"),
        ({"factor": "1_0"}, "不是数"),
        ({"factor": "nan"}, "不是数"),
        ({"factor": "1/0"}, "不是数"),
        ({"factor": "9" * 21}, "不是数"),
        ({"factor": "-1"}, "须大于 0"),
        ({"factor": "4/3"}, "小数"),
        ({"factor": "1.05"}, "须写明理由"),
        ({"kind": "kingdom"}, ""),
        ({"factor": "1.05", "factor_reason": "长" * 201}, "最多 200 个字"),
    ],
)
def test_a_unit_that_cannot_be_is_refused_at_its_field_with_everything_kept(at: CountySite, change, said: str) -> None:
    answer = at.at("office").post(at.page("/office/units"), UNIT | change)
    assert answer.status_code == 422 and said in answer.text and "Not a valid" not in answer.text
    for name in ("code", "name", "factor", "factor_reason"):
        value = (UNIT | change)[name]
        assert f'value="{value}"' in answer.text or not value
    with at.site.database.reading() as session:
        assert len(session.scalars(select(Unit)).all()) == 2


def test_the_county_s_categories_are_saved_as_percentages(at: CountySite) -> None:
    office = at.at("office")
    assert office.post(at.page("/office/categories"), lines(SHARES)).status_code == 302
    with at.site.database.reading() as session:
        rows = session.scalars(select(Category).order_by(Category.position)).all()
        assert {row.code: str(row.share * 100) for row in rows} == SHARES
        assert [row.takes_assigned for row in rows] == [True] + [False] * 5
    page = office.get(at.page("/office/categories")).text
    assert page.count('value="类别') == 6 and 'value="49"' in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lines(SHARES | {"other": "14.99"}), "合计为 99.99%"),
        (lines(SHARES | {"other": "一成半"}), "第 6 行：“一成半”不是数"),
        (lines(SHARES | {"other": ""}), "第 6 行"),
        (lines(SHARES, code=["A", *list(SHARES)[1:]]), "第 1 行：代号只能用"),
        (lines(SHARES, name=["", *list("二三四五六")]), "第 1 行：请填写名称"),
        (lines(SHARES, name=["同", "同", *list("三四五六")]), "第 2 行：“同”或其代号重复"),
        (lines(SHARES, code=["", *list(SHARES)[1:]], name=["", *list("二三四五六")]), "第 1 行"),
        (lines(SHARES, name=["长" * 41, *list("二三四五六")]), "最多 40 个字"),
        ({"list": "categories"}, "至少要有一个类别"),
    ],
)
def test_categories_that_cannot_be_are_refused_at_their_line_with_everything_kept(at: CountySite, given, said) -> None:
    answer = at.at("office").post(at.page("/office/categories"), given)
    assert answer.status_code == 422 and said in answer.text
    for column in ("code", "name", "share"):
        for value in given.get(column, []):
            assert f'value="{value}"' in answer.text or not value, value
    with at.site.database.reading() as session:
        assert len(session.scalars(select(Category)).all()) == 3


OVERLAY = {"list": "overlays", "code": ["w"], "name": ["妇女"], "share": ["27"], "fact": ["women"], "age": [""]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"age": ["²"]}, "第 1 行：“²”不是数"),
        ({"age": ["-5"]}, "不是数"),
        ({"fact": ["age_at_most"]}, "第 1 行"),
        ({"age": ["50"]}, "第 1 行"),
        ({"fact": ["age_at_most"], "age": ["9" * 12]}, "数字太大"),
        ({"fact": ["beauty"]}, "不完整或有误"),
        ({"share": ["101"]}, "0 至 100%"),
    ],
)
def test_overlays_that_cannot_be_are_refused_in_words(at: CountySite, change, said: str) -> None:
    answer = at.at("office").post(at.page("/office/categories"), OVERLAY | change)
    assert answer.status_code == 422 and said in answer.text
    with at.site.database.reading() as session:
        assert len(session.scalars(select(Overlay)).all()) == 2
    assert at.at("office").post(at.page("/office/categories"), OVERLAY).status_code == 302


def test_rules_are_set_together_or_not_at_all(at: CountySite) -> None:
    office = at.at("office")
    wrong = office.post(at.page("/office/rules"), {"margin_min": "40", "publicity_days": "很多", "unit_least": "-1"})
    assert wrong.status_code == 422 and "公示工作日" in wrong.text and 'value="很多"' in wrong.text
    assert 'value="40"' in wrong.text

    def margin() -> object:
        with at.site.database.reading() as session:
            return rules_in_force(session, at.county.congress_id)["margin_min"]

    assert margin() == 20
    assert office.post(at.page("/office/rules"), {"margin_min": "40", "nonsense": "1"}).status_code == 302
    assert margin() == 40
    with at.county.acting("office") as act:
        use_rules(act, at.county.congress_id, "slate.frozen", "margin_min")
    frozen = office.post(at.page("/office/rules"), {"margin_min": "50"})
    assert frozen.status_code == 422 and "不能再改" in frozen.text
    assert office.get(at.page("/office/rules")).status_code == 200


def test_nothing_is_offered_or_taken_after_the_preparation(at: CountySite) -> None:
    past_preparation(at)
    office = at.at("office")
    assert "保存</button>" not in office.get(at.page("/office/")).text
    for path, given in (
        ("/office/", FIELDS), ("/office/units", UNIT), ("/office/categories", lines(SHARES)),
        ("/office/categories", OVERLAY), ("/office/reply", {"number": "1号", "replied_on": "2031-03-01"}),
        ("/office/waiver", {"reason": "x"}),
    ):  # fmt: skip
        answer = office.post(at.page(path), given)
        assert answer.status_code == 422 and "准备阶段的内容不能再改" in answer.text, path
    assert office.post(at.page("/office/units/u1/remove")).status_code == 422


def test_the_audit_page_reads_backwards_from_anywhere(at: CountySite) -> None:
    office = at.at("office")
    for before in ("", "?before=3", "?before=0", "?before=x", "?before=99999999999999999999"):
        assert office.get(at.page(f"/office/audit{before}")).status_code in (200, 400), before
