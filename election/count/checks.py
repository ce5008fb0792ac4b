"""Checks the figures of a count form against each other, against the meeting's own record and the rules in force.

Whole numbers only. Never stores and never judges persons. Errors stop the second entry, warnings want a tick. Ballot
numbers are per contest, attendance per venue; a number that is blank is named once and taken no further.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from election.contests.outcome import WriteInRule
from election.count import check_codes as codes
from election.count.check_codes import print_table
from election.count.form import FormContents, Section, counts
from election.count.shared_ballots import told_once
from election.findings import Finding, Severity
from election.meeting.ballot_checks import MissingLimits
from election.strokes import plain_name

__all__ = [
    "FormContext",
    "SectionContext",
    "Thresholds",
    "Turnout",
    "check",
    "has_errors",
    "print_table",
    "warning_key",
    "warning_keys",
]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where a warning is due, as the rules in force set it: percent, ballots that are missing, percentage points."""

    spoiled_percent: int
    missing: MissingLimits
    turnout_points: int

    @classmethod
    def from_rules(cls, rules: Mapping[str, object]) -> Thresholds:
        """By the names of the catalogue of rules."""
        spoiled, turnout = (int(str(rules[name])) for name in ("spoiled_warning", "turnout_warning"))
        return cls(spoiled, MissingLimits.from_rules(rules), turnout)


@dataclass(frozen=True, slots=True)
class Turnout:
    """Ballots returned of electors expected, both sums (参选率)."""

    returned: int
    expected: int


@dataclass(frozen=True, slots=True)
class SectionContext:
    """What is known of a contest before its form comes in. `issued`, `returned`: the scrutineers' own record for this
    form's ballots, None where the form covers only a part of them. `over`: more came back here than were issued here;
    `void`: over the whole unit. `branch_turnout`: None where not comparable; `returned_together`: the record over the whole
    unit, which alone compares with it where this form is a part.
    """

    name: str
    seats: int
    candidates: Mapping[str, str]
    write_in: WriteInRule
    issued: int | None = None
    returned: int | None = None
    spoiled: int | None = None
    over: bool = False
    void: bool = False
    branch_turnout: Turnout | None = None
    returned_together: int | None = None


@dataclass(frozen=True, slots=True)
class FormContext:
    """`expected` as frozen by the meeting, `present` as the venue recorded it; None where not known for this form.
    `one_sheet`: 发出 and 收回 stand once on it.
    """

    thresholds: Thresholds
    expected: int | None = None
    present: int | None = None
    sections: Mapping[str, SectionContext] = field(default_factory=dict)
    one_sheet: bool = False


def check(contents: FormContents, context: FormContext) -> tuple[Finding, ...]:
    """Everything found, errors and warnings, in paper order. Sections must be those of the context (`from_json`)."""
    found = _blanks(contents) + _attendance(contents, context)
    for round_id, section in contents.sections.items():
        one = _SectionCheck(f"sections.{round_id}", section, context.sections[round_id], contents, context.thresholds)
        found += one.run()
    return told_once(found) if context.one_sheet else tuple(found)


def has_errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def warning_key(finding: Finding) -> str:
    """What a tick stands for: the warning, its place and its numbers. Other numbers want a new tick."""
    numbers = [str(value) for _, value in sorted(finding.params.items()) if isinstance(value, int)]
    return " ".join([finding.code, finding.field, *numbers])


def warning_keys(findings: Iterable[Finding]) -> frozenset[str]:
    return frozenset(warning_key(finding) for finding in findings if finding.severity is Severity.WARNING)


def _error(code: str, path: str, **params: object) -> Finding:
    return Finding(code, Severity.ERROR, path, params)


def _warning(code: str, path: str, **params: object) -> Finding:
    return Finding(code, Severity.WARNING, path, params)


def _blanks(contents: FormContents) -> list[Finding]:
    return [_error(codes.BLANK, path) for path, value in counts(contents) if value is None]


def _over(value: int | None, limit: int | None) -> bool:
    return value is not None and limit is not None and value > limit


def _differs(value: int | None, record: int | None) -> bool:
    return value is not None and record is not None and value != record


def _attendance(contents: FormContents, context: FormContext) -> list[Finding]:
    expected, present = contents.attendance.expected, contents.attendance.present
    found = []
    if _over(present, expected):
        found.append(_error(codes.PRESENT_OVER_EXPECTED, "attendance.present", present=present, expected=expected))
    if _differs(expected, context.expected):
        found.append(
            _error(codes.EXPECTED_NOT_AS_FROZEN, "attendance.expected", expected=expected, record=context.expected)
        )
    if _differs(present, context.present):
        found.append(
            _error(codes.PRESENT_NOT_AS_RECORDED, "attendance.present", present=present, record=context.present)
        )
    return found


@dataclass(frozen=True, slots=True)
class _SectionCheck:
    """One contest of the form. Every finding names the contest, since a form carries several."""

    at: str
    section: Section
    context: SectionContext
    contents: FormContents
    thresholds: Thresholds

    def run(self) -> list[Finding]:
        found = [*self.ballots(), *self.marks(), *self.votes(), *self.write_ins()]
        if self.all_zero():
            # Edge case 22. It says enough: the other warnings would only repeat it.
            return [*found, _warning(codes.ALL_ZERO, self.at, category=self.context.name)]
        return [*found, *self.issue_warnings(), *self.ballot_warnings(), *self.vote_warnings()]

    def error(self, code: str, path: str, **params: object) -> Finding:
        return _error(code, f"{self.at}.{path}", category=self.context.name, **params)

    def warning(self, code: str, path: str, **params: object) -> Finding:
        return _warning(code, f"{self.at}.{path}", category=self.context.name, **params)

    def all_zero(self) -> bool:
        mine = [value for path, value in counts(self.contents) if path.startswith(f"{self.at}.")]
        return all(value == 0 for value in mine)

    def ballots(self) -> Iterable[Finding]:
        section, context, present = self.section, self.context, self.contents.attendance.present
        if _over(section.issued, present):
            yield self.error(codes.ISSUED_OVER_PRESENT, "issued", issued=section.issued, present=present)
        # One venue's ballots may end in another's box: only the unit's sum is judged, and there as void.
        if _over(section.returned, section.issued) and not self.within_record():
            yield self.error(codes.RETURNED_OVER_ISSUED, "returned", returned=section.returned, issued=section.issued)
        if section.valid is not None and section.spoiled is not None:
            split = section.valid + section.spoiled
            if _differs(split, section.returned):
                yield self.error(
                    codes.RETURNED_NOT_SPLIT,
                    "valid",
                    valid=section.valid,
                    spoiled=section.spoiled,
                    sum=split,
                    returned=section.returned,
                )
        if _differs(section.issued, context.issued):
            yield self.error(codes.ISSUED_NOT_AS_RECORDED, "issued", issued=section.issued, record=context.issued)
        if _differs(section.returned, context.returned):
            yield self.error(
                codes.RETURNED_NOT_AS_RECORDED, "returned", returned=section.returned, record=context.returned
            )
        if _differs(section.spoiled, context.spoiled):
            yield self.error(codes.SPOILED_NOT_AS_RULED, "spoiled", spoiled=section.spoiled, record=context.spoiled)

    def within_record(self) -> bool:
        """Whether the scrutineers' record has it so; of a part of their ballots only they together can be held against it."""
        if self.context.issued is None:
            return self.context.over
        return (self.section.issued, self.section.returned) == (self.context.issued, self.context.returned)

    def marks(self) -> Iterable[Finding]:
        for each, row in self.section.candidates.items():
            if row.for_ is None or row.against is None or row.abstain is None:
                continue
            total = row.for_ + row.against + row.abstain
            if _differs(total, self.section.valid):
                yield self.error(
                    codes.MARKS_NOT_VALID,
                    f"candidates.{each}",
                    candidate=self.context.candidates[each],
                    sum=total,
                    valid=self.section.valid,
                )

    def votes(self) -> Iterable[Finding]:
        if self.section.valid is None:
            return
        total = sum(row.for_ or 0 for row in self.section.candidates.values())
        total += sum(one.for_ or 0 for one in self.section.write_ins)
        most = self.section.valid * self.context.seats
        if total > most:
            yield self.error(
                codes.VOTES_OVER_SEATS,
                "candidates",
                sum=total,
                valid=self.section.valid,
                seats=self.context.seats,
                most=most,
            )

    def write_ins(self) -> Iterable[Finding]:
        written = sum(one.for_ or 0 for one in self.section.write_ins)
        if self.context.write_in is WriteInRule.OFF:
            if self.section.write_ins:
                yield self.error(codes.WRITE_INS_OFF, "write_ins", sum=written)
            return
        rows = self.section.candidates.values()
        marks = [row.against for row in rows]
        if self.context.write_in is WriteInRule.AGAINST_OR_ABSTAIN:
            marks += [row.abstain for row in rows]
        room = sum(mark or 0 for mark in marks)
        # As long as a mark is blank the room is not known.
        if None not in marks and written > room:
            yield self.error(codes.WRITE_INS_OVER_MARKS, "write_ins", sum=written, most=room)
        seen: Counter[str] = Counter()
        for place, one in enumerate(self.section.write_ins):
            path = f"write_ins.{place}"
            name = one.name
            # Votes typed where the name belongs are no name, nor are those behind one a part of it.
            if not any(letter.isalpha() for letter in name) or any(letter.isdigit() for letter in name):
                yield self.error(codes.WRITE_IN_UNNAMED, f"{path}.name")
                continue
            seen[name] += 1
            if seen[name] > 1:
                yield self.error(codes.WRITE_IN_TWICE, f"{path}.name", name=name)
            if _over(one.for_, self.section.valid):
                yield self.error(
                    codes.WRITE_IN_OVER_VALID, f"{path}.for", name=name, votes=one.for_, valid=self.section.valid
                )

    def ballot_warnings(self) -> Iterable[Finding]:
        issued, returned, spoiled = self.section.issued, self.section.returned, self.section.spoiled
        limits = self.thresholds
        if returned is not None and spoiled and spoiled * 100 >= returned * limits.spoiled_percent:
            yield self.warning(
                codes.SPOILED_MANY, "spoiled", spoiled=spoiled, returned=returned, percent=limits.spoiled_percent
            )
        if issued is not None and returned is not None and limits.missing.reached(issued - returned, issued):
            missing = issued - returned
            yield self.warning(codes.MISSING_MANY, "returned", missing=missing, issued=issued, returned=returned)
        expected, before = self.contents.attendance.expected, self.context.branch_turnout
        if self.context.returned_together is not None:
            returned = self.context.returned_together
        if before is not None and before.expected and expected and returned is not None:
            # |r/e − r'/e'| ≥ points/100, without fractions
            gap = abs(returned * before.expected - before.returned * expected)
            if gap * 100 >= limits.turnout_points * expected * before.expected:
                yield self.warning(
                    codes.TURNOUT_JUMP,
                    "returned",
                    returned=returned,
                    expected=expected,
                    branch_returned=before.returned,
                    branch_expected=before.expected,
                    points=limits.turnout_points,
                )

    def issue_warnings(self) -> Iterable[Finding]:
        issued, present = self.section.issued, self.contents.attendance.present
        # Where groups share a venue's ballots, a form's own are few by nature.
        if issued is None or present is None or self.context.issued is None:
            return
        if self.thresholds.missing.reached(missing := present - issued, present):
            yield self.warning(codes.ISSUED_FEW, "issued", missing=missing, issued=issued, present=present)

    def vote_warnings(self) -> Iterable[Finding]:
        for each, row in self.section.candidates.items():
            name = self.context.candidates[each]
            if row.for_ == 0:
                yield self.warning(codes.CANDIDATE_NONE, f"candidates.{each}.for", candidate=name)
            elif row.for_ is not None and row.for_ == self.section.valid:
                yield self.warning(codes.CANDIDATE_ALL, f"candidates.{each}.for", candidate=name, votes=row.for_)
        names = {plain_name(name) for name in self.context.candidates.values()}
        for place, one in enumerate(self.section.write_ins):
            if one.name in names:
                yield self.warning(codes.WRITE_IN_NAMESAKE, f"write_ins.{place}.name", name=one.name)
