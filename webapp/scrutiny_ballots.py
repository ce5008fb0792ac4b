"""The scrutineers' record of a meeting's ballots: issued before each vote, returned after it, spoiled by kind, void declared.

A figure is recorded as it was counted, never mended to fit; a field that cannot be read is named and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.congress.rules_in_force import rules_in_force
from election.count.form import parse_count
from election.count.sheet import form_number_of
from election.errors import Invalid, NotFound, Refused, Stale
from election.meeting.ballot_checks import Ballots, rests_on
from election.meeting.ballot_sheets import on_one_sheet
from election.meeting.lifecycle import MeetingState
from election.meeting.models_evening import SpoiledKind
from election.meeting.operations_ballots import declare_void, record_ballots, record_spoiled
from election.meeting.queries import present_at_each
from election.meeting.queries_evening import FollowUpView, follow_ups_of
from election.meeting.queries_page import MeetingPage, VenueView, meeting_page
from election.meeting.queries_rounds import RoundView, Spoiled
from election.people.permissions import Permission
from webapp.access import permitted
from webapp.errors import said, say
from webapp.forms import whole_number
from webapp.requests import act, reading
from webapp.scrutiny_meeting import meeting_here, to

desk = Blueprint("scrutiny_ballots", __name__)

Errors = dict[str, list[str]]
# A vote and venue ("2.5"), and the columns that were sent for it.
Sent = tuple[str, tuple[str, ...]]
FIELDS = ("issued", "returned")
COLUMNS_OF: Mapping[str, tuple[str, ...]] = {"issue": FIELDS[:1], "return": FIELDS[1:]}
# Fewer issued than present: asked, and recorded once it is ticked.
QUESTION = "meeting.issued_few"
HELD = (MeetingState.OPENED, MeetingState.BALLOTS_RECORDED, MeetingState.CLOSED)


@dataclass(frozen=True, slots=True)
class VenueVote:
    """A venue's part of one vote. `step`: issue, return or done; `fields`: which columns are open to type in; `missing`: round
    → ballots that did not come back, where they are many; `guarded`: entry
    has begun, a figure that stands is changed for a reason, and `own`: not by this person, who recorded them all. `seen`,
    `seen_spoiled`: what stands recorded, so that a page made from other figures is known to be stale.
    """

    venue: VenueView
    present: int | None
    step: str
    fields: tuple[str, ...]
    missing: Mapping[int, int]
    guarded: bool
    own: bool
    forms: tuple[str, ...]
    seen: str
    seen_spoiled: str


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote of the evening with its rounds and the record of each venue. `counted`: its figures stand. `one_sheet`: a
    sheet carries all its contests, and its ballots are recorded once. `present`: over all venues, of whom `needed` make the
    quorum.
    """

    ballot: int
    rounds: tuple[RoundView, ...]
    venues: tuple[VenueVote, ...]
    counted: bool
    one_sheet: bool
    present: int
    needed: int

    @property
    def lost(self) -> bool:
        """Ballots of it are out, nothing of it is decided, and fewer are present than the quorum needs."""
        out = any(row.by_venue and not row.settled for row in self.rounds)
        return out and not self.counted and self.present < self.needed

    @property
    def kinds(self) -> tuple[RoundView, ...]:
        """A round for each kind of ballot that is handed out: of one sheet the first that is not void speaks for all."""
        live = tuple(row for row in self.rounds if not row.void) or self.rounds
        return live[:1] if self.one_sheet else self.rounds

    @property
    def whole(self) -> bool:
        return all(one.step == "done" for one in self.venues)


def _votes(page: MeetingPage, sent: Sent | None = None) -> list[Vote]:
    """The votes of the evening, the one that is on first. `sent`: what was refused and comes back to be mended."""
    found = []
    one_sheet = on_one_sheet(rules_in_force(reading(), g.congress.id))
    ballots = sorted({row.ballot for row in page.rounds}, reverse=True)
    at_each = present_at_each(reading(), page.meeting.id, ballots)
    for ballot in ballots:
        rounds = tuple(row for row in page.rounds if row.ballot == ballot)
        counted = any(row.counted for row in rounds)
        present = at_each[ballot]
        venues = tuple(
            _venue_vote(page, venue, ballot, rounds, counted, present.get(venue.id), sent) for venue in page.venues
        )
        together = sum(number or 0 for number in present.values())
        found.append(Vote(ballot, rounds, venues, counted, one_sheet, together, page.meter.needed))
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
    live = [row for row in rounds if not row.void]
    kept = [row.by_venue.get(venue.id) for row in live]
    authors = [row.authors[venue.id][0] for row in live if venue.id in row.authors]
    step = _step(kept)
    fields = COLUMNS_OF.get(step, ())
    # Of a closed meeting nothing is mended but whole.
    if request.args.get("mend") == f"{ballot}.{venue.id}" or (fields and page.meeting.state is MeetingState.CLOSED):
        # While the vote lasts what was issued is corrected by itself: nothing is back yet.
        mends_issued = step == "return" and page.meeting.state is not MeetingState.CLOSED
        fields = FIELDS[:1] if mends_issued else FIELDS
    if sent and sent[0] == f"{ballot}.{venue.id}":
        fields = sent[1]
    return VenueVote(
        venue,
        present,
        step,
        fields if kept and not counted and page.meeting.state in HELD else (),
        _missing(page, live, venue.id),
        any(row.entry_begun for row in live) and any(one is not None for one in kept),
        bool(authors) and all(person == g.actor.person_id for person in authors),
        tuple(form_number_of(number, ballot) for number in venue.form_numbers),
        ";".join(f"{row.round_id}:{row.void:d}:{row.by_venue.get(venue.id)}" for row in rounds),
        ";".join(f"{row.round_id}:" + _seen_spoiled(row.spoiled_by_venue.get(venue.id)) for row in rounds),
    )


def _missing(page: MeetingPage, rounds: Sequence[RoundView], venue_id: int) -> dict[int, int]:
    """round → how many of a venue's ballots did not come back, from the number on that is asked about at the forms too."""
    found = {}
    for row in rounds:
        issued, returned = row.by_venue.get(venue_id, (0, None))
        if returned is not None and page.missing_limits.reached(issued - returned, issued):
            found[row.round_id] = issued - returned
    return found


def _seen_spoiled(ruled: Spoiled | None) -> str:
    return "?" if ruled is None else ",".join(f"{kind.value}={number}" for kind, number in ruled.items())


@desk.get("/c/<congress>/scrutiny/<unit>/ballots")
@permitted(Permission.BALLOTS_RECORD)
def ballots(congress: str, unit: str) -> ResponseReturnValue:
    """Every vote of the unit's latest meeting; `?number=1` looks up an earlier one, `?mend=2.5` opens what stands."""
    return _show()


def _show(
    status: int = 200,
    errors: Mapping[str, list[str]] | None = None,
    at: str | None = None,
    *,
    asked: bool = False,
) -> ResponseReturnValue:
    """The page; `at`: the vote and venue whose form was refused, with what was typed still in its fields; `asked`: what was
    typed may be so, and has to be ticked.
    """
    page = meeting_page(reading(), meeting_here().id)
    votes = _votes(page, None if at is None else (at, _columns()))
    follow_ups = follow_ups_of(reading(), page.meeting.id)
    return render_template(
        "scrutiny/ballots.html",
        page=page,
        votes=votes,
        to_void=[row for vote in votes for row in vote.kinds if row.must_be_void],
        typed={} if at is None else {f"{at}.{key}": text for key, text in request.form.items()},
        errors=errors or {},
        refusals=(errors or {}).get("", []),
        asked=at if asked or (at and _ticked()) else None,
        elsewhere={one.id: one.name for one in page.venues},
        not_mine={row.round_id for row in page.rounds if _by_another(row)},
        to_repeat=_to_repeat(page, follow_ups),
        one_sheet=any(vote.one_sheet for vote in votes),
        next=next((here for vote in votes for here in vote.venues if here.fields), None),
        kinds=list(SpoiledKind),
        waiting=sum(one.waits for one in follow_ups),
        to=to,
    ), status


def _to_repeat(page: MeetingPage, follow_ups: Sequence[FollowUpView]) -> list[RoundView]:
    """The rounds declared void after which nothing was proposed yet."""
    answered = {one.row.round_id for one in follow_ups if one.row.dropped_at is None}
    void = [row for row in page.rounds if row.void and row.by_venue]
    return [row for row in void if row.round_id not in answered]


def _by_another(row: RoundView) -> bool:
    """Whether it takes another scrutineer than this one to declare the round void."""
    return row.entry_begun and rests_on(row.authors.values(), g.actor.person_id)


def _ticked() -> bool:
    return request.form.get("knowingly") == "1"


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
    """One venue's ballots of a vote, all its contests at once: those issued, those returned, or both. What is wrong in one
    field is told although another is still blank.
    """
    page, vote, here = _chosen(venue)
    if request.form.get("seen", here.seen) != here.seen:
        raise Stale("store.stale", what=_("选票登记"))
    errors: Errors = {}
    at = f"{vote.ballot}.{venue}"
    returning = "returned" in _columns()
    figures: dict[int, Ballots] = {}
    for row in vote.kinds:
        if row.void:
            continue
        kept = row.by_venue.get(venue)
        path = f"ballots.{row.round_id}"
        issued = _figure(f"{path}.issued", at, errors, None if kept is None else kept[0])
        figures[row.round_id] = Ballots(issued, _figure(f"{path}.returned", at, errors) if returning else None)
    if vote.one_sheet:  # what was recorded of the sheet is each section's
        figures = {row.round_id: one for one in figures.values() for row in vote.rounds if not row.void}
    try:
        with act() as unit_of_work:
            record_ballots(
                unit_of_work,
                page.meeting.id,
                figures,
                venue_id=venue,
                ballot=vote.ballot,
                returning=returning,
                knowingly=_ticked(),
                reason=request.form.get("reason", ""),
            )
    except (Refused, Invalid) as refused:
        _place(refused, at, errors)
        return _show(422, errors, at, asked=_is_asked(refused))
    flash(_("收回选票已登记。") if returning else _("发出选票已登记，投票结束后登记收回。"), "ok")
    return redirect(to("scrutiny_ballots.ballots"))


def _figure(path: str, at: str, errors: Errors, kept: int | None = None) -> int | None:
    """The number in a field, None for a blank one, which is not zero, and for what is no number: a fault added to `errors`.
    Without its field, what stands.
    """
    if kept is not None and path not in request.form:
        return kept
    try:
        return parse_count(request.form.get(path, ""), path)
    except Refused as refused:
        errors.setdefault(f"{at}.{path}", []).append(say(refused))
        return None


def _is_asked(refused: Refused | Invalid) -> bool:
    return isinstance(refused, Invalid) and any(one.code == QUESTION for one in refused.refusals)


def _place(refused: Refused | Invalid, at: str, errors: Errors) -> None:
    """Each refusal at its field, where nothing is said yet; what is no fault of the form is raised on."""
    if isinstance(refused, Refused) and refused.status != 422:
        raise refused
    for one in refused.refusals if isinstance(refused, Invalid) else [refused]:
        errors.setdefault(f"{at}.{one.field}" if one.field else "", [say(one)])


@desk.post("/c/<congress>/scrutiny/<unit>/ballots/<int:venue>/spoiled")
@permitted(Permission.BALLOTS_RECORD)
def spoiled(congress: str, unit: str, venue: int) -> ResponseReturnValue:
    """How many ballots of each contest were ruled spoiled in a venue, and why. A kind left blank has none; a contest of which
    nothing is filled in has nothing said, which is not the same as none.
    """
    page, vote, here = _chosen(venue)
    if request.form.get("seen", here.seen_spoiled) != here.seen_spoiled:
        raise Stale("store.stale", what=_("无效票认定"))
    errors: Errors = {}
    at = f"{vote.ballot}.{venue}"
    rulings: dict[int, Spoiled | None] = {}
    for row in vote.rounds:
        if not row.void:
            said = _ruled(row.round_id, at, errors)
            if said != row.spoiled_by_venue.get(venue):
                rulings[row.round_id] = said
    round_id = 0
    if not errors:
        try:
            with act() as unit_of_work:
                for round_id, said in rulings.items():
                    record_spoiled(
                        unit_of_work,
                        page.meeting.id,
                        round_id,
                        said,
                        venue_id=venue,
                        reason=request.form.get("reason", ""),
                    )
        except Refused as refused:
            _place(refused, at if refused.field == "reason" else f"{at}.{round_id}", errors)
        else:
            flash(_("无效票认定已登记。"), "ok")
            return redirect(to("scrutiny_ballots.ballots"))
    return _show(422, errors, at)


def _ruled(round_id: int, at: str, errors: Errors) -> Spoiled | None:
    """What was filled in for a contest: how many of each kind, empty for none at all, None for nothing said."""
    found: dict[SpoiledKind, int] = {}
    for kind in SpoiledKind:
        path = f"spoiled.{round_id}.{kind.value}"
        try:
            number = parse_count(request.form.get(path, ""), path)
        except Refused as refused:
            errors.setdefault(f"{at}.{path}", []).append(say(refused))
        else:
            if number is not None:
                found[kind] = number
    some = {kind: number for kind, number in found.items() if number}
    if f"none.{round_id}" not in request.form:
        return some if found else None
    if some:
        errors.setdefault(f"{at}.{round_id}.spoiled", []).append(say(Refused("meeting.none_and_kinds")))
    return some


@desk.post("/c/<congress>/scrutiny/<unit>/void/<int:round_id>")
@permitted(Permission.ROUND_VOID)
def void(congress: str, unit: str, round_id: int) -> ResponseReturnValue:
    page = meeting_page(reading(), meeting_here().id)
    here = next((row for row in page.rounds if row.round_id == round_id), None)
    if here is None:
        raise NotFound("meeting.no_such_round")
    with act() as unit_of_work:
        declare_void(unit_of_work, round_id)
    if any(vote.lost for vote in _votes(page) if vote.ballot == here.ballot):
        flash(_("已宣布第 %(n)s 次投票无效（到会不足法定人数），各项须重新选举；选票不计票。", n=here.ballot), "warn")
    elif on_one_sheet(rules_in_force(reading(), g.congress.id)):
        flash(_("已宣布本次投票的各项选举无效，须重新选举；选票不计票。"), "warn")
    else:
        flash(_("已宣布该项选举无效：%(category)s（%(kind)s）。", category=here.category, kind=said(here.kind)), "warn")
    return redirect(to("scrutiny_ballots.ballots"))
