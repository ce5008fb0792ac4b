"""What an act's details say, for people: the recorded keys, codes and numbers as words with names. Changes and decides nothing.

The chain keeps codes, because names change; here they are read with the names of now. What has no name any more stands as it
was recorded, and nothing that was recorded is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from election.congress.lifecycle import Phase
from election.congress.models import BoardMode, Congress, OverlayFact, UnitKind
from election.contests.models import ContestKind, RoundKind
from election.count.entry_states import EntryState
from election.machine import Bilingual, Worded
from election.meeting.models import Office
from election.meeting.models_evening import FollowUpKind
from election.nomination.lifecycle import ApplicationEnd, ApplicationState
from election.nomination.models import Source
from election.nomination.models_review import Verdict
from election.notices.models import NoticeKind
from election.people.actor import Role
from election.people.queries import names_of
from election.quotas.models import ChangeKind
from election.quotas.queries_basis import groups
from election.roster.models import Departure, ExclusionReason
from election.roster.queries import names_of_members
from election.rules import BY_NAME, Rule
from election.store.models import AuditEvent
from election.texts import catalogue, sentence
from webapp.admin import ROLE_NAMES
from webapp.context import chinese_date, chinese_time
from webapp.errors import said

WORDS: Mapping[str, Any] = {
    "about": _l("涉及"), "activity": _l("活动"), "after": _l("改为"), "agreed_by": _l("同意人"), "approved": _l("通过"),
    "asked_by": _l("提出人"), "assigned": _l("等额安排"), "ballots": _l("选票（发出、收回）"), "before": _l("原为"),
    "branch": _l("支部"), "by": _l("签收人"), "categories": _l("类别"), "category": _l("类别"), "changes": _l("调整"),
    "code": _l("编号"), "departure": _l("原因"), "contest": _l("选举"), "county": _l("县（市、区）"), "education": _l("学历"), "end": _l("终止"),
    "ethnicity": _l("民族"), "excluded": _l("不计应到会"), "expected": _l("应到会"), "factor": _l("系数"),
    "factor_reason": _l("系数理由"), "file": _l("文件"), "form": _l("计票单"), "group": _l("名额组"), "hash": _l("指纹"),
    "joined_on": _l("入党时间"), "kind": _l("类型"), "last_day": _l("截止日"), "least": _l("不少于"), "letters": _l("通知"),
    "like": _l("沿用方案"), "locked": _l("锁定"), "login": _l("登录名"), "meeting": _l("大会"), "member": _l("党员"),
    "members": _l("党员"), "most": _l("不多于"), "name": _l("名称"), "needed": _l("需要票数"), "note": _l("说明"),
    "number": _l("编号"), "office": _l("职务"), "on": _l("日期"), "organisation": _l("党组织"), "outcome": _l("结果"),
    "outcomes": _l("结果"), "overlays": _l("其中"), "passed": _l("通过"), "person": _l("人员"), "persons": _l("人员"),
    "place": _l("地点"), "post": _l("职务"), "present": _l("实到会"), "put_back": _l("放回未锁定的调整"), "quorum": _l("法定比例"),
    "reason": _l("理由"), "relation": _l("关系"), "reference_date": _l("年龄计算日期"), "role": _l("角色"), "round": _l("轮次"), "rules": _l("规则"),
    "seats": _l("名额"), "slates": _l("名单"), "source": _l("来源"), "starts_at": _l("时间"), "state": _l("状态"),
    "status": _l("状态"), "unit": _l("选举单位"), "units": _l("选举单位"), "upheld": _l("成立"), "valid": _l("有效票"),
    "venue": _l("会场"), "version": _l("版本"), "voted": _l("表决"), "votes": _l("有表决权"),
    "units_added": _l("新增选举单位"), "organisations_added": _l("新增党组织"), "organisations_changed": _l("变更党组织"),
    "decided_on": _l("决定日期"), "document": _l("文号"), "order_dropped": _l("不再适用的人工次序"), "seed": _l("抽签数"),
    "commitment": _l("校验码"), "word": _l("会场数"),
    "counted_with": _l("并入计票的会场"), "kinds": _l("无效票种类"), "mobile": _l("流动票箱"), "spoiled": _l("无效票"),
    "slate": _l("名单"), "until": _l("截止日"), "witness": _l("报数人"),
    "order": _l("次序"), "count": _l("份数"), "members_added": _l("新增党员"), "members_changed": _l("变更党员"),
    "rows_left_out": _l("退回的行"), "corrections_undone": _l("改回的人工更正"), "names_in_doubt": _l("姓名不同、没有更新"),
    "late": _l("逾期受理"), "fields": _l("更改项目"),
    "applications": _l("报名"), "body": _l("征求意见单位"), "left_out": _l("不上报"), "places": _l("名额"), "reasons": _l("理由"),
    "career": _l("履历和主要事迹"), "statement": _l("自荐（推荐）理由"),
    "recommended_by": _l("推荐单位"), "text": _l("内容"), "tied": _l("得票相等"), "unmet": _l("不符合的项目"), "verdict": _l("意见"), "was": _l("原为"),
    "whereabouts": _l("去向"), "notified": _l("通知方式"), "notified_on": _l("通知日期"), "since": _l("起始日期"), "purpose": _l("用途"), "days": _l("日期"),
}  # fmt: skip
# Whose words a stored value has, by the acts' first name and the key.
KINDS: Mapping[tuple[str, str], type[Worded]] = {
    ("unit", "kind"): UnitKind,
    ("overlays", "fact"): OverlayFact,
    ("contest", "kind"): ContestKind,
    ("round", "kind"): RoundKind,
    ("follow_up", "kind"): FollowUpKind,
    ("notice", "kind"): NoticeKind,
    ("count", "state"): EntryState,
    ("exclusion", "reason"): ExclusionReason,
    ("officer", "office"): Office,
    ("application", "before"): ApplicationState,
    ("application", "end"): ApplicationEnd,
    ("member", "departure"): Departure,
    ("application", "source"): Source,
    ("opinions", "verdict"): Verdict,
    ("phase", "before"): Phase,
    ("phase", "after"): Phase,
    ("board", "before"): BoardMode,
    ("board", "after"): BoardMode,
}
SUBJECTS: Mapping[str, Any] = {
    "application": _l("报名"), "assigned_leader": _l("等额安排"), "branch_ballot": _l("支部推选"), "calendar": _l("节假日"), "congress": _l("党代会"),
    "contest": _l("选举"), "count_form": _l("计票单"), "exclusion": _l("不计应到会"), "meeting": _l("大会"),
    "margin_exemption": _l("同意等额的决定"), "reopening": _l("补充报名"), "speech_order": _l("发言次序"),
    "follow_up": _l("后续选举"), "lot_commitment": _l("抽签"), "lot_draw": _l("抽签"),
    "meeting_officer": _l("监票人、计票人"), "member": _l("党员"), "notice": _l("公示"), "objection": _l("异议"),
    "person": _l("人员"), "publication": _l("公告"), "quota_group": _l("名额组"), "role_grant": _l("授权"),
    "roster": _l("花名册"), "roster_import": _l("花名册导入"), "roster_verification": _l("花名册核对"), "round": _l("轮次"),
    "round_outcome": _l("选举结果"), "rule": _l("规则"), "scheme": _l("方案"), "seat_letter": _l("名额通知"), "slate": _l("名单"),
    "unit": _l("选举单位"), "unit_branch": _l("支部"), "venue": _l("会场"),
}  # fmt: skip

# Kinds of things that people know by the number in their acts.
NUMBERED = ("scheme", "seat_letter", "count_form", "notice")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\S+")
HASH = re.compile(r"[0-9a-f]{64}")
# So much of a fingerprint is shown; the whole stands in the title.
SHOWN_OF_HASH = 12
# A longer list is folded away.
LONGEST = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """`more`: what is folded away behind `text`, item by item; `whole`: of a fingerprint that is shown in part."""

    word: str
    text: str
    more: tuple[str, ...] = ()
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """The congress's own names by code, persons and members by id."""

    units: Mapping[str, str]
    units_by_id: Mapping[int, str]
    categories: Mapping[str, str]
    groups: Mapping[str, str]
    overlays: Mapping[str, str]
    members: Mapping[int, str]
    persons: Mapping[int, str]


def names_for(session: Session, congress: Congress, events: Iterable[AuditEvent]) -> Names:
    """The names that these events need: three statements, however many events."""
    members, persons = set[int](), set[int]()
    for event in events:
        for key, value in event.details.items():
            # `members` alone is a count, in a list they are members.
            listed = key == "member" or (key in MEMBER_LISTS and isinstance(value, list))
            into = members if listed else persons if key in PERSONS else None
            if into is not None:
                into.update(one for one in (value if isinstance(value, list) else [value]) if _is_number(one))
    return Names(
        units={unit.code: unit.name for unit in congress.units},
        units_by_id={unit.id: unit.name for unit in congress.units},
        categories={category.code: category.name for category in congress.categories},
        groups={group.code: group.name for group in groups(session, congress.id)},
        overlays={overlay.code: overlay.name for overlay in congress.overlays},
        members=names_of_members(session, members),
        persons=names_of(session, persons),
    )


# Lists of members, by the key under which an act tells them.
MEMBER_LISTS = ("members", "passed", "tied", "left_out")
PERSONS = ("person", "persons", "about", "asked_by", "agreed_by")


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def subject_in_words(event: AuditEvent) -> str:
    """`scheme:5` as 方案 with the number that people know it by; where the act tells none, the number it is stored under."""
    kind, _colon, key = event.subject.partition(":")
    if kind == "rule" and key in BY_NAME:
        return f"{_('规则')} {_words_of(BY_NAME[key])}"
    word = str(SUBJECTS.get(kind, kind))
    if kind in NUMBERED and _is_number(event.details.get("number")):
        return f"{word}{event.details['number']}"
    return f"{word} {key}".strip()


def in_words(event: AuditEvent, names: Names) -> list[Fact]:
    """The details of an act, each with its word."""
    subject = event.subject.partition(":")
    details = {key: value for key, value in event.details.items() if key != "number" or subject[0] not in NUMBERED}
    return _Reader(event.action.partition(".")[0], BY_NAME.get(subject[2]), names).facts(details)


def _shown(rule: Rule, value: Any) -> str:
    """The value as people read it; one that the rule no longer knows stands as it was recorded."""
    try:
        return rule.shown(value, str(get_locale() or "zh"))
    except KeyError:
        return str(value)


def _words_of(words: Bilingual) -> str:
    return str(said(words))


class _Reader:
    """Reads the details of one act; `family` is the first name of the act, `rule` the rule that it sets, if any."""

    def __init__(self, family: str, rule: Rule | None, names: Names) -> None:
        self.family, self.rule, self.names = family, rule, names

    def facts(self, details: Mapping[str, Any]) -> list[Fact]:
        if self._is_change(details):
            told = {"kind", "unit", "category", "group", "seats", "before", "reason"}
            rest = {key: value for key, value in details.items() if key not in told}
            before = details.get("before")
            return [*self.facts(rest), Fact(_("调整"), self._change(details, before))]
        return [self._fact(key, value) for key, value in details.items()]

    def _fact(self, key: str, value: Any) -> Fact:
        word = str(WORDS.get(key, key))
        if key == "rules" and isinstance(value, dict):
            items = [
                f"{_words_of(BY_NAME[name])} {_shown(BY_NAME[name], one)}" if name in BY_NAME else f"{name} {one}"
                for name, one in value.items()
            ]
        elif key in ("letters", "units") and isinstance(value, dict):
            items = [f"{self.names.units.get(code, code)} {self._pair(one)}" for code, one in value.items()]
        elif isinstance(value, list):
            items = [self.value(key, one) for one in value]
        elif isinstance(value, dict):
            items = [f"{fact.word} {fact.text}" for fact in self.facts(value)]
        elif key == "members":
            return Fact(word, str(value))
        else:
            whole = value if isinstance(value, str) and HASH.fullmatch(value) else ""
            return Fact(word, self.value(key, value), whole=whole)
        if len(items) > LONGEST:
            return Fact(word, _("%(n)s 项", n=len(items)), tuple(items))
        return Fact(word, "、".join(items) or "–")

    def _pair(self, value: Any) -> str:
        """What it was and what it is."""
        if isinstance(value, list) and len(value) == 2:
            return "→".join("–" if one is None else str(one) for one in value)
        return str(value)

    def value(self, key: str, value: Any) -> str:
        """One value in words; what is none of the known kinds stands as it is."""
        if value is None or value == "":
            return "–"
        if self.rule is not None and key in ("before", "after"):
            return _shown(self.rule, value)
        if isinstance(value, bool):
            return str(_("是") if value else _("否"))
        if isinstance(value, dict):
            if self._is_change(value):
                return self._change(value, None)
            return "，".join(f"{fact.word} {fact.text}" for fact in self.facts(value))
        if isinstance(value, list):
            return " ".join(self.value(key, one) for one in value)
        if _is_number(value):
            return self._number(key, value)
        return self._text(key, str(value))

    def _number(self, key: str, value: int) -> str:
        known: Mapping[int, str] = {}
        if key == "member" or key in MEMBER_LISTS:
            known = self.names.members
        elif key in PERSONS:
            known = self.names.persons
        elif key == "unit" or self.family == "branch":
            known = self.names.units_by_id
        return known.get(value, str(value))

    def _text(self, key: str, value: str) -> str:
        if (family := KINDS.get((self.family, key))) is not None and value in {one.value for one in family}:
            return _words_of(family(value))
        if key == "role" and value in set(Role):
            return str(ROLE_NAMES[Role(value)])
        if (named := self._named(key)) is not None and value in named:
            return named[value]
        if key == "by" and f"act.{value}" in catalogue():
            return _words_of(sentence(f"act.{value}"))
        if HASH.fullmatch(value):
            return f"{value[:SHOWN_OF_HASH]}…"
        read: Callable[[str], str] | None = None
        if DAY.fullmatch(value):
            read = lambda text: chinese_date(date.fromisoformat(text))  # noqa: E731
        elif MOMENT.fullmatch(value):
            read = lambda text: chinese_time(datetime.fromisoformat(text))  # noqa: E731
        try:
            return value if read is None else read(value)
        except ValueError:
            return value

    def _named(self, key: str) -> Mapping[str, str] | None:
        return {
            "unit": self.names.units,
            "units": self.names.units,
            "category": self.names.categories,
            "categories": self.names.categories,
            "group": self.names.groups,
            "overlays": self.names.overlays,
        }.get(key)

    @staticmethod
    def _is_change(details: Mapping[str, Any]) -> bool:
        return details.get("kind") in {kind.value for kind in ChangeKind} and "seats" in details

    def _change(self, told: Mapping[str, Any], before: Any) -> str:
        """A change by hand as the sheet says it: 组下限 乡镇农民：20."""
        named = ((key, str(told[key])) for key in ("unit", "category", "group") if told.get(key))
        where = "·".join(self._text(key, code) for key, code in named)
        number = f"{before}→{told['seats']}" if _is_number(before) else str(told["seats"])
        text = f"{_words_of(ChangeKind(told['kind']))} {where}：{number}"
        return f"{text}（{told['reason']}）" if told.get("reason") else text
