"""What blocks each phase from ending, as a pure reading of the facts. Each blocker names the page that mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from election.congress.lifecycle import Phase, next_phase
from election.progress.facts import Facts, UnitFacts
from election.quotas.lifecycle import SchemeState
from election.results.lifecycle import ResultsState, is_public
from election.results.queries_settling import ContestStanding
from election.results.settling import Unsettled
from election.texts import chinese_date


class Page(StrEnum):
    """Where something is mended; the web knows the addresses."""

    SETTINGS = "settings"
    SCHEMES = "schemes"
    LETTERS = "letters"
    LETTER = "letter"
    ROSTER = "roster"
    UNIT = "unit"
    UNIT_ROSTER = "unit_roster"
    ABSENCES = "absences"
    NOMINEES = "nominees"
    REVIEWS = "reviews"
    NOTICES = "notices"
    SLATES = "slates"
    UNIT_SLATES = "unit_slates"
    REPRINTS = "reprints"
    MEETING = "meeting"
    TALLY = "tally"
    SCRUTINY = "scrutiny"
    BALLOTS = "ballots"
    RESULTS = "results"
    BRANCHES = "branches"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason why `phase` cannot end. `code` and `params` make its sentence; `page` (of `unit`) mends it."""

    phase: Phase
    code: str
    page: Page
    params: Mapping[str, object] = field(default_factory=dict)
    unit: str | None = None


# Beyond this many units a gate names how many there are, not each one.
NAMED_ONE_BY_ONE = 5


def blockers(facts: Facts, phase: Phase, today: date) -> list[Blocker]:
    """What stands between `phase` and the next one; empty when its gate is open."""
    gates = {
        Phase.PREPARATION: _preparation,
        Phase.REGISTRATION: _registration,
        Phase.ELECTION: _election,
        Phase.ANNOUNCEMENT: _announcement,
    }
    if phase is Phase.NOMINATION:
        return _nomination(facts, today)
    gate = gates.get(phase)
    return [] if gate is None else gate(facts)


def _preparation(facts: Facts) -> list[Blocker]:
    found = []
    here = Phase.PREPARATION
    if not facts.units:
        found.append(Blocker(here, "gate.no_units", Page.SETTINGS))
    if not facts.categories:
        found.append(Blocker(here, "gate.no_categories", Page.SETTINGS))
    if not facts.reply_settled:
        found.append(Blocker(here, "gate.no_reply", Page.SETTINGS))
    if not facts.schemes.get(SchemeState.APPROVED):
        waiting = facts.schemes.get(SchemeState.SUBMITTED, 0)
        found.append(
            Blocker(here, "gate.scheme_awaits_approval" if waiting else "gate.no_approved_scheme", Page.SCHEMES)
        )
    elif facts.scheme_outdated:
        found.append(Blocker(here, "gate.scheme_outdated", Page.SCHEMES))
    return found


def _registration(facts: Facts) -> list[Blocker]:
    here = Phase.REGISTRATION
    open_units = [unit for unit in facts.units if not unit.verified]
    found = _each(here, "gate.unit_not_verified", "gate.units_not_verified", Page.ROSTER, open_units)
    # Notice 1 is put up while electors register, and may hang while people already apply.
    return found + _electors(here, facts)


def _electors(here: Phase, facts: Facts) -> list[Blocker]:
    """What notice 1 lacks, apart from its days."""
    if facts.electors_notice is None:
        return [Blocker(here, "gate.no_electors_notice", Page.NOTICES)]
    if facts.electors_notice.outdated:
        return [Blocker(here, "gate.electors_notice_outdated", Page.NOTICES)]
    return []


def _nomination(facts: Facts, today: date) -> list[Blocker]:
    here = Phase.NOMINATION
    found = []
    applied = sum(facts.applied_by_branch.values())
    if applied:
        found.append(Blocker(here, "gate.branch_ballots_open", Page.SLATES, {"count": applied}))
    if nominees := sum(unit.nominees for unit in facts.units):
        found.append(Blocker(here, "gate.nominees_open", Page.REVIEWS, {"count": nominees}))
    if facts.awaiting_review:
        found.append(Blocker(here, "gate.reviews_open", Page.REVIEWS, {"count": facts.awaiting_review}))
    # Rosters move on while people stand: what nobody verified and nobody saw hanging elects no delegate.
    moved = [unit for unit in facts.units if not unit.verified]
    found += _each(here, "gate.unit_roster_moved", "gate.units_roster_moved", Page.ROSTER, moved)
    found += _electors(here, facts)
    electors = facts.electors_notice
    if electors is not None and electors.last_day is not None and electors.last_day >= today:
        day = chinese_date(electors.last_day)
        found.append(Blocker(here, "gate.electors_notice_hangs", Page.NOTICES, {"day": day}))
    if not facts.notice_published:
        found.append(Blocker(here, "gate.no_candidates_notice", Page.NOTICES))
    elif facts.notice_last_day is not None and facts.notice_last_day >= today:
        found.append(Blocker(here, "gate.notice_hangs", Page.NOTICES, {"day": chinese_date(facts.notice_last_day)}))
    if facts.objections_open:
        found.append(Blocker(here, "gate.objections_open", Page.NOTICES, {"count": facts.objections_open}))
    if number := facts.objections_unsettled:
        found.append(Blocker(here, "gate.objections_unsettled", Page.NOTICES, {"count": number}))
    unfrozen = [unit for unit in facts.units if unit.frozen < unit.rounds]
    found += _each(here, "gate.slates_not_frozen", "gate.units_slates_not_frozen", Page.SLATES, unfrozen)
    return found


def _election(facts: Facts) -> list[Blocker]:
    return contests_open(facts.contests)


def contests_open(contests: Sequence[ContestStanding]) -> list[Blocker]:
    """What keeps results from being announced: a few contests each by name, many alike by their number."""
    found = []
    for why in Unsettled:
        alike = [one for one in contests if one.unsettled is why]
        if len(alike) > NAMED_ONE_BY_ONE:
            params = {"count": len(alike), "unit": alike[0].unit, "category": alike[0].name, "why": why}
            found.append(Blocker(Phase.ELECTION, "gate.contests_open", Page.RESULTS, params))
            continue
        for one in alike:
            named = {"unit": one.unit, "category": one.name, "why": why}
            found.append(Blocker(Phase.ELECTION, "gate.contest_open", Page.MEETING, named, one.unit_code))
    return found


def _announcement(facts: Facts) -> list[Blocker]:
    # In the archive no meeting is held and nothing of one is changed.
    later = [one for one in facts.contests if one.later is not None]
    if len(later) > NAMED_ONE_BY_ONE:
        params = {"count": len(later), "unit": later[0].unit, "category": later[0].name}
        return [Blocker(Phase.ANNOUNCEMENT, "gate.contests_later", Page.RESULTS, params), *_published(facts)]
    named = [
        Blocker(
            Phase.ANNOUNCEMENT,
            "gate.contest_later",
            Page.MEETING,
            {"unit": one.unit, "category": one.name},
            one.unit_code,
        )
        for one in later
    ]
    return named + _published(facts)


def _published(facts: Facts) -> list[Blocker]:
    if is_public(facts.results):
        return [Blocker(Phase.ANNOUNCEMENT, "gate.results_moved", Page.RESULTS)] if facts.results_moved else []
    code = "gate.publication_awaits_second" if facts.results is ResultsState.PROPOSED else "gate.not_published"
    return [Blocker(Phase.ANNOUNCEMENT, code, Page.RESULTS)]


def _each(phase: Phase, one: str, many: str, page: Page, units: list[UnitFacts]) -> list[Blocker]:
    if len(units) > NAMED_ONE_BY_ONE:
        return [Blocker(phase, many, page, {"count": len(units), "unit": units[0].name})]
    return [Blocker(phase, one, page, {"unit": unit.name}, unit.code) for unit in units]


@dataclass(frozen=True, slots=True)
class Step:
    """A phase on the stage line."""

    phase: Phase
    state: str  # done | current | next | later
    blockers: tuple[Blocker, ...]

    @property
    def blockers_count(self) -> int:
        return len(self.blockers)


def stage_line(facts: Facts, phase: Phase, today: date) -> tuple[Step, ...]:
    """The six phases; what blocks the current one from ending stands at the next."""
    phases = list(Phase)
    place = phases.index(phase)
    standing = tuple(blockers(facts, phase, today))
    coming = next_phase(phase)
    return tuple(
        Step(
            step,
            "done" if number < place else "current" if number == place else "next" if step is coming else "later",
            standing if step is coming else (),
        )
        for number, step in enumerate(phases)
    )
