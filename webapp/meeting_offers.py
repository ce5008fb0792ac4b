"""The acts that the page of a unit's evening offers just now: a fresh form for each, with its choices.

What is not offered has no form, and a refused act without a form of its own is said above the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import g
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types

from election.contests.follow_up import NextRound
from election.contests.models import ContestKind, RoundKind
from election.count.queries_follow_up import ContestState
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Meeting, Office
from election.meeting.queries import PersonChoice, possible_officers
from election.meeting.queries_evening import FollowUpView, proposed_candidates
from election.meeting.queries_page import MeetingPage
from election.meeting.queries_rounds import RoundView
from election.people.act import CHINA
from webapp.forms import Form
from webapp.meeting_forms import (
    DismissForm,
    ExclusionForm,
    HallForm,
    NextRoundForm,
    OfficerForm,
    OpenForm,
    PlanForm,
    PresentForm,
    ReasonForm,
    StrikeForm,
    VacancyForm,
    VenueForm,
)
from webapp.requests import reading

IN_SESSION = (MeetingState.OPENED, MeetingState.BALLOTS_RECORDED)
Standing = Mapping[int, Sequence[tuple[int, str]]]


@dataclass(frozen=True, slots=True)
class DueCard:
    """A contest whose next round is to be proposed. `names`: who stands by default. `short`: a supplementary election, in
    which one may choose who stands, or decide that the seats stay vacant.
    """

    state: ContestState
    due: NextRound
    names: tuple[str, ...]

    @property
    def contest_id(self) -> int:
        return self.state.result.contest.id

    @property
    def contested(self) -> bool:
        return self.state.result.contest.kind is ContestKind.CONTESTED

    @property
    def short(self) -> bool:
        return self.due.kind is RoundKind.SUPPLEMENTARY


def due_cards(page: MeetingPage, states: Sequence[ContestState]) -> list[DueCard]:
    """What the chair of this meeting has to propose next, contest by contest."""
    return [
        DueCard(state, state.due, tuple(state.names.get(member, "") for member in state.due.candidates))
        for state in states
        if state.due is not None and state.proposed is None and state.meeting_id == page.meeting.id
    ]


def offered(
    page: MeetingPage,
    cards: Sequence[DueCard],
    follow_ups: Sequence[FollowUpView],
    standing: Standing,
    known: Sequence[PersonChoice],
    left: int,
) -> dict[str, Form]:
    """By name. `standing`: who is on the ballots; `known`: the members whose name was looked for; `left`: how many rounds
    wait for another meeting.
    """
    state = page.meeting.state
    forms: dict[str, Form] = {}
    if state is MeetingState.PLANNED:
        forms |= _before(page, known)
    if state in IN_SESSION or state is MeetingState.PLANNED:
        forms |= _attending(page)
    if state in IN_SESSION and (choices := strikable(page.rounds, standing, follow_ups)):
        forms["strike"] = StrikeForm(formdata=None)
        forms["strike"]["candidate"].choices = [_nobody(), *(SelectChoice(*one) for one in choices)]
    if state is MeetingState.BALLOTS_RECORDED:
        forms["close"] = Form(formdata=None)
    if left:
        forms["plan"] = PlanForm(formdata=None, place=page.meeting.place)
    forms |= _officers(page)
    forms |= _next_rounds(cards)
    forms |= {f"drop-{one.row.id}": ReasonForm(formdata=None) for one in follow_ups if one.waits}
    return forms


def put_back(forms: dict[str, Form], refused: Form | None, name: str) -> list[str]:
    """The refused form in the place of the fresh one, with its choices; the sentences that have no place on the page."""
    if refused is None:
        return []
    fresh = forms.get(name)
    if fresh is None:
        return [*refused.form_errors, *(str(error) for field in refused for error in field.errors)]
    for field in fresh:
        if getattr(field, "choices", None) is not None:
            refused[field.short_name].choices = field.choices
    forms[name] = refused
    return []


def _before(page: MeetingPage, known: Sequence[PersonChoice]) -> dict[str, Form]:
    only = page.venues[0] if len(page.venues) == 1 else None
    forms: dict[str, Form] = {
        "plan": PlanForm(formdata=None, place=page.meeting.place, starts_at=_on_the_wall(page.meeting)),
        "off": ReasonForm(formdata=None),
        "venue": VenueForm(formdata=None),
        "exclusion": ExclusionForm(formdata=None),
        "open": OpenForm(formdata=None) if only is None else HallForm(formdata=None, present=only.present),
    }
    forms["exclusion"]["member"].choices = [SelectChoice(str(one.id), _named(one)) for one in known]
    for venue in page.venues:
        forms[f"venue-{venue.id}"] = VenueForm(formdata=None, name=venue.name, mobile=venue.mobile)
    return forms


def _on_the_wall(meeting: Meeting) -> object:
    """Its beginning as the clock on the wall shows it, to the minute."""
    if meeting.starts_at is None:
        return None
    return meeting.starts_at.astimezone(CHINA).replace(tzinfo=None, second=0, microsecond=0)


def _attending(page: MeetingPage) -> dict[str, Form]:
    """With one venue those present are counted in the form that opens the meeting."""
    if page.meeting.state is MeetingState.PLANNED and len(page.venues) == 1:
        return {}
    if any(row.counted for row in page.rounds if row.ballot == page.ballot):
        return {}
    return {f"present-{venue.id}": PresentForm(formdata=None, present=venue.present) for venue in page.venues}


def _officers(page: MeetingPage) -> dict[str, Form]:
    """Also of a closed meeting: after a withdrawal its forms may be entered again."""
    forms: dict[str, Form] = {}
    for office in Office:
        people = possible_officers(reading(), page.meeting, office)
        form = OfficerForm(formdata=None)
        form["person"].choices = [_nobody(), *(SelectChoice(str(one.id), _named(one)) for one in people)]
        forms[office.value] = form
    return forms | {f"dismiss-{one.id}": DismissForm(formdata=None) for one in page.officers}


def _next_rounds(cards: Sequence[DueCard]) -> dict[str, Form]:
    others = proposed_candidates(reading(), g.unit.id) if any(card.short for card in cards) else {}
    forms: dict[str, Form] = {}
    for card in cards:
        form = NextRoundForm(formdata=None, members=[str(member) for member in card.due.candidates])
        choices = [SelectChoice(str(member), card.state.names.get(member, "")) for member in card.due.may_stand]
        if card.contested and card.short:
            choices += [
                SelectChoice(str(member), _("%(name)s（未列入上次名单）", name=name))
                for member, name in others.get(card.state.result.contest.category_id, [])
                if member not in card.state.names
            ]
        form["members"].choices = choices
        forms[f"next-{card.contest_id}"] = form
        if card.short:
            forms[f"vacancy-{card.contest_id}"] = VacancyForm(formdata=None)
    return forms


def strikable(
    rounds: Sequence[RoundView], standing: Standing, follow_ups: Sequence[FollowUpView]
) -> list[tuple[str, str]]:
    """Who can still be taken off a slate, as `round-member` and name: nobody of a round whose ballots went out, nor the
    last one of it.
    """
    waiting = {one.row.round_id for one in follow_ups if one.waits}
    return [
        (f"{row.round_id}-{member}", f"{name}（{row.category}）")
        for row in rounds
        if not (row.by_venue or row.settled or row.round_id in waiting or row.candidates <= 1)
        for member, name in standing.get(row.round_id, ())
    ]


def _nobody() -> SelectChoice:
    return SelectChoice("", _("请选择"))


def _named(choice: PersonChoice) -> str:
    return f"{choice.name}（{choice.detail}）" if choice.detail else choice.name
