"""The tellers' desk: the form's number first, then the entry, with drafts. Nothing of anyone else's entry is shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.count.checks import has_errors, warning_keys
from election.count.entry import EntryState
from election.count.form import FormContents, from_fields
from election.count.operations import OpenPage, claim, discard, finalise, resume, save_draft
from election.count.queries import FormLine, Task, forms_of_congress, task_of
from election.count.queries_form import EntryView, entry_for, form_id_of_number
from election.count.queries_sheet import void_on_paper
from election.errors import Forbidden, Invalid, NotFound, Refused
from election.meeting.models import Office
from election.meeting.operations_ballots import not_its_officer
from election.meeting.queries import holds_office
from election.people.act import CHINA
from election.people.actor import Role, Scope
from election.people.permissions import ALLOWED, Permission
from webapp.access import permitted, signed_in
from webapp.entry_page import draft_key, entry_context, kept_of, place_on, shape_of, vote_of
from webapp.errors import say
from webapp.forms import revision_in
from webapp.requests import act, reading

desk = Blueprint("tally", __name__)

# Whatever stands between the parts: any dash, a space, the numeric keypad's point and slash.
BETWEEN = re.compile(r"([\s.。/、\-‐‑‒–—―−]+)")
# unit-venue-group; with the vote from the second on; with the meeting and the vote.
SHORT, LONG, LONGEST = 3, 4, 5


@desk.get("/c/<congress>/tally/")
@permitted(Permission.COUNT_ENTER, anywhere=True)
def home(congress: str) -> ResponseReturnValue:
    """The number of the paper form, and below it the forms that this teller has begun or may begin."""
    number = form_number(request.args.get("number", ""))
    error, status = "", 200
    if number:
        if form_id_of_number(reading(), g.congress.id, number) is not None:
            return redirect(url_for("tally.form", congress=congress, number=number))
        error, status = say(NotFound("count.no_such_number", number=number)), 404
    elif "number" in request.args:
        error, status = say(Refused("count.number_missing", field="number")), Refused.status
    lines = forms_of_congress(reading(), g.congress.id, g.actor.person_id, g.actor.units_of(Role.TELLER, g.congress.id))
    mine = [line for line in lines if line.task in (Task.CONTINUE, Task.MEND)]
    open_ones = [line for line in lines if line.task in (Task.FIRST, Task.SECOND)]
    done = sum(line.state is EntryState.CONFIRMED for line in lines)
    person_id = g.actor.person_id
    live = [draft_key(person_id, line.form_id, line.revision) for line in mine if line.task is Task.CONTINUE]
    return (
        render_template(
            "tally/home.html",
            number=number,
            error=error,
            mine=mine,
            open_ones=open_ones,
            held_up=[line for line in lines if line.over],
            done=done,
            all=len(lines),
            # Units that count in several venues: there the venue is named, too.
            split=_in_several_venues(lines),
            kept=kept_of(person_id, live=live),
        ),
        status,
    )


def _in_several_venues(lines: Sequence[FormLine]) -> frozenset[int]:
    venues: dict[int, set[str]] = {}
    for line in lines:
        venues.setdefault(line.unit_id, set()).add(line.venue)
    return frozenset(unit_id for unit_id, names in venues.items() if len(names) > 1)


def form_number(typed: str) -> str:
    """The number as printed, from what a hurried hand types: full-width digits, spaces or points for hyphens, zeros more or
    less. What could be either of two papers is left as it was typed, which is nobody's number.
    """
    pieces = re.split(BETWEEN, unicodedata.normalize("NFKC", typed).strip(" \t-.。/、"))
    parts, between = pieces[::2], pieces[1::2]
    if not SHORT <= len(parts) <= LONGEST or not all(part.isdecimal() for part in parts):
        return "-".join(parts)[:20]
    unit, second, *rest = (part.lstrip("0") or "0" for part in parts)
    points = ["." in mark or "。" in mark for mark in between]
    # Neither a first vote nor a first meeting is ever printed: what is long says which of the two it names.
    later = len(parts) == LONGEST or (len(parts) == LONG and (rest[-1] == "1" or (points[0] and not all(points))))
    if len(parts) == LONG and all(points) and not later and second != "1":
        return ".".join(parts)[:20]
    where = f"{unit.zfill(2)}.{second}" if later and second != "1" else unit.zfill(2)
    return "-".join([where, *rest] if later else [where, second, *rest])[:20]


def _view(number: str) -> EntryView:
    """The form of this number as this person may see it. Raises NotFound, and Forbidden in a unit or at a meeting that
    is not theirs.
    """
    form_id = form_id_of_number(reading(), g.congress.id, number)
    if form_id is None:
        raise NotFound("count.no_such_number", number=number)
    view = entry_for(reading(), form_id, g.actor.person_id)
    if not g.actor.has(ALLOWED[Permission.COUNT_ENTER], Scope(g.congress.id, view.sheet.unit_id)):
        raise Forbidden("people.not_permitted", name=g.actor.name)
    if not holds_office(reading(), view.sheet.meeting_id, g.actor.person_id, Office.TELLER):
        raise not_its_officer(Office.TELLER)
    return view


@desk.get("/c/<congress>/tally/<number>")
@permitted(Permission.COUNT_ENTER, anywhere=True)
def form(congress: str, number: str) -> ResponseReturnValue:
    """The own entry while it is being typed; otherwise what the form waits for, and "same as your paper?"."""
    view = _view(number)
    # What came back with errors opens with them; what was never handed in is not judged before it is.
    findings = view.judged(view.contents) if view.has_errors and view.contents is not None else ()
    void = void_on_paper(reading(), view.sheet)
    shown = entry_context(view, congress, g.actor.person_id, findings=findings, ticked=view.accepted, void=void)
    if view.typing:
        return render_template("tally/entry.html", **shown)
    sheet = view.sheet
    counting = sheet.recorded and sheet.expected is not None
    task = task_of(view.state, view.side) if counting and sheet.sections else None
    found = [one for one in shown["findings"] if one["severity"] == "error"]
    # More came back than were issued: the scrutineers declare that void first, and nothing is begun before.
    over = [one.category for one in sheet.sections if sheet.context.sections[one.key].void] if not view.side else []
    if over and task in (Task.FIRST, Task.SECOND):
        task = None
    return render_template(
        "tally/form.html",
        view=view,
        sheet=sheet,
        vote=vote_of(sheet),
        place=place_on(sheet),
        contests=sorted([*sheet.sections, *void], key=lambda one: one.category_position),
        task=task,
        counting=counting,
        found=found,
        over=over,
        kept=kept_of(g.actor.person_id, view.form_id),
    )


@desk.post("/c/<congress>/tally/<number>/claim")
@permitted(Permission.COUNT_ENTER, anywhere=True)
def take(congress: str, number: str) -> ResponseReturnValue:
    with act() as unit_of_work:
        claim(unit_of_work, g.congress.id, number)
    return redirect(url_for("tally.form", congress=congress, number=number))


@desk.post("/c/<congress>/tally/<number>/resume")
@permitted(Permission.COUNT_ENTER, anywhere=True)
def mend(congress: str, number: str) -> ResponseReturnValue:
    view = _view(number)
    with act() as unit_of_work:
        resume(unit_of_work, view.form_id, _revision())
    return redirect(url_for("tally.form", congress=congress, number=number))


@desk.post("/c/<congress>/tally/<number>/discard")
@permitted(Permission.COUNT_ENTER, anywhere=True)
def give_up(congress: str, number: str) -> ResponseReturnValue:
    view = _view(number)
    with act() as unit_of_work:
        discard(unit_of_work, view.form_id, request.form.get("reason", ""), _revision())
    flash(_("已放弃计票单 %(number)s 的本次录入。", number=view.sheet.number), "ok")
    return redirect(url_for("tally.home", congress=congress))


@desk.post("/c/<congress>/tally/<number>")
@permitted(Permission.COUNT_ENTER, anywhere=True)
def enter(congress: str, number: str) -> ResponseReturnValue:
    """The whole form as a plain post: saved and left, or finalised. What the checks find comes back at its field."""
    view = _view(number)
    person_id, ticked = g.actor.person_id, request.form.getlist("accept")
    fields = request.form.to_dict()
    try:
        contents = from_fields(fields, view.sheet.shape)
    except Invalid as invalid:
        refusals = invalid.refusals
        void = void_on_paper(reading(), view.sheet)
        context = entry_context(
            view, congress, person_id, values=fields, refusals=refusals, ticked=ticked, page=_page(fields), void=void
        )
        return render_template("tally/entry.html", **context), invalid.status
    if request.form.get("act") == "save":
        with act(draft=True) as unit_of_work:
            save_draft(unit_of_work, view.form_id, contents, _revision(), _page(fields))
        flash(_("计票单 %(number)s 的草稿已保存，可以随时继续录入。", number=view.sheet.number), "ok")
        return redirect(url_for("tally.home", congress=congress))
    return _finalise(congress, view, contents, ticked)


def _finalise(congress: str, view: EntryView, contents: FormContents, ticked: list[str]) -> ResponseReturnValue:
    findings = view.judged(contents)
    hand_over = request.form.get("act") == "hand_over"
    wrong = has_errors(findings) and not hand_over
    unticked = not has_errors(findings) and not warning_keys(findings) <= set(ticked)
    if wrong or unticked:
        with act(draft=True) as unit_of_work:
            save_draft(unit_of_work, view.form_id, contents, _revision(), _page(request.form))
        view = _view(view.sheet.number)
        void = void_on_paper(reading(), view.sheet)
        context = entry_context(view, congress, g.actor.person_id, findings=findings, ticked=ticked, void=void)
        return render_template("tally/entry.html", **context, handing_in=True), Refused.status
    with act() as unit_of_work:
        done = finalise(unit_of_work, view.form_id, contents, ticked, _revision(), _page(request.form))
    flash(*_told(view, done.state))
    return redirect(url_for("tally.home", congress=congress))


def _told(view: EntryView, state: EntryState) -> tuple[str, str]:
    """What the teller is told: that it is done; of the other entry nothing, not even whether it is the same."""
    number = view.sheet.number
    if view.state is not EntryState.FIRST_IN_PROGRESS:
        return _("计票单 %(number)s：已提交，由监票人处理。", number=number), "ok"
    if state is EntryState.FIRST_HAS_ERRORS:
        return _("计票单 %(number)s 的数字有错误，已交监票人处理。", number=number), "warn"
    return _("计票单 %(number)s 已提交，等另一名计票人第二次录入。", number=number), "ok"


def _revision() -> int:
    return revision_in(request.form.get("revision"))


# A technical bound: no county's form comes near it.
LARGEST_DRAFT = 1024 * 1024
# Marks are made by `entry_page.py`; a longer one is none of them.
LONGEST_MARK, LONGEST_SAVE, MOST_TURNS = 16, 32, 10**9


def _page(fields: Mapping[str, Any]) -> OpenPage:
    """The open page that something was typed on, as it says itself."""
    mark, after, turn, took = (fields.get(name) for name in ("page", "after", "turn", "took"))
    if (
        not (isinstance(mark, str) and mark.isalnum() and len(mark) <= LONGEST_MARK)
        or not (isinstance(after, str) and len(after) <= LONGEST_SAVE)
        or not (turn is None or (type(turn) is int and 0 <= turn <= MOST_TURNS))
        or not (took is None or (isinstance(took, str) and len(took) <= LONGEST_MARK))
    ):
        raise Refused("web.bad_request")
    return OpenPage(mark, after, turn, took or "")


@desk.post("/drafts/<int:form_id>")
@signed_in
def draft(form_id: int) -> ResponseReturnValue:
    """One draft, field by field as text. The address has no congress: nothing is loaded but what the save needs."""
    request.max_content_length = LARGEST_DRAFT
    body = request.get_json(silent=True)
    body = body if isinstance(body, dict) else {}
    page = _page(body)
    values, revision = body.get("values"), body.get("revision")
    if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
        raise Refused("web.bad_request")
    contents = from_fields(values, shape_of(values))
    with act(draft=True) as unit_of_work:
        save_draft(unit_of_work, form_id, contents, revision_in(revision), page)
        saved_at = unit_of_work.now
    return jsonify({"saved_at": f"{saved_at.astimezone(CHINA):%H:%M:%S}"})
