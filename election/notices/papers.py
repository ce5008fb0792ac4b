"""What notices 1 and 2 say on paper, from the content that was kept when they were put up: never from what stands now.

The whole county's notice is a letter with a sheet for every unit behind it; a unit's own is one sheet to hang at its door.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from election.congress.letterhead import sender_of
from election.congress.models import Congress
from election.documents.paper import Paper, set_sheets
from election.documents.parts import Data, Style, closing, fingerprint, heading, names, note, sheet, table, text
from election.errors import NotFound
from election.notices.models import How, Notice, NoticeKind
from election.notices.queries_electors import What
from election.notices.reception import Reception
from election.people.models import Sex
from election.roster.models import Notification, Standing
from election.rules import BY_NAME, Basis
from election.texts import chinese_date

NIL = "—"
SEXES = {Sex.MALE.value: "男", Sex.FEMALE.value: "女", None: ""}
ANNEXES = {NoticeKind.ELECTORS: "选举人名单", NoticeKind.CANDIDATES: "代表候选人预备人选名单"}
TITLES = {NoticeKind.ELECTORS: "选举人名单公示", NoticeKind.CANDIDATES: "代表候选人预备人选公示"}


@dataclass(frozen=True, slots=True)
class Hung:
    """A notice as it was put up, and in whose name."""

    kind: NoticeKind
    congress: str
    sender: str
    number: int
    published_on: date
    last_day: date
    working_days: int
    content: Mapping[str, Any]
    hash: str

    @property
    def how(self) -> How | None:
        """How it follows an earlier one; None of the first, and where an older version put it up."""
        follows = self.content.get("follows")
        return None if follows is None else How(follows["how"])

    @property
    def follows(self) -> int:
        """The number of the notice that it follows."""
        return int(self.content.get("follows", {}).get("number", 0))

    @property
    def reception(self) -> Reception:
        return Reception.read(self.content.get("reception"))

    @property
    def numbered(self) -> str:
        """A notice that was put up once more says so, and how it follows the one before."""
        if self.number == 1:
            return ""
        how = "" if self.how in (None, How.RENEWS) else f"（{self.how.zh}）"
        return f"第{self.number}次公示{how}"

    @property
    def title(self) -> str:
        return TITLES[self.kind]

    @property
    def running(self) -> str:
        return f"{self.congress}　{self.title}"


def notice_sheets(hung: Hung, parts: Sequence[str] | None = None) -> list[Data]:
    """The sheets of a notice, or of the parts of the units with these codes. Raises NotFound where there is none.

    The letter that is sealed stands on a sheet of its own, so that no seal falls on a name.
    """
    if hung.kind not in TITLES:
        raise NotFound("notice.none")
    units = hung.content["units"]
    if parts is not None:
        found = [(_letter(hung, place), _annex(hung, place, facts=False)) for place in units if place["code"] in parts]
        if not found:
            raise NotFound("notice.none")
        return [one for pair in found for one in pair]
    return [_letter(hung), _overview(hung), *(_annex(hung, place) for place in units)]


def _letter(hung: Hung, place: Mapping[str, Any] | None = None) -> Data:
    """Of the whole county, or with the facts of one unit."""
    behind = ANNEXES[hung.kind] if place else "各选举单位情况"
    return sheet(
        [hung.congress, hung.title],
        text(*opening(hung), *(unit_facts(hung, place) if place else ()), f"附件：{behind}"),
        closing(hung.sender, chinese_date(hung.published_on)),
        fingerprint("公示数据指纹", hung.hash),
        note(*_notes(hung)),
        style=Style.LIST,
        note="　".join(filter(None, (place["name"] if place else "", hung.numbered))),
        running=f"{hung.running}　{place['name']}" if place else hung.running,
    )


def _overview(hung: Hung) -> Data:
    overview = _electors_overview if hung.kind is NoticeKind.ELECTORS else _candidates_overview
    return sheet(
        ["各选举单位情况"],
        overview(hung.content["units"]),
        *_changes(hung),
        style=Style.LIST,
        running=hung.running,
    )


def _annex(hung: Hung, place: Mapping[str, Any], *, facts: bool = True) -> Data:
    """A unit's lists; with its facts in sentences where no letter of its own says them."""
    return sheet(
        [place["name"], ANNEXES[hung.kind]],
        text(*unit_facts(hung, place)) if facts and hung.kind is NoticeKind.ELECTORS else None,
        *_changes(hung, place["code"]),
        *_matter(hung, place),
        style=Style.LIST,
        running=f"{hung.running}　{place['name']}",
    )


def changes(hung: Hung, unit: str | None = None) -> list[tuple[str, str, str]]:
    """What is otherwise (in one unit) than on the notice that it follows: unit, what, and the names together."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in hung.content.get("changes", ()):
        if unit is None or one["unit"] == unit:
            found.setdefault((one["place"], What(one["what"]).zh), []).append(one["name"])
    return [(place, what, "、".join(people)) for (place, what), people in sorted(found.items())]


def _changes(hung: Hung, unit: str | None = None) -> list[Data]:
    found = changes(hung, unit)
    if not found:
        return []
    rows = [(str(at), *one) for at, one in enumerate(found, 1)]
    head = heading(f"与第{hung.follows}次公示相比的变动")
    return [head, table(("序号", "选举单位", "变动", "姓名"), "clll", (None, 1.2, None, 3), rows)]


def opening(hung: Hung) -> list[str]:
    """The paragraphs before the lists, on paper and on the page alike."""
    begin, last = chinese_date(hung.published_on), chinese_date(hung.last_day)
    days = f"公示期为{hung.working_days}个工作日，自{begin}至{last}。" if hung.working_days else f"自{begin}起公示。"
    if hung.kind is NoticeKind.ELECTORS:
        return [
            f"根据党章和党内有关选举规定，经各党支部登记、各选举单位核对，现将{hung.congress}代表选举有选举权的党员名单"
            f"和外出党员名单予以公示。{days}",
            f"认为名单有遗漏或者差错的，请在公示期内向所在选举单位或{hung.sender}反映。",
            hung.reception.sentence(),
        ]
    whom = "代表候选人预备人选予以公示"
    if hung.how is How.SUPPLEMENTS:
        whom = f"第{hung.follows}次公示以后产生的代表候选人预备人选补充公示"
    return [
        f"根据党章和党内有关选举规定，经党员报名、支部推选和资格审查，现将{hung.congress}{whom}。{days}",
        f"对公示人选有异议的，请在公示期内向{hung.sender}反映。反映情况应当实事求是，签署真实姓名。",
        hung.reception.sentence(),
    ]


def _notes(hung: Hung) -> list[str]:
    rule = BY_NAME["publicity_days"]
    # A footnote that only says that the county decided it helps nobody who reads the wall.
    period = f"公示期依据：{rule.ground}。" if hung.working_days and rule.basis is Basis.WORDING else ""
    if hung.kind is NoticeKind.ELECTORS:
        return [f"各党支部名单以姓氏笔画为序；有选举权的党员人数为应到会的暂定数，以选举大会确认的为准。{period}"]
    return [f"各单位按类别、以姓氏笔画为序；“等额”为县委安排的人选，不计差额。{period}"]


# Notice 1


def _electors_overview(units: list[Mapping[str, Any]]) -> Data:
    figures = [
        (
            len(unit["branches"]),
            unit["members"],
            unit["expected"],
            len(unit["absent"]),
            sum(one["notified"] is not None for one in unit["absent"]),
        )
        for unit in units
    ]
    sums = [sum(column) for column in zip(*figures, strict=True)]
    rows = [
        [str(place), unit["name"], *(str(number) for number in numbers)]
        for place, (unit, numbers) in enumerate(zip(units, figures, strict=True), 1)
    ]
    return table(
        ("序号", "选举单位", "党支部", "党员", "有选举权", "外出党员", "其中已通知"),
        "clrrrrr",
        (None, 2.2, 0.9, 0.9, 1, 1, 1.2),
        [*rows, ["", "合计", *(str(number) for number in sums)]],
        total=True,
    )


def unit_facts(hung: Hung, place: Mapping[str, Any]) -> list[str]:
    """What a unit's roster comes to, in sentences."""
    if hung.kind is not NoticeKind.ELECTORS:
        return []
    said = f"{place['name']}共有党员{place['members']}名，其中有选举权的党员{place['expected']}名"
    voteless = place.get("without_vote", {})
    probationary = voteless.get(Standing.PROBATIONARY.value, 0)
    # For what somebody else has no vote is nobody's business in the street.
    others = sum(voteless.values()) - probationary
    parts = [f"预备党员{probationary}名"] if probationary else []
    parts += [f"按规定停止行使选举权的{others}名"] if others else []
    if parts:
        said += f"，没有选举权的{probationary + others}名（{'，'.join(parts)}）"
    said += f"。应到会人数（暂定）{place['expected']}人"
    if place.get("excusable"):
        said += f"，其中{place['excusable']}人符合可以不计入应到会人数的情形，须经选举大会同意"
    return [f"{said}。"]


def _matter(hung: Hung, place: Mapping[str, Any]) -> list[Data]:
    """The lists themselves."""
    return _electors(place) if hung.kind is NoticeKind.ELECTORS else _candidates(place)


def _electors(place: Mapping[str, Any]) -> list[Data]:
    found = [heading("有选举权的党员", f"{place['expected']}人")]
    for at, branch in enumerate(place["branches"], 1):
        people = branch["people"]
        found.append(heading(f"{at}. {branch['name']}", f"{len(people)}人", level=2))
        found.append(names((one["name"], "（女）" if one["sex"] == Sex.FEMALE else "") for one in people))
    if not place["branches"]:
        found.append(text("本单位没有有选举权的党员。"))
    absent = place["absent"]
    found.append(heading("外出党员及通知情况", f"{len(absent)}人" if absent else ""))
    if not absent:
        found.append(text("本单位没有登记外出的党员。"))
        return found
    rows = [
        (
            str(at),
            one["name"],
            one["branch"],
            "尚未通知" if one["notified"] is None else Notification(one["notified"]).zh,
            NIL if one["notified_on"] is None else chinese_date(date.fromisoformat(one["notified_on"])),
        )
        for at, one in enumerate(absent, 1)
    ]
    head = ("序号", "姓名", "所在党支部", "通知方式", "通知日期")
    found.append(table(head, "cnlll", (None, None, 1, None, None), rows))
    return found


# Notice 2


def _candidates_overview(units: list[Mapping[str, Any]]) -> Data:
    figures = [
        [
            sum(len(group["people"]) for group in unit["groups"] if group["assigned"] is assigned)
            for assigned in (False, True)
        ]
        for unit in units
    ]
    rows = [
        [str(place), unit["name"], *_counts(numbers)]
        for place, (unit, numbers) in enumerate(zip(units, figures, strict=True), 1)
    ]
    total = ["", "合计", *_counts([sum(numbers[at] for numbers in figures) for at in (0, 1)])]
    head = ("序号", "选举单位", "差额人选", "等额人选", "合计")
    return table(head, "clrrr", (None, 2, 1, 1, 1), [*rows, total], total=True)


def _counts(numbers: Sequence[int]) -> list[str]:
    """Those who stand for a contested seat, those who are assigned, both."""
    return [*(str(number) if number else NIL for number in numbers), str(sum(numbers))]


def _candidates(place: Mapping[str, Any]) -> list[Data]:
    if not place["groups"]:
        return [text("本单位没有公示的人选。")]
    found: list[Data] = []
    for group in place["groups"]:
        people = group["people"]
        found.append(heading(group["name"] + ("（等额）" if group["assigned"] else ""), f"{len(people)}人", level=2))
        rows = [
            (
                str(at),
                one["name"],
                SEXES[one["sex"]],
                one["born"] or "",
                one["ethnicity"],
                one["education"],
                "，".join(filter(None, (one["branch"], one["post"]))),
            )
            for at, one in enumerate(people, 1)
        ]
        head = ("序号", "姓名", "性别", "出生年月", "民族", "学历", "单位及职务")
        found.append(table(head, "cnccccl", (None, 1.3, None, 1.5, 0.9, 1.2, 3), rows))
    return found


def hung_notice(congress: Congress, notice: Notice) -> Hung:
    """The notice with the names that stand on its paper."""
    return Hung(
        kind=notice.kind,
        congress=congress.name,
        sender=sender_of(congress.county),
        number=notice.number,
        published_on=notice.published_on,
        last_day=notice.last_day,
        working_days=notice.working_days,
        content=notice.content,
        hash=notice.content_hash,
    )


def notice_paper(congress: Congress, notice: Notice, parts: Sequence[str] | None = None, *, demo: bool) -> Paper:
    """A notice of electors or of proposed candidates, the whole of it or the parts of the units with these codes."""
    hung = hung_notice(congress, notice)
    sheets = notice_sheets(hung, parts)
    title = f"{congress.name}{hung.title}"
    named = [one["name"] for one in notice.content["units"] if one["code"] in (parts or ())]
    if len(named) == 1:
        title += f" {named[0]}"
    return set_sheets(sheets, title=title, day=notice.published_on, demo=demo)
