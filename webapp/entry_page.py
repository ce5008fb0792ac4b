"""Turns one person's entry of a count form into what `templates/tally/entry.html` shows, and its fields back.

Decides nothing: what is on the paper, what was entered and what the checks found are given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from election.contests.models import ContestKind
from election.contests.outcome import WriteInRule
from election.count.checks import warning_key
from election.count.entry import EntryState, Side
from election.count.form import MOST_WRITE_INS, FormContents, FormShape, counts, is_blank
from election.count.queries_form import EntryView
from election.count.sheet import SheetCandidate, SheetSection
from election.errors import Refused
from election.findings import Finding
from election.people.act import CHINA
from election.people.models import Sex
from election.texts import sentence
from webapp.errors import said, say
from webapp.forms import whole_number

ROW = re.compile(r"sections\.(\d+)\.candidates\.(\d+)\.(?:for|against|abstain)")
SECTION = re.compile(r"sections\.(\d+)\.(?:issued|returned|valid|spoiled)")
CORRECTIONS = (EntryState.FIRST_IN_CORRECTION, EntryState.SECOND_IN_CORRECTION)


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
    return str(words[view.side or Side.FIRST, view.state in CORRECTIONS])


def entry_context(
    view: EntryView,
    congress: str,
    person_id: int,
    *,
    values: Mapping[str, str] | None = None,
    findings: Sequence[Finding] = (),
    refusals: Sequence[Refused] = (),
    ticked: Collection[str] = (),
) -> dict[str, Any]:
    """The context of the entry page. `values`: texts as typed, where they could not be read; otherwise as saved."""
    sheet = view.sheet
    texts = dict(values) if values is not None else texts_of(view.contents or FormContents())
    twice = _twice([section.category for section in sheet.sections])
    return {
        # Not a mapping: `entry.values` must not be the mapping's own method.
        "entry": SimpleNamespace(
            form_number=sheet.number,
            unit_code=f"{sheet.unit_position:02d}",
            unit_name=sheet.unit_name,
            place=sheet.venue_name if sheet.venues > 1 else None,
            title=title_of(view),
            note=_("这份录入被退回更正：请从头与计票单逐项核对。") if view.state in CORRECTIONS else None,
            values=texts,
            draft_key=f"draft:{person_id}:{view.form_id}:{view.revision}",
            draft_url=url_for("tally.draft", form_id=view.form_id),
            saved_at=_saved_at(view),
            action=url_for("tally.enter", congress=congress, number=sheet.number),
            revision=view.revision,
        ),
        "attendance": [
            {"path": "attendance.expected", "label": _("应到会"), "role": "expected"},
            {"path": "attendance.present", "label": _("实到会"), "role": "present"},
        ],
        "sections": [_section(section, section.write_in(sheet.write_in), texts, section.category in twice) for section in sheet.sections],
        "findings": _shown(findings, refusals, ticked),
        "acts": {
            "discard": None
            if view.state in CORRECTIONS
            else url_for("tally.give_up", congress=congress, number=sheet.number),
            "back": url_for("tally.home", congress=congress),
        },
    }


def _saved_at(view: EntryView) -> str | None:
    """The time of the last save; a form just claimed has nothing saved yet."""
    if view.saved_at is None or view.contents is None or is_blank(view.contents):
        return None
    return f"{view.saved_at.astimezone(CHINA):%H:%M:%S}"


def _twice(names: Sequence[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _section(section: SheetSection, write_in: WriteInRule, texts: Mapping[str, str], twice: bool) -> dict[str, Any]:
    prefix = f"sections.{section.key}"
    standing, seats = len(section.candidates), section.seats
    if section.kind is ContestKind.UNCONTESTED:
        lead = _("候选人 %(n)s 名 · 等额", n=standing)
    else:
        lead = _("候选人 %(n)s 名 · 差额 %(percent)s%%", n=standing, percent=max(0, standing - seats) * 100 // seats)
    kind = f"（{section.kind.zh}）" if twice else ""
    return {
        "id": section.key,
        "title": section.category + kind,
        "heading": _("%(category)s代表", category=section.category) + kind,
        "index": (section.category_position - 1) % 8 + 1,
        "seats": seats,
        "lead": lead,
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


def _shown(findings: Sequence[Finding], refusals: Sequence[Refused], ticked: Collection[str]) -> list[dict[str, Any]]:
    shown = [
        {"code": one.code, "severity": "error", "field": one.field or "", "text": say(one), "accepted": False}
        for one in refusals
    ]
    for finding in findings:
        key = warning_key(finding)
        shown.append(
            {
                "code": finding.code,
                "severity": finding.severity.value,
                "field": finding.field,
                "text": said(sentence(finding.code, finding.params)),
                "accepted": key in ticked,
                "key": key,
            }
        )
    return shown
