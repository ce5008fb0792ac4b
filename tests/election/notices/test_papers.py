"""Notices 1 and 2 on paper: what was put up, in full and for each unit's door, and nothing of what is nobody's business."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from election.congress.models import Congress
from election.documents.paper import in_fours, set_sheets
from election.errors import Refused
from election.notices.models import Notice, NoticeKind
from election.notices.operations_electors import publish_electors_notice
from election.notices.papers import Hung, notice_paper, notice_sheets
from election.roster.absences.operations import record_absence
from election.roster.absences.queries import absence_token
from election.roster.models import AbsenceKind, Notification
from tests.support.county import County, county_from, registered
from tests.support.nominating import handed_in
from tests.support.paper import pages_of, squeezed
from tests.support.stores import Stores

HASH = "ab12" * 16


def branch(name: str, people: int) -> dict[str, Any]:
    listed = [
        {"person": at, "name": f"张{'一二三四'[at % 4]}", "sex": "female" if at % 2 else "male"} for at in range(people)
    ]
    return {"code": name, "name": f"{name}党支部", "people": listed}


def electors_unit(code: str, branches: int = 2, people: int = 30, **change: Any) -> dict[str, Any]:
    absent = [
        {"person": 1, "name": "李远", "branch": "1村党支部", "notified": None, "notified_on": None},
        {
            "person": 2, "name": "王近", "branch": "2村党支部", "notified": "visit",
            "notified_on": "2031-02-20",
        },
    ]  # fmt: skip
    unit = {
        "code": code,
        "name": f"{code}镇",
        "members": branches * people + 3,
        "expected": branches * people,
        "excusable": 1,
        "without_vote": {"probationary": 2, "detained": 1},
        "branches": [branch(f"{code}-{at}村", people) for at in range(branches)],
        "absent": absent,
    }
    return unit | change


def hung(*units: dict[str, Any], kind: NoticeKind = NoticeKind.ELECTORS, **change: Any) -> Hung:
    first = Hung(
        kind,
        "某县第十四次代表大会",
        "中共某县委组织部",
        1,
        date(2031, 3, 3),
        date(2031, 3, 10),
        5,
        {"units": list(units)},
        HASH,
    )
    return replace(first, **change)


def pages(one: Hung, parts: list[str] | None = None) -> list[str]:
    made = set_sheets(notice_sheets(one, parts), title="公示", day=one.published_on, demo=False)
    return pages_of(made.content)


def test_the_county_s_notice_is_a_letter_with_a_sheet_for_every_unit() -> None:
    found = pages(hung(electors_unit("甲"), electors_unit("乙")))
    assert "选举人名单公示" in found[0] and "自2031年3月3日至2031年3月10日" in found[0]
    assert "中共某县委组织部2031年3月3日" in found[0] and squeezed(in_fours(HASH)) in found[0]
    assert "1甲镇26360212乙镇2636021合计412612042" in found[1]
    begun = [at for at, page in enumerate(found) if "镇选举人名单" in page]
    assert len(begun) == 2


def test_a_unit_s_part_is_the_letter_with_its_own_list_behind_it() -> None:
    found = pages(hung(electors_unit("甲"), electors_unit("乙")), ["乙"])
    assert "乙镇" in found[0] and "甲镇" not in "".join(found)
    assert "中共某县委组织部2031年3月3日" in found[0] and squeezed(in_fours(HASH)) in found[0]
    assert "乙镇共有党员63名，其中有选举权的党员60名" in found[0]
    assert "应到会人数（暂定）60人，其中1人符合可以不计入应到会人数的情形" in found[0]


def test_why_anyone_has_no_vote_is_not_told_but_for_probation() -> None:
    page = "".join(pages(hung(electors_unit("甲")), ["甲"]))
    assert "没有选举权的3名（预备党员2名，按规定停止行使选举权的1名）" in page
    assert "留置" not in page


def test_who_is_away_stands_there_with_how_they_were_told() -> None:
    page = "".join(pages(hung(electors_unit("甲")), ["甲"]))
    assert "1李远1村党支部尚未通知—" in page
    assert "2王近2村党支部上门告知2031年2月20日" in page


def test_nobody_is_missing_from_a_long_list() -> None:
    unit = electors_unit("甲", branches=12, people=45)
    found = pages(hung(unit), ["甲"])
    assert len(found) > 4
    text = "".join(found)
    assert text.count("（女）") == 12 * 22
    assert all(f"甲-{at}村党支部45人" in text for at in range(12))


def test_empty_lists_say_so() -> None:
    nobody = electors_unit("甲", branches=0, absent=[], without_vote={}, excusable=0, members=0, expected=0)
    page = "".join(pages(hung(nobody), ["甲"]))
    assert "本单位没有有选举权的党员。" in page and "本单位没有登记外出的党员。" in page and "没有选举权的" not in page
    none = {"code": "甲", "name": "甲镇", "groups": []}
    assert "本单位没有公示的人选。" in "".join(pages(hung(none, kind=NoticeKind.CANDIDATES), ["甲"]))


def test_a_notice_without_days_and_one_put_up_again_say_so() -> None:
    first = pages(hung(electors_unit("甲"), working_days=0, number=2), ["甲"])[0]
    assert "自2031年3月3日起公示。" in first and "公示期" not in first.replace("公示期内", "") and "第2次公示" in first


def test_where_objections_are_received_and_what_changed_hang_with_it() -> None:
    kept = {
        "body": "中共某县委组织部",
        "telephone": "0000-1234",
        "address": "县委大院",
        "hours": "工作日 8:30 至 17:30",
    }
    change = {"what": "left", "unit": "甲", "place": "甲镇", "name": "刘远"}
    one = hung(electors_unit("甲"), electors_unit("乙"), number=2)
    more = {
        "reception": kept,
        "follows": {"number": 1, "how": "corrects"},
        "changes": [change, change | {"name": "陈近"}],
    }
    one = replace(one, content={**one.content, **more})
    page = "".join(pages(one)[:2])
    assert "受理单位：中共某县委组织部；地址：县委大院；联系电话：0000-1234；受理时间：工作日8:30至17:30。" in page
    assert "第2次公示（更正公示）" in page and "与第1次公示相比的变动" in page and "1甲镇减少刘远、陈近" in page
    assert "相比的变动" in "".join(pages(one, ["甲"])) and "相比的变动" not in "".join(pages(one, ["乙"]))
    supplement = {"follows": {"number": 1, "how": "supplements"}}
    later = hung(candidates_unit("甲"), kind=NoticeKind.CANDIDATES, number=2)
    page = "".join(pages(replace(later, content={**later.content, **supplement})))
    assert "第1次公示以后产生的代表候选人预备人选补充公示" in page and "第2次公示（补充公示）" in page


def candidates_unit(code: str, people: int = 3) -> dict[str, Any]:
    listed = [
        {
            "person": at, "name": name, "sex": "female", "born": "1985年5月", "ethnicity": "土家族", "education": "大专",
            "branch": "1村党支部", "post": "村民",
        }
        for at, name in enumerate(["丁一", "欧阳文", "阿依古丽·买买提江"][:people])
    ]  # fmt: skip
    groups = [
        {"category": "leader", "name": "领导干部", "assigned": True, "people": listed[:1]},
        {"category": "farmer", "name": "农民", "assigned": False, "people": listed},
    ]
    return {"code": code, "name": f"{code}镇", "groups": groups}


def test_candidates_stand_by_category_in_the_order_that_was_put_up() -> None:
    one = hung(candidates_unit("甲"), candidates_unit("乙"), kind=NoticeKind.CANDIDATES)
    page = "".join(pages(one, ["甲"]))
    assert "领导干部（等额）1人" in page and "农民3人" in page
    assert page.index("丁一女1985年5月土家族大专1村党支部，村民") < page.index("欧阳文女1985年5月")
    assert "签署真实姓名" in page and "姓氏笔画" in page
    whole = pages(one)
    assert "1甲镇3142乙镇314合计628" in whole[1]
    assert sum("代表候选人预备人选名单" in page for page in whole) == 2


@pytest.mark.parametrize("parts", [["丙"], []])
def test_a_unit_that_is_not_on_it_has_no_part(parts: list[str]) -> None:
    with pytest.raises(Refused) as refused:
        notice_sheets(hung(electors_unit("甲")), parts)
    assert refused.value.code == "notice.none"


def test_notice_3_is_not_printed_here() -> None:
    with pytest.raises(Refused):
        notice_sheets(hung(electors_unit("甲"), kind=NoticeKind.RESULTS))


@pytest.fixture
def verified(stores: Stores) -> Iterator[County]:
    made = county_from(stores, "registered", registered)
    yield made
    made.database.close()


@pytest.fixture
def slated(stores: Stores) -> Iterator[County]:
    made = county_from(stores, "handed in", handed_in)
    yield made
    made.database.close()


def paper(county: County, notice_id: int, parts: list[str] | None = None, *, demo: bool = False) -> bytes:
    with county.reading() as session:
        congress, notice = session.get_one(Congress, county.congress_id), session.get_one(Notice, notice_id)
        return notice_paper(congress, notice, parts, demo=demo).content


def test_the_stored_notice_of_electors_is_printed_as_it_was_put_up(verified: County) -> None:
    member = verified.members("u1-b1")[0]
    with verified.acting("u1") as act:
        seen = absence_token(None)
        told = (Notification.LETTER, act.today)
        record_absence(act, verified.congress_id, member, AbsenceKind.MIGRANT, None, "省城", *told, "", seen)
    with verified.acting("office") as act:
        notice_id = publish_electors_notice(act, verified.congress_id).id
    made = paper(verified, notice_id)
    text = "".join(pages_of(made))
    assert all(f"第{at}镇" in text for at in (1, 2)) and "书信联络" in text and "省城" not in text
    name = verified.person_of(member).name
    assert name in text and "演示" not in text
    assert made == paper(verified, notice_id)
    assert all("演示" in page for page in pages_of(paper(verified, notice_id, ["u1"], demo=True)))


def test_the_stored_notice_of_candidates_is_printed_as_it_was_put_up(slated: County) -> None:
    with slated.reading() as session:
        row = session.query(Notice).filter_by(kind=NoticeKind.CANDIDATES).one()
        names = [one["name"] for unit in row.content["units"] for group in unit["groups"] for one in group["people"]]
        notice_id, content_hash = row.id, row.content_hash
    found = pages_of(paper(slated, notice_id))
    text = "".join(found)
    assert squeezed(in_fours(content_hash)) in found[0]
    assert names and all(name in text for name in names)
