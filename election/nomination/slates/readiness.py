"""Whether a unit's slates may be frozen: everything that still stands against it, each as a finding. Pure.

The margin itself is judged by `margins.py`; here it is put beside the notice, the objections and the candidates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from election.findings import Finding, Severity
from election.nomination.slates.margins import CellMargin, margin_findings
from election.texts import chinese_date


class Change(StrEnum):
    """What became of someone on a slate since it was drawn up."""

    LEFT = "left"  # no longer a proposed candidate, no longer an assigned leader
    UNDER_REVIEW = "under_review"  # a body objected since, or the unit thinks again
    NO_VOTE = "no_vote"
    MOVED = "moved"  # to a branch of another unit
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class SlateFacts:
    """One contest of the unit. `drawn`: its slate holds exactly those who stand now. `unequal`: (names, seats) of an
    uncontested one where the two differ. `renamed`: (name on it, name now). `not_on_notice`: whom no notice shows for this
    contest; `noticed_otherwise`: of whom it says something else than the roster; `hangs_until`: when everyone who is on one
    has been on it for the whole period, None where they have.
    """

    category: str
    submitted: bool
    drawn: bool
    unequal: tuple[int, int] | None = None
    changed: tuple[tuple[str, Change], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    not_on_notice: tuple[str, ...] = ()
    noticed_otherwise: tuple[str, ...] = ()
    hangs_until: date | None = None


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """The latest notice of its kind; `hangs_until` is the day to show while it has not run."""

    published: bool
    hangs_until: str = ""


@dataclass(frozen=True, slots=True)
class Objections:
    """Whom they are about, by name: `open` to electors or candidates, `open_candidates` those of them to who stands,
    `upheld` to who still stands, `unsettled` to electors while the roster is not put right.
    """

    open: tuple[str, ...] = ()
    open_candidates: tuple[str, ...] = ()
    upheld: tuple[str, ...] = ()
    unsettled: tuple[str, ...] = ()

    def __add__(self, more: Objections) -> Objections:
        return Objections(
            self.open + more.open,
            self.open_candidates + more.open_candidates,
            self.upheld + more.upheld,
            self.unsettled + more.unsettled,
        )


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit before the freezing. `unsettled`: applications without a ballot or review;
    `without_seat`: assigned leaders beyond the uncontested seats; `roster_moved`: its roster has changed since it was
    verified, `electors_moved`: its electors since notice 1.
    """

    unit: str
    margins: tuple[CellMargin, ...]
    slates: tuple[SlateFacts, ...]
    unsettled: int
    objections: Objections = Objections()
    without_seat: int = 0
    roster_moved: bool = False
    electors_moved: bool = False


CHANGED = {
    Change.LEFT: "slate.candidate_left",
    Change.UNDER_REVIEW: "slate.candidate_under_review",
    Change.NO_VOTE: "slate.candidate_no_vote",
    Change.MOVED: "slate.candidate_moved",
    Change.CATEGORY: "slate.candidate_category",
}


def freeze_blockers(unit: UnitFacts, notice: NoticeFacts, electors: NoticeFacts) -> list[Finding]:
    """Errors in the order in which they are mended; empty when the slates may be frozen. Warnings are left out.

    `notice`: that of the candidates, `electors`: that of the electors; both have to have run.
    """
    found: list[Finding] = []
    if not electors.published:
        found.append(_error("slate.no_electors_notice", "notice"))
    elif electors.hangs_until:
        found.append(_error("slate.electors_notice_hangs", "notice", day=electors.hangs_until))
    if unit.roster_moved:
        found.append(_error("slate.roster_moved", "roster", unit=unit.unit))
    if unit.electors_moved:
        found.append(_error("slate.electors_moved", "notice", unit=unit.unit))
    if unit.unsettled:
        found.append(_error("slate.applications_open", "applications", unit=unit.unit, count=unit.unsettled))
    found += [finding for finding in margin_findings(unit.margins) if finding.severity is Severity.ERROR]
    if unit.without_seat:
        found.append(_error("slate.leaders_without_seat", "leaders", unit=unit.unit, count=unit.without_seat))
    if not notice.published:
        found.append(_error("slate.no_notice", "notice"))
    elif days := [slate.hangs_until for slate in unit.slates if slate.hangs_until is not None]:
        found.append(_error("slate.notice_hangs", "notice", day=chinese_date(max(days))))
    found += [_error("slate.objection_open", "objections", name=name) for name in unit.objections.open]
    found += [_error("slate.objection_upheld", "objections", name=name) for name in unit.objections.upheld]
    found += [_error("slate.objection_unsettled", "objections", name=name) for name in unit.objections.unsettled]
    for slate in unit.slates:
        found += _slate(unit.unit, slate, notice)
    return found


def outdated_since(unit: UnitFacts) -> list[Finding]:
    """Of frozen slates that no meeting votes on yet: who on them may not stand any more, or of whom that is not decided.
    Their applications or assignments are ended first, the slate then gives way to a version without them; or they are
    reviewed once more, and the objection is closed. (Who left has been taken off by that very act.)
    """
    if not unit.slates:
        return []
    left = CHANGED[Change.LEFT]
    found = [finding for slate in unit.slates for finding in _changed(slate) if finding.code != left]
    found += [_error("slate.objection_open", "objections", name=name) for name in unit.objections.open_candidates]
    found += [_error("slate.objection_upheld", "objections", name=name) for name in unit.objections.upheld]
    return found


def _changed(slate: SlateFacts) -> Iterable[Finding]:
    for name, change in slate.changed:
        yield _error(CHANGED[change], f"slates.{slate.category}", name=name, category=slate.category)


def _slate(unit: str, slate: SlateFacts, notice: NoticeFacts) -> Iterable[Finding]:
    place = f"slates.{slate.category}"
    if slate.unequal:
        # Told to the unit before it hands the slate in, too.
        have, seats = slate.unequal
        yield _error("slate.assigned_unequal", place, unit=unit, category=slate.category, have=have, seats=seats)
    if not slate.submitted:
        yield _error("slate.not_submitted", place, unit=unit, category=slate.category)
        return
    yield from _changed(slate)
    if not slate.drawn and not slate.changed:
        yield _error("slate.outdated", place, unit=unit, category=slate.category)
    for name, now in slate.renamed:
        yield _error("slate.candidate_renamed", place, name=name, now=now, category=slate.category)
    if notice.published:
        for name in slate.not_on_notice:
            yield _error("slate.not_on_notice", place, name=name, category=slate.category)
        for name in slate.noticed_otherwise:
            yield _error("slate.noticed_otherwise", place, name=name)


def _error(code: str, field: str, **params: object) -> Finding:
    return Finding(code, Severity.ERROR, field, params)
