"""The scrutineers' record of a meeting's ballots: issued before each vote, returned after it, spoiled by kind, void declared.

A figure is recorded as it was counted, never mended to fit; a field that cannot be read is named and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.count.form import parse_count
from election.count.sheet import form_number_of
from election.errors import Invalid, NotFound, Refused, Stale
from election.meeting.lifecycle import MeetingState
from election.meeting.models_evening import SpoiledKind
from election.meeting.operations_ballots import Ballots, declare_void, record_ballots, record_spoiled
from election.meeting.queries import present_at
from election.meeting.queries_evening import follow_ups_of
from election.meeting.queries_page import MeetingPage, VenueView, meeting_page
from election.meeting.queries_rounds import RoundView
from election.people.permissions import Permission
from webapp.access import permitted
from webapp.errors import say
from webapp.forms import whole_number
from webapp.requests import act, reading
from webapp.scrutiny_meeting import meeting_here, to

desk = Blueprint("scrutiny_ballots", __name__)

Errors = dict[str, list[str]]
# A vote and venue ("2.5"), and the columns that were sent for it.
Sent = tuple[str, tuple[str, ...]]
FIELDS = ("issued", "returned")
COLUMNS_OF: Mapping[str, tuple[str, ...]] = {"issue": FIELDS[:1], "return": FIELDS[1:]}
HELD = (MeetingState.OPENED, MeetingState.BALLOTS_RECORDED, MeetingState.CLOSED)


@dataclass(frozen=True, slots=True)
class VenueVote:
    """A venue's part of one vote. `step`: issue, return or done; `fields`: which columns are open to type in. `seen`,
    `seen_spoiled`: what stands recorded, so that a page made from other figures is known to be stale.
    """

    venue: VenueView
    present: int | None
    step: str
    fields: tuple[str, ...]
    forms: tuple[str, ...]
    seen: str
    seen_spoiled: str


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote of the evening with its rounds and the record of each venue. `counted`: its figures stand."""

    ballot: int
    rounds: tuple[RoundView, ...]
    venues: tuple[VenueVote, ...]
    counted: bool

    @property
    def whole(self) -> bool:
        return all(one.step == "done" for one in self.venues)


def _votes(page: MeetingPage, sent: Sent | None = None) -> list[Vote]:
    """The votes of the evening, the one that is on first. `sent`: what was refused and comes back to be mended."""
    found = []
    for ballot in sorted({row.ballot for row in page.rounds}, reverse=True):
        rounds = tuple(row for row in page.rounds if row.ballot == ballot)
        counted = any(row.counted for row in rounds)
        present = present_at(reading(), page.meeting.id, ballot)
        venues = tuple(
            _venue_vote(page, venue, ballot, rounds, counted, present.get(venue.id), sent) for venue in page.venues
        )
        found.append(Vote(ballot, rounds, venues, counted))
    return found


def _step(kept: Sequence[tuple[int, int | None] | None]) -> str:
    """What a venue has to record next: `kept` is its (issued, returned) of every contest that is held."""
    if any(one is None for one in kept):
        return "issue"
    return "return" if any(one is not None and one[1] is None for one in kept) else "done"


def _venue_vote(
    page: MeetingPage,
    venue: VenueView,
    ballot: int,
    rounds: tuple[RoundView, ...],
    counted: bool,
    present: int | None,
    sent: Sent | None,
) -> VenueVote:
    kept = [row.by_venue.get(venue.id) for row in rounds if not row.void]
    step = _step(kept)
    fields = COLUMNS_OF.get(step, ())
    # Of a closed meeting nothing is mended but whole.
    if request.args.get("mend") == f"{ballot}.{venue.id}" or (fields and page.meeting.state is MeetingState.CLOSED):
        fields = FIELDS
    if sent and sent[0] == f"{ballot}.{venue.id}":
        fields = sent[1]
    return VenueVote(
        venue,
        present,
        step,
        fields if kept and not counted and page.meeting.state in HELD else (),
        tuple(form_number_of(number, ballot) for number in venue.form_numbers),
        ";".join(f"{row.round_id}:{row.void:d}:{row.by_venue.get(venue.id)}" for row in rounds),
        ";".join(
            f"{row.round_id}:"
            + ",".join(f"{kind.value}={n}" for kind, n in row.spoiled_by_venue.get(venue.id, {}).items())
            for row in rounds
        ),
    )


@desk.get("/c/<congress>/scrutiny/<unit>/ballots")
@permitted(Permission.BALLOTS_RECORD)
def ballots(congress: str, unit: str) -> ResponseReturnValue:
    """Every vote of the unit's latest meeting; `?number=1` looks up an earlier one, `?mend=2.5` opens what stands."""
    return _show()


def _show(
    status: int = 200, errors: Mapping[str, list[str]] | None = None, at: str | None = None
) -> ResponseReturnValue:
    """The page; `at`: the vote and venue whose form was refused, with what was typed still in its fields."""
    page = meeting_page(reading(), meeting_here().id)
    return render_template(
        "scrutiny/ballots.html",
        page=page,
        votes=_votes(page, None if at is None else (at, _columns())),
        typed={} if at is None else {f"{at}.{key}": text for key, text in request.form.items()},
        errors=errors or {},
        refusals=(errors or {}).get("", []),
        kinds=list(SpoiledKind),
        waiting=sum(one.waits for one in follow_ups_of(reading(), page.meeting.id)),
        to=to,
    ), status


def _columns() -> tuple[str, ...]:
    """Which of the two columns were sent."""
    sent = [key.rpartition(".")[2] for key in request.form if key.startswith("ballots.")]
    return tuple(name for name in FIELDS if name in sent)


def _chosen(venue: int) -> tuple[MeetingPage, Vote, VenueVote]:
    """The meeting, vote and venue of an act. Raises NotFound."""
    page = meeting_page(reading(), meeting_here().id)
    ballot = whole_number(request.form.get("ballot")) or page.ballot
    for vote in _votes(page):
        if vote.ballot == ballot:
            for one in vote.venues:
                if one.venue.id == venue:
                    return page, vote, one
    raise NotFound("meeting.no_such_venue")


@desk.post("/c/<congress>/scrutiny/<unit>/ballots/<int:venue>")
@permitted(Permission.BALLOTS_RECORD)
def record(congress: str, unit: str, venue: int) -> ResponseReturnValue:
    """One venue's ballots of a vote, all its contests at once: those issued, those returned, or both."""
    page, vote, here = _chosen(venue)
    if request.form.get("seen", here.seen) != here.seen:
        raise Stale("store.stale", what=_("选票登记"))
    errors: Errors = {}
    at = f"{vote.ballot}.{venue}"
    returning = "returned" in _columns()
    figures: dict[int, Ballots] = {}
    for row in vote.rounds:
        if row.void:
            continue
        kept = row.by_venue.get(venue)
        path = f"ballots.{row.round_id}"
        issued = _figure(f"{path}.issued", at, errors, None if kept is None else kept[0])
        returned = _figure(f"{path}.returned", at, errors) if returning else None
        figures[row.round_id] = Ballots(issued, returned)
    if not errors:
        try:
            with act() as unit_of_work:
                record_ballots(unit_of_work, page.meeting.id, figures, venue_id=venue, ballot=vote.ballot)
        except (Refused, Invalid) as refused:
            _place(refused, at, errors)
        else:
            flash(_("收回选票已登记。") if returning else _("发出选票已登记，投票结束后登记收回。"), "ok")
            return redirect(to("scrutiny_ballots.ballots"))
    return _show(422, errors, at)


def _figure(path: str, at: str, errors: Errors, kept: int | None = None) -> int:
    """The number in a field; a blank one is not zero. Without its field, what stands. Faults are added to `errors`."""
    if kept is not None and path not in request.form:
        return kept
    try:
        number = parse_count(request.form.get(path, ""), path)
        if number is None:
            raise Refused("meeting.ballots_missing", field=path)
    except Refused as refused:
        errors.setdefault(f"{at}.{path}", []).append(say(refused))
        return 0
    return number


def _place(refused: Refused | Invalid, at: str, errors: Errors) -> None:
    """Each refusal at its field; what is no fault of the form is raised on."""
    if isinstance(refused, Refused) and refused.status != 422:
        raise refused
    for one in refused.refusals if isinstance(refused, Invalid) else [refused]:
        errors.setdefault(f"{at}.{one.field}" if one.field else "", []).append(say(one))


@desk.post("/c/<congress>/scrutiny/<unit>/ballots/<int:venue>/spoiled")
@permitted(Permission.BALLOTS_RECORD)
def spoiled(congress: str, unit: str, venue: int) -> ResponseReturnValue:
    """How many ballots of each contest were ruled spoiled in a venue, and why. A kind left blank has none."""
    page, vote, here = _chosen(venue)
    if request.form.get("seen", here.seen_spoiled) != here.seen_spoiled:
        raise Stale("store.stale", what=_("无效票认定"))
    errors: Errors = {}
    at = f"{vote.ballot}.{venue}"
    rulings: dict[int, dict[SpoiledKind, int]] = {}
    for row in vote.rounds:
        if row.void:
            continue
        found: dict[SpoiledKind, int] = {}
        for kind in SpoiledKind:
            path = f"spoiled.{row.round_id}.{kind.value}"
            try:
                found[kind] = parse_count(request.form.get(path, ""), path) or 0
            except Refused as refused:
                errors.setdefault(f"{at}.{path}", []).append(say(refused))
        said = {kind: number for kind, number in found.items() if number}
        if said != row.spoiled_by_venue.get(venue, {}):
            rulings[row.round_id] = said
    round_id = 0
    if not errors:
        try:
            with act() as unit_of_work:
                for round_id, said in rulings.items():
                    record_spoiled(unit_of_work, page.meeting.id, round_id, said, venue_id=venue)
        except Refused as refused:
            _place(refused, f"{at}.{round_id}", errors)
        else:
            flash(_("无效票已按种类登记。"), "ok")
            return redirect(to("scrutiny_ballots.ballots"))
    return _show(422, errors, at)


@desk.post("/c/<congress>/scrutiny/<unit>/void/<int:round_id>")
@permitted(Permission.ROUND_VOID)
def void(congress: str, unit: str, round_id: int) -> ResponseReturnValue:
    page = meeting_page(reading(), meeting_here().id)
    if round_id not in {row.round_id for row in page.rounds}:
        raise NotFound("meeting.no_such_round")
    with act() as unit_of_work:
        declare_void(unit_of_work, round_id)
    flash(_("已宣布该项选举无效，须重新选举；其选票不计票。"), "warn")
    return redirect(to("scrutiny_ballots.ballots"))
