"""The documents of a stored scheme: the same numbers as on the desk, marked by the state in which it stands."""

from __future__ import annotations

import io

import openpyxl
import pytest

from election.congress.operations import record_reply, waive_reply
from election.congress.queries import congress_by_code
from election.nomination.leaders.operations import assign_leader
from election.quotas.operations import approve_scheme, compute_scheme, submit_scheme
from election.quotas.operations_hand import change_seats, recompute_scheme
from election.quotas.plan.figures import Plan
from election.quotas.queries import mark, scheme_by_number
from election.quotas.queries_plan import occasion, plan_at, plan_pdf, plan_xlsx
from election.rules import BY_NAME
from tests.election.quotas.making import approved, cell, change, leaders, run, submitted
from tests.support.county import County
from tests.support.paper import pages_of


def pages(county: County, number: int = 1, *, demo: bool = False) -> list[str]:
    with county.reading() as session:
        congress = congress_by_code(session, "xian-14")
        return pages_of(plan_pdf(session, congress, scheme_by_number(session, county.congress_id, number), demo=demo))


def plan(county: County, number: int = 1) -> Plan:
    with county.reading() as session:
        return plan_at(
            session, congress_by_code(session, "xian-14"), scheme_by_number(session, county.congress_id, number)
        )


def test_the_plan_says_what_was_computed(county: County) -> None:
    scheme = run(county, "office", compute_scheme)
    made = plan(county)
    assert [[one.seats for one in row.cells] for row in made.rows] == scheme.allocation["seats"]
    assert [column.number for column in made.categories] == scheme.allocation["certificate"]["categories"]
    assert (made.hash, made.seats, made.margin) == (scheme.hash, 20, 20)


def test_a_scheme_is_a_draft_on_every_page_until_it_is_approved(county: County) -> None:
    run(county, "office", compute_scheme)
    assert all("草案" in page for page in pages(county))
    run(county, "office2", submit_scheme, 1)
    assert all("草案" in page for page in pages(county))
    run(county, "approver", approve_scheme, 1)
    assert not any("草案" in page for page in pages(county))
    assert all("演示" in page for page in pages(county, demo=True))


def test_a_scheme_that_was_replaced_says_so(county: County) -> None:
    approved(county)
    run(county, "office", assign_leader, leaders(county)[0], county.units["u1"])
    approved(county)
    assert all("已取代" in page for page in pages(county))
    assert not any("已取代" in page for page in pages(county, 2))


def test_the_rules_that_shaped_it_stand_with_their_sources(county: County) -> None:
    run(county, "office", compute_scheme)
    text = "".join(pages(county))
    for name in ("margin_min", "unit_least", "weight_organisations", "allocation_method"):
        assert BY_NAME[name].zh in text
    assert BY_NAME["margin_min"].source in text
    # Another county's report, arithmetic or a custom is no ground that an official plan could cite.
    for name in ("unit_least", "weight_organisations", "allocation_method", "column_rounding"):
        assert BY_NAME[name].source not in text
    assert text.count("本县确定") == 5


def test_the_persons_and_days_stand_on_it(county: County) -> None:
    submitted(county)
    county.wait(2)
    run(county, "approver", approve_scheme, 1)
    text = "".join(pages(county))
    for part in ("编制：经办office2031年3月3日", "送审：经办office22031年3月3日", "批准：经办approver2031年3月5日"):
        assert part in text


def test_everyone_who_made_it_stands_on_it(county: County) -> None:
    number = run(county, "office", compute_scheme).number
    change(county, "office2", number, cell("u1", "farmer", 5, locked=True))
    run(county, "office2", recompute_scheme, number)
    assert "编制：经办office、经办office22031年3月3日" in "".join(pages(county))


def test_what_the_hand_did_to_fairness_is_measured_without_it(county: County) -> None:
    number = run(county, "office", compute_scheme).number
    change(county, "office", number, cell("u1", "farmer", 5, locked=True))
    run(county, "office", recompute_scheme, number)
    assert "人工调整使6格超出应得份额的上下取整" in "".join(pages(county))


@pytest.mark.parametrize("waived", [False, True])
def test_the_superior_s_reply_is_told_or_why_there_is_none(county: County, waived: bool) -> None:
    with county.acting("office") as act:
        if waived:
            waive_reply(act, county.congress_id, "试点不报批")
        else:
            record_reply(act, county.congress_id, number="某组复〔2031〕1号", replied_on=act.today)
    run(county, "office", compute_scheme)
    assert ("试点不报批" if waived else "某组复〔2031〕1号（2031年3月3日）") in pages(county)[0]


def test_a_number_that_is_only_tried_is_named_and_not_counted(county: County) -> None:
    before = run(county, "office", compute_scheme).allocation["seats"]
    with county.reading() as session:
        seen = mark(scheme_by_number(session, county.congress_id, 1))
    run(county, "office", change_seats, 1, cell("u1", "farmer", before[0][1] + 1), "照顾小村", seen=seen)
    made = plan(county)
    assert [[one.seats for one in row.cells] for row in made.rows] == before
    text = "".join(pages(county))
    assert "试算" in text and "照顾小村" in text and "△" not in text


def test_a_plan_has_the_same_bytes_every_time(county: County) -> None:
    approved(county)
    with county.reading() as session:
        congress, scheme = congress_by_code(session, "xian-14"), scheme_by_number(session, county.congress_id, 1)
        assert plan_pdf(session, congress, scheme, demo=False) == plan_pdf(session, congress, scheme, demo=False)


def test_the_workbook_bears_the_same_state(county: County) -> None:
    run(county, "office", compute_scheme)
    with county.reading() as session:
        congress, scheme = congress_by_code(session, "xian-14"), scheme_by_number(session, county.congress_id, 1)
        book = openpyxl.load_workbook(io.BytesIO(plan_xlsx(session, congress, scheme, demo=True)))
        assert occasion(session, congress, scheme).state == "草案"
    assert book.worksheets[0]["A2"].value == "方案1　草案　演示"
