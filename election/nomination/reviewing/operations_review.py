"""The room's verbs about the review of applicants (候选人资格审查): bodies are heard, the office finds and decides.

What a yes needs is judged by the pure `review.py`. Never counts a ballot and never orders a slate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from election.congress.rules_in_force import use_rules
from election.errors import Invalid, NotFound, Refused
from election.nomination.applying.operations import shorten
from election.nomination.applying.operations_applicants import (
    LoadedApplication,
    lapses,
    load_application,
    load_applications,
)
from election.nomination.lifecycle import ApplicationAction, ApplicationState, SlateState, application_transition
from election.nomination.models import Application, Candidate, Review, Slate
from election.nomination.models_review import Opinion, ReviewFinding, Verdict
from election.nomination.phase import require_nomination
from election.nomination.reviewing.queries_review import brought_by
from election.nomination.reviewing.review import CriterionFinding, faults, readiness
from election.nomination.slates.operations import leave_slates
from election.people.act import Act
from election.people.permissions import Permission

# Bodies are asked about who may become a candidate: from the branch's vote until the slate.
ASKED_ABOUT = (ApplicationState.PRELIMINARY, ApplicationState.PUT_FORWARD, ApplicationState.PROPOSED)


def record_opinions(
    act: Act,
    congress_id: int,
    body: str,
    application_ids: Collection[int],
    verdict: Verdict,
    text: str = "",
    document: str = "",
    given_on: date | None = None,
) -> None:
    """What one body says of many applicants in one paper. Said again, it is what counts; what was said before is kept.

    A body that objects to somebody who has passed already sends them back to the review, off every slate that is not
    frozen. On a frozen one they stay until the review is over; no meeting opens with it before.
    """
    act.require(Permission.APPLICATION_REVIEW, congress_id=congress_id)
    require_nomination(act, congress_id)
    bodies = use_rules(act, congress_id, "opinions.recorded", "review_bodies")["review_bodies"]
    if body not in bodies:
        raise NotFound("opinion.no_such_body", body=body)
    if verdict is Verdict.OBJECTION and not text.strip():
        raise Refused("opinion.text_missing", field="text")
    on = given_on or act.today
    if on > act.today:
        raise Refused("opinion.in_the_future", field="given_on")
    asked = load_applications(act, congress_id, application_ids)
    if not asked:
        raise Refused("opinion.nobody", field="application")
    for one in asked:
        if one.row.state not in ASKED_ABOUT:
            raise Refused("opinion.not_now", name=one.name, state=one.row.state)
        if one.person_id == act.person_id:
            raise Refused("opinion.own", name=one.name)
    ids = [one.row.id for one in asked]
    before = _said_before(act, body, asked)
    act.session.execute(
        update(Opinion)
        .where(Opinion.application_id.in_(ids), Opinion.body == body, Opinion.superseded_at.is_(None))
        .values(superseded_at=act.now)
    )
    act.session.add_all(
        Opinion(
            application_id=number,
            body=body,
            verdict=verdict,
            text=text.strip(),
            document=document.strip(),
            given_on=on,
            person_id=act.person_id,
            recorded_at=act.now,
        )
        for number in ids
    )
    act.record(
        "opinions.recorded",
        "congress",
        congress_id=congress_id,
        body=body,
        verdict=verdict.value,
        members=[one.row.member_id for one in asked],
        text=text.strip(),
        document=document.strip(),
        on=on.isoformat(),
        **({"before": before} if before else {}),
    )
    if verdict is Verdict.OBJECTION:
        _review_again(act, asked, f"{body}：{text.strip()}")


def _said_before(act: Act, body: str, asked: Sequence[LoadedApplication]) -> list[dict[str, Any]]:
    """What the body said of these until now, for the audit chain."""
    members = {one.row.id: one.row.member_id for one in asked}
    rows = act.session.scalars(
        select(Opinion)
        .where(Opinion.application_id.in_(members), Opinion.body == body, Opinion.superseded_at.is_(None))
        .order_by(Opinion.id)
    )
    return [
        {
            "member": members[row.application_id],
            "verdict": row.verdict.value,
            **{key: text for key, text in (("text", shorten(row.text)), ("document", row.document)) if text},
            "on": row.given_on.isoformat(),
        }
        for row in rows
    ]


def _review_again(act: Act, people: Sequence[LoadedApplication], reason: str) -> None:
    """Who has passed has to be reviewed once more, unless a meeting votes on them already."""
    held: dict[int, list[tuple[SlateState, bool]]] = defaultdict(list)
    rows = act.session.execute(
        select(Candidate.application_id, Slate.state, Slate.in_use_at.is_not(None))
        .join(Slate, Slate.id == Candidate.slate_id)
        .where(Candidate.application_id.in_([one.row.id for one in people]), Slate.state != SlateState.SUPERSEDED)
    )
    for number, state, in_use in rows:
        held[number or 0].append((state, in_use))
    for one in people:
        slates = held[one.row.id]
        if one.row.state is not ApplicationState.PROPOSED or (slates and all(in_use for _, in_use in slates)):
            continue
        one.row.state = application_transition(
            one.row.state, ApplicationAction.REVIEW_AGAIN, act.person_id, applicant=one.person_id
        )
        if all(state is not SlateState.FROZEN for state, _ in slates):
            leave_slates(act, one.row, reason)


def review_application(
    act: Act,
    application_id: int,
    *,
    approved: bool,
    reason: str = "",
    findings: Mapping[str, CriterionFinding] | None = None,
) -> Review:
    """Who was put forward becomes a proposed candidate, or is refused with a reason.

    `findings`: criterion → what was found. Raises Invalid with everything that a yes still lacks, at its field. Who has
    passed already is refused by another person than who passed them, unless a body objects. Nobody reviews whom they put
    forward for the unit, or whose branch ballot they recorded.
    """
    found = load_application(act, application_id)
    congress_id = found.row.congress_id
    act.require(Permission.APPLICATION_REVIEW, congress_id=congress_id)
    require_nomination(act, congress_id)
    rules = use_rules(act, congress_id, "application.reviewed", "review_criteria", "review_bodies")
    verdicts = _verdicts(act, [application_id])[application_id]
    heard = readiness(rules["review_bodies"], verdicts)
    if own := _brought_by_actor(act, [found]):
        raise own[0]
    passed_by = _passed_by(act, found.row)
    if not approved and passed_by == act.person_id and not heard.objecting:
        raise Refused("review.reversed_alone", field="finding", name=found.name)
    application_transition(
        found.row.state,
        ApplicationAction.PROPOSE if approved else ApplicationAction.REFUSE,
        act.person_id,
        applicant=found.person_id,
        reason=reason,
    )
    told = findings or {}
    lacking = faults(approved, reason, rules["review_criteria"], told, heard)
    if approved:
        lacking = lapses([found]) + lacking
    if lacking:
        raise Invalid(lacking)
    return conclude(act, [found], approved, reason, told)[0]


def review_many(act: Act, congress_id: int, application_ids: Collection[int]) -> list[Review]:
    """Passes all of these: every criterion met, every body without objection. One who is not so far stops all."""
    act.require(Permission.APPLICATION_REVIEW, congress_id=congress_id)
    rules = use_rules(act, congress_id, "application.reviewed", "review_criteria", "review_bodies")
    met = {criterion: CriterionFinding(True) for criterion in rules["review_criteria"]}
    require_nomination(act, congress_id)
    people = load_applications(act, congress_id, application_ids)
    verdicts = _verdicts(act, [one.row.id for one in people])
    held_up = _brought_by_actor(act, people) + lapses(people)
    for one in people:
        application_transition(one.row.state, ApplicationAction.PROPOSE, act.person_id, applicant=one.person_id)
        heard = readiness(rules["review_bodies"], verdicts[one.row.id])
        if heard.silent:
            held_up.append(Refused("review.waits_for_body", name=one.name, body="、".join(heard.silent)))
        if heard.objecting:
            held_up.append(Refused("review.has_objection", name=one.name, body="、".join(heard.objecting)))
    if held_up:
        raise Invalid(held_up)
    return conclude(act, people, True, "", met)


def _verdicts(act: Act, application_ids: Sequence[int]) -> Mapping[int, Mapping[str, Verdict]]:
    """application → body → what it says: one statement for all of them."""
    found: dict[int, dict[str, Verdict]] = defaultdict(dict)
    rows = select(Opinion.application_id, Opinion.body, Opinion.verdict).where(Opinion.superseded_at.is_(None))
    for number, body, verdict in act.session.execute(rows.where(Opinion.application_id.in_(application_ids))):
        found[number][body] = verdict
    return found


def _brought_by_actor(act: Act, people: Sequence[LoadedApplication]) -> list[Refused]:
    """A refusal for each whom the actor put forward, or whose branch ballot the actor recorded."""
    brought = brought_by(act.session, [one.row.id for one in people])
    return [
        Refused("review.brought_by_reviewer", name=one.name)
        for one in people
        if act.person_id in brought.get(one.row.id, {})
    ]


def _passed_by(act: Act, row: Application) -> int | None:
    """Who passed somebody who is a proposed candidate now; None of anybody else."""
    if row.state is not ApplicationState.PROPOSED:
        return None
    return act.session.scalar(
        select(Review.person_id).where(Review.application_id == row.id, Review.superseded_at.is_(None))
    )


def conclude(
    act: Act,
    people: Sequence[LoadedApplication],
    approved: bool,
    reason: str,
    findings: Mapping[str, CriterionFinding],
) -> list[Review]:
    """Stores the same conclusion on all of these, who were found ready for it; the reviews before are kept. A step of acts
    that have asked for the permission.
    """
    action = ApplicationAction.PROPOSE if approved else ApplicationAction.REFUSE
    ids = [one.row.id for one in people]
    act.session.execute(
        update(Review)
        .where(Review.application_id.in_(ids), Review.superseded_at.is_(None))
        .values(superseded_at=act.now)
    )
    made = [
        Review(
            application_id=number,
            approved=approved,
            reason=reason.strip(),
            person_id=act.person_id,
            reviewed_at=act.now,
        )
        for number in ids
    ]
    act.session.add_all(made)
    act.session.flush()
    found = [
        {"review_id": review.id, "criterion": criterion, "met": one.met, "note": one.note.strip()}
        for review in made
        for criterion, one in findings.items()
    ]
    if found:
        act.session.execute(insert(ReviewFinding), found)
    unmet = [criterion for criterion, one in findings.items() if not one.met]
    told: list[tuple[Application, dict[str, Any]]] = []
    for one in people:
        row, before = one.row, one.row.state
        row.state = application_transition(before, action, act.person_id, applicant=one.person_id, reason=reason)
        if not approved:
            leave_slates(act, row, reason)
        about = {"member": row.member_id, "before": before.value, "approved": approved, "reason": reason.strip()}
        told.append((row, about | ({"unmet": unmet} if unmet else {})))
    act.record_all("application.reviewed", told, congress_id=people[0].row.congress_id)
    return made
