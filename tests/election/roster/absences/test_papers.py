"""外出党员通知登记表: who is not told yet stands first, and everybody can sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from election.congress.models import Congress, Unit
from election.documents.paper import Paper, set_sheets
from election.people.models import Sex
from election.roster.absences.operations import record_absence
from election.roster.absences.papers import BLANK_LINES, absentees_sheet
from election.roster.absences.queries import AbsenceLine, absence_token
from election.roster.absences.queries_papers import absentees_paper
from election.roster.models import AbsenceKind, ExclusionReason, Notification
from tests.support.county import County, county_from, registered
from tests.support.paper import pages_of, sizes_of
from tests.support.stores import Stores

LINE = AbsenceLine(
    member_id=1, person_id=1, name="李远", sex=Sex.MALE, branch_code="b", branch_name="1村党支部", unit_id=1, votes=True,
    kind=AbsenceKind.MIGRANT, reason=None, whereabouts="省城务工", notified=None, notified_on=None, note="",
    recorded_by="经办", recorded_at=datetime(2031, 3, 1, tzinfo=UTC),
)  # fmt: skip
TOLD = replace(
    LINE, name="王近", notified=Notification.TELEPHONE, notified_on=date(2031, 2, 20), note="已答复", votes=False
)


def pages(*lines: AbsenceLine, until: str = "2031年3月1日") -> list[str]:
    made = absentees_sheet("某县第十四次代表大会", "中共某县委组织部", "甲镇", lines, until)
    return pages_of(set_sheets([made], title="登记表", day=date(2031, 3, 3), demo=False).content)


def test_each_line_says_who_is_where_and_how_they_were_told() -> None:
    (page,) = pages(LINE, TOLD)
    assert "登记外出党员2名，已通知1名，尚未通知1名。" in page and "登记截至2031年3月1日" in page
    assert "1李远男1村党支部外出流动党员省城务工2王近男1村党支部" in page
    assert "电话联系2031.2.20已答复；没有选举权" in page


def test_there_are_lines_for_who_is_found_to_be_away() -> None:
    (page,) = pages(LINE)
    assert "".join(str(at) for at in range(2, 2 + BLANK_LINES)) in page


def test_a_unit_from_which_nobody_is_away_gets_a_blank_list() -> None:
    (page,) = pages(until="")
    assert "没有登记外出的党员。" in page and "登记截至" not in page and "填表人：" in page


def test_a_long_list_repeats_its_head_and_is_signed_below_its_last_lines() -> None:
    found = pages(*[LINE] * 70)
    assert len(found) > 3
    assert all("本人或家属签" in page for page in found)
    assert f"{70 + BLANK_LINES}" in found[-1] and "甲镇（盖章）" in found[-1]


@pytest.fixture
def county(stores: Stores) -> Iterator[County]:
    made = county_from(stores, "registered", registered)
    yield made
    made.database.close()


def paper(county: County, unit: str, *, demo: bool = False) -> Paper:
    with county.reading() as session:
        congress = session.get_one(Congress, county.congress_id)
        return absentees_paper(session, congress, session.get_one(Unit, county.units[unit]), demo=demo)


def test_the_record_of_the_own_unit_is_printed(county: County) -> None:
    away = county.members("u1-b1")[:2]
    for member, told in zip(away, (None, Notification.VISIT), strict=True):
        with county.acting("u1") as act:
            record_absence(
                act,
                county.congress_id,
                member,
                AbsenceKind.UNFIT,
                ExclusionReason.FRAIL,
                "家中",
                told,
                told and act.today,
                "",
                absence_token(None),
            )
    made = paper(county, "u1")
    (page,) = pages_of(made.content)
    names = [county.person_of(member).name for member in away]
    assert page.index(names[0]) < page.index(names[1])  # who is not told yet stands first
    assert "上门告知" in page and made.name == "外出党员通知登记表 第1镇"
    assert sizes_of(made.content) == [(297, 210)]
    assert made == paper(county, "u1")
    (other,) = pages_of(paper(county, "u2", demo=True).content)
    assert "没有登记外出的党员。" in other and "演示" in other and names[0] not in other
