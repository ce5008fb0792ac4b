"""The public addresses: figures that can be cached and trusted, nothing before its time, a table safe to open."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

import pytest

from election.congress.lifecycle import Phase
from election.congress.models import BoardMode, Congress, Unit
from election.people.models import Person
from election.results.models import Publication
from election.results.operations import propose_publication, publish_results, switch_board
from election.store.database import Database
from tests.election.results.conftest import counted, half_counted
from tests.support.county import County, begin
from tests.support.evening import Evening
from tests.webapp.conftest import CountySite, MakeSite
from webapp.board import _plain, get_ready


def in_election(build: Callable[[Database], Evening]) -> Callable[[Database], County]:
    def made(database: Database) -> County:
        county = build(database).county
        with database.writing() as session:
            session.get_one(Congress, county.congress_id).phase = Phase.ELECTION
        return county

    return made


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    """One unit is confirmed, the other is not."""
    return county_site("one unit counted, in the election", in_election(half_counted))


@pytest.fixture
def whole(county_site: MakeSite) -> CountySite:
    return county_site("both units counted, in the election", in_election(counted))


def switch(at: CountySite, mode: BoardMode) -> None:
    with at.county.acting("office") as act:
        switch_board(act, at.county.congress_id, mode)


def published(at: CountySite) -> None:
    with at.county.acting("office") as act:
        row = propose_publication(act, at.county.congress_id)
    with at.county.acting("approver") as act:
        publish_results(act, at.county.congress_id, hash=row.hash)


def test_the_figures_are_answered_with_a_tag_and_304_until_they_change(at: CountySite) -> None:
    public = at.site.visitor()
    first = public.get("/board/xian-14.json")
    assert first.status_code == 200 and first.mimetype == "application/json"
    assert first.headers["Cache-Control"] == "no-cache"
    tag = first.headers["ETag"]
    again = public.get("/board/xian-14.json", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag and again.headers["Content-Security-Policy"]
    switch(at, BoardMode.RESULTS)
    changed = public.get("/board/xian-14.json", headers={"If-None-Match": tag})
    assert changed.status_code == 200 and changed.headers["ETag"] != tag
    assert json.loads(changed.data)["format"] == "board/1"


def test_page_and_figures_say_the_same(at: CountySite) -> None:
    switch(at, BoardMode.RESULTS)
    public = at.site.visitor()
    figures, page = public.get("/board/xian-14.json").json, public.get("/board/xian-14").text
    assert figures is not None
    for contest in figures["contests"]:
        for candidate in contest["candidates"]:
            assert candidate["name"] in page
    assert page.count("<circle") - page.count("cat-dot") * 1 >= sum(one["seats"] for one in figures["categories"])
    assert "非最终结果" in page
    part = public.get("/board/xian-14?part=figure").text
    assert part.lstrip().startswith('<div class="board-state"') and "<html" not in part


def test_a_chosen_unit_is_shown_alone_and_says_what_is_still_to_be_voted_on(whole: CountySite) -> None:
    switch(whole, BoardMode.RESULTS)
    public = whole.site.visitor()
    both, one = public.get("/board/xian-14").text, public.get("/board/xian-14?unit=u2").text
    assert both.count("<article") == 4 and one.count("<article") == 2
    assert 'data-unit="u1"' not in one and '<option value="u2" selected>' in one
    assert "得票相等，再次投票选 1 名，时间另行通知" in one and "缺额 1 名，另行选举，时间另行通知" in one
    assert "part=figure&amp;unit=u2" in one  # and stays chosen when the figures change
    assert public.get("/board/xian-14?unit=nowhere&part=figure").text.count("<article") == 4


@pytest.mark.parametrize("mode", [BoardMode.CURTAIN, BoardMode.PROGRESS])
def test_what_the_switch_hides_is_neither_on_the_page_nor_in_the_figures(at: CountySite, mode: BoardMode) -> None:
    switch(at, BoardMode.RESULTS)
    public = at.site.visitor()
    shown = public.get("/board/xian-14.json").json
    assert shown is not None
    names = {candidate["name"] for contest in shown["contests"] for candidate in contest["candidates"]}
    switch(at, mode)
    for path in ("/board/xian-14.json", "/board/xian-14", "/board/xian-14?part=figure"):
        answer = public.get(path).text
        assert names and not any(name in answer for name in names), path


def test_the_board_costs_next_to_nothing_from_the_first_visitor_on_while_nothing_changes(at: CountySite) -> None:
    public = at.site.visitor()
    get_ready(at.site.database)
    statements = at.site.listen()
    public.get("/board/xian-14.json")
    assert len(statements) <= 6 and not any("INSERT" in one or "UPDATE" in one for one in statements), statements


def test_neither_the_curtain_nor_the_progress_promises_results_in_the_middle_of_the_count(at: CountySite) -> None:
    for mode, words in ((BoardMode.CURTAIN, "请稍候"), (BoardMode.PROGRESS, "以代表公告为准")):
        switch(at, mode)
        page = at.site.visitor().get("/board/xian-14").text
        assert words in page and "即将公布" not in page and "确认后公布" not in page


def test_a_congress_in_preparation_has_no_board_and_is_not_listed(county_site: MakeSite) -> None:
    at = county_site("begun", begin)
    public = at.site.visitor()
    assert public.get("/board/xian-14").status_code == public.get("/board/xian-14.json").status_code == 404
    assert "某县第十四次代表大会" not in public.get("/").text


def test_the_announcement_is_not_found_before_it_is_made_and_then_listed(whole: CountySite) -> None:
    public = whole.site.visitor()
    for path in ("/results/xian-14", "/results/xian-14.csv"):
        answer = public.get(path)
        assert answer.status_code == 404 and "选举结果尚未公告" in answer.text
    assert 'href="/board/xian-14"' in public.get("/results/xian-14").text
    assert "/results/xian-14" not in public.get("/").text
    published(whole)
    assert "/results/xian-14" in public.get("/").text
    page = public.get("/results/xian-14").text
    assert "应选代表 6 名，当选 4 名，待另行投票产生 2 名。" in page and "中共某县委组织部" in page
    assert "第2镇" in page and "得票相等，再次投票选 1 名，时间另行通知" in page and "缺额 1 名，另行选举" in page
    assert "正式公布结果" in public.get("/board/xian-14").text
    assert "正在更正" not in page
    with whole.site.database.writing() as session:  # as a recount may move them
        session.query(Unit).filter_by(code="u2").one().name = "第二镇"
    switch(whole, BoardMode.RESULTS)
    assert "正在更正或者重新投票" in public.get("/results/xian-14").text
    assert "不一致" in whole.at("office").get(whole.page("/office/results")).text
    assert "请提请更正" in whole.at("office").get(whole.page("/")).text


def test_the_table_opens_in_a_spreadsheet_as_what_it_is(whole: CountySite) -> None:
    published(whole)
    answer = whole.site.visitor().get("/results/xian-14.csv")
    assert answer.mimetype == "text/csv" and "filename=xian-14.csv" in answer.headers["Content-Disposition"]
    text = answer.data.decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 10
    assert {row["result"] for row in rows} == {"elected", "not_elected", "tied"}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_no_name_becomes_a_formula(whole: CountySite, name: str) -> None:
    published(whole)
    with whole.site.database.writing() as session:
        row = session.query(Publication).one()
        content = json.loads(json.dumps(row.content))
        content["contests"][0]["names"][0]["name"] = name
        row.content = content
    text = whole.site.visitor().get("/results/xian-14.csv").data.decode()
    cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
    assert f"'{name}" in cells and name not in cells
    assert (_plain(-1), _plain("张三"), _plain("")) == (-1, "张三", "")


def test_markup_in_a_name_is_shown_and_never_run(whole: CountySite) -> None:
    with whole.site.database.writing() as session:
        for person in session.query(Person):
            person.name = f"<i>{person.id}</i>"
    switch(whole, BoardMode.RESULTS)
    published(whole)
    for path in ("/board/xian-14", "/results/xian-14", "/"):
        assert not re.search(r"<i>\d+</i>", whole.site.visitor().get(path).text)


def test_the_site_is_alive(at: CountySite) -> None:
    assert at.site.visitor().get("/healthz").data == b"ok\n"
