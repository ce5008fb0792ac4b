"""The allocation sheet at the desk: reasons for every number, changes by hand, computing around the locks, contradictions."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from election.congress.operations_previous import set_previous_seats
from election.quotas.models import HandChange, Scheme
from election.quotas.operations_groups import save_group
from election.quotas.queries import mark, scheme_by_number
from tests.election.quotas.conftest import made
from tests.webapp.conftest import CountySite, MakeSite, Site, Visitor

LIST, FIRST = "/office/schemes", "/office/schemes/1"


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    """A county with its first scheme, a draft."""
    opened = county_site("to be divided", made)
    opened.at("office").post(opened.page(LIST))
    return opened


def scheme(at: CountySite) -> Scheme:
    with at.site.database.reading() as session:
        found = scheme_by_number(session, at.county.congress_id, 1)
        session.expunge_all()
    return found


def changes(at: CountySite) -> list[HandChange]:
    return list(scheme(at).changes)


def change(at: CountySite, desk: Visitor, **fields: Any) -> Any:
    """Sets a number as the panel's form does: locked, with a reason, from the page as it stands."""
    sent = {"unit": "u1", "category": "leader", "seats": "5", "reason": "商定", "locked": "1", "seen": mark(scheme(at))}
    return desk.post(
        at.page(f"{FIRST}/change"), {name: text for name, text in (sent | fields).items() if text is not None}
    )


def said(page: str) -> str:
    """What stands between the tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.unescape(page)))


def in_cell(page: str, title: str) -> str:
    """The text of the cell or total of this title, as a reader of screens is told it."""
    found = re.search(rf'aria-label="{re.escape(title)} ([^"]+)"', page)
    assert found is not None, title
    return found[1]


# Looking


def test_every_unit_every_sum_and_the_reason_of_the_chosen_cell_are_shown(at: CountySite) -> None:
    page = at.at("office").get(at.page(f"{FIRST}?cell=u1.leader")).text
    assert page.count('data-category="leader"') == 4  # its head, its total and two cells
    assert "第1镇 · 领导干部" in page and "恰为 5 席，不用取整" in page and "下一席的代价" in page
    seats = [int(in_cell(page, f"第{u}镇 · {c}")) for u in (1, 2) for c in ("领导干部", "农民", "其他基层")]
    assert sum(seats) == 20 and "合计 20 席，各单位、各类别相加都与总额一致" in page


@pytest.mark.parametrize("query", ["cell=u2.farmer", "unit=u1", "category=other"])
def test_a_cell_a_unit_and_a_category_tell_their_reasons_by_themselves(at: CountySite, query: str) -> None:
    office = at.at("office")
    answer = office.get(at.page(f"{FIRST}/cell?{query}"))
    assert answer.status_code == 200 and "<html" not in answer.text and "计算" in answer.text
    page = office.get(at.page(f"{FIRST}?{query}")).text
    assert said(answer.text).split()[-1] in said(page)


def test_a_unit_s_weight_is_reckoned_from_its_members_and_organisations(at: CountySite) -> None:
    told = said(at.at("office").get(at.page(f"{FIRST}/cell?unit=u1")).text)
    assert "党员 24 × 1 + 党组织 3 × 3 = 33 单位权重 33，占 50.0%；20 席按比例应得 10.00 席" in told


@pytest.mark.parametrize(
    "query", ["cell=x", "cell=u1.", "cell=<script>", "unit=u9", "category=", "unit=u1&category=no"]
)
def test_a_choice_that_the_sheet_does_not_have_is_no_choice(at: CountySite, query: str) -> None:
    office = at.at("office")
    assert office.get(at.page(f"{FIRST}?{query}")).status_code == 200
    assert office.get(at.page(f"{FIRST}/cell?{query}")).status_code == 422


def test_the_reasons_are_for_those_who_may_see_the_scheme(at: CountySite) -> None:
    assert at.at("approver").get(at.page(f"{FIRST}/cell?cell=u1.leader")).status_code == 200
    assert at.at("u1").get(at.page(f"{FIRST}/cell?cell=u1.leader")).status_code == 403


def test_the_previous_congress_stands_beside_the_seats(at: CountySite) -> None:
    with at.county.acting("office") as act:
        set_previous_seats(act, at.county.congress_id, {"u1": 8, "u2": None})
    page = at.at("office").get(at.page(f"{FIRST}?unit=u1")).text
    row = page[page.index("第1镇</th>") :]
    assert "+2" in row[: row.index("</tr>")] and re.search(r"上届</dt><dd>8", page)


def test_with_groups_the_price_of_a_seat_is_worked_out_on_demand(at: CountySite) -> None:
    with at.county.acting("office") as act:
        save_group(act, at.county.congress_id, "all", "全县农民", [], ["farmer"], 1, None)
    office = at.at("office")
    office.post(at.page(LIST))
    second = f"{LIST}/2"
    page = office.get(at.page(f"{second}/cell?cell=u1.leader")).text
    assert "算一算" in page and "不能再给" not in page
    worked_out = office.get(at.page(f"{second}/cell?cell=u1.leader&price=1")).text
    assert "算一算" not in worked_out and "不能再给" in worked_out


# Changing


def test_a_number_set_by_hand_is_marked_and_does_not_add_up_until_computed_anew(at: CountySite) -> None:
    office = at.at("office")
    before = int(in_cell(office.get(at.page(FIRST)).text, "第1镇 · 领导干部"))
    answer = change(at, office, seats=str(before + 1))
    assert answer.location.endswith(f"{FIRST}?cell=u1.leader&saved=1")
    page = office.get(answer.location).text
    assert in_cell(page, "第1镇 · 领导干部") == str(before + 1)
    assert in_cell(page, "第1镇 · 名额") == "11 / 10" and in_cell(page, "领导干部 · 合计").endswith(" / 10")
    assert "合计 21 席，比总额 20 多 1 席；第1镇多 1 席、领导干部多 1 席；调整其他格，或锁定后重新计算。" in page
    assert 'class="num cell group-start chosen locked"' in page and "待重新计算" in page and "已保存。" in page
    assert f"系统 {before} → {before + 1}" in said(page)
    assert f"{FIRST}/submit" not in page
    blocked = office.post(at.page(f"{FIRST}/submit"))
    assert blocked.status_code == 422 and "还没有锁定并重新计算" in blocked.text
    assert office.post(at.page(f"{FIRST}/recompute"), {"seen": mark(scheme(at))}).status_code == 302
    page = office.get(at.page(f"{FIRST}?cell=u1.leader")).text
    assert in_cell(page, "第1镇 · 领导干部") == str(before + 1) and in_cell(page, "第1镇 · 名额") == "10"
    assert "人工锁定" in page and "待重新计算" not in page and f"{FIRST}/submit" in page


def test_a_unit_and_a_category_are_changed_in_the_same_way(at: CountySite) -> None:
    office = at.at("office")
    assert change(at, office, category=None, seats="12").location.endswith("?unit=u1&saved=1")
    assert change(at, office, unit="", category="farmer", seats="5").location.endswith("?category=farmer&saved=1")
    page = office.get(at.page(FIRST)).text
    assert in_cell(page, "第1镇 · 名额").endswith(" / 12") and in_cell(page, "农民 · 合计").endswith(" / 5")
    assert "人工调整 2 处" in page
    office.post(at.page(f"{FIRST}/recompute"))
    page = office.get(at.page(FIRST)).text
    assert in_cell(page, "第1镇 · 名额") == "12" and in_cell(page, "农民 · 合计") == "5"


def test_an_unlocked_change_is_put_back_by_computing_and_the_question_says_so(at: CountySite) -> None:
    office = at.at("office")
    before = int(in_cell(office.get(at.page(FIRST)).text, "第1镇 · 领导干部"))
    change(at, office, seats=str(before + 1), locked=None)
    page = office.get(at.page(FIRST)).text
    assert "1 处未锁定的调整将放回系统算出的数" in page and 'class="num cell group-start hand"' in page
    office.post(at.page(f"{FIRST}/recompute"))
    assert in_cell(office.get(at.page(FIRST)).text, "第1镇 · 领导干部") == str(before) and changes(at) == []


def test_an_unlocked_change_is_locked_with_one_press(at: CountySite) -> None:
    office = at.at("office")
    change(at, office, seats="6", locked=None)
    page = office.get(at.page(FIRST)).text
    form = next(found for found in re.findall(r"<form class=\"act\".*?</form>", page, re.DOTALL) if ">锁定<" in found)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    fields.pop("csrf_token")
    assert office.post(at.page(f"{FIRST}/change"), fields).status_code == 302
    assert [(row.locked, row.reason, row.seats) for row in changes(at)] == [(True, "商定", 6)]


def test_a_change_is_put_back_where_it_is_listed(at: CountySite) -> None:
    office = at.at("office")
    change(at, office)
    assert ">1 处<" in office.get(at.page(LIST)).text
    page = office.get(at.page(FIRST)).text
    (path,) = re.findall(rf"{FIRST}/changes/\d+/put-back", page)
    stale = office.post(at.page(path), {"seen": "of long ago"})
    assert stale.status_code == 409 and len(changes(at)) == 1
    assert office.post(at.page(path), {"seen": mark(scheme(at))}).status_code == 302
    assert (
        changes(at) == []
        and "人工调整" not in said(office.get(at.page(FIRST)).text).split("图例")[0].split("方案指纹")[1]
    )
    assert office.post(at.page(path), {"seen": mark(scheme(at))}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"reason": " "}, "f-reason", "请写明调整的理由"),
        ({"seats": "many"}, "f-seats", "“many”不是数"),
        ({"seats": ""}, "f-seats", "请填写席数"),
        ({"seats": "-1"}, "f-seats", "“-1”不是数"),
        ({"seats": "21"}, "f-seats", "不能超过总名额 20"),
        ({"seats": "9" * 30}, "f-seats", "不是数"),
    ],
)
def test_a_refused_number_is_said_at_its_field_and_nothing_typed_is_lost(
    at: CountySite, fields: dict[str, str], field: str, words: str
) -> None:
    answer = change(at, at.at("office"), **fields)
    assert answer.status_code == 422 and words in answer.text
    assert f'id="{field}-error"' in answer.text and f'aria-describedby="{field}-error"' in answer.text
    typed = {"seats": "5", "reason": "商定"} | fields
    for name, text in typed.items():
        assert re.search(rf'name="{name}"[^>]* value="{re.escape(html.escape(text))}"', answer.text), name
    assert 'class="num cell group-start chosen"' in answer.text and changes(at) == []


def test_full_width_digits_are_digits(at: CountySite) -> None:
    change(at, at.at("office"), seats="５")
    assert [row.seats for row in changes(at)] == [5]


def test_a_form_that_names_no_place_changes_nothing(at: CountySite) -> None:
    office = at.at("office")
    assert change(at, office, unit="", category="").status_code == 422
    assert change(at, office, unit="u9").status_code == 422
    assert changes(at) == []


# Contradictions


def test_locks_that_contradict_each_other_are_answered_on_the_sheet(at: CountySite) -> None:
    office = at.at("office")
    change(at, office, category="", seats="12")
    change(at, office, unit="u2", category="", seats="12")
    answer = office.post(at.page(f"{FIRST}/recompute"), {"seen": mark(scheme(at))})
    assert answer.status_code == 422 and "互相矛盾" in answer.text and "什么也没有改动" in answer.text
    assert "12 →" in said(answer.text) and "按此试算" in answer.text
    assert len(changes(at)) == 2
    relax = [html.unescape(text) for text in re.findall(r'name="relax" value="([^"]+)"', answer.text)]
    assert office.post(at.page(f"{FIRST}/recompute"), {"seen": mark(scheme(at)), "relax": relax}).status_code == 302
    page = office.get(at.page(FIRST)).text
    assert "为消除规则矛盾" in page and f"{FIRST}/submit" in page


def test_remedies_are_adopted_one_after_another(at: CountySite) -> None:
    """A trial that mends one contradiction of two is not forgotten by the next."""
    office = at.at("office")
    change(at, office, category="", seats="12")
    change(at, office, unit="u2", category="", seats="12")
    elsewhere = '["cell_most", "u1", "other", "", 7]'
    answer = office.post(at.page(f"{FIRST}/recompute"), {"seen": mark(scheme(at)), "relax": elsewhere})
    assert answer.status_code == 422 and "已试用 1 处改法" in answer.text
    relax = [html.unescape(text) for text in re.findall(r'name="relax" value="([^"]+)"', answer.text)]
    assert relax[0] == elsewhere and len(relax) > 1
    office.post(at.page(f"{FIRST}/recompute"), {"seen": mark(scheme(at)), "relax": relax})
    assert "cell_most" in {row.kind.value for row in changes(at)}


# Speed


def test_a_county_s_sheet_takes_few_statements(demo: Any) -> None:
    site: Site = demo("configured")
    office = site.visitor("office")
    path = "/c/demo-14/office/schemes/1?cell=u05.farmer"
    assert office.get(path).status_code == 200
    statements = site.listen()
    assert office.get(path).status_code == 200
    assert len(statements) <= 40, "\n".join(statements)
    statements.clear()
    assert office.get(path.replace("?", "/cell?")).status_code == 200
    assert len(statements) <= 12, "\n".join(statements)
