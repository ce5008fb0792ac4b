"""The room's verb that closes an objection: by somebody who had no hand in whom it is about; upheld against a candidate, it
ends the candidacy.

How an objection is received and stored is the room of notices; what the roster has to do with it is recorded there too.
"""

from __future__ import annotations

from sqlalchemy import select

from election.errors import Refused
from election.nomination.applying.operations_applicants import LoadedApplication, load_applications
from election.nomination.lifecycle import ApplicationState
from election.nomination.models import Application
from election.nomination.reviewing.operations_review import conclude
from election.nomination.reviewing.queries_review import answering_for
from election.notices.models import NoticeKind, Objection
from election.notices.operations import close_objection
from election.people.act import Act
from election.roster.models import Member


def decide_objection(act: Act, objection_id: int, *, finding: str, upheld: bool) -> Objection:
    """Closes an objection. Upheld against somebody who stands, the application is refused with the finding as its reason.

    Never by who put that person forward for the unit, recorded a branch ballot on them, or passed their review: neither
    to dismiss what is said against their own choice, nor to reverse it alone.
    """
    row = close_objection(act, objection_id, finding=finding, upheld=upheld)
    people = _applications(act, row)
    answering = answering_for(act.session, [one.row.id for one in people])
    for one in people:
        if act.person_id in answering.get(one.row.id, {}):
            raise Refused("notice.objection_to_own_choice", name=one.name)
    if upheld and row.notice.kind is NoticeKind.CANDIDATES:
        standing = [one for one in people if one.row.state in UNDER_OBJECTION]
        if standing:
            conclude(act, standing, False, finding, {})
    return row


# Who stands, or stood until a body objected.
UNDER_OBJECTION = (ApplicationState.PROPOSED, ApplicationState.PUT_FORWARD)


def _applications(act: Act, row: Objection) -> list[LoadedApplication]:
    """Every application of whom the objection is about, in its congress, locked."""
    congress_id = row.notice.congress_id
    numbers = act.session.scalars(
        select(Application.id)
        .join(Member, Member.id == Application.member_id)
        .where(Application.congress_id == congress_id, Member.person_id == row.about_person_id)
    ).all()
    return load_applications(act, congress_id, numbers) if numbers else []
