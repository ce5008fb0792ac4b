"""The room's verbs about the review of applicants (候选人资格审查): bodies are heard, the office finds and decides.

What a yes needs is judged by the pure `review.py`. Never counts a ballot and never orders a slate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import delete, select

from election.congress.rules_in_force import use_rules
from election.errors import Invalid, NotFound, Refused
from election.nomination.lifecycle import ApplicationAction, ApplicationState, application_transition
from election.nomination.models import Application, Review
from election.nomination.models_review import Opinion, ReviewFinding, Verdict
from election.nomination.operations import LoadedApplication, load_application, load_applications
from election.nomination.operations_slates import leave_slates
from election.nomination.review import CriterionFinding, faults, readiness
from election.notices.models import NoticeKind, Objection
from election.notices.operations import close_objection
from election.people.act import Act
from election.people.permissions import Permission
from election.roster.models import Member

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
    """What one body says of many applicants in one paper. Said again, it replaces what the body said before."""
    act.require(Permission.APPLICATION_REVIEW, congress_id=congress_id)
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
    ids = [one.row.id for one in asked]
    act.session.execute(delete(Opinion).where(Opinion.application_id.in_(ids), Opinion.body == body))
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
    )


def review_application(
    act: Act,
    application_id: int,
    *,
    approved: bool,
    reason: str = "",
    findings: Mapping[str, CriterionFinding] | None = None,
) -> Review:
    """Who was put forward becomes a proposed candidate, or is refused with a reason.

    `findings`: criterion → what was found. Raises Invalid with everything that a yes still lacks, at its field.
    """
    found = load_application(act, application_id)
    congress_id = found.row.congress_id
    act.require(Permission.APPLICATION_REVIEW, congress_id=congress_id)
    return _review(act, found, approved, reason, findings or {}, _verdicts(act, [application_id])[application_id])


def review_many(act: Act, congress_id: int, application_ids: Collection[int]) -> list[Review]:
    """Passes all of these: every criterion met, every body without objection. One who is not so far stops all."""
    act.require(Permission.APPLICATION_REVIEW, congress_id=congress_id)
    rules = use_rules(act, congress_id, "application.reviewed", "review_criteria", "review_bodies")
    met = {criterion: CriterionFinding(True) for criterion in rules["review_criteria"]}
    people = load_applications(act, congress_id, application_ids)
    verdicts = _verdicts(act, [one.row.id for one in people])
    held_up: list[Refused] = []
    for one in people:
        heard = readiness(rules["review_bodies"], verdicts[one.row.id])
        if heard.silent:
            held_up.append(Refused("review.waits_for_body", name=one.name, body="、".join(heard.silent)))
        if heard.objecting:
            held_up.append(Refused("review.has_objection", name=one.name, body="、".join(heard.objecting)))
    if held_up:
        raise Invalid(held_up)
    return [_review(act, one, True, "", met, verdicts[one.row.id]) for one in people]


def close_candidate_objection(act: Act, objection_id: int, *, finding: str, upheld: bool) -> Objection:
    """Closes an objection to someone who stands. Upheld: the application is refused with the finding as its reason."""
    row = close_objection(act, objection_id, finding=finding, upheld=upheld)
    if upheld and row.notice.kind is NoticeKind.CANDIDATES:
        application_id = act.session.scalar(
            select(Application.id)
            .join(Member, Member.id == Application.member_id)
            .where(
                Application.congress_id == row.notice.congress_id,
                Member.person_id == row.about_person_id,
                Application.state == ApplicationState.PROPOSED,
            )
        )
        if application_id is not None:
            _review(act, load_application(act, application_id), False, finding, {}, {})
    return row


def _verdicts(act: Act, application_ids: Sequence[int]) -> Mapping[int, Mapping[str, Verdict]]:
    """application → body → what it says: one statement for all of them."""
    found: dict[int, dict[str, Verdict]] = defaultdict(dict)
    rows = select(Opinion.application_id, Opinion.body, Opinion.verdict)
    for number, body, verdict in act.session.execute(rows.where(Opinion.application_id.in_(application_ids))):
        found[number][body] = verdict
    return found


def _review(
    act: Act,
    found: LoadedApplication,
    approved: bool,
    reason: str,
    findings: Mapping[str, CriterionFinding],
    verdicts: Mapping[str, Verdict],
) -> Review:
    row, before = found.row, found.row.state
    action = ApplicationAction.PROPOSE if approved else ApplicationAction.REFUSE
    after = application_transition(before, action, act.person_id, applicant=found.person_id, reason=reason)
    rules = use_rules(act, row.congress_id, "application.reviewed", "review_criteria", "review_bodies")
    lacking = faults(approved, reason, rules["review_criteria"], findings, readiness(rules["review_bodies"], verdicts))
    if lacking:
        raise Invalid(lacking)
    row.state = after
    if not approved:
        leave_slates(act, row, reason)
    review = act.session.scalar(select(Review).where(Review.application_id == row.id)) or Review(application_id=row.id)
    review.approved, review.reason = approved, reason.strip()
    review.person_id, review.reviewed_at = act.person_id, act.now
    act.session.add(review)
    if findings:
        act.session.flush()
        act.session.execute(delete(ReviewFinding).where(ReviewFinding.review_id == review.id))
        act.session.add_all(
            ReviewFinding(review_id=review.id, criterion=criterion, met=one.met, note=one.note.strip())
            for criterion, one in findings.items()
        )
    unmet = [criterion for criterion, one in findings.items() if not one.met]
    act.record(
        "application.reviewed",
        row,
        congress_id=row.congress_id,
        member=row.member_id,
        before=before.value,
        approved=approved,
        reason=review.reason,
        **({"unmet": unmet} if unmet else {}),
    )
    return review
