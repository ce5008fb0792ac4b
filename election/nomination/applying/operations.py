"""The room's verbs about one application: it is submitted in the own branch, withdrawn, ended.

Never counts a ballot, never puts anyone forward and never reviews: see `operations_branch.py`, `operations_proposal.py`,
`operations_review.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select

from election.congress.models import Category
from election.congress.rules_in_force import use_rules
from election.contests.models import Contest, ContestKind, Round
from election.errors import Invalid, NotFound, Refused
from election.nomination.applying.eligibility import Candidacy, refusal, way_refusal
from election.nomination.applying.operations_applicants import load_application, require_nomination
from election.nomination.applying.queries_signers import electors
from election.nomination.applying.signers import faults
from election.nomination.lifecycle import (
    ApplicationAction,
    ApplicationEnd,
    ApplicationState,
    SlateState,
    application_transition,
)
from election.nomination.models import Application, ApplicationSigner, BranchBallot, Slate, Source
from election.nomination.models_margin import Reopening
from election.nomination.slates.operations import leave_slates
from election.people.act import Act
from election.people.models import Person
from election.people.permissions import Permission
from election.quotas.lifecycle import SchemeState
from election.quotas.models import AssignedLeader, Scheme, SchemeCell
from election.roster.electors import voting_right
from election.roster.models import Member, Organisation, RosterVerification, UnitBranch
from election.roster.queries import names_of_members

GONE = (ApplicationState.WITHDRAWN, ApplicationState.ENDED)
CLOSED_SLATES = (SlateState.SUBMITTED, SlateState.FROZEN)


@dataclass(frozen=True, slots=True)
class Nomination:
    """How someone is put forward and what they say: everything of an application that its form asks.

    `signers`: members who join in nominating. `recommended_by`: the organisation or people, where it is one of these.
    """

    source: Source = Source.SELF
    statement: str = ""
    career: str = ""
    recommended_by: str = ""
    signers: tuple[int, ...] = ()


def submit_application(
    act: Act, congress_id: int, member_id: int, category_id: int, said: Nomination | None = None
) -> Application:
    """A member with a vote stands in the own branch, in the recorded primary category (edge case 8).

    Raises Refused with the first thing that stands against it, Invalid with everything wrong about the signers.
    """
    nomination = said or Nomination()
    _hold_branch(act, member_id)
    member, unit_id, category, one = _candidacy(act, congress_id, member_id, category_id)
    act.require(
        Permission.APPLICATION_RECORD, congress_id=congress_id, unit_id=unit_id, organisation_id=member.branch_id
    )
    if category is None:
        raise NotFound("application.no_such_category")
    against = refusal(one)
    if against is not None:
        raise against
    require_nomination(act, congress_id)
    assert unit_id is not None  # asked by `refusal`
    signers = _way(act, congress_id, unit_id, member_id, nomination)
    row = Application(
        congress_id=congress_id,
        member_id=member_id,
        branch_id=member.branch_id,
        unit_id=unit_id,
        category_id=category_id,
        state=ApplicationState.APPLIED,
        submitted_at=act.now,
    )
    _say(row, nomination)
    row.signers = [ApplicationSigner(member_id=number) for number in signers]
    act.session.add(row)
    act.record(
        "application.submitted",
        row,
        congress_id=congress_id,
        member=member_id,
        category=category.code,
        **_told(nomination, signers),
    )
    return row


def correct_application(act: Act, application_id: int, said: Nomination) -> Application:
    """What the form says is put right, as long as the branch has not voted. Who stands, and where, never changes."""
    found = load_application(act, application_id)
    row = found.row
    act.require(
        Permission.APPLICATION_RECORD,
        congress_id=row.congress_id,
        unit_id=row.unit_id,
        organisation_id=row.branch_id,
    )
    if row.state is not ApplicationState.APPLIED:
        raise Refused("application.corrected_late", state=row.state)
    signers = _way(act, row.congress_id, row.unit_id, row.member_id, said)
    before = Nomination(
        row.source, row.statement, row.career, row.recommended_by, tuple(one.member_id for one in row.signers)
    )
    _say(row, said)
    _sign(act, row, signers)
    act.record(
        "application.corrected",
        row,
        congress_id=row.congress_id,
        member=row.member_id,
        was=_told(before, before.signers),
        **_told(said, signers),
    )
    return row


def _way(act: Act, congress_id: int, unit_id: int, member_id: int, nomination: Nomination) -> tuple[int, ...]:
    """The signers of a nomination that may come this way; none where it is not joint."""
    rules = use_rules(act, congress_id, "application.submitted", "nomination_source")
    against = way_refusal(nomination.source, rules["nomination_source"], nomination.recommended_by)
    if against is not None:
        raise against
    if nomination.source is not Source.JOINT:
        if nomination.signers:
            raise Refused("signers.needless", field="signers", way=nomination.source)
        return ()
    least = use_rules(act, congress_id, "application.submitted", "joint_signers")["joint_signers"]
    signers = tuple(dict.fromkeys(nomination.signers))
    names = names_of_members(act.session, set(signers))
    wrong = faults(member_id, signers, {one.member_id: one for one in electors(act.session, unit_id)}, names, least)
    if wrong:
        raise Invalid(wrong)
    return signers


def _say(row: Application, nomination: Nomination) -> None:
    """Writes down what the form says."""
    row.source = nomination.source
    row.statement, row.career = nomination.statement.strip(), nomination.career.strip()
    row.recommended_by = nomination.recommended_by.strip()


def _sign(act: Act, row: Application, signers: tuple[int, ...]) -> None:
    """These and no others have signed."""
    act.session.flush()
    act.session.execute(delete(ApplicationSigner).where(ApplicationSigner.application_id == row.id))
    act.session.add_all(ApplicationSigner(application_id=row.id, member_id=number) for number in signers)
    act.session.flush()
    act.session.expire(row, ["signers"])


def _told(nomination: Nomination, signers: tuple[int, ...]) -> dict[str, Any]:
    """What the audit chain keeps of a nomination."""
    told: dict[str, Any] = {"source": nomination.source.value}
    if nomination.recommended_by.strip():
        told["recommended_by"] = nomination.recommended_by.strip()
    if signers:
        told["members"] = list(signers)
    return told


def _hold_branch(act: Act, member_id: int) -> None:
    """Locks the member's branch, as its ballot does: nobody applies past a ballot that is being recorded."""
    branch = select(Member.branch_id).where(Member.id == member_id).scalar_subquery()
    act.session.execute(select(Organisation.id).where(Organisation.id == branch).with_for_update())


def _candidacy(
    act: Act, congress_id: int, member_id: int, category_id: int
) -> tuple[Member, int | None, Category | None, Candidacy]:
    """The facts that decide whether a member may stand in a category, with the member locked: two statements."""
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
    category = act.session.get(Category, category_id)
    if category is not None and category.congress_id != congress_id:
        category = None
    place: Any = _place(act, congress_id, unit_id, category_id, member)
    scheme, seats, standing, voted, reopened, slated = place
    return (
        member,
        unit_id,
        category,
        Candidacy(
            name=name,
            right=voting_right(member.standing, member.suspension),
            assigned=assigned is not None,
            in_a_unit=unit_id is not None,
            roster_verified=verified is not None,
            scheme_approved=scheme is not None,
            recorded=member.category,
            wanted=category.code if category else "",
            category=category.name if category else "",
            seats=seats or 0,
            standing=standing is not None,
            voted=voted is not None,
            reopened=reopened is not None,
            slate_closed=slated is not None,
        ),
    )


def _place(act: Act, congress_id: int, unit_id: int | None, category_id: int, member: Member) -> Row[Any]:
    """Of the cell: the approved scheme, its contested seats; an application of the member's; a ballot of the branch on
    this category, a reopening that runs today, a slate that is handed in. Each None where there is none.
    """
    scheme = select(Scheme.id).where(Scheme.congress_id == congress_id, Scheme.state == SchemeState.APPROVED)
    seats = (
        select(SchemeCell.seats - SchemeCell.assigned)
        .join(Scheme, Scheme.id == SchemeCell.scheme_id)
        .where(
            Scheme.congress_id == congress_id,
            Scheme.state == SchemeState.APPROVED,
            SchemeCell.unit_id == unit_id,
            SchemeCell.category_id == category_id,
        )
    )
    alive = select(Application.id).where(
        Application.congress_id == congress_id, Application.member_id == member.id, Application.state.not_in(GONE)
    )
    voted = select(BranchBallot.id).where(
        BranchBallot.congress_id == congress_id,
        BranchBallot.branch_id == member.branch_id,
        BranchBallot.category_id == category_id,
        BranchBallot.superseded_at.is_(None),
    )
    reopened = select(Reopening.id).where(
        Reopening.unit_id == unit_id, Reopening.category_id == category_id, Reopening.until >= act.today
    )
    closed = (
        select(Slate.id)
        .join(Round, Round.id == Slate.round_id)
        .join(Contest, Contest.id == Round.contest_id)
        .where(
            Contest.unit_id == unit_id,
            Contest.category_id == category_id,
            Contest.kind == ContestKind.CONTESTED,
            Slate.state.in_(CLOSED_SLATES),
        )
    )
    parts = (scheme, seats, alive, *(part.limit(1) for part in (voted, reopened, closed)))
    return act.session.execute(select(*(part.scalar_subquery() for part in parts))).one()


def withdraw_application(act: Act, application_id: int, reason: str) -> Application:
    """The applicant steps back and says why; recorded by the clerk of the branch."""
    found = load_application(act, application_id)
    row = found.row
    act.require(
        Permission.APPLICATION_RECORD,
        congress_id=row.congress_id,
        unit_id=row.unit_id,
        organisation_id=row.branch_id,
    )
    before = row.state
    row.state = application_transition(
        before, ApplicationAction.WITHDRAW, act.person_id, applicant=found.person_id, reason=reason
    )
    row.ended_because = reason.strip()
    leave_slates(act, row, row.ended_because)
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
    leave_slates(act, row, row.ended_because)
    act.record(
        "application.ended", row, congress_id=row.congress_id, before=before.value, end=end.value, note=note.strip()
    )
    return row
