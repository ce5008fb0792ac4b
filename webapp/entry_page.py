"""Turns one person's entry of a count form into what `templates/tally/entry.html` shows, and its fields back.

Decides nothing: what is on the paper, what was entered and what the checks found are given. Each finding gets the place
on the paper beside which it is said, and the box in which it is mended.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from election.contests.models import ContestKind, RoundKind
from election.contests.outcome import WriteInRule
from election.count.checks import warning_key
from election.count.entry import Side
from election.count.form import (
    LONGEST_NAME,
    MARKS,
    MOST_WRITE_INS,
    SHARED,
    FormContents,
    FormShape,
    counts,
    is_blank,
)
from election.count.operations import OpenPage
from election.count.queries import IN_CORRECTION
from election.count.queries_form import EntryView
from election.count.queries_sheet import VoidContest
from election.count.shared_ballots import shared_texts
from election.count.sheet import Sheet, SheetCandidate, SheetSection
from election.errors import Refused
from election.findings import Finding, Severity
from election.people.act import CHINA
from election.people.models import Sex
from election.texts import sentence
from webapp.errors import said, say
from webapp.forms import whole_number

ROW = re.compile(r"sections\.(\d+)\.candidates\.(\d+)\.(?:for|against|abstain)")
ROW_FIELD = re.compile(r"sections\.\d+\.candidates\.\d+")
SECTION = re.compile(r"sections\.(\d+)\.(?:issued|returned|valid|spoiled)")


def shape_of(paths: Collection[str]) -> FormShape:
    """The paper that these field names stand on, so that a draft can be read without asking for the paper."""
    shape: dict[str, list[str]] = {}
    for path in paths:
        if section := SECTION.fullmatch(path):
            shape.setdefault(section[1], [])
        elif row := ROW.fullmatch(path):
            rows = shape.setdefault(row[1], [])
            if row[2] not in rows:
                rows.append(row[2])
    return shape


def texts_of(contents: FormContents) -> dict[str, str]:
    """Every field with its text; blank is left out."""
    texts = {path: str(value) for path, value in counts(contents) if value is not None}
    for key, section in contents.sections.items():
        for place, one in enumerate(section.write_ins):
            texts[f"sections.{key}.write_ins.{place}.name"] = one.name
    return texts


def title_of(view: EntryView) -> str:
    words = {
        (Side.FIRST, False): _("第一次录入"),
        (Side.SECOND, False): _("第二次录入"),
        (Side.FIRST, True): _("第一次录入·更正"),
        (Side.SECOND, True): _("第二次录入·更正"),
    }
    return str(words[view.side or Side.FIRST, view.state in IN_CORRECTION])


def vote_of(sheet: Sheet) -> str | None:
    """Which vote of the evening a paper is of; None where it is the first, as nearly always."""
    if sheet.ballot == 1:
        return None
    kinds = dict.fromkeys(said(section.round_kind) for section in sheet.sections)
    return str(_("第 %(n)s 次投票", n=sheet.ballot)) + (f"（{'、'.join(kinds)}）" if kinds else "")


def place_on(sheet: Sheet) -> str | None:
    """Venue and counting group, each where there are several; None where there is only one of both."""
    words = [sheet.venue_name] if sheet.venues > 1 else []
    words += [str(_("第%(n)s计票组", n=sheet.group))] if sheet.groups > 1 else []
    return " · ".join(words) or None


def draft_key(person_id: int, form_id: int, revision: int) -> str:
    """Under which name a browser keeps what could not be sent: of one person, form and state of the form."""
    return f"draft:{person_id}:{form_id}:{revision}"


def kept_of(person_id: int, form_id: int | None = None, live: Sequence[str] = ()) -> dict[str, Any]:
    """What the page shows of this browser's unsent drafts: a person's, or only those of one form. `live`: those that
    are sent as soon as their form is opened.
    """
    return {"of": f"draft:{person_id}:" + ("" if form_id is None else f"{form_id}:"), "live": list(live)}


def entry_context(
    view: EntryView,
    congress: str,
    person_id: int,
    *,
    values: Mapping[str, str] | None = None,
    findings: Sequence[Finding] = (),
    refusals: Sequence[Refused] = (),
    ticked: Collection[str] = (),
    page: OpenPage | None = None,
    void: Sequence[VoidContest] = (),
) -> dict[str, Any]:
    """The context of the entry page. `values`: texts as typed, where they could not be read; otherwise as saved. `page`: the
    page that was posted and comes back without being saved: its figures are no newer than they were. `void`: what the paper
    has besides, so that a section is named here as it is there.
    """
    saved_by = view.saved_by if page is None or page.made(view.saved_by) else page.after
    page = OpenPage(token_hex(8), saved_by)
    sheet = view.sheet
    contents = view.contents or FormContents()
    texts = dict(values) if values is not None else {**texts_of(contents), **shared_texts(contents)}
    paper: list[SheetSection | VoidContest] = [*sheet.sections, *void]
    twice = _twice([(one.category, one.round_kind) for one in paper])
    sections = [
        _section(section, section.write_in(sheet.write_in), texts, (section.category, section.round_kind) in twice)
        for section in sheet.sections
    ]
    attendance = [
        {"path": "attendance.expected", "label": _("应到会"), "role": "expected"},
        {"path": "attendance.present", "label": _("实到会"), "role": "present"},
    ]
    one_sheet = sheet.context.one_sheet
    if one_sheet:
        shared = {"issued": (_("发出选票"), _("发出")), "returned": (_("收回选票"), _("收回"))}
        attendance += [
            {"path": f"ballots.{role}", "label": label, "short": short, "role": role}
            for role, (label, short) in shared.items()
        ]
        sections = [
            {**section, "numbers": [one for one in section["numbers"] if one["role"] not in SHARED]}
            for section in sections
        ]
    shown = _shown(findings, refusals, ticked, list(_boxes(attendance, sections)))
    return {
        # Not a mapping: `entry.values` must not be the mapping's own method.
        "entry": SimpleNamespace(
            form_number=sheet.number,
            unit_code=f"{sheet.unit_position:02d}",
            unit_name=sheet.unit_name,
            place=place_on(sheet),
            vote=vote_of(sheet),
            title=title_of(view),
            note=_note_on(view),
            anew=view.state in IN_CORRECTION,
            values=texts,
            draft_key=draft_key(person_id, view.form_id, view.revision),
            draft_url=url_for("tally.draft", form_id=view.form_id),
            saved_at=_saved_at(view),
            action=url_for("tally.enter", congress=congress, number=sheet.number),
            revision=view.revision,
            page=page,
            name_length=LONGEST_NAME,
        ),
        "attendance": attendance,
        "one_sheet": one_sheet,
        "sections": sections,
        "findings": shown,
        "kept": kept_of(person_id, view.form_id),
        "acts": {
            "discard": None
            if view.state in IN_CORRECTION
            else url_for("tally.give_up", congress=congress, number=sheet.number),
            "back": url_for("tally.home", congress=congress),
        },
    }


def _note_on(view: EntryView) -> str | None:
    """That the entry came back to its teller; of the other entry nothing."""
    if view.state in IN_CORRECTION:
        return str(_("这份录入被退回更正：请从头与计票单逐项核对。"))
    if view.has_errors:
        return str(_("这份录入有错误，退回更正：已打开第一处，改完再提交。"))
    return None


def _saved_at(view: EntryView) -> str | None:
    """The time of the last save; a form just claimed has nothing saved yet."""
    if view.saved_at is None or view.contents is None or is_blank(view.contents):
        return None
    return f"{view.saved_at.astimezone(CHINA):%H:%M:%S}"


def _twice(names: Sequence[tuple[str, RoundKind]]) -> set[tuple[str, RoundKind]]:
    return {name for name in names if names.count(name) > 1}


def _section(section: SheetSection, write_in: WriteInRule, texts: Mapping[str, str], twice: bool) -> dict[str, Any]:
    prefix = f"sections.{section.key}"
    standing, seats = len(section.candidates), section.seats
    if section.kind is ContestKind.UNCONTESTED:
        lead = _("候选人 %(n)s 名 · 等额", n=standing)
    else:
        lead = _("候选人 %(n)s 名 · 差额 %(percent)s%%", n=standing, percent=max(0, standing - seats) * 100 // seats)
    words = [said(section.round_kind)] if section.round_kind is not RoundKind.ORDINARY else []
    words += [said(section.kind)] if twice else []
    kind = f"（{'·'.join(words)}）" if words else ""
    return {
        "id": section.key,
        "title": section.category + kind,
        "heading": _("%(category)s代表", category=section.category) + kind,
        "index": (section.category_position - 1) % 8 + 1,
        "seats": seats,
        "lead": lead,
        "prefix": prefix,
        "write_in": {WriteInRule.AGAINST: "against", WriteInRule.AGAINST_OR_ABSTAIN: "abstain"}.get(write_in),
        "numbers": [
            {"path": f"{prefix}.{role}", "label": label, "role": role}
            for role, label in (
                ("issued", _("发出选票")),
                ("returned", _("收回选票")),
                ("valid", _("有效票")),
                ("spoiled", _("无效票")),
            )
        ],
        "candidates": [
            {"prefix": f"{prefix}.candidates.{one.id}", "name": one.name, "note": _note(one)}
            for one in section.candidates
        ],
        "write_ins": [{"prefix": f"{prefix}.write_ins.{place}"} for place in range(_rows(prefix, texts) + 1)],
    }


def _note(candidate: SheetCandidate) -> str:
    words = []
    if candidate.sex is not None:
        words.append(_("女") if candidate.sex is Sex.FEMALE else _("男"))
    if candidate.age is not None:
        words.append(_("%(n)s岁", n=candidate.age))
    return " · ".join(words)


def _rows(prefix: str, texts: Mapping[str, str]) -> int:
    """How many write-in rows hold something; one blank row is shown after them."""
    filled = [
        place
        for path, text in texts.items()
        if path.startswith(f"{prefix}.write_ins.") and text
        if (place := whole_number(path.split(".")[3], most=MOST_WRITE_INS)) is not None
    ]
    return max(filled, default=-1) + 1


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the page: its field, its label, and whose it is: the section's, a candidate's."""

    path: str
    label: str
    whose: str


def _boxes(attendance: Sequence[Mapping[str, Any]], sections: Sequence[Mapping[str, Any]]) -> Iterator[Box]:
    """All boxes of the page, in paper order."""
    marks = dict(zip(MARKS, (_("赞成"), _("不赞成"), _("弃权")), strict=True))
    yield from (Box(field["path"], field["label"], _("会议人数")) for field in attendance)
    for section in sections:
        title = section["title"]
        yield from (Box(field["path"], field["label"], title) for field in section["numbers"])
        for row in section["candidates"]:
            whose = f"{title}·{row['name']}"
            yield from (Box(f"{row['prefix']}.{mark}", label, whose) for mark, label in marks.items())
        for row in section["write_ins"]:
            whose = f"{title}·{_('另选他人')}"
            yield Box(f"{row['prefix']}.name", _("姓名"), whose)
            yield Box(f"{row['prefix']}.for", _("赞成"), whose)


def _shown(
    findings: Sequence[Finding], refusals: Sequence[Refused], ticked: Collection[str], boxes: Sequence[Box]
) -> list[dict[str, Any]]:
    """In paper order, boxes of one row of which the same is said together. `place`: beside which part of the paper it is
    said, `text` there and `whole` where the paper is not seen; `at`: the box to go to; `marks`: the boxes that are wrong;
    `of`: the fields that it speaks of.
    """
    said_of = [(one.code, Severity.ERROR, one.field or "", say(one), "", False) for one in refusals]
    said_of += [
        (
            one.code,
            one.severity,
            one.field,
            said(sentence(one.code, one.params)),
            warning_key(one),
            bool(one.params),  # what has parameters names its place itself
        )
        for one in findings
    ]
    order = {box.path: place for place, box in enumerate(boxes)}
    shown: dict[tuple[str, ...], dict[str, Any]] = {}
    for code, severity, field, text, key, named in said_of:
        within = [box for box in boxes if box.path == field or box.path.startswith(field + ".")] if field else []
        one = within[0] if within else None
        together = (code, place_of(field), text, key if severity is Severity.WARNING else "")
        each = shown.setdefault(
            together,
            {
                "code": code,
                "severity": severity.value,
                "field": field,
                "sentence": text,
                "key": key,
                "accepted": key in ticked,
                "place": place_of(field),
                "at": one.path if one else "",
                "marks": [],
                "labels": [],
                "fields": [],
                "whose": "" if named or one is None else one.whose,
            },
        )
        each["fields"].append(field)
        if not named and one is not None:
            each["labels"].append(one.label)
        # A row that does not add up is wrong as a whole; of larger parts no single box is.
        if field in order or ROW_FIELD.fullmatch(field):
            each["marks"] += [box.path for box in within]
    listed = sorted(shown.values(), key=lambda each: order.get(each["at"], len(boxes)))
    for number, each in enumerate(listed, 1):
        each["id"], each["of"] = f"told-{number}", " ".join(each["fields"])
        each["text"] = "：".join([*(["、".join(each["labels"])] if each["labels"] else []), each["sentence"]])
        each["whole"] = "·".join([*([each["whose"]] if each["whose"] else []), each["text"]])
    return listed


def place_of(field: str) -> str:
    """The part of the paper beside which a finding on this field is said: a candidate's or a write-in's row, the votes
    of a section, its ballots, the attendance.
    """
    parts = field.split(".")
    if parts[0] != "sections":
        return "attendance"
    if len(parts) > 3 and parts[2] in ("candidates", "write_ins"):
        return ".".join(parts[:4])
    return ".".join(parts[:3]) if parts[2:3] in (["candidates"], ["write_ins"]) else ".".join(parts[:2])
