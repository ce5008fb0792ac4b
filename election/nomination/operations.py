"""The room's verbs about one application: it is submitted in the own branch, withdrawn, ended, reviewed.

Never counts a ballot and never orders a slate: see `operations_branch.py` and `operations_slates.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from election.congress.models import Category
from election.contests.models import Contest, ContestKind, Round
from election.errors import NotFound, Refused
from election.nomination.lifecycle import (
    ApplicationAction,
    ApplicationEnd,
    ApplicationState,
    SlateState,
    application_transition,
)
from election.nomination.models import Application, BranchBallot, Candidate, Review, Slate, Source
from election.notices.models import NoticeKind, Objection
from election.notices.operations import close_objection
from election.people.act import Act
from election.people.models import Person
from election.people.permissions import Permission
from election.quotas.lifecycle import SchemeState
from election.quotas.models import AssignedLeader, Scheme, SchemeCell
from election.roster.electors import voting_right
from election.roster.models import Member, Organisation, RosterVerification, UnitBranch

GONE = (ApplicationState.WITHDRAWN, ApplicationState.ENDED)
CLOSED_SLATES = (SlateState.SUBMITTED, SlateState.FROZEN)


def submit_application(
    act: Act,
    congress_id: int,
    member_id: int,
    category_id: int,
    *,
    source: Source = Source.SELF,
    statement: str = "",
) -> Application:
    """A member with a vote stands in the own branch, in the recorded primary category (edge case 8)."""
    _hold_branch(act, member_id)
    facts: Any = act.session.execute(
        select(Member, Person.name, UnitBranch.unit_id, RosterVerification.id, AssignedLeader.id)
        .join(Person, Person.id == Member.person_id)
        .outerjoin(UnitBranch, (UnitBranch.branch_id == Member.branch_id) & (UnitBranch.congress_id == congress_id))
        .outerjoin(RosterVerification, RosterVerification.unit_id == UnitBranch.unit_id)
        .outerjoin(
            AssignedLeader, (AssignedLeader.member_id == Member.id) & (AssignedLeader.congress_id == congress_id)
        )
        .where(Member.id == member_id)
        .with_for_update(of=Member)
    ).one_or_none()
    if facts is None:
        raise NotFound("roster.no_such_member")
    member, name, unit_id, verified, assigned = facts
    act.require(Permission.APPLICATION_RECORD, congress_id=congress_id, organisation_id=member.branch_id)
    right = voting_right(member.standing, member.suspension)
    if not right.votes:
        raise Refused("application.no_vote", field="member", name=name, ground=right.ground, source=right.source)
    if assigned is not None:
        raise Refused("application.assigned", field="member", name=name)
    if unit_id is None:
        raise Refused("application.no_unit", field="member", name=name)
    if verified is None:
        raise Refused("application.roster_unverified", field="member")
    category = act.session.get(Category, category_id)
    if category is None or category.congress_id != congress_id:
        raise NotFound("application.no_such_category")
    if category.code != member.category:
        raise Refused("application.other_category", field="category", name=name, category=category.name)
    _require_place(act, congress_id, unit_id, category, member)
    row = Application(
        congress_id=congress_id,
        member_id=member_id,
        branch_id=member.branch_id,
        unit_id=unit_id,
        category_id=category_id,
        source=source,
        state=ApplicationState.APPLIED,
        statement=statement.strip(),
        submitted_at=act.now,
    )
    act.session.add(row)
    act.record(
        "application.submitted",
        row,
        congress_id=congress_id,
        member=member_id,
        category=category.code,
        source=source.value,
    )
    return row


def _hold_branch(act: Act, member_id: int) -> None:
    """Locks the member's branch, as its ballot does: nobody applies past a ballot that is being recorded."""
    branch = select(Member.branch_id).where(Member.id == member_id).scalar_subquery()
    act.session.execute(select(Organisation.id).where(Organisation.id == branch).with_for_update())


def _require_place(act: Act, congress_id: int, unit_id: int, category: Category, member: Member) -> None:
    """There is a contested seat to stand for, the way to it is still open, and the member is not on it already."""
    cell = (
        select(SchemeCell.seats - SchemeCell.assigned)
        .join(Scheme, Scheme.id == SchemeCell.scheme_id)
        .where(
            Scheme.congress_id == congress_id,
            Scheme.state == SchemeState.APPROVED,
            SchemeCell.unit_id == unit_id,
            SchemeCell.category_id == category.id,
        )
    )
    scheme = select(Scheme.id).where(Scheme.congress_id == congress_id, Scheme.state == SchemeState.APPROVED)
    alive = select(Application.id).where(
        Application.congress_id == congress_id, Application.member_id == member.id, Application.state.not_in(GONE)
    )
    voted = select(BranchBallot.id).where(
        BranchBallot.congress_id == congress_id,
        BranchBallot.branch_id == member.branch_id,
        BranchBallot.category_id == category.id,
    )
    closed = (
        select(Slate.id)
        .join(Round, Round.id == Slate.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .where(
            Contest.unit_id == unit_id,
            Contest.category_id == category.id,
            Contest.kind == ContestKind.CONTESTED,
            Slate.state.in_(CLOSED_SLATES),
        )
        .limit(1)
    )
    approved, seats, standing, decided, slated = act.session.execute(
        select(*(part.scalar_subquery() for part in (scheme, cell, alive, voted, closed)))
    ).one()
    if approved is None:
        raise Refused("application.no_scheme")
    if not seats:
        raise Refused("application.no_seat", field="category", category=category.name)
    if standing is not None:
        raise Refused("application.already", field="member")
    if decided is not None:
        raise Refused("application.ballot_done", field="category", category=category.name)
    if slated is not None:
        raise Refused("application.slate_closed", field="category", category=category.name)


@dataclass(frozen=True, slots=True)
class _Loaded:
    row: Application
    person_id: int
    name: str


def load_application(act: Act, application_id: int) -> _Loaded:
    """The application, locked, with whose it is."""
    row = act.session.get(Application, application_id, with_for_update=True)
    if row is None:
        raise NotFound("application.none")
    person_id, name = act.session.execute(
        select(Person.id, Person.name).join(Member, Member.person_id == Person.id).where(Member.id == row.member_id)
    ).one()
    return _Loaded(row, person_id, name)


def withdraw_application(act: Act, application_id: int, reason: str = "") -> Application:
    """The applicant steps back; recorded by the clerk of the branch."""
    found = load_application(act, application_id)
    row = found.row
    act.require(Permission.APPLICATION_RECORD, congress_id=row.congress_id, organisation_id=row.branch_id)
    before = row.state
    row.state = application_transition(
        before, ApplicationAction.WITHDRAW, act.person_id, applicant=found.person_id, reason=reason
    )
    row.ended_because = reason.strip()
    leave_slate(act, found)
    act.record("application.withdrawn", row, congress_id=row.congress_id, before=before.value, reason=row.ended_because)
    return row


def end_application(act: Act, application_id: int, end: ApplicationEnd | None, note: str = "") -> Application:
    """Death, transfer, made scrutineer, rights suspended: recorded by the office (edge case 14)."""
    found = load_application(act, application_id)
    row = found.row
    act.require(Permission.APPLICATION_REVIEW, congress_id=row.congress_id)
    before = row.state
    row.state = application_transition(before, ApplicationAction.END, act.person_id, applicant=found.person_id, end=end)
    assert end is not None  # the transition refuses an end without its kind
    row.ended_because = f"{end.zh}：{note.strip()}" if note.strip() else end.zh
    leave_slate(act, found)
    act.record(
        "application.ended", row, congress_id=row.congress_id, before=before.value, end=end.value, note=note.strip()
    )
    return row


def review_application(act: Act, application_id: int, *, approved: bool, reason: str = "") -> Review:
    """候选人资格审查: a preliminary nominee becomes a proposed candidate, or is refused with a reason."""
    found = load_application(act, application_id)
    act.require(Permission.APPLICATION_REVIEW, congress_id=found.row.congress_id)
    return _review(act, found, approved, reason)


def _review(act: Act, found: _Loaded, approved: bool, reason: str) -> Review:
    row, before = found.row, found.row.state
    action = ApplicationAction.PROPOSE if approved else ApplicationAction.REFUSE
    row.state = application_transition(before, action, act.person_id, applicant=found.person_id, reason=reason)
    if not approved:
        leave_slate(act, found)
    review = act.session.scalar(select(Review).where(Review.application_id == row.id)) or Review(application_id=row.id)
    review.approved, review.reason = approved, reason.strip()
    review.person_id, review.reviewed_at = act.person_id, act.now
    act.session.add(review)
    act.record(
        "application.reviewed",
        row,
        congress_id=row.congress_id,
        before=before.value,
        approved=approved,
        reason=review.reason,
    )
    return review


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
            _review(act, load_application(act, application_id), approved=False, reason=finding)
    return row


def leave_slate(act: Act, found: _Loaded) -> None:
    """Takes who no longer stands off a slate that is still being made. One that was handed in is first given back."""
    places = act.session.execute(
        select(Candidate, Slate)
        .join(Slate, Slate.id == Candidate.slate_id)
        .where(Candidate.application_id == found.row.id, Slate.state != SlateState.SUPERSEDED)
        .with_for_update()
    ).all()
    for candidate, slate in places:
        if slate.state is SlateState.SUBMITTED:
            raise Refused("application.on_submitted_slate", name=found.name)
        if slate.state is SlateState.FROZEN:
            raise Refused("application.on_frozen_slate", name=found.name)
        behind = act.session.scalars(
            select(Candidate)
            .where(Candidate.slate_id == slate.id, Candidate.position > candidate.position)
            .order_by(Candidate.position)
        ).all()
        act.session.delete(candidate)
        act.session.flush()
        for other in behind:
            other.position -= 1
            act.session.flush()
