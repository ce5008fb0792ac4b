"""What waits for a person, desk by desk, as a pure reading of the facts and their roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from election.congress.lifecycle import Phase, next_phase
from election.count.entry import EntryState
from election.meeting.lifecycle import MeetingState
from election.people.actor import Actor, Role
from election.progress.facts import Facts, FormFacts, UnitFacts
from election.progress.gates import NAMED_ONE_BY_ONE, Page
from election.progress.queries_reopenings import OpenAgain
from election.quotas.lifecycle import SchemeState
from election.results.lifecycle import ResultsState
from election.results.settling import TO_PROPOSE, Unsettled

PROPOSALS = (ResultsState.PROPOSED, ResultsState.CORRECTION_PROPOSED)


# Once the results are out the roster is closed.
ROSTER_OPEN = (Phase.REGISTRATION, Phase.NOMINATION, Phase.ELECTION)


class Desk(StrEnum):
    HOME = "home"
    OFFICE = "office"
    APPROVAL = "approval"
    UNIT = "unit"
    BRANCH = "branch"
    TALLY = "tally"
    SCRUTINY = "scrutiny"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits. `code` and `params` make its sentence; `page` (of `unit`) is where it is done."""

    desk: Desk
    code: str
    page: Page
    params: Mapping[str, object] = field(default_factory=dict)
    unit: str | None = None
    count: int = 1


def waiting_for(
    facts: Facts,
    actor: Actor,
    congress_id: int,
    phase: Phase,
    gate_open: bool,
    undecided: int = 0,
    opened: Sequence[OpenAgain] = (),
) -> list[Waiting]:
    """In the order in which the election walks through the desks. `undecided`: cells still short after the last day of
    their reopening; `opened`: where the actor's own branches may take applications again.
    """
    roles = actor.roles_in(congress_id)
    found: list[Waiting] = []
    if Role.OFFICE in roles:
        found += _office(facts, actor, phase, gate_open)
    if Role.APPROVER in roles:
        found += _approval(facts, actor, undecided)
    if Role.UNIT_CLERK in roles:
        found += _units(facts, _mine(facts.units, actor, Role.UNIT_CLERK, congress_id), phase)
    if Role.BRANCH_CLERK in roles:
        mine = {
            grant.organisation_id
            for grant in actor.grants
            if grant.role is Role.BRANCH_CLERK and grant.congress_id == congress_id
        }
        applied = sum(count for branch, count in facts.applied_by_branch.items() if branch in mine)
        ballots = sum(count for branch, count in facts.ballots_by_branch.items() if branch in mine)
        idle = len(mine - facts.ballots_by_branch.keys())
        for one in opened:
            params = {"category": one.category, "day": one.until}
            found.append(Waiting(Desk.BRANCH, "waiting.open_again", Page.BRANCHES, params))
        if applied:
            params = {"count": applied, "ballots": ballots}
            found.append(Waiting(Desk.BRANCH, "waiting.branch_ballot", Page.BRANCHES, params, count=ballots))
        if idle and phase is Phase.NOMINATION:
            found.append(
                Waiting(Desk.BRANCH, "waiting.branch_applications", Page.BRANCHES, {"count": idle}, count=idle)
            )
    units = {unit.id: unit for unit in facts.units}
    if Role.TELLER in roles:
        found += _tally(facts, actor, congress_id)
    if Role.SCRUTINEER in roles:
        found += _scrutiny(facts, actor, congress_id, units)
    return found


def _awaits(facts: Facts, actor: Actor) -> bool:
    """A proposed publication waits for every other person, not for the one who proposed it."""
    return facts.results in PROPOSALS and facts.proposer != actor.person_id


def _office(facts: Facts, actor: Actor, phase: Phase, gate_open: bool) -> list[Waiting]:
    found = []
    coming = next_phase(phase)
    if gate_open and coming is not None:
        found.append(Waiting(Desk.OFFICE, "waiting.phase", Page.HOME, {"phase": coming}))
    if facts.schemes.get(SchemeState.RETURNED):
        found.append(Waiting(Desk.OFFICE, "waiting.scheme_returned", Page.SCHEMES))
    if facts.schemes.get(SchemeState.DRAFT) and not facts.schemes.get(SchemeState.APPROVED):
        found.append(Waiting(Desk.OFFICE, "waiting.scheme_draft", Page.SCHEMES))
    notice = facts.electors_notice
    published = notice is not None and not notice.outdated
    lists_move = phase in (Phase.REGISTRATION, Phase.NOMINATION)
    if lists_move and not published and facts.units and all(unit.verified for unit in facts.units):
        found.append(Waiting(Desk.OFFICE, "waiting.electors_notice", Page.NOTICES))
    for number, code, page in (
        (sum(1 for unit in facts.units if unit.letter_open), "waiting.letters_unsigned", Page.LETTERS),
        (sum(1 for unit in facts.units if _collects(unit, phase)), "waiting.units_collect", Page.BRANCHES),
        (facts.awaiting_review, "waiting.reviews", Page.REVIEWS),
        (facts.objections_open, "waiting.objections", Page.NOTICES),
        (facts.objections_unsettled, "waiting.objections_unsettled", Page.NOTICES),
        (facts.still_on_roster if phase in ROSTER_OPEN else 0, "waiting.still_on_roster", Page.ROSTER),
        (sum(1 for unit in facts.units if unit.submitted), "waiting.slates_submitted", Page.SLATES),
    ):
        if number:
            found.append(Waiting(Desk.OFFICE, code, page, {"count": number}, count=number))
    if phase in (Phase.NOMINATION, Phase.ELECTION):
        found += _slates_again(facts)
    found += _unplanned(facts)
    if _awaits(facts, actor):
        found.append(Waiting(Desk.OFFICE, "waiting.publication", Page.RESULTS))
    elif facts.results is ResultsState.PUBLISHED and facts.results_moved:
        code = "waiting.propose_correction" if _announceable(facts) else "waiting.results_moved"
        found.append(Waiting(Desk.OFFICE, code, Page.RESULTS))
    elif phase is Phase.ANNOUNCEMENT and facts.results is ResultsState.NONE and _announceable(facts):
        found.append(Waiting(Desk.OFFICE, "waiting.propose_publication", Page.RESULTS))
    return found


def _slates_again(facts: Facts) -> list[Waiting]:
    """Slates that stood frozen once: those that are short named each, those in the units' hands, the prints to be changed."""
    found = []
    short = [one for one in facts.slates_again.waiting if one.missing]
    if len(short) > NAMED_ONE_BY_ONE:
        params: dict[str, object] = {"count": len(short)}
        found.append(Waiting(Desk.OFFICE, "waiting.slates_short", Page.SLATES, params, count=len(short)))
    else:
        for one in short:
            params = {"unit": one.unit, "category": one.category, "count": one.missing}
            found.append(Waiting(Desk.OFFICE, "waiting.slate_short", Page.UNIT_SLATES, params, one.unit_code))
    whole = [one for one in facts.slates_again.waiting if one.in_hand and not one.missing]
    if len(whole) > NAMED_ONE_BY_ONE:
        params = {"count": len(whole)}
        found.append(Waiting(Desk.OFFICE, "waiting.slates_again", Page.SLATES, params, count=len(whole)))
    else:
        for one in whole:
            params = {"unit": one.unit, "category": one.category}
            found.append(Waiting(Desk.OFFICE, "waiting.slate_again", Page.UNIT_SLATES, params, one.unit_code))
    if number := facts.slates_again.reprints:
        found.append(Waiting(Desk.OFFICE, "waiting.reprints", Page.REPRINTS, {"count": number}, count=number))
    return found


def _announceable(facts: Facts) -> bool:
    return not any(one.unsettled for one in facts.contests)


def _unplanned(facts: Facts) -> list[Waiting]:
    """Units whose open seats are voted on in a meeting that nobody has planned: a few each by name."""
    units = [(unit, number) for unit in facts.units if (number := _later(facts, unit))]
    if len(units) > NAMED_ONE_BY_ONE:
        params: dict[str, object] = {"count": len(units), "unit": units[0][0].name}
        return [Waiting(Desk.OFFICE, "waiting.units_unplanned", Page.RESULTS, params, count=len(units))]
    found = []
    for unit, number in units:
        params = {"unit": unit.name, "count": number}
        found.append(Waiting(Desk.OFFICE, "waiting.unit_unplanned", Page.MEETING, params, unit.code))
    return found


def _later(facts: Facts, unit: UnitFacts) -> int:
    """The contests of a unit that are voted on again in a later meeting, as long as none is planned or in session."""
    if unit.meeting not in (None, MeetingState.CLOSED):
        return 0
    return sum(1 for one in facts.contests if one.unit_id == unit.id and one.later is not None)


def _approval(facts: Facts, actor: Actor, undecided: int) -> list[Waiting]:
    found = []
    if undecided:
        params: dict[str, object] = {"count": undecided}
        found.append(Waiting(Desk.APPROVAL, "waiting.cells_undecided", Page.SLATES, params, count=undecided))
    for unit, category in facts.exemptions_due:
        params = {"unit": unit, "category": category}
        found.append(Waiting(Desk.APPROVAL, "waiting.exemption_asked", Page.SLATES, params))
    if submitted := facts.schemes.get(SchemeState.SUBMITTED, 0):
        found.append(
            Waiting(Desk.APPROVAL, "waiting.scheme_submitted", Page.SCHEMES, {"count": submitted}, count=submitted)
        )
    if _awaits(facts, actor):
        found.append(Waiting(Desk.APPROVAL, "waiting.publication", Page.RESULTS))
    return found


def _mine(units: tuple[UnitFacts, ...], actor: Actor, role: Role, congress_id: int) -> list[UnitFacts]:
    held = actor.units_of(role, congress_id)
    return [unit for unit in units if held is None or unit.id in held]


def _units(facts: Facts, units: list[UnitFacts], phase: Phase) -> list[Waiting]:
    found = []
    # Of slates nothing is said before people may be nominated.
    nominating = phase not in (Phase.PREPARATION, Phase.REGISTRATION)
    for unit in units:
        name = {"unit": unit.name}
        if unit.letter_open:
            found.append(Waiting(Desk.UNIT, "waiting.sign_letter", Page.LETTER, name, unit.code))
        if unit.untold and unit.meeting in (None, MeetingState.PLANNED):
            params = {**name, "count": unit.untold}
            found.append(Waiting(Desk.UNIT, "waiting.tell_absent", Page.ABSENCES, params, unit.code, unit.untold))
        following = sum(1 for one in facts.contests if one.unit_id == unit.id and one.unsettled in TO_PROPOSE)
        if following:
            params = {**name, "count": following}
            found.append(Waiting(Desk.UNIT, "waiting.what_follows", Page.MEETING, params, unit.code, following))
        if later := _later(facts, unit):
            params = {**name, "count": later}
            found.append(Waiting(Desk.UNIT, "waiting.plan_later", Page.MEETING, params, unit.code))
        if not unit.verified:
            found.append(Waiting(Desk.UNIT, "waiting.verify_roster", Page.UNIT_ROSTER, name, unit.code))
        elif unit.unvoted:
            params = {**name, "count": unit.unvoted}
            found.append(Waiting(Desk.UNIT, "waiting.unit_ballots", Page.BRANCHES, params, count=unit.unvoted))
        elif unit.nominees:
            params = {**name, "count": unit.nominees}
            found.append(Waiting(Desk.UNIT, "waiting.nominees", Page.NOMINEES, params, unit.code, unit.nominees))
        elif _collects(unit, phase):
            found.append(Waiting(Desk.UNIT, "waiting.collect", Page.NOMINEES, name, unit.code))
        elif unit.reviewing:
            continue  # the office's turn
        elif nominating and unit.rounds and unit.frozen + unit.submitted < unit.rounds:
            found.append(Waiting(Desk.UNIT, "waiting.submit_slates", Page.UNIT, name, unit.code))
        elif unit.rounds and unit.frozen == unit.rounds and unit.meeting is None:
            found.append(Waiting(Desk.UNIT, "waiting.plan_meeting", Page.MEETING, name, unit.code))
        elif unit.meeting is MeetingState.PLANNED:
            found.append(Waiting(Desk.UNIT, "waiting.open_meeting", Page.MEETING, name, unit.code))
        elif unit.meeting is MeetingState.BALLOTS_RECORDED and _all_counted(unit) and not _undecided(facts, unit):
            found.append(Waiting(Desk.UNIT, "waiting.close_meeting", Page.MEETING, name, unit.code))
    return found


def _undecided(facts: Facts, unit: UnitFacts) -> bool:
    """What follows is still to be proposed or agreed to: nobody goes home before it is."""
    return any(one.unit_id == unit.id and one.unsettled in (*TO_PROPOSE, Unsettled.PROPOSED) for one in facts.contests)


def _all_counted(unit: UnitFacts) -> bool:
    return unit.decided + unit.void >= unit.rounds > 0


def _collects(unit: UnitFacts, phase: Phase) -> bool:
    """Whether a unit has yet to put anybody forward for the seats that are contested there."""
    handed_in = unit.frozen + unit.submitted >= unit.rounds
    return phase is Phase.NOMINATION and unit.contested > 0 and not unit.forward and not handed_in


def _tally(facts: Facts, actor: Actor, congress_id: int) -> list[Waiting]:
    held = actor.units_of(Role.TELLER, congress_id)
    counting = {unit.id for unit in facts.units if unit.meeting is MeetingState.BALLOTS_RECORDED}
    forms = [form for form in facts.forms if form.unit_id in counting and (held is None or form.unit_id in held)]
    open_forms = [form for form in forms if not form.over]
    first = sum(1 for form in open_forms if form.state is EntryState.EMPTY)
    second = sum(
        1 for form in open_forms if form.state is EntryState.FIRST_FINALISED and form.first_person_id != actor.person_id
    )
    own_first = (EntryState.FIRST_IN_PROGRESS, EntryState.FIRST_HAS_ERRORS, EntryState.FIRST_IN_CORRECTION)
    own_second = (EntryState.SECOND_IN_PROGRESS, EntryState.SECOND_IN_CORRECTION)
    mine = sum(
        1
        for form in forms
        if (form.state in own_first and form.first_person_id == actor.person_id)
        or (form.state in own_second and form.second_person_id == actor.person_id)
    )
    found = []
    for number, code in (
        (mine, "waiting.entry_mine"),
        (second, "waiting.entry_second"),
        (first, "waiting.entry_first"),
    ):
        if number:
            found.append(Waiting(Desk.TALLY, code, Page.TALLY, {"count": number}, count=number))
    return found


def _scrutiny(facts: Facts, actor: Actor, congress_id: int, units: Mapping[int, UnitFacts]) -> list[Waiting]:
    held = actor.units_of(Role.SCRUTINEER, congress_id)
    found = []
    to_record = [
        unit
        for unit in units.values()
        if (unit.meeting is MeetingState.OPENED or unit.ballots_due) and (held is None or unit.id in held)
    ]
    for unit in to_record:
        found.append(Waiting(Desk.SCRUTINY, "waiting.record_ballots", Page.SCRUTINY, {"unit": unit.name}, unit.code))
    for contest in facts.void_due:
        if held is None or contest.unit_id in held:
            unit = units[contest.unit_id]
            params: dict[str, object] = {"unit": unit.name, "category": contest.name}
            found.append(Waiting(Desk.SCRUTINY, "waiting.declare_void", Page.BALLOTS, params, unit.code))
    forms = [form for form in facts.forms if held is None or form.unit_id in held]
    found += _faulty(
        [
            form
            for form in forms
            if form.state is EntryState.FIRST_HAS_ERRORS and form.first_person_id != actor.person_id
        ],
        units,
    )
    for state, code in (
        (EntryState.ENTRIES_DIFFER, "waiting.entries_differ"),
        (EntryState.ENTRIES_EQUAL, "waiting.confirm"),
    ):
        number = sum(
            1
            for form in forms
            if form.state is state and actor.person_id not in (form.first_person_id, form.second_person_id)
        )
        if number:
            found.append(Waiting(Desk.SCRUTINY, code, Page.SCRUTINY, {"count": number}, count=number))
    withdrawals = sum(1 for form in forms if form.withdrawal_asked_by_id not in (None, actor.person_id))
    if withdrawals:
        found.append(
            Waiting(Desk.SCRUTINY, "waiting.withdrawal", Page.SCRUTINY, {"count": withdrawals}, count=withdrawals)
        )
    proposals = sum(
        1 for one in facts.proposals if one.proposed_by_id != actor.person_id and (held is None or one.unit_id in held)
    )
    if proposals:
        params = {"count": proposals}
        found.append(Waiting(Desk.SCRUTINY, "waiting.follow_ups", Page.SCRUTINY, params, count=proposals))
    return found


def _faulty(forms: Sequence[FormFacts], units: Mapping[int, UnitFacts]) -> list[Waiting]:
    """Forms handed in with errors that are on the paper too: nobody goes on with them before a scrutineer has ruled."""
    if len(forms) > NAMED_ONE_BY_ONE:
        params = {"count": len(forms)}
        return [Waiting(Desk.SCRUTINY, "waiting.forms_faulty", Page.SCRUTINY, params, count=len(forms))]
    return [
        Waiting(
            Desk.SCRUTINY,
            "waiting.form_faulty",
            Page.SCRUTINY,
            {"unit": units[form.unit_id].name, "number": form.number},
            units[form.unit_id].code,
        )
        for form in forms
    ]
