"""The page of a unit's evening, put together: what stands on it, and where an act that was refused comes back to.

The acts themselves are in `unit_meeting.py` and beside it; nothing is changed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.congress.rules_in_force import rules_in_force
from election.count.queries_follow_up import contest_states
from election.count.sheet import form_number_of
from election.errors import NotFound, Refused
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Meeting, Office
from election.meeting.models_evening import FollowUpKind
from election.meeting.queries import PersonChoice, slates_in_force, voters_named, withheld_at_each
from election.meeting.queries_evening import (
    FollowUpView,
    called_off,
    follow_ups_of,
    meetings_of_unit,
    members_signed_in,
    standing_in,
)
from election.meeting.queries_naming import MOST_FOUND, possible_officers
from election.meeting.queries_officers import members_in_office
from election.meeting.queries_page import MeetingPage, attendance_of, meeting_page
from election.meeting.queries_rounds import RoundView
from election.nomination.lifecycle import SlateState
from election.people.act import Act
from election.people.actor import Scope
from election.people.permissions import ALLOWED, Permission
from election.roster.absences.queries import listed_absences
from webapp.access import may_open
from webapp.forms import Form, whole_number
from webapp.meeting_agenda import agenda, only_one_scrutineer, opening_blockers, who_cannot_enter
from webapp.meeting_forms import PlanForm, named_apart
from webapp.meeting_offers import IN_SESSION, due_cards, offered, offered_again, put_back
from webapp.meeting_results import contest_cards, filled
from webapp.requests import act, reading
from webapp.strike_words import AfterStrike, after_strike

Made = TypeVar("Made")
# Papers of the evening: those of every vote, and those of the meeting.
OF_A_VOTE = ("ballots", "count_forms", "tally_sheets", "issue_records")
LONGEST_ASKED = 60
OF_THE_MEETING = ("agenda", "sign_in", "count_report")


def to(endpoint: str, **more: Any) -> str:
    """The address of a page or act of this unit."""
    return url_for(endpoint, congress=g.congress.code, unit=g.unit.code, **more)


def runs() -> bool:
    return bool(g.actor.has(ALLOWED[Permission.MEETING_RUN], Scope(g.congress.id, g.unit.id)))


def replaces() -> bool:
    """The county office, which names a scrutineer once the meeting is closed."""
    return bool(g.actor.has(ALLOWED[Permission.SCRUTINEER_REPLACE], Scope(g.congress.id, g.unit.id)))


def current() -> MeetingPage:
    """The unit's latest meeting, or the one that the address names by its number. Raises NotFound."""
    number = whole_number(request.args.get("number"))
    meetings = [one for one in meetings_of_unit(reading(), g.unit.id) if number in (None, one.number)]
    if not meetings:
        raise NotFound("meeting.none")
    return _mended(meeting_page(reading(), meetings[-1].id))


def _mended(page: MeetingPage) -> MeetingPage:
    """Of a closed meeting whose confirmed count was withdrawn: who was there at the vote that is counted again."""
    again = min((row.ballot for row in page.unsettled), default=page.ballot)
    if page.meeting.state is not MeetingState.CLOSED or again == page.ballot:
        return page
    return replace(page, attendance=attendance_of(reading(), page.meeting, again))


def handle(
    form: Form, name: str, verb: Callable[[Act], Made], told: str | Callable[[Made], str], place: str = ""
) -> ResponseReturnValue:
    """One act from one of the page's forms; what is refused comes back at its field on the same page."""
    if form.validate_on_submit():
        with form.refusals():
            with act() as unit_of_work:
                made = verb(unit_of_work)
                words = told if isinstance(told, str) else told(made)
            flash(words, "ok")
            return back(place)
    return show(form, name)


def back(place: str = "") -> ResponseReturnValue:
    return redirect(to("unit_meeting.meeting", number=request.args.get("number"), _anchor=place or None))


def chosen_number(text: str | None, code: str, field: str) -> int:
    found = whole_number(text)
    if found is None:
        raise Refused(code, field=field)
    return found


def show(refused: Form | None = None, name: str = "") -> ResponseReturnValue:
    """The whole page. `refused`: the form whose act was refused, with what was typed, in place of the fresh one."""
    status = 200 if refused is None else refused.status
    meetings = meetings_of_unit(reading(), g.unit.id)
    if not meetings:
        return _plan_page(refused), status
    # What was typed into a form belongs to the meeting that its address names: without a number the one that is on.
    number = whole_number(request.args.get("number"))
    found = next((one for one in meetings if one.number == number), meetings[-1])
    latest = found is meetings[-1]
    page = _mended(meeting_page(reading(), found.id))
    here = to if latest else partial(to, number=found.number)
    first = found is meetings[0]
    planned = found.state is MeetingState.PLANNED
    states = [] if planned and first else contest_states(reading(), g.congress.id, g.unit.id)
    earlier = [one.id for one in meetings[:-1]] if latest else []
    follow_ups = follow_ups_of(reading(), found.id, earlier)
    doing = latest and runs()
    # A closed meeting, also an earlier one, still needs its people for a correction (edge case 19).
    closed = found.state is MeetingState.CLOSED
    mending, replacing = closed and runs(), closed and not runs() and replaces()
    standing = standing_in(reading(), found.id) if doing and found.state in IN_SESSION else {}
    asked = _asked(found) if doing or mending or replacing else NOTHING_ASKED
    cards = due_cards(states, {found.id, *earlier})
    left = len(slates_in_force(reading(), g.unit.id)) if closed and latest else 0
    people = possible_officers(reading(), found, asked.officer) if doing or mending or replacing else {}
    if closed:  # nobody is there to vote on a scrutineer: that is the office's, and nothing else is
        kept = Office.SCRUTINEER if replacing else Office.TELLER
        people = {office: choices for office, choices in people.items() if office is kept}
    forms: dict[str, Form] = {}
    if doing:
        forms = offered(page, cards, follow_ups, standing, asked.members, left, people)
    elif mending or replacing:
        forms = offered_again(page, people, presents=mending)
    homeless = put_back(forms, refused, name)
    named_apart(forms)
    return render_template(
        "unit/meeting.html",
        unit=g.unit,
        to=here,
        page=page,
        state=page.meeting.state,
        meetings=meetings,
        agenda=agenda(page, len(cards), follow_ups, to, _ballots_desk()),
        blockers=[{"text": said} for said in opening_blockers(page)] if found.state is MeetingState.PLANNED else [],
        cannot_enter=who_cannot_enter(page) if doing else [],
        outcomes={each.round.id: each for one in states for each in one.result.rounds},
        contests=contest_cards(states, {row.round_id: row.ballot for row in page.rounds}, _lots(follow_ups)),
        filled=filled(states) if any(one.result.elected for one in states) else [],
        settled=sum(one.settled for one in states),
        all=len(states) or len(page.rounds),
        votes=_votes(page.rounds),
        withheld=_withheld(page),
        form_number=form_number_of,
        cards=cards,
        follow_ups=follow_ups,
        refusals=homeless,
        left=left,
        forms=forms,
        runs=doing,
        mending=mending,
        replacing=replacing,
        called_off=called_off(reading(), g.congress.id, g.unit.id),
        struck=_struck(page, follow_ups, standing),
        no_quorum=_no_quorum(page),
        only_one=only_one_scrutineer(page) if doing else "",
        asked=asked,
        found={office.value: sum(one.found for one in choices) for office, choices in people.items()},
        listed=_listed(page) if doing else 0,
        papers=_papers(page),
        speeches=may_open("unit_speeches.speeches", Scope(g.congress.id, g.unit.id)),
    ), status


def _plan_page(refused: Form | None) -> str:
    """A unit without a meeting plans one."""
    slates = [slate for _row, slate in slates_in_force(reading(), g.unit.id)]
    frozen = sum(slate is not None and slate.state is SlateState.FROZEN for slate in slates)
    forms: dict[str, Form] = {"plan": PlanForm(formdata=None)}
    homeless = put_back(forms, refused, "plan")
    named_apart(forms)
    return render_template(
        "unit/plan.html",
        refusals=homeless,
        unit=g.unit,
        forms=forms,
        runs=runs(),
        slates=len(slates),
        frozen=frozen,
        called_off=called_off(reading(), g.congress.id, g.unit.id),
    )


def _struck(
    page: MeetingPage, follow_ups: Sequence[FollowUpView], standing: Mapping[int, Sequence[tuple[int, str]]]
) -> dict[int, AfterStrike]:
    """follow-up → what a strike that waits for agreement would leave of its slate."""
    waiting = [one.row for one in follow_ups if one.waits and one.row.kind is FollowUpKind.STRIKE]
    rounds = {row.round_id: row for row in page.rounds}
    margin = int(str(rules_in_force(reading(), g.congress.id)["margin_min"])) if waiting else 0
    return {
        one.id: after_strike(rounds[one.round_id], standing[one.round_id], [int(each) for each in one.members], margin)
        for one in waiting
        if one.round_id in rounds and one.round_id in standing
    }


def _no_quorum(page: MeetingPage) -> str:
    """What can be done of a meeting in session in which too few are present now; empty where they are enough."""
    meter = page.meter
    if not page.in_session or meter.holds:
        return ""
    then = _("人到齐的，改实到人数；到不齐的，散会后另开一次大会。")
    if page.may_be_called_off:
        then = _("人到齐的，改实到人数；到不齐的，取消会议，另行安排。")
    elif any(row.by_venue and not row.settled and row.ballot == page.ballot for row in page.rounds):
        then = _("人到齐的，改实到人数；到不齐的，由监票人在选票登记页宣布这次投票无效。")
    return str(_("实到 %(n)s 人，不到法定人数 %(m)s 人，不能发出选票。", n=meter.present, m=meter.needed)) + str(then)


@dataclass(frozen=True, slots=True)
class Asked:
    """The name that was looked for: of a member to be excused, with who has it and how many `more` than are listed, or of an
    officer to be named.
    """

    member: str = ""
    members: Sequence[PersonChoice] = ()
    more: int = 0
    officer: str = ""


NOTHING_ASKED = Asked()


def _asked(found: Meeting) -> Asked:
    """A name never stands in an address, where logs would keep it."""
    name = request.form.get("name", "").strip()[:LONGEST_ASKED]
    if request.method != "POST" or not name:
        return NOTHING_ASKED
    if "/meeting/officers/" in request.path:
        return Asked(officer=name)
    if "/meeting/exclusions" in request.path and found.state is MeetingState.PLANNED:
        found_all = voters_named(reading(), g.unit.id, name)
        return Asked(member=name, members=found_all[:MOST_FOUND], more=max(0, len(found_all) - MOST_FOUND))
    return NOTHING_ASKED


def _ballots_desk() -> str:
    """Where ballots are recorded: for a scrutineer their own desk, for everybody else the table that shows it."""
    if may_open("scrutiny_ballots.ballots", Scope(g.congress.id, g.unit.id)):
        return to("scrutiny_ballots.ballots")
    return "#contests"


def _lots(follow_ups: Sequence[FollowUpView]) -> frozenset[int]:
    """The rounds of the meeting that were decided by lot: they have no ballots."""
    drawn = (one.row.next_round_id for one in follow_ups if one.row.kind is FollowUpKind.LOT)
    return frozenset(round_id for round_id in drawn if round_id is not None)


def _withheld(page: MeetingPage) -> dict[int, set[int]]:
    """vote → the venues of which nothing is shown that only who counts there knows (edge case 15)."""
    if len(page.venues) == 1:
        return {}
    return withheld_at_each(reading(), page.meeting, {row.ballot for row in page.rounds})


def _votes(rounds: Sequence[RoundView]) -> list[tuple[int, list[RoundView]]]:
    """The rounds of each vote of the evening, the vote that is on first."""
    found: dict[int, list[RoundView]] = {}
    for row in rounds:
        found.setdefault(row.ballot, []).append(row)
    return sorted(found.items(), reverse=True)


def _listed(page: MeetingPage) -> int:
    """How many are away for a listed reason and not proposed to the meeting yet."""
    if page.meeting.state is not MeetingState.PLANNED:
        return 0
    proposed = {one.member_id for one in page.exclusions}
    proposed |= members_in_office(reading(), page.meeting.id)
    if page.attendance.signed_in:
        proposed |= members_signed_in(reading(), page.meeting.id)
    return sum(
        member not in proposed for member, _reason in listed_absences(reading(), g.congress.id, page.meeting.unit_id)
    )


@dataclass(frozen=True, slots=True)
class PaperLink:
    """A paper of the evening that this person may print; of ballots one asks for a number of copies. `earlier`: of a vote
    that is over, not to be taken for the one that is on.
    """

    label: str
    href: str
    copies: bool = False
    earlier: bool = False


def _papers(page: MeetingPage) -> list[PaperLink]:
    labels = {
        "agenda": _("大会议程"),
        "sign_in": _("签到表"),
        "ballots": _("选票"),
        "count_forms": _("计票单"),
        "tally_sheets": _("计票底稿"),
        "issue_records": _("选票发放登记表"),
        "count_report": _("监票报告单"),
    }
    at, meeting = Scope(g.congress.id, g.unit.id), page.meeting.id
    counted = any(row.counted for row in page.rounds)
    printable = bool(page.rounds) and all(row.slate_frozen for row in page.rounds)
    found = [
        PaperLink(labels[name], to(f"papers_evening.{name}", meeting=meeting))
        for name in OF_THE_MEETING
        if (counted or name != "count_report") and may_open(f"papers_evening.{name}", at)
    ]
    if len(page.meeting.venues) > 1 and may_open("papers_evening.sign_in", at):
        href = to("papers_evening.sign_in", meeting=meeting, once=1)
        found.append(PaperLink(_("签到表（各会场合用一份名单）"), href))
    # What the hall votes and counts on is printed while it does, of the latest vote first; what it records, always.
    closed = page.meeting.state is MeetingState.CLOSED
    for vote in sorted({row.ballot for row in page.rounds}, reverse=True) if printable else []:
        for name in OF_A_VOTE[-1:] if closed else OF_A_VOTE:
            label = labels[name] if vote == 1 else _("%(paper)s（第 %(n)s 次投票）", paper=labels[name], n=vote)
            if may_open(f"papers_evening.{name}", at):
                href = to(f"papers_evening.{name}", meeting=meeting, ballot=vote)
                found.append(PaperLink(label, href, name == "ballots", earlier=vote < page.ballot))
    return found
