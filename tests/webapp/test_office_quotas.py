"""Beside the sheet: schemes and methods compared, groups, previous seats, the problem as a workbook."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest

from election.congress.operations_previous import set_previous_seats
from election.congress.queries import congress_by_id
from election.people.actor import Role
from election.quotas.hand import Change
from election.quotas.impossible import Impossible
from election.quotas.models import ChangeKind
from election.quotas.operations import compute_scheme
from election.quotas.operations_groups import save_group
from election.quotas.operations_hand import change_seats, recompute_scheme
from election.quotas.queries import mark, scheme_by_number, schemes
from election.quotas.queries_basis import groups
from tests.election.quotas.conftest import made
from tests.support.county import County, registered
from tests.webapp.conftest import CountySite, MakeSite

COMPARE, METHODS = "/office/schemes/compare", "/office/schemes/1/methods"
GROUPS, PREVIOUS, WORKBOOK = "/office/groups", "/office/previous", "/office/schemes/workbook"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def watched(database: Any) -> County:
    county = made(database)
    county.sit("observer", Role.OBSERVER)
    county.sit("teller", Role.TELLER)
    return county


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("to be divided and watched", watched)


def computed(at: CountySite, times: int = 1) -> None:
    for _ in range(times):
        with at.county.acting("office") as act:
            compute_scheme(act, at.county.congress_id)


def seen(at: CountySite, number: int) -> str:
    with at.county.reading() as session:
        return mark(scheme_by_number(session, at.county.congress_id, number))


def locked(at: CountySite, number: int, seats: int) -> None:
    """One cell of a scheme set by hand, and the scheme computed around it."""
    change = Change(ChangeKind.CELL, "u1", "leader", "", seats, locked=True)
    with at.county.acting("office") as act:
        change_seats(act, at.county.congress_id, number, change, "班子需要", seen=seen(at, number))
    with at.county.acting("office") as act:
        recompute_scheme(act, at.county.congress_id, number, seen=seen(at, number))


def plain(page: str) -> str:
    """What a reader reads, without marks and spaces."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]*>", "", page[page.index("<main") :]))


# Who may


@pytest.mark.parametrize("desk", ["office", "approver", "u1", "u1-b1", "observer", "teller"])
def test_each_page_is_open_to_those_whose_work_it_is(at: CountySite, desk: str) -> None:
    computed(at, 2)
    person = at.at(desk)
    both = {"office", "approver"}
    for path, allowed in {
        COMPARE: both | {"observer"}, METHODS: both, GROUPS: both,
        f"{GROUPS}/new": {"office"}, PREVIOUS: {"office"}, f"{PREVIOUS}/template.xlsx": {"office"},
        WORKBOOK: {"office"}, f"{WORKBOOK}.xlsx": {"office"},
    }.items():  # fmt: skip
        # To observers a draft is not there.
        closed = 404 if (desk, path) == ("observer", METHODS) else 403
        assert person.get(at.page(path)).status_code == (200 if desk in allowed else closed), path
    if desk != "office":
        for path in (f"{GROUPS}/new", f"{GROUPS}/1/remove", PREVIOUS, f"{PREVIOUS}/import", WORKBOOK):
            assert person.post(at.page(path)).status_code == 403, path


def test_the_approver_sees_only_the_tabs_and_buttons_that_are_theirs(at: CountySite) -> None:
    with at.county.acting("office") as act:
        save_group(act, at.county.congress_id, "towns", "乡镇", [], ["farmer"], 2, None)
    page = at.at("approver").get(at.page(GROUPS)).text
    assert "乡镇" in page and COMPARE in page
    for closed in (f"{GROUPS}/new", "/remove", PREVIOUS, WORKBOOK, "/office/leaders"):
        assert closed not in page
    ours = at.at("office").get(at.page(GROUPS)).text
    assert all(link in ours for link in (f"{GROUPS}/new", "/remove", PREVIOUS, WORKBOOK))


# Schemes side by side


def test_before_there_are_two_schemes_there_is_nothing_to_compare(at: CountySite) -> None:
    office = at.at("office")
    for _ in range(2):
        assert "要有两个方案才能对比" in office.get(at.page(COMPARE)).text
        computed(at)
    assert "两个方案的名额完全相同" in office.get(at.page(COMPARE)).text


def test_only_what_differs_is_shown_with_its_direction_and_what_a_hand_did(at: CountySite) -> None:
    computed(at, 2)
    locked(at, 2, 7)
    page = plain(at.at("office").get(at.page(f"{COMPARE}?a=1&b=2")).text)
    # Ten leaders' seats are shared by halves; the farmers' and others' make room.
    assert "第1镇" in page and "5→7+2" in page and "5→3−2" in page
    assert "不同之处：" in page and "2个单位" in page
    assert "人工调整没有1处" in page
    assert "超出上下取整的格数没有" in page and "第1镇·领导干部：应得5.00，得7" in page
    assert "合计101066" not in page and "204" not in page
    turned = plain(at.at("office").get(at.page(f"{COMPARE}?a=2&b=1")).text)
    assert "7→5−2" in turned


def test_without_a_choice_the_newest_is_compared_with_the_one_before(at: CountySite) -> None:
    computed(at, 3)
    locked(at, 3, 7)
    page = at.at("office").get(at.page(COMPARE)).text
    assert re.findall(r'<option value="(\d)" selected>', page) == ["2", "3"]
    assert "方案2→方案3" in plain(page)


def test_three_are_compared_and_one_of_them_may_be_left_out(at: CountySite) -> None:
    computed(at, 3)
    locked(at, 2, 7)
    locked(at, 3, 6)
    office = at.at("office")
    assert "5/7/6" in plain(office.get(at.page(f"{COMPARE}?a=1&b=2&c=3")).text)
    assert "5→7" in plain(office.get(at.page(f"{COMPARE}?a=1&b=2&c=")).text)


def test_what_is_only_tried_out_is_compared_as_the_sheet_shows_it_and_said(at: CountySite) -> None:
    computed(at, 2)
    change = Change(ChangeKind.CELL, "u2", "farmer", "", 0, locked=False)
    with at.county.acting("office") as act:
        change_seats(act, at.county.congress_id, 2, change, "试一试", seen=seen(at, 2))
    page = plain(at.at("office").get(at.page(COMPARE)).text)
    assert "其中1处还没有锁定并重新计算" in page and "3→0−3" in page and "20→17−3" in page


def test_all_schemes_are_measured_alike_and_one_that_only_holds_by_hand_says_so(at: CountySite) -> None:
    computed(at)
    with at.county.acting("office") as act:
        save_group(act, at.county.congress_id, "far", "边远", ["u1"], ["farmer"], 8, None)
    with pytest.raises(Impossible) as caught, at.county.acting("office") as act:
        compute_scheme(act, at.county.congress_id)
    with at.county.acting("office") as act:
        compute_scheme(act, at.county.congress_id, changes=caught.value.changes)
    office = at.at("office")
    for query in ("?a=1&b=2", "?a=2&b=1"):
        page = plain(office.get(at.page(COMPARE + query)).text)
        assert "各方案都按同一套应得份额衡量：按方案1的名册和规则算出，不计人工调整。" in page
        assert "方案2的规则本身互相矛盾，靠人工调整才分得下去。" in page
    assert "本方案的规则本身互相矛盾" in office.get(at.page("/office/schemes/2/methods")).text
    after = plain(office.get(at.page(GROUPS)).text)
    assert "已人工放宽为不少于" in after and "请重新计算" not in after


def test_an_odd_choice_is_answered_calmly(at: CountySite) -> None:
    computed(at, 2)
    office = at.at("office")
    for odd in ("?a=1&b=1", "?a=1", "?a=x&b=-1", "?a=1&b=%F0%9F%98%80"):
        answer = office.get(at.page(COMPARE + odd))
        assert answer.status_code == 200 and "请选两个不同的方案" in answer.text, odd
    assert office.get(at.page(f"{COMPARE}?a=1&b=9")).status_code == 404


# Methods side by side


def test_three_methods_are_set_side_by_side_on_the_scheme_s_own_problem(at: CountySite) -> None:
    computed(at)
    page = at.at("approver").get(at.page(METHODS)).text
    for method in ("上下取整", "双向韦伯斯特法", "各单位最大余数法"):
        assert f"<h2>{method}</h2>" in page
    assert page.count("本方案") == 1 and page.count("默认</span>") == 1
    assert at.at("office").get(at.page("/office/schemes/9/methods")).status_code == 404


def test_the_rules_that_the_hand_breaks_are_said(at: CountySite) -> None:
    with at.county.acting("office") as act:
        save_group(act, at.county.congress_id, "few", "第一镇干部", ["u1"], ["leader"], None, 4)
    computed(at)
    page = plain(at.at("office").get(at.page(METHODS)).text)
    assert "违反1条上下限：第一镇干部：至多4席，却得5席" in page
    assert "第1镇4/4/5" in page


# Groups


def kept(at: CountySite) -> list[tuple[str, str, list[str], list[str], int | None, int | None]]:
    with at.county.reading() as session:
        return [
            (row.code, row.name, [u.code for u in row.units], [c.code for c in row.categories], row.least, row.most)
            for row in groups(session, at.county.congress_id)
        ]


def test_a_group_is_made_changed_and_removed(at: CountySite) -> None:
    office = at.at("office")
    assert "还没有名额组" in office.get(at.page(GROUPS)).text
    new = office.get(at.page(f"{GROUPS}/new")).text
    assert re.search(r'name="code"[^>]* value="g1"', new)
    sent = {"name": "乡镇", "code": "g1", "least": "３", "most": "", "units": ["u1"], "categories": ["farmer", "other"]}
    assert office.post(at.page(f"{GROUPS}/new"), sent).status_code == 302
    assert kept(at) == [("g1", "乡镇", ["u1"], ["farmer", "other"], 3, None)]
    assert 'value="g2"' in office.get(at.page(f"{GROUPS}/new")).text
    (path,) = set(re.findall(r"/office/groups/\d+(?=\")", office.get(at.page(GROUPS)).text))
    form = office.get(at.page(path)).text
    assert 'value="u1" checked' in form and 'value="u2" checked' not in form and 'value="farmer" checked' in form
    assert office.post(at.page(path), sent | {"units": [], "least": "", "most": "12"}).status_code == 302
    assert kept(at) == [("g1", "乡镇", [], ["farmer", "other"], None, 12)]
    assert office.post(at.page(f"{path}/remove")).status_code == 302
    assert kept(at) == []
    assert office.post(at.page(f"{path}/remove")).status_code == 404
    assert office.get(at.page(path)).status_code == 404


def test_each_group_stands_in_a_sentence_with_the_seats_it_has_now(at: CountySite) -> None:
    with at.county.acting("office") as act:
        save_group(act, at.county.congress_id, "a", "干部", ["u1"], ["leader"], 2, 4)
        save_group(act, at.county.congress_id, "b", "农民", [], ["farmer"], 6, 6)
    office = at.at("office")
    before = plain(office.get(at.page(GROUPS)).text)
    assert "第1镇，领导干部：至少2席，至多4席。" in before and "全部单位，农民：正好6席。" in before
    assert "还没有方案。" in before
    computed(at)
    after = plain(office.get(at.page(GROUPS)).text)
    assert "方案1现给4席范围内" in after and "方案1现给6席范围内" in after
    with at.county.acting("office") as act:
        save_group(act, at.county.congress_id, "c", "第二镇", ["u2"], [], None, 3)
    assert "方案1现给10席超出范围" in plain(office.get(at.page(GROUPS)).text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "请填写名称"),
        ({"code": "Ａ 组"}, "小写字母、数字和短横"),
        ({"least": "", "most": ""}, "请至少填写下限、上限中的一项"),
        ({"least": "9", "most": "3"}, "下限 9 大于上限 3"),
        ({"least": "-1"}, "名额上下限应为 0 至"),
        ({"most": "很多"}, "名额上下限应为 0 至"),
        ({"least": "300", "most": ""}, "总名额只有 20 席，不可能不少于 300 席"),
        ({"units": ["u1", "u9"]}, "u9"),
        ({"categories": ["none"]}, "none"),
    ],
)
def test_what_is_wrong_with_a_group_is_said_at_its_field_and_nothing_typed_is_lost(
    at: CountySite, wrong: dict[str, Any], said: str
) -> None:
    right = {"name": "乡镇", "code": "g1", "least": "1", "most": "9", "units": ["u1"], "categories": ["farmer"]}
    answer = at.at("office").post(at.page(f"{GROUPS}/new"), right | wrong)
    assert answer.status_code == 422 and said in answer.text
    assert kept(at) == []
    assert 'value="u1" checked' in answer.text


def test_all_units_of_a_kind_are_chosen_without_a_script_and_nothing_is_saved(at: CountySite) -> None:
    office = at.at("office")
    sent = {"name": "乡镇", "code": "g1", "least": "x", "units": ["u2"], "kind": "township"}
    answer = office.post(at.page(f"{GROUPS}/new"), sent)
    assert answer.status_code == 200 and kept(at) == []
    assert 'value="u1" checked' in answer.text and 'value="u2" checked' in answer.text
    assert 'value="x"' in answer.text and "field-errors" not in answer.text and "全不选" in answer.text
    none = office.post(at.page(f"{GROUPS}/new"), sent | {"units": ["u1", "u2"]}).text
    assert "checked" not in none
    assert "checked" not in office.post(at.page(f"{GROUPS}/new"), {"kind": "nonsense"}).text


# Seats of the previous congress


def previous(at: CountySite) -> dict[str, int | None]:
    with at.county.reading() as session:
        units = congress_by_id(session, at.county.congress_id).units
        return {unit.code: unit.previous.seats if unit.previous else None for unit in units}


def token(page: str) -> str:
    found = re.search(r'name="seen" type="hidden" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def test_all_units_are_saved_at_once_and_blank_is_not_zero(at: CountySite) -> None:
    office = at.at("office")
    page = office.get(at.page(PREVIOUS)).text
    assert "0 / 2 个单位" in page
    sent = {"seen": token(page), "seats-u1": " １１ ", "seats-u2": "0"}
    assert office.post(at.page(PREVIOUS), sent).status_code == 302
    assert previous(at) == {"u1": 11, "u2": 0}
    page = office.get(at.page(PREVIOUS)).text
    assert "2 / 2 个单位" in page and 'name="seats-u2" value="0"' in page and ">11</output>" in page
    office.post(at.page(PREVIOUS), {"seen": token(page), "seats-u1": "", "seats-u2": "3"})
    assert previous(at) == {"u1": None, "u2": 3}


def test_the_newest_scheme_stands_beside_the_previous_seats(at: CountySite) -> None:
    computed(at)
    page = plain(at.at("office").get(at.page(PREVIOUS)).text)
    assert "1第1镇10" in page and "2第2镇10" in page and "合计020" in page


def test_wrong_numbers_are_said_at_their_units_and_nothing_is_saved(at: CountySite) -> None:
    office = at.at("office")
    seen_ = token(office.get(at.page(PREVIOUS)).text)
    for wrong in ("十二", "-3", "2.5", "10000", "9" * 30):
        answer = office.post(at.page(PREVIOUS), {"seen": seen_, "seats-u1": wrong, "seats-u2": "4"})
        assert answer.status_code == 422 and "第1镇的上届名额须为 0 至 9,999 的整数" in answer.text, wrong
        assert f'name="seats-u1" value="{wrong}"' in answer.text and 'name="seats-u2" value="4"' in answer.text
    assert previous(at) == {"u1": None, "u2": None}


def test_numbers_that_changed_meanwhile_are_not_overwritten(at: CountySite) -> None:
    office = at.at("office")
    seen_ = token(office.get(at.page(PREVIOUS)).text)
    with at.county.acting("office2") as act:
        set_previous_seats(act, at.county.congress_id, {"u1": 5})
    answer = office.post(at.page(PREVIOUS), {"seen": seen_, "seats-u1": "6", "seats-u2": ""})
    assert answer.status_code == 409 and "上届名额在您打开页面之后已被修改" in answer.text
    assert previous(at)["u1"] == 5


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_list_of_the_office_s_own_is_imported(at: CountySite) -> None:
    office = at.at("office")
    data = workbook(("上届名额", "单位"), ("１２", "第 2 镇"))
    answer = office.post(at.page(f"{PREVIOUS}/import"), {"file": (io.BytesIO(data), "上届.xlsx")})
    assert answer.status_code == 302 and previous(at) == {"u1": None, "u2": 12}
    assert "已导入 1 个单位，其中 1 个有变动" in office.get(at.page(PREVIOUS)).text


def test_every_bad_row_of_a_list_is_said_and_nothing_half_imported(at: CountySite) -> None:
    data = workbook(("选举单位", "上届名额"), ("第1镇", 3), ("第9镇", 3), ("第2镇", "多"))
    answer = at.at("office").post(at.page(f"{PREVIOUS}/import"), {"file": (io.BytesIO(data), "上届.xlsx")})
    assert answer.status_code == 422
    assert "第 3 行：没有名为“第9镇”的选举单位" in answer.text and "第 4 行：上届名额“多”" in answer.text
    assert previous(at) == {"u1": None, "u2": None}


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "请选择要导入的文件"),
        (b"text", "不是可以读取的工作簿"),
        (workbook(("姓名",)), "没有“选举单位”和“上届名额”"),
    ],
)
def test_what_is_no_such_list_is_refused_at_its_field(at: CountySite, file: bytes | None, said: str) -> None:
    sent = {} if file is None else {"file": (io.BytesIO(file), "x.xlsx")}
    answer = at.at("office").post(at.page(f"{PREVIOUS}/import"), sent)
    assert answer.status_code == 422 and said in answer.text


def test_the_template_comes_back_as_it_was_taken(at: CountySite) -> None:
    with at.county.acting("office") as act:
        set_previous_seats(act, at.county.congress_id, {"u1": 7})
    office = at.at("office")
    taken = office.get(at.page(f"{PREVIOUS}/template.xlsx"))
    assert taken.mimetype == XLSX
    office.post(at.page(f"{PREVIOUS}/import"), {"file": (io.BytesIO(taken.data), "上届.xlsx")})
    assert previous(at) == {"u1": 7, "u2": None}


# The problem as a workbook


def numbers(at: CountySite) -> list[int]:
    with at.county.reading() as session:
        return [row.number for row in schemes(session, at.county.congress_id)]


def changed(data: bytes, sheet: str, row: int, column: int, value: Any) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    book[sheet].cell(row, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(at: CountySite, data: bytes, **more: str) -> Any:
    return at.at("office").post(at.page(WORKBOOK), {"workbook": (io.BytesIO(data), "测算.xlsx"), **more})


def test_the_problem_is_taken_away_changed_and_computed(at: CountySite) -> None:
    taken = at.at("office").get(at.page(f"{WORKBOOK}.xlsx"))
    assert taken.mimetype == XLSX
    # Column E of 单位 is the lower bound: the first unit is to have twelve of the twenty.
    answer = upload(at, changed(taken.data, "单位", 2, 5, 12), note="加权一稿")
    assert answer.status_code == 302 and answer.location.endswith("/office/schemes/1")
    with at.county.reading() as session:
        made_ = scheme_by_number(session, at.county.congress_id, 1)
        assert (made_.note, made_.source, made_.allocation["unit_seats"]) == ("加权一稿", "测算.xlsx", [12, 8])


def test_a_workbook_that_is_wrong_is_refused_at_its_field_with_the_cell_named(at: CountySite) -> None:
    data = at.at("office").get(at.page(f"{WORKBOOK}.xlsx")).data
    for wrong, said in (
        (changed(data, "单位", 2, 4, -3), "工作表“单位”第 2 行 D 列"),
        (changed(data, "基本设置", 2, 2, 21), "工作簿的总名额是 21"),
        (b"nothing", "不是可以读取的工作簿"),
    ):
        answer = upload(at, wrong, note="第二稿")
        assert answer.status_code == 422 and said in answer.text and 'value="第二稿"' in answer.text
    assert "请选择要导入的文件" in at.at("office").post(at.page(WORKBOOK)).text
    assert numbers(at) == []


def test_rules_of_a_workbook_that_contradict_each_other_are_said_with_what_mends_them(at: CountySite) -> None:
    data = at.at("office").get(at.page(f"{WORKBOOK}.xlsx")).data
    answer = upload(at, changed(changed(data, "单位", 2, 5, 12), "单位", 3, 5, 12))
    assert answer.status_code == 422 and "互相矛盾" in answer.text
    assert "第1镇" in answer.text and "12 → <b>" in answer.text
    assert "按此试算" not in answer.text and numbers(at) == []


def test_the_workbook_of_rules_that_contradict_each_other_comes_back_unchanged_with_the_contradiction(
    at: CountySite,
) -> None:
    with at.county.acting("office") as act:
        save_group(act, at.county.congress_id, "far", "边远农民", ["u1"], ["farmer"], 9, None)
    taken = at.at("office").get(at.page(f"{WORKBOOK}.xlsx"))
    assert taken.status_code == 200
    answer = upload(at, taken.data)
    assert answer.status_code == 422 and "规则互相矛盾" in answer.text and "边远农民" in answer.text
    assert "9 → <b>" in answer.text and numbers(at) == []


def test_a_group_of_the_congress_stands_in_the_workbook_and_comes_back(at: CountySite) -> None:
    with at.county.acting("office") as act:
        save_group(act, at.county.congress_id, "few", "第一镇干部", ["u1"], ["leader"], None, 4)
    data = at.at("office").get(at.page(f"{WORKBOOK}.xlsx")).data
    assert upload(at, data).status_code == 302
    with at.county.reading() as session:
        assert scheme_by_number(session, at.county.congress_id, 1).allocation["seats"][0][0] == 4


def test_before_the_congress_is_set_up_there_is_no_problem_to_take_away(county_site: MakeSite) -> None:
    from tests.support.county import begin

    empty = county_site("no units", lambda database: begin(database, units=0))
    office = empty.at("office")
    assert "请先设置选举单位和代表类别" in office.get(empty.page(WORKBOOK)).text
    assert office.get(empty.page(f"{WORKBOOK}.xlsx")).status_code == 422
    assert "还没有选举单位" in office.get(empty.page(PREVIOUS)).text
    assert office.get(empty.page(GROUPS)).status_code == 200


def test_pages_of_a_whole_county_send_few_statements_and_solve_nothing_twice(
    county_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = county_site(
        "twelve units", lambda database: registered(database, units=12, branches=1, members=6, verified=False)
    )
    for _ in range(3):
        with big.county.acting("office") as act:
            compute_scheme(act, big.county.congress_id)
    office = big.at("office")
    paths = (f"{COMPARE}?a=1&b=2&c=3", METHODS, GROUPS, f"{GROUPS}/new", PREVIOUS, WORKBOOK)
    for path in paths:
        office.get(big.page(path))
    monkeypatch.setattr("allocation.solve.fill", lambda *_: pytest.fail("solved again"))
    monkeypatch.setattr("allocation.grouped.solve", lambda *_: pytest.fail("solved again"))
    statements = big.site.listen()
    for path in paths:
        statements.clear()
        assert office.get(big.page(path)).status_code == 200, path
        assert len(statements) <= 40, (path, len(statements))
