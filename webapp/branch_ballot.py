"""The totals of a branch's secret ballot: entered at the branch's desk, corrected by another person with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from election.congress.models import Category
from election.congress.rules_in_force import rules_in_force
from election.count.form import parse_count
from election.errors import Invalid, NotFound, Refused
from election.nomination.branch.operations import correct_branch_ballot, record_branch_ballot, tied_by
from election.nomination.branch.queries_due import tied_in
from election.nomination.branch.vote import BY_PLACES, BallotTotals, Votes
from election.nomination.lifecycle import ApplicationState
from election.nomination.papers.common import by_strokes
from election.nomination.queries import (
    ApplicationLine,
    BranchBallotRecord,
    applications,
    branch_ballot_of,
    branch_ballots,
    branch_places,
)
from election.people.act import local_day
from election.people.actor import Scope
from election.people.permissions import ALLOWED, Permission
from election.roster.queries import unit_of_branch
from webapp.access import permitted
from webapp.branch import line_of
from webapp.errors import say
from webapp.requests import act, clock, reading
from webapp.rule_line import rule_lines

desk = Blueprint("branch_ballot", __name__)

# The ballot's figures in the order of the paper, by the names under which `contests/` speaks of them.
TOTALS = (
    "electors.expected",
    "electors.present",
    "ballots.issued",
    "ballots.returned",
    "ballots.valid",
    "ballots.spoiled",
)
MARKS = ("for", "against", "abstain")
# The page's hidden field at every row: whose row it is.
SHOWN = "applicant"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the page asks: who was voted on, in the order of the paper ballot (地方条例 30: by strokes), how many have a
    vote, for how many places, whether again after a tie. `unset`: the rules ask for places and nobody has given them.
    """

    people: list[ApplicationLine]
    voters: int
    places: int | None
    tie: bool
    unset: bool = False


def _category(code: str) -> Category:
    found: Category | None = next((one for one in g.congress.categories if one.code == code), None)
    if found is None:
        raise NotFound("application.no_such_category")
    return found


@desk.route("/c/<congress>/branches/<int:branch>/ballot/<category>", methods=["GET", "POST"])
@permitted(Permission.APPLICATION_RECORD)
def ballot(congress: str, branch: int, category: str) -> ResponseReturnValue:
    """The totals of the branch's ballot on its applicants of a category who wait for it."""
    chosen = _category(category)
    asked = _waiting(branch, chosen)
    typed: Mapping[str, str] = {
        "electors.expected": str(asked.voters),
        "held_on": local_day(clock()()).isoformat(),
    }
    errors: dict[str, list[str]] = {}
    status = 200
    if request.method == "POST":
        typed = _in_their_rows(asked.people)
        try:
            held_on, totals = _read_ballot(asked.people)
            with act() as unit_of_work:
                made = record_branch_ballot(
                    unit_of_work,
                    g.congress.id,
                    branch,
                    chosen.id,
                    held_on=held_on,
                    totals=totals,
                    excluded_because=request.form.get("excluded_because", ""),
                )
                tied = tied_by(unit_of_work, made)
            if tied:
                told = _("“%(category)s”的推选结果已登记：%(n)s 人得票相等，待再次投票。", category=chosen.name, n=tied)
                flash(told, "warn")
            else:
                flash(_("“%(category)s”的推选结果已登记。", category=chosen.name), "ok")
            return redirect(url_for("branch.branch", congress=congress, branch=branch))
        except (Invalid, Refused) as refused:
            status, errors = _refusals(refused)
    elif not asked.people:
        return redirect(url_for("branch.branch", congress=congress, branch=branch))
    return _page(branch, chosen, asked, typed, errors), status


@desk.route("/c/<congress>/branches/<int:branch>/ballots/<int:number>/correct", methods=["GET", "POST"])
@permitted(Permission.BRANCH_BALLOT_CORRECT)
def correct(congress: str, branch: int, number: int) -> ResponseReturnValue:
    """A ballot put right: the same page, filled with what was recorded, and the reason."""
    record = branch_ballot_of(reading(), g.congress.id, branch, number)
    chosen = next(one for one in g.congress.categories if one.id == record.ballot.category_id)
    votes = {line.application_id: line for line in record.ballot.lines}
    lines = applications(reading(), g.congress.id, branch_id=branch, category_id=chosen.id)
    people = sorted((line for line in lines if line.id in votes), key=lambda line: by_strokes(line.name))
    asked = _Asked(people, record.ballot.voters, record.ballot.places, record.tie)
    typed: Mapping[str, str] = _recorded(record, asked.people)
    errors: dict[str, list[str]] = {}
    status = 200
    if request.method == "POST":
        typed = _in_their_rows(asked.people)
        try:
            held_on, totals = _read_ballot(asked.people)
            with act() as unit_of_work:
                correct_branch_ballot(
                    unit_of_work,
                    number,
                    totals=totals,
                    reason=request.form.get("reason", ""),
                    held_on=held_on,
                    excluded_because=request.form.get("excluded_because", ""),
                )
            flash(_("“%(category)s”的推选结果已更正。", category=chosen.name), "ok")
            return redirect(_back(branch)["href"])
        except (Invalid, Refused) as refused:
            status, errors = _refusals(refused)
    return _page(branch, chosen, asked, typed, errors, record), status


def _waiting(branch: int, category: Category) -> _Asked:
    lines = applications(
        reading(), g.congress.id, branch_id=branch, category_id=category.id, states=[ApplicationState.APPLIED]
    )
    lines.sort(key=lambda line: by_strokes(line.name))
    voters = line_of(branch).voters
    held = [one.ballot for one in branch_ballots(reading(), g.congress.id, branch)]
    held = [one for one in held if one.category_id == category.id]
    if tied := tied_in(held, {line.id: line for line in lines}):
        last = next(one for one in reversed(held) if tied & {line.application_id for line in one.lines})
        left = (last.places or 0) - sum(1 for line in last.lines if line.passed)
        return _Asked([line for line in lines if line.id in tied], voters, left, True)
    by_places = rules_in_force(reading(), g.congress.id)["branch_places"] == BY_PLACES
    given = branch_places(reading(), g.congress.id, [branch]) if by_places else {}
    places = given.get((branch, category.id))
    if places is not None:
        places -= sum(1 for one in held for line in one.lines if line.passed)
    return _Asked(lines, voters, places, False, unset=by_places and places is None)


def _recorded(record: BranchBallotRecord, people: list[ApplicationLine]) -> dict[str, str]:
    """What stands in the ballot, by the names of the page's fields."""
    row = record.ballot
    figures = (row.expected, row.present, row.issued, row.returned, row.valid, row.spoiled)
    typed = {
        "held_on": row.held_on.isoformat(),
        "excluded_because": row.excluded_because,
        **{path: str(n) for path, n in zip(TOTALS, figures, strict=True)},
    }
    votes = {line.application_id: line for line in row.lines}
    for place, line in enumerate(people):
        counted = votes[line.id]
        numbers = (counted.votes_for, counted.votes_against, counted.abstentions)
        typed |= {f"candidates[{place}].{mark}": str(n) for mark, n in zip(MARKS, numbers, strict=True)}
    return typed


def _refusals(refused: Invalid | Refused) -> tuple[int, dict[str, list[str]]]:
    """The status and the sentences by field of what the form can say; anything else is another page."""
    if isinstance(refused, Invalid):
        return refused.status, _by_field(refused.refusals)
    if refused.status == 403:
        raise refused
    return refused.status, _by_field([refused])


def _back(branch: int) -> dict[str, str]:
    """Where this person came from: the branch's desk, or for the office the list of reviews."""
    line, unit_id = line_of(branch), unit_of_branch(reading(), g.congress.id, branch)
    if g.actor.has(ALLOWED[Permission.APPLICATION_RECORD], Scope(g.congress.id, unit_id, branch)):
        return {"href": url_for("branch.branch", congress=g.congress.code, branch=branch), "label": line.name}
    return {"href": url_for("office_reviews.reviews", congress=g.congress.code), "label": _("资格审查")}


def _page(
    branch: int,
    category: Category,
    asked: _Asked,
    typed: Mapping[str, str],
    errors: dict[str, list[str]],
    correcting: BranchBallotRecord | None = None,
) -> str:
    return render_template(
        "branch/ballot.html",
        branch=line_of(branch),
        category=category,
        lines=asked.people,
        voters=asked.voters,
        places=asked.places,
        tie=asked.tie,
        unset=asked.unset,
        places_page=_places_page(branch) if asked.unset else None,
        correcting=correcting,
        typed=typed,
        errors=errors,
        refusals=errors.get("", []),
        back=_back(branch),
        rules=rule_lines(g.congress.id, "branch_places", "quorum_branch", "majority_base"),
    )


def _places_page(branch: int) -> str | None:
    """Where the unit gives its branches their places, for who sits there."""
    unit = next(one for one in g.congress.units if one.id == unit_of_branch(reading(), g.congress.id, branch))
    if not g.actor.has(ALLOWED[Permission.NOMINEES_PROPOSE], Scope(g.congress.id, unit.id)):
        return None
    return url_for("unit_nominees.nominees", congress=g.congress.code, unit=unit.code) + "#places"


def _in_their_rows(people: list[ApplicationLine]) -> dict[str, str]:
    """What was typed, each vote at the row where its person stands now: the page may have been made before others came."""
    shown = request.form.getlist(SHOWN)
    typed = {path: text for path, text in request.form.items() if not path.startswith("candidates[")}
    for place, line in enumerate(people):
        if str(line.id) in shown:
            before = shown.index(str(line.id))
            typed |= {
                f"candidates[{place}].{mark}": request.form.get(f"candidates[{before}].{mark}", "") for mark in MARKS
            }
    return typed


def _read_ballot(lines: list[ApplicationLine]) -> tuple[date, BallotTotals]:
    """The page's fields as numbers. Raises Invalid with every field that is none, Refused for a page that shows others
    than those who are voted on now: a number belongs to the person beside whom it was typed.
    """
    if request.form.getlist(SHOWN) != [str(line.id) for line in lines]:
        raise Refused("branch_ballot.other_applicants")
    refusals: list[Refused] = []

    def number(path: str) -> int:
        try:
            value = parse_count(request.form.get(path, ""), path)
            if value is None:
                raise Refused("branch_ballot.number_missing", field=path)
            return value
        except Refused as refused:
            refusals.append(refused)
            return 0

    try:
        held_on = date.fromisoformat(request.form.get("held_on", ""))
    except ValueError:
        refusals.append(Refused("branch_ballot.date_wrong", field="held_on"))
        held_on = date.min
    expected, present, issued, returned, valid, spoiled = (number(path) for path in TOTALS)
    votes = {
        line.id: Votes(*(number(f"candidates[{place}].{mark}") for mark in MARKS)) for place, line in enumerate(lines)
    }
    if refusals:
        raise Invalid(refusals)
    return held_on, BallotTotals(expected, present, issued, returned, valid, spoiled, votes)


def _by_field(refusals: list[Refused]) -> dict[str, list[str]]:
    """Sentences by the field they belong to; those without one, or about all applicants together, stand on top."""
    found: dict[str, list[str]] = {}
    for refused in refusals:
        place = refused.field or ""
        found.setdefault("" if place == "candidates" else place, []).append(say(refused))
    return found
