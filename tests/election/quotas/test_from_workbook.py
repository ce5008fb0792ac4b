"""A problem handed in as a workbook: read exactly, about this congress or refused in words, then a scheme like any other."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from hypothesis import given

from allocation import check, read_problem
from allocation.workbook_out import write_problem
from election.congress.queries import congress_by_code
from election.errors import Forbidden, Invalid, Refused
from election.nomination.leaders.operations import assign_leader
from election.quotas.from_workbook import Expected, as_json, base_from, mismatches
from election.quotas.hand_limits import Assigned
from election.quotas.operations import approve_scheme, compute_from_workbook, compute_scheme, submit_scheme
from election.quotas.operations_groups import save_group
from election.quotas.operations_hand import recompute_scheme
from election.quotas.queries import fits, is_settled
from election.quotas.queries_basis import current_basis
from election.quotas.queries_sheet import sheet
from tests.election.quotas.making import (
    cell,
    change,
    everything,
    invalid,
    last_event,
    leaders,
    read,
    refused,
    run,
    said,
    seats_of,
    suspend,
)
from tests.election.quotas.problems import Matrix, counties
from tests.support.county import County
from tests.support.depth import examples

Book = openpyxl.Workbook
EXPECTED = Expected(
    9, {"u1": "第1镇", "u2": "第2镇"}, {"leader": "领导干部", "farmer": "农民"}, Assigned({"u2": 1}, "leader")
)
BASE: dict[str, Any] = {
    "format": "allocation-problem/1",
    "total": 9,
    "method": "webster",
    "units": [{"id": "u1", "name": "一", "weight": "5.5", "min": 2}, {"id": "u2", "name": "二", "weight": 4, "max": 8}],
    "categories": [{"id": "leader", "name": "甲", "share": "0.5"}, {"id": "farmer", "name": "乙", "share": "0.5"}],
    "category_rounding": "webster",
    "weights": [[3, "2.5"], [2, 0]],
    "at_least": [{"unit": "u2", "category": "leader", "seats": 1}],
    "at_most": [{"unit": "u1", "category": "farmer", "seats": 3}],
    "groups": [{"id": "some", "name": "若干", "units": ["u1"], "categories": ["leader"], "min": 1, "max": 9}],
    "overlays": [{"id": "women", "name": "妇女", "share": "0.25", "weights": [3, 1]}, {"id": "young", "name": "青年", "seats": 2, "weights": [1, 1]}],
    "drawing_order": ["u2", "u1"],
}  # fmt: skip


def workbook(problem: dict[str, Any], edit: Callable[[Book], object] = lambda _book: None) -> bytes:
    """The template of a problem, as the office fills it in."""
    book = openpyxl.load_workbook(io.BytesIO(write_problem(read_problem(problem))))
    edit(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


# Reading


def test_a_workbook_is_read_exactly_with_the_congress_s_names() -> None:
    base = base_from(workbook(BASE), "测算.xlsx", EXPECTED)
    named = [dict(BASE["units"][0], name="第1镇"), dict(BASE["units"][1], name="第2镇")]
    categories = [dict(BASE["categories"][0], name="领导干部"), dict(BASE["categories"][1], name="农民")]
    assert base == BASE | {"units": named, "categories": categories}
    assert json.loads(json.dumps(base)) == base


@examples(30)
@given(counties(groups=True))
def test_plain_json_says_the_same_problem(county: tuple[dict[str, Any], Matrix]) -> None:
    asked = read_problem(county[0])
    assert read_problem(as_json(asked)) == asked


def wrong(content: bytes) -> list[Refused]:
    with pytest.raises((Refused, Invalid)) as caught:
        base_from(content, "测算.xlsx", EXPECTED)
    error = caught.value
    refusals = error.refusals if isinstance(error, Invalid) else [error] if isinstance(error, Refused) else []
    assert refusals and all(refusal.field == "workbook" and said(refusal) for refusal in refusals)
    return refusals


def put(sheet_name: str, place: str, value: str | int) -> Callable[[Book], object]:
    def edit(book: Book) -> None:
        book[sheet_name][place] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (put("单位", "D2", -3), "工作表“单位”第 2 行 D 列：不能为负"),
        (put("组", "B2", "\u200b"), "工作表“组”第 2 行 B 列：文字过长或含不可见字符"),
        (put("单位", "B3", "三镇"), "工作表“权重”第 3 行 A 列：没有这个编号或名称"),
        (put("权重", "A1", "?"), ""),
        (lambda book: book.remove(book["类别"]), "工作表“类别”：缺少"),
        (lambda book: book.create_sheet("便笺"), "工作表“便笺”：未知的工作表"),
    ],
    ids=[
        "negative",
        "an invisible name",
        "a name that others call",
        "a heading that is not looked at",
        "no sheet",
        "an unknown sheet",
    ],
)
def test_a_fault_of_the_workbook_is_said_with_its_sheet_row_and_column(
    edit: Callable[[Book], object], sentence: str
) -> None:
    content = workbook(BASE, edit)
    if not sentence:
        assert base_from(content, "测算.xlsx", EXPECTED)
        return
    (refusal,) = wrong(content)
    assert refusal.code == "quotas.workbook_wrong" and sentence in said(refusal)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "roster.not_a_workbook"),
        (b"name,seats\n", "roster.not_a_workbook"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "roster.file_legacy"),
        (bytes(20 * 1024 * 1024 + 1), "roster.file_too_large"),
        (b"PK\x03\x04" + bytes(40), "roster.not_a_workbook"),
    ],
    ids=["empty", "text", "legacy", "too large", "damaged"],
)
def test_a_file_that_is_no_workbook_is_refused_before_it_costs_anything(content: bytes, code: str) -> None:
    assert [refusal.code for refusal in wrong(content)] == [code]


def test_a_file_that_would_unpack_without_end_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for part in range(6):
            archive.writestr(f"xl/worksheets/sheet{part}.xml", bytes(50 * 1024 * 1024))
    assert [refusal.code for refusal in wrong(buffer.getvalue())] == ["roster.file_unpacks_too_large"]


# About this congress


@pytest.mark.parametrize(
    ("change_of", "sentences"),
    [
        ({"total": 8}, ["工作簿的总名额是 8，大会设置的是 9。"]),
        ({"units": BASE["units"][::-1]}, ["工作簿中单位的次序与大会设置不同：第 1 个应为第1镇（u1），现为 u2。"]),
        (
            {"units": [BASE["units"][0], {"id": "u7", "name": "七", "weight": 1}], "at_least": [], "drawing_order": ["u1", "u7"]},
            ["工作簿缺少单位：第2镇（u2）。", "工作簿中有大会没有的单位：u7。", "已安排 1 名等额领导"],
        ),
        (
            {"categories": [{"id": "other", "name": "其他", "share": "0.5"}, BASE["categories"][1]], "at_least": [], "groups": []},
            ["工作簿缺少类别：领导干部（leader）。", "工作簿中有大会没有的类别：other。", "已安排 1 名等额领导"],
        ),
        ({"at_least": []}, ["第2镇·领导干部已安排 1 名等额领导，工作簿“单元”表中的“至少”为 0，须不少于 1。"]),
        ({"groups": [{"id": "g" * 21, "min": 1}]}, [f"组的编号“{'g' * 20}…”过长"]),
    ],
    ids=["total", "order", "units", "categories", "leaders", "a long code"],
)  # fmt: skip
def test_a_workbook_about_another_congress_is_refused_with_a_sentence_for_each_difference(
    change_of: dict[str, Any], sentences: list[str]
) -> None:
    refusals = wrong(workbook(BASE | change_of))
    assert len(refusals) == len(sentences)
    for refusal, sentence in zip(refusals, sentences, strict=True):
        assert sentence in said(refusal)


def test_of_very_many_units_only_some_are_named() -> None:
    many = Expected(
        9, {f"x{n}": f"第{n}镇" for n in range(40)} | dict(EXPECTED.units), EXPECTED.categories, EXPECTED.assigned
    )
    (refusal,) = mismatches(BASE, many)
    assert said(refusal).endswith("第11镇（x11） …（+28）。")


# As a scheme


def current(county: County) -> dict[str, Any]:
    """What the template holds that the office downloads."""
    with county.reading() as session:
        return dict(current_basis(session, congress_by_code(session, "xian-14")).problem)


def upload(county: County, problem: dict[str, Any], name: str = "测算.xlsx", who: str = "office") -> Any:
    return run(county, who, compute_from_workbook, file_name=name, content=workbook(problem), note=" 来自工作簿 ")


def test_the_template_handed_in_as_it_is_gives_the_same_seats(county: County) -> None:
    plain = run(county, "office", compute_scheme)
    scheme = upload(county, current(county))
    assert (scheme.number, scheme.source, scheme.note) == (2, "测算.xlsx", "来自工作簿")
    assert scheme.allocation["seats"] == plain.allocation["seats"] and scheme.basis_hash == plain.basis_hash
    assert check(read_problem(scheme.problem), scheme.allocation) == []
    assert last_event(county, "scheme.computed")["source"] == "测算.xlsx"
    assert read(county, 2, fits) and read(county, 2, is_settled)


def test_what_the_workbook_says_is_divided_changed_by_hand_and_approved(county: County) -> None:
    save = ("far", "边远", ["u1"], [], 1, None)
    run(county, "office", save_group, *save)
    problem = current(county)
    problem["categories"] = [
        {"id": code, "seats": seats} for code, seats in (("leader", 9), ("farmer", 7), ("other", 4))
    ]
    problem["units"] = [{"id": "u1", "min": 9}, {"id": "u2", "min": 8}]
    problem["overlays"] = [{"id": "veterans", "name": "退役军人", "seats": 3, "weights": [4, 1]}]
    number = upload(county, problem).number
    assert [sum(column) for column in zip(*seats_of(county, number), strict=True)] == [9, 7, 4]
    shown = read(county, number, lambda congress, scheme: sheet(congress, scheme, 20))
    assert [target.name for target in shown.categories] == ["领导干部", "农民", "其他基层"]
    assert [(target.name, target.seats, target.wanted) for target in shown.overlays] == [("退役军人", 3, 3)]
    assert [str(target.share) for target in shown.categories] == ["1/2", "3/10", "1/5"]
    assert shown.adds_up
    change(county, "office", number, cell("u1", "farmer", 5, locked=True))
    run(county, "office", recompute_scheme, number)
    assert seats_of(county, number)[0][1] == 5
    assert read(county, number, lambda _, scheme: scheme.problem["categories"][1]["seats"]) == 7
    run(county, "office", submit_scheme, number)
    run(county, "approver", approve_scheme, number)
    assert run(county, "office", recompute_scheme, number).source == "测算.xlsx"


def test_whoever_handed_in_a_workbook_does_not_approve_a_later_version_of_it(county: County) -> None:
    everything(county, "office")
    first = upload(county, current(county)).number
    run(county, "office2", submit_scheme, first)
    run(county, "approver", approve_scheme, first)
    later = run(county, "office2", recompute_scheme, first).number
    change(county, "office2", later, cell("u1", "farmer", 4, locked=True))
    run(county, "office2", recompute_scheme, later)
    run(county, "office2", submit_scheme, later)
    assert refused(county, "office", approve_scheme, later).code == "scheme.decided_by_author"
    latest = run(county, "office2", compute_scheme, like=later).number
    assert read(county, latest, lambda _, scheme: scheme.source) == "测算.xlsx"
    run(county, "office2", submit_scheme, latest)
    assert refused(county, "office", approve_scheme, latest).code == "scheme.decided_by_author"
    run(county, "approver2", approve_scheme, latest)


def test_a_workbook_s_scheme_is_stale_once_the_roster_moves_and_keeps_its_base_when_computed_anew(
    county: County,
) -> None:
    number = upload(county, current(county)).number
    base = read(county, number, lambda _, scheme: scheme.base)
    suspend(county)
    assert refused(county, "office", submit_scheme, number).code == "scheme.blocked"
    run(county, "office", recompute_scheme, number)
    assert read(county, number, lambda _, scheme: scheme.base) == base
    run(county, "office", submit_scheme, number)


def test_a_workbook_s_scheme_about_a_congress_that_has_changed_is_not_computed_anew(county: County) -> None:
    number = upload(county, current(county)).number
    for leader in leaders(county)[:2]:
        run(county, "office", assign_leader, leader, county.units["u1"])
    for operation, numbers, named in ((recompute_scheme, (number,), {}), (compute_scheme, (), {"like": number})):
        (refusal,) = invalid(county, "office", operation, *numbers, **named).refusals
        assert refusal.code == "quotas.workbook_below_assigned"


def test_contradicting_rules_of_a_workbook_are_answered_like_any_other(county: County) -> None:
    problem = current(county) | {"at_least": [{"unit": "u1", "category": "farmer", "seats": 7}]}
    error = invalid(county, "office", compute_from_workbook, file_name="测算.xlsx", content=workbook(problem))
    assert "名额分不下去" in said(error.refusals[0])


def test_only_the_office_hands_in_a_workbook_and_a_long_name_keeps_its_end(county: County) -> None:
    problem = current(county)
    error = refused(county, "approver", compute_from_workbook, file_name="x.xlsx", content=workbook(problem))
    assert isinstance(error, Forbidden)
    assert upload(county, problem, "长" * 300 + ".xlsx").source == "长" * 195 + ".xlsx"
    assert upload(county, problem, " ").source == "workbook.xlsx"
