"""The stored roster as the rows of a roster workbook, identity numbers opened. For who may see them; audited there."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from election.congress.models import Category, Unit
from election.people.identity import IdentityKeys, read_identity
from election.people.models import Person
from election.roster.electors import has_vote
from election.roster.importing.rows import MemberRow, OrganisationRow, UnitRow
from election.roster.importing.workbook_writing import roster_workbook
from election.roster.models import Member, Organisation, UnitBranch


def stored_roster(session: Session, congress_id: int, keys: IdentityKeys) -> bytes:
    """The roster of a congress as a workbook that imports back to what is stored: the organisations, and the members of the
    branches that vote in it. Members without a number are left out.
    """
    units = [
        UnitRow(row.position, row.code, row.name, row.kind, row.factor, row.factor_reason)
        for row in session.scalars(select(Unit).where(Unit.congress_id == congress_id).order_by(Unit.position))
    ]
    above = aliased(Organisation)
    organisations = [
        OrganisationRow(0, row.code, row.name, row.kind, parent or "", unit or "")
        for row, parent, unit in session.execute(
            select(Organisation, above.code, Unit.name)
            .outerjoin(above, above.id == Organisation.parent_id)
            .outerjoin(UnitBranch, and_(UnitBranch.branch_id == Organisation.id, UnitBranch.congress_id == congress_id))
            .outerjoin(Unit, Unit.id == UnitBranch.unit_id)
            .order_by(Organisation.id)
        )
    ]
    members = [
        MemberRow(
            0,
            person.name,
            read_identity(keys.open(person.identity_sealed)),
            branch,
            person.ethnicity,
            person.education,
            member.standing,
            member.suspension,
            member.joined_on,
            member.category,
            member.post,
            right_since=member.right_since,
            right_until=member.right_until,
            right_reason="" if has_vote(member.standing, member.suspension) else member.right_reason,
        )
        for person, member, branch in session.execute(
            select(Person, Member, Organisation.code)
            .join(Member, Member.person_id == Person.id)
            .join(Organisation, Organisation.id == Member.branch_id)
            .join(UnitBranch, UnitBranch.branch_id == Organisation.id)
            .where(UnitBranch.congress_id == congress_id, Person.identity_sealed.is_not(None))
            .order_by(Member.id)
        )
        if person.identity_sealed is not None
    ]
    named = select(Category.code, Category.name).where(Category.congress_id == congress_id)
    return roster_workbook(units, organisations, members, dict(session.execute(named).all()))
