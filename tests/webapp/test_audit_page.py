"""The audit page in words: names for codes, kinds by their words, lists folded away, and nothing recorded left out."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from election.quotas.hand import Change
from election.quotas.models import ChangeKind
from election.quotas.operations import compute_scheme
from election.quotas.operations_groups import save_group
from election.store.models import AuditEvent
from tests.election.quotas.making import run
from tests.election.quotas.test_operations_letters import with_letters
from tests.webapp.conftest import CountySite, MakeSite
from webapp.audit_words import Names, in_words, subject_in_words

NAMES = Names(
    units={"u1": "第1镇"},
    units_by_id={1: "第1镇"},
    categories={"farmer": "农民"},
    groups={"g1": "乡镇农民"},
    overlays={"women": "妇女"},
    members={7: "王某"},
    persons={9: "李某"},
)


@pytest.fixture
def at(county_site: MakeSite) -> CountySite:
    return county_site("audit in words", with_letters)


def text(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page)))


def event(action: str, subject: str = "congress", **details: Any) -> AuditEvent:
    return AuditEvent(
        action=action,
        subject=subject,
        details=details,
        position=1,
        at=datetime(2031, 3, 3, tzinfo=UTC),
        person_name="某",
    )


def words(app: Flask, told: AuditEvent, language: str = "zh") -> str:
    with app.test_request_context(), force_locale(language):
        found = in_words(told, NAMES)
        return "；".join(" ".join((fact.word, fact.text, *fact.more)) for fact in found)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            event("scheme.computed", "scheme:5", number=2, changes=[{"kind": "group_least", "group": "g1", "seats": 20}]),
            "调整 组下限 乡镇农民：20",
        ),
        (
            event("scheme.changed", "scheme:5", number=2, before=2, locked=True, kind="cell", unit="u1", category="farmer", seats=3, reason="照顾"),
            "锁定 是；调整 单元名额 第1镇·农民：2→3（照顾）",
        ),
        (event("group.changed", "quota_group:1", before={"least": 3, "units": ["u1"]}, after={"least": None}), "原为 不少于 3、选举单位 第1镇；改为 不少于 –"),
        (event("previous.set", units={"u1": [None, 4], "u9": [3, None]}), "选举单位 第1镇 –→4、u9 3→–"),
        (event("phase.moved", before="preparation", after="registration"), "原为 准备；改为 党员登记"),
        (event("contest.opened", "contest:3", unit="u1", category="farmer", kind="contested", seats=2), "类型 差额"),
        (event("role.granted", "role_grant:1", role="teller", person=9, unit=1), "角色 计票人；人员 李某；选举单位 第1镇"),
        (event("leader.assigned", "assigned_leader:1", member=7, unit="u1"), "党员 王某"),
        (event("letter.signed", "seat_letter:1", number=3, by="王某", on="2031-03-04"), "签收人 王某；日期 2031年3月4日"),
        (event("rules.frozen", by="scheme.approved", rules={"margin_min": 20}), "批准名额分配方案"),
        (event("rule.set", "rule:margin_min", before=20, after=30), "原为 20%；改为 30%"),
        (event("slate.drawn", "slate:1", members=[7, 8]), "党员 王某、8"),
        (event("follow_up.agreed", "follow_up:1", kind="lot", seats=1), "类型 抽签决定；名额 1"),
        (event("lot.drawn", "lot_draw:1", word="3 1 4", witness="群众代表甲", order=[2, 1]), "会场数 3 1 4；报数人 群众代表甲；次序 2、1"),
        (event("future.act", x={"y": [1, {"z": None}]}, on="2031-99-99"), "x y 1、z –；日期 2031-99-99"),
    ],
    ids=lambda value: value.action if isinstance(value, AuditEvent) else "",
)  # fmt: skip
def test_details_are_words(at: CountySite, told: AuditEvent, said: str) -> None:
    found = words(at.site.app, told)
    assert said in found
    assert not set("{}[]") & set(found)


def test_kinds_are_said_in_english_as_well(at: CountySite) -> None:
    told = event("scheme.put_back", "scheme:5", number=2, kind="group_most", group="g1", seats=4)
    assert "most seats of a group 乡镇农民" in words(at.site.app, told, "en")


def test_a_long_list_is_folded_and_a_fingerprint_kept_whole(at: CountySite) -> None:
    told = event("letters.issued", "scheme:5", letters={f"v{place}": "ab" * 32 for place in range(9)}, hash="cd" * 32)
    with at.site.app.test_request_context(), force_locale("zh"):
        letters, whole = in_words(told, NAMES)
    assert letters.text == "9 项" and letters.more[0] == "v0 " + "ab" * 32
    assert whole.whole == "cd" * 32 and len(whole.text) < 20


def test_a_thing_goes_by_the_number_that_people_know(at: CountySite) -> None:
    with at.site.app.test_request_context(), force_locale("zh"):
        assert subject_in_words(event("scheme.submitted", "scheme:5", number=2)) == "方案2"
        assert subject_in_words(event("contest.opened", "contest:3")) == "选举 3"
        assert subject_in_words(event("x.y", "unheard_of:3")) == "unheard_of 3"


def test_the_page_tells_schemes_and_letters_in_words(at: CountySite) -> None:
    run(at.county, "office", save_group, "g1", "乡镇农民", ["u1"], ["farmer"], 1, None)
    made = [Change(ChangeKind.GROUP_LEAST, None, None, "g1", 2, locked=True)]
    run(at.county, "office", compute_scheme, changes=made, reason="照顾小村")
    page = at.at("office").get(at.page("/office/audit"))
    said = text(page.text)
    assert page.status_code == 200
    assert "组下限 乡镇农民：2（照顾小村）" in said and "方案2" in said and "第1镇" in said
    assert "'kind'" not in said and "scheme:" not in said


def test_the_page_asks_the_database_the_same_however_long_it_is(at: CountySite) -> None:
    office = at.at("office")
    office.get(at.page("/office/audit"))
    statements = at.site.listen()
    statements.clear()
    assert office.get(at.page("/office/audit")).status_code == 200
    assert len(statements) <= 30
