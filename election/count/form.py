"""What stands on one count form (计票单) of a venue and counting group, as typed values. Never judges them.

Blank is None and never zero (edge case 22). A field is named by its path: `attendance.present`, `sections.12.valid`,
`sections.12.candidates.34.for`, `sections.12.write_ins.0.name`, where 12 is the contest's round, 34 the candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from election.errors import Invalid, Refused
from election.strokes import plain_name

# A technical bound, so that a stored number always fits; no form of a county comes near it.
LARGEST: Final = 999_999
LONGEST_NAME: Final = 60
MOST_WRITE_INS: Final = 500

ATTENDANCE: Final = ("expected", "present")
BALLOTS: Final = ("issued", "returned", "valid", "spoiled")
# Of these a paper of one sheet has a single box for all its sections: `ballots.issued`.
SHARED: Final = BALLOTS[:2]
MARKS: Final = ("for", "against", "abstain")

FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９", "0123456789")

# The sections and rows that a form has on paper: round id → candidate ids, both in paper order.
FormShape = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Attendance:
    """应到 and 实到, once per form."""

    expected: int | None = None
    present: int | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """A candidate's row: 赞成, 不赞成, 弃权."""

    for_: int | None = None
    against: int | None = None
    abstain: int | None = None


@dataclass(frozen=True, slots=True)
class WriteIn:
    """A name written in, as names are compared: papers print 张 平 with a space, and it is 张平."""

    name: str = ""
    for_: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One contest on the form: 发出, 收回, 有效, 无效, its candidates in paper order, its write-ins."""

    issued: int | None = None
    returned: int | None = None
    valid: int | None = None
    spoiled: int | None = None
    candidates: Mapping[str, Marks] = field(default_factory=dict)
    write_ins: tuple[WriteIn, ...] = ()


@dataclass(frozen=True, slots=True)
class FormContents:
    attendance: Attendance = Attendance()
    sections: Mapping[str, Section] = field(default_factory=dict)


def blank(shape: FormShape) -> FormContents:
    """The form as it comes from the printer."""
    return FormContents(
        Attendance(),
        {round_id: Section(candidates={each: Marks() for each in ids}) for round_id, ids in shape.items()},
    )


def counts(contents: FormContents) -> Iterator[tuple[str, int | None]]:
    """Every number of the form with its path, in paper order."""
    yield "attendance.expected", contents.attendance.expected
    yield "attendance.present", contents.attendance.present
    for round_id, section in contents.sections.items():
        at = f"sections.{round_id}"
        for name in BALLOTS:
            yield f"{at}.{name}", getattr(section, name)
        for candidate_id, marks in section.candidates.items():
            for name, value in zip(MARKS, (marks.for_, marks.against, marks.abstain), strict=True):
                yield f"{at}.candidates.{candidate_id}.{name}", value
        for place, write_in in enumerate(section.write_ins):
            yield f"{at}.write_ins.{place}.for", write_in.for_


def is_blank(contents: FormContents) -> bool:
    """Whether nothing at all has been entered."""
    return all(value is None for _, value in counts(contents)) and not any(
        section.write_ins for section in contents.sections.values()
    )


def differences(first: FormContents, second: FormContents) -> list[str]:
    """The paths of the fields that differ, in the paper order of the first.

    Write-ins are compared as a set of names with their votes, since two tellers may list them in another order; where
    they differ, the section's `write_ins` are named as a whole.
    """
    ones, others = _comparable(first), _comparable(second)
    missing = object()
    paths = list(dict.fromkeys([*ones, *others]))
    return [path for path in paths if ones.get(path, missing) != others.get(path, missing)]


def _comparable(contents: FormContents) -> dict[str, object]:
    figures = [(path, value) for path, value in counts(contents) if ".write_ins." not in path]
    values: dict[str, object] = {path: value for path, value in figures if not path.startswith("sections.")}
    for round_id, section in contents.sections.items():
        values |= {path: value for path, value in figures if path.startswith(f"sections.{round_id}.")}
        values[f"sections.{round_id}.write_ins"] = sorted(
            (one.name, -1 if one.for_ is None else one.for_) for one in section.write_ins
        )
    return values


def to_json(contents: FormContents) -> dict[str, Any]:
    return {
        "attendance": {"expected": contents.attendance.expected, "present": contents.attendance.present},
        "sections": {
            round_id: {
                **{name: getattr(section, name) for name in BALLOTS},
                "candidates": {
                    each: {"for": marks.for_, "against": marks.against, "abstain": marks.abstain}
                    for each, marks in section.candidates.items()
                },
                "write_ins": [{"name": one.name, "for": one.for_} for one in section.write_ins],
            }
            for round_id, section in contents.sections.items()
        },
    }


def from_json(data: object, shape: FormShape | None = None) -> FormContents:
    """The form from a JSON object. Missing fields are blank, unknown ones refused.

    With a `shape`, sections and candidates are exactly those of the paper. Raises Invalid, every refusal at its path.
    """
    reader = _Reader()
    contents = reader.contents(data, shape)
    if reader.refusals:
        raise Invalid(reader.refusals)
    return contents


def parse_count(text: str, path: str) -> int | None:
    """A field as typed: blank is None; full-width digits and spaces at the ends do no harm. Raises Refused."""
    plain = text.translate(FULL_WIDTH).strip()
    if not plain:
        return None
    if not (plain.isascii() and plain.isdigit()):
        raise Refused("form.not_a_number", field=path)
    if len(plain.lstrip("0")) > len(str(LARGEST)):
        raise Refused("form.too_large", field=path, most=LARGEST)
    return int(plain)


def from_fields(fields: Mapping[str, str], shape: FormShape) -> FormContents:
    """The form from a plain page's fields: path → text as typed. Fields that are no part of a form are left alone.

    Write-ins come as `sections.12.write_ins.0.name` and `….for`; rows without name and number are dropped.
    Raises Invalid with every refusal at its path.
    """
    refusals: list[Refused] = []

    def number(path: str) -> int | None:
        try:
            return parse_count(fields.get(path, ""), path)
        except Refused as refusal:
            refusals.append(refusal)
            return None

    written = [path for path in fields if ".write_ins." in path]
    # One box for all sections: each has its number.
    shared = {name: number(f"ballots.{name}") for name in SHARED if f"ballots.{name}" in fields}

    def write_ins(at: str) -> list[dict[str, Any]]:
        rows = []
        # By the numbers that are there: a page from which a row was taken has a gap.
        numbered = {
            match[1] for path in written if (match := re.fullmatch(rf"{re.escape(at)}\.([0-9]{{1,6}})\.\w+", path))
        }
        for place in sorted(numbered, key=int):
            name = fields.get(f"{at}.{place}.name", "").strip()
            votes = number(f"{at}.{place}.for")
            if name or votes is not None:
                rows.append({"name": name, "for": votes})
        return rows

    data = {
        "attendance": {name: number(f"attendance.{name}") for name in ATTENDANCE},
        "sections": {
            round_id: {
                **{name: number(f"sections.{round_id}.{name}") for name in BALLOTS if name not in shared},
                **shared,
                "candidates": {
                    each: {name: number(f"sections.{round_id}.candidates.{each}.{name}") for name in MARKS}
                    for each in ids
                },
                "write_ins": write_ins(f"sections.{round_id}.write_ins"),
            }
            for round_id, ids in shape.items()
        },
    }
    reader = _Reader()
    contents = reader.contents(data, shape)
    refusals += reader.refusals
    if refusals:
        raise Invalid(refusals)
    return contents


class _Reader:
    """Collects every refusal instead of stopping at the first."""

    def __init__(self) -> None:
        self.refusals: list[Refused] = []

    def refuse(self, code: str, path: str, **params: object) -> None:
        self.refusals.append(Refused(code, field=path, **params))

    def table(self, data: object, path: str, known: Sequence[str] | None) -> Mapping[str, object]:
        if data is None:
            return {}
        if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
            self.refuse("form.not_a_group", path)
            return {}
        if known is None:
            return data
        for key in data:
            if key not in known:
                self.refuse("form.unknown_field", f"{path}.{key}" if path else key)
        return data

    def count(self, data: Mapping[str, object], name: str, path: str) -> int | None:
        value = data.get(name)
        if value is None:
            return None
        path = f"{path}.{name}"
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse("form.not_a_number", path)
        elif value < 0:
            self.refuse("form.negative", path)
        elif value > LARGEST:
            self.refuse("form.too_large", path, most=LARGEST)
        else:
            return value
        return None

    def contents(self, data: object, shape: FormShape | None) -> FormContents:
        if not isinstance(data, Mapping):
            self.refuse("form.not_a_group", "")
            return FormContents()
        table = self.table(data, "", ("attendance", "sections"))
        attendance = self.table(table.get("attendance"), "attendance", ATTENDANCE)
        sections = self.table(table.get("sections"), "sections", None if shape is None else list(shape))
        rounds = list(sections) if shape is None else list(shape)
        return FormContents(
            Attendance(*(self.count(attendance, name, "attendance") for name in ATTENDANCE)),
            {
                each: self.section(sections.get(each), f"sections.{each}", None if shape is None else shape[each])
                for each in rounds
            },
        )

    def section(self, data: object, path: str, ids: Sequence[str] | None) -> Section:
        table = self.table(data, path, (*BALLOTS, "candidates", "write_ins"))
        rows = self.table(table.get("candidates"), f"{path}.candidates", ids)
        issued, returned, valid, spoiled = (self.count(table, name, path) for name in BALLOTS)
        return Section(
            issued,
            returned,
            valid,
            spoiled,
            candidates={
                each: self.marks(rows.get(each), f"{path}.candidates.{each}")
                for each in (list(rows) if ids is None else ids)
            },
            write_ins=self.write_ins(table.get("write_ins"), f"{path}.write_ins"),
        )

    def marks(self, data: object, path: str) -> Marks:
        table = self.table(data, path, MARKS)
        return Marks(*(self.count(table, name, path) for name in MARKS))

    def write_ins(self, data: object, path: str) -> tuple[WriteIn, ...]:
        if data is None:
            return ()
        if not isinstance(data, list):
            self.refuse("form.not_a_list", path)
            return ()
        if len(data) > MOST_WRITE_INS:
            self.refuse("form.too_many_rows", path, most=MOST_WRITE_INS)
            return ()
        return tuple(self.write_in(each, f"{path}.{place}") for place, each in enumerate(data))

    def write_in(self, data: object, path: str) -> WriteIn:
        table = self.table(data, path, ("name", "for"))
        typed = table.get("name", "")
        name = plain_name(typed) if isinstance(typed, str) else ""
        if not isinstance(typed, str) or not name.isprintable():
            self.refuse("form.not_a_name", f"{path}.name")
            name = ""
        if len(name) > LONGEST_NAME:
            self.refuse("form.name_too_long", f"{path}.name", most=LONGEST_NAME)
        return WriteIn(name, self.count(table, "for", path))
