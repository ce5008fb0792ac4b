"""The acts that the page of a unit's evening offers just now: a fresh form for each, with its choices.

What is not offered has no form, and a refused act without a form of its own is said above the page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import g
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published types

from election.contests.follow_up import NextRound
from election.contests.models import ContestKind, RoundKind
from election.count.queries_follow_up import ContestState, others_of
from election.errors import Invalid, Refused
from election.meeting.lifecycle import MeetingState
from election.meeting.models import Meeting, Office
from election.meeting.queries import PersonChoice
from election.meeting.queries_evening import FollowUpView
from election.meeting.queries_naming import Entry, Nominable
from election.meeting.queries_page import MeetingPage
from election.meeting.queries_rounds import RoundView
from election.people.act import CHINA
from webapp.errors import said
from webapp.forms import Form
from webapp.meeting_forms import (
    DismissForm,
    ExclusionForm,
    HallForm,
    NextRoundForm,
    OfficerForm,
    OpenForm,
    PlanForm,
    PresentsForm,
    ReasonForm,
    StrikeForm,
    VacancyForm,
    VenueForm,
    with_venues,
)
from webapp.requests import reading

IN_SESSION = (MeetingState.OPENED, MeetingState.BALLOTS_RECORDED)
ASKED_FIRST = ("close", "off", "drop-", "dismiss-")
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
    def expected(self) -> int | None:
        """Of the meeting that voted last: a majority of these consents to a vacancy."""
        counted = (one.outcome for one in reversed(self.state.result.rounds))
        return next((outcome.expected for outcome in counted if outcome is not None), None)

    @property
    def short(self) -> bool:
        return self.due.kind is RoundKind.SUPPLEMENTARY


def due_cards(states: Sequence[ContestState], meetings: Collection[int]) -> list[DueCard]:
    """What the chair has to propose next, of what was last voted on in one of these meetings, contest by contest."""
    return [
        DueCard(state, state.due, tuple(state.names.get(member, "") for member in state.due.candidates))
        for state in states
        if state.due is not None and state.proposed is None and state.meeting_id in meetings
    ]


def offered(
    page: MeetingPage,
    cards: Sequence[DueCard],
    follow_ups: Sequence[FollowUpView],
    standing: Standing,
    known: Sequence[PersonChoice],
    left: int,
    officers: Mapping[Office, Sequence[Nominable]],
) -> dict[str, Form]:
    """By name. `standing`: who is on the ballots; `known`: the members whose name was looked for; `left`: how many rounds
    wait for another meeting; `officers`: who may be named.
    """
    state = page.meeting.state
    forms: dict[str, Form] = {}
    if state is MeetingState.PLANNED:
        forms |= _before(page, known)
    forms |= _attending(page)
    if state in IN_SESSION and (choices := strikable(page.rounds, standing, follow_ups)):
        forms["strike"] = StrikeForm(formdata=None)
        forms["strike"]["candidate"].choices = [_nobody(), *(SelectChoice(*one) for one in choices)]
    if page.may_be_called_off:
        forms["off"] = ReasonForm(formdata=None)
    if page.may_close:
        forms["close"] = Form(formdata=None)
    if left:
        forms["plan"] = PlanForm(formdata=None, place=page.meeting.place)
    forms |= _officers(page, officers)
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
    # A question that is folded away has no place of its own for what no field is told.
    return list(refused.form_errors) if name.startswith(ASKED_FIRST) else []


def _before(page: MeetingPage, known: Sequence[PersonChoice]) -> dict[str, Form]:
    only = page.venues[0] if len(page.venues) == 1 else None
    forms: dict[str, Form] = {
        "plan": PlanForm(formdata=None, place=page.meeting.place, starts_at=_on_the_wall(page.meeting)),
        "venue": VenueForm(formdata=None),
        "exclusion": ExclusionForm(formdata=None),
        "open": OpenForm(formdata=None) if only is None else HallForm(formdata=None, present=only.present),
    }
    forms["exclusion"]["member"].choices = [_nobody(), *(SelectChoice(str(one.id), _named(one)) for one in known)]
    forms["venue"]["counted_with"].choices = _counting(page, None)
    for venue in page.venues:
        form = VenueForm(
            formdata=None, name=venue.name, mobile=venue.mobile, counted_with=str(venue.counted_with_id or "")
        )
        form["counted_with"].choices = _counting(page, venue.id)
        forms[f"venue-{venue.id}"] = form
    return forms


def _counting(page: MeetingPage, venue_id: int | None) -> list[SelectChoice]:
    """Where the ballots of a venue can be counted: by itself, or with those of one that counts by itself."""
    others = [one for one in page.venues if one.id != venue_id and one.counted_with_id is None]
    together = (SelectChoice(str(one.id), _("并入%(venue)s计票", venue=one.name)) for one in others)
    return [SelectChoice("", _("本会场单独计票")), *together]


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
    if page.meeting.state is MeetingState.CLOSED and not page.unsettled:
        return {}
    form = presents_form(page, formdata=None)
    for venue in page.venues:
        form[f"present-{venue.id}"].data = venue.present
    return {"present": form}


def presents_form(page: MeetingPage, **given: object) -> PresentsForm:
    """The numbers of all venues, with one button."""
    return with_venues([venue.id for venue in page.venues])(**given)


def changed_presents(form: PresentsForm, page: MeetingPage) -> dict[int, int]:
    """venue → the number that differs from what is recorded. Raises Invalid for one that was wiped out: blank is not zero."""
    typed = {venue: form[f"present-{venue.id}"].data for venue in page.venues}
    wiped = [venue for venue, number in typed.items() if number is None and venue.present is not None]
    if wiped or all(number is None for number in typed.values()):
        missing = wiped or [venue for venue in page.venues if venue.present is None]
        raise Invalid([Refused("meeting.present_missing", field=f"present.{venue.id}") for venue in missing])
    return {venue.id: number for venue, number in typed.items() if number is not None and number != venue.present}


def _officers(page: MeetingPage, people: Mapping[Office, Sequence[Nominable]]) -> dict[str, Form]:
    """Also of a closed meeting: after a withdrawal its forms may be entered again."""
    forms: dict[str, Form] = {}
    for office, choices in people.items():
        found = [str(one.id) for one in choices if one.found]
        form = OfficerForm(formdata=None, person=found[0] if len(found) == 1 else None)
        form["person"].choices = [_nobody(), *(SelectChoice(str(one.id), _nominated(one)) for one in choices)]
        forms[office.value] = form
    return forms | {f"dismiss-{one.id}": DismissForm(formdata=None) for one in page.officers if one.office in people}


def _next_rounds(cards: Sequence[DueCard]) -> dict[str, Form]:
    short = [card.state for card in cards if card.short]
    others = others_of(reading(), g.unit.id, short) if short else {}
    forms: dict[str, Form] = {}
    for card in cards:
        form = NextRoundForm(formdata=None, members=[str(member) for member in card.due.candidates])
        choices = [SelectChoice(str(member), _last_voted(card, member)) for member in card.due.may_stand]
        choices += [
            SelectChoice(str(member), _("%(name)s（未列入上次名单）", name=name))
            for member, name in others.get(card.contest_id, {}).items()
        ]
        form["members"].choices = choices
        forms[f"next-{card.contest_id}"] = form
        if card.short:
            forms[f"vacancy-{card.contest_id}"] = VacancyForm(formdata=None)
    return forms


def _last_voted(card: DueCard, member: int) -> str:
    """Whom one may list, and with how many votes of which round that person comes."""
    name = card.state.names.get(member, "")
    last = next((one for one in card.due.votes if one.member == member), None)
    if last is None:
        return name
    apart: str = _("%(name)s（%(votes)s 票）", name=name, votes=last.votes)
    if card.due.mixes_rounds:
        apart = _("%(name)s（第 %(n)s 轮 %(votes)s 票）", name=name, n=last.round, votes=last.votes)
    return apart


def offered_again(
    page: MeetingPage, people: Mapping[Office, Sequence[Nominable]], *, presents: bool
) -> dict[str, Form]:
    """What a closed meeting may still need for a correction: its officers, and how many were there."""
    return _officers(page, people) | (_attending(page) if presents else {})


def strikable(
    rounds: Sequence[RoundView], standing: Standing, follow_ups: Sequence[FollowUpView]
) -> list[tuple[str, str]]:
    """Who can still be taken off a slate, as `round-member` and name, with what is left of the choice then: nobody of a round
    whose ballots went out, nor the last one of it.
    """
    waiting = {one.row.round_id for one in follow_ups if one.waits}
    return [
        (f"{row.round_id}-{member}", f"{name}（{row.category}，{_left_of(row)}）")
        for row in rounds
        if not (row.by_venue or row.settled or row.round_id in waiting or row.candidates <= 1)
        for member, name in standing.get(row.round_id, ())
    ]


def _left_of(row: RoundView) -> str:
    return str(_("去掉后 %(m)s 名候选人选 %(n)s 名", m=row.candidates - 1, n=row.seats))


def _nobody() -> SelectChoice:
    return SelectChoice("", _("请选择"))


def _named(choice: PersonChoice) -> str:
    return f"{choice.name}（{choice.detail}）" if choice.detail else choice.name


def _nominated(choice: Nominable) -> str:
    """Who cannot sign in is marked before being named: nobody else can do the work of the office."""
    words = [choice.detail] if choice.detail else []
    if choice.entry is not Entry.READY:
        words.append(said(choice.entry))
    return f"{choice.name}（{' · '.join(words)}）" if words else choice.name
