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
    assert f"不作任何人工调整时 {before} 席。" in said(page)
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
        *(({"seats": text}, "f-seats", "请填 0 至 20 的整数") for text in ("many", "", "-1", "2.5", "21", "9" * 30)),
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


def test_two_numbers_that_were_computed_are_told_apart(at: CountySite) -> None:
    """What stands there without any change, and what the other locks leave of it."""
    office = at.at("office")
    before = int(in_cell(office.get(at.page(FIRST)).text, "第1镇 · 农民"))
    change(at, office, category="", seats="12")
    office.post(at.page(f"{FIRST}/recompute"))
    solved = int(in_cell(office.get(at.page(FIRST)).text, "第1镇 · 农民"))
    assert solved != before
    change(at, office, category="farmer", seats=str(before))
    page = said(office.get(at.page(f"{FIRST}?cell=u1.farmer")).text)
    words = f"不作任何人工调整时 {before} 席；按其他锁定计算 {solved} 席。"
    assert page.count(words) == 2 and "系统 " not in page
    assert office.post(at.page(f"{FIRST}/recompute")).status_code == 302
    change(at, office, category="", seats="11")
    again = said(office.get(at.page(f"{FIRST}?unit=u1")).text)
    assert again.count("不作任何人工调整时 10 席；上次计算 12 席。") == 2


def test_a_lock_put_back_says_that_it_holds_until_computing(at: CountySite) -> None:
    office = at.at("office")
    before = in_cell(office.get(at.page(FIRST)).text, "第1镇 · 领导干部")
    change(at, office, seats="6")
    office.post(at.page(f"{FIRST}/recompute"))
    (path,) = re.findall(rf"{FIRST}/changes/\d+/put-back", office.get(at.page(FIRST)).text)
    office.post(at.page(path), {"seen": mark(scheme(at))})
    page = office.get(at.page(f"{FIRST}?cell=u1.leader")).text
    assert "第1镇 · 领导干部：已取消，重新计算后恢复为系统算出的数。" in page
    assert "第1镇·领导干部 的锁定已取消，尚未重新计算，重新计算后才能送审。" in page
    assert in_cell(page, "第1镇 · 领导干部") == "6 锁定已取消，待重新计算" and "chosen freed" in page
    assert "这里的锁定（6 席）已取消" in page
    office.post(at.page(f"{FIRST}/recompute"))
    page = office.get(at.page(f"{FIRST}?cell=u1.leader")).text
    assert in_cell(page, "第1镇 · 领导干部") == before and "已取消" not in page


def test_a_lock_set_back_to_the_system_s_number_holds_until_computing_too(at: CountySite) -> None:
    office = at.at("office")
    before = in_cell(office.get(at.page(FIRST)).text, "第1镇 · 领导干部")
    change(at, office, seats="7")
    office.post(at.page(f"{FIRST}/recompute"))
    answer = change(at, office, seats=before, locked=None)
    assert answer.location.endswith("saved=0") and "已取消，重新计算后恢复" in office.get(answer.location).text
    change(at, office, unit="u2", seats="1", locked=None)
    page = office.get(at.page(FIRST)).text
    assert "第1镇·领导干部 的锁定已取消，尚未重新计算；合计 " in page


def test_computing_anew_says_what_else_moved_and_what_was_put_back(at: CountySite) -> None:
    office = at.at("office")
    old = office.get(at.page(FIRST)).text
    change(at, office, seats="7")
    change(at, office, unit="u2", category="other", seats="1", locked=None)
    page = office.get(office.post(at.page(f"{FIRST}/recompute")).location).text
    moved = [
        (title, in_cell(old, title), in_cell(page, title))
        for title in ("第1镇 · 农民", "第1镇 · 其他基层", "第2镇 · 领导干部", "第2镇 · 农民", "第2镇 · 其他基层")
        if in_cell(old, title) != in_cell(page, title)
    ]
    assert moved and f"其他格有 {len(moved)} 格随之变动：" in page
    for title, from_, to in moved:
        assert f"{title.replace(' · ', '·')} {from_.replace('–', '0')}→{to.replace('–', '0')}" in page
    assert "1 处未锁定的调整已放回系统算出的数。" in page
    assert (
        "方案1 已重新计算；其他各格没有变动。" in office.get(office.post(at.page(f"{FIRST}/recompute")).location).text
    )


def test_everyone_who_wrote_a_part_is_named_and_the_computing_is_nobody_s(at: CountySite) -> None:
    change(at, at.at("office2"), seats="6")
    page = said(at.at("office").get(at.page(FIRST)).text)
    names = [at.county.people[desk].name for desk in ("office", "office2")]
    assert f"{names[0]}、{names[1]}" in at.at("office").get(at.page(LIST)).text
    assert re.search(rf"编制 {names[0]}、{names[1]} 最近计算 \d{{4}}年", page)


def test_what_was_typed_outlives_another_clerk_s_change(at: CountySite) -> None:
    office, other = at.at("office"), at.at("office2")
    seen = mark(scheme(at))
    change(at, other, unit="u2", category="farmer", seats="2", reason="偏远")
    answer = change(at, office, seats="7", reason="我的理由", seen=seen)
    name = at.county.people["office2"].name
    assert answer.status_code == 409 and f"方案1 在您打开之后已由{name}改动" in answer.text
    assert "人工调整名额：第2镇·农民 2 席" in answer.text
    assert re.search(r'name="seats"[^>]* value="7"', answer.text) and 'value="我的理由"' in answer.text
    assert [row.seats for row in changes(at)] == [2]
    (seen,) = set(re.findall(r'<form class="cell-form".*?name="seen" value="(\w+)"', answer.text, re.DOTALL))
    assert change(at, office, seats="7", reason="我的理由", seen=seen).status_code == 302
    assert sorted(row.seats for row in changes(at)) == [2, 7]


def test_more_seats_than_members_could_contest_is_said_wherever_it_matters(at: CountySite) -> None:
    office = at.at("office")
    change(at, office, seats="8")
    page = office.get(at.page(f"{FIRST}?cell=u1.leader")).text
    assert "第1镇·领导干部 8 席，有选举权的该类党员 8 人，不够差额。" in page
    assert "本格 8 席，有选举权的该类党员 8 人，不够差额：至多 6 席。" in page
    assert in_cell(page, "第1镇 · 领导干部") == "8 不够差额" and "far-mark" in page
    office.post(at.page(f"{FIRST}/recompute"))
    assert "有 1 格不够差额。送审后由另一人批准" in office.get(at.page(FIRST)).text
    office.post(at.page(f"{FIRST}/submit"))
    asked = at.at("approver").get(at.page(FIRST)).text
    assert "含 1 处人工调整。有 1 格不够差额。批准后" in asked and "8 人，不够差额。" in asked


def test_a_reason_of_return_stays_while_it_is_mended_and_the_submission_does_not(at: CountySite) -> None:
    office, approver = at.at("office"), at.at("approver")
    office.post(at.page(f"{FIRST}/submit"))
    approver.post(at.page(f"{FIRST}/return"), {"reason": "农民偏少"})
    change(at, office, category="farmer", seats="4")
    page = office.get(at.page(FIRST)).text
    assert "曾被退回：农民偏少" in page and "<dt>送审" not in page


# Contradictions


def test_the_changes_that_contradict_are_named_with_their_reasons(at: CountySite) -> None:
    office = at.at("office")
    change(at, office, unit="", category="farmer", seats="18", reason="上级批复农民增席")
    page = office.post(at.page(f"{FIRST}/recompute"), {"seen": mark(scheme(at))}).text
    assert "涉及的人工调整： 农民 · 合计 18 席 ，理由：上级批复农民增席" in said(page)
    relax = [html.unescape(text) for text in re.findall(r'name="relax" value="([^"]+)"', page)]
    office.post(at.page(f"{FIRST}/recompute"), {"seen": mark(scheme(at)), "relax": relax})
    kept = {row.reason for row in changes(at)}
    assert any("上级批复农民增席" in reason for reason in kept)


def test_a_group_that_contradicts_has_its_page(at: CountySite) -> None:
    with at.county.acting("office") as act:
        for code, least, most in (("low", None, 1), ("high", 4, None)):
            save_group(act, at.county.congress_id, code, f"{code}农民组", ["u1"], ["farmer"], least, most)
    page = at.at("office").post(at.page(LIST)).text
    assert "组 组" not in said(page) and "也可以另改：" in page
    assert re.search(r'href="[^"]+/office/groups/\d+">在名额组中调整', page)


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
